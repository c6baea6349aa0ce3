// hosts.ts: what experiments need of this machine

import { cpus } from 'node:os'
import type { EstimateHosts } from '../../lab/experiments/estimate'
import { openDawn } from '../dawn'
import { localFiles } from '../files'
import { dataSource } from '../models'
import { modelsFolder, packageVersion } from '../package'
import { startSandboxWorker } from '../sandbox'

/** Engines take half a second to start, so they are loaded with the first model. */
export const experimentHosts: EstimateHosts = {
  loadModel: async (config, options) => (await import('../load')).loadModel(config, options),
  data: dataSource,
  files: localFiles,
  modelsPath: modelsFolder,
  startSandbox: startSandboxWorker,
  identity: {
    version: packageVersion,
    platform: `node ${process.versions.node} ${process.platform} ${process.arch}`,
  },
  async machine() {
    const adapter = await (await openDawn())?.requestAdapter({ powerPreference: 'high-performance' })
    const graphics = adapter ? adapter.info.description || adapter.info.device || adapter.info.vendor : 'no WebGPU'
    return `${cpus().length} × ${cpus()[0]?.model ?? process.arch}; ${graphics}`
  },
}
