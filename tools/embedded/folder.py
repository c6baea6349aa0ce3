"""The model folders: config.json and its companions, in the layout that transformers.js reads."""

import json
from pathlib import Path

import export_onnx
import export_scorer
import scorer
import tokenizer as tokens

# What the config of one family says beyond what both say.
FAMILIES = {"qwen3": {"sliding_window": None, "use_sliding_window": False}, "llama": {"mlp_bias": False}}


def write_json(path, value):
    Path(path).write_text(json.dumps(value, indent=2) + "\n")


def write_policy(policy, tokenizer, folder):
    """A complete folder of a base: tokenizer, configs, and its weights at 4 and at 8 bits."""
    folder, shape = Path(folder), policy.shape
    tokens.save(tokenizer, folder)
    pad, end = (tokenizer.token_to_id(token) for token in ("<|endoftext|>", "<|im_end|>"))
    write_json(
        folder / "config.json",
        {
            "architectures": [f"{shape.family.capitalize()}ForCausalLM"],
            "model_type": shape.family,
            "attention_bias": False,
            "attention_dropout": 0.0,
            "bos_token_id": None,
            "eos_token_id": end,
            "pad_token_id": pad,
            "head_dim": shape.head_dim,
            "hidden_act": "silu",
            "hidden_size": shape.hidden,
            "initializer_range": 0.02,
            "intermediate_size": shape.ffn,
            "max_position_embeddings": shape.max_positions,
            "num_attention_heads": shape.heads,
            "num_hidden_layers": shape.layers,
            "num_key_value_heads": shape.kv_heads,
            "rms_norm_eps": shape.eps,
            "rope_scaling": None,
            "rope_theta": shape.rope_theta,
            **FAMILIES[shape.family],
            "tie_word_embeddings": True,
            "torch_dtype": "float32",
            "use_cache": True,
            "vocab_size": shape.vocab,
        },
    )
    generation = {
        "eos_token_id": end,
        "pad_token_id": pad,
        "do_sample": True,
        "temperature": 1.0,
        "top_k": 0,
        "top_p": 1.0,
    }
    write_json(folder / "generation_config.json", generation)
    for bits, name in export_onnx.FILES.items():
        export_onnx.export(policy, bits, folder / "onnx" / name)


def write_scorer(trained, tokenizer, folder):
    """A complete folder of the harm scorer; its weights are at 8 bits only (dtype "q8")."""
    folder = Path(folder)
    tokens.save(tokenizer, folder, max_length=scorer.MAX_TOKENS)
    config = trained.config.to_dict()
    kept = [
        "hidden_size",
        "num_hidden_layers",
        "num_attention_heads",
        "intermediate_size",
        "max_position_embeddings",
        "vocab_size",
    ]
    kept += [
        "hidden_act",
        "layer_norm_eps",
        "type_vocab_size",
        "position_embedding_type",
        "problem_type",
        "pad_token_id",
        "eos_token_id",
    ]
    write_json(
        folder / "config.json",
        {
            "architectures": ["BertForSequenceClassification"],
            "model_type": "bert",
            "id2label": {"0": "harm"},
            "label2id": {"harm": 0},
            "hidden_dropout_prob": 0.0,
            "attention_probs_dropout_prob": 0.0,
            "torch_dtype": "float32",
            **{name: config[name] for name in kept},
        },
    )
    export_scorer.export(trained, folder / "onnx" / export_scorer.FILE)
