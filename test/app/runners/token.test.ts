import { afterEach, describe, expect, test, vi } from 'vitest'
import { keepToken, tokenOf, withoutToken } from '../../../src/app/runners/token'

const token = 'aZ09_-'.repeat(8).slice(0, 43)

describe('a token in an address', () => {
  test.each([
    ['', '', null],
    ['#', '#', null],
    ['#v=2&view=runs&find=token', '#v=2&view=runs&find=token', null],
    [`#token=${token}`, '', token],
    [`#token=${token}&v=2&view=runs`, '#v=2&view=runs', token],
    [`#v=2&view=train&token=${token}&preset=ci`, '#v=2&view=train&preset=ci', token],
    [`#v=2&token=${token}&token=${token}`, '#v=2', token],
    // A link that was cut off, or made up, leaves nothing behind either.
    [`#token=${token.slice(1)}`, '', null],
    ['#token=', '', null],
    [`#token=${token}<script>`, '', null],
  ])('%s', (hash, rest, found) => {
    expect(withoutToken(hash)).toEqual({ token: found, rest })
  })
})

describe('a token that is kept', () => {
  afterEach(() => vi.unstubAllGlobals())

  test('is known until the tab is closed, and by its own runner alone', () => {
    const kept = new Map<string, string>()
    vi.stubGlobal('sessionStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    })
    keepToken('http://127.0.0.1:1', token)
    expect([...kept.values()]).toEqual([token])
    expect([tokenOf('http://127.0.0.1:1'), tokenOf('http://127.0.0.1:2')]).toEqual([token, null])
    keepToken('http://127.0.0.1:1', null)
    expect([tokenOf('http://127.0.0.1:1'), kept.size]).toEqual([null, 0])
    kept.set('tiltlab-token http://127.0.0.1:3', token)
    expect(tokenOf('http://127.0.0.1:3')).toBe(token)
  })

  test('is known to the page that is open where the browser keeps nothing', () => {
    const refuse = () => {
      throw new DOMException('no', 'SecurityError')
    }
    vi.stubGlobal('sessionStorage', { getItem: refuse, setItem: refuse, removeItem: refuse })
    expect(tokenOf('http://127.0.0.1:9')).toBe(null)
    keepToken('http://127.0.0.1:9', token)
    expect(tokenOf('http://127.0.0.1:9')).toBe(token)
    keepToken('http://127.0.0.1:9', null)
    expect(tokenOf('http://127.0.0.1:9')).toBe(null)
  })
})
