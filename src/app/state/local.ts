// local.ts: small things that this browser remembers from visit to visit

import * as v from 'valibot'

/** What was kept under a key; null if there is nothing, or another version wrote it. A browser that keeps nothing has nothing. */
export function readLocal<S extends v.GenericSchema>(key: string, schema: S): v.InferOutput<S> | null {
  try {
    const { output, success } = v.safeParse(schema, JSON.parse(localStorage.getItem(key) ?? 'null'))
    return success ? output : null
  } catch {
    return null
  }
}

/** Keeps it, where the browser does: what it does not keep is only missing at the next visit. */
export function writeLocal(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value))
  } catch {
    // No reason not to work.
  }
}
