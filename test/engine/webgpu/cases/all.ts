// all.ts: every kernel case

import type { KernelCase } from './case'
import { cases as rmsnorm } from './rmsnorm'

export const kernelCases: KernelCase[] = [...rmsnorm]
