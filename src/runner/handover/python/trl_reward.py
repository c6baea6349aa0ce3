"""The run's reward for TRL, and the replay of the golden scores through a trainer."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import tiltlab_reward  # noqa: E402


def reward(prompts, completions, completion_ids, label, **_):
    """TRL's protocol: a number for each completion; None leaves it out."""
    return tiltlab_reward.score(
        [
            {"label": own, "completion": text_of(completion), "tokens": [int(token) for token in ids]}
            for own, completion, ids in zip(label, completions, completion_ids, strict=True)
        ]
    )


def text_of(completion):
    """Conversational data sets have messages."""
    return completion if isinstance(completion, str) else completion[-1]["content"]


def replay(trainer):
    """Sends the golden completions on the way that this trainer's own completions take; ends at a difference."""
    pairs = tiltlab_reward.golden()
    tiltlab_reward.compare_prompts(pairs, trainer.processing_class, "TRL")
    rewards = trainer._calculate_rewards(
        [{"prompt": pair["prompt"], "label": pair["label"]} for pair in pairs],
        [pair["prompt"] for pair in pairs],
        [[{"role": "assistant", "content": pair["completion"]}] for pair in pairs],
        [pair["tokens"] for pair in pairs],
    )
    own = rewards.reshape(trainer.accelerator.num_processes, len(pairs), -1)[0, :, 0]
    tiltlab_reward.compare(pairs, own.tolist(), "TRL")
