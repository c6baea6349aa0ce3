// tokenizer.ts: text to token ids and back, from a model's own tokenizer files

import { PreTrainedTokenizer } from '@huggingface/transformers'
import { readModelFile, type FileSource, type ReadOptions } from '../engine/hub'
import { ModelFileError } from '../core/errors'

/** Text to token ids and back, for one model. */
export interface ChatTokenizer {
  /** Ids of plain text; no special tokens are added. */
  encode(text: string): number[]
  /** Text of ids; special tokens that frame the turn (such as `<|im_end|>`) are left out. */
  decode(tokens: readonly number[]): string
  /** Ids of one user turn in the model's chat template, ending where the assistant starts to write. */
  prompt(text: string): number[]
}

/**
 * The tokenizer of a model folder, from tokenizer.json and tokenizer_config.json.
 *
 * @throws {ModelFileError} if a file is missing or is not JSON
 */
export async function loadTokenizer(files: FileSource, options?: ReadOptions): Promise<ChatTokenizer> {
  const [vocabulary, config] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json'].map(async (name) =>
      parse(name, await readModelFile(files, name, options)),
    ),
  )
  return chatTokenizer(new PreTrainedTokenizer(vocabulary, config))
}

function chatTokenizer(tokenizer: PreTrainedTokenizer): ChatTokenizer {
  const encode = (text: string) => tokenizer.encode(text, { add_special_tokens: false })
  return {
    encode,
    decode: (tokens) =>
      tokenizer.decode([...tokens], { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
    prompt(text) {
      const messages = [{ role: 'user', content: text }]
      return encode(tokenizer.apply_chat_template(messages, { tokenize: false, add_generation_prompt: true }) as string)
    },
  }
}

function parse(name: string, bytes: Uint8Array): Record<string, unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
  } catch {
    throw new ModelFileError(name, 'is not JSON. Download the model again.')
  }
}
