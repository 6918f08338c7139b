#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares this project's tokenizers with Hugging Face tokenizers on random strings.

    parity_tokenizers.py TOOL DATA [--strings 100000] [--families gpt2,llama-3,...] [--seed 0]

TOOL is the built program tokenize_tool; DATA a directory with tokenizers/ and models/ as the development data
has them. Ids with and without special tokens and both decodings must be equal; differences are counted, the
first few shown. For tokenizer.model the reference is SentencePiece's own Python module."""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

LLAMA3_WORDS = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
                r"|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN2_WORDS = LLAMA3_WORDS.replace("{1,3}", "")

WORDS = ("the of and don't I'LL we've THEY'RE it'ſ naïve café straße ΑΣ ς İstanbul ĳ ﬁne Ångström e\u0301 "
         "co\u0308perate 東京 你好 안녕 \u1112\u1161\u11ab हिन्दी العربية עברית ไทย ქართული ελληνικά русский "
         "12345 3.14 ٣٤٥ ⅷ ½ 1,000,000 0x1F \ufb03 \u212b Å").split(" ")
CODE = ["for (int i = 0; i < n; ++i) {\n\tx += y[i];\n}\n", "def f(x):\n    return x ** 2\n\n", "<a href=\"#\">",
        "\\frac{1}{2}", "a.b->c::d", "{{}}[[]]()", "#include <x>\r\n", "https://example.org/?q=1&r=%20", "!!!???...",
        "----====____", "\t\t\tif\t", "// -*- x -*-", "'''\"\"\"", "'s 't 're 've 'm 'll 'd 'S 'LL"]
EMOJI = ["🙂", "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇩🇪", "❤️", "☺", "1️⃣", "🧑🏿‍🚀", "©️", "\U0001fae8"]
SPACES = [" ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\u00a0", "\u2003", "\u2009", "\u200a", "\u3000", "\u0085",
          "\u2028", "\u2029", "\u202f", "\u205f", "\u1680", "\u180e", "\u200b", "\ufeff", "\x0b", "\x0c", "\x1c",
          "\n\n", " \n", "\n "]
MARKS = [chr(c) for c in list(range(0x300, 0x34F)) + [0x5B0, 0x64B, 0x93C, 0x94D, 0xE31, 0x20D0, 0x3099, 0xFE0F, 0x200D]]
RANGES = [(0x20, 0x7E), (0xA0, 0x24F), (0x250, 0x2AF), (0x370, 0x3FF), (0x400, 0x52F), (0x531, 0x58A), (0x5D0, 0x5EA),
          (0x600, 0x6FF), (0x900, 0x97F), (0xE00, 0xE5B), (0x10A0, 0x10FF), (0x1100, 0x11FF), (0x1E00, 0x1FFF),
          (0x2000, 0x2BFF), (0x3000, 0x30FF), (0x4E00, 0x9FFF), (0xA720, 0xA7FF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF),
          (0xFB00, 0xFFEF), (0x10000, 0x10FFF), (0x1D400, 0x1D7FF), (0x1F000, 0x1FAFF), (0x20000, 0x323AF)]


def random_string(rng, specials):
    """A text of a few random fragments of different kinds."""
    def one():
        kind = rng.randrange(12)
        if kind <= 1:
            return rng.choice(WORDS)
        if kind == 2:
            return rng.choice(SPACES) * rng.choice([1, 1, 1, 2, 3, 7])
        if kind == 3:
            low, high = rng.choice(RANGES)
            return "".join(chr(rng.randint(low, high)) for _ in range(rng.randint(1, 8)))
        if kind == 4:
            return rng.choice(EMOJI)
        if kind == 5:
            return rng.choice(WORDS) + "".join(rng.choice(MARKS) for _ in range(rng.randint(1, 3)))
        if kind == 6:
            return "".join(chr(rng.choice([rng.randrange(32), rng.randrange(127, 160)])) for _ in range(rng.randint(1, 3)))
        if kind == 7:
            return "".join(rng.choice("0123456789") for _ in range(rng.randint(1, 9)))
        if kind == 8:
            return rng.choice(CODE)
        if kind == 9 and specials:
            return rng.choice(["", " ", "\n", "  "]) + rng.choice(specials) + rng.choice(["", " ", "x"])
        if kind == 10:
            code = rng.randrange(0x110000)
            return chr(code) if not 0xD800 <= code < 0xE000 else "\ufffd"
        return "".join(rng.choice("abcdefghijklmnopqrstuvwxyzABCXYZ") for _ in range(rng.randint(1, 10)))

    fragments = [one() + (" " if rng.random() < 0.4 else "") for _ in range(rng.randint(1, 12))]
    if rng.random() < 0.003:  # very long runs
        fragments.append(rng.choice(["a", " ", "ab", "0", "\n", "é", "東", "▁", "=", "🙂"]) * rng.randint(500, 3000))
    return "".join(fragments)


def llama3_directory(data, target):
    """tokenizer.json of Llama 3 from its vocabulary and merges, as the published one is built."""
    source = data / "tokenizers/llama-3"
    config = json.loads((source / "Llama-3.2-1B/tokenizer_config.json").read_text())
    merges = [line for line in (source / "vocab.bpe").read_text().split("\n") if line and not line.startswith("#version")]
    added = [dict(token, id=int(number)) for number, token in config["added_tokens_decoder"].items()]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    bos = "<|begin_of_text|>"
    document = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": LLAMA3_WORDS}, "behavior": "Isolated", "invert": False}, byte_level]},
        "post_processor": {"type": "Sequence", "processors": [
            dict(byte_level, trim_offsets=False, use_regex=True),
            {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": bos, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
             "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
             "special_tokens": {bos: {"id": bos, "ids": [128000], "tokens": [bos]}}}]},
        "decoder": dict(byte_level, use_regex=True),
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": True,
                  "vocab": json.loads((source / "encoder.json").read_text()), "merges": merges}}
    target.mkdir(parents=True, exist_ok=True)
    (target / "tokenizer.json").write_text(json.dumps(document, ensure_ascii=False))
    return target


def rank_directory(data, target):
    """Llama 3 as its rank file and configuration alone."""
    target.mkdir(parents=True, exist_ok=True)
    for name, source in (("tokenizer.model", "tokenizer.model"), ("tokenizer_config.json", "Llama-3.2-1B/tokenizer_config.json")):
        (target / name).write_bytes((data / "tokenizers/llama-3" / source).read_bytes())
    return target


def model_directory(data, target, name, file):
    """A SentencePiece model alone."""
    target.mkdir(parents=True, exist_ok=True)
    (target / "tokenizer.model").write_bytes((data / "tokenizers" / name / file).read_bytes())
    return target


def qwen2_reference(directory):
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
    tokenizer = Tokenizer(models.BPE.from_file(str(directory / "vocab.json"), str(directory / "merges.txt")))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(QWEN2_WORDS), "isolated"), pre_tokenizers.ByteLevel(False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    entries = json.loads((directory / "tokenizer_config.json").read_text())["added_tokens_decoder"]
    for number, token in sorted(entries.items(), key=lambda item: int(item[0])):
        added = AddedToken(**{key: value for key, value in token.items() if key != "__type"})
        tokenizer.add_special_tokens([added]) if token["special"] else tokenizer.add_tokens([added])
        assert tokenizer.token_to_id(token["content"]) == int(number)
    return tokenizer


class SentencePieceReference:
    """The Python module, with BOS in front; decoding is compared for texts without special tokens only."""

    def __init__(self, path):
        import sentencepiece
        self.processor = sentencepiece.SentencePieceProcessor(model_file=str(path))

    def answer(self, text):
        ids = self.processor.encode(text)
        return {"special": [self.processor.bos_id()] + ids, "plain": ids}


class HuggingFaceReference:
    def __init__(self, tokenizer):
        self.tokenizer = tokenizer

    def answer(self, text):
        ids = self.tokenizer.encode(text).ids
        return {"special": ids, "plain": self.tokenizer.encode(text, add_special_tokens=False).ids,
                "decoded": self.tokenizer.decode(ids, skip_special_tokens=False),
                "skipped": self.tokenizer.decode(ids)}


def families(data, scratch):
    from tokenizers import Tokenizer
    def from_file(directory):
        return directory, lambda: HuggingFaceReference(Tokenizer.from_file(str(directory / "tokenizer.json")))
    llama3 = llama3_directory(data, scratch / "llama-3")
    table = {name: from_file(data / path) for name, path in
             (("gpt2", "tokenizers/gpt2"), ("llama-2", "tokenizers/llama-2"), ("mistral-v0.3", "tokenizers/mistral-v0.3"),
              ("english-26m", "models/english-26m"), ("sample-5m", "models/sample-5m"))}
    table["llama-3"] = from_file(llama3)
    table["llama-3-ranks"] = (rank_directory(data, scratch / "ranks"), table["llama-3"][1])
    qwen2 = data / "tokenizers/qwen2.5"
    table["qwen2.5"] = (qwen2, lambda: HuggingFaceReference(qwen2_reference(qwen2)))
    for name, folder, file in (("llama-2-model", "llama-2", "tokenizer.model"),
                               ("mistral-model", "mistral-v0.3", "tokenizer.model.v3")):
        directory = model_directory(data, scratch / name, folder, file)
        table[name] = (directory, lambda d=directory: SentencePieceReference(d / "tokenizer.model"))
    return table


def compare(name, tool, directory, reference, texts, shown=5):
    requests = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    run = subprocess.run([tool, str(directory)], input=requests.encode(), stdout=subprocess.PIPE, check=True)
    replies = run.stdout.decode().split("\n")
    assert len(replies) == len(texts) + 1, f"{name}: {len(replies)} replies"
    differences = 0
    for text, reply in zip(texts, replies):
        got, wanted = json.loads(reply), reference.answer(text)
        if any(got.get(key) != value for key, value in wanted.items()):
            differences += 1
            if differences <= shown:
                bad = [key for key, value in wanted.items() if got.get(key) != value]
                print(f"{name}: {text!r}\n  {bad}: {[got.get(k) for k in bad]}\n  reference {[wanted[k] for k in bad]}")
    return differences


def golden(data, tool, scratch):
    """Published ids: llama.cpp's vectors and the models' golden.json."""
    table = families(data, scratch)
    folder = data / "tokenizer-golden/llama.cpp"
    total = differences = 0
    cases = []
    for name, vectors in (("gpt2", "gpt-2"), ("llama-3", "llama-bpe"), ("qwen2.5", "qwen2"), ("llama-2", "llama-spm"),
                          ("llama-2-model", "llama-spm")):
        texts = (folder / f"ggml-vocab-{vectors}.gguf.inp").read_bytes().decode().split("\n__ggml_vocab_test__\n")
        ids = (folder / f"ggml-vocab-{vectors}.gguf.out").read_text().split("\n")
        cases.append((name, [(text, [int(i) for i in line.split()]) for text, line in zip(texts, ids)]))
    for name in ("sample-5m", "english-26m"):
        wanted = json.loads((data / f"models/{name}/golden.json").read_text())["encode"]
        cases.append((name, list(wanted.items())))
    for name, pairs in cases:
        requests = "".join(json.dumps({"text": text}) + "\n" for text, _ in pairs)
        run = subprocess.run([tool, str(table[name][0])], input=requests.encode(), stdout=subprocess.PIPE, check=True)
        for (text, ids), reply in zip(pairs, run.stdout.decode().split("\n")):
            total += 1
            if json.loads(reply)["plain"] != ids:
                differences += 1
                print(f"{name}: {text!r}: {json.loads(reply)['plain']}, published {ids}")
    print(f"published vectors: {total} texts, {differences} differences")
    return differences


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--strings", type=int, default=100000)
    parser.add_argument("--families", default="")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        failed += golden(options.data, options.tool, pathlib.Path(scratch))
        table = families(options.data, pathlib.Path(scratch))
        wanted = options.families.split(",") if options.families else list(table)
        for name in wanted:
            directory, make = table[name]
            reference = make()
            # SentencePiece itself does not look for special tokens in a text.
            spm = isinstance(reference, SentencePieceReference)
            specials = []
            if not spm:
                specials = [token.content for token in reference.tokenizer.get_added_tokens_decoder().values()]
            rng = random.Random(f"{options.seed} {name}")
            differences = done = 0
            while done < options.strings:
                count = min(5000, options.strings - done)
                texts = [random_string(rng, specials) for _ in range(count)]
                differences += compare(name, options.tool, directory, reference, texts)
                done += count
            print(f"{name}: {done} strings, {differences} differences", flush=True)
            failed += differences
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
