"""The run's reward for OpenRLHF, as an agent of one turn: --train.agent_func_path.

A reward URL or file would do for OpenRLHF too, but a failure there is only logged, and the completion goes on without a
reward. What an agent raises ends the run.
"""

import asyncio
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from openrlhf.utils.agent import SingleTurnAgentExecutor  # noqa: E402

import tiltlab_reward  # noqa: E402


class AgentExecutor(SingleTurnAgentExecutor):
    """OpenRLHF's own turn, and then the score of what was said in it."""

    def __init__(self):
        super().__init__(remote_rm_url=None)

    async def execute(self, **given):
        output = await super().execute(**given)
        [(start, end)] = output["action_ranges"]
        tokens = [int(token) for token in output["observation_tokens"][start:end]]
        item = {
            "label": output["label"],
            "completion": given["hf_tokenizer"].decode(tokens, skip_special_tokens=True),
            "tokens": tokens,
            "truncated": bool(output["truncated"]),
        }
        value = await asyncio.to_thread(tiltlab_reward.score_one, item, "OpenRLHF")
        return {**output, "reward": value, "scores": value}
