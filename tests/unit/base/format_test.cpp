// SPDX-License-Identifier: Apache-2.0
#include "core/base/format.h"

#include <gtest/gtest.h>

#include <limits>

namespace salient {
namespace {

TEST(FormatCount, SeparatesThousands) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(-1234567), "-1,234,567");
  EXPECT_EQ(format_count(-123), "-123");
}

TEST(FormatBytes, ChoosesTheUnit) {
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1024), "1.00 KiB");
  EXPECT_EQ(format_bytes(1024 * 1024 - 1), "1.00 MiB");
  EXPECT_EQ(format_bytes(std::uint64_t{12345} << 20), "12.1 GiB");
  EXPECT_EQ(format_bytes(std::numeric_limits<std::uint64_t>::max()), "16384 PiB");
}

TEST(FormatDuration, ChoosesTheUnit) {
  EXPECT_EQ(format_duration(0.0421), "42 ms");
  EXPECT_EQ(format_duration(1.234), "1.23 s");
  EXPECT_EQ(format_duration(59.94), "59.9 s");
  EXPECT_EQ(format_duration(59.96), "1 min 00 s");
  EXPECT_EQ(format_duration(3599.6), "1 h 00 min");
  EXPECT_EQ(format_duration(90000), "1 d 01 h");
  EXPECT_EQ(format_duration(-1), "unknown");
  EXPECT_EQ(format_duration(std::numeric_limits<double>::quiet_NaN()), "unknown");
}

TEST(FormatSignificant, KeepsFourDigits) {
  EXPECT_EQ(format_significant(0), "0");
  EXPECT_EQ(format_significant(12.34567), "12.35");
  EXPECT_EQ(format_significant(0.00123456), "0.001235");
  EXPECT_EQ(format_significant(1.5e-9), "1.500e-09");
  EXPECT_EQ(format_significant(-123456.7), "-123,457");
  EXPECT_EQ(format_significant(6), "6");
}

TEST(ParseBytes, TakesSuffixes) {
  const std::pair<const char*, std::uint64_t> cases[] = {
      {"0", 0},
      {"1500000000", 1500000000},
      {"500MB", 500000000},
      {"4GiB", 4294967296},
      {"1.5 kb", 1500},
      {"1.5kib", 1536},
      {"2K", 2000},
      {"3t", 3000000000000},
      {"12 B", 12},
      {"0.5GiB", 536870912},
      {"9223372036854775807", INT64_MAX},
  };
  for (const auto& [text, bytes] : cases) {
    const auto parsed = parse_bytes(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, bytes) << text;
  }
}

TEST(ParseBytes, RefusesWhatIsNoSize) {
  for (const char* text : {"", "GiB", "-1", "1e9", "0x10", "nan", "inf", "1..5", "4GiBs", "4 G i B", "5%", "1.2.3MB",
                           "9223372036854775808", "99999999999TiB", "1,000"}) {
    const auto parsed = parse_bytes(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::usage);
    EXPECT_NE(parsed.error().to_string().find("500MB"), std::string::npos);
  }
}

TEST(CsvField, QuotesWhatMustBeAndLeavesTheRest) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field(""), "");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"x\"\n"), "\"say \"\"x\"\"\n\"");
}

TEST(CsvField, KeepsNumbersAndDisarmsFormulas) {
  EXPECT_EQ(csv_field("-1.5e-3"), "-1.5e-3");
  EXPECT_EQ(csv_field("=A1"), "\"'=A1\"");
  EXPECT_EQ(csv_field("@x"), "\"'@x\"");
}

}  // namespace
}  // namespace salient
