// openrlhf.ts: a run's settings as the command line of OpenRLHF 0.11.2, whose flags have dots (algorithms.md §2)

import type { RunConfig } from '../config'
import {
  dataOf,
  folderPaths,
  heading,
  hereLine,
  modelOf,
  number,
  rewardComment,
  sharedDifferences,
  wordOf,
  type Setup,
  type SetupFolder,
  type Word,
} from './shared'

/** A flag with its words: one, two, or none for a switch. */
type Flag = [name: string, ...words: Word[]]

/** A shell script that starts OpenRLHF, once model, data and reward are there. */
export function openrlhfSetup(config: RunConfig, folder: SetupFolder | null): Setup {
  const isSft = config.method === 'sft'
  const differences = [
    ...sharedDifferences(config, folder),
    ...(isSft ? sftDifferences(config, folder) : rlDifferences(config, folder)),
  ]
  const module = isSft ? 'deepspeed --module openrlhf.cli.train_sft' : 'python3 -m openrlhf.cli.train_ppo_ray'
  const flags = isSft ? sftFlags(config, folder) : rlFlags(config, folder)
  const reward =
    isSft || folder
      ? ''
      : `# reward_func.py beside this file holds
#
#   def reward_func(queries, prompts, labels, **kwargs):
#       return {"rewards": [...], "scores": [...]}
#
# In tiltlab the reward is:
${rewardComment(config)}

`
  const text = `#!/bin/sh
${heading(config, 'OpenRLHF 0.11.2', differences)}

${folder ? `${hereLine}\n` : reward}${module} \\
${flags.map(([name, ...words]) => ['  --' + name, ...words.map((word) => wordOf(word))].join(' ')).join(' \\\n')}
`
  return { fileName: isSft ? 'train_sft.sh' : 'train_rl.sh', text, differences }
}

function rlFlags(config: RunConfig, folder: SetupFolder | null): Flag[] {
  const { algorithm, rollout, update, data, controller, seed } = config
  const { kl, clip } = algorithm
  const inLoss = kl.placement === 'loss'
  const completions = rollout.prompts * rollout.groupSize
  return [
    ...(folder ? folderFlags(folder) : placeFlags(config)),
    ['data.max_len', number(data.maxPromptTokens + rollout.maxNewTokens)],
    ['rollout.max_new_tokens', number(rollout.maxNewTokens)],
    ['rollout.batch_size', number(rollout.prompts)],
    ['rollout.n_samples_per_prompt', number(rollout.groupSize)],
    ['rollout.temperature', number(rollout.temperature)],
    ['rollout.top_p', number(rollout.topP)],
    ['train.batch_size', number(Math.max(1, Math.round(completions / update.minibatches)))],
    ['train.max_epochs', number(update.epochs)],
    ['train.seed', number(seed)],
    ['algo.advantage.estimator', estimatorOf(config)],
    ['algo.advantage.gamma', '1'],
    ['algo.kl.init_coef', number(kl.placement === 'off' ? 0 : kl.beta)],
    ['algo.kl.estimator', kl.estimator === 'k3-ratio' ? 'k3' : kl.estimator],
    ...(inLoss ? [['algo.kl.use_loss'] as Flag] : []),
    ...(controller.kind === 'adaptive'
      ? ([
          ['algo.kl.target', number(controller.targetNats)],
          ['algo.kl.horizon', number(controller.horizon)],
        ] as Flag[])
      : []),
    ['actor.eps_clip_low_high', number(clip.low), number(clip.high)],
    ...(clip.dual === null ? [] : [['actor.dual_clip', number(clip.dual)] as Flag]),
    ['actor.policy_loss_type', clip.level === 'sequence' ? 'gspo' : 'ppo'],
    ['actor.loss_agg_mode', algorithm.aggregation === 'sequence-mean' ? 'seq-mean-token-mean' : 'token-mean'],
    ...(algorithm.entropyCoefficient > 0 ? [['actor.entropy_coef', number(algorithm.entropyCoefficient)] as Flag] : []),
    ...optimizerFlags(config, 'actor.'),
  ]
}

function sftFlags(config: RunConfig, folder: SetupFolder | null): Flag[] {
  return [
    ['model.model_name_or_path', folder ? startOf(folder) : modelOf(config)],
    ['data.dataset', folder ? { here: folderPaths.train } : dataOf(config, 'jsonl')],
    ['data.input_key', folder ? 'prompt' : config.data.fields.prompt || 'prompt'],
    ['data.output_key', 'completion'],
    ...(folder
      ? ([
          ['data.apply_chat_template'],
          ['train.max_epochs', '1'],
          ['ckpt.output_dir', { here: folderPaths.out }],
        ] as Flag[])
      : []),
    ['train.batch_size', number(config.sft.batch)],
    ['train.seed', number(config.seed)],
    ...optimizerFlags(config, ''),
  ]
}

/** One device, which policy, reference and vLLM share. */
function folderFlags(folder: SetupFolder): Flag[] {
  return [
    ['actor.model_name_or_path', startOf(folder)],
    ['train.agent_func_path', { here: 'agent.py' }],
    ['data.prompt_dataset', { here: folderPaths.train }],
    ['data.input_key', 'prompt'],
    ['data.label_key', 'label'],
    ['data.apply_chat_template'],
    ['train.num_episodes', '1'],
    ...['actor', 'ref'].flatMap((role): Flag[] => [
      [`${role}.num_nodes`, '1'],
      [`${role}.num_gpus_per_node`, '1'],
    ]),
    ['vllm.num_engines', '1'],
    ['vllm.gpu_memory_utilization', '0.5'],
    ['vllm.enable_sleep'],
    ['ds.enable_sleep'],
    ['train.colocate_all'],
    ['ckpt.output_dir', { here: folderPaths.out }],
    ['ckpt.save_hf'],
  ]
}

function placeFlags(config: RunConfig): Flag[] {
  const { fields } = config.data
  return [
    ['actor.model_name_or_path', modelOf(config)],
    ['reward.remote_url', './reward_func.py'],
    ['data.prompt_dataset', dataOf(config, 'jsonl')],
    ['data.input_key', fields.prompt || 'prompt'],
    ['data.label_key', fields.answer || 'answer'],
  ]
}

/** OpenRLHF takes no adapter to go on from: the run's is merged into the weights. */
function startOf({ fromStep }: SetupFolder): Word {
  return { here: fromStep > 0 ? folderPaths.merged : folderPaths.model }
}

const schedules: Readonly<Record<RunConfig['optimizer']['schedule'], string>> = {
  constant: 'constant_with_warmup',
  linear: 'linear',
  cosine: 'cosine',
}

function optimizerFlags(config: RunConfig, prefix: '' | 'actor.'): Flag[] {
  const { optimizer, adapter, steps, update, method } = config
  const updates = method === 'sft' ? steps : steps * update.epochs * update.minibatches
  return [
    [`${prefix}adam.lr`, number(optimizer.learningRate)],
    [`${prefix}adam.betas`, number(optimizer.beta1), number(optimizer.beta2)],
    [`${prefix}adam.eps`, number(optimizer.epsilon)],
    [`${prefix}adam.weight_decay`, number(optimizer.weightDecay)],
    [`${prefix}lr_scheduler`, schedules[optimizer.schedule]],
    [`${prefix}lr_warmup_ratio`, number(Math.min(1, optimizer.warmupSteps / updates))],
    [`${prefix}max_norm`, number(optimizer.clipNorm)],
    ['ds.lora.rank', number(adapter.rank)],
    ['ds.lora.alpha', number(Math.round(adapter.alpha))],
  ]
}

function estimatorOf({ algorithm: { estimator, scale } }: RunConfig): string {
  const isWhitened = scale === 'batch-token' || scale === 'batch-sequence'
  switch (estimator) {
    case 'none':
      return 'reinforce'
    case 'leave-one-out':
      return 'rloo'
    case 'batch-mean':
      return 'flash_reinforce'
    case 'group-mean':
      return isWhitened ? 'reinforce_baseline' : scale === 'group' ? 'group_norm' : 'dr_grpo'
  }
  return estimator satisfies never
}

function rlDifferences({ algorithm, update, adapter, steps }: RunConfig, folder: SetupFolder | null): string[] {
  const { kl, scale, estimator, aggregation, surrogate, clip, maskTruncated } = algorithm
  return [
    ...(folder
      ? ['OpenRLHF shuffles the rows: the same prompts, in another order.']
      : [`OpenRLHF counts episodes, passes over the prompts, and not steps: this run makes ${steps}.`]),
    ...(folder && folder.fromStep > 0 && kl.placement !== 'off'
      ? ['The reference of its KL is what it starts from: the merged weights, and not the base.']
      : []),
    ...(folder ? ['It computes in bfloat16, and tiltlab in float32.'] : []),
    ...(update.epochs * update.minibatches > 1 ? ['Its mini-batches are sequences of a shuffled buffer.'] : []),
    ...(kl.placement === 'reward-sequence'
      ? ['OpenRLHF takes the KL from here on from each token’s return, not that of the whole completion.']
      : []),
    ...(kl.estimator === 'k3-ratio' && kl.placement === 'loss'
      ? ['Its k3 in the loss has no ratio; --algo.kl.unbiased_gradient gives it the gradient of KL(π‖π_ref) too.']
      : []),
    ...(surrogate === 'cispo' ? ['OpenRLHF has no CISPO: this is PPO’s clip.'] : []),
    ...(aggregation === 'constant' || aggregation === 'sequence-sum'
      ? [`OpenRLHF averages over tokens, not by ${aggregation}.`]
      : []),
    ...(scale === 'batch-sequence' ? ['OpenRLHF whitens over tokens, not over rewards.'] : []),
    ...(estimator === 'none' && scale !== 'batch-token'
      ? [
          'Its reinforce whitens advantages over the tokens of the batch; --algo.advantage.no_std_norm subtracts their mean alone.',
        ]
      : []),
    ...(estimator === 'leave-one-out' && scale !== 'none' ? ['Its rloo has no scale.'] : []),
    ...(clip.delta === null ? [] : ['OpenRLHF has no cap of the ratio (δ).']),
    ...(maskTruncated
      ? [
          'OpenRLHF cannot leave truncated completions out of the loss; --reward.stop_properly_penalty_coef 0 takes their reward.',
        ]
      : []),
    ...alphaDifferences(adapter),
  ]
}

function sftDifferences({ sft, steps, adapter }: RunConfig, folder: SetupFolder | null): string[] {
  return [
    ...(folder
      ? ['OpenRLHF shuffles the rows: the same examples, in another order.']
      : [
          `Gold answers in the style ${sft.style} are made by tiltlab: write them into the column completion.`,
          `OpenRLHF counts epochs, and not steps: this run makes ${steps}.`,
        ]),
    ...alphaDifferences(adapter),
  ]
}

function alphaDifferences({ alpha }: RunConfig['adapter']): string[] {
  return Number.isInteger(alpha) ? [] : [`LoRA’s α is a whole number there: ${Math.round(alpha)}, not ${alpha}.`]
}
