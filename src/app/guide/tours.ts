// tours.ts: the tours, as data: where each step points, what it says, and what it waits for
//
// A step that waits goes on when the person has done it, or goes on without: nobody is locked in.

import type { View } from '../state/settings'

/** What a step can wait for, as it stands now. */
export interface Standing {
  /** Of the Theory view. */
  scenario: string
  beta: number
  /** Step of exact training that is shown. */
  played: number
  /** Whether a run of this tab is under way, and the last step that it has made. */
  training: boolean
  trained: number
  /** The experiment that is open in Compare; null: its catalogue. */
  experiment: string | null
}

export interface Step {
  id: string
  view: View
  /** CSS selector of what it points at; the first that is visible. */
  target: string
  title: string
  text: string
  /** What the person is asked to do. */
  turn?: string
  /** Whether that is done, compared with how things stood at the start of the step. */
  done?(now: Standing, before: Standing): boolean
}

export interface Tour {
  title: string
  /** For whom it is, and what they know afterwards. */
  about: string
  steps: readonly Step[]
}

export const tours = {
  student: {
    title: 'The tilt, by hand',
    about: 'For somebody who wants to feel what RLVR does to a policy. No model needed.',
    steps: [
      {
        id: 'paths',
        view: 'theory',
        target: '[aria-labelledby=theory-bars]',
        title: 'One prompt, a few paths',
        text: 'Each bar is one way to answer. The outline is how likely it was, the fill how likely it is after training. Right answers stand at the right; the colour is safety, which nobody trained.',
      },
      {
        id: 'beta',
        view: 'theory',
        target: '.setting:has(#theory-beta)',
        title: 'One number sets the pressure',
        text: 'β is what a nat of distance from the start costs. Small β, much pressure.',
        turn: 'Move β to the left and watch the bars.',
        done: (now, before) => now.beta < before.beta,
      },
      {
        id: 'cost',
        view: 'theory',
        target: '[aria-labelledby=theory-numbers]',
        title: 'What it gained, and what it cost',
        text: 'Reward rises and KL with it: how far the policy has gone. Each name explains itself when you point at it, with these numbers in its equation.',
      },
      {
        id: 'safety',
        view: 'theory',
        target: '#scenario',
        title: 'And safety?',
        text: 'So far right and wrong answers were equally safe, and safety stayed where it was.',
        turn: 'Choose “Success against safety”.',
        done: (now, before) => now.scenario !== before.scenario,
      },
      {
        id: 'bounds',
        view: 'theory',
        target: '[aria-labelledby=theory-ruler]',
        title: 'How far it can go',
        text: 'The exact drift and every bound on one axis. A bound past 1 says nothing: safety cannot move further than that anyway.',
      },
      {
        id: 'play',
        view: 'theory',
        target: '[aria-labelledby=theory-play]',
        title: 'Does training get there?',
        text: 'This follows the exact gradient of a published algorithm, from the reference.',
        turn: 'Press Play and see where it comes to rest.',
        done: (now) => now.played > 0,
      },
      {
        id: 'guess',
        view: 'theory',
        target: 'header .guide',
        title: 'Now guess',
        text: 'The guide has questions that ask what happens before they show it, a glossary of every word, and all keys. Press ? for it at any time.',
      },
    ],
  },
  training: {
    title: 'A first training run',
    about: 'For somebody who wants to see a real model learn, in this tab.',
    steps: [
      {
        id: 'preset',
        view: 'train',
        target: '[aria-label=Settings]',
        title: 'What is trained, and how',
        text: 'A preset fills everything in: model, algorithm, reward and sizes. “rlvr” teaches sums to a model of under a million weights.',
      },
      {
        id: 'start',
        view: 'train',
        target: '[aria-label=Settings] .drive',
        title: 'Train it',
        text: 'The model comes with the page and runs here. Nothing is sent anywhere. You can pause, step and rewind.',
        turn: 'Press “Train it here”, or go on and look at the recording.',
        done: (now) => now.training || now.trained > 0,
      },
      {
        id: 'headline',
        view: 'train',
        target: '[aria-labelledby=headline]',
        title: 'What is true right now',
        text: 'The first line says it in words. The slider goes back to any step, and every panel goes with it.',
      },
      {
        id: 'strip',
        view: 'train',
        target: '.strip',
        title: 'Five numbers that decide',
        text: 'Accuracy is what was trained. KL is how far the policy went for it, and the last number how much harm that would still permit.',
      },
      {
        id: 'numbers',
        view: 'train',
        target: '.numbers',
        title: 'Every number has a name',
        text: 'Metrics are called as in TRL. Words with a dotted line open their entry in the glossary.',
      },
      {
        id: 'completions',
        view: 'train',
        target: '.wide',
        title: 'What the model wrote',
        text: 'Each prompt has a group of completions that are compared with each other. Press any token to see why the update pushes it up or down, and what other algorithms would have done.',
      },
      {
        id: 'kept',
        view: 'runs',
        target: '[aria-labelledby=runs]',
        title: 'It is kept',
        text: 'Every run stays in this browser: go on with it after a reload, play it back, or export it as one file.',
      },
    ],
  },
  research: {
    title: 'A reward of your own, and what it does',
    about: 'For somebody with an idea for a reward: write it, train with it, compare arms and seeds.',
    steps: [
      {
        id: 'data',
        view: 'rewards',
        target: '[aria-labelledby=data]',
        title: 'What the reward is for',
        text: 'Choose the prompts: the tasks that come with the page, a file of yours, or a data set of the Hub. Put a reward together from those that there are, or write one.',
      },
      {
        id: 'program',
        view: 'rewards',
        target: '[aria-labelledby=program]',
        title: 'A function of a completion',
        text: 'It runs in a sandbox as you type, on completions of the model. No key leads out of the sandbox; Escape and then Tab lead out of the editor.',
      },
      {
        id: 'verdict',
        view: 'rewards',
        target: '[aria-labelledby=reward-headline]',
        title: 'What it pays for',
        text: 'The first line says what is wrong with it, if something is: paying for length, for harm, or for nothing. When it holds, train with it.',
      },
      {
        id: 'train',
        view: 'train',
        target: '[aria-label=Settings]',
        title: 'The settings of a run',
        text: 'The reward is among them, and so are five switches that make the algorithm. The address holds all of it, so a link is the experiment.',
      },
      {
        id: 'compare',
        view: 'compare',
        target: '#view-compare main',
        title: 'One run is no result',
        text: 'An experiment trains several arms with several seeds, measures all of them alike, and ends in a sentence that says what was found and how sure.',
        turn: 'Open one of them.',
        done: (now) => now.experiment !== null,
      },
      {
        id: 'plan',
        view: 'compare',
        target: '#view-compare main',
        title: 'What it can tell, before it starts',
        text: 'How long it takes here, and the smallest difference that so many seeds and prompts could show. Papers’ numbers stand beside ours.',
      },
    ],
  },
} satisfies Record<string, Tour>

export type TourId = keyof typeof tours

/** A tour by its id, with its widest type. */
export function findTour(id: TourId): Tour {
  return tours[id]
}

/** Whether a step has what it waits for; one that waits for nothing has. */
export function isDone({ done }: Step, now: Standing, before: Standing): boolean {
  return done === undefined || done(now, before)
}

/** Reading takes a quarter of a second a word, and doing something a dozen seconds. */
const SECONDS_PER_WORD = 0.25
const SECONDS_PER_TURN = 12

/** How long a tour takes, seconds. */
export function tourSeconds({ steps }: Tour): number {
  const words = steps.flatMap(({ title, text, turn = '' }) => `${title} ${text} ${turn}`.split(/\s+/).filter(Boolean))
  return words.length * SECONDS_PER_WORD + steps.filter(({ done }) => done).length * SECONDS_PER_TURN
}
