#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares this project's safetensors reader with the reference one on mutated files.

Whatever the reference reader rejects must be rejected; whatever both accept must be described alike. What only this
reader rejects is counted by reason, since it is stricter on purpose (repeated names, control characters in names,
more than eight dimensions, unknown keys).

    differential_safetensors.py PROBE [--files 20000] [--seed 0]

PROBE is the program built by `ninja safetensors_probe`. Needs the Python package safetensors.
"""

import argparse
import collections
import json
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile

from safetensors import deserialize

DTYPES = {"BOOL": 8, "U8": 8, "I8": 8, "U16": 16, "I16": 16, "F16": 16, "BF16": 16, "U32": 32, "I32": 32, "F32": 32,
          "U64": 64, "I64": 64, "F64": 64, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F4": 4, "F6_E2M3": 6,
          "F6_E3M2": 6, "C64": 64, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8}
NUMBERS = ["0", "1", "-1", "-0", "1.0", "1e3", "1e99", "007", "4294967296", "4611686018427387904",
           "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616", "null", "\"1\"",
           "[1]", "{}"]
TOKENS = ["{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "\\u0061", "/", " ", "\n", "\0", "\x80",
          "\xff", "true", "__metadata__", "dtype", "shape", "data_offsets", "F32", "F4", "Q4", "é"]


def good(rng):
    """Header and data of a random good file."""
    header, data = {}, 0
    if rng.random() < 0.5:
        header["__metadata__"] = {f"k{i}": "v" * rng.randrange(4) for i in range(rng.randrange(3))}
    for i in range(rng.randrange(6)):
        dtype = rng.choice(list(DTYPES))
        shape = [rng.choice([0, 1, 2, 3, 4, 8]) for _ in range(rng.randrange(5))]
        if DTYPES[dtype] < 8:
            shape.append(4)
        bits = DTYPES[dtype]
        for dimension in shape:
            bits *= dimension
        header[f"t{i}"] = {"dtype": dtype, "shape": shape, "data_offsets": [data, data + bits // 8]}
        data += bits // 8
    return json.dumps(header, ensure_ascii=rng.random() < 0.5).encode(), bytes(rng.randrange(256) for _ in range(data))


def mutate(rng, header, data):
    """The bytes of a file with one to three faults, or none."""
    length = len(header)
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
        kind = rng.randrange(12)
        at = rng.randrange(len(header) + 1)
        if kind == 0:
            header = header[:at] + bytes([rng.randrange(256)]) + header[at + 1:]
        elif kind == 1:
            header = header[:at] + rng.choice(TOKENS).encode("latin-1") + header[at:]
        elif kind == 2:
            header = header[:at] + header[at + rng.randrange(1, 8):]
        elif kind in (3, 4, 5):
            numbers = list(re.finditer(rb"\d+", header))
            if numbers:
                found = rng.choice(numbers)
                value = rng.choice(NUMBERS) if kind == 3 else str(max(0, int(found[0]) + rng.choice([-2, -1, 1, 2, 8])))
                header = header[:found.start()] + value.encode() + header[found.end():]
        elif kind == 6:
            part = header[at:at + rng.randrange(1, 60)]
            header = header[:at] + part + header[at:]
        elif kind == 7:
            data = data[:rng.randrange(len(data) + 1)]
        elif kind == 8:
            data += bytes(rng.randrange(1, 9))
        elif kind == 9:
            header += rng.choice([b" ", b"\n", b"\t", b"\0", b"{}", b"x"]) * rng.randrange(1, 9)
        elif kind == 10:
            dtype = rng.choice(list(DTYPES) + ["f32", "F33", ""])
            header = re.sub(rb'"dtype": "\w+"', f'"dtype": "{dtype}"'.encode(), header, count=1)
        else:
            pairs = list(re.finditer(rb'"t\d": ', header))
            if pairs:
                found = rng.choice(pairs)
                header = header[:found.start()] + rng.choice([b'"t0": ', b'"": ', b'"__metadata__": ']) + header[found.end():]
        length = len(header)
        if rng.random() < 0.03:
            length = rng.choice([0, 1, length + 1, max(0, length - 1), 100_000_001, 2**63, 2**64 - 1, 2**64 - 8])
    contents = struct.pack("<Q", length) + header + data
    return contents[:rng.randrange(len(contents) + 1)] if rng.random() < 0.03 else contents


def reference(contents):
    """What the reference reader makes of it: a list of (name, dtype, shape, bytes), or None."""
    try:
        return sorted((name, t["dtype"], list(t["shape"]), len(t["data"])) for name, t in deserialize(contents))
    except Exception:
        return None


def own(line):
    if not line.startswith("ok"):
        return None
    fields = line.split("\t")[1:]
    return sorted((fields[i], fields[i + 1], json.loads(fields[i + 2]), int(fields[i + 4]) - int(fields[i + 3]))
                  for i in range(0, len(fields), 5))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("probe")
    parser.add_argument("--files", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    counts, stricter, wrong = collections.Counter(), collections.Counter(), 0
    probe = subprocess.Popen([options.probe], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                             encoding="utf-8", errors="surrogateescape")
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "file.safetensors"
        for number in range(options.files):
            contents = mutate(rng, *good(rng))
            path.write_bytes(contents)
            probe.stdin.write(f"{path}\n")
            probe.stdin.flush()
            line = probe.stdout.readline().rstrip("\n")
            if not line:
                sys.exit(f"file {number}: the probe died on {contents!r}")
            theirs, ours = reference(contents), own(line)
            if theirs is not None and ours is None:
                counts["only the reference accepts"] += 1
                stricter[re.sub(r"\d+|\".*\"", "#", line.split(": ", 2)[-1])[:90]] += 1
            elif ours is not None and ours != theirs:
                wrong += 1
                print(f"file {number}: accepted as {ours}, the reference says {theirs}\n  {contents!r}")
            else:
                counts["both accept" if ours is not None else "both reject"] += 1
    for what, count in counts.items():
        print(f"{count:7} {what}")
    for reason, count in stricter.most_common():
        print(f"        {count:5} {reason}")
    print(f"{wrong:7} accepted wrongly")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
