// close.ts: equality of nested numbers up to rounding

import { expect } from 'vitest'

type Nested =
  number | string | boolean | null | ArrayLike<number> | readonly Nested[] | { readonly [key: string]: Nested }

/** Expects the same structure with numbers that agree to `tolerance`, relative or absolute; "NaN" and "Infinity" are numbers. */
export function expectClose(actual: unknown, expected: unknown, tolerance = 1e-10, path = ''): void {
  const wanted = special(expected)
  if (typeof wanted === 'number') {
    const gap = Math.abs((actual as number) - wanted)
    const equal = Object.is(actual, wanted) || gap <= tolerance * Math.max(1, Math.abs(wanted))
    expect(equal, `${path}: ${String(actual)} against ${wanted}`).toBe(true)
    return
  }
  if (typeof wanted !== 'object' || wanted === null) {
    expect(actual, path).toBe(wanted)
    return
  }
  const keys = Object.keys(wanted)
  expect(Object.keys(actual as object).sort(), path).toEqual(keys.sort())
  for (const key of keys)
    expectClose(
      (actual as Record<string, Nested>)[key],
      (wanted as Record<string, Nested>)[key],
      tolerance,
      `${path}.${key}`,
    )
}

function special(value: unknown): unknown {
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : value
}
