"""The flags of an exported script, read by the system's own parser, and its rows, read by the system's own data set.

Usage: settings.py openrlhf|verl FOLDER    the words of the command are lines on the standard input, the module first
"""

import argparse
import ast
import importlib.util
import json
import os
import sys


def openrlhf(words, folder):
    """The parser of the command-line module, made by its own source: the module itself imports vLLM and DeepSpeed."""
    module, *flags = words
    source = importlib.util.find_spec("openrlhf").submodule_search_locations[0]
    path = os.path.join(source, *module.split(".")[1:]) + ".py"
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    [main] = [node for node in tree.body if isinstance(node, ast.If)]
    parses = [
        i for i, node in enumerate(main.body) if isinstance(node, ast.Assign) and "parse_args" in ast.dump(node.value)
    ]
    own = {"argparse": argparse, "datetime": __import__("datetime").datetime, "os": os}
    code = ast.fix_missing_locations(ast.Module(main.body[: parses[0]], []))
    exec(compile(code, path, "exec"), own)
    args = own["parser"].parse_args(flags)
    from types import SimpleNamespace

    from openrlhf.datasets.prompts_dataset import PromptDataset
    from openrlhf.datasets.utils import blending_datasets
    from transformers import AutoTokenizer

    data = SimpleNamespace(input_key="prompt", label_key="label", apply_chat_template=True)
    strategy = SimpleNamespace(args=SimpleNamespace(data=data), is_rank_0=lambda: True, print=lambda *_: None)
    rows = blending_datasets(getattr(args, "data.prompt_dataset"), None, strategy, dataset_split="train")
    prompts = PromptDataset(rows, AutoTokenizer.from_pretrained(os.path.join(folder, "model")), strategy)
    return {"flags": len([flag for flag in flags if flag.startswith("--")]), "rows": len(prompts), "first": prompts[0][2]}


def verl(words, folder):
    import verl.trainer.main_ppo
    from hydra import compose, initialize_config_dir
    from omegaconf import OmegaConf
    from transformers import AutoTokenizer
    from verl.experimental.reward_loop.reward_loop import migrate_legacy_reward_impl
    from verl.utils.dataset.rl_dataset import RLHFDataset

    _, *overrides = words
    configs = os.path.join(os.path.dirname(verl.trainer.main_ppo.__file__), "config")
    with initialize_config_dir(configs, version_base=None):
        config = migrate_legacy_reward_impl(compose("ppo_trainer", overrides))
    OmegaConf.to_container(config.reward, resolve=True)
    assert os.path.exists(config.reward.custom_reward_function.path), config.reward.custom_reward_function
    tokenizer = AutoTokenizer.from_pretrained(os.path.join(folder, "model"))
    rows = RLHFDataset([config.data.train_files], tokenizer, config.data)
    held = RLHFDataset([config.data.val_files], tokenizer, config.data)
    label = rows[0]["extra_info"]["label"]
    return {"flags": len(overrides), "rows": len(rows), "held": len(held), "first": label}


if __name__ == "__main__":
    found = {"openrlhf": openrlhf, "verl": verl}[sys.argv[1]](sys.stdin.read().splitlines(), sys.argv[2])
    print(json.dumps(found))
