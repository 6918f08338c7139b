// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/report_parts.h"

#include <fmt/format.h>

#include "core/base/format.h"
#include "core/experiment/report_charts.h"

namespace salient::report {
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
table.wrap{font-size:12.5px}
.wrap th,.wrap td{padding:5px}
.wrap thead th{white-space:normal;vertical-align:bottom;font-size:11px;hyphens:auto}
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

}  // namespace

const char* page_style() {
  return kStyle;
}

std::string shown(const std::string& text) {
  return html_escape(escape_for_message(text, 4096));
}

void HtmlTable::head(const std::vector<std::string>& titles) {
  head_ = "<thead><tr>";
  for (const std::string& title : titles)
    head_ += "<th scope=\"col\">" + html_escape(title) + "</th>";
  head_ += "</tr></thead>\n";
}

void HtmlTable::row(const std::vector<std::string>& cells) {
  body_ += "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    body_ += i == 0 ? "<th scope=\"row\">" + html_escape(cells[i]) + "</th>" : "<td>" + html_escape(cells[i]) + "</td>";
  }
  body_ += "</tr>\n";
}

std::string HtmlTable::html() const {
  return fmt::format(
      "<div class=\"scroll\"><table class=\"{}\"><caption>{}</caption>\n{}<tbody>\n{}</tbody></table></div>\n", style_,
      html_escape(caption_), head_, body_);
}

std::string figure(const std::string& caption, const std::string& chart) {
  return "<figure><figcaption>" + html_escape(caption) + "</figcaption>\n" + chart + "</figure>\n";
}

std::string heading(const std::string& title, const std::string& explanation) {
  std::string html = "<h2>" + html_escape(title) + "</h2>\n";
  if (!explanation.empty()) html += "<p class=\"sub\">" + html_escape(explanation) + "</p>\n";
  return html;
}

std::string name_of(const ReportSubject& subject) {
  return fmt::format("experiment {}", subject.experiment.id);
}

std::string model_name(const Experiment& experiment) {
  std::filesystem::path path(experiment.start.model.path);
  if (path.filename().empty()) path = path.parent_path();
  return escape_for_message(path.filename().string());
}

}  // namespace salient::report
