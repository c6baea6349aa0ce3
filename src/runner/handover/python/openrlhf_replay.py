"""Sends the golden completions on the way that OpenRLHF's own completions take; ends at a difference.

Usage: python3 replay.py [MODEL]
"""

import asyncio
import os
import sys
from types import SimpleNamespace

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import tiltlab_reward  # noqa: E402


class Engine:
    """In the place of vLLM: says what it is told to."""

    def __init__(self, pair):
        self.pair = pair

    async def generate(self, prompt_token_ids, sampling_params, multi_modal_data=None):
        reason = "length" if self.pair["truncated"] else "stop"
        output = SimpleNamespace(token_ids=list(self.pair["tokens"]), finish_reason=reason, logprobs=None)
        return SimpleNamespace(outputs=[output])


async def scores(pairs, tokenizer, executor):
    from openrlhf.datasets.prompts_dataset import preprocess_data

    found = []
    for pair in pairs:
        prompt, label = preprocess_data(pair, None, "prompt", "label", tokenizer.apply_chat_template)
        sampling = SimpleNamespace(max_tokens=max(1, len(pair["tokens"])), logprobs=None)
        output = await executor.execute(
            prompt=prompt,
            label=label,
            sampling_params=sampling,
            max_length=1_000_000,
            hf_tokenizer=tokenizer,
            llm_engine=Engine(pair),
            images=None,
        )
        found.append(output["reward"])
    return found


def main(model):
    from transformers import AutoTokenizer

    from agent import AgentExecutor

    pairs = tiltlab_reward.golden()
    tokenizer = AutoTokenizer.from_pretrained(model)
    tiltlab_reward.compare_prompts(pairs, tokenizer, "OpenRLHF")
    tiltlab_reward.compare(pairs, asyncio.run(scores(pairs, tokenizer, AgentExecutor())), "OpenRLHF")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(tiltlab_reward.HERE, "model"))
