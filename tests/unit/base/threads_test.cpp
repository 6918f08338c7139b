// SPDX-License-Identifier: Apache-2.0
#include "core/base/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <numeric>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace salient {
namespace {

using Piece = std::pair<std::int64_t, std::int64_t>;

std::set<Piece> pieces_of(ThreadPool& pool, std::int64_t count, std::int64_t grain) {
  std::mutex mutex;
  std::set<Piece> pieces;
  pool.parallel_for(count, grain, [&](std::int64_t begin, std::int64_t end) {
    const std::lock_guard lock(mutex);
    EXPECT_TRUE(pieces.emplace(begin, end).second);
  });
  return pieces;
}

TEST(ThreadPool, PiecesDoNotDependOnTheNumberOfThreads) {
  ThreadPool one(1);
  ThreadPool four(4);
  EXPECT_EQ(one.threads(), 1);
  EXPECT_EQ(four.threads(), 4);
  const std::set<Piece> expected = {{0, 4}, {4, 8}, {8, 10}};
  EXPECT_EQ(pieces_of(one, 10, 4), expected);
  EXPECT_EQ(pieces_of(four, 10, 4), expected);
  EXPECT_TRUE(pieces_of(four, 0, 4).empty());
  EXPECT_EQ(pieces_of(four, 3, 100), (std::set<Piece>{{0, 3}}));
}

TEST(ThreadPool, DoesEveryItemOnceAgainAndAgain) {
  ThreadPool pool(3);
  std::vector<std::atomic<int>> done(997);
  for (int round = 0; round < 200; ++round) {
    pool.parallel_for(997, 1 + round % 7, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i)
        ++done[static_cast<std::size_t>(i)];
    });
  }
  for (const auto& count : done)
    ASSERT_EQ(count, 200);
}

TEST(ThreadPool, NestedCallsRunOnTheirCaller) {
  ThreadPool pool(4);
  std::atomic<int> total{0};
  pool.parallel_for(8, 1, [&](std::int64_t, std::int64_t) {
    const auto caller = std::this_thread::get_id();
    pool.parallel_for(8, 1, [&](std::int64_t, std::int64_t) {
      EXPECT_EQ(std::this_thread::get_id(), caller);
      ++total;
    });
  });
  EXPECT_EQ(total, 64);
}

TEST(ThreadPool, ConcurrentCallsAllFinish) {
  ThreadPool pool(3);
  std::atomic<int> total{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int round = 0; round < 100; ++round) {
        pool.parallel_for(16, 2, [&](std::int64_t begin, std::int64_t end) { total += static_cast<int>(end - begin); });
      }
    });
  }
  for (std::thread& caller : callers)
    caller.join();
  EXPECT_EQ(total, 4 * 100 * 16);
}

TEST(ThreadPool, RethrowsWhatABodyThrows) {
  for (const int threads : {1, 4}) {
    ThreadPool pool(threads);
    EXPECT_THROW(pool.parallel_for(100, 1,
                                   [](std::int64_t begin, std::int64_t) {
                                     if (begin == 50) throw std::bad_alloc();
                                   }),
                 std::bad_alloc);
    std::atomic<int> total{0};
    pool.parallel_for(100, 1, [&](std::int64_t, std::int64_t) { ++total; });
    EXPECT_EQ(total, 100);
  }
}

}  // namespace
}  // namespace salient
