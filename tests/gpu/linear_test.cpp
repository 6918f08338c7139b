// SPDX-License-Identifier: Apache-2.0
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
  std::vector<Shape> all{{1, 1}, {5, 3}, {64, 128}, {257, 96}, {33, 1000}};
  if (!small_only()) all.insert(all.end(), {{4096, 4096}, {1024, 14336}});
  return all;
}
std::vector<std::int64_t> token_counts() {
  if (small_only()) return {1, 4, 5, 33};
  return {1, 2, 3, 4, 5, 17, 300};
}

class LinearLayer : public GpuTest {
 protected:
  struct Pair {
    Linear cpu, gpu;
  };
  Pair linear(const Shape& shape, DType dtype, bool with_bias) {
    const Twin weight = random(shape.rows, shape.cols, 1, dtype);
    Pair pair;
    pair.cpu.weight = weight.cpu;
    pair.gpu.weight = weight.gpu;
    if (with_bias) {
      const Twin bias = random(1, shape.rows, 1, dtype);
      pair.cpu.bias = bias.cpu;
      pair.gpu.bias = bias.gpu;
    }
    return pair;
  }
};

TEST_F(LinearLayer, Forward) {
  for (const DType dtype : {DType::f32, DType::f16, DType::bf16}) {
    for (const Shape& shape : shapes()) {
      const Pair pair = linear(shape, dtype, shape.rows % 2 == 1);
      for (const std::int64_t tokens : token_counts()) {
        const Twin x = random(tokens, shape.cols), out = poisoned(tokens, shape.rows);
        take(cpu->linear(x.cpu, pair.cpu, out.cpu));
        take(gpu->linear(x.gpu, pair.gpu, out.gpu));
        EXPECT_LT(error(out), 5e-6) << dtype_name(dtype) << " " << shape.rows << " x " << shape.cols << ", " << tokens;
      }
    }
  }
}

TEST_F(LinearLayer, GradientOfItsInput) {
  for (const bool accumulate : {false, true}) {
    for (const Shape& shape : shapes()) {
      const Pair pair = linear(shape, DType::bf16, false);
      for (const std::int64_t tokens : token_counts()) {
        const Twin dy = random(tokens, shape.rows);
        const Twin dx = accumulate ? random(tokens, shape.cols) : poisoned(tokens, shape.cols);
        take(cpu->linear_backward(dy.cpu, pair.cpu, dx.cpu, accumulate));
        take(gpu->linear_backward(dy.gpu, pair.gpu, dx.gpu, accumulate));
        EXPECT_LT(error(dx), 5e-6) << shape.rows << " x " << shape.cols << ", " << tokens;
      }
    }
  }
}

TEST_F(LinearLayer, TheSameBitsAgain) {
  const Pair pair = linear({512, 768}, DType::bf16, true);
  for (const std::int64_t tokens : {1, 64}) {
    const Twin x = random(tokens, 768), first = twin(tokens, 512), second = twin(tokens, 512);
    take(gpu->linear(x.gpu, pair.gpu, first.gpu));
    take(gpu->linear(x.gpu, pair.gpu, second.gpu));
    EXPECT_EQ(from_gpu(first.gpu), from_gpu(second.gpu));
  }
}

}  // namespace
}  // namespace salient
