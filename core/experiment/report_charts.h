// SPDX-License-Identifier: Apache-2.0
// The report's charts as inline SVG: no scripts, colours from the document's style sheet (light and dark), and
// a pattern and a label for everything that has a colour.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/search/allocation.h"

namespace salient {

/// Text made safe for HTML content and attributes; control characters become U+FFFD.
[[nodiscard]] std::string html_escape(std::string_view text);

/// "#rrggbb" of a projection class on a light or dark ground, told apart with any colour vision.
[[nodiscard]] const char* projection_colour(LinearKind kind, bool dark);

/// Definitions of the projections' patterns, once for each document.
[[nodiscard]] std::string chart_patterns();
/// The style rules that the charts need.
[[nodiscard]] std::string chart_styles();

/// 8-bit share of each linear in percent, bars grouped by layer, one colour and pattern for each projection
/// (the paper's Figure 2). `most` is the end of the axis in percent.
[[nodiscard]] std::string share_chart(const BitMap& map, double most, const std::string& title);
/// The largest share of a linear, in percent, rounded up to a number that suits an axis.
[[nodiscard]] double share_axis_end(const BitMap& map);

struct ChartBar {
  std::string label;
  double value = 0;
  std::string text;  ///< the value as shown
  std::string fill;  ///< a class of chart_styles(): "f-q_proj", or empty for the accent
};
/// Horizontal bars from zero; one of value `most` is as wide as the chart.
[[nodiscard]] std::string bar_chart(const std::vector<ChartBar>& bars, double most, const std::string& title);

struct ChartInterval {
  std::string label;
  double value = 0;
  double error = 0;  ///< one standard error
  std::string text;
};
/// Points with whiskers of one standard error on a common axis that need not begin at zero.
[[nodiscard]] std::string interval_chart(const std::vector<ChartInterval>& intervals, const std::string& title);

}  // namespace salient
