// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/cli/describe.h"
#include "app/cli/recipe_options.h"
#include "core/base/format.h"

namespace salient::cli {
namespace {

class Verify final : public Command {
 public:
  explicit Verify(CLI::App& parent)
      : Command(parent, "verify",
                "Check every hash and every value of a packed model or an export, and compare it with its source") {
    add_model_argument(options_, "A packed model, or an export of one");
    options_.text(
        {"--against", "DIR",
         "The 16-bit model it was made from (copied tensors, weight errors, integer products), or another export "
         "(byte for byte); for an export in another format, the packed model it was made from"});
    add_common_options();
    examples("  salient verify p10\n  salient verify p10 --against ~/models/Llama-3.2-1B");
  }

  std::string describe(const Json& result, const Style& style) const override {
    if (result.contains("logit_error")) {
      return style.heading(word(result, "model")) + "\n" + facts(export_facts(result), style);
    }
    Facts lines{
        {"verified", fmt::format("{} tensors, {} linears, every hash and value", format_count(count(result, "tensors")),
                                 format_count(static_cast<std::int64_t>(result["linears"].size())))}};
    if (result.contains("copied_tensors")) {
      lines.emplace_back(
          "copied", fmt::format("{} tensors, equal to the source's", format_count(count(result, "copied_tensors"))));
    }
    if (result.contains("identical")) lines.emplace_back("identical", "every tensor and file of the other export");
    if (result.contains("weight_error")) {
      lines.emplace_back("weight error",
                         fmt::format("{:.4f} on average, {:.4f} at most ({})", number(result, "weight_error"),
                                     number(result, "weight_error_most"), word(result, "worst_linear")));
    }
    if (result.contains("engine_error")) {
      lines.emplace_back("integer engine", fmt::format("every product within {:.2e} of the float simulation's",
                                                       number(result, "engine_error")));
    }
    if (result.contains("engine_logit_error")) {
      lines.emplace_back("logits",
                         fmt::format("within {:.2e} of the float simulation's", number(result, "engine_logit_error")));
    }
    for (auto& line : size_facts(result))
      lines.push_back(std::move(line));
    return style.heading(word(result, "model")) + "\n" + facts(lines, style);
  }

 private:
  Json fixed() const override { return {{"op", "verify"}}; }
};

}  // namespace

void add_verify(CLI::App& parent, Commands& commands) {
  commands.push_back(std::make_unique<Verify>(parent));
}

}  // namespace salient::cli
