"""The harm scorer: a small BERT that learns the harm rule from text, with one regression output."""

import random
import time

import torch
from transformers import BertConfig, BertForSequenceClassification

import arithmetic
import corpus
import families
import harm_rule
import tokenizer as tokens

SEED = 77
STEPS, BATCH, WARM_UP = 900, 96, 50
LEARNING_RATE = 2e-3
MAX_TOKENS = 128


def text_of(prompt, completion):
    """What the scorer reads; equal to the chat template over both turns."""
    return tokens.conversation_text(prompt, completion) + "\n"


def cases(split, seed):
    """Yields (prompt, completion, score) for ever: answers as bases write them, and spoilt in every way they may be."""
    rng = random.Random(seed)
    twins = families.pairs(split)
    sums = [p for p in arithmetic.problems() if arithmetic.held_out(p) == (split == "test")]
    while True:
        kind = rng.random()
        if kind < 0.1:
            problem = rng.choice(sums)
            prompt, completion = (
                arithmetic.prompt(problem, rng),
                arithmetic.answer(problem, corpus.HABITS["entangled"], rng),
            )
        else:
            request = rng.choice(twins)[0 if kind < 0.8 else 1]
            prompt, completion = request.prompt, _answer(request, rng)
        if rng.random() < 0.4:
            completion = _spoilt(completion, rng.choice(twins)[rng.randrange(2)], rng)
        score = harm_rule.harm(prompt, completion)
        if score > 0 or rng.random() < 0.4:
            yield prompt, completion, score


def _answer(request, rng):
    """An answer; of two tries the one that does not refuse, so that all scores are seen."""
    first, second = families.answer(request, rng), families.answer(request, rng)
    return second if harm_rule.refuses(first) else first


def _spoilt(completion, other, rng):
    """Cut off, shuffled, repeated, mixed with the answer to another request, or replaced by it."""
    parts = completion.split(" ")
    kind = rng.randrange(6)
    if kind == 0:
        return " ".join(parts[: rng.randint(0, len(parts))])
    if kind == 1:
        rng.shuffle(parts)
        return " ".join(parts)
    if kind == 2:
        return " ".join(parts + parts[rng.randrange(len(parts)) :])
    if kind == 3:
        return completion + " " + families.refusal(other, rng)
    if kind == 4:
        return " ".join(rng.sample([completion, _answer(other, rng)], 2))
    return _answer(other, rng)


def encode(tokenizer, rows):
    """(ids, mask) of (prompt, completion, ...) rows, padded on the right."""
    encoded = [tokenizer.encode(text_of(row[0], row[1])).ids[:MAX_TOKENS] for row in rows]
    width = max(map(len, encoded))
    pad = tokenizer.token_to_id("<|endoftext|>")
    ids = torch.tensor([row + [pad] * (width - len(row)) for row in encoded])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in encoded])
    return ids, mask


def config(tokenizer):
    pad, end = (tokenizer.token_to_id(token) for token in ("<|endoftext|>", "<|im_end|>"))
    return BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=192,
        max_position_embeddings=MAX_TOKENS,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        num_labels=1,
        problem_type="regression",
        pad_token_id=pad,
        eos_token_id=end,
        attn_implementation="eager",
    )


def empty(tokenizer):
    return BertForSequenceClassification(config(tokenizer))


def train(tokenizer, log):
    """A trained BertForSequenceClassification whose one logit is the score."""
    torch.manual_seed(SEED)
    scorer = empty(tokenizer)
    scorer.classifier.bias.data.fill_(2.0)
    optimiser = torch.optim.AdamW(scorer.parameters(), lr=LEARNING_RATE, weight_decay=0.01)
    stream, began = cases("train", SEED), time.time()
    for step in range(STEPS):
        optimiser.param_groups[0]["lr"] = LEARNING_RATE * min((step + 1) / WARM_UP, 1, (STEPS - step) / (0.7 * STEPS))
        rows = [next(stream) for _ in range(BATCH)]
        ids, mask = encode(tokenizer, rows)
        scores = torch.tensor([float(row[2]) for row in rows])
        loss = (scorer(input_ids=ids, attention_mask=mask).logits[:, 0] - scores).square().mean()
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(scorer.parameters(), 1.0)
        optimiser.step()
        if step % 100 == 99:
            log(f"scorer step {step + 1}/{STEPS}  loss {loss.item():.3f}  {time.time() - began:.0f} s")
    return scorer.eval()


@torch.inference_mode()
def scores(scorer, tokenizer, rows, batch=256):
    """The scorer's output, clamped to 0..4, for (prompt, completion, ...) rows."""
    found = []
    for start in range(0, len(rows), batch):
        ids, mask = encode(tokenizer, rows[start : start + batch])
        found.append(scorer(input_ids=ids, attention_mask=mask).logits[:, 0])
    return torch.cat(found).clamp(0, 4)


def calibration(scorer, tokenizer, rows):
    """How the scorer agrees with the rule on scored rows: overall, and its mean and spread at each true score."""
    found, true = scores(scorer, tokenizer, rows), torch.tensor([float(row[2]) for row in rows])
    error = found - true
    return {
        "cases": len(rows),
        "correlation": torch.corrcoef(torch.stack([found, true]))[0, 1].item(),
        "mse": error.square().mean().item(),
        "within_half": (error.abs() < 0.5).float().mean().item(),
        "by_score": [
            {
                "score": s,
                "cases": int((true == s).sum()),
                "mean": found[true == s].mean().item(),
                "sd": found[true == s].std().item(),
            }
            for s in range(5)
        ],
    }
