// What the command line says of itself is true: every example is a line that it takes; flags lie over the environment, the
// environment over tiltlab.json

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, describe, expect, test } from 'vitest'
import { examples } from '../../src/runner/examples'
import { normaliseFlag } from '../../src/runner/flags'
import { commandsBelow, createProgram, pathOf } from '../../src/runner/program'
import { takeSettings } from '../../src/runner/settings-file'

const commands = commandsBelow(createProgram())

describe('examples', () => {
  test('there is one for every command, and none for a command that there is not', () => {
    expect(Object.keys(examples).sort()).toEqual(commands.map(pathOf).sort())
    for (const [path, lines] of Object.entries(examples)) expect(lines, path).not.toEqual([])
  })

  const lines = Object.entries(examples).flatMap(([path, own]) => own.map(([line]) => [path, line] as const))
  test.each(lines)('%s: %s', (path, line) => {
    // What a shell does with it is the shell's: quotes are taken off, and what is around a command.
    const [, typed] = /(?:source <\()?tiltlab ?([^)>]*)/.exec(line)!
    const words = (typed.match(/'[^']*'|"[^"]*"|\S+/g) ?? []).map((word) => normaliseFlag(word.replaceAll(/['"]/g, '')))
    const command = called(words)
    expect(`${pathOf(command)} `).toContain(`${path} `)
    const { operands, unknown } = command.parseOptions(words.slice(pathOf(command).split(' ').length))
    expect(unknown).toEqual([])
    expect(operands.length).toBeLessThanOrEqual(command.registeredArguments.length)
  })
})

/** The deepest command that these words name. */
function called(words: readonly string[]): Command {
  return commands.findLast((command) => `${words.join(' ')} `.startsWith(`${pathOf(command)} `))!
}

describe('settings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tiltlab-settings-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  /** What `serve` is told by a settings file, an environment and flags. */
  async function served(settings: unknown, environment: NodeJS.ProcessEnv, ...flags: string[]) {
    const file = join(folder, 'tiltlab.json')
    writeFileSync(file, JSON.stringify(settings))
    const program = createProgram()
    takeSettings(program, { ...environment, TILTLAB_SETTINGS: file })
    let told: Record<string, unknown> = {}
    const serve = program.commands.find((command) => command.name() === 'serve')!
    serve.action((options: Record<string, unknown>) => void (told = options))
    await program.parseAsync(['serve', ...flags], { from: 'user' })
    return told
  }

  test('a flag lies over the environment, that over the file, that over what holds otherwise', async () => {
    const file = { port: 1001, runs: 'of the file', jobs: 3 }
    expect(await served(file, {})).toMatchObject({ port: '1001', runs: 'of the file', jobs: '3', log: 'words' })
    expect(await served(file, { TILTLAB_PORT: '1002', TILTLAB_LOG: 'json' })).toMatchObject({
      port: '1002',
      runs: 'of the file',
      log: 'json',
    })
    expect(await served(file, { TILTLAB_PORT: '1002' }, '--port', '1003')).toMatchObject({ port: '1003' })
    const allow = ['https://a.example', 'https://b.example']
    expect(await served({ allow }, {})).toMatchObject({ allow })
    expect(await served({}, { TILTLAB_ALLOW: allow.join(',') })).toMatchObject({ allow })
  })

  test('what is wrong in the file is named, with the file', async () => {
    await expect(served({ port: 'a' }, {})).rejects.toThrow(/tiltlab\.json\.port: expected/)
    await expect(served({ prot: 1 }, {})).rejects.toThrow(/tiltlab\.json\.prot: unknown key; the keys here are port, /)
    await expect(served({}, { TILTLAB_JOBS: 'many' })).rejects.toThrow(/^TILTLAB_JOBS: expected .* got "many"$/)
    await expect(served({}, { TILTLAB_LOG: 'xml' })).rejects.toThrow(/^TILTLAB_LOG: expected /)
    expect(() => takeSettings(createProgram(), { TILTLAB_SETTINGS: join(folder, 'none.json') })).toThrow(
      /none\.json: cannot be read \(ENOENT\)/,
    )
  })
})
