// One build for every host: `vite build` makes the page, `vite build --mode node` the command line.
// Both bundle the same files of core, engine, rewards and lab.

import { svelte } from '@sveltejs/vite-plugin-svelte'
import { readdirSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { defineConfig, type Plugin, type PluginOption, type UserConfig } from 'vite'
import { viteStaticCopy } from 'vite-plugin-static-copy'

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

/** Writes offline.json, the list of those files (src/app/offline/service-worker.ts). */
const offlineList = (): Plugin => {
  let folder = PAGE_FOLDER
  return {
    name: 'tiltlab-offline-list',
    apply: 'build',
    configResolved: ({ build }) => void (folder = build.outDir),
    // After the files that are copied have been.
    closeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        const files = readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map(({ parentPath, name }) => `/${relative(folder, join(parentPath, name)).replaceAll(sep, '/')}`)
          .filter(isKeptAhead)
          // The page is asked for under its address.
          .map((path) => (path === '/index.html' ? '/' : path))
        writeFileSync(join(folder, 'offline.json'), `${JSON.stringify(files.sort(), null, 1)}\n`)
      },
    },
  }
}

const page: UserConfig = {
  plugins: [svelte({ configFile: false }), pageFiles, offlineList()],
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
