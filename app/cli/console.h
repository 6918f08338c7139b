// SPDX-License-Identifier: Apache-2.0
// What the terminal can show, and text laid out for it: tables, bars, headings. Nothing carries its
// meaning by colour alone, so that all of it also works in a pipe.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace salient::cli {

struct Style {
  bool terminal = false;
  bool colour = false;   ///< ANSI attributes: a terminal, and neither NO_COLOR nor TERM=dumb
  bool unicode = false;  ///< the locale's character set is UTF-8
  int width = 80;        ///< columns

  static Style of(std::FILE* stream);
  [[nodiscard]] std::string heading(std::string_view text) const;
  [[nodiscard]] std::string dim(std::string_view text) const;
};

/// Columns on the terminal: UTF-8 code points outside of escape sequences, combining marks not counted.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// `share` of `width` cells filled; eighths of a cell where the character set has them.
[[nodiscard]] std::string bar(double share, std::size_t width, const Style& style);

enum class Align { left, right };

class Table {
 public:
  struct Column {
    std::string title;
    Align align = Align::left;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  /// Two spaces between columns, the titles first; no title line when all titles are empty.
  [[nodiscard]] std::string render(const Style& style, std::size_t indent = 0) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// "  name   value" lines with the values aligned.
[[nodiscard]] std::string facts(const std::vector<std::pair<std::string, std::string>>& lines, const Style& style);

/// Model output for a terminal: control characters other than line feed and tab become U+FFFD, so that a
/// model cannot steer the terminal.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace salient::cli
