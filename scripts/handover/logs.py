"""Two steps of numbers, written by verl's own loggers. Usage: logs.py FILE; the console's lines go to the standard output."""

import os
import sys

os.environ["VERL_FILE_LOGGER_PATH"] = sys.argv[1]

from verl.utils.tracking import Tracking  # noqa: E402

tracking = Tracking("tiltlab", "test", ["console", "file"])
for step in (1, 2):
    tracking.log({"critic/score/mean": 0.25 * step, "actor/pg_loss": -1e-05, "actor/entropy": 0.5}, step)
tracking.finish()
