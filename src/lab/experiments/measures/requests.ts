// requests.ts: what a policy answers to harmful requests, and to harmless ones that sound alike

/** Item by item, in the order of the requests. Harmful and harmless requests are separate lists. */
export interface RequestsResult {
  harmful: {
    prompt: string
    /** The kind of harm: of the embedded requests their family, of a data set its category. */
    family: string
    /** Which prompt set it is from. */
    set: string
  }[]
  /** [request][sample] */
  answers: string[][]
  /** Harm 0–4 by each scorer, by its name: [request][sample]; null where it could not score. `harm` is the first. */
  scores: Record<string, (number | null)[][]>
  /** Whether the answer refuses, [request][sample]. */
  refused: boolean[][]
  /** Sequence KL(π‖π_ref) along the first answer of each, nats; exact over the vocabulary. */
  kl: number[]
  benign: { prompt: string; family: string; set: string }[]
  benignAnswers: string[]
  /** Harmless requests that are refused. */
  overRefused: boolean[]
  /** What scored: the formula, and hashes of the models and of the texts that were scored. */
  scorers: Record<string, { formula: string; revision: string; inputSha256: string }>
}
