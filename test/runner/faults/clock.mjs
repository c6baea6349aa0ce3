// clock.mjs: a wall clock that jumps a day forward and back again, every tenth of a second, for a whole process (`node --import`)

const DAY_MS = 86_400_000
const { now } = Date
Date.now = () => now() + (Math.floor(now() / 100) % 3) * DAY_MS - DAY_MS
globalThis.Date = class extends Date {
  constructor(...words) {
    super(...(words.length ? words : [Date.now()]))
  }
}
