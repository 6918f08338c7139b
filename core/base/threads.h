// SPDX-License-Identifier: Apache-2.0
// One pool of threads for data-parallel loops. Work is cut into fixed pieces that do not depend on the
// number of threads, so that a result is the same on any number of them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace salient {

class ThreadPool {
 public:
  /// `threads` counts the calling thread; 0 means one for each core this process may use.
  explicit ThreadPool(int threads = 0);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls body(begin, end) for consecutive pieces of [0, count) of `grain` items each (the last may be
  /// shorter), on all threads, and returns when every piece is done. A nested call, or one made while
  /// another thread's loop runs, is carried out by the calling thread alone. An exception thrown by
  /// `body` (std::bad_alloc, in practice) is rethrown here after all pieces have stopped.
  void parallel_for(std::int64_t count, std::int64_t grain,
                    const std::function<void(std::int64_t begin, std::int64_t end)>& body);

 private:
  struct Loop;
  void work();

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable finished_;
  Loop* loop_ = nullptr;
  std::uint64_t generation_ = 0;
  int active_ = 0;
  bool stopping_ = false;
  std::mutex submit_;
};

}  // namespace salient
