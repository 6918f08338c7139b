// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/watched.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <system_error>

namespace salient::faults {
namespace {

namespace fs = std::filesystem;

constexpr int kNone = -1;

/// Where a call has the path it changes, and the directory that path starts from.
struct Call {
  long number;
  int directory;          ///< which argument; kNone: the working directory
  int path;               ///< which argument
  int flags = kNone;      ///< which argument has the flags of open(); kNone: the call always changes something
  bool indirect = false;  ///< the flags are the first word of a structure
};

constexpr Call kCalls[] = {
#ifdef SYS_open
    {SYS_open, kNone, 0, 1},  {SYS_creat, kNone, 0},        {SYS_rename, kNone, 0}, {SYS_rename, kNone, 1},
    {SYS_link, kNone, 1},     {SYS_symlink, kNone, 1},      {SYS_unlink, kNone, 0}, {SYS_mkdir, kNone, 0},
    {SYS_rmdir, kNone, 0},    {SYS_mknod, kNone, 0},        {SYS_chmod, kNone, 0},
#endif
    {SYS_openat, 0, 1, 2},    {SYS_openat2, 0, 1, 2, true},
#ifdef SYS_renameat
    {SYS_renameat, 0, 1},     {SYS_renameat, 2, 3},
#endif
    {SYS_renameat2, 0, 1},    {SYS_renameat2, 2, 3},        {SYS_linkat, 2, 3},     {SYS_symlinkat, 1, 2},
    {SYS_unlinkat, 0, 1},     {SYS_mkdirat, 0, 1},          {SYS_mknodat, 0, 1},    {SYS_fchmodat, 0, 1},
    {SYS_truncate, kNone, 0},
};

/// In the child: the calls above stop it, all others go on as ever.
bool filter_calls() {
  std::vector<sock_filter> program;
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (const Call& call : kCalls) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<__u32>(call.number), 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

[[noreturn]] void become(const std::vector<std::string>& program, const std::vector<std::string>& environment,
                         const fs::path& log) {
  const int in = open("/dev/null", O_RDONLY);
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  dup2(in, 0);
  dup2(out, 1);
  dup2(out, 2);
  std::vector<char*> arguments;
  for (const std::string& argument : program)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::vector<char*> variables;
  for (const std::string& variable : environment)
    variables.push_back(const_cast<char*>(variable.c_str()));
  variables.push_back(nullptr);
  if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(125);
  raise(SIGSTOP);  // until the parent has said what it wants to see
  if (!filter_calls()) _exit(125);
  execve(arguments[0], arguments.data(), variables.data());
  _exit(126);
}

std::string text_at(pid_t process, std::uint64_t address) {
  std::string text;
  std::array<char, 256> piece{};
  while (address != 0 && text.size() < 4096) {
    // Not across a page that may not be there.
    const std::size_t size = piece.size() - address % piece.size();
    const iovec here{piece.data(), size};
    const iovec there{reinterpret_cast<void*>(address), size};
    const ssize_t got = process_vm_readv(process, &here, 1, &there, 1, 0);
    if (got <= 0) break;
    const std::string_view read(piece.data(), static_cast<std::size_t>(got));
    text += read.substr(0, read.find('\0'));
    if (read.find('\0') != std::string_view::npos) break;
    address += static_cast<std::uint64_t>(got);
  }
  return text;
}

/// The call a process stands before.
void note(pid_t process, std::set<fs::path>& changed) {
  __ptrace_syscall_info info{};
  if (ptrace(PTRACE_GET_SYSCALL_INFO, process, sizeof info, &info) <= 0) return;
  const auto argument = [&](int which) { return info.seccomp.args[which]; };
  for (const Call& call : kCalls) {
    if (static_cast<std::uint64_t>(call.number) != info.seccomp.nr) continue;
    if (call.flags != kNone) {
      std::uint64_t flags = argument(call.flags);
      if (call.indirect) {
        const iovec here{&flags, sizeof flags};
        const iovec there{reinterpret_cast<void*>(argument(call.flags)), sizeof flags};
        if (process_vm_readv(process, &here, 1, &there, 1, 0) != sizeof flags) flags = O_RDWR;
      }
      if ((flags & O_ACCMODE) == O_RDONLY && (flags & (O_CREAT | O_TRUNC)) == 0) continue;
    }
    fs::path path = text_at(process, argument(call.path));
    std::error_code ignored;
    if (path.is_relative()) {
      const int directory = call.directory == kNone ? AT_FDCWD : static_cast<int>(argument(call.directory));
      const fs::path own = "/proc/" + std::to_string(process);
      path = fs::read_symlink(directory == AT_FDCWD ? own / "cwd" : own / "fd" / std::to_string(directory), ignored) /
             path;
    }
    const fs::path real = fs::weakly_canonical(path, ignored);
    changed.insert(ignored ? path : real);
  }
}

}  // namespace

Watched watch(const std::vector<std::string>& program, const std::vector<std::string>& environment,
              const fs::path& log) {
  Watched result;
  const pid_t child = fork();
  if (child < 0) return result;
  if (child == 0) become(program, environment, log);
  int status = 0;
  waitpid(child, &status, 0);
  const long wanted = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                      PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (!WIFSTOPPED(status) || ptrace(PTRACE_SETOPTIONS, child, nullptr, wanted) != 0) {
    kill(child, SIGKILL);
    if (!WIFEXITED(status)) waitpid(child, &status, 0);
    return result;
  }
  ptrace(PTRACE_CONT, child, nullptr, nullptr);
  for (pid_t stopped = 0; (stopped = waitpid(-1, &status, __WALL)) > 0;) {
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      if (stopped == child) result.status = status;
      continue;
    }
    const int event = status >> 16;
    if (event == PTRACE_EVENT_SECCOMP) note(stopped, result.changed);
    // A new thread or process begins with SIGSTOP, and a trap tells of each event: both are not for the program.
    const int signal = WSTOPSIG(status);
    const bool ours = event != 0 || signal == SIGTRAP || signal == SIGSTOP;
    ptrace(PTRACE_CONT, stopped, nullptr, ours ? 0L : static_cast<long>(signal));
  }
  result.possible = !(WIFEXITED(result.status) && WEXITSTATUS(result.status) == 125);
  return result;
}

}  // namespace salient::faults
