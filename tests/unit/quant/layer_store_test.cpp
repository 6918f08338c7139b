// SPDX-License-Identifier: Apache-2.0
#include "core/quant/layer_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/quant/tiny_model.h"
#include "tests/unit/support/temporary_directory.h"

namespace salient {
namespace {

/// A layer of the tiny model's shapes, rounded to nearest.
QuantizedLayer some_layer(std::int64_t index) {
  ThreadPool threads(1);
  Random random(static_cast<std::uint64_t>(index + 1));
  QuantizedLayer layer;
  layer.index = index;
  for (const LinearKind kind : kLinearKinds) {
    const LinearShape shape = linear_shape(test::tiny_config(), kind);
    std::vector<float> weight(static_cast<std::size_t>(shape.rows * shape.cols));
    for (float& value : weight)
      value = static_cast<float>(random.uniform());
    std::vector<std::uint32_t> rows8;
    if (kind != LinearKind::o) rows8 = {1, 2, 7};  // and one linear without any
    auto quantized =
        quantize_linear(weight, shape.rows, shape.cols, rows8, GramMatrix{}, {QuantMethod::rtn, false, 32}, threads);
    EXPECT_TRUE(quantized);
    quantized->output_error = random.uniform();
    quantized->dead_inputs = 2;
    quantized->damping_used = 0.1;
    quantized->fallback = kind == LinearKind::v ? "a \"reason\"" : "";
    layer.linears[static_cast<std::size_t>(kind)] = *std::move(quantized);
  }
  return layer;
}

class LayerStoreTest : public ::testing::Test {
 protected:
  DirectoryLayerStore open() {
    auto store = DirectoryLayerStore::open(directory_ / "layers", "fingerprint");
    EXPECT_TRUE(store) << store.error().to_string();
    return *std::move(store);
  }
  [[nodiscard]] std::filesystem::path file(int index) const {
    return directory_ / "layers" / ("layer-0000" + std::to_string(index) + ".safetensors");
  }
  test::TemporaryDirectory directory_;
};

TEST_F(LayerStoreTest, GivesBackWhatWasSaved) {
  const QuantizedLayer first = some_layer(0);
  const QuantizedLayer second = some_layer(1);
  {
    DirectoryLayerStore store = open();
    EXPECT_EQ(store.layers_done(), 0);
    ASSERT_TRUE(store.save(first));
    ASSERT_TRUE(store.save(second));
    EXPECT_EQ(store.layers_done(), 2);
  }
  DirectoryLayerStore store = open();
  EXPECT_EQ(store.layers_done(), 2);
  const auto loaded_first = store.load(0);
  const auto loaded_second = store.load(1);
  ASSERT_TRUE(loaded_first) << loaded_first.error().to_string();
  ASSERT_TRUE(loaded_second) << loaded_second.error().to_string();
  test::expect_same(*loaded_first, first);
  test::expect_same(*loaded_second, second);
}

TEST_F(LayerStoreTest, TheSameLayerIsTheSameFile) {
  DirectoryLayerStore store = open();
  ASSERT_TRUE(store.save(some_layer(0)));
  const std::string once = test::read_file(file(0));
  ASSERT_TRUE(store.save(some_layer(0)));
  EXPECT_EQ(test::read_file(file(0)), once);
}

TEST_F(LayerStoreTest, CountsLayersUpToTheFirstMissing) {
  DirectoryLayerStore store = open();
  for (int index = 0; index < 3; ++index)
    ASSERT_TRUE(store.save(some_layer(index)));
  std::filesystem::remove(file(1));
  EXPECT_EQ(open().layers_done(), 1);
}

TEST_F(LayerStoreTest, RefusesLayersOfAnotherJob) {
  ASSERT_TRUE(open().save(some_layer(0)));
  const auto other = DirectoryLayerStore::open(directory_ / "layers", "another fingerprint");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::mismatch);
  EXPECT_EQ(other.error().expected, "another fingerprint");
  EXPECT_EQ(other.error().found, "fingerprint");
  EXPECT_EQ(other.error().file, file(0).string());
}

TEST_F(LayerStoreTest, RefusesAnotherLayerUnderThisName) {
  DirectoryLayerStore store = open();
  ASSERT_TRUE(store.save(some_layer(0)));
  std::filesystem::copy_file(file(0), file(1));
  const auto opened = DirectoryLayerStore::open(directory_ / "layers", "fingerprint");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::mismatch);
}

TEST_F(LayerStoreTest, DamageAnywhereIsAnErrorThatNamesTheFile) {
  ASSERT_TRUE(open().save(some_layer(0)));
  const std::string whole = test::read_file(file(0));
  const auto refused = [&](const std::string& bytes) {
    test::write_file(file(0), bytes);
    auto store = DirectoryLayerStore::open(directory_ / "layers", "fingerprint");
    if (!store) return store.error();
    auto layer = store->load(0);
    return layer ? Error{} : layer.error();
  };
  EXPECT_EQ(refused(whole).file, "");
  for (std::size_t at = 9; at < whole.size(); at += 131) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x11);
    EXPECT_EQ(refused(damaged).file, file(0).string()) << "byte " << at;
  }
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{7}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
    EXPECT_EQ(refused(whole.substr(0, size)).file, file(0).string()) << size << " bytes";
  }
}

}  // namespace
}  // namespace salient
