// shapes.ts: choices that the fastest kernels of an adapter differ in (tune.ts measures them)

/** How products with a weight matrix are tiled. */
export interface ProductShapes {
  /** Invocations that share a row of a matrix where it meets few tokens (product-strided.wgsl); at least MATRIX_VECTOR_ROWS. */
  strideSplits: number
  /** Tokens of a tile of many (product-lanes.wgsl): changes no bit of the result. */
  laneTokens: number
}

/** What runs untuned and in deterministic mode. */
export const DEFAULT_SHAPES: ProductShapes = { strideSplits: 16, laneTokens: 8 }
