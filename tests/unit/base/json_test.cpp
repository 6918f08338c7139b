// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace salient {
namespace {

using testing::HasSubstr;

Error refusal(std::string_view text) {
  auto result = parse_json(text, "file.json");
  EXPECT_FALSE(result) << text;
  return result ? Error{} : result.error();
}

TEST(Json, ReadsADocumentInItsOrder) {
  const auto json = parse_json(" {\"b\": [1, -2, 3.5, true, null], \"a\": {\"x\": \"é\\n\"}} \n", "f");
  ASSERT_TRUE(json);
  EXPECT_EQ(json->dump(), "{\"b\":[1,-2,3.5,true,null],\"a\":{\"x\":\"é\\n\"}}");
  EXPECT_EQ(parse_json("17", "f")->get<int>(), 17);
}

TEST(Json, SyntaxErrorsNameLineAndColumn) {
  const Error error = refusal("{\n  \"é\": 1,\n  \"é\" 2}");
  EXPECT_EQ(error.code, ErrorCode::format);
  EXPECT_EQ(error.file, "file.json");
  EXPECT_EQ(error.key, "line 3, column 7");
  for (const char* text : {"", "{", "[1,]", "{\"a\":NaN}", "{\"a\":1e999}", "'a'", "[01]", "\"\\ud800\"", "\"\t\""}) {
    EXPECT_THAT(refusal(text).key, HasSubstr("line 1, column ")) << text;
  }
}

TEST(Json, TrailingJunkIsRefused) {
  EXPECT_EQ(refusal("{} x").key, "line 1, column 4");
  EXPECT_EQ(refusal("{}{}").key, "line 1, column 3");
  EXPECT_EQ(refusal(std::string_view("{}\0{}", 5)).found, "byte 0x00 at offset 2");
}

TEST(Json, InvalidUtf8IsRefusedByByte) {
  const Error error = refusal("{\"a\": \"\xC0\xAF\"}");
  EXPECT_EQ(error.key, "line 1, column 8");
  EXPECT_EQ(error.expected, "JSON in UTF-8");
  EXPECT_EQ(error.found, "byte 0xc0 at offset 7");
}

TEST(Json, RepeatedKeysAreRefusedByTheirPath) {
  EXPECT_EQ(refusal("{\"a\": 1, \"b\": 2, \"a\": 3}").key, "a");
  EXPECT_EQ(refusal("{\"m\": [0, {\"x\": {\"k\": 1, \"\\u006b\": 2}}]}").key, "m.1.x.k");
  EXPECT_TRUE(parse_json("[{\"a\": 1}, {\"a\": {\"a\": 1}}]", "f"));
}

TEST(Json, NestingIsLimited) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse_json(nested(64), "f"));
  EXPECT_EQ(refusal(nested(65)).key, "nesting");
  EXPECT_EQ(refusal(std::string(1'000'000, '[')).key, "nesting");
  EXPECT_EQ(parse_json("[[1]]", "f", {1}).error().key, "nesting");
}

TEST(Json, ALargeObjectIsReadInReasonableTime) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i)
    text += "\"key" + std::to_string(i) + "\":" + std::to_string(i) + ",";
  text += "\"last\":0}";
  EXPECT_EQ(parse_json(text, "f")->size(), 200'001U);
}

TEST(Json, TypedLookups) {
  const Json json = *parse_json(
      R"({"i": 3, "big": 18446744073709551615, "huge": 99999999999999999999, "f": 1.5, "s": "x", "b": false, "n": null})",
      "f");
  EXPECT_EQ(*json_integer(json, "i", "f"), 3);
  EXPECT_EQ(*json_number(json, "i", "f"), 3.0);
  EXPECT_EQ(*json_number(json, "f", "f"), 1.5);
  EXPECT_EQ(*json_string(json, "s", "f"), "x");
  EXPECT_EQ(*json_bool(json, "b", "f"), false);
  EXPECT_EQ(json_integer(json, "big", "f").error().found, "18446744073709551615");
  EXPECT_FALSE(json_integer(json, "huge", "f"));
  EXPECT_EQ(json_integer(json, "f", "f").error().found, "1.5");
  EXPECT_EQ(json_integer(json, "none", "f").error().found, "no such key");
  EXPECT_EQ(json_integer(json, "n", "f").error().found, "null");
  EXPECT_EQ(json_bool(json, "i", "f").error().expected, "true or false");
  EXPECT_EQ(json_string(json, "i", "f").error().key, "i");
  EXPECT_EQ(json_number(json, "s", "dir/f").error().to_string(),
            "format dir/f: s: expected a number, found the string \"x\"; correct the file or get it again");
  EXPECT_FALSE(json_number(Json::array(), "s", "f"));
}

}  // namespace
}  // namespace salient
