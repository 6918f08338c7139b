#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/oracle/fixtures/text: small tokenizers of each family, trained on the text below, and what
Hugging Face tokenizers (for tokenizer.model SentencePiece) say about a list of awkward strings. Tokenizers without a
tokenizer.json are compared with transformers' own in Python, which ended with its version 4: pip install
"transformers<5" tokenizers sentencepiece protobuf. With the argument side-files only those are made anew."""
import io
import json
import pathlib
import random
import shutil
import sys
import tempfile

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import GPT2Tokenizer, LlamaTokenizer, Qwen2Tokenizer

from parity_tokenizers import CODE, EMOJI, LLAMA3_WORDS, QWEN2_WORDS, SPACES, WORDS, random_string

TARGET = pathlib.Path(__file__).parent / "fixtures/text"
BOS, EOS = "<|begin|>", "<|end|>"

SENTENCES = """A mixed-precision model keeps a few of its output features in eight bits and the others in four.
The search looks at every linear layer once and asks how much the loss would change if a feature were rounded.
We don't round the embedding, they're small; you'll see that I've measured it, and that it isn't worth it.
def quantize(row, group=128):\n    scale = max(abs(x) for x in row) / 7\n    return [round(x / scale) for x in row]
In 2024 there were 1,234,567 parameters in 12 layers, 3.5 bits each; 100 200 300 4000 50000.
Café, naïve, façade, Zürich, garçon, señor, Ångström: é è ê ë ü ö ä ß.
Привет, мир! Как дела? Всё хорошо. Γειά σου κόσμε. שלום עולם. 你好，世界。こんにちは世界。
The quick brown fox jumps over the lazy dog; the dog doesn't mind, and the fox won't stop."""

FIXED = ["", " ", "  ", "\n", "\n\n\n", " \n \n x", "Hello world", " Hello  world ", "don't DON'T 'ſ it'ſ we'LL",
         "<|begin|>text<|end|>", " <|end|> <|end|>", "<|en", "<|end|", "<s>a</s> b<unk>", "a<pad>b <pad> c", "xword word wordx",
         "  <left>  a  <right>  b", "é e\u0301 \u212b", "\ufb01ne", "\u1112\u1161\u11ab 한", "a\u0085b\u180ec\u200bd\u2028e",
         "12345 1 22 333 ½ ⅷ ٣٤", "\U00031350\U0001e4d0 \U00011f50", "\x00\x01\x7f", "▁a ▁▁b", "Ġa", "<0x41><0x0A>",
         "👩‍👩‍👧 🏳️‍🌈", "\ufffd\ufeff", "İstanbul ΑΣ", "a" * 100, " " * 80 + "x", "ab" * 60, "tab\tand\r\nend"]


def texts(count):
    rng = random.Random(7)
    return FIXED + [random_string(rng, [BOS, EOS, "<pad>", "word"]) for _ in range(count)]


def byte_bpe(vocab_size, special, words, normalizer=None, ignore_merges=False):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if normalizer:
        tokenizer.normalizer = normalizer
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=words is None)
    split = [pre_tokenizers.Split(Regex(words), "isolated")] if words else []
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(split + [byte_level]) if split else byte_level
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=vocab_size, special_tokens=special, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(SENTENCES.split("\n") * 3, trainer)
    return tokenizer


def gpt2():
    return byte_bpe(420, ["<|end|>"], None)


def llama3():
    tokenizer = byte_bpe(460, [], LLAMA3_WORDS, ignore_merges=True)
    tokenizer.add_special_tokens([BOS, EOS])
    tokenizer.add_tokens([AddedToken("<left>", lstrip=True), AddedToken("<right>", rstrip=True),
                          AddedToken("word", single_word=True), "<pad>"])
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(single=f"{BOS} $A {EOS}", special_tokens=[(BOS, tokenizer.token_to_id(BOS)),
                                                                               (EOS, tokenizer.token_to_id(EOS))])])
    return tokenizer


def qwen2():
    tokenizer = byte_bpe(440, [], QWEN2_WORDS, normalizer=normalizers.NFC())
    tokenizer.add_special_tokens(["<|endoftext|>", EOS])
    tokenizer.add_tokens([AddedToken("<pad>", normalized=False)])
    return tokenizer


def sentencepiece_model():
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES.split("\n") * 3), model_writer=model, model_type="bpe", vocab_size=560,
        byte_fallback=True, character_coverage=0.98, normalization_rule_name="identity", add_dummy_prefix=True,
        remove_extra_whitespaces=False, split_digits=True, allow_whitespace_only_pieces=True, minloglevel=2,
        num_threads=1)
    return model.getvalue()


def byte_fallback(processor, metaspace):
    """The SentencePiece model as tokenizer.json, in the older (normalizer) or the newer (Metaspace) form."""
    pieces = [processor.id_to_piece(i) for i in range(processor.get_piece_size())]
    ids = {piece: i for i, piece in enumerate(pieces)}
    merges = []
    for i, piece in enumerate(pieces):
        if processor.is_byte(i) or processor.is_control(i) or processor.is_unknown(i):
            continue
        merges += sorted((ids[piece], ids[piece[:k]], ids[piece[k:]]) for k in range(1, len(piece))
                         if piece[:k] in ids and piece[k:] in ids)
    tokenizer = Tokenizer(models.BPE(vocab=ids, merges=[(pieces[a], pieces[b]) for _, a, b in merges], unk_token="<unk>",
                                     fuse_unk=True, byte_fallback=True))
    if metaspace:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    else:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
                                           decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t in ("<unk>", "<s>", "</s>")])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


def variants():
    """One small vocabulary under every other pre-tokenizer, normalizer and decoder this project knows."""
    alphabet = sorted(set("".join(FIXED + WORDS + CODE)) | set(" ▁abcdefghijklmnopqrstuvwxyz"))
    vocab = {c: i for i, c in enumerate(["<unk>"] + alphabet)}
    merges = []
    for pair in ("t h", "th e", "a b", "o r", "1 2", "12 3", "▁ a", "' s", "l l", "= =", "a a", "aa aa", ". ."):
        left, right = pair.split(" ")
        vocab.setdefault(left + right, len(vocab))
        merges.append((left, right))
    p, n = pre_tokenizers, normalizers
    splits = {f"split-{behavior}{'-invert' if invert else ''}": p.Split(Regex(r"\d+|[a-c]"), behavior, invert)
              for behavior in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous")
              for invert in (False, True)}
    made = {"digits": p.Digits(False), "digits-individual": p.Digits(True), "punctuation": p.Punctuation(),
            "whitespace": p.Whitespace(), "whitespace-split": p.WhitespaceSplit(), "string": p.Split("ab", "isolated"),
            "delimiter": p.CharDelimiterSplit("a"), "metaspace-always": p.Metaspace(prepend_scheme="always"),
            "metaspace-never": p.Metaspace(prepend_scheme="never"), "metaspace-first": p.Metaspace(prepend_scheme="first"),
            "mixed": p.Sequence([p.Digits(True), p.Punctuation("merged_with_next"), p.Metaspace()]), **splits,
            "nfd": n.NFD(), "nfkc": n.NFKC(), "nfkd": n.NFKD(), "lower": n.Lowercase(), "strip": n.Strip(),
            "replace-regex": n.Replace(Regex(r"\s+"), "a"), "nfkc-lower": n.Sequence([n.NFKC(), n.Lowercase()])}
    for name, part in made.items():
        fuse = name in ("punctuation", "nfd")
        tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges, unk_token="<unk>", fuse_unk=fuse))
        if isinstance(part, normalizers.Normalizer):
            tokenizer.normalizer = part
        else:
            tokenizer.pre_tokenizer = part
        tokenizer.decoder = decoders.Metaspace() if name == "metaspace-always" else decoders.Fuse()
        tokenizer.add_tokens([AddedToken("the", normalized=True), AddedToken("</s>", normalized=False)])
        yield name, tokenizer


def answers(tokenizer, strings):
    result = []
    for text in strings:
        ids = tokenizer.encode(text).ids
        result.append([text, ids, tokenizer.encode(text, add_special_tokens=False).ids,
                       tokenizer.decode(ids, skip_special_tokens=False), tokenizer.decode(ids)])
    return result


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(item, ensure_ascii=False, separators=(",", ":")) for item in value)
    path.write_text(f"[\n{lines}\n]\n")


def save(tokenizer, name, strings):
    folder = TARGET / name
    folder.mkdir(parents=True, exist_ok=True)
    document = json.loads(tokenizer.to_str())
    (folder / "tokenizer.json").write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n")
    write(folder / "golden.json", answers(tokenizer, strings))


# What may stand beside vocab.json and merges.txt or tokenizer.model: class, name, and the files.
MAP, ADDED, CONFIG = "special_tokens_map.json", "added_tokens.json", "tokenizer_config.json"
LEFT = {"content": "<left>", "lstrip": True, "rstrip": False, "normalized": False, "single_word": False, "special": False}
RIGHT = {"content": "<right>", "lstrip": False, "rstrip": True, "normalized": False, "single_word": False, "special": True}
SIDE_FILES = [
    (Qwen2Tokenizer, "qwen2-bare", {CONFIG: {}}),
    (Qwen2Tokenizer, "qwen2-added", {ADDED: {"<|endoftext|>": 440, "<|end|>": 441, "<pad>": 442},
                                     MAP: {"eos_token": "<|end|>", "pad_token": "<|endoftext|>"}, CONFIG: {}}),
    (Qwen2Tokenizer, "qwen2-appended", {MAP: {"pad_token": {"content": "<pad>", "lstrip": False, "rstrip": False,
                                                            "normalized": False, "single_word": False},
                                              "additional_special_tokens": ["<|begin|>", RIGHT]},
                                        CONFIG: {"additional_special_tokens": ["<|end|>"], "add_bos_token": True,
                                                 "bos_token": "<|begin|>"}}),
    (Qwen2Tokenizer, "qwen2-decoder", {ADDED: {"<left>": 441}, MAP: {"eos_token": "<pad>"},
                                       CONFIG: {"eos_token": "<|end|>", "added_tokens_decoder": {
                                           "440": {**RIGHT, "content": "<|endoftext|>"}, "441": LEFT, "442": RIGHT}}}),
    (GPT2Tokenizer, "gpt2-bare", {CONFIG: {}}),
    (GPT2Tokenizer, "gpt2-bos", {ADDED: {"<pad>": 441, "<|end|>": 440},
                                 MAP: {"bos_token": "<|end|>", "unk_token": "<|end|>", "pad_token": "<pad>"},
                                 CONFIG: {"add_bos_token": True, "add_eos_token": True, "eos_token": "<|end|>"}}),
    (GPT2Tokenizer, "gpt2-own-bos", {CONFIG: {"add_bos_token": True}}),
    *[(LlamaTokenizer, f"llama-{name}-{'legacy' if legacy else 'new'}",
       {**files, CONFIG: {**files.get(CONFIG, {}), "legacy": legacy}})
      for legacy in (True, False)
      for name, files in (
          ("bare", {}),
          ("added", {ADDED: {"<pad>": 560, "<|end|>": 561, "<left>": 562},
                     MAP: {"pad_token": "<pad>", "eos_token": "<|end|>"}, CONFIG: {"add_eos_token": True}}),
          ("appended", {MAP: {"pad_token": "<pad>", "bos_token": {**RIGHT, "content": "<s>"}},
                        CONFIG: {"add_bos_token": False, "additional_special_tokens": ["<|begin|>"]}}),
          ("decoder", {MAP: {"bos_token": "<pad>"}, CONFIG: {
              "bos_token": "<|begin|>", "add_bos_token": True, "add_eos_token": True, "eos_token": {**LEFT, "__type": "AddedToken"},
              "added_tokens_decoder": {"0": {**RIGHT, "content": "<unk>"}, "560": {**RIGHT, "content": "<|begin|>"},
                                       "561": LEFT, "562": {**LEFT, "content": "<|end|>", "lstrip": False}}}}),
          ("no-prefix", {CONFIG: {"add_prefix_space": False}}))]]


def side_files(strings):
    cases = []
    for made, name, files in SIDE_FILES:
        base = "llama2-model" if made is LlamaTokenizer else "qwen2-files"
        with tempfile.TemporaryDirectory() as directory:
            for file in ("tokenizer.model", "vocab.json", "merges.txt"):
                if (TARGET / base / file).exists():
                    shutil.copy(TARGET / base / file, directory)
            files = {**files, CONFIG: {"tokenizer_class": made.__name__, **files[CONFIG]}}
            for file, content in files.items():
                (pathlib.Path(directory) / file).write_text(json.dumps(content))
            tokenizer = made.from_pretrained(directory)
        rows = [[text, tokenizer.encode(text), tokenizer.encode(text, add_special_tokens=False)] for text in strings]
        cases.append({"name": name, "base": base, "files": files, "special": sorted(tokenizer.all_special_ids),
                      "rows": rows})
    write(TARGET / "side-files/cases.json", cases)


def main():
    short = [text for text in FIXED if 0 < len(text) < 40] + ["<pad><s>a", " <s>", "<left>a", "<right> b", "a <left>  <right> b",
                                                 "<|begin|> x <|end|>y", "</s>", "▁<s>▁", "<|endoftext|>a<|endoftext|> b"]
    if sys.argv[1:] == ["side-files"]:
        return side_files(short)
    strings = texts(40)
    save(gpt2(), "gpt2", strings)
    save(llama3(), "llama3", strings)
    tokenizer = qwen2()
    save(tokenizer, "qwen2", strings)
    folder = TARGET / "qwen2-files"  # the same as vocab.json and merges.txt
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.model.save(str(folder))
    added = {str(i): {"content": t.content, "lstrip": t.lstrip, "normalized": t.normalized, "rstrip": t.rstrip,
                      "single_word": t.single_word, "special": t.special}
             for i, t in tokenizer.get_added_tokens_decoder().items()}
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "Qwen2Tokenizer", "add_bos_token": False, "added_tokens_decoder": added}) + "\n")

    model = sentencepiece_model()
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    save(byte_fallback(processor, False), "llama2", strings)
    save(byte_fallback(processor, True), "mistral", strings)
    folder = TARGET / "llama2-model"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.model").write_bytes(model)
    write(folder / "golden.json", [[text, processor.encode(text)] for text in strings if "<s>" not in text])

    side_files(short)

    small = [text for text in FIXED if len(text) < 60] + texts(6)[-6:]
    base = None
    cases = []
    for name, tokenizer in variants():
        document = json.loads(tokenizer.to_str())
        base = base or document
        parts = {key: document[key] for key in ("normalizer", "pre_tokenizer", "decoder")}
        parts["fuse_unk"] = document["model"]["fuse_unk"]
        cases.append({"name": name, "parts": parts, "ids": [tokenizer.encode(text).ids for text in small],
                      "decoded": [tokenizer.decode(tokenizer.encode(text).ids) for text in small[10:20]]})
    (TARGET / "variants").mkdir(parents=True, exist_ok=True)
    (TARGET / "variants/tokenizer.json").write_text(json.dumps(base, ensure_ascii=False, separators=(",", ":")) + "\n")
    write(TARGET / "variants/texts.json", small)
    write(TARGET / "variants/cases.json", cases)


if __name__ == "__main__":
    main()
