// openrlhf.ts: a run's settings as the command line of OpenRLHF 0.11.2, whose flags have dots (algorithms.md §2)

import type { RunConfig } from '../config'
import { dataOf, heading, modelOf, number, rewardComment, sharedDifferences, shellWord, type Setup } from './shared'

/** A flag with its words: one, two, or none for a switch. */
type Flag = [name: string, ...words: string[]]

/** A shell script that starts OpenRLHF, once model, data and reward are there. */
export function openrlhfSetup(config: RunConfig): Setup {
  const isSft = config.method === 'sft'
  const differences = [
    ...sharedDifferences(config).filter((each) => !isSft || !each.startsWith('The reward')),
    ...(isSft ? sftDifferences(config) : rlDifferences(config)),
  ]
  const module = isSft ? 'deepspeed --module openrlhf.cli.train_sft' : 'python3 -m openrlhf.cli.train_ppo_ray'
  const flags = isSft ? sftFlags(config) : rlFlags(config)
  const reward = isSft
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

${reward}${module} \\
${flags.map(([name, ...words]) => ['  --' + name, ...words.map(shellWord)].join(' ')).join(' \\\n')}
`
  return { fileName: isSft ? 'train_sft.sh' : 'train_rl.sh', text, differences }
}

function rlFlags(config: RunConfig): Flag[] {
  const { algorithm, rollout, update, data, controller } = config
  const { kl, clip } = algorithm
  const inLoss = kl.placement === 'loss'
  const completions = rollout.prompts * rollout.groupSize
  return [
    ['actor.model_name_or_path', modelOf(config)],
    ['reward.remote_url', './reward_func.py'],
    ['data.prompt_dataset', dataOf(config, 'jsonl')],
    ['data.input_key', data.fields.prompt || 'prompt'],
    ['data.label_key', data.fields.answer || 'answer'],
    ['data.max_len', number(data.maxPromptTokens + rollout.maxNewTokens)],
    ['rollout.max_new_tokens', number(rollout.maxNewTokens)],
    ['rollout.batch_size', number(rollout.prompts)],
    ['rollout.n_samples_per_prompt', number(rollout.groupSize)],
    ['rollout.temperature', number(rollout.temperature)],
    ['rollout.top_p', number(rollout.topP)],
    ['train.batch_size', number(Math.max(1, Math.round(completions / update.minibatches)))],
    ['train.max_epochs', number(update.epochs)],
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
    ['actor.adam.lr', number(config.optimizer.learningRate)],
  ]
}

function sftFlags(config: RunConfig): Flag[] {
  return [
    ['model.model_name_or_path', modelOf(config)],
    ['data.dataset', dataOf(config, 'jsonl')],
    ['data.input_key', config.data.fields.prompt || 'prompt'],
    ['data.output_key', 'completion'],
    ['train.batch_size', number(config.sft.batch)],
    ['adam.lr', number(config.optimizer.learningRate)],
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

function rlDifferences({ algorithm, optimizer, update, adapter, steps }: RunConfig): string[] {
  const { kl, scale, estimator, aggregation, surrogate, clip, maskTruncated } = algorithm
  return [
    `OpenRLHF counts episodes, passes over the prompts, and not steps: this run makes ${steps}.`,
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
    `The learning rate falls by a cosine to a tenth; ${optimizer.warmupSteps} warm-up steps and betas ${optimizer.beta1}, ${optimizer.beta2} are those of this run.`,
    `LoRA of rank ${adapter.rank}: add the flags that your version has for it, or train all weights with a lower learning rate.`,
  ]
}

function sftDifferences({ sft, steps, adapter }: RunConfig): string[] {
  return [
    `Gold answers in the style ${sft.style} are made by tiltlab: write them into the column completion.`,
    `OpenRLHF counts epochs, and not steps: this run makes ${steps}.`,
    `LoRA of rank ${adapter.rank}: add the flags that your version has for it.`,
  ]
}
