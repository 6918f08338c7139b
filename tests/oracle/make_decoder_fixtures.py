# SPDX-License-Identifier: Apache-2.0
"""Tiny random decoders and what transformers computes with them, for the tests of core/model.

    python tests/oracle/make_decoder_fixtures.py [OUTPUT_DIRECTORY]

Each model directory holds config.json and safetensors like any checkpoint, and expected.safetensors: token ids,
logits, next-token losses, and the gradient of their mean with respect to every linear's weight (fp32, eager).
"""
import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM

TOKENS = 40

COMMON = {
    "hidden_size": 32,
    "intermediate_size": 56,
    "num_hidden_layers": 2,
    "vocab_size": 96,
    "hidden_act": "silu",
    "max_position_embeddings": 64,
}

MODELS = {
    # Llama 3.2's kind: scaled rope, shared embeddings, BF16.
    "llama3-bf16": (torch.bfloat16, 1, {
        "model_type": "llama", "architectures": ["LlamaForCausalLM"], "num_attention_heads": 2,
        "num_key_value_heads": 1, "head_dim": 16, "rms_norm_eps": 1e-5, "rope_theta": 500.0, "tie_word_embeddings": True,
        "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                         "original_max_position_embeddings": 32}}),
    # Every bias, a head size that is no quotient, linear rope scaling, three shards, F32.
    "llama-biased-f32": (torch.float32, 3, {
        "model_type": "llama", "architectures": ["LlamaForCausalLM"], "num_attention_heads": 4,
        "num_key_value_heads": 4, "head_dim": 6, "rms_norm_eps": 1e-6, "rope_theta": 10000.0,
        "tie_word_embeddings": False, "attention_bias": True, "mlp_bias": True,
        "rope_scaling": {"rope_type": "linear", "factor": 2.0}}),
    "mistral-f16": (torch.float16, 1, {
        "model_type": "mistral", "architectures": ["MistralForCausalLM"], "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 10, "rms_norm_eps": 1e-5, "rope_theta": 1000000.0,
        "tie_word_embeddings": False, "sliding_window": None}),
    # q/k/v bias by architecture, and a sequence longer than max_position_embeddings.
    "qwen2-f32": (torch.float32, 1, {
        "model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "num_attention_heads": 4,
        "num_key_value_heads": 2, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "tie_word_embeddings": True,
        "max_position_embeddings": 24, "use_sliding_window": False}),
}


def randomize(model, dtype):
    """Large enough weights that attention is not uniform and no gradient is close to zero."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:
                parameter.copy_(1 + 0.3 * torch.randn_like(parameter))
            elif name.endswith("bias"):
                parameter.copy_(0.3 * torch.randn_like(parameter))
            elif "embed" in name:
                parameter.copy_(torch.randn_like(parameter))
            else:
                parameter.copy_(1.5 * torch.randn_like(parameter) / parameter.shape[1] ** 0.5)
            parameter.copy_(parameter.to(dtype).float())


def save_checkpoint(directory, tensors, shards):
    names = sorted(tensors)
    if shards == 1:
        save_file(tensors, directory / "model.safetensors", metadata={"format": "pt"})
        return
    weight_map = {}
    for shard in range(shards):
        file = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        part = {name: tensors[name] for name in names[shard::shards]}
        save_file(part, directory / file, metadata={"format": "pt"})
        weight_map.update(dict.fromkeys(part, file))
    size = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": dict(sorted(weight_map.items()))}
    (directory / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")


def make(directory, dtype, shards, settings):
    directory.mkdir(parents=True, exist_ok=True)
    config = COMMON | settings | {"torch_dtype": str(dtype).removeprefix("torch.")}
    (directory / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    loaded = AutoConfig.from_pretrained(directory)
    model = AutoModelForCausalLM.from_config(loaded, attn_implementation="eager", dtype=torch.float32)
    randomize(model, dtype)
    model.eval()

    tensors = {name: tensor.to(dtype).contiguous() for name, tensor in model.state_dict().items()}
    if config["tie_word_embeddings"]:
        tensors.pop("lm_head.weight", None)
    save_checkpoint(directory, tensors, shards)

    ids = torch.randint(0, config["vocab_size"], (TOKENS,))
    logits = model(ids[None]).logits[0]
    nll = torch.nn.functional.cross_entropy(logits[:-1], ids[1:], reduction="none")
    nll.mean().backward()
    expected = {"ids": ids.to(torch.int32), "logits": logits.detach().contiguous(), "nll": nll.detach()}
    for name, parameter in model.named_parameters():
        if name.endswith("_proj.weight"):
            expected["gradient." + name.removesuffix(".weight")] = parameter.grad
    save_file(expected, directory / "expected.safetensors")
    print(f"{directory.name}: mean loss {nll.mean().item():.4f}, logits up to {logits.abs().max().item():.2f}")


def main():
    default = pathlib.Path(__file__).parent / "fixtures" / "model"
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    torch.manual_seed(2)
    for name, (dtype, shards, settings) in MODELS.items():
        make(output / name, dtype, shards, settings)


if __name__ == "__main__":
    main()
