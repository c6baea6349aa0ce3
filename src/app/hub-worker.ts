// hub-worker.ts: talks to the Hub off the page's own thread, and keeps what it sends in this browser

import { CancelledError, messageOf, TiltlabError } from '../core/errors'
import { bestEngine } from '../engine/open'
import { isSoftware, lanesOf } from '../engine/webgpu/device'
import type { RunConfig } from '../core/run/config'
import { download } from './models/download'
import type { MachineLimits } from './models/fit'
import { dataChoices, modelChoices } from './models/choices'
import { listFiles, searchHub } from './models/hub-api'
import { HubError } from './models/hub-error'
import { lookAtData, lookAtModel } from './models/look'
import type { FromHub, Kept, Questions, QuestionType, ToHub } from './models/messages'
import { openShelf, type Shelf } from './models/shelf'

/** Held while files are made or removed: two tabs would write into the same file. */
const LOCK = 'tiltlab-hub'

const opened = openShelf()
const asked = new Map<number, AbortController>()

globalThis.onmessage = ({ data }: MessageEvent<ToHub>) => {
  if (data.type === 'cancel') asked.get(data.question)?.abort()
  else void reply(data)
}

type Question = Exclude<ToHub, { type: 'cancel' }>

async function reply(data: Question): Promise<void> {
  const { question } = data
  const controller = new AbortController()
  asked.set(question, controller)
  try {
    post({ type: 'answer', question, answer: await answer(data, controller.signal) })
  } catch (error) {
    if (error instanceof CancelledError) post({ type: 'cancelled', question })
    else post({ type: 'problem', question, ...problemOf(error) })
  } finally {
    asked.delete(question)
  }
}

function problemOf(error: unknown) {
  const trouble = error instanceof HubError ? error.trouble : null
  const hint = error instanceof TiltlabError ? '' : ' This is a fault of tiltlab; reload the page.'
  return { message: messageOf(error) + hint, trouble }
}

async function answer(data: Question, signal: AbortSignal): Promise<Questions[QuestionType]['answer']> {
  switch (data.type) {
    case 'search':
      return searchHub(data.kind, data.words, signal)
    case 'sizes': {
      const { kind, id } = data
      const files = await listFiles(kind, id, 'main', signal)
      return (kind === 'models' ? modelChoices(files) : dataChoices(files)).map(({ sizeBytes }) => sizeBytes)
    }
    case 'look': {
      const { kind, id, revision, config } = data
      return kind === 'models'
        ? lookAtModel(id, revision, config, await machineLimits(config), signal)
        : lookAtData(id, revision, signal)
    }
    case 'download': {
      const { repository, paths, question } = data
      const wanted = repository.files.filter(({ path }) => paths.includes(path))
      await alone((shelf) =>
        download(shelf, repository, wanted, {
          signal,
          room,
          onTransfer: (transfer) => post({ type: 'transfer', question, transfer }),
        }),
      )
      return null
    }
    case 'remove':
      await alone((shelf) => shelf.remove(data.name))
      return null
    case 'list':
      return list(data.kind)
  }
  return data satisfies never
}

async function list(kind: Questions['list']['asked']['kind']): Promise<Kept> {
  const shelf = await opened
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {}
  const repositories = ((await shelf?.list()) ?? []).filter((kept) => kept.kind === kind)
  return { keeps: shelf !== undefined, repositories, usedBytes: usage, quotaBytes: quota }
}

/** What the browser still gives this page. */
async function room(): Promise<number | undefined> {
  const { usage, quota } = (await navigator.storage?.estimate?.()) ?? {}
  return usage === undefined || quota === undefined ? undefined : quota - usage
}

async function machineLimits({ engine }: RunConfig): Promise<MachineLimits> {
  const gpu = navigator.gpu as GPU | undefined
  const { deviceMemory } = navigator as { deviceMemory?: number }
  const memoryBytes = deviceMemory === undefined ? undefined : deviceMemory * 2 ** 30
  const kind = engine.kind === 'auto' ? await bestEngine(gpu) : engine.kind
  const adapter = kind === 'webgpu' ? await gpu?.requestAdapter({ powerPreference: 'high-performance' }) : null
  if (!adapter) return { engine: 'wasm', bufferBytes: Infinity, memoryBytes }
  return {
    engine: { software: isSoftware(adapter.info), lanes: lanesOf(adapter) },
    bufferBytes: adapter.limits.maxStorageBufferBindingSize,
    memoryBytes,
  }
}

/** @throws {TiltlabError} if another tab is at it, or nothing can be kept */
async function alone<T>(work: (shelf: Shelf) => Promise<T>): Promise<T> {
  const shelf = await opened
  if (!shelf)
    throw new TiltlabError(
      'This browser lets the page keep no files, as private windows do. Choose the files from your disk instead.',
    )
  return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
    if (lock) return work(shelf)
    throw new TiltlabError('Another download is under way, here or in another tab. Wait until it has finished.')
  })
}

function post(message: FromHub): void {
  globalThis.postMessage(message)
}
