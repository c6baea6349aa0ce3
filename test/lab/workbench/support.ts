// support.ts: the workbench on the data and the tokenizer that come with tiltlab, without a model

import { join } from 'node:path'
import { defaultConfig, type RunConfig } from '../../../src/core/run/config'
import { loadTokenizer } from '../../../src/engine/tokenizer'
import type { WorkbenchReport } from '../../../src/lab/workbench/report'
import { runWorkbench, type WorkbenchHosts, type WorkbenchOptions } from '../../../src/lab/workbench/workbench'
import { folderSource } from '../../../src/runner/files'
import { machineOf } from '../data/support'

const models = join(import.meta.dirname, '../../../models')

/** Hosts with these files; no model, no sandbox. */
export function hostsWith(files: Readonly<Record<string, string>> = {}, more: Partial<WorkbenchHosts> = {}) {
  const hosts: WorkbenchHosts = {
    data: folderSource('models/data', join(models, 'data')),
    files: machineOf(files),
    loadModel: () => Promise.reject(new Error('no model is to be loaded')),
    loadTokenizer: () => loadTokenizer(folderSource('guess', join(models, 'guess'))),
    ...more,
  }
  return hosts
}

/** A configuration with this formula as its reward. */
export function configOf(expression: string, changes: Partial<RunConfig> = {}): RunConfig {
  return { ...defaultConfig, ...changes, reward: { expression, program: '', onFailure: 'abort' } }
}

/** The report about a formula on the sums that come with tiltlab. */
export function reportOn(
  expression: string,
  options: WorkbenchOptions & { prompts?: number } = {},
): Promise<WorkbenchReport> {
  const { prompts = 30, ...rest } = options
  return runWorkbench({ config: configOf(expression), prompts, samples: 0 }, hostsWith(), rest)
}
