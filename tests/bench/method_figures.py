#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures what the method promises on one model, with the command line as a user would run it.

One search, then every budget, method and control from the same scores; each packed model is evaluated on the whole
text. Prints a Markdown table and says for each promise (METHOD figures: monotone in the budget, close to 16 bit at
p100, GPTQ with clip search better than round-to-nearest, global selection better than the controls) whether it held,
with the difference in nats a token and its standard error over the windows that both models saw.

    method_figures.py build/release/bin/salient MODEL --calibration train.txt --evaluation test.txt --work DIR

What is already in DIR is not computed again, so an interrupted measurement goes on where it was.
"""

import argparse
import json
import pathlib
import subprocess
import sys

PERCENTS = [0, 10, 20, 50, 100]


def configurations():
    """Name of the packed model → options of `salient quantize`."""
    table = {}
    for percent in PERCENTS:
        table[f"mixllm-p{percent}"] = ["--percent", percent]
    for percent in PERCENTS[:-1]:
        table[f"rtn-p{percent}"] = ["--percent", percent, "--method", "rtn"]
    table["rtn-random-p10"] = ["--percent", 10, "--method", "rtn", "--selection", "random"]
    table["rtn-per-layer-p10"] = ["--percent", 10, "--method", "rtn", "--selection", "per-layer"]
    return table


def difference(measured, other):
    """Mean of (measured − other) over the same windows, in nats a token, and its standard error."""
    differences = [a - b for a, b in zip(measured["window_nll"], other["window_nll"], strict=True)]
    count = len(differences)
    mean = sum(differences) / count
    spread = sum((d - mean) ** 2 for d in differences)
    return mean, (spread / (count - 1) / count) ** 0.5 if count > 1 else float("nan")


class Bench:
    def __init__(self, arguments):
        self.arguments = arguments
        self.work = pathlib.Path(arguments.work)
        self.work.mkdir(parents=True, exist_ok=True)

    def salient(self, *words):
        command = [self.arguments.salient, *map(str, words), "--device", self.arguments.device, "--json", "--progress", "none"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} ended with {done.returncode}")
        return json.loads(done.stdout)

    def kept(self, name, make):
        """The JSON result kept as NAME.json, made where it is missing."""
        path = self.work / f"{name}.json"
        if not path.exists():
            result = make()
            path.write_text(json.dumps(result))
        return json.loads(path.read_text())

    def search(self):
        a = self.arguments
        return self.kept("search", lambda: self.salient(
            "search", a.model, "--calibration", a.calibration, "--samples", a.samples, "--length", a.length,
            "--scores", self.work / "model.scores"))

    def measure(self, name, options):
        packed = self.work / name
        made = self.kept(f"{name}.quantize", lambda: self.salient(
            "quantize", self.arguments.model, "--scores", self.work / "model.scores", *options, "--output", packed,
            "--experiments", self.work / "experiments.db"))
        measured = self.kept(f"{name}.evaluate", lambda: self.salient(
            "evaluate", packed, "--text", self.arguments.evaluation, "--length", self.arguments.length))
        print(f"{name}: {measured['perplexity']:.4f}", file=sys.stderr)
        return made, measured

    def run(self):
        a = self.arguments
        self.search()
        reference = self.kept("reference.evaluate", lambda: self.salient(
            "evaluate", a.model, "--text", a.evaluation, "--length", a.length))
        rows = {name: self.measure(name, options) for name, options in configurations().items()}
        # Ranking by salience per byte, at the bytes that ranking by count used.
        size = rows["mixllm-p10"][0]["bytes"]
        rows["mixllm-density"] = self.measure("mixllm-density", ["--size", size, "--rank", "density"])

        print("| model | payload bits | effective bits | bytes | perplexity ± se | over 16 bit |")
        print("| --- | --- | --- | --- | --- | --- |")
        base = reference["perplexity"]
        print(f"| 16 bit | 16 | 16 | | {base:.4f} ± {reference['perplexity_stderr']:.2f} | |")
        for name, (made, measured) in rows.items():
            value = measured["perplexity"]
            print(f"| {name} | {made['payload_bits']:.3f} | {made['effective_bits']:.3f} | {made['bytes']} "
                  f"| {value:.4f} ± {measured['perplexity_stderr']:.2f} | {100 * (value / base - 1):+.3f} % |")

        measures = {name: measured for name, (_, measured) in rows.items()}

        def better(promise, pairs, equal=False):
            """Whether the first of each pair of models has the lower perplexity."""
            held = all(measures[a]["perplexity"] < measures[b]["perplexity"]
                       or (equal and measures[a]["perplexity"] == measures[b]["perplexity"]) for a, b in pairs)
            told = [difference(measures[a], measures[b]) for a, b in pairs]
            return held, f"{promise}: " + ", ".join(f"{mean:+.5f} ± {error:.5f}" for mean, error in told)

        away = abs(measures["mixllm-p100"]["perplexity"] / base - 1)
        promises = [
            better("perplexity falls strictly from p0 to p10, p20, p50, p100",
                   [(f"mixllm-p{high}", f"mixllm-p{low}") for low, high in zip(PERCENTS, PERCENTS[1:])]),
            (away < 0.003, f"p100 within 0.3 % of 16 bit: {100 * away:.3f} %"),
            better("GPTQ + clip better than RTN at p0, p10, p20, p50",
                   [(f"mixllm-p{p}", f"rtn-p{p}") for p in PERCENTS[:-1]]),
            better("RTN at p10: global better than random", [("rtn-p10", "rtn-random-p10")]),
            better("RTN at p10: global better than per layer", [("rtn-p10", "rtn-per-layer-p10")]),
            better("bytes-aware ranking no worse at equal bytes", [("mixllm-density", "mixllm-p10")], equal=True),
        ]
        print("\nDifferences in nats a token ± their standard error over the same windows:\n")
        for held, promise in promises:
            print(f"- {'yes' if held else 'NO'}: {promise}")
        return 0 if all(held for held, _ in promises) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("salient")
    parser.add_argument("model")
    parser.add_argument("--calibration", required=True)
    parser.add_argument("--evaluation", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--samples", type=int, default=128)
    parser.add_argument("--length", type=int, default=2048)
    parser.add_argument("--device", default="cpu")
    sys.exit(Bench(parser.parse_args()).run())


if __name__ == "__main__":
    main()
