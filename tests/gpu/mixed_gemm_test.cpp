// SPDX-License-Identifier: Apache-2.0
// The mixed-precision product on the GPU beside the processor's, in every mode and by every kernel there is for it.
#include "cuda/mixed_gemm.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "core/base/system.h"
#include "cuda/measured_plans.h"
#include "cuda/mixed_plan.h"
#include "tests/gpu/gpu_test.h"

namespace salient::cuda {
namespace {

using test::small_only;
using test::take;

enum class Values { random, extreme, tiny };

struct Case {
  std::int64_t rows = 0, cols = 0, group = 128;
  double percent = 10;
  Values values = Values::random;
};

std::string describe(const Case& c) {
  return std::to_string(c.rows) + " x " + std::to_string(c.cols) + ", group " + std::to_string(c.group) + ", p " +
         std::to_string(c.percent);
}

QuantizedMatrix make_matrix(const Case& c, Random& random) {
  QuantizedMatrix m;
  m.rows = c.rows;
  m.cols = c.cols;
  m.group = c.group;
  for (std::uint32_t row = 0; row < c.rows; ++row) {
    if (random.uniform() * 100 < c.percent) m.rows8.push_back(row);
  }
  const auto size = [](std::int64_t rows, std::int64_t width) { return static_cast<std::size_t>(rows * width); };
  m.codes4.resize(size(m.count4(), nibble_bytes(c.cols)));
  m.zeros4.resize(size(m.count4(), nibble_bytes(m.groups())));
  m.codes8.resize(size(m.count8(), c.cols));
  m.scales4.resize(size(m.count4(), m.groups()));
  m.scales8.resize(size(m.count8(), m.groups()));
  const auto byte = [&](unsigned extreme) {
    return static_cast<std::uint8_t>(c.values == Values::extreme ? extreme : random.next());
  };
  const auto scale = [&](float typical) {
    // 1 is the smallest denormal of fp16.
    return c.values == Values::tiny ? std::uint16_t{1}
                                    : f32_to_f16(typical * static_cast<float>(0.2 + random.uniform()));
  };
  std::generate(m.codes4.begin(), m.codes4.end(), [&] { return byte(0xff); });
  std::generate(m.zeros4.begin(), m.zeros4.end(), [&] { return byte(0x00); });
  std::generate(m.codes8.begin(), m.codes8.end(), [&] { return static_cast<std::int8_t>(byte(0x80)); });
  std::generate(m.scales4.begin(), m.scales4.end(), [&] { return scale(0.01F); });
  std::generate(m.scales8.begin(), m.scales8.end(), [&] { return scale(0.001F); });
  return m;
}

/// y [tokens, N] in plain loops, integer sums and then fp32, as the modes define it.
std::vector<float> reference(const QuantizedMatrix& m, const std::vector<float>& x, std::int64_t tokens, ScaleMode mode,
                             const std::vector<float>& bias) {
  const FoldedMatrix folded = fold_scales(m);
  QuantizedMatrix units = m;  // codes less zero points, as floats
  std::fill(units.scales4.begin(), units.scales4.end(), f32_to_f16(1));
  std::fill(units.scales8.begin(), units.scales8.end(), f32_to_f16(1));
  std::vector<float> codes(static_cast<std::size_t>(m.rows * m.cols));
  units.dequantize(codes);
  const std::int64_t group = mode == ScaleMode::folded_token ? m.cols : m.group;
  std::vector<float> y(static_cast<std::size_t>(tokens * m.rows));
  std::vector<std::int8_t> rounded(static_cast<std::size_t>(m.cols));
  std::vector<float> row_scales(static_cast<std::size_t>(m.rows * m.groups()));
  const std::vector<std::uint32_t> low = m.rows4();
  for (std::size_t i = 0; i < low.size(); ++i) {
    for (std::int64_t g = 0; g < m.groups(); ++g)
      row_scales[static_cast<std::size_t>(low[i] * m.groups() + g)] =
          f16_to_f32(m.scales4[i * static_cast<std::size_t>(m.groups()) + static_cast<std::size_t>(g)]);
  }
  for (std::size_t i = 0; i < m.rows8.size(); ++i) {
    for (std::int64_t g = 0; g < m.groups(); ++g)
      row_scales[static_cast<std::size_t>(m.rows8[i] * m.groups() + g)] =
          f16_to_f32(m.scales8[i * static_cast<std::size_t>(m.groups()) + static_cast<std::size_t>(g)]);
  }
  for (std::int64_t t = 0; t < tokens; ++t) {
    std::vector<float> token_scales;
    for (std::int64_t first = 0; first < m.cols; first += group) {
      const auto count = static_cast<std::size_t>(std::min(group, m.cols - first));
      token_scales.push_back(
          quantize_activation_group(std::span(x).subspan(static_cast<std::size_t>(t * m.cols + first), count),
                                    std::span(rounded).subspan(static_cast<std::size_t>(first), count)));
    }
    for (std::int64_t row = 0; row < m.rows; ++row) {
      float sum = 0;
      for (std::int64_t first = 0, g = 0; first < m.cols; first += group, ++g) {
        std::int64_t product = 0;
        for (std::int64_t k = first; k < std::min(first + group, m.cols); ++k) {
          const auto at = static_cast<std::size_t>(row * m.cols + k);
          const auto code = mode == ScaleMode::exact ? static_cast<std::int64_t>(codes[at]) : folded.codes[at];
          product += code * rounded[static_cast<std::size_t>(k)];
        }
        const float scale = mode == ScaleMode::exact ? row_scales[static_cast<std::size_t>(row * m.groups() + g)]
                                                     : folded.scales[static_cast<std::size_t>(row)];
        sum += static_cast<float>(product) * scale * token_scales[static_cast<std::size_t>(g)];
      }
      y[static_cast<std::size_t>(t * m.rows + row)] = sum + (bias.empty() ? 0 : bias[static_cast<std::size_t>(row)]);
    }
  }
  return y;
}

class MixedGemm : public test::GpuTest {
 protected:
  void SetUp() override {
    GpuTest::SetUp();
    if (IsSkipped()) return;
    context = take(Context::create(0, 0));
  }

  Tensor on_device(DType dtype, std::int64_t rows, std::int64_t cols) {
    Tensor tensor;
    tensor.dtype = dtype;
    tensor.rows = rows;
    tensor.cols = cols;
    tensor.buffer =
        take(context->scratch(static_cast<std::uint64_t>(std::max<std::int64_t>(tensor.bytes(), 1)), "test"));
    return tensor;
  }
  /// Values as the tensor's type rounds them.
  Tensor upload(std::vector<float>& values, DType dtype, std::int64_t rows, std::int64_t cols) {
    const Tensor tensor = on_device(dtype, rows, cols);
    if (dtype == DType::f32) {
      take(context->upload(values.data(), tensor.data(), values.size() * 4));
      return tensor;
    }
    std::vector<std::uint16_t> half(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      half[i] = dtype == DType::f16 ? f32_to_f16(values[i]) : f32_to_bf16(values[i]);
      values[i] = dtype == DType::f16 ? f16_to_f32(half[i]) : bf16_to_f32(half[i]);
    }
    take(context->upload(half.data(), tensor.data(), half.size() * 2));
    return tensor;
  }
  std::vector<float> download(const Tensor& tensor) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(tensor.bytes()));
    take(context->download(tensor.data(), bytes.data(), bytes.size()));
    std::vector<float> values(static_cast<std::size_t>(tensor.size()));
    convert_to_f32(tensor.dtype, bytes.data(), values);
    return values;
  }
  void poison(const Tensor& tensor) {
    const std::vector<std::byte> bytes(static_cast<std::size_t>(tensor.bytes()), std::byte{0xff});
    take(context->upload(bytes.data(), tensor.data(), bytes.size()));
  }
  std::vector<float> random_values(std::int64_t count) {
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values)
      value = static_cast<float>(2 * generator.uniform() - 1);
    return values;
  }

  /// Every plan's result, and the chosen one's, within the rounding of the output's type.
  void compare(const Case& c, std::int64_t tokens, DType dtype = DType::f16, bool with_bias = true) {
    SCOPED_TRACE(describe(c) + ", " + std::to_string(tokens) + " tokens, " + std::string(dtype_name(dtype)));
    const QuantizedMatrix matrix = make_matrix(c, generator);
    const auto folded = take(MixedMatrix::create(*context, matrix, MixedCopy::folded));
    const auto copied = take(MixedMatrix::create(*context, matrix, MixedCopy::exact));
    std::vector<float> values = random_values(tokens * c.cols);
    std::fill_n(values.begin(), std::min(c.group, c.cols), c.values == Values::random ? 0.0F : 1.0F);
    const Tensor x = upload(values, dtype, tokens, c.cols);
    std::vector<float> shift = with_bias ? random_values(c.rows) : std::vector<float>{};
    const Tensor bias = with_bias ? upload(shift, dtype, 1, c.rows) : Tensor{};
    const Tensor out = on_device(dtype, tokens, c.rows);
    const float rounding = dtype == DType::f32 ? 2e-6F : dtype == DType::f16 ? 6e-4F : 5e-3F;
    for (const ScaleMode mode : {ScaleMode::exact, ScaleMode::folded, ScaleMode::folded_token}) {
      const auto& packed = mode == ScaleMode::exact ? copied : folded;
      const std::vector<float> expected = reference(matrix, values, tokens, mode, shift);
      double squares = 0;
      for (const float y : expected)
        squares += static_cast<double>(y) * y;
      // Folded sums run on over several groups, with the magnitude of the largest that they might have.
      const double share = mode == ScaleMode::folded ? 5e-5 : 2e-5;
      const auto small = static_cast<float>(share * std::sqrt(squares / static_cast<double>(expected.size())) + 6e-8);
      RoundedActivations rounded = take(round_activations(*context, *packed, x, mode));
      const mixed::Shape shape = shape_of(*context, *packed, tokens, mode);
      std::vector<mixed::Plan> plans = mixed::possible_plans(shape, rounded.transposed);
      plans.push_back(mixed::choose_plan(shape, rounded.transposed));
      for (const mixed::Plan& plan : plans) {
        poison(out);
        take(mixed_gemm(*context, *packed, rounded, bias, out, plan));
        const std::vector<float> actual = download(out);
        std::size_t wrong = 0;
        for (std::size_t i = 0; i < actual.size(); ++i) {
          if (std::abs(actual[i] - expected[i]) <= rounding * std::abs(expected[i]) + small) continue;
          if (++wrong == 1) {
            ADD_FAILURE() << scale_mode_name(mode) << ", kernel " << static_cast<int>(plan.kernel) << ", rows "
                          << plan.rows << ", tokens " << plan.tokens << ", splits " << plan.splits << ": " << actual[i]
                          << " for " << expected[i] << " at " << i;
          }
        }
        EXPECT_EQ(wrong, 0U) << "of " << actual.size();
      }
    }
  }

  std::shared_ptr<Context> context;
};

TEST_F(MixedGemm, AnyNumberOfTokens) {
  const std::vector<std::int64_t> counts =
      small_only() ? std::vector<std::int64_t>{1, 7, 33}
                   : std::vector<std::int64_t>{1, 2, 3, 7, 8, 16, 17, 33, 64, 100, 129, 255, 1000};
  for (const std::int64_t tokens : counts)
    compare({333, 768, 128, 20}, tokens);
}

TEST_F(MixedGemm, AnyMixOfBits) {
  for (const std::int64_t group : {32, 64, 128}) {
    for (const double percent : small_only() ? std::vector{10.0, 100.0} : std::vector{0.0, 10.0, 50.0, 100.0})
      compare({192, 512, group, percent}, small_only() ? 18 : 70);
  }
}

TEST_F(MixedGemm, AnyShape) {
  for (const std::int64_t cols : {1, 96, 130, 257, 1000}) {
    if (small_only() && cols != 1 && cols != 130) continue;
    for (const std::int64_t group : {32, 64, 128})
      compare({77, cols, group, 25}, 40);
  }
  compare({1, 128, 128, 0}, 1);
  compare({1, 128, 128, 100}, 5);
  if (small_only()) return;
  compare({65, 1024, 64, 10}, 4096);
  compare({2048, 2048, 128, 10}, 300);
}

/// Shares of K of different lengths, fewer blocks than CTAs could share, rows that end in the middle of 16 bytes.
TEST_F(MixedGemm, KSharedByCtas) {
  // With 64 tokens and less both warpgroups of a CTA have a part of K.
  if (small_only()) {
    compare({196, 384, 128, 20}, 50);
    compare({196, 384, 128, 20}, 70, DType::f32);
    return;
  }
  for (const std::int64_t cols : {256, 384, 900, 1920}) {
    for (const std::int64_t tokens : {5, 33, 64, 65, 113, 128, 300}) {
      compare({333, cols, 128, 20}, tokens);
      compare({200, cols, 64, 20}, tokens, DType::bf16);
    }
  }
  for (const DType dtype : {DType::f16, DType::bf16, DType::f32}) {
    for (const std::int64_t rows : {196, 261, 520}) {
      for (const std::int64_t tokens : {50, 200})
        compare({rows, 1300, 128, 30}, tokens, dtype, rows != 261);
    }
  }
}

TEST_F(MixedGemm, ExtremeCodesAndDenormalScales) {
  for (const std::int64_t tokens : {1, 17, small_only() ? 40 : 129}) {
    for (const Values values : {Values::extreme, Values::tiny})
      compare({130, 640, 128, 30, values}, tokens);
  }
}

/// Sums run on as long as no activations could take them out of range: here for 8 blocks of 1024 times 64 times 127,
/// and no longer.
TEST_F(MixedGemm, FoldedSumsStayInRange) {
  for (const int weight : {64, 32, 127, 1}) {
    if (small_only() && weight != 64) continue;
    QuantizedMatrix matrix = make_matrix({.rows = 192, .cols = 8192, .group = 128, .percent = 100}, generator);
    for (std::size_t i = 0; i < matrix.codes8.size(); ++i)
      matrix.codes8[i] = static_cast<std::int8_t>(i % 8192 == 0 ? 127 : i / 8192 % 2 == 0 ? weight : -weight);
    std::fill(matrix.scales8.begin(), matrix.scales8.end(), f32_to_f16(0.001F));
    const auto packed = take(MixedMatrix::create(*context, matrix, MixedCopy::folded));
    std::vector<float> values(130 * 8192, 1.0F);
    const Tensor x = upload(values, DType::f32, 130, 8192), out = on_device(DType::f32, 130, 192);
    const std::vector<float> expected = reference(matrix, values, 130, ScaleMode::folded, {});
    const RoundedActivations rounded = take(round_activations(*context, *packed, x, ScaleMode::folded));
    for (const mixed::Plan& plan :
         mixed::possible_plans(shape_of(*context, *packed, 130, ScaleMode::folded), rounded.transposed)) {
      poison(out);
      take(mixed_gemm(*context, *packed, rounded, {}, out, plan));
      EXPECT_LT(difference(download(out), expected), 2e-5) << mixed::plan_name(plan) << ", " << weight;
    }
  }
}

TEST_F(MixedGemm, EveryTypeOfOutput) {
  for (const DType dtype : {DType::f16, DType::bf16, DType::f32}) {
    for (const std::int64_t tokens : {5, small_only() ? 70 : 150})
      compare({200, 384, 128, 30}, tokens, dtype, dtype != DType::bf16);
  }
}

TEST_F(MixedGemm, AgreesWithTheProcessorsEngine) {
  const QuantizedMatrix matrix = make_matrix({300, 1000, 128, 15}, generator);
  Linear linear;
  linear.packed = take(cpu->pack(matrix, ScaleMode::exact));
  const auto packed = take(MixedMatrix::create(*context, matrix));
  for (const std::int64_t tokens : {1, 40}) {
    std::vector<float> values = random_values(tokens * 1000);
    const Tensor host = take(cpu->allocate(DType::f32, tokens, 1000));
    std::copy(values.begin(), values.end(), host.f32());
    const Tensor expected = take(cpu->allocate(DType::f32, tokens, 300));
    take(cpu->linear(host, linear, expected));
    const Tensor x = upload(values, DType::f32, tokens, 1000), out = on_device(DType::f32, tokens, 300);
    take(mixed_gemm(*context, *packed, take(round_activations(*context, *packed, x, ScaleMode::exact)), {}, out));
    const std::vector<float> actual = download(out);
    for (std::size_t i = 0; i < actual.size(); ++i)
      ASSERT_NEAR(actual[i], expected.f32()[i], 1e-5) << i;
  }
}

TEST_F(MixedGemm, TheSameBitsAgain) {
  const auto packed = take(MixedMatrix::create(*context, make_matrix({500, 4096, 128, 10}, generator)));
  for (const std::int64_t tokens : {1, 16, 64, 200}) {
    std::vector<float> values = random_values(tokens * 4096);
    const Tensor x = upload(values, DType::f16, tokens, 4096), out = on_device(DType::f32, tokens, 500);
    const RoundedActivations rounded = take(round_activations(*context, *packed, x, ScaleMode::exact));
    take(mixed_gemm(*context, *packed, rounded, {}, out));
    const std::vector<float> first = download(out);
    for (int i = 0; i < 5; ++i) {
      poison(out);
      take(mixed_gemm(*context, *packed, rounded, {}, out));
      ASSERT_EQ(download(out), first) << tokens;
    }
  }
}

TEST_F(MixedGemm, RivalPlansGiveTheSameBits) {
  std::size_t rivals = 0;
  for (const std::int64_t group : {64, 128}) {
    const QuantizedMatrix matrix = make_matrix({264, 1664, group, 20}, generator);
    const auto folded = take(MixedMatrix::create(*context, matrix, MixedCopy::folded));
    const auto copied = take(MixedMatrix::create(*context, matrix, MixedCopy::exact));
    for (const std::int64_t tokens : {5, 20, 60, 150, 500}) {
      std::vector<float> values = random_values(tokens * 1664), shift = random_values(264);
      const Tensor x = upload(values, DType::f16, tokens, 1664), out = on_device(DType::f32, tokens, 264);
      const Tensor bias = upload(shift, DType::f32, 1, 264);
      for (const ScaleMode mode : {ScaleMode::exact, ScaleMode::folded, ScaleMode::folded_token}) {
        const auto& packed = mode == ScaleMode::exact ? copied : folded;
        const RoundedActivations rounded = take(round_activations(*context, *packed, x, mode));
        std::vector<float> first;
        for (const mixed::Plan& plan :
             mixed::rival_plans(shape_of(*context, *packed, tokens, mode), rounded.transposed)) {
          poison(out);
          take(mixed_gemm(*context, *packed, rounded, bias, out, plan));
          const std::vector<float> actual = download(out);
          if (first.empty()) {
            first = actual;
            continue;
          }
          ++rivals;
          EXPECT_EQ(actual, first) << mixed::plan_name(plan) << ", " << tokens << " tokens, " << scale_mode_name(mode);
        }
      }
    }
  }
  EXPECT_GT(rivals, 10U);
}

TEST_F(MixedGemm, ActivationsThatStayGiveTheSameBits) {
  const std::int64_t rows = 3 * 64 * context->multiprocessors() + 1000, cols = small_only() ? 384 : 1152;
  const auto packed = take(MixedMatrix::create(*context, make_matrix({rows, cols, 128, 10}, generator)));
  for (const std::int64_t tokens : {17, 32}) {
    std::vector<float> values = random_values(tokens * cols);
    const Tensor x = upload(values, DType::f16, tokens, cols), out = on_device(DType::f32, tokens, rows);
    const RoundedActivations rounded = take(round_activations(*context, *packed, x, ScaleMode::exact));
    mixed::Shape shape = shape_of(*context, *packed, tokens, ScaleMode::exact);
    if (!mixed::has_warpgroups(shape.capability)) GTEST_SKIP() << "the kernel is for compute capability 9.0";
    shape.memory_rate = 5e12;
    const std::vector<mixed::Plan> plans = mixed::rival_plans(shape, rounded.transposed);
    ASSERT_EQ(plans.front().kernel, mixed::Plan::Kernel::resident);
    ASSERT_GT(plans.size(), 1U);
    std::vector<float> first;
    for (int i = 0; i < (small_only() ? 1 : 20); ++i) {
      for (auto plan = plans.rbegin(); plan != plans.rend(); ++plan) {
        poison(out);
        take(mixed_gemm(*context, *packed, rounded, {}, out, *plan));
        if (first.empty()) first = download(out);
        ASSERT_TRUE(download(out) == first) << mixed::plan_name(*plan) << ", " << tokens << " tokens";
      }
    }
  }
}

TEST_F(MixedGemm, MeasuresAShapeOnceForAllProcesses) {
  const std::string before = cache_directory().parent_path().native();
  const test::TemporaryDirectory cache;
  ASSERT_EQ(setenv("XDG_CACHE_HOME", cache.path().c_str(), 1), 0);
  const QuantizedMatrix matrix = make_matrix({264, 512, 128, 20}, generator);
  /// A process of its own, as far as it is about what is kept: the shapes it measured, and its products' bits.
  const auto process = [&](const std::vector<std::int64_t>& tokens, bool recorded = false) {
    context = take(Context::create(0, 0));
    const auto packed = take(MixedMatrix::create(*context, matrix, MixedCopy::exact));
    for (const std::int64_t count : tokens) {
      std::vector<float> values(static_cast<std::size_t>(count * 512), 0.5F);
      const Tensor x = upload(values, DType::f16, count, 512), out = on_device(DType::f32, count, 264);
      const RoundedActivations rounded = take(round_activations(*context, *packed, x, ScaleMode::exact));
      if (recorded) {
        take(context->synchronize("test"));
        take(context->check(cudaStreamBeginCapture(context->stream(), cudaStreamCaptureModeThreadLocal), "test"));
      }
      take(mixed_gemm(*context, *packed, rounded, {}, out));
      if (recorded) {
        cudaGraph_t graph = nullptr;
        take(context->check(cudaStreamEndCapture(context->stream(), &graph), "test"));
        take(context->check(cudaGraphDestroy(graph), "test"));
      }
    }
    return context->plans().measured();
  };
  const auto files = [&] {
    std::vector<std::filesystem::path> all;
    if (!std::filesystem::exists(cache / "salient")) return all;
    for (const auto& entry : std::filesystem::directory_iterator(cache / "salient"))
      all.push_back(entry.path());
    return all;
  };
  EXPECT_EQ(process({130}, true), 0) << "while operations are recorded";
  EXPECT_EQ(process({4, 64, 128}), 0) << "few tokens";
  EXPECT_TRUE(files().empty());
  EXPECT_EQ(process({130, 130, 190}), 1) << "as many tiles of tokens";
  ASSERT_EQ(files().size(), 1U);
  EXPECT_EQ(process({130}), 0);
  EXPECT_EQ(process({130}, true), 0);
  EXPECT_EQ(process({130, 1000}), 1) << "another shape";
  EXPECT_EQ(process({130, 1000}), 0);
  test::write_file(files().front(), "{");
  EXPECT_EQ(process({130}), 1) << "the file is damaged";
  EXPECT_EQ(process({130}), 0);
  ASSERT_EQ(setenv("XDG_CACHE_HOME", before.c_str(), 1), 0);
}

TEST_F(MixedGemm, ANanShowsInItsTokenAlone) {
  const auto packed =
      take(MixedMatrix::create(*context, make_matrix({130, 512, 128, 10}, generator), MixedCopy::folded));
  for (const ScaleMode mode : {ScaleMode::exact, ScaleMode::folded, ScaleMode::folded_token}) {
    for (const std::int64_t tokens : {3, 70}) {
      std::vector<float> values = random_values(tokens * 512);
      values[512 + 200] = std::numeric_limits<float>::quiet_NaN();
      const Tensor x = upload(values, DType::f32, tokens, 512), out = on_device(DType::f32, tokens, 130);
      take(mixed_gemm(*context, *packed, take(round_activations(*context, *packed, x, mode)), {}, out));
      const std::vector<float> y = download(out);
      for (std::size_t i = 0; i < y.size(); ++i)
        ASSERT_EQ(std::isnan(y[i]), i / 130 == 1) << i;
    }
  }
}

TEST_F(MixedGemm, RefusesOtherGroups) {
  QuantizedMatrix matrix = make_matrix({4, 128, 128, 0}, generator);
  matrix.group = 48;
  const auto packed = MixedMatrix::create(*context, matrix);
  ASSERT_FALSE(packed);
  EXPECT_EQ(packed.error().code, ErrorCode::range);
}

}  // namespace
}  // namespace salient::cuda
