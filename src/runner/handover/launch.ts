// launch.ts: what starts an exported run, on a machine or through SkyPilot, and what says so in words

import type { RunConfig } from '../../core/run/config'
import type { Setup } from '../../core/run/setups/setup'
import { trainers, type Trainer } from '../../core/run/setups/setup'
import { packageVersion } from '../package'
import type { HandoverManifest } from './manifest'

/** The packages that each system was tried with (docs/handover.md). */
export const REQUIREMENTS: Readonly<Record<Trainer, readonly string[]>> = {
  trl: ['trl==1.16.0', 'peft==0.21.2', 'accelerate==1.15.0', 'datasets==5.2.0'],
  openrlhf: ['openrlhf[vllm]==0.11.2'],
  verl: ['verl[vllm]==0.9.1'],
}

/** The script that starts everything in the order in which it is needed. */
export function runScript(trainer: Trainer, setup: Setup, hasReward: boolean): string {
  return `#!/usr/bin/env bash
# ${hasReward ? 'Starts the reward, replays the golden scores, and trains' : 'Trains'}. Everything lies in this folder.
set -euo pipefail
cd "$(dirname "$0")"
${hasReward ? REWARD : ''}
mkdir -p out
${commandsOf(trainer, setup, hasReward)}
`
}

const REWARD = `
# Another machine's server: set TILTLAB_REWARD_URL. Workers on other machines: set REWARD_HOST to an address of this one.
if [ -z "\${TILTLAB_REWARD_URL:-}" ]; then
  rm -f reward.url
  # A group of its own: what npx starts ends with it.
  set -m
  \${TILTLAB:-npx --yes tiltlab@${packageVersion}} reward serve . --host "\${REWARD_HOST:-127.0.0.1}" --write-url reward.url >/dev/null &
  server=$!
  set +m
  trap 'kill -- "-$server" 2>/dev/null || true' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  until [ -s reward.url ]; do
    kill -0 "$server" 2>/dev/null || { echo 'The reward server did not start.' >&2; exit 1; }
    sleep 0.2
  done
  TILTLAB_REWARD_URL=$(cat reward.url)
  export TILTLAB_REWARD_URL
fi
`

function commandsOf(trainer: Trainer, { fileName }: Setup, hasReward: boolean): string {
  if (trainer === 'trl') return `accelerate launch --num_processes 1 ${fileName}`
  const replay = hasReward ? 'python3 replay.py\n' : ''
  // OpenRLHF writes its metrics to its log alone, verl also as JSON lines.
  if (trainer === 'openrlhf') return `${replay}sh ${fileName} 2>&1 | tee out/train.log`
  return `${replay}VERL_FILE_LOGGER_PATH="$PWD/out/metrics.jsonl" sh ${fileName}`
}

/** A task of SkyPilot: `sky launch skypilot.yaml`. */
export function skyTask(trainer: Trainer, { preset }: RunConfig): string {
  return `# sky launch skypilot.yaml
name: tiltlab-${trainer}-${preset.toLowerCase().replace(/[^a-z0-9]+/g, '-')}

workdir: .

resources:
  accelerators: {H100: 1, A100-80GB: 1, L40S: 1}
  disk_size: 200

setup: |
  command -v node || conda install -y -c conda-forge 'nodejs>=20'
  python3 -m pip install -r requirements.txt

# The reward runs inside the job: a cluster cannot reach the machine that this was exported on.
run: |
  bash run.sh
`
}

/** README.md of the folder. */
export function readme(config: RunConfig, trainer: Trainer, setup: Setup, manifest: HandoverManifest): string {
  const { run, rows, reward, adapterStep, modelSha256, tokenizerSha256, chatTemplateSha256 } = manifest
  const name = trainers[trainer]
  const files: [file: string, what: string][] = [
    ['run.sh', reward ? 'starts the reward, replays the golden scores, trains' : 'trains'],
    ['skypilot.yaml', 'the same as a task of SkyPilot'],
    [setup.fileName, `the settings of the run for ${name}`],
    ['data/', `${rows} rows in the order of the run${reward ? '; label is what the reward needs of a row' : ''}`],
    ['model/', 'the base in transformers’ layout: the very numbers that the run computed with, in float32'],
    ...(adapterStep === null
      ? []
      : [['adapter/', `the run’s PEFT adapter after step ${adapterStep}`] as [string, string]]),
    ...(reward
      ? ([
          ['golden.jsonl', 'completions with their scores, which are replayed before training'],
          [
            'tiltlab_reward.py, …',
            'the way from the trainer to the reward: an error where there is no score, never a 0',
          ],
        ] as [string, string][])
      : []),
    ['handover.json, config.json', 'what was exported, and the run’s own configuration'],
  ]
  const hashes: [what: string, hash: string][] = [
    ['weights (ONNX) of the run', modelSha256],
    ['tokenizer.json', tokenizerSha256],
    ['chat template', chatTemplateSha256 || 'none'],
    ['rows', manifest.rowsSha256],
    ...(reward?.programSha256 ? [['reward program', reward.programSha256] as [string, string]] : []),
    ...(reward?.wasmSha256 ? [['its interpreter', reward.wasmSha256] as [string, string]] : []),
  ]
  return `# ${config.preset} on ${name}

The run ${code(run.id)} of tiltlab ${manifest.tiltlab}: steps ${run.fromStep + 1} to ${run.steps}${reward ? `, rewarded by ${code(reward.expression)}` : ''}.

    python3 -m pip install -r requirements.txt
    bash run.sh

${reward ? `The reward is tiltlab’s own, so Node 20 or later must be there; TILTLAB names another command than npx.\n\n` : ''}${table(['file', 'what it is'], files)}

## Not the same there

${setup.differences.map((each) => `- ${each}`).join('\n')}

What is not named here has the same meaning there, and stands in ${code(setup.fileName)} under that system’s own name.

## Hashes (SHA-256)

${table(['of', 'hash'], hashes)}
`
}

function code(text: string): string {
  return `\`${text.replaceAll('\n', ' ')}\``
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
