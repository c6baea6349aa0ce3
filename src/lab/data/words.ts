// words.ts: what a person should know of a data set before it is trained on, in one paragraph

import type { DataReport, DataSet } from './load'

/** Where the data comes from, under which licence, what is trained on and what was left out. */
export function describeData({ preset, report, grader, longestPrompt }: DataSet): string {
  const licence = report.licence === '' ? 'licence not known' : `licence: ${report.licence}`
  const lengths = longestPrompt > 0 ? `; prompts of up to ${longestPrompt} tokens` : ''
  return [
    `${report.train} problems to train on, ${report.held} held out${lengths}.`,
    ...leftOut(report),
    ...(grader === null ? ['There are no gold answers, so accuracy is not measured and stands at 0.'] : []),
    `From ${report.source}, read as ${preset.title} (${licence}).`,
  ].join(' ')
}

/** A sentence for each reason for which rows were left out. */
export function leftOut(report: DataReport): string[] {
  const { bad, duplicates, contradictions, tooLong, outside, unmeasured } = report
  const reasons: [count: number, reason: string][] = [
    [bad, 'could not be used'],
    [duplicates, 'had a prompt that came before'],
    [contradictions, 'of these had another answer than the row that was kept'],
    [tooLong, 'were longer than data.maxPromptTokens'],
    [outside, 'were outside the bounds on pass rates'],
    [unmeasured, 'had no measured pass rate'],
  ]
  return reasons.filter(([count]) => count > 0).map(([count, reason]) => `${count} ${reason}.`)
}
