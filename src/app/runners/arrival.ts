// arrival.ts: takes the token of the runner out of the address, before anything else of the page runs

import { keepToken, withoutToken } from './token'

function take(): void {
  const { token, rest } = withoutToken(location.hash)
  if (rest === location.hash) return
  history.replaceState(history.state, '', location.pathname + location.search + rest)
  if (token) keepToken(location.origin, token)
}

take()
// The link may be pasted into the address of a page that is open.
addEventListener('popstate', take)
