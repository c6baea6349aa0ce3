// counter-examples.ts: examples of a report that a reward ought to be held to from now on

import type { RewardCase } from './cases'
import type { Example, WorkbenchReport } from './report'

/**
 * An example of a report as a case. What it ought to be worth follows from whether it is right: more than the threshold
 * if it is, at most the threshold if not. A completion that makes the reward fail ought to have a score.
 *
 * @param expected where a person knows better
 */
export function caseOf(
  example: Example,
  { threshold }: Pick<WorkbenchReport, 'threshold'>,
  expected?: RewardCase['expected'],
): RewardCase {
  const { id, prompt, completion, answer, columns, tokens, harmful, truncated, maxNewTokens, correct, score, failure } =
    example
  const isRight = correct ?? example.suite === 'gold'
  // To four digits: a person is to read it.
  const limit = Number(threshold.toPrecision(4))
  const bound = isRight ? { min: limit } : { max: limit }
  const said = failure ? `failed (${failure.kind})` : `got ${score ?? 'no score'}`
  return {
    name: `${id} ${excerpt(prompt)}`,
    prompt,
    completion,
    answer: typeof answer === 'string' ? answer : [...answer],
    columns: { ...columns },
    tokens: [...tokens],
    harmful,
    truncated,
    maxNewTokens,
    expected: expected ?? (failure ? {} : bound),
    note: `Kept from a report, where it ${said}.`,
  }
}

/** The examples that say most: the first one of every probe and corruption that got through, and of every failure. */
export function counterExamples({ examples, probes, threshold, failures }: WorkbenchReport): Example[] {
  const hacks = new Set(probes.filter(({ isHack }) => isHack).map(({ variant }) => variant))
  const found = new Map<string, Example>()
  for (const example of examples) {
    const { suite, variant, score, correct } = example
    if (score === null) continue
    const isPaid = score > threshold
    const matters =
      suite === 'probe' ? hacks.has(variant) && isPaid && correct !== true : correct !== null && isPaid !== correct
    const key = `${suite}/${variant}`
    if (matters && !found.has(key)) found.set(key, example)
  }
  const failing = failures.flatMap(({ examples: [first] }) => examples.filter(({ id }) => id === first))
  return [...new Set([...found.values(), ...failing])]
}

const EXCERPT_CHARACTERS = 40

function excerpt(prompt: string): string {
  const line = prompt.replace(/\s+/g, ' ').trim()
  return line.length <= EXCERPT_CHARACTERS ? line : `${line.slice(0, EXCERPT_CHARACTERS)}…`
}
