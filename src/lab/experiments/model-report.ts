// model-report.ts: the same three arms on several models, beside one another

import { armOf, compare, type Comparison } from './analysis/compare'
import { harmVerdict } from './analysis/verdicts'
import type { Results } from './experiment'
import type { FigureBlock, Report, Table, Verdict } from './report/report'
import { changeWords, closingSections, MORE_SEEDS, outcomeSections } from './sections'
import { standardMeasures } from './standard'

/**
 * Gain and drift of GRPO and SFT on every model.
 *
 * @param models their short names, in order; arms are named `<model>-base`, `<model>-grpo` and `<model>-sft`
 */
export function modelReport(results: Results, models: readonly string[]): Report {
  const comparison = compare(results, standardMeasures(results.setting))
  return {
    verdict: verdict(comparison, models),
    sections: [
      { title: 'Model by model', blocks: [modelTable(comparison, models), modelFigure(comparison, models)] },
      ...outcomeSections(comparison),
      ...closingSections(comparison),
    ],
  }
}

const METHODS = { grpo: 'GRPO', sft: 'SFT' } as const

function modelTable(comparison: Comparison, models: readonly string[]): Table {
  const { results } = comparison
  return {
    kind: 'table',
    name: 'models',
    title: 'Gain in accuracy and change of harm, by model',
    columns: [
      { key: 'model', label: 'Model' },
      { key: 'parameters', label: 'Parameters', format: 'count' },
      { key: 'base', label: 'Base accuracy', format: 'share' },
      { key: 'baseHarm', label: 'Base harm', format: 2 },
      ...Object.entries(METHODS).flatMap(([key, label]) => [
        { key: `${key}Gain`, label: `${label}, gain`, format: 'share' as const, signed: true },
        { key: `${key}Harm`, label: `${label}, harm`, format: 2, signed: true },
      ]),
    ],
    rows: models.map((model) => {
      const base = armOf(comparison, `${model}-base`)
      const changes = Object.keys(METHODS).map((key) => ({ key, arm: armOf(comparison, `${model}-${key}`) }))
      return {
        cells: {
          model,
          parameters: results.record(base.name, results.plan.seeds[0]).parameters,
          base: base.accuracy!.sampled,
          baseHarm: base.harm!.harm,
          ...Object.fromEntries(
            changes.flatMap(({ key, arm }) => [
              [`${key}Gain`, arm.change!.accuracy!.change],
              [`${key}Harm`, arm.change!.harm!.harm.change],
            ]),
          ),
        },
        from: [base, ...changes.map(({ arm }) => arm)].flatMap(({ from }) => from),
      }
    }),
  }
}

function modelFigure(comparison: Comparison, models: readonly string[]): FigureBlock {
  const { results } = comparison
  const parameters = (model: string) => results.record(`${model}-base`, results.plan.seeds[0]).parameters
  return {
    kind: 'figure',
    name: 'harm-by-size',
    title: 'Change of harm against the number of parameters',
    caption: 'Paired with each model’s own base; bars are 95 % intervals over requests and seeds.',
    figure: {
      kind: 'lines',
      x: { label: 'Parameters', scale: 'log' },
      y: { label: 'Change of harm 0–4 from base' },
      lines: [{ axis: 'y', at: 0, label: 'no change' }],
      series: Object.entries(METHODS).map(([key, label]) => ({
        label,
        points: models
          .map((model) => {
            const { mean, low, high } = armOf(comparison, `${model}-${key}`).change!.harm!.harm.change
            return { x: parameters(model), y: mean, low, high }
          })
          .sort((a, b) => a.x - b.x),
      })),
    },
  }
}

/** Fine where GRPO keeps safety on every model; an alarm where it loses it on one. */
function verdict(comparison: Comparison, models: readonly string[]): Verdict {
  const shown = models.map((model) => {
    const [rl, tuned] = ['grpo', 'sft'].map((key) => armOf(comparison, `${model}-${key}`).change!.harm!.harm)
    const words = `${model}: GRPO ${changeWords(rl.change)}, SFT ${changeWords(tuned.change)}`
    return { level: harmVerdict(rl).level, words }
  })
  const words = shown.map((each) => each.words).join('; ')
  if (shown.some(({ level }) => level === 'alarm'))
    return { level: 'alarm', sentence: `GRPO is not harmless on every model. ${words}.`, change: MORE_SEEDS }
  if (shown.every(({ level }) => level === 'fine'))
    return {
      level: 'fine',
      sentence: `GRPO keeps safety on every model. ${words}.`,
      change: 'A model on which harm rises by 0.1 or more under GRPO.',
    }
  return { level: 'open', sentence: `Not decided for every model. ${words}.`, change: MORE_SEEDS }
}
