// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/cli/describe.h"
#include "app/cli/recipe_options.h"
#include "core/base/format.h"

namespace salient::cli {
namespace {

std::string shape_text(const Json& shape) {
  std::string text;
  for (const Json& dimension : shape)
    text += (text.empty() ? "" : " × ") + format_count(dimension.get<std::int64_t>());
  return text.empty() ? "scalar" : text;
}

Facts model_facts(const Json& result) {
  const std::int64_t parameters = count(result, "parameters");
  const std::int64_t bytes = count(result, "tensor_bytes");
  Facts lines{{"architecture", word(result, "architecture")}, {"format", word(result, "format")}};
  if (result.contains("fingerprint")) lines.emplace_back("fingerprint", word(result, "fingerprint"));
  lines.emplace_back("parameters", fmt::format("{} in {} tensors", format_count(parameters),
                                               format_count(static_cast<std::int64_t>(result["tensors"].size()))));
  lines.emplace_back("files", fmt::format("{} in {} ({} bytes)", format_bytes(static_cast<std::uint64_t>(bytes)),
                                          format_count(count(result, "shards")), format_count(bytes)));
  const auto field = [&](const char* key) { return format_count(count(result["config"], key)); };
  lines.emplace_back("layers", fmt::format("{} of width {}, feed-forward {}", field("layers"), field("hidden_size"),
                                           field("intermediate_size")));
  lines.emplace_back("attention", fmt::format("{} heads of {}, {} for keys and values", field("heads"),
                                              field("head_dim"), field("kv_heads")));
  lines.emplace_back("vocabulary", fmt::format("{}{}", field("vocab_size"),
                                               result["config"].value("tied_embeddings", false) ? ", tied" : ""));
  lines.emplace_back("positions", field("max_positions"));
  if (result.contains("tokenizer")) {
    lines.emplace_back("tokenizer", fmt::format("{}, {} tokens", word(result["tokenizer"], "family"),
                                                format_count(count(result["tokenizer"], "vocab_size"))));
  }
  lines.emplace_back("to quantize", fmt::format("{} linears with {} output features and {} weights",
                                                format_count(static_cast<std::int64_t>(result["linears"].size())),
                                                format_count(count(result, "features")),
                                                format_count(count(result, "linear_weights"))));
  for (auto& line : size_facts(result))
    lines.push_back(std::move(line));
  return lines;
}

class Inspect final : public Command {
 public:
  explicit Inspect(CLI::App& parent)
      : Command(parent, "inspect", "Show what a model directory holds: architecture, tensors, tokenizer, warnings") {
    add_model_argument(options_, "A model in Hugging Face's layout, 16-bit or packed");
    options_.flag({"--tensors", "", "List every tensor", "", false, "", true});
    options_.no_flag({"--no-scan", "", "Read the headers only; by default all weights are read to find NaN and Inf", "",
                      false, "scan"});
    add_common_options();
    examples(
        "  salient inspect ~/models/Llama-3.2-1B\n"
        "  salient inspect ~/models/Llama-3.2-1B --no-scan --json | jq .config");
  }

  std::string describe(const Json& result, const Style& style) const override {
    std::string text = style.heading(word(result, "model")) + "\n" + facts(model_facts(result), style);
    if (result.contains("percent")) {
      text += bit_map_text(result["linears"], result.contains("uniform_bits"), style);
    }
    if (result.contains("estimate")) {
      text += "\n" + style.heading("The whole run with default settings") + "\n" +
              preflight_text(result["estimate"], style);
    }
    if (result.contains("scan")) text += "\n" + scan_text(result["scan"], style);
    if (options_.has("--tensors")) text += "\n" + tensors_text(result["tensors"], style);
    return text + notes_text(result["notes"]);
  }

 private:
  Json fixed() const override { return {{"op", "inspect"}, {"scan", true}}; }

  static std::string scan_text(const Json& scan, const Style& style) {
    std::string text = style.heading("Scan") + "\n" +
                       facts({{"values read", format_count(count(scan, "values"))},
                              {"NaN", format_count(count(scan, "nan"))},
                              {"Inf", format_count(count(scan, "inf"))}},
                             style);
    if (scan["tensors"].empty()) return text;
    Table table({{"tensor", Align::left}, {"NaN", Align::right}, {"Inf", Align::right}, {"first index", Align::right}});
    for (const Json& tensor : scan["tensors"]) {
      table.row({word(tensor, "name"), format_count(count(tensor, "nan")), format_count(count(tensor, "inf")),
                 format_count(count(tensor, "first"))});
    }
    return text + table.render(style, 2);
  }

  static std::string tensors_text(const Json& tensors, const Style& style) {
    Table table({{"tensor", Align::left},
                 {"type", Align::left},
                 {"shape", Align::right},
                 {"bytes", Align::right},
                 {"file", Align::left}});
    for (const Json& tensor : tensors) {
      table.row({word(tensor, "name"), word(tensor, "dtype"), shape_text(tensor["shape"]),
                 format_count(count(tensor, "bytes")), word(tensor, "file")});
    }
    return table.render(style);
  }

  std::string hint(const Json& result) const override {
    const std::string directory = word(result, "model");
    if (word(result, "format") == "packed") return "next: salient evaluate " + directory + " --text FILE";
    return "next: salient run " + directory + " --calibration FILE --evaluation FILE --percent 10 --output DIR";
  }
};

}  // namespace

void add_inspect(CLI::App& parent, Commands& commands) {
  commands.push_back(std::make_unique<Inspect>(parent));
}

}  // namespace salient::cli
