// send.ts: gives a runner something to train: settings, or a run of this browser that goes on there from its last checkpoint

import { TiltlabError } from '../../core/errors'
import type { RunnerJob } from '../../lab/runner-api'
import type { KeptRuns } from '../runs/kept-runs.svelte'
import type { TabRun } from '../state/tab-run.svelte'
import type { KeptRun } from '../storage/run-index'
import type { AttachedRunner } from './attached.svelte'
import type { Subject } from './subject'

/** Where runs of this browser are. */
export interface Sender {
  readonly tab: TabRun
  readonly kept: KeptRuns
}

/**
 * Sends it, and returns its job on the runner. The run of this tab is saved and ends here first: what is sent is what it went
 * on from here as well.
 *
 * @param key the same for every try, so that a try whose answer was lost starts nothing twice
 * @throws {TiltlabError}
 */
export async function send(
  { tab, kept }: Sender,
  runner: AttachedRunner,
  subject: Subject,
  key: string,
  signal: AbortSignal,
): Promise<RunnerJob> {
  const run = subject.kind === 'kept' ? subject.run : subject.kind === 'tab' ? await savedRun(tab, kept) : null
  signal.throwIfAborted()
  // Before its first checkpoint a run is its settings.
  const job =
    run && run.summary.savedStep > 0
      ? await runner.client.submitRun(await kept.bundle(run), key, signal)
      : await runner.client.submit(subject.config, key)
  runner.add(job)
  return job
}

async function savedRun(tab: TabRun, kept: KeptRuns): Promise<KeptRun> {
  await tab.save()
  const run = kept.find(tab.feed.newest.runId)
  if (!run || !kept.keeps)
    throw new TiltlabError(
      'This browser keeps no files of the run, so there is none to send. Send its settings instead.',
    )
  return run
}
