// floats.ts: float32, float16 and bfloat16 values as they lie in a file

/** A run of floating-point values, as stored. 16-bit kinds keep their bits. */
export type FloatValues =
  | { dtype: 'f32'; values: Float32Array }
  | { dtype: 'f16'; values: Uint16Array }
  | { dtype: 'bf16'; values: Uint16Array }

/** Views file bytes as floats; copies only if the file does not align them. */
export function floatValues(bytes: Uint8Array, dtype: 'f32' | 'f16' | 'bf16'): FloatValues {
  const size = dtype === 'f32' ? 4 : 2
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes)
  const length = aligned.length / size
  return dtype === 'f32'
    ? { dtype, values: new Float32Array(aligned.buffer, aligned.byteOffset, length) }
    : { dtype, values: new Uint16Array(aligned.buffer, aligned.byteOffset, length) }
}

/** Values start … end−1 as float32; the whole run by default. A copy. */
export function toFloat32(source: FloatValues, start = 0, end = source.values.length): Float32Array {
  if (source.dtype === 'f32') return source.values.slice(start, end)
  const out = new Float32Array(end - start)
  const convert = source.dtype === 'f16' ? f16 : bf16
  for (let i = 0; i < out.length; i++) out[i] = convert(source.values[start + i])
  return out
}

/** The value at one index. */
export function floatAt(source: FloatValues, index: number): number {
  if (source.dtype === 'f32') return source.values[index]
  return source.dtype === 'f16' ? f16(source.values[index]) : bf16(source.values[index])
}

// All 65,536 half floats: a table is 10× faster than decoding, for 256 kB.
let halfTable: Float32Array | undefined

function f16(bits: number): number {
  return (halfTable ??= makeHalfTable())[bits]
}

function makeHalfTable(): Float32Array {
  const table = new Float32Array(65536)
  for (let bits = 0; bits < 65536; bits++) {
    const exponent = (bits >> 10) & 31
    const fraction = bits & 1023
    const magnitude =
      exponent === 0
        ? fraction * 2 ** -24
        : exponent < 31
          ? (1 + fraction / 1024) * 2 ** (exponent - 15)
          : fraction
            ? NaN
            : Infinity
    table[bits] = bits & 0x8000 ? -magnitude : magnitude
  }
  return table
}

const word = new Uint32Array(1)
const wordAsFloat = new Float32Array(word.buffer)

function bf16(bits: number): number {
  word[0] = bits << 16
  return wordAsFloat[0]
}
