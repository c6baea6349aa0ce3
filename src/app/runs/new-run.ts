// new-run.ts: what a new run is called on disk

import type { RunConfig } from '../../core/run/config'

/** `rlvr-20261125T202418` in UTC, with a number behind it where that is taken: it sorts by time. */
export function newRunId(
  { preset }: Pick<RunConfig, 'preset'>,
  isTaken: (id: string) => boolean,
  now = new Date(),
): string {
  const stem = `${preset}-${now.toISOString().replace(/[-:]/g, '').slice(0, 15)}`
  for (let count = 1; ; count++) {
    const id = count === 1 ? stem : `${stem}-${count}`
    if (!isTaken(id)) return id
  }
}
