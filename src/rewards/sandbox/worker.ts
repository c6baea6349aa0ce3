// worker.ts: the sandbox's side of the conversation, in a worker of the page or of Node

import { messageOf } from '../../core/errors'
import { sha256 } from '../../core/run/hash'
import { RewardSourceError, type SandboxOutcome } from './contract'
import { Machine } from './machine'
import type { FromSandbox, ToSandbox } from './messages'

/** A message costs as much as a small item: what is judged in this time goes in one. */
const TOGETHER_MS = 5

/**
 * Answers an owner's messages.
 *
 * @param wasm loads QuickJS' WebAssembly file
 * @param post sends a message to the owner
 * @returns    what to do with a message from the owner
 */
export function serveSandbox(
  wasm: () => Promise<Uint8Array<ArrayBuffer>>,
  post: (message: FromSandbox) => void,
): (message: ToSandbox) => Promise<void> {
  let machine: Machine

  async function open({ program, limits, seed }: ToSandbox & { type: 'open' }): Promise<void> {
    const bytes = await wasm()
    const module = await WebAssembly.compile(bytes)
    post({ type: 'loaded', wasmSha256: await sha256(bytes) })
    machine = await Machine.open(module, program, limits, seed)
    post({ type: 'opened', batched: machine.batched })
  }

  async function score({ items, apart }: ToSandbox & { type: 'score' }): Promise<void> {
    const calls = machine.batched ? [items] : items.map((item) => [item])
    let outcomes: SandboxOutcome[] = []
    let sentAt = performance.now()
    for (const call of calls) {
      outcomes.push(...(await machine.judge(call)))
      if (!apart && performance.now() - sentAt < TOGETHER_MS) continue
      post({ type: 'judged', outcomes })
      outcomes = []
      sentAt = performance.now()
    }
    if (outcomes.length) post({ type: 'judged', outcomes })
  }

  return async (message) => {
    try {
      await (message.type === 'open' ? open(message) : score(message))
    } catch (error) {
      if (error instanceof RewardSourceError) {
        const { fault, problem, at } = error
        post({ type: 'refused', fault, problem, ...(at && { at }) })
      } else post({ type: 'failed', message: messageOf(error) })
    }
  }
}
