// SPDX-License-Identifier: Apache-2.0
// The operations that look at one row or one element at a time, forward and backward.
#include <limits>

#include "tests/gpu/gpu_test.h"

namespace salient {
namespace {

using test::GpuTest;
using test::small_only;
using test::take;
using test::Twin;

struct Shape {
  std::int64_t rows, cols;
};

std::vector<Shape> shapes() {
  std::vector<Shape> all{{1, 1}, {1, 7}, {3, 64}, {5, 257}, {17, 1000}};
  if (!small_only()) all.insert(all.end(), {{2, 28672}, {513, 4096}});
  return all;
}

constexpr DType kTypes[] = {DType::f32, DType::f16, DType::bf16};

class Operations : public GpuTest {};

TEST_F(Operations, Embed) {
  for (const DType dtype : kTypes) {
    for (const auto& [rows, cols] : shapes()) {
      const Twin table = random(37, cols, 1, dtype);
      const Twin out = poisoned(rows, cols);
      const auto ids = random_ids(rows, 37);
      take(cpu->embed(ids, table.cpu, out.cpu));
      take(gpu->embed(ids, table.gpu, out.gpu));
      EXPECT_EQ(error(out), 0) << rows << " x " << cols;
    }
  }
}

TEST_F(Operations, RmsNorm) {
  for (const DType dtype : kTypes) {
    for (const auto& [rows, cols] : shapes()) {
      const Twin x = random(rows, cols, 3), weight = random(1, cols, 2, dtype), out = poisoned(rows, cols);
      take(cpu->rms_norm(x.cpu, weight.cpu, 1e-5F, out.cpu));
      take(gpu->rms_norm(x.gpu, weight.gpu, 1e-5F, out.gpu));
      EXPECT_LT(error(out), 1e-6) << rows << " x " << cols;
    }
  }
}

TEST_F(Operations, RmsNormBackward) {
  for (const bool accumulate : {false, true}) {
    for (const auto& [rows, cols] : shapes()) {
      const Twin x = random(rows, cols, 3), weight = random(1, cols, 2, DType::bf16), dy = random(rows, cols);
      const Twin dx = accumulate ? random(rows, cols) : poisoned(rows, cols);
      take(cpu->rms_norm_backward(x.cpu, weight.cpu, 1e-5F, dy.cpu, dx.cpu, accumulate));
      take(gpu->rms_norm_backward(x.gpu, weight.gpu, 1e-5F, dy.gpu, dx.gpu, accumulate));
      if (cols == 1) continue;  // nothing but rounding is left
      EXPECT_LT(error(dx), 3e-6) << rows << " x " << cols;
    }
  }
}

TEST_F(Operations, Rope) {
  for (const bool inverse : {false, true}) {
    for (const std::int64_t dim : {2, 20, 64, 128}) {
      const RopeTable host{random(300, dim / 2).cpu, random(300, dim / 2).cpu};
      RopeTable device{take(gpu->allocate(DType::f32, 300, dim / 2)), take(gpu->allocate(DType::f32, 300, dim / 2))};
      take(gpu->upload(host.cos.data(), device.cos));
      take(gpu->upload(host.sin.data(), device.sin));
      for (const std::int64_t tokens : {1, 33, 200}) {
        const Twin x = random(tokens, 3 * dim);
        take(cpu->rope(x.cpu, dim, host, 100, inverse));
        take(gpu->rope(x.gpu, dim, device, 100, inverse));
        EXPECT_LT(error(x), 1e-6) << dim << ", " << tokens;
      }
    }
  }
}

TEST_F(Operations, SwigluAndItsGradients) {
  for (const auto& [rows, cols] : shapes()) {
    const Twin gate = random(rows, cols, 9), up = random(rows, cols, 3), dout = random(rows, cols);
    const Twin out = poisoned(rows, cols), dgate = poisoned(rows, cols), dup = poisoned(rows, cols);
    take(cpu->swiglu(gate.cpu, up.cpu, out.cpu));
    take(gpu->swiglu(gate.gpu, up.gpu, out.gpu));
    EXPECT_LT(error(out), 1e-6);
    take(cpu->swiglu_backward(gate.cpu, up.cpu, dout.cpu, dgate.cpu, dup.cpu));
    take(gpu->swiglu_backward(gate.gpu, up.gpu, dout.gpu, dgate.gpu, dup.gpu));
    EXPECT_LT(error(dgate), 1e-6);
    EXPECT_LT(error(dup), 1e-6);
    take(gpu->swiglu(gate.gpu, up.gpu, gate.gpu));  // in place
    EXPECT_EQ(from_gpu(gate.gpu), from_gpu(out.gpu));
  }
}

TEST_F(Operations, Add) {
  for (const auto& [rows, cols] : shapes()) {
    const Twin x = random(rows, cols), sum = random(rows, cols);
    take(cpu->add(x.cpu, sum.cpu));
    take(gpu->add(x.gpu, sum.gpu));
    EXPECT_EQ(error(sum), 0);
  }
}

TEST_F(Operations, CrossEntropyAndItsGradient) {
  for (const auto& [rows, cols] : shapes()) {
    const Twin logits = random(rows, cols, 20);
    const auto targets = random_ids(rows, cols);
    std::vector<float> expected(targets.size()), actual(targets.size());
    take(cpu->cross_entropy(logits.cpu, targets, expected));
    take(gpu->cross_entropy(logits.gpu, targets, actual));
    for (std::size_t i = 0; i < targets.size(); ++i)
      EXPECT_NEAR(actual[i], expected[i], 1e-5F) << rows << " x " << cols;
    take(cpu->cross_entropy_backward(logits.cpu, targets, 0.25F));
    take(gpu->cross_entropy_backward(logits.gpu, targets, 0.25F));
    if (cols == 1) continue;  // likewise
    EXPECT_LT(error(logits), 1e-6) << rows << " x " << cols;
  }
}

TEST_F(Operations, LossesShowWhatIsNotFinite) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const Twin logits = random(2, 300);
    logits.cpu.f32()[17] = bad;
    take(gpu->upload(logits.cpu.data(), logits.gpu));
    std::vector<float> nll(2);
    take(gpu->cross_entropy(logits.gpu, std::vector<std::int32_t>{5, 5}, nll));
    EXPECT_FALSE(std::isfinite(nll[0]));
    EXPECT_TRUE(std::isfinite(nll[1]));
  }
}

}  // namespace
}  // namespace salient
