// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/worker.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/base/file_errors.h"
#include "core/experiment/operations.h"
#include "core/experiment/results.h"

namespace salient {
namespace {

struct PendingJob {
  Json id;
  Json request;
  std::shared_ptr<CancelToken> cancel = std::make_shared<CancelToken>();
};

/// Cuts input into lines, never holding more than a limit.
class LineReader {
 public:
  explicit LineReader(std::size_t limit) : limit_(limit) {}

  /// Calls line(text) for each complete line and too_long() once for each line over the limit.
  template <class Line, class TooLong>
  void feed(std::string_view bytes, const Line& line, const TooLong& too_long) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const std::string_view part = bytes.substr(0, end);
      if (!skipping_ && held_.size() + part.size() > limit_) {
        skipping_ = true;
        held_.clear();
        too_long();
      }
      if (!skipping_) held_ += part;
      if (end == std::string_view::npos) return;
      if (!skipping_) line(held_);
      held_.clear();
      skipping_ = false;
      bytes.remove_prefix(end + 1);
    }
  }

 private:
  std::size_t limit_;
  std::string held_;
  bool skipping_ = false;
};

class Worker {
 public:
  Worker(int input, int output, const WorkerOptions& options) : input_(input), output_(output), options_(options) {}

  Status serve() {
    std::array<int, 2> wake{};
    if (::pipe(wake.data()) != 0) return output_error("open a pipe", errno);
    std::thread reader([this, &wake] { read_requests(wake[0]); });
    while (auto job = next())
      carry_out(*job);
    static_cast<void>(!::write(wake[1], "x", 1));  // the reader may still wait for input
    reader.join();
    ::close(wake[0]);
    ::close(wake[1]);
    if (lost_) return *lost_;
    return output_failure_;
  }

 private:
  static Error output_error(const char* doing, int number) {
    return Error{ErrorCode::io, "standard output", doing, "success", system_message(number), ""};
  }

  // The reader's thread

  void read_requests(int wake) {
    LineReader lines(options_.line_bytes);
    std::array<char, 65536> buffer{};
    while (true) {
      std::array<pollfd, 2> ready{pollfd{input_, POLLIN, 0}, pollfd{wake, POLLIN, 0}};
      if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) break;
      if (ready[1].revents != 0) return;
      if (ready[0].revents == 0) continue;
      const auto count = ::read(input_, buffer.data(), buffer.size());
      if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (count <= 0) break;
      lines.feed(
          std::string_view(buffer.data(), static_cast<std::size_t>(count)),
          [this](const std::string& line) { take(line); },
          [this] {
            fail(nullptr, Error{ErrorCode::usage, "", "line", fmt::format("at most {} bytes", options_.line_bytes),
                                "a longer line", "send large data by file"});
          });
    }
    end_of_input();
  }

  void take(const std::string& line) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) return;
    auto request = parse_json(line, "request");
    if (!request) {
      Error error = request.error();
      error.advice = "send one JSON object a line";
      return fail(nullptr, error);
    }
    if (!request->is_object()) {
      return fail(nullptr, Error{ErrorCode::usage, "request", "", "a JSON object", "another JSON value", ""});
    }
    const auto op = request->find("op");
    const auto given = request->find("id");
    const Json id = given == request->end() ? Json(nullptr) : *given;
    const std::string name = op != request->end() && op->is_string() ? op->get<std::string>() : "";
    if (name == "shutdown") {
      const std::scoped_lock lock(mutex_);
      shutting_down_ = true;
      changed_.notify_all();
    } else if (!id.is_string() && !id.is_number_integer()) {
      fail(nullptr, Error{ErrorCode::usage, "request", "id", "a string or a whole number",
                          escape_for_message(json_line(id)), "events carry it, so that they can be told apart"});
    } else if (name == "cancel") {
      cancel(id);
    } else {
      enqueue(id, std::move(*request));
    }
  }

  void enqueue(const Json& id, Json request) {
    PendingJob job{id, std::move(request)};
    {
      const std::scoped_lock lock(mutex_);
      if (lost_) return fail(id, *lost_);
      if (shutting_down_) {
        return fail(id, Error{ErrorCode::usage, "request", "op", "no request after shutdown", "a request", ""});
      }
      bool taken = running_ && running_->id == id;
      for (const PendingJob& other : queue_)
        taken = taken || other.id == id;
      if (taken) {
        return fail(nullptr, Error{ErrorCode::usage, "request", "id", "an id that no unfinished job has",
                                   escape_for_message(json_line(id)), ""});
      }
      // Before the job can start, so that `accepted` is the first event of its id.
      emit("accepted", id, Json::object());
      queue_.push_back(std::move(job));
    }
    changed_.notify_all();
  }

  void cancel(const Json& id) {
    const std::scoped_lock lock(mutex_);
    if (running_ && running_->id == id) return running_->cancel->cancel();
    for (auto job = queue_.begin(); job != queue_.end(); ++job) {
      if (job->id != id) continue;
      queue_.erase(job);
      return emit("cancelled", id, Json::object());
    }
    emit("warning", id, Json{{"message", "no unfinished job has this id"}});
  }

  void end_of_input() {
    const std::scoped_lock lock(mutex_);
    if (!shutting_down_) abandon_all();
    changed_.notify_all();
  }

  /// With mutex_ held: nobody listens any more.
  void abandon_all() {
    shutting_down_ = true;
    if (running_) running_->cancel->cancel();
    for (const PendingJob& job : queue_)
      emit("cancelled", job.id, Json::object());
    queue_.clear();
  }

  /// With mutex_ held: the device failed for good, and with it what is still queued.
  void lose(const Error& error) {
    lost_ = error;
    shutting_down_ = true;
    for (const PendingJob& job : queue_)
      fail(job.id, error);
    queue_.clear();
  }

  // The worker's thread

  std::optional<PendingJob> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return shutting_down_ || !queue_.empty(); });
    if (queue_.empty()) return {};
    running_ = std::move(queue_.front());
    queue_.pop_front();
    const std::scoped_lock output(output_mutex_);
    if (!output_failure_) return {};
    working_ = running_->cancel;
    return running_;
  }

  void carry_out(const PendingJob& pending) {
    JobListener listener;
    listener.progress = [&](const ProgressEvent& event) {
      Json json{{"stage", event.stage}, {"fraction", event.fraction}};
      json["eta_seconds"] = event.eta_seconds >= 0 ? Json(event.eta_seconds) : Json(nullptr);
      json["elapsed_seconds"] = event.elapsed_seconds;
      json["detail"] = event.detail;
      emit("progress", pending.id, json);
    };
    listener.warning = [&](const std::string& message) { emit("warning", pending.id, Json{{"message", message}}); };
    context_.snapshot = [&](const Json& snapshot) { emit("snapshot", pending.id, Json{{"snapshot", snapshot}}); };
    context_.text = [&](std::string_view source, std::string_view text) {
      emit("text", pending.id, Json{{"source", source}, {"text", text}});
    };
    context_.token = [&](const Json& token) { emit("token", pending.id, token); };
    Job job(pending.cancel.get(), listener);
    auto result = job.cancelled() ? Result<Json>(job.check().error()) : perform(pending.request, context_, job);
    {
      // Before its last event: whoever has read that may use the id again.
      const std::scoped_lock lock(mutex_);
      running_.reset();
      if (!result && context_.device_lost()) lose(result.error());
    }
    if (result) {
      emit("done", pending.id, Json{{"result", *std::move(result)}});
    } else if (result.error().code == ErrorCode::cancelled) {
      emit("cancelled", pending.id, Json::object());
    } else {
      fail(pending.id, result.error());
    }
  }

  // Both threads

  void fail(const Json& id, const Error& error) { emit("failed", id, Json{{"error", error_json(error)}}); }

  void emit(const char* event, const Json& id, const Json& more) {
    Json json{{"event", event}, {"id", id}};
    json.update(more);
    const std::string line = json_line(json) + "\n";
    const std::scoped_lock lock(output_mutex_);
    std::string_view rest = line;
    while (output_failure_ && !rest.empty()) {
      const auto count = ::write(output_, rest.data(), rest.size());
      if (count >= 0) {
        rest.remove_prefix(static_cast<std::size_t>(count));
      } else if (errno != EINTR) {
        output_failure_ = output_error("write", errno);
        if (working_) working_->cancel();
      }
    }
  }

  int input_;
  int output_;
  WorkerOptions options_;
  OperationContext context_;

  std::mutex mutex_;  ///< queue_, running_, shutting_down_, lost_; taken before output_mutex_
  std::condition_variable changed_;
  std::deque<PendingJob> queue_;
  std::optional<PendingJob> running_;
  bool shutting_down_ = false;
  std::optional<Error> lost_;  ///< the error that took the device away

  std::mutex output_mutex_;  ///< the output, output_failure_, working_
  Status output_failure_;
  std::shared_ptr<CancelToken> working_;  ///< the running job's: to stop it when nobody can hear of it
};

}  // namespace

Status serve(int input, int output, const WorkerOptions& options) {
  // A client that went away is a failed write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  return Worker(input, output, options).serve();
}

}  // namespace salient
