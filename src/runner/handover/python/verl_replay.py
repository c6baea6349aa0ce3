"""Sends the golden completions on the way that verl's own completions take; ends at a difference.

Usage: python3 replay.py [MODEL]
"""

import asyncio
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import tiltlab_reward  # noqa: E402


async def scores(pairs, tokenizer):
    import numpy
    import torch
    from omegaconf import OmegaConf
    from verl import DataProto
    from verl.trainer.ppo.reward import load_reward_manager

    path = os.path.join(tiltlab_reward.HERE, "reward.py")
    own = {"custom_reward_function": {"path": path, "name": "compute_score"}}
    config = OmegaConf.create({"reward": {**own, "reward_manager": {"source": "register", "name": "naive"}}})
    manager = load_reward_manager(config, tokenizer)
    found = []
    for pair in pairs:
        tokens = torch.tensor([pair["tokens"]])
        columns = {
            "data_source": "tiltlab",
            "reward_model": {"style": "rule", "ground_truth": ""},
            "extra_info": {"label": pair["label"]},
        }
        data = DataProto.from_dict(
            tensors={"responses": tokens, "attention_mask": torch.ones_like(tokens)},
            non_tensors={name: numpy.array([value], dtype=object) for name, value in columns.items()},
        )
        found.append((await manager.run_single(data))["reward_score"])
    return found


def main(model):
    from transformers import AutoTokenizer

    pairs = tiltlab_reward.golden()
    tokenizer = AutoTokenizer.from_pretrained(model)
    tiltlab_reward.compare_prompts(pairs, tokenizer, "verl")
    tiltlab_reward.compare(pairs, asyncio.run(scores(pairs, tokenizer)), "verl")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(tiltlab_reward.HERE, "model"))
