// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/unit/cli/program.h"

namespace salient::test {
namespace {

using ::testing::HasSubstr;

TEST(TokenizeCommand, ShowsEachTokenWithItsBytes) {
  Program program;
  const std::string text = "The sea was café.";
  Outcome outcome = program.run({"tokenize", kSample, "--text", text, "--json", "--no-special"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json result = outcome.json();
  EXPECT_EQ(result["schema"], "salient.tokenize/1");
  EXPECT_EQ(result["bytes"], text.size());
  EXPECT_EQ(result["count"], result["tokens"].size());
  std::size_t at = 0;
  for (const Json& token : result["tokens"]) {
    EXPECT_EQ(token["begin"], at);
    at = token["end"].get<std::size_t>();
    EXPECT_NE(token["kind"], "special");
  }
  EXPECT_EQ(at, text.size());
  outcome = program.run({"tokenize", kSample, "--text", text});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("tokens, 18 bytes"));
}

TEST(TokenizeCommand, ReadsStandardInput) {
  Program program;
  const std::string text = "one\ntwo\n";
  const Json piped = program.run({"tokenize", kSample, "--text", "-", "--json"}, text).json();
  const Json given = program.run({"tokenize", kSample, "--text", text, "--json"}).json();
  EXPECT_EQ(piped["tokens"], given["tokens"]);
  const Outcome empty = program.run({"tokenize", kSample, "--text", "-", "--no-special", "--json"});
  EXPECT_EQ(empty.code, 0) << empty.err;
  EXPECT_EQ(empty.json()["count"], 0);
  const Outcome large = program.run({"tokenize", kSample, "--text", "-"}, std::string((1 << 20) + 1, 'a'));
  EXPECT_EQ(large.code, 1);
  EXPECT_THAT(large.err, HasSubstr("1 MiB"));
  EXPECT_EQ(program.run({"tokenize", kSample, "--text", "-"}, "\xFF").code, 1);
}

TEST(TokenizeCommand, NeedsATextAndATokenizer) {
  Program program;
  EXPECT_EQ(program.run({"tokenize", kSample}).code, 2);
  const Outcome nowhere = program.run({"tokenize", program / "nowhere", "--text", "a"});
  EXPECT_EQ(nowhere.code, 1);
  EXPECT_THAT(nowhere.err, HasSubstr("tokenizer"));
}

}  // namespace
}  // namespace salient::test
