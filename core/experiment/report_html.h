// SPDX-License-Identifier: Apache-2.0
// One experiment, or two beside each other, as a self-contained HTML document: no scripts, nothing loaded from
// elsewhere, light and dark by the reader's preference, every chart followed by its table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/experiment/store.h"
#include "core/search/allocation.h"

namespace salient {

/// What both models wrote after the same prompt.
struct ReportSample {
  std::string prompt;
  std::string reference;  ///< of the 16-bit model
  std::string quantized;
};

struct ReportSubject {
  Experiment experiment;
  BitMap map;  ///< empty when the experiment did not get that far
  std::optional<ReportSample> sample;
};

/// An experiment with its bit map, where it got that far.
[[nodiscard]] Result<ReportSubject> read_report_subject(Store& store, std::int64_t id);

/// Depends on its arguments alone. `subjects` holds one or more.
[[nodiscard]] std::string report_html(const std::vector<ReportSubject>& subjects);

}  // namespace salient
