// transformers.ts: transformers.js with `device: 'webgpu'`, on the same model files as ours

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { AutoModelForCausalLM, BaseStreamer, env, Tensor, type TextStreamer } from '@huggingface/transformers'
import { packageRoot } from '../../src/runner/package'
import { CannotRun } from '../claim'

/** Where bench/models.sh puts its models. */
export const modelsFolder = process.env.TILTLAB_BENCH_MODELS ?? join(packageRoot, '.cache/bench')

/** Layouts of ONNX files: which is faster differs by adapter, so ours is compared with the better one. */
const LAYOUTS = ['genai', 'optimum'] as const
export type Layout = (typeof LAYOUTS)[number]

/** Folders of a model by layout. @throws {CannotRun} if there is none */
export function modelFolders(name: string): { layout: Layout; folder: string }[] {
  const found = LAYOUTS.map((layout) => ({ layout, folder: join(modelsFolder, `${name}-${layout}`) })).filter(
    ({ folder }) => existsSync(folder) && readdirSync(folder).includes('config.json'),
  )
  if (found.length) return found
  throw new CannotRun(`${join(modelsFolder, `${name}-genai`)} is not there. Make it with bench/models.sh.`)
}

/** Times of one generation. */
export interface Generation {
  /** Until the first token. */
  prefillMs: number
  /** Median of the steps after it. */
  stepMs: number
}

export interface Peer {
  /** Greedy decoding of equally long prompts, without a stop. */
  generate(prompts: readonly (readonly number[])[], newTokens: number): Promise<Generation>
  dispose(): Promise<unknown>
}

/** Loads the q4 file of a folder. @throws {CannotRun} if onnxruntime cannot use the adapter */
export async function loadTransformers(folder: string): Promise<Peer> {
  env.allowRemoteModels = false
  env.localModelPath = `${join(folder, '..')}/`
  const model = await AutoModelForCausalLM.from_pretrained(folder.slice(env.localModelPath.length), {
    dtype: 'q4',
    device: 'webgpu',
    local_files_only: true,
  }).catch((error: unknown) => {
    throw new CannotRun(`transformers.js cannot run ${folder} on WebGPU here: ${String(error)}`)
  })
  return {
    async generate(prompts, newTokens) {
      const shape = [prompts.length, prompts[0].length]
      const clock = new Clock()
      await model.generate({
        input_ids: new Tensor('int64', BigInt64Array.from(prompts.flat(), BigInt), shape),
        attention_mask: new Tensor('int64', new BigInt64Array(shape[0] * shape[1]).fill(1n), shape),
        max_new_tokens: newTokens,
        min_new_tokens: newTokens,
        do_sample: false,
        // The declared type asks for a whole TextStreamer, the code for no more than this.
        streamer: clock as unknown as TextStreamer,
      })
      return clock.generation()
    },
    dispose: () => model.dispose(),
  }
}

/** A streamer is told of the prompt first and then of each step's tokens. */
class Clock extends BaseStreamer {
  private readonly times: number[] = []

  override put(): void {
    this.times.push(performance.now())
  }

  override end(): void {
    // Nothing is kept back.
  }

  generation(): Generation {
    const steps = this.times.slice(1).map((time, i) => time - this.times[i])
    const later = steps.slice(1).sort((a, b) => a - b)
    return { prefillMs: steps[0], stepMs: later[later.length >> 1] }
  }
}
