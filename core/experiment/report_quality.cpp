// SPDX-License-Identifier: Apache-2.0
// How good the quantized model is: headline, measures, later evaluations.
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "core/base/format.h"
#include "core/experiment/report_charts.h"
#include "core/experiment/report_parts.h"

namespace salient::report {
namespace {

SizeReport size_of(const ReportSubject& subject) {
  return bit_map_size(subject.map, subject.experiment.start.recipe.quant.group);
}

std::optional<double> error_of(const std::vector<Metric>& metrics, const std::string& model, const std::string& name) {
  for (const Metric& metric : metrics) {
    if (metric.model == model && metric.name == name) return metric.standard_error;
  }
  return {};
}

const std::vector<double>* windows_of(const Experiment& experiment, const std::string& model) {
  for (const WindowNll& list : experiment.windows) {
    if (list.model == model) return &list.values;
  }
  return nullptr;
}

/// Mean and standard error of the windows' differences: both models read the same windows, so the spread of the
/// text itself cancels.
struct PairedDifference {
  double mean = 0;
  double error = 0;
};
std::optional<PairedDifference> paired_difference(const Experiment& experiment) {
  const auto* reference = windows_of(experiment, "reference");
  const auto* quantized = windows_of(experiment, "quantized");
  if (reference == nullptr || quantized == nullptr || reference->size() != quantized->size() || reference->size() < 2) {
    return {};
  }
  const auto n = static_cast<double>(reference->size());
  double sum = 0;
  for (std::size_t i = 0; i < reference->size(); ++i)
    sum += (*quantized)[i] - (*reference)[i];
  const double mean = sum / n;
  double squares = 0;
  for (std::size_t i = 0; i < reference->size(); ++i) {
    const double deviation = (*quantized)[i] - (*reference)[i] - mean;
    squares += deviation * deviation;
  }
  return PairedDifference{mean, std::sqrt(squares / (n - 1) / n)};
}

/// "", or what to say beside figures of a mode with other roundings.
std::string scales_note(ScaleMode scales) {
  return scales == ScaleMode::exact ? "" : fmt::format(", scales {}", scale_mode_name(scales));
}

std::string card(const std::string& name, const std::string& value, const std::string& more) {
  return fmt::format(
      "<div class=\"card\"><span class=\"name\">{}</span><b>{}</b><span class=\"more\">{}</span></div>\n",
      html_escape(name), html_escape(value), html_escape(more));
}

struct MetricName {
  const char* name;
  const char* title;
  double factor;
  int decimals;
  const char* unit;
};
constexpr std::array<MetricName, 9> kMetrics{{
    {"perplexity", "Perplexity", 1, 4, ""},
    {"kl_forward", "KL(16 bit ‖ quantized), nats a token", 1, 6, ""},
    {"kl_reverse", "KL(quantized ‖ 16 bit), nats a token", 1, 6, ""},
    {"top1", "Same most likely token", 100, 2, " %"},
    {"top5", "Overlap of the five most likely tokens", 100, 2, " %"},
    {"windows", "Windows", 1, 0, ""},
    {"tokens", "Predicted tokens", 1, 0, ""},
    {"tokens_per_second", "Tokens a second", 1, 0, ""},
    {"decode_tokens_per_second", "Tokens a second, generating", 1, 1, ""},
}};

/// Columns become rows; `corner` is the title of the first one then.
std::vector<std::vector<std::string>> transposed(const std::vector<std::vector<std::string>>& rows,
                                                 const std::string& corner) {
  std::vector<std::vector<std::string>> columns(rows.front().size());
  for (const std::vector<std::string>& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      columns[i].push_back(row[i]);
  columns.front().front() = corner;
  return columns;
}

/// Of an experiment or of a later evaluation.
template <class Measured>
std::string metric_text(const Measured& measured, const std::string& model, const MetricName& metric) {
  const auto value = measured.metric(model, metric.name);
  if (!value) return "–";
  // Of a speed, tenths count while it is small.
  const bool whole = metric.decimals == 0 || (metric.decimals == 1 && *value >= 100);
  if (whole) return format_count(std::llround(*value));
  std::string text = fmt::format("{:.{}f}", metric.factor * *value, metric.decimals);
  if (const auto error = error_of(measured.metrics, model, metric.name)) {
    text += fmt::format(" ± {:.{}f}", metric.factor * *error, metric.decimals);
  }
  return text + metric.unit;
}

}  // namespace

std::string cards(const ReportSubject& subject) {
  const Experiment& e = subject.experiment;
  std::string html = "<div class=\"cards\">\n";
  const auto before = e.metric("reference", "perplexity");
  const auto after = e.metric("quantized", "perplexity");
  if (before && after) {
    html +=
        card("Perplexity, 16 bit to quantized" + scales_note(e.start.recipe.evaluation_scales),
             fmt::format("{:.3f} → {:.3f}", *before, *after), fmt::format("{:+.2f} %", 100 * (*after / *before - 1)));
  }
  if (const auto kl = e.metric("quantized", "kl_forward")) {
    const auto top1 = e.metric("quantized", "top1");
    html += card("KL divergence from 16 bit", format_significant(*kl),
                 top1 ? fmt::format("nats a token; top-1 {:.1f} %", 100 * *top1) : "nats a token");
  }
  if (!subject.map.linears.empty()) {
    const SizeReport size = size_of(subject);
    html += card("Bits a weight", fmt::format("{:.3f}", size.effective_bits()),
                 fmt::format("effective; {:.3f} payload", size.payload_bits()));
    const double ratio = 2.0 * static_cast<double>(size.weights) / static_cast<double>(size.total_bytes);
    html += card("Quantized linears", format_bytes(static_cast<std::uint64_t>(size.total_bytes)),
                 fmt::format("{:.2f}× smaller than 16 bit", ratio));
  }
  return html + "</div>\n";
}

std::string metrics_section(const std::vector<ReportSubject>& subjects) {
  std::vector<ChartInterval> intervals;
  std::vector<std::string> titles{"Measure"};
  std::vector<std::pair<const Experiment*, std::string>> columns;
  for (const ReportSubject& subject : subjects) {
    for (const char* model : {"reference", "quantized"}) {
      const auto perplexity = subject.experiment.metric(model, "perplexity");
      if (!perplexity) continue;
      std::string title = std::string(model) == "reference"
                              ? "16 bit"
                              : "quantized" + scales_note(subject.experiment.start.recipe.evaluation_scales);
      if (subjects.size() > 1) title += fmt::format(" ({})", subject.experiment.id);
      const double error = error_of(subject.experiment.metrics, model, "perplexity").value_or(0);
      intervals.push_back({title, *perplexity, error, fmt::format("{:.4f} ± {:.4f}", *perplexity, error)});
      titles.push_back(title);
      columns.emplace_back(&subject.experiment, model);
    }
  }
  if (columns.empty()) return heading("Quality", "This experiment was not evaluated.");

  std::string html = heading("Quality", "Perplexity over non-overlapping windows; lower is better.");
  html += figure(
      "Perplexity with one standard error to each side. The standard error is that of the text's windows; "
      "both models read the same ones.",
      interval_chart(intervals, "Perplexity of the models"));
  std::vector<std::vector<std::string>> rows{titles};
  for (const MetricName& metric : kMetrics) {
    std::vector<std::string> cells{metric.title};
    bool any = false;
    for (const auto& [experiment, model] : columns) {
      cells.push_back(metric_text(*experiment, model, metric));
      any = any || experiment->metric(model, metric.name).has_value();
    }
    if (any) rows.push_back(cells);
  }
  // Of many models each has a line: so many columns would be wider than the page.
  if (subjects.size() > 2) rows = transposed(rows, "Model");
  HtmlTable table("Measures, ± one standard error", "wrap");
  table.head(rows.front());
  for (std::size_t row = 1; row < rows.size(); ++row)
    table.row(rows[row]);
  html += table.html();
  for (const ReportSubject& subject : subjects) {
    const auto paired = paired_difference(subject.experiment);
    if (!paired) continue;
    html += fmt::format("<p>{}Window by window, the loss changes by <b>{:+.5f} ± {:.5f}</b> nats a token ({}).</p>\n",
                        subjects.size() > 1 ? "In " + name_of(subject) + ": " : "", paired->mean, paired->error,
                        "quantized minus 16 bit, paired");
  }
  return html;
}

std::string later_section(const std::vector<ReportSubject>& subjects) {
  std::string html;
  for (const ReportSubject& subject : subjects) {
    if (subject.experiment.later.empty()) continue;
    HtmlTable table("Later evaluations, ± one standard error (" + name_of(subject) + ")", "wrap");
    std::vector<std::string> titles{"Text", "Tokens of a window", "16-bit perplexity"};
    for (const MetricName& metric : kMetrics)
      titles.emplace_back(metric.title);
    titles.insert(titles.end(), {"Date", "Backend"});
    table.head(titles);
    for (const LaterEvaluation& later : subject.experiment.later) {
      const std::string how = (later.simulated ? ", simulated" : "") + scales_note(later.scales);
      std::vector<std::string> cells{escape_for_message(later.text.path, 4096) + how, format_count(later.length),
                                     metric_text(later, "reference", kMetrics.front())};
      for (const MetricName& metric : kMetrics)
        cells.push_back(metric_text(later, "quantized", metric));
      cells.insert(cells.end(), {escape_for_message(later.created), escape_for_message(later.backend)});
      table.row(cells);
    }
    html += table.html();
  }
  return html.empty() ? html : heading("On other texts", "The packed model measured again after its run.") + html;
}

}  // namespace salient::report
