// SPDX-License-Identifier: Apache-2.0
// The operation inspect.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/checkpoint/checkpoint.h"
#include "tests/unit/experiment/operation_request.h"
#include "tests/unit/experiment/tiny_model.h"

namespace salient {
namespace {

using ::testing::HasSubstr;

TEST(InspectOperation, Row27WarnsOfWeightsThatAreNoNumbers) {
  const test::TemporaryDirectory directory;
  const auto model = directory / "model";
  test::write_tiny_model(model);
  Json request{{"op", "inspect"}, {"model", model.string()}, {"scan", true}};
  EXPECT_EQ(test::done(request)["scan"]["tensors"], Json::array());

  const auto checkpoint = Checkpoint::open(model);
  ASSERT_TRUE(checkpoint) << checkpoint.error().to_string();
  const std::string last = checkpoint->shards().front().tensors().back().name;
  std::string bytes = test::read_file(model / "model.safetensors");
  bytes.replace(bytes.size() - 2, 2, "\x80\x7F");  // bfloat16 infinity, in place of the last value
  test::write_file(model / "model.safetensors", bytes);

  const Json result = test::done(request);
  ASSERT_EQ(result["scan"]["tensors"].size(), 1U);
  EXPECT_EQ(result["scan"]["tensors"][0]["name"], last);
  EXPECT_EQ(result["scan"]["inf"], 1);
  EXPECT_EQ(result["scan"]["nan"], 0);
  ASSERT_FALSE(result["notes"].empty());
  EXPECT_THAT(result["notes"].back().get<std::string>(), HasSubstr(last));
  EXPECT_THAT(result["notes"].back().get<std::string>(), HasSubstr("1 NaN or infinite"));
  request.erase("scan");
  EXPECT_FALSE(test::done(request).contains("scan"));
}

}  // namespace
}  // namespace salient
