import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { groups } from '../../../src/app/guide/entry'
import { entries, findEntry, search } from '../../../src/app/guide/glossary'
import { chartTerm, lossTerms, metricTerm, settingTerms, switchTerms } from '../../../src/app/guide/places'
import { dealt } from '../../../src/app/guide/question'
import { questions } from '../../../src/app/guide/questions'
import { mathml } from '../../../src/app/maths/typeset'
import { controls, defaultSettings, switches } from '../../../src/app/state/settings'
import { quantities, quantity, type QuantityKey } from '../../../src/app/theory/quantities'
import { aimMetric, momentAt } from '../../../src/app/train/moment'
import { metricNames, panelsOf } from '../../../src/app/train/panels'
import { PRESETS } from '../../../src/core/rl/presets'
import { readJournal } from '../../../src/core/run/journal'
import { describeMetric, metricCatalogue } from '../../../src/core/run/metrics'
import { replay } from '../../../src/core/run/view'

const root = join(import.meta.dirname, '../../..')
const ids = entries.map(({ id }) => id)

test('no two entries have the same id, and every group has entries', () => {
  expect(new Set(ids).size).toBe(ids.length)
  expect([...new Set(entries.map(({ group }) => group))]).toEqual([...groups])
})

describe.each(entries)('$id', (entry) => {
  test('says what it is, in what unit and where from, and typesets', () => {
    expect(entry.definition).toMatch(/^\S.*[^.]\.$/)
    expect(entry.source).not.toBe('')
    for (const tex of [entry.symbol, entry.equation]) if (tex) expect(mathml(tex)).toContain('<math')
  })

  test('names pages of the documentation that there are', () => {
    for (const [path] of entry.source.matchAll(/(?:docs|models)\/[\w/-]+\.md/g))
      expect(readFileSync(join(root, path), 'utf8')).not.toBe('')
    const section = /docs\/theory\.md, section (\d+)/.exec(entry.source)
    if (section) expect(read('docs/theory.md')).toMatch(new RegExp(`^## ${section[1]} `, 'm'))
    const heading = /docs\/algorithms\.md, ([^;]+)/.exec(entry.source)
    if (heading) expect(read('docs/algorithms.md')).toMatch(new RegExp(`^#+ ${heading[1]}|^\\| \`${heading[1]}\``, 'm'))
  })

  test('belongs to entries that there are, and not to itself', () => {
    for (const id of entry.see) expect([id, findEntry(id)?.id]).toEqual([id, id])
    expect(entry.see).not.toContain(entry.id)
  })
})

describe('everything that the views show has an entry', () => {
  test('quantities of the theory, with their own words', () => {
    for (const key of Object.keys(quantities) as QuantityKey[])
      expect(findEntry(key)).toMatchObject({ name: quantity(key).name, definition: quantity(key).glossary })
  })

  test('metrics, with their own words', () => {
    for (const { name, meaning } of metricCatalogue)
      expect(findEntry(`metric/${name}`)).toMatchObject({ name, definition: `${meaning}.` })
    expect(findEntry('metric/rewards/brevity/mean')?.id).toBe('metric/rewards/{name}/mean')
    expect(findEntry('metric/of nobody')).toBeUndefined()
  })

  test('algorithms', () => {
    for (const { id, label } of PRESETS) expect(findEntry(`algorithm/${id}`)?.name).toBe(label)
  })

  test.each(readdirSync(join(root, 'public/runs')).filter((file) => file.endsWith('.gz')))(
    'every metric and every chart of the recording %s',
    (file) => {
      const view = replay(readJournal(gunzipSync(readFileSync(join(root, 'public/runs', file)))).events)
      const names = metricNames(view)
      expect(names.length).toBeGreaterThan(5)
      for (const name of names) expect([name, findEntry(metricTerm(name) ?? '')?.name]).toEqual([name, describeMetric(name)?.name]) // prettier-ignore
      for (const { id } of panelsOf(view, momentAt(view, view.step), { smooth: 0 }))
        expect([id, findEntry(chartTerm(id, aimMetric(view).metric) ?? '')]).not.toContain(undefined)
    },
  )

  test('settings and switches', () => {
    const keys = controls.map(({ key }) => key)
    expect(keys).toEqual(expect.arrayContaining(Object.keys(settingTerms)))
    expect(Object.keys(switchTerms)).toEqual(switches(defaultSettings()).map(({ name }) => name))
    for (const id of [...Object.values(settingTerms), ...Object.values(switchTerms), ...Object.values(lossTerms)])
      expect([id, findEntry(id)]).not.toContain(undefined)
  })

  test('words of the views lead to entries', () => {
    const linked = sources().flatMap((text) => [...text.matchAll(/<(?:Word|Term)\s+of="([^"]+)"/g)].map(([, id]) => id))
    expect(linked.length).toBeGreaterThan(30)
    for (const id of linked) expect([id, findEntry(id)]).not.toContain(undefined)
  })

  test('words of the questions', () => {
    for (const question of questions)
      for (const id of dealt(question, 0).see) expect([id, findEntry(id)]).not.toContain(undefined)
  })
})

describe('search', () => {
  test.each<[string, string]>([
    ['kl', 'metric/kl'],
    ['KL divergence', 'kl'],
    ['chi2', 'chi2'],
    ['leave-one-out', 'baseline'],
    ['num_generations', 'group'],
    ['ratio', 'importance-ratio'],
    ['π', 'policy'],
    ['two one-sided', 'tost'],
    ['dapo', 'algorithm/dapo'],
    ['reward std', 'metric/reward_std'],
  ])('%s finds %s', (sought, id) => {
    expect(search(sought).map((entry) => entry.id)).toContain(id)
  })

  test('what is called so comes first', () => {
    expect(search('advantage')[0].id).toBe('advantage')
    expect(search('clip')[0].id).toBe('clip')
    expect(search('entropy')[0].id).toBe('metric/entropy')
  })

  test('nothing is found of what there is not, and everything of nothing', () => {
    expect(search('zyzzyva')).toEqual([])
    expect(search('  ')).toBe(entries)
  })
})

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

function sources(): string[] {
  const folder = join(root, 'src/app')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.svelte'))
  return files.map((file) => readFileSync(join(folder, file), 'utf8'))
}
