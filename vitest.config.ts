// Five projects: units (fast, pure), webgpu (kernels and engine on a Vulkan driver), parity (engine against onnxruntime and PyTorch), lab (real short runs), e2e (Chromium).

import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'units',
          include: ['test/{core,rewards,engine,app,docs}/**/*.test.ts'],
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
      { test: { name: 'parity', include: ['test/parity/**/*.test.ts'], testTimeout: 600_000, fileParallelism: false } },
      {
        test: {
          name: 'runs',
          include: ['test/{lab,runner}/**/*.test.ts'],
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
