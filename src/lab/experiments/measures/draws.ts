// draws.ts: the random keys of measures, so that every arm is asked with the same noise and no two measures share any

import type { Draw } from '../../answers'

/** The `step` words of training count up from 1, those of a run's own evaluations from 0x8000_0000. */
const FIRST_KEY = 0xc000_0000

/** What each measure draws; `samples` is what the measure makes it. */
export const MEASURE_DRAWS = {
  problems: { key: FIRST_KEY, samples: 1, greedy: false },
  greedy: { key: FIRST_KEY + 1, samples: 1, greedy: true },
  requests: { key: FIRST_KEY + 2, samples: 1, greedy: false },
  benign: { key: FIRST_KEY + 3, samples: 1, greedy: false },
  pool: { key: FIRST_KEY + 4, samples: 1, greedy: false },
  reflection: { key: FIRST_KEY + 5, samples: 1, greedy: false },
  gradients: { key: FIRST_KEY + 6, samples: 1, greedy: false },
  enumeration: { key: FIRST_KEY + 7, samples: 1, greedy: false },
} satisfies Record<string, Draw>
