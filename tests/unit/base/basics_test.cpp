// SPDX-License-Identifier: Apache-2.0
// Errors, escaping, UTF-8, hashing, random numbers, system facts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <set>
#include <string>

#include "core/base/hash.h"
#include "core/base/job.h"
#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/system.h"
#include "core/base/utf8.h"

namespace salient {
namespace {

TEST(Error, ReadsAsOneLine) {
  const Error error{ErrorCode::mismatch, "a.json", "layers", "4", "5", "get it again"};
  EXPECT_EQ(error.to_string(), "mismatch a.json: layers: expected 4, found 5; get it again");
  EXPECT_EQ((Error{ErrorCode::disk_full, "", "", "", "2 bytes", ""}).to_string(), "disk-full found 2 bytes");
}

Result<int> half(int value) {
  if (value % 2 != 0) return Error{ErrorCode::range, "", "value", "even", "odd", ""};
  return value / 2;
}

Result<int> quarter(int value) {
  SALIENT_ASSIGN(const int first, half(value));
  SALIENT_CHECK(half(first));
  return first / 2;
}

TEST(Result, PassesErrorsUp) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().code, ErrorCode::range);
  EXPECT_EQ(quarter(3).error().key, "value");
}

TEST(Escape, KeepsWhatIsPrintable) {
  EXPECT_EQ(escape_for_message("model.layers.0 Größe 模型 🙂"), "model.layers.0 Größe 模型 🙂");
}

TEST(Escape, MakesDeceptionVisible) {
  EXPECT_EQ(escape_for_message("a\nb\tc\x1b[31m\"'\\"), "a\\nb\\tc\\x1b[31m\\\"'\\\\");
  EXPECT_EQ(escape_for_message(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(escape_for_message("exe\u202Etxt\u2066\u200F"), "exe\\u{202e}txt\\u{2066}\\u{200f}");
  EXPECT_EQ(escape_for_message("\u0085\u2028\uFEFF"), "\\u{85}\\u{2028}\\u{feff}");
}

TEST(Escape, ShowsInvalidBytes) {
  EXPECT_EQ(escape_for_message("\xC0\xAF|\xED\xA0\x80|\xF5|\xE2\x82"), "\\xc0\\xaf|\\xed\\xa0\\x80|\\xf5|\\xe2\\x82");
}

TEST(Escape, CutsBetweenCharacters) {
  EXPECT_EQ(escape_for_message(std::string(200, 'x')), std::string(200, 'x'));
  EXPECT_EQ(escape_for_message(std::string(201, 'x')), std::string(200, 'x') + "…");
  EXPECT_EQ(escape_for_message("aéé", 4), "aé…");
  EXPECT_EQ(escape_for_message("\x01\x01", 7), "\\x01…");
}

TEST(Utf8, FindsTheFirstBadByte) {
  EXPECT_EQ(first_invalid_utf8(""), 0U);
  const std::string good = "plain ascii, then é and 模 and 🙂 and \u07FF\u0800\uFFFF\U0010FFFF";
  EXPECT_EQ(first_invalid_utf8(good), good.size());
  for (const std::string bad : {"\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                                "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xE2\x82", "\xFF"}) {
    EXPECT_EQ(first_invalid_utf8(good + bad + good), good.size());
    EXPECT_EQ(first_invalid_utf8(good + bad), good.size());
  }
}

TEST(Sha256, KnownDigests) {
  // FIPS 180-2, appendix B.
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256 hash;
  hash.update("a");
  hash.update(std::as_bytes(std::span("bc", 2)));
  EXPECT_EQ(hash.finish(), sha256_hex("abc"));
}

TEST(Random, IsTheSameEverywhere) {
  // Computed by an independent implementation of SplitMix64 and xoshiro256**.
  Random zero(0);
  EXPECT_EQ(zero.next(), 0x99EC5F36CB75F2B4U);
  EXPECT_EQ(zero.next(), 0xBF6E1F784956452AU);
  Random other(42);
  EXPECT_EQ(other.next(), 0x15780B2E0C2EC716U);
}

TEST(Random, StaysInItsBounds) {
  Random random(7);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i)
    seen.insert(random.below(10));
  EXPECT_EQ(seen.size(), 10U);
  EXPECT_LT(*seen.rbegin(), 10U);
  EXPECT_EQ(random.below(1), 0U);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const double value = random.uniform();
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    sum += value;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.02);
}

TEST(System, KnowsThisMachine) {
  const MachineInfo machine = machine_info();
  EXPECT_GE(machine.cores, 1);
  EXPECT_GT(machine.memory_bytes, 64U << 20);
  EXPECT_FALSE(machine.processor.empty());
  EXPECT_EQ(machine.system.rfind("Linux ", 0), 0U);
  EXPECT_GT(available_memory_bytes(), 0U);
  EXPECT_LE(available_memory_bytes(), machine.memory_bytes);
  EXPECT_GT(peak_memory_bytes(), 1U << 20);
  EXPECT_THAT(program_version(), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
#if defined(__x86_64__)
  EXPECT_EQ(cpu_features().avx2, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
  EXPECT_EQ(cpu_features().avx512_vnni, __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
                                            __builtin_cpu_supports("avx512vl"));
#endif
}

TEST(System, FollowsTheBaseDirectorySpecification) {
  const char* home = getenv("HOME");
  const std::string kept = home == nullptr ? "" : home;
  setenv("HOME", "/home/somebody", 1);
  setenv("XDG_DATA_HOME", "/data", 1);
  setenv("XDG_CACHE_HOME", "relative", 1);  // to be ignored
  EXPECT_EQ(data_directory(), "/data/salient");
  EXPECT_EQ(cache_directory(), "/home/somebody/.cache/salient");
  unsetenv("XDG_DATA_HOME");
  unsetenv("XDG_CACHE_HOME");
  EXPECT_EQ(data_directory(), "/home/somebody/.local/share/salient");
  setenv("HOME", kept.c_str(), 1);
}

TEST(Job, ThrottlesProgressAndAlwaysReportsTheEnd) {
  std::vector<ProgressEvent> events;
  Job job(nullptr, {[&](const ProgressEvent& event) { events.push_back(event); }, {}});
  job.begin("search");
  for (int i = 1; i <= 1000; ++i)
    job.report(i, 1000, "step");
  ASSERT_FALSE(events.empty());
  EXPECT_LT(events.size(), 1000U);
  EXPECT_EQ(events.back().stage, "search");
  EXPECT_EQ(events.back().fraction, 1);
  EXPECT_EQ(events.back().eta_seconds, 0);
}

TEST(Job, SaysWhenItWasCancelled) {
  CancelToken token;
  const Job job(&token, {});
  EXPECT_TRUE(job.check());
  token.cancel();
  EXPECT_EQ(job.check().error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace salient
