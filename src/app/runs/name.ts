// name.ts: what a run is called

import { defaultConfig, type RunConfig } from '../../core/run/config'
import { resolvePreset, runPresets } from '../../core/run/presets'
import type { RunSummary } from '../../core/run/summary'
import { controls, type Control } from '../state/settings'

/** Its own name, or what its settings say. */
export function nameOf({ name, summary }: { name: string; summary: Pick<RunSummary, 'config'> }): string {
  return name || autoName(summary.config)
}

/** What a run is called unless a person says otherwise: its preset, and what differs from that. */
export function autoName(config: RunConfig): string {
  const isKnown = runPresets.some(({ name }) => name === config.preset)
  const home = isKnown ? resolvePreset(config.preset) : defaultConfig
  const changes = controls.filter(
    ({ key, applies, read }) => key !== 'engine' && applies(config) && read(config) !== read(home),
  )
  const { reward, task, data } = config
  return [
    config.preset,
    ...changes.map((control) => `${inSentence(control.label)} ${valueWords(control, config)}`),
    ...(reward.expression === '' && reward.program === '' ? [] : ['own reward']),
    ...(task.kind === 'data' && data.source !== '' ? [data.source.split('/').at(-1)!] : []),
  ].join(', ')
}

/** A choice of a list is named by its first words: what comes after them explains it. */
function valueWords({ kind, show, read }: Control, config: RunConfig): string {
  const words = show(read(config))
  return kind === 'list' ? words.split(/[:,]/, 1)[0] : words
}

function inSentence(label: string): string {
  const isAbbreviation = label[1] !== label[1]?.toLowerCase()
  return isAbbreviation ? label : label[0].toLowerCase() + label.slice(1)
}
