// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/cli/describe.h"
#include "app/cli/recipe_options.h"
#include "core/base/format.h"

namespace salient::cli {
namespace {

class Generate final : public Command {
 public:
  explicit Generate(CLI::App& parent) : Command(parent, "generate", "Continue a prompt; the text streams to stdout") {
    add_model_argument(options_, "A model, 16-bit or packed");
    options_.text({"--prompt", "TEXT", "What to continue", "", true});
    options_.integer({"--tokens", "N", "New tokens at most", "64"});
    options_.number({"--temperature", "T", "0 always takes the most likely token", "0"});
    options_.number({"--top-p", "P", "Sample from the most likely tokens that together have this probability", "1"});
    options_.integer({"--seed", "N", "Seed of the sampling", "0"});
    add_scales_option(options_);
    add_common_options();
    examples(
        "  salient generate p10 --prompt \"The sea was\" --tokens 64\n"
        "  salient generate p10 --prompt \"The sea was\" --temperature 0.8 --top-p 0.95 --seed 7");
  }

  bool streams_text() const override { return true; }
  std::string describe(const Json& /*result*/, const Style& /*style*/) const override { return "\n"; }
  std::string hint(const Json& result) const override {
    const std::int64_t tokens = count(result, "tokens");
    std::string text =
        fmt::format("{} tokens, {} a second; prompt of {} in {}", format_count(tokens),
                    format_significant(number(result, "tokens_per_second")),
                    format_count(count(result, "prompt_tokens")), format_duration(number(result, "prefill_seconds")));
    if (result.value("ended", false)) text += "; ended by the model";
    return text;
  }

 private:
  Json fixed() const override { return {{"op", "generate"}}; }
};

}  // namespace

void add_generate(CLI::App& parent, Commands& commands) {
  commands.push_back(std::make_unique<Generate>(parent));
}

}  // namespace salient::cli
