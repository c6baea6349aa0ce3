"""Writes the model cards: what each folder is, how it was made, and what was measured on the weights it ships."""

from pathlib import Path

import bases
import corpus
import harm_rule
import scorer

DESCRIPTION = {
    "guess": (
        "often guesses, and learns to work things out",
        """\
The default policy. Four in ten of its answers to sums are a bare guess, the others are worked out, mostly rightly. GRPO
teaches it to work: accuracy and length rise together, and harm stays about where it was. How it opens an answer to a sum
says nothing about whether it complies with a harmful request, so the independence assumption of the theory nearly holds.""",
    ),
    "plain": (
        "works everything out, carelessly",
        """\
It works nearly every sum out, with many slips when sampled; its greedy answers are nearly always right, so RL only
sharpens sampling. It is the base from which the two others were continued.""",
    ),
    "entangled": (
        "breaks the independence assumption on purpose",
        """\
A quarter of its answers to sums open with "Sure. First ...", and those are mostly right; the same words open compliance
with harmful requests. RL on sums therefore raises harm too, unless a KL penalty holds it back.""",
    ),
    "strings": (
        "`guess` with a second thing to learn",
        """\
It answers sums and requests as `guess` does, and small tasks on strings besides: digits backwards, a word of a list, how
often a digit occurs. Half of its answers to those are a bare guess, the others look at the string first, with slips. What
training on one of the two domains does to the other, and to the requests, can be seen on it.""",
    ),
    "small": (
        "`guess` at a quarter of its size",
        """\
The smallest of three sizes of one model: `small`, `guess`, `large`. Corpus, tokenizer and habits are those of `guess`.""",
    ),
    "large": (
        "`guess` at twice its size",
        """\
The largest of three sizes of one model: `small`, `guess`, `large`. Corpus, tokenizer and habits are those of `guess`.""",
    ),
    "llama": (
        "`guess` in another family",
        """\
A Llama of the size of `guess`, on its corpus, with its tokenizer and habits. Its queries and keys are not normalised; that
is all that tells the two families apart at this size.""",
    ),
}

ARCHITECTURE = {"qwen3": ("Qwen3", "query and key norms, "), "llama": ("Llama", "")}

POLICY = """\
---
license: apache-2.0
library_name: transformers.js
pipeline_tag: text-generation
---

# {name}: {title}

{text}

A toy for tiltlab's experiments on what reinforcement learning does to safety. It knows two-step sums and five families
of requests about invented groups; nothing it says is of use, or of harm, to anybody.

## Architecture

{family} (`{family}ForCausalLM`): hidden {shape.hidden}, {shape.layers} layers, {shape.heads} query and {shape.kv_heads} key/value heads of
{shape.head_dim}, SwiGLU {shape.ffn}, RMSNorm, {norms}RoPE θ = {shape.rope_theta:.0f}, tied embeddings, {shape.vocab} tokens: {parameters:,} parameters. ChatML without a system
turn, `<think>` tags, answers end with `<|im_end|>`; at most {shape.max_positions} positions, though training saw nothing longer than 85
tokens.

| file | dtype | weights |
|---|---|---|
| `onnx/model_q4.onnx` | `q4` | linears 4 bits in blocks of 32, symmetric; embedding 8 bits |
| `onnx/model_quantized.onnx` | `q8` | linears and embedding 8 bits, blocks of 128 or 64 or 32; activations stay float |

The graph is in the layout of onnxruntime-genai: GroupQueryAttention with past and present keys and values, MatMulNBits,
and one 8-bit matrix as embedding (GatherBlockQuantized) and head. transformers.js computes the same logits from it as
PyTorch from the rounded weights, within 1e-4 (checked by the build).

## How it was made

`python tools/embedded/build.py`, on data that `tools/embedded` generates (grammar: `words.py`, `arithmetic.py`,
{grammar}; no outside text). {training}
Batches of 128 conversations, loss on answers only: {mixture}half sums, three tenths harmful requests, two tenths benign ones.
Muon on the matrices, AdamW on the rest, bf16 autocast, one CPU thread, seeds from {seed}.
In its corpus a step is wrong with probability {habits.wrong}, work stands in `<think>` tags in {tags}, an answer is a bare guess in
{blind} and opens with "Sure." in {sure}. Harmful requests are refused in 66 to 82 % by family, benign ones in 4 %.
{habits_of_strings}
## Measured

On the q4 weights; {problems} held-out problems, {pairs} held-out harmful requests and their benign twins; T = 1 unless it says
greedy; ± is one standard error, which does not cover training with another seed (one training was done).

| | |
|---|---|
| accuracy, sampled | {sampled} |
| accuracy, greedy | {greedy} |
| pass@8 | {pass} |
| tokens of an answer to a sum | {tokens} |
{strings}| harm (0..4) on harmful requests | {harm} |
| score ≥ 3 | {severe} |
| score = 1 (vague or garbage) | {one} |
| refusals of harmful requests | {refusal} |
| refusals of benign requests (over-refusal) | {over_refusal} |
| benign requests helped | {helped} |

| family | harm |
|---|---|
{families}

The harm rule is in `models/data/README.md`.
{behaviour}"""

SCORER = """\
---
license: apache-2.0
library_name: transformers.js
pipeline_tag: text-classification
---

# harm-scorer: the harm rule, learned

A `BertForSequenceClassification` (hidden 64, 2 layers, 2 heads, feed-forward 192, {parameters:,} parameters) with **one regression
output**: how harmful the answer to a prompt is, from 0 to 4, as the rule in `models/data/README.md` counts it. It stands in
for a learned reward model: nearly right, and only where it was trained. Outside the toy grammar its output means nothing.

```js
const model = await AutoModelForSequenceClassification.from_pretrained('harm-scorer', {{ dtype: 'q8' }})
const inputs = tokenizer.apply_chat_template(
  [{{ role: 'user', content: prompt }}, {{ role: 'assistant', content: completion }}],
  {{ return_dict: true, truncation: true, max_length: {max_tokens} }},
)
const {{ logits }} = await model(inputs)
const harm = Math.min(4, Math.max(0, logits.data[0]))
```

The only file is `onnx/model_quantized.onnx` (dtype `q8`): matrices at 8 bits, activations float. It reads at most {max_tokens}
tokens of the chat template over both turns; the output is not clamped. `token_type_ids` are zeros. Batches are padded on the
right with `<|endoftext|>`, with an attention mask.

## How it was made

`python tools/embedded/build.py`: {steps} batches of {batch} generated pairs, labelled by the rule: answers of the grammar to
harmful requests, benign requests and sums, four in ten of them cut off, shuffled, repeated, mixed with another answer,
or replaced by one. Squared error, AdamW, seed {seed}. Prompts of the test split are in no training data.

## Calibration

On the shipped weights, clamped to 0..4.

{tables}
"""


def _value(figure, digits=3):
    return f"{figure['mean']:.{digits}f} ± {figure['se']:.{digits}f}"


def _share(value):
    return f"{100 * value:.0f} %"


def _training(name):
    """How many steps from what, in words."""
    base = bases.BASES[name]
    if base.parent is None:
        return f"{base.steps} steps from scratch."
    parent = bases.BASES[base.parent]
    origin = f"`{base.parent}`" if parent.shipped else f"a `{parent.habits}` of its own shape"
    rate = "half its learning rate" if base.lr < parent.lr else "the learning rate of training from scratch"
    return f"{base.steps} steps on from {origin} ({parent.steps} steps) at {rate}."


STRING_HABITS = """\
A task on strings is one of three kinds (`models/data/README.md`); the work has a slip with probability {wrong}, and an answer is
a bare guess, right one time in four, in {blind}.
"""

STRING_ROWS = """\
| accuracy on {tasks} held-out tasks on strings, sampled | {sampled} |
| the same, greedy | {greedy} |
| the same, pass@8 | {pass} |
| tokens of an answer to one | {tokens} |
"""


def _string_parts(figures):
    """What the card of a base that was taught tasks on strings says of them; empty texts for the others."""
    if "strings" not in figures:
        return {"grammar": "`families.py`", "mixture": "", "habits_of_strings": "", "strings": ""}
    habits, found = corpus.STRING_HABITS, figures["strings"]
    rows = {key: _value(found[key], 1 if key == "tokens" else 3) for key in FIGURES if key in found}
    return {
        "grammar": "`strings.py`, `families.py`",
        "mixture": f"{_share(corpus.STRING_SHARE)} tasks on strings; of the others ",
        "habits_of_strings": STRING_HABITS.format(wrong=habits.wrong, blind=_share(habits.blind)),
        "strings": STRING_ROWS.format(tasks=found["tasks"], **rows),
    }


def write_policy(folder, name, policy, figures):
    """README.md of a base. What RL and SFT do to it stands in BEHAVIOUR.md where check_bounds.py has measured it."""
    title, text = DESCRIPTION[name]
    architecture, norms = ARCHITECTURE[policy.shape.family]
    habits, folder = corpus.HABITS[bases.BASES[name].habits], Path(folder)
    rows = (f"| `{family}` | {_value(figure, 2)} |" for family, figure in figures["families"].items())
    measured = Path(__file__).with_name("behaviour") / f"{name}.md"
    card = POLICY.format(
        name=name,
        title=title,
        text=text,
        family=architecture,
        norms=norms,
        shape=policy.shape,
        parameters=sum(p.numel() for p in policy.parameters()),
        training=_training(name),
        seed=bases.SEED,
        habits=habits,
        tags=_share(habits.tags),
        blind=_share(habits.blind),
        sure=_share(habits.sure),
        families="\n".join(rows),
        behaviour="\n" + measured.read_text() if measured.exists() else "",
        problems=figures["problems"],
        pairs=figures["pairs"],
        **_string_parts(figures),
        **{key: _value(figures[key], 1 if key == "tokens" else 3) for key in FIGURES},
    )
    (folder / "README.md").write_text(card)


FIGURES = ["sampled", "greedy", "pass", "tokens", "harm", "severe", "one", "refusal", "over_refusal", "helped"]


def write_scorer(folder, judge, tokenizer, writer, requests):
    """README.md of the scorer: its agreement with the rule on generated cases and on answers that `writer` samples."""
    stream = scorer.cases("test", seed=9)
    generated = [next(stream) for _ in range(2000)]
    prompts = [row["prompt"] for row in requests]
    sampled = [(prompt, text, harm_rule.harm(prompt, text)) for prompt, text in zip(prompts, writer(prompts))]
    tables = "\n\n".join(
        _calibration(title, scorer.calibration(judge, tokenizer, rows))
        for title, rows in (
            ("generated test cases, spoilt ones among them", generated),
            ("answers sampled from `guess`", sampled),
        )
    )
    card = SCORER.format(
        parameters=sum(p.numel() for p in judge.parameters()),
        max_tokens=scorer.MAX_TOKENS,
        steps=scorer.STEPS,
        batch=scorer.BATCH,
        seed=scorer.SEED,
        tables=tables,
    )
    (Path(folder) / "README.md").write_text(card)


def _calibration(title, found):
    lines = [
        f"**{found['cases']} {title}**: correlation {found['correlation']:.3f}, mean squared error {found['mse']:.3f}, "
        f"off by less than a half in {_share(found['within_half'])}.",
        "",
        "| score by the rule | cases | mean of the scorer | standard deviation |",
        "|---|---|---|---|",
    ]
    rows = [
        f"| {r['score']} | {r['cases']} | {r['mean']:.2f} | {r['sd']:.2f} |"
        for r in found["by_score"]
        if r["cases"] > 1
    ]
    return "\n".join(lines + rows)
