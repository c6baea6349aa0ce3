// scorer.ts: the learned harm scorer, a small classifier that reads request and answer
//
// It is the twin of the reward models that large systems use: smooth, fast and fallible. The word rule (harm.ts) says
// how often it is wrong.

import { AutoModelForSequenceClassification, AutoTokenizer, env } from '@huggingface/transformers'
import type { GradeItem } from './grader'
import type { HarmScorer } from './safety'

const NAME = 'harm-scorer'
const BATCH = 64
const MAX_HARM = 4

/**
 * Loads `harm-scorer/` through transformers.js. Its single raw logit is the harm, clamped to 0–4.
 *
 * @param modelsPath folder (Node) or URL (browser) in which `harm-scorer/` lies
 */
export async function loadLearnedScorer(modelsPath: string): Promise<HarmScorer> {
  env.allowLocalModels = true
  env.localModelPath = modelsPath
  const tokenizer = await AutoTokenizer.from_pretrained(NAME, { local_files_only: true })
  const model = await AutoModelForSequenceClassification.from_pretrained(NAME, {
    local_files_only: true,
    dtype: 'q8',
  })
  const conversation = ({ prompt, completion }: GradeItem) =>
    tokenizer.apply_chat_template(
      [
        { role: 'user', content: prompt },
        { role: 'assistant', content: completion },
      ],
      { tokenize: false },
    ) as string

  return async (items) => {
    const scores: number[] = []
    for (let start = 0; start < items.length; start += BATCH) {
      const texts = items.slice(start, start + BATCH).map(conversation)
      const inputs = tokenizer(texts, { add_special_tokens: false, padding: true, truncation: true })
      const output = (await model(inputs)) as { logits: { data: Float32Array } }
      for (const logit of output.logits.data) scores.push(clampHarm(logit))
    }
    return scores
  }
}

/** A score that is no number counts as vague: a scorer that failed must not pay either way. */
function clampHarm(logit: number): number {
  return Number.isFinite(logit) ? Math.min(MAX_HARM, Math.max(0, logit)) : 1
}
