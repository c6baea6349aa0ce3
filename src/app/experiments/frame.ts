// frame.ts: a self-contained report inside the page
//
// The page's own rules (Content-Security-Policy) hold in its frames too, and allow no style that is written in a document.
// So the style of the report is taken out of it and given to the frame by the page, which those rules allow.

import { STYLE } from '../../lab/experiments/report/style'
import { trustedReport } from '../trusted'

/** In the page the report has the width and the ground of its panel, and its sections stop below the page's header. */
const IN_PAGE = `
  :root { background: var(--panel); }
  header, main, footer { max-width: none; padding: 0 2px; }
  header { padding-top: 8px; }
  [id] { scroll-margin-top: 68px; }
`

/**
 * Shows a report in a frame that runs no scripts, styles it, keeps it as high as what is in it, and follows its links. A Svelte
 * action.
 *
 * @param report as drawReport makes it
 */
export function reportFrame(frame: HTMLIFrameElement, report: string) {
  const show = (html: string) => (frame.srcdoc = trustedReport(html.replace(`<style>${STYLE}</style>`, '')))
  let watching: ResizeObserver | undefined
  const open = () => {
    const inside = frame.contentDocument
    const realm = frame.contentWindow as (Window & typeof globalThis) | null
    if (!inside?.body || !realm) return
    const sheet = new realm.CSSStyleSheet()
    sheet.replaceSync(STYLE + IN_PAGE)
    inside.adoptedStyleSheets = [sheet]
    inside.addEventListener('click', follow)
    watching?.disconnect()
    watching = new ResizeObserver(() => (frame.style.height = `${inside.body.offsetHeight}px`))
    watching.observe(inside.body)
  }
  frame.addEventListener('load', open)
  show(report)
  return {
    update: show,
    destroy() {
      watching?.disconnect()
      frame.removeEventListener('load', open)
    },
  }
}

/** A link to a place in the report: the address of a frame like this is that of the page, so the browser would leave it. */
function follow(event: MouseEvent): void {
  const link = (event.target as Element).closest('a[href^="#"]')
  if (!link) return
  event.preventDefault()
  const place = link.ownerDocument.querySelector(link.getAttribute('href')!)
  place?.scrollIntoView()
}
