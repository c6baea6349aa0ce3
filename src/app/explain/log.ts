// log.ts: rollouts that another trainer wrote down, as steps of a run that can be explained
//
// Read are TRL's completions (log_completions: step, prompt, completion, a column for each reward function, advantage),
// verl's rollout dumps (rollout_data_dir: input, output, score, step), and rows with numbers of single tokens as
// OpenRLHF users log them (response_tokens, logprobs, ref_logprobs, reward). Where a log has no log-probabilities, every
// token is taken to be as likely as when it was sampled, and words stand for tokens.

import { TiltlabError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import type { CompletionRecord, GroupRecord, RunEvent, TokenTrace } from '../../core/run/events'
import { resolvePreset } from '../../core/run/presets'
import { replay, type RunView } from '../../core/run/view'
import { mean } from '../../core/stats/moments'

/** What was understood of a log. */
export interface ReadLog {
  view: RunView
  /** What is to be known about it, a sentence each. */
  remarks: string[]
}

type Row = Record<string, unknown>

/** What columns are called, by trainer. */
const names = {
  prompt: ['prompt', 'input', 'query'],
  completion: ['completion', 'output', 'response'],
  answer: ['gts', 'ground_truth', 'answer', 'label'],
  reward: ['reward', 'score', 'rewards'],
  step: ['step', 'global_step'],
  tokens: ['response_tokens', 'completion_tokens', 'tokens'],
  logps: ['logprobs', 'logps', 'log_probs'],
  oldLogps: ['old_logprobs', 'old_logps', 'old_log_probs', 'rollout_log_probs'],
  refLogps: ['ref_logprobs', 'ref_logps', 'ref_log_prob', 'ref_log_probs'],
  entropies: ['entropies', 'entropy'],
} as const

/**
 * Reads the rows of a log.
 *
 * @param algorithm preset that the other trainer is taken to have used
 * @throws {TiltlabError} that says what is missing, where rows are no rollouts
 */
export function readLog(rows: readonly Row[], algorithm: string): ReadLog {
  const parsed = rows.map(parseRow)
  if (parsed.length === 0) throw new TiltlabError('The log has no rows. Choose another file.')
  const steps = [...groupBy(parsed, ({ step }) => step)].sort(([a], [b]) => a - b)
  const size = groupSize(steps.map(([, of]) => of))
  let dropped = 0
  const events = steps.flatMap(([step, of]): RunEvent[] => {
    const groups = groupsOf(of, size)
    dropped += of.length - groups.length * size
    const rewards = groups.flatMap(({ completions }) => completions.flatMap(({ reward }) => reward ?? []))
    return groups.length === 0 ? [] : [{ type: 'step', step, metrics: { reward: mean(rewards) }, groups }]
  })
  const longest = parsed.reduce((most, { record }) => Math.max(most, record.tokens), 1)
  const view = replay([started(algorithm, size, longest), ...events])
  return { view, remarks: remarksOf(parsed, dropped, size) }
}

interface ParsedRow {
  step: number
  prompt: string
  answer: string
  record: CompletionRecord & { trace: TokenTrace }
  hasLogps: boolean
}

function parseRow(row: Row, index: number): ParsedRow {
  const prompt = textOf(find(row, 'prompt'))
  const completion = textOf(find(row, 'completion'))
  if (prompt === undefined || completion === undefined)
    throw new TiltlabError(
      `Row ${index + 1} of the log has no prompt and completion. Columns that are read: ${names.prompt.join(', ')}; ${names.completion.join(', ')}.`,
    )
  const trace = traceOf(row, completion, index)
  const parts = rewardColumns(row)
  const own = find(row, 'reward')
  const reward =
    typeof own === 'number' ? own : parts.length > 0 ? parts.reduce((sum, [, value]) => sum + value, 0) : null
  const advantage = typeof row.advantage === 'number' ? row.advantage : 0
  return {
    step: Number(find(row, 'step') ?? 1),
    prompt,
    answer: textOf(find(row, 'answer')) ?? '',
    hasLogps: numbers(find(row, 'logps')) !== undefined,
    record: {
      text: completion,
      tokens: trace.texts.length,
      reward,
      advantage,
      truncated: false,
      verdict: parts.map(([name, value]) => `${name} ${value}`).join(', '),
      trace,
    },
  }
}

function traceOf(row: Row, completion: string, index: number): TokenTrace {
  const logps = numbers(find(row, 'logps'))
  const given = find(row, 'tokens')
  const texts = Array.isArray(given) ? given.map(String) : (completion.match(/\s*\S+\s*$|\s*\S+/g) ?? [''])
  if (!logps) return { texts, logps: texts.map(() => 0), entropies: [] }
  const sampled = numbers(find(row, 'oldLogps'))
  const refLogps = numbers(find(row, 'refLogps'))
  for (const [name, list] of Object.entries({ logps, sampled, refLogps })) {
    if (list && list.length !== logps.length)
      throw new TiltlabError(`Row ${index + 1} of the log has ${list.length} ${name} for ${logps.length} tokens.`)
  }
  return {
    texts: Array.isArray(given) && texts.length === logps.length ? texts : logps.map((_, t) => `⟨${t + 1}⟩`),
    logps: sampled ?? logps,
    ...(sampled && { updatedLogps: logps }),
    ...(refLogps && { refLogps }),
    entropies: numbers(find(row, 'entropies')) ?? [],
  }
}

/** Columns that hold one number and are none of those that are known: a reward function each, as TRL writes them. */
function rewardColumns(row: Row): [string, number][] {
  const known = new Set<string>([...Object.values(names).flat(), 'advantage'])
  return Object.entries(row).flatMap(([name, value]) =>
    typeof value === 'number' && Number.isFinite(value) && !known.has(name) ? [[name, value] as [string, number]] : [],
  )
}

/** The rows of a step, prompt by prompt, in groups of one size; what is over is left out. */
function groupsOf(rows: readonly ParsedRow[], size: number): GroupRecord[] {
  return [...groupBy(rows, ({ prompt }) => prompt)].flatMap(([prompt, of]) =>
    Array.from({ length: Math.floor(of.length / size) }, (_, i) => ({
      prompt,
      answer: of[0].answer,
      completions: of.slice(i * size, (i + 1) * size).map(({ record }) => record),
    })),
  )
}

/** The size that most groups have. */
function groupSize(steps: readonly (readonly ParsedRow[])[]): number {
  const counts = new Map<number, number>()
  for (const rows of steps)
    for (const [, of] of groupBy(rows, ({ prompt }) => prompt)) counts.set(of.length, (counts.get(of.length) ?? 0) + 1)
  return [...counts].reduce((best, each) => (each[1] > best[1] ? each : best))[0]
}

function started(algorithm: string, size: number, longest: number): RunEvent {
  const base = resolvePreset(algorithm)
  const config: RunConfig = {
    ...base,
    algorithm: { ...base.algorithm, constantLength: longest },
    rollout: { ...base.rollout, groupSize: size, maxNewTokens: longest },
    update: { ...base.update, minibatches: 1 },
  }
  return {
    type: 'started',
    time: '',
    runId: 'log',
    config,
    fingerprint: { version: '', engine: 'another trainer', platform: '', modelSha256: '' },
    parameters: { base: 0, adapter: 0 },
    memoryBytes: 0,
    fromStep: 0,
  }
}

function remarksOf(rows: readonly ParsedRow[], dropped: number, size: number): string[] {
  const noLogps = rows.some(({ hasLogps }) => !hasLogps)
  const noRewards = rows.filter(({ record }) => record.reward === null).length
  return [
    `${rows.length} completions, ${size} to a prompt.`,
    ...(noLogps
      ? [
          'The log has no log-probabilities: words stand for tokens, each is taken to be as likely as when it was sampled, and algorithms with a KL cannot be asked.',
        ]
      : []),
    ...(noRewards > 0 ? [`${noRewards} completions have no reward and are taken as unscorable.`] : []),
    ...(dropped > 0 ? [`${dropped} completions are left out: their groups are not of that size.`] : []),
  ]
}

function find(row: Row, what: keyof typeof names): unknown {
  const name = names[what].find((each) => row[each] !== undefined && row[each] !== null)
  return name === undefined ? undefined : row[name]
}

/** Plain text, or what the last message of a conversation says. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  if (!Array.isArray(value)) return undefined
  const last: unknown = value.at(-1)
  if (typeof last === 'string') return last
  const content = (last as { content?: unknown } | undefined)?.content
  return typeof content === 'string' ? content : undefined
}

function numbers(value: unknown): number[] | undefined {
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'number' && Number.isFinite(each))
  return isList ? (value as number[]) : undefined
}

function groupBy<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const of = groups.get(key(item))
    if (of) of.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}
