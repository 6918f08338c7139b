// SPDX-License-Identifier: Apache-2.0
#include "app/cli/application.h"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <new>
#include <optional>

#include "app/cli/command.h"
#include "app/cli/progress.h"
#include "app/cli/signals.h"
#include "core/base/format.h"
#include "core/base/system.h"
#include "core/compute/devices.h"
#include "core/experiment/operations.h"
#include "core/experiment/results.h"
#include "core/experiment/worker.h"

#ifdef SALIENT_WITH_CUDA
#include "cuda/provider.h"
#endif

namespace salient::cli {
namespace {

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

int exit_code(const Error& error) {
  if (error.code == ErrorCode::cancelled) return kCancelled;
  if (error.code == ErrorCode::device) return kDeviceFailed;
  return error.code == ErrorCode::usage ? kUsage : kFailed;
}

/// A line on stderr, and with --json an object on stdout.
int fail(const Error& error, bool json) {
  std::fputs((error.to_string() + "\n").c_str(), stderr);
  if (json) {
    Json object = result_header("error");
    object["error"] = error_json(error);
    std::fputs((dump(object) + "\n").c_str(), stdout);
    std::fflush(stdout);
  }
  return exit_code(error);
}

/// kDone, or what follows from stdout not taking the text. A reader that went away (`| head`) is no news.
int print(const std::string& text) {
  const bool written = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  if (written) return kDone;
  const int problem = errno;
  if (problem == EPIPE) return kFailed;
  return fail({ErrorCode::io, "stdout", {}, "to be written", std::strerror(problem), {}}, false);
}

std::shared_ptr<spdlog::logger> silent_log() {
  return std::make_shared<spdlog::logger>("salient", spdlog::sinks_init_list{});
}

Result<std::shared_ptr<spdlog::logger>> open_log(const std::string& path) {
  if (path.empty()) return silent_log();
  try {
    auto log = std::make_shared<spdlog::logger>("salient", std::make_shared<spdlog::sinks::basic_file_sink_mt>(path));
    log->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    log->flush_on(spdlog::level::info);
    return log;
  } catch (const spdlog::spdlog_ex& problem) {
    return Error{ErrorCode::io,
                 escape_for_message(path),
                 "--log",
                 "a file that can be written",
                 escape_for_message(problem.what()),
                 "name another file"};
  }
}

ProgressMode progress_mode(const std::string& name) {
  if (name == "json") return ProgressMode::json;
  if (name == "none") return ProgressMode::none;
  return Style::of(stderr).terminal ? ProgressMode::line : ProgressMode::sparse;
}

/// Progress goes to the display; warnings and the ends of stages to the log as well.
JobListener listener_for(ProgressDisplay& display, spdlog::logger& log) {
  JobListener listener;
  listener.progress = [&display, &log](const ProgressEvent& event) {
    if (event.fraction >= 1) log.info("{}: {} {}", event.stage, format_duration(event.elapsed_seconds), event.detail);
    display.progress(event);
  };
  listener.warning = [&display, &log](const std::string& message) {
    log.warn("{}", message);
    display.warning(message);
  };
  return listener;
}

/// Says which option a request's key came from.
Error named_by_option(Error error, const Command& command) {
  // Where no file is to blame, what the command line asked for may be: a size that nothing satisfies.
  const std::string option = command.options().option_of(error.key);
  const bool asked_for = error.file.empty() && option != error.key;
  if (error.code != ErrorCode::usage && !asked_for) return error;
  error.key = option;
  if (error.file.empty()) error.file = command_path(command.app());
  return error;
}

/// Text goes to stdout as it comes, after the prompt it continues.
void stream_text(OperationContext& context, const Json& request, ProgressDisplay& display, CancelToken& cancel) {
  const Style style = Style::of(stdout);
  context.text = [=, &display, &cancel, begun = false](std::string_view /*source*/, std::string_view text) mutable {
    std::string out = begun ? "" : style.dim(printable(request.value("prompt", "")));
    begun = true;
    display.mute();
    out += style.terminal ? printable(text) : std::string(text);
    if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size() || std::fflush(stdout) != 0) cancel.cancel();
  };
}

int carry_out(const Command& command, CancelToken& cancel, bool json_wanted) {
  const auto invocation = command.invocation();
  if (!invocation) return fail(invocation.error(), json_wanted);
  const auto log = open_log(invocation->log);
  if (!log) return fail(log.error(), invocation->json);
  (*log)->info("salient {} {}", program_version(), dump(invocation->request));

  ProgressDisplay display(progress_mode(invocation->progress), stderr);
  Job job(&cancel, listener_for(display, **log));
  OperationContext context;
  context.snapshot = [&display](const Json& partial) { display.snapshot(partial); };
  if (command.streams_text() && !invocation->json) stream_text(context, invocation->request, display, cancel);

  const auto result = perform(invocation->request, context, job);
  display.finish();
  if (!result) {
    const Error error = named_by_option(result.error(), command);
    (*log)->error("{}", error.to_string());
    return fail(error, invocation->json);
  }
  (*log)->info("done");
  const int printed = print(invocation->json ? dump(*result) + "\n" : command.describe(*result, Style::of(stdout)));
  // Whoever reads events line by line is told nothing else there.
  const bool for_people = !invocation->json && progress_mode(invocation->progress) != ProgressMode::json;
  const std::string hint = for_people ? command.hint(*result) : std::string();
  if (!hint.empty()) std::fputs((hint + "\n").c_str(), stderr);
  return printed;
}

const CLI::App& innermost(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : innermost(*chosen.back());
}

/// What stands on the command line and belongs to nothing.
std::optional<Error> leftover(const CLI::App& app) {
  const auto rest = app.remaining();
  if (!rest.empty()) {
    const bool option = rest.front().rfind('-', 0) == 0;
    const bool group = !app.get_subcommands([](const CLI::App*) { return true; }).empty();
    const char* kind = option ? "an option" : group ? "a command" : "no further argument";
    return Error{ErrorCode::usage,
                 command_path(app),
                 {},
                 kind + std::string(option || group ? " it knows" : ""),
                 "\"" + escape_for_message(rest.front()) + "\"",
                 "see " + command_path(app) + " --help"};
  }
  for (const CLI::App* chosen : app.get_subcommands()) {
    if (auto error = leftover(*chosen)) return error;
  }
  return std::nullopt;
}

Error forgotten_value(const CLI::App& app, std::string option, std::string found) {
  return {ErrorCode::usage, command_path(app), std::move(option),
          "a value",        std::move(found),  "see " + command_path(app) + " --help"};
}

/// The option that took the next one for its value. Values may begin with dashes, but not be an option's name.
std::optional<Error> swallowed(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& value : option->results()) {
      if (value.rfind("--", 0) != 0 || app.get_option_no_throw(value) == nullptr) continue;
      return forgotten_value(app, "--" + option->get_single_name(), "the option " + value);
    }
  }
  for (const CLI::App* chosen : app.get_subcommands()) {
    if (auto error = swallowed(*chosen)) return error;
  }
  return std::nullopt;
}

int run_command_line(int argc, const char* const* argv) {
  std::setlocale(LC_CTYPE, "");  // for Style; numbers stay as in the C locale
  ignore_broken_pipes();
  CLI::App app(
      "Salient turns a 16-bit language model into a packed one that mixes 4 and 8 bit between output features, and "
      "measures what that costs.",
      "salient");
  app.set_help_flag("-h,--help", "Print this help");
  app.add_flag("--version")->description("Print the version");
  app.require_subcommand(0, 1);
  app.allow_extras();
  app.footer(
      "Run salient COMMAND --help for a command's options and examples.\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the GPU failed, 130 cancelled.");
  Commands commands;
  for (const auto add : {add_inspect, add_search, add_quantize, add_run, add_evaluate, add_generate, add_tokenize,
                         add_verify, add_export, add_experiments, add_report, add_bench, add_devices}) {
    add(app, commands);
  }
  CLI::App* worker = app.add_subcommand("worker", "Serve operations as JSON lines on stdin and stdout");
  worker->allow_extras();
  worker->footer(
      "One request a line in, events out; core/experiment/PROTOCOL.md documents them.\n\nExamples:\n"
      "  echo '{\"op\":\"inspect\",\"id\":1,\"model\":\"DIR\"}' | salient worker");

  bool json = false;
  for (int i = 1; i < argc; ++i)
    json = json || std::string_view(argv[i]) == "--json";
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return print(help_text(innermost(app)));
  } catch (const CLI::ParseError& problem) {
    const std::string what = problem.what();  // "--prompt: 1 required TEXT missing"
    if (what.ends_with(" missing") && what.rfind("--", 0) == 0) {
      return fail(forgotten_value(innermost(app), what.substr(0, what.find(':')), "nothing"), json);
    }
    const std::string path = command_path(innermost(app));
    return fail({ErrorCode::usage, path, {}, {}, escape_for_message(what), "see " + path + " --help"}, json);
  }
  if (const auto error = swallowed(app)) return fail(*error, json);
  if (const auto error = leftover(app)) return fail(*error, json);
  if (app.count("--version") > 0) return print(fmt::format("salient {}\n", program_version()));
  // A signal ends the worker at once; its jobs are resumed by asking for them again.
  if (worker->parsed()) {
    const Status served = serve(STDIN_FILENO, STDOUT_FILENO);
    return served ? kDone : fail(served.error(), false);
  }
  for (const auto& command : commands) {
    if (command->app().parsed()) return carry_out(*command, cancel_on_signals(), json);
  }
  const std::string path = command_path(innermost(app));
  return fail({ErrorCode::usage, path, {}, "a command", "none", "see " + path + " --help"}, json);
}

}  // namespace

int run(int argc, const char* const* argv) {
#ifdef SALIENT_WITH_CUDA
  add_backend_provider(cuda::make_provider());
#endif
  try {
    return run_command_line(argc, argv);
  } catch (const std::bad_alloc&) {
    return fail({ErrorCode::memory,
                 {},
                 {},
                 "memory to go on",
                 "an allocation that was refused; this process used " + format_bytes(peak_memory_bytes()) + " at most",
                 "use shorter sequences, fewer samples or a lower --memory-limit"},
                false);
  }
}

}  // namespace salient::cli
