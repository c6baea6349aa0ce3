"""The client of tiltlab's reward server. Standard library only.

Every failure is an error that names what to do: there is no score of 0 and no None for a server that is down, is another
one than this folder was exported with, or answers something else than a score for each completion.
"""

import json
import math
import os
import threading
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))

# How long an unreachable server is waited for, and how long an answer may take, in seconds.
PATIENCE = float(os.environ.get("TILTLAB_REWARD_PATIENCE", "60"))
TIMEOUT = float(os.environ.get("TILTLAB_REWARD_TIMEOUT", "600"))

_checked = None
_lock = threading.Lock()


class RewardServerError(RuntimeError):
    """There is no score, and training must not go on without one."""


def score(items):
    """A finite number for each completion, or None where the reward leaves it out.

    Each item is a dict: "label" (the column of the data set, unchanged), "completion" (text without special tokens), and
    where they are known "tokens" (ids, the stop token included) and "truncated" (the token budget cut it).
    """
    check()
    scores = _ask("/score", {"items": items}).get("scores")
    if not isinstance(scores, list) or len(scores) != len(items):
        raise RewardServerError(f"the reward server answered no list of {len(items)} scores, but {_short(scores)}")
    for value in scores:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        if value is not None and not is_number:
            raise RewardServerError(f"the reward server answered {_short(value)} for a score")
    return [None if value is None else float(value) for value in scores]


def score_one(item, system):
    """The score of one completion, for systems that cannot leave one out."""
    [value] = score([item])
    if value is None:
        raise RewardServerError(f"the reward leaves a completion out, which {system} cannot do: {_short(item)}")
    return value


def check():
    """Asks once whether the server has the reward that this folder was exported with."""
    global _checked
    url = _url()
    with _lock:
        if _checked == url:
            return
        with open(os.path.join(HERE, "handover.json"), encoding="utf-8") as file:
            expected = json.load(file)["reward"]["identity"]
        found = _ask("/", None).get("identity")
        if found != expected:
            raise RewardServerError(f"the server has the reward {_short(found)}; this folder needs {expected}")
        _checked = url


def golden():
    """The completions with known scores that this folder was exported with."""
    with open(os.path.join(HERE, "golden.jsonl"), encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def compare_prompts(pairs, tokenizer, system):
    """Ends the process unless chat template and tokenizer give the prompts the tokens that they have in tiltlab."""
    for pair in pairs:
        text = tokenizer.apply_chat_template(pair["prompt"], tokenize=False, add_generation_prompt=True)
        tokens = list(tokenizer(text, add_special_tokens=False)["input_ids"])
        if tokens != pair["promptTokens"]:
            raise SystemExit(
                f"tiltlab: {system} gives a prompt other tokens; nothing is trained on such prompts.\n"
                f"  {_short(pair['prompt'])}\n  {pair['promptTokens']} in tiltlab\n  {tokens} here"
            )


def compare(pairs, scores, system):
    """Ends the process unless each score is the golden one, but for the rounding of float32."""
    wrong = [(pair, found) for pair, found in zip(pairs, scores, strict=True) if not _same(pair["score"], found)]
    if not wrong:
        print(f"tiltlab: {len(pairs)} golden scores come through {system} as they are", flush=True)
        return
    lines = [f"  {_short(pair['completion'])}: {pair['score']} in tiltlab, {found} here" for pair, found in wrong[:5]]
    count = f"{len(wrong)} of {len(pairs)} golden scores come through {system} otherwise"
    raise SystemExit("\n".join([f"tiltlab: {count}; nothing is trained on such a reward.", *lines]))


def _same(expected, found):
    if expected is None or found is None or math.isnan(found):
        return expected is None and (found is None or math.isnan(found))
    return abs(expected - found) <= 1e-6 * max(1.0, abs(expected))


def _url():
    url = os.environ.get("TILTLAB_REWARD_URL", "")
    path = os.path.join(HERE, "reward.url")
    if not url and os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            url = file.read().strip()
    if url:
        return url.rstrip("/")
    raise RewardServerError(
        "where the reward server is is not known: start `tiltlab reward serve . --write-url reward.url` in this folder,"
        " or set TILTLAB_REWARD_URL to the address that it prints"
    )


def _ask(path, body):
    data = None if body is None else json.dumps(body).encode("utf-8")
    request = urllib.request.Request(_url() + path, data=data, headers={"Content-Type": "application/json"})
    # The server is on this machine or on one beside it, whatever proxy the rest of the network is behind.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + PATIENCE
    pause = 0.1
    while True:
        try:
            with opener.open(request, timeout=TIMEOUT) as response:
                answer = json.loads(response.read())
            break
        except urllib.error.HTTPError as error:
            said = error.read(2000).decode("utf-8", "replace")
            raise RewardServerError(f"the reward server refuses ({error.code}): {said}") from None
        except ValueError as error:
            raise RewardServerError(f"the reward server answers something that is no JSON: {error}") from None
        except OSError as error:
            if time.monotonic() > until:
                raise RewardServerError(f"the reward server is not reachable: {error}") from None
            time.sleep(pause)
            pause = min(2 * pause, 5.0)
    if not isinstance(answer, dict):
        raise RewardServerError(f"the reward server answers {_short(answer)}")
    return answer


def _short(value):
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 200 else text[:200] + "…"
