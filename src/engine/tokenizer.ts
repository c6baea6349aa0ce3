// tokenizer.ts: text and token ids, by transformers.js' tokenizer from the model's own files

import { PreTrainedTokenizer } from '@huggingface/transformers'
import { messageOf, ModelFileError } from '../core/errors'
import { compileTemplate, type RenderTemplate } from './chat-template'
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

/**
 * Builds the tokenizer from tokenizer.json and tokenizer_config.json.
 *
 * @throws {ModelFileError} if one is missing or malformed
 */
export async function loadTokenizer(files: FileSource, options?: ReadOptions): Promise<Tokenizer> {
  const [vocabulary, described] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json'].map(async (path) =>
      parseJson(path, await readModelFile(files, path, options)),
    ),
  )
  const config = await withTemplate(described, files, options)
  const tokenizer = build(vocabulary, config)
  const renderChat = chatRenderer(tokenizer, config)
  const encode = (text: string) => tokenizer.encode(text, { add_special_tokens: false })
  return {
    encode,
    encodeChat: (messages) => encode(renderChat(messages)),
    decode: (tokens, special = false) =>
      // transformers.js takes no ids for a mistake.
      tokens.length === 0
        ? ''
        : tokenizer.decode([...tokens], { skip_special_tokens: !special, clean_up_tokenization_spaces: false }),
    specialTokenIds: tokenizer.all_special_ids,
  }
}

/** Newer models keep their chat template in a file of its own. */
async function withTemplate(config: unknown, files: FileSource, options?: ReadOptions): Promise<unknown> {
  if (typeof config !== 'object' || config === null || 'chat_template' in config) return config
  const template = await files.read('chat_template.jinja', options)
  return template ? { ...config, chat_template: new TextDecoder().decode(template) } : config
}

function build(vocabulary: unknown, config: unknown): PreTrainedTokenizer {
  try {
    return new PreTrainedTokenizer(vocabulary, config)
  } catch (error) {
    throw new ModelFileError('tokenizer.json', `cannot be read (${messageOf(error)}). Fetch the file again.`)
  }
}

/** The conversation in the words of the model's template; the template is read when it is first needed. */
function chatRenderer(tokenizer: PreTrainedTokenizer, config: unknown): (messages: readonly ChatMessage[]) => string {
  let render: RenderTemplate | undefined
  const specialTokens = specialTokensOf(config)
  return (messages) => {
    try {
      render ??= compileTemplate(tokenizer.get_chat_template())
      return render({ messages, add_generation_prompt: true, tools: null, documents: null, ...specialTokens })
    } catch (error) {
      const problem = `its chat template failed (${messageOf(error)}). Choose another model.`
      throw new ModelFileError('tokenizer_config.json', problem)
    }
  }
}

/** `bos_token`, `eos_token` and their like, by name: what a template may write. */
function specialTokensOf(config: unknown): Record<string, string> {
  const entries = Object.entries(config as Record<string, unknown>).filter(([name]) => name.endsWith('_token'))
  return Object.fromEntries(
    entries.flatMap(([name, token]) => {
      const text = typeof token === 'object' && token !== null ? (token as { content?: unknown }).content : token
      return typeof text === 'string' ? [[name, text]] : []
    }),
  )
}
