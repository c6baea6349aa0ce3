// keys.ts: what each key does in a talk, once, for the keyboard and for the help on it

/** What can be done by a key. */
export type Action = 'next' | 'previous' | 'first' | 'last' | 'fullscreen' | 'overview' | 'goto' | 'black' | 'help' | 'escape' // prettier-ignore

interface Key {
  action: Action
  /** Values of `KeyboardEvent.key`. */
  keys: readonly string[]
  /** What the keys are called, and what they do. */
  shown: string
  does: string
}

export const keys: readonly Key[] = [
  { action: 'next', keys: [' ', 'ArrowRight', 'ArrowDown', 'PageDown'], shown: 'Space → ↓ Page Down', does: 'next scene' },
  { action: 'previous', keys: ['ArrowLeft', 'ArrowUp', 'PageUp'], shown: '← ↑ Page Up, Shift + Space', does: 'scene before' },
  { action: 'first', keys: ['Home'], shown: 'Home', does: 'first scene' },
  { action: 'last', keys: ['End'], shown: 'End', does: 'last scene' },
  { action: 'fullscreen', keys: ['f'], shown: 'f', does: 'full screen, and back' },
  { action: 'overview', keys: ['o'], shown: 'o', does: 'all scenes' },
  { action: 'goto', keys: ['g'], shown: 'g', does: 'go to a scene by its number' },
  { action: 'black', keys: ['b', '.'], shown: 'b .', does: 'black screen, and back' },
  { action: 'help', keys: ['?'], shown: '?', does: 'these keys' },
  { action: 'escape', keys: ['Escape'], shown: 'Escape', does: 'back out: of black, of full screen, of the talk' },
] // prettier-ignore

/**
 * What has the keyboard: nothing that would use it; a control that was clicked, or reached by keyboard; a button or link;
 * something that is written in.
 */
export type Focus = 'none' | 'clicked' | 'control' | 'button' | 'writing'

/**
 * What a key does in a talk; null if it is not the talk’s, but the control’s that has the focus.
 *
 * The keys of a remote control (Page Down, Page Up) and the space bar stay the talk’s after a control was only clicked:
 * whoever has just moved β by mouse is not locked up in it.
 */
export function actionOf(
  { key, shiftKey, ctrlKey, altKey, metaKey }: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey'>,
  focus: Focus,
): Action | null {
  if (ctrlKey || altKey || metaKey || (focus === 'writing' && key !== 'Escape')) return null
  const isMove = key.length > 1 && !['PageDown', 'PageUp', 'Escape'].includes(key)
  if ((focus === 'clicked' && isMove) || (focus === 'button' && key === ' ')) return null
  if (focus === 'control' && (isMove || key === ' ' || key.startsWith('Page'))) return null
  if (key === ' ' && shiftKey) return 'previous'
  return keys.find((each) => each.keys.includes(key))?.action ?? null
} // prettier-ignore

const WRITTEN =
  'textarea, [contenteditable], select, input:not([type=range], [type=checkbox], [type=radio], [type=button])'
const CONTROLS = 'input, [role=slider], [tabindex="0"]'

/** @param byPointer whether the element was clicked, and not reached by keyboard */
export function focusOf(element: Element | null, byPointer: boolean): Focus {
  if (!element || element === document.body) return 'none'
  if (element.closest(WRITTEN)) return 'writing'
  if (element.closest('button, a, summary')) return 'button'
  if (element.closest(CONTROLS)) return byPointer ? 'clicked' : 'control'
  return 'none'
}
