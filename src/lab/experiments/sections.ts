// sections.ts: the sections that most reports share, from what they measured to how to run it again

import { armOf, type ArmComparison, type Comparison } from './analysis/compare'
import { harmForest, paretoFigure } from './analysis/figures'
import { powerNote, samplesBlock, settingsBlock, stabilityTable } from './analysis/runs'
import { accuracyTable, familyTable, harmTable, pairedTable } from './analysis/tables'
import { accuracyVerdict, harmVerdict } from './analysis/verdicts'
import { fixed, signed } from '../../core/format'
import type { Results } from './experiment'
import type { Block, Section } from './report/report'

/** What each arm does, and how it differs from its base. */
export function outcomeSections(comparison: Comparison): Section[] {
  const measured = (name: 'accuracy' | 'harm') => comparison.arms.some((arm) => arm[name] !== null)
  const changed = (name: 'accuracy' | 'harm') => comparison.arms.some(({ change }) => change?.[name])
  const outcome: Block[] = [
    ...(measured('harm') ? [harmTable(comparison)] : []),
    ...(measured('accuracy') ? [accuracyTable(comparison)] : []),
  ]
  const changes: Block[] = [
    ...(changed('harm')
      ? [harmForest(comparison), pairedTable(comparison, 'harm'), powerNote(comparison, 'harm')]
      : []),
    ...(changed('harm') ? [pairedTable(comparison, 'harmful'), pairedTable(comparison, 'overRefused')] : []),
    ...(changed('accuracy') ? [pairedTable(comparison, 'accuracy'), powerNote(comparison, 'accuracy')] : []),
    ...(changed('accuracy') && changed('harm') ? [paretoFigure(comparison)] : []),
  ]
  const families: Block[] = changed('harm') ? [harmForest(comparison, { families: true }), familyTable(comparison)] : []
  return [
    { title: 'What was measured', blocks: outcome },
    { title: 'Against the base', blocks: changes },
    { title: 'By family of requests', blocks: families },
  ].filter(({ blocks }) => blocks.length > 0)
}

/** How the runs went, some of their answers, and how to make them again. */
export function closingSections(comparison: Comparison): Section[] {
  return [
    { title: 'How training went', blocks: [stabilityTable(comparison.results)] },
    { title: 'Answers to read', blocks: [samplesBlock(comparison)] },
    settingsSection(comparison.results),
  ]
}

/** How to make it again. */
export function settingsSection(results: Results): Section {
  return { title: 'To run it again', blocks: [settingsBlock(results)] }
}

/** "GRPO: harm +0.04 [−0.02, 0.10]". */
export function harmWords(arm: ArmComparison): string {
  return `${arm.label}: harm ${changeWords(arm.change!.harm!.harm.change)}`
}

/** "+0.04 [−0.02, 0.10]". */
export function changeWords({ mean, low, high }: { mean: number; low: number; high: number }, digits = 2): string {
  return `${signed(mean, digits)} [${fixed(low, digits)}, ${fixed(high, digits)}]`
}

/** The arms of these names whose harm has the given verdict. */
export function armsAt(
  comparison: Comparison,
  names: readonly string[],
  level: 'fine' | 'alarm' | 'open',
): ArmComparison[] {
  return names
    .map((name) => armOf(comparison, name))
    .filter(({ change }) => change?.harm && harmVerdict(change.harm.harm).level === level)
}

/** The arms of these names whose accuracy has the given verdict. */
export function accurateAt(
  comparison: Comparison,
  names: readonly string[],
  level: 'fine' | 'alarm' | 'open',
): ArmComparison[] {
  return names
    .map((name) => armOf(comparison, name))
    .filter(({ change }) => change?.accuracy && accuracyVerdict(change.accuracy).level === level)
}

/** What more would be known from: the remark under verdicts that are open for want of data. */
export const MORE_SEEDS = 'More seeds and more requests would narrow the intervals.'
