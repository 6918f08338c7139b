// SPDX-License-Identifier: Apache-2.0
#include "core/base/format.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace salient {
namespace {

Error bad_size(std::string_view text) {
  return {ErrorCode::usage,
          {},
          {},
          "a number of bytes with an optional suffix",
          "\"" + escape_for_message(text) + "\"",
          "write for example 1500000000, 500MB (10^6) or 4GiB (2^30)"};
}

/// The factor of a suffix, 0 if there is no such suffix.
double size_factor(std::string_view suffix) {
  std::string name;
  for (const char c : suffix)
    name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (name.empty() || name == "B") return 1;
  const auto power = std::string_view("KMGT").find(name.front());
  if (power == std::string_view::npos) return 0;
  const std::string_view rest = std::string_view(name).substr(1);
  const double exponent = static_cast<double>(power) + 1;
  if (rest.empty() || rest == "B") return std::pow(1000.0, exponent);
  return rest == "IB" ? std::pow(1024.0, exponent) : 0;
}

}  // namespace

std::string format_count(std::int64_t value) {
  const std::string digits = fmt::format("{}", value);
  const std::size_t first = value < 0 ? 1 : 0;
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > first && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string format_bytes(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  static constexpr std::array<const char*, 5> units{"KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  // 1023.5 and more would be shown as "1024".
  while (value >= 1023.5 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} {}", value, decimals, units[unit]);
}

std::string format_duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "unknown";
  if (seconds < 0.9995) return fmt::format("{:.0f} ms", seconds * 1000);
  if (seconds < 9.995) return fmt::format("{:.2f} s", seconds);
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  if (seconds >= 1e15) return "for ever";
  const auto total = static_cast<std::int64_t>(std::llround(seconds));
  if (total < 3600) return fmt::format("{} min {:02} s", total / 60, total % 60);
  const std::int64_t minutes = (total + 30) / 60;
  if (minutes < 24 * 60) return fmt::format("{} h {:02} min", minutes / 60, minutes % 60);
  const std::int64_t hours = (minutes + 30) / 60;
  return fmt::format("{} d {:02} h", hours / 24, hours % 24);
}

std::string format_significant(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "not a number" : value > 0 ? "infinite" : "-infinite";
  if (value == 0) return "0";
  const double magnitude = std::floor(std::log10(std::abs(value)));
  if (magnitude < -4 || magnitude > 14) return fmt::format("{:.3e}", value);
  if (magnitude >= 3 || value == std::floor(value)) return format_count(std::llround(value));
  return fmt::format("{:.{}f}", value, std::max(0, 3 - static_cast<int>(magnitude)));
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
  // strtod would take "nan", "inf" and hexadecimal; only plain decimal digits are a size.
  std::size_t digits = 0;
  while (digits < text.size() && (std::isdigit(static_cast<unsigned char>(text[digits])) != 0 || text[digits] == '.')) {
    ++digits;
  }
  const std::string number(text.substr(0, digits));
  std::string_view suffix = text.substr(digits);
  while (!suffix.empty() && suffix.front() == ' ')
    suffix.remove_prefix(1);
  const double factor = size_factor(suffix);
  if (number.empty() || factor == 0) return bad_size(text);

  std::uint64_t whole = 0;
  const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), whole);
  if (problem == std::errc() && end == number.data() + number.size() && factor == 1) {
    if (whole > static_cast<std::uint64_t>(INT64_MAX)) return bad_size(text);
    return whole;
  }
  char* rest = nullptr;
  const double value = std::strtod(number.c_str(), &rest) * factor;
  if (*rest != '\0' || !(value < 9.2e18)) return bad_size(text);
  return static_cast<std::uint64_t>(std::llround(value));
}

std::string csv_field(std::string_view text) {
  const bool number = text.find_first_not_of("0123456789.+-eE") == std::string_view::npos;
  const bool formula = !number && std::string_view("=+-@\t").find(text.front()) != std::string_view::npos;
  if (!formula && text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted;
  for (const char c : text)
    quoted.append(c == '"' ? 2 : 1, c);
  return fmt::format("\"{}{}\"", formula ? "'" : "", quoted);
}

}  // namespace salient
