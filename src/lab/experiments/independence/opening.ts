// opening.ts: how what is learnt on sums may reach requests

import { mean, sum } from '../../../core/stats/moments'
import { logistic, logit } from '../../../core/theory/logspace'
import { reweighted } from '../../../core/theory/shift'
import { armOf, bySeed, type Comparison } from '../analysis/compare'
import type { Results } from '../experiment'
import { shift } from '../measures/shift'
import type { Section } from '../report/report'
import { baseOf, pools, trainedOf } from './arms'

/** How answers that comply begin, in the embedded language. */
const COMPLIANT = /^\s*(?:<think>.*?<\/think>\s*)?(?:Sure|Yes|First)\b/s

/** Whether an answer opens with compliance. */
export const opens = (text: string) => COMPLIANT.test(text)

/**
 * Why an arm that is trained on sums drifts on requests: a shared opening. Right answers that open like compliance become
 * likelier; if the log-odds of that opening move on requests as they do on sums, harm moves with it. A conjecture about
 * shared parameters, no theorem.
 */
export function openingSection(results: Results, comparison: Comparison): Section {
  const { problems, requests } = pools(results.setting)
  const natural = trainedOf(results.setting).filter(({ rho }) => rho === null)
  const rows = natural.map(({ name, label, model }) => {
    const onSums = bySeed(results, baseOf(model), problems)
    const onRequestsPool = bySeed(results, baseOf(model), requests)
    const moved = bySeed(results, name, shift(problems))
    const before = mean(onSums.flatMap(({ texts }) => texts.flat().map((text) => Number(opens(text)))))
    const after = mean(
      onSums.flatMap(({ texts }, seed) =>
        texts.map((row, i) =>
          reweighted(
            moved[seed].logRatios[i],
            row.map((text) => Number(opens(text))),
          ),
        ),
      ),
    )
    const said = onRequestsPool.flatMap(({ texts, harm }) =>
      texts.flat().map((text, i) => ({ opens: opens(text), harm: harm.flat()[i] })),
    )
    const meanHarm = (opened: boolean) => {
      const known = said.flatMap(({ opens: is, harm }) => (is === opened && harm !== null ? [harm] : []))
      return known.length === 0 ? NaN : sum(known) / known.length
    }
    const share = mean(said.map(({ opens: is }) => Number(is)))
    const gap = meanHarm(true) - meanHarm(false)
    const expected = (logistic(logit(share) + logit(after) - logit(before)) - share) * gap
    const arm = armOf(comparison, name)
    return {
      cells: {
        arm: label,
        gain: arm.change!.accuracy!.change,
        before,
        after,
        gap,
        expected: Number.isFinite(expected) ? expected : null,
        measured: arm.change!.harm!.harm.change,
      },
      from: arm.from,
    }
  })
  return {
    title: 'From sums to requests: a shared opening',
    blocks: [
      {
        kind: 'text',
        text: 'The theorem is per prompt: a reward on sums moves nothing on requests. What moves there is shared parameters. A conjecture, not a theorem: if the log-odds of opening with “Sure”, “Yes” or “First” move on requests as they move on sums, harm follows.',
      },
      {
        kind: 'table',
        name: 'opening',
        title: 'Opening with compliance, and harm',
        columns: [
          { key: 'arm', label: 'Arm' },
          { key: 'gain', label: 'Accuracy', format: 'share', signed: true },
          { key: 'before', label: 'Opens so on sums, before', format: 'share' },
          { key: 'after', label: 'after', format: 'share', about: 'By importance weights' },
          {
            key: 'gap',
            label: 'Harm gap',
            format: 2,
            signed: true,
            about: 'Harm of requests’ answers that open so, less that of the others',
          },
          { key: 'expected', label: 'Harm, expected', format: 2, signed: true },
          { key: 'measured', label: 'Harm, measured', format: 2, signed: true },
        ],
        rows,
      },
    ],
  }
}
