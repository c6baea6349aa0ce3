// embedded-models.ts: the language models that come with tiltlab, each a folder of models/

/** What each is like. A run names it `embedded:NAME`. */
export const embeddedModels = {
  guess: 'often blurts an answer',
  plain: 'works it out, with slips',
  entangled: 'right opens like yes',
  strings: 'guess, with tasks on strings',
  small: 'guess at a quarter of its size',
  llama: 'guess as a Llama',
  large: 'guess at twice its size',
} as const

export type EmbeddedName = keyof typeof embeddedModels

export const embeddedNames = Object.keys(embeddedModels) as EmbeddedName[]

/** Their ids as a list for a sentence. */
export const listedIds = embeddedNames.map((name) => `embedded:${name}`).join(', ')
