// model.ts: the subjects of `tiltlab inspect` that need a model

import { ConfigError } from '../../core/errors'
import type { ModelOptions } from '../models'

/** A subject of `tiltlab inspect` that a model answers; bytes are the content of a file. */
export interface ModelSubject {
  description: string
  /** @throws {ConfigError} naming the field of the document that is wrong */
  answer(document: unknown, options: ModelOptions): Promise<unknown>
}

// The engine is loaded only when one of them is asked: the other subjects answer five times as fast without it.
const answers = () => import('./model-answers')

/** Every subject by name, in the order of the help. */
export const modelSubjects: Readonly<Record<string, ModelSubject>> = {
  score: {
    description: 'log-probabilities of given tokens (needs --model)',
    answer: async (document, options) => (await answers()).score(document, named(options)),
  },
  gradient: {
    description: 'gradient of Σ coefficient·logp by every LoRA matrix, as safetensors (needs --model, --out)',
    answer: async (document, options) => (await answers()).gradient(document, named(options)),
  },
  sample: {
    description: 'completions of prompts or conversations (needs --model)',
    answer: async (document, options) => (await answers()).sample(document, named(options)),
  },
}

function named(options: ModelOptions): ModelOptions & { model: string } {
  const { model } = options
  if (model === undefined) throw new ConfigError('--model', 'needed here: embedded:guess, a folder, or a Hub id')
  return { ...options, model }
}
