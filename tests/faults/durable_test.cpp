// SPDX-License-Identifier: Apache-2.0
// HOSTILE rows 78 and 79 for what all files and directories are written by: at every change, not at some.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <stdexcept>

#include "core/base/file.h"
#include "tests/faults/interposed.h"
#include "tests/faults/job_state.h"

namespace salient::faults {
namespace {

namespace fs = std::filesystem;
using Work = std::function<Status()>;

struct End {
  bool killed = false;
  bool done = false;
  Counters counters;
};

/// `work` in a child process under the plan.
End carry_out(const Work& work, const Plan& plan) {
  struct Shared {
    Counters counters;
    bool done = false;
  };
  void* const memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("mmap");
  auto& shared = *new (memory) Shared;
  const pid_t child = fork();
  if (child == 0) {
    follow(plan, shared.counters);
    const Status status = work();
    leave_alone();
    shared.done = status.ok();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  EXPECT_TRUE(killed || status == 0) << status;
  const End end{killed, shared.done, shared.counters};
  munmap(memory, sizeof(Shared));
  return end;
}

/// By the calls that are followed.
Status write_plainly(const fs::path& path, std::string_view text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  const bool written = file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) close(file);
  return written ? Status() : Status(Error{ErrorCode::io, path.string(), "", "", "", ""});
}

class Durable : public testing::Test {
 protected:
  [[nodiscard]] fs::path place() const { return directory_ / "place"; }

  /// `state()` is `older` before `work` and `newer` after it; in between it is never anything else, and nothing is left
  /// beside it once somebody has worked to the end.
  void at_every_change(const Work& prepare, const Work& work, const std::function<Contents()>& state) {
    Plan plan;
    plan.root = place().string();
    const auto fresh = [&] {
      fs::remove_all(place());
      fs::create_directories(place());
      ASSERT_TRUE(prepare());
    };
    fresh();
    const Contents older = state();
    const End whole = carry_out(work, plan);
    ASSERT_TRUE(whole.done);
    const Contents newer = state();
    ASSERT_NE(older, newer);
    EXPECT_GT(whole.counters.changes, 4);
    EXPECT_GT(whole.counters.named, 0);
    EXPECT_EQ(whole.counters.named_early, 0);
    EXPECT_EQ(whole.counters.names_unsettled, 0);
    for (plan.at = 1; plan.at <= whole.counters.changes; ++plan.at) {
      for (plan.act = Act::kill_before; plan.act <= Act::fail; plan.act = Act{static_cast<int>(plan.act) + 1}) {
        SCOPED_TRACE(testing::Message() << "change " << plan.at << ", act " << static_cast<int>(plan.act));
        fresh();
        const End end = carry_out(work, plan);
        EXPECT_TRUE(end.killed || plan.act == Act::fail);
        const Contents now = state();
        EXPECT_TRUE(now == older || now == newer) << "neither the old one nor the whole new one";
        if (!end.killed) {
          EXPECT_FALSE(end.done && now != newer);
          expect_no_temporary_file(place());
        }
        ASSERT_TRUE(work());
        EXPECT_EQ(state(), newer);
        expect_no_temporary_file(place());
      }
    }
  }

  test::TemporaryDirectory directory_;
};

TEST_F(Durable, AFileIsTheOldOneOrTheNewOne) {
  const std::string large(2'500'000, 'x');  // more than one write
  for (const bool with_older : {false, true}) {
    SCOPED_TRACE(with_older);
    at_every_change(
        [&]() -> Status {
          if (with_older) test::write_file(place() / "a", "old");
          return {};
        },
        [&] { return write_file_durably(place() / "a", large); },
        [&] {
          Contents all = contents(place());
          std::erase_if(all, [](const auto& file) { return file.first != "a"; });
          return all;
        });
  }
}

TEST_F(Durable, ADirectoryIsTheOldOneOrTheNewOne) {
  for (const bool with_older : {false, true}) {
    SCOPED_TRACE(with_older);
    const fs::path target = place() / "model";
    at_every_change(
        [&]() -> Status {
          if (!with_older) return {};
          fs::create_directory(target);
          for (const char* name : {"first", "third"})
            test::write_file(target / name, "old");
          return {};
        },
        [&]() -> Status {
          SALIENT_ASSIGN(DurableDirectory made, DurableDirectory::create(target));
          SALIENT_CHECK(write_file_durably(made.path() / "first", "new"));
          // Not everybody who writes into it brings what he wrote to the disk.
          SALIENT_CHECK(write_plainly(made.path() / "second", "new"));
          return made.commit();
        },
        [&] { return contents(target); });
  }
}

}  // namespace
}  // namespace salient::faults
