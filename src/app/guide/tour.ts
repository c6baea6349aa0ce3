// tour.ts: takes somebody through a tour: goes to the view, points at the part, and waits for what is asked
//
// driver.js darkens the rest and places the words. Keys, focus and waiting are ours.

import { driver, type Driver, type PopoverDOM } from 'driver.js'
import 'driver.js/dist/driver.css'
import './tour.css'
import type { Page } from '../state/page.svelte'
import { guide } from './guide.svelte'
import { focusable, nextFocus } from './trap'
import { findTour, isDone, type Standing, type Step, type TourId } from './tours'

/** A view that is fetched first, or a run that is not there yet: after this a step is told without pointing. */
const WAIT_MS = 8000

/** How often a step that waits looks whether it is done. */
const LOOK_MS = 200

/** Starts a tour; it ends itself, and leaves the focus on the button of the guide. */
export function take(id: TourId, page: Page): void {
  const { steps } = findTour(id)
  let before = standing(page)
  let ended = false
  let looking: ReturnType<typeof setInterval> | undefined

  const tour: Driver = driver({
    animate: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    duration: 250,
    overlayOpacity: 0.45,
    overlayClickBehavior: () => {},
    allowKeyboardControl: false,
    showProgress: true,
    progressText: '{{current}} of {{total}}',
    nextBtnText: 'Next',
    prevBtnText: 'Back',
    doneBtnText: 'Done',
    popoverClass: 'tour',
    stageRadius: 10,
    stagePadding: 6,
    waitForElement: WAIT_MS,
    steps: steps.map((step, index) => ({
      element: () => visible(step.target)!,
      popover: { title: step.title, description: step.text, onPopoverRender: (dom) => begin(dom, step) },
      onHighlighted: (element) => plain(element),
      data: { index },
    })),
    onNextClick: () => void go((tour.getActiveIndex() ?? 0) + 1),
    onPrevClick: () => void go((tour.getActiveIndex() ?? 0) - 1),
    onCloseClick: () => end(),
  })

  async function go(index: number): Promise<void> {
    clearInterval(looking)
    if (index >= steps.length) return end()
    page.go(steps[index].view)
    // The view is drawn after this task.
    await new Promise((resolve) => requestAnimationFrame(resolve))
    if (!ended) tour.moveTo(index)
  }

  /** What a step asks for, and whether it is done, below its words. */
  function begin({ wrapper, title, description, nextButton, closeButton }: PopoverDOM, step: Step): void {
    wrapper.setAttribute('aria-modal', 'true')
    title.setAttribute('role', 'heading')
    title.setAttribute('aria-level', '2')
    closeButton.setAttribute('aria-label', 'End the tour')
    before = standing(page)
    clearInterval(looking)
    // After driver.js, which prefers the button that ends it.
    queueMicrotask(() => nextButton.focus())
    if (!step.turn) return
    const turn = document.createElement('p')
    turn.className = 'turn'
    turn.setAttribute('role', 'status')
    turn.textContent = step.turn
    description.after(turn)
    const onward = nextButton.textContent
    nextButton.textContent = 'Skip'
    looking = setInterval(() => {
      if (!isDone(step, standing(page), before)) return
      clearInterval(looking)
      turn.textContent = 'Done. Look around as long as you like.'
      turn.classList.add('done')
      nextButton.textContent = onward
    }, LOOK_MS)
  }

  function end(): void {
    if (ended) return
    ended = true
    clearInterval(looking)
    const whole = tour.isLastStep()
    removeEventListener('keydown', press, true)
    removeEventListener('popstate', end)
    resized.disconnect()
    tour.destroy()
    guide.end(id, whole)
    document.querySelector<HTMLElement>('header .guide')?.focus()
  }

  function press(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      event.preventDefault()
      event.stopPropagation()
      end()
    }
    if (event.key !== 'Tab') return
    event.preventDefault()
    event.stopPropagation()
    const popover = document.querySelector('.driver-popover')
    const element = tour.getActiveElement()
    const all = focusable([...(element ? [element] : []), ...(popover ? [popover] : [])])
    nextFocus(all, document.activeElement as HTMLElement | null, event.shiftKey)?.focus()
  }

  // What is pointed at moves when something above it grows, as when a run starts.
  const resized = new ResizeObserver(() => tour.refresh())
  resized.observe(document.body)
  addEventListener('keydown', press, true)
  addEventListener('popstate', end)
  page.go(steps[0].view)
  requestAnimationFrame(() => {
    if (!ended) tour.drive()
  })
}

function visible(selector: string): Element | null {
  return [...document.querySelectorAll(selector)].find((element) => element.checkVisibility()) ?? null
}

/** driver.js calls what it points at a button that opens a dialog; it is none. */
function plain(element: Element | undefined): void {
  for (const name of ['aria-haspopup', 'aria-expanded', 'aria-controls']) element?.removeAttribute(name)
}

function standing(page: Page): Standing {
  return {
    scenario: page.theory.scenario,
    beta: page.theory.beta,
    played: page.theory.step,
    training: page.tab.training,
    trained: page.tab.feed.view.step,
    experiment: page.compare.experiment,
  }
}
