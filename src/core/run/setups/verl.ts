// verl.ts: a run's settings as the command line of verl, whose words are paths of its configuration (algorithms.md §3)

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

type Entry = [path: string, value: Word]

/** A shell script that starts verl, once model, data and reward are there. */
export function verlSetup(config: RunConfig, folder: SetupFolder | null): Setup {
  const differences = [...sharedDifferences(config, folder), ...ownDifferences(config)]
  const reward = `# reward.py beside this file holds
#
#   def compute_score(data_source, solution_str, ground_truth, extra_info=None, **kwargs):
#       return 0.0
#
# In tiltlab the reward is:
${rewardComment(config)}
`
  const text = `#!/bin/sh
${heading(config, 'verl 0.9', differences)}

${folder ? hereLine : reward}
python3 -m verl.trainer.main_ppo \\
${entries(config, folder)
  .map(([path, value]) => `  ${wordOf(value, `${path}=`)}`)
  .join(' \\\n')}
`
  return { fileName: 'train_rl.sh', text, differences }
}

function entries(config: RunConfig, folder: SetupFolder | null): Entry[] {
  const { algorithm, rollout, update, optimizer, adapter, data, steps, preset } = config
  const { kl, clip } = algorithm
  const inReward = kl.placement === 'reward-to-go' || kl.placement === 'reward-sequence'
  const actor = 'actor_rollout_ref.actor'
  return [
    ['algorithm.adv_estimator', estimatorOf(config)],
    ['algorithm.norm_adv_by_std_in_grpo', python(algorithm.scale === 'group')],
    ['algorithm.gamma', '1.0'],
    ['algorithm.use_kl_in_reward', python(inReward)],
    ...(inReward
      ? ([
          ['algorithm.kl_penalty', penalties[kl.estimator]],
          ['algorithm.kl_ctrl.kl_coef', number(kl.beta)],
          ...controllerEntries(config),
        ] as Entry[])
      : []),
    ...(folder ? folderEntries(config, folder) : placeEntries(config)),
    ['data.train_batch_size', number(rollout.prompts)],
    ['data.max_prompt_length', number(data.maxPromptTokens)],
    ['data.max_response_length', number(rollout.maxNewTokens)],
    ['actor_rollout_ref.model.lora_rank', number(adapter.rank)],
    ['actor_rollout_ref.model.lora_alpha', number(adapter.alpha)],
    [`${actor}.ppo_mini_batch_size`, number(Math.max(1, Math.round(rollout.prompts / update.minibatches)))],
    [`${actor}.ppo_micro_batch_size_per_gpu`, '8'],
    [`${actor}.ppo_epochs`, number(update.epochs)],
    [
      `${actor}.policy_loss.loss_mode`,
      algorithm.surrogate === 'cispo' ? 'cispo' : clip.level === 'sequence' ? 'gspo' : 'vanilla',
    ],
    [`${actor}.loss_agg_mode`, aggregations[algorithm.aggregation]],
    ...(algorithm.aggregation === 'constant'
      ? [[`${actor}.loss_scale_factor`, number(algorithm.constantLength)] as Entry]
      : []),
    [`${actor}.clip_ratio_low`, number(clip.low)],
    [`${actor}.clip_ratio_high`, number(clip.high)],
    [`${actor}.clip_ratio_c`, number(clip.dual ?? Infinity)],
    [`${actor}.entropy_coeff`, number(algorithm.entropyCoefficient)],
    [`${actor}.use_kl_loss`, python(kl.placement === 'loss')],
    ...(kl.placement === 'loss'
      ? ([
          [`${actor}.kl_loss_coef`, number(kl.beta)],
          [`${actor}.kl_loss_type`, penalties[kl.estimator]],
        ] as Entry[])
      : []),
    [`${actor}.optim.lr`, number(optimizer.learningRate)],
    [`${actor}.optim.weight_decay`, number(optimizer.weightDecay)],
    [`${actor}.optim.lr_warmup_steps`, number(optimizer.warmupSteps)],
    [`${actor}.grad_clip`, number(optimizer.clipNorm)],
    ['actor_rollout_ref.rollout.name', 'vllm'],
    ['actor_rollout_ref.rollout.n', number(rollout.groupSize)],
    ['actor_rollout_ref.rollout.temperature', number(rollout.temperature)],
    ['actor_rollout_ref.rollout.top_p', number(rollout.topP)],
    ['actor_rollout_ref.rollout.tensor_model_parallel_size', '1'],
    ['custom_reward_function.name', 'compute_score'],
    ['trainer.total_training_steps', number(steps)],
    ['trainer.n_gpus_per_node', '1'],
    ['trainer.project_name', 'tiltlab'],
    ['trainer.experiment_name', preset.replace(/[^\w.+-]/g, '-')],
  ]
}

/** Rows in their order, held-out ones for validation, metrics as JSON lines that `tiltlab import` reads. */
function folderEntries({ evaluation, seed }: RunConfig, { fromStep }: SetupFolder): Entry[] {
  return [
    ['data.train_files', { here: folderPaths.trainParquet }],
    ['data.val_files', { here: folderPaths.heldOutParquet }],
    ['data.shuffle', 'False'],
    ['data.seed', number(seed)],
    ['actor_rollout_ref.model.path', { here: folderPaths.model }],
    ...(fromStep > 0 ? [['actor_rollout_ref.model.lora_adapter_path', { here: folderPaths.adapter }] as Entry] : []),
    ['custom_reward_function.path', { here: 'reward.py' }],
    ['trainer.logger', '["console","file"]'],
    ['trainer.default_local_dir', { here: folderPaths.out }],
    ['trainer.nnodes', '1'],
    ['trainer.total_epochs', '1'],
    ['trainer.test_freq', number(evaluation.every || -1)],
  ]
}

function placeEntries(config: RunConfig): Entry[] {
  return [
    ['data.train_files', dataOf(config, 'parquet')],
    ['data.val_files', dataOf(config, 'parquet')],
    ['actor_rollout_ref.model.path', modelOf(config)],
    ['custom_reward_function.path', './reward.py'],
  ]
}

function controllerEntries({ controller }: RunConfig): Entry[] {
  if (controller.kind !== 'adaptive') return [['algorithm.kl_ctrl.type', 'fixed']]
  return [
    ['algorithm.kl_ctrl.type', 'adaptive'],
    ['algorithm.kl_ctrl.target_kl', number(controller.targetNats)],
    ['algorithm.kl_ctrl.horizon', number(controller.horizon)],
  ]
}

function estimatorOf({ algorithm: { estimator, scale } }: RunConfig): string {
  const isWhitened = scale === 'batch-token' || scale === 'batch-sequence'
  if (estimator === 'leave-one-out') return 'rloo'
  if (estimator === 'none' || estimator === 'batch-mean') return 'reinforce_plus_plus'
  return isWhitened ? 'reinforce_plus_plus_baseline' : 'grpo'
}

const penalties: Readonly<Record<RunConfig['algorithm']['kl']['estimator'], string>> = {
  k1: 'kl',
  k2: 'mse',
  k3: 'low_var_kl',
  'k3-ratio': 'low_var_kl',
}

const aggregations: Readonly<Record<RunConfig['algorithm']['aggregation'], string>> = {
  'token-mean': 'token-mean',
  'sequence-mean': 'seq-mean-token-mean',
  'sequence-sum': 'seq-mean-token-sum',
  constant: 'seq-mean-token-sum-norm',
}

function ownDifferences({ algorithm, controller, optimizer }: RunConfig): string[] {
  const { kl, clip, estimator, scale, maskTruncated, advantageClip } = algorithm
  return [
    ...(kl.estimator === 'k3-ratio' && kl.placement === 'loss'
      ? ['verl’s k3 in the loss has no ratio: its gradient is that of KL(π_ref‖π).']
      : []),
    ...(kl.placement === 'reward-to-go' && estimator !== 'none'
      ? ['Its group estimators take the KL of the whole completion, and not from a token on.']
      : []),
    ...(estimator === 'batch-mean' || (estimator === 'none' && scale !== 'batch-token')
      ? ['Its reinforce_plus_plus whitens over the tokens of the batch.']
      : []),
    ...(clip.delta === null ? [] : ['verl has no cap of the ratio (δ).']),
    ...(maskTruncated ? ['verl leaves no truncated completions out of the loss.'] : []),
    ...(advantageClip === null ? [] : ['verl does not clip advantages.']),
    ...(controller.kind === 'adaptive' && kl.placement === 'loss'
      ? ['Its adaptive β is for a KL in the reward alone.']
      : []),
    ...(optimizer.schedule === 'constant'
      ? []
      : [`The ${optimizer.schedule} schedule is set by actor.optim in your version of verl.`]),
  ]
}

function python(value: boolean): string {
  return value ? 'True' : 'False'
}
