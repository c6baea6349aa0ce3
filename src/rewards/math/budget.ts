// budget.ts: how much work a comparison may cost
//
// Work is counted, not timed, so a verdict is the same on every machine. One unit takes about half a
// microsecond.

/** Raised inside a comparison that costs too much or has no value; `compareAnswers` turns it into a verdict. */
export class Undecidable extends Error {}

/** Counts work; the count belongs to one comparison. */
export class Budget {
  constructor(private left: number) {}

  /** @throws {Undecidable} when nothing is left */
  spend(work: number): void {
    this.left -= work
    if (this.left < 0) throw new Undecidable('too large to compare')
  }
}
