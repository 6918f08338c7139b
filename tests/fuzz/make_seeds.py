#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/fuzz/seeds from the committed fixtures: a few small inputs a target, good ones and nearly good ones.
Files named crash-* are inputs that once failed; they are kept as they are."""
import gzip
import json
import pathlib
import struct

HERE = pathlib.Path(__file__).parent
FIXTURES = HERE.parent / "oracle/fixtures"
SEEDS = HERE / "seeds"


def seed(target, name, data):
    folder = SEEDS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def patch(place, data):
    return struct.pack("<I", place)[:3] + bytes([len(data)]) + data


def tensor(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def safetensors():
    header = {"__metadata__": {"format": "pt"}, "a": tensor("F32", [2, 4], 0, 32), "b": tensor("BF16", [16], 32, 64)}
    text = json.dumps(header)
    seed("safetensors", "two-tensors", text)
    seed("safetensors", "empty", json.dumps({"__metadata__": {}}))
    seed("safetensors", "scalar-and-zero", json.dumps({"s": tensor("F64", [], 0, 8), "z": tensor("I8", [0, 3], 8, 8),
                                                       "r": tensor("U8", [56], 8, 64)}))
    seed("safetensors", "overlap", json.dumps({"a": tensor("U8", [40], 0, 40), "b": tensor("U8", [40], 24, 64)}))
    seed("safetensors", "whole-file", struct.pack("<Q", len(text)) + text.encode() + bytes(64))
    seed("safetensors", "length-past-the-end", struct.pack("<Q", 1 << 63) + text.encode())


def index_and_config():
    index = (FIXTURES / "model/llama-biased-f32/model.safetensors.index.json").read_text()
    seed("index_json", "good", index)
    document = json.loads(index)
    names = list(document["weight_map"])
    document["weight_map"][names[0]] = "../model-00001-of-00003.safetensors"
    seed("index_json", "outside", json.dumps(document))
    seed("index_json", "one", json.dumps({"metadata": {"total_size": 1}, "weight_map": {names[0]: "config.json"}}))
    for model in sorted((FIXTURES / "model").iterdir()):
        seed("config_json", model.name, (model / "config.json").read_bytes())


def tokenizers():
    text = FIXTURES / "text"
    for name in ("gpt2", "llama3", "mistral"):
        seed("tokenizer_json", name, (text / name / "tokenizer.json").read_bytes())
    seed("tokenizer_model", "llama2", (text / "llama2-model/tokenizer.model").read_bytes())
    seed("tokenizer_model", "ranks", "YQ== 0\nYg== 1\nYWI= 2\nIA== 3\n")
    for case in json.loads((text / "side-files/cases.json").read_text()):
        if case["name"] not in ("qwen2-decoder", "qwen2-appended", "gpt2-bos", "llama-added-legacy", "llama-decoder-new"):
            continue
        files = [case["files"].get(f"{name}.json") for name in ("special_tokens_map", "added_tokens", "tokenizer_config")]
        seed("tokenizer_side_files", case["name"], b"\0".join(json.dumps(file or {}).encode() for file in files))


def packed_model():
    for choice, name in enumerate(("manifest", "config", "header")):
        seed("packed_model", f"{name}-good", bytes([choice]))
        seed("packed_model", f"{name}-patched", bytes([choice]) + patch(40, b"0") + patch(200, b"\"-1"))
        seed("packed_model", f"{name}-small", bytes([choice]) + b"{}")
    config = json.loads((FIXTURES / "model/qwen2-f32/config.json").read_text())
    config["quantization_config"] = {"quant_method": "mixllm", "format_version": 1, "group_size": 32}
    seed("packed_model", "config-whole", b"\x01" + json.dumps(config).encode())
    seed("packed_model", "manifest-whole", b"\x00" + json.dumps(
        {"format_version": 1, "files": {"config.json": {"bytes": 3, "sha256": "0" * 64}},
         "tensors": {"a": {"file": "model.safetensors", "dtype": "U8", "shape": [1], "sha256": "0" * 64}}}).encode())


def experiment_database():
    seed("experiment_database", "good", b"")
    seed("experiment_database", "patched-header", patch(18, b"\x02\x02") + patch(68, b"\x00\x00\x00\x07"))
    seed("experiment_database", "patched-page", patch(4096, b"\x0d\x00\x00\x00\x02") + patch(9000, b"\xff" * 40))
    seed("experiment_database", "only-a-header", b"SQLite format 3\x00" + bytes(84))


def worker():
    lines = [{"id": 1, "op": "tokenize", "model": "gpt2", "text": "a b"}, {"op": "cancel", "id": 1},
             {"id": "x", "op": "inspect", "model": "qwen2", "scan": True}, {"id": 3, "op": "devices"}, {"op": "shutdown"}]
    seed("worker", "operations", "".join(json.dumps(line) + "\n" for line in lines))
    seed("worker", "not-requests", "\n{}\n[]\n7\n{\"id\":[]}\n{\"id\":1,\"op\":5}\n\xff\n")
    seed("worker", "wrong-types", "".join(json.dumps({"id": i, "op": op, "model": value}) + "\n" for i, (op, value) in enumerate(
        [("evaluate", 7), ("verify", None), ("generate", ""), ("experiments", []), ("nothing", "")])))


def corpus():
    prose = "The sea was caf\u00e9.\n\nA second paragraph, 1234.\n" * 3
    lines = "".join(json.dumps({"text": prose, "n": i}) + "\n" for i in range(2))
    for choice, name, data in ((0, "txt", prose.encode()), (1, "jsonl", lines.encode()),
                               (2, "jsonl-gz", gzip.compress(lines.encode(), mtime=0)),
                               (3, "txt-gz", gzip.compress(prose.encode(), mtime=0)), (8, "txt-model", prose.encode()),
                               (1, "broken-line", (lines + "{\"text\": 5}\n{").encode()), (4, "cut", b"\xef\xbb\xbfa\xe4\xbd")):
        seed("corpus", name, bytes([choice]) + data)


def main():
    for make in (safetensors, index_and_config, tokenizers, packed_model, experiment_database, worker, corpus):
        make()


if __name__ == "__main__":
    main()
