// trl.ts: a run's settings as a Python script for TRL's GRPOTrainer, RLOOTrainer or SFTTrainer (algorithms.md §1)

import type { RunConfig } from '../config'
import { dataOf, heading, modelOf, number, quoted, rewardComment, sharedDifferences, type Setup } from './shared'

type Argument = [name: string, value: string]

/** A script that TRL 1.16 runs as it is, once model, data and reward are there. */
export function trlSetup(config: RunConfig): Setup {
  if (config.method === 'sft') return script(config, 'SFT', sftArguments(config), sftDifferences(config))
  const isRloo = config.algorithm.kl.placement === 'reward-sequence' && config.algorithm.estimator === 'leave-one-out'
  return isRloo
    ? script(config, 'RLOO', rlooArguments(config), rlooDifferences(config))
    : script(config, 'GRPO', grpoArguments(config), grpoDifferences(config))
}

function grpoArguments(config: RunConfig): Argument[] {
  const { algorithm, update } = config
  const { clip, kl } = algorithm
  const isCispo = algorithm.surrogate === 'cispo'
  return [
    ...rolloutArguments(config),
    ['loss_type', quoted(isCispo ? 'cispo' : lossTypes[algorithm.aggregation])],
    ['scale_rewards', quoted(scales[algorithm.scale])],
    ['beta', number(kl.placement === 'loss' ? kl.beta : 0)],
    ...(kl.placement === 'loss' ? [['use_bias_correction_kl', python(kl.estimator === 'k3-ratio')] as Argument] : []),
    ['epsilon', number(clip.low)],
    ['epsilon_high', number(clip.high)],
    ...(clip.delta === null ? [] : [['delta', number(clip.delta)] as Argument]),
    ['importance_sampling_level', quoted(clip.level)],
    ['num_iterations', number(update.epochs)],
    ['mask_truncated_completions', python(algorithm.maskTruncated)],
    ...(algorithm.entropyCoefficient > 0 ? [['entropy_coef', number(algorithm.entropyCoefficient)] as Argument] : []),
  ]
}

function rlooArguments(config: RunConfig): Argument[] {
  const { algorithm, update } = config
  return [
    ...rolloutArguments(config),
    ['beta', number(algorithm.kl.beta)],
    ['epsilon', number(algorithm.clip.low)],
    ['epsilon_high', number(algorithm.clip.high)],
    ['normalize_advantages', python(algorithm.scale === 'batch-sequence')],
    ['num_iterations', number(update.epochs)],
    ['mask_truncated_completions', python(algorithm.maskTruncated)],
  ]
}

function sftArguments(config: RunConfig): Argument[] {
  return [...trainingArguments(config), ['per_device_train_batch_size', number(config.sft.batch)]]
}

function rolloutArguments(config: RunConfig): Argument[] {
  const { rollout, update } = config
  const completions = rollout.prompts * rollout.groupSize
  return [
    ...trainingArguments(config),
    // One process: a generation batch is the completions of a step, cut into as many optimiser steps.
    ['per_device_train_batch_size', number(Math.max(1, Math.round(completions / update.minibatches)))],
    ['gradient_accumulation_steps', '1'],
    ['steps_per_generation', number(update.minibatches)],
    ['num_generations', number(rollout.groupSize)],
    ['max_completion_length', number(rollout.maxNewTokens)],
    ['temperature', number(rollout.temperature)],
    ['top_p', number(rollout.topP)],
    ['top_k', number(rollout.topK)],
    ...(rollout.minP > 0 ? [['min_p', number(rollout.minP)] as Argument] : []),
  ]
}

function trainingArguments({ preset, seed, steps, optimizer, update, method }: RunConfig): Argument[] {
  const optimiserSteps = method === 'sft' ? steps : steps * update.epochs * update.minibatches
  return [
    ['output_dir', quoted(`tiltlab-${preset.replace(/[^\w.+-]/g, '-')}`)],
    ['seed', number(seed)],
    ['max_steps', number(optimiserSteps)],
    ['learning_rate', number(optimizer.learningRate)],
    ['lr_scheduler_type', quoted(optimizer.schedule === 'constant' ? 'constant_with_warmup' : optimizer.schedule)],
    ['warmup_steps', number(optimizer.warmupSteps)],
    ['adam_beta1', number(optimizer.beta1)],
    ['adam_beta2', number(optimizer.beta2)],
    ['adam_epsilon', number(optimizer.epsilon)],
    ['weight_decay', number(optimizer.weightDecay)],
    ['max_grad_norm', number(optimizer.clipNorm)],
    ['logging_steps', '1'],
  ]
}

const lossTypes: Readonly<Record<RunConfig['algorithm']['aggregation'], string>> = {
  'token-mean': 'dapo',
  'sequence-mean': 'grpo',
  'sequence-sum': 'luspo',
  constant: 'dr_grpo',
}

const scales: Readonly<Record<RunConfig['algorithm']['scale'], string>> = {
  none: 'none',
  group: 'group',
  'batch-sequence': 'batch',
  'batch-token': 'batch',
}

function grpoDifferences({ algorithm, rollout, controller }: RunConfig): string[] {
  const { estimator, scale, kl, clip, aggregation, constantLength, advantageClip, std } = algorithm
  return [
    ...(estimator === 'group-mean'
      ? []
      : [`The baseline ${estimator} is none of GRPOTrainer’s, which subtracts the mean of the group.`]),
    ...(scale === 'batch-token'
      ? ['Whitening over tokens is none of TRL’s: rewards are divided by the deviation of the batch.']
      : []),
    ...(kl.placement === 'loss' || kl.placement === 'off'
      ? []
      : [`A KL in the reward (${kl.placement}) is none of GRPOTrainer’s: β is 0 here.`]),
    ...(kl.placement === 'loss' && (kl.estimator === 'k1' || kl.estimator === 'k2')
      ? [`TRL’s KL is k3, not ${kl.estimator}.`]
      : []),
    ...(clip.dual === null ? [] : ['TRL has no dual clip.']),
    ...(advantageClip === null ? [] : ['TRL does not clip advantages.']),
    ...(aggregation === 'constant' && constantLength !== rollout.maxNewTokens
      ? [`dr_grpo divides by max_completion_length, not by ${constantLength}.`]
      : []),
    ...(std.epsilon === 1e-4 || scale === 'none' ? [] : ['TRL adds 1e-4 to the deviation.']),
    ...(controller.kind === 'adaptive' ? ['TRL’s β is fixed.'] : []),
  ]
}

function rlooDifferences({ algorithm, controller }: RunConfig): string[] {
  return [
    'TRL’s ratio is that of the whole completion; here it is per token. On-policy they are equal.',
    ...(algorithm.scale === 'group' || algorithm.scale === 'batch-token'
      ? [`The scale ${algorithm.scale} is none of RLOOTrainer’s.`]
      : []),
    ...(controller.kind === 'adaptive' ? ['TRL’s β is fixed.'] : []),
  ]
}

function sftDifferences({ sft }: RunConfig): string[] {
  return [`Gold answers in the style ${sft.style} are made by tiltlab: write them into the column completion.`]
}

function script(config: RunConfig, kind: 'GRPO' | 'RLOO' | 'SFT', args: Argument[], own: string[]): Setup {
  const isSft = kind === 'SFT'
  const shared = sharedDifferences(config).filter((each) => !isSft || !each.startsWith('The reward'))
  const differences = [...shared, ...own]
  const { rank, alpha } = config.adapter
  const path = dataOf(config, 'jsonl')
  const isFile = /\.(jsonl?|parquet|csv)$/.test(path)
  const loader = path.endsWith('parquet') ? 'parquet' : path.endsWith('csv') ? 'csv' : 'json'
  const data = isFile
    ? `load_dataset(${quoted(loader)}, data_files=${quoted(path)}, split="train")`
    : `load_dataset(${quoted(path)}, split="train")`
  const text = `${heading(config, 'TRL 1.16', differences)}
#
# accelerate launch --num_processes 1 train_${kind.toLowerCase()}.py

from datasets import load_dataset
from peft import LoraConfig
from trl import ${kind}Config, ${kind}Trainer

# Needs the column prompt${isSft ? ' and the column completion' : '; every other column reaches the reward'}.
dataset = ${data}

${isSft ? '' : rewardFunction(config)}args = ${kind}Config(
${args.map(([name, value]) => `    ${name}=${value},`).join('\n')}
)

trainer = ${kind}Trainer(
    model=${quoted(modelOf(config))},
${isSft ? '' : '    reward_funcs=reward,\n'}    args=args,
    train_dataset=dataset,
    peft_config=LoraConfig(r=${rank}, lora_alpha=${number(alpha)}, lora_dropout=0.0, target_modules="all-linear"),
)
trainer.train()
`
  return { fileName: `train_${kind.toLowerCase()}.py`, text, differences }
}

function rewardFunction(config: RunConfig): string {
  return `def reward(prompts, completions, **columns):
    """A number for each completion; None leaves it out."""
    # In tiltlab it is:
${rewardComment(config, '    ')}
    raise NotImplementedError("write the reward in Python")


`
}

function python(value: boolean): string {
  return value ? 'True' : 'False'
}
