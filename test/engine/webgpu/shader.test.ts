// shader.test.ts: the three directives of WGSL texts

import { expect, test } from 'vitest'
import { shaderText } from '../../../src/engine/webgpu/shader'

function expanded(text: string, constants: Record<string, number | boolean> = {}): string[] {
  const whole = shaderText({ label: 'test', files: [text], constants })
  return whole
    .slice(0, whole.indexOf('// common.wgsl'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith('const '))
}

test('unroll repeats its lines with literals, nested ones too', () => {
  const text = '//@unroll A 2\nx[A];\n//@unroll B WIDE\ny[A][B] + AB;\n//@end\n//@end\nz;'
  expect(expanded(text, { WIDE: 2 })).toEqual([
    'x[0u];',
    'y[0u][0u] + AB;',
    'y[0u][1u] + AB;',
    'x[1u];',
    'y[1u][0u] + AB;',
    'y[1u][1u] + AB;',
    'z;',
  ])
})

test('if keeps one branch', () => {
  const text = '//@if F\nyes;\n//@if G\nboth;\n//@end\n//@else\nno;\n//@end'
  expect(expanded(text, { F: true, G: 0 })).toEqual(['yes;'])
  expect(expanded(text, { F: false, G: 1 })).toEqual(['no;'])
})

test('constants become literals of their WGSL type', () => {
  expect(shaderText({ label: 'test', files: [], constants: { N: 3, ON: true, X: 0.5, Y: -1 } })).toContain(
    'const N = 3u;\nconst ON = true;\nconst X = f32(0.5);\nconst Y = f32(-1);',
  )
})

test('a directive without an end or with an unknown constant is an error', () => {
  expect(() => expanded('//@if F\n', { F: true })).toThrow(/without an end/)
  expect(() => expanded('//@if F\n//@end')).toThrow(/F, which is not a constant/)
})
