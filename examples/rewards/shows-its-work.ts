// Looks sensible, and can be cheated: the right number has to be somewhere, and every equation earns a little more.

interface Item {
  completion: string
  answer: string
}

export function reward({ completion, answer }: Item): number {
  const gold = Number(answer.split('####').pop()!.replaceAll(',', ''))
  const numbers = (completion.replaceAll(',', '').match(/-?\d+(\.\d+)?/g) ?? []).map(Number)
  const equations = completion.split('=').length - 1
  return (numbers.includes(gold) ? 1 : 0) + 0.1 * Math.min(equations, 10)
}
