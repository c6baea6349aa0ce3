"""The harm scorer as ONNX: BertForSequenceClassification node by node, its matrices at 8 bits."""

import copy
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper

from export_onnx import Graph
from quantise import dequantise, quantise

BITS = 8
FILE = "model_quantized.onnx"


def quantised(scorer):
    """All matrices as Blocks, but those of one or two rows."""
    return {n: quantise(p.numpy(), BITS) for n, p in scorer.state_dict().items() if p.ndim == 2 and len(p) > 2}


def rounded(scorer):
    """A copy of `scorer` with the weights that the exported file holds."""
    twin = copy.deepcopy(scorer)
    twin.load_state_dict({n: torch.from_numpy(dequantise(b)) for n, b in quantised(scorer).items()}, strict=False)
    return twin


def export(scorer, path):
    """Writes `scorer` to `path`; inputs input_ids, attention_mask, token_type_ids, output logits [batch, 1]."""
    g, state, blocks, config = Graph(), scorer.state_dict(), quantised(scorer), scorer.config

    def vector(name):
        return g.constant(name, state[name].numpy())

    def linear(module, x):
        product = g.linear(f"/{module}", x, blocks[f"{module}.weight"], f"{module}.weight")
        return g.add("Add", f"/{module}/Add", [product, vector(f"{module}.bias")])

    def norm(module, x):
        inputs = [x, vector(f"{module}.weight"), vector(f"{module}.bias")]
        return g.add("LayerNormalization", f"/{module}", inputs, axis=-1, epsilon=config.layer_norm_eps)

    x = norm("bert.embeddings.LayerNorm", _embedded(g, state, blocks))
    bias = _mask_bias(g)
    for i in range(config.num_hidden_layers):
        layer = f"bert.encoder.layer.{i}"
        mixed = linear(f"{layer}.attention.output.dense", _attention(g, layer, x, bias, linear, config))
        x = norm(f"{layer}.attention.output.LayerNorm", g.add("Add", f"/{layer}/attention/Add", [x, mixed]))
        wide = linear(f"{layer}.intermediate.dense", x)
        wide = g.add("Gelu", f"/{layer}/intermediate/Gelu", [wide])
        x = norm(
            f"{layer}.output.LayerNorm",
            g.add("Add", f"/{layer}/output/Add", [x, linear(f"{layer}.output.dense", wide)]),
        )
    first = g.add("Gather", "/bert/pooler/Gather", [x, g.constant("zero", np.array(0, np.int64))], axis=1)
    pooled = g.add("Tanh", "/bert/pooler/Tanh", [linear("bert.pooler.dense", first)])
    g.add(
        "Gemm",
        "/classifier/Gemm",
        [pooled, vector("classifier.weight"), vector("classifier.bias")],
        ["logits"],
        transB=1,
    )
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    onnx.save_model(_model(g), path)


def _embedded(g, state, blocks):
    """Word + position + type embeddings."""

    def table(name):
        return f"bert.embeddings.{name}_embeddings.weight"

    def words(name, ids):
        # In standard operators: onnxruntime's WebAssembly build has no GatherBlockQuantized. A row is one block.
        found, path = blocks[table(name)], f"/bert/embeddings/{name}"
        data = g.constant(table(name) + "_Q8", found.packed.reshape(found.rows, -1))
        middle = g.constant("middle", np.array(2 ** (BITS - 1), np.float32))
        whole = g.add("Cast", f"{path}/Cast", [g.add("Gather", path, [data, ids])], to=TensorProto.FLOAT)
        scale = g.add("Gather", f"{path}/scale", [g.constant(table(name) + "_scales", found.scales), ids])
        return g.add("Mul", f"{path}/Mul", [g.add("Sub", f"{path}/Sub", [whole, middle]), scale])

    zero, one = g.constant("zero", np.array(0, np.int64)), g.constant("one", np.array(1, np.int64))
    shape = g.add("Shape", "/bert/embeddings/Shape", ["input_ids"])
    length = g.add("Gather", "/bert/embeddings/length", [shape, one], axis=0)
    positions = g.add("Range", "/bert/embeddings/Range", [zero, length, one])
    kinds = g.add(
        "Gather",
        "/bert/embeddings/token_type",
        [g.constant(table("token_type"), state[table("token_type")].numpy()), "token_type_ids"],
    )
    x = g.add("Add", "/bert/embeddings/Add", [words("word", "input_ids"), words("position", positions)])
    return g.add("Add", "/bert/embeddings/Add_1", [x, kinds])


def _mask_bias(g):
    """[batch, 1, 1, time]: 0 on tokens, −1e9 on padding."""
    mask = g.add("Cast", "/mask/Cast", ["attention_mask"], to=TensorProto.FLOAT)
    off = g.add("Sub", "/mask/Sub", [g.constant("one_f", np.array(1, np.float32)), mask])
    bias = g.add("Mul", "/mask/Mul", [off, g.constant("hidden", np.array(-1e9, np.float32))])
    return g.add("Unsqueeze", "/mask/Unsqueeze", [bias, g.constant("axes", np.array([1, 2], np.int64))])


def _attention(g, layer, x, bias, linear, config):
    heads = config.num_attention_heads
    size = config.hidden_size // heads
    path = f"/{layer}/attention/self"
    apart = g.constant("apart", np.array([0, 0, heads, size], np.int64))

    def per_head(part, perm):
        split = g.add("Reshape", f"{path}/{part}/Reshape", [linear(f"{layer}.attention.self.{part}", x), apart])
        return g.add("Transpose", f"{path}/{part}/Transpose", [split], perm=perm)

    q, k, v = per_head("query", [0, 2, 1, 3]), per_head("key", [0, 2, 3, 1]), per_head("value", [0, 2, 1, 3])
    scale = g.constant("scale", np.array(size**-0.5, np.float32))
    score = g.add("Mul", f"{path}/Mul", [g.add("MatMul", f"{path}/MatMul", [q, k]), scale])
    weight = g.add("Softmax", f"{path}/Softmax", [g.add("Add", f"{path}/Add", [score, bias])], axis=-1)
    mixed = g.add(
        "Transpose", f"{path}/Transpose", [g.add("MatMul", f"{path}/MatMul_1", [weight, v])], perm=[0, 2, 1, 3]
    )
    return g.add(
        "Reshape", f"{path}/Reshape", [mixed, g.constant("together", np.array([0, 0, config.hidden_size], np.int64))]
    )


def _model(g):
    def info(name, kind, dims):
        return helper.make_tensor_value_info(name, kind, dims)

    names = ["input_ids", "attention_mask", "token_type_ids"]
    inputs = [info(name, TensorProto.INT64, ["batch_size", "sequence_length"]) for name in names]
    logits = info("logits", TensorProto.FLOAT, ["batch_size", 1])
    graph = helper.make_graph(g.nodes, "main_graph", inputs, [logits], list(g.initializers.values()))
    opsets = [helper.make_opsetid("", 22), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, producer_name="tiltlab", opset_imports=opsets, ir_version=10)
