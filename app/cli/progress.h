// SPDX-License-Identifier: Apache-2.0
// How a command tells on stderr what it is doing: a line that updates itself on a terminal, JSON lines for
// programs, sparse plain lines for log files.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "app/cli/console.h"
#include "core/base/job.h"
#include "core/base/json.h"

namespace salient::cli {

enum class ProgressMode { line, sparse, json, none };

class ProgressDisplay {
 public:
  ProgressDisplay(ProgressMode mode, std::FILE* stream) : mode_(mode), style_(Style::of(stream)), stream_(stream) {}
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;
  ~ProgressDisplay() { finish(); }

  void progress(const ProgressEvent& event);
  void warning(const std::string& message);
  void snapshot(const Json& partial);
  /// The updating line ends here.
  void finish();
  /// From here on only JSON events are shown: the stream's terminal is used for something else.
  void mute();

 private:
  using Clock = std::chrono::steady_clock;
  void show_line(const ProgressEvent& event);
  void show_sparse(const ProgressEvent& event);
  void json_line(Json event);
  void put(const std::string& text);
  void clear_line();

  ProgressMode mode_;
  Style style_;
  std::FILE* stream_;
  ProgressEvent last_;
  bool open_ = false;   ///< an unfinished line stands on the terminal
  bool ended_ = false;  ///< the end of the current stage has been shown
  Clock::time_point shown_;
};

/// "quantize   43 %  [████······]  2 min 05 s left  layer 3 of 8", without colours or cursor movements.
[[nodiscard]] std::string progress_text(const ProgressEvent& event, const Style& style);

}  // namespace salient::cli
