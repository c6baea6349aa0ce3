import { expect, test } from 'vitest'
import { readLink } from '../../../src/app/runners/link'

const token = 'x'.repeat(43)

test.each([
  [`http://127.0.0.1:7415/#token=${token}`, 'http://127.0.0.1:7415'],
  [`tiltlab is at http://127.0.0.1:7415/#token=${token} (Ctrl-C ends)\n`, 'http://127.0.0.1:7415'],
  [` http://localhost:80/#token=${token}`, 'http://localhost'],
])('%s', (text, url) => {
  expect(readLink(text)).toEqual({ url, token })
})

test.each([
  ['', 'This is no link'],
  ['npx tiltlab serve', 'This is no link'],
  ['http://', 'This is no link'],
  [`javascript:alert(1)//#token=${token}`, 'This is no link'],
  ['http://127.0.0.1:7415/', 'token is missing'],
  [`http://127.0.0.1:7415/#token=${token.slice(3)}`, 'was cut off'],
  [`http://192.168.1.7:7415/#token=${token}`, 'open a tunnel'],
  [`https://127.0.0.1:7415/#token=${token}`, 'open a tunnel'],
  [`http://127.0.0.1.example.org:7415/#token=${token}`, 'leads to 127.0.0.1.example.org'],
  [`http://127.0.0.1:7415@example.org/#token=${token}`, 'leads to example.org'],
])('%s is refused, and says what to do', (text, words) => {
  expect(() => readLink(text)).toThrow(words)
})
