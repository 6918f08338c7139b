// SPDX-License-Identifier: Apache-2.0
// quantize and run: both end with a packed model and are told in the same way.
#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/cli/describe.h"
#include "app/cli/recipe_options.h"

namespace salient::cli {
namespace {

std::string packed_model_text(const Json& result, const Style& style) {
  if (result.contains("memory_available")) return preflight_text(result, style);
  std::string text = style.heading("Packed model") + "\n";
  Facts lines{{"directory", word(result, "output")}};
  if (result.contains("experiment")) lines.emplace_back("experiment", std::to_string(count(result, "experiment")));
  for (auto& line : size_facts(result))
    lines.push_back(std::move(line));
  text += facts(lines, style);
  text += bit_map_text(result["linears"], result.contains("uniform_bits"), style);
  if (result.contains("quantized")) {
    text += "\n" + style.heading("Evaluation") + "\n";
    text += evaluations_text({{"16 bit", &result["reference"]}, {"quantized", &result["quantized"]}}, "16 bit", style);
  }
  if (result.contains("stages")) text += "\n" + style.heading("Time") + "\n" + stages_text(result["stages"], style);
  if (result.contains("notes") && !result["notes"].empty()) text += "\n" + notes_text(result["notes"]);
  return text;
}

class Quantize final : public Command {
 public:
  explicit Quantize(CLI::App& parent)
      : Command(parent, "quantize", "Quantize a model to a budget, from the scores of a search") {
    add_model_argument(options_, "The 16-bit model that was searched");
    options_.text({"--scores", "FILE", "The scores of a search; not needed for --percent 0 and 100 or --uniform"});
    options_.text({"--output", "DIR", "Where the packed model goes", "", true});
    add_budget_options(options_);
    add_allocation_options(options_);
    add_quantization_options(options_);
    add_group_option(options_);
    add_calibration_options(options_);
    options_.text({"--calibration", "FILE", "Calibrate with this text instead of the windows kept with the scores"});
    add_evaluation_options(options_);
    options_.text({"--evaluation", "FILE", "Measure the packed and the 16-bit model on this text as well"});
    add_job_options(options_);
    add_common_options();
    examples(
        "  salient quantize DIR --scores model.scores --percent 10 --output p10\n"
        "  salient quantize DIR --scores model.scores --size 900MiB --rank density --output s900\n"
        "  salient quantize DIR --calibration train.txt --uniform 4 --method rtn --output rtn4");
  }

  std::string describe(const Json& result, const Style& style) const override {
    return packed_model_text(result, style);
  }
  std::string hint(const Json& result) const override {
    if (!result.contains("output") || result.contains("quantized")) return {};
    return "next: salient evaluate " + word(result, "output") + " --text FILE --against DIR";
  }

 private:
  Json fixed() const override { return {{"op", "quantize"}}; }
};

class Run final : public Command {
 public:
  explicit Run(CLI::App& parent)
      : Command(parent, "run", "The whole way: search, quantize, pack, evaluate 16-bit against quantized, record") {
    add_model_argument(options_, "A 16-bit model in Hugging Face's layout");
    options_.text({"--calibration", "FILE", "Text to calibrate with: .txt, .jsonl or .jsonl.gz", "", true});
    options_.text({"--evaluation", "FILE", "Text to evaluate on", "", true});
    options_.text({"--output", "DIR", "Where the packed model goes", "", true});
    options_.text({"--scores", "FILE", "Keep the scores here as well, for further budgets"});
    add_budget_options(options_);
    add_calibration_options(options_);
    add_search_options(options_);
    add_allocation_options(options_);
    add_quantization_options(options_);
    add_group_option(options_);
    add_evaluation_options(options_);
    add_job_options(options_);
    add_common_options();
    examples(
        "  salient run DIR --calibration train.txt --evaluation test.txt --percent 10 --output p10\n"
        "  salient run DIR --calibration train.txt --evaluation test.txt --size 4GiB --output s4 --preflight\n\n"
        "Ctrl-C stops where the same command goes on later.");
  }

  std::string describe(const Json& result, const Style& style) const override {
    return packed_model_text(result, style);
  }
  std::string hint(const Json& result) const override {
    if (!result.contains("output")) return {};
    std::string report = "salient report";
    if (result.contains("experiment")) report += " " + std::to_string(count(result, "experiment"));
    return "next: " + report + " --output report.html\n      salient generate " + word(result, "output") +
           " --prompt TEXT";
  }

 private:
  Json fixed() const override { return {{"op", "run"}}; }
};

}  // namespace

void add_quantize(CLI::App& parent, Commands& commands) {
  commands.push_back(std::make_unique<Quantize>(parent));
}
void add_run(CLI::App& parent, Commands& commands) {
  commands.push_back(std::make_unique<Run>(parent));
}

}  // namespace salient::cli
