// right-and-brief.ts, mended: the number behind #### decides, and being brief pays only on top of a right answer.

interface Item {
  completion: string
  answer: string
  tokens: number[]
}

export function reward({ completion, answer, tokens }: Item): number {
  const gold = Number(answer.split('####').pop()!.replaceAll(',', ''))
  const isRight = numberBehindMark(completion.split('</think>').pop()!) === gold
  const brevity = Math.max(0, 1 - tokens.length / 48)
  return isRight ? 1 + 0.2 * brevity : 0
}

/** The number behind the last ####; undefined where there is none, or more than one. */
function numberBehindMark(text: string): number | undefined {
  const match = /####\s*\$?(-?\d+(?:,\d{3})*(?:\.\d+)?)[^\d#]*$/.exec(text)
  return match ? Number(match[1].replaceAll(',', '')) : undefined
}
