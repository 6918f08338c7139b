// SPDX-License-Identifier: Apache-2.0
// The steps of a layer on the GPU beside the processor's: exact, and fast with 16-bit activations and caches.
#include "core/compute/batch_steps.h"

#include <gmock/gmock.h>

#include <array>

#include "core/engine/random_weights.h"
#include "cuda/context.h"
#include "cuda/mixed_plan.h"
#include "tests/gpu/gpu_test.h"

namespace salient {
namespace {

using test::FastGpuTest;
using test::small_only;
using test::take;
using test::Twin;

/// Factors rounded to f16 and bf16, over the largest value.
constexpr double kHalf = 4e-3;
constexpr double kShort = 2e-2;

class Steps : public FastGpuTest {
 protected:
  static BatchSteps& steps(Backend& backend) { return dynamic_cast<BatchSteps&>(backend); }

  /// The same values, f32 for the processor and `dtype` for the GPU.
  Twin stored(std::int64_t rows, std::int64_t cols, DType dtype, double scale = 1) {
    Twin out = random(rows, cols, scale, dtype);
    if (dtype == DType::f32) return out;
    const Tensor floats = take(cpu->allocate(DType::f32, rows, cols));
    widen(static_cast<const std::uint16_t*>(out.cpu.data()), dtype, out.cpu.size(), floats.f32());
    out.cpu = floats;
    return out;
  }
  static void widen(const std::uint16_t* from, DType dtype, std::int64_t count, float* to) {
    for (std::int64_t i = 0; i < count; ++i)
      to[i] = dtype == DType::bf16 ? bf16_to_f32(from[i]) : f16_to_f32(from[i]);
  }
  /// error() of a result in any type on the GPU.
  double error_of(const Twin& result) {
    if (result.gpu.dtype == DType::f32) return error(result);
    std::vector<std::uint16_t> halves(static_cast<std::size_t>(result.gpu.size()));
    take(gpu->download(result.gpu, halves.data()));
    const Twin widened = twin(result.gpu.rows, result.gpu.cols);
    std::vector<float> floats(halves.size());
    widen(halves.data(), result.gpu.dtype, result.gpu.size(), floats.data());
    take(gpu->upload(floats.data(), widened.gpu));
    return error({result.cpu, widened.gpu});
  }
  Twin poisoned_as(std::int64_t rows, std::int64_t cols, DType dtype) {
    Twin out = poisoned(rows, cols);
    if (dtype != DType::f32) {
      out.gpu = take(gpu->allocate(dtype, rows, cols));
      const std::vector<std::uint16_t> poison(static_cast<std::size_t>(rows * cols), 0x7fff);
      take(gpu->upload(poison.data(), out.gpu));
    }
    return out;
  }
  /// A linear layer that changes nothing.
  std::pair<Linear, Linear> identity(std::int64_t size) {
    const Twin weight = twin(size, size);
    std::fill_n(weight.cpu.f32(), size * size, 0.0F);
    for (std::int64_t i = 0; i < size; ++i)
      weight.cpu.f32()[i * size + i] = 1;
    take(gpu->upload(weight.cpu.data(), weight.gpu));
    std::pair<Linear, Linear> linears;
    linears.first.weight = weight.cpu;
    linears.second.weight = weight.gpu;
    return linears;
  }
  /// The same random layer on both: packed with `percent8`, else a weight of `dtype`.
  std::pair<Linear, Linear> linear(std::int64_t rows, std::int64_t cols, DType dtype, std::optional<double> percent8,
                                   std::int64_t group) {
    std::pair<Linear, Linear> linears;
    if (percent8) {
      const QuantizedMatrix matrix = random_quantized_matrix({rows, cols}, group, *percent8, generator);
      linears.first.packed = take(cpu->pack(matrix, ScaleMode::exact));
      linears.second.packed = take(gpu->pack(matrix, ScaleMode::exact));
    } else {
      const Twin weight = random(rows, cols, 0.1, dtype);
      linears.first.weight = weight.cpu;
      linears.second.weight = weight.gpu;
    }
    const Twin bias = random(1, rows, 1, DType::bf16);
    linears.first.bias = bias.cpu;
    linears.second.bias = bias.gpu;
    return linears;
  }

  void attention_steps(Backend& backend, DType type, const AttentionShape& shape,
                       const std::vector<std::int32_t>& positions, double bound) {
    gpu = &backend;
    const auto count = static_cast<std::int64_t>(positions.size());
    const std::int64_t q_size = shape.heads * shape.head_dim, kv_size = shape.kv_heads * shape.head_dim;
    const std::int64_t capacity = *std::max_element(positions.begin(), positions.end()) + 2;
    const DType cache = steps(*gpu).cache_type();
    const Twin projected = stored(count, q_size + 2 * kv_size, type, 2);
    const Twin keys = stored(count * capacity, kv_size, cache, 2), values = stored(count * capacity, kv_size, cache);
    const Twin at = twin(1, count, DType::i32), out = poisoned(count, q_size);
    const Twin cosine = random(capacity, shape.head_dim / 2), sine = random(capacity, shape.head_dim / 2);
    const auto [o_cpu, o_gpu] = identity(q_size);
    take(cpu->upload(positions.data(), at.cpu));
    take(gpu->upload(positions.data(), at.gpu));
    take(steps(*cpu).attention_step(projected.cpu, {cosine.cpu, sine.cpu}, shape,
                                    {keys.cpu, values.cpu, at.cpu, capacity}, o_cpu, out.cpu));
    take(steps(*gpu).attention_step(projected.gpu, {cosine.gpu, sine.gpu}, shape,
                                    {keys.gpu, values.gpu, at.gpu, capacity}, o_gpu, out.gpu));
    const std::string what = std::to_string(shape.heads) + "/" + std::to_string(shape.kv_heads) + " of " +
                             std::to_string(shape.head_dim) + ", " + std::string(dtype_name(type));
    EXPECT_LT(error(out), bound) << what;
    EXPECT_LT(error_of(keys), bound) << what;
    EXPECT_LT(error_of(values), bound) << what;
  }

  void attention_reads(Backend& backend, DType type, const AttentionShape& shape, std::int64_t first,
                       std::int64_t tokens, double bound) {
    gpu = &backend;
    const std::int64_t q_size = shape.heads * shape.head_dim, kv_size = shape.kv_heads * shape.head_dim;
    const std::int64_t capacity = first + tokens + 3;
    const DType cache = steps(*gpu).cache_type();
    const Twin projected = stored(tokens, q_size + 2 * kv_size, type, 2);
    const Twin keys = stored(2 * capacity, kv_size, cache, 2), values = stored(2 * capacity, kv_size, cache);
    const Twin out = poisoned(tokens, q_size);
    const Twin cosine = random(capacity, shape.head_dim / 2), sine = random(capacity, shape.head_dim / 2);
    const auto [o_cpu, o_gpu] = identity(q_size);
    take(steps(*cpu).attention_read(projected.cpu, {cosine.cpu, sine.cpu}, shape, {keys.cpu, values.cpu, {}, capacity},
                                    1, first, o_cpu, out.cpu));
    take(steps(*gpu).attention_read(projected.gpu, {cosine.gpu, sine.gpu}, shape, {keys.gpu, values.gpu, {}, capacity},
                                    1, first, o_gpu, out.gpu));
    const std::string what = std::to_string(shape.heads) + "/" + std::to_string(shape.kv_heads) + " of " +
                             std::to_string(shape.head_dim) + ", " + std::to_string(tokens) + " after " +
                             std::to_string(first);
    EXPECT_LT(error(out), bound) << what;
    EXPECT_LT(error_of(keys), bound) << what;
    EXPECT_LT(error_of(values), bound) << what;
  }

  void replay_a_batch(const AttentionShape& shape, std::int64_t inner);

  /// norm_mlp() of matrices packed together, and the two steps it stands for. `projected` was poisoned.
  struct Mlp {
    std::vector<float> at_once, in_steps;
    std::vector<std::uint16_t> projected;
  };
  Mlp mlp(ScaleMode mode, std::int64_t rows) {
    constexpr std::int64_t kHidden = 256, kFeatures = 640;
    const auto matrix = [&](std::int64_t features, std::int64_t cols) {
      return random_quantized_matrix({features, cols}, 128, 20, generator);
    };
    const std::vector<QuantizedMatrix> matrices{matrix(kFeatures, kHidden), matrix(kFeatures, kHidden)};
    const auto together = take(fast->pack_together(matrices, mode));
    Linear gate, up, down;
    gate.packed = together[0];
    up.packed = together[1];
    down.packed = take(fast->pack(matrix(kHidden, kFeatures), mode));
    gpu = fast.get();
    const Twin x = random(rows, kHidden), addend = random(rows, kHidden), weight = random(1, kHidden, 8);
    const Twin again = twin(rows, kHidden), out = poisoned(rows, kHidden);
    take(gpu->upload(x.cpu.data(), again.gpu));
    const Twin projected = poisoned_as(rows, 2 * kFeatures, DType::f16);
    Mlp result;
    const auto download = [&] {
      std::vector<float> values(static_cast<std::size_t>(out.gpu.size()));
      take(gpu->download(out.gpu, values.data()));
      return values;
    };
    take(steps(*gpu).norm_mlp(x.gpu, addend.gpu, weight.gpu, 1e-5F, gate, up, down, projected.gpu, out.gpu));
    result.at_once = download();
    result.projected.resize(static_cast<std::size_t>(projected.gpu.size()));
    take(gpu->download(projected.gpu, result.projected.data()));
    take(steps(*gpu).BatchSteps::norm_mlp(again.gpu, addend.gpu, weight.gpu, 1e-5F, gate, up, down, projected.gpu,
                                          out.gpu));
    result.in_steps = download();
    return result;
  }
};

/// All head sizes there are kernels for, with 1 to many query heads a key head.
std::vector<AttentionShape> shapes() {
  return {{1, 1, 2}, {4, 2, 20}, {3, 3, 64}, {10, 1, 80}, {6, 2, 96}, {8, 2, 128}, {2, 1, 256}, {32, 2, 64}};
}

TEST_F(Steps, AttentionStepExact) {
  for (const AttentionShape& shape : shapes())
    attention_steps(*gpu, DType::f32, shape, {0, 127, 5, 128}, 1e-5);
}

TEST_F(Steps, AttentionStepFast) {
  for (const AttentionShape& shape : shapes())
    attention_steps(*fast, DType::f32, shape, {0, 6, small_only() ? 70 : 1022, 63, 64}, kHalf);
  for (const DType type : {DType::f16, DType::bf16})
    attention_steps(*fast, type, {8, 2, 128}, {200, 0, 15}, kHalf);
  // The new key at every place in what a warp takes at a time, and alone in a piece.
  attention_steps(*fast, DType::f16, {8, 2, 128}, {1, 14, 15, 16, 17, 47, 48, 127, 128, 191, 192, 193}, kHalf);
  if (!small_only()) attention_steps(*fast, DType::f16, {8, 2, 128}, {4096}, kHalf);
  attention_steps(*fast, DType::f16, {4, 2, 64}, std::vector<std::int32_t>(small_only() ? 20 : 200, 97), kHalf);
}

/// Enough of them to read whole rows of keys at once, where the device can.
TEST_F(Steps, AttentionStepOfManySequences) {
  std::vector<std::int32_t> positions;
  for (int i = 0; i < 40; ++i)
    positions.push_back(std::array{0, 1, 14, 15, 16, 17, 63, 64, 65, 130}[static_cast<std::size_t>(i % 10)] +
                        i / 10 * (small_only() ? 1 : 97));
  for (const DType type : {DType::f32, DType::f16, DType::bf16})
    attention_steps(*fast, type, {16, 4, 128}, positions, kHalf);
  attention_steps(*fast, DType::f16, {24, 8, 128}, positions, kHalf);
  attention_steps(*fast, DType::f16, {64, 8, 128}, {300, 0, 15, 16, 17, 31, 32, 33, 47, 299, 1, 2, 3, 4, 5, 6, 7},
                  kHalf);
}

/// Three layers of 32 sequences recorded once: kernels start while others end, and stages of shared memory go round and
/// round, none of which may show.
void Steps::replay_a_batch(const AttentionShape& shape, std::int64_t inner) {
  gpu = fast.get();
  constexpr std::int64_t kCount = 32, kHidden = 1024;
  const int replays = small_only() ? 3 : 500;
  const std::int64_t kv_size = shape.kv_heads * shape.head_dim;
  const std::int64_t capacity = small_only() ? 140 : 1100;
  const auto pack = [&](std::initializer_list<std::int64_t> features, std::int64_t cols) {
    std::vector<QuantizedMatrix> matrices;
    for (const std::int64_t rows : features)
      matrices.push_back(random_quantized_matrix({rows, cols}, 128, 10, generator));
    std::vector<Linear> linears(matrices.size());
    const auto packed = take(gpu->pack_together(matrices, ScaleMode::exact));
    for (std::size_t i = 0; i < packed.size(); ++i)
      linears[i].packed = packed[i];
    return linears;
  };
  const std::vector<Linear> attention = pack({kHidden, kv_size, kv_size}, kHidden), o = pack({kHidden}, kHidden);
  const std::vector<Linear> gates = pack({inner, inner}, kHidden), down = pack({kHidden}, inner);
  const Linear* const projections[] = {&attention[0], &attention[1], &attention[2]};
  const Twin start = random(kCount, kHidden), x = random(kCount, kHidden), part = random(kCount, kHidden);
  const Twin weight = random(1, kHidden), projected = poisoned_as(kCount, kHidden + 2 * kv_size, DType::f16);
  const Twin mlp = poisoned_as(kCount, 2 * inner, DType::f16);
  const Twin cosine = random(capacity, shape.head_dim / 2), sine = random(capacity, shape.head_dim / 2);
  std::vector<std::int32_t> positions;
  for (std::int64_t b = 0; b < kCount; ++b)
    positions.push_back(static_cast<std::int32_t>(b % 4 == 0 ? b : capacity - 1 - 7 * (b % 9)));
  const Twin at = twin(1, kCount, DType::i32);
  take(gpu->upload(positions.data(), at.gpu));
  std::vector<BatchCache> caches;
  for (int layer = 0; layer < 3; ++layer)
    caches.push_back({stored(kCount * capacity, kv_size, DType::f16).gpu,
                      stored(kCount * capacity, kv_size, DType::f16).gpu, at.gpu, capacity});
  BatchSteps& s = steps(*gpu);
  const auto step = [&]() -> Status {
    SALIENT_CHECK(gpu->copy(start.gpu, x.gpu));
    Tensor addend;
    for (const BatchCache& cache : caches) {
      SALIENT_CHECK(s.norm_linears(x.gpu, addend, weight.gpu, 1e-5F, projections, projected.gpu));
      SALIENT_CHECK(s.attention_step(projected.gpu, {cosine.gpu, sine.gpu}, shape, cache, o[0], part.gpu));
      SALIENT_CHECK(s.norm_mlp(x.gpu, part.gpu, weight.gpu, 1e-5F, gates[0], gates[1], down[0], mlp.gpu, part.gpu));
      addend = part.gpu;
    }
    return {};
  };
  const auto bits = [&] {
    std::vector<std::uint32_t> all(static_cast<std::size_t>(2 * x.gpu.size()));
    take(gpu->download(x.gpu, all.data()));
    take(gpu->download(part.gpu, all.data() + x.gpu.size()));
    return all;
  };
  const auto recording = take(s.record(step));
  const std::vector<std::uint32_t> first = bits();
  int different = 0;
  for (int i = 0; i < replays; ++i) {
    take(gpu->clear(part.gpu));
    take(recording->replay());
    different += bits() != first ? 1 : 0;
  }
  EXPECT_EQ(different, 0) << "of " << replays;
}
TEST_F(Steps, ReplaysOfABatchGiveTheSameBits) {
  replay_a_batch({8, 2, 128}, 2816);
}
/// With whole rows of keys, and so many gates that activations stay where they are.
TEST_F(Steps, ReplaysOfWideLayersGiveTheSameBits) {
  replay_a_batch({8, 4, 128}, 12800);
}

TEST_F(Steps, AttentionReadExact) {
  for (const AttentionShape& shape : shapes())
    for (const auto& [first, tokens] : {std::pair<std::int64_t, std::int64_t>{0, 1}, {0, 70}, {5, 3}})
      attention_reads(*gpu, DType::f32, shape, first, tokens, 1e-5);
}

TEST_F(Steps, AttentionReadFast) {
  for (const AttentionShape& shape : shapes())
    for (const auto& [first, tokens] :
         {std::pair<std::int64_t, std::int64_t>{0, 1}, {0, 7}, {0, 64}, {130, 129}, {63, small_only() ? 2 : 1023}})
      attention_reads(*fast, DType::f16, shape, first, tokens, kHalf);
  attention_reads(*fast, DType::bf16, {8, 2, 128}, 3, 40, kHalf);
}

TEST_F(Steps, NormAndLinears) {
  for (Backend* const backend : {gpu, fast.get()}) {
    gpu = backend;
    for (const std::int64_t cols : {2, 130, 1000, 6000, 9000}) {
      if (small_only() && cols > 1000) continue;
      for (const std::int64_t rows : {1, 5, 40, 600}) {  // many rows have a kernel of their own
        if (small_only() && rows == 600 && cols != 1000) continue;
        for (const DType dtype : {DType::f32, DType::f16, DType::bf16}) {
          const auto a = linear(24, cols, dtype, std::nullopt, 128);
          const auto b = linear(10, cols, dtype, std::nullopt, 128);
          const Twin x = random(rows, cols), addend = random(rows, cols), weight = random(1, cols, 1, DType::bf16);
          const Twin out = poisoned_as(rows, 34, steps(*gpu).activation_type(a.second, rows));
          const Linear* const on_cpu[] = {&a.first, &b.first};
          const Linear* const on_gpu[] = {&a.second, &b.second};
          take(steps(*cpu).norm_linears(x.cpu, addend.cpu, weight.cpu, 1e-5F, on_cpu, out.cpu));
          take(steps(*gpu).norm_linears(x.gpu, addend.gpu, weight.gpu, 1e-5F, on_gpu, out.gpu));
          const std::string what =
              std::string(dtype_name(dtype)) + ", " + std::to_string(rows) + " x " + std::to_string(cols);
          EXPECT_LT(error_of(out), backend != fast.get() ? 1e-5 : kShort) << what;
          EXPECT_LT(error(x), 1e-6) << what;
        }
      }
    }
  }
}

TEST_F(Steps, PackedLayers) {
  for (Backend* const backend : {gpu, fast.get()}) {
    gpu = backend;
    for (const std::int64_t group : {32, 64, 128}) {
      for (const std::int64_t cols : {132, 512}) {
        for (const std::int64_t rows : {1, 9, 17, 300, 600}) {
          if (small_only() && rows > 17) continue;
          const auto a = linear(200, cols, DType::f32, 20, group);
          const auto b = linear(56, cols, DType::f32, 20, group);
          const auto down = linear(70, 128, DType::f32, 20, group);
          const Twin x = random(rows, cols), weight = random(1, cols, 1, DType::f16);
          const Twin middle = poisoned_as(rows, 256, steps(*gpu).activation_type(a.second, rows));
          const Twin out = poisoned(rows, 70);
          const Linear* const on_cpu[] = {&a.first, &b.first};
          const Linear* const on_gpu[] = {&a.second, &b.second};
          take(steps(*cpu).norm_linears(x.cpu, {}, weight.cpu, 1e-5F, on_cpu, middle.cpu));
          take(steps(*gpu).norm_linears(x.gpu, {}, weight.gpu, 1e-5F, on_gpu, middle.gpu));
          take(steps(*cpu).swiglu_linear(middle.cpu, down.first, out.cpu));
          take(steps(*gpu).swiglu_linear(middle.gpu, down.second, out.gpu));
          const std::string what =
              "group " + std::to_string(group) + ", " + std::to_string(rows) + " x " + std::to_string(cols);
          // A code on the other side of a rounding boundary moves a value by its step.
          EXPECT_LT(error_of(middle), 1e-2) << what;
          EXPECT_LT(error(out), 2e-2) << what;
        }
      }
    }
  }
}

/// One product of matrices packed together gives what each packed alone gives.
TEST_F(Steps, PackedTogether) {
  gpu = fast.get();
  for (const ScaleMode mode : {ScaleMode::exact, ScaleMode::folded, ScaleMode::folded_token}) {
    for (const std::int64_t rows : {1, 20, 200}) {
      if (small_only() && rows == 200 && mode == ScaleMode::folded) continue;
      constexpr std::int64_t kCols = 512, kFeatures[] = {200, 70, 64};
      std::vector<QuantizedMatrix> matrices;
      for (const std::int64_t features : kFeatures)
        matrices.push_back(random_quantized_matrix({features, kCols}, 128, matrices.empty() ? 0 : 30, generator));
      const auto together = take(gpu->pack_together(matrices, mode));
      std::vector<Linear> joined(3), alone(3);
      std::vector<const Linear*> joined_pointers, alone_pointers;
      for (std::size_t i = 0; i < 3; ++i) {
        joined[i].packed = together[i];
        alone[i].packed = take(gpu->pack(matrices[i], mode));
        joined_pointers.push_back(&joined[i]);
        alone_pointers.push_back(&alone[i]);
      }
      const Twin x = random(rows, kCols), weight = random(1, kCols);
      const Twin one = poisoned(rows, 334), several = poisoned(rows, 334), part = poisoned(rows, 70);
      take(steps(*gpu).norm_linears(x.gpu, {}, weight.gpu, 1e-5F, joined_pointers, one.gpu));
      take(steps(*gpu).norm_linears(x.gpu, {}, weight.gpu, 1e-5F, alone_pointers, several.gpu));
      take(gpu->download(several.gpu, several.cpu.data()));
      EXPECT_LT(error({several.cpu, one.gpu}), 1e-5) << static_cast<int>(mode) << ", " << rows;
      // A part is a matrix of its own as well.
      take(steps(*gpu).norm_linears(x.gpu, {}, weight.gpu, 1e-5F, std::span(joined_pointers).subspan(1, 1), part.gpu));
      for (std::int64_t row = 0; row < rows; ++row)
        std::copy_n(several.cpu.f32() + row * 334 + 200, 70, part.cpu.f32() + row * 70);
      EXPECT_LT(error(part), 1e-5) << static_cast<int>(mode) << ", " << rows;
    }
  }
}

/// Products that gate their own outputs leave what the two steps do, and nothing in between.
TEST_F(Steps, GatedProducts) {
  if (!cuda::mixed::has_warpgroups(take(cuda::Context::create(0, 0))->capability())) {
    GTEST_SKIP() << "no kernel for this GPU";
  }
  for (const ScaleMode mode : {ScaleMode::exact, ScaleMode::folded, ScaleMode::folded_token}) {
    for (const std::int64_t rows : {257, small_only() ? 300 : 1000}) {
      const Mlp result = mlp(mode, rows);
      const std::string what = std::string(scale_mode_name(mode)) + ", " + std::to_string(rows);
      EXPECT_THAT(result.projected, testing::Each(0x7fff)) << what;
      if (mode == ScaleMode::folded_token) {
        EXPECT_EQ(result.at_once, result.in_steps) << what;
        continue;
      }
      double squares = 0, sum = 0;  // sums of the others have another order
      for (std::size_t i = 0; i < result.in_steps.size(); ++i) {
        const double d = static_cast<double>(result.at_once[i]) - static_cast<double>(result.in_steps[i]);
        squares += static_cast<double>(result.in_steps[i]) * static_cast<double>(result.in_steps[i]);
        sum += d * d;
      }
      // Folded ones are rounded to f16 in between, the two steps are not: a code of 8 bit moves here and there.
      EXPECT_LT(std::sqrt(sum / squares), mode == ScaleMode::folded ? 3e-3 : 1e-3) << what;
      EXPECT_GT(squares, 0) << what;
    }
  }
}

/// The attention's output comes in 8 bit to a packed layer that follows, where a head is a group.
TEST_F(Steps, AttentionReadForAPackedLayer) {
  gpu = fast.get();
  for (const AttentionShape& shape : {AttentionShape{4, 2, 128}, AttentionShape{6, 3, 64}}) {
    for (const std::int64_t group : {64, 128}) {
      for (const std::int64_t tokens : {5, 130, small_only() ? 20 : 500}) {
        const std::int64_t q_size = shape.heads * shape.head_dim, kv_size = shape.kv_heads * shape.head_dim;
        const Twin projected = stored(tokens, q_size + 2 * kv_size, DType::f16, 2);
        const Twin keys = stored(tokens, kv_size, DType::f16), values = stored(tokens, kv_size, DType::f16);
        const Twin cosine = random(tokens, shape.head_dim / 2), sine = random(tokens, shape.head_dim / 2);
        const auto [o_cpu, o_gpu] = linear(70, q_size, DType::f32, 20, group);
        const Twin out = poisoned(tokens, 70);
        take(steps(*cpu).attention_read(projected.cpu, {cosine.cpu, sine.cpu}, shape,
                                        {keys.cpu, values.cpu, {}, tokens}, 0, 0, o_cpu, out.cpu));
        take(steps(*gpu).attention_read(projected.gpu, {cosine.gpu, sine.gpu}, shape,
                                        {keys.gpu, values.gpu, {}, tokens}, 0, 0, o_gpu, out.gpu));
        EXPECT_LT(error(out), kShort) << shape.head_dim << ", group " << group << ", " << tokens << " tokens";
      }
    }
  }
}

TEST_F(Steps, SwigluAndLinear) {
  for (Backend* const backend : {gpu, fast.get()}) {
    gpu = backend;
    for (const std::int64_t cols : {3, 130, 512}) {
      for (const std::int64_t rows : {1, 33}) {
        for (const DType dtype : {DType::f32, DType::f16, DType::bf16}) {
          const auto down = linear(40, cols, dtype, std::nullopt, 128);
          const Twin projected = stored(rows, 2 * cols, steps(*gpu).activation_type(down.second, rows), 3);
          const Twin out = poisoned(rows, 40);
          take(steps(*cpu).swiglu_linear(projected.cpu, down.first, out.cpu));
          take(steps(*gpu).swiglu_linear(projected.gpu, down.second, out.gpu));
          EXPECT_LT(error(out), backend != fast.get() ? 1e-5 : kShort)
              << dtype_name(dtype) << ", " << rows << " x " << cols;
        }
      }
    }
  }
}

}  // namespace
}  // namespace salient
