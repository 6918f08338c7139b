# SPDX-License-Identifier: Apache-2.0
"""Compares a packed model's codes with the plain implementation in mixllm_reference.py on real activations.

    python compare_packed_model.py MODEL PACKED SCORES [--layers 0,3] [--method mixllm|gptq|rtn] [--clip | --no-clip]

SCORES is the scores file whose calibration windows the model was quantized with. transformers runs the dequantized
model over them: since a linear's inputs depend on earlier linears only, one forward pass of the finished model shows
every linear the inputs it was calibrated with. Ranges are clipped as `salient quantize` does: with mixllm unless
--no-clip, with the others only with --clip.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from transformers import AutoModelForCausalLM

from mixllm_reference import Options, Quantized, output_error, quantize_linear

LINEARS = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj",
           "mlp.up_proj", "mlp.down_proj")


class PackedModel:
    def __init__(self, directory):
        self.files = [safe_open(path, "np") for path in sorted(directory.glob("*.safetensors"))]
        self.file_of = {name: file for file in self.files for name in file.keys()}
        self.group = json.loads((directory / "config.json").read_text())["quantization_config"]["group_size"]

    def tensor(self, name, shape):
        return self.file_of[name].get_tensor(name) if name in self.file_of else np.zeros(shape, np.uint8)

    def linear(self, name, rows, cols):
        """A linear as Quantized in its own order of rows, and its 8-bit rows."""
        groups = -(-cols // self.group)
        rows8 = self.tensor(name + ".rows8", 0).astype(int)
        rows4 = np.setdiff1d(np.arange(rows), rows8)
        result = Quantized(np.zeros((rows, cols), np.int16), np.zeros((rows, groups), np.float16),
                           np.zeros((rows, groups), np.uint8), self.group)

        def nibbles(suffix, count):
            packed = self.tensor(name + suffix, (0, (count + 1) // 2))
            return np.stack([packed & 15, packed >> 4], axis=-1).reshape(len(packed), 2 * packed.shape[1])[:, :count]

        result.codes[rows4], result.zeros[rows4] = nibbles(".qweight4", cols), nibbles(".zeros4", groups)
        result.scales[rows4] = self.tensor(name + ".scales4", (0, groups))
        result.codes[rows8] = self.tensor(name + ".qweight8", (0, cols))
        result.scales[rows8] = self.tensor(name + ".scales8", (0, groups))
        return result, rows8


def main():
    parser = argparse.ArgumentParser()
    for name in ("model", "packed", "scores"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--layers", default="0")
    parser.add_argument("--method", default="mixllm")
    parser.add_argument("--clip", action=argparse.BooleanOptionalAction)
    arguments = parser.parse_args()

    model = AutoModelForCausalLM.from_pretrained(arguments.model, dtype=torch.float32)
    packed = PackedModel(arguments.packed)
    with safe_open(arguments.scores, "np") as scores:
        windows = torch.from_numpy(scores.get_tensor("windows").astype(np.int64))
    compared = [f"model.layers.{layer}.{linear}" for layer in arguments.layers.split(",") for linear in LINEARS]

    originals, grams = {}, {}

    def observe(name):
        def hook(_, inputs):
            x = inputs[0].reshape(-1, inputs[0].shape[-1])
            grams[name] = grams.get(name, 0) + (x.T @ x).double()

        return hook

    for name, module in model.named_modules():
        if not name.endswith(LINEARS):
            continue
        originals[name] = module.weight.detach().numpy().copy()
        quantized, _ = packed.linear(name, *originals[name].shape)
        module.weight.data = torch.from_numpy(quantized.dequantize())
        if name in compared:
            module.register_forward_pre_hook(observe(name))
    with torch.no_grad():
        for window in windows:
            model(window[None])

    clip = arguments.method == "mixllm" if arguments.clip is None else arguments.clip
    options = Options(arguments.method != "rtn", clip, packed.group)
    for name in compared:
        weight, gram = originals[name], grams[name].numpy()
        found, rows8 = packed.linear(name, *weight.shape)
        expected = quantize_linear(weight, rows8, gram, len(windows), options)
        agreement = (found.codes == expected.codes).mean()
        ratio = output_error(found, weight, gram) / output_error(expected, weight, gram)
        print(f"{name:36} codes equal {agreement:9.4%}   output error ratio {ratio:.5f}", flush=True)


if __name__ == "__main__":
    main()
