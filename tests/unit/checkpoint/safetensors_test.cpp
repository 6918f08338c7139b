// SPDX-License-Identifier: Apache-2.0
// The reader against hostile files: the numbers in the names are the rows of the list of inputs to be survived.
#include "core/checkpoint/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/checkpoint/safetensors_header.h"
#include "tests/unit/checkpoint/model_directory.h"
#include "tests/unit/support/bounded.h"
#include "tests/unit/support/error_like.h"

namespace salient {
namespace {

using test::bounded;
using test::error_like;
using test::safetensors_bytes;
using test::TemporaryDirectory;
using test::write_file;
using testing::HasSubstr;

const std::string kGood = R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},)"
                          R"("b":{"dtype":"BF16","shape":[3],"data_offsets":[16,22]}})";
const std::string kGoodData(22, 'x');

class Safetensors : public testing::Test {
 protected:
  std::filesystem::path path() const { return directory_ / "model.safetensors"; }

  Result<SafetensorsFile> open(const std::string& bytes, SafetensorsLimits limits = {}) {
    write_file(path(), bytes);
    return bounded(std::min<std::uint64_t>(bytes.size(), limits.header_bytes),
                   [&] { return SafetensorsFile::open(path(), limits); });
  }
  Error refusal(const std::string& bytes, SafetensorsLimits limits = {}) {
    auto file = open(bytes, limits);
    EXPECT_FALSE(file);
    if (file) return {};
    EXPECT_THAT(file.error().file, HasSubstr("model.safetensors"));
    EXPECT_FALSE(file.error().advice.empty());
    return file.error();
  }
  Error header_refusal(const std::string& header, const std::string& data = "") {
    return refusal(safetensors_bytes(header, data));
  }
  /// A header of one U8 tensor "a" of one byte with `field` (e.g. "\"dtype\":\"U8\"") in place of its own.
  static std::string tensor_with(const std::string& key, const std::string& value) {
    std::string text;
    for (const auto& [name, own] :
         std::map<std::string, std::string>{{"dtype", "\"U8\""}, {"shape", "[1]"}, {"data_offsets", "[0,1]"}}) {
      text += (text.empty() ? "" : ",") + ("\"" + name + "\":") + (name == key ? value : own);
    }
    return "{\"a\":{" + text + "}}";
  }

  TemporaryDirectory directory_;
};

TEST_F(Safetensors, ReadsAGoodFile) {
  const auto file = open(safetensors_bytes(kGood + "   ", "0123456789abcdefABCDEF"));
  ASSERT_TRUE(file) << file.error().to_string();
  ASSERT_EQ(file->tensors().size(), 2U);
  EXPECT_EQ(file->tensors()[0].name, "a");
  EXPECT_EQ(file->tensors()[0].elements(), 4);
  EXPECT_EQ(file->metadata().at("format"), "pt");
  const TensorInfo* b = file->find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->dtype, DType::bf16);
  EXPECT_EQ(b->shape, (std::vector<std::int64_t>{3}));
  std::string out(4, ' ');
  ASSERT_TRUE(file->read(*b, 1, std::as_writable_bytes(std::span(out))));
  EXPECT_EQ(out, "BCDE");
  EXPECT_EQ(file->read(*b, 3, std::as_writable_bytes(std::span(out))).error().code, ErrorCode::range);
  EXPECT_EQ(file->find("c"), nullptr);
}

TEST_F(Safetensors, Row1TooShort) {
  for (std::size_t size = 0; size < 8; ++size) {
    EXPECT_THAT(refusal(std::string(size, '\1')),
                error_like(ErrorCode::format, "size", "at least 8 bytes", std::to_string(size) + " bytes"));
  }
}

TEST_F(Safetensors, Row2HeaderLongerThanTheFile) {
  std::string bytes = safetensors_bytes(kGood, kGoodData);
  bytes.resize(100);
  EXPECT_THAT(refusal(bytes),
              error_like(ErrorCode::format, "header length", "at most 92 bytes", std::to_string(kGood.size())));
}

TEST_F(Safetensors, Row3HeaderOverTheCap) {
  const std::string bytes = safetensors_bytes(kGood, kGoodData);
  EXPECT_TRUE(open(bytes, {kGood.size()}));
  EXPECT_THAT(refusal(bytes, {kGood.size() - 1}),
              error_like(ErrorCode::range, "header length", "at most " + std::to_string(kGood.size() - 1),
                         std::to_string(kGood.size())));
  std::string large(8, '\0');
  large.replace(0, 4, std::string("\x01\xE1\xF5\x05", 4));
  EXPECT_THAT(refusal(large + "{}"), error_like(ErrorCode::range, "header length", "at most 100000000", "100000001"));
  EXPECT_THAT(refusal(std::string(8, '\xFF') + "{}"),
              error_like(ErrorCode::range, "header length", "at most 100000000", "18446744073709551615"));
}

TEST_F(Safetensors, Row4LengthPlusEightOverflows) {
  EXPECT_THAT(refusal("\xF9" + std::string(7, '\xFF') + "{}", {~std::uint64_t{0}}),
              error_like(ErrorCode::format, "header length", "at most 2 bytes", "18446744073709551609"));
}

TEST_F(Safetensors, Row5InvalidUtf8) {
  EXPECT_THAT(header_refusal("{\"\xC0\xAF\":{}}"),
              error_like(ErrorCode::format, "line 1, column 3", "UTF-8", "byte 0xc0 at offset 2"));
}

TEST_F(Safetensors, Row6NotJsonOrTrailingJunk) {
  EXPECT_THAT(header_refusal("{\"a\":\n  x}"), error_like(ErrorCode::format, "line 2, column 3", "JSON", "invalid"));
  EXPECT_EQ(header_refusal("{} {}").key, "line 1, column 4");
  EXPECT_EQ(header_refusal("{}}").key, "line 1, column 3");
  EXPECT_EQ(header_refusal(std::string("{}\0{}", 5)).key, "line 1, column 3");
  EXPECT_EQ(header_refusal("{\"a\":").key, "line 1, column 6");
  EXPECT_TRUE(open(safetensors_bytes("{}  \n", "")));
}

TEST_F(Safetensors, Row7FirstByteIsNoBrace) {
  EXPECT_THAT(header_refusal(" {}"), error_like(ErrorCode::format, "header", "beginning with {", "\" \""));
  EXPECT_THAT(header_refusal("[1]"), error_like(ErrorCode::format, "header", "beginning with {", "["));
  EXPECT_THAT(refusal(std::string(8, '\0')), error_like(ErrorCode::format, "header", "an object", "nothing"));
}

TEST_F(Safetensors, Row8DeepNesting) {
  const std::string deep = std::string(1000, '[') + std::string(1000, ']');
  EXPECT_THAT(header_refusal("{\"a\":" + deep + "}"), error_like(ErrorCode::format, "a", "an object", "an array"));
  EXPECT_THAT(header_refusal(tensor_with("shape", deep)), error_like(ErrorCode::format, "a", "integers", "an array"));
  EXPECT_THAT(header_refusal("{\"__metadata__\":{\"x\":" + deep + "}}"),
              error_like(ErrorCode::format, "__metadata__.x", "a string", "an array"));
}

TEST_F(Safetensors, Row9TensorNameTwice) {
  const std::string entry = R"({"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  EXPECT_THAT(header_refusal("{\"a\":" + entry + ",\"b\":" + entry + ",\"\\u0061\":" + entry + "}"),
              error_like(ErrorCode::format, "a", "each tensor name once", "twice"));
}

TEST_F(Safetensors, Row10KeyInATensorTwice) {
  EXPECT_THAT(header_refusal(R"({"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}})"),
              error_like(ErrorCode::format, "a", "each key once", "dtype"));
  EXPECT_THAT(header_refusal(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"shape":[0]}})"),
              error_like(ErrorCode::format, "a", "each key once", "shape"));
}

TEST_F(Safetensors, Row11Metadata) {
  EXPECT_TRUE(open(safetensors_bytes(R"({"__metadata__":{}})", "")));
  EXPECT_TRUE(open(safetensors_bytes("{}", "")));
  EXPECT_THAT(header_refusal(R"({"__metadata__":{"k":1}})"),
              error_like(ErrorCode::format, "__metadata__.k", "a string", "1"));
  EXPECT_THAT(header_refusal(R"({"__metadata__":{"k":{"x":"y"}}})"),
              error_like(ErrorCode::format, "__metadata__.k", "a string", "an object"));
  EXPECT_THAT(header_refusal(R"({"__metadata__":"text"})"),
              error_like(ErrorCode::format, "__metadata__", "an object", "text"));
  EXPECT_THAT(header_refusal(R"({"__metadata__":{"k":"1","k":"2"}})"),
              error_like(ErrorCode::format, "__metadata__.k", "each key once", "twice"));
  EXPECT_THAT(header_refusal(R"({"__metadata__":{},"__metadata__":{}})"),
              error_like(ErrorCode::format, "__metadata__", "once", "twice"));
}

TEST_F(Safetensors, Row12UnknownDtype) {
  EXPECT_THAT(header_refusal(tensor_with("dtype", "\"Q4_K\\n\""), "x"),
              error_like(ErrorCode::unsupported, "a", "BOOL, U8, I8", "\"Q4_K\\n\""));
  EXPECT_THAT(header_refusal(tensor_with("dtype", "7"), "x"), error_like(ErrorCode::format, "a", "dtype", "7"));
}

TEST_F(Safetensors, Row13ShapeOverflows) {
  EXPECT_THAT(header_refusal(tensor_with("shape", "[4294967296,4294967296]"), "x"),
              error_like(ErrorCode::range, "a", "at most 2^64 bits", "[4294967296, 4294967296]"));
  EXPECT_THAT(header_refusal(tensor_with("shape", "[4611686018427387904]"), "x"),
              error_like(ErrorCode::range, "a", "at most 2^64 bits", "[4611686018427387904]"));
}

TEST_F(Safetensors, Row14ShapeAndRangeDisagree) {
  EXPECT_THAT(header_refusal(R"({"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,20]}})", std::string(20, 'x')),
              error_like(ErrorCode::format, "a", "24 bytes for F32 [2, 3]", "20 bytes in data_offsets [0, 20]"));
}

TEST_F(Safetensors, Row15OddDimensions) {
  for (const std::string bad :
       {"-1", "1.0", "1e99", "-0", "9223372036854775808", "18446744073709551616", "null", "true", "\"1\"", "{}"}) {
    const Error error = header_refusal(tensor_with("shape", "[" + bad + "]"), "x");
    EXPECT_EQ(error.code, ErrorCode::format) << bad;
    EXPECT_EQ(error.key, "a");
    EXPECT_THAT(error.expected, HasSubstr("dimensions as integers from 0"));
  }
  EXPECT_EQ(header_refusal(tensor_with("shape", "[-1]"), "x").found, "-1");
  EXPECT_EQ(header_refusal(tensor_with("shape", "[1e99]"), "x").found, "1e99");
  EXPECT_THAT(header_refusal(tensor_with("shape", "3"), "x"),
              error_like(ErrorCode::format, "a", "shape as an array", "3"));
}

TEST_F(Safetensors, Row16TooManyDimensions) {
  EXPECT_TRUE(open(safetensors_bytes(tensor_with("shape", "[1,1,1,1,1,1,1,1]"), "x")));
  EXPECT_THAT(header_refusal(tensor_with("shape", "[1,1,1,1,1,1,1,1,1]"), "x"),
              error_like(ErrorCode::unsupported, "a", "at most 8 dimensions", "more"));
}

TEST_F(Safetensors, Row17EmptyTensorsAndScalars) {
  const auto file = open(safetensors_bytes(R"({"zero":{"dtype":"F32","shape":[3,0],"data_offsets":[0,0]},)"
                                           R"("scalar":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                                           R"("end":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}})",
                                           "1234"));
  ASSERT_TRUE(file) << file.error().to_string();
  EXPECT_EQ(file->find("zero")->elements(), 0);
  EXPECT_EQ(file->find("scalar")->elements(), 1);
  EXPECT_TRUE(file->read(*file->find("zero"), 0, {}));
}

TEST_F(Safetensors, Row18RangeRunsBackwards) {
  EXPECT_THAT(header_refusal(tensor_with("data_offsets", "[1,0]"), "x"),
              error_like(ErrorCode::format, "a", "backwards", "[1, 0]"));
  for (const std::string bad : {"[0]", "[0,1,1]", "[]", "[0,-1]", "[0,1.0]", "1", "{\"x\":1}"}) {
    EXPECT_THAT(header_refusal(tensor_with("data_offsets", bad), "x"),
                error_like(ErrorCode::format, "a", "data_offsets", ""));
  }
}

TEST_F(Safetensors, Row19And26ShortData) {
  EXPECT_THAT(refusal(safetensors_bytes(kGood, kGoodData.substr(5))),
              error_like(ErrorCode::format, "b", "22 bytes of tensor data", "17: short by 5 bytes"));
  EXPECT_THAT(refusal(safetensors_bytes(kGood, "")),
              error_like(ErrorCode::format, "a", "22 bytes", "short by 22 bytes"));
}

TEST_F(Safetensors, Row20Overlap) {
  EXPECT_THAT(header_refusal(R"({"later":{"dtype":"U8","shape":[4],"data_offsets":[3,7]},)"
                             R"("first":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
                             "1234567"),
              error_like(ErrorCode::format, "later", "byte 4, where \"first\" ends", "overlap: data_offsets [3, 7]"));
}

TEST_F(Safetensors, Row21HoleOrTrailingBytes) {
  EXPECT_THAT(header_refusal(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                             R"("b":{"dtype":"U8","shape":[2],"data_offsets":[5,7]}})",
                             "1234567"),
              error_like(ErrorCode::format, "b", "from byte 2", "hole: bytes 2 to 5"));
  EXPECT_THAT(header_refusal(R"({"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", "123"),
              error_like(ErrorCode::format, "b", "from byte 0", "hole: bytes 0 to 1"));
  EXPECT_THAT(refusal(safetensors_bytes(kGood, kGoodData + "xyz")),
              error_like(ErrorCode::format, "", "22 bytes", "trailing bytes 22 to 25"));
}

TEST_F(Safetensors, Row22PartialBytes) {
  EXPECT_TRUE(open(safetensors_bytes(R"({"a":{"dtype":"F4","shape":[3,2],"data_offsets":[0,3]}})", "123")));
  EXPECT_THAT(header_refusal(R"({"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}})", "12"),
              error_like(ErrorCode::format, "a", "whole bytes", "3 elements of 4 bits for F4 [3]"));
  EXPECT_TRUE(open(safetensors_bytes(R"({"a":{"dtype":"F6_E2M3","shape":[4],"data_offsets":[0,3]}})", "123")));
}

TEST_F(Safetensors, Row23Names) {
  const std::string entry = R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})";
  EXPECT_THAT(header_refusal("{\"a\\u0000b" + entry),
              error_like(ErrorCode::format, "a\\x00b", "without control", "\\x00"));
  EXPECT_THAT(header_refusal("{\"a\\u001b[31m" + entry),
              error_like(ErrorCode::format, "a\\x1b[31m", "without control", ""));
  const Error error = header_refusal("{\"" + std::string(1'000'000, 'n') + entry);
  EXPECT_EQ(error.found, "1000000 bytes");
  EXPECT_LT(error.to_string().size(), 600U);
  EXPECT_EQ(header_refusal("{\"" + entry).found, "an empty name");
  EXPECT_TRUE(open(safetensors_bytes("{\"größe \U0001F642" + entry, "")));
}

TEST_F(Safetensors, Row24ManyTinyTensors) {
  constexpr int kTensors = 1'300'000;
  std::string header = "{";
  for (int i = 0; i < kTensors; ++i) {
    header += (i == 0 ? "\"t" : ",\"t") + std::to_string(i) + R"(":{"dtype":"U8","shape":[1],"data_offsets":[)" +
              std::to_string(i) + "," + std::to_string(i + 1) + "]}";
  }
  write_file(path(), safetensors_bytes(header + "}", std::string(kTensors, 'x')));
  // 80 MB of JSON may take longer than an answer to nonsense: that is what the token is for.
  const auto file = bounded(
      header.size(), [&] { return SafetensorsFile::open(path()); }, 10);
  ASSERT_TRUE(file) << file.error().to_string();
  EXPECT_EQ(file->tensors().size(), static_cast<std::size_t>(kTensors));
  EXPECT_EQ(file->find("t1299999")->begin, 1299999U);
  CancelToken token;
  token.cancel();
  EXPECT_EQ(SafetensorsFile::open(path(), {}, &token).error().code, ErrorCode::cancelled);
  // While it is read, and while what was read is taken apart.
  EXPECT_EQ(parse_safetensors_header(header + "}", "f", &token).error().code, ErrorCode::cancelled);
}

TEST_F(Safetensors, Row25ShrinksWhileOpen) {
  const auto file = open(safetensors_bytes(kGood, kGoodData));
  ASSERT_TRUE(file);
  std::filesystem::resize_file(path(), kGood.size() + 8 + 10);
  std::string out(16, ' ');
  const Status status = file->read(*file->find("a"), 0, std::as_writable_bytes(std::span(out)));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::io);
  EXPECT_THAT(status.error().found, HasSubstr("end of the file"));
}

TEST_F(Safetensors, Row28SomethingElseUnderThisName) {
  const Error pointer = refusal(
      "version https://git-lfs.github.com/spec/v1\noid sha256:4cac19622fc3ada9c0fdeadb33f88f367b541f38b89102a3f1261ac81"
      "fd5bcb5\nsize 9976578928\n");
  EXPECT_THAT(pointer, error_like(ErrorCode::format, "", "a safetensors file", "a Git LFS pointer"));
  EXPECT_THAT(pointer.advice, HasSubstr("not downloaded"));
  const Error page = refusal("\n <!DOCTYPE html><html><body>Sign in</body></html>");
  EXPECT_EQ(page.found, "an HTML page");
  EXPECT_THAT(page.advice, HasSubstr("not downloaded"));
  EXPECT_EQ(refusal("<HTML>" + std::string(100, ' ')).found, "an HTML page");
  EXPECT_THAT(refusal("PK\x03\x04" + std::string(100, ' ')).found, HasSubstr("PyTorch"));
}

TEST_F(Safetensors, MissingAndUnknownKeysOfATensor) {
  EXPECT_THAT(header_refusal(R"({"a":{"dtype":"U8","shape":[0]}})"),
              error_like(ErrorCode::format, "a", "dtype, shape and data_offsets", "no data_offsets"));
  EXPECT_THAT(header_refusal(R"({"a":{}})"), error_like(ErrorCode::format, "a", "", "no dtype"));
  EXPECT_THAT(header_refusal(R"({"a":{"type":"U8"}})"), error_like(ErrorCode::format, "a", "", "\"type\""));
  EXPECT_THAT(header_refusal(R"({"a":1})"), error_like(ErrorCode::format, "a", "an object", "1"));
}

/// Three good files: one of our own, one of each kind that the Python package wrote.
class GoodSafetensors : public Safetensors, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    const std::string name = GetParam();
    good_ = name.empty() ? safetensors_bytes(kGood, kGoodData) : test::read_file(SALIENT_FIXTURES "/" + name);
    const auto file = open(good_);
    ASSERT_TRUE(file) << file.error().to_string();
    data_bytes_ = file->tensors().back().end;
    ASSERT_GT(good_.size(), data_bytes_ + 8);
  }

  std::string good_;
  std::uint64_t data_bytes_ = 0;
};

TEST_P(GoodSafetensors, EveryCutIsRefused) {
  for (std::size_t size = good_.size(); size-- > 0;) {
    std::filesystem::resize_file(path(), size);
    EXPECT_FALSE(SafetensorsFile::open(path())) << size;
  }
}

TEST_P(GoodSafetensors, EveryFlippedBitOfTheHeaderIsAnswered) {
  std::size_t refused = 0;
  const std::size_t bits = (good_.size() - data_bytes_) * 8;
  for (std::size_t bit = 0; bit < bits; ++bit) {
    std::string bytes = good_;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    const auto file = open(bytes);
    if (!file) {
      ++refused;
      continue;
    }
    // Another name, another dtype of the same width: what is accepted still covers the data exactly.
    EXPECT_GE(bit, 64U) << "the header's length";
    std::uint64_t end = 0;
    for (const TensorInfo& tensor : file->tensors()) {
      EXPECT_EQ(tensor.begin, end) << bit;
      end = tensor.end;
    }
    EXPECT_EQ(end, data_bytes_) << bit;
  }
  EXPECT_GT(refused, bits / 2);
}

INSTANTIATE_TEST_SUITE_P(Seeds, GoodSafetensors,
                         testing::Values("", "eval/expected.safetensors",
                                         "model/llama-biased-f32/model-00003-of-00003.safetensors"));

TEST_F(Safetensors, WriterAndReaderAgree) {
  const std::vector<float> floats = {1.5F, -2, 0, 3e-39F, 4, 5};
  const std::string odd = "odd";
  SafetensorsWriter writer(path());
  writer.metadata("format", "pt");
  writer.metadata("note", "\"quoted\" é\n");
  writer.add("odd", DType::u8, {3}, std::as_bytes(std::span(odd)));
  writer.add("matrix é\"", DType::f32, {2, 3}, std::as_bytes(std::span(floats)));
  writer.add("empty", DType::i64, {0, 4}, std::span<const std::byte>());
  writer.add("scalar", DType::f32, {}, std::as_bytes(std::span(floats).first(1)));
  ASSERT_TRUE(writer.write());
  const std::string once = test::read_file(path());
  ASSERT_TRUE(writer.write());
  EXPECT_EQ(test::read_file(path()), once);

  const auto file = SafetensorsFile::open(path());
  ASSERT_TRUE(file) << file.error().to_string();
  EXPECT_EQ(file->metadata().at("note"), "\"quoted\" é\n");
  std::vector<float> back(6);
  ASSERT_TRUE(file->read(*file->find("matrix é\""), 0, std::as_writable_bytes(std::span(back))));
  EXPECT_EQ(back, floats);
  EXPECT_EQ(file->find("empty")->shape, (std::vector<std::int64_t>{0, 4}));
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, once.data(), 8);
  EXPECT_EQ(header_bytes % 8, 0U);
  for (const TensorInfo& tensor : file->tensors()) {
    EXPECT_EQ(tensor.begin % static_cast<unsigned>(dtype_bits(tensor.dtype) / 8), 0U) << tensor.name;
  }
}

TEST_F(Safetensors, WriterTakesTensorsPieceByPiece) {
  const std::string halves[] = {"1234", "5678"};
  const auto write = [&](std::size_t pieces) {
    SafetensorsWriter writer(path());
    writer.add("a", DType::f32, {2}, [&halves, pieces](const ByteSink& sink) -> Status {
      for (std::size_t i = 0; i < pieces; ++i)
        SALIENT_CHECK(sink(std::as_bytes(std::span(halves[i]))));
      return {};
    });
    return writer.write();
  };
  const Status cut = write(1);
  ASSERT_FALSE(cut);
  EXPECT_THAT(cut.error(), error_like(ErrorCode::usage, "a", "8 bytes for [2]", "4"));
  EXPECT_FALSE(std::filesystem::exists(path()));
  ASSERT_TRUE(write(2));
  const auto file = SafetensorsFile::open(path());
  ASSERT_TRUE(file);
  std::string out(8, ' ');
  ASSERT_TRUE(file->read(*file->find("a"), 0, std::as_writable_bytes(std::span(out))));
  EXPECT_EQ(out, "12345678");
}

TEST_F(Safetensors, WriterRefusesWhatCouldNotBeRead) {
  const std::string data = "1234";
  const auto bytes = std::as_bytes(std::span(data));
  const auto write = [&](std::string name, DType dtype, std::vector<std::int64_t> shape) {
    SafetensorsWriter writer(path());
    writer.add("taken", DType::u8, {4}, bytes);
    writer.add(std::move(name), dtype, std::move(shape), bytes);
    return writer.write();
  };
  EXPECT_TRUE(write("fine", DType::f32, {1}));
  std::filesystem::remove(path());
  EXPECT_EQ(write("wrong size", DType::f32, {2}).error().code, ErrorCode::usage);
  EXPECT_EQ(write("taken", DType::f32, {1}).error().key, "taken");
  EXPECT_FALSE(write("__metadata__", DType::f32, {1}));
  EXPECT_FALSE(write("line\nbreak", DType::f32, {1}));
  EXPECT_FALSE(write("\xFF", DType::f32, {1}));
  EXPECT_FALSE(write("negative", DType::f32, {-1, -1}));
  EXPECT_FALSE(std::filesystem::exists(path()));
}

}  // namespace
}  // namespace salient
