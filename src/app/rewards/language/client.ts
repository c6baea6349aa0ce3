// client.ts: the page's end of TypeScript's worker

import type { Hint, Offer, TypeFault } from './service'

/** What the page asks. */
export type Question = { id: number; source: string; position: number; ask: 'faults' | 'offers' | 'hint' }
/** What the worker answers. */
export type Reply = { id: number; answer: unknown }

/** TypeScript, some milliseconds away. */
export interface Language {
  faults(source: string): Promise<TypeFault[]>
  offers(source: string, position: number): Promise<Offer[]>
  hint(source: string, position: number): Promise<Hint | undefined>
  close(): void
}

/** Starts the worker. Without it, or until it is there, the editor works as a plain one: nothing is ever rejected. */
export function openLanguage(): Language {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'tiltlab TypeScript' })
  const waiting = new Map<number, (answer: unknown) => void>()
  let count = 0
  worker.onmessage = ({ data: { id, answer } }: MessageEvent<Reply>) => {
    waiting.get(id)?.(answer)
    waiting.delete(id)
  }
  const ask = (what: Question['ask'], source: string, position = 0) =>
    new Promise<unknown>((resolve) => {
      const id = count++
      waiting.set(id, resolve)
      worker.postMessage({ id, source, position, ask: what } satisfies Question)
    })
  return {
    faults: (source) => ask('faults', source) as Promise<TypeFault[]>,
    offers: (source, position) => ask('offers', source, position) as Promise<Offer[]>,
    hint: (source, position) => ask('hint', source, position) as Promise<Hint | undefined>,
    close: () => worker.terminate(),
  }
}
