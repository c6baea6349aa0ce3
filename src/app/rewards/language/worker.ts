// worker.ts: TypeScript off the page's own thread; it is several megabytes, and is loaded only when an editor opens

import { library } from './library'
import type { Question, Reply } from './client'
import { createLanguageService } from './service'

const service = createLanguageService(library)

globalThis.onmessage = ({ data }: MessageEvent<Question>) => globalThis.postMessage({ id: data.id, ...answer(data) })

function answer(question: Question): Omit<Reply, 'id'> {
  const { ask, source } = question
  switch (ask) {
    case 'faults':
      return { answer: service.faults(source) }
    case 'offers':
      return { answer: service.offers(source, question.position) }
    case 'hint':
      return { answer: service.hint(source, question.position) }
  }
  return ask satisfies never
}
