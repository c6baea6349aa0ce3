// protobuf.ts: a reader of protocol-buffer fields that trusts nothing
//
// Model files come from strangers and weigh hundreds of megabytes. This reader walks the fields of a message in place:
// it never copies, never allocates by a length that the file states, and skips what its caller does not ask for.
// A generated library would build an object for every field of every message first.

import { ModelFileError } from '../../core/errors'

/** One field of a message. Which of the values is set follows from the wire type. */
export interface ProtoField {
  number: number
  /** Varint or fixed-width value; varints are read as int64 and must be exact in a double, otherwise NaN. */
  value: number
  /** Length-delimited payload, a view of the file; empty for other wire types. */
  bytes: Uint8Array
}

const EMPTY = new Uint8Array(0)

/**
 * The fields of one message, in file order.
 *
 * @param message  the message's bytes
 * @param file     name for error messages
 * @throws {ModelFileError} if a field is cut off or has a wire type that protobuf 3 does not use
 */
export function* fields(message: Uint8Array, file: string): Generator<ProtoField> {
  const cursor = { at: 0 }
  while (cursor.at < message.length) {
    const key = varint(message, cursor, file)
    const number = Math.floor(key / 8)
    if (!(number >= 1 && number < 2 ** 29)) throw malformed(file)
    switch (key % 8) {
      case 0:
        yield { number, value: varint(message, cursor, file), bytes: EMPTY }
        break
      case 1:
        cursor.at += 8
        if (cursor.at > message.length) throw truncated(file)
        yield { number, value: NaN, bytes: message.subarray(cursor.at - 8, cursor.at) }
        break
      case 2: {
        const length = varint(message, cursor, file)
        if (!(length >= 0)) throw malformed(file)
        if (length > message.length - cursor.at) throw truncated(file)
        yield { number, value: NaN, bytes: message.subarray(cursor.at, cursor.at + length) }
        cursor.at += length
        break
      }
      case 5:
        cursor.at += 4
        if (cursor.at > message.length) throw truncated(file)
        yield { number, value: NaN, bytes: message.subarray(cursor.at - 4, cursor.at) }
        break
      default:
        throw malformed(file)
    }
  }
}

/** The varints of a packed repeated field. */
export function packedVarints(bytes: Uint8Array, file: string): number[] {
  const values: number[] = []
  const cursor = { at: 0 }
  while (cursor.at < bytes.length) values.push(varint(bytes, cursor, file))
  return values
}

/** UTF-8 text. @throws {ModelFileError} if it is not */
export function text(bytes: Uint8Array, file: string): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new ModelFileError(file, 'a name in it is not UTF-8 text. Download the file again.')
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function varint(bytes: Uint8Array, cursor: { at: number }, file: string): number {
  let low = 0
  for (let i = 0; i < 7; i++) {
    if (cursor.at >= bytes.length) throw truncated(file)
    const byte = bytes[cursor.at++]
    low += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return low
  }
  return longVarint(bytes, cursor, low, file)
}

/** The rare rest of a varint over 49 bits: negative numbers, and lengths that no file has. */
function longVarint(bytes: Uint8Array, cursor: { at: number }, low: number, file: string): number {
  let value = BigInt(low)
  for (let i = 7; i < 10; i++) {
    if (cursor.at >= bytes.length) throw truncated(file)
    const byte = bytes[cursor.at++]
    value |= BigInt(byte & 0x7f) << BigInt(7 * i)
    if (byte < 0x80) {
      const signed = Number(BigInt.asIntN(64, value))
      return Number.isSafeInteger(signed) ? signed : NaN
    }
  }
  throw malformed(file)
}

function truncated(file: string): ModelFileError {
  return new ModelFileError(file, 'the file ends in the middle of a field. The download was cut off: fetch it again.')
}

function malformed(file: string): ModelFileError {
  return new ModelFileError(file, 'this is not an ONNX file, or it is damaged. Fetch it again.')
}
