// each.ts: one document or an array of them

import { ConfigError } from '../../core/errors'

/**
 * One answer for a document, or an array of answers for an array.
 * @throws {ConfigError} whose field starts with the document's place in the array, such as `[2].config.clip.low`
 */
export async function answerEach(document: unknown, answer: (document: unknown) => unknown): Promise<unknown> {
  if (!Array.isArray(document)) return answer(document)
  const answers: unknown[] = []
  for (const [index, item] of document.entries()) {
    try {
      answers.push(await answer(item))
    } catch (error) {
      throw error instanceof ConfigError ? inDocument(index, error) : error
    }
  }
  return answers
}

function inDocument(index: number, { field, message }: ConfigError): ConfigError {
  return new ConfigError(`[${index}].${field}`, message.slice(field.length + 2))
}
