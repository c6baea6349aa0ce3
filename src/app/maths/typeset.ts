// typeset.ts: TeX to MathML in the page
//
// The browser draws MathML itself, so an equation can be selected, copied, searched and read aloud. temml builds the
// elements one by one; no text is ever parsed as HTML.

import temml from 'temml'

/**
 * Puts an equation into an element, in place of what is there.
 *
 * @param display on a line of its own, with large operators
 * @throws if the TeX is wrong: it is ours, so that is a bug
 */
export function typeset(tex: string, into: HTMLElement, display: boolean): void {
  into.replaceChildren()
  temml.render(tex, into, { displayMode: display, throwOnError: true })
}

/** The same as text, for tests and for what is copied. @throws if the TeX is wrong */
export function mathml(tex: string): string {
  return temml.renderToString(tex, { displayMode: true, throwOnError: true, xml: true })
}

/** A number in TeX, to `digits` significant figures: 0.31, 1.2\times 10^{-5}, \infty; a dash where there is none. */
export function texNumber(value: number, digits = 3): string {
  if (Number.isNaN(value)) return '\\text{–}'
  if (!Number.isFinite(value)) return value > 0 ? '\\infty' : '-\\infty'
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e-3 && size < 1e5) return String(Number(value.toPrecision(digits)))
  const [mantissa, power] = value.toExponential(digits - 1).split('e')
  const times = Number(mantissa) === 1 ? '' : `${Number(mantissa)}\\times `
  return `${times}10^{${Number(power)}}`
}
