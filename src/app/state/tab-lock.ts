// tab-lock.ts: one tab of a browser trains and keeps runs, the others look on
//
// The lock goes with the tab that holds it, however that ends; the one that has waited longest is given it next.

const LOCK = 'tiltlab-page'

/** How long a page that was just reloaded may hold on to the lock before another tab is taken to have it. */
const PATIENCE_MS = 600

/** What a tab may do: `unknown` for the moment that it takes to find out. */
export type TabRole = 'unknown' | 'writer' | 'reader'

/** Asks for the lock, once and for as long as the tab is open. @param onRole hears what the tab may do from now on */
export function joinTabs(onRole: (role: TabRole) => void, locks: LockManager | undefined = navigator.locks): void {
  // Where there are no locks nothing can be kept either: every tab is on its own.
  if (!locks) return onRole('writer')
  const patience = setTimeout(() => onRole('reader'), PATIENCE_MS)
  const hold = () => {
    clearTimeout(patience)
    onRole('writer')
    return new Promise<never>(() => {})
  }
  void locks.request(LOCK, hold).catch(() => onRole('writer'))
}
