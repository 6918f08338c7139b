// SPDX-License-Identifier: Apache-2.0
#include "core/base/memory_reserve.h"

#include <gtest/gtest.h>

#include <new>

#include "core/base/job.h"

namespace salient {
namespace {

/// As `new` does for want of memory.
void want_memory() {
  std::get_new_handler()();
}

TEST(MemoryReserve, TheFirstNeedIsMetAndTheJobEndsInGoodOrder) {
  Job job;
  {
    const MemoryReserve reserve;
    EXPECT_TRUE(job.check().ok());
    want_memory();
    ASSERT_FALSE(job.check().ok());
    EXPECT_EQ(job.check().error().code, ErrorCode::memory);
    EXPECT_THROW(want_memory(), std::bad_alloc);
  }
  EXPECT_TRUE(job.check().ok());
  EXPECT_EQ(std::get_new_handler(), nullptr);
}

TEST(MemoryReserve, AnotherOneMeanwhileDoesNothing) {
  const MemoryReserve reserve;
  { const MemoryReserve inner; }
  EXPECT_NO_THROW(want_memory());
  EXPECT_TRUE(MemoryReserve::needed());
}

}  // namespace
}  // namespace salient
