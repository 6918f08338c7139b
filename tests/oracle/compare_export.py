#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Loads exports of `salient export` with other people's programs and compares them with the packed model.

usage: compare_export.py PACKED EXPORT...

PACKED is read with compare_packed_model.py's reader of the format; EXPORT may be of any format. Each is loaded by
transformers (AutoModelForCausalLM, with the compressed-tensors package for that format), and its logits over fixed
random tokens are compared with those of the same transformers model holding PACKED's dequantized weights.
"""
import json
import sys
from pathlib import Path

import torch
from safetensors import safe_open
from transformers import AutoConfig, AutoModelForCausalLM, CompressedTensorsConfig

from compare_packed_model import LINEARS, PackedModel

TOLERANCE = {"fp32": 1e-5, "fp16": 2e-2, "bf16": 1e-1, "compressed-tensors": 2e-2}


def reference_model(directory):
    """transformers' model in float32 with the packed model's weights."""
    packed = PackedModel(directory)
    config = json.loads((directory / "config.json").read_text())
    del config["quantization_config"]
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**config)).float().eval()
    copies = {}
    for shard in sorted(directory.glob("*.safetensors")):
        with safe_open(shard, "pt") as file:
            copies.update({name: file.get_tensor(name) for name in file.keys() if name.endswith((".weight", ".bias"))})
    state = {}
    for name, tensor in model.state_dict().items():
        stem = name.removesuffix(".weight")
        if stem.endswith(LINEARS) and name.endswith(".weight"):
            state[name] = torch.from_numpy(packed.linear(stem, *tensor.shape)[0].dequantize())
        elif name in copies:
            state[name] = copies[name].float()
    missing, _ = model.load_state_dict(state, strict=False)
    allowed = {"lm_head.weight"} if config.get("tie_word_embeddings") else set()
    assert set(missing) <= allowed, missing
    model.tie_weights()
    return model


def main(packed, exports):
    reference = reference_model(Path(packed))
    ids = torch.randint(reference.config.vocab_size, (1, 48), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = reference(ids).logits[0].float()
    failed = False
    for directory in exports:
        name = json.loads((Path(directory) / "manifest.json").read_text())["export"]["format"]
        # Loading compressed, transformers 5.23 with compressed-tensors 0.20 stumbles over packed zero points.
        how = {"quantization_config": CompressedTensorsConfig(dequantize=True)} if name == "compressed-tensors" else {}
        model = AutoModelForCausalLM.from_pretrained(directory, **how).float().eval()
        with torch.no_grad():
            found = model(ids).logits[0].float()
        error = ((found - expected).abs().max() / expected.abs().max()).item()
        same = (found.argmax(-1) == expected.argmax(-1)).float().mean().item()
        good = error <= TOLERANCE[name]
        failed = failed or not good
        print(f"{directory}: {name}: logits within {error:.3g} of the packed weights', same token {100 * same:.1f} %"
              f"{'' if good else ': TOO FAR'}")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
