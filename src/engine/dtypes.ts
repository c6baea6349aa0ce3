// dtypes.ts: the ONNX files that a model's folder may hold, one for each way to store its numbers; names as in transformers.js

/** Which ONNX file of a folder is read. */
export type Dtype = 'q4' | 'q4f16' | 'q8' | 'fp16' | 'fp32'

const SUFFIX: Record<Dtype, string> = { q4f16: '_q4f16', q4: '_q4', q8: '_quantized', fp16: '_fp16', fp32: '' }

/** All of them, in the order in which they are preferred: the smallest first. */
export const dtypes = Object.keys(SUFFIX) as Dtype[]

/** Where the file of a dtype lies in its folder. */
export const onnxPath = (dtype: Dtype) => `onnx/model${SUFFIX[dtype]}.onnx`
