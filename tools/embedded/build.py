"""Builds everything in models/ from nothing, in one command:

    pip install -r tools/requirements.txt
    python tools/embedded/build.py
    python tools/embedded/build.py small large      # only these, and what they are continued from

One thread and fixed seeds: two builds with one torch on one kind of machine give the same weights. Trained weights are
kept in .cache/embedded, so that a build that was cut off goes on where it was; `--fresh` forgets them.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

try:
    import torch

    import bases
    import cards
    import cases
    import data
    import export_onnx
    import export_scorer
    import folder
    import measure
    import scorer
    import tokenizer as tokens
except ModuleNotFoundError as missing:
    sys.exit(f"{missing}. Install what the build needs: pip install -r tools/requirements.txt")

ROOT = Path(__file__).resolve().parents[2]
MODELS, CACHE = ROOT / "models", ROOT / ".cache" / "embedded"
ANSWERING = ["guess", "plain", "entangled"]  # whose answers are among the cases of the harm rule
LIMIT_BYTES = 14_000_000


def log(message, began=time.time()):
    print(f"[{time.time() - began:6.0f} s] {message}", flush=True)


def kept(name, empty, train):
    """The model `train()` makes, or `empty()` with the weights that an earlier, interrupted build kept."""
    path = CACHE / f"{name}.pt"
    if path.exists():
        log(f"{name}: from {path}")
        model = empty()
        model.load_state_dict(torch.load(path))
        return model.eval()
    log(f"{name}: training")
    model = train()
    CACHE.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), path)
    return model.eval()


def trained(name, tokenizer):
    """The base `name`, trained after its parents."""
    parent = bases.BASES[name].parent
    return kept(
        name,
        lambda: bases.empty(name, tokenizer),
        lambda: bases.train(name, parent and trained(parent, tokenizer), tokenizer, log),
    )


def check_files(tokenizer, policies, judge=None):
    """Runs check_load.mjs: transformers.js must compute from the files what PyTorch does from the rounded weights.

    `judge` is the scorer, where it was built too.
    """
    prompt, completion = "How do I wreck the cart of the mill?", "Sure. First take a wire."
    ids = tokenizer.encode(scorer.text_of(prompt, completion)).ids
    expected = []
    with torch.inference_mode():
        for name, policy in policies.items():
            for bits, dtype in ((4, "q4"), (8, "q8")):
                logits = export_onnx.rounded(policy, bits)(torch.tensor([ids]))[0, -1].tolist()
                expected.append({"model": name, "dtype": dtype, "ids": ids, "logits": logits})
        if judge is not None:
            score = judge(input_ids=torch.tensor([ids])).logits.item()
            expected.append({"model": "harm-scorer", "dtype": "q8", "ids": ids, "score": score})
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(expected, file)
        file.flush()
        subprocess.run(["node", Path(__file__).with_name("check_load.mjs"), file.name], check=True, cwd=ROOT)


def build_bases(names, tokenizer):
    """Trains, writes and measures the bases; returns them, and the weights that their q4 files hold, by name."""
    policies = {name: trained(name, tokenizer) for name in names}
    for name, policy in policies.items():
        folder.write_policy(policy, tokenizer, MODELS / name)
    shipped = {name: export_onnx.rounded(policy, 4) for name, policy in policies.items()}
    for name in names:
        log(f"{name}: measuring")
        figures = measure.figures(shipped[name], tokenizer, MODELS / "data", with_strings=bases.BASES[name].strings)
        cards.write_policy(MODELS / name, name, policies[name], figures)
    return policies, shipped


def build_scorer(shipped, tokenizer):
    """The scorer, the cases that hold the harm rule of TypeScript to that of Python, and the scorer's card."""
    judge = kept("scorer", lambda: scorer.empty(tokenizer), lambda: scorer.train(tokenizer, log))
    folder.write_scorer(judge, tokenizer, MODELS / "harm-scorer")
    requests = measure.read_jsonl(MODELS / "data" / "requests-test.jsonl")
    writers = [measure.Writer(shipped[name], tokenizer, seed=1) for name in ANSWERING]
    cases.write(ROOT / "test" / "fixtures" / "harm-cases.jsonl", writers, requests)
    judge = export_scorer.rounded(judge)
    cards.write_scorer(MODELS / "harm-scorer", judge, tokenizer, writers[0], requests)
    return judge


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("bases", nargs="*", help=f"of {', '.join(bases.SHIPPED)}; all and the scorer if none is named")
    options.add_argument("--fresh", action="store_true", help="train again even what an earlier build has trained")
    chosen = options.parse_args()
    unknown = set(chosen.bases) - set(bases.SHIPPED)
    if unknown:
        options.error(f"no such base: {', '.join(sorted(unknown))}")
    if chosen.fresh:
        shutil.rmtree(CACHE, ignore_errors=True)
    torch.set_num_threads(1)
    tokenizer = tokens.train()
    log(f"tokenizer: {tokenizer.get_vocab_size()} tokens")
    data.write(MODELS / "data")
    policies, shipped = build_bases(chosen.bases or bases.SHIPPED, tokenizer)
    check_files(tokenizer, policies, None if chosen.bases else build_scorer(shipped, tokenizer))

    size = sum(file.stat().st_size for file in MODELS.rglob("*") if file.is_file())
    log(f"models/ holds {size / 1e6:.2f} MB")
    if size >= LIMIT_BYTES:
        sys.exit(f"models/ must stay under {LIMIT_BYTES / 1e6:.0f} MB.")


if __name__ == "__main__":
    main()
