// SPDX-License-Identifier: Apache-2.0
// Writes a scores file for a model of any size without searching it: scores_generator FILE [MODEL_DIR]. Without a
// directory (of which config.json alone is read) the shapes are those of Llama 3.1 70B.
#include <fmt/format.h>

#include <filesystem>

#include "core/base/file.h"
#include "core/base/json.h"
#include "tests/bench/synthetic_scores.h"

namespace {

using namespace salient;

Status generate(const std::filesystem::path& target, const std::filesystem::path& model) {
  ModelConfig config = llama70b_config();
  if (!model.empty()) {
    const auto file = model / "config.json";
    SALIENT_ASSIGN(const std::string text, read_text_file(file, 1 << 20));
    SALIENT_ASSIGN(const Json json, parse_json(text, file.string()));
    std::vector<std::string> notes;
    SALIENT_ASSIGN(config, parse_model_config(json, file.string(), notes));
  }
  const SalienceScores scores = synthetic_scores(config, 1);
  SALIENT_CHECK(save_scores(scores, target));
  fmt::print("{}: {} output features in {} linears\n", target.string(), scores.features(), scores.linears.size());
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    fmt::print(stderr, "usage: scores_generator FILE [MODEL_DIR]\n");
    return 2;
  }
  const auto status = generate(argv[1], argc > 2 ? argv[2] : "");
  if (status) return 0;
  fmt::print(stderr, "{}\n", status.error().to_string());
  return 1;
}
