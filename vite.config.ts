// One build for every host: `vite build` makes the page, `vite build --mode node` the command line.
// Both bundle the same files of core, engine, rewards and lab.

import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type PluginOption, type UserConfig } from 'vite'
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

const page: UserConfig = {
  plugins: [svelte({ configFile: false }), pageFiles],
  worker: { format: 'es' },
  build: { outDir: 'dist/page', target: 'es2022', chunkSizeWarningLimit: 4000 },
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
