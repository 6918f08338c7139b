# SPDX-License-Identifier: Apache-2.0
"""Perplexity and divergence by PyTorch, for the tests of core/eval.

    python tests/oracle/make_eval_fixtures.py

Takes one tiny model of fixtures/model as the reference and writes fixtures/eval/perturbed, the same model with noise
on its weights, and fixtures/eval/expected.safetensors: windows of ids and what the perturbed model scores on them.
"""
import json
import pathlib
import shutil

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

REFERENCE = "qwen2-f32"


def log_probabilities(directory, window):
    model = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32, attn_implementation="eager").double()
    with torch.no_grad():
        return torch.log_softmax(model(window[None]).logits[0, :-1], -1)


def standard_error(window_means):
    return window_means.std(unbiased=True) / len(window_means) ** 0.5


def main():
    fixtures = pathlib.Path(__file__).parent / "fixtures"
    reference, perturbed = fixtures / "model" / REFERENCE, fixtures / "eval" / "perturbed"
    perturbed.mkdir(parents=True, exist_ok=True)
    shutil.copy(reference / "config.json", perturbed)
    torch.manual_seed(5)
    weights = load_file(reference / "model.safetensors")
    noisy = {name: w * (1 + 0.1 * torch.randn_like(w)) for name, w in weights.items()}
    save_file(noisy, perturbed / "model.safetensors", metadata={"format": "pt"})

    vocabulary = json.loads((reference / "config.json").read_text())["vocab_size"]
    windows = torch.randint(0, vocabulary, (5, 33))
    rows = {name: [] for name in ("nll", "reference_nll", "kl_forward", "kl_reverse", "top1", "top5")}
    for window in windows:
        p, q = log_probabilities(reference, window), log_probabilities(perturbed, window)
        targets = window[1:, None]
        top_p, top_q = p.topk(5).indices, q.topk(5).indices
        rows["nll"].append(-q.gather(1, targets).mean())
        rows["reference_nll"].append(-p.gather(1, targets).mean())
        rows["kl_forward"].append((p.exp() * (p - q)).sum(1).mean())
        rows["kl_reverse"].append((q.exp() * (q - p)).sum(1).mean())
        rows["top1"].append((top_p[:, 0] == top_q[:, 0]).double().mean())
        rows["top5"].append((top_p[:, :, None] == top_q[:, None, :]).any(2).double().mean())
    out = {name: torch.stack(values) for name, values in rows.items()}
    perplexity = out["nll"].mean().exp()
    out["perplexity"] = torch.stack([perplexity, perplexity * standard_error(out["nll"])])
    out["kl_errors"] = torch.stack([standard_error(out["kl_forward"]), standard_error(out["kl_reverse"])])
    out["ids"] = windows.to(torch.int32)
    save_file(out, fixtures / "eval" / "expected.safetensors")
    print({name: value.tolist() for name, value in out.items() if name != "ids"})


if __name__ == "__main__":
    main()
