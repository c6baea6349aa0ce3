"""An adapter in the real PEFT, and a merged model in the real transformers, against the log-probabilities of tiltlab.

Usage: parity.py sequences FOLDER          prints sequences for `tiltlab inspect score`
       parity.py compare FOLDER MERGED     reads tiltlab's answers, {"base", "adapter"} by name, from the standard input
"""

import json
import os
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


def sequences(folder):
    """Prompts of the run with completions, every token of them scored but the first."""
    tokenizer = AutoTokenizer.from_pretrained(os.path.join(folder, "model"))
    with open(os.path.join(folder, "golden.jsonl"), encoding="utf-8") as file:
        pairs = [json.loads(line) for line in file][:24]
    rows = []
    for pair in pairs:
        text = tokenizer.apply_chat_template(pair["prompt"], tokenize=False, add_generation_prompt=True)
        prompt = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert prompt == pair["promptTokens"], (prompt, pair["promptTokens"])
        rows.append({"tokens": prompt + pair["tokens"], "from": 1})
    return rows


@torch.no_grad()
def logps(model, rows):
    found = []
    for row in rows:
        tokens = torch.tensor([row["tokens"]])
        logits = model(input_ids=tokens).logits[0, :-1].double()
        found.append(logits.log_softmax(-1).gather(-1, tokens[0, 1:, None])[:, 0])
    return torch.cat(found)


def compare(folder, merged_folder, answers):
    rows = sequences(folder)
    ours = {name: torch.tensor([x for each in answer["sequences"] for x in each["logps"]]) for name, answer in answers.items()}
    base = AutoModelForCausalLM.from_pretrained(os.path.join(folder, "model"), dtype=torch.float32).eval()
    theirs = {"base": logps(base, rows)}
    adapted = PeftModel.from_pretrained(base, os.path.join(folder, "adapter")).eval()
    theirs["adapter"] = logps(adapted, rows)
    merged = AutoModelForCausalLM.from_pretrained(merged_folder, dtype=torch.float32).eval()
    off = lambda a, b: (a - b).abs().max().item()
    return {
        "tokens": len(ours["base"]),
        "base in transformers": off(theirs["base"], ours["base"]),
        "adapter in PEFT": off(theirs["adapter"], ours["adapter"]),
        "merged in transformers": off(logps(merged, rows), ours["adapter"]),
        "what the adapter changes": off(ours["base"], ours["adapter"]),
    }


if __name__ == "__main__":
    if sys.argv[1] == "sequences":
        print(json.dumps({"sequences": sequences(sys.argv[2])}))
    else:
        print(json.dumps(compare(sys.argv[2], sys.argv[3], json.load(sys.stdin))))
