// tags.ts: tags as a person types them

import { LONGEST } from '../../lab/bundle/words'

/** Tags between commas: without the # that some put before them, each once, as many and as long as are kept. */
export function readTags(text: string): string[] {
  const tags = text.split(',').map((tag) => tag.trim().replace(/^#+/, '').trim().slice(0, LONGEST.tag))
  return [...new Set(tags.filter(Boolean))].slice(0, LONGEST.tags)
}
