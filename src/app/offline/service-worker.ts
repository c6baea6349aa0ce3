// service-worker.ts: the page without a network
//
// Built under a name of its own beside the page. When it is installed it keeps what the page is made of (offline.json,
// written by the build); what is fetched besides, such as another embedded model, is kept when it is fetched first. The
// page itself is asked for anew whenever there is a network, so that a new build is never hidden by an old one: its files
// carry their hash in their name, and it registers this worker under the version of its own.

/** What is used of a service worker's surroundings: its types and those of a page do not go together in one project. */
interface Surroundings {
  location: Location
  skipWaiting(): Promise<void>
  clients: { claim(): Promise<void> }
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void
  addEventListener(type: 'fetch', listener: (event: Lasting & Asked) => void): void
}
interface Lasting {
  waitUntil(work: Promise<unknown>): void
}
interface Asked {
  request: Request
  respondWith(response: Promise<Response>): void
}

const worker = self as unknown as Surroundings

const PREFIX = 'tiltlab-page-'
const CACHE = PREFIX + (new URL(worker.location.href).searchParams.get('v') ?? '')

worker.addEventListener('install', (event) => event.waitUntil(keepPage()))
worker.addEventListener('activate', (event) => event.waitUntil(takeOver()))
worker.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  // The server's own answers, and files of other hosts, are not part of the page.
  if (request.method !== 'GET' || origin !== worker.location.origin || pathname.startsWith('/api/')) return
  event.respondWith(request.mode === 'navigate' ? newestPage(request) : keptFile(request))
})

async function keepPage(): Promise<void> {
  const response = await fetch('/offline.json', { cache: 'no-store' })
  const files = (await response.json()) as string[]
  const cache = await caches.open(CACHE)
  await cache.addAll(files)
  await worker.skipWaiting()
}

async function takeOver(): Promise<void> {
  const names = await caches.keys()
  await Promise.all(
    names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)),
  )
  await worker.clients.claim()
}

async function newestPage(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (error) {
    const kept = await caches.match('/', { cacheName: CACHE })
    if (kept) return kept
    throw error
  }
}

async function keptFile(request: Request): Promise<Response> {
  const kept = await caches.match(request, { cacheName: CACHE })
  if (kept) return kept
  const response = await fetch(request)
  // A part of a file is no file, and a disk that is full must not cost the answer.
  if (response.status === 200) {
    const copy = response.clone()
    void caches
      .open(CACHE)
      .then((cache) => cache.put(request, copy))
      .catch(() => undefined)
  }
  return response
}
