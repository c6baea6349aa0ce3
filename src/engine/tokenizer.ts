// tokenizer.ts: text and token ids, by transformers.js' tokenizer from the model's own files

import { PreTrainedTokenizer } from '@huggingface/transformers'
import { ModelFileError } from '../core/errors'
import { parseJson } from './formats/config'
import { readModelFile, type FileSource, type ReadOptions } from './hub'

export interface ChatMessage {
  role: string
  content: string
}

export interface Tokenizer {
  /** Ids of a conversation in the model's chat template, ending where the assistant is to speak. @throws {ModelFileError} */
  encodeChat(messages: readonly ChatMessage[]): number[]
  /** Ids of plain text; nothing is added around it. */
  encode(text: string): number[]
  /** Text of ids; special tokens are left out unless asked for. */
  decode(tokens: readonly number[], special?: boolean): string
  /** Ids that stand for structure, such as <|im_end|>. */
  specialTokenIds: readonly number[]
}

/** A template is a program by a stranger: its length, its counting loops and its output are bounded. */
const MAX_TEMPLATE_CHARACTERS = 65_536
const MAX_LOOPS = 10_000
const MAX_PROMPT_CHARACTERS = 1_000_000

/**
 * Builds the tokenizer from tokenizer.json and tokenizer_config.json.
 *
 * @throws {ModelFileError} if one is missing or malformed
 */
export async function loadTokenizer(files: FileSource, options?: ReadOptions): Promise<Tokenizer> {
  const [vocabulary, config] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json'].map(async (path) =>
      parseJson(path, await readModelFile(files, path, options)),
    ),
  )
  const tokenizer = build(vocabulary, config)
  const encode = (text: string) => tokenizer.encode(text, { add_special_tokens: false })
  return {
    encode,
    encodeChat: (messages) => encode(renderChat(tokenizer, messages)),
    decode: (tokens, special = false) =>
      tokenizer.decode([...tokens], { skip_special_tokens: !special, clean_up_tokenization_spaces: false }),
    specialTokenIds: tokenizer.all_special_ids,
  }
}

function build(vocabulary: unknown, config: unknown): PreTrainedTokenizer {
  try {
    return new PreTrainedTokenizer(vocabulary, config)
  } catch (error) {
    throw new ModelFileError('tokenizer.json', `cannot be read (${messageOf(error)}). Fetch the file again.`)
  }
}

function renderChat(tokenizer: PreTrainedTokenizer, messages: readonly ChatMessage[]): string {
  try {
    const template = tokenizer.get_chat_template()
    if (template.length > MAX_TEMPLATE_CHARACTERS) throw new Error(`${template.length} characters`)
    const text: unknown = tokenizer.apply_chat_template([...messages], {
      chat_template: boundLoops(template),
      tokenize: false,
      add_generation_prompt: true,
      ...{ bounded_range: boundedRange() },
    })
    if (typeof text !== 'string' || text.length > MAX_PROMPT_CHARACTERS) throw new Error('a prompt without end')
    return text
  } catch (error) {
    throw new ModelFileError(
      'tokenizer_config.json',
      `its chat template failed (${messageOf(error)}). Choose another model.`,
    )
  }
}

/** Makes a template call `bounded_range` where it says `range`, in its code but not in its texts. */
function boundLoops(template: string): string {
  const code = /\{[{%][\s\S]*?[%}]\}/g
  const quotedOrRange = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\brange\b/g
  return template.replace(code, (block) =>
    block.replace(quotedOrRange, (part) => (part === 'range' ? 'bounded_range' : part)),
  )
}

/** Python's range, which hands out only so many numbers. */
function boundedRange(): (first: number, second?: number, step?: number) => number[] {
  let left = MAX_LOOPS
  return (first, second, step = 1) => {
    const [from, to] = second === undefined ? [0, first] : [first, second]
    const length = Math.max(0, Math.ceil((to - from) / step))
    if (!(length <= left)) throw new Error(`loops over more than ${MAX_LOOPS} numbers`)
    left -= length
    return Array.from({ length }, (_, i) => from + i * step)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
