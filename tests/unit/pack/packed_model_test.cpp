// SPDX-License-Identifier: Apache-2.0
#include "core/pack/packed_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/hash.h"
#include "core/pack/model_directory.h"
#include "tests/unit/pack/packed_fixture.h"
#include "tests/unit/support/error_like.h"

namespace salient {
namespace {

namespace fs = std::filesystem;
using test::PackedTest;
using ::testing::HasSubstr;

constexpr LinearId kDown{1, LinearKind::down};

bool same(const QuantizedMatrix& a, const QuantizedMatrix& b) {
  return a.rows == b.rows && a.cols == b.cols && a.group == b.group && a.rows8 == b.rows8 && a.codes4 == b.codes4 &&
         a.scales4 == b.scales4 && a.zeros4 == b.zeros4 && a.codes8 == b.codes8 && a.scales8 == b.scales8;
}

TEST_F(PackedTest, RoundTripsEveryMixExactly) {
  const auto checkpoint = Checkpoint::open(source());
  ASSERT_TRUE(checkpoint.ok());
  for (const int percent : {0, 10, 50, 100}) {
    SCOPED_TRACE(percent);
    pack(percent);
    EXPECT_TRUE(is_packed_model(packed()));
    EXPECT_FALSE(is_packed_model(source()));
    const auto model = PackedModel::open(packed());
    ASSERT_TRUE(model.ok()) << model.error().to_string();
    EXPECT_EQ(model->group(), test::kPackedGroup);
    EXPECT_EQ(model->recipe()["percent"], percent);
    test::RoundedLayers layers(*checkpoint, percent);
    for (std::int32_t layer = 0; layer < 2; ++layer) {
      const auto expected = layers.load(layer);
      for (const LinearKind kind : kLinearKinds) {
        const auto found = model->linear({layer, kind});
        ASSERT_TRUE(found.ok()) << found.error().to_string();
        EXPECT_TRUE(same(*found, expected->linears[static_cast<std::size_t>(kind)].matrix));
      }
    }
    Job job;
    const auto verified = model->verify(job);
    ASSERT_TRUE(verified.ok()) << verified.error().to_string();
    EXPECT_EQ(verified->linears, 14);
  }
}

TEST_F(PackedTest, ClassesWithoutRowsAreAbsent) {
  pack(0);
  auto model = PackedModel::open(packed());
  ASSERT_TRUE(model.ok());
  EXPECT_TRUE(model->checkpoint().contains(linear_name(kDown) + ".qweight4"));
  EXPECT_FALSE(model->checkpoint().contains(linear_name(kDown) + ".qweight8"));
  EXPECT_FALSE(model->checkpoint().contains(linear_name(kDown) + ".rows8"));
  pack(100);
  model = PackedModel::open(packed());
  ASSERT_TRUE(model.ok());
  EXPECT_FALSE(model->checkpoint().contains(linear_name(kDown) + ".qweight4"));
  EXPECT_TRUE(model->checkpoint().contains(linear_name(kDown) + ".rows8"));
  EXPECT_EQ(model->bit_map().features8(), model->bit_map().features());
}

TEST_F(PackedTest, SizeAccountingIsTheBytesStored) {
  for (const int percent : {0, 30, 100}) {
    pack(percent);
    const auto model = PackedModel::open(packed());
    ASSERT_TRUE(model.ok());
    for (const LinearBits& bits : model->bit_map().linears) {
      std::uint64_t stored = 0;
      std::uint64_t payload = 0;
      for (const Checkpoint::Located& located : model->checkpoint().tensors()) {
        const std::string& name = located.info->name;
        if (!name.starts_with(linear_name(bits.id) + ".") || name.ends_with(".bias")) continue;
        stored += located.info->bytes();
        if (name.find(".qweight") != std::string::npos) payload += located.info->bytes();
      }
      const SizeReport size =
          linear_size(bits.rows, bits.cols, static_cast<std::int64_t>(bits.rows8.size()), model->group());
      EXPECT_EQ(static_cast<std::uint64_t>(size.total_bytes), stored);
      EXPECT_EQ(static_cast<std::uint64_t>(size.payload_bytes), payload);
    }
  }
}

TEST_F(PackedTest, ConfigKeepsTheOriginalAndAddsTheFormat) {
  pack();
  const auto config = parse_json(test::read_file(packed() / "config.json"), "config.json");
  ASSERT_TRUE(config.ok());
  EXPECT_EQ((*config)["intermediate_size"], 77);
  EXPECT_EQ((*config)["quantization_config"]["quant_method"], "mixllm");
  EXPECT_EQ((*config)["quantization_config"]["format_version"], 1);
  EXPECT_EQ((*config)["quantization_config"]["group_size"], 32);
}

TEST_F(PackedTest, CopiesTokenizerAndUnquantizedTensorsOnly) {
  pack();
  EXPECT_EQ(test::read_file(packed() / "tokenizer.json"), test::read_file(source() / "tokenizer.json"));
  EXPECT_TRUE(fs::exists(packed() / "generation_config.json"));
  EXPECT_FALSE(fs::exists(packed() / "README.md"));
  const auto model = PackedModel::open(packed());
  const auto original = Checkpoint::open(source());
  ASSERT_TRUE(model.ok() && original.ok());
  int copied = 0;
  for (const Checkpoint::Located& theirs : original->tensors()) {
    const std::string& name = theirs.info->name;
    if (!model->checkpoint().contains(name)) continue;
    ASSERT_EQ(model->checkpoint().find(name)->info->shape, theirs.info->shape) << name;
    std::vector<std::byte> ours(theirs.info->bytes());
    std::vector<std::byte> expected(ours.size());
    ASSERT_TRUE(model->checkpoint().read(name, ours).ok()) << name;
    ASSERT_TRUE(original->read(name, expected).ok()) << name;
    EXPECT_EQ(ours, expected) << name;
    ++copied;
  }
  EXPECT_EQ(copied, 2 + 2 * (2 + 3));
}

TEST_F(PackedTest, ExportsAreByteIdentical) {
  pack();
  const auto first = test::directory_contents(packed());
  ASSERT_TRUE(test::export_model(source(), root_ / "again").ok());
  EXPECT_EQ(first, test::directory_contents(root_ / "again"));
  pack();  // replaces the first
  EXPECT_EQ(first, test::directory_contents(packed()));
  for (const auto& [name, text] : first)
    EXPECT_THAT(text, testing::Not(HasSubstr(root_.path().string()))) << name;
}

TEST_F(PackedTest, ShardsHaveAnIndexAndTheSameTensors) {
  pack();
  const auto whole = PackedModel::open(packed());
  ASSERT_TRUE(whole.ok());
  ASSERT_TRUE(test::export_model(source(), root_ / "sharded", 30, 20'000).ok());
  const auto sharded = PackedModel::open(root_ / "sharded");
  ASSERT_TRUE(sharded.ok()) << sharded.error().to_string();
  EXPECT_GT(sharded->checkpoint().shards().size(), 2U);
  EXPECT_TRUE(fs::exists(root_ / "sharded" / "model.safetensors.index.json"));
  Job job;
  ASSERT_TRUE(sharded->verify(job).ok());
  ASSERT_EQ(whole->manifest().tensors.size(), sharded->manifest().tensors.size());
  for (const auto& [name, tensor] : whole->manifest().tensors) {
    EXPECT_EQ(tensor.sha256, sharded->manifest().tensors.at(name).sha256) << name;
  }
  for (const SafetensorsFile& shard : sharded->checkpoint().shards()) {
    for (const TensorInfo& tensor : shard.tensors()) {
      EXPECT_EQ(tensor.begin % (static_cast<std::uint64_t>(dtype_bits(tensor.dtype)) / 8), 0U) << tensor.name;
    }
  }
}

TEST_F(PackedTest, ManifestHashesFilesAndTensors) {
  pack();
  const auto manifest = read_manifest(packed());
  ASSERT_TRUE(manifest.ok());
  for (const auto& [name, file] : manifest->files) {
    EXPECT_EQ(file.sha256, sha256_hex(test::read_file(packed() / name))) << name;
  }
  const auto model = PackedModel::open(packed());
  const auto matrix = model->linear(kDown);
  EXPECT_EQ(manifest->tensors.at(linear_name(kDown) + ".qweight4").sha256,
            sha256_hex(std::as_bytes(std::span(matrix->codes4))));
  EXPECT_FALSE(manifest->files.contains("manifest.json"));
}

TEST_F(PackedTest, RefusesOutputsThatWouldDestroySomething) {
  fs::create_directory(root_ / "full");
  test::write_file(root_ / "full" / "thesis.txt", "years of work");
  test::write_file(root_ / "file", "");
  for (const fs::path& output : {root_ / "full", root_ / "file", source(), source() / "packed", root_.path()}) {
    const Status status = test::export_model(source(), output);
    ASSERT_FALSE(status.ok()) << output;
    EXPECT_EQ(status.error().code, ErrorCode::usage) << status.error().to_string();
  }
  EXPECT_EQ(test::read_file(root_ / "full" / "thesis.txt"), "years of work");
  fs::create_directory(root_ / "empty");
  EXPECT_TRUE(test::export_model(source(), root_ / "empty").ok());
}

TEST(CheckOutput, SaysWhichPathCannotBeReached) {
  const test::TemporaryDirectory directory;
  fs::create_symlink("there", directory / "here");
  fs::create_symlink("here", directory / "there");
  // The error of the model's path is not forgotten for the output's, of which nothing is then known either.
  const Status source = check_output(directory / "here/model", directory / "out");
  ASSERT_FALSE(source.ok());
  EXPECT_THAT(source.error(),
              test::error_like(ErrorCode::io, "", "to resolve it", "Too many levels of symbolic links"));
  EXPECT_THAT(source.error().file, HasSubstr("here/model"));
  const Status output = check_output(directory / "model", directory / "there/out");
  ASSERT_FALSE(output.ok());
  EXPECT_THAT(output.error(), test::error_like(ErrorCode::usage, "output", "a path that can be resolved",
                                               "Too many levels of symbolic links"));
  EXPECT_TRUE(check_output(directory / "model", directory / "out").ok());
}

TEST(CheckOutput, SaysSoWhereTheCurrentDirectoryIsGone) {
  const test::TemporaryDirectory directory;
  const fs::path before = fs::current_path();
  fs::create_directory(directory / "gone");
  fs::current_path(directory / "gone");
  fs::remove(directory / "gone");
  const Status status = check_output(directory / "model", "out");
  fs::current_path(before);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error(),
              test::error_like(ErrorCode::usage, "output", "a path that can be resolved", "No such file or directory"));
}

TEST_F(PackedTest, UnfinishedLayersAreRefused) {
  const auto checkpoint = Checkpoint::open(source());
  test::RoundedLayers layers(*checkpoint, 10);
  layers.missing = 1;
  Job job;
  const Status status = write_packed_model({&*checkpoint, &layers, test::kPackedGroup, {}}, packed(), job);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().key, "layers");
  EXPECT_FALSE(fs::exists(packed()));
}

TEST_F(PackedTest, CancelledExportLeavesNothing) {
  CancelToken cancel;
  cancel.cancel();
  const Status status = test::export_model(source(), packed(), 30, 4'000'000'000, &cancel);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::cancelled);
  EXPECT_EQ(std::distance(fs::directory_iterator(root_.path()), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace salient
