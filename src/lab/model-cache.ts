// model-cache.ts: the last model that was used, kept warm for the next run on it

import type { RunConfig } from '../core/run/config'
import type { Hosts, LoadedModel, LoadModelOptions } from './hosts'

/** One model at most. */
export interface ModelCache {
  /** The model of a configuration with a fresh adapter; the one that was kept before is freed. */
  load(config: RunConfig, options: LoadModelOptions): Promise<LoadedModel>
  dispose(): void
}

/** Runs of which the kept model serves the next: the initial adapter is drawn from the seed, so the seed belongs to the model. */
export function modelKey({ model, engine, adapter, seed }: RunConfig): string {
  return JSON.stringify([model, engine, adapter, seed])
}

/** Keeps the last model: a second run on it starts with a reset instead of a download. */
export function createModelCache(hosts: Pick<Hosts, 'loadModel'>): ModelCache {
  let kept: { key: string; model: LoadedModel } | null = null
  let tell: LoadModelOptions['onNotice']
  return {
    async load(config, options) {
      tell = options.onNotice
      const key = modelKey(config)
      if (kept?.key === key) {
        await kept.model.policy.reset()
        return kept.model
      }
      this.dispose()
      kept = { key, model: await hosts.loadModel(config, { ...options, onNotice: (message) => tell?.(message) }) }
      return kept.model
    },
    dispose() {
      kept?.model.policy.dispose()
      kept = null
    },
  }
}
