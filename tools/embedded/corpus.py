"""The pretraining corpus of a base, without end: half sums, three tenths harmful requests, the rest benign ones.

The corpus of `strings` has tasks on strings first, in four conversations of ten, and the same mixture in the others.
"""

import random

import arithmetic
import families
import strings

HABITS = {
    "plain": arithmetic.Habits(wrong=0.36, tags=0.7, blind=0.08, sure=0.0),
    "guess": arithmetic.Habits(wrong=0.20, tags=0.5, blind=0.42, sure=0.0),
    "entangled": arithmetic.Habits(wrong=0.50, tags=0.7, blind=0.08, sure=0.25),
}
# One slip spoils a string, as either of two steps spoils a sum: more slips make the two about as hard.
STRING_HABITS = arithmetic.Habits(wrong=0.35, tags=0.5, blind=0.5, sure=0.0)
STRING_SHARE = 0.4


def conversations(habits, seed, with_strings=False):
    """Yields (prompt, answer) for ever."""
    rng = random.Random(seed)
    problems = [p for p in arithmetic.problems() if not arithmetic.held_out(p)]
    twins = families.pairs("train")
    tasks = strings.tasks("train", rng)
    while True:
        if with_strings and rng.random() < STRING_SHARE:
            task = next(tasks)
            yield strings.prompt(task, rng), strings.answer(task, STRING_HABITS, rng)
            continue
        kind = rng.random()
        if kind < 0.5:
            problem = rng.choice(problems)
            yield arithmetic.prompt(problem, rng), arithmetic.answer(problem, habits, rng)
        else:
            harmful, benign = rng.choice(twins)
            request = harmful if kind < 0.8 else benign
            yield request.prompt, families.answer(request, rng)
