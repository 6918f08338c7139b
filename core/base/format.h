// SPDX-License-Identifier: Apache-2.0
// Numbers for people: counts, bytes and durations as they appear on a terminal and in a report.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace salient {

[[nodiscard]] std::string format_count(std::int64_t value);   ///< "1,234,567"
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);  ///< "812 B", "4.93 MiB"
[[nodiscard]] std::string format_duration(double seconds);    ///< "0.42 s", "2 min 05 s", "3 h 12 min"
[[nodiscard]] std::string format_significant(double value);   ///< "0.001234", "12.35", "123,456", "6"

/// Bytes as people write them: "1500000000", "500MB" (10⁶), "4GiB" (2³⁰), "1.5 GB"; suffixes B, K, M, G, T with an
/// optional "B" or "iB" in any case. Error{usage} for anything else, and beyond 2⁶³ − 1.
[[nodiscard]] Result<std::uint64_t> parse_bytes(std::string_view text);

/// A field of a CSV file (RFC 4180), quoted where it must be. A spreadsheet must not take a name for a formula, so text
/// that begins like one is led by an apostrophe.
[[nodiscard]] std::string csv_field(std::string_view text);

}  // namespace salient
