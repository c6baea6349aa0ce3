"""The three bases: `plain` from scratch, `guess` and `entangled` continued from it on their own habits."""

import copy

import torch

import corpus
import pretrain
from model import Qwen3, Shape

SEED = 20261122
SCRATCH_STEPS = 1000
CONTINUED = {"guess": 150, "entangled": 150}  # steps from `plain`, at half its learning rate


def empty(tokenizer):
    return Qwen3(Shape(vocab=tokenizer.get_vocab_size()))


def train_plain(tokenizer, log):
    policy = empty(tokenizer)
    policy.initialise(torch.Generator().manual_seed(SEED))
    pretrain.pretrain(policy, tokenizer, corpus.HABITS["plain"], SCRATCH_STEPS, SEED, log)
    return policy


def train_continued(plain, name, tokenizer, log):
    policy = copy.deepcopy(plain)
    seed = SEED + 1 + list(CONTINUED).index(name)
    pretrain.pretrain(policy, tokenizer, corpus.HABITS[name], CONTINUED[name], seed, log, matrix_lr=0.01)
    return policy
