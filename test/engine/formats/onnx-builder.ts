// onnx-builder.ts: writes tiny ONNX files for tests, field by field (onnx.proto3)

const encoder = new TextEncoder()

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  return [...bytes, rest]
}

/** A length-delimited field. */
export function bytesField(number: number, bytes: ArrayLike<number>): number[] {
  return [...varint(number * 8 + 2), ...varint(bytes.length), ...Array.from(bytes)]
}

/** A varint field. */
export function intField(number: number, value: number): number[] {
  return [...varint(number * 8), ...varint(value)]
}

/** A text field. */
export function textField(number: number, text: string): number[] {
  return bytesField(number, encoder.encode(text))
}

/** A TensorProto as an initialiser of the graph. */
export function initializer(name: string, dtype: number, dims: number[], raw: ArrayLike<number>): number[] {
  return bytesField(5, [
    ...dims.flatMap((dim) => intField(1, dim)),
    ...intField(2, dtype),
    ...textField(8, name),
    ...bytesField(9, raw),
  ])
}

/** A TensorProto whose bytes lie in another file; float32 unless `dtype` says otherwise. */
export function externalInitializer(
  name: string,
  dims: number[],
  entries: Record<string, string>,
  dtype = 1,
): number[] {
  const pairs = Object.entries(entries).flatMap(([key, value]) =>
    bytesField(13, [...textField(1, key), ...textField(2, value)]),
  )
  return bytesField(5, [
    ...dims.flatMap((dim) => intField(1, dim)),
    ...intField(2, dtype),
    ...textField(8, name),
    ...pairs,
    ...intField(14, 1),
  ])
}

/** A NodeProto. */
export function node(
  operator: string,
  name: string,
  inputs: string[],
  outputs: string[],
  integers: Record<string, number> = {},
): number[] {
  const attributes = Object.entries(integers).flatMap(([key, value]) =>
    bytesField(5, [...textField(1, key), ...intField(3, value)]),
  )
  return bytesField(1, [
    ...inputs.flatMap((input) => textField(1, input)),
    ...outputs.flatMap((output) => textField(2, output)),
    ...textField(3, name),
    ...textField(4, operator),
    ...attributes,
  ])
}

/** A ModelProto around the parts of a graph. */
export function model(...parts: number[][]): Uint8Array {
  return Uint8Array.from([...intField(1, 8), ...bytesField(7, parts.flat())])
}

/** float32 values as bytes. */
export function floats(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer)
}
