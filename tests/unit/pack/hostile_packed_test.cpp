// SPDX-License-Identifier: Apache-2.0
// Packed models that were damaged or made to deceive: HOSTILE-INPUTS rows 58 to 65. Each test spoils one thing in a
// good export; the manifest's hashes are brought up to date where the damage is to be found without them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "core/pack/export_model.h"
#include "core/pack/packed_format.h"
#include "tests/unit/pack/packed_fixture.h"
#include "tests/unit/support/bounded.h"
#include "tests/unit/support/damaged.h"
#include "tests/unit/support/error_like.h"

namespace salient {
namespace {

namespace fs = std::filesystem;
using test::error_like;
using ::testing::HasSubstr;

const std::string kLinear = "model.layers.1.mlp.down_proj";

struct StoredTensor {
  DType dtype = DType::u8;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;
};
using StoredTensors = std::map<std::string, StoredTensor>;

class HostilePackedTest : public test::PackedTest {
 protected:
  void SetUp() override {
    PackedTest::SetUp();
    pack();
  }

  void change_config(const std::function<void(Json&)>& change) {
    Json config = *parse_json(test::read_file(packed() / "config.json"), "config.json");
    change(config);
    test::write_file(packed() / "config.json", config.dump());
    refresh_manifest();
  }

  /// Rewrites the only shard, with a manifest that agrees.
  void change_tensors(const std::function<void(StoredTensors&)>& change) {
    StoredTensors tensors;
    {
      const auto file = SafetensorsFile::open(packed() / "model.safetensors");
      ASSERT_TRUE(file.ok());
      for (const TensorInfo& info : file->tensors()) {
        StoredTensor& tensor = tensors[info.name];
        tensor = {info.dtype, info.shape, std::vector<std::byte>(info.bytes())};
        ASSERT_TRUE(file->read(info, 0, tensor.bytes).ok());
      }
    }
    change(tensors);
    SafetensorsWriter writer(packed() / "model.safetensors");
    for (const auto& [name, tensor] : tensors)
      writer.add(name, tensor.dtype, tensor.shape, tensor.bytes);
    ASSERT_TRUE(writer.write().ok());
    refresh_manifest();
  }

  void refresh_manifest() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(packed())) {
      if (entry.path().filename() != kManifestName) names.push_back(entry.path().filename().string());
    }
    Job job;
    const auto manifest = hash_files(packed(), names, 0, 1, job);
    ASSERT_TRUE(manifest.ok());
    test::write_file(packed() / kManifestName, manifest_json(*manifest).dump());
  }

  /// Opening, or reading every value, fails; the error is returned.
  Error refusal() {
    const auto verified = test::bounded(0, [&]() -> Result<Verification> {
      SALIENT_ASSIGN(const PackedModel model, PackedModel::open(packed()));
      Job job;
      return model.verify(job);
    });
    EXPECT_FALSE(verified.ok()) << "accepted";
    return verified ? Error{} : verified.error();
  }

  /// Opening fails already, before a value is read or a backend is asked for anything.
  Error opening_refusal() {
    const auto model = test::bounded(0, [&] { return PackedModel::open(packed()); });
    EXPECT_FALSE(model.ok()) << "accepted";
    if (model) return {};
    EXPECT_FALSE(model.error().advice.empty());
    return model.error();
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (packed() / name).string(); }

  template <class T>
  static void set(StoredTensor& tensor, std::size_t index, T value) {
    std::memcpy(tensor.bytes.data() + index * sizeof value, &value, sizeof value);
  }
};

TEST_F(HostilePackedTest, Row58WrongMethodOrVersion) {
  change_config([](Json& config) { config["quantization_config"]["quant_method"] = "gptq"; });
  EXPECT_THAT(opening_refusal(), error_like(ErrorCode::unsupported, "quantization_config", "mixllm", "gptq"));
  EXPECT_EQ(opening_refusal().file, file("config.json"));
  EXPECT_THAT(read_quantization_config({{"quantization_config", {{"quant_method", "gptq"}}}}, "f").error(),
              error_like(ErrorCode::unsupported, "quantization_config.quant_method", "\"mixllm\"", "\"gptq\""));
  for (const int version : {0, 2}) {
    change_config([&](Json& config) {
      config["quantization_config"]["quant_method"] = "mixllm";
      config["quantization_config"]["format_version"] = version;
    });
    EXPECT_THAT(opening_refusal(),
                error_like(ErrorCode::unsupported, "quantization_config.format_version", "1", std::to_string(version)));
    EXPECT_EQ(opening_refusal().file, file("config.json"));
  }
  change_config([](Json& config) { config.erase("quantization_config"); });
  EXPECT_THAT(opening_refusal(), error_like(ErrorCode::unsupported, "quantization_config", "mixllm", "no such key"));
  change_config([](Json& config) { config["quantization_config"] = {{"quant_method", "mixllm"}}; });
  EXPECT_THAT(opening_refusal(), error_like(ErrorCode::format, "format_version", "an integer", "no such key"));
}

TEST_F(HostilePackedTest, AUniformWidthFitsTheRows) {
  for (const Json& bits : {Json(1), Json(9), Json(-5), Json("5"), Json(4), Json(5)}) {  // 4 and 5: the rows are mixed
    change_config([&](Json& config) { config["quantization_config"]["bits"]["uniform"] = bits; });
    EXPECT_THAT(refusal().key, HasSubstr("uniform"));
  }
}

TEST_F(HostilePackedTest, Row59AbsurdCounts) {
  for (const Json& group : {Json(0), Json(-128), Json(48), Json(std::int64_t{1} << 62)}) {
    change_config([&](Json& config) { config["quantization_config"]["group_size"] = group; });
    EXPECT_THAT(opening_refusal(),
                error_like(ErrorCode::range, "quantization_config.group_size", "32, 64 or 128", group.dump()));
  }
  for (const Json& group : {Json(std::uint64_t{1} << 63), Json(1e99), Json("128")}) {
    change_config([&](Json& config) { config["quantization_config"]["group_size"] = group; });
    EXPECT_THAT(opening_refusal(), error_like(ErrorCode::format, "group_size", "an integer", json_describe(group)));
  }
  change_config([](Json& config) {
    config["quantization_config"]["group_size"] = 32;
    config["num_hidden_layers"] = 100000;
  });
  EXPECT_THAT(opening_refusal(), error_like(ErrorCode::range, "num_hidden_layers", "1 to 4096", "100000"));
  change_config([](Json& config) { config["num_hidden_layers"] = 2; });
  const Json good = *parse_json(test::read_file(packed() / kManifestName), kManifestName);
  const auto with = [&](const char* part, const std::string& name, const char* key, const Json& value) {
    Json manifest = good;
    manifest[part][name][key] = value;
    test::write_file(packed() / kManifestName, manifest.dump());
    const Error error = opening_refusal();
    EXPECT_EQ(error.file, file(kManifestName));
    return error;
  };
  const std::string rows8 = kLinear + ".rows8";
  for (const Json& count : {Json(std::uint64_t{1} << 63), Json(-1), Json(1e99), Json("1")}) {
    EXPECT_THAT(with("tensors", rows8, "shape", Json::array({count})),
                error_like(ErrorCode::format, "tensors." + rows8, "dtype, shape and SHA-256", "something else"));
  }
  EXPECT_THAT(with("files", "model.safetensors", "bytes", std::uint64_t{1} << 63),
              error_like(ErrorCode::format, "bytes", "an integer", "9223372036854775808"));
}

TEST_F(HostilePackedTest, Row30TheManifestIsNoLinkOutOfTheModel) {
  fs::rename(packed() / kManifestName, root_ / "elsewhere.json");
  fs::create_symlink("../elsewhere.json", packed() / kManifestName);
  EXPECT_THAT(opening_refusal(), error_like(ErrorCode::unsupported, "", "a file in the model's directory",
                                            (root_ / "elsewhere.json").string()));
  EXPECT_EQ(opening_refusal().file, file(kManifestName));
  EXPECT_FALSE(manifest_sha256(packed()));
  EXPECT_FALSE(is_export(packed()));
  fs::remove(packed() / kManifestName);
  fs::create_symlink("missing.json", packed() / kManifestName);
  EXPECT_THAT(refusal().found, HasSubstr("missing.json, where nothing is"));
}

TEST_F(HostilePackedTest, Row30NoFileIsALinkOutOfTheModel) {
  const auto link = [](const fs::path& path) {
    fs::rename(path, path.parent_path().parent_path() / "elsewhere");
    fs::create_symlink("../elsewhere", path);
  };
  const auto refused = [&](const fs::path& path) {
    return testing::AllOf(error_like(ErrorCode::unsupported, "", "a file in the model's directory", "elsewhere"),
                          testing::Field("file", &Error::file, path.string()));
  };
  for (const char* name : {"config.json", "model.safetensors", "tokenizer.json"}) {
    link(packed() / name);
    EXPECT_THAT(opening_refusal(), refused(packed() / name));
    fs::remove(packed() / name);
    fs::rename(root_ / "elsewhere", packed() / name);
  }
  EXPECT_TRUE(PackedModel::open(packed()));
  // Nor is one followed while a model is packed: its contents would be in the export.
  link(source() / "tokenizer.json");
  const Status written = test::export_model(source(), root_ / "again");
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error(), refused(source() / "tokenizer.json"));
  EXPECT_FALSE(fs::exists(root_ / "again"));
}

/// The manifest has the hash of every file: whatever bit is another one in config.json or in a header, somebody finds
/// it. In the manifest itself a bit may be of no consequence (white space, where the model comes from).
TEST_F(HostilePackedTest, NoCutAndNoFlippedBitOfAHeaderIsTakenForTheModel) {
  const auto opened = [&] {
    return test::bounded(0, [&]() -> Status {
      SALIENT_ASSIGN(const PackedModel model, PackedModel::open(packed()));
      Job job;
      SALIENT_CHECK(model.verify(job));
      return {};
    });
  };
  ASSERT_TRUE(opened());
  for (const char* name : {"config.json", kManifestName, "model.safetensors"}) {
    const fs::path path = packed() / name;
    const std::string good = test::read_file(path);
    std::uint64_t header = good.size();
    if (path.extension() == ".safetensors") {
      std::memcpy(&header, good.data(), 8);
      header += 8;
    }
    const bool manifest = name == std::string(kManifestName);
    const auto refused = test::for_each_damage(good, header, 400, [&](const std::string& bytes, bool cut) {
      test::write_file(path, bytes);
      const bool accepted = opened().ok();
      if (cut || !manifest) {
        EXPECT_FALSE(accepted) << name << ", " << bytes.size() << " bytes";
      }
      return !accepted;
    });
    EXPECT_GT(refused.flips, refused.tried_flips / 2) << name;
    test::write_file(path, good);
  }
  EXPECT_TRUE(opened());
}

TEST_F(HostilePackedTest, Row60FileEndsEarly) {
  const std::string bytes = test::read_file(packed() / "model.safetensors");
  test::write_file(packed() / "model.safetensors", bytes.substr(0, bytes.size() - 5));
  const Error error = opening_refusal();
  EXPECT_THAT(error, error_like(ErrorCode::format, error.key, "bytes of tensor data", "short by 5 bytes"));
  EXPECT_EQ(error.file, file("model.safetensors"));
  // And what is longer, and no model file.
  test::write_file(packed() / "model.safetensors", bytes);
  const std::string tokenizer = test::read_file(packed() / "tokenizer.json");
  test::write_file(packed() / "tokenizer.json", tokenizer.substr(1));
  EXPECT_THAT(opening_refusal(), error_like(ErrorCode::mismatch, "", std::to_string(tokenizer.size()) + " bytes",
                                            std::to_string(tokenizer.size() - 1)));
  EXPECT_EQ(opening_refusal().file, file("tokenizer.json"));
}

TEST_F(HostilePackedTest, Row61ScaleShape) {
  change_tensors([](StoredTensors& tensors) {
    StoredTensor& scales = tensors[kLinear + ".scales4"];
    scales.shape = {scales.shape[1], scales.shape[0]};
  });
  const Error error = opening_refusal();
  EXPECT_THAT(error, error_like(ErrorCode::mismatch, kLinear + ".scales4", "F16 [", "F16 [3, "));
  EXPECT_THAT(error.expected, testing::EndsWith(", 3]"));
}

TEST_F(HostilePackedTest, Row61ScaleValues) {
  for (const std::string part : {".scales4", ".scales8"}) {
    for (const std::uint16_t bits : std::initializer_list<std::uint16_t>{0, 0x8000, 0x7c00, 0xfc00, 0x7e00, 0xbc00}) {
      std::uint16_t good = 0;
      change_tensors([&](StoredTensors& tensors) {
        std::memcpy(&good, tensors[kLinear + part].bytes.data() + 2, sizeof good);
        set(tensors[kLinear + part], 1, bits);
      });
      const Error error = refusal();
      EXPECT_THAT(error, error_like(ErrorCode::mismatch, kLinear + part, "finite scales above zero", " at index 1"));
      change_tensors([&](StoredTensors& tensors) { set(tensors[kLinear + part], 1, good); });
    }
  }
}

TEST_F(HostilePackedTest, Row61UnusedHalfBytes) {
  for (const std::string part : {".qweight4", ".zeros4"}) {
    change_tensors([&](StoredTensors& tensors) {
      StoredTensor& tensor = tensors[kLinear + part];
      tensor.bytes[static_cast<std::size_t>(tensor.shape[1]) - 1] |= std::byte{0x30};
    });
    EXPECT_THAT(refusal(), error_like(ErrorCode::mismatch, kLinear + part, "0 in the unused half", "3 in row 0"));
    change_tensors([&](StoredTensors& tensors) {
      StoredTensor& tensor = tensors[kLinear + part];
      tensor.bytes[static_cast<std::size_t>(tensor.shape[1]) - 1] &= std::byte{0x0f};
    });
  }
}

TEST_F(HostilePackedTest, Row62MissingTensors) {
  for (const std::string& name : {kLinear + ".qweight4", kLinear + ".scales4", kLinear + ".zeros4",
                                  kLinear + ".qweight8", kLinear + ".scales8", std::string("model.norm.weight")}) {
    StoredTensor removed;
    change_tensors([&](StoredTensors& tensors) {
      removed = tensors[name];
      tensors.erase(name);
    });
    EXPECT_THAT(opening_refusal(), error_like(ErrorCode::not_found, name, "the tensor", "none of this name"));
    change_tensors([&](StoredTensors& tensors) { tensors[name] = removed; });
  }
  // Without rows8 all rows would be 4 bit.
  change_tensors([](StoredTensors& tensors) { tensors.erase(kLinear + ".rows8"); });
  EXPECT_THAT(opening_refusal(), error_like(ErrorCode::mismatch, kLinear + ".qweight4", "U8 [48, ", "U8 ["));
}

TEST_F(HostilePackedTest, TensorsNobodyAskedFor) {
  change_tensors([](StoredTensors& tensors) { tensors[kLinear + ".weight"] = tensors["model.norm.weight"]; });
  EXPECT_EQ(refusal().key, kLinear + ".weight");
  change_tensors([](StoredTensors& tensors) { tensors.erase(kLinear + ".weight"); });
  change_config([](Json& config) { config["num_hidden_layers"] = 1; });
  EXPECT_THAT(refusal().key, HasSubstr("model.layers.1."));
}

TEST_F(HostilePackedTest, Row63RowIndices) {
  const std::string name = kLinear + ".rows8";
  std::size_t last = 0;
  change_tensors([&](StoredTensors& tensors) { last = tensors[name].bytes.size() / 4 - 1; });
  ASSERT_GT(last, 1U);
  for (const auto& [at, bad] : std::initializer_list<std::pair<std::size_t, std::int32_t>>{
           {0, -1}, {1, -1}, {1, 48}, {last, 48}, {last, 1 << 30}}) {
    std::int32_t good = 0;
    change_tensors([&](StoredTensors& tensors) {
      std::memcpy(&good, tensors[name].bytes.data() + 4 * at, sizeof good);
      set(tensors[name], at, bad);
    });
    EXPECT_THAT(opening_refusal(), error_like(ErrorCode::mismatch, name, "ascending row numbers below 48",
                                              std::to_string(bad) + " at index " + std::to_string(at)));
    change_tensors([&](StoredTensors& tensors) { set(tensors[name], at, good); });
  }
  std::int32_t first = 0;
  change_tensors([&](StoredTensors& tensors) {  // twice the same row
    std::memcpy(&first, tensors[name].bytes.data(), sizeof first);
    set(tensors[name], 1, first);
  });
  EXPECT_THAT(opening_refusal(), error_like(ErrorCode::mismatch, name, "ascending row numbers below 48",
                                            std::to_string(first) + " at index 1"));
}

TEST_F(HostilePackedTest, Row64HashMismatchNamesTheTensor) {
  std::string bytes = test::read_file(packed() / "model.safetensors");
  {
    const auto file = SafetensorsFile::open(packed() / "model.safetensors");
    ASSERT_TRUE(file.ok());
    const std::size_t data = bytes.size() - file->tensors().back().end;
    bytes[data + file->find(kLinear + ".qweight8")->begin] ^= 1;
  }
  test::write_file(packed() / "model.safetensors", bytes);
  ASSERT_TRUE(PackedModel::open(packed()).ok());
  const Error error = refusal();
  EXPECT_EQ(error.code, ErrorCode::mismatch);
  EXPECT_EQ(error.key, kLinear + ".qweight8");
  EXPECT_THAT(error.file, HasSubstr("model.safetensors"));
}

TEST_F(HostilePackedTest, Row64HashMismatchIsFoundWhereTensorsAreRead) {
  const std::string good = test::read_file(packed() / "model.safetensors");
  for (const std::string& name : {kLinear + ".qweight8", kLinear + ".rows8", std::string("model.norm.weight")}) {
    SCOPED_TRACE(name);
    std::string bytes = good;
    {
      const auto file = SafetensorsFile::open(packed() / "model.safetensors");
      ASSERT_TRUE(file.ok());
      bytes[bytes.size() - file->tensors().back().end + file->find(name)->begin] ^= 1;
    }
    test::write_file(packed() / "model.safetensors", bytes);
    const Status read = test::bounded(0, [&]() -> Status {
      SALIENT_ASSIGN(const PackedModel opened, PackedModel::open(packed()));
      SALIENT_CHECK(opened.check_copied_tensors());
      for (const LinearKind kind : kLinearKinds)
        SALIENT_CHECK(opened.linear({1, kind}));
      return {};
    });
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::mismatch);
    EXPECT_EQ(read.error().key, name);
    test::write_file(packed() / "model.safetensors", good);
  }
}

TEST_F(HostilePackedTest, Row64ChangedMissingAndForeignFiles) {
  const std::string tokenizer = test::read_file(packed() / "tokenizer.json");
  std::string changed = tokenizer;
  changed[10] ^= 1;
  test::write_file(packed() / "tokenizer.json", changed);
  EXPECT_THAT(refusal(), error_like(ErrorCode::mismatch, "", "SHA-256 ", ""));
  EXPECT_EQ(refusal().file, file("tokenizer.json"));
  fs::remove(packed() / "tokenizer.json");
  EXPECT_EQ(opening_refusal().code, ErrorCode::not_found);
  EXPECT_EQ(opening_refusal().file, file("tokenizer.json"));
  test::write_file(packed() / "tokenizer.json", tokenizer);
  test::write_file(packed() / "surprise.py", "import os");
  EXPECT_THAT(refusal(), error_like(ErrorCode::mismatch, "", "only files of the manifest", "one it does not list"));
  EXPECT_EQ(refusal().file, file("surprise.py"));
}

TEST_F(HostilePackedTest, Row65NoManifest) {
  fs::remove(packed() / kManifestName);
  EXPECT_THAT(opening_refusal(),
              error_like(ErrorCode::not_found, kManifestName, "the manifest, which is written last", "no such file"));
  EXPECT_EQ(opening_refusal().file, packed().string());
  fs::remove(packed() / "model.safetensors");
  EXPECT_EQ(refusal().key, kManifestName);
}

TEST_F(HostilePackedTest, ManifestMadeToDeceive) {
  const std::string good = test::read_file(packed() / kManifestName);
  Json manifest = *parse_json(good, kManifestName);
  manifest["files"]["../source/config.json"] = manifest["files"]["config.json"];
  test::write_file(packed() / kManifestName, manifest.dump());
  EXPECT_THAT(opening_refusal(),
              error_like(ErrorCode::format, "files.../source/config.json", "a plain name", "something else"));
  for (const char* text : {"", "{}", "[]", R"({"format_version": 2})", R"({"format_version": 1, "files": []})"}) {
    test::write_file(packed() / kManifestName, text);
    EXPECT_FALSE(PackedModel::open(packed()).ok()) << text;
  }
}

}  // namespace
}  // namespace salient
