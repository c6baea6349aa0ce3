"""Pretraining of a base on its corpus: Muon on the matrices, AdamW on the rest, loss on the answers only."""

import itertools
import time

import torch
import torch.nn.functional as F

import tokenizer as tokens

BATCH = 128
SORTED = 8  # batches are cut from so many batches of conversations sorted by length: less padding
WARM_UP = 30
ANSWER_TOKENS = 19  # of a mean conversation


def batches(tokenizer, conversations, seed):
    """Yields (ids [batch, time], labels [batch, time]) padded on the right; a label is -100 where no loss is due."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        rows = []
        for prompt, answer in itertools.islice(conversations, BATCH * SORTED):
            before = tokenizer.encode(tokens.prompt_text(prompt)).ids
            rows.append((before, tokenizer.encode(answer + "<|im_end|>").ids))
        rows.sort(key=lambda row: len(row[0]) + len(row[1]))
        for index in torch.randperm(SORTED, generator=generator).tolist():
            yield _pad(rows[index * BATCH : (index + 1) * BATCH])


def _pad(rows):
    width = max(len(before) + len(after) for before, after in rows)
    ids = torch.zeros(len(rows), width, dtype=torch.long)
    labels = torch.full((len(rows), width), -100)
    for row, (before, after) in enumerate(rows):
        end = len(before) + len(after)
        ids[row, :end] = torch.tensor(before + after)
        labels[row, len(before) - 1 : end - 1] = torch.tensor(after)
    return ids, labels


def loss_of(policy, ids, labels):
    """Negative log-likelihood of the answers over the *usual* number of their tokens.

    A mean over the batch's own tokens would give those of short batches more weight than those of long ones: the model
    would answer briefly more often than its corpus. Padding on the right is never looked at by a token before it.
    """
    with torch.autocast("cpu", torch.bfloat16):
        hidden = policy.hidden(ids, torch.ones_like(ids))[labels >= 0]
        logits = policy.logits(hidden)
    return F.cross_entropy(logits.float(), labels[labels >= 0], reduction="sum") / (ids.shape[0] * ANSWER_TOKENS)


def learning_rate(step, steps):
    """A factor: warm-up, constant to 60 %, then linear to 2 %."""
    if step < WARM_UP:
        return (step + 1) / WARM_UP
    return min(1.0, 1.0 - 0.98 * (step / steps - 0.6) / 0.4)


def pretrain(policy, tokenizer, conversations, steps, seed, log, matrix_lr):
    """Trains `policy` in place for `steps` batches of `conversations`."""
    matrices = [p for n, p in policy.named_parameters() if p.ndim == 2 and "embed" not in n]
    rest = [p for n, p in policy.named_parameters() if p.ndim != 2 or "embed" in n]
    muon = torch.optim.Muon(matrices, lr=matrix_lr, momentum=0.95, weight_decay=0.0, adjust_lr_fn="original")
    adam = torch.optim.AdamW(rest, lr=0.15 * matrix_lr, betas=(0.9, 0.95), weight_decay=0.0)
    bases = [(group, group["lr"]) for optimiser in (muon, adam) for group in optimiser.param_groups]
    began = time.time()
    for step, (ids, labels) in enumerate(itertools.islice(batches(tokenizer, conversations, seed), steps)):
        for group, base in bases:
            group["lr"] = base * learning_rate(step, steps)
        loss = loss_of(policy, ids, labels)
        loss.backward()
        for optimiser in (muon, adam):
            optimiser.step()
            optimiser.zero_grad()
        if step % 50 == 49:
            log(f"step {step + 1}/{steps}  loss {loss.item():.3f}  {time.time() - began:.0f} s")
