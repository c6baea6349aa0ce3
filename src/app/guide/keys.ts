// keys.ts: what the keyboard does in every view, once, for the help that ? opens

import { keys as talkKeys } from '../talk/keys'

export interface Keys {
  /** Where they hold. */
  where: string
  keys: readonly { shown: string; does: string }[]
}

export const allKeys: readonly Keys[] = [
  {
    where: 'Everywhere',
    keys: [
      { shown: '?', does: 'these keys' },
      { shown: 'Tab, Shift + Tab', does: 'next control, and the one before; what has the focus is outlined' },
      { shown: 'Enter, Space', does: 'press a button, open a fold' },
      { shown: 'Escape', does: 'close what is open: a dialog, a menu, an explanation, a tour' },
      { shown: 'Alt + ←, Alt + →', does: 'the view before, and after: the browser’s own keys' },
    ],
  },
  {
    where: 'Sliders and lists',
    keys: [
      { shown: '← → ↑ ↓', does: 'a little less, a little more' },
      { shown: 'Page Up, Page Down', does: 'more, in large steps' },
      { shown: 'Home, End', does: 'to either end' },
    ],
  },
  {
    where: 'Words with a dotted line',
    keys: [
      { shown: 'Tab', does: 'in Theory: explains the quantity with its values' },
      { shown: 'Enter', does: 'its entry in the glossary' },
    ],
  },
  {
    where: 'Charts',
    keys: [
      { shown: '← →', does: 'reads the place beside, in every chart of the view' },
      { shown: 'Page Up, Page Down', does: 'a tenth of the axis' },
      { shown: 'Home, End', does: 'either end' },
      { shown: 'Escape', does: 'stops reading' },
    ],
  },
  {
    where: 'Bars of the Theory view',
    keys: [
      { shown: '← →', does: 'the bar beside' },
      { shown: '↑ ↓', does: 'its probability under the reference, by half a percent' },
      { shown: 'Page Up, Page Down', does: 'by five percent' },
      { shown: 'Home, End', does: 'to nothing, or to nearly everything' },
    ],
  },
  {
    where: 'Tokens of a completion',
    keys: [
      { shown: '← → Home End', does: 'another token' },
      { shown: 'Enter', does: 'explains the push on it' },
    ],
  },
  {
    where: 'Programs of the Rewards view',
    keys: [
      { shown: 'Escape, then Tab', does: 'leaves the editor' },
      { shown: 'Tab, Shift + Tab', does: 'indents, and takes that back' },
      { shown: 'Ctrl + Space', does: 'what could be written here' },
      { shown: 'Ctrl + Z, Ctrl + Y', does: 'undoes, and does again' },
    ],
  },
  { where: 'In the full window of a talk', keys: talkKeys.map(({ shown, does }) => ({ shown, does })) },
]
