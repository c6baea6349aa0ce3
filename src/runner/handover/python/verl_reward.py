"""The run's reward for verl: custom_reward_function.path."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import tiltlab_reward  # noqa: E402


def compute_score(data_source, solution_str, ground_truth, extra_info=None, **_):
    """verl's protocol. It says the text of a completion and not its tokens: the server makes them of the text."""
    if not extra_info or "label" not in extra_info:
        raise tiltlab_reward.RewardServerError("the row has no extra_info.label: train on the data of this folder")
    return tiltlab_reward.score_one({"label": extra_info["label"], "completion": solution_str}, "verl")
