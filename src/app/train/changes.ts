// changes.ts: what a preset changes of the usual run, and what a person has changed of the preset

import type { RunConfig } from '../../core/run/config'
import { valueAt, withValue } from '../../core/run/fields'
import { resolvePreset } from '../../core/run/presets'
import { configDifferences, type Difference } from '../runs/differences'
import { controls, defaultSettings, type Control } from '../state/settings'

/** What a preset sets otherwise than the run that the page begins with: [there, here]. */
export function presetChanges(preset: string): Difference[] {
  return configDifferences([defaultSettings(), resolvePreset(preset)])
}

/** What differs from the preset: [as the preset has it, here]. What computes is a matter of the machine, and none. */
export function ownChanges(config: RunConfig): Difference[] {
  return configDifferences([resolvePreset(config.preset), config]).filter(({ path }) => path !== 'engine.kind')
}

/** Who set a control: nobody, where its value is the usual one. */
export function setBy({ read }: Control, config: RunConfig): 'preset' | 'person' | null {
  const home = resolvePreset(config.preset)
  if (read(config) !== read(home)) return 'person'
  return read(home) === read(defaultSettings()) ? null : 'preset'
}

/** The settings as the preset has them; what computes stays. */
export function asPreset(config: RunConfig): RunConfig {
  return { ...resolvePreset(config.preset), engine: config.engine }
}

/** The settings with one field as the preset has it. */
export function withPresetField(config: RunConfig, path: string): RunConfig {
  // A controller is one thing: its fields depend on its kind.
  const whole = path.startsWith('controller.') ? 'controller' : path
  return withValue(config, whole, valueAt(resolvePreset(config.preset), whole))
}

/** Controls of values that are set otherwise than usual, by name. */
export function markedControls(config: RunConfig): ReadonlyMap<string, 'preset' | 'person'> {
  const marked = controls.map((control) => [control.key, setBy(control, config)] as const)
  return new Map(marked.filter((each): each is [string, 'preset' | 'person'] => each[1] !== null))
}
