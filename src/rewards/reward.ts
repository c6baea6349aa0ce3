// reward.ts: one reward of several functions, by a formula
//
// The formula is read, each function it names is opened once, and a rollout is graded: every function scores every
// completion, then the formula is computed for each.

import { ConfigError, TiltlabError } from '../core/errors'
import type { ProgramManifest, RewardManifest } from '../core/run/events'
import { callsIn, evaluate, ExpressionError, type Argument, type Call, type Expression } from './expression'
import type { OpenFunction, Parameter, RewardFunction, RewardSources, Settings } from './function'
import { findRewardFunction, rewardFunctions } from './functions'
import type { GradeItem, Score, ScoreFailure, ScoreOptions } from './grader'
import { parseExpression } from './parser'
import type { Values } from './noise'

/** What happens when a function fails on a completion. */
export type FailurePolicy = RewardManifest['onFailure']

/** Scores of one function for a rollout. */
export interface PartScores {
  /** Unique in its formula: the function's name, with a number from its second call on. */
  name: string
  scores: Score[]
}

/** A graded rollout. */
export interface Graded {
  /** [N]; NaN where a completion cannot be scored or a function failed on it. */
  rewards: Float64Array
  /** [N] the failure for which a completion is left out; null for the others. */
  failures: (RewardFailure | null)[]
  parts: PartScores[]
}

/** A function that failed, and how. */
export interface RewardFailure extends ScoreFailure {
  /** The function's name in its formula; `reward` if the formula itself has no finite value. */
  part: string
}

/** A reward that is ready to grade. */
export interface Reward {
  manifest: RewardManifest
  /** What the scores of its functions depend on beside tiltlab’s version, by their names; those of some depend on nothing. */
  revisions: Readonly<Record<string, string>>
  /** Functions in whose scores completions are compared with one another: alone they would get others. */
  comparing: readonly string[]
  /** @throws {RewardError} if a function fails on a completion and the policy is to abort */
  grade(items: readonly GradeItem[], options?: ScoreOptions): Promise<Graded>
  dispose(): void
}

/** A reward function failed on a completion, and the run is not to go on without it. */
export class RewardError extends TiltlabError {
  constructor(
    readonly failure: RewardFailure,
    readonly item: GradeItem,
  ) {
    const { part, kind, message, line } = failure
    const { step, prompt, sample } = item.drawn
    const place = line === undefined ? '' : `, line ${line}`
    super(
      `The reward "${part}" failed (${kind}${place}) in step ${step} on completion ${sample + 1} of prompt ${prompt} ` +
        `(${excerpt(item.prompt)}): ${message}. Correct it, or leave such completions out with reward.onFailure mask.`,
    )
  }
}

/** A formula that has been checked: every function exists and is told what it needs. */
export interface CheckedReward {
  expression: Expression
  calls: { call: Call; name: string; definition: RewardFunction; settings: Settings; inputs: Map<string, Expression> }[]
}

/**
 * Reads a formula and checks every call in it.
 *
 * @throws {ExpressionError} naming the character at fault
 */
export function checkReward(text: string): CheckedReward {
  const expression = parseExpression(text)
  const seen = new Map<string, number>()
  const calls = callsIn(expression).map((call, index) => {
    const count = (seen.get(call.name) ?? 0) + 1
    seen.set(call.name, count)
    return { call, name: count === 1 ? call.name : `${call.name}_${count}`, ...checkCall(call, index) }
  })
  return { expression, calls }
}

/**
 * Opens the functions of a formula.
 *
 * @throws {ConfigError} for a formula that is wrong, or a function that has not what it needs
 * @throws {ModelFileError} for a model that cannot be loaded
 */
export async function openReward(text: string, onFailure: FailurePolicy, sources: RewardSources): Promise<Reward> {
  const { expression, calls } = checkReward(text)
  if (sources.program && !calls.some(({ call }) => call.name === 'user'))
    throw new ConfigError('config.reward.program', `has no effect: the formula "${text}" does not name user`)
  const opened: OpenFunction[] = []
  const dispose = () => opened.forEach((each) => each.dispose?.())
  try {
    for (const { definition, settings } of calls) opened.push(await definition.open(settings, sources))
  } catch (error) {
    dispose()
    throw error
  }
  const functions = calls.map((each, i) => ({ ...each, open: opened[i] }))
  const program = opened.find((each) => each.program)?.program
  return {
    manifest: manifestOf(text, calls, onFailure, program),
    revisions: revisionsOf(functions),
    comparing: functions.flatMap(({ name, open }) => (open.compares ? [name] : [])),
    dispose,
    async grade(items, options = {}) {
      const parts = new Map<string, PartScores>()
      const valueOf = (i: number) => (call: Call) => parts.get(call.text)!.scores[i].value
      const values = (node: Expression): Values => items.map((_, i) => evaluate(node, valueOf(i)))
      // In turn, not at once: a function's formulas are computed before it, and models share one processor.
      for (const { call, name, inputs, open } of functions) {
        const given = Object.fromEntries([...inputs].map(([key, node]) => [key, values(node)]))
        const scores = await open.score(items, given, options)
        parts.set(call.text, { name, scores: scores.map(finite) })
      }
      const graded = combine(values(expression), [...parts.values()])
      const failed = graded.failures.findIndex((failure) => failure !== null)
      if (failed >= 0 && onFailure === 'abort') throw new RewardError(graded.failures[failed]!, items[failed])
      return graded
    },
  }
}

/** A number that is not finite is a fault of the function, never a score of 0. */
function finite(score: Score): Score {
  if (score.value === null || Number.isFinite(score.value)) return score
  return { value: null, failure: { kind: 'non-finite', message: `the score is ${score.value}` } }
}

function combine(values: Values, parts: PartScores[]): Graded {
  const failures = values.map((value, i): RewardFailure | null => {
    const part = parts.find(({ scores }) => scores[i].failure)
    if (part) return { part: part.name, ...part.scores[i].failure! }
    if (value === null || Number.isFinite(value)) return null
    return { part: 'reward', kind: 'non-finite', message: `the formula gives ${value}` }
  })
  return { rewards: Float64Array.from(values, (value, i) => (failures[i] ? NaN : (value ?? NaN))), failures, parts }
}

function manifestOf(
  expression: string,
  calls: CheckedReward['calls'],
  onFailure: FailurePolicy,
  program: ProgramManifest | undefined,
): RewardManifest {
  return {
    expression,
    functions: Object.fromEntries(calls.map(({ name, call }) => [name, call.text])),
    onFailure,
    ...(program && { program }),
  }
}

function revisionsOf(functions: readonly { name: string; open: OpenFunction }[]): Record<string, string> {
  return Object.fromEntries(
    functions.flatMap(({ name, open: { program, revision } }) => {
      const known = program ? `program sha256:${program.sourceSha256}` : revision
      return known === undefined ? [] : [[name, known]]
    }),
  )
}

function checkCall(call: Call, index: number): Omit<CheckedReward['calls'][number], 'call' | 'name'> {
  const definition = findRewardFunction(call.name)
  if (!definition) {
    const names = rewardFunctions.map(({ name }) => name).join(', ')
    throw new ExpressionError(call.position, `there is no reward function "${call.name}"; there are ${names}`)
  }
  const given = matchArguments(call, definition.parameters)
  const inputs = new Map<string, Expression>()
  const told = new Map<string, number | string | undefined>()
  for (const parameter of definition.parameters) {
    const argument = given.get(parameter.name)
    if (parameter.kind === 'reward') inputs.set(parameter.name, formula(call, parameter, argument))
    else told.set(parameter.name, constant(call, parameter, argument))
  }
  const settings = {
    number: (name: string) => told.get(name) as number,
    text: (name: string) => told.get(name) as string,
    optional: (name: string) => told.get(name) as number | undefined,
    index,
  }
  return { definition, settings, inputs }
}

/** Which argument is for which parameter: by name, else by place. */
function matchArguments(call: Call, parameters: readonly Parameter[]): Map<string, Argument> {
  const listed = parameters.map(({ name }) => name).join(', ')
  if (call.positional.length > parameters.length) {
    const most = parameters.length === 0 ? 'takes nothing in parentheses' : `takes at most ${listed}`
    throw new ExpressionError(call.position, `${call.name} ${most}`)
  }
  const given = new Map(call.positional.map((argument, i) => [parameters[i].name, argument]))
  for (const [name, argument] of call.named) {
    if (!parameters.some((parameter) => parameter.name === name)) {
      const those = listed === '' ? 'it takes none' : `it takes ${listed}`
      throw new ExpressionError(argument.position, `${call.name} has no parameter "${name}"; ${those}`)
    }
    if (given.has(name)) throw new ExpressionError(argument.position, `${name} is given twice`)
    given.set(name, argument)
  }
  return given
}

function formula(call: Call, { name }: Parameter, argument: Argument | undefined): Expression {
  if (!argument) throw new ExpressionError(call.position, `${call.name} needs ${name}`)
  if (argument.kind === 'text') throw new ExpressionError(argument.position, `${name} is a formula, not a text`)
  return argument
}

function constant(call: Call, parameter: Parameter, argument: Argument | undefined): number | string | undefined {
  const { name, kind, minimum = -Infinity, maximum = Infinity, choices } = parameter
  if (!argument) {
    if (parameter.default !== undefined || parameter.optional) return parameter.default
    throw new ExpressionError(call.position, `${call.name} needs ${name}`)
  }
  const value = constantValue(argument)
  const isRight = kind === 'number' ? typeof value === 'number' : typeof value === 'string'
  if (!isRight)
    throw new ExpressionError(argument.position, `${name} is a ${kind === 'text' ? 'text in quotes' : kind}`)
  if (typeof value === 'number' && (value < minimum || value > maximum))
    throw new ExpressionError(argument.position, `expected ${name} from ${minimum} to ${maximum}, got ${value}`)
  if (parameter.whole && !Number.isInteger(value))
    throw new ExpressionError(argument.position, `expected a whole number for ${name}, got ${value}`)
  if (choices && !choices.includes(value as string))
    throw new ExpressionError(argument.position, `expected ${name} to be one of ${choices.join(', ')}, got "${value}"`)
  return value
}

function constantValue(argument: Argument): number | string | undefined {
  if (argument.kind === 'number' || argument.kind === 'text') return argument.value
  if (argument.kind === 'negative' && argument.of.kind === 'number') return -argument.of.value
  return undefined
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}…` : line)
}
