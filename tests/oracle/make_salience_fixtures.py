# SPDX-License-Identifier: Apache-2.0
"""Salience by PyTorch autograd, for the tests of core/search.

    python tests/oracle/make_salience_fixtures.py
        writes fixtures/search/<model>.safetensors for each tiny model of fixtures/model
    python tests/oracle/make_salience_fixtures.py MODEL_DIRECTORY IDS.safetensors OUTPUT GROUP [float32]
        the same for any model; IDS holds an I32 tensor `ids` [sequences, length]

The gradient of every weight is formed, the rounding error of plain 4-bit round-to-nearest multiplied with it and
summed, without the shortcut the program takes. In double unless told otherwise.
"""
import pathlib
import sys

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

GROUP = 32  # the tiny models' inputs are no multiples of it


def rounded_to_4_bit(weight, group):
    """(q − z)·s with the scale as stored (fp16) and q, z in 0 to 15."""
    out = torch.empty_like(weight, dtype=torch.float32)
    for first in range(0, weight.shape[1], group):
        block = weight[:, first : first + group].float()
        low, high = block.amin(1, keepdim=True), block.amax(1, keepdim=True)
        scale = ((high - low).clamp(min=1e-5) / 15).half().float()
        zero = torch.round(-low / scale).clamp(0, 15)
        codes = (torch.round(block / scale) + zero).clamp(0, 15)
        out[:, first : first + group] = (codes - zero) * scale
    return out


def salience(directory, ids, group, dtype):
    model = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32, attn_implementation="eager")
    weights = {n.removesuffix(".weight"): p for n, p in model.named_parameters() if n.endswith("_proj.weight")}
    deltas = {name: (rounded_to_4_bit(p.data, group) - p.data).to(dtype) for name, p in weights.items()}
    model.to(dtype).eval()
    out = {"ids": ids.to(torch.int32), "loss": []}
    for name in weights:
        out["first_order." + name] = []
        out["diagonal." + name] = []
    for sequence in ids.long():
        model.zero_grad()
        logits = model(sequence[None]).logits[0]
        loss = torch.nn.functional.cross_entropy(logits[:-1], sequence[1:])
        loss.backward()
        out["loss"].append(loss.detach().double())
        for name, parameter in weights.items():
            product = (parameter.grad * deltas[name]).double()
            out["first_order." + name].append(product.sum(1))
            out["diagonal." + name].append((product * product).sum(1))
    out = {name: torch.stack(value) if isinstance(value, list) else value for name, value in out.items()}
    for name in weights:
        a, diagonal = out["first_order." + name], out["diagonal." + name]
        out["full." + name] = (a + a * a / 2).abs().sum(0)
        out["second-order." + name] = (a * a / 2).sum(0)
        out["diagonal-fisher." + name] = (a + diagonal / 2).abs().sum(0)
    return out


def main():
    if len(sys.argv) > 1:
        directory, ids, output, group = sys.argv[1:5]
        dtype = getattr(torch, sys.argv[5]) if len(sys.argv) > 5 else torch.float64
        save_file(salience(directory, load_file(ids)["ids"], int(group), dtype), output)
        return
    fixtures = pathlib.Path(__file__).parent / "fixtures"
    torch.manual_seed(3)
    for directory in sorted((fixtures / "model").iterdir()):
        vocabulary = load_file(directory / "expected.safetensors")["logits"].shape[1]
        out = salience(directory, torch.randint(0, vocabulary, (3, 20)), GROUP, torch.float64)
        (fixtures / "search").mkdir(exist_ok=True)
        save_file(out, fixtures / "search" / (directory.name + ".safetensors"))
        print(directory.name, [round(loss.item(), 4) for loss in out["loss"]])


if __name__ == "__main__":
    main()
