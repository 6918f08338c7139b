// SPDX-License-Identifier: Apache-2.0
// Choosing a device: what is listed, what is refused, and devices that other libraries add.
#include "core/compute/devices.h"

#include <gtest/gtest.h>

namespace salient {
namespace {

/// Devices that compute on the processor and say what they were asked for.
class Pretended final : public BackendProvider {
 public:
  explicit Pretended(std::string scheme) : scheme_(std::move(scheme)) {}
  std::string scheme() const override { return scheme_; }
  Result<std::vector<DeviceInfo>> devices() override {
    if (broken) return Error{ErrorCode::unsupported, scheme_, "driver", "one that answers", "none", {}};
    return std::vector<DeviceInfo>{{scheme_ + ":0", "a pretended device", 100, 60, "9.0", "1"}};
  }
  Result<std::unique_ptr<Backend>> make(const BackendRequest& request) override {
    asked = request;
    return make_cpu_backend({.threads = 1});
  }

  bool broken = false;
  BackendRequest asked;

 private:
  std::string scheme_;
};

TEST(Devices, TheProcessorIsAlwaysThere) {
  const DeviceList list = list_devices();
  ASSERT_FALSE(list.devices.empty());
  EXPECT_EQ(list.devices.front().id, "cpu");
  EXPECT_GT(list.devices.front().memory_bytes, 0U);
  EXPECT_GT(list.devices.front().free_bytes, 0U);
  EXPECT_TRUE(make_backend({.device = "cpu", .threads = 1}).ok());
}

TEST(Devices, WhatIsNotThereIsRefusedWithAdvice) {
  const auto cuda = make_backend({.device = "cuda:0"});
  ASSERT_FALSE(cuda);
  EXPECT_EQ(cuda.error().code, ErrorCode::unsupported);
  EXPECT_NE(cuda.error().advice.find("--device cpu"), std::string::npos);
  const auto unknown = make_backend({.device = "abacus\n:0"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::usage);
  EXPECT_EQ(unknown.error().found.find('\n'), std::string::npos);
  const auto fast = make_backend({.device = "cpu", .precision = Precision::fast});
  ASSERT_FALSE(fast);
  EXPECT_EQ(fast.error().code, ErrorCode::unsupported);
}

TEST(Devices, OthersAreAddedByTheirScheme) {
  const auto provider = std::make_shared<Pretended>("pretended");
  add_backend_provider(provider);
  const DeviceList list = list_devices();
  ASSERT_EQ(list.devices.size(), 2U);
  EXPECT_EQ(list.devices[1].id, "pretended:0");
  const BackendRequest request{.device = "pretended:0", .threads = 3, .device_memory = 77};
  EXPECT_TRUE(make_backend(request).ok());
  EXPECT_EQ(provider->asked, request);

  provider->broken = true;
  const DeviceList without = list_devices();
  EXPECT_EQ(without.devices.size(), 1U);
  bool told = false;
  for (const std::string& note : without.notes)
    told = told || note.find("driver") != std::string::npos;
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace salient
