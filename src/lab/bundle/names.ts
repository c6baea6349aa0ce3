// names.ts: what the files of a run are called

/** Where the journal of a run lies in its folder. */
export const JOURNAL = 'journal.jsonl'

/** What a person wrote about a run, in its zip. */
export const ABOUT = 'run.json'

/** A name for a run’s zip that says what is in it, on every system. */
export function bundleName(id: string): string {
  return `${id.replace(/[^\w.+-]+/g, '-').slice(0, 80) || 'run'}.tiltlab.zip`
}
