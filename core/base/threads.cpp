// SPDX-License-Identifier: Apache-2.0
#include "core/base/threads.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <system_error>

#include "core/base/system.h"

namespace salient {
namespace {

/// True on a thread that is inside a loop's body: what it starts itself runs on it alone.
thread_local bool inside_loop = false;

}  // namespace

struct ThreadPool::Loop {
  Loop(std::int64_t count_in, std::int64_t grain_in, const std::function<void(std::int64_t, std::int64_t)>& body_in)
      : count(count_in), grain(grain_in), pieces((count_in - 1) / grain_in + 1), body(body_in) {}

  const std::int64_t count;
  const std::int64_t grain;
  const std::int64_t pieces;
  const std::function<void(std::int64_t, std::int64_t)>& body;
  std::atomic<std::int64_t> next{0};
  std::atomic<bool> failed{false};
  std::exception_ptr exception;

  void run() {
    inside_loop = true;
    try {
      while (!failed.load(std::memory_order_relaxed)) {
        const std::int64_t piece = next.fetch_add(1, std::memory_order_relaxed);
        if (piece >= pieces) break;
        const std::int64_t begin = piece * grain;
        body(begin, begin + std::min(grain, count - begin));
      }
    } catch (...) {
      // The first to fail owns `exception`; it is read once every thread has left.
      if (!failed.exchange(true)) exception = std::current_exception();
    }
    inside_loop = false;
  }
};

ThreadPool::ThreadPool(int threads) {
  const int wanted = threads > 0 ? threads : usable_cores();
  try {
    workers_.reserve(static_cast<std::size_t>(wanted - 1));
    while (static_cast<int>(workers_.size()) < wanted - 1)
      workers_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    // The system gives no more threads. Results do not depend on their number, so fewer will do.
  }
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_)
    worker.join();
}

void ThreadPool::work() {
  std::uint64_t seen = 0;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || generation_ != seen; });
    if (stopping_) return;
    seen = generation_;
    Loop* const loop = loop_;
    if (loop == nullptr) continue;  // woke up after the others had finished
    ++active_;
    lock.unlock();
    loop->run();
    lock.lock();
    if (--active_ == 0) finished_.notify_one();
  }
}

void ThreadPool::parallel_for(std::int64_t count, std::int64_t grain,
                              const std::function<void(std::int64_t begin, std::int64_t end)>& body) {
  if (count <= 0) return;
  grain = std::max<std::int64_t>(grain, 1);
  std::unique_lock submit(submit_, std::defer_lock);
  if (workers_.empty() || count <= grain || inside_loop || !submit.try_lock()) {
    for (std::int64_t begin = 0; begin < count; begin += grain)
      body(begin, begin + std::min(grain, count - begin));
    return;
  }
  Loop loop(count, grain, body);
  {
    const std::lock_guard lock(mutex_);
    loop_ = &loop;
    ++generation_;
  }
  if (loop.pieces > static_cast<std::int64_t>(workers_.size())) {
    wake_.notify_all();
  } else {
    for (std::int64_t piece = 1; piece < loop.pieces; ++piece)
      wake_.notify_one();
  }
  loop.run();
  std::unique_lock lock(mutex_);
  loop_ = nullptr;
  finished_.wait(lock, [&] { return active_ == 0; });
  lock.unlock();
  if (loop.exception) std::rethrow_exception(loop.exception);
}

}  // namespace salient
