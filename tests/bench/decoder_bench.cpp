// SPDX-License-Identifier: Apache-2.0
// Times the decoder on a checkpoint: forward passes, and the backward pass with the work that the salience search does
// in it, as a multiple of a forward pass.
//
//   decoder_bench MODEL_DIRECTORY [TOKENS 2048] [THREADS 0]
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <vector>

#include "core/base/random.h"
#include "core/base/system.h"
#include "core/compute/devices.h"
#include "core/model/decoder.h"
#include "tests/unit/support/random_ids.h"

namespace salient {
namespace {

double best_seconds(int repeats, const std::function<Status()>& work, Status& status) {
  using Clock = std::chrono::steady_clock;
  double best = 1e30;
  for (int i = 0; i < repeats && status; ++i) {
    const auto start = Clock::now();
    status = work();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return best;
}

Status run(const char* directory, std::int64_t tokens, int threads) {
  SALIENT_ASSIGN(const auto backend, make_backend({.device = "cpu", .threads = threads}));
  SALIENT_ASSIGN(Checkpoint checkpoint, Checkpoint::open(directory));
  CheckpointWeights weights(std::make_shared<const Checkpoint>(std::move(checkpoint)), *backend,
                            available_memory_bytes() / 2);
  SALIENT_ASSIGN(Decoder decoder, Decoder::create(weights, *backend, tokens));
  const std::vector<std::int32_t> ids = test::random_ids(
      static_cast<std::size_t>(tokens), static_cast<std::uint64_t>(decoder.config().vocab_size), std::uint64_t{1});

  Status status;
  const double forward = best_seconds(
      4,
      [&]() -> Status {
        SALIENT_ASSIGN(const auto nll, decoder.sequence_nll(ids));
        return {};
      },
      status);
  SALIENT_CHECK(status);
  fmt::print("{}: {} tokens\n", backend->name(), tokens);
  fmt::print("forward             {:8.3f} s  {:9.0f} tokens/s\n", forward, static_cast<double>(tokens) / forward);

  const auto backward = [&](const GradientObserver& observer) -> Status {
    SALIENT_ASSIGN(const double loss, decoder.loss_and_gradients(ids, observer, std::uint64_t{4} << 30));
    static_cast<void>(loss);
    return {};
  };
  const double plain = best_seconds(
      3, [&] { return backward([](LinearId, const Tensor&, const Tensor&, const Linear&) { return Status{}; }); },
      status);
  SALIENT_CHECK(status);
  fmt::print("forward + backward  {:8.3f} s  {:9.2f} forwards\n", plain, plain / forward);

  const auto salience = [&](LinearId, const Tensor& x, const Tensor& dy, const Linear& linear) -> Status {
    Linear delta;
    SALIENT_ASSIGN(delta.weight, backend->allocate(DType::f32, linear.weight.rows, linear.weight.cols));
    SALIENT_CHECK(backend->quantization_delta(linear.weight, 128, delta.weight));
    SALIENT_ASSIGN(const Tensor change, backend->allocate(DType::f32, x.rows, linear.weight.rows));
    SALIENT_CHECK(backend->linear(x, delta, change));
    std::vector<double> terms(static_cast<std::size_t>(dy.cols));
    return backend->column_dot(dy, change, terms);
  };
  const double search = best_seconds(
      3, [&] { return backward(salience); }, status);
  SALIENT_CHECK(status);
  fmt::print("with salience terms {:8.3f} s  {:9.2f} forwards\n", search, search / forward);

  constexpr std::int64_t kDecoded = 32;
  const std::span<const std::int32_t> all(ids);
  if (tokens <= kDecoded) return {};
  const double decode = best_seconds(
      2,
      [&]() -> Status {
        SALIENT_ASSIGN(KvCache cache, decoder.make_cache(tokens));
        cache.length = tokens - kDecoded;  // whatever the memory holds: only the time matters
        for (std::int64_t t = 0; t < kDecoded; ++t) {
          SALIENT_ASSIGN(const Tensor hidden, decoder.hidden(all.subspan(static_cast<std::size_t>(t), 1), &cache));
          SALIENT_ASSIGN(const Tensor logits, decoder.logits(hidden));
        }
        return {};
      },
      status);
  SALIENT_CHECK(status);
  fmt::print("one token at a time {:8.3f} ms {:9.0f} tokens/s\n", decode / kDecoded * 1000, kDecoded / decode);
  fmt::print("peak memory {} MiB\n", peak_memory_bytes() >> 20);
  return {};
}

}  // namespace
}  // namespace salient

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: decoder_bench MODEL_DIRECTORY [TOKENS] [THREADS]\n");
    return 2;
  }
  const salient::Status status =
      salient::run(argv[1], argc > 2 ? std::atoll(argv[2]) : 2048, argc > 3 ? std::atoi(argv[3]) : 0);
  if (status) return 0;
  fmt::print(stderr, "{}\n", status.error().to_string());
  return 1;
}
