// SPDX-License-Identifier: Apache-2.0
// The fast mode: products with 16-bit factors, within what rounding them allows.
#include "tests/gpu/gpu_test.h"

namespace salient {
namespace {

using test::FastGpuTest;
using test::small_only;
using test::take;
using test::Twin;

/// A few times the rounding of bf16, over the largest value.
constexpr double kRounding = 2e-2;

class Fast : public FastGpuTest {
 protected:
  void SetUp() override {
    FastGpuTest::SetUp();
    gpu = fast.get();
  }
};

TEST_F(Fast, SaysSo) {
  EXPECT_NE(gpu->name().find("fast"), std::string::npos);
}

TEST_F(Fast, LinearLayersAndTheirGradients) {
  for (const DType dtype : {DType::f32, DType::f16, DType::bf16}) {
    for (const std::int64_t tokens : {1, 5, 64, small_only() ? 6 : 300}) {
      for (const std::int64_t inputs : {3, 96, 257, small_only() ? 8 : 2048}) {
        const Twin weight = random(130, inputs, 1, dtype), x = random(tokens, inputs), dy = random(tokens, 130);
        const Twin out = poisoned(tokens, 130), dx = poisoned(tokens, inputs);
        Linear on_cpu, on_gpu;
        on_cpu.weight = weight.cpu;
        on_gpu.weight = weight.gpu;
        const std::string what =
            std::string(dtype_name(dtype)) + ", " + std::to_string(tokens) + " x " + std::to_string(inputs);
        take(cpu->linear(x.cpu, on_cpu, out.cpu));
        take(gpu->linear(x.gpu, on_gpu, out.gpu));
        EXPECT_LT(error(out), kRounding) << what;
        take(cpu->linear_backward(dy.cpu, on_cpu, dx.cpu, false));
        take(gpu->linear_backward(dy.gpu, on_gpu, dx.gpu, false));
        EXPECT_LT(error(dx), kRounding) << what;
      }
    }
  }
}

TEST_F(Fast, AttentionAndItsGradients) {
  for (const AttentionShape& shape : {AttentionShape{4, 2, 20}, AttentionShape{3, 1, 64}, AttentionShape{4, 4, 128}}) {
    for (const std::int64_t tokens : {2, 31, 129, small_only() ? 20 : 1300}) {
      const std::int64_t q_size = shape.heads * shape.head_dim, kv_size = shape.kv_heads * shape.head_dim;
      const Twin q = random(tokens, q_size), k = random(tokens, kv_size), v = random(tokens, kv_size);
      const Twin out = poisoned(tokens, q_size), dout = random(tokens, q_size);
      const Twin dq = poisoned(tokens, q_size), dk = poisoned(tokens, kv_size), dv = poisoned(tokens, kv_size);
      const std::string what = std::to_string(shape.head_dim) + ", " + std::to_string(tokens);
      take(cpu->attention(q.cpu, k.cpu, v.cpu, shape, 0, out.cpu));
      take(gpu->attention(q.gpu, k.gpu, v.gpu, shape, 0, out.gpu));
      EXPECT_LT(error(out), kRounding) << what;
      take(cpu->attention_backward(q.cpu, k.cpu, v.cpu, out.cpu, dout.cpu, shape, dq.cpu, dk.cpu, dv.cpu));
      take(gpu->attention_backward(q.gpu, k.gpu, v.gpu, out.gpu, dout.gpu, shape, dq.gpu, dk.gpu, dv.gpu));
      EXPECT_LT(error(dq), kRounding) << what;
      EXPECT_LT(error(dk), kRounding) << what;
      EXPECT_LT(error(dv), kRounding) << what;
    }
  }
}

TEST_F(Fast, AttentionContinuesAfterThePast) {
  const AttentionShape shape{4, 2, 64};
  for (const std::int64_t past : {1, 100, small_only() ? 30 : 900}) {
    const Twin q = random(40, 256), out = poisoned(40, 256);
    const Twin k = random(past + 40, 128), v = random(past + 40, 128);
    take(cpu->attention(q.cpu, k.cpu, v.cpu, shape, past, out.cpu));
    take(gpu->attention(q.gpu, k.gpu, v.gpu, shape, past, out.gpu));
    EXPECT_LT(error(out), kRounding) << past;
  }
}

TEST_F(Fast, GramMatricesStayExact) {
  const Twin x = random(500, 96), gram = twin(96, 96, DType::f64);
  take(cpu->clear(gram.cpu));
  take(gpu->clear(gram.gpu));
  take(cpu->accumulate_gram(x.cpu, gram.cpu));
  take(gpu->accumulate_gram(x.gpu, gram.gpu));
  std::vector<double> actual(96 * 96);
  take(gpu->download(gram.gpu, actual.data()));
  const auto* sums = static_cast<const double*>(gram.cpu.data());
  EXPECT_LT(error(actual, {sums, sums + actual.size()}), 1e-6);
}

}  // namespace
}  // namespace salient
