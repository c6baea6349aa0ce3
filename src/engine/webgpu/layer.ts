// layer.ts: one decoder layer, forward and backward, as recorded kernels
//
//   normed₁ = RMSNorm(input)      qkv = Wqkv·normed₁      attended = attention(RoPE(q, k), v)      middle = input + Wo·attended
//   normed₂ = RMSNorm(middle)     gateUp = Wgu·normed₂    activated = silu(gate)·up                output = middle + Wd·activated
//
// Every linear layer carries the adapter: y = W·x + scale·B·u with u = A·x, in the order u first, so that the main kernel
// adds B·u as it stores. With the adapter off the same weights are the reference policy.

import type { ModelSpec } from '../policy'
import type { Gpu, View } from './gpu'
import type { Recording } from './recording'
import { adapterGradient } from './kernels/adapter-gradient'
import { attentionBackward } from './kernels/attention-backward'
import { attentionForward } from './kernels/attention-forward'
import { linear } from './kernels/linear'
import { linearBackwardInput } from './kernels/linear-backward'
import { normsOperand } from './kernels/product'
import { projectGradient } from './kernels/low-rank'
import { rmsNorm } from './kernels/rmsnorm'
import { rmsNormBackward } from './kernels/rmsnorm-backward'
import { ropeBackward } from './kernels/rope-backward'
import { ropeCache } from './kernels/rope'
import { swiglu } from './kernels/swiglu'
import { swigluBackward } from './kernels/swiglu-backward'
import { floatMatrix } from './matrix'
import { part, type StackLayout, type StackName } from './parameters'
import type { DeviceLayer } from './weights'

/** What recording a layer needs besides its buffers. */
export interface LayerContext {
  gpu: Gpu
  recording: Recording
  spec: ModelSpec
  /** The pass's uniform: number of live rows. */
  batch: View
  /** Most live rows. */
  rows: number
  /** [rows] Token */
  tokens: View
  /** RoPE's table, [positions, headDim / 2] (cos, sin) */
  angles: View
  /** A backward pass follows, which needs every activation on its own. */
  keeps?: boolean
  /** The adapter; without it the layer is the reference policy's. */
  adapter?: { parameters: View; rank: number; scale: number }
}

/** A layer's place in the model. */
export interface LayerPlace {
  weights: DeviceLayer
  layout: Record<StackName, StackLayout>
}

/** Activations [rows, …] of a layer's forward pass. Without a backward pass to come, several may be one buffer. */
export interface LayerActivations {
  normed1: View
  qkv: View
  queries: View
  /** [slots, kvHeads · headDim] */
  keys: View
  values: View
  attended: View
  /** [rows, heads] */
  logSumExp: View
  /** input + attention; may hold the input beforehand, where the two are one buffer. */
  middle: View
  normed2: View
  gateUp: View
  activated: View
  /** A·x of each stack */
  lowRank: Record<StackName, View>
}

/** Computes attention from `queries`, `keys` and `values` into `attended`. */
export type Attend = (context: LayerContext, views: LayerActivations) => void

/** Attention among packed tokens. */
export const packedAttention: Attend = ({ gpu, recording, spec, batch, tokens }, views) => {
  const { queries, keys, values, attended: out, logSumExp } = views
  const { heads, kvHeads, headDim } = spec
  attentionForward(gpu, recording, {
    batch, tokens, queries, keys, values, out, logSumExp, heads, kvHeads, headDim,
  }) // prettier-ignore
}

/** What a stack reads: x, or RMSNorm(x) where its products norm on the way. */
interface Operand {
  x: View
  norm?: { weight: View; epsilon: number }
}

/** Records input → middle and on to `activated` and A·activated: everything that the backward pass needs. `middle` holds the input. */
export function recordInside(
  context: LayerContext,
  place: LayerPlace,
  input: View,
  views: LayerActivations,
  attend: Attend,
): void {
  const { gpu, recording, spec, batch, rows, tokens, angles, keeps = false } = context
  const { intermediateSize, heads, kvHeads, headDim, rmsNormEpsilon: epsilon } = spec
  const { weights } = place
  const { qkv, gateUp: gateUpStack } = weights.stacks
  const { queries, keys, values, attended, middle, gateUp, activated } = views
  recordStack(context, place, 'qkv', recordNorm(context, qkv.norm, input, views.normed1), views.qkv, views)
  ropeCache(gpu, recording, {
    batch, tokens, qkv: views.qkv, angles, queries, keys, values, heads, kvHeads, headDim,
    ...(weights.headNorms && { norms: { ...weights.headNorms, epsilon } }),
  }) // prettier-ignore
  attend(context, views)
  recordStack(context, place, 'output', { x: attended }, middle, views)
  const normed = recordNorm(context, gateUpStack.norm, middle, views.normed2)
  if (!keeps && gateUpStack.weight.segments.length === 1) {
    recordStack(context, place, 'gateUp', normed, activated, views, true)
  } else {
    recordStack(context, place, 'gateUp', normed, gateUp, views)
    swiglu(gpu, recording, { batch, gateUp, out: activated, features: intermediateSize, rows })
  }
}

/** What reads the norm of x: x itself where its products norm on the way, else `out`, into which it is recorded. */
function recordNorm(
  { gpu, recording, spec, batch, rows, keeps }: LayerContext,
  weight: View,
  x: View,
  out: View,
): Operand {
  const { hiddenSize: features, rmsNormEpsilon: epsilon } = spec
  if (!keeps && normsOperand(gpu, rows)) return { x, norm: { weight, epsilon } }
  rmsNorm(gpu, recording, { batch, x, weight, out, features, epsilon })
  return { x: out }
}

/** Records the whole layer. `views.middle` holds the input (or a copy of it), and becomes the output unless that is another buffer. */
export function recordLayer(
  context: LayerContext,
  place: LayerPlace,
  input: View,
  views: LayerActivations,
  attend: Attend,
  output = views.middle,
): void {
  recordInside(context, place, input, views, attend)
  if (output !== views.middle) context.recording.copy(views.middle, output)
  recordStack(context, place, 'down', { x: views.activated }, output, views)
}

/** Stacks whose output is added to the residual stream instead of stored. */
const RESIDUAL: readonly StackName[] = ['output', 'down']

function recordStack(
  context: LayerContext,
  place: LayerPlace,
  name: StackName,
  operand: Operand,
  out: View,
  views: LayerActivations,
  gated = false,
): void {
  const { gpu, recording, batch, rows, adapter } = context
  const { weight, bias } = place.weights.stacks[name]
  const accumulate = RESIDUAL.includes(name)
  if (adapter) recordLowRank(context, place, name, operand, views)
  const { b, ends, outputs } = place.layout[name]
  linear(gpu, recording, {
    batch, weight, ...operand, out, rows, accumulate, gated,
    ...(bias && { bias }),
    ...(adapter && {
      lowRank: {
        u: views.lowRank[name],
        b: part(adapter.parameters, b, outputs * adapter.rank),
        scale: adapter.scale,
        rank: adapter.rank,
        ends,
      },
    }),
  }) // prettier-ignore
}

/** Records u = A·x of a stack. */
export function recordLowRank(
  context: LayerContext,
  place: LayerPlace,
  name: StackName,
  operand: Operand,
  views: LayerActivations,
): void {
  const { gpu, recording, batch, rows, adapter } = context
  const { rank, parameters } = adapter!
  const { a, ends, inputs } = place.layout[name]
  const width = ends.length * rank
  const weight = floatMatrix(part(parameters, a, width * inputs), width, inputs)
  linear(gpu, recording, { batch, weight, ...operand, out: views.lowRank[name], rows })
}

/** Buffers of a layer's backward pass, [rows, …]. */
export interface LayerGradients {
  /** ∂loss/∂output on the way in, ∂loss/∂input on the way out */
  residual: View
  /** of normed₁ and normed₂, and of `attended` */
  normed: View
  attended: View
  activated: View
  gateUp: View
  queries: View
  keys: View
  values: View
  qkv: View
  /** [rows, heads, 2] */
  stats: View
  /** scale·Bᵀ·∂y of each stack, [rows, sections · rank] */
  lowRank: View
}

/**
 * Records the layer's backward pass; `views` hold what `recordInside` and A·activated have left.
 *
 * @param gradient  flat, like the adapter's parameters; is added to
 * @param first     of the model: nothing below needs ∂loss/∂input
 */
export function recordBackward(
  context: LayerContext,
  place: LayerPlace,
  input: View,
  views: LayerActivations,
  grads: LayerGradients,
  gradient: View,
  first: boolean,
): void {
  const { gpu, recording, spec, batch, tokens, angles } = context
  const { hiddenSize: features, intermediateSize, heads, kvHeads, headDim, rmsNormEpsilon: epsilon } = spec
  const { headNorms, stacks } = place.weights
  const back = (name: StackName, x: View, dy: View, out?: View) =>
    recordStackBackward(context, place, name, x, dy, views.lowRank[name], grads.lowRank, gradient, out)

  back('down', views.activated, grads.residual, grads.activated)
  swigluBackward(gpu, recording, {
    batch, gateUp: views.gateUp, dOut: grads.activated, dGateUp: grads.gateUp, features: intermediateSize,
  }) // prettier-ignore
  back('gateUp', views.normed2, grads.gateUp, grads.normed)
  rmsNormBackward(gpu, recording, {
    batch, x: views.middle, weight: stacks.gateUp.norm, dOut: grads.normed, dX: grads.residual, features, epsilon,
  }) // prettier-ignore
  back('output', views.attended, grads.residual, grads.attended)
  attentionBackward(gpu, recording, {
    batch, tokens, queries: views.queries, keys: views.keys, values: views.values, out: views.attended,
    logSumExp: views.logSumExp, dOut: grads.attended, stats: grads.stats, dQueries: grads.queries, dKeys: grads.keys,
    dValues: grads.values, heads, kvHeads, headDim,
  }) // prettier-ignore
  ropeBackward(gpu, recording, {
    batch, tokens, dQueries: grads.queries, dKeys: grads.keys, dValues: grads.values, angles, dQkv: grads.qkv,
    heads, kvHeads, headDim,
    ...(headNorms && { norms: { ...headNorms, qkv: views.qkv, epsilon } }),
  }) // prettier-ignore
  back('qkv', views.normed1, grads.qkv, first ? undefined : grads.normed)
  if (first) return
  rmsNormBackward(gpu, recording, {
    batch,
    x: input,
    weight: stacks.qkv.norm,
    dOut: grads.normed,
    dX: grads.residual,
    features,
    epsilon,
  })
}

/** ∂A, ∂B of a stack and, where `out` is given, ∂x = Wᵀ·∂y + Aᵀ·g with g = scale·Bᵀ·∂y. */
function recordStackBackward(
  context: LayerContext,
  place: LayerPlace,
  name: StackName,
  x: View,
  dy: View,
  u: View,
  g: View,
  gradient: View,
  out: View | undefined,
): void {
  const { gpu, recording, batch, adapter } = context
  const { rank, scale, parameters } = adapter!
  const { a, b, inputs, outputs, ends } = place.layout[name]
  const width = ends.length * rank
  projectGradient(gpu, recording, {
    batch,
    dy,
    b: part(parameters, b, outputs * rank),
    g,
    outputs,
    rank,
    ends,
    scale,
  })
  adapterGradient(gpu, recording, {
    batch, p: dy, q: u, out: part(gradient, b, outputs * rank), rowsOut: outputs, colsOut: rank, ends, scale }) // prettier-ignore
  adapterGradient(gpu, recording, {
    batch, p: g, q: x, out: part(gradient, a, width * inputs), rowsOut: width, colsOut: inputs, scale: 1,
  }) // prettier-ignore
  if (!out) return
  linearBackwardInput(gpu, recording, {
    batch, weight: place.weights.stacks[name].weight, dy, out,
    lowRank: { g, a: part(parameters, a, width * inputs), width },
  }) // prettier-ignore
}
