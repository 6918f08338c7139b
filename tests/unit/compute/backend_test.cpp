// SPDX-License-Identifier: Apache-2.0
// Making a backend, its memory, and that the number of threads changes no bit of any result.
#include <cstdlib>
#include <functional>
#include <limits>

#include "core/compute/cpu_backend.h"
#include "core/compute/devices.h"
#include "tests/unit/compute/compute_test.h"

namespace salient {
namespace {

using test::take;

Tensor random_tensor(Backend& backend, std::int64_t rows, std::int64_t cols, Random& random) {
  const Tensor out = take(backend.allocate(DType::f32, rows, cols));
  for (std::int64_t i = 0; i < out.size(); ++i)
    out.f32()[i] = static_cast<float>(2 * random.uniform() - 1);
  return out;
}

/// The bytes of every operation's result on the same inputs.
std::string all_results(int threads) {
  const auto backend = take(make_cpu_backend({.threads = threads}));
  Random random(4);
  const AttentionShape shape{6, 2, 24};
  const std::int64_t tokens = 523;
  const Tensor q = random_tensor(*backend, tokens, 144, random), k = random_tensor(*backend, tokens, 48, random),
               v = random_tensor(*backend, tokens, 48, random), weight = random_tensor(*backend, 300, 144, random),
               dout = random_tensor(*backend, tokens, 144, random), norm = random_tensor(*backend, 1, 144, random);
  const auto fresh = [&](std::int64_t rows, std::int64_t cols) {
    return take(backend->allocate(DType::f32, rows, cols));
  };
  std::string bytes;
  const auto keep = [&](const Tensor& tensor) {
    bytes.append(static_cast<const char*>(tensor.data()), static_cast<std::size_t>(tensor.bytes()));
  };
  const auto keep_doubles = [&](const std::vector<double>& values) {
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
  };

  const Tensor context = fresh(tokens, 144), dq = fresh(tokens, 144), dk = fresh(tokens, 48), dv = fresh(tokens, 48);
  take(backend->attention(q, k, v, shape, 0, context));
  take(backend->attention_backward(q, k, v, context, dout, shape, dq, dk, dv));
  for (const Tensor& tensor : {context, dq, dk, dv})
    keep(tensor);

  Linear linear;
  linear.weight = weight;
  const Tensor y = fresh(tokens, 300), dx = fresh(tokens, 144), few = fresh(3, 300);
  take(backend->linear(q, linear, y));
  take(backend->linear(q.row_slice(0, 3), linear, few));
  take(backend->linear_backward(y, linear, dx, false));
  take(backend->rms_norm(q, norm, 1e-5F, context));
  take(backend->rms_norm_backward(q, norm, 1e-5F, dout, dx, true));
  for (const Tensor& tensor : {y, few, dx, context})
    keep(tensor);

  std::vector<std::int32_t> targets(static_cast<std::size_t>(tokens), 7);
  std::vector<float> nll(targets.size());
  take(backend->cross_entropy(y, targets, nll));
  bytes.append(reinterpret_cast<const char*>(nll.data()), nll.size() * sizeof(float));
  take(backend->cross_entropy_backward(y, targets, 0.1F));
  keep(y);

  const Tensor delta = fresh(300, 144), gram = take(backend->allocate(DType::f64, 144, 144));
  take(backend->quantization_delta(weight, 128, delta));
  std::vector<double> dots(300), fisher(300);
  take(backend->column_dot(y, y, dots));
  take(backend->diagonal_fisher(y, q, delta, fisher));
  std::fill_n(static_cast<double*>(gram.data()), 144 * 144, 0.0);
  take(backend->accumulate_gram(q, gram));
  keep(delta);
  keep(gram);
  keep_doubles(dots);
  keep_doubles(fisher);
  return bytes;
}

TEST(CpuBackend, ResultsDoNotDependOnTheNumberOfThreads) {
  const std::string one = all_results(1);
  EXPECT_TRUE(one == all_results(2));
  EXPECT_TRUE(one == all_results(7));
}

TEST(CpuBackend, NamesKernelsAndThreads) {
  EXPECT_EQ(take(make_cpu_backend({.threads = 1, .kernels = CpuKernels::reference}))->name(),
            "cpu (reference kernels, 1 thread)");
  EXPECT_EQ(take(make_backend({.device = "cpu", .threads = 3}))->threads().threads(), 3);
}

TEST(CpuBackend, RefusesWhatItCannotBe) {
  const auto device = make_backend({.device = "cuda:0"});
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code, ErrorCode::unsupported);
  EXPECT_EQ(device.error().found, "\"cuda:0\"");
  const auto threads = make_cpu_backend({.threads = -1});
  ASSERT_FALSE(threads);
  EXPECT_EQ(threads.error().code, ErrorCode::range);
  for (const CpuKernels kernels : {CpuKernels::avx2, CpuKernels::avx512_vnni}) {
    const auto backend = make_cpu_backend({.threads = 1, .kernels = kernels});
    ASSERT_EQ(backend.ok(), cpu_kernels_available(kernels));
    if (!backend) {
      EXPECT_EQ(backend.error().code, ErrorCode::unsupported);
    }
  }
}

TEST(CpuBackend, AllocatesAlignedAndRefusesTheImpossible) {
  const auto backend = take(make_cpu_backend({.threads = 1}));
  for (const std::int64_t cols : {0, 1, 100, 3'000'000}) {
    const Tensor tensor = take(backend->allocate(DType::f32, 3, cols));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.data()) % 64, 0U);
  }
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  const std::pair<std::int64_t, std::int64_t> impossible[] = {
      {kHuge, 2}, {1 << 20, kHuge >> 20}, {-1, 5}, {std::int64_t{1} << 50, 1}};
  for (const auto& [rows, cols] : impossible) {
    const auto tensor = backend->allocate(DType::f32, rows, cols);
    ASSERT_FALSE(tensor) << rows << " " << cols;
    EXPECT_EQ(tensor.error().code, ErrorCode::memory);
  }
}

TEST(MemoryPool, ReusesBlocksWithinItsLimitAndOutlivesItsOwner) {
  auto pool = std::make_shared<MemoryPool>(10000);
  const void* first = nullptr;
  {
    const auto block = pool->take(8000);
    first = block->data();
  }
  const auto again = pool->take(7990);  // rounds to the same size
  EXPECT_EQ(again->data(), first);
  const auto other = pool->take(8000);
  EXPECT_NE(other->data(), first);
  pool.reset();
  *static_cast<char*>(again->data()) = 1;
}

}  // namespace
}  // namespace salient
