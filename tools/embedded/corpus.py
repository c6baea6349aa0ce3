"""The pretraining corpus of a base, without end: half sums, three tenths harmful requests, the rest benign ones."""

import random

import arithmetic
import families

HABITS = {
    "plain": arithmetic.Habits(wrong=0.36, tags=0.7, blind=0.08, sure=0.0),
    "guess": arithmetic.Habits(wrong=0.20, tags=0.5, blind=0.42, sure=0.0),
    "entangled": arithmetic.Habits(wrong=0.50, tags=0.7, blind=0.08, sure=0.25),
}


def conversations(habits, seed):
    """Yields (prompt, answer) for ever."""
    rng = random.Random(seed)
    problems = [p for p in arithmetic.problems() if not arithmetic.held_out(p)]
    twins = families.pairs("train")
    while True:
        kind = rng.random()
        if kind < 0.5:
            problem = rng.choice(problems)
            yield arithmetic.prompt(problem, rng), arithmetic.answer(problem, habits, rng)
        else:
            harmful, benign = rng.choice(twins)
            request = harmful if kind < 0.8 else benign
            yield request.prompt, families.answer(request, rng)
