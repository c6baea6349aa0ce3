// Charts are drawn in turns: as many a frame as its time allows, none before one that waits longer, none twice

import { afterEach, expect, test, vi } from 'vitest'
import { drawInTurn, drawNoMore } from '../../../src/app/charts/turns'

let clock = 0
let frames: FrameRequestCallback[] = []

vi.stubGlobal('requestAnimationFrame', (frame: FrameRequestCallback) => frames.push(frame))
vi.spyOn(performance, 'now').mockImplementation(() => clock)

/** One frame of the browser; what asks for another one gets it next time. */
function frame(): void {
  const due = frames
  frames = []
  due.forEach((each) => each(clock))
}

afterEach(() => {
  while (frames.length > 0) frame()
})

/** Charts that say when they are drawn, and take so long. */
function charts(milliseconds: number, ...names: string[]) {
  const drawn: string[] = []
  const draws = names.map((name) => () => {
    clock += milliseconds
    drawn.push(name)
  })
  return { drawn, draws }
}

test('what is quick is drawn together in one frame', () => {
  const { drawn, draws } = charts(1, 'a', 'b', 'c')
  draws.forEach(drawInTurn)
  expect(drawn).toEqual([])
  frame()
  expect(drawn).toEqual(['a', 'b', 'c'])
  expect(frames).toEqual([])
})

test('what is dear is drawn over several frames, and nobody overtakes by asking again', () => {
  const { drawn, draws } = charts(5, 'a', 'b', 'c', 'd', 'e')
  draws.forEach(drawInTurn)
  frame()
  expect(drawn).toEqual(['a', 'b'])
  // Every chart has a newer value before the next frame.
  draws.forEach(drawInTurn)
  frame()
  frame()
  expect(drawn).toEqual(['a', 'b', 'c', 'd', 'e', 'a'])
  frame()
  expect(drawn.slice(6)).toEqual(['b'])
})

test('one that takes longer than a frame is drawn all the same, alone', () => {
  const { drawn, draws } = charts(50, 'a', 'b')
  draws.forEach(drawInTurn)
  frame()
  expect(drawn).toEqual(['a'])
  frame()
  expect(drawn).toEqual(['a', 'b'])
})

test('a chart that is gone is not drawn', () => {
  const { drawn, draws } = charts(1, 'a', 'b')
  draws.forEach(drawInTurn)
  drawNoMore(draws[0])
  frame()
  expect(drawn).toEqual(['b'])
})
