// SPDX-License-Identifier: Apache-2.0
// Where the 8-bit features went: by layer and by projection.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "core/base/format.h"
#include "core/experiment/report_charts.h"
#include "core/experiment/report_parts.h"

namespace salient::report {
namespace {

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

}  // namespace

std::string bits_section(const std::vector<ReportSubject>& subjects) {
  std::string html = heading("Where the 8-bit features went",
                             "Each bar is one linear layer: the share of its output features that got 8 bit. The "
                             "selection is made over the whole model, so shares differ from layer to layer.");
  const auto chosen = [](const ReportSubject& s) { return !s.map.linears.empty() && s.map.uniform_bits == 0; };
  double most = 0;
  for (const ReportSubject& subject : subjects) {
    if (chosen(subject)) most = std::max(most, share_axis_end(subject.map));
  }
  for (const ReportSubject& subject : subjects) {
    if (!chosen(subject)) {
      const std::int32_t bits = subject.map.uniform_bits;
      html += "<p>" + name_of(subject) +
              (bits != 0 ? fmt::format(" has {} bits in every row: no features were chosen", bits)
                         : std::string(" has no bit map")) +
              ".</p>\n";
      continue;
    }
    html += figure(fmt::format("8-bit share of every linear by layer ({}).", name_of(subject)),
                   share_chart(subject.map, most, "8-bit share of every linear"));
    html += share_table(subject.map);
  }
  return std::all_of(subjects.begin(), subjects.end(), chosen) ? html + classes_section(subjects) : html;
}

}  // namespace salient::report
