// SPDX-License-Identifier: Apache-2.0
#include "app/cli/describe.h"

#include <fmt/format.h>

#include <array>
#include <map>

#include "core/base/format.h"
#include "core/model/linear_id.h"

namespace salient::cli {
namespace {

constexpr std::size_t kCellBar = 4;

/// The layer and the kind in "model.layers.3.self_attn.q_proj".
bool split_linear_name(const std::string& name, std::int64_t& layer, std::size_t& kind) {
  static constexpr std::string_view prefix = "model.layers.";
  if (name.rfind(prefix, 0) != 0) return false;
  layer = std::strtoll(name.c_str() + prefix.size(), nullptr, 10);
  for (kind = 0; kind < kLinearKinds.size(); ++kind) {
    if (linear_name({static_cast<std::int32_t>(layer), kLinearKinds[kind]}) == name) return true;
  }
  return false;
}

struct Share {
  double rows = 0;
  double rows8 = 0;
  void add(const Share& other) {
    rows += other.rows;
    rows8 += other.rows8;
  }
};

std::string share_cell(const Share& share, const Style& style) {
  if (share.rows == 0) return {};
  const double part = share.rows8 / share.rows;
  return fmt::format("{} {:3.0f}%", bar(part, kCellBar, style), 100 * part);
}

std::string with_error(const Json& evaluation, const char* key, const char* error_key, int decimals) {
  if (!evaluation.contains(key)) return {};
  std::string text = fmt::format("{:.{}f}", number(evaluation, key), decimals);
  if (evaluation.contains(error_key)) text += fmt::format(" ± {:.{}f}", number(evaluation, error_key), decimals);
  return text;
}

std::string percentage(const Json& evaluation, const char* key) {
  return evaluation.contains(key) ? fmt::format("{:.2f} %", 100 * number(evaluation, key)) : std::string();
}

}  // namespace

double number(const Json& object, const char* key, double fallback) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : fallback;
}

std::int64_t count(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<std::int64_t>() : 0;
}

std::string word(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? printable(found->get<std::string>()) : std::string();
}

Facts size_facts(const Json& result) {
  Facts lines;
  if (result.contains("uniform_bits")) {
    lines.emplace_back("every row", fmt::format("{} bit", count(result, "uniform_bits")));
  } else if (result.contains("percent")) {
    lines.emplace_back("8-bit features", fmt::format("{:.4g} %", number(result, "percent")));
  }
  if (result.contains("payload_bits")) {
    lines.emplace_back("bits a weight", fmt::format("{:.3f} payload, {:.3f} effective", number(result, "payload_bits"),
                                                    number(result, "effective_bits")));
  }
  if (result.contains("bytes")) {
    const std::int64_t bytes = count(result, "bytes");
    lines.emplace_back(
        "linears", fmt::format("{} ({} bytes)", format_bytes(static_cast<std::uint64_t>(bytes)), format_count(bytes)));
  }
  return lines;
}

Facts export_facts(const Json& verification) {
  if (!verification.contains("logit_error")) return {{"checked", "every tensor and file is the packed model's"}};
  return {{"checked", fmt::format("{} files, {} linears, {} other tensors: every hash and every weight",
                                  count(verification, "files"), count(verification, "linears"),
                                  count(verification, "copied_tensors"))},
          {"weights' rounding", fmt::format("{:.2e} of their norm at most", number(verification, "rounding_error"))},
          {"logits", fmt::format("within {:.2e} of the packed weights', {} random tokens",
                                 number(verification, "logit_error"), count(verification, "tokens"))},
          {"against the engine",
           fmt::format("KL {} nats a token, top-1 {:.1f} %", format_significant(number(verification, "kl")),
                       100 * number(verification, "top1"))}};
}

std::string linears_text(const Json& linears, const Style& style) {
  std::map<std::int64_t, std::array<Share, kLinearKinds.size()>> layers;
  for (const Json& linear : linears) {
    std::int64_t layer = 0;
    std::size_t kind = 0;
    if (!split_linear_name(linear.value("name", ""), layer, kind)) continue;
    layers[layer][kind] = {number(linear, "rows"), number(linear, "rows8")};
  }
  std::vector<Table::Column> columns{{"layer", Align::right}};
  for (const LinearKind kind : kLinearKinds)
    columns.push_back({std::string(linear_kind_name(kind)), Align::right});
  columns.push_back({"all", Align::right});
  Table table(columns);
  std::array<Share, kLinearKinds.size()> totals{};
  const auto add_row = [&](const std::string& title, const std::array<Share, kLinearKinds.size()>& shares) {
    std::vector<std::string> cells{title};
    Share all;
    for (const Share& share : shares) {
      cells.push_back(share_cell(share, style));
      all.add(share);
    }
    cells.push_back(all.rows > 0 ? fmt::format("{:.1f}%", 100 * all.rows8 / all.rows) : "");
    table.row(std::move(cells));
  };
  for (const auto& [layer, shares] : layers) {
    add_row(std::to_string(layer), shares);
    for (std::size_t k = 0; k < shares.size(); ++k)
      totals[k].add(shares[k]);
  }
  if (layers.size() > 1) add_row("all", totals);
  return table.render(style, 2);
}

std::string bit_map_text(const Json& linears, bool uniform, const Style& style) {
  if (uniform) return {};
  return "\n" + style.heading("8-bit features, percent of each linear") + "\n" + linears_text(linears, style);
}

std::string stages_text(const Json& stages, const Style& style) {
  double total = 0;
  for (const Json& stage : stages)
    total += number(stage, "seconds");
  Table table({{"", Align::left}, {"", Align::right}, {"", Align::left}});
  for (const Json& stage : stages) {
    const double seconds = number(stage, "seconds");
    table.row({word(stage, "name"), format_duration(seconds), bar(total > 0 ? seconds / total : 0, 20, style)});
  }
  table.row({"together", format_duration(total)});
  return table.render(style, 2);
}

std::string evaluations_text(const std::vector<NamedEvaluation>& evaluations, const std::string& reference,
                             const Style& style) {
  std::vector<Table::Column> columns{{"", Align::left}};
  for (const auto& named : evaluations)
    columns.push_back({named.name, Align::right});
  Table table(columns);
  const auto add_row = [&](const std::string& title, const auto& cell) {
    std::vector<std::string> cells{title};
    bool any = false;
    for (const auto& named : evaluations) {
      cells.push_back(cell(*named.evaluation));
      any = any || !cells.back().empty();
    }
    if (any) table.row(std::move(cells));
  };
  add_row("perplexity", [](const Json& e) { return with_error(e, "perplexity", "perplexity_stderr", 4); });
  add_row("KL(" + reference + "‖this), nats",
          [](const Json& e) { return with_error(e, "kl_forward", "kl_forward_stderr", 6); });
  add_row("KL(this‖" + reference + "), nats",
          [](const Json& e) { return with_error(e, "kl_reverse", "kl_reverse_stderr", 6); });
  add_row("same first token", [](const Json& e) { return percentage(e, "top1"); });
  add_row("overlap of first five", [](const Json& e) { return percentage(e, "top5"); });
  add_row("windows", [](const Json& e) { return e.contains("windows") ? format_count(count(e, "windows")) : ""; });
  add_row("predicted tokens",
          [](const Json& e) { return e.contains("tokens") ? format_count(count(e, "tokens")) : ""; });
  add_row("tokens a second", [](const Json& e) {
    return e.contains("tokens_per_second") ? format_significant(number(e, "tokens_per_second")) : "";
  });
  add_row("tokens a second, generating", [](const Json& e) {
    const char* key = "decode_tokens_per_second";
    return e.contains(key) ? format_significant(number(e, key)) : "";
  });
  return table.render(style, 2);
}

std::string preflight_text(const Json& preflight, const Style& style) {
  const auto bytes = [&](const char* key) { return format_bytes(static_cast<std::uint64_t>(count(preflight, key))); };
  Facts lines{{"memory", fmt::format("about {} of {} available", bytes("memory_bytes"), bytes("memory_available"))}};
  if (count(preflight, "disk_bytes") > 0) {
    lines.emplace_back("disk", fmt::format("about {} of {} free", bytes("disk_bytes"), bytes("disk_available")));
  }
  lines.emplace_back("time", "about " + format_duration(number(preflight, "seconds")));
  std::string text = facts(lines, style);
  const auto stages = preflight.find("stages");
  if (stages == preflight.end() || stages->empty()) return text;
  Table table({{"stage", Align::left}, {"memory", Align::right}, {"time", Align::right}});
  for (const Json& stage : *stages) {
    table.row({word(stage, "name"), format_bytes(static_cast<std::uint64_t>(count(stage, "memory_bytes"))),
               format_duration(number(stage, "seconds"))});
  }
  return text + "\n" + table.render(style, 2);
}

std::string notes_text(const Json& notes) {
  std::string text;
  for (const Json& note : notes) {
    if (note.is_string()) text += "  note: " + printable(note.get<std::string>()) + "\n";
  }
  return text;
}

}  // namespace salient::cli
