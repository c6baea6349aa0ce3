// A setup says what this run does in the words of a trainer, and says what it cannot.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RunConfig } from '../../../src/core/run/config'
import { resolvePreset, runPresets } from '../../../src/core/run/presets'
import { setupFor, trainersFor, type Trainer } from '../../../src/core/run/setups/setup'
import { shellWord } from '../../../src/core/run/setups/shared'

const rlvr = resolvePreset('rlvr')
const text = (trainer: Trainer, config: RunConfig) => setupFor(trainer, config).text

/** The words of each flag or entry of a shell script, without the comments. */
function wordsOf(script: string): string[] {
  const command = script
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .trim()
  const print = `printf '%s\\n' ${command}`
  return execFileSync('sh', ['-c', print], { encoding: 'utf8' }).trimEnd().split('\n')
}

describe('TRL', () => {
  test('GRPO as TRL has it, number by number', () => {
    const script = text('trl', rlvr)
    for (const line of [
      'loss_type="dapo"',
      'scale_rewards="group"',
      'beta=0',
      'epsilon=0.2',
      'num_generations=8',
      'per_device_train_batch_size=64',
      'max_steps=40',
      'LoraConfig(r=16, lora_alpha=16',
    ])
      expect(script).toContain(line)
    expect(setupFor('trl', rlvr).fileName).toBe('train_grpo.py')
  })

  test.each([
    ['dr-grpo', ['loss_type="dr_grpo"', 'scale_rewards="none"']],
    ['dapo', ['epsilon_high=0.28', 'mask_truncated_completions=True']],
    ['gspo', ['importance_sampling_level="sequence"', 'loss_type="grpo"', 'epsilon_high=0.0004']],
    ['cispo', ['loss_type="cispo"', 'epsilon_high=5']],
    ['trl-grpo-kl', ['beta=0.04', 'use_bias_correction_kl=True']],
    ['trl-grpo-k3', ['use_bias_correction_kl=False']],
    ['rloo', ['RLOOConfig(', 'beta=0.05', 'normalize_advantages=False']],
    ['sft', ['SFTTrainer(', 'the column completion']],
  ])('%s in TRL’s words', (preset, lines) => {
    for (const line of lines) expect(text('trl', resolvePreset(preset))).toContain(line)
  })

  test('what TRL cannot is said: whitening over tokens, a KL in the reward, a dual clip', () => {
    expect(setupFor('trl', resolvePreset('reinforce++')).differences.join('\n')).toMatch(
      /Whitening[^]*KL in the reward/,
    )
    expect(setupFor('trl', resolvePreset('verl-grpo')).differences.join('\n')).toContain('dual clip')
  })
})

describe('OpenRLHF and verl', () => {
  test.each([
    ['reinforce++', ['--algo.advantage.estimator', 'reinforce'], ['algorithm.adv_estimator=reinforce_plus_plus']],
    ['reinforce++-baseline', ['--algo.advantage.estimator', 'reinforce_baseline'], ['algorithm.use_kl_in_reward=True']],
    ['openrlhf-grpo', ['--actor.eps_clip_low_high', '0.2', '0.27'], ['actor_rollout_ref.actor.kl_loss_coef=0.001']],
    ['verl-grpo', ['--actor.dual_clip', '3'], ['actor_rollout_ref.actor.clip_ratio_c=3']],
    [
      'dr-grpo',
      ['--algo.advantage.estimator', 'dr_grpo'],
      ['actor_rollout_ref.actor.loss_agg_mode=seq-mean-token-sum-norm'],
    ],
  ])('%s in their words', (preset, openrlhf, verl) => {
    const config = resolvePreset(preset)
    expect(wordsOf(text('openrlhf', config)).join(' ')).toContain(openrlhf.join(' '))
    expect(wordsOf(text('verl', config))).toEqual(expect.arrayContaining(verl))
  })

  test('a switch has no word, and supervised fine-tuning is none of verl’s', () => {
    const words = wordsOf(text('openrlhf', resolvePreset('openrlhf-grpo')))
    expect(words[words.indexOf('--algo.kl.use_loss') + 1]).toMatch(/^--/)
    expect(trainersFor(resolvePreset('sft'))).toEqual(['trl', 'openrlhf'])
    // REINFORCE++ draws one completion a prompt, which is no group for TRL.
    expect(trainersFor(resolvePreset('safety'))).toEqual(['openrlhf', 'verl'])
  })
})

test('in a folder that has everything, nothing is left to fill in', () => {
  for (const { name } of runPresets) {
    const config = resolvePreset(name)
    for (const trainer of trainersFor(config)) {
      for (const fromStep of [0, 7]) {
        const { text: script, differences } = setupFor(trainer, config, { fromStep })
        expect(script, name).not.toMatch(/PATH\/TO|NotImplementedError|undefined|NaN|embedded:/)
        expect(differences.join('\n')).not.toMatch(/place shown|on no hub|write them/)
        expect(differences.join('\n').includes('after step 7')).toBe(fromStep === 7)
        if (trainer !== 'trl') execFileSync('sh', ['-n', '-c', script])
      }
    }
  }
})

test('every preset has a setup for every trainer of its method, which names no undefined', () => {
  for (const { name } of runPresets) {
    const config = resolvePreset(name)
    for (const trainer of trainersFor(config)) expect(text(trainer, config), name).not.toMatch(/undefined|NaN|Infinity/)
  }
})

test('no text of a run becomes a command: names, rewards and data stay words and comments', () => {
  const texts = fc.constantFrom(
    'a\ntouch x',
    "'; touch x; '",
    '$(touch x)',
    '`touch x`',
    '"""\nimport os',
    'a\r\nb\rc',
    '\\',
  )
  // No shell and no file name holds a 0.
  const hostile = fc.oneof(
    fc.string().map((any) => any.replaceAll('\0', '')),
    texts,
  )
  const of = (preset: string, program: string, source: string): RunConfig => ({
    ...rlvr,
    preset,
    reward: { ...rlvr.reward, program },
    task: { ...rlvr.task, kind: 'data' },
    data: { ...rlvr.data, source: source || 'y' },
  })
  const usual = of('x', 'z', 'y')
  const folder = mkdtempSync(join(tmpdir(), 'tiltlab-setups-'))
  // What a script would start only counts its words.
  const counted = (script: string) =>
    execFileSync('sh', ['-c', `python3() { echo $#; }\n${script}`], { encoding: 'utf8', cwd: folder })
  const codeLines = (script: string) => script.split(/\r\n|[\n\r]/).filter((line) => !/^\s*#/.test(line)).length
  fc.assert(
    fc.property(hostile, hostile, hostile, (preset, program, source) => {
      const config = of(preset, program, source)
      expect(codeLines(text('trl', config))).toBe(codeLines(text('trl', usual)))
      for (const trainer of ['openrlhf', 'verl'] as const)
        expect(counted(text(trainer, config))).toBe(counted(text(trainer, usual)))
    }),
    { numRuns: 30 },
  )
  expect(readdirSync(folder)).toEqual([])
})

test('a shell gets back the very text', () => {
  for (const word of ["it's", '$(touch x)', '`x`', 'a b', '"', '\\', '*', 'a\nb'])
    expect(execFileSync('sh', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' })).toBe(word)
})
