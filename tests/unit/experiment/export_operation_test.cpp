// SPDX-License-Identifier: Apache-2.0
// The operation export and verify on what it wrote.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/experiment/operations.h"
#include "tests/unit/pack/packed_fixture.h"
#include "tests/unit/support/error_like.h"

namespace salient {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class ExportOperation : public test::PackedTest {
 protected:
  void SetUp() override {
    test::write_source_model(source(), 1, 96, 96);
    pack();
  }
  Result<Json> ask(Json request) {
    OperationContext context;
    Job job;
    return perform(request, context, job);
  }
  Json request(const std::string& format) {
    return {{"op", "export"}, {"model", packed().string()}, {"format", format}, {"output", (root_ / "out").string()}};
  }
  Result<Json> verify(const std::filesystem::path& against) {
    return ask(Json{{"op", "verify"}, {"model", packed().string()}, {"against", against.string()}});
  }
};

TEST_F(ExportOperation, ReadsEveryFormatBackAndComparesTheLogits) {
  for (const char* format : {"fp32", "fp16", "bf16", "compressed-tensors"}) {
    SCOPED_TRACE(format);
    const auto result = ask(request(format));
    ASSERT_TRUE(result.ok()) << result.error().to_string();
    EXPECT_GT((*result)["bytes"], 0);
    EXPECT_FALSE((*result)["loses"].get<std::string>().empty());
    const Json& found = (*result)["verification"];
    EXPECT_EQ(found["linears"], 14);
    EXPECT_LT(found["logit_error"].get<double>(), std::string(format) == "fp32" ? 1e-5 : 0.05);
    EXPECT_GT(found["top1"].get<double>(), 0.5);
    EXPECT_GE(found["kl"].get<double>(), 0);
  }
  const auto copy = ask(request("mixllm"));
  ASSERT_TRUE(copy.ok()) << copy.error().to_string();
  EXPECT_EQ((*copy)["verification"]["identical"], true);
}

TEST_F(ExportOperation, OnlyEstimatesWhenAskedTo) {
  Json question = request("fp16");
  question["preflight"] = true;
  const auto result = ask(question);
  ASSERT_TRUE(result.ok()) << result.error().to_string();
  EXPECT_GT((*result)["disk_available"], 0);
  EXPECT_FALSE(std::filesystem::exists(root_ / "out"));
}

TEST_F(ExportOperation, RefusesUnknownFormatsAndForgedExports) {
  const auto unknown = ask(request("gguf"));
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::usage);
  EXPECT_THAT(unknown.error().to_string(), HasSubstr("compressed-tensors"));

  ASSERT_TRUE(ask(request("fp16")).ok());
  const Json alone{{"op", "verify"}, {"model", (root_ / "out").string()}};
  EXPECT_EQ(ask(alone).error().key, "against");
  // Another packed model than the export was made from.
  ASSERT_TRUE(test::export_model(source(), root_ / "other", 80).ok());
  Json verify = alone;
  verify["against"] = (root_ / "other").string();
  const auto other = ask(verify);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, ErrorCode::mismatch);
}

TEST_F(ExportOperation, VerifyMeasuresAPackedModelAgainstItsSource) {
  const auto result = verify(source());
  ASSERT_TRUE(result.ok()) << result.error().to_string();
  EXPECT_EQ((*result)["copied_tensors"], 2 + 2 * (2 + 3));
  EXPECT_GT((*result)["weight_error"], 0.0);
  EXPECT_GE((*result)["weight_error_most"], (*result)["weight_error"]);
  EXPECT_LT((*result)["weight_error_most"], 0.1);
  EXPECT_LT((*result)["engine_error"], 1e-3);
}

TEST_F(ExportOperation, VerifyTellsAnotherSourceAndAnotherExport) {
  test::write_source_model(root_ / "stranger", 2, 96, 96);
  EXPECT_THAT(verify(root_ / "stranger").error(),
              test::error_like(ErrorCode::mismatch, "model.embed_tokens.weight", "the bytes of", "a difference"));
  test::write_source_model(root_ / "larger", 1, 96, 128);
  EXPECT_THAT(verify(root_ / "larger").error(),
              test::error_like(ErrorCode::mismatch, "model.layers.0.mlp.gate_proj.weight", "[96, 96]", "[128, 96]"));
  ASSERT_TRUE(test::export_model(source(), root_ / "same").ok());
  EXPECT_EQ((*verify(root_ / "same"))["identical"], true);
  ASSERT_TRUE(test::export_model(source(), root_ / "other", 80).ok());
  const Error other = verify(root_ / "other").error();
  EXPECT_EQ(other.code, ErrorCode::mismatch);
  EXPECT_THAT(other.key, EndsWith("qweight4"));
  EXPECT_THAT(other.advice, HasSubstr("recipes"));
}

}  // namespace
}  // namespace salient
