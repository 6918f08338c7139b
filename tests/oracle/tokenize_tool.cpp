// SPDX-License-Identifier: Apache-2.0
// Drives a tokenizer for the parity scripts. Arguments: a model directory. Each line in is a JSON object
// {"text": …}, each line out {"special": ids, "plain": ids, "decoded": text, "skipped": text} or {"error": …}.
#include <cstdio>
#include <iostream>
#include <string>

#include "core/base/json.h"
#include "core/text/tokenizer.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto tokenizer = salient::Tokenizer::load(argv[1]);
  if (!tokenizer) {
    std::cerr << tokenizer.error().to_string() << '\n';
    return 1;
  }
  for (std::string line; std::getline(std::cin, line);) {
    const auto request = salient::parse_json(line, "stdin");
    if (!request) return 1;
    const auto text = (*request)["text"].get<std::string>();
    const auto special = (*tokenizer)->encode(text, true);
    const auto plain = (*tokenizer)->encode(text, false);
    salient::Json reply;
    if (!special || !plain) {
      reply["error"] = (special ? plain : special).error().to_string();
    } else {
      const auto decoded = (*tokenizer)->decode(*special, false);
      const auto skipped = (*tokenizer)->decode(*special, true);
      if (!decoded || !skipped) return 1;
      reply = {{"special", *special}, {"plain", *plain}, {"decoded", *decoded}, {"skipped", *skipped}};
    }
    std::cout << reply.dump() << '\n';
  }
  return 0;
}
