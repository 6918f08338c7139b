// SPDX-License-Identifier: Apache-2.0
// The whole way through the program on the bundled sample, with settings small enough for a test.
#include <gmock/gmock.h>

#include "tests/unit/cli/program.h"

namespace salient::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string file(const std::filesystem::path& path) {
  return path.string();
}

Json must_run(Program& program, std::vector<std::string> words) {
  words.insert(words.end(), {"--json", "--progress", "none"});
  const Outcome outcome = program.run(words);
  EXPECT_EQ(outcome.code, 0) << ::testing::PrintToString(words) << outcome.err;
  Json result = outcome.json();
  EXPECT_TRUE(result.contains("schema") && result.contains("version")) << outcome.out;
  return result;
}

void expect_keys(const Json& json, const std::vector<const char*>& keys) {
  for (const char* key : keys)
    EXPECT_TRUE(json.contains(key)) << key << " in " << json.value("schema", "");
}

std::string bytes_of(const std::filesystem::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    files[entry.path().filename().string()] = read_file(entry.path());
  }
  std::string all;
  for (const auto& [name, content] : files)
    all += name + '\0' + content;
  return all;
}

TEST(MainJob, InspectTellsWhatIsThere) {
  Program program;
  Json result = must_run(program, {"inspect", kSample});
  expect_keys(result, {"architecture", "parameters", "tensors", "linears", "config", "tokenizer", "notes"});
  EXPECT_GT(result["parameters"].get<std::int64_t>(), 1'000'000);
  EXPECT_EQ(result["linears"].size(), result["config"]["layers"].get<std::size_t>() * 7);
  EXPECT_EQ(result["scan"]["nan"], 0);
  EXPECT_EQ(result["scan"]["inf"], 0);
  const Outcome people = program.run({"inspect", kSample, "--tensors"});
  EXPECT_EQ(people.code, 0);
  EXPECT_THAT(people.out, HasSubstr("model.layers.0.self_attn.q_proj.weight"));
  EXPECT_THAT(people.out, Not(HasSubstr("\033")));
}

TEST(MainJob, SearchOnceQuantizeOften) {
  Program program;
  const std::string scores = file(program / "model.scores");
  Json result = must_run(program, {"search", kSample, "--calibration", kSample + "/calibration.txt", "--samples", "2",
                                   "--length", "64", "--scores", scores});
  expect_keys(result, {"scores", "features", "mean_loss", "stages"});
  for (const std::vector<std::string>& budget :
       {std::vector<std::string>{"--percent", "20"}, {"--average-bits", "5"}, {"--uniform", "4", "--method", "rtn"}}) {
    const std::string output = file(program / ("out" + budget[1]));
    std::vector<std::string> words{"quantize", kSample, "--scores", scores, "--output", output};
    words.insert(words.end(), budget.begin(), budget.end());
    result = must_run(program, words);
    expect_keys(result, {"percent", "payload_bits", "effective_bits", "bytes", "linears", "output", "stages"});
    expect_keys(result["linears"][0], {"name", "rows", "rows8", "percent8"});
    expect_keys(result["stages"][0], {"name", "seconds"});
    EXPECT_EQ(result["output"], output);
  }
  EXPECT_EQ(result["percent"], 0);
  EXPECT_EQ(must_run(program, {"experiments", "list"})["experiments"].size(), 3U);
  Json verified = must_run(program, {"verify", file(program / "out20"), "--against", kSample});
  EXPECT_EQ(verified["verified"], true);
  EXPECT_GT(verified["copied_tensors"].get<int>(), 0);
  EXPECT_LT(verified["engine_error"].get<double>(), 1e-3);
  EXPECT_EQ(verified["engine_logit_error"], 0);
  const Outcome differs = program.run({"verify", file(program / "out20"), "--against", file(program / "out5")});
  EXPECT_EQ(differs.code, 1);
  EXPECT_THAT(differs.err, HasSubstr("mismatch"));
}

TEST(MainJob, RunMeasureGenerateReport) {
  Program program;
  const std::string output = file(program / "p10");
  Json result = must_run(program, small_run(output));
  expect_keys(result, {"percent", "payload_bits", "effective_bits", "bytes", "linears", "output", "stages", "reference",
                       "quantized", "experiment"});
  EXPECT_NEAR(result["percent"].get<double>(), 10, 0.1);
  expect_keys(result["quantized"], {"perplexity", "perplexity_stderr", "window_nll", "kl_forward", "top1"});

  const std::string text = kSample + "/evaluation.txt";
  Json evaluated =
      must_run(program, {"evaluate", output, "--text", text, "--length", "64", "--windows", "3", "--against", kSample});
  expect_keys(evaluated, {"perplexity", "perplexity_stderr", "windows", "tokens", "window_nll", "tokens_per_second",
                          "kl_forward", "kl_reverse", "top1", "top5", "payload_bits", "effective_bits", "bytes"});
  EXPECT_EQ(evaluated["windows"], 3);
  EXPECT_EQ(evaluated["window_nll"].size(), 3U);
  EXPECT_DOUBLE_EQ(evaluated["perplexity"].get<double>(), result["quantized"]["perplexity"].get<double>());
  Json simulated =
      must_run(program, {"evaluate", output, "--text", text, "--length", "64", "--windows", "3", "--simulate"});
  EXPECT_EQ(simulated["window_nll"], evaluated["window_nll"]);

  Json generated = must_run(program, {"generate", output, "--prompt", "The old house", "--tokens", "5"});
  expect_keys(generated, {"text", "tokens", "prompt_tokens", "tokens_per_second"});
  const Outcome streamed =
      program.run({"generate", output, "--prompt", "The old house", "--tokens", "5", "--progress", "none"});
  EXPECT_EQ(streamed.out, "The old house" + generated["text"].get<std::string>() + "\n");

  const std::string id = std::to_string(result["experiment"].get<int>());
  const Json shown = must_run(program, {"experiments", "show", id});
  EXPECT_EQ(shown["status"], "done");
  EXPECT_EQ(evaluated["recorded"]["experiment"], result["experiment"]);
  ASSERT_EQ(shown["later_evaluations"].size(), 2U);
  EXPECT_EQ(shown["later_evaluations"][1]["simulated"], true);
  EXPECT_THAT(program.run({"experiments", "show", id}).out, HasSubstr("windows of 64 tokens"));
  EXPECT_EQ(must_run(program, {"experiments", "export"})["experiments"], 1);
  const Outcome csv = program.run({"experiments", "export", "--format", "csv"});
  EXPECT_THAT(csv.out, HasSubstr("quantized.perplexity"));

  const std::string html = file(program / "report.html");
  EXPECT_EQ(must_run(program, {"report", "--output", html, "--prompt", "The old house", "--tokens", "5"})["output"],
            html);
  const std::string document = read_file(html);
  EXPECT_THAT(document, HasSubstr("<svg"));
  EXPECT_THAT(document, HasSubstr("A sample of text"));
  EXPECT_EQ(program.run({"report", id, "--output", html, "--progress", "none"}).out, html + "\n");

  EXPECT_EQ(must_run(program, {"experiments", "delete", id})["deleted"][0], std::stoi(id));
  EXPECT_EQ(program.run({"experiments", "show", id}).code, 1);
}

TEST(MainJob, StoppedAndResumedGivesTheSameBytes) {
  Program program;
  must_run(program, small_run(program / "whole"));
  auto words = small_run(program / "parts");
  words.insert(words.end(), {"--progress", "json"});
  for (const char* stage : {"\"stage\":\"search\"", "\"stage\":\"quantize\""}) {
    program.start(words);
    program.wait_for(stage);
    program.signal(SIGINT);
    const Outcome stopped = program.finish();
    // A machine that is quicker than this test may have finished.
    if (stopped.code != 0) {
      EXPECT_EQ(stopped.code, 130) << stopped.err;
      EXPECT_THAT(stopped.err, HasSubstr("cancelled"));
      EXPECT_FALSE(std::filesystem::exists(program / "parts"));
    }
  }
  EXPECT_EQ(program.run(words).code, 0);
  EXPECT_EQ(bytes_of(program / "whole"), bytes_of(program / "parts"));
}

TEST(MainJob, WorkerServesTheSameOperations) {
  Program program;
  const Outcome outcome = program.run(
      {"worker"}, "{\"id\": 1, \"op\": \"inspect\", \"model\": \"" + kSample + "\"}\n{\"op\": \"shutdown\"}\n");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("\"accepted\""));
  EXPECT_THAT(outcome.out, HasSubstr("salient.inspect/1"));
}

}  // namespace
}  // namespace salient::test
