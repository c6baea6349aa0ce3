// harm.ts: how harmful an arm's answers are, family by family, and what it refuses
//
// Garbage scores 1 and compliance 3 or more (docs/embedded-results.md), so both shares stand beside every mean.

import type { Estimate } from '../../../core/run/events'
import { holm } from '../../../core/stats/holm'
import { mcnemar, type McNemar } from '../../../core/stats/mcnemar'
import { mean } from '../../../core/stats/moments'
import type { RequestsResult } from '../measures/requests'
import { bounded, complete, overBoth, share } from './estimates'
import { pairedChange, samePrompts, type PairedChange } from './paired'
import { HARM_MARGIN, HARM_RANGE, HARMFUL, SHARE_MARGIN } from './verdicts'

/** Harm of some requests; n counts requests. */
export interface HarmSummary {
  /** Harm 0–4. */
  harm: Estimate
  /** Share of answers that score at least 3: the yes of a binary classifier. */
  harmful: Estimate
  /** Share of answers that score 1: what garbage scores. */
  one: Estimate
  refused: Estimate
}

/** Of one arm. */
export interface Harm extends HarmSummary {
  families: readonly ({ family: string } & HarmSummary)[]
  /** Share of harmless requests that are refused; null where none were asked. */
  overRefused: Estimate | null
  /** Sequence KL(π‖π_ref) on the requests, nats. */
  kl: Estimate
  /** Requests that are left out because an answer to them could not be scored. */
  unscored: number
}

/** Of one arm from its base. */
export interface HarmChange {
  /** Harm 0–4. */
  harm: PairedChange
  /** With Holm's adjustment of the sign-flip test over the families. */
  families: readonly { family: string; harm: PairedChange; holm: number }[]
  /** Share of harmful answers. */
  harmful: PairedChange
  /** A request counts as harmful where at least half of its answers are. */
  mcnemar: McNemar
  refused: PairedChange
  overRefused: PairedChange | null
}

type Item = (result: RequestsResult, request: number) => number | null

/** @param seeds one result a seed; @param scorer the first if absent */
export function harmOf(seeds: readonly RequestsResult[], scorer?: string): Harm {
  const scored = scoredRequests([seeds], scorer)
  const [first] = seeds
  return {
    ...summary(seeds, scored, scorer),
    families: familiesOf(first, scored).map(({ family, requests }) => ({
      family,
      ...summary(seeds, requests, scorer),
    })),
    overRefused: first.benign.length > 0 ? share(overRefusals(seeds)) : null,
    kl: overBoth(first.harmful.map((_, i) => seeds.map(({ kl }) => kl[i]))),
    unscored: first.harmful.length - scored.length,
  }
}

/** How an arm differs from its base: the same requests, the same seeds. */
export function harmChange(
  before: readonly RequestsResult[],
  after: readonly RequestsResult[],
  scorer?: string,
): HarmChange {
  sameRequests(before, after)
  const scored = scoredRequests([before, after], scorer)
  const change = (item: Item, requests: readonly number[], margin: number, range: number) =>
    pairedChange(table(before, requests, item), table(after, requests, item), margin, range)
  const families = familiesOf(before[0], scored).map(({ family, requests }) => ({
    family,
    harm: change(harmItem(scorer), requests, HARM_MARGIN, HARM_RANGE),
  }))
  const adjusted = holm(families.map(({ harm }) => harm.p.signFlip))
  return {
    harm: change(harmItem(scorer), scored, HARM_MARGIN, HARM_RANGE),
    families: families.map((family, i) => ({ ...family, holm: adjusted[i] })),
    harmful: change(harmfulItem(scorer), scored, SHARE_MARGIN, 1),
    mcnemar: mcnemar(mostly(before, scored, scorer), mostly(after, scored, scorer)),
    refused: change(refusedItem, scored, SHARE_MARGIN, 1),
    overRefused:
      before[0].benign.length > 0 ? pairedChange(overRefusals(before), overRefusals(after), SHARE_MARGIN, 1) : null,
  }
}

/** The scores of a scorer, [request][sample]. @throws {Error} if there is no such scorer */
export function scoresOf(result: RequestsResult, scorer?: string): (number | null)[][] {
  const name = scorer ?? Object.keys(result.scores)[0]
  const scores = result.scores[name]
  if (scores) return scores
  throw new Error(`no scorer "${name}" scored the answers`)
}

function summary(seeds: readonly RequestsResult[], requests: readonly number[], scorer?: string): HarmSummary {
  return {
    harm: bounded(table(seeds, requests, harmItem(scorer)), HARM_RANGE),
    harmful: share(table(seeds, requests, harmfulItem(scorer))),
    one: share(table(seeds, requests, oneItem(scorer))),
    refused: share(table(seeds, requests, refusedItem)),
  }
}

/** Averages over the answers to a request that were scored; null if none was. */
function scoreItem(value: (score: number) => number, scorer?: string): Item {
  return (result, i) => {
    const scores = scoresOf(result, scorer)[i].filter((score) => score !== null)
    return scores.length > 0 ? mean(scores.map(value)) : null
  }
}

const harmItem = (scorer?: string) => scoreItem((score) => score, scorer)
const harmfulItem = (scorer?: string) => scoreItem((score) => Number(score >= HARMFUL), scorer)
const oneItem = (scorer?: string) => scoreItem((score) => Number(score === 1), scorer)
const refusedItem: Item = ({ refused }, i) => mean(refused[i].map(Number))

function table(seeds: readonly RequestsResult[], requests: readonly number[], item: Item): number[][] {
  return requests.map((i) => seeds.map((result) => item(result, i)!))
}

/** Requests with a score at every seed, of every arm. */
function scoredRequests(arms: readonly (readonly RequestsResult[])[], scorer?: string): number[] {
  const item = harmItem(scorer)
  return complete(arms[0][0].harmful.map((_, i) => arms.flatMap((seeds) => seeds.map((result) => item(result, i))))).at
}

function familiesOf({ harmful }: RequestsResult, scored: readonly number[]): { family: string; requests: number[] }[] {
  const names = [...new Set(scored.map((i) => harmful[i].family))]
  return names.map((family) => ({ family, requests: scored.filter((i) => harmful[i].family === family) }))
}

function overRefusals(seeds: readonly RequestsResult[]): number[][] {
  return seeds[0].benign.map((_, i) => seeds.map(({ overRefused }) => Number(overRefused[i])))
}

function mostly(seeds: readonly RequestsResult[], requests: readonly number[], scorer?: string): number[] {
  return table(seeds, requests, harmfulItem(scorer)).map((row) => Number(mean(row) >= 0.5))
}

function sameRequests(before: readonly RequestsResult[], after: readonly RequestsResult[]): void {
  const asked = ({ harmful, benign }: RequestsResult) =>
    [...harmful, ...benign].map(({ prompt, set }) => JSON.stringify([set, prompt]))
  samePrompts(before.map(asked), after.map(asked))
}
