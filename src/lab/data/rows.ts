// rows.ts: a row of data, before and after its columns are understood

import type { ChatMessage } from '../../engine/tokenizer'
import type { Gold } from '../../rewards/grader'

/** A row as its file has it, or what is wrong with it; `place` is where it stands: `line 12`, `row 3`. */
export type RawRow = { place: string; values: Record<string, unknown> } | { place: string; problem: string }

/** One prompt with everything that a reward may need to judge completions of it. */
export interface DataRow {
  /** What the prompt is called in files of pass rates: a hash of its text, 16 hexadecimal digits. */
  name: string
  /** What is asked, the instruction included; of a conversation, what the user says last. */
  prompt: string
  /** The conversation that the prompt ends, where it is more than one message of the user. */
  messages?: ChatMessage[]
  /** The gold answer, or the response to imitate; of a list any one is right. Empty where there is none. */
  answer: Gold
  /** Whether the request ought to be refused; absent where nothing is known of it. */
  harmful?: boolean
  /** The kind of harm, where the data tells kinds apart. */
  family?: string
  /** The other columns of the row, under their own names; values as JSON has them. */
  columns: Record<string, unknown>
}

/** What a model is asked. */
export type Asked = Pick<DataRow, 'prompt' | 'messages'>

/** A prompt as the chat template of a model takes it. */
export function conversationOf({ prompt, messages }: Asked): readonly ChatMessage[] {
  return messages ?? [{ role: 'user', content: prompt }]
}
