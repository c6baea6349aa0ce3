// server.ts: the runner of the load test: the real queue and the real server, with stand-ins for training

import { resolve } from 'node:path'
import { openQueue } from '../../src/runner/queue/queue'
import { listen } from '../../src/runner/server/listen'
import { LiveRuns } from '../../src/runner/server/live'
import { tokenOf } from '../../src/runner/server/token'
import { startTraining } from '../../src/runner/training/process'
import type { Served, ServerOrder } from './messages'

const SAMPLE_MS = 250

/** Serves until the parent says stop; then says how much memory it took, at every moment. */
export async function serve(runsFolder: string, port: number, slots: number): Promise<void> {
  const live = new LiveRuns()
  const queue = await openQueue({
    runsFolder: resolve(runsFolder),
    gpus: Array.from({ length: slots }, () => null),
    memoryBytes: Infinity,
    startTraining: (job, gpu) => startTraining(job, gpu, process.argv[1]),
    onChange: (job) => live.changed(job),
    onEvent: (id, event) => live.publish(id, event),
  })
  const token = await tokenOf(runsFolder)
  const server = await listen({ port, allow: [], runsFolder, pageFolder: runsFolder, live, queue, token })
  const memoryBytes: number[] = []
  const sampling = setInterval(() => memoryBytes.push(process.memoryUsage.rss()), SAMPLE_MS)
  const tell = (message: Served) => process.send!(message)
  tell({ type: 'ready', url: server.url, token })
  await new Promise<void>((resolve) =>
    process.on('message', (order: ServerOrder) => {
      if (order === 'begin') queue.begin()
      else resolve()
    }),
  )
  clearInterval(sampling)
  const { user, system } = process.cpuUsage()
  tell({ type: 'stopped', memoryBytes, cpuSeconds: (user + system) / 1e6 })
  await server.close()
  await queue.stop(0)
}
