// gguf.ts: decoding in Chromium against wllama, llama.cpp's own WebGPU kernels, on a GGUF of the same model
//
// wllama needs shader-f16. Without a graphics card: bench/browser/lavapipe-chromium.sh makes a Chromium that has it.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { build } from 'vite'
import { packageRoot } from '../../src/runner/package'
import { serveFolders } from '../../test/e2e/static'
import { CannotRun, compared, inTurns, type Comparison } from '../claim'
import { modelFolders, modelsFolder } from '../peers/transformers'

const ROWS = [1, 8]
const TOKENS = 24
const GGUF = 'smollm2-135m.gguf'

export default async function* gguf(): AsyncGenerator<Comparison> {
  const { page, close } = await openPage()
  try {
    const { name, halfFloats, lanes } = await page.evaluate(() => window.adapter())
    if (!halfFloats) {
      throw new CannotRun(`Chromium’s adapter (${name}) has no shader-f16, without which wllama runs on the CPU.`)
    }
    const lavapipe = name.includes('swiftshader')
    const adapter = `Chromium, ${lavapipe ? `lavapipe through a shim, ${lanes} lanes` : name}`
    await page.evaluate(() => window.loadOurs())
    for (const rows of ROWS) {
      if (!(await page.evaluate((count) => window.loadWllama(count), rows))) {
        throw new CannotRun('wllama does not say that it uses WebGPU here.')
      }
      const rates = await inTurns(
        {
          ours: () => page.evaluate((job) => window.oursRate(job.rows, job.tokens), { rows, tokens: TOKENS + 1 }),
          peer: () => page.evaluate((job) => window.wllamaRate(job.rows, job.tokens), { rows, tokens: TOKENS }),
        },
        { rounds: 3 },
      )
      yield compared({
        ...rates,
        name: `decode SmolLM2-135M in Chromium, batch ${rows}`,
        unit: 'tokens/s',
        peerName: 'wllama webgpu, GGUF',
        atLeast: 1,
        adapter,
      })
    }
  } finally {
    await close()
  }
}

async function openPage(): Promise<{ page: Page; close(): Promise<void> }> {
  const file = join(modelsFolder, 'wheels')
  if (!existsSync(join(file, GGUF)))
    throw new CannotRun(`${join(file, GGUF)} is not there. Make it with bench/models.sh.`)
  const executablePath = process.env.TILTLAB_BENCH_CHROMIUM ?? join(modelsFolder, 'chromium/chromium')
  if (!existsSync(executablePath)) {
    throw new CannotRun(
      `${executablePath} is not there. Set TILTLAB_BENCH_CHROMIUM, or run bench/browser/lavapipe-chromium.sh.`,
    )
  }
  const outDir = join(packageRoot, 'dist/bench-page')
  await build({
    configFile: false,
    root: join(packageRoot, 'bench/browser/page'),
    logLevel: 'error',
    build: { outDir, emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 8000 },
  })
  const server = await serveFolders({
    '/': outDir,
    '/model/': modelFolders('smollm2')[0].folder,
    '/gguf/': file,
    '/wllama/': join(packageRoot, 'node_modules/@wllama/wllama/esm/wasm'),
  })
  const icd = join(executablePath, '../lavapipe-shim.json')
  const browser = await chromium.launch({
    executablePath,
    args: ['--headless=new', '--no-sandbox', '--enable-unsafe-webgpu'],
    env: { ...process.env, ...(existsSync(icd) && { VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: icd }) } as Record<
      string,
      string
    >,
  })
  const page = await browser.newPage()
  await page.goto(`${server.address}/`)
  return {
    page,
    async close() {
      await browser.close()
      server.stop()
    },
  }
}
