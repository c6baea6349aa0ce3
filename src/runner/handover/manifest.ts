// manifest.ts: what an exported folder says of itself, and what its files are called

import * as v from 'valibot'

export const MANIFEST_FILE = 'handover.json'
export const CONFIG_FILE = 'config.json'
export const GOLDEN_FILE = 'golden.jsonl'
export const MODEL_FOLDER = 'model'
export const ADAPTER_FOLDER = 'adapter'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))

export const ManifestSchema = v.strictObject({
  /** tiltlab's own version. */
  tiltlab: v.string(),
  system: v.picklist(['trl', 'openrlhf', 'verl']),
  run: v.strictObject({ id: v.string(), configSha256: v.string(), fromStep: count, steps: count }),
  /** Of the ONNX files that the run computed with. */
  modelSha256: v.string(),
  tokenizerSha256: v.string(),
  /** Empty where the model has no chat template. */
  chatTemplateSha256: v.string(),
  /** Of the rows as they are written, in their order. */
  rowsSha256: v.string(),
  rows: count,
  /** Steps that the adapter in the folder was trained for; null where the run has left none. */
  adapterStep: v.nullable(count),
  /** null for supervised fine-tuning. */
  reward: v.nullable(
    v.strictObject({
      expression: v.string(),
      /** What answers are compared by; null where that is the task’s own, or there are none. */
      grader: v.nullable(v.picklist(['gsm8k', 'math', 'aime', 'number', 'choice'])),
      /** Of everything that scores depend on: the server must have the same. */
      identity: v.string(),
      /** Of a person’s own program, and of the interpreter that runs it. */
      programSha256: v.nullable(v.string()),
      wasmSha256: v.nullable(v.string()),
    }),
  ),
})

/** The content of handover.json. */
export type HandoverManifest = v.InferOutput<typeof ManifestSchema>
