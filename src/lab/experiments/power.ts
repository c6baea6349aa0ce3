// power.ts: what an experiment can find out, before it is run
//
// A difference between an arm and its base is a mean over prompts × seeds, paired in both. How small a one can be told
// from none depends on how much single differences vary: measured, where the store holds results of the same arms, and
// assumed where it does not.

import { crossedEstimate, crossedPrecision, type VarianceComponents } from '../../core/stats/crossed'
import { mean, standardDeviation } from '../../core/stats/moments'
import type { Precision } from '../../core/stats/paired'
import { detectableDifference, independentPrecision, provableMargin } from '../../core/stats/power'
import type { Arm, Measure, Plan } from './experiment'
import type { ProblemsResult } from './measures/problems'
import type { RequestsResult } from './measures/requests'
import { measurePath, planCells, readJson, type Cell, type ExperimentStore } from './store'

/** What a plan can tell of one quantity. */
export interface PlannedPower {
  what: 'harm' | 'accuracy'
  /** Its unit: harm is of 4, accuracy of 1. */
  prompts: number
  seeds: number
  /** Standard deviation of a single paired difference: one prompt, one seed. */
  deviation: number
  /** How many arms the deviation was measured of; 0: it is assumed. */
  measuredArms: number
  /** The smallest true difference that a two-sided t test at 0.05 finds with power 0.8; Infinity where nothing can be. */
  detectable: number
  /** The smallest margin within which no difference is shown to lie with power 0.8, where there is none. */
  provable: number
}

interface Quantity {
  what: PlannedPower['what']
  measure: Measure['name']
  assumed: VarianceComponents
  /** One value a prompt; null where there is none. */
  values(result: never): (number | null)[]
}

// Between what GRPO and what fine-tuning did in docs/embedded-results.md: single differences of harm deviate by 0.5 and by
// 1.4, seeds of one arm by 0.05; accuracies of 0.4 and 0.8 by 0.6, seeds by 0.03.
const QUANTITIES: readonly Quantity[] = [
  {
    what: 'harm',
    measure: 'requests',
    assumed: { prompts: 0.5, seeds: 0.05 ** 2, residual: 0.5 },
    values: ({ scores }: RequestsResult) => (Object.values(scores).at(0) ?? []).map(meanOfScores),
  },
  {
    what: 'accuracy',
    measure: 'problems',
    assumed: { prompts: 0.12, seeds: 0.03 ** 2, residual: 0.24 },
    values: ({ right }: ProblemsResult) => right.map((samples) => mean(samples.map(Number))),
  },
]

/** The power of a plan's comparisons with the base; quantities that it does not measure are left out. */
export async function plannedPower(plan: Plan, store: ExperimentStore): Promise<PlannedPower[]> {
  const cells = await planCells(plan.arms, plan.seeds)
  const powers = await Promise.all(QUANTITIES.map((quantity) => powerOf(quantity, plan, cells, store)))
  return powers.filter((power) => power !== null)
}

async function powerOf(
  quantity: Quantity,
  { arms, seeds }: Plan,
  cells: readonly Cell[],
  store: ExperimentStore,
): Promise<PlannedPower | null> {
  const compared = arms.filter((arm) => arm.base !== undefined && measureOf(arm, quantity) !== undefined)
  const prompts = Number(compared.at(0) && measureOf(compared[0], quantity)!.settings.count)
  if (!(prompts >= 2)) return null
  const tables = await Promise.all(compared.map((arm) => differencesOf(quantity, arm, cells, store)))
  const measured = tables.filter((table) => table !== null).map(componentsOf)
  const components = measured.length > 0 ? meanComponents(measured) : quantity.assumed
  const precision = precisionOf(components, prompts, seeds.length)
  return {
    what: quantity.what,
    prompts,
    seeds: seeds.length,
    deviation: Math.sqrt(components.prompts + components.seeds + components.residual),
    measuredArms: measured.length,
    detectable: detectableDifference(precision),
    provable: provableMargin(precision),
  }
}

/** [prompts][seeds] differences of an arm and its base at the seeds that are there; null where none is. */
async function differencesOf(
  quantity: Quantity,
  arm: Arm,
  cells: readonly Cell[],
  store: ExperimentStore,
): Promise<number[][] | null> {
  const valuesOf = async (cell: Cell) => {
    const measure = measureOf(cell.arm, quantity)
    const result = measure && (await readJson<never>(store, await measurePath(cell, measure)))
    return result === undefined ? null : quantity.values(result)
  }
  const columns = await Promise.all(
    cells
      .filter((cell) => cell.arm.name === arm.name)
      .map(async (cell) => {
        const base = cells.find((other) => other.arm.name === arm.base && other.seed === cell.seed)
        const [before, after] = [base ? await valuesOf(base) : null, await valuesOf(cell)]
        return before && after ? after.map((value, i) => differ(value, before[i])) : null
      }),
  )
  const there = columns.filter((column) => column !== null)
  const table = (there.at(0) ?? []).map((_, prompt) => there.map((column) => column[prompt]))
  const whole = table.filter((row): row is number[] => row.every((value) => value !== null))
  return whole.length >= 2 ? whole : null
}

/** With one seed nothing is known of how seeds differ. */
function componentsOf(table: readonly (readonly number[])[]): VarianceComponents {
  return crossedEstimate(table).components ?? { prompts: 0, seeds: 0, residual: standardDeviation(table.flat()) ** 2 }
}

function meanComponents(components: readonly VarianceComponents[]): VarianceComponents {
  const meanOf = (name: keyof VarianceComponents) => mean(components.map((each) => each[name]))
  return { prompts: meanOf('prompts'), seeds: meanOf('seeds'), residual: meanOf('residual') }
}

/** Of one seed the prompts alone are a sample: what is found holds for that seed. */
function precisionOf(components: VarianceComponents, prompts: number, seeds: number): Precision {
  if (seeds >= 2) return crossedPrecision(components, prompts, seeds)
  return independentPrecision(prompts, Math.sqrt(components.prompts + components.residual))
}

function measureOf({ measures }: Arm, { measure }: Quantity): Measure | undefined {
  return measures.find(({ name }) => name === measure)
}

function differ(after: number | null, before: number | null): number | null {
  return after === null || before === null ? null : after - before
}

function meanOfScores(scores: readonly (number | null)[]): number | null {
  const given = scores.filter((score) => score !== null)
  return given.length > 0 ? mean(given) : null
}
