// tasks.ts: what the main thread of a page was busy with, from a trace of Chromium

import type { Page } from 'playwright-core'

/** One task of the main thread, ms. */
export interface Task {
  /** From begin to end, as a person has to wait. */
  wallMs: number
  /** What it computed: other programs on this machine do not count. */
  cpuMs: number
}

interface TraceEvent {
  name: string
  ph: string
  pid: number
  tid: number
  /** µs */
  dur?: number
  tdur?: number
  args?: { name?: string }
}

/** The tasks of a page's main thread while something happens. */
export async function tasksDuring(page: Page, happen: () => Promise<unknown>): Promise<Task[]> {
  const devtools = await page.context().browser()!.newBrowserCDPSession()
  const events: TraceEvent[] = []
  devtools.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  await devtools.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline', '__metadata'] },
  })
  await happen()
  const complete = new Promise((resolve) => devtools.once('Tracing.tracingComplete', resolve))
  await devtools.send('Tracing.end')
  await complete
  await devtools.detach()
  return busiest(
    events
      .filter(({ ph, name, args }) => ph === 'M' && name === 'thread_name' && args?.name === 'CrRendererMain')
      .map((main) =>
        events
          .filter(({ name, ph, pid, tid }) => name === 'RunTask' && ph === 'X' && pid === main.pid && tid === main.tid)
          .map(({ dur = 0, tdur = 0 }) => ({ wallMs: dur / 1000, cpuMs: tdur / 1000 })),
      ),
  )
}

/** A browser has renderers to spare, which do nothing. */
function busiest(threads: Task[][]): Task[] {
  const cpu = (tasks: Task[]) => tasks.reduce((sum, { cpuMs }) => sum + cpuMs, 0)
  return threads.reduce((most, tasks) => (cpu(tasks) > cpu(most) ? tasks : most), [])
}

/** CPU time that the renderers and the GPU process of a browser have used so far, ms: all their threads. */
export async function cpuMs(page: Page): Promise<number> {
  const devtools = await page.context().browser()!.newBrowserCDPSession()
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo')
  await devtools.detach()
  return processInfo
    .filter(({ type }) => type === 'renderer' || type === 'GPU')
    .reduce((sum, { cpuTime }) => sum + 1000 * cpuTime, 0)
}
