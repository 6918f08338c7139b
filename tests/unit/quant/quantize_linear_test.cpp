// SPDX-License-Identifier: Apache-2.0
#include "core/quant/quantize_linear.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "core/quant/hessian.h"
#include "tests/unit/quant/fixture.h"

namespace salient {
namespace {

/// The linear of fixtures/quant/linear.safetensors and what the plain implementation makes of it.
class QuantizeLinear : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = SafetensorsFile::open(SALIENT_FIXTURES "/quant/linear.safetensors");
    ASSERT_TRUE(opened) << opened.error().to_string();
    file_.emplace(*std::move(opened));
    weight_ = fixture_tensor<float>(*file_, "weight");
    for (const float value : fixture_tensor<float>(*file_, "gram"))
      gram_.push_back(value);
    rows8_ = fixture_tensor<std::uint32_t>(*file_, "rows8");
    rows_ = file_->find("weight")->shape[0];
    cols_ = file_->find("weight")->shape[1];
  }

  [[nodiscard]] GramMatrix gram() const { return {gram_, cols_, 4}; }

  [[nodiscard]] QuantizedLinear quantize(const QuantOptions& options, int threads = 2) const {
    ThreadPool pool(threads);
    auto result = quantize_linear(weight_, rows_, cols_, rows8_, gram(), options, pool);
    if (!result) {
      ADD_FAILURE() << result.error().to_string();
      return {};
    }
    return *std::move(result);
  }

  std::optional<SafetensorsFile> file_;
  std::vector<float> weight_;
  std::vector<double> gram_;
  std::vector<std::uint32_t> rows8_;
  std::int64_t rows_ = 0;
  std::int64_t cols_ = 0;
};

/// Codes of all rows in the linear's own order, 4-bit codes unpacked.
std::vector<int> all_codes(const QuantizedMatrix& matrix) {
  std::vector<int> codes(static_cast<std::size_t>(matrix.rows * matrix.cols));
  const std::vector<std::uint32_t> rows4 = matrix.rows4();
  for (std::size_t i = 0; i < rows4.size(); ++i) {
    const std::uint8_t* row = matrix.codes4.data() + static_cast<std::int64_t>(i) * nibble_bytes(matrix.cols);
    for (std::int64_t k = 0; k < matrix.cols; ++k) {
      codes[static_cast<std::size_t>(rows4[i] * matrix.cols + k)] = nibble_at(row, k);
    }
  }
  for (std::size_t i = 0; i < matrix.rows8.size(); ++i) {
    for (std::int64_t k = 0; k < matrix.cols; ++k) {
      codes[static_cast<std::size_t>(matrix.rows8[i] * matrix.cols + k)] =
          matrix.codes8[static_cast<std::size_t>(static_cast<std::int64_t>(i) * matrix.cols + k)];
    }
  }
  return codes;
}

/// Scales (fp16 bits) and zeros of all rows in the linear's own order.
std::pair<std::vector<std::uint16_t>, std::vector<std::uint8_t>> all_grids(const QuantizedMatrix& matrix) {
  const std::int64_t groups = matrix.groups();
  std::vector<std::uint16_t> scales(static_cast<std::size_t>(matrix.rows * groups));
  std::vector<std::uint8_t> zeros(scales.size());
  const std::vector<std::uint32_t> rows4 = matrix.rows4();
  for (std::int64_t i = 0; i < matrix.count4(); ++i) {
    for (std::int64_t g = 0; g < groups; ++g) {
      const auto at = static_cast<std::size_t>(rows4[static_cast<std::size_t>(i)] * groups + g);
      scales[at] = matrix.scales4[static_cast<std::size_t>(i * groups + g)];
      zeros[at] = static_cast<std::uint8_t>(nibble_at(matrix.zeros4.data() + i * nibble_bytes(groups), g));
    }
  }
  for (std::int64_t i = 0; i < matrix.count8(); ++i) {
    for (std::int64_t g = 0; g < groups; ++g) {
      scales[static_cast<std::size_t>(matrix.rows8[static_cast<std::size_t>(i)] * groups + g)] =
          matrix.scales8[static_cast<std::size_t>(i * groups + g)];
    }
  }
  return {scales, zeros};
}

struct Case {
  const char* name;
  QuantMethod method;
  bool clip;
};
constexpr Case kCases[] = {{"rtn", QuantMethod::rtn, false},
                           {"rtn-clip", QuantMethod::rtn, true},
                           {"gptq", QuantMethod::gptq, false},
                           {"gptq-clip", QuantMethod::mixllm, true}};

TEST_F(QuantizeLinear, AgreesWithThePlainImplementation) {
  for (const Case& test : kCases) {
    for (const std::int64_t group : {32, 64, 128}) {
      const std::string prefix = std::string(test.name) + "." + std::to_string(group) + ".";
      SCOPED_TRACE(prefix);
      const QuantizedLinear result = quantize({test.method, test.clip, group});
      const std::vector<int> codes = all_codes(result.matrix);
      const auto [scales, zeros] = all_grids(result.matrix);
      const auto expected = fixture_tensor<std::int8_t>(*file_, prefix + "codes");
      ASSERT_EQ(codes.size(), expected.size());
      std::size_t different = 0;
      for (std::size_t i = 0; i < codes.size(); ++i)
        different += codes[i] != expected[i];
      if (test.method == QuantMethod::rtn) {
        EXPECT_EQ(different, 0U);
        EXPECT_EQ(scales, fixture_tensor<std::uint16_t>(*file_, prefix + "scales"));
        EXPECT_EQ(zeros, fixture_tensor<std::uint8_t>(*file_, prefix + "zeros"));
      }
      EXPECT_LE(static_cast<double>(different), 0.001 * static_cast<double>(codes.size()));
      const double error = fixture_tensor<double>(*file_, prefix + "error").at(0);
      EXPECT_NEAR(result.output_error, error, 0.01 * error);
      EXPECT_EQ(result.dead_inputs, 4);
      EXPECT_EQ(result.fallback, "");
    }
  }
}

TEST_F(QuantizeLinear, PlainRoundToNearestNeedsNoCalibrationAndGivesTheSameCodes) {
  ThreadPool threads(1);
  const QuantOptions options{QuantMethod::rtn, false, 64};
  EXPECT_FALSE(options.needs_calibration());
  const auto result = quantize_linear(weight_, rows_, cols_, rows8_, GramMatrix{}, options, threads);
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_LT(result->output_error, 0);
  std::vector<float> restored(weight_.size());
  std::vector<float> expected(weight_.size());
  result->matrix.dequantize(restored);
  fake_quantize4(weight_, rows_, cols_, 64, expected);
  for (const std::uint32_t row : result->matrix.rows4()) {
    for (std::int64_t k = 0; k < cols_; ++k) {
      const auto at = static_cast<std::size_t>(row * cols_ + k);
      ASSERT_EQ(restored[at], expected[at]) << row << ' ' << k;
    }
  }
}

TEST_F(QuantizeLinear, EveryRowCanHaveAnotherWidth) {
  std::vector<std::uint32_t> all(static_cast<std::size_t>(rows_));
  std::iota(all.begin(), all.end(), 0U);
  for (const std::int32_t bits : {3, 5, 7}) {
    rows8_ = bits > 4 ? all : std::vector<std::uint32_t>{};
    for (const auto& [name, method, clip] : {kCases[0], kCases[3]}) {
      const std::string prefix = std::string(name) + "." + std::to_string(bits) + "-bit.";
      SCOPED_TRACE(prefix);
      const QuantizedLinear result =
          quantize({.method = method, .clip = clip, .group = 64, .damping = 0.01, .uniform_bits = bits});
      std::vector<int> codes = all_codes(result.matrix);
      const auto [scales, zeros] = all_grids(result.matrix);
      for (std::size_t i = 0; i < codes.size(); ++i) {
        const std::size_t row = i / static_cast<std::size_t>(cols_);
        const std::size_t column = i % static_cast<std::size_t>(cols_);
        codes[i] -= zeros[row * static_cast<std::size_t>(result.matrix.groups()) + column / 64];
      }
      const auto expected = fixture_tensor<std::int8_t>(*file_, prefix + "codes");
      ASSERT_EQ(codes.size(), expected.size());
      std::size_t different = 0;
      for (std::size_t i = 0; i < codes.size(); ++i)
        different += codes[i] != expected[i];
      EXPECT_LE(static_cast<double>(different),
                method == QuantMethod::rtn ? 0 : 0.001 * static_cast<double>(codes.size()));
      const auto expected_scales = fixture_tensor<std::uint16_t>(*file_, prefix + "scales");
      std::size_t other_scales = 0;
      for (std::size_t i = 0; i < scales.size(); ++i)
        other_scales += scales[i] != expected_scales[i];
      EXPECT_LE(static_cast<double>(other_scales),
                method == QuantMethod::rtn ? 0 : 0.01 * static_cast<double>(scales.size()));
    }
  }
}

TEST_F(QuantizeLinear, IsTheSameOnAnyNumberOfThreads) {
  const QuantizedLinear one = quantize({QuantMethod::mixllm, true, 32}, 1);
  const QuantizedLinear three = quantize({QuantMethod::mixllm, true, 32}, 3);
  EXPECT_EQ(one.matrix.codes4, three.matrix.codes4);
  EXPECT_EQ(one.matrix.codes8, three.matrix.codes8);
  EXPECT_EQ(one.matrix.scales4, three.matrix.scales4);
  EXPECT_EQ(one.matrix.scales8, three.matrix.scales8);
  EXPECT_EQ(one.matrix.zeros4, three.matrix.zeros4);
  EXPECT_EQ(one.output_error, three.output_error);
  EXPECT_EQ(one.clipped_groups, three.clipped_groups);
}

TEST_F(QuantizeLinear, EachStepOfTheMethodMakesTheOutputErrorSmaller) {
  for (const std::int64_t group : {32, 64, 128}) {
    const double rtn = quantize({QuantMethod::rtn, false, group}).output_error;
    const double rtn_clip = quantize({QuantMethod::rtn, true, group}).output_error;
    const double gptq = quantize({QuantMethod::gptq, false, group}).output_error;
    const QuantizedLinear mixllm = quantize({QuantMethod::mixllm, true, group});
    EXPECT_LT(rtn_clip, rtn);
    EXPECT_LT(gptq, rtn);
    EXPECT_LE(mixllm.output_error, gptq);
    EXPECT_GT(mixllm.clipped_groups, 0);
    EXPECT_LT(mixllm.clipped_groups, 1);
  }
}

TEST_F(QuantizeLinear, ClippingIsDroppedWhereItDoesNotHelp) {
  // 8-bit rows of two values each, both on the grid exactly: clipping can only make them worse.
  for (std::size_t i = 0; i < weight_.size(); ++i)
    weight_[i] = i % 3 == 0 ? 127.0F / 1024 : -127.0F / 1024;
  rows8_.resize(static_cast<std::size_t>(rows_));
  std::iota(rows8_.begin(), rows8_.end(), 0U);
  const QuantizedLinear result = quantize({QuantMethod::rtn, true, 32});
  EXPECT_EQ(result.clipped_groups, 0);
  EXPECT_EQ(result.matrix.count4(), 0);
  EXPECT_TRUE(result.matrix.codes4.empty());
}

TEST_F(QuantizeLinear, WeightsOfDeadInputsBecomeZero) {
  const QuantizedLinear result = quantize({QuantMethod::mixllm, true, 128});
  std::vector<float> restored(weight_.size());
  result.matrix.dequantize(restored);
  for (const std::int64_t dead : {5, 64, 131, 199}) {
    for (std::int64_t row = 0; row < rows_; ++row)
      EXPECT_EQ(restored[static_cast<std::size_t>(row * cols_ + dead)], 0);
  }
}

TEST_F(QuantizeLinear, FallsBackToRoundToNearestWhereNoDampingHelps) {
  gram_[0] = -1e9;  // no Gram matrix has this
  const QuantizedLinear result = quantize({QuantMethod::mixllm, true, 64});
  EXPECT_THAT(result.fallback, ::testing::HasSubstr("round-to-nearest instead of mixllm"));
  EXPECT_EQ(result.damping_used, 0);
  const QuantizedLinear nearest = quantize({QuantMethod::rtn, true, 64});
  EXPECT_EQ(nearest.fallback, "");
  EXPECT_EQ(all_codes(result.matrix), all_codes(nearest.matrix));
}

TEST_F(QuantizeLinear, RaisesTheDampingWhereItIsTooSmall) {
  // Two equal inputs and no damping: singular.
  for (std::int64_t k = 0; k < cols_; ++k)
    gram_[static_cast<std::size_t>(cols_ + k)] = gram_[static_cast<std::size_t>(k)];
  for (std::int64_t k = 0; k < cols_; ++k) {
    gram_[static_cast<std::size_t>(k * cols_ + 1)] = gram_[static_cast<std::size_t>(k * cols_)];
  }
  gram_[static_cast<std::size_t>(cols_ + 1)] *= 1 - 1e-6;
  QuantOptions options{QuantMethod::gptq, false, 64};
  options.damping = 0;
  const QuantizedLinear result = quantize(options);
  EXPECT_EQ(result.fallback, "");
  EXPECT_GT(result.damping_used, 0);
}

TEST_F(QuantizeLinear, RefusesNaNAndInfWithCountAndFirstIndex) {
  ThreadPool threads(1);
  const QuantOptions options;
  weight_[7] = std::numeric_limits<float>::quiet_NaN();
  weight_[9] = std::numeric_limits<float>::infinity();
  const auto weights = quantize_linear(weight_, rows_, cols_, rows8_, gram(), options, threads);
  ASSERT_FALSE(weights);
  EXPECT_EQ(weights.error().code, ErrorCode::numeric);
  EXPECT_THAT(weights.error().found, ::testing::AllOf(::testing::HasSubstr("2 "), ::testing::HasSubstr("index 7")));

  weight_[7] = weight_[9] = 0;
  gram_[3] = std::numeric_limits<double>::quiet_NaN();
  const auto inputs = quantize_linear(weight_, rows_, cols_, rows8_, gram(), options, threads);
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().code, ErrorCode::numeric);
  EXPECT_THAT(inputs.error().found, ::testing::AllOf(::testing::HasSubstr("1 "), ::testing::HasSubstr("index 3")));
}

TEST_F(QuantizeLinear, RefusesAUniformWidthThatTheBitMapContradicts) {
  ThreadPool pool(1);
  for (const std::int32_t bits : {1, 4, 5, 9}) {
    const QuantOptions options{.method = QuantMethod::rtn, .clip = false, .uniform_bits = bits};
    const auto result = quantize_linear(weight_, rows_, cols_, rows8_, gram(), options, pool);
    ASSERT_FALSE(result.ok()) << bits;
    EXPECT_EQ(result.error().code, ErrorCode::usage);
  }
}

TEST_F(QuantizeLinear, RefusesRequestsThatMakeNoSense) {
  ThreadPool threads(1);
  const auto code = [&](const std::vector<std::uint32_t>& rows8, const GramMatrix& inputs,
                        const QuantOptions& options) {
    const auto result = quantize_linear(weight_, rows_, cols_, rows8, inputs, options, threads);
    return result ? ErrorCode::internal : result.error().code;
  };
  EXPECT_EQ(code({3, 3}, gram(), {}), ErrorCode::range);
  EXPECT_EQ(code({4, 3}, gram(), {}), ErrorCode::range);
  EXPECT_EQ(code({70}, gram(), {}), ErrorCode::range);
  EXPECT_EQ(code({}, {}, {}), ErrorCode::usage);
  EXPECT_EQ(code({}, gram(), {QuantMethod::gptq, true, 48}), ErrorCode::usage);
  EXPECT_EQ(code({}, gram(), {QuantMethod::gptq, true, 32, std::nan("")}), ErrorCode::usage);
  EXPECT_EQ(code({}, {gram_, cols_ - 1, 1}, {}), ErrorCode::usage);
}

TEST_F(QuantizeLinear, StopsOnRequest) {
  CancelToken cancel;
  cancel.cancel();
  const Job job(&cancel, {});
  ThreadPool threads(2);
  const auto result = quantize_linear(weight_, rows_, cols_, rows8_, gram(), {}, threads, &job);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::cancelled);
}

TEST(QuantMethodName, RoundTrips) {
  for (const QuantMethod method : {QuantMethod::mixllm, QuantMethod::gptq, QuantMethod::rtn}) {
    const auto parsed = quant_method_from_name(quant_method_name(method));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, method);
  }
  EXPECT_EQ(quant_method_from_name("awq").error().code, ErrorCode::usage);
}

}  // namespace
}  // namespace salient
