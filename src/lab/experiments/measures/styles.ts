// styles.ts: the same problem in words that training has not seen

/** A problem's prompt in another style; '' leaves it as it is. */
export function rewordProblem({ prompt }: { prompt: string }, style: string): { prompt: string } {
  if (style === '') return { prompt }
  throw new Error(`there is no style "${style}"`)
}
