// looking.svelte.ts: what is looked at in the Train view; it outlives the view, and the address can hold it

import { defaultChoice, type Choice } from './choice'

class Looking {
  choice: Choice = $state.raw(defaultChoice)

  choose(change: Partial<Choice>): void {
    this.choice = { ...this.choice, ...change }
  }
}

export const looking = new Looking()
