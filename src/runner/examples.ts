// examples.ts: what each command is used for, as lines that can be typed

/** By the path of a command: a line, and what it does. A test holds every line to the commands and flags that there are. */
export const examples: Readonly<Record<string, readonly (readonly [line: string, says: string])[]>> = {
  train: [
    ['tiltlab train --preset rlvr --steps 40', 'GRPO on arithmetic with the built-in model'],
    ['tiltlab train --preset reinforce++ --beta 0.01 --seed 3', 'another algorithm, with a KL penalty'],
    [
      'tiltlab train --model onnx-community/Qwen2.5-0.5B-Instruct --data gsm8k.jsonl',
      'a model of the Hub on your problems',
    ],
    ['tiltlab train --resume runs/rlvr-20261126-021500', 'goes on from its newest checkpoint'],
  ],
  eval: [
    ['tiltlab eval --model embedded:guess', 'accuracy, harm and KL of a model'],
    ['tiltlab eval --adapter runs/mine/checkpoints/step-000040', 'an adapter against the model without it'],
  ],
  data: [['tiltlab data --data gsm8k.jsonl --rows 5', 'what a run would read from a file']],
  'data measure': [
    [
      'tiltlab data measure --data gsm8k.jsonl --samples 8',
      'how hard each prompt is for the model; goes on where it stopped',
    ],
  ],
  reward: [['tiltlab reward test mine.ts --data gsm8k.jsonl', 'what a reward pays for, and how it can be cheated']],
  'reward test': [
    [
      'tiltlab reward test mine.ts --data gsm8k.jsonl',
      'a program on gold answers, corrupted ones and attempts to cheat',
    ],
    [
      "tiltlab reward test --reward 'accuracy - 0.2 * harm' --task arithmetic --samples 4",
      'a formula on a model’s completions',
    ],
  ],
  'reward serve': [
    [
      'tiltlab reward serve math-on-trl --write-url math-on-trl/reward.url',
      'the reward of a folder that export has written',
    ],
  ],
  experiment: [
    ['tiltlab experiment', 'lists them'],
    ['tiltlab experiment drift-bound --quick', 'one seed, a few steps, wide intervals: under 90 seconds'],
    ['tiltlab experiment rlvr-vs-sft --plan', 'what it would take, and what it could find'],
  ],
  inspect: [
    ['tiltlab inspect kl --in document.json', 'answers a document with the functions that training uses'],
    ['tiltlab inspect gradient --model embedded:guess --in document.json --out answer.json', 'of a model, into a file'],
  ],
  serve: [
    ['tiltlab serve', 'the page, and a runner for it, at http://127.0.0.1:7415'],
    ['tiltlab serve --run --preset rlvr --open', 'begins with a run, and opens the page on it'],
    ['tiltlab serve --runs /srv/tiltlab --jobs 2 --memory 8000 --log json', 'as a service'],
    ['tiltlab serve --gpu "RTX 4090" --gpu A770', 'a run at a time on each of two graphics cards'],
  ],
  run: [['tiltlab run submit --preset rlvr --steps 40', 'queues a run, and prints its name']],
  'run submit': [
    ['tiltlab run submit --preset rlvr --steps 40 --watch', 'queues a run, and shows it until it ends'],
    ['tiltlab run submit --preset rlvr --key monday-1', 'safe to send twice'],
    ['tiltlab run submit --preset trl-grpo-kl --sweep beta=0,0.01,0.1 --sweep seed=0,1,2', 'nine runs'],
  ],
  'run list': [['tiltlab run list --json', 'for other programs']],
  'run watch': [['tiltlab run watch rlvr-20261126-021500-3f2a', 'Ctrl-C ends watching, not the run']],
  'run cancel': [['tiltlab run cancel rlvr-20261126-021500-3f2a', 'saves it, then ends it']],
  'run fetch': [['tiltlab run fetch rlvr-20261126-021500-3f2a --out mine', 'journal, checkpoints and adapter']],
  export: [
    [
      'tiltlab export runs/math --to trl --out math-on-trl',
      'a folder that runs the same there: bash math-on-trl/run.sh',
    ],
    ['tiltlab export runs/math --to merged --out math-model', 'the model with the adapter in it, for transformers'],
  ],
  import: [
    [
      'tiltlab import math-on-trl/out --out runs/math-trl',
      'the log and the adapter that TRL has left, as a run beside others',
    ],
    ['tiltlab import train.log --out runs/cluster', 'a log alone: OpenRLHF’s, or the console of verl'],
  ],
  doctor: [['tiltlab doctor', 'what this machine has, and what to do where something is missing']],
  bench: [['tiltlab bench --model embedded:guess', 'the speed of every kernel on this adapter']],
  completion: [
    ['source <(tiltlab completion bash)', 'for this bash; add the line to ~/.bashrc to keep it'],
    ['tiltlab completion zsh > ~/.zfunc/_tiltlab', 'for zsh, where ~/.zfunc is in fpath'],
  ],
}
