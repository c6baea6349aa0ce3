// primes.ts: whole numbers as products of primes, for roots

import type { Budget } from './budget'

const LARGEST_PRIME = 1000
/** Above this, what is left after the small primes may hide a square. */
const MAX_FACTORED = 10n ** 9n
const SMALL_PRIMES = sieve(LARGEST_PRIME)

/**
 * The primes of a positive number with their multiplicities. Below 10^9 a remainder is a prime, or two of them; one
 * that is a square is split.
 *
 * @returns undefined if the number is too large to be sure
 */
export function factorise(value: bigint, budget: Budget): [prime: bigint, times: bigint][] | undefined {
  const factors: [bigint, bigint][] = []
  let rest = value
  for (const prime of SMALL_PRIMES) {
    if (prime * prime > rest) break
    budget.spend(1)
    let times = 0n
    while (rest % prime === 0n && times < 5000n) {
      rest /= prime
      times++
    }
    if (times > 0n) factors.push([prime, times])
  }
  if (rest === 1n) return factors
  if (rest > MAX_FACTORED) return undefined
  const root = BigInt(Math.round(Math.sqrt(Number(rest))))
  factors.push(root * root === rest ? [root, 2n] : [rest, 1n])
  return factors
}

function sieve(limit: number): bigint[] {
  const primes: number[] = []
  for (let n = 2; n <= limit; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n)
  return primes.map(BigInt)
}
