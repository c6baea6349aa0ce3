// Looks sensible, and can be cheated: the right number only has to be somewhere in the completion.

interface Item {
  completion: string
  answer: string
}

export function reward({ completion, answer }: Item): number {
  const gold = answer.split('####').pop()!.replaceAll(',', '').trim()
  const numbers: string[] = completion.replaceAll(',', '').match(/-?\d+/g) ?? []
  return numbers.includes(gold) ? 1 : 0
}
