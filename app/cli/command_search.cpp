// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/cli/describe.h"
#include "app/cli/recipe_options.h"
#include "core/base/format.h"

namespace salient::cli {
namespace {

class Search final : public Command {
 public:
  explicit Search(CLI::App& parent)
      : Command(parent, "search", "Measure the salience of every output feature; budgets come later, from the scores") {
    add_model_argument(options_, "A 16-bit model in Hugging Face's layout");
    options_.text({"--calibration", "FILE", "Text to calibrate with: .txt, .jsonl or .jsonl.gz", "", true});
    options_.text({"--scores", "FILE", "Where the scores go", "", true});
    add_calibration_options(options_);
    add_search_options(options_);
    add_group_option(options_);
    add_job_options(options_);
    add_common_options();
    examples(
        "  salient search ~/models/Llama-3.2-1B --calibration train.txt --scores model.scores\n"
        "  salient search DIR --calibration c4.jsonl.gz --samples 64 --length 1024 --scores model.scores");
  }

  std::string describe(const Json& result, const Style& style) const override {
    if (result.contains("memory_available")) return preflight_text(result, style);
    Facts lines{{"scores", word(result, "scores")}};
    if (result.contains("features")) lines.emplace_back("features", format_count(count(result, "features")));
    if (result.contains("mean_loss")) {
      lines.emplace_back("mean loss of the calibration text",
                         fmt::format("{:.4f} nats a token", number(result, "mean_loss")));
    }
    std::string text = facts(lines, style);
    if (result.contains("stages")) text += "\n" + stages_text(result["stages"], style);
    return text;
  }

  std::string hint(const Json& result) const override {
    if (!result.contains("scores")) return {};
    return "next: salient quantize DIR --scores " + word(result, "scores") + " --percent 10 --output DIR";
  }

 private:
  Json fixed() const override { return {{"op", "search"}}; }
};

}  // namespace

void add_search(CLI::App& parent, Commands& commands) {
  commands.push_back(std::make_unique<Search>(parent));
}

}  // namespace salient::cli
