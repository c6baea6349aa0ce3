// A model of the Hub in the page: found, downloaded over a connection that breaks, trained without a network, removed. A
// server of this machine stands in for huggingface.co and the host of its files, under their own names and over TLS.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commitOf, noFaults, repositoryOf, startHub, type HubServer } from '../app/models/hub-server'
import { launchBrowser, servePage, type Server } from './browser'
import { complaints, openPage, overflow, seriousFaults } from './page'

const LONG_MS = 120_000
const small = 'prompts=1&g=2&tokens=8&problems=2&answer=4&every=0'
const ONNX = 'onnx/model_quantized.onnx'
const root = join(import.meta.dirname, '../..')
const fixture = (path: string) => readFileSync(join(root, 'test/fixtures', path))
const guess = repositoryOf(join(root, 'models/guess'), { tags: ['license:mit'], downloads: 1234 })
const problems = Array.from({ length: 12 }, (_, i) =>
  JSON.stringify({ question: `What is ${i}+3?`, answer: `#### ${i + 3}` }),
)
const requests = Array.from({ length: 60 }, (_, i) =>
  JSON.stringify({ text: `How is lock ${i} picked?`, unsafe: i % 2 === 0 }),
)

let hub: HubServer
let server: Server
let browser: Browser

beforeAll(async () => {
  hub = await startHub(
    {
      'models/tiltlab/guess': guess,
      'models/org/gated-llama': { files: {}, gated: true },
      'models/org/gpt2-guess': { files: { ...guess.files, 'config.json': Buffer.from('{"model_type":"gpt2"}') } },
      'datasets/org/sums': {
        files: {
          'train-00000-of-00001.jsonl': Buffer.from(problems.join('\n')),
          'test.jsonl': Buffer.from(problems[0]),
        },
        tags: ['license:cc0-1.0'],
      },
      'datasets/org/requests': { files: { 'all.jsonl': Buffer.from(requests.join('\n')) } },
    },
    { key: fixture('hub/key.pem'), cert: fixture('hub/certificate.pem') },
  )
  server = await servePage()
  browser = await launchBrowser([
    `--host-resolver-rules=MAP huggingface.co 127.0.0.1:${hub.port},MAP *.hf.co 127.0.0.1:${hub.port}`,
    '--ignore-certificate-errors',
  ])
})
afterAll(async () => {
  await browser?.close()
  server?.stop()
  await hub?.close().catch(() => undefined)
})

async function openModels(page: Page): Promise<void> {
  await page.getByText('Your own model and problems', { exact: true }).click()
  await page.getByRole('button', { name: 'Find a model on the Hub…' }).click()
}

async function search(page: Page, words: string): Promise<void> {
  await page.getByLabel('Words of its name').fill(words)
  await page.getByRole('button', { name: 'Search', exact: true }).click()
}

test('a model is found, downloaded over a broken connection, trained without the Hub, and removed', async () => {
  const page = await openPage(browser, `${server.address}/#v=1&preset=ci&engine=reference&${small}`, {
    width: 1440,
    height: 1000,
  })
  const errors = complaints(page)
  await openModels(page)
  await search(page, 'guess')
  await page.getByText('gpt2: not read here, only qwen2, qwen3, llama').waitFor({ timeout: LONG_MS })
  await page.getByText(/qwen3 · 5\d\d kB to 9\d\d kB · mit · 1,234 downloads/).waitFor({ timeout: LONG_MS })
  await page.getByRole('button', { name: 'tiltlab/guess' }).click()
  const commit = commitOf(guess)
  await page.getByText('licence mit, at commit').waitFor({ timeout: LONG_MS })
  expect(await page.locator('dialog code').first().textContent()).toBe(commit.slice(0, 12))
  await page
    .getByText(/A run as it is set holds at most/)
    .first()
    .waitFor()
  expect(await seriousFaults(page)).toEqual([])

  // More breaks than are tried again in a row would end it; each brings a part of the file.
  hub.faults.breaksOff = { path: ONNX, afterBytes: 300_000, times: 2 }
  await page.getByRole('button', { name: 'Download q8' }).click()
  await page.getByRole('button', { name: 'Use q8' }).first().waitFor({ timeout: LONG_MS })
  const ranges = hub.asked.filter(({ path }) => path === ONNX).map(({ range }) => range)
  expect(ranges).toHaveLength(3)
  // A browser that is busy may hear of a break before it has read anything.
  expect([ranges[0], /^bytes=[1-9]\d+-$/.test(ranges[2] ?? '')]).toEqual([undefined, true])

  await page.getByRole('button', { name: 'Use q8' }).first().click()
  await page.getByText(`Chosen: tiltlab/guess@${commit.slice(0, 12)}, q8.`).waitFor()
  hub.faults.refusals = { status: 503, times: Infinity }
  await page.reload()
  await page.getByRole('button', { name: 'Step', exact: true }).click()
  await page.getByText('Paused').first().waitFor({ timeout: LONG_MS })

  await openModels(page)
  await page.getByRole('button', { name: 'Remove tiltlab/guess' }).click()
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByText('Nothing yet.').waitFor()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  // What the settings name is gone: a run says where to get it, and there it is offered.
  await page.reload()
  await page.getByRole('button', { name: 'Step', exact: true }).click()
  await page.getByText('is not on this machine. Find it in Train').first().waitFor({ timeout: LONG_MS })
  hub.faults = { ...noFaults }
  await openModels(page)
  await page.getByRole('button', { name: 'Download q8' }).waitFor({ timeout: LONG_MS })
  expect(errors).toEqual([])
  hub.faults = { ...noFaults }
  await page.context().close()
})

test('what was stopped goes on, and what the Hub refuses is told', async () => {
  const page = await openPage(browser, `${server.address}/`, { width: 360, height: 800, scheme: 'dark' })
  await openModels(page)
  await search(page, 'g')
  await page.getByRole('button', { name: 'org/gated-llama' }).click()
  await page.getByText('Its owner asks for consent.').first().waitFor({ timeout: LONG_MS })
  await page.getByRole('button', { name: 'tiltlab/guess' }).click()

  hub.asked.length = 0
  hub.faults.holds = { path: 'onnx/model_q4.onnx', afterBytes: 200_000 }
  await page.getByRole('button', { name: 'Download q4' }).click()
  await expect
    .poll(() => page.locator('dialog progress').getAttribute('value'), { timeout: LONG_MS })
    .toMatch(/^\d{6,}$/)
  expect(await overflow(page)).toBeLessThanOrEqual(0)
  expect(await seriousFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'Stop, and keep what has arrived' }).click()
  hub.faults.holds = null
  await page.getByRole('button', { name: 'Go on with q4' }).click({ timeout: LONG_MS })
  await page.getByRole('button', { name: 'Use q4' }).first().waitFor({ timeout: LONG_MS })
  expect(hub.asked.at(-1)?.range).toBe('bytes=200000-')

  hub.faults.refusals = { status: 429, times: 1, headers: { 'Retry-After': '30' } }
  await search(page, 'x')
  await page
    .getByText('The Hub has had too many requests from here')
    .or(page.getByText('Go on in 30 s'))
    .first()
    .waitFor()
  await page.context().close()
})

test('a data set of the Hub is downloaded, and its columns are read from what is kept', async () => {
  const page = await openPage(browser, `${server.address}/#v=2&view=rewards`, { width: 1440, height: 1000 })
  await page.getByLabel('Prompts').selectOption('data')
  await page.getByRole('button', { name: 'Find a data set on the Hub…' }).click()
  await search(page, 'sums')
  await page.getByRole('button', { name: 'org/sums' }).click()
  await page.getByRole('button', { name: 'Download train-*.jsonl' }).click({ timeout: LONG_MS })
  const use = page.getByRole('button', { name: 'Use train-*.jsonl' }).first()
  await use.waitFor({ timeout: LONG_MS })
  hub.faults.refusals = { status: 503, times: Infinity }
  await use.click()
  await page.getByText('cc0-1.0').waitFor({ timeout: LONG_MS })
  await page
    .getByText(/What is \d+\+3\?/)
    .first()
    .waitFor()
  hub.faults = { ...noFaults }
  await page.context().close()
})

test('an experiment is done on a model, data and requests of one’s own', async () => {
  const page = await openPage(browser, `${server.address}/#v=2&view=compare&experiment=rlvr-vs-sft`, {
    width: 1440,
    height: 1000,
  })
  const take = async (button: number, words: string, name: string) => {
    await page
      .getByRole('button', { name: /^Find a .* on the Hub…$/ })
      .nth(button)
      .click()
    await search(page, words)
    await page.getByRole('dialog').getByRole('button', { name: words }).click()
    await page.getByRole('button', { name: `Download ${name}` }).click({ timeout: LONG_MS })
    await page
      .getByRole('button', { name: `Use ${name}` })
      .first()
      .click({ timeout: LONG_MS })
  }
  await page.getByLabel('A model of your own').check()
  await page.getByLabel('Longest answer, tokens').fill('8')
  await page.getByText('Name what the model is trained on.').waitFor()
  await take(0, 'tiltlab/guess', 'q4')
  await take(1, 'org/sums', 'train-*.jsonl')
  await take(2, 'org/requests', 'all.jsonl')
  await page.getByLabel('Column of the request').fill('text')
  await page.getByLabel('Column that says whether it is harmful').fill('unsafe')
  await page.keyboard.press('Tab')
  // The worker has loaded and timed the model, and found all it needs in the data.
  await page.getByText('Time left, about').waitFor({ timeout: LONG_MS })
  expect(await seriousFaults(page)).toEqual([])
  await page.reload()
  await page.getByText(`tiltlab/guess@${commitOf(guess).slice(0, 12)}, q4`).waitFor({ timeout: LONG_MS })
  await page.context().close()
})
