// SPDX-License-Identifier: Apache-2.0
#include "app/cli/signals.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

#include "app/cli/application.h"

namespace salient::cli {
namespace {

CancelToken cancel_token;
bool terminal = false;  ///< somebody waits at it for an answer

extern "C" void on_signal(int /*signal*/) {
  const int saved = errno;
  if (cancel_token.cancelled()) _exit(kCancelled);
  cancel_token.cancel();
  static constexpr std::string_view message = "\nstopping; again to stop at once\n";
  // Nothing could be done about a failed write here.
  [[maybe_unused]] const ssize_t written = terminal ? write(STDERR_FILENO, message.data(), message.size()) : 0;
  errno = saved;
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  action.sa_handler = handler;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void ignore_broken_pipes() {
  handle(SIGPIPE, SIG_IGN);
}

CancelToken& cancel_on_signals() {
  terminal = isatty(STDERR_FILENO) == 1;
  handle(SIGINT, on_signal);
  handle(SIGTERM, on_signal);
  return cancel_token;
}

}  // namespace salient::cli
