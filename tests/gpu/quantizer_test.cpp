// SPDX-License-Identifier: Apache-2.0
// GPTQ and clip search on the device beside core/quant's, on the same Gram matrix.
#include <cstring>

#include "core/compute/device_quantizer.h"
#include "core/quant/gptq.h"
#include "core/quant/hessian.h"
#include "tests/gpu/gpu_test.h"

namespace salient {
namespace {

using test::GpuTest;
using test::small_only;
using test::take;
using test::Twin;

struct Case {
  std::int64_t rows, cols, group;
};

class Quantizer : public GpuTest {
 protected:
  /// Gram matrix of correlated inputs, of which `dead` are always 0.
  Twin gram_of(std::int64_t cols, std::int64_t dead) {
    const std::int64_t tokens = 3 * cols;
    const Twin x = random(tokens, cols), gram = twin(cols, cols, DType::f64);
    for (std::int64_t t = 0; t < tokens; ++t) {
      float* row = x.cpu.f32() + t * cols;
      float previous = 0;
      for (std::int64_t c = 0; c < cols; ++c) {
        const float own = row[c];
        row[c] = (0.3F + static_cast<float>(c % 7)) * (own + 0.5F * previous);
        previous = own;
      }
      for (std::int64_t c = 0; c < dead; ++c)
        row[(5 * c + 1) % cols] = 0;
    }
    take(cpu->clear(gram.cpu));
    take(cpu->accumulate_gram(x.cpu, gram.cpu));
    take(gpu->upload(gram.cpu.data(), gram.gpu));
    return gram;
  }
  static GramMatrix view(const Tensor& gram, std::int64_t sequences) {
    const auto* values = static_cast<const double*>(gram.data());
    return {{values, static_cast<std::size_t>(gram.size())}, gram.cols, sequences};
  }
};

TEST_F(Quantizer, CodesAreTheProcessors) {
  std::vector<Case> cases{{5, 128, 128}, {33, 200, 128}, {17, 320, 64}, {9, 96, 32}, {3, 40, 128}};
  if (!small_only()) cases.push_back({600, 1408, 128});
  for (const Case& c : cases) {
    const Twin gram = gram_of(c.cols, 3), weight = random(c.rows, c.cols, 0.1, DType::bf16);
    std::vector<float> values(static_cast<std::size_t>(c.rows * c.cols));
    convert_to_f32(DType::bf16, static_cast<const std::byte*>(weight.cpu.data()), values);
    QuantOptions options;
    options.group = c.group;
    const Hessian hessian = take(Hessian::prepare(view(gram.cpu, 4), options, cpu->threads()));
    const auto inputs = take(gpu->quantizer()->prepare(gram.gpu, 4, c.group, options.damping, nullptr));
    EXPECT_TRUE(inputs->failure().empty());
    EXPECT_EQ(inputs->damping(), hessian.damping());
    EXPECT_EQ(inputs->dead_inputs(), hessian.dead_inputs());
    std::vector<std::uint32_t> rows;
    for (std::int64_t row = 0; row < c.rows; row += 1 + row % 2)
      rows.push_back(static_cast<std::uint32_t>(row));
    for (const RowFormat format : {kAsymmetric4, kSymmetric8, RowFormat{3, false}, RowFormat{6, false}}) {
      for (const bool clip : {false, true}) {
        const QuantizedRows expected = gptq({values, c.cols, rows}, format, hessian, clip, cpu->threads(), nullptr);
        const RowsQuantized actual = take(gpu->quantizer()->gptq(*inputs, {weight.gpu, rows, format, clip}, nullptr));
        ASSERT_EQ(actual.codes.size(), expected.codes.size());
        std::size_t same = 0, near = 0;
        for (std::size_t i = 0; i < expected.codes.size(); ++i) {
          same += actual.codes[i] == expected.codes[i];
          near += std::abs(actual.codes[i] - expected.codes[i]) <= 1;
        }
        const auto share = [&](std::size_t count) {
          return static_cast<double>(count) / static_cast<double>(expected.codes.size());
        };
        const std::string what = std::to_string(c.rows) + " x " + std::to_string(c.cols) + ", group " +
                                 std::to_string(c.group) + ", " + std::to_string(format.bits) + " bit" +
                                 (clip ? ", clip" : "");
        EXPECT_GE(share(same), 0.995) << what;
        EXPECT_GE(share(near), 0.999) << what;
        EXPECT_NEAR(static_cast<double>(actual.clipped_groups), static_cast<double>(expected.clipped_groups),
                    0.01 * static_cast<double>(expected.clipped_groups) + 1)
            << what;
        const double energy = hessian.output_energy(
            expected.rows,
            [&](std::int64_t row, std::span<double> out) {
              const auto first =
                  static_cast<std::size_t>(rows[static_cast<std::size_t>(row)]) * static_cast<std::size_t>(c.cols);
              expected.difference(row, std::span(values).subspan(first, static_cast<std::size_t>(c.cols)), out);
            },
            cpu->threads());
        EXPECT_NEAR(actual.error / energy, 1, 0.01) << what;
      }
    }
  }
}

TEST_F(Quantizer, TheSameBytesAgain) {
  const Twin gram = gram_of(256, 0), weight = random(64, 256, 0.1);
  std::vector<std::uint32_t> rows(64);
  for (std::uint32_t i = 0; i < 64; ++i)
    rows[i] = i;
  RowsQuantized first;
  for (int pass = 0; pass < 2; ++pass) {
    const auto inputs = take(gpu->quantizer()->prepare(gram.gpu, 1, 128, 0.01, nullptr));
    RowsQuantized found = take(gpu->quantizer()->gptq(*inputs, {weight.gpu, rows, kAsymmetric4, true}, nullptr));
    if (pass == 0) {
      first = std::move(found);
      continue;
    }
    EXPECT_EQ(found.codes, first.codes);
    EXPECT_EQ(found.scales, first.scales);
    EXPECT_EQ(found.zeros, first.zeros);
    EXPECT_EQ(found.error, first.error);
  }
}

TEST_F(Quantizer, WhatIsNotFiniteIsNamed) {
  const Twin gram = gram_of(64, 0);
  auto* values = static_cast<double*>(gram.cpu.data());
  values[7 * 64 + 7] = std::nan("");
  take(gpu->upload(values, gram.gpu));
  const auto inputs = gpu->quantizer()->prepare(gram.gpu, 1, 128, 0.01, nullptr);
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().code, ErrorCode::numeric);
  EXPECT_NE(inputs.error().found.find("input 7"), std::string::npos);
}

TEST_F(Quantizer, WithoutAFactorItSaysWhy) {
  const Twin gram = gram_of(64, 0);
  auto* values = static_cast<double*>(gram.cpu.data());
  values[3 * 64 + 9] = values[9 * 64 + 3] = 1e9;  // no Gram matrix of anything
  take(gpu->upload(values, gram.gpu));
  const auto inputs = take(gpu->quantizer()->prepare(gram.gpu, 1, 128, 0.01, nullptr));
  EXPECT_NE(inputs->failure().find("positive definite"), std::string::npos);
}

}  // namespace
}  // namespace salient
