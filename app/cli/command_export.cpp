// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/cli/describe.h"
#include "app/cli/recipe_options.h"
#include "core/base/format.h"
#include "core/pack/export_model.h"

namespace salient::cli {
namespace {

std::string formats_help() {
  std::string text = "Formats:\n";
  for (const ExportFormatInfo& info : export_formats()) {
    text += fmt::format("  {}: {}\n    weights: {}\n    loses: {}\n    loaded by: {}\n", info.name, info.title,
                        info.keeps, info.loses, info.loaders);
  }
  return text;
}

class Export final : public Command {
 public:
  explicit Export(CLI::App& parent)
      : Command(parent, "export", "Write a packed model in a format that other programs load, and check it") {
    add_model_argument(options_, "A packed model");
    options_.text({"--format", "NAME", "mixllm, compressed-tensors, fp16, bf16 or fp32; see below", "", true});
    options_.text({"--output", "DIR", "Where the export goes", "", true});
    options_.no_flag({"--no-verify", "", "Do not read the export back and compare weights and logits"});
    options_.flag({"--preflight", "", "Only tell the size and the free space, then stop"});
    add_common_options();
    app_->footer(formats_help() +
                 "\nExamples:\n  salient export p10 --format fp16 --output p10-fp16\n"
                 "  salient export p10 --format compressed-tensors --output p10-ct --preflight");
  }

  std::string describe(const Json& result, const Style& style) const override {
    Facts lines{{"directory", word(result, "output")},
                {"format", word(result, "format")},
                {"size", format_bytes(static_cast<std::uint64_t>(count(result, "bytes")))},
                {"free space", format_bytes(static_cast<std::uint64_t>(count(result, "disk_available")))}};
    if (result.contains("linears4")) {
      lines.emplace_back("linears",
                         fmt::format("{} in 4 bit, {} in 8 bit", count(result, "linears4"), count(result, "linears8")));
    }
    lines.emplace_back("weights", word(result, "keeps"));
    lines.emplace_back("loses", word(result, "loses"));
    lines.emplace_back("loaded by", word(result, "loaders"));
    if (const auto check = result.find("verification"); check != result.end()) {
      for (auto& line : export_facts(*check))
        lines.push_back(std::move(line));
    }
    return style.heading("Export") + "\n" + facts(lines, style);
  }

 private:
  Json fixed() const override { return {{"op", "export"}}; }
};

}  // namespace

void add_export(CLI::App& parent, Commands& commands) {
  commands.push_back(std::make_unique<Export>(parent));
}

}  // namespace salient::cli
