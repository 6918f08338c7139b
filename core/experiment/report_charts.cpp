// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/report_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "core/base/format.h"

namespace salient {
namespace {

constexpr double kWidth = 960;
constexpr std::int64_t kLayersInARow = 8;
constexpr double kAxisWidth = 52;

struct ProjectionStyle {
  const char* letter;
  const char* light;
  const char* dark;
  const char* pattern;  ///< drawn over the colour in a cell of 6 by 6
};

// After the palette of Okabe and Ito, with grey in place of its yellow; attention in cool colours, the
// feed-forward part in warm ones.
constexpr std::array<ProjectionStyle, 7> kProjections{{
    {"q", "#0072b2", "#4aa3df", ""},
    {"k", "#56b4e9", "#9ad6f7", "M0 6L6 0M-1 1L1 -1M5 7L7 5"},
    {"v", "#009e73", "#2fc49a", "M0 3H6"},
    {"o", "#6f6f6f", "#b8b8b8", "M0 0L6 6M-1 5L1 7M5 -1L7 1"},
    {"g", "#e69f00", "#f2b632", "M3 0V6"},
    {"u", "#d55e00", "#f58442", "M0 3H6M3 0V6"},
    {"d", "#b0578d", "#e09cc3", "M2 2H4V4H2Z"},
}};

const ProjectionStyle& style_of(LinearKind kind) {
  return kProjections[static_cast<std::size_t>(kind)];
}

std::string text_at(double x, double y, const char* style, const std::string& text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\">{}</text>\n", x, y, style, html_escape(text));
}

std::string line_at(double x1, double y1, double x2, double y2, const char* style) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>\n", x1, y1, x2, y2,
                     style);
}

std::string svg(double height, const std::string& title, const std::string& content) {
  return fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">\n{}</svg>\n", kWidth, height,
                     html_escape(title), content);
}

/// The next of 1, 2, 2.5, 5, 10 times a power of ten.
double round_up(double value) {
  if (!(value > 0)) return 1;
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 2.5, 5.0}) {
    if (value <= step * power * (1 + 1e-9)) return step * power;
  }
  return 10 * power;
}

/// A rectangle in the projection's colour with its pattern on top.
std::string projection_bar(double x, double y, double width, double height, LinearKind kind, const std::string& tip) {
  const std::string shape =
      fmt::format("x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"", x, y, width, height);
  return fmt::format("<g><title>{}</title><rect {} class=\"f-{}\"/><rect {} fill=\"url(#p-{})\"/></g>\n",
                     html_escape(tip), shape, linear_kind_name(kind), shape, linear_kind_name(kind));
}

using LayerShares = std::map<std::int32_t, std::array<const LinearBits*, kLinearKinds.size()>>;

LayerShares by_layer(const BitMap& map) {
  LayerShares layers;
  for (const LinearBits& linear : map.linears) {
    layers[linear.id.layer][static_cast<std::size_t>(linear.id.kind)] = &linear;
  }
  return layers;
}

double percent8(const LinearBits& linear) {
  return linear.rows > 0 ? 100.0 * static_cast<double>(linear.rows8.size()) / static_cast<double>(linear.rows) : 0;
}

std::string legend() {
  std::string content;
  double x = kAxisWidth;
  for (const LinearKind kind : kLinearKinds) {
    const std::string name(linear_kind_name(kind));
    content += projection_bar(x, 6, 16, 16, kind, name);
    content += text_at(x + 22, 19, "c-text", name);
    x += 128;
  }
  return content;
}

}  // namespace

const char* projection_colour(LinearKind kind, bool dark) {
  return dark ? style_of(kind).dark : style_of(kind).light;
}

std::string html_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        const bool control = (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
        out += control ? "\xEF\xBF\xBD" : std::string(1, c);
      }
    }
  }
  return out;
}

std::string chart_patterns() {
  std::string out = "<svg width=\"0\" height=\"0\" class=\"defs\" aria-hidden=\"true\"><defs>\n";
  for (const LinearKind kind : kLinearKinds) {
    out += fmt::format(
        "<pattern id=\"p-{}\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><path d=\"{}\"/></pattern>\n",
        linear_kind_name(kind), style_of(kind).pattern);
  }
  return out + "</defs></svg>\n";
}

std::string chart_styles() {
  std::string light;
  std::string dark;
  std::string fills;
  for (const LinearKind kind : kLinearKinds) {
    const std::string_view name = linear_kind_name(kind);
    light += fmt::format("--{}:{};", name, style_of(kind).light);
    dark += fmt::format("--{}:{};", name, style_of(kind).dark);
    fills += fmt::format(".f-{}{{fill:var(--{})}}\n", name, name);
  }
  return ":root{" + light + "--hatch:rgba(255,255,255,.75)}\n" + "@media(prefers-color-scheme:dark){:root{" + dark +
         "--hatch:rgba(0,0,0,.6)}}\n" + fills +
         "pattern path{stroke:var(--hatch);stroke-width:1.3;fill:none}\n"
         ".f-accent{fill:var(--accent)}\n"
         ".c-text,.c-small,.c-end,.c-mid,.c-value{fill:var(--ink);font-size:13px}\n"
         ".c-small{font-size:10.5px;fill:var(--muted);text-anchor:middle}\n"
         ".c-end{text-anchor:end;fill:var(--muted)}\n"
         ".c-label{text-anchor:end;fill:var(--ink);font-size:13px}\n"
         ".c-mid{text-anchor:middle;fill:var(--muted)}\n"
         ".c-value{font-weight:600}\n"
         ".c-grid{stroke:var(--line);stroke-width:1}\n"
         ".c-axis{stroke:var(--muted);stroke-width:1.2}\n"
         ".c-whisker{stroke:var(--ink);stroke-width:1.8}\n"
         ".c-point{fill:var(--accent);stroke:var(--panel);stroke-width:2}\n";
}

double share_axis_end(const BitMap& map) {
  double most = 0;
  for (const LinearBits& linear : map.linears)
    most = std::max(most, percent8(linear));
  return most > 50 ? 100 : std::min(100.0, std::max(4.0, round_up(most)));
}

std::string share_chart(const BitMap& map, double most, const std::string& title) {
  const LayerShares layers = by_layer(map);
  const auto total = static_cast<std::int64_t>(layers.size());
  const std::int64_t rows = std::max<std::int64_t>(1, (total + kLayersInARow - 1) / kLayersInARow);
  const std::int64_t in_a_row = std::max<std::int64_t>(1, (total + rows - 1) / rows);
  constexpr double kPlot = 150;
  constexpr double kRow = kPlot + 62;
  constexpr double kTop = 44;
  const double slot = (kWidth - kAxisWidth - 4) / static_cast<double>(in_a_row);
  // Few layers would make bars as wide as a fist.
  const double group = std::min(slot * 0.9, 210.0);
  const double bar = group / static_cast<double>(kLinearKinds.size());

  std::string content = legend();
  std::int64_t index = 0;
  for (const auto& [layer, linears] : layers) {
    const double base = kTop + static_cast<double>(index / in_a_row) * kRow + kPlot;
    if (index % in_a_row == 0) {
      for (int tick = 0; tick <= 4; ++tick) {
        const double y = base - kPlot * tick / 4;
        content += line_at(kAxisWidth, y, kWidth - 4, y, tick == 0 ? "c-axis" : "c-grid");
        content += text_at(kAxisWidth - 8, y + 4, "c-end", fmt::format("{:g} %", most * tick / 4));
      }
    }
    const double left = kAxisWidth + slot * static_cast<double>(index % in_a_row) + (slot - group) / 2;
    for (std::size_t k = 0; k < linears.size(); ++k) {
      if (linears[k] == nullptr) continue;
      const double share = percent8(*linears[k]);
      const double height = kPlot * std::min(1.0, share / most);
      const double x = left + bar * static_cast<double>(k);
      const std::string tip = fmt::format("{}: {:.2f} %, {} of {} features", linear_name(linears[k]->id), share,
                                          linears[k]->rows8.size(), linears[k]->rows);
      content += projection_bar(x + bar * 0.06, base - height, bar * 0.88, height, kLinearKinds[k], tip);
      content += text_at(x + bar / 2, base + 14, "c-small", style_of(kLinearKinds[k]).letter);
    }
    content += text_at(left + group / 2, base + 34, "c-mid", fmt::format("layer {}", layer));
    ++index;
  }
  return svg(kTop + static_cast<double>(rows) * kRow - 16, title, content);
}

std::string bar_chart(const std::vector<ChartBar>& bars, double most, const std::string& title) {
  constexpr double kLabel = 220;  // labels may be said in longer languages afterwards
  constexpr double kValue = 120;
  constexpr double kStep = 30;
  std::string content;
  double y = 6;
  for (const ChartBar& bar : bars) {
    const double width = most > 0 ? (kWidth - kLabel - kValue) * bar.value / most : 0;
    content += text_at(kLabel - 12, y + 15, "c-label", bar.label);
    const auto kind = std::find_if(kLinearKinds.begin(), kLinearKinds.end(),
                                   [&](LinearKind one) { return bar.fill == linear_kind_name(one); });
    if (kind != kLinearKinds.end()) {
      content += projection_bar(kLabel, y, width, 20, *kind, bar.label + ": " + bar.text);
    } else {
      content += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"20\" class=\"f-accent\"/>\n",
                             kLabel, y, width);
    }
    content += text_at(kLabel + width + 8, y + 15, "c-value", bar.text);
    y += kStep;
  }
  content += line_at(kLabel, 0, kLabel, y - 4, "c-axis");
  return svg(y, title, content);
}

std::string interval_chart(const std::vector<ChartInterval>& intervals, const std::string& title) {
  constexpr double kLabel = 190;
  constexpr double kValue = 190;
  constexpr double kStep = 38;
  constexpr int kTicks = 4;
  if (intervals.empty()) return {};
  double low = intervals.front().value;
  double high = low;
  for (const ChartInterval& interval : intervals) {
    low = std::min(low, interval.value - interval.error);
    high = std::max(high, interval.value + interval.error);
  }
  const double step = round_up(std::max((high - low) / kTicks, std::abs(high) * 1e-6));
  low = std::floor(low / step) * step;
  high = std::max(std::ceil(high / step) * step, low + step);
  const auto place = [&](double value) { return kLabel + (kWidth - kLabel - kValue) * (value - low) / (high - low); };

  const double bottom = kStep * static_cast<double>(intervals.size()) + 8;
  std::string content;
  const int ticks = static_cast<int>(std::lround((high - low) / step));
  const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)) + (step < 1 ? 1 : 0), 0, 6);
  for (int tick = 0; tick <= ticks; ++tick) {
    const double value = low + step * tick;
    content += line_at(place(value), 4, place(value), bottom, "c-grid");
    content += text_at(place(value), bottom + 17, "c-mid", fmt::format("{:.{}f}", value, decimals));
  }
  content += line_at(kLabel, bottom, kWidth - kValue, bottom, "c-axis");
  double y = kStep / 2 + 4;
  for (const ChartInterval& interval : intervals) {
    const double left = place(interval.value - interval.error);
    const double right = place(interval.value + interval.error);
    content += text_at(kLabel - 12, y + 4, "c-label", interval.label);
    content += line_at(left, y, right, y, "c-whisker");
    content += line_at(left, y - 5, left, y + 5, "c-whisker");
    content += line_at(right, y - 5, right, y + 5, "c-whisker");
    content +=
        fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"6\" class=\"c-point\"/>\n", place(interval.value), y);
    content += text_at(kWidth - kValue + 14, y + 4, "c-value", interval.text);
    y += kStep;
  }
  return svg(bottom + 26, title, content);
}

}  // namespace salient
