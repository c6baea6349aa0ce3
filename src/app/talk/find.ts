// find.ts: scenes by number or by what is said in them

import type { Scene } from './talk'

/** The scenes that a number or words mean; all of them where nothing is asked for. */
export function matching(scenes: readonly Scene[], wanted: string): { scene: Scene; index: number }[] {
  const all = scenes.map((scene, index) => ({ scene, index }))
  const word = wanted.trim().toLowerCase()
  if (word === '') return all
  if (/^\d+$/.test(word)) return all.filter(({ index }) => index + 1 === Number(word))
  return all.filter(({ scene }) => [scene.title, scene.text, scene.notes].join(' ').toLowerCase().includes(word))
}
