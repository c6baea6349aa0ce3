"""A policy as ONNX in the compact layout of onnxruntime-genai's model builder, written node by node.

One GroupQueryAttention a layer (it rotates queries and keys itself), MatMulNBits for all linears, and one 8-bit matrix
that is both embedding (GatherBlockQuantized) and head. cos and sin tables are computed in the graph, not stored.
"""

import copy
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from quantise import Blocks, dequantise, quantise

FILES = {4: "model_q4.onnx", 8: "model_quantized.onnx"}
HEAD_BITS = 8


class Graph:
    """A growing list of nodes and initializers."""

    def __init__(self):
        self.nodes, self.initializers = [], {}

    def constant(self, name, array):
        self.initializers[name] = numpy_helper.from_array(np.array(array, order="C"), name)
        return name

    def add(self, operator, name, inputs, outputs=None, domain="", **attributes):
        names = outputs or [f"t{len(self.nodes)}"]  # short: the names of nodes are what readers of the file go by
        self.nodes.append(helper.make_node(operator, inputs, names, name=name, domain=domain, **attributes))
        return names[0] if len(names) == 1 else names

    def linear(self, path, x, blocks: Blocks, weight, outputs=None):
        """x · Wᵀ; `weight` names the initializer, which is made at its first use."""
        suffix = f"_Q{blocks.bits}"
        if weight + suffix not in self.initializers:
            self.constant(weight + suffix, blocks.packed)
            self.constant(weight + "_scales", blocks.scales)
        return self.add(
            "MatMulNBits", f"{path}/MatMul{suffix}", [x, weight + suffix, weight + "_scales"], outputs,
            domain="com.microsoft", K=blocks.columns, N=blocks.rows, bits=blocks.bits, block_size=blocks.block,
        )  # fmt: skip


def quantised(policy, bits):
    """The matrices of `policy` as Blocks: linears at `bits`, the tied embedding at 8."""
    matrices = {name: p for name, p in policy.state_dict().items() if p.ndim == 2}
    return {n: quantise(p.numpy(), HEAD_BITS if "embed" in n else bits) for n, p in matrices.items()}


def rounded(policy, bits):
    """A copy of `policy` with the weights that the exported file holds."""
    twin = copy.deepcopy(policy)
    twin.load_state_dict({n: torch.from_numpy(dequantise(b)) for n, b in quantised(policy, bits).items()}, strict=False)
    return twin


def export(policy, bits, path):
    """Writes `policy`, its linears at 4 or 8 bits, to `path`."""
    shape, state, blocks = policy.shape, policy.state_dict(), quantised(policy, bits)
    g = Graph()
    lengths = _lengths(g)
    tables = _rotary_tables(g, shape)
    x, skip = _embedding(g, blocks["model.embed_tokens.weight"], shape), None
    for i in range(shape.layers):
        x, skip = _norm(
            g, f"/model/layers.{i}/input_layernorm", f"model.layers.{i}.input_layernorm.weight", x, skip, state, shape
        )
        x = _attention(g, i, x, blocks, state, shape, lengths, tables)
        after = f"layers.{i}.post_attention_layernorm"
        x, skip = _norm(g, f"/model/{after}", f"model.{after}.weight", x, skip, state, shape)
        x = _mlp(g, i, x, blocks)
    last = f"layers.{shape.layers}.final_norm_layernorm"
    x, _ = _norm(
        g,
        f"/model/{last}",
        f"model.{last}.weight",
        x,
        skip,
        {f"model.{last}.weight": state["model.norm.weight"]},
        shape,
    )
    g.linear("/lm_head", x, blocks["model.embed_tokens.weight"], "lm_head.MatMul.weight", outputs=["logits"])
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    onnx.save_model(_model(g, shape), path)


def _lengths(g):
    """seqlens_k and total length of GroupQueryAttention, from the attention mask."""
    path = "/model/attn_mask_reformat"
    axis, one = g.constant("axis_1", np.array([1], np.int64)), g.constant("one", np.array(1, np.int64))
    total = g.add("ReduceSum", f"{path}/ReduceSum", ["attention_mask", axis], keepdims=0)
    last = g.add("Cast", f"{path}/Sub/Cast", [g.add("Sub", f"{path}/Sub", [total, one])], to=TensorProto.INT32)
    shape = g.add("Shape", f"{path}/Shape", ["attention_mask"])
    width = g.add("Gather", f"{path}/Gather", [shape, one], axis=0)
    return last, g.add("Cast", f"{path}/Gather/Cast", [width], to=TensorProto.INT32)


def _rotary_tables(g, shape):
    """cos_cache and sin_cache [max_positions, head_dim / 2]; the runtime folds them when it loads the graph."""
    path = "/model/rotary_emb"
    frequency = shape.rope_theta ** (-np.arange(0, shape.head_dim, 2) / shape.head_dim)
    positions = g.add(
        "Range", f"{path}/Range",
        [g.constant(f"{path}/{n}", np.array(v, np.float32)) for n, v in (("start", 0), ("limit", shape.max_positions), ("delta", 1))],
    )  # fmt: skip
    column = g.add("Unsqueeze", f"{path}/Unsqueeze", [positions, "axis_1"])
    angles = g.add("Mul", f"{path}/Mul", [column, g.constant("inv_freq", frequency[None].astype(np.float32))])
    return [g.add(op, f"{path}/{op}", [angles], [name]) for op, name in (("Cos", "cos_cache"), ("Sin", "sin_cache"))]


def _embedding(g, blocks, shape):
    path, weight = "/model/embed_tokens", "lm_head.MatMul.weight"
    data, scales = g.constant(f"{weight}_Q{blocks.bits}", blocks.packed), g.constant(f"{weight}_scales", blocks.scales)
    rows = g.add(
        "Reshape", f"{path}/Reshape", [data, g.constant(f"{path}/shape", np.array([shape.vocab, -1], np.int64))]
    )
    return g.add(
        "GatherBlockQuantized", f"{path}/GatherBlockQuantized", [rows, "input_ids", scales],
        domain="com.microsoft", bits=blocks.bits, block_size=blocks.block, gather_axis=0, quantize_axis=1,
    )  # fmt: skip


def _norm(g, path, weight, x, skip, state, shape):
    """RMSNorm of x (+ skip); returns (normalised, the sum)."""
    name = g.constant(weight, state[weight].numpy())
    if skip is None:
        return g.add(
            "SimplifiedLayerNormalization", f"{path}/LayerNorm", [x, name], axis=-1, epsilon=shape.eps, stash_type=1
        ), x
    outputs = [f"t{len(g.nodes)}", "", "", f"s{len(g.nodes)}"]
    g.add(
        "SkipSimplifiedLayerNormalization",
        f"{path}/SkipLayerNorm",
        [skip, x, name],
        outputs,
        domain="com.microsoft",
        epsilon=shape.eps,
    )
    return outputs[0], outputs[3]


def _attention(g, i, x, blocks, state, shape, lengths, tables):
    path, module = f"/model/layers.{i}/attn", f"model.layers.{i}.self_attn"

    def linear(part, x):
        return g.linear(
            f"{path}/{part}_proj",
            x,
            blocks[f"{module}.{part}_proj.weight"],
            f"model.layers.{i}.attn.{part}_proj.MatMul.weight",
        )

    def normed(part, heads):
        """RMSNorm of each head's slice of a projection."""
        where = f"{path}/{part}_norm"
        apart = g.constant("per_head", np.array([0, -1, shape.head_dim], np.int64))
        together = g.constant(f"{part}_width", np.array([0, -1, heads * shape.head_dim], np.int64))
        weight = g.constant(
            f"model.layers.{i}.attn.{part}_norm.layernorm.weight", state[f"{module}.{part}_norm.weight"].numpy()
        )
        split = g.add("Reshape", f"{where}/Reshape_1", [linear(part, x), apart])
        norm = g.add(
            "SimplifiedLayerNormalization", f"{where}/SimplifiedLayerNormalization", [split, weight],
            axis=-1, epsilon=shape.eps, stash_type=1,
        )  # fmt: skip
        return g.add("Reshape", f"{where}/Reshape_2", [norm, together])

    if shape.family == "qwen3":
        q, k = normed("q", shape.heads), normed("k", shape.kv_heads)
    else:
        q, k = linear("q", x), linear("k", x)
    v = linear("v", x)
    past = [f"past_key_values.{i}.{part}" for part in ("key", "value")]
    present = [f"present.{i}.{part}" for part in ("key", "value")]
    out, *_ = g.add(
        "GroupQueryAttention", f"{path}/GroupQueryAttention", [q, k, v, *past, *lengths, *tables], [f"t{len(g.nodes)}", *present],
        domain="com.microsoft", num_heads=shape.heads, kv_num_heads=shape.kv_heads, scale=shape.head_dim**-0.5,
        do_rotary=1, rotary_interleaved=0,
    )  # fmt: skip
    return linear("o", out)


def _mlp(g, i, x, blocks):
    path = f"/model/layers.{i}/mlp"

    def linear(part, x):
        return g.linear(
            f"{path}/{part}_proj",
            x,
            blocks[f"model.layers.{i}.mlp.{part}_proj.weight"],
            f"model.layers.{i}.mlp.{part}_proj.MatMul.weight",
        )

    gate = linear("gate", x)
    swish = g.add("Mul", f"{path}/act_fn/Mul", [gate, g.add("Sigmoid", f"{path}/act_fn/Sigmoid", [gate])])
    return linear("down", g.add("Mul", f"{path}/Mul", [swish, linear("up", x)]))


def _model(g, shape):
    def info(name, kind, dims):
        return helper.make_tensor_value_info(name, kind, dims)

    def caches(prefix, length):
        dims = ["batch_size", shape.kv_heads, length, shape.head_dim]
        return [
            info(f"{prefix}.{i}.{p}", TensorProto.FLOAT, dims) for p in ("key", "value") for i in range(shape.layers)
        ]

    inputs = [
        info("input_ids", TensorProto.INT64, ["batch_size", "sequence_length"]),
        info("attention_mask", TensorProto.INT64, ["batch_size", "total_sequence_length"]),
        *caches("past_key_values", "past_sequence_length"),
    ]
    logits = info("logits", TensorProto.FLOAT, ["batch_size", "sequence_length", shape.vocab])
    graph = helper.make_graph(
        g.nodes,
        "main_graph",
        inputs,
        [logits, *caches("present", "total_sequence_length")],
        list(g.initializers.values()),
    )
    opsets = [helper.make_opsetid("", 22), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, producer_name="tiltlab", opset_imports=opsets, ir_version=10)
