// panels.ts: single panels of a view on the stage
//
// A view is one component, and knows nothing of talks. A panel is found by the name that it has for everybody, and the
// others are marked as off the stage, for the style sheet to leave out.

/** The panels that a view shows now, by name, outermost alone. */
export function panelsIn(view: ParentNode): { name: string; element: HTMLElement }[] {
  return [...view.querySelectorAll<HTMLElement>('.panel')]
    .filter((element) => !element.parentElement?.closest('.panel'))
    .flatMap((element) => {
      const name = nameOf(element)
      return name ? [{ name, element }] : []
    })
}

/** The id of its heading, which words that change do not change; else its label; else its heading. */
function nameOf(panel: HTMLElement): string {
  const heading = panel.querySelector('h1, h2, h3, dt')?.textContent?.trim() ?? ''
  return panel.getAttribute('aria-labelledby') ?? panel.getAttribute('aria-label') ?? heading.slice(0, 120)
}

/** What a panel is called, for people. */
export function panelWords({ name, element }: { name: string; element: HTMLElement }): string {
  const words = document.getElementById(name)?.textContent ?? name
  return (element.hasAttribute('aria-labelledby') ? words : name).trim().replace(/\s+/g, ' ').slice(0, 80)
}

/** What stays beside the chosen panels: the sentence that heads a view, and what opens over it. */
const ALWAYS = 'h1, [role=tooltip], dialog'

/** Shows a view as soon as it is there: it may be on its way from the server. @returns how to undo it */
export function whenThere(id: string, show: (view: HTMLElement) => () => void): () => void {
  let undo: (() => void) | undefined
  const look = () => {
    const view = document.getElementById(id)
    if (!view) return
    observer.disconnect()
    undo = show(view)
  }
  const observer = new MutationObserver(look)
  observer.observe(document.body, { childList: true, subtree: true })
  look()
  return () => {
    observer.disconnect()
    undo?.()
  }
}

/** Marks what is off the stage, and keeps that up while the view changes. @returns how to undo it */
export function showOnly(view: HTMLElement, names: readonly string[]): () => void {
  const all = () => view.querySelectorAll('[data-stage]').forEach((element) => setMark(element, null))
  if (names.length === 0) return (all(), () => undefined)
  const mark = () => {
    const chosen = panelsIn(view).filter(({ name }) => names.includes(name))
    // A panel that is not there (yet) must not leave an empty stage.
    if (chosen.length === 0) return all()
    setMark(view, 'some')
    markChildren(view, new Set<Element>(chosen.map(({ element }) => element)))
  }
  mark()
  const observer = new MutationObserver(mark)
  observer.observe(view, { childList: true, subtree: true })
  return () => {
    observer.disconnect()
    all()
    setMark(view, null)
  }
}

function markChildren(parent: Element, chosen: ReadonlySet<Element>): void {
  for (const child of parent.children) {
    if (chosen.has(child) || (!child.matches('.panel') && child.closest(ALWAYS))) setMark(child, null)
    else if (
      [...chosen].some((panel) => child.contains(panel)) ||
      (!child.matches('.panel') && child.querySelector(ALWAYS))
    ) {
      setMark(child, null)
      markChildren(child, chosen)
    } else setMark(child, 'off')
  }
}

function setMark(element: Element, mark: string | null): void {
  if (mark === null) element.removeAttribute('data-stage')
  else if (element.getAttribute('data-stage') !== mark) element.setAttribute('data-stage', mark)
}
