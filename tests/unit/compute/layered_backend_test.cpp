// SPDX-License-Identifier: Apache-2.0
// Operations of devices that share a model: where tensors lie, and what is copied between them.
#include "core/compute/layered_backend.h"

#include <gtest/gtest.h>

#include <numeric>

#include "core/compute/devices.h"
#include "core/compute/quantized_matrix.h"

namespace salient {
namespace {

/// The processor, with so much memory of its own.
class Pretended final : public BackendProvider {
 public:
  std::string scheme() const override { return "twin"; }
  Result<std::vector<DeviceInfo>> devices() override { return std::vector<DeviceInfo>{}; }
  Result<std::unique_ptr<Backend>> make(const BackendRequest& request) override {
    asked.push_back(request.device);
    if (request.device == "twin:7") return Error{ErrorCode::unsupported, {}, "device", "twin:0 to twin:6", "7", {}};
    return make_cpu_backend({.threads = 1});
  }
  std::vector<std::string> asked;
};

std::unique_ptr<LayeredBackend> devices(std::size_t count) {
  std::vector<std::unique_ptr<Backend>> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(*make_cpu_backend({.threads = 1}));
  return std::make_unique<LayeredBackend>(std::move(all));
}

Tensor filled(Backend& backend, std::int64_t rows, std::int64_t cols, float first) {
  Tensor tensor = *backend.allocate(DType::f32, rows, cols);
  std::vector<float> values(static_cast<std::size_t>(tensor.size()));
  std::iota(values.begin(), values.end(), first);
  EXPECT_TRUE(backend.upload(values.data(), tensor));
  return tensor;
}

std::vector<float> values_of(Backend& backend, const Tensor& tensor) {
  std::vector<float> values(static_cast<std::size_t>(tensor.size()));
  EXPECT_TRUE(backend.download(tensor, values.data()));
  return values;
}

TEST(LayeredBackend, DividesLayersInOrderAndAlike) {
  const auto backend = devices(3);
  EXPECT_EQ(backend->places(), 3U);
  std::vector<int> counts(3);
  std::size_t last = 0;
  for (std::int64_t layer = 0; layer < 8; ++layer) {
    backend->enter_layer(layer, 8);
    EXPECT_GE(backend->place(), last);
    last = backend->place();
    ++counts[last];
  }
  EXPECT_EQ(counts, (std::vector<int>{3, 2, 3}));
  backend->leave_layers();
  EXPECT_EQ(backend->place(), 0U);
  // Fewer layers than devices.
  backend->enter_layer(0, 1);
  EXPECT_LT(backend->place(), 3U);
  backend->leave_layers();
}

TEST(LayeredBackend, OperationsRunWhereTheirResultLies) {
  const auto backend = devices(2);
  const Tensor here = filled(*backend, 2, 3, 1);
  backend->enter_layer(1, 2);
  const Tensor there = filled(*backend, 2, 3, 10);
  EXPECT_EQ(backend->moved_bytes(), 0U);
  ASSERT_TRUE(backend->add(here, there));
  EXPECT_EQ(backend->moved_bytes(), 24U);  // the operand, once
  EXPECT_EQ(values_of(*backend, there), (std::vector<float>{11, 13, 15, 17, 19, 21}));
  EXPECT_EQ(values_of(*backend, here), (std::vector<float>{1, 2, 3, 4, 5, 6}));
  const Tensor brought = *backend->bring(here);
  EXPECT_EQ(backend->moved_bytes(), 48U);
  EXPECT_EQ(values_of(*backend, brought), values_of(*backend, here));
  EXPECT_EQ(backend->bring(brought)->data(), brought.data());
  ASSERT_TRUE(backend->add(brought, there));
  ASSERT_TRUE(backend->copy(there, here));
  EXPECT_EQ(values_of(*backend, here), (std::vector<float>{12, 15, 18, 21, 24, 27}));
  backend->leave_layers();
  EXPECT_EQ(backend->moved_bytes(), 72U);
}

TEST(LayeredBackend, OfARopeTableOnlyTheRowsAtHandMove) {
  const auto backend = devices(2);
  const RopeTable table{filled(*backend, 100, 2, 0), filled(*backend, 100, 2, 7)};
  const auto rotated = [&](std::int64_t layer) {
    backend->enter_layer(layer, 2);
    const Tensor x = filled(*backend, 3, 8, 1);
    EXPECT_TRUE(backend->rope(x, 4, table, 40, false));
    return values_of(*backend, x);
  };
  const std::vector<float> home = rotated(0);
  EXPECT_EQ(backend->moved_bytes(), 0U);
  EXPECT_EQ(rotated(1), home);
  EXPECT_EQ(backend->moved_bytes(), 2U * 3 * 2 * 4);
  backend->leave_layers();
}

TEST(LayeredBackend, PackedWeightsStayOnTheirDevice) {
  const auto backend = devices(2);
  QuantizedMatrix matrix;
  matrix.rows = 2;
  matrix.cols = 32;
  matrix.group = 32;
  matrix.codes4.assign(32, 0x91);
  matrix.zeros4.assign(2, 0x08);
  matrix.scales4.assign(2, f32_to_f16(0.5F));
  backend->enter_layer(1, 2);
  Linear linear;
  linear.packed = *backend->pack(matrix, ScaleMode::exact);
  EXPECT_EQ(linear.packed->rows(), 2);
  const Tensor x = filled(*backend, 1, 32, 1), y = *backend->allocate(DType::f32, 1, 2);
  ASSERT_TRUE(backend->linear(x, linear, y));
  EXPECT_NE(values_of(*backend, y)[0], 0);
  backend->leave_layers();
  const Tensor elsewhere = *backend->allocate(DType::f32, 1, 2);
  const Status refused = backend->linear(x, linear, elsewhere);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().key, "packed weights");
}

TEST(LayeredBackend, IsAskedForByNamingItsDevices) {
  const auto provider = std::make_shared<Pretended>();
  add_backend_provider(provider);
  const auto made = make_backend({.device = "twin:2,0", .threads = 1});
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_EQ(provider->asked, (std::vector<std::string>{"twin:2", "twin:0"}));
  EXPECT_EQ((*made)->places(), 2U);
  EXPECT_NE((*made)->name().find(" + "), std::string::npos);
  EXPECT_EQ((*make_backend({.device = "twin:1"}))->places(), 1U);
  for (const char* device : {"twin:0,0", "twin:0,", "twin:,1", "twin:0,1,0"}) {
    const auto refused = make_backend({.device = device});
    ASSERT_FALSE(refused) << device;
    EXPECT_EQ(refused.error().code, ErrorCode::usage) << device;
  }
  EXPECT_EQ(make_backend({.device = "twin:0,7"}).error().code, ErrorCode::unsupported);
  EXPECT_FALSE(make_backend({.device = "cpu,cpu"}));
}

}  // namespace
}  // namespace salient
