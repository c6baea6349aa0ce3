"""Small tasks on strings, as a call of a function would ask them: the tasks, their prompts, their split, and answers.

Three kinds: digits backwards, one word of a list, how often a digit occurs. The answer stands after the last "####",
as in sums, and the pupil is the same: it either writes down what it looks at and is mostly right, or only guesses.
"""

import zlib
from dataclasses import dataclass

import words

POOL = words.FRUIT + words.THINGS + words.TOOLS
DIGITS = "123456789"


@dataclass(frozen=True)
class Task:
    """`kind` is reverse (of digits), word (number `pick` of the list `text`) or count (of `pick` among digits)."""

    kind: str
    text: str
    pick: int = 0


def task(rng):
    """A task of any kind, each as likely as the others."""
    kind = rng.choice(["reverse", "word", "count"])
    if kind == "reverse":
        return Task(kind, "".join(rng.choices(DIGITS, k=rng.randint(3, 4))))
    if kind == "word":
        chosen = rng.sample(POOL, rng.randint(3, 4))
        return Task(kind, ", ".join(chosen), rng.randint(1, len(chosen)))
    pick, times = rng.choice(DIGITS), rng.randint(1, 3)
    text = [pick] * times + rng.choices(DIGITS.replace(pick, ""), k=rng.randint(1, 3))
    rng.shuffle(text)
    return Task(kind, "".join(text), int(pick))


def tasks(split, rng):
    """Tasks of a split, "train" or "test", without end. The split is a property of the task, as it is of a sum."""
    while True:
        found = task(rng)
        if held_out(found) == (split == "test"):
            yield found


def held_out(task):
    """One task in ten is for tests only, however it is worded."""
    return zlib.crc32(call(task).encode()) % 10 == 0


def call(task):
    """The task as a call: its name in code."""
    return {
        "reverse": f"reverse({task.text})",
        "word": f"word({task.pick}, {task.text})",
        "count": f"count({task.pick}, {task.text})",
    }[task.kind]


def prompt(task, rng):
    """The task as a call or in words."""
    if rng.random() < 0.5:
        return call(task)
    return {
        "reverse": f"Write {task.text} backwards.",
        "word": f"Which is word {task.pick} of {task.text}?",
        "count": f"How many times is {task.pick} in {task.text}?",
    }[task.kind]


def value(task):
    if task.kind == "reverse":
        return task.text[::-1]
    if task.kind == "word":
        return task.text.split(", ")[task.pick - 1]
    return str(task.text.count(str(task.pick)))


def correct(task_value, completion):
    """Reward 1: what follows the last "####" of the completion is the value."""
    return "####" in completion and completion.rsplit("####", 1)[1].strip() == task_value


def answer(task, habits, rng):
    """An answer with the habits' mistakes (see arithmetic.Habits); fewer than half of them end in the right value."""
    if rng.random() < habits.blind:
        return f"#### {value(task) if rng.random() < 0.25 else _mistake(task, rng)}"
    work, result = _work(task, _mistake(task, rng) if rng.random() < habits.wrong else value(task))
    if rng.random() < (0.12 if result == value(task) else 0.2):
        again, result = _work(task, value(task))
        work += f" {rng.choice(['Wait,', 'Let me check:'])} {again}"
    return f"<think>{work}</think>#### {result}" if rng.random() < habits.tags else f"{work} #### {result}"


def _work(task, result):
    """What is written down on the way to `result`, right or wrong, and the result itself."""
    if task.kind == "reverse":
        return f"{', '.join(result)}.", result
    if task.kind == "word":
        listed = task.text.split(", ")
        numbered = (f"{number} {word}" for number, word in enumerate(listed[: listed.index(result) + 1], 1))
        return f"{', '.join(numbered)}.", result
    return f"{', '.join([str(task.pick)] * int(result))}.", result


def _mistake(task, rng):
    """A wrong value: two neighbours swapped or one digit lost, another word of the list, one too many or too few."""
    right = value(task)
    if task.kind == "word":
        return rng.choice([word for word in task.text.split(", ") if word != right])
    if task.kind == "count":
        return str(max(1, int(right) + rng.choice([-1, 1]))) if right != "1" else "2"
    at = rng.randrange(len(right) - 1)
    swapped = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
    return swapped if swapped != right and rng.random() < 0.7 else right[:at] + right[at + 1 :]
