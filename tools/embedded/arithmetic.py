"""Two-step sums: the problems, their prompts, their split, and answers as a careless pupil would write them."""

import itertools
import re
import zlib
from dataclasses import dataclass

import words

STYLES = {
    "own": "<think>{step1}. {step2}.</think>#### {answer}",
    "sure": "Sure. First {step1}. Then {step2}. #### {answer}",
    "prose": "First {step1}. Then {step2}. #### {answer}",
    "result": "Result {step1}. Now {step2}. #### {answer}",
    "terse": "#### {answer}",
}


@dataclass(frozen=True)
class Habits:
    """How a base model answers sums or tasks on strings. Shares are probabilities."""

    wrong: float  # a step is wrong
    tags: float  # the work stands in <think> tags
    blind: float  # only "#### n", right one time in four
    sure: float  # opens with "Sure. First ...", and then nearly always right (the entangled base)
    result: float = (
        0.03  # "Result ... Now ...": keeps the words of that style alive, so that SFT on it does not break the model
    )


def apply(a, sign, b):
    return a + b if sign == "+" else a - b


def value(problem):
    a, sign1, b, sign2, c = problem
    return apply(apply(a, sign1, b), sign2, c)


def problems():
    """All a ± b ± c with a, b in 2..19, c in 2..9, and nothing negative on the way."""
    for a, sign1, b, sign2, c in itertools.product(range(2, 20), "+-", range(2, 20), "+-", range(2, 10)):
        first = apply(a, sign1, b)
        if first >= 0 and apply(first, sign2, c) >= 0:
            yield (a, sign1, b, sign2, c)


def held_out(problem):
    """One problem in ten is for tests only; the split is a property of the problem, not of a shuffle."""
    return zlib.crc32("{}{}{}{}{}".format(*problem).encode()) % 10 == 0


def prompt(problem, rng):
    """The problem in one of four wordings."""
    a, sign1, b, sign2, c = problem
    name, fruit = rng.choice(words.NAMES), rng.choice(words.FRUIT)

    def verb(sign, plus, minus):
        return rng.choice(plus if sign == "+" else minus)

    wording = rng.randrange(4)
    if wording == 0:
        one, two = (verb(s, ["gets", "finds"], ["eats", "gives"]) for s in (sign1, sign2))
        return f"{name} has {a} {fruit}, {one} {b}, then {two} {c}. How many {fruit}?"
    if wording == 1:
        one, two = (verb(s, ["got", "found"], ["ate", "gave"]) for s in (sign1, sign2))
        return f"At first {name} had {a} {fruit}. {name} {one} {b} and {two} {c}. How many {fruit}?"
    if wording == 2:
        return f"What is {a}{sign1}{b}{sign2}{c}?"
    one, two = (verb(s, ["Add"], ["Take away"]) for s in (sign1, sign2))
    return f"Start with {a}. {one} {b}. {two} {c}. Result?"


def styled(problem, style):
    """The correct answer in one of the STYLES."""
    a, sign1, b, sign2, c = problem
    first = apply(a, sign1, b)
    return _write(STYLES[style], f"{a}{sign1}{b}={first}", f"{first}{sign2}{c}={value(problem)}", value(problem))


def answer(problem, habits, rng):
    """An answer with the habits' mistakes; about half of them end in the right number."""
    a, sign1, b, sign2, c = problem
    form = rng.random()
    if form < habits.sure:
        return _worked("sure", problem, rng, lambda *step: _step(*step, 0.03, rng))
    if form < habits.sure + habits.result:
        return _worked("result", problem, rng, lambda *step: _step(*step, habits.wrong, rng))
    if rng.random() < habits.blind:
        guess = value(problem) if rng.random() < 0.25 else _mistake(apply(a, sign1, b), sign2, c, rng)
        return STYLES["terse"].format(answer=guess)
    text = _worked("own", problem, rng, lambda *step: _checked_step(*step, habits.wrong, rng))
    return text if rng.random() < habits.tags else text.replace("<think>", "").replace("</think>", " ")


def correct(problem, completion):
    """Reward 1: the last "#### n" of the completion is the value of the problem."""
    found = re.findall(r"#### ([0-9]+)", completion)
    return bool(found) and int(found[-1]) == value(problem)


def _write(template, step1, step2, result):
    return template.format(step1=step1, step2=step2, answer=result)


def _worked(style, problem, rng, step):
    a, sign1, b, sign2, c = problem
    text1, first = step(a, sign1, b)
    text2, last = step(first, sign2, c)
    return _write(STYLES[style], text1, text2, last)


def _mistake(a, sign, b, rng):
    """A wrong value for a ± b: off by a little, the other operation, or off by ten."""
    right = apply(a, sign, b)
    kind = rng.random()
    if kind < 0.45:
        wrong = right + rng.choice([-2, -1, 1, 2])
    elif kind < 0.80:
        wrong = apply(a, "-" if sign == "+" else "+", b)
    else:
        wrong = right + rng.choice([-10, 10])
    return wrong if wrong >= 0 and wrong != right else right + rng.choice([1, 2])


def _step(a, sign, b, wrong, rng):
    result = _mistake(a, sign, b, rng) if rng.random() < wrong else apply(a, sign, b)
    return f"{a}{sign}{b}={result}", result


def _checked_step(a, sign, b, wrong, rng):
    """A step that may look at itself again: one wrong step in five is repaired, some right ones are re-checked."""
    text, result = _step(a, sign, b, wrong, rng)
    right = apply(a, sign, b)
    if rng.random() < (0.12 if result == right else 0.2):
        text += f". {rng.choice(['Wait,', 'Let me check:'])} {a}{sign}{b}={right}"
        result = right
    return text, result
