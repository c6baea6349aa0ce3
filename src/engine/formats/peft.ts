// peft.ts: the adapter as Python's PEFT reads and writes it
//
// A folder with adapter_config.json and adapter_model.safetensors. PeftModel.from_pretrained loads what is written here.

import * as v from 'valibot'
import { ModelFileError } from '../../core/errors'
import { readModelFile, type FileSource, type ReadOptions } from '../hub'
import type { AdapterConfig, TensorMap } from '../policy'
import { parseJson } from './config'
import { readSafetensors, writeSafetensors } from './safetensors'
import { LINEARS } from './weights'

export const ADAPTER_CONFIG = 'adapter_config.json'
export const ADAPTER_MODEL = 'adapter_model.safetensors'

/** What PEFT needs to know of an adapter, as the object to write to adapter_config.json. */
export function adapterConfigJson({ rank, alpha }: AdapterConfig, baseModel: string): Record<string, unknown> {
  return {
    base_model_name_or_path: baseModel,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: alpha,
    lora_dropout: 0,
    modules_to_save: null,
    peft_type: 'LORA',
    r: rank,
    target_modules: [...LINEARS],
    task_type: 'CAUSAL_LM',
    use_dora: false,
    use_rslora: false,
  }
}

/** The two files of an adapter folder, by name. */
export function writeAdapter(adapter: TensorMap, config: AdapterConfig, baseModel: string): Map<string, Uint8Array> {
  const json = JSON.stringify(adapterConfigJson(config, baseModel), null, 2)
  return new Map([
    [ADAPTER_CONFIG, new TextEncoder().encode(`${json}\n`)],
    [ADAPTER_MODEL, writeSafetensors(adapter)],
  ])
}

const off = v.nullish(v.literal(false))
const none = v.nullish(v.union([v.null(), v.strictObject({}), v.strictTuple([])]))
const whole = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096))

// What would change the update (α/r)·B·A has to be absent.
const ConfigSchema = v.object({
  peft_type: v.literal('LORA'),
  r: whole,
  lora_alpha: v.pipe(v.number(), v.finite()),
  bias: v.optional(v.literal('none'), 'none'),
  target_modules: v.array(v.string()),
  use_dora: off,
  use_rslora: off,
  fan_in_fan_out: off,
  rank_pattern: none,
  alpha_pattern: none,
  modules_to_save: none,
  layers_to_transform: none,
})

/** Reads an adapter folder. @throws {ModelFileError} if it is malformed, or not a plain LoRA on all seven linear layers */
export async function readAdapter(
  files: FileSource,
  options?: ReadOptions,
): Promise<{ config: AdapterConfig; tensors: TensorMap }> {
  const json = parseJson(ADAPTER_CONFIG, await readModelFile(files, ADAPTER_CONFIG, options))
  const parsed = v.safeParse(ConfigSchema, json)
  if (!parsed.success) {
    const field = v.getDotPath(parsed.issues[0]) ?? 'the document'
    throw new ModelFileError(
      ADAPTER_CONFIG,
      `${field}: ${parsed.issues[0].message}. tiltlab reads plain LoRA adapters.`,
    )
  }
  const { r, lora_alpha, target_modules } = parsed.output
  const missing = LINEARS.filter((name) => !target_modules.includes(name))
  if (missing.length > 0) {
    throw new ModelFileError(ADAPTER_CONFIG, `target_modules lacks ${missing.join(', ')}; tiltlab adapts all seven.`)
  }
  const tensors = readSafetensors(await readModelFile(files, ADAPTER_MODEL, options), ADAPTER_MODEL)
  return { config: { rank: r, alpha: lora_alpha }, tensors }
}
