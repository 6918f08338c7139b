// SPDX-License-Identifier: Apache-2.0
// Exports in other formats: what they hold, what reading them back gives, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/pack/compressed_tensors.h"
#include "core/pack/export_model.h"
#include "tests/unit/pack/packed_fixture.h"

namespace salient {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// down_proj with 96 columns instead of 77: compressed-tensors knows no short last group.
class ExportTest : public test::PackedTest {
 protected:
  void SetUp() override { test::write_source_model(source(), 1, 96, 96); }
  [[nodiscard]] fs::path out() const { return root_ / "out"; }

  PackedModel open_packed(int percent8 = 30) {
    pack(percent8);
    auto model = PackedModel::open(packed());
    EXPECT_TRUE(model.ok()) << model.error().to_string();
    return *std::move(model);
  }
  Status export_as(const PackedModel& model, ExportFormat format) {
    Job job;
    return export_model(model, format, out(), job);
  }
};

std::vector<float> dequantized(const PackedModel& model, LinearId id) {
  const auto matrix = model.linear(id);
  EXPECT_TRUE(matrix.ok());
  std::vector<float> values(static_cast<std::size_t>(matrix->rows * matrix->cols));
  matrix->dequantize(values);
  return values;
}

TEST_F(ExportTest, FloatCheckpointsOpenAsModelsAndHoldTheRoundedWeights) {
  const PackedModel packed_model = open_packed();
  for (const ExportFormat format : {ExportFormat::fp16, ExportFormat::bf16, ExportFormat::fp32}) {
    SCOPED_TRACE(export_format_info(format).name);
    const Status status = export_as(packed_model, format);
    ASSERT_TRUE(status.ok()) << status.error().to_string();
    const auto checkpoint = Checkpoint::open(out());
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.error().to_string();
    EXPECT_FALSE(checkpoint->config_json().contains("quantization_config"));
    EXPECT_FALSE(is_packed_model(out()));
    EXPECT_TRUE(is_export(out()));
    EXPECT_TRUE(fs::exists(out() / "tokenizer.json"));
    for (const LinearBits& bits : packed_model.bit_map().linears) {
      const std::vector<float> exact = dequantized(packed_model, bits.id);
      std::vector<float> found(exact.size());
      ASSERT_TRUE(checkpoint->read_f32(linear_name(bits.id) + ".weight", 0, found).ok());
      for (std::size_t i = 0; i < exact.size(); ++i) {
        const float w = exact[i];
        const float expected = format == ExportFormat::fp32   ? w
                               : format == ExportFormat::fp16 ? f16_to_f32(f32_to_f16(w))
                                                              : bf16_to_f32(f32_to_bf16(w));
        ASSERT_EQ(found[i], expected) << linear_name(bits.id) << " " << i;
      }
    }
    const char* dtype = format == ExportFormat::fp16   ? "float16"
                        : format == ExportFormat::bf16 ? "bfloat16"
                                                       : "float32";
    EXPECT_EQ(checkpoint->config_json()["torch_dtype"], dtype);
  }
}

TEST_F(ExportTest, ReadingBackFindsEveryWeight) {
  for (const int percent : {0, 30, 100}) {
    const PackedModel packed_model = open_packed(percent);
    for (const ExportFormatInfo& info : export_formats()) {
      if (info.format == ExportFormat::mixllm) continue;
      SCOPED_TRACE(info.name);
      const Status status = export_as(packed_model, info.format);
      ASSERT_TRUE(status.ok()) << status.error().to_string();
      const auto exported = ExportedModel::open(out());
      ASSERT_TRUE(exported.ok()) << exported.error().to_string();
      Job job;
      const auto comparison = compare_export(*exported, packed_model, job);
      ASSERT_TRUE(comparison.ok()) << comparison.error().to_string();
      EXPECT_EQ(comparison->linears, 14);
      EXPECT_EQ(comparison->copied_tensors, 2 + 2 * (2 + 3));
      const bool exact = info.format == ExportFormat::fp32 || info.format == ExportFormat::compressed_tensors;
      if (exact) {
        EXPECT_EQ(comparison->rounding_error, 0);
      } else {
        EXPECT_GT(comparison->rounding_error, 0);
        EXPECT_LT(comparison->rounding_error, info.format == ExportFormat::fp16 ? 5e-4 : 4e-3);
      }
    }
  }
}

/// Element `index` of a row of little-endian words, as the library documents its packing.
std::uint32_t element(const std::vector<std::int32_t>& words, std::size_t first, std::size_t index, std::size_t bits) {
  const std::size_t position = index * bits;
  return static_cast<std::uint32_t>(words[first + position / 32]) >> (position % 32) & ((1U << bits) - 1);
}

TEST_F(ExportTest, CompressedTensorsPackCodesScalesAndZeros) {
  const PackedModel narrow = open_packed(0);
  const LinearId id{1, LinearKind::down};
  const auto matrix = narrow.linear(id);
  ASSERT_TRUE(matrix.ok());
  const auto four = compressed_tensors::encode(*matrix, 4);
  const auto rows = static_cast<std::size_t>(matrix->rows);
  const auto cols = static_cast<std::size_t>(matrix->cols);
  const auto groups = static_cast<std::size_t>(matrix->groups());
  ASSERT_EQ(four.packed.size(), rows * cols / 8);
  ASSERT_EQ(four.zeros.size(), (rows + 7) / 8 * groups);
  EXPECT_EQ(four.scales, matrix->scales4);
  for (std::size_t n = 0; n < rows; ++n) {
    const std::uint8_t* codes = matrix->codes4.data() + n * cols / 2;
    const std::uint8_t* zeros = matrix->zeros4.data() + n * static_cast<std::size_t>(nibble_bytes(matrix->groups()));
    for (std::size_t k = 0; k < cols; ++k)
      ASSERT_EQ(element(four.packed, n * cols / 8, k, 4), nibble_at(codes, static_cast<std::int64_t>(k)));
    for (std::size_t g = 0; g < groups; ++g)
      ASSERT_EQ(element(four.zeros, n / 8 * groups + g, n % 8, 4), nibble_at(zeros, static_cast<std::int64_t>(g)));
  }
  // In 8 bit the same rows are code − zero, with 128 added.
  const auto eight = compressed_tensors::encode(*matrix, 8);
  EXPECT_TRUE(eight.zeros.empty());
  for (std::size_t k = 0; k < cols; ++k) {
    const int code = nibble_at(matrix->codes4.data(), static_cast<std::int64_t>(k));
    const int zero = nibble_at(matrix->zeros4.data(), static_cast<std::int64_t>(k) / matrix->group);
    ASSERT_EQ(static_cast<int>(element(eight.packed, 0, k, 8)), code - zero + 128);
  }
}

TEST_F(ExportTest, CompressedTensorsKeepFourBitsWhereNoFusedLinearHasEight) {
  BitMap map;
  for (const LinearKind kind : kLinearKinds)
    map.linears.push_back({{0, kind}, 8, 32, {}});
  map.linears[static_cast<std::size_t>(LinearKind::k)].rows8 = {3};
  const auto schemes = compressed_tensors::schemes(map, 32);
  ASSERT_TRUE(schemes.ok());
  std::vector<int> bits;
  for (const auto& scheme : *schemes)
    bits.push_back(scheme.bits);
  EXPECT_EQ(bits, (std::vector<int>{8, 8, 8, 4, 4, 4, 4}));
  const Json config = compressed_tensors::quantization_config(*schemes, 32);
  EXPECT_EQ(config["config_groups"].size(), 2U);
  EXPECT_EQ(config["config_groups"]["group_0"]["targets"].size(), 4U);
  EXPECT_EQ(config["config_groups"]["group_1"]["targets"][2], "model.layers.0.self_attn.v_proj");
  EXPECT_EQ(config["config_groups"]["group_1"]["weights"]["symmetric"], true);
}

TEST_F(ExportTest, PlansAreTheBytesWritten) {
  const PackedModel packed_model = open_packed();
  for (const ExportFormatInfo& info : export_formats()) {
    SCOPED_TRACE(info.name);
    const auto plan = plan_export(packed_model, info.format);
    ASSERT_TRUE(plan.ok());
    ASSERT_TRUE(export_as(packed_model, info.format).ok());
    std::uint64_t bytes = 0;
    if (info.format == ExportFormat::mixllm) {
      const auto manifest = read_manifest(out());
      bytes = manifest_bytes(*manifest);
    } else {
      const auto file = SafetensorsFile::open(out() / "model.safetensors");
      ASSERT_TRUE(file.ok());
      for (const TensorInfo& tensor : file->tensors())
        bytes += tensor.bytes();
    }
    EXPECT_EQ(plan->bytes, bytes);
  }
}

TEST_F(ExportTest, ThePackedFormatIsACopy) {
  const PackedModel packed_model = open_packed();
  const Status status = export_as(packed_model, ExportFormat::mixllm);
  ASSERT_TRUE(status.ok()) << status.error().to_string();
  EXPECT_EQ(test::directory_contents(out()), test::directory_contents(packed()));
}

TEST_F(ExportTest, ExportsAreByteIdenticalAndReplaceEachOther) {
  const PackedModel packed_model = open_packed();
  ASSERT_TRUE(export_as(packed_model, ExportFormat::fp16).ok());
  const auto first = test::directory_contents(out());
  ASSERT_TRUE(export_as(packed_model, ExportFormat::compressed_tensors).ok());
  EXPECT_NE(test::directory_contents(out()), first);
  ASSERT_TRUE(export_as(packed_model, ExportFormat::fp16).ok());
  EXPECT_EQ(test::directory_contents(out()), first);
}

TEST_F(ExportTest, WhatCannotBeExpressedIsRefusedBeforeAnythingIsWritten) {
  test::write_source_model(source());  // 77 columns
  const PackedModel packed_model = open_packed();
  const Status odd = export_as(packed_model, ExportFormat::compressed_tensors);
  ASSERT_FALSE(odd.ok());
  EXPECT_EQ(odd.error().code, ErrorCode::unsupported);
  EXPECT_THAT(odd.error().to_string(), HasSubstr("a multiple of 32 columns"));
  EXPECT_FALSE(fs::exists(out()));
  fs::create_directories(out());
  test::write_file(out() / "thesis.txt", "years of work");
  const Status taken = export_as(packed_model, ExportFormat::fp16);
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().code, ErrorCode::usage);
  EXPECT_EQ(test::read_file(out() / "thesis.txt"), "years of work");
  Job job;
  EXPECT_FALSE(export_model(packed_model, ExportFormat::fp16, packed() / "inside", job).ok());
}

TEST_F(ExportTest, CancellingLeavesNothing) {
  const PackedModel packed_model = open_packed();
  CancelToken token;
  token.cancel();
  Job job(&token, {});
  const Status status = export_model(packed_model, ExportFormat::fp16, out(), job);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::cancelled);
  EXPECT_FALSE(fs::exists(out()));
}

TEST_F(ExportTest, DamageAndStrangersAreFound) {
  const PackedModel packed_model = open_packed();
  ASSERT_TRUE(export_as(packed_model, ExportFormat::fp16).ok());
  std::string bytes = test::read_file(out() / "model.safetensors");
  bytes[bytes.size() - 7] = static_cast<char>(bytes[bytes.size() - 7] ^ 1);
  test::write_file(out() / "model.safetensors", bytes);
  auto exported = ExportedModel::open(out());
  ASSERT_TRUE(exported.ok());
  Job job;
  auto comparison = compare_export(*exported, packed_model, job);
  ASSERT_FALSE(comparison.ok());
  EXPECT_EQ(comparison.error().code, ErrorCode::mismatch);

  ASSERT_TRUE(export_as(packed_model, ExportFormat::compressed_tensors).ok());
  const auto foreign = Checkpoint::open(out());
  ASSERT_FALSE(foreign.ok());
  EXPECT_THAT(foreign.error().to_string(), HasSubstr("use the model it was made from"));
  exported = ExportedModel::open(out());
  ASSERT_TRUE(exported.ok()) << exported.error().to_string();
  const PackedModel other = open_packed(60);
  comparison = compare_export(*exported, other, job);
  ASSERT_FALSE(comparison.ok());
  EXPECT_THAT(comparison.error().to_string(), HasSubstr("at index"));
  EXPECT_FALSE(ExportedModel::open(source()).ok());
}

TEST_F(ExportTest, ValuesBeyondTheRangeOfHalfFloatsAreRefused) {
  pack();
  const fs::path file = packed() / "model.safetensors";
  auto model = PackedModel::open(packed());
  const auto located = model->checkpoint().find("model.norm.weight");
  std::string bytes = test::read_file(file);
  const std::uint64_t at = bytes.size() - located->shard->tensors().back().end + located->info->begin;
  const std::uint16_t large = f32_to_bf16(1e30F);
  bytes[at] = static_cast<char>(large & 0xff);
  bytes[at + 1] = static_cast<char>(large >> 8);
  test::write_file(file, bytes);
  model = PackedModel::open(packed());
  ASSERT_TRUE(model.ok());
  const Status half = export_as(*model, ExportFormat::fp16);
  ASSERT_FALSE(half.ok());
  EXPECT_EQ(half.error().code, ErrorCode::numeric);
  EXPECT_EQ(half.error().key, "model.norm.weight");
  EXPECT_TRUE(export_as(*model, ExportFormat::bf16).ok());
}

}  // namespace
}  // namespace salient
