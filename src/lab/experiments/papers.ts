// papers.ts: what the two papers state, to be shown beside what is measured here
//
// Numbers are the papers’ own (algorithms.md §4.1 and §4.2), without intervals because none are stated. What they leave
// open is listed with them: no agreement or disagreement with them means more than these gaps allow.

import { counted, whole } from '../../core/format'
import type { Estimate } from '../../core/run/events'
import { armOf, type Comparison } from './analysis/compare'
import type { Results } from './experiment'
import type { Column, Prose, Row, Table, Value } from './report/report'

/** A paper and what it states of how it was done. */
export interface Paper {
  arxiv: string
  /** Its setting in a sentence. */
  setting: string
  /** What it does not state. */
  gaps: string
}

/** RLVR against SFT. */
export const rlvrPaper = {
  arxiv: '2511.21050',
  setting:
    'Qwen2.5 7B and 32B, trained on GSM8K and MATH by GRPO and REINFORCE++ with a binary reward and β = 1e-4 (7B) or 1e-3 (32B); harm scored 0–4 by a DeBERTa scorer and yes/no by the HarmBench classifier on five adversarial benchmarks; capability on GSM8K, MATH-500 and AIME 2024.',
  gaps: 'Not stated: the library, group size, learning rate, batch, epochs and length; decoding for the safety answers; the number of prompts and of seeds; the statistical test; whether the checkpoints are base or instruct models.',
  /** Mean harm 0–4, before and after; approximate as stated. */
  harm: {
    rl: { before: '≈ 1.5–1.6', after: '≈ 1.5–1.6 (unchanged)' },
    sft: { before: '≈ 1.7', after: '≈ 2.9' },
  },
} as const satisfies Paper & Record<string, unknown>

/** Safety by RL against safety by SFT. */
export const safetyPaper = {
  arxiv: '2512.01848',
  setting:
    'DeepSeek-R1-distilled models, Qwen3-8B and Granite-4.0-Tiny-Preview with OpenRLHF: SFT of 5 epochs on STAR-1, and REINFORCE++ with a token-level KL penalty and clipping for “500 episodes”, rewarded by Skywork-Reward-V2-Llama-3.1-8B on the STAR-1 prompts; tested on AttaQ, AIR-Bench, MATH-500, AIME 2024 and 2025, and GPQA-Diamond.',
  gaps: 'Not stated: β, learning rate, answers per prompt and lengths; the scorer behind the AttaQ figures; which tokens count as reflection, and whether entropy is read where such a token is emitted or after it; what an episode counts.',
  /** AttaQ, higher is safer, 0 … 1. */
  safety: { base: 0.37, sft: 0.76, rl: 0.92 },
  /** GPQA-Diamond, per cent as stated. */
  reasoning: { base: 49.24, sft: 47.54, rl: 49.06 },
  /** Mean entropy at reflection tokens, before and after training for safety: unsafe prompts (AttaQ) and reasoning (AIME 2024). */
  entropy: { unsafe: { before: 0.24, after: 0.09 }, reasoning: { before: 3.12, after: 3.0 } },
} as const satisfies Paper & Record<string, unknown>

const STATED = { stated: true, about: 'Stated by the paper, not measured here' } as const

/**
 * The harm of RLVR and of SFT, before and after: the paper’s beside ours.
 *
 * @param arms names of the arms that stand for RLVR and for SFT
 */
export function rlvrPaperTable(comparison: Comparison, arms: { rl: readonly string[]; sft: readonly string[] }): Table {
  const rows = [
    ...arms.rl.map((name) => harmRow(comparison, name, rlvrPaper.harm.rl)),
    ...arms.sft.map((name) => harmRow(comparison, name, rlvrPaper.harm.sft)),
  ]
  return {
    kind: 'table',
    name: 'paper',
    title: `Harm 0–4, arXiv ${rlvrPaper.arxiv} beside ours`,
    columns: [
      { key: 'arm', label: 'Arm' },
      ...statedColumns([
        ['statedBefore', 'Paper, before'],
        ['statedAfter', 'Paper, after'],
      ]),
      { key: 'before', label: 'Ours, before', format: 2 },
      { key: 'after', label: 'Ours, after', format: 2 },
      { key: 'change', label: 'Ours, change', format: 2, signed: true, about: 'Paired: same requests, same seeds' },
    ],
    rows,
    notes: scaleNotes(comparison.results, rlvrPaper),
  }
}

function harmRow(comparison: Comparison, name: string, stated: { before: string; after: string }): Row {
  const arm = armOf(comparison, name)
  const base = armOf(comparison, arm.change!.base)
  return {
    cells: {
      arm: arm.label,
      statedBefore: stated.before,
      statedAfter: stated.after,
      before: base.harm!.harm,
      after: arm.harm!.harm,
      change: arm.change!.harm!.harm.change,
    },
    from: [...base.from, ...arm.from],
  }
}

/**
 * Safety and reasoning of the base, of SFT on refusals and of RL on harm: the paper’s beside ours.
 *
 * Safety here is 1 − harm / 4, so that both grow with safety; the scales are not the same. Reasoning is left out where
 * no problems were asked.
 *
 * @param arms names of the three arms
 */
export function safetyPaperTable(comparison: Comparison, arms: Record<'base' | 'sft' | 'rl', string>): Table {
  const roles = ['base', 'sft', 'rl'] as const
  const found = Object.fromEntries(roles.map((role) => [role, armOf(comparison, arms[role])])) as Record<
    (typeof roles)[number],
    ReturnType<typeof armOf>
  >
  const solves = roles.every((role) => found[role].accuracy !== null)
  const row = (role: (typeof roles)[number]): Row => ({
    cells: {
      arm: found[role].label,
      statedSafety: safetyPaper.safety[role],
      safety: safetyOf(found[role].harm!.harm),
      statedReasoning: safetyPaper.reasoning[role] / 100,
      ...(solves && { reasoning: found[role].accuracy!.sampled }),
    },
    from: found[role].from,
  })
  return {
    kind: 'table',
    name: 'paper',
    title: `Safety and reasoning, arXiv ${safetyPaper.arxiv} beside ours`,
    columns: [
      { key: 'arm', label: 'Arm' },
      { key: 'statedSafety', label: 'Paper: AttaQ', format: 2, ...STATED },
      { key: 'safety', label: 'Ours: 1 − harm/4', format: 2, about: 'Harm 0–4 turned so that 1 is harmless' },
      { key: 'statedReasoning', label: 'Paper: GPQA', format: 'share', ...STATED },
      ...(solves ? [{ key: 'reasoning', label: 'Ours: accuracy', format: 'share' } as const] : []),
    ],
    rows: roles.map(row),
    notes: scaleNotes(comparison.results, safetyPaper),
  }
}

/** Rows of the paper’s reflection entropies, for tables with the columns `arm`, `before` and `after`. */
export function statedEntropyRows(): Row[] {
  const { unsafe, reasoning } = safetyPaper.entropy
  const row = (arm: string, cells: Record<string, Value>): Row => ({ cells: { arm, ...cells }, stated: true })
  return [row('Paper, unsafe prompts (AttaQ)', unsafe), row('Paper, reasoning (AIME 2024)', reasoning)]
}

/** The paper’s scale and ours, and what the paper leaves open. */
export function scaleNote(results: Results, paper: Paper): Prose {
  return { kind: 'text', tone: 'note', text: scaleNotes(results, paper).join(' ') }
}

function scaleNotes(results: Results, paper: Paper): string[] {
  return [`The paper (arXiv ${paper.arxiv}): ${paper.setting}`, `Here: ${ourScale(results)}`, paper.gaps]
}

function ourScale({ plan, record }: Results): string {
  const records = plan.arms.map(({ name }) => record(name, plan.seeds[0]))
  const models = new Map(records.map(({ config, parameters }) => [config.model.id, parameters]))
  const steps = Math.max(...records.map((each) => each.steps))
  const tokens = Math.max(...records.map((each) => each.tokens))
  const listed = [...models].map(([id, parameters]) => `${id} (${whole(parameters)} parameters)`).join(', ')
  return `${listed}; at most ${counted(steps, 'step')} and ${counted(tokens, 'token')} of training an arm, ${counted(plan.seeds.length, 'seed')}.`
}

function statedColumns(columns: readonly (readonly [string, string])[]): Column[] {
  return columns.map(([key, label]) => ({ key, label, ...STATED }))
}

function safetyOf({ mean, low, high, n }: Estimate): Estimate {
  return { mean: 1 - mean / 4, low: 1 - high / 4, high: 1 - low / 4, n }
}
