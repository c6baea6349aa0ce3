// all.ts: every kernel case

import type { KernelCase } from './case'
import { cases as linear } from './linear'
import { cases as matrix } from './matrix'
import { cases as attentionDecode } from './attention-decode'
import { cases as attentionForward } from './attention-forward'
import { cases as rope } from './rope'
import { cases as attentionBackward } from './attention-backward'
import { cases as rmsnorm } from './rmsnorm'
import { cases as rmsnormBackward } from './rmsnorm-backward'
import { cases as ropeBackward } from './rope-backward'
import { cases as swiglu } from './swiglu'
import { cases as swigluBackward } from './swiglu-backward'
import { cases as adapterGradient } from './adapter-gradient'
import { cases as linearBackward } from './linear-backward'
import { cases as lowRank } from './low-rank'
import { cases as philox } from './philox'
import { cases as decodeState } from './decode-state'
import { cases as headSample } from './head-sample'
import { cases as filter } from './filter'
import { cases as embed } from './embed'
import { cases as rows } from './rows'
import { cases as logits } from './logits'
import { cases as adamw } from './adamw'
import { cases as probe } from './probe'

export const kernelCases: KernelCase[] = [
  ...philox,
  ...decodeState,
  ...headSample,
  ...filter,
  ...linear,
  ...matrix,
  ...lowRank,
  ...linearBackward,
  ...adapterGradient,
  ...attentionDecode,
  ...attentionForward,
  ...rope,
  ...attentionBackward,
  ...rmsnorm,
  ...rmsnormBackward,
  ...ropeBackward,
  ...swiglu,
  ...swigluBackward,
  ...embed,
  ...rows,
  ...logits,
  ...adamw,
  ...probe,
]
