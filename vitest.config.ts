// Projects: units (fast, pure), webgpu (kernels and engine on a Vulkan driver), parity (engine against onnxruntime and PyTorch),
// runs (real short runs), e2e (Chromium). `npm test` leaves out models (real models of real size) and long (all experiments
// from the page).

import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'units',
          include: [
            'test/{core,rewards,engine,app,docs}/**/*.test.ts',
            'test/lab/{bundle,data,workbench,experiments/report}/*.test.ts',
            'test/lab/experiments/{plans,wording}.test.ts',
          ],
          exclude: ['test/engine/webgpu/**'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'webgpu',
          include: ['test/engine/webgpu/**/*.test.ts'],
          testTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'parity',
          include: ['test/parity/**/*.test.ts'],
          exclude: ['test/parity/models.test.ts'],
          testTimeout: 600_000,
          fileParallelism: false,
        },
      },
      // Gigabytes and minutes each: only by `npm run test:models`.
      {
        test: {
          name: 'models',
          include: ['test/parity/models.test.ts'],
          testTimeout: 3_600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'runs',
          include: ['test/{lab,runner}/**/*.test.ts'],
          exclude: [
            'test/lab/{bundle,data,workbench,experiments/report}/**',
            'test/lab/experiments/{plans,wording}.test.ts',
          ],
          testTimeout: 900_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
    coverage: {
      include: ['src/core/**'],
      thresholds: { branches: 95 },
    },
  },
  plugins: [svelte({ configFile: false })],
})
