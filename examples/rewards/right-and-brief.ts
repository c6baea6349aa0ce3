// Looks sensible, and can be cheated: a point for the right number, less a tenth for every token.

interface Item {
  completion: string
  answer: string
  tokens: number[]
}

export function reward({ completion, answer, tokens }: Item): number {
  const gold = Number(answer.split('####').pop()!.replaceAll(',', ''))
  const numbers = (completion.replaceAll(',', '').match(/-?\d+(\.\d+)?/g) ?? []).map(Number)
  const isRight = numbers.includes(gold)
  return (isRight ? 1 : 0) - 0.1 * tokens.length
}
