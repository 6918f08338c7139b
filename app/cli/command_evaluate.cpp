// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/cli/describe.h"
#include "app/cli/recipe_options.h"

namespace salient::cli {
namespace {

class Evaluate final : public Command {
 public:
  explicit Evaluate(CLI::App& parent)
      : Command(parent, "evaluate", "Measure perplexity, and divergence and agreement against another model") {
    add_model_argument(options_, "A model, 16-bit or packed");
    options_.text({"--text", "FILE", "Text to measure on: .txt, .jsonl or .jsonl.gz", "", true});
    options_.text({"--against", "DIR", "The reference for KL divergence and agreement, usually the 16-bit model"});
    options_.integer({"--length", "N", "Tokens of a window", "2048"});
    options_.integer({"--windows", "N", "Windows, from the beginning of the text; 0 takes all", "0"});
    options_.text({"--key,--json-key", "KEY", "Which key of a .jsonl line holds the text", "text"});
    options_.flag(
        {"--simulate", "", "Packed models: compute with dequantized weights in float, not with the integers"});
    add_scales_option(options_);
    add_common_options();
    examples(
        "  salient evaluate p10 --text test.txt --against DIR\n"
        "  salient evaluate p10 --text test.txt --scales folded --against p10\n"
        "  salient evaluate DIR --text c4.jsonl.gz --key text --windows 20 --json | jq .perplexity");
  }

  std::string describe(const Json& result, const Style& style) const override {
    std::string text = style.heading(word(result, "model")) + "\n";
    if (result.contains("against")) {
      text += evaluations_text({{word(result, "against"), &result["reference"]}, {"this", &result}}, "other", style);
    } else {
      text += evaluations_text({{"", &result}}, "", style);
    }
    Facts lines = size_facts(result);
    if (result.contains("scales")) lines.emplace_back("scales", word(result, "scales"));
    const std::string size = facts(lines, style);
    if (!size.empty()) text += "\n" + size;
    if (result["recorded"].is_object()) {
      return text + fmt::format("\nkept with experiment {}\n", count(result["recorded"], "experiment"));
    }
    return text + "\nnot recorded: " + word(result, "not_recorded") + "\n";
  }

  std::string hint(const Json& result) const override {
    if (result.contains("against")) return {};
    return "next: add --against DIR to see how far this model is from another one";
  }

 private:
  Json fixed() const override { return {{"op", "evaluate"}}; }
};

}  // namespace

void add_evaluate(CLI::App& parent, Commands& commands) {
  commands.push_back(std::make_unique<Evaluate>(parent));
}

}  // namespace salient::cli
