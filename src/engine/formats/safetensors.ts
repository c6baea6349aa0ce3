// safetensors.ts: named float tensors in one file, the format of PEFT adapters and of our optimiser state
//
//   u64 little-endian: length of the header | header: JSON | tensors' bytes, without gaps
//
// The rules are those of the format's own validator (huggingface/safetensors, safetensors/src/tensor.rs), plus what
// JSON.parse lets pass: duplicate keys and integers beyond 2⁵³.

import { concatenateBytes } from '../../core/bytes'
import { ModelFileError } from '../../core/errors'
import type { TensorMap } from '../policy'
import { floatValues, toFloat32 } from './floats'
import { hasDuplicateKeys } from './json-keys'

const MAX_HEADER_BYTES = 100_000_000
const DTYPES = { F32: 'f32', F16: 'f16', BF16: 'bf16' } as const
const SIZES = { F32: 4, F16: 2, BF16: 2 }

interface Entry {
  name: string
  dtype: keyof typeof DTYPES
  shape: number[]
  start: number
  end: number
}

/** Writes float32 tensors, in the order of the map. */
export function writeSafetensors(tensors: TensorMap): Uint8Array {
  const head = safetensorsHead([...tensors].map(([name, { shape }]) => ({ name, shape })))
  const bodies = [...tensors.values()].map(({ data }) => float32Bytes(data))
  return concatenateBytes([head, ...bodies])
}

/** All of a file but its tensors: what is written first where they are too large to be held together. */
export function safetensorsHead(tensors: readonly { name: string; shape: readonly number[] }[]): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } }
  let offset = 0
  for (const { name, shape } of tensors) {
    const end = offset + 4 * shape.reduce((product, size) => product * size, 1)
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, end] }
    offset = end
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  // Spaces bring the tensors to a multiple of 8 bytes, as the format's own writer does.
  const headerLength = Math.ceil(json.length / 8) * 8
  const head = new Uint8Array(8 + headerLength).fill(0x20, 8)
  new DataView(head.buffer).setBigUint64(0, BigInt(headerLength), true)
  head.set(json, 8)
  return head
}

/** Values as the format has them: little-endian. */
export function float32Bytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * values.length)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i], true)
  return bytes
}

/**
 * Reads a file of float tensors (F32, F16 or BF16) as float32.
 *
 * @param file  its name, for error messages
 * @throws {ModelFileError} if any rule of the format is broken, or a tensor is of another type
 */
export function readSafetensors(bytes: Uint8Array, file: string): TensorMap {
  const { json, body } = splitHeader(bytes, file)
  const entries = Object.entries(parseHeader(json, file))
    .filter(([name, value]) => name !== '__metadata__' || !isMetadata(value, file))
    .map(([name, value]) => parseEntry(name, value, file))
    .sort((a, b) => a.start - b.start || a.end - b.end)
  let end = 0
  for (const entry of entries) {
    if (entry.start !== end) throw malformed(file, `tensor ${entry.name} leaves a gap or overlaps another`)
    end = entry.end
  }
  if (end !== body.length) {
    throw malformed(
      file,
      end > body.length ? 'it ends before its last tensor' : 'there are bytes after its last tensor',
    )
  }
  return new Map(
    entries.map(({ name, dtype, shape, start, end }) => {
      const values = floatValues(body.subarray(start, end), DTYPES[dtype])
      return [name, { shape, data: toFloat32(values) }]
    }),
  )
}

function splitHeader(bytes: Uint8Array, file: string): { json: string; body: Uint8Array } {
  if (bytes.length < 8) throw malformed(file, 'it is shorter than 8 bytes')
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true))
  if (length > MAX_HEADER_BYTES) throw malformed(file, `its header claims ${length} bytes`)
  if (length > bytes.length - 8) throw malformed(file, 'it ends inside its header')
  try {
    const json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, 8 + length))
    return { json, body: bytes.subarray(8 + length) }
  } catch {
    throw malformed(file, 'its header is not UTF-8')
  }
}

function parseHeader(json: string, file: string): Record<string, unknown> {
  if (!json.startsWith('{')) throw malformed(file, 'its header does not start with {')
  let header: unknown
  try {
    header = JSON.parse(json)
  } catch {
    throw malformed(file, 'its header is not JSON')
  }
  if (hasDuplicateKeys(json)) throw malformed(file, 'its header names something twice')
  return header as Record<string, unknown>
}

function isMetadata(value: unknown, file: string): true {
  const strings = isObject(value) && Object.values(value).every((entry) => typeof entry === 'string')
  if (!strings) throw malformed(file, '__metadata__ is not a list of strings')
  return true
}

function parseEntry(name: string, value: unknown, file: string): Entry {
  const { dtype, shape, data_offsets: offsets } = isObject(value) ? value : {}
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    throw malformed(file, `the entry of tensor ${name} is malformed`)
  }
  if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') {
    throw malformed(file, `tensor ${name} is of type ${String(dtype)}; floats (F32, F16, BF16) are read`)
  }
  const elements = shape.reduce((product, size) => product * size, 1)
  if (!Number.isSafeInteger(elements) || elements * SIZES[dtype] !== offsets[1] - offsets[0]) {
    throw malformed(file, `the bytes of tensor ${name} do not match its shape`)
  }
  return { name, dtype, shape, start: offsets[0], end: offsets[1] }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0)
}

function malformed(file: string, problem: string): ModelFileError {
  return new ModelFileError(file, `is not a valid safetensors file: ${problem}. Save or fetch it again.`)
}
