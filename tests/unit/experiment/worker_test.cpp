// SPDX-License-Identifier: Apache-2.0
// The worker as a client sees it: lines in, lines out, through pipes.
#include "core/experiment/worker.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <thread>

#include "core/compute/cpu_backend.h"
#include "core/compute/devices.h"
#include "core/experiment/results.h"
#include "core/experiment/store.h"
#include "tests/unit/experiment/tiny_model.h"

namespace salient {
namespace {

using test::TinyJob;
using ::testing::HasSubstr;

class Client {
 public:
  explicit Client(const WorkerOptions& options = {}) {
    if (pipe(to_) != 0 || pipe(from_) != 0) throw std::runtime_error("pipe");
    thread_ = std::thread([this, options] {
      status_ = serve(to_[0], from_[1], options);
      close(from_[1]);
    });
  }
  ~Client() {
    end_input();
    while (next().is_object()) {
    }
    if (thread_.joinable()) thread_.join();
    close(to_[0]);
    close(from_[0]);
  }

  void send(const std::string& bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const auto count = write(to_[1], bytes.data() + sent, bytes.size() - sent);
      if (count <= 0) return;
      sent += static_cast<std::size_t>(count);
    }
  }
  void ask(const Json& request) { send(request.dump() + "\n"); }
  void end_input() {
    if (to_[1] >= 0) close(to_[1]);
    to_[1] = -1;
  }
  /// The next event; null at the end of output.
  Json next() {
    while (true) {
      const auto end = held_.find('\n');
      if (end != std::string::npos) {
        const std::string line = held_.substr(0, end);
        held_.erase(0, end + 1);
        return Json::parse(line);
      }
      char buffer[4096];
      const auto count = read(from_[0], buffer, sizeof buffer);
      if (count <= 0) return nullptr;
      held_.append(buffer, static_cast<std::size_t>(count));
    }
  }
  /// Events of `id` up to one named `event`, which is returned; null when its job ends in another way. What came
  /// before it is kept in `seen`.
  Json until(const std::string& event, const Json& id) {
    while (true) {
      Json json = next();
      if (!json.is_object()) return json;
      seen.push_back(json);
      if (json["id"] != id) continue;
      if (json["event"] == event) return json;
      if (json["event"] == "done" || json["event"] == "failed" || json["event"] == "cancelled") return nullptr;
    }
  }
  void join() { thread_.join(); }
  [[nodiscard]] const Status& status() const { return status_; }

  std::vector<Json> seen;

 private:
  int to_[2] = {-1, -1};
  int from_[2] = {-1, -1};
  std::thread thread_;
  Status status_;
  std::string held_;
};

/// A list of what there is, which may be nothing.
Json list_request(const TinyJob& job, const Json& id) {
  EXPECT_TRUE(Store::open(job.path("experiments.db")));
  return Json{{"id", id}, {"op", "experiments"}, {"action", "list"}, {"experiments", job.path("experiments.db")}};
}

TEST(Worker, AcceptsWorksAndAnswers) {
  const TinyJob job;
  Client client;
  Json request = job.run();
  request["id"] = "job-1";
  client.ask(request);
  const Json accepted = client.next();
  EXPECT_EQ(accepted["event"], "accepted");
  EXPECT_EQ(accepted["id"], "job-1");
  const Json done = client.until("done", "job-1");
  ASSERT_TRUE(done.is_object()) << client.seen.back();
  EXPECT_EQ(done["result"]["schema"], "salient.run/1");
  bool progress = false;
  bool snapshot = false;
  for (const Json& event : client.seen) {
    EXPECT_EQ(event["id"], "job-1");
    if (event["event"] == "progress") {
      progress = true;
      EXPECT_TRUE(event["stage"].is_string());
      EXPECT_GE(event["fraction"].get<double>(), 0);
      EXPECT_LE(event["fraction"].get<double>(), 1) << event;
      EXPECT_TRUE(event["eta_seconds"].is_number() || event["eta_seconds"].is_null());
    }
    if (event["event"] == "snapshot") {
      snapshot = true;
      EXPECT_EQ(event["snapshot"]["linears"].size(), 14U);
    }
  }
  EXPECT_TRUE(progress);
  EXPECT_TRUE(snapshot);
  // It goes on serving.
  client.ask(list_request(job, 2));
  EXPECT_EQ(client.until("done", 2)["result"]["experiments"].size(), 1U);
  client.ask(Json{{"op", "shutdown"}});
  EXPECT_TRUE(client.next().is_null());
}

TEST(Worker, CancelsWhileWorkingAndResumes) {
  const TinyJob job;
  Client client;
  Json request = job.search();
  request["id"] = 1;
  request["samples"] = 100000;  // long enough to be interrupted for certain
  client.ask(request);
  EXPECT_EQ(client.until("accepted", 1)["event"], "accepted");
  while (true) {
    const Json event = client.next();
    ASSERT_TRUE(event.is_object());
    if (event["event"] == "progress" && event["stage"] == "search" && event["fraction"].get<double>() > 0) break;
  }
  client.ask(Json{{"op", "cancel"}, {"id", 1}});
  EXPECT_TRUE(client.until("cancelled", 1).is_object());
  EXPECT_TRUE(std::filesystem::exists(job.path("scores.safetensors.salient-work")));
  EXPECT_FALSE(std::filesystem::exists(job.path("scores.safetensors")));
}

TEST(Worker, CancelsWhatIsQueued) {
  const TinyJob job;
  Client client;
  Json request = job.search();
  request["id"] = 1;
  request["samples"] = 100000;
  client.ask(request);
  client.ask(list_request(job, 2));
  client.ask(Json{{"op", "cancel"}, {"id", 2}});
  EXPECT_TRUE(client.until("cancelled", 2).is_object());
  client.ask(Json{{"op", "cancel"}, {"id", 1}});
  EXPECT_TRUE(client.until("cancelled", 1).is_object());
  for (const Json& event : client.seen)
    EXPECT_NE(event["event"], "done");
  client.ask(Json{{"op", "cancel"}, {"id", 1}});
  EXPECT_TRUE(client.until("warning", 1).is_object());
}

TEST(Worker, AnswersNonsenseAndLives) {
  const TinyJob job;
  Client client(WorkerOptions{1000});
  const char* const lines[] = {
      "not json",
      "[1, 2]",
      "{\"op\": \"run\"}",
      "{\"op\": \"run\", \"id\": 1.5}",
      "{\"id\": 1, \"id\": 2, \"op\": \"run\"}",
      "\"\xff\xfe\"",
      "{\"op\": \"cancel\"}",
  };
  for (const char* line : lines) {
    client.send(std::string(line) + "\n");
    const Json event = client.next();
    EXPECT_EQ(event["event"], "failed") << line;
    EXPECT_TRUE(event["id"].is_null()) << line;
    EXPECT_FALSE(event["error"]["message"].get<std::string>().empty());
  }
  client.send(std::string(5000, 'x'));
  client.send(std::string(5000, 'y') + "\n");
  const Json too_long = client.next();
  EXPECT_EQ(too_long["event"], "failed");
  EXPECT_THAT(too_long["error"]["expected"].get<std::string>(), HasSubstr("1000 bytes"));
  client.send("\n   \r\n");
  client.ask(list_request(job, "after"));
  EXPECT_EQ(client.until("done", "after")["result"]["schema"], "salient.experiments/1");
}

TEST(Worker, ErrorsCarryTheirParts) {
  Client client;
  client.ask(Json{{"id", 7}, {"op", "dance"}});
  Json failed = client.until("failed", 7);
  EXPECT_EQ(failed["error"]["code"], "usage");
  EXPECT_EQ(failed["error"]["key"], "op");
  EXPECT_THAT(failed["error"]["expected"].get<std::string>(), HasSubstr("search"));
  EXPECT_EQ(failed["error"]["found"], "dance");
  client.ask(Json{{"id", 8}, {"op", "search"}, {"model", "/nowhere"}, {"calibration", 3}, {"scores", "x"}});
  failed = client.until("failed", 8);
  EXPECT_EQ(failed["error"]["key"], "calibration");
}

TEST(Worker, AnIdIsInUseUntilItsJobHasEnded) {
  const TinyJob job;
  Client client;
  Json request = job.search();
  request["id"] = 1;
  request["samples"] = 100000;
  client.ask(request);
  client.ask(list_request(job, 1));
  EXPECT_EQ(client.until("failed", nullptr)["error"]["key"], "id");
  client.ask(Json{{"op", "cancel"}, {"id", 1}});
  EXPECT_TRUE(client.until("cancelled", 1).is_object());
  client.ask(list_request(job, 1));
  EXPECT_TRUE(client.until("done", 1).is_object());
}

TEST(Worker, EndOfInputCancelsAndEnds) {
  const TinyJob job;
  Client client;
  Json request = job.search();
  request["id"] = 1;
  request["samples"] = 100000;
  client.ask(request);
  client.ask(list_request(job, 2));
  EXPECT_TRUE(client.until("accepted", 2).is_object());
  client.end_input();
  std::vector<Json> cancelled;  // the second is dropped from the queue, so it may come first
  for (Json event = client.next(); event.is_object(); event = client.next()) {
    EXPECT_NE(event["event"], "done");
    if (event["event"] == "cancelled") cancelled.push_back(event["id"]);
  }
  EXPECT_THAT(cancelled, ::testing::UnorderedElementsAre(Json(1), Json(2)));
}

TEST(Worker, ShutdownFinishesWhatWasAsked) {
  const TinyJob job;
  Client client;
  client.ask(list_request(job, 1));
  client.ask(list_request(job, 2));
  client.send("{\"op\": \"shutdown\"}\n");
  client.ask(list_request(job, 3));
  client.end_input();
  EXPECT_TRUE(client.until("done", 2).is_object());
  bool first = false;
  for (const Json& event : client.seen)
    first = first || (event["event"] == "done" && event["id"] == 1);
  EXPECT_TRUE(first);
}

/// A device that fails for good at its first work.
class FailingBackend final : public CpuBackend {
 public:
  FailingBackend() : CpuBackend(1, best_cpu_kernels()) {}
  Status linear(const Tensor& /*x*/, const Linear& /*linear*/, const Tensor& /*out*/) override {
    usable_ = false;
    return Error{ErrorCode::device, "failing:0", "linear (2 tokens)", "success", "an illegal access", {}};
  }
  [[nodiscard]] bool usable() const override { return usable_; }

 private:
  bool usable_ = true;
};

class FailingDevice final : public BackendProvider {
 public:
  std::string scheme() const override { return "failing"; }
  Result<std::vector<DeviceInfo>> devices() override { return std::vector<DeviceInfo>{}; }
  Result<std::unique_ptr<Backend>> make(const BackendRequest& /*request*/) override {
    return std::unique_ptr<Backend>(std::make_unique<FailingBackend>());
  }
};

TEST(Worker, EndsWithTheDeviceItLost) {
  add_backend_provider(std::make_shared<FailingDevice>());
  const TinyJob job;
  Client client;
  Json request = job.run();
  request["device"] = "failing:0";
  request["id"] = 1;
  client.ask(request);
  client.ask(list_request(job, 2));
  const Json failed = client.until("failed", 1);
  ASSERT_TRUE(failed.is_object());
  EXPECT_EQ(failed["error"]["code"], "device");
  while (client.next().is_object()) {
  }
  client.join();
  ASSERT_FALSE(client.status());
  EXPECT_EQ(client.status().error().code, ErrorCode::device);
}

TEST(Worker, TokenizesAndFollowsAChangedTokenizer) {
  const TinyJob job;
  Client client;
  const Json request{{"op", "tokenize"}, {"model", job.path("model")}, {"text", "€"}, {"id", 1}};
  client.ask(request);
  Json result = client.until("done", 1)["result"];
  ASSERT_EQ(result["count"], 3) << result;
  EXPECT_EQ(result["tokens"][0]["kind"], "byte");
  EXPECT_EQ(result["tokens"][0]["id"], 0xE2);
  EXPECT_EQ(result["tokens"][1]["begin"], 1);
  EXPECT_EQ(result["tokens"][1]["end"], 2);
  // The next request sees what the file says by then.
  Json tokenizer = Json::parse(test::read_file(job.path("model/tokenizer.json")));
  tokenizer["added_tokens"].push_back(Json{{"id", 256},
                                           {"content", "€"},
                                           {"single_word", false},
                                           {"lstrip", false},
                                           {"rstrip", false},
                                           {"normalized", false},
                                           {"special", true}});
  test::write_file(job.path("model/tokenizer.json"), tokenizer.dump());
  client.ask(request);
  result = client.until("done", 1)["result"];
  ASSERT_EQ(result["count"], 1) << result;
  EXPECT_EQ(result["tokens"][0]["kind"], "special");
  EXPECT_EQ(result["tokens"][0]["id"], 256);
}

TEST(Worker, ComparesTwoModelsTokenByToken) {
  const TinyJob job;
  Client client;
  Json run = job.run();
  run["id"] = "run";
  client.ask(run);
  ASSERT_TRUE(client.until("done", "run").is_object()) << client.seen.back();
  client.seen.clear();
  Json request{{"op", "generate"},
               {"model", job.path("packed")},
               {"against", job.path("model")},
               {"prompt", "the "},
               {"tokens", 6},
               {"temperature", 1},
               {"seed", 2},
               {"threads", 1},
               {"divergence", true},
               {"id", 5}};
  client.ask(request);
  const Json done = client.until("done", 5);
  ASSERT_TRUE(done.is_object()) << client.seen.back();
  const Json& result = done["result"];
  std::map<std::string, std::vector<Json>> tokens;
  for (const Json& event : client.seen) {
    if (event["event"] == "token") tokens[event["source"].get<std::string>()].push_back(event);
  }
  for (const auto& [source, events] : tokens) {
    const Json& side = source == "model" ? result : result["against"];
    ASSERT_EQ(events.size(), side["ids"].size());
    for (std::size_t i = 0; i < events.size(); ++i) {
      EXPECT_EQ(events[i]["index"], i);
      EXPECT_EQ(events[i]["token"], side["ids"][i]);
      EXPECT_EQ(events[i]["kl"], side["kl"][i]);
      EXPECT_LE(events[i]["log_probability"].get<double>(), 0);
      EXPECT_LE(events[i]["other_log_probability"].get<double>(), 0);
    }
  }
  EXPECT_EQ(tokens["model"].size(), 6U);
  EXPECT_EQ(tokens["against"].size(), 6U);
  request.erase("against");
  client.ask(request);
  const Json failed = client.until("failed", 5);
  ASSERT_TRUE(failed.is_object());
  EXPECT_EQ(failed["error"]["key"], "divergence");
}

TEST(Worker, EndsWhenNobodyCanHearIt) {
  int to[2];
  int from[2];
  ASSERT_EQ(pipe(to), 0);
  ASSERT_EQ(pipe(from), 0);
  close(from[0]);
  const std::string line = Json{{"op", "experiments"}, {"id", 1}}.dump() + "\n";
  ASSERT_EQ(write(to[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));
  const Status status = serve(to[0], from[1]);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::io);
  close(to[0]);
  close(to[1]);
  close(from[1]);
}

}  // namespace
}  // namespace salient
