// One build for every host: `vite build` makes the page, `vite build --mode node` the command line.
// Both bundle the same files of core, engine, rewards and lab.

import { svelte } from '@sveltejs/vite-plugin-svelte'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin, type PluginOption, type Rolldown, type UserConfig } from 'vite'
import { viteStaticCopy } from 'vite-plugin-static-copy'
import { briefOf } from './src/app/state/recording'
import { journalLine, readJournal } from './src/core/run/journal'
import { CONTENT_SECURITY_POLICY } from './src/runner/server/guard'

/** What the page fetches at run time, under the address it is fetched from. */
const pageFiles = viteStaticCopy({
  targets: [
    { src: 'models/**/*.{onnx,json,jsonl}', dest: '.' },
    { src: 'node_modules/@tensorflow/tfjs-backend-wasm/dist/*.wasm', dest: 'wasm/tfjs', rename: { stripBase: true } },
    {
      src: 'node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.asyncify.{mjs,wasm}',
      dest: 'wasm/ort',
      rename: { stripBase: true },
    },
  ],
}) as PluginOption

const PAGE_FOLDER = 'dist/page'

/** What the page keeps for when there is no network before it is asked for; other models are kept once they are used. */
const isKeptAhead = (path: string) =>
  path === '/index.html' ||
  /^\/(?:icon\.svg|manifest\.webmanifest|runs\/|models\/(?:data|guess|harm-scorer)\/|wasm\/tfjs\/)/.test(path) ||
  /^\/assets\/.*\.(?:js|css)$/.test(path)

/** Writes each recording without its completions too: the page shows the numbers while the rest is on its way. */
function writeBriefs(folder: string): void {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.jsonl.gz'))) {
    const { events } = readJournal(gunzipSync(readFileSync(join(folder, file))))
    const brief = events.map((event) => (event.type === 'step' ? { ...event, groups: [] } : event))
    const lines = brief.map((event, sequence) => journalLine(sequence, event))
    writeFileSync(join(folder, briefOf(file)), gzipSync(Buffer.concat(lines), { level: 9 }))
  }
}

/** What shrinks on its way to a browser. The page's own server, and others that look for it, send what lies beside it as .br or .gz. */
const isPacked = (path: string) => path === '/index.html' || /^\/assets\/.*\.(?:js|css)$/.test(path)

/** Brotli is a sixth smaller and takes seconds for a megabyte: it is for what a visitor waits for. */
const LARGEST_BROTLI_BYTES = 600_000

/** Writes offline.json, the list of what is kept ahead (src/app/offline/service-worker.ts), and packs what is packed. */
const finished = (): Plugin => {
  let folder = PAGE_FOLDER
  return {
    name: 'tiltlab-finished',
    apply: 'build',
    configResolved: ({ build }) => void (folder = build.outDir),
    // After the files that are copied have been.
    closeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        writeBriefs(join(folder, 'runs'))
        const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map(({ parentPath, name }) => `/${relative(folder, join(parentPath, name)).replaceAll(sep, '/')}`)
        // The page is asked for under its address.
        const kept = paths.filter(isKeptAhead).map((path) => (path === '/index.html' ? '/' : path))
        writeFileSync(join(folder, 'offline.json'), `${JSON.stringify(kept.sort(), null, 1)}\n`)
        for (const path of paths.filter(isPacked)) {
          const bytes = readFileSync(join(folder, path))
          writeFileSync(join(folder, `${path}.gz`), gzipSync(bytes, { level: 9 }))
          if (bytes.length <= LARGEST_BROTLI_BYTES) writeFileSync(join(folder, `${path}.br`), brotliCompressSync(bytes))
        }
      },
    },
  }
}

/**
 * Everything that main.ts is made of goes into one file: each costs a round trip of its own before the page answers, and
 * a browser asks for six at a time.
 */
const start = (): Rolldown.CodeSplittingGroup => {
  let needed: Set<string> | undefined
  return {
    debugName: 'start',
    name: (id, context) => ((needed ??= reachable(MAIN, context)).has(id) ? 'start' : null),
  }
}
const MAIN = join(import.meta.dirname, 'src/app/main.ts')

/** A module with all that it imports, and what those import. */
function reachable(from: string, modules: { getModuleInfo(id: string): Rolldown.ModuleInfo | null }): Set<string> {
  const found = new Set([from])
  for (const id of found) for (const imported of modules.getModuleInfo(id)?.importedIds ?? []) found.add(imported)
  return found
}

/** The policy that the runner sends with every answer, for hosts that send none. Who may frame a page cannot be said in it. */
const policy = (): Plugin => ({
  name: 'tiltlab-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: {
        'http-equiv': 'Content-Security-Policy',
        content: CONTENT_SECURITY_POLICY.replace(/; frame-ancestors [^;]+/, ''),
      },
      injectTo: 'head-prepend',
    },
  ],
})

const page: UserConfig = {
  plugins: [svelte({ configFile: false }), pageFiles, policy(), finished()],
  worker: { format: 'es' },
  build: {
    outDir: PAGE_FOLDER,
    target: 'es2022',
    chunkSizeWarningLimit: 4000,
    rollupOptions: {
      // A service worker has the address of what it serves, and none of its own that changes with its text.
      input: { main: 'index.html', 'service-worker': 'src/app/offline/service-worker.ts' },
      output: {
        entryFileNames: ({ name }) => (name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
        codeSplitting: { groups: [start()] },
      },
    },
  },
}

const node: UserConfig = {
  publicDir: false,
  build: {
    ssr: true,
    outDir: 'dist/node',
    target: 'node20',
    rollupOptions: {
      // A person's own reward runs in a thread of its own, which needs a file of its own.
      input: { cli: 'src/runner/cli.ts', 'sandbox-worker': 'src/runner/sandbox-worker.ts' },
      // Benchmarks are built in place of the command line, and under its name.
      output: { entryFileNames: ({ name }) => (name === 'sandbox-worker' ? '[name].js' : 'cli.js') },
    },
  },
}

export default defineConfig(({ mode }) => (mode === 'node' ? node : page))
