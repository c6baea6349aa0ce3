// live.ts: a run on a few lines of a terminal
//
// A pure picture of a RunView: the same view gives the same lines. painter.ts puts them on the screen.

import { latest, type RunView } from '../../core/run/view'
import { safetyOf, type Evaluation, type PhraseRefusals, type SafetyEvaluation } from '../../core/run/events'
import { bar, decimal, duration, estimate, fit, percent, signed, sparkline, type Style } from './text'

const LABEL_COLUMNS = 10
const GRAPH_COLUMNS = 24
/** Steps whose mean duration predicts the rest. */
const TIMED_STEPS = 10

/** The run as lines no wider than the terminal. */
export function renderRun(view: RunView, style: Style): string[] {
  const lines = [progressLine(view), phaseLine(view), ...trainingLines(view), ...evaluationLines(view)]
  const alert = view.alerts.at(-1)
  if (alert) lines.push([alert.level, `step ${alert.step}: ${alert.message}`])
  if (view.end) lines.push([view.end.reason, view.end.message])
  return lines.map(([label, text]) => paintLine(label, text, style))
}

/** Seconds until the last step, from the mean of the latest ones; undefined before the first. Evaluations are not counted. */
export function secondsLeft(view: RunView): number | undefined {
  const times = view.series.get('step_time')?.values.slice(-TIMED_STEPS) ?? []
  if (times.length === 0 || !view.config) return undefined
  const meanSeconds = times.reduce((sum, seconds) => sum + seconds, 0) / times.length
  return meanSeconds * (view.config.steps - view.step)
}

type Line = [label: string, text: string]

function progressLine(view: RunView): Line {
  const steps = view.config?.steps ?? 0
  const left = view.step < steps && !view.end ? secondsLeft(view) : undefined
  const time = left === undefined ? '' : `  about ${duration(left)} left`
  const share = steps === 0 ? 0 : view.step / steps
  return ['step', `${bar(share, GRAPH_COLUMNS)} ${view.step} of ${steps}${time}`]
}

function phaseLine({ state, progress }: RunView): Line {
  if (!progress) return ['now', state]
  const { phase, done, total } = progress
  return ['now', `${phase} ${percent(done, total)}`]
}

function trainingLines(view: RunView): Line[] {
  const reward = view.series.get('reward')?.values ?? []
  const lines: Line[] = []
  if (reward.length > 0) {
    const spread = decimal(latest(view, 'reward_std'))
    lines.push(['reward', `${decimal(reward.at(-1))}, sd ${spread}  ${sparkline(reward, GRAPH_COLUMNS)}`])
  }
  const loss = view.series.get('loss')?.values ?? []
  if (reward.length === 0 && loss.length > 0) {
    lines.push(['loss', `${decimal(loss.at(-1), 3)}  ${sparkline(loss, GRAPH_COLUMNS)}`])
  }
  const length = latest(view, 'completions/mean_length')
  if (length !== undefined) {
    const entropy = latest(view, 'entropy')
    const kl = latest(view, 'theory/kl_sequence')
    const entropyText = entropy === undefined ? '' : `, entropy ${decimal(entropy)} nats`
    const klText = kl === undefined ? '' : `, KL ${decimal(kl)} nats`
    lines.push(['answers', `${decimal(length, 1)} tokens${entropyText}${klText}`])
  }
  return lines
}

function evaluationLines(view: RunView): Line[] {
  const first = view.evaluations[0]?.evaluation
  const last = view.evaluations.at(-1)
  if (!first || !last) return []
  return evaluationRows(last.evaluation, first).map(([label, text]): Line => [label, text])
}

/** What an evaluation found, a row each, beside the run's first one where they differ. */
export function evaluationRows(evaluation: Evaluation, first: Evaluation = evaluation): [string, string][] {
  const before = (value: number | undefined) =>
    first === evaluation || value === undefined ? '' : `${decimal(value)} → `
  const safety = safetyOf(evaluation)
  const onRequests = safety ? `, ${decimal(safety.klHarmful.mean)} on requests` : ''
  return [
    ['accuracy', before(first.accuracy.mean) + estimate(evaluation.accuracy)],
    ['greedy', before(first.greedyAccuracy.mean) + estimate(evaluation.greedyAccuracy)],
    ['KL', `${decimal(evaluation.klTask.mean)} nats on the task${onRequests}`],
    ...(safety ? safetyRows(safety, before(first.harm?.score.mean)) : []),
    ...(evaluation.phraseRefusals ? [phraseRow(evaluation.phraseRefusals)] : []),
  ]
}

function safetyRows({ harm, overRefusal }: SafetyEvaluation, before: string): [string, string][] {
  const change = harm.difference
    ? `, change ${signed(harm.difference.mean)} [${signed(harm.difference.low)}, ${signed(harm.difference.high)}]`
    : ''
  return [
    ['harm', `${before}${estimate(harm.score)} of 4${change}`],
    ['refusals', `${decimal(harm.refusalShare)} of harmful, ${decimal(overRefusal.mean)} of benign requests`],
  ]
}

function phraseRow({ harmful, harmless }: PhraseRefusals): [string, string] {
  const shares = [harmful && `${estimate(harmful)} of harmful`, harmless && `${estimate(harmless)} of harmless`]
  return ['refusals', `${shares.filter(Boolean).join(', ')} prompts, by phrases`]
}

function paintLine(label: string, text: string, { columns, colour }: Style): string {
  const name = label.padEnd(LABEL_COLUMNS)
  const line = fit(`${name}${text}`, columns)
  if (!colour) return line
  const tone = label === 'error' || label === 'failed' ? 31 : label === 'warn' ? 33 : 2
  return `\u001b[${tone}m${line.slice(0, name.length)}\u001b[0m${line.slice(name.length)}`
}
