// SPDX-License-Identifier: Apache-2.0
#include "app/cli/console.h"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace salient::cli {
namespace {

constexpr std::string_view kReset = "\033[0m";

bool set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

std::string padded(const std::string& text, std::size_t width, Align align) {
  const std::size_t used = display_width(text);
  const std::string space(width > used ? width - used : 0, ' ');
  return align == Align::left ? text + space : space + text;
}

}  // namespace

Style Style::of(std::FILE* stream) {
  Style style;
  const int descriptor = fileno(stream);
  style.terminal = isatty(descriptor) == 1;
  const char* term = std::getenv("TERM");
  const bool dumb = term != nullptr && std::string_view(term) == "dumb";
  style.colour = style.terminal && !set("NO_COLOR") && !dumb;
  style.unicode = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
  winsize size{};
  if (style.terminal && ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) style.width = size.ws_col;
  return style;
}

std::string Style::heading(std::string_view text) const {
  return colour ? "\033[1m" + std::string(text) + std::string(kReset) : std::string(text);
}

std::string Style::dim(std::string_view text) const {
  return colour ? "\033[2m" + std::string(text) + std::string(kReset) : std::string(text);
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == 0x1b) {
      i = std::min(text.find('m', i), text.size());
      continue;
    }
    const bool continuation = (byte & 0xC0) == 0x80;
    // U+0300 to U+036F are encoded as CC 80 to CD AF.
    const bool combining = byte == 0xCC || (byte == 0xCD && i + 1 < text.size() && (text[i + 1] & 0xF0) < 0xB0);
    if (!continuation && !combining) ++width;
  }
  return width;
}

std::string bar(double share, std::size_t width, const Style& style) {
  const double filled = std::clamp(std::isfinite(share) ? share : 0.0, 0.0, 1.0) * static_cast<double>(width);
  std::string text;
  if (!style.unicode) {
    const auto cells = static_cast<std::size_t>(std::lround(filled));
    return std::string(cells, '#') + std::string(width - cells, '.');
  }
  static constexpr std::array<const char*, 8> eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto units = static_cast<std::size_t>(std::lround(filled * 8));
  for (std::size_t i = 0; i < units / 8; ++i)
    text += "█";
  text += eighths[units % 8];
  for (std::size_t used = (units + 7) / 8; used < width; ++used)
    text += "·";
  return text;
}

std::string Table::render(const Style& style, std::size_t indent) const {
  std::vector<std::size_t> widths;
  bool titled = false;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = display_width(columns_[c].title);
    titled = titled || width > 0;
    for (const auto& cells : rows_)
      width = std::max(width, c < cells.size() ? display_width(cells[c]) : 0);
    widths.push_back(width);
  }
  const auto line = [&](const auto& cell) {
    std::string text(indent, ' ');
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      text += (c > 0 ? "  " : "") + padded(cell(c), widths[c], columns_[c].align);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  };
  std::string text;
  if (titled) text += style.heading(line([&](std::size_t c) { return columns_[c].title; })) + "\n";
  for (const auto& cells : rows_) {
    text += line([&](std::size_t c) { return c < cells.size() ? cells[c] : std::string(); }) + "\n";
  }
  return text;
}

std::string facts(const std::vector<std::pair<std::string, std::string>>& lines, const Style& style) {
  Table table({{"", Align::left}, {"", Align::left}});
  for (const auto& [name, value] : lines)
    table.row({name, value});
  return table.render(style, 2);
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // C1 controls, U+0080 to U+009F, are encoded as C2 80 to C2 9F.
    const bool c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) ++i;
    const bool c0 = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
    if (c0 || c1) {
      out += "\xEF\xBF\xBD";
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace salient::cli
