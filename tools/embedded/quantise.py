"""Block-wise integer weights as onnxruntime's MatMulNBits stores them, symmetric (no zero points)."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Blocks:
    """`packed` [rows, blocks, block · bits / 8] uint8, `scales` [rows, blocks] float32."""

    packed: np.ndarray
    scales: np.ndarray
    bits: int
    block: int

    @property
    def rows(self):
        return self.packed.shape[0]

    @property
    def columns(self):
        return self.packed.shape[1] * self.block


def block_for(bits, columns):
    """32 at 4 bits; at 8 bits the largest of 128, 64, 32 that divides the row."""
    return 32 if bits == 4 else next(block for block in (128, 64, 32) if columns % block == 0)


def quantise(weight, bits):
    """Rounds a float matrix [rows, columns]; each block gets, of a few scales, the one with the least squared error."""
    rows, columns = weight.shape
    block = block_for(bits, columns)
    values = weight.reshape(rows, columns // block, block)
    top = 2 ** (bits - 1)
    # The entry of largest magnitude is mapped to −top, or somewhat beyond it: clipping it may serve the others.
    extreme = np.take_along_axis(values, np.abs(values).argmax(-1)[..., None], -1)
    best_error = np.full((*values.shape[:2], 1), np.inf)
    best_scale = np.ones_like(best_error)
    for shrink in np.linspace(0.8, 1.0, 11):
        scale = (extreme * shrink / -top).astype(np.float32)
        scale[scale == 0] = 1
        whole = np.clip(np.rint(values / scale), -top, top - 1)
        error = np.square(whole * scale - values).sum(-1, keepdims=True)
        best_scale = np.where(error < best_error, scale, best_scale)
        best_error = np.minimum(error, best_error)
    scales = best_scale.astype(np.float32)
    whole = (np.clip(np.rint(values / scales), -top, top - 1) + top).astype(np.uint8)
    packed = whole if bits == 8 else whole[..., 0::2] | (whole[..., 1::2] << 4)
    return Blocks(packed, scales[..., 0], bits, block)


def dequantise(blocks):
    """The float32 matrix [rows, columns] that the runtime computes with."""
    packed, top = blocks.packed, 2 ** (blocks.bits - 1)
    whole = packed if blocks.bits == 8 else np.stack([packed & 15, packed >> 4], -1).reshape(*packed.shape[:2], -1)
    return ((whole.astype(np.float32) - top) * blocks.scales[..., None]).reshape(blocks.rows, blocks.columns)
