# SPDX-License-Identifier: Apache-2.0
"""MixLLM's weight quantization in plain NumPy: the oracle core/quant is tested against.

Written from the mathematics alone and for reading, not for speed. Grids are fitted in fp32 with scales rounded to
fp16, as they are stored; GPTQ's arithmetic is in double.
"""

from dataclasses import dataclass

import numpy as np

CLIP_RATIOS = [np.float32(percent / 100) for percent in range(100, 79, -2)]


@dataclass
class Options:
    gptq: bool
    clip: bool
    group: int = 128
    damping: float = 0.01


@dataclass
class Quantized:
    codes: np.ndarray  # [N, K]
    scales: np.ndarray  # [N, G] fp16
    zeros: np.ndarray  # [N, G]
    group: int

    def dequantize(self):
        scales = np.repeat(self.scales.astype(np.float32), self.group, axis=1)[:, : self.codes.shape[1]]
        zeros = np.repeat(self.zeros.astype(np.float32), self.group, axis=1)[:, : self.codes.shape[1]]
        return (self.codes.astype(np.float32) - zeros) * scales


def fit_grid(values, bits, ratio):
    """Scale (fp16) and zero of each row of `values` [N, w], with the range shrunk by `ratio`. 8 bit is symmetric."""
    values = values.astype(np.float32)
    smallest = np.float32(1e-5)
    if bits == 8:
        absmax = np.abs(values).max(axis=1) * ratio
        return (np.maximum(absmax, smallest) / np.float32(127)).astype(np.float16), np.zeros(len(values), np.float32)
    low, high = values.min(axis=1) * ratio, values.max(axis=1) * ratio
    highest = 2**bits - 1
    scale = (np.maximum(high - low, smallest) / np.float32(highest)).astype(np.float16)
    zero = np.clip(np.round(-low / scale.astype(np.float32)), 0, highest)
    return scale, zero


def round_to_codes(values, bits, scale, zero):
    """Nearest codes; np.round is half to even. `values` [N, w] or [N], scale and zero of matching shape."""
    low, high = (-128, 127) if bits == 8 else (0, 2**bits - 1)
    return np.clip(np.round(values.astype(np.float32) / scale.astype(np.float32)) + zero, low, high)


def choose_grid(values, bits, gram_block, clip):
    """The grid of each row of one group: that of the ratio with the smallest δ H_gg δᵀ, ties to the larger one."""
    best_scale, best_zero = fit_grid(values, bits, CLIP_RATIOS[0])
    if not clip:
        return best_scale, best_zero
    best_error = np.full(len(values), np.inf)
    for ratio in CLIP_RATIOS:
        scale, zero = fit_grid(values, bits, ratio)
        codes = round_to_codes(values, bits, scale[:, None], zero[:, None])
        delta = (codes - zero[:, None]) * scale[:, None].astype(np.float64) - values
        error = ((delta @ gram_block) * delta).sum(axis=1)
        better = error < best_error
        best_error = np.where(better, error, best_error)
        best_scale = np.where(better, scale, best_scale)
        best_zero = np.where(better, zero, best_zero)
    return best_scale, best_zero


def group_slices(cols, group):
    return [slice(first, min(first + group, cols)) for first in range(0, cols, group)]


def quantize_rows(weight, bits, gram, sequences, options):
    """All rows of `weight` in `bits` bits; `gram` = Σ x xᵀ [K, K] in double, or None for plain round-to-nearest."""
    rows, cols = weight.shape
    slices = group_slices(cols, options.group)
    codes = np.zeros((rows, cols), np.int16)
    scales = np.zeros((rows, len(slices)), np.float16)
    zeros = np.zeros((rows, len(slices)), np.uint8)
    work = weight.astype(np.float64)
    order = list(range(len(slices)))
    hessian = inverse_factor = None
    if gram is not None:
        hessian = 2 * gram / sequences
        dead = np.diag(hessian) == 0
        work[:, dead] = 0
    if options.gptq:
        fixed = hessian.copy()
        fixed[dead, dead] = 1
        order.sort(key=lambda g: -np.diag(fixed)[slices[g]].sum())  # list.sort is stable
        columns = np.concatenate([np.arange(cols)[slices[g]] for g in order])
        permuted = fixed[np.ix_(columns, columns)]
        permuted += options.damping * np.diag(fixed).mean() * np.eye(cols)
        inverse_factor = np.linalg.cholesky(np.linalg.inv(permuted)).T  # H⁻¹ = Uᵀ U
        work = work[:, columns]

    position = 0
    for g in order:
        width = slices[g].stop - slices[g].start
        here = slice(position, position + width) if options.gptq else slices[g]
        block = hessian[slices[g], slices[g]] if hessian is not None else None
        scale, zero = choose_grid(work[:, here], bits, block, options.clip)
        scales[:, g], zeros[:, g] = scale, zero
        if not options.gptq:
            codes[:, slices[g]] = round_to_codes(work[:, here], bits, scale[:, None], zero[:, None])
            continue
        for j in range(width):
            at = position + j
            q = round_to_codes(work[:, at], bits, scale, zero)
            codes[:, slices[g].start + j] = q
            error = (work[:, at] - (q - zero) * scale.astype(np.float64)) / inverse_factor[at, at]
            work[:, at:] -= np.outer(error, inverse_factor[at, at:])
        position += width
    return Quantized(codes, scales, zeros, options.group)


def output_error(quantized, weight, gram):
    """Σ over the rows of δ (Σ x xᵀ) δᵀ."""
    delta = quantized.dequantize().astype(np.float64) - weight
    return float(((delta @ gram) * delta).sum())


def quantize_class(weight, bits, gram, sequences, options):
    """One class of rows, with clip search only where it makes the class's output error smaller."""
    plain = quantize_rows(weight, bits, gram, sequences, Options(options.gptq, False, options.group, options.damping))
    if not options.clip:
        return plain
    clipped = quantize_rows(weight, bits, gram, sequences, options)
    return clipped if output_error(clipped, weight, gram) < output_error(plain, weight, gram) else plain


def quantize_linear(weight, rows8, gram, sequences, options):
    """The 4-bit rows and the 8-bit rows of a linear, each class on its own."""
    rows, cols = weight.shape
    is8 = np.zeros(rows, bool)
    is8[rows8] = True
    groups = len(group_slices(cols, options.group))
    result = Quantized(np.zeros((rows, cols), np.int16), np.zeros((rows, groups), np.float16),
                       np.zeros((rows, groups), np.uint8), options.group)
    for bits, members in ((4, ~is8), (8, is8)):
        if members.any():
            part = quantize_class(weight[members], bits, gram, sequences, options)
            result.codes[members], result.scales[members], result.zeros[members] = part.codes, part.scales, part.zeros
    return result
