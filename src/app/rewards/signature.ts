// signature.ts: how a reward function is called, for people: `soft_overlong(max?, buffer?)`

import type { Parameter } from '../../rewards/function'

/** Parameters that may be left out have a question mark. */
export function signature(name: string, parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return name
  const listed = parameters.map((each) => (each.optional || each.default !== undefined ? `${each.name}?` : each.name))
  return `${name}(${listed.join(', ')})`
}
