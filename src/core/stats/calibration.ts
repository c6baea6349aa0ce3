// calibration.ts: do probabilities mean what they say, and do scores tell the two kinds apart

import { normalQuantile } from './distributions'
import { quantile, wilsonInterval } from './intervals'
import { mean, sum, variance } from './moments'
import type { Interval } from './paired'
import { averageRanks } from './wilcoxon'

/** width: equally wide bins of 0 … 1; count: bins of about equally many items, equal probabilities together. */
export type Binning = 'width' | 'count'

/** The items whose probability lies in (low, high], the first bin's low included. */
export interface ReliabilityBin extends Interval {
  n: number
  /** Mean probability. */
  confidence: number
  /** Share of 1, with Wilson's 95 % interval. */
  share: number
  shareInterval: Interval
}

/**
 * The reliability diagram. Bins without an item are left out.
 *
 * @param probabilities [n] of a 1, each 0 … 1
 * @param truth         [n] of 0 and 1
 * @param bins          how many, ≥ 1
 */
export function reliability(
  probabilities: ArrayLike<number>,
  truth: ArrayLike<number>,
  bins: number,
  binning: Binning = 'width',
): ReliabilityBin[] {
  return binned(probabilities, truth, bins, binning).map(({ low, high, said, were }) => ({
    low,
    high,
    n: said.length,
    confidence: mean(said),
    share: mean(were),
    shareInterval: wilsonInterval(sum(were), were.length),
  }))
}

/**
 * How far probabilities are from shares, on average over items: Σ n_b/n · |share_b − confidence_b|.
 *
 * Biased upwards where bins hold few items: of a perfect forecaster it is above 0.
 *
 * @see Guo et al. 2017 (arXiv 1706.04599) eq. 3
 */
export function expectedCalibrationError(diagram: readonly ReliabilityBin[]): number {
  const n = sum(diagram.map((bin) => bin.n))
  return sum(diagram.map((bin) => (bin.n / n) * Math.abs(bin.share - bin.confidence)))
}

/** The Brier score and what it is made of: score = reliability − resolution + uncertainty + withinBins. */
export interface Brier {
  /** Mean squared gap of probability and truth: 0 is perfect, ¼ is a coin. */
  score: number
  /** Σ n_b/n · (confidence_b − share_b)²: smaller is better calibrated. */
  reliability: number
  /** Σ n_b/n · (share_b − share)²: larger tells more apart. */
  resolution: number
  /** share · (1 − share), which no forecaster can change. */
  uncertainty: number
  /** What differing probabilities in one bin add; 0 where each bin holds one probability only. */
  withinBins: number
}

/**
 * The Brier score with Murphy's decomposition over bins, completed by Stephenson's term for what bins hide.
 *
 * @param probabilities [n] of a 1, each 0 … 1; n ≥ 1
 * @param truth         [n] of 0 and 1
 * @see Murphy 1973; Stephenson, Coelho & Jolliffe 2008
 */
export function brier(
  probabilities: ArrayLike<number>,
  truth: ArrayLike<number>,
  bins: number,
  binning: Binning = 'width',
): Brier {
  const n = probabilities.length
  const share = mean(truth)
  let [score, reliability, resolution, withinBins] = [0, 0, 0, 0]
  for (const { said, were } of binned(probabilities, truth, bins, binning)) {
    const [confidence, binShare] = [mean(said), mean(were)]
    reliability += (said.length * (confidence - binShare) ** 2) / n
    resolution += (said.length * (binShare - share) ** 2) / n
    said.forEach((p, i) => {
      score += (p - were[i]) ** 2 / n
      withinBins += ((p - confidence) ** 2 - 2 * (p - confidence) * (were[i] - binShare)) / n
    })
  }
  return { score, reliability, resolution, uncertainty: share * (1 - share), withinBins }
}

/** The area under the ROC curve. */
export interface Auroc extends Interval {
  /** The chance that a random 1 scores above a random 0, ties counting half: 1 tells all apart, ½ none. */
  value: number
}

/**
 * The area under the ROC curve with DeLong's 95 % interval.
 *
 * Where every 1 scores above every 0 the interval is a point: DeLong's variance is then 0, which says nothing of other items.
 *
 * @param scores [n], larger for a 1; any scale
 * @param truth  [n] of 0 and 1
 * @returns null where one of the two kinds is missing; the whole range as interval where there is only one of a kind
 * @see DeLong, DeLong & Clarke-Pearson 1988; Sun & Xu 2014 for the ranks
 */
export function auroc(scores: ArrayLike<number>, truth: ArrayLike<number>): Auroc | null {
  const [zeros, ones] = [0, 1].map((kind) => Array.from(scores).filter((_, i) => truth[i] === kind))
  if (zeros.length === 0 || ones.length === 0) return null
  const together = averageRanks([...ones, ...zeros])
  const [amongOnes, amongZeros] = [averageRanks(ones), averageRanks(zeros)]
  // For each 1 the share of zeros below it; for each 0 the share of ones above it.
  const below = ones.map((_, i) => (together[i] - amongOnes[i]) / zeros.length)
  const above = zeros.map((_, i) => 1 - (together[ones.length + i] - amongZeros[i]) / ones.length)
  const value = mean(below)
  if (zeros.length === 1 || ones.length === 1) return { value, low: 0, high: 1 }
  const half = normalQuantile(0.975) * Math.sqrt(variance(below) / ones.length + variance(above) / zeros.length)
  return { value, low: Math.max(0, value - half), high: Math.min(1, value + half) }
}

interface Bin extends Interval {
  /** Probabilities. */
  said: number[]
  /** Truths, in the same order. */
  were: number[]
}

function binned(probabilities: ArrayLike<number>, truth: ArrayLike<number>, bins: number, binning: Binning): Bin[] {
  const sorted = Array.from(probabilities).sort((a, b) => a - b)
  const edge = (i: number) => (binning === 'width' ? i / bins : quantile(sorted, i / bins))
  const edges = Array.from({ length: bins + 1 }, (_, i) => edge(i))
  const filled = edges.slice(1).map((high, i): Bin => ({ low: edges[i], high, said: [], were: [] }))
  for (let i = 0; i < probabilities.length; i++) {
    const bin = filled.find(({ high }) => probabilities[i] <= high) ?? filled[bins - 1]
    bin.said.push(probabilities[i])
    bin.were.push(truth[i])
  }
  return filled.filter(({ said }) => said.length > 0)
}
