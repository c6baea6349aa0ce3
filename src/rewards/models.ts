// models.ts: classifiers and reward models as rewards, by transformers.js
//
// Any sequence-classification model works: one with a single output gives that number as it is (a reward model, a harm
// score), one with several gives the probability of a label.

import { CancelledError, ConfigError, ModelFileError } from '../core/errors'
import type { GradeItem, ScoreOptions } from './grader'
import { EXPRESSION_FIELD } from './expression'

const BATCH = 64
const EMBEDDED = 'embedded:'

/** Which classifier, and what of its output is the score. */
export interface ClassifierOptions {
  /** `embedded:harm-scorer`, a Hub id, or a folder: a path that starts with `.` or `/`. */
  model: string
  /** Which of the model's ONNX files is read. */
  dtype: 'q4' | 'q8' | 'fp16' | 'fp32'
  /** The label whose probability is the score; '' for a model with a single output. */
  label: string
  /** What the model reads: request and answer, or the answer alone. */
  reads: 'conversation' | 'completion'
}

/** One number for each completion. */
export type Classifier = (items: readonly GradeItem[], options?: ScoreOptions) => Promise<number[]>

type Inputs = Record<string, unknown>
type Encode = (items: readonly GradeItem[]) => Inputs

/**
 * Loads a classifier.
 *
 * @param modelsPath folder (Node) or URL (browser) of the models that come with tiltlab
 * @throws {ModelFileError} if it cannot be read
 * @throws {ConfigError} if it has no such label, or several and none is chosen
 */
export async function loadClassifier(options: ClassifierOptions, modelsPath: string | undefined): Promise<Classifier> {
  const { model: id, dtype } = options
  // Loaded only where it is needed: a formula is read without it.
  const { AutoConfig, AutoModelForSequenceClassification, AutoTokenizer, env } =
    await import('@huggingface/transformers')
  const { name, folder } = locate(id, modelsPath)
  if (folder !== undefined) Object.assign(env, { allowLocalModels: true, localModelPath: folder })
  const where = { local_files_only: folder !== undefined }
  const [tokenizer, model, config] = await Promise.all([
    AutoTokenizer.from_pretrained(name, where),
    AutoModelForSequenceClassification.from_pretrained(name, { ...where, dtype }),
    AutoConfig.from_pretrained(name, where),
  ]).catch((cause: unknown) => {
    throw new ModelFileError(id, `cannot be used as a classifier (${messageOf(cause)}). Choose another model.`)
  })
  const { id2label = {}, problem_type: problem } = config as {
    id2label?: Record<string, string>
    problem_type?: string
  }
  const encode = encoder(tokenizer as unknown as TextTokenizer, options.reads)
  const read = reader(options, Object.values(id2label), problem === 'multi_label_classification')

  return async (items, { signal } = {}) => {
    const scores: number[] = []
    for (let start = 0; start < items.length; start += BATCH) {
      if (signal?.aborted) throw new CancelledError('Grading')
      const output = (await model(encode(items.slice(start, start + BATCH)))) as {
        logits: { data: Float32Array; dims: number[] }
      }
      const { data, dims } = output.logits
      const labels = dims[1] ?? 1
      for (let row = 0; row < data.length; row += labels) scores.push(read(data.subarray(row, row + labels)))
    }
    return scores
  }
}

/** A model of the Hub by its id; any other by its name in a folder. */
function locate(id: string, modelsPath: string | undefined): { name: string; folder?: string } {
  if (id.startsWith(EMBEDDED)) {
    if (modelsPath !== undefined) return { name: id.slice(EMBEDDED.length), folder: modelsPath }
    throw new ConfigError(EXPRESSION_FIELD, `there are no embedded models here for "${id}"; name a model of the Hub`)
  }
  if (!/^[./]/.test(id)) return { name: id }
  const path = id.replace(/\/+$/, '')
  const slash = path.lastIndexOf('/')
  return { name: path.slice(slash + 1), folder: path.slice(0, slash) || '/' }
}

/** What is used here of a tokenizer of transformers.js. */
interface TextTokenizer {
  (texts: string[], options: Record<string, unknown>): Inputs
  chat_template?: unknown
  apply_chat_template(messages: { role: string; content: string }[], options: { tokenize: false }): string
}

const PADDED = { padding: true, truncation: true }

/** Conversations are written by the model's own chat template, or as a pair of texts where it has none. */
function encoder(tokenizer: TextTokenizer, reads: ClassifierOptions['reads']): Encode {
  const completions = (items: readonly GradeItem[]) => items.map((item) => item.completion)
  if (reads === 'completion') return (items) => tokenizer(completions(items), PADDED)
  if (!tokenizer.chat_template)
    return (items) =>
      tokenizer(
        items.map((item) => item.prompt),
        { ...PADDED, text_pair: completions(items) },
      )
  const conversation = ({ prompt, completion }: GradeItem) =>
    tokenizer.apply_chat_template(
      [
        { role: 'user', content: prompt },
        { role: 'assistant', content: completion },
      ],
      { tokenize: false },
    )
  return (items) => tokenizer(items.map(conversation), { ...PADDED, add_special_tokens: false })
}

/**
 * From the logits of one text to its score.
 *
 * @param labels      names of the outputs, in order
 * @param independent the labels do not exclude each other: each has a sigmoid of its own
 * @throws {ConfigError} if there is no such label, or several and none is chosen
 */
export function reader(
  { model, label }: Pick<ClassifierOptions, 'model' | 'label'>,
  labels: readonly string[],
  independent: boolean,
): (logits: ArrayLike<number>) => number {
  const listed = labels.map((each) => `"${each}"`).join(', ')
  if (label === '') {
    if (labels.length > 1)
      throw new ConfigError(EXPRESSION_FIELD, `${model} has several labels; add label= with one of ${listed}`)
    return (logits) => logits[0]
  }
  const index = labels.indexOf(label)
  if (index < 0) throw new ConfigError(EXPRESSION_FIELD, `${model} has no label "${label}"; it has ${listed}`)
  return (logits) => (independent ? sigmoid(logits[index]) : softmax(logits)[index])
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit))
}

function softmax(logits: ArrayLike<number>): number[] {
  const largest = Math.max(...Array.from(logits))
  const weights = Array.from(logits, (logit) => Math.exp(logit - largest))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.split('\n')[0] : String(error)
}
