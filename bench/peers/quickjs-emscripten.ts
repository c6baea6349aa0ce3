// quickjs-emscripten.ts: the same reward in the other QuickJS for JavaScript

import { getQuickJS, type QuickJSContext, type QuickJSHandle } from 'quickjs-emscripten'

/** A reward as a script whose value is a function from an item in JSON to a number. */
export interface PeerReward {
  /** One context for all items: whatever one leaves behind, the next one finds. */
  shared(items: readonly string[]): number[]
  /** A context for each item, which is what it takes to keep items apart. */
  apart(items: readonly string[]): number[]
  dispose(): void
}

/** @param script its value is `(json) => number` */
export async function loadPeerReward(script: string): Promise<PeerReward> {
  const runtime = (await getQuickJS()).newRuntime()
  runtime.setMemoryLimit(64 * 2 ** 20)
  runtime.setMaxStackSize(256 * 2 ** 10)
  runtime.setInterruptHandler(() => false)
  const context = runtime.newContext()
  const reward = context.unwrapResult(context.evalCode(script))
  return {
    shared: (items) => items.map((item) => call(context, reward, item)),
    apart: (items) =>
      items.map((item) => {
        const own = runtime.newContext()
        const ownReward = own.unwrapResult(own.evalCode(script))
        const score = call(own, ownReward, item)
        ownReward.dispose()
        own.dispose()
        return score
      }),
    dispose() {
      reward.dispose()
      context.dispose()
      runtime.dispose()
    },
  }
}

function call(context: QuickJSContext, reward: QuickJSHandle, item: string): number {
  const json = context.newString(item)
  const result = context.unwrapResult(context.callFunction(reward, context.undefined, json))
  const score = context.getNumber(result)
  json.dispose()
  result.dispose()
  return score
}
