// logits.ts: cases of the kernels over logits that come by in chunks

import {
  entryWords,
  finishLogits,
  foldLogits,
  logitGradient,
  RESULT_FLOATS,
  STATE_FLOATS,
} from '../../../../src/engine/webgpu/kernels/logits'
import type { Gpu, View } from '../../../../src/engine/webgpu/gpu'
import { batchOf, errorRatio, filled, randoms, runOnce, type KernelCase } from './case'

interface Sizes {
  rows: number
  vocabulary: number
  chunk: number
  temperature: number
  /** Standard size of the logits: the larger, the surer the distribution. */
  spread: number
  /** How far the reference's logits are from the policy's; none without. */
  distance?: number
}

const POISON = 7e7

/** Everything of an entry in float64, from the same float32 logits. */
interface Twin {
  results: number[]
  /** ∂(c·log p + d·H)/∂logits */
  gradient: Float64Array
}

function twin(logits: Float32Array, reference: Float32Array, entry: Entry, temperature: number): Twin {
  const normaliser = logSumExp(logits, temperature)
  const referenceNormaliser = logSumExp(reference, temperature)
  let entropy = 0
  let divergence = 0
  const logps = Float64Array.from(logits, (logit) => logit / temperature - normaliser)
  logps.forEach((logp, v) => {
    entropy -= Math.exp(logp) * logp
    divergence += Math.exp(logp) * (logp - (reference[v] / temperature - referenceNormaliser))
  })
  return {
    results: [logps[entry.token], entropy, divergence, normaliser],
    gradient: logps.map((logp, v) => {
      const p = Math.exp(logp)
      const score = entry.coefficient * ((v === entry.token ? 1 : 0) - p)
      return (score - entry.entropyCoefficient * p * (logp + entropy)) / temperature
    }),
  }
}

function logSumExp(logits: Float32Array, temperature: number): number {
  const largest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity)
  const sum = logits.reduce((total, logit) => total + Math.exp((logit - largest) / temperature), 0)
  return largest / temperature + Math.log(sum)
}

type Entry = Parameters<typeof entryWords>[0][number]

/** Columns first … first + chunk − 1 of some rows, and a row of poison. */
function chunkOf(gpu: Gpu, rows: readonly Float32Array[], first: number, chunk: number): View {
  const cut = rows.flatMap((row) => [...row.subarray(first, first + chunk)])
  return gpu.upload('chunk', Float32Array.from([...cut, ...new Array<number>(chunk).fill(POISON)]))
}

function setUp({ rows, vocabulary, chunk, spread, distance }: Sizes) {
  const policy = Array.from({ length: rows }, (_, row) => {
    // Sums of uniforms are nearly normal, as logits are; some stand out, at either end of the vocabulary too.
    const [a, b, c] = [1, 2, 3].map((salt) => randoms(vocabulary, 10 * row + salt))
    const logits = a.map((value, v) => spread * (value + b[v] + c[v]) - 5)
    logits[(row * 7919) % vocabulary] += 2 * spread
    logits[row % 2 ? vocabulary - 1 : 0] += 2 * spread
    return logits
  })
  const reference = policy.map((logits, row) => {
    const noise = randoms(vocabulary, 1000 + row)
    return logits.map((logit, v) => logit + (distance ?? 0) * noise[v])
  })
  const entries = policy.map((_, row): Entry => ({
    token: [0, vocabulary - 1, (row * 7919) % vocabulary, chunk % vocabulary][row % 4],
    coefficient: [0.5, -1.25, 0, 2][row % 4],
    entropyCoefficient: [0, 0.3, -0.7][row % 3],
  }))
  const chunks = Array.from({ length: Math.ceil(vocabulary / chunk) }, (_, i) => ({
    firstToken: i * chunk,
    chunk: Math.min(chunk, vocabulary - i * chunk),
  }))
  return { policy, reference, entries, chunks }
}

/** Folds all chunks; gives back what the gradient needs. */
async function fold(gpu: Gpu, sizes: Sizes, { policy, reference, entries: list, chunks }: ReturnType<typeof setUp>) {
  const { rows, temperature, distance } = sizes
  const batch = batchOf(gpu, rows)
  const entries = gpu.upload('entries', entryWords(list))
  const state = filled(gpu, (rows + 1) * STATE_FLOATS, POISON)
  const results = filled(gpu, (rows + 1) * RESULT_FLOATS, POISON)
  await runOnce(gpu, rows, (recording) => {
    for (const { firstToken, chunk } of chunks) {
      foldLogits(gpu, recording, {
        batch,
        logits: chunkOf(gpu, policy, firstToken, chunk),
        ...(distance !== undefined && { reference: chunkOf(gpu, reference, firstToken, chunk) }),
        entries,
        state,
        firstToken,
        chunk,
        temperature,
      })
    }
    finishLogits(gpu, recording, { batch, state, out: results, temperature })
  })
  return { batch, entries, results }
}

function foldCase(sizes: Sizes): KernelCase {
  const { rows, vocabulary, chunk, temperature, spread, distance } = sizes
  return {
    name:
      `scores of ${rows} tokens of ${vocabulary} in chunks of ${chunk} at temperature ${temperature}, spread ${spread}` +
      (distance === undefined ? '' : `, reference ${distance} away`),
    async run(gpu) {
      const data = setUp(sizes)
      const { results } = await fold(gpu, sizes, data)
      const found = await gpu.readFloats(results)
      if (found.subarray(rows * RESULT_FLOATS).some((value) => value !== POISON)) return Infinity
      const twins = data.entries.map((entry, row) => twin(data.policy[row], data.reference[row], entry, temperature))
      return Math.max(
        ...Array.from({ length: RESULT_FLOATS }, (_, i) => {
          const own = twins.map((_, row) => found[row * RESULT_FLOATS + i])
          // Without a reference, or with the very same, the KL is exactly 0.
          if (i === 2 && !distance) return own.every((value) => value === 0) ? 0 : Infinity
          return errorRatio(
            own,
            twins.map(({ results: values }) => values[i]),
            2e-6,
          )
        }),
      )
    },
  }
}

function gradientCase(sizes: Sizes): KernelCase {
  const { rows, vocabulary, chunk: width, temperature, spread } = sizes
  return {
    name: `gradients of ${rows} rows of ${vocabulary} logits in chunks of ${width} at temperature ${temperature}, spread ${spread}`,
    async run(gpu) {
      const data = setUp(sizes)
      const { batch, entries, results } = await fold(gpu, sizes, data)
      const twins = data.entries.map((entry, row) => twin(data.policy[row], data.policy[row], entry, temperature))
      let worst = 0
      for (const { firstToken, chunk } of data.chunks) {
        const logits = chunkOf(gpu, data.policy, firstToken, chunk)
        await runOnce(gpu, rows, (recording) =>
          logitGradient(gpu, recording, { batch, logits, entries, results, firstToken, chunk, temperature }),
        )
        const found = await gpu.readFloats(logits)
        if (found.subarray(rows * chunk).some((value) => value !== POISON)) return Infinity
        twins.forEach(({ gradient }, row) => {
          const own = found.subarray(row * chunk, (row + 1) * chunk)
          const expected = gradient.subarray(firstToken, firstToken + chunk)
          const { token, coefficient, entropyCoefficient } = data.entries[row]
          // The token itself is far larger than the others, and 1 − p leaves it only the digits of 1: it is compared apart.
          const others = (_: number, at: number) => at !== token - firstToken
          worst = Math.max(worst, errorRatio(own.filter(others), expected.filter(others), 3e-6))
          const largest = (Math.abs(coefficient) + Math.abs(entropyCoefficient)) / temperature
          own.forEach((value, at) => {
            if (!others(value, at)) worst = Math.max(worst, Math.abs(value - expected[at]) / largest / 2e-6)
          })
        })
      }
      return worst
    },
  }
}

export const cases: KernelCase[] = [
  foldCase({ rows: 1, vocabulary: 4, chunk: 4, temperature: 1, spread: 1 }),
  foldCase({ rows: 5, vocabulary: 1060, chunk: 256, temperature: 0.7, spread: 3 }),
  foldCase({ rows: 5, vocabulary: 1060, chunk: 4096, temperature: 1.3, spread: 3, distance: 0.5 }),
  foldCase({ rows: 3, vocabulary: 151936, chunk: 4096, temperature: 1, spread: 2 }),
  foldCase({ rows: 3, vocabulary: 151936, chunk: 4096, temperature: 0.8, spread: 12, distance: 0.1 }),
  foldCase({ rows: 5, vocabulary: 5000, chunk: 512, temperature: 1, spread: 2, distance: 4 }),
  foldCase({ rows: 5, vocabulary: 5000, chunk: 512, temperature: 1, spread: 2, distance: 1e-3 }),
  foldCase({ rows: 4, vocabulary: 2052, chunk: 512, temperature: 1, spread: 4, distance: 0 }),
  gradientCase({ rows: 5, vocabulary: 1060, chunk: 256, temperature: 0.7, spread: 3 }),
  gradientCase({ rows: 3, vocabulary: 9000, chunk: 4096, temperature: 1, spread: 1 }),
  gradientCase({ rows: 4, vocabulary: 300, chunk: 100, temperature: 0.5, spread: 12 }),
]
