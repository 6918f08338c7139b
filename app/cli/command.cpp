// SPDX-License-Identifier: Apache-2.0
#include "app/cli/command.h"

namespace salient::cli {
namespace {

template <class T>
T take(Json& request, const char* key, T fallback) {
  const auto found = request.find(key);
  if (found == request.end()) return fallback;
  T value = found->get<T>();
  request.erase(key);
  return value;
}

}  // namespace

Command::Command(CLI::App& parent, const std::string& name, const std::string& description)
    : app_(parent.add_subcommand(name, description)), options_(*app_) {
  app_->allow_extras();  // refused by the application, in this program's own form
}

void Command::add_common_options(bool computes) {
  options_.group("Common options");
  if (computes) {
    options_.text(
        {"--device", "DEVICE",
         "Where to compute: cpu or cuda:0, …, which salient devices lists; cuda:0,1 shares the layers of a model "
         "between these GPUs",
         "cpu"});
    options_.text(
        {"--precision", "NAME",
         "Products of floats: exact, in fp32; or fast, on a GPU's tensor cores with 16-bit factors and fp32 sums",
         "exact"});
    options_.bytes({"--gpu-memory", "BYTES",
                    "Memory of each GPU to stay below, with a suffix as in 20GiB; by default what is free there"});
    options_.integer({"--threads", "N", "Threads; 0 takes every core this process may use", "0"});
    options_.text({"--experiments", "FILE",
                   "The SQLite file that keeps experiments; by default "
                   "$XDG_DATA_HOME/salient/experiments.db"});
  }
  options_.flag({"--json", "", "Print the result, or the error, as one JSON object on stdout and nothing else there"});
  options_.text({"--progress", "auto|json|none",
                 "Progress on stderr: for people, as one JSON event a line, or not at all", "auto"});
  options_.text({"--log", "FILE", "Append what happens, with times, to this file"});
}

Result<Invocation> Command::invocation() const {
  SALIENT_ASSIGN(Json request, options_.given());
  Invocation invocation;
  invocation.json = take(request, "json", false);
  invocation.progress = take(request, "progress", std::string("auto"));
  invocation.log = take(request, "log", std::string());
  if (invocation.progress != "auto" && invocation.progress != "json" && invocation.progress != "none") {
    return Error{ErrorCode::usage,
                 command_path(*app_),
                 "--progress",
                 "auto, json or none",
                 "\"" + escape_for_message(invocation.progress) + "\"",
                 "see " + command_path(*app_) + " --help"};
  }
  invocation.request = fixed();
  for (const auto& [key, value] : request.items())
    invocation.request[key] = value;
  SALIENT_CHECK(complete(invocation.request));
  return invocation;
}

}  // namespace salient::cli
