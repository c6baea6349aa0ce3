// grade.ts: `tiltlab inspect grade`

import * as v from 'valibot'
import { ConfigError } from '../../core/errors'
import type { InspectSubject } from '../../core/inspect/registry'
import { validate } from '../../core/run/validate'
import type { Verdict } from '../../rewards/grader'
import { graders, loadGrader, type GraderName } from '../../rewards/graders'

const distance = v.optional(v.pipe(v.number(), v.minValue(0)))
const GradeDocument = v.strictObject({
  kind: v.picklist(Object.keys(graders) as GraderName[]),
  gold: v.union([v.pipe(v.string(), v.nonEmpty()), v.pipe(v.array(v.string()), v.minLength(1))]),
  completion: v.string(),
  tolerance: v.optional(v.strictObject({ absolute: distance, relative: distance })),
  options: v.optional(v.pipe(v.array(v.string()), v.minLength(2), v.maxLength(10))),
})

/** A completion against a gold answer, by the grader that runs use. */
export const gradeSubject: InspectSubject = {
  description: 'whether a completion answers with the gold answer, by a grader’s name',
  needsDocument: true,
  answer: inspectGrade,
}

/**
 * @param document `{ "kind", "gold", "completion" }`, and `tolerance` for numbers, `options` for choices
 * @throws {ConfigError} naming the field that is wrong
 */
async function inspectGrade(document: unknown): Promise<Verdict> {
  const { kind, gold, completion, tolerance, options } = validate(GradeDocument, document, '')
  const golds = typeof gold === 'string' ? [gold] : gold
  const unusable = golds.find((each) => !graders[kind].isGold(each) && !options?.includes(each))
  if (unusable !== undefined) {
    throw new ConfigError('gold', `${JSON.stringify(unusable)} is no gold answer of the grader ${kind}`)
  }
  if (tolerance && kind !== 'number') throw new ConfigError('tolerance', 'belongs to the grader number only')
  if (options && kind !== 'choice') throw new ConfigError('options', 'belongs to the grader choice only')
  const compare = await loadGrader(kind)
  return compare(completion, gold, { tolerance, options })
}
