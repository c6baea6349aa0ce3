// trap.ts: Tab inside a step of a tour: from what it points at to what it says, and round
//
// driver.js has a trap of its own, which knows no sliders.

const FOCUSABLE = 'a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex="-1"])'

/** What can have the focus in these elements, themselves included, in their order. */
export function focusable(elements: readonly Element[]): HTMLElement[] {
  return elements
    .flatMap((element) => [...(element.matches(FOCUSABLE) ? [element] : []), ...element.querySelectorAll(FOCUSABLE)])
    .filter((element): element is HTMLElement => element instanceof HTMLElement)
    .filter((element) => !element.matches(':disabled, [inert] *') && element.checkVisibility())
}

/** The one that Tab leads to, or Shift + Tab; round at both ends. Undefined if there is none. */
export function nextFocus<T>(all: readonly T[], from: T | null, backwards: boolean): T | undefined {
  const at = from === null ? -1 : all.indexOf(from)
  if (at < 0) return backwards ? all.at(-1) : all[0]
  return all[(at + (backwards ? all.length - 1 : 1)) % all.length]
}
