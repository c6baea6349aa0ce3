// subject.ts: which reward `tiltlab reward test` is about, and the tests that stand beside it

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { ConfigError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import { CASES_VERSION, parseRewardTest, type RewardTest } from '../../lab/workbench/cases'
import type { ConfigOptions } from '../commands/config-flags'
import { readConfig } from '../config'

const TEST_ENDING = '.reward-test.json'

/** A reward, and where its tests are kept. */
export interface RewardSubject {
  config: RunConfig
  /** What messages call the program. */
  programFile: string
  /** null for a formula that has no file. */
  testFile: string | null
  /** Without cases where there are none yet. */
  test: RewardTest
  /** Text of the program that the tests name. */
  testProgram: string
}

/**
 * Finds the reward that was meant.
 *
 * @param file a program, or a `*.reward-test.json`; without it the flags say what the reward is
 * @throws {ConfigError} if there is none, or a file cannot be read
 */
export async function findSubject(file: string | undefined, options: ConfigOptions): Promise<RewardSubject> {
  const isTest = file?.endsWith(TEST_ENDING) === true
  const program = (isTest ? undefined : file) ?? given(options['reward.program'])
  const testFile = isTest ? file : program === undefined ? null : beside(program)
  const kept = testFile !== null && existsSync(testFile) ? await readTest(testFile) : null
  if (isTest && !kept && !given(options['reward.expression']))
    throw new ConfigError(file, 'is not there. Check the path, or say with --reward which formula is to be tested.')

  const testProgramFile = kept?.reward.program ? join(dirname(testFile!), kept.reward.program) : ''
  const programFile = program ?? testProgramFile
  const expression = given(options['reward.expression']) ?? kept?.reward.expression ?? ''
  if (programFile === '' && expression === '')
    throw new ConfigError(
      'FILE',
      'name a program, a *.reward-test.json, or a formula: --reward "accuracy + 0.2*format"',
    )
  const flags = {
    ...options,
    ...(programFile !== '' && { 'reward.program': programFile }),
    ...(expression !== '' && { 'reward.expression': expression }),
  }
  const config = await readConfig({ preset: options.preset, file: options.config, flags })
  const reward = { program: programFile === '' ? '' : basename(programFile), expression }
  return {
    config,
    programFile,
    testFile,
    test: kept ?? { version: CASES_VERSION, reward, cases: [] },
    testProgram: kept && testProgramFile !== '' ? await readText(testProgramFile) : config.reward.program,
  }
}

/** `partial.ts` has its tests in `partial.reward-test.json`. */
function beside(program: string): string {
  return program.slice(0, program.length - extname(program).length) + TEST_ENDING
}

async function readTest(path: string): Promise<RewardTest> {
  return parseRewardTest(await readText(path), path)
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ConfigError(path, `cannot be read (${(cause as NodeJS.ErrnoException).code}). Check the path.`)
  })
}

function given(value: string | true | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
