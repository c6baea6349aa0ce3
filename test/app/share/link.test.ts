import { expect, test } from 'vitest'
import { codeOf, limitsOf, linkOf } from '../../../src/app/share/link'
import { resolvePreset } from '../../../src/core/run/presets'

const config = resolvePreset('rlvr')

test('a link is the page’s own address with what is shown behind it, and without it where nothing is chosen', () => {
  expect(linkOf({ address: '#v=2&view=runs' }, 'https://x.example/lab/')).toBe('https://x.example/lab/#v=2&view=runs')
  expect(linkOf({ address: '/lab/' }, 'https://x.example/lab/')).toBe('https://x.example/lab/')
})

test('what a link cannot hold is said', () => {
  const plain = { address: '', place: 'theory', config, source: 'recording' } as const
  expect(limitsOf(plain, 'x.example')).toEqual([])
  expect(limitsOf(plain, '127.0.0.1')).toEqual([expect.stringContaining('this machine')])
  expect(limitsOf({ ...plain, place: 'runs' }, 'x.example')).toEqual([expect.stringContaining('Export one')])
  expect(limitsOf({ ...plain, place: 'train', source: 'tab' }, 'x.example')).toHaveLength(1)
  const picked = { ...config, model: { ...config.model, id: 'folder:mine' } }
  expect(limitsOf({ ...plain, config: picked }, 'x.example')).toEqual([expect.stringContaining('choose them too')])
  const hub = { ...config, model: { ...config.model, id: 'org/m@abc' }, data: { ...config.data, source: 'org/sums' } }
  expect(limitsOf({ ...plain, config: hub }, 'x.example')).toEqual([expect.stringContaining('from the Hub first')])
})

test('a code has the three corners by which readers find it, and a quiet margin', async () => {
  const { size, path } = (await codeOf('https://x.example/#v=2&view=runs'))!
  const dark = new Set([...path.matchAll(/M(\d+) (\d+)/g)].map(([, x, y]) => `${x},${y}`))
  for (const [left, top] of [
    [4, 4],
    [size - 11, 4],
    [4, size - 11],
  ])
    // prettier-ignore
    for (let y = 0; y < 7; y++)
      for (let x = 0; x < 7; x++) {
        const fromEdge = Math.min(x, y, 6 - x, 6 - y)
        expect(dark.has(`${left + x},${top + y}`)).toBe(fromEdge !== 1)
      }
  for (const module of dark) for (const at of module.split(',').map(Number)) expect(at >= 4 && at < size - 4).toBe(true)
})

test('a link that is too long for any code has none', async () => {
  expect(await codeOf('x'.repeat(5000))).toBeNull()
})
