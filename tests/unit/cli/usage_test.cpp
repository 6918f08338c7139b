// SPDX-License-Identifier: Apache-2.0
// Exit codes, errors and help of the program itself.
#include <gmock/gmock.h>

#include <sstream>

#include "tests/unit/cli/program.h"

namespace salient::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(Usage, VersionAndHelpGoToStdout) {
  Program program;
  Outcome outcome = program.run({"--version"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, StartsWith("salient "));
  outcome = program.run({"--help"});
  EXPECT_EQ(outcome.code, 0);
  for (const char* command : {"inspect", "search", "quantize", "run", "evaluate", "generate", "tokenize", "verify",
                              "export", "experiments", "report", "bench", "devices", "worker"}) {
    EXPECT_THAT(outcome.out, HasSubstr(command));
  }
  EXPECT_THAT(outcome.err, IsEmpty());
  outcome = program.run({"experiments", "export", "--help"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("Usage: salient experiments export"));
}

TEST(Usage, ShowsHowManyArgumentsThereMayBe) {
  Program program;
  const auto usage = [&](const char* command) {
    const std::string help = program.run({"experiments", command, "--help"}).out;
    const std::size_t begin = help.find("Usage: ");
    return help.substr(begin, help.find('\n', begin) - begin);
  };
  EXPECT_EQ(usage("show"), "Usage: salient experiments show ID [OPTIONS]");
  EXPECT_EQ(usage("compare"), "Usage: salient experiments compare ID ID [OPTIONS]");
  EXPECT_EQ(usage("delete"), "Usage: salient experiments delete ID... [OPTIONS]");
}

TEST(Usage, WrongCommandLinesEndWithTwo) {
  const std::vector<std::vector<std::string>> wrong{
      {},
      {"fly"},
      {"experiments"},
      {"experiments", "fly"},
      {"inspect"},
      {"inspect", kSample, "more"},
      {"inspect", kSample, "--fly"},
      {"inspect", kSample, "--threads"},
      {"inspect", kSample, "--threads", "many"},
      {"inspect", kSample, "--threads", "-3"},
      {"generate", kSample, "--prompt", "x", "--top-p", "2"},
      {"generate", kSample, "--prompt", "x", "--prompt", "y"},
      {"quantize", kSample, "--scores", "s", "--output", "o"},
      {"quantize", kSample, "--scores", "s", "--output", "o", "--percent", "1", "--uniform", "4"},
      {"quantize", kSample, "--scores", "s", "--output", "o", "--percent", "101"},
      {"search", kSample, "--calibration", "c", "--scores", "s", "--variant", "third-order"},
      {"bench", "gemm", "--tokens", "0"},
      {"generate", kSample, "--prompt", "x", "--scales", "half-folded"},
      {"generate", kSample, "--prompt", "x", "--scales", "folded"},
      {"export", "p10", "--output", "o"},
      {"export", "p10", "--format", "gguf", "--output", "o"},
      {"report", "1", "2", "3", "--output", "o"},
  };
  Program program;
  for (const auto& words : wrong) {
    const Outcome outcome = program.run(words);
    const std::string line = ::testing::PrintToString(words);
    EXPECT_EQ(outcome.code, 2) << line << outcome.err;
    EXPECT_THAT(outcome.err, StartsWith("usage ")) << line;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << line << outcome.err;
    EXPECT_THAT(outcome.out, IsEmpty()) << line;
  }
}

TEST(Usage, ErrorsNameTheOption) {
  Program program;
  EXPECT_THAT(program.run({"generate", kSample, "--prompt", "x", "--top-p", "2"}).err,
              StartsWith("usage salient generate: --top-p: expected"));
  EXPECT_THAT(program.run({"generate", kSample, "--prompt"}).err,
              StartsWith("usage salient generate: --prompt: expected a value, found nothing"));
  EXPECT_THAT(program.run({"generate", kSample, "--prompt", "--tokens", "5"}).err,
              StartsWith("usage salient generate: --prompt: expected a value, found the option --tokens"));
  EXPECT_EQ(program.run({"generate", kSample, "--prompt", "--- a line", "--tokens", "1"}).code, 0);
  Outcome unfit = program.run({"quantize", kSample, "--size", "1KB", "--scores", "s", "--output", program / "packed"});
  EXPECT_THAT(unfit.err, StartsWith("range salient quantize: --size: expected"));
  EXPECT_THAT(program.run({"experiments", "export", "--format", "xml"}).err,
              HasSubstr("--format: expected one of json, csv, found \"xml\""));
  EXPECT_THAT(program.run({"inspect", kSample, "--fly"}).err, HasSubstr("found \"--fly\"; see salient inspect --help"));
}

TEST(Usage, ProgressInJsonIsAllThatStderrHolds) {
  Program program;
  const Outcome people = program.run({"inspect", kSample});
  EXPECT_THAT(people.err, HasSubstr("next: "));
  const Outcome events = program.run({"inspect", kSample, "--progress", "json"});
  EXPECT_EQ(events.code, 0);
  std::istringstream lines(events.err);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    EXPECT_TRUE(Json::parse(line, nullptr, false).is_object()) << line;
  EXPECT_GT(count, 0);
}

TEST(Usage, AMistypedExperimentsFileIsNotMade) {
  Program program;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"experiments", "list"},
                                                {"experiments", "delete", "1"},
                                                {"report", "--output", program / "report.html"}}) {
    std::vector<std::string> line = words;
    line.insert(line.end(), {"--experiments", program / "nowhere.db"});
    const Outcome outcome = program.run(line);
    EXPECT_EQ(outcome.code, 1) << outcome.out;
    EXPECT_THAT(outcome.err, StartsWith("not-found " + (program / "nowhere.db").string()));
    EXPECT_FALSE(std::filesystem::exists(program / "nowhere.db"));
  }
}

TEST(Usage, ErrorsAreObjectsWithJson) {
  Program program;
  Outcome outcome = program.run({"inspect", program / "nowhere", "--json"});
  EXPECT_EQ(outcome.code, 1);
  Json error = outcome.json();
  EXPECT_EQ(error["schema"], "salient.error/1");
  EXPECT_TRUE(error.contains("version"));
  EXPECT_EQ(error["error"]["code"], "not-found");
  EXPECT_EQ(outcome.err, error["error"]["message"].get<std::string>() + "\n");
  outcome = program.run({"inspect", "--json", "--fly"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.json()["error"]["code"], "usage");
}

TEST(Usage, OtherDevicesAreRefusedByName) {
  Program program;
  const Outcome outcome = program.run({"generate", kSample, "--prompt", "x", "--device", "cuda:0"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, StartsWith("unsupported"));
  EXPECT_THAT(outcome.err, HasSubstr("cuda:0"));
}

TEST(Usage, DevicesBeginWithTheProcessor) {
  Program program;
  const Json result = program.run({"devices", "--json"}).json();
  EXPECT_EQ(result["schema"], "salient.devices/1");
  EXPECT_EQ(result["devices"][0]["id"], "cpu");
  EXPECT_GT(result["devices"][0]["memory_bytes"], 0);
  const Outcome outcome = program.run({"devices"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("cpu"));
}

TEST(Usage, AFullStdoutIsAnError) {
  Program program;
  const std::string command = std::string(SALIENT_PROGRAM) + " --help > /dev/full 2> " + (program / "full").string();
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 1);
  EXPECT_THAT(read_file(program / "full"), StartsWith("io stdout"));
}

TEST(Usage, LogKeepsWhatHappened) {
  Program program;
  const std::string log = program / "log";
  program.run({"inspect", program / "nowhere", "--log", log});
  EXPECT_THAT(read_file(log), HasSubstr("nowhere"));
  EXPECT_THAT(read_file(log), HasSubstr("error not-found"));
  EXPECT_EQ(program.run({"inspect", kSample, "--log", "/dev/null/log"}).code, 1);
}

}  // namespace
}  // namespace salient::test
