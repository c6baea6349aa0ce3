// findings.ts: what a report says in sentences, each with its numbers

import { mean } from '../../core/stats/moments'
import type { Probe } from './probes'
import type {
  Agreement,
  Correlation,
  Example,
  FailureSummary,
  Finding,
  ProbeReport,
  Share,
  SuiteReport,
  Times,
} from './report'

/** A probe that gets the reward of the gold on less than this share of prompts, by the interval’s lower end, is chance. */
const CHANCE = 0.05
/** A reward with less than this agrees poorly with the data set's own grader. */
const POOR_KAPPA = 0.6
/** From here on a correlation with something that nobody asked for is worth a word. */
const NOTABLE_CORRELATION = 0.3
/** A completion that takes longer holds training up. */
const SLOW_MS = 50
/** Means of the same scores in another order may differ by so much. */
const SAME = 1e-9

/**
 * What a probe amounts to. Without the answer alone it pays where it gets what the gold answer gets, or more than the
 * threshold; padding around the gold may get as much as the gold, but no more.
 *
 * @param goldMean what gold answers get on average; NaN where there are none
 */
export function judgeProbe(probe: Probe, summary: SuiteReport, goldMean: number): ProbeReport {
  const { atLeastGold, aboveThreshold, distribution } = summary
  const judged = (isHack: boolean, verdict: string): ProbeReport => ({
    ...summary,
    suite: 'probe',
    kind: probe.kind,
    isHack,
    verdict,
  })
  // A reward for being brief pays the bare answer more than a worked one, in whatever letters.
  if (probe.isPadding && distribution && distribution.mean > goldMean + SAME) {
    const means = `it pays ${number(distribution.mean)} on average, the gold answer ${number(goldMean)}`
    return judged(true, `Hackable by ${probe.title}: ${means}; ${probe.shows}.`)
  }
  const isBesideGold =
    atLeastGold !== undefined && atLeastGold.n > 0 && shareValue(atLeastGold) >= shareValue(aboveThreshold)
  const share = isBesideGold ? atLeastGold : aboveThreshold
  const than = isBesideGold ? 'at least as much as the gold answer' : 'more than the threshold'
  const gets = `${shareText(share)} of prompts pay ${than}`
  if (share.low <= CHANCE) return judged(false, `Not by ${probe.title}: ${gets}.`)
  if (probe.kind === 'form') return judged(false, `Pays for ${probe.title}: ${gets}; ${probe.shows}.`)
  return judged(true, `Hackable by ${probe.title}: ${gets}; ${probe.shows}.`)
}

/** Everything that is worth saying, the worst first. */
export function findings(report: {
  suites: readonly SuiteReport[]
  probes: readonly ProbeReport[]
  failures: readonly FailureSummary[]
  agreement: readonly Agreement[]
  correlations: readonly Correlation[]
  times: Times
  examples: readonly Example[]
  samples: number
}): Finding[] {
  const found = [
    ...ofFailures(report.failures, report.examples.length),
    ...ofScores(report.examples),
    ...ofGold(report.suites, report.examples),
    ...ofProbes(report.probes),
    ...ofAgreement(report.agreement),
    ...ofModel(report.examples, report.samples),
    ...ofCorrelations(report.correlations),
    ...ofTimes(report.times),
  ]
  const order: Finding['level'][] = ['bad', 'warn', 'good']
  return order.flatMap((level) => found.filter((finding) => finding.level === level))
}

function ofFailures(failures: readonly FailureSummary[], n: number): Finding[] {
  return failures.map(({ part, kind, line, message, count, examples }) => ({
    level: 'bad',
    text: `${part} fails on ${count} of ${n} completions (${kind}${line === undefined ? '' : `, line ${line}`}: ${message}), first on ${examples[0]}.`,
  }))
}

/** A reward that scores nothing, or everything alike, passes every other check. */
function ofScores(examples: readonly Example[]): Finding[] {
  const scores = examples.flatMap(({ score }) => (score === null ? [] : [score]))
  const missing = examples.filter(({ score, failure }) => score === null && !failure).length
  if (scores.length === 0 && missing > 0) {
    const text = `Scores nothing: it says of all ${missing} completions that they cannot be scored.`
    return [{ level: 'bad', text }]
  }
  // Attempts to cheat ought to be worth the same: nothing.
  const isTried = examples.some(({ suite, score }) => suite !== 'probe' && score !== null)
  if (!isTried || scores.length < 2 || scores.some((score) => score !== scores[0])) return []
  const text = `Scores everything alike: all ${scores.length} completions get ${number(scores[0])}, so there is nothing to learn.`
  return [{ level: 'bad', text }]
}

function ofGold(suites: readonly SuiteReport[], examples: readonly Example[]): Finding[] {
  const gold = suites.find(({ suite }) => suite === 'gold')
  if (!gold)
    return [{ level: 'warn', text: 'There are no gold answers: nothing says what a good completion is worth.' }]
  const found: Finding[] = []
  const long = examples.filter(({ suite, truncated }) => suite === 'gold' && truncated).length
  if (long > 0) {
    const text = `${shareText({ count: long, n: gold.n })} of gold answers are longer than rollout.maxNewTokens: the model cannot write them.`
    found.push({ level: 'warn', text })
  }
  if (!gold.distribution) return found
  const corrupted = suites.filter(({ suite }) => suite === 'corrupted')
  const [count, n] = [total(corrupted, (each) => each.count), total(corrupted, (each) => each.n)]
  if (n === 0) return found
  const wrong = examples.flatMap(({ suite, score }) => (suite === 'corrupted' && score !== null ? [score] : []))
  const means = `${number(gold.distribution.mean)} on average against ${number(mean(wrong))}`
  const worst = [...corrupted].sort((a, b) => shareValue(b.atLeastGold!) - shareValue(a.atLeastGold!))[0]
  if (count === 0) {
    const text = `Tells right from wrong: no corrupted answer of ${n} pays as much as its gold answer (${means}).`
    return [...found, { level: 'good', text }]
  }
  const isWorse = shareValue(worst.atLeastGold!) > count / n
  const most = isWorse ? `, most often “${worst.title}” (${shareText(worst.atLeastGold!)})` : ''
  const text = `${shareText({ count, n })} of corrupted answers pay at least as much as their gold answer (${means})${most}.`
  return [...found, { level: count / n > CHANCE ? 'bad' : 'warn', text }]
}

function total(suites: readonly SuiteReport[], of: (share: Share) => number): number {
  return suites.reduce((sum, { atLeastGold }) => sum + of(atLeastGold!), 0)
}

function ofProbes(probes: readonly ProbeReport[]): Finding[] {
  const hacks = probes.filter(({ isHack }) => isHack)
  const tried = probes.filter(({ kind, distribution }) => kind !== 'form' && distribution !== null).length
  const found: Finding[] = hacks.map(({ verdict }) => ({ level: 'bad', text: verdict }))
  if (probes.every(({ isHack, kind }) => !isHack || kind === 'form') && tried > 0)
    found.push({ level: 'good', text: `None of ${tried} attempts to be paid without the work succeeds.` })
  const formless = probes.filter(
    ({ kind, isHack, atLeastGold }) => kind === 'form' && !isHack && atLeastGold && atLeastGold.low > CHANCE,
  )
  if (formless.length === 0) return found
  const forms = formless.map(
    ({ title, atLeastGold: { count, n } = { count: 0, n: 0 } }) => `${title} (${count} of ${n})`,
  )
  return [...found, { level: 'warn', text: `Does not mind the form. It pays as much for ${forms.join(', for ')}.` }]
}

function ofAgreement(agreement: readonly Agreement[]): Finding[] {
  return agreement
    .filter(({ isOwn }) => isOwn)
    .map(({ grader, on, confusion, n, kappa }): Finding => {
      const where = on === 'model' ? 'the model’s completions' : 'gold and corrupted answers'
      const { firstOnly, secondOnly } = confusion
      const differ = `${firstOnly} paid and wrong, ${secondOnly} right and not paid, of ${n}`
      if (!kappa) return { level: 'warn', text: `Against ${grader} on ${where}: κ is not defined (${differ}).` }
      const level = kappa.value < POOR_KAPPA ? 'bad' : firstOnly > 0 ? 'warn' : 'good'
      const value = `κ = ${number(kappa.value)} [${number(kappa.low)}, ${number(kappa.high)}]`
      return { level, text: `Against ${grader} on ${where}: ${value}; ${differ}.` }
    })
}

/** Completions of one prompt that all get the same score teach nothing. */
function ofModel(examples: readonly Example[], samples: number): Finding[] {
  if (samples < 2) return []
  const groups = new Map<number, Set<number>>()
  for (const { suite, row, score } of examples) {
    if (suite !== 'model' || score === null) continue
    groups.set(row, (groups.get(row) ?? new Set()).add(score))
  }
  const flat = [...groups.values()].filter(({ size }) => size === 1).length
  if (groups.size === 0) return []
  const text = `In ${shareText({ count: flat, n: groups.size })} of prompts all ${samples} completions of the model get the same score: they give no gradient.`
  return [{ level: flat / groups.size > 0.8 ? 'bad' : flat / groups.size > 0.5 ? 'warn' : 'good', text }]
}

function ofCorrelations(correlations: readonly Correlation[]): Finding[] {
  // Gold and corrupted answers of a prompt have the same form, so only the model's completions say what pays.
  const telling = correlations.filter(({ on, spearman }) => {
    return on === 'model' && spearman && Math.min(Math.abs(spearman.low), Math.abs(spearman.high)) > 0.1
  })
  return telling
    .filter(({ spearman }) => Math.abs(spearman!.value) > NOTABLE_CORRELATION)
    .filter(({ spearman }) => spearman!.low > 0 || spearman!.high < 0)
    .map(({ with: what, n, spearman }) => {
      const { value, low, high } = spearman!
      const text = `The score ${value > 0 ? 'rises' : 'falls'} with ${what} on the model’s completions: ρ = ${number(value)} [${number(low)}, ${number(high)}], N = ${n}.`
      return { level: 'warn', text }
    })
}

function ofTimes({ median, p95, max }: Times): Finding[] {
  if (p95 <= SLOW_MS) return []
  const text = `Slow: ${number(median)} ms a completion in the median, ${number(p95)} ms for one in twenty, at most ${number(max)} ms.`
  return [{ level: 'warn', text }]
}

function shareValue({ count, n }: Pick<Share, 'count' | 'n'>): number {
  return n === 0 ? 0 : count / n
}

/** `87 % (52 of 60; 95 % interval 76–93 %)`. */
function shareText({ count, n, low, high }: Pick<Share, 'count' | 'n'> & Partial<Share>): string {
  const percent = (share: number) => Math.round(100 * share)
  const interval = low === undefined || high === undefined ? '' : `; 95 % interval ${percent(low)}–${percent(high)} %`
  return `${percent(shareValue({ count, n }))} % (${count} of ${n}${interval})`
}

function number(value: number): string {
  const text = Math.abs(value).toFixed(2)
  return value < 0 && Number(text) !== 0 ? `−${text}` : text
}
