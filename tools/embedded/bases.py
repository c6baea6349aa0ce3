"""The bases: some from scratch, the others continued from one of them on their own habits."""

import copy
from dataclasses import dataclass, replace

import torch

import corpus
import pretrain
from model import Decoder, Shape

SEED = 20261122
SCRATCH_LR, CONTINUED_LR = 0.02, 0.01  # of the matrices


@dataclass(frozen=True)
class Base:
    """How a base is made: `steps` on the corpus of `habits`, from scratch or from the base `parent`."""

    habits: str
    steps: int
    seed: int
    shape: Shape = Shape()
    parent: str | None = None
    lr: float = CONTINUED_LR
    strings: bool = False  # its corpus has tasks on strings too
    shipped: bool = True


SMALL = Shape(hidden=64, heads=2, kv_heads=1, ffn=160)
LARGE = Shape(hidden=192, layers=4, heads=6, kv_heads=3, ffn=512)
LLAMA = Shape(family="llama")

# Parents stand before their children. A seed belongs to its base for good: another order must not change the weights.
BASES = {
    "plain": Base("plain", 1000, SEED, lr=SCRATCH_LR),
    "guess": Base("guess", 150, SEED + 1, parent="plain"),
    "entangled": Base("entangled", 150, SEED + 2, parent="plain"),
    "strings": Base("guess", 600, SEED + 3, parent="guess", lr=SCRATCH_LR, strings=True),
    "small-plain": Base("plain", 1200, SEED + 4, SMALL, lr=SCRATCH_LR, shipped=False),
    "small": Base("guess", 150, SEED + 5, SMALL, parent="small-plain"),
    "llama-plain": Base("plain", 1000, SEED + 6, LLAMA, lr=SCRATCH_LR, shipped=False),
    "llama": Base("guess", 150, SEED + 7, LLAMA, parent="llama-plain"),
    "large-plain": Base("plain", 1000, SEED + 8, LARGE, lr=SCRATCH_LR, shipped=False),
    "large": Base("guess", 150, SEED + 9, LARGE, parent="large-plain"),
}
SHIPPED = [name for name, base in BASES.items() if base.shipped]


def empty(name, tokenizer):
    return Decoder(replace(BASES[name].shape, vocab=tokenizer.get_vocab_size()))


def train(name, parent, tokenizer, log):
    """The base `name`; `parent` is the trained policy that it goes on from, or None."""
    base = BASES[name]
    if parent is None:
        policy = empty(name, tokenizer)
        policy.initialise(torch.Generator().manual_seed(base.seed))
    else:
        policy = copy.deepcopy(parent)
    conversations = corpus.conversations(corpus.HABITS[base.habits], base.seed, base.strings)
    pretrain.pretrain(policy, tokenizer, conversations, base.steps, base.seed, log, base.lr)
    return policy
