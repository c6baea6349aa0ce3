// plain.ts: a run as lines that scroll, for files, pipes and terminals that cannot move their cursor

import type { MemoryPlan, RunEvent } from '../../core/run/events'
import { bytes, decimal } from './text'
import { evaluationRows } from './live'

/** One line for an event, or undefined for those that only a live view shows. */
export function plainLine(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'started': {
      const { config, fingerprint, parameters, fromStep } = event
      const from = fromStep > 0 ? `, going on from step ${fromStep}` : ''
      const what = `${config.preset}: ${config.model.id} on ${fingerprint.engine}, ${parameters.adapter} of ${parameters.base} parameters, ${config.steps} steps, seed ${config.seed}${from}`
      return event.memory ? `${what}\n${memoryText(event.memory)}` : what
    }
    case 'step':
      return `step ${event.step}: ${stepText(event.metrics)}`
    case 'evaluation':
      return `evaluation after step ${event.step}: ${evaluationRows(event.evaluation)
        .map(([label, text]) => `${label} ${text}`)
        .join('; ')}`
    case 'alert':
      return `${event.level} at step ${event.step}: ${event.message}`
    case 'checkpoint':
      return `checkpoint ${event.name} saved (${bytes(event.sizeBytes)})`
    case 'ended':
      return `${event.reason} after step ${event.step}. ${event.message}`.trimEnd()
    case 'progress':
    case 'state':
      return undefined
  }
  return event satisfies never
}

function memoryText(plan: MemoryPlan): string {
  const parts = [
    ['weights', plan.weightsBytes],
    ['KV cache', plan.kvCacheBytes],
    ['activations', plan.activationsBytes],
    ['adapter', plan.adapterBytes],
    ['optimiser', plan.optimizerBytes],
  ] as const
  return `memory: at most ${bytes(plan.totalBytes)} (${parts.map(([name, size]) => `${name} ${bytes(size)}`).join(', ')}); up to ${plan.completionsAtOnce} completions at once`
}

const SHOWN: readonly [metric: string, name: string, digits: number][] = [
  ['reward', 'reward', 3],
  ['loss', 'loss', 4],
  ['kl', 'KL', 4],
  ['entropy', 'entropy', 3],
  ['completions/mean_length', 'length', 1],
  ['grad_norm', 'gradient', 3],
  ['step_time', 'seconds', 1],
]

function stepText(metrics: Record<string, number>): string {
  return SHOWN.filter(([metric]) => metric in metrics)
    .map(([metric, name, digits]) => `${name} ${decimal(metrics[metric], digits)}`)
    .join(', ')
}
