// SPDX-License-Identifier: Apache-2.0
#include "app/cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/base/format.h"

namespace salient::cli {
namespace {

constexpr std::chrono::seconds kSparseInterval{10};

std::string percent(double fraction) {
  return fmt::format("{:3.0f} %", std::floor(100 * std::clamp(fraction, 0.0, 1.0)));
}

/// Whole seconds: more digits would promise too much.
std::string time_left(const ProgressEvent& event) {
  const double seconds = std::ceil(event.eta_seconds);
  return (seconds < 60 ? fmt::format("{:.0f} s", seconds) : format_duration(seconds)) + " left";
}

/// Cut to `width` columns without splitting a character.
std::string cut(const std::string& text, std::size_t width) {
  if (display_width(text) <= width) return text;
  std::string part = text;
  while (!part.empty() && display_width(part) > width) {
    part.pop_back();
    while (!part.empty() && (static_cast<unsigned char>(part.back()) & 0xC0) == 0x80)
      part.pop_back();
  }
  return part;
}

}  // namespace

std::string progress_text(const ProgressEvent& event, const Style& style) {
  std::string text =
      fmt::format("{:<10} {}  [{}]", event.stage, percent(event.fraction), bar(event.fraction, 20, style));
  if (event.fraction >= 1) {
    text += "  " + format_duration(event.elapsed_seconds);
  } else if (event.eta_seconds >= 0) {
    text += "  " + time_left(event);
  }
  if (!event.detail.empty()) text += "  " + event.detail;
  return text;
}

void ProgressDisplay::progress(const ProgressEvent& event) {
  if (mode_ == ProgressMode::line) show_line(event);
  if (mode_ == ProgressMode::sparse) show_sparse(event);
  if (mode_ == ProgressMode::json) {
    Json line{{"event", "progress"}, {"stage", event.stage}, {"fraction", event.fraction}};
    line["eta_seconds"] = event.eta_seconds >= 0 ? Json(event.eta_seconds) : Json();
    line["elapsed_seconds"] = event.elapsed_seconds;
    line["detail"] = event.detail;
    json_line(std::move(line));
  }
  last_ = event;
}

void ProgressDisplay::show_line(const ProgressEvent& event) {
  // The stage before keeps its last line, so that the terminal shows what took how long.
  if (open_ && event.stage != last_.stage) finish();
  const auto width = static_cast<std::size_t>(std::max(style_.width - 1, 20));
  put("\r" + cut(progress_text(event, style_), width) + "\033[K");
  open_ = true;
}

void ProgressDisplay::show_sparse(const ProgressEvent& event) {
  const auto now = Clock::now();
  const bool begins = event.stage != last_.stage || event.fraction < last_.fraction;
  if (begins) {
    ended_ = false;
    shown_ = now;
  }
  const bool ends = event.fraction >= 1;
  if (ended_ || (!ends && now - shown_ < kSparseInterval)) return;
  ended_ = ends;
  shown_ = now;
  std::string line = event.stage + " " + percent(event.fraction);
  if (ends) line += ", " + format_duration(event.elapsed_seconds);
  if (!ends && event.eta_seconds >= 0) line += ", " + time_left(event);
  if (!event.detail.empty()) line += ", " + event.detail;
  put(line + "\n");
}

void ProgressDisplay::warning(const std::string& message) {
  if (mode_ == ProgressMode::json) {
    json_line({{"event", "warning"}, {"message", message}});
    return;
  }
  clear_line();
  put("warning: " + message + "\n");
}

void ProgressDisplay::snapshot(const Json& partial) {
  if (mode_ != ProgressMode::json) return;
  json_line({{"event", "snapshot"}, {"snapshot", partial}});
}

void ProgressDisplay::json_line(Json event) {
  put(event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void ProgressDisplay::put(const std::string& text) {
  // A closed stderr must not stop the work, so failures are of no interest here.
  std::fputs(text.c_str(), stream_);
  std::fflush(stream_);
}

void ProgressDisplay::clear_line() {
  if (!open_) return;
  put("\r\033[K");
  open_ = false;
}

void ProgressDisplay::finish() {
  if (!open_) return;
  put("\n");
  open_ = false;
}

void ProgressDisplay::mute() {
  clear_line();
  if (mode_ != ProgressMode::json) mode_ = ProgressMode::none;
}

}  // namespace salient::cli
