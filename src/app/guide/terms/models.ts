// models.ts: terms: who writes, what is written, and how that is trained

import type { Term } from '../entry'

export const modelTerms = {
  policy: {
    name: 'Policy',
    group: 'Models and text',
    definition:
      'The model that is being trained, seen as what it does: it gives every completion of a prompt a probability.',
    symbol: '\\pi',
    equation: '\\pi(y\\mid x) = \\prod_t \\pi(y_t\\mid x,\\, y_{\\lt t})',
    source: 'docs/algorithms.md, Order of operations',
    also: ['actor', 'π', 'model'],
    see: ['reference', 'adapter', 'old-policy'],
  },
  reference: {
    name: 'Reference',
    group: 'Models and text',
    definition:
      'The frozen model from which training starts and to which the KL is measured; the base model, without the adapter. The theory calls its distribution p.',
    symbol: '\\pi_{\\mathrm{ref}}',
    source: 'docs/algorithms.md, Order of operations; TRL: ref_model',
    also: ['base', 'base policy', 'π_ref', 'p'],
    see: ['policy', 'kl', 'tilt'],
  },
  'old-policy': {
    name: 'Policy that sampled',
    group: 'Models and text',
    definition:
      'The policy as it was when the completions of a step were drawn. It stays the same while several updates use the same completions.',
    symbol: '\\pi_{\\mathrm{old}}',
    source: 'arXiv 1707.06347, section 3; TRL: num_iterations',
    also: ['π_old', 'behaviour policy'],
    see: ['importance-ratio'],
  },
  token: {
    name: 'Token',
    group: 'Models and text',
    definition: 'A piece of text that the model writes at once: a word, a part of one, or a sign.',
    source: 'docs/engine.md',
  },
  completion: {
    name: 'Completion',
    group: 'Models and text',
    definition:
      'What the policy writes after a prompt, up to its stop token or the longest length that is allowed. The theory calls it a path.',
    symbol: 'y',
    unit: 'its length in tokens',
    source: 'TRL: completions, max_completion_length',
    also: ['answer', 'response', 'path', 'trajectory'],
    see: ['metric/completions/mean_length', 'rollout'],
  },
  rollout: {
    name: 'Rollout',
    group: 'Models and text',
    definition: 'All completions that are drawn for one training step: so many prompts, with a group for each.',
    source: 'docs/config.md',
    also: ['batch', 'prompts a step'],
    see: ['group', 'completion'],
  },
  temperature: {
    name: 'Temperature',
    group: 'Models and text',
    definition:
      'Logits are divided by it before a token is drawn. At 1 the model is sampled as it is; towards 0 the likeliest token always wins.',
    equation: '\\pi_T(v) \\propto e^{z_v/T}',
    source: 'TRL: temperature',
    see: ['greedy', 'metric/entropy'],
  },
  greedy: {
    name: 'Greedy decoding',
    group: 'Models and text',
    definition: 'Always taking the likeliest token. It tells what a model prefers, and nothing of how sure it is.',
    equation: 'y_t = \\arg\\max_v \\pi(v\\mid x,\\, y_{\\lt t})',
    source: 'docs/engine.md',
    see: ['metric/eval_greedy_accuracy', 'temperature'],
  },
  adapter: {
    name: 'Adapter',
    group: 'Models and text',
    definition:
      'The few weights that are trained; those of the base model stay as they are. Without it the policy is the reference again, which is why a rewind is exact.',
    source: 'docs/config.md, adapter; PEFT: adapter_model',
    see: ['lora', 'reference'],
  },
  lora: {
    name: 'LoRA',
    group: 'Models and text',
    definition:
      'An adapter of two thin matrices beside a weight matrix. B starts at zero, so training starts exactly at the reference.',
    symbol: 'BA',
    equation:
      'h = W_0 x + \\frac{\\alpha}{r} B A x,\\quad B \\in \\mathbb{R}^{d\\times r},\\; A \\in \\mathbb{R}^{r\\times k}',
    source: 'arXiv 2106.09685, eq. 3; PEFT: r, lora_alpha',
    also: ['low-rank adaptation', 'rank'],
    see: ['adapter'],
  },
  rlvr: {
    name: 'RLVR',
    group: 'Models and text',
    definition:
      'Reinforcement learning with verifiable rewards: completions are drawn, a program says which are right, and the policy makes those likelier.',
    equation: '\\max_\\pi\\; E_\\pi[g] - \\beta\\,\\mathrm{KL}(\\pi\\Vert\\pi_{\\mathrm{ref}})',
    source: 'arXiv 2411.15124, section 6; arXiv 2511.21050',
    also: ['reinforcement learning'],
    see: ['verifiable-reward', 'tilt', 'sft'],
  },
  sft: {
    name: 'SFT',
    group: 'Models and text',
    definition:
      'Supervised fine-tuning: the model learns to write given answers, token by token. No reward, and no completion of its own.',
    equation: 'L = -\\frac1N \\sum_{i,t} \\log \\pi(y_{i,t}\\mid x_i,\\, y_{i,\\lt t})',
    source: 'TRL: SFTTrainer',
    also: ['supervised fine-tuning', 'imitation', 'gold answers'],
    see: ['rlvr'],
  },
  'learning-rate': {
    name: 'Learning rate',
    group: 'Models and text',
    definition:
      'The size of an optimiser’s step. AdamW moves each weight by about so much an update, whatever the size of its gradient.',
    source: 'arXiv 1711.05101, algorithm 2; TRL: learning_rate',
    also: ['lr', 'step size', 'AdamW'],
    see: ['metric/learning_rate', 'metric/grad_norm'],
  },
  seed: {
    name: 'Seed',
    group: 'Models and text',
    definition: 'The number that every draw of a run comes from. The same seed and settings give the same run.',
    source: 'docs/config.md; TRL: seed',
  },
} satisfies Record<string, Term>
