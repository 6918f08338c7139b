// SPDX-License-Identifier: Apache-2.0
// How long it took, what the models write, what to mind, and where everything comes from.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/format.h"
#include "core/experiment/report_charts.h"
#include "core/experiment/report_parts.h"

namespace salient::report {
namespace {

std::string text_fact(const std::optional<TextRecord>& text) {
  if (!text) return "none";
  if (text->path.empty()) return fmt::format("the one the scores were made from, SHA-256 {}", text->sha256);
  return fmt::format("{}, {}, SHA-256 {}", escape_for_message(text->path, 4096),
                     format_bytes(static_cast<std::uint64_t>(text->bytes)), text->sha256);
}

std::string recipe_value(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void flatten(const Json& json, const std::string& prefix, std::vector<std::pair<std::string, std::string>>& out) {
  for (const auto& [key, value] : json.items()) {
    if (value.is_object()) {
      flatten(value, prefix + key + ".", out);
    } else {
      out.emplace_back(prefix + key, recipe_value(value));
    }
  }
}

using FactRows = std::vector<std::pair<std::string, std::string>>;

FactRows recipe_rows(const Experiment& e) {
  FactRows rows;
  flatten(recipe_json(e.start.recipe), "", rows);
  return rows;
}

FactRows provenance_rows(const Experiment& e) {
  FactRows rows{{"model", escape_for_message(e.start.model.path, 4096)},
                {"architecture", escape_for_message(e.start.model.architecture)},
                {"parameters", format_count(e.start.model.parameters)},
                {"model fingerprint", e.start.model.fingerprint},
                {"calibration text", text_fact(e.start.calibration)},
                {"evaluation text", text_fact(e.start.evaluation)}};
  if (e.exported) {
    rows.emplace_back("packed model", fmt::format("{}, {}", escape_for_message(e.exported->path, 4096),
                                                  format_bytes(static_cast<std::uint64_t>(e.exported->bytes))));
    rows.emplace_back("its manifest's SHA-256", e.exported->manifest_sha256);
  }
  rows.emplace_back("begun", e.created);
  rows.emplace_back("finished", e.finished.empty() ? "not" : e.finished);
  rows.emplace_back("program", "salient " + e.start.version);
  rows.emplace_back("backend", escape_for_message(e.start.backend));
  rows.emplace_back("processor", escape_for_message(e.start.machine.processor));
  rows.emplace_back("cores, memory",
                    fmt::format("{}, {}", e.start.machine.cores, format_bytes(e.start.machine.memory_bytes)));
  rows.emplace_back("system", escape_for_message(e.start.machine.system));
  return rows;
}

/// One column a subject; with two subjects the rows that differ are marked.
std::string facts_table(const std::string& caption, const std::vector<ReportSubject>& subjects,
                        FactRows (*rows_of)(const Experiment&)) {
  HtmlTable table(caption, "facts");
  if (subjects.size() > 1) {
    std::vector<std::string> titles{""};
    for (const ReportSubject& subject : subjects)
      titles.push_back(name_of(subject));
    table.head(titles);
  }
  std::vector<std::map<std::string, std::string>> values;
  std::vector<std::string> names;
  for (const ReportSubject& subject : subjects) {
    values.emplace_back();
    for (const auto& [name, value] : rows_of(subject.experiment)) {
      values.back()[name] = value;
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  for (const std::string& name : names) {
    std::vector<std::string> cells{name};
    std::set<std::string> distinct;
    for (auto& column : values) {
      cells.push_back(column[name]);
      distinct.insert(column[name]);
    }
    if (distinct.size() > 1) cells.front() += " ≠";
    table.row(cells);
  }
  return table.html();
}

}  // namespace

std::string time_section(const std::vector<ReportSubject>& subjects) {
  std::string html;
  double most = 0;
  for (const ReportSubject& subject : subjects) {
    for (const StageTime& stage : subject.experiment.stages)
      most = std::max(most, stage.seconds);
  }
  for (const ReportSubject& subject : subjects) {
    const auto& stages = subject.experiment.stages;
    if (stages.empty()) continue;
    std::vector<ChartBar> bars;
    HtmlTable table("Seconds by stage (" + name_of(subject) + ")");
    table.head({"Stage", "Seconds"});
    double total = 0;
    for (const StageTime& stage : stages) {
      bars.push_back({escape_for_message(stage.name), stage.seconds, format_duration(stage.seconds), {}});
      table.row({escape_for_message(stage.name), fmt::format("{:.2f}", stage.seconds)});
      total += stage.seconds;
    }
    table.row({"together", fmt::format("{:.2f}", total)});
    html += figure(fmt::format("Time by stage, {} together ({}).", format_duration(total), name_of(subject)),
                   bar_chart(bars, most, "Time by stage"));
    html += table.html();
  }
  return html.empty() ? html : heading("Time") + html;
}

std::string samples_section(const std::vector<ReportSubject>& subjects) {
  std::string html;
  for (const ReportSubject& subject : subjects) {
    if (!subject.sample) continue;
    const auto block = [&](const char* title, const std::string& text) {
      return fmt::format("<div><h3>{}</h3><div class=\"text\"><bdi><i>{}</i>{}</bdi></div></div>\n", title,
                         html_escape(subject.sample->prompt), html_escape(text));
    };
    html += "<p class=\"sub\">The prompt is grey (" + name_of(subject) + ").</p><div class=\"two\">" +
            block("16 bit", subject.sample->reference) + block("quantized", subject.sample->quantized) + "</div>\n";
  }
  return html.empty() ? html : heading("A sample of text") + html;
}

std::string notes_section(const std::vector<ReportSubject>& subjects) {
  std::string html;
  for (const ReportSubject& subject : subjects) {
    if (!subject.experiment.error.empty()) {
      html += "<div class=\"warn\">" + name_of(subject) + " " + shown(subject.experiment.status) + ": " +
              shown(subject.experiment.error) + "</div>\n";
    }
    for (const std::string& note : subject.experiment.notes) {
      html += "<div class=\"warn\">" + (subjects.size() > 1 ? name_of(subject) + ": " : std::string()) + shown(note) +
              "</div>\n";
    }
  }
  return html;
}

std::string provenance_section(const std::vector<ReportSubject>& subjects) {
  const bool one = subjects.size() == 1;
  return heading("Recipe",
                 one ? "The same recipe on the same model and text gives the same bytes." : "≠ marks what differs.") +
         facts_table("Settings", subjects, recipe_rows) + heading("Where it comes from") +
         facts_table("Model, texts, program, machine", subjects, provenance_rows);
}

}  // namespace salient::report
