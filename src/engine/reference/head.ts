// head.ts: from logits to log-probabilities and draws, on the host in float64
//
// Sampling and scoring share these functions, so a token's log-probability is the same number in both.

/** Logits of several rows, [rows, vocabulary]. */
export interface Logits {
  values: Float32Array
  vocabulary: number
}

/** What is left of the distribution after top-k, top-p and min-p, in that order, as Hugging Face's logits warpers. */
export interface Filters {
  topK: number
  topP: number
  minP: number
}

/** log Σ exp(logit / temperature) of one row. */
export function logNormaliser({ values, vocabulary }: Logits, row: number, temperature: number): number {
  const start = row * vocabulary
  let largest = -Infinity
  for (let i = start; i < start + vocabulary; i++) if (values[i] > largest) largest = values[i]
  let sum = 0
  for (let i = start; i < start + vocabulary; i++) sum += Math.exp((values[i] - largest) / temperature)
  return largest / temperature + Math.log(sum)
}

/** log p(token) of one row, in nats, given its normaliser. */
export function logProbability(
  { values, vocabulary }: Logits,
  row: number,
  token: number,
  temperature: number,
  normaliser: number,
): number {
  return values[row * vocabulary + token] / temperature - normaliser
}

/** −Σ p log p of one row, in nats. */
export function entropy(logits: Logits, row: number, temperature: number, normaliser: number): number {
  let sum = 0
  for (let token = 0; token < logits.vocabulary; token++) {
    const logp = logProbability(logits, row, token, temperature, normaliser)
    const p = Math.exp(logp)
    if (p > 0) sum -= p * logp
  }
  return sum
}

/** KL(p ‖ q) = Σ p (log p − log q) of the same row of two models, in nats, summed over the whole vocabulary. */
export function divergence(
  p: Logits,
  q: Logits,
  row: number,
  temperature: number,
  normalisers: readonly [number, number],
): number {
  let sum = 0
  for (let token = 0; token < p.vocabulary; token++) {
    const logP = logProbability(p, row, token, temperature, normalisers[0])
    const share = Math.exp(logP)
    if (share > 0) sum += share * (logP - logProbability(q, row, token, temperature, normalisers[1]))
  }
  return sum
}

/** The most likely token of one row; the first of equals. */
export function mostLikely({ values, vocabulary }: Logits, row: number): number {
  const start = row * vocabulary
  let best = 0
  for (let token = 1; token < vocabulary; token++) if (values[start + token] > values[start + best]) best = token
  return best
}

/**
 * Draws a token by inverting the distribution function in the order of the vocabulary.
 *
 * @param uniform  number in (0, 1)
 */
export function draw(
  logits: Logits,
  row: number,
  temperature: number,
  filters: Filters,
  normaliser: number,
  uniform: number,
): number {
  const { vocabulary } = logits
  const probabilities = new Float64Array(vocabulary)
  for (let token = 0; token < vocabulary; token++) {
    probabilities[token] = Math.exp(logProbability(logits, row, token, temperature, normaliser))
  }
  if (filters.topK > 0 || filters.topP < 1 || filters.minP > 0) filter(probabilities, filters)
  let mass = 0
  for (const p of probabilities) mass += p
  let below = 0
  let last = 0
  for (let token = 0; token < vocabulary; token++) {
    if (probabilities[token] === 0) continue
    below += probabilities[token]
    last = token
    if (below > uniform * mass) break
  }
  return last
}

/** Sets the probability of dropped tokens to zero. Of equally likely tokens the one with the smaller id goes first. */
function filter(probabilities: Float64Array, { topK, topP, minP }: Filters): void {
  const order = Array.from(probabilities.keys()).sort((a, b) => probabilities[b] - probabilities[a] || a - b)
  let kept = topK > 0 ? Math.min(topK, order.length) : order.length
  if (topP < 1) {
    let mass = 0
    for (let i = 0; i < kept; i++) mass += probabilities[order[i]]
    let sum = 0
    let needed = 0
    while (needed < kept && sum < topP * mass) sum += probabilities[order[needed++]]
    kept = Math.max(needed, 1)
  }
  const floor = minP * probabilities[order[0]]
  order.forEach((token, place) => {
    if (place >= kept || probabilities[token] < floor) probabilities[token] = 0
  })
}
