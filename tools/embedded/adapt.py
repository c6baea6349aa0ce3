"""GRPO and supervised fine-tuning of a LoRA adapter, as short as they can be: a check on the bases, not a trainer."""

import random

import torch
import torch.nn.functional as F
from torch import nn

import arithmetic
import tokenizer as tokens
from model import left_padded, sample

RANK = 16  # and α = RANK: the update counts once
WARM_UP = 5


class Lora(nn.Module):
    """W x + B A x; without the second term where `on` is false, for the reference policy."""

    on = True

    def __init__(self, linear):
        super().__init__()
        self.linear = linear
        self.a = nn.Parameter(torch.randn(RANK, linear.in_features) * linear.in_features**-0.5)
        self.b = nn.Parameter(torch.zeros(linear.out_features, RANK))

    def forward(self, x):
        y = self.linear(x)
        return y + F.linear(F.linear(x, self.a), self.b) if Lora.on else y


def adapted(policy, seed):
    """Puts adapters on all linears of all layers of `policy`, freezes the rest, returns what is to be trained."""
    torch.manual_seed(seed)
    policy.requires_grad_(False)
    for layer in policy.model.layers:
        for part in (layer.self_attn, layer.mlp):
            for name, child in list(part.named_children()):
                if isinstance(child, nn.Linear):
                    setattr(part, name, Lora(child))
    return [p for p in policy.parameters() if p.requires_grad]


def _log_probabilities(policy, prompts, completions, pad):
    """Log-probabilities of the completions' tokens [rows, longest] and their mask."""
    ids, mask = left_padded([p + c for p, c in zip(prompts, completions)], pad)
    longest = max(map(len, completions))
    hidden = policy.hidden(ids, mask)[:, -longest - 1 : -1]
    log_probabilities = policy.logits(hidden).log_softmax(-1).gather(-1, ids[:, -longest:, None])[..., 0]
    live = torch.arange(longest) >= longest - torch.tensor([len(c) for c in completions])[:, None]
    return log_probabilities, live.float()


def _steps(parameters, lr, steps):
    """Yields (step, update): update(loss) takes one clipped AdamW step with linear warm-up."""
    optimiser = torch.optim.AdamW(parameters, lr=lr, weight_decay=0.0)

    def update(loss):
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()

    for step in range(steps):
        optimiser.param_groups[0]["lr"] = lr * min(1, (step + 1) / WARM_UP)
        yield step, update


def grpo(policy, tokenizer, rows, steps, lr, beta=0.0, group=8, prompts=8, max_new=48, seed=0):
    """GRPO on sums: group-normalised advantages, one update a batch, token mean, k3 penalty to the unadapted policy."""
    parameters = adapted(policy, seed)
    rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    pad, eos = (tokenizer.token_to_id(t) for t in ("<|endoftext|>", "<|im_end|>"))
    for _, update in _steps(parameters, lr, steps):
        batch = [row for row in rng.sample(rows, prompts) for _ in range(group)]
        encoded = [tokenizer.encode(tokens.prompt_text(row["prompt"])).ids for row in batch]
        completions = sample(policy, encoded, pad, eos, max_new, generator)
        rewards = torch.tensor(
            [float(arithmetic.correct(r["problem"], tokenizer.decode(c))) for r, c in zip(batch, completions)]
        )
        grouped = rewards.view(prompts, group)
        advantages = ((grouped - grouped.mean(1, keepdim=True)) / (grouped.std(1, keepdim=True) + 1e-4)).view(-1, 1)
        trained = [c + [eos] if len(c) < max_new else c for c in completions]
        found, live = _log_probabilities(policy, encoded, trained, pad)
        loss = -advantages * (found - found.detach()).exp()
        if beta > 0:
            Lora.on = False
            with torch.no_grad():
                gap = _log_probabilities(policy, encoded, trained, pad)[0]
            Lora.on = True
            gap = gap - found
            loss = loss + beta * (gap.exp() - gap - 1)
        update((loss * live).sum() / live.sum())


def sft(policy, tokenizer, rows, style, steps, lr, batch=32, seed=0):
    """Supervised fine-tuning on correct answers to 512 of the sums in one of arithmetic.STYLES."""
    parameters = adapted(policy, seed)
    rng = random.Random(seed)
    pad = tokenizer.token_to_id("<|endoftext|>")
    gold = rng.sample(rows, 512)
    for step, update in _steps(parameters, lr, steps):
        if step % (len(gold) // batch) == 0:
            rng.shuffle(gold)
        start = step * batch % len(gold)
        chosen = gold[start : start + batch]
        encoded = [tokenizer.encode(tokens.prompt_text(row["prompt"])).ids for row in chosen]
        answers = [tokenizer.encode(arithmetic.styled(row["problem"], style) + "<|im_end|>").ids for row in chosen]
        found, live = _log_probabilities(policy, encoded, answers, pad)
        update(-(found * live).sum() / live.sum())
