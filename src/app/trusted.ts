// trusted.ts: which strings may become scripts or markup
//
// The page's policy (runner/server/guard.ts) asks for Trusted Types: a browser that knows them refuses every string that
// would be run, or read as HTML, unless it passes here. Scripts of this very address do, for workers; so does text without
// markup, because libraries set their words as HTML. Svelte has a policy of its own for the templates that it compiled, and a
// report of an experiment is markup that we drew ourselves, for a frame in which nothing runs.
// Imported by the page and by whatever starts a worker in a worker.

/** What TypeScript does not declare yet. A rule that gives null refuses; one that is missing does too. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: Partial<Record<'createHTML' | 'createScriptURL', (text: string) => string | null>>,
  ): { createHTML(text: string): string }
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }

trustedTypes?.createPolicy('default', {
  createHTML: (text) => (text.includes('<') ? null : text),
  createScriptURL: (url) => (new URL(url, location.href).origin === location.origin ? url : null),
})

const reports = trustedTypes?.createPolicy('tiltlab-report', { createHTML: (html) => html })

/** Markup for a frame without scripts. @param html as `drawReport` makes it, in which whatever was foreign is text */
export function trustedReport(html: string): string {
  return reports?.createHTML(html) ?? html
}
