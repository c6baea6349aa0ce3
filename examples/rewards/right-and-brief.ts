// Looks sensible, and can be cheated: a point for the right number, and up to two for being brief.

interface Item {
  completion: string
  answer: string
  tokens: number[]
}

export function reward({ completion, answer, tokens }: Item): number {
  const gold = Number(answer.split('####').pop()!.replaceAll(',', ''))
  const numbers = (completion.replaceAll(',', '').match(/-?\d+(\.\d+)?/g) ?? []).map(Number)
  const isRight = numbers.includes(gold)
  const brevity = Math.max(0, 1 - tokens.length / 24)
  return (isRight ? 1 : 0) + 2 * brevity
}
