// token.ts: the secrets of runners, for as long as this tab is open
//
// A runner prints the link to its page with the token behind the #, which browsers send nowhere. It is taken out of the
// address before anything reads that (arrival.ts), and from then on is in no address, shared link, Referer or history.

const PREFIX = 'tiltlab-token '
const WORD = 'token='
const TOKEN = /^[\w-]{43}$/

/** What a browser without session storage loses when the page is loaded anew. */
const here = new Map<string, string>()

/**
 * Parts a token from the rest of a hash.
 *
 * @returns the hash as it was if there is no such word in it; a token of the wrong form is taken out too, and is none
 */
export function withoutToken(hash: string): { token: string | null; rest: string } {
  const words = hash.replace(/^#/, '').split('&')
  const others = words.filter((word) => !word.startsWith(WORD))
  if (others.length === words.length) return { token: null, rest: hash }
  const given = words.find((word) => word.startsWith(WORD))!.slice(WORD.length)
  return { token: TOKEN.test(given) ? given : null, rest: others.length > 0 ? `#${others.join('&')}` : '' }
}

/** The token of a runner; null where this tab has none. @param url its origin */
export function tokenOf(url: string): string | null {
  return here.get(url) ?? attempt(() => sessionStorage.getItem(PREFIX + url)) ?? null
}

/** Keeps a token until the tab is closed; null forgets it. */
export function keepToken(url: string, token: string | null): void {
  if (token === null) {
    here.delete(url)
    attempt(() => sessionStorage.removeItem(PREFIX + url))
  } else {
    here.set(url, token)
    attempt(() => sessionStorage.setItem(PREFIX + url, token))
  }
}

/** Some browsers let a page keep nothing. */
function attempt<T>(use: () => T): T | undefined {
  try {
    return use()
  } catch {
    return undefined
  }
}
