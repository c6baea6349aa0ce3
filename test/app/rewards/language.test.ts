import { describe, expect, test } from 'vitest'
import { library } from '../../../src/app/rewards/language/library'
import { createLanguageService } from '../../../src/app/rewards/language/service'

const service = createLanguageService(library)
const program = (body: string) =>
  `export function reward({ completion, answer, columns, tokens }: RewardItem) {\n  ${body}\n}\n`
const faults = (source: string) => service.faults(source).map(({ message }) => message)

describe('what TypeScript says about a reward', () => {
  test('a right program has no faults, whether it is typed or not', () => {
    expect(faults(program('return { score: tokens.length > 9 ? 1 : 0, info: { gold: answer } }'))).toEqual([])
    expect(faults('export const reward = ({ completion }) => completion.length')).toEqual([])
    expect(faults(program("console.log(columns.level); return completion.replaceAll('a', '').length"))).toEqual([])
  })

  test('a wrong member is named at its characters', () => {
    const source = program('return completion.lenght')
    expect(service.faults(source)).toEqual([
      {
        from: source.indexOf('lenght'),
        to: source.indexOf('lenght') + 6,
        severity: 'error',
        message: "Property 'lenght' does not exist on type 'string'. Did you mean 'length'?",
      },
    ])
  })

  test('a syntax error has its place too', () => {
    const source = program('return (1 + ')
    expect(service.faults(source)[0]).toMatchObject({ message: 'Expression expected.', from: source.indexOf('}\n') })
  })

  test('neither the browser nor Node is there: the sandbox has neither', () => {
    expect(faults(program('return fetch(completion)'))[0]).toBe("Cannot find name 'fetch'.")
    expect(faults(program('return process.uptime()'))[0]).toBe("Cannot find name 'process'.")
    expect(faults("import { readFileSync } from 'node:fs'\n" + program('return 1'))[0]).toBe(
      "Cannot find name 'node:fs'.",
    )
  })

  test('what an item has is offered, with what a text can do', () => {
    const item = 'export function reward(item: RewardItem) { return item. }'
    const names = (source: string) => service.offers(source, source.indexOf('. }') + 1).map(({ name }) => name)
    expect(names(item)).toEqual(expect.arrayContaining(['prompt', 'completion', 'answer', 'columns', 'tokens']))
    expect(names(item.replace('item. }', 'item.answer. }'))).toContain('includes')
    expect(service.offers('', 0).length).toBeGreaterThan(20)
  })

  test('a hint tells the type and the words of the contract', () => {
    const source = 'export function reward(item: RewardItem) { return item.tokens.length }'
    const at = source.indexOf('tokens')
    expect(service.hint(source, at + 1)).toMatchObject({
      from: at,
      type: '(property) RewardItem.tokens: readonly number[]',
      documentation: 'Token ids of the completion.',
    })
  })
})
