// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/report_html.h"

#include <fmt/format.h>

#include "core/base/format.h"
#include "core/experiment/report_charts.h"
#include "core/experiment/report_parts.h"

namespace salient {

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
  using namespace report;
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
  html += "<title>" + html_escape(title) + " – Salient report</title>\n<style>" + page_style() + chart_styles() +
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
  html += provenance_section(subjects);
  html += fmt::format(
      "<footer>Made by salient {}. Payload bits count the codes only, as papers do; effective bits also "
      "count scales, zero points and row indices, as the disk does.</footer>\n",
      html_escape(program_version()));
  return html + "</main>\n</body>\n</html>\n";
}

}  // namespace salient
