// SPDX-License-Identifier: Apache-2.0
// How fast a tokenizer reads and writes a text. Arguments: a model directory and a text file.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>

#include "core/base/file.h"
#include "core/text/tokenizer.h"

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  if (argc != 3) return 2;
  const auto start = Clock::now();
  const auto tokenizer = salient::Tokenizer::load(argv[1]);
  const auto text = salient::read_text_file(argv[2], std::uint64_t{1} << 30);
  if (!tokenizer || !text) {
    fmt::print(stderr, "{}\n", (tokenizer ? text.error() : tokenizer.error()).to_string());
    return 1;
  }
  const auto loaded = Clock::now();
  const auto ids = (*tokenizer)->encode(*text, false);
  const auto encoded = Clock::now();
  if (!ids) return 1;
  const auto decoded_text = (*tokenizer)->decode(*ids, false);
  const auto decoded = Clock::now();
  if (!decoded_text) return 1;
  const auto seconds = [](auto from, auto to) { return std::chrono::duration<double>(to - from).count(); };
  const double megabytes = static_cast<double>(text->size()) / 1e6;
  fmt::print("{}: load {:.3f} s, {} tokens, encode {:.1f} MB/s, decode {:.1f} MB/s, text {}\n", (*tokenizer)->family(),
             seconds(start, loaded), ids->size(), megabytes / seconds(loaded, encoded),
             megabytes / seconds(encoded, decoded), *decoded_text == *text ? "restored" : "changed");
  return 0;
}
