// edit.ts: changes to a talk, each giving a new one

import { MOST_SCENES } from './choice'
import type { Scene, Talk } from './talk'

/** A scene with nothing in it yet. */
export const emptyScene: Scene = { title: 'New scene', text: '', notes: '', show: '', panels: [], recording: '' }

export function withScene(talk: Talk, index: number, change: Partial<Scene>): Talk {
  return { ...talk, scenes: talk.scenes.map((scene, i) => (i === index ? { ...scene, ...change } : scene)) }
}

/** Puts a scene behind another one. A talk that is as long as one may be stays as it is. */
export function withNewScene(talk: Talk, after: number, scene: Scene): Talk {
  return talk.scenes.length < MOST_SCENES ? { ...talk, scenes: talk.scenes.toSpliced(after + 1, 0, scene) } : talk
}

/** Takes a scene out; the last one that there is stays. */
export function withoutScene(talk: Talk, index: number): Talk {
  return talk.scenes.length > 1 ? { ...talk, scenes: talk.scenes.toSpliced(index, 1) } : talk
}

/** Moves a scene up (−1) or down (+1); at an end it stays. */
export function withMovedScene(talk: Talk, index: number, by: -1 | 1): Talk {
  const to = index + by
  if (to < 0 || to >= talk.scenes.length) return talk
  return { ...talk, scenes: talk.scenes.toSpliced(index, 1).toSpliced(to, 0, talk.scenes[index]) }
}

/** A name that no other talk has, made of a title: `my-talk`, `my-talk-2`. */
export function freeName(title: string, isTaken: (name: string) => boolean): string {
  const stem =
    title
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 50)
      .replace(/-$/, '') || 'talk'
  for (let count = 1; ; count++) {
    const name = count === 1 ? stem : `${stem}-${count}`
    if (!isTaken(name)) return name
  }
}
