// What the page reads of the Hub's API, and what it says of answers that are none

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { CancelledError } from '../../../src/core/errors'
import { hub } from '../../../src/engine/hub'
import { openRepository, searchHub } from '../../../src/app/models/hub-api'
import { commitOf, noFaults, repositoryOf, startHub, type HubServer } from './hub-server'

const llama = repositoryOf('test/fixtures/models/optimum-llama', {
  tags: ['onnx', 'license:apache-2.0', 'license:other'],
  downloads: 7,
})
const home = hub.address
let server: HubServer

beforeAll(async () => {
  server = await startHub({
    'models/org/tiny-llama': llama,
    'models/org/closed-llama': { files: {}, gated: true },
    'datasets/org/sums': { files: { 'train.jsonl': Buffer.from('{}') }, tags: ['license:mit'] },
  })
  hub.address = server.address
})
afterAll(async () => {
  hub.address = home
  await server.close()
})
beforeEach(() => (server.faults = { ...noFaults }))

test('a search finds models with what is needed to choose among them', async () => {
  expect(await searchHub('models', 'llama')).toEqual([
    { id: 'org/tiny-llama', downloads: 7, gated: false, licence: 'apache-2.0, other', architecture: 'llama' },
    { id: 'org/closed-llama', downloads: 1, gated: true, licence: '', architecture: '' },
  ])
  expect((await searchHub('datasets', 'sums')).map(({ id }) => id)).toEqual(['org/sums'])
  expect(await searchHub('models', 'nothing of this name')).toEqual([])
})

test('a repository is taken at a commit, with every page of its files and their hashes', async () => {
  const { commit, licence, files, gated } = await openRepository('models', 'org/tiny-llama')
  expect({ commit, licence, gated }).toEqual({ commit: commitOf(llama), licence: 'apache-2.0, other', gated: false })
  expect(files.map(({ path }) => path).sort()).toEqual(Object.keys(llama.files).sort())
  const digest = (path: string) => files.find((file) => file.path === path)!.digest.kind
  expect([digest('onnx/model_q4.onnx'), digest('config.json')]).toEqual(['sha256', 'git'])
})

test.each([
  [{ refusals: { status: 404, times: 1 } }, 'missing', /org\/tiny-llama is not on the Hub/],
  [{ refusals: { status: 403, times: 1 } }, 'closed', /asks for consent, or it is private.*choose its folder here/],
  [{ refusals: { status: 429, times: 1, headers: { 'Retry-After': '90' } } }, 'busy', /Go on in 1 min 30 s/],
  [{ refusals: { status: 429, times: 1 } }, 'busy', /Go on in a few minutes/],
  [{ refusals: { status: 503, times: 1 } }, 'busy', /it answered 503/],
  [{ refusals: { status: 418, times: 1 } }, 'strange', /answered 418/],
  [{ refusals: { status: 200, times: 1 } }, 'strange', /did not answer as it does/],
])('%j is told as %s', async (faults, trouble, message) => {
  server.faults = { ...noFaults, ...faults }
  const asking = openRepository('models', 'org/tiny-llama')
  await expect(asking).rejects.toThrow(message)
  await expect(asking).rejects.toMatchObject({ trouble })
})

test('what is no name is not asked for, and no connection is told as that', async () => {
  await expect(openRepository('models', '../etc')).rejects.toThrow('Write it as organisation/name')
  hub.address = 'http://127.0.0.1:9/'
  await expect(searchHub('models', 'x')).rejects.toMatchObject({ trouble: 'offline' })
  hub.address = server.address
  const controller = new AbortController()
  controller.abort()
  await expect(searchHub('models', 'x', controller.signal)).rejects.toThrow(CancelledError)
})
