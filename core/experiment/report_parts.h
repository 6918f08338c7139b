// SPDX-License-Identifier: Apache-2.0
// What the sections of the HTML report are made of, and the sections. Private to core/experiment.
#pragma once

#include <string>
#include <vector>

#include "core/experiment/report_html.h"

namespace salient::report {

[[nodiscard]] const char* page_style();  ///< CSS of the document

/// A stranger's string: escapes made visible, then safe for HTML.
[[nodiscard]] std::string shown(const std::string& text);

class HtmlTable {
 public:
  explicit HtmlTable(std::string caption, const char* style = "") : caption_(std::move(caption)), style_(style) {}
  void head(const std::vector<std::string>& titles);
  /// `cells` are text; the first one names the row.
  void row(const std::vector<std::string>& cells);
  [[nodiscard]] std::string html() const;

 private:
  std::string caption_;
  std::string style_;
  std::string head_;
  std::string body_;
};

[[nodiscard]] std::string figure(const std::string& caption, const std::string& chart);
[[nodiscard]] std::string heading(const std::string& title, const std::string& explanation = {});

[[nodiscard]] std::string name_of(const ReportSubject& subject);  ///< "experiment 3"
/// "english-26m" of "/data/english-26m/".
[[nodiscard]] std::string model_name(const Experiment& experiment);

// Sections; empty where there is nothing to show.
[[nodiscard]] std::string cards(const ReportSubject& subject);  ///< the headline figures
[[nodiscard]] std::string metrics_section(const std::vector<ReportSubject>& subjects);
[[nodiscard]] std::string later_section(const std::vector<ReportSubject>& subjects);
[[nodiscard]] std::string bits_section(const std::vector<ReportSubject>& subjects);
[[nodiscard]] std::string time_section(const std::vector<ReportSubject>& subjects);
[[nodiscard]] std::string samples_section(const std::vector<ReportSubject>& subjects);
[[nodiscard]] std::string notes_section(const std::vector<ReportSubject>& subjects);
[[nodiscard]] std::string provenance_section(const std::vector<ReportSubject>& subjects);  ///< recipe and origin

}  // namespace salient::report
