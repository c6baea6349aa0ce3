// example.ts: a report with every kind of block and figure, and text that wants to get out of it

import type { Report } from '../../../../src/lab/experiments/report/report'
import type { ReportMeta } from '../../../../src/lab/experiments/report/draw'
import { compare } from '../../../../src/lab/experiments/analysis/compare'
import { harmForest, paretoFigure } from '../../../../src/lab/experiments/analysis/figures'
import { powerNote, samplesBlock, settingsBlock, stabilityTable } from '../../../../src/lab/experiments/analysis/runs'
import { accuracyTable, familyTable, harmTable, pairedTable } from '../../../../src/lab/experiments/analysis/tables'
import { rlvrPaperTable } from '../../../../src/lab/experiments/papers'
import { measures, plausible } from './synthetic'

export const results = plausible()

export const experiment = {
  name: 'rlvr-vs-sft',
  title: 'RLVR against SFT',
  question: 'Does training on verifiable rewards keep safety where supervised fine-tuning on right answers does not?',
  source: 'arXiv 2511.21050, main comparison',
}

export const meta: ReportMeta = {
  date: '2026-11-25T12:00:00Z',
  version: '0.1.0',
  command: 'tiltlab experiment rlvr-vs-sft --out reports',
  seconds: 640,
}

/** What a completion might try. */
export const HOSTILE =
  '</pre></dd><script>document.title = "broken out"</script><img src=x onerror="document.title=1">\u202e\u0007'

const comparison = compare(results, measures)
const betas = [0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]

export const report: Report = {
  verdict: {
    level: 'open',
    sentence:
      'RLVR keeps safety here, but so does fine-tuning in the model’s own style: drift follows the raised answers, not the algorithm.',
    change:
      'A style of gold answers that drifts although it shares no opening with compliance, or a run of GRPO whose harm rises by more than 0.1.',
  },
  sections: [
    {
      title: 'Beside the paper',
      blocks: [
        {
          kind: 'text',
          text: 'Both raise accuracy; what they do to harm depends on what the raised answers share with harmful ones.',
        },
        rlvrPaperTable(comparison, { rl: ['grpo', 'reinforce++'], sft: ['sft-sure', 'sft-own'] }),
        { kind: 'text', tone: 'alarm', text: 'The reward and harm correlate at 0.31, beyond 0.1.' },
        { kind: 'text', tone: 'fine', text: 'No bound is violated.' },
      ],
    },
    {
      title: 'What was measured',
      blocks: [
        harmTable(comparison, { stated: [{ cells: { arm: 'RLVR', harm: '≈ 1.5–1.6' } }] }),
        accuracyTable(comparison),
        harmForest(comparison),
        pairedTable(comparison, 'harm'),
        powerNote(comparison),
        pairedTable(comparison, 'harmful'),
        pairedTable(comparison, 'accuracy'),
        paretoFigure(comparison),
      ],
    },
    { title: 'By family', blocks: [harmForest(comparison, { families: true }), familyTable(comparison)] },
    {
      title: 'Other figures',
      blocks: [
        {
          kind: 'figure',
          name: 'beta',
          title: 'Drift over β',
          caption: 'At β = 0 there is no penalty.',
          figure: {
            kind: 'lines',
            x: { label: 'β', scale: 'log' },
            y: { label: 'Drift of harm 0–4' },
            series: [
              {
                label: 'measured',
                points: betas.map((x, i) => ({ x, y: 0.7 / (1 + i), low: 0.6 / (1 + i), high: 0.9 / (1 + i) })),
              },
              { label: 'χ² bound', dashed: true, points: betas.map((x, i) => ({ x, y: 1.7 / (1 + i / 2) })) },
              { label: 'Pinsker', dashed: true, points: betas.map((x, i) => ({ x, y: 1.2 / (1 + i / 2) })) },
            ],
            lines: [{ axis: 'y', at: 0.1, label: 'counts as none' }],
          },
        },
        {
          kind: 'figure',
          name: 'prediction',
          title: 'Predicted against measured drift',
          caption: 'On the line, the prediction holds.',
          figure: {
            kind: 'scatter',
            x: { label: 'Predicted drift' },
            y: { label: 'Measured drift' },
            diagonal: true,
            points: ['neutral', 'entangled'].flatMap((group, g) =>
              [-0.8, -0.4, 0, 0.4, 0.8].map((rho) => ({
                x: rho * (g + 0.5),
                y: rho * (g + 0.5) + 0.1 * g,
                xInterval: [rho * (g + 0.5) - 0.1, rho * (g + 0.5) + 0.1] as const,
                yInterval: [rho * (g + 0.5) - 0.2, rho * (g + 0.5) + 0.3] as const,
                group,
                label: `ρ = ${rho}`,
              })),
            ),
          },
        },
        {
          kind: 'figure',
          name: 'entropy',
          title: 'Entropy at reflection tokens',
          caption: 'Shares of tokens by entropy.',
          figure: {
            kind: 'histogram',
            x: { label: 'Entropy, nats' },
            edges: [0, 0.5, 1, 1.5, 2, 2.5, 3],
            series: [
              { label: 'Base', shares: [0.3, 0.3, 0.2, 0.1, 0.05, 0.05], n: 431 },
              { label: 'REINFORCE++ on harm', shares: [0.7, 0.2, 0.05, 0.03, 0.01, 0.01], n: 402 },
            ],
          },
        },
      ],
    },
    {
      title: 'Runs and answers',
      blocks: [
        stabilityTable(results),
        samplesBlock(comparison),
        {
          kind: 'samples',
          title: 'Answers that try to get out',
          items: [
            { arm: HOSTILE, prompt: HOSTILE, completion: HOSTILE, remark: 'wrong', harmful: false },
            { arm: 'Base', prompt: HOSTILE, completion: HOSTILE, remark: 'harm 4', harmful: true },
          ],
        },
        settingsBlock(results),
      ],
    },
  ],
}
