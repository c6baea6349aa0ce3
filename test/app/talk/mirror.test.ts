import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Mirror, type Mirrored } from '../../../src/app/talk/mirror'

/** Windows with a post that takes its time: messages arrive in order from each sender, and only when they are let through. */
class Windows {
  readonly shown: (number | undefined)[]
  readonly #mirrors: Mirror<number>[]
  readonly #post: { to: number; from: number; message: Mirrored<number> }[] = []

  constructor(count: number) {
    this.shown = Array<undefined>(count).fill(undefined)
    this.#mirrors = this.shown.map(
      (_, from) =>
        new Mirror<number>(`window ${from}`, (message) => {
          for (let to = 0; to < count; to++) if (to !== from) this.#post.push({ to, from, message })
        }),
    )
  }

  change(window: number, state: number): void {
    this.shown[window] = state
    this.#mirrors[window].offer(state)
  }

  join(window: number): void {
    this.#mirrors[window].greet()
  }

  /** Lets one of the waiting messages through, the first between two windows before their later ones. */
  deliver(which: number): void {
    if (this.#post.length === 0) return
    const wanted = this.#post[which % this.#post.length]
    const index = this.#post.findIndex(({ to, from }) => to === wanted.to && from === wanted.from)
    const [{ to, message }] = this.#post.splice(index, 1)
    const state = this.#mirrors[to].hear(message)
    if (state === undefined) return
    // What a window shows it offers, as the page does.
    this.change(to, state)
  }

  get isQuiet(): boolean {
    return this.#post.length === 0
  }
}

test('windows that change at the same time come to show the same, and fall silent', () => {
  const act = fc.record({ window: fc.nat(2), state: fc.nat(5), deliver: fc.nat(40), isChange: fc.boolean() })
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const windows = new Windows(3)
      windows.change(0, 0)
      for (const { window, state, deliver, isChange } of acts)
        if (isChange) windows.change(window, state)
        else windows.deliver(deliver)
      for (let i = 0; i < 2000 && !windows.isQuiet; i++) windows.deliver(i * 7)
      expect(windows.isQuiet).toBe(true)
      expect(new Set(windows.shown).size).toBe(1)
    }),
  )
})

test('a window that comes later is told, and a state that is no news is not sent', () => {
  const windows = new Windows(2)
  windows.change(0, 7)
  windows.deliver(0)
  expect(windows.shown).toEqual([7, 7])
  windows.change(0, 7)
  expect(windows.isQuiet).toBe(true)
  const late = new Windows(2)
  late.change(0, 3)
  late.deliver(0)
  late.shown[1] = undefined
  late.join(1)
  late.deliver(0)
  expect(late.isQuiet).toBe(false)
})
