// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/report_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "core/base/format.h"
#include "core/experiment/report_charts.h"

namespace salient {
namespace {

constexpr const char* kStyle = R"css(
:root{color-scheme:light dark;--paper:#faf9f6;--panel:#fff;--ink:#1d1c1a;--muted:#605c55;--line:#e0dcd3;--accent:#0b6a75;--soft:#eef4f4}
@media(prefers-color-scheme:dark){:root{--paper:#131519;--panel:#1b1e24;--ink:#ecebe7;--muted:#a7a49c;--line:#343942;--accent:#5cc2cd;--soft:#20292d}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans","DejaVu Sans",sans-serif}
main{max-width:1060px;margin:0 auto;padding:40px 24px 64px}
h1{font-size:30px;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:20px;margin:44px 0 4px}
h3{font-size:15px;margin:20px 0 6px}
p{margin:4px 0 14px;max-width:76ch}
.scroll+p{margin-top:14px}
.sub,figcaption,.note{color:var(--muted)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(200px,1fr));gap:14px;margin:18px 0 6px}
.card{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
.card b{display:block;font-size:25px;line-height:1.25;font-weight:650;font-variant-numeric:tabular-nums}
.card .name{color:var(--muted);font-size:13.5px}
.card .more{font-size:13.5px}
figure{margin:10px 0 0;background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:18px 18px 10px}
figcaption{font-size:14px;margin:0 0 10px}
svg{display:block;width:100%;height:auto;font-family:inherit}
svg.defs{position:absolute;width:0;height:0}
.scroll{overflow-x:auto;margin-top:12px}
table{border-collapse:collapse;width:100%;font-size:14.5px;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--muted);font-size:13.5px;padding:6px 0}
th,td{padding:5px 10px;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
th{font-weight:600}
thead th{border-bottom:2px solid var(--line);white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:2px}
.facts td:last-child,.facts th{text-align:left}
.facts th{width:26%;font-weight:500;color:var(--muted)}
.facts td{overflow-wrap:anywhere}
code{font:13px/1.45 ui-monospace,"DejaVu Sans Mono","Liberation Mono",monospace;overflow-wrap:anywhere}
.warn{background:var(--soft);border-left:4px solid var(--accent);border-radius:4px;padding:8px 14px;margin:10px 0}
.text{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:12px 16px;white-space:pre-wrap;overflow-wrap:anywhere}
.text i{color:var(--muted);font-style:normal}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(320px,1fr));gap:14px}
footer{margin-top:52px;padding-top:14px;border-top:1px solid var(--line);color:var(--muted);font-size:13.5px}
@media print{body{background:#fff}main{max-width:none;padding:0}figure,.card,tr{break-inside:avoid}}
)css";

/// A stranger's string: escapes made visible, then safe for HTML.
std::string shown(const std::string& text) {
  return html_escape(escape_for_message(text, 4096));
}

struct Cell {
  std::string html;
};

class HtmlTable {
 public:
  explicit HtmlTable(std::string caption, const char* style = "") : caption_(std::move(caption)), style_(style) {}
  void head(const std::vector<std::string>& titles) {
    head_ = "<thead><tr>";
    for (const std::string& title : titles)
      head_ += "<th scope=\"col\">" + html_escape(title) + "</th>";
    head_ += "</tr></thead>\n";
  }
  /// `cells` are text; the first one names the row.
  void row(const std::vector<std::string>& cells) {
    body_ += "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      body_ +=
          i == 0 ? "<th scope=\"row\">" + html_escape(cells[i]) + "</th>" : "<td>" + html_escape(cells[i]) + "</td>";
    }
    body_ += "</tr>\n";
  }
  [[nodiscard]] std::string html() const {
    return fmt::format(
        "<div class=\"scroll\"><table class=\"{}\"><caption>{}</caption>\n{}<tbody>\n{}</tbody></table></div>\n",
        style_, html_escape(caption_), head_, body_);
  }

 private:
  std::string caption_;
  std::string style_;
  std::string head_;
  std::string body_;
};

std::string figure(const std::string& caption, const std::string& chart) {
  return "<figure><figcaption>" + html_escape(caption) + "</figcaption>\n" + chart + "</figure>\n";
}

std::string heading(const std::string& title, const std::string& explanation = {}) {
  std::string html = "<h2>" + html_escape(title) + "</h2>\n";
  if (!explanation.empty()) html += "<p class=\"sub\">" + html_escape(explanation) + "</p>\n";
  return html;
}

std::string name_of(const ReportSubject& subject) {
  return fmt::format("experiment {}", subject.experiment.id);
}

/// "english-26m" of "/data/english-26m/".
std::string model_name(const Experiment& experiment) {
  std::filesystem::path path(experiment.start.model.path);
  if (path.filename().empty()) path = path.parent_path();
  return escape_for_message(path.filename().string());
}

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

// Headline

std::string card(const std::string& name, const std::string& value, const std::string& more) {
  return fmt::format(
      "<div class=\"card\"><span class=\"name\">{}</span><b>{}</b><span class=\"more\">{}</span></div>\n",
      html_escape(name), html_escape(value), html_escape(more));
}

std::string cards(const ReportSubject& subject) {
  const Experiment& e = subject.experiment;
  std::string html = "<div class=\"cards\">\n";
  const auto before = e.metric("reference", "perplexity");
  const auto after = e.metric("quantized", "perplexity");
  if (before && after) {
    html += card("Perplexity, 16 bit to quantized", fmt::format("{:.3f} → {:.3f}", *before, *after),
                 fmt::format("{:+.2f} %", 100 * (*after / *before - 1)));
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

// Metrics

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

/// Of an experiment or of a later evaluation.
template <class Measured>
std::string metric_text(const Measured& measured, const std::string& model, const MetricName& metric) {
  const auto value = measured.metric(model, metric.name);
  if (!value) return "–";
  if (metric.decimals == 0) return format_count(std::llround(*value));
  std::string text = fmt::format("{:.{}f}", metric.factor * *value, metric.decimals);
  if (const auto error = error_of(measured.metrics, model, metric.name)) {
    text += fmt::format(" ± {:.{}f}", metric.factor * *error, metric.decimals);
  }
  return text + metric.unit;
}

std::string metrics_section(const std::vector<ReportSubject>& subjects) {
  std::vector<ChartInterval> intervals;
  std::vector<std::string> titles{"Measure"};
  std::vector<std::pair<const Experiment*, std::string>> columns;
  for (const ReportSubject& subject : subjects) {
    for (const char* model : {"reference", "quantized"}) {
      const auto perplexity = subject.experiment.metric(model, "perplexity");
      if (!perplexity) continue;
      std::string title = std::string(model) == "reference" ? "16 bit" : "quantized";
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
  HtmlTable table("Measures, ± one standard error");
  table.head(titles);
  for (const MetricName& metric : kMetrics) {
    std::vector<std::string> cells{metric.title};
    bool any = false;
    for (const auto& [experiment, model] : columns) {
      cells.push_back(metric_text(*experiment, model, metric));
      any = any || experiment->metric(model, metric.name).has_value();
    }
    if (any) table.row(cells);
  }
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
    HtmlTable table("Later evaluations, ± one standard error (" + name_of(subject) + ")");
    std::vector<std::string> titles{"Text", "Tokens of a window", "16-bit perplexity"};
    for (const MetricName& metric : kMetrics)
      titles.emplace_back(metric.title);
    titles.insert(titles.end(), {"Date", "Backend"});
    table.head(titles);
    for (const LaterEvaluation& later : subject.experiment.later) {
      std::vector<std::string> cells{escape_for_message(later.text.path, 4096) + (later.simulated ? ", simulated" : ""),
                                     format_count(later.length), metric_text(later, "reference", kMetrics.front())};
      for (const MetricName& metric : kMetrics)
        cells.push_back(metric_text(later, "quantized", metric));
      cells.insert(cells.end(), {escape_for_message(later.created), escape_for_message(later.backend)});
      table.row(cells);
    }
    html += table.html();
  }
  return html.empty() ? html : heading("On other texts", "The packed model measured again after its run.") + html;
}

// Bit map

double percent(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0;
}

struct Share {
  std::int64_t rows = 0;
  std::int64_t rows8 = 0;
  void add(const LinearBits& linear) {
    rows += linear.rows;
    rows8 += static_cast<std::int64_t>(linear.rows8.size());
  }
  [[nodiscard]] std::string text() const { return rows > 0 ? fmt::format("{:.2f}", percent(rows8, rows)) : "–"; }
};

std::string share_table(const BitMap& map) {
  std::map<std::int32_t, std::array<Share, kLinearKinds.size() + 1>> layers;
  for (const LinearBits& linear : map.linears) {
    auto& shares = layers[linear.id.layer];
    shares[static_cast<std::size_t>(linear.id.kind)].add(linear);
    shares.back().add(linear);
  }
  HtmlTable table("8-bit output features, percent of each linear");
  std::vector<std::string> titles{"Layer"};
  for (const LinearKind kind : kLinearKinds)
    titles.emplace_back(linear_kind_name(kind));
  titles.emplace_back("all");
  table.head(titles);
  for (const auto& [layer, shares] : layers) {
    std::vector<std::string> cells{std::to_string(layer)};
    for (const Share& share : shares)
      cells.push_back(share.text());
    table.row(cells);
  }
  return table.html();
}

std::array<Share, kLinearKinds.size()> class_shares(const BitMap& map) {
  std::array<Share, kLinearKinds.size()> shares;
  for (const LinearBits& linear : map.linears)
    shares[static_cast<std::size_t>(linear.id.kind)].add(linear);
  return shares;
}

std::string classes_figure(const ReportSubject& subject, double most) {
  std::vector<ChartBar> bars;
  const auto shares = class_shares(subject.map);
  for (std::size_t k = 0; k < shares.size(); ++k) {
    const std::string name(linear_kind_name(kLinearKinds[k]));
    bars.push_back({name, percent(shares[k].rows8, shares[k].rows), shares[k].text() + " %", name});
  }
  return figure("8-bit share of all output features of a projection, over all layers (" + name_of(subject) + ").",
                bar_chart(bars, most, "8-bit share by projection"));
}

std::string classes_section(const std::vector<ReportSubject>& subjects) {
  std::string html = heading("Averages by projection");
  HtmlTable table("8-bit output features by projection");
  std::vector<std::string> titles{"Projection", "Features"};
  double most = 0;
  for (const ReportSubject& subject : subjects) {
    for (const Share& share : class_shares(subject.map))
      most = std::max(most, percent(share.rows8, share.rows));
  }
  for (const ReportSubject& subject : subjects) {
    html += classes_figure(subject, most);
    const std::string suffix = subjects.size() > 1 ? fmt::format(" ({})", subject.experiment.id) : "";
    titles.push_back("8 bit" + suffix);
    titles.push_back("percent" + suffix);
  }
  table.head(titles);
  for (std::size_t k = 0; k < kLinearKinds.size(); ++k) {
    std::vector<std::string> cells{std::string(linear_kind_name(kLinearKinds[k])),
                                   format_count(class_shares(subjects.front().map)[k].rows)};
    for (const ReportSubject& subject : subjects) {
      const Share share = class_shares(subject.map)[k];
      cells.push_back(format_count(share.rows8));
      cells.push_back(share.text());
    }
    table.row(cells);
  }
  return html + table.html();
}

std::string bits_section(const std::vector<ReportSubject>& subjects) {
  std::string html = heading("Where the 8-bit features went",
                             "Each bar is one linear layer: the share of its output features that got 8 bit. The "
                             "selection is made over the whole model, so shares differ from layer to layer.");
  double most = 0;
  for (const ReportSubject& subject : subjects)
    most = std::max(most, share_axis_end(subject.map));
  for (const ReportSubject& subject : subjects) {
    if (subject.map.linears.empty()) {
      html += "<p>" + name_of(subject) + " has no bit map.</p>\n";
      continue;
    }
    html += figure(fmt::format("8-bit share of every linear by layer ({}).", name_of(subject)),
                   share_chart(subject.map, most, "8-bit share of every linear"));
    html += share_table(subject.map);
  }
  const bool all = std::none_of(subjects.begin(), subjects.end(), [](const auto& s) { return s.map.linears.empty(); });
  return all ? html + classes_section(subjects) : html;
}

// Time, samples, provenance

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

std::string text_fact(const std::optional<TextRecord>& text) {
  if (!text) return "none";
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

}  // namespace

Result<ReportSubject> read_report_subject(Store& store, std::int64_t id) {
  ReportSubject subject;
  SALIENT_ASSIGN(subject.experiment, store.show(id));
  auto map = store.bit_map(id);
  if (map) {
    subject.map = *std::move(map);
  } else if (map.error().code != ErrorCode::not_found) {
    return std::move(map).error();
  }
  return subject;
}

std::string report_html(const std::vector<ReportSubject>& subjects) {
  const Experiment& first = subjects.front().experiment;
  const bool one = subjects.size() == 1;
  std::string title = model_name(first);
  if (!one) {
    title = "Experiments ";
    for (std::size_t i = 0; i < subjects.size(); ++i)
      title +=
          fmt::format("{}{}", i == 0 ? "" : (i + 1 == subjects.size() ? " and " : ", "), subjects[i].experiment.id);
  }
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n";
  html += "<title>" + html_escape(title) + " – Salient report</title>\n<style>" + kStyle + chart_styles() +
          "</style>\n</head>\n<body>\n" + chart_patterns() + "<main>\n";
  html += "<h1>" + html_escape(title) + "</h1>\n";
  for (const ReportSubject& subject : subjects) {
    const Experiment& e = subject.experiment;
    if (!one) html += "<h3>" + html_escape(name_of(subject)) + "</h3>\n";
    html += fmt::format("<p class=\"sub\">{}{} of {}, {}, begun {}{}</p>\n",
                        one ? "Salient report, " + name_of(subject) + ": " : "", shown(e.start.operation),
                        html_escape(model_name(e)), shown(e.status), shown(e.created),
                        e.annotation.empty() ? "" : ". " + shown(e.annotation));
    html += cards(subject);
  }
  html += notes_section(subjects) + metrics_section(subjects) + later_section(subjects) + bits_section(subjects) +
          samples_section(subjects) + time_section(subjects);
  html += heading("Recipe",
                  one ? "The same recipe on the same model and text gives the same bytes." : "≠ marks what differs.");
  html += facts_table("Settings", subjects, recipe_rows);
  html += heading("Where it comes from") + facts_table("Model, texts, program, machine", subjects, provenance_rows);
  html += fmt::format(
      "<footer>Made by salient {}. Payload bits count the codes only, as papers do; effective bits also "
      "count scales, zero points and row indices, as the disk does.</footer>\n",
      html_escape(program_version()));
  return html + "</main>\n</body>\n</html>\n";
}

}  // namespace salient
