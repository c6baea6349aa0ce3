// trl.ts: a run's settings as a Python script for TRL's GRPOTrainer, RLOOTrainer or SFTTrainer (algorithms.md §1)

import type { RunConfig } from '../config'
import {
  dataOf,
  folderPaths,
  heading,
  modelOf,
  number,
  quoted,
  rewardComment,
  sharedDifferences,
  type Setup,
  type SetupFolder,
} from './shared'

type Argument = [name: string, value: string]

/** A script that TRL 1.16 runs as it is, once model, data and reward are there. */
export function trlSetup(config: RunConfig, folder: SetupFolder | null): Setup {
  if (config.method === 'sft')
    return script(config, folder, 'SFT', sftArguments(config), folder ? [] : sftDifferences(config))
  const isRloo = config.algorithm.kl.placement === 'reward-sequence' && config.algorithm.estimator === 'leave-one-out'
  return isRloo
    ? script(config, folder, 'RLOO', rlooArguments(config), rlooDifferences(config))
    : script(config, folder, 'GRPO', grpoArguments(config), grpoDifferences(config))
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

type Kind = 'GRPO' | 'RLOO' | 'SFT'

function script(config: RunConfig, folder: SetupFolder | null, kind: Kind, args: Argument[], own: string[]): Setup {
  const differences = [...sharedDifferences(config, folder), ...own]
  const text = `${heading(config, 'TRL 1.16', differences)}
#
# accelerate launch --num_processes 1 train_${kind.toLowerCase()}.py

${folder ? folderScript(config, folder, kind, args) : placeScript(config, kind, args)}`
  return { fileName: `train_${kind.toLowerCase()}.py`, text, differences }
}

/** The script with places to fill in. */
function placeScript(config: RunConfig, kind: Kind, args: Argument[]): string {
  const isSft = kind === 'SFT'
  const path = dataOf(config, 'jsonl')
  const isFile = /\.(jsonl?|parquet|csv)$/.test(path)
  const loader = path.endsWith('parquet') ? 'parquet' : path.endsWith('csv') ? 'csv' : 'json'
  const data = isFile
    ? `load_dataset(${quoted(loader)}, data_files=${quoted(path)}, split="train")`
    : `load_dataset(${quoted(path)}, split="train")`
  return `from datasets import load_dataset
from peft import LoraConfig
from trl import ${kind}Config, ${kind}Trainer

# Needs the column prompt${isSft ? ' and the column completion' : '; every other column reaches the reward'}.
dataset = ${data}

${isSft ? '' : rewardFunction(config)}${trainerOf(config, kind, args, modelOf(config))}trainer.train()
`
}

/** The script for a folder in which everything is. */
function folderScript(config: RunConfig, { fromStep }: SetupFolder, kind: Kind, args: Argument[]): string {
  const isSft = kind === 'SFT'
  const own: Argument[] = [
    ['output_dir', quoted(folderPaths.out)],
    // tiltlab computes in float32. A cluster is faster in bfloat16.
    ['bf16', 'False'],
    ...(isSft ? [] : [['shuffle_dataset', 'False'] as Argument]),
    ['report_to', quoted('none')],
  ]
  const imports = [
    'import os',
    '',
    'from datasets import load_dataset',
    `from peft import LoraConfig${fromStep > 0 ? ', set_peft_model_state_dict' : ''}`,
    ...(fromStep > 0 ? ['from safetensors.torch import load_file'] : []),
    `from trl import ${kind}Config, ${kind}Trainer`,
    ...(isSft ? [] : ['', 'from reward import replay, reward']),
  ]
  const adapter = `
# Laid into a fresh adapter: with it off the model is the base, which is the reference of the KL.
own = load_file("${folderPaths.adapter}/adapter_model.safetensors")
set_peft_model_state_dict(trainer.accelerator.unwrap_model(trainer.model), own)
`
  return `${imports.join('\n')}

os.chdir(os.path.dirname(os.path.abspath(__file__)))
dataset = load_dataset("json", data_files="${folderPaths.train}", split="train")

${trainerOf(config, kind, merge(args, own), folderPaths.model)}${fromStep > 0 ? adapter : ''}${isSft ? '' : 'replay(trainer)\n'}trainer.train()
trainer.save_model()
trainer.save_state()
`
}

function trainerOf({ adapter: { rank, alpha } }: RunConfig, kind: Kind, args: Argument[], model: string): string {
  return `args = ${kind}Config(
${args.map(([name, value]) => `    ${name}=${value},`).join('\n')}
)

trainer = ${kind}Trainer(
    model=${quoted(model)},
${kind === 'SFT' ? '' : '    reward_funcs=reward,\n'}    args=args,
    train_dataset=dataset,
    peft_config=LoraConfig(r=${rank}, lora_alpha=${number(alpha)}, lora_dropout=0.0, target_modules="all-linear"),
)
`
}

/** Arguments with others in the place of those of the same name. */
function merge(args: readonly Argument[], others: readonly Argument[]): Argument[] {
  return [...new Map([...args, ...others])]
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
