// SPDX-License-Identifier: Apache-2.0
// Against PyTorch autograd: tests/oracle/make_salience_fixtures.py. Group 32 on inputs of 24 to 56 features.
#include "core/search/salience.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/search/search_benchmark.h"
#include "tests/unit/support/temporary_directory.h"
#include "tests/unit/support/tiny_model.h"

namespace salient {
namespace {

using test::must;
using test::tensor_values;
using test::TinyModel;

const std::filesystem::path kFixtures = SALIENT_FIXTURES;
constexpr SalienceVariant kVariants[] = {SalienceVariant::full, SalienceVariant::second_order,
                                         SalienceVariant::diagonal_fisher, SalienceVariant::first_order};

SearchOptions options_for(SalienceVariant variant) {
  SearchOptions options;
  options.variant = variant;
  options.group = 32;
  return options;
}

/// Within 1e-3 of each value; values that cancel to almost nothing are measured against the linear's largest.
void expect_close(std::span<const double> values, std::span<const double> expected, const std::string& what) {
  ASSERT_EQ(values.size(), expected.size()) << what;
  double largest = 0;
  for (const double value : expected)
    largest = std::max(largest, std::abs(value));
  ASSERT_GT(largest, 0) << what;
  for (std::size_t i = 0; i < values.size(); ++i)
    EXPECT_NEAR(values[i], expected[i], 1e-3 * std::abs(expected[i]) + 1e-5 * largest) << what << " row " << i;
}

class SalienceOracle : public testing::TestWithParam<std::string> {
 protected:
  SafetensorsFile expected_ = must(SafetensorsFile::open(kFixtures / "search" / (GetParam() + ".safetensors")));
  TinyModel model_{kFixtures / "model" / GetParam()};
  std::vector<std::vector<std::int32_t>> windows_ = test::token_windows(expected_, "ids");
};

TEST_P(SalienceOracle, TermsAgreeWithAutograd) {
  const std::vector<double> losses = tensor_values<double>(expected_, "loss");
  for (std::size_t d = 0; d < windows_.size(); ++d) {
    const SequenceTerms terms =
        must(sequence_terms(*model_.decoder, windows_[d], options_for(SalienceVariant::diagonal_fisher)));
    EXPECT_NEAR(terms.loss, losses[d], 1e-4 * losses[d]);
    ASSERT_EQ(terms.first_order.size(), 14U);
    for (std::size_t i = 0; i < terms.first_order.size(); ++i) {
      const std::string name = linear_name(linear_at(i));
      const std::size_t rows = terms.first_order[i].size();
      const auto row_of = [&](const std::string& tensor) {
        const std::vector<double> all = tensor_values<double>(expected_, tensor + name);
        EXPECT_EQ(all.size(), rows * windows_.size());
        const auto first = all.begin() + static_cast<std::ptrdiff_t>(d * rows);
        return std::vector<double>(first, first + static_cast<std::ptrdiff_t>(rows));
      };
      expect_close(terms.first_order[i], row_of("first_order."), name);
      expect_close(terms.diagonal[i], row_of("diagonal."), name + " diagonal");
    }
  }
}

TEST_P(SalienceOracle, ScoresAgreeForEveryVariant) {
  for (const SalienceVariant variant : kVariants) {
    SearchState state;
    Job job;
    const SalienceScores scores =
        must(search_salience(*model_.decoder, windows_, options_for(variant), state, {}, job));
    EXPECT_EQ(scores.samples, 3);
    EXPECT_EQ(scores.length, 20);
    EXPECT_EQ(scores.group, 32);
    EXPECT_EQ(scores.variant, variant);
    EXPECT_EQ(scores.windows, windows_);
    ASSERT_EQ(scores.linears.size(), 14U);
    for (const LinearScores& linear : scores.linears) {
      const LinearShape shape = linear_shape(model_.decoder->config(), linear.id.kind);
      EXPECT_EQ(linear.rows, shape.rows);
      EXPECT_EQ(linear.cols, shape.cols);
      const std::string name = linear_name(linear.id);
      std::vector<double> expected;
      if (variant == SalienceVariant::first_order) {
        expected.resize(static_cast<std::size_t>(linear.rows));
        const std::vector<double> terms = tensor_values<double>(expected_, "first_order." + name);
        for (std::size_t i = 0; i < terms.size(); ++i)
          expected[i % expected.size()] += std::abs(terms[i]);
      } else {
        expected = tensor_values<double>(expected_, std::string(salience_variant_name(variant)) + "." + name);
      }
      expect_close(linear.scores, expected, name + " " + std::string(salience_variant_name(variant)));
    }
  }
}

TEST_P(SalienceOracle, RecomputedActivationsGiveTheSameTerms) {
  SearchOptions options = options_for(SalienceVariant::full);
  const SequenceTerms kept = must(sequence_terms(*model_.decoder, windows_[0], options));
  options.activation_bytes = 1;
  const SequenceTerms recomputed = must(sequence_terms(*model_.decoder, windows_[0], options));
  EXPECT_EQ(kept.loss, recomputed.loss);
  EXPECT_EQ(kept.first_order, recomputed.first_order);
  EXPECT_TRUE(kept.diagonal.empty());
}

INSTANTIATE_TEST_SUITE_P(TinyModels, SalienceOracle,
                         testing::Values("llama3-bf16", "llama-biased-f32", "mistral-f16", "qwen2-f32"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

class Search : public testing::Test {
 protected:
  const std::filesystem::path directory_ = kFixtures / "model" / "mistral-f16";
  std::vector<std::vector<std::int32_t>> windows_ =
      test::token_windows(must(SafetensorsFile::open(kFixtures / "search" / "mistral-f16.safetensors")), "ids");
  SearchOptions options_ = options_for(SalienceVariant::full);
};

std::vector<std::vector<double>> values_of(const SalienceScores& scores) {
  std::vector<std::vector<double>> values;
  for (const LinearScores& linear : scores.linears)
    values.push_back(linear.scores);
  return values;
}

TEST_F(Search, DoesNotDependOnTheNumberOfThreads) {
  TinyModel one(directory_, 1);
  TinyModel three(directory_, 3);
  SearchState state_one;
  SearchState state_three;
  Job job;
  EXPECT_EQ(values_of(must(search_salience(*one.decoder, windows_, options_, state_one, {}, job))),
            values_of(must(search_salience(*three.decoder, windows_, options_, state_three, {}, job))));
}

TEST_F(Search, CancelledAfterAnySequenceItGoesOnToTheSameScores) {
  TinyModel model(directory_);
  SearchState whole_state;
  Job plain;
  const SalienceScores whole = must(search_salience(*model.decoder, windows_, options_, whole_state, {}, plain));
  const test::TemporaryDirectory scratch;
  const std::filesystem::path path = scratch / "state.safetensors";
  for (std::int64_t stop = 1; stop < 3; ++stop) {
    CancelToken cancel;
    Job job(&cancel, {});
    SearchState state;
    const auto save = [&](const SearchState& now) -> Status {
      if (now.sequences_done == stop) cancel.cancel();
      return save_search_state(now, "fingerprint", path);
    };
    const auto cancelled = search_salience(*model.decoder, windows_, options_, state, save, job);
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().code, ErrorCode::cancelled);
    SearchState resumed = must(load_search_state(path, "fingerprint", model.decoder->config()));
    EXPECT_EQ(resumed.sequences_done, stop);
    EXPECT_EQ(resumed.loss_sum, state.loss_sum);
    EXPECT_EQ(resumed.sums, state.sums);
    const SalienceScores scores = must(search_salience(*model.decoder, windows_, options_, resumed, {}, plain));
    EXPECT_EQ(values_of(scores), values_of(whole));
    EXPECT_EQ(scores.mean_loss, whole.mean_loss);
  }
}

TEST_F(Search, AStateOfSomethingElseIsRefused) {
  TinyModel model(directory_);
  SearchState state;
  Job job;
  ASSERT_TRUE(search_salience(*model.decoder, windows_, options_, state, {}, job));
  const test::TemporaryDirectory scratch;
  const std::filesystem::path path = scratch / "state.safetensors";
  ASSERT_TRUE(save_search_state(state, "ours", path));
  const auto other = load_search_state(path, "theirs", model.decoder->config());
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::mismatch);
  EXPECT_EQ(other.error().key, "fingerprint");
  ModelConfig larger = model.decoder->config();
  larger.layers += 1;
  EXPECT_FALSE(load_search_state(path, "ours", larger));
  larger = model.decoder->config();
  larger.intermediate_size += 1;
  EXPECT_FALSE(load_search_state(path, "ours", larger));
  // More sequences done than there are windows.
  windows_.pop_back();
  const auto too_many = search_salience(*model.decoder, windows_, options_, state, {}, job);
  ASSERT_FALSE(too_many);
  EXPECT_EQ(too_many.error().code, ErrorCode::mismatch);
}

TEST_F(Search, AFailingSaveStopsIt) {
  TinyModel model(directory_);
  SearchState state;
  Job job;
  const auto save = [](const SearchState&) -> Status { return Error{ErrorCode::disk_full, "", "", "", "", ""}; };
  const auto stopped = search_salience(*model.decoder, windows_, options_, state, save, job);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::disk_full);
}

TEST_F(Search, RefusesWindowsItCannotUse) {
  TinyModel model(directory_);
  Job job;
  for (const std::vector<std::vector<std::int32_t>>& windows :
       {std::vector<std::vector<std::int32_t>>{}, std::vector<std::vector<std::int32_t>>{{1}},
        std::vector<std::vector<std::int32_t>>{{1, 2, 3}, {1, 2}}}) {
    SearchState state;
    const auto refused = search_salience(*model.decoder, windows, options_, state, {}, job);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::usage);
  }
}

TEST_F(Search, TellsHowFarItIs) {
  TinyModel model(directory_);
  SearchState state;
  std::vector<ProgressEvent> events;
  Job job(nullptr, {[&](const ProgressEvent& event) { events.push_back(event); }, {}});
  ASSERT_TRUE(search_salience(*model.decoder, windows_, options_, state, {}, job));
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().stage, "search");
  EXPECT_EQ(events.back().fraction, 1);
  EXPECT_EQ(events.back().detail, "sequence 3 of 3");
  for (std::size_t i = 1; i < events.size(); ++i)
    EXPECT_GE(events[i].fraction, events[i - 1].fraction);
}

TEST_F(Search, IsTimedBesideTheForward) {
  TinyModel model(directory_);
  Job job;
  const SearchBenchmark result = must(benchmark_search(*model.decoder, windows_, options_, job));
  EXPECT_EQ(result.sequences, 3);
  EXPECT_EQ(result.tokens, 60);
  EXPECT_GT(result.forward_seconds, 0);
  EXPECT_GT(result.search_seconds, 0);
  EXPECT_DOUBLE_EQ(result.ratio, result.search_seconds / result.forward_seconds);
  EXPECT_GT(result.peak_memory_bytes, 0U);
  EXPECT_FALSE(benchmark_search(*model.decoder, {}, options_, job));
}

}  // namespace
}  // namespace salient
