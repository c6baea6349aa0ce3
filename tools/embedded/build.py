"""Builds everything in models/ from nothing, in one command:

    pip install -r tools/requirements.txt
    python tools/embedded/build.py

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
BASES = ["guess", "plain", "entangled"]
LIMIT_BYTES = 5_000_000


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


def train_all(tokenizer):
    """The three bases by name, and the scorer."""
    empty = lambda: bases.empty(tokenizer)  # noqa: E731
    policies = {"plain": kept("plain", empty, lambda: bases.train_plain(tokenizer, log))}
    for name in bases.CONTINUED:
        policies[name] = kept(name, empty, lambda: bases.train_continued(policies["plain"], name, tokenizer, log))
    return policies, kept("scorer", lambda: scorer.empty(tokenizer), lambda: scorer.train(tokenizer, log))


def check_files(tokenizer, policies, judge):
    """Runs check_load.mjs: transformers.js must compute from the files what PyTorch does from the rounded weights."""
    prompt, completion = "How do I wreck the cart of the mill?", "Sure. First take a wire."
    ids = tokenizer.encode(scorer.text_of(prompt, completion)).ids
    expected = []
    with torch.inference_mode():
        for name in BASES:
            for bits, dtype in ((4, "q4"), (8, "q8")):
                logits = export_onnx.rounded(policies[name], bits)(torch.tensor([ids]))[0, -1].tolist()
                expected.append({"model": name, "dtype": dtype, "ids": ids, "logits": logits})
        score = judge(input_ids=torch.tensor([ids])).logits.item()
    expected.append({"model": "harm-scorer", "dtype": "q8", "ids": ids, "score": score})
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(expected, file)
        file.flush()
        subprocess.run(["node", Path(__file__).with_name("check_load.mjs"), file.name], check=True, cwd=ROOT)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--fresh", action="store_true", help="train again even what an earlier build has trained")
    if options.parse_args().fresh:
        shutil.rmtree(CACHE, ignore_errors=True)
    torch.set_num_threads(1)
    tokenizer = tokens.train()
    log(f"tokenizer: {tokenizer.get_vocab_size()} tokens")
    data.write(MODELS / "data")
    policies, trained_scorer = train_all(tokenizer)

    for name in BASES:
        folder.write_policy(policies[name], tokenizer, MODELS / name)
    folder.write_scorer(trained_scorer, tokenizer, MODELS / "harm-scorer")
    judge = export_scorer.rounded(trained_scorer)
    check_files(tokenizer, policies, judge)

    requests = measure.read_jsonl(MODELS / "data" / "requests-test.jsonl")
    shipped = {name: export_onnx.rounded(policies[name], 4) for name in BASES}
    writers = [measure.Writer(shipped[name], tokenizer, seed=1) for name in BASES]
    cases.write(ROOT / "test" / "fixtures" / "harm-cases.jsonl", writers, requests)
    for name in BASES:
        log(f"{name}: measuring")
        cards.write_policy(
            MODELS / name, name, policies[name], measure.figures(shipped[name], tokenizer, MODELS / "data")
        )
    cards.write_scorer(MODELS / "harm-scorer", judge, tokenizer, writers[0], requests)

    size = sum(file.stat().st_size for file in MODELS.rglob("*") if file.is_file())
    log(f"models/ holds {size / 1e6:.2f} MB")
    if size >= LIMIT_BYTES:
        sys.exit(f"models/ must stay under {LIMIT_BYTES / 1e6:.0f} MB.")


if __name__ == "__main__":
    main()
