// SPDX-License-Identifier: Apache-2.0
// The device's memory: copies of any size, the budget, refusals as values, and what happens after a fault.
#include <gmock/gmock.h>

#include "tests/gpu/fault.h"
#include "tests/gpu/gpu_test.h"

namespace salient {
namespace {

using test::GpuTest;
using test::small_only;
using test::take;
using test::Twin;
using ::testing::HasSubstr;

class Memory : public GpuTest {};

TEST_F(Memory, CopiesArriveWhole) {
  for (const std::int64_t size : {1, 3, 16'383, 16'385, 2'097'153, small_only() ? 1 : 9'000'001}) {
    const Twin from = random(1, size);
    EXPECT_EQ(from_gpu(from.gpu), std::vector<float>(from.cpu.f32(), from.cpu.f32() + size)) << size;
    const Tensor to = take(gpu->allocate(DType::f32, 1, size));
    take(gpu->copy(from.gpu, to));
    EXPECT_EQ(from_gpu(to), from_gpu(from.gpu)) << size;
  }
}

TEST_F(Memory, BlocksAreUsedAgain) {
  const auto fresh = take(cuda::make_provider()->make({.device = "cuda:0", .threads = 1}));
  void* const first = take(fresh->allocate(DType::f32, 1237, 1000)).data();
  EXPECT_EQ(take(fresh->allocate(DType::f32, 1237, 999)).data(), first);
}

TEST_F(Memory, TheImpossibleIsRefusedByName) {
  for (const std::int64_t rows : {std::int64_t{1} << 40, std::int64_t{1} << 61, std::int64_t{-1}}) {
    const auto tensor = gpu->allocate(DType::f32, rows, 4);
    ASSERT_FALSE(tensor);
    EXPECT_EQ(tensor.error().code, ErrorCode::memory);
    EXPECT_THAT(tensor.error().file, HasSubstr("cuda:0"));
    EXPECT_THAT(tensor.error().key, HasSubstr(std::to_string(rows)));
  }
  EXPECT_TRUE(gpu->usable());
  EXPECT_EQ(error(random(3, 3)), 0);
}

TEST_F(Memory, TheBudgetHolds) {
  constexpr std::uint64_t kBudget = std::uint64_t{256} << 20;
  const auto bounded = take(cuda::make_provider()->make({.device = "cuda:0", .threads = 1, .device_memory = kBudget}));
  {
    std::vector<Tensor> held;
    Result<Tensor> next = bounded->allocate(DType::f32, 1024, 4096);  // 16 MiB each
    for (; next; next = bounded->allocate(DType::f32, 1024, 4096))
      held.push_back(*next);
    EXPECT_EQ(next.error().code, ErrorCode::memory);
    EXPECT_THAT(next.error().advice, HasSubstr("--gpu-memory"));
    EXPECT_GE(held.size(), 12U);
    EXPECT_LE(held.size(), 16U);
  }
  // What is kept for the next request of its size makes room for another one.
  EXPECT_TRUE(bounded->allocate(DType::f32, 1024, 32 * 1024).ok());
  EXPECT_LE(bounded->peak_device_memory(), kBudget);
  EXPECT_LE(*bounded->device_memory(), kBudget);
}

TEST_F(Memory, DevicesAreListed) {
  const std::vector<DeviceInfo> devices = take(cuda::make_provider()->devices());
  ASSERT_FALSE(devices.empty());
  EXPECT_EQ(devices[0].id, "cuda:0");
  EXPECT_GT(devices[0].memory_bytes, std::uint64_t{1} << 30);
  EXPECT_GE(devices[0].capability, "8.0");
  EXPECT_FALSE(devices[0].name.empty());
}

TEST_F(Memory, DevicesThatAreNotThereAreRefused) {
  for (const char* device : {"cuda:99", "cuda:x", "cuda:", "cuda:-1", "cuda:0,1x"}) {
    const auto made = cuda::make_provider()->make({.device = device});
    ASSERT_FALSE(made) << device;
    EXPECT_TRUE(made.error().code == ErrorCode::unsupported || made.error().code == ErrorCode::usage) << device;
    EXPECT_THAT(made.error().found, HasSubstr(device));
  }
}

// In a process of its own: the fault takes the device away from whoever shares it.
using MemoryDeathTest = Memory;

TEST_F(MemoryDeathTest, AFaultIsAnErrorThatStays) {
  if (small_only()) GTEST_SKIP() << "the fault is meant, the sanitizer would report it";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        const auto backend = take(cuda::make_provider()->make({.device = "cuda:0", .threads = 1}));
        const Tensor tensor = take(backend->allocate(DType::f32, 8, 8));
        test::write_nowhere();
        const Status status = backend->synchronize();
        const bool told = !status && status.error().code == ErrorCode::device && !backend->usable();
        const bool stays = !backend->add(tensor, tensor).ok() || !backend->synchronize().ok();
        std::exit(told && stays ? 7 : 1);
      },
      testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace salient
