// address-bar.ts: the browser's address, kept at that of the page
//
// Browsers let it change some ten times a second, and a slider that is dragged changes the page oftener.

/** How long the page is left alone before its state is written into the address. */
const REMEMBER_MS = 150

export class AddressBar {
  readonly #current: () => string
  #remembering: ReturnType<typeof setTimeout> | undefined
  #writtenAt = 0
  /** The address that the browser has, or that it need not be told: a link stays as it was given until something is chosen. */
  written = ''

  /** @param current the address of what the page shows */
  constructor(current: () => string) {
    this.#current = current
  }

  /** Whether the browser need not be told anything. */
  get isWritten(): boolean {
    return this.#current() === this.written
  }

  /** What the page shows is what the browser's address says, in its own words. */
  accept(): void {
    clearTimeout(this.#remembering)
    this.written = this.#current()
  }

  /** Writes the address soon. */
  remember(): void {
    clearTimeout(this.#remembering)
    if (this.isWritten) return
    const waitMs = this.#writtenAt + REMEMBER_MS - Date.now()
    if (waitMs <= 0) this.write()
    else this.#remembering = setTimeout(() => this.write(), waitMs)
  }

  /** Writes the address in the place of the one before. */
  write(): void {
    clearTimeout(this.#remembering)
    if (this.isWritten) return
    history.replaceState(null, '', this.#current())
    this.written = this.#current()
    this.#writtenAt = Date.now()
  }

  /** Writes the address so that the back button leads to the one before. */
  push(): void {
    clearTimeout(this.#remembering)
    history.pushState(null, '', this.#current())
    this.written = this.#current()
  }
}
