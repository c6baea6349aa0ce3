// evaluation.ts: one model on held-out prompts, and an adapter against it

import type { RunConfig } from '../core/run/config'
import type { Evaluation } from '../core/run/events'
import { readAdapter } from '../engine/formats/peft'
import type { Progress } from '../engine/policy'
import { evaluatePolicy } from '../lab/evaluate'
import { loadEvaluationSet } from '../lab/held-out'
import { loadOwnData } from '../lab/own-data'
import { folderSource, localFiles } from './files'
import { layAdapter, loadModel } from './load'
import { dataSource } from './models'
import { percent } from './terminal/text'

/**
 * Evaluates the model without an adapter, then with it on the same prompts and draws.
 *
 * @param folder a PEFT adapter; its rank and α replace those of the configuration
 * @throws {ModelFileError} if a file of either is missing or malformed
 */
export async function evaluateModel(
  requested: RunConfig,
  folder?: string,
): Promise<{ base: Evaluation; adapter?: Evaluation }> {
  const adapter = folder === undefined ? undefined : await readAdapter(folderSource(folder, folder))
  const config = adapter ? { ...requested, adapter: { ...requested.adapter, ...adapter.config } } : requested
  const model = await loadModel(config, {})
  const own = await loadOwnData(config, { files: localFiles }, model)
  const set = await loadEvaluationSet(config, { data: dataSource }, own)

  const base = await evaluatePolicy(model, set, config, null, { onProgress: progressTo('model') })
  if (!adapter) return { base: base.evaluation }
  await layAdapter(model.policy, adapter.tensors)
  const adapted = await evaluatePolicy(model, set, config, base.baseline, { onProgress: progressTo('adapter') })
  return { base: base.evaluation, adapter: adapted.evaluation }
}

/** A line on stderr that is written over, where stderr is a terminal. */
function progressTo(what: string): (progress: Progress) => void {
  return ({ done, total }) => {
    if (!process.stderr.isTTY) return
    process.stderr.write(`\r\u001b[Kevaluating ${what}: ${percent(done, total)}${done === total ? '\r\u001b[K' : ''}`)
  }
}
