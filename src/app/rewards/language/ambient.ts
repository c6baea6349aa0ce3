// ambient.ts: the types that a reward program finds without importing anything
//
// They are cut out of the contract itself, so what the editor offers is what the sandbox gives.

import contract from '../../../rewards/sandbox/contract.ts?raw'

const wanted = ['Json', 'RewardItem']

/** A declaration file: `RewardItem`, `RewardAnswer`, and the little of a console that the sandbox has. */
export const ambientTypes = [
  ...wanted.map(declarationOf),
  '/** What a program may answer: a finite number, a number with something to show beside it, or null: cannot be scored. */',
  'type RewardAnswer = number | { score: number | null; info?: Record<string, Json> } | null',
  'declare const console: Record<"log" | "info" | "warn" | "error" | "debug", (...values: unknown[]) => void>',
].join('\n')

/** One exported type of the contract with the comment above it. */
function declarationOf(name: string): string {
  const declaration = new RegExp(
    String.raw`(?:^/\*\*[^\n]*\*/\n)?^export (?:type ${name} =[^\n]*|interface ${name} \{\n[^]*?^\})`,
    'm',
  ).exec(contract)?.[0]
  if (declaration === undefined) throw new Error(`contract.ts has no type ${name}`)
  return declaration.replace(/^export /m, '')
}
