"""A decoder in plain PyTorch, Qwen3 or Llama with the parameter names of transformers' classes, and its sampler.

Written out because at this size a training step is mostly overhead: matmul + softmax on short rows is faster on a
CPU than the general library, and the tests against transformers and onnxruntime keep it honest.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Shape:
    family: str = "qwen3"  # or "llama", which is the same without norms of queries and keys
    vocab: int = 640
    hidden: int = 128
    layers: int = 4
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 32
    ffn: int = 352
    rope_theta: float = 1e4
    eps: float = 1e-6
    max_positions: int = 512


class RmsNorm(nn.Module):
    def __init__(self, size, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x):
        wide = x.float()
        return (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps) * self.weight).to(x.dtype)


def rotary_tables(shape):
    """cos and sin, [max_positions, head_dim / 2]."""
    frequency = shape.rope_theta ** (-torch.arange(0, shape.head_dim, 2, dtype=torch.float64) / shape.head_dim)
    angle = torch.arange(shape.max_positions, dtype=torch.float64)[:, None] * frequency
    return angle.cos().float(), angle.sin().float()


def rotate(x, cos, sin):
    """Rotates the halves of the last dimension; cos and sin are [batch, 1, time, head_dim / 2]."""
    left, right = x.chunk(2, -1)
    return torch.cat([left * cos - right * sin, right * cos + left * sin], -1)


class Attention(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        wide, narrow = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
        self.q_proj = nn.Linear(shape.hidden, wide, bias=False)
        self.k_proj = nn.Linear(shape.hidden, narrow, bias=False)
        self.v_proj = nn.Linear(shape.hidden, narrow, bias=False)
        self.o_proj = nn.Linear(wide, shape.hidden, bias=False)
        for part in ("q_norm", "k_norm"):
            setattr(self, part, RmsNorm(shape.head_dim, shape.eps) if shape.family == "qwen3" else nn.Identity())

    def forward(self, x, cos, sin, bias, past):
        batch, time, _ = x.shape
        s = self.shape
        q = self.q_norm(self.q_proj(x).view(batch, time, s.heads, s.head_dim)).transpose(1, 2)
        k = self.k_norm(self.k_proj(x).view(batch, time, s.kv_heads, s.head_dim)).transpose(1, 2)
        v = self.v_proj(x).view(batch, time, s.kv_heads, s.head_dim).transpose(1, 2)
        q, k = rotate(q, cos, sin).to(v.dtype), rotate(k, cos, sin).to(v.dtype)
        if past is not None:
            k, v = past.extend(self, k, v)
        # Query heads of one key head side by side: [batch, kv, heads / kv · time, head_dim], no copy of keys.
        group = s.heads // s.kv_heads
        q = q.reshape(batch, s.kv_heads, group * time, s.head_dim)
        score = (q @ k.transpose(-1, -2)).view(batch, s.kv_heads, group, time, -1) * s.head_dim**-0.5
        weight = (score.float() + bias).softmax(-1).to(v.dtype)
        out = (weight.view(batch, s.kv_heads, group * time, -1) @ v).view(batch, s.heads, time, s.head_dim)
        return self.o_proj(out.transpose(1, 2).reshape(batch, time, -1))


class Mlp(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.gate_proj = nn.Linear(shape.hidden, shape.ffn, bias=False)
        self.up_proj = nn.Linear(shape.hidden, shape.ffn, bias=False)
        self.down_proj = nn.Linear(shape.ffn, shape.hidden, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.input_layernorm = RmsNorm(shape.hidden, shape.eps)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = RmsNorm(shape.hidden, shape.eps)
        self.mlp = Mlp(shape)

    def forward(self, x, *rest):
        x = x + self.self_attn(self.input_layernorm(x), *rest)
        return x + self.mlp(self.post_attention_layernorm(x))


class Cache:
    """Keys and values so far, by attention module."""

    def __init__(self):
        self.kept = {}

    def extend(self, owner, k, v):
        if owner in self.kept:
            old_k, old_v = self.kept[owner]
            k, v = torch.cat([old_k, k], 2), torch.cat([old_v, v], 2)
        self.kept[owner] = (k, v)
        return k, v


class Body(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocab, shape.hidden)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = RmsNorm(shape.hidden, shape.eps)


class Decoder(nn.Module):
    def __init__(self, shape=Shape()):
        super().__init__()
        self.shape = shape
        self.model = Body(shape)
        cos, sin = rotary_tables(shape)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def initialise(self, generator):
        """Linears N(0, 1/fan_in), those that write to the residual stream × 0.3, embeddings N(0, 1/hidden)."""
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                scale = 0.3 if name.endswith(("o_proj.weight", "down_proj.weight")) else 1.0
                nn.init.normal_(parameter, std=scale * parameter.shape[1] ** -0.5, generator=generator)

    def hidden(self, ids, mask, past=None):
        """Final hidden states [batch, time, hidden]. `mask` [batch, past + time] is 0 on padding, left or right."""
        batch, time = ids.shape
        position = (mask.long().cumsum(-1) - 1).clamp_min(0)[:, -time:]
        cos, sin = self.cos[position][:, None], self.sin[position][:, None]
        total = mask.shape[1]
        seen = torch.ones(time, total, dtype=torch.bool).tril(total - time) & mask[:, None, :].bool()
        bias = torch.zeros(batch, time, total).masked_fill(~seen, -1e9)[:, None, None]
        x = self.model.embed_tokens(ids)
        for layer in self.model.layers:
            x = layer(x, cos, sin, bias, past)
        return self.model.norm(x)

    def logits(self, hidden):
        return F.linear(hidden, self.model.embed_tokens.weight)

    def forward(self, ids, mask=None, past=None):
        mask = torch.ones_like(ids) if mask is None else mask
        return self.logits(self.hidden(ids, mask, past))


def left_padded(rows, pad):
    """Rows of token ids of unequal length as (ids, mask), padded on the left."""
    width = max(map(len, rows))
    ids = torch.tensor([[pad] * (width - len(row)) + row for row in rows])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
    return ids, mask


@torch.inference_mode()
def sample(policy, prompts, pad, eos, max_new, generator=None):
    """Completions (lists of ids, without eos) of `prompts`: sampled at T = 1, or greedy without a generator."""
    ids, mask = left_padded(prompts, pad)
    past, current = Cache(), ids
    done = torch.zeros(len(prompts), dtype=torch.bool)
    columns = []
    for _ in range(max_new):
        logits = policy.logits(policy.hidden(current, mask, past)[:, -1]).float()
        if generator is None:
            token = logits.argmax(-1)
        else:
            token = torch.multinomial(logits.softmax(-1), 1, generator=generator)[:, 0]
        token = token.masked_fill(done, eos)
        done |= token == eos
        if done.all():
            break
        columns.append(token)
        current = token[:, None]
        mask = torch.cat([mask, torch.ones(len(prompts), 1, dtype=mask.dtype)], 1)
    if not columns:
        return [[] for _ in prompts]
    rows = torch.stack(columns, 1).tolist()
    return [row[: row.index(eos)] if eos in row else row for row in rows]
