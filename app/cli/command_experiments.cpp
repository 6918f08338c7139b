// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/cli/command.h"
#include "app/cli/describe.h"
#include "core/base/format.h"

namespace salient::cli {
namespace {

/// The value of a metric in experiment_json(), absent as an empty string.
std::string metric(const Json& experiment, const std::string& model, const std::string& name, int decimals) {
  for (const Json& entry : experiment["metrics"]) {
    if (word(entry, "model") != model || word(entry, "name") != name) continue;
    std::string text = fmt::format("{:.{}f}", number(entry, "value"), decimals);
    if (entry.contains("stderr")) text += fmt::format(" ± {:.{}f}", number(entry, "stderr"), decimals);
    return text;
  }
  return {};
}

/// "mixllm, percent 10": what tells runs apart at a glance.
std::string budget_text(const Json& recipe) {
  const Json& allocation = recipe["allocation"];
  std::string text = word(recipe["quantization"], "method");
  if (allocation.contains("uniform")) return text + fmt::format(", uniform {:g}", number(allocation, "uniform"));
  return text + fmt::format(", {} {:g}", word(allocation, "budget"), number(allocation, "value"));
}

class ExperimentsCommand : public Command {
 public:
  ExperimentsCommand(CLI::App& parent, const std::string& action, const std::string& description)
      : Command(parent, action, description), action_(action) {}

 protected:
  void add_filters() {
    options_.text({"--status", "NAME", "Only those that are running, done, failed or cancelled"});
    options_.text({"--operation", "NAME", "Only those of run or quantize"});
    options_.text({"--for-model", "TEXT", "Only those of a model: its fingerprint, or a part of its path"});
    options_.integer({"--limit", "N", "The newest N; 0 shows all", "0"});
  }

 private:
  Json fixed() const override { return {{"op", "experiments"}, {"action", action_}}; }
  std::string action_;
};

class List final : public ExperimentsCommand {
 public:
  explicit List(CLI::App& parent) : ExperimentsCommand(parent, "list", "List experiments, newest first") {
    add_filters();
    add_common_options();
    examples("  salient experiments list --status done --limit 10");
  }

  std::string describe(const Json& result, const Style& style) const override {
    if (result["experiments"].empty()) return "no experiments\n";
    Table table({{"id", Align::right},
                 {"status", Align::left},
                 {"begun (UTC)", Align::left},
                 {"model", Align::left},
                 {"recipe", Align::left},
                 {"bits", Align::right},
                 {"16 bit", Align::right},
                 {"perplexity", Align::right}});
    for (const Json& e : result["experiments"]) {
      const std::string path = word(e["model"], "path");
      table.row({std::to_string(count(e, "id")), word(e, "status"), word(e, "created"),
                 path.substr(path.find_last_of('/') + 1), budget_text(e["recipe"]),
                 metric(e, "quantized", "effective_bits", 3), metric(e, "reference", "perplexity", 3),
                 metric(e, "quantized", "perplexity", 3)});
    }
    return table.render(style);
  }
  std::string hint(const Json& result) const override {
    if (result["experiments"].empty()) return {};
    return "next: salient experiments show ID, salient experiments compare ID ID, salient report ID --output FILE";
  }
};

/// How an evaluation departs from the usual way of computing.
std::string way_text(const Json& evaluation) {
  const std::string scales = word(evaluation, "scales");
  return std::string(evaluation["simulated"] == true ? ", simulated" : "") +
         (scales == "exact" ? "" : ", scales " + scales);
}

class Show final : public ExperimentsCommand {
 public:
  explicit Show(CLI::App& parent) : ExperimentsCommand(parent, "show", "Show everything about one experiment") {
    options_.integers({"ID", "ID", "The experiment's number", "", true, "ids"});
    add_common_options();
    examples("  salient experiments show 3");
  }

  std::string describe(const Json& result, const Style& style) const override {
    std::string text = style.heading(fmt::format("experiment {}", count(result, "id"))) + "\n";
    Facts lines{{"status", word(result, "status")},       {"operation", word(result, "operation")},
                {"begun", word(result, "created")},       {"finished", word(result, "finished")},
                {"model", word(result["model"], "path")}, {"fingerprint", word(result["model"], "fingerprint")}};
    for (const char* key : {"calibration", "evaluation"}) {
      if (!result[key].is_object()) continue;
      const std::string path = word(result[key], "path");  // of a text known from the scores alone there is none
      lines.emplace_back(key, path.empty() ? "SHA-256 " + word(result[key], "sha256") : path);
    }
    if (result["export"].is_object()) lines.emplace_back("export", word(result["export"], "path"));
    lines.emplace_back("machine", word(result["machine"], "processor") + ", " + word(result["machine"], "backend"));
    for (const char* key : {"annotation", "error"}) {
      if (!word(result, key).empty()) lines.emplace_back(key, word(result, key));
    }
    text += facts(lines, style);
    Facts recipe;
    for (const auto& [part, settings] : result["recipe"].items()) {
      std::string line;
      for (const auto& [key, value] : settings.items()) {
        const std::string shown = value.is_string() ? printable(value.get<std::string>()) : value.dump();
        line += fmt::format("{}{} {}", line.empty() ? "" : ", ", key, shown);
      }
      recipe.emplace_back(part, line);
    }
    text += "\n" + style.heading("Recipe") + "\n" + facts(recipe, style);
    const std::string metrics = metrics_text(result["metrics"], style);
    if (!metrics.empty()) text += "\n" + style.heading("Metrics") + "\n" + metrics;
    for (const Json& evaluation : result["later_evaluations"])
      text += "\n" + later_text(evaluation, style);
    if (result.contains("linears")) {
      text += bit_map_text(result["linears"], result["recipe"]["allocation"].contains("uniform"), style);
    }
    if (!result["stages"].empty()) text += "\n" + style.heading("Time") + "\n" + stages_text(result["stages"], style);
    return text + notes_text(result["notes"]);
  }

 private:
  static std::string metrics_text(const Json& metrics, const Style& style) {
    Table table({{"", Align::left}, {"", Align::left}, {"", Align::right}});
    for (const Json& entry : metrics) {
      std::string value = format_significant(number(entry, "value"));
      if (entry.contains("stderr")) value += " ± " + format_significant(number(entry, "stderr"));
      table.row({word(entry, "model"), word(entry, "name"), value});
    }
    return table.empty() ? "" : table.render(style, 2);
  }

  static std::string later_text(const Json& evaluation, const Style& style) {
    const std::string title =
        fmt::format("Evaluated {} on {}", word(evaluation, "created"), word(evaluation["text"], "path"));
    const std::string how = fmt::format("  windows of {} tokens, {}{}\n", count(evaluation, "length"),
                                        word(evaluation, "backend"), way_text(evaluation));
    return style.heading(title) + "\n" + how + metrics_text(evaluation["metrics"], style);
  }
};

class Compare final : public ExperimentsCommand {
 public:
  explicit Compare(CLI::App& parent)
      : ExperimentsCommand(parent, "compare", "Compare the recipes, metrics and bit maps of two experiments") {
    options_.integers({"ID", "ID ID", "Two experiments", "", true, "ids"});
    add_common_options();
    examples("  salient experiments compare 3 5");
  }

  std::string describe(const Json& result, const Style& style) const override {
    const std::string left = std::to_string(count(result, "left"));
    const std::string right = std::to_string(count(result, "right"));
    std::string text = style.heading("What differs") + "\n";
    Table recipe({{"", Align::left}, {left, Align::left}, {right, Align::left}});
    for (const Json& field : result["recipe"]) {
      recipe.row({word(field, "field"), word(field, "left"), word(field, "right")});
    }
    text += recipe.empty() ? "  nothing: same model, texts and recipe\n" : recipe.render(style, 2);
    const auto value = [](const Json& entry, const char* key) {
      return entry.contains(key) && entry[key].is_number() ? format_significant(number(entry, key)) : std::string("–");
    };
    const auto add_metrics = [&](const std::string& title, const Json& metrics) {
      Table table({{"", Align::left},
                   {"", Align::left},
                   {left, Align::right},
                   {right, Align::right},
                   {"difference", Align::right}});
      for (const Json& entry : metrics) {
        table.row({word(entry, "model"), word(entry, "name"), value(entry, "left"), value(entry, "right"),
                   value(entry, "difference")});
      }
      if (!table.empty()) text += "\n" + style.heading(title) + "\n" + table.render(style, 2);
    };
    add_metrics("Metrics", result["metrics"]);
    for (const Json& evaluation : result["evaluations"]) {
      add_metrics(fmt::format("On {}, {} × {} tokens{}", word(evaluation["text"], "path"), count(evaluation, "windows"),
                              count(evaluation, "length"), way_text(evaluation)),
                  evaluation["metrics"]);
    }
    std::int64_t both = 0;
    std::int64_t differ = 0;
    for (const Json& linear : result["linears"]) {
      both += count(linear, "rows8_both");
      differ += count(linear, "rows_that_differ");
    }
    return text + fmt::format("\n8-bit features: {} in both, {} in only one of them\n", format_count(both),
                              format_count(differ));
  }
  std::string hint(const Json& result) const override {
    return fmt::format("next: salient report {} {} --output FILE", count(result, "left"), count(result, "right"));
  }
};

class Delete final : public ExperimentsCommand {
 public:
  explicit Delete(CLI::App& parent)
      : ExperimentsCommand(parent, "delete", "Delete experiments; exported models stay where they are") {
    options_.integers({"ID", "ID...", "Experiments", "", true, "ids"});
    add_common_options();
    examples("  salient experiments delete 3 4");
  }
  std::string describe(const Json& result, const Style& /*style*/) const override {
    return fmt::format("deleted {}\n", fmt::join(result["deleted"].get<std::vector<std::int64_t>>(), ", "));
  }
};

class Annotate final : public ExperimentsCommand {
 public:
  explicit Annotate(CLI::App& parent) : ExperimentsCommand(parent, "annotate", "Keep a remark with an experiment") {
    options_.integers({"ID", "ID", "The experiment", "", true, "ids"});
    options_.text({"--text", "TEXT", "The remark; replaces an earlier one", "", true});
    add_common_options();
    examples("  salient experiments annotate 3 --text \"with the new tokenizer\"");
  }
  std::string describe(const Json& result, const Style& /*style*/) const override {
    return fmt::format("experiment {}: {}\n", count(result, "id"), word(result, "annotation"));
  }
};

class Export final : public ExperimentsCommand {
 public:
  explicit Export(CLI::App& parent) : ExperimentsCommand(parent, "export", "Write experiments as JSON or CSV") {
    options_.integers({"ID", "ID...", "Experiments; by default all", "", false, "ids"});
    options_.text({"--format", "NAME", "json or csv", "json"});
    options_.text({"--output", "FILE", "Where it goes; by default stdout"});
    add_filters();
    add_common_options();
    examples(
        "  salient experiments export --format csv > experiments.csv\n"
        "  salient experiments export 3 5 --output two.json");
  }
  std::string describe(const Json& result, const Style& /*style*/) const override {
    if (result.contains("content")) return result["content"].get<std::string>();
    return word(result, "output") + "\n";
  }
};

}  // namespace

void add_experiments(CLI::App& parent, Commands& commands) {
  CLI::App* group = parent.add_subcommand("experiments", "List, show, compare, delete and export what was run");
  group->require_subcommand(0, 1);
  group->allow_extras();
  commands.push_back(std::make_unique<List>(*group));
  commands.push_back(std::make_unique<Show>(*group));
  commands.push_back(std::make_unique<Compare>(*group));
  commands.push_back(std::make_unique<Delete>(*group));
  commands.push_back(std::make_unique<Annotate>(*group));
  commands.push_back(std::make_unique<Export>(*group));
}

}  // namespace salient::cli
