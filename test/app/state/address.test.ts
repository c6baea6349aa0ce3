import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import {
  ADDRESS_VERSION,
  defaultChoices,
  experimentAddress,
  fromHash,
  toHash,
  type Address,
} from '../../../src/app/state/address'
import { pack, unpack } from '../../../src/app/state/packed'
import { controls, defaultSettings, views, type View } from '../../../src/app/state/settings'
import { RunConfigSchema, type RunConfig } from '../../../src/core/run/config'
import { resolvePreset, runPresets } from '../../../src/core/run/presets'
import { anyChoices, anyConfig, anyView } from './arbitrary'

const control = (key: string) => controls.find((each) => each.key === key)!
const state = (changes: Partial<Address> = {}): Address => ({
  view: 'train',
  config: defaultSettings(),
  choices: defaultChoices,
  ...changes,
})
const there = (changes: Partial<Address>) => fromHash(`#${toHash(state(changes))}`)

describe('the address', () => {
  test('the first view with nothing chosen leaves no trace in it', () => {
    expect(toHash(state())).toBe('')
    expect(fromHash('')).toEqual({ ...state(), problems: [] })
  })

  test('any state of any view survives the way there and back', () => {
    fc.assert(
      fc.property(anyView, anyConfig, anyChoices, (view, config, choices) => {
        fc.pre(v.is(RunConfigSchema, config))
        const hash = toHash({ view, config, choices })
        // As browsers hand it out: they may escape more than was written, and nothing else.
        const read = fromHash(new URL(`http://127.0.0.1/#${hash}`).hash)
        expect(read.problems).toEqual([])
        expect(read.view).toBe(view)
        expect(read.config).toEqual(config)
        if (view in choices) expect(read.choices[view as keyof typeof choices]).toEqual(choices[view as keyof typeof choices]) // prettier-ignore
        expect(toHash({ ...read, choices: { ...choices, ...read.choices } })).toBe(hash)
      }),
      { numRuns: 150 },
    )
  })

  test('every preset and every offered value survives the way there and back', () => {
    for (const { name } of runPresets)
      expect(there({ config: resolvePreset(name) }).config).toEqual(resolvePreset(name))
    for (const each of controls) {
      for (const value of each.offered) {
        const config = each.write(resolvePreset('rlvr'), value)
        expect(each.read(config)).toBe(value)
        expect(there({ config }).config).toEqual(config)
      }
    }
  })

  test('what a person can read is written in words; only what differs, with a version', () => {
    const config = control('beta').write(resolvePreset('entangled'), 0.1)
    expect(toHash(state({ config }))).toBe('v=2&view=train&preset=entangled&beta=0.1')
    expect(experimentAddress(defaultSettings(), 'scale')).toBe('#v=2&view=compare&experiment=scale')
    expect(toHash(state({ view: 'rewards' }))).toBe('v=2&view=rewards')
    expect(toHash(state({ choices: { ...defaultChoices, runs: { find: 'x', chosen: [] } } }))).toBe('')
  })

  test('settings without a control are there too, a reward’s program among them', () => {
    const program = `// ${'long '.repeat(400)}\nexport const reward = ({ completion }) => completion.length`
    const config: RunConfig = { ...defaultSettings(), reward: { expression: '', program, onFailure: 'mask' } }
    const hash = toHash(state({ config }))
    expect(hash).toMatch(/^v=2&view=train&z=[\w-]+$/)
    expect(hash.length).toBeLessThan(400)
    expect(fromHash(hash)).toEqual({ ...state({ config }), problems: [] })
  })

  test('no word of a view means something in the settings too', () => {
    const words = (view: View) =>
      fc.sample(anyChoices, 60).flatMap((choices) => keysOf(toHash(state({ view, choices }))))
    const settings = new Set([...controls.map(({ key }) => key), 'preset', 'settings', 'v', 'z'])
    for (const view of Object.keys(views) as View[])
      for (const key of words(view)) if (!['v', 'view', 'z'].includes(key)) expect(settings).not.toContain(key)
  })

  test('settings of a preset that this tiltlab does not know are told in full', () => {
    const config = { ...resolvePreset('sft'), preset: 'of-a-later-version' }
    expect(there({ config }).config).toEqual(config)
  })
})

describe('links of version 1', () => {
  test('mean what they meant', () => {
    expect(fromHash('#v=1&preset=entangled&beta=0.1')).toEqual({
      ...state({ config: control('beta').write(resolvePreset('entangled'), 0.1) }),
      problems: [],
    })
    expect(fromHash('#v=1&view=compare&experiment=scale&size=full&seeds=5')).toMatchObject({
      view: 'compare',
      choices: { compare: { experiment: 'scale', size: 'full', seeds: 5 } },
      problems: [],
    })
    expect(fromHash('#v=1&view=rewards').view).toBe('rewards')
  })
})

describe('a bad link', () => {
  test('what cannot be understood stays at its default and is named', () => {
    const { config, problems } = fromHash('#v=2&view=train&preset=nonsense&lr=-1&g=4&steps=')
    expect(config).toEqual(control('g').write(defaultSettings(), 4))
    expect(problems).toHaveLength(3)
    expect(problems[0]).toContain('unknown preset "nonsense"')
    expect(problems[1]).toContain('optimizer.learningRate')
    expect(problems[2]).toContain('steps')
  })

  test.each<[string, string]>([
    ['#v=9&preset=sft', 'This link is of version 9, made by another tiltlab; the default settings are shown.'],
    ['#v=__proto__', 'This link is of version __proto__, made by another tiltlab; the default settings are shown.'],
    ['#v=2&view=toString', 'The link could not be read fully: there is no view "toString".'],
    ['#v=2&view=train&z=AAAA', 'The link could not be read fully: it was cut off or changed on the way.'],
    ['#v=2&view=train&z=', 'The link could not be read fully: it was cut off or changed on the way.'],
    ['#v=2&view=train&settings={"seed"', 'The link could not be read fully: its settings were cut off or changed on the way.'], // prettier-ignore
    ['#v=2&view=train&settings=7', 'The link could not be read fully: its settings are none.'],
    ['#v=2&view=train&settings={"__proto__.x":1}', 'The link could not be read fully: there is no setting "__proto__.x".'], // prettier-ignore
    ['#v=2&view=train&settings={"adapter.rank":-1}', 'The link could not be read fully: adapter.rank: expected an integer ≥ 1, got -1.'], // prettier-ignore
  ])('%s says so', (hash, problem) => {
    expect(fromHash(hash)).toEqual({ ...state(), problems: [problem] })
  })

  test('a link that was cut anywhere shows a whole page', () => {
    const config: RunConfig = {
      ...defaultSettings(),
      reward: { expression: 'x'.repeat(900), program: '', onFailure: 'mask' },
    }
    const hash = toHash(state({ view: 'runs', config }))
    for (let length = 0; length < hash.length; length++) {
      const { view, config: read } = fromHash(hash.slice(0, length))
      expect([view in views, v.is(RunConfigSchema, read)]).toEqual([true, true])
    }
  })

  test('any text at all shows a whole page', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { view, config } = fromHash(`#${text}`)
        expect([view in views, v.is(RunConfigSchema, config)]).toEqual([true, true])
      }),
      { numRuns: 300 },
    )
  })

  test('a small word that unpacks to megabytes is refused', () => {
    expect(unpack(pack('x'.repeat(1000)))).toBe('x'.repeat(1000))
    expect(() => unpack(pack('x'.repeat(3_000_000)))).toThrow('it was cut off or changed on the way')
  })
})

test('the version is the one that links are made with', () => {
  expect(keysOf(toHash(state({ view: 'runs' })))).toEqual(['v', 'view'])
  expect(new URLSearchParams(toHash(state({ view: 'runs' }))).get('v')).toBe(String(ADDRESS_VERSION))
})

function keysOf(hash: string): string[] {
  return [...new URLSearchParams(hash).keys()]
}
