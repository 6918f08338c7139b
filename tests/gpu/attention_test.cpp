// SPDX-License-Identifier: Apache-2.0
#include "tests/gpu/gpu_test.h"

namespace salient {
namespace {

using test::GpuTest;
using test::small_only;
using test::take;
using test::Twin;

std::vector<AttentionShape> shapes() {
  std::vector<AttentionShape> all{{1, 1, 2}, {4, 2, 20}, {3, 1, 64}, {2, 2, 128}};
  if (!small_only()) all.insert(all.end(), {{10, 1, 80}, {4, 4, 128}, {8, 2, 128}, {2, 1, 256}});
  return all;
}

class Attention : public GpuTest {};

TEST_F(Attention, WholeSequences) {
  for (const AttentionShape& shape : shapes()) {
    for (const std::int64_t tokens : {2, 31, 64, 129, small_only() ? 3 : 700}) {
      const std::int64_t q_size = shape.heads * shape.head_dim, kv_size = shape.kv_heads * shape.head_dim;
      const Twin q = random(tokens, q_size, 3), k = random(tokens, kv_size, 3), v = random(tokens, kv_size);
      const Twin out = poisoned(tokens, q_size);
      take(cpu->attention(q.cpu, k.cpu, v.cpu, shape, 0, out.cpu));
      take(gpu->attention(q.gpu, k.gpu, v.gpu, shape, 0, out.gpu));
      EXPECT_LT(error(out), 1e-5) << shape.heads << "/" << shape.kv_heads << " of " << shape.head_dim << ", " << tokens;
    }
  }
}

TEST_F(Attention, ContinuesAfterThePast) {
  for (const AttentionShape& shape : shapes()) {
    for (const std::int64_t tokens : {1, 3, 70}) {
      for (const std::int64_t past : {0, 5, 127, 128, 1500}) {
        if (small_only() && past > 127) continue;
        const std::int64_t q_size = shape.heads * shape.head_dim, kv_size = shape.kv_heads * shape.head_dim;
        const Twin q = random(tokens, q_size, 3), out = poisoned(tokens, q_size);
        const Twin k = random(past + tokens, kv_size, 3), v = random(past + tokens, kv_size);
        take(cpu->attention(q.cpu, k.cpu, v.cpu, shape, past, out.cpu));
        take(gpu->attention(q.gpu, k.gpu, v.gpu, shape, past, out.gpu));
        EXPECT_LT(error(out), 1e-5) << shape.heads << "/" << shape.kv_heads << " of " << shape.head_dim << ", "
                                    << tokens << " after " << past;
      }
    }
  }
}

TEST_F(Attention, Gradients) {
  for (const AttentionShape& shape : shapes()) {
    for (const std::int64_t tokens : {1, 2, 31, 65, small_only() ? 3 : 600}) {
      const std::int64_t q_size = shape.heads * shape.head_dim, kv_size = shape.kv_heads * shape.head_dim;
      const Twin q = random(tokens, q_size, 2), k = random(tokens, kv_size, 2), v = random(tokens, kv_size);
      const Twin out = twin(tokens, q_size), dout = random(tokens, q_size);
      const Twin dq = poisoned(tokens, q_size), dk = poisoned(tokens, kv_size), dv = poisoned(tokens, kv_size);
      take(cpu->attention(q.cpu, k.cpu, v.cpu, shape, 0, out.cpu));
      take(gpu->upload(out.cpu.data(), out.gpu));
      take(cpu->attention_backward(q.cpu, k.cpu, v.cpu, out.cpu, dout.cpu, shape, dq.cpu, dk.cpu, dv.cpu));
      take(gpu->attention_backward(q.gpu, k.gpu, v.gpu, out.gpu, dout.gpu, shape, dq.gpu, dk.gpu, dv.gpu));
      const std::string what = std::to_string(shape.head_dim) + ", " + std::to_string(tokens);
      EXPECT_LT(error(dv), 1e-5) << what;
      if (tokens == 1) continue;  // one key: the gradients of the scores are zero but for rounding
      EXPECT_LT(error(dq), 2e-5) << what;
      EXPECT_LT(error(dk), 2e-5) << what;
    }
  }
}

TEST_F(Attention, TooWideHeadsAreRefused) {
  const AttentionShape shape{1, 1, 300};
  const Twin x = random(2, 300), out = twin(2, 300);
  const Status status = gpu->attention(x.gpu, x.gpu, x.gpu, shape, 0, out.gpu);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::unsupported);
  EXPECT_TRUE(gpu->usable());
}

}  // namespace
}  // namespace salient
