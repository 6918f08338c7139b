# SPDX-License-Identifier: Apache-2.0
"""Writes fixtures/quant/linear.safetensors: one linear with its Gram matrix, and what the plain implementation in
mixllm_reference.py makes of it with every method and group size.

    python make_quant_fixtures.py
"""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from mixllm_reference import Options, output_error, quantize_class, quantize_linear

ROWS, COLS, SEQUENCES, TOKENS = 70, 200, 4, 384
UNIFORM_BITS = (3, 5, 7)


def calibration_inputs(random):
    """Correlated inputs with a few loud channels, so that the order of the groups matters, and dead ones."""
    mixing = random.normal(size=(COLS, COLS)) * np.exp(-np.abs(np.subtract.outer(range(COLS), range(COLS))) / 6)
    inputs = random.normal(size=(SEQUENCES * TOKENS, COLS)) @ mixing
    inputs[:, [70, 71, 150, 197]] *= 6
    inputs[:, [5, 64, 131, 199]] = 0
    return inputs


def main():
    random = np.random.default_rng(20240607)
    inputs = calibration_inputs(random)
    # Kept in fp32 to be small; the fp32 values are what both sides start from.
    gram32 = (inputs.T @ inputs).astype(np.float32)
    gram = gram32.astype(np.float64)
    weight = (random.standard_t(5, size=(ROWS, COLS)) * 0.04).astype(np.float32)
    weight[11] = 0
    rows8 = np.sort(random.choice(ROWS, 13, replace=False)).astype(np.int32)

    tensors = {"weight": weight, "gram": gram32, "rows8": rows8}
    energy = float(np.einsum("nk,kl,nl->", weight, gram, weight.astype(np.float64), optimize=True))
    for group in (32, 64, 128):
        for name, options in {
            "rtn": Options(False, False, group),
            "rtn-clip": Options(False, True, group),
            "gptq": Options(True, False, group),
            "gptq-clip": Options(True, True, group),
        }.items():
            calibrated = options.gptq or options.clip
            result = quantize_linear(weight, rows8, gram if calibrated else None, SEQUENCES, options)
            prefix = f"{name}.{group}."
            # 4-bit codes 0 to 15 and 8-bit codes −128 to 127 share one signed byte.
            tensors[prefix + "codes"] = result.codes.astype(np.int8)
            tensors[prefix + "scales"] = result.scales
            tensors[prefix + "zeros"] = result.zeros
            error = output_error(result, weight, gram) / energy
            tensors[prefix + "error"] = np.array([error], np.float64)
            print(f"{prefix:16} relative output error {error:.6f}")
    # Every row in so many bits; what is stored is the code less the zero point.
    for bits in UNIFORM_BITS:
        for name, options in {"rtn": Options(False, False, 64), "gptq-clip": Options(True, True, 64)}.items():
            result = quantize_class(weight, bits, gram if options.gptq else None, SEQUENCES, options)
            less_zeros = result.codes - np.repeat(result.zeros.astype(np.int16), 64, axis=1)[:, :COLS]
            tensors[f"{name}.{bits}-bit.codes"] = less_zeros.astype(np.int8)
            tensors[f"{name}.{bits}-bit.scales"] = result.scales
            print(f"{name:9} {bits} bit  relative output error {output_error(result, weight, gram) / energy:.6f}")
    target = Path(__file__).parent / "fixtures" / "quant" / "linear.safetensors"
    target.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, target, metadata={"sequences": str(SEQUENCES)})


if __name__ == "__main__":
    main()
