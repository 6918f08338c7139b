// SPDX-License-Identifier: Apache-2.0
// What the Hopper kernel says in PTX: barriers in shared memory, bulk copies, warpgroup products.
#pragma once

#include <cstdint>

namespace salient::cuda::mixed::ptx {

__device__ __forceinline__ std::uint32_t shared_address(const void* pointer) {
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(pointer));
}

// ---- Barriers ----

__device__ __forceinline__ void barrier_init(std::uint32_t barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
}
/// Makes initialized barriers known to the copy engine and to the cluster.
__device__ __forceinline__ void barrier_init_done() {
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}
__device__ __forceinline__ void barrier_arrive(std::uint32_t barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(barrier) : "memory");
}
__device__ __forceinline__ void barrier_expect(std::uint32_t barrier, std::uint32_t bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
}
__device__ __forceinline__ void barrier_wait(std::uint32_t barrier, int parity) {
  asm volatile(
      "{\n.reg .pred p;\n"
      "again:\nmbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1;\n"
      "@!p bra again;\n}" ::"r"(barrier),
      "r"(parity)
      : "memory");
}
/// The same for what other CTAs of the cluster stored.
__device__ __forceinline__ void barrier_wait_cluster(std::uint32_t barrier, int parity) {
  asm volatile(
      "{\n.reg .pred p;\n"
      "again:\nmbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 p, [%0], %1;\n"
      "@!p bra again;\n}" ::"r"(barrier),
      "r"(parity)
      : "memory");
}
/// The same for a thread in no hurry to wake: it takes fewer turns from the others.
__device__ __forceinline__ void barrier_sleep(std::uint32_t barrier, int parity) {
  asm volatile(
      "{\n.reg .pred p;\n"
      "again:\nmbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1, %2;\n"
      "@!p bra again;\n}" ::"r"(barrier),
      "r"(parity), "r"(1000000)
      : "memory");
}
/// Arrives at the barrier that the cluster's CTA `rank` has at this address.
__device__ __forceinline__ void barrier_arrive_at(std::uint32_t barrier, int rank) {
  asm volatile(
      "{\n.reg .b32 remote;\nmapa.shared::cluster.u32 remote, %0, %1;\n"
      "mbarrier.arrive.shared::cluster.b64 _, [remote];\n}" ::"r"(barrier),
      "r"(rank)
      : "memory");
}
/// Warps that meet at one of the CTA's numbered barriers.
__device__ __forceinline__ void meet(int number, int threads) {
  asm volatile("bar.sync %0, %1;" ::"r"(number), "r"(threads) : "memory");
}
/// Counts as there without waiting for the others.
__device__ __forceinline__ void meet_later(int number, int threads) {
  asm volatile("bar.arrive %0, %1;" ::"r"(number), "r"(threads) : "memory");
}
__device__ __forceinline__ int cluster_rank() {
  int rank;
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  return rank;
}
__device__ __forceinline__ void cluster_meet() {
  asm volatile("barrier.cluster.arrive.release.aligned;\nbarrier.cluster.wait.acquire.aligned;" ::: "memory");
}
/// The same in two steps, the first of which says nothing but what barrier_init_done() has.
__device__ __forceinline__ void cluster_arrive_relaxed() {
  asm volatile("barrier.cluster.arrive.relaxed.aligned;" ::: "memory");
}
__device__ __forceinline__ void cluster_wait() {
  asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
}
/// A float in the shared memory of the cluster's CTA `rank`, at the address it has here.
__device__ __forceinline__ float load_from_rank(std::uint32_t address, int rank) {
  float value;
  asm volatile("{\n.reg .b32 remote;\nmapa.shared::cluster.u32 remote, %1, %2;\nld.shared::cluster.f32 %0, [remote];\n}"
               : "=f"(value)
               : "r"(address), "r"(rank)
               : "memory");
  return value;
}

/// Where the cluster's CTA `rank` has what is at this address here.
__device__ __forceinline__ std::uint32_t address_at_rank(std::uint32_t address, int rank) {
  std::uint32_t remote;
  asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(remote) : "r"(address), "r"(rank));
  return remote;
}
/// Arrives at another CTA's barrier, whose address is address_at_rank()'s. Who waits there with barrier_wait_cluster()
/// sees what this thread did and saw before.
__device__ __forceinline__ void barrier_arrive_cluster(std::uint32_t barrier) {
  asm volatile("mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%0];" ::"r"(barrier) : "memory");
}
/// 16 bytes into another CTA's shared memory; completes on a barrier there. Both addresses are address_at_rank()'s.
__device__ __forceinline__ void store_at_rank(std::uint32_t to, float a, float b, float c, float d,
                                              std::uint32_t barrier) {
  asm volatile("st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.v4.f32 [%0], {%1,%2,%3,%4}, [%5];" ::"r"(to),
               "f"(a), "f"(b), "f"(c), "f"(d), "r"(barrier)
               : "memory");
}

// ---- Copies ----

/// `bytes` (a multiple of 16) from global memory; completes on the barrier.
__device__ __forceinline__ void copy(std::uint32_t to, const void* from, std::uint32_t bytes, std::uint32_t barrier) {
  asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(to),
               "l"(from), "r"(bytes), "r"(barrier)
               : "memory");
}
/// The same for what is read once; `policy`: once_policy().
__device__ __forceinline__ void copy_once(std::uint32_t to, const void* from, std::uint32_t bytes,
                                          std::uint32_t barrier, std::uint64_t policy) {
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_hint [%0], [%1], %2, [%3], %4;" ::
          "r"(to),
      "l"(from), "r"(bytes), "r"(barrier), "l"(policy)
      : "memory");
}
/// The same into every CTA of the cluster whose bit is set in `ranks`, at this address there; completes on the barriers
/// at the address of this one.
__device__ __forceinline__ void copy_to_ranks(std::uint32_t to, const void* from, std::uint32_t bytes,
                                              std::uint32_t barrier, int ranks) {
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1], %2, [%3], "
      "%4;" ::"r"(to),
      "l"(from), "r"(bytes), "r"(barrier), "h"(static_cast<std::uint16_t>(ranks))
      : "memory");
}
/// Before the tensor cores or the copy engine touch what this thread wrote or read by ordinary instructions.
__device__ __forceinline__ void fence_async() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

/// Four 8 × 8 matrices of 16-bit values into shared memory: thread 8i + j gives the address of row j of the i-th one;
/// each thread holds two neighbours of a row, as in an accumulator.
__device__ __forceinline__ void store_matrices(std::uint32_t row, std::uint32_t a, std::uint32_t b, std::uint32_t c,
                                               std::uint32_t d) {
  asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1,%2,%3,%4};" ::"r"(row), "r"(a), "r"(b), "r"(c),
               "r"(d)
               : "memory");
}
/// Four 8 × 8 matrices of 16-bit values, transposed on their way into shared memory: thread 8i + j gives the address of
/// row j of the i-th one as stored; each thread holds two neighbours of its row, as in an accumulator.
__device__ __forceinline__ void store_transposed(std::uint32_t row, std::uint32_t a, std::uint32_t b, std::uint32_t c,
                                                 std::uint32_t d) {
  asm volatile("stmatrix.sync.aligned.m8n8.x4.trans.shared.b16 [%0], {%1,%2,%3,%4};" ::"r"(row), "r"(a), "r"(b), "r"(c),
               "r"(d)
               : "memory");
}

// ---- Warpgroups ----

template <int kRegisters>
__device__ __forceinline__ void give_registers() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(kRegisters));
}
template <int kRegisters>
__device__ __forceinline__ void take_registers() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(kRegisters));
}
__device__ __forceinline__ void products_begin() {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}
__device__ __forceinline__ void products_commit() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}
/// Until at most `kPending` committed groups are still running.
template <int kPending>
__device__ __forceinline__ void products_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(kPending) : "memory");
}
/// Keeps the compiler from moving what reads or computes these registers across this point.
template <class T, int kCount>
__device__ __forceinline__ void hold(T (&d)[kCount]) {
#pragma unroll
  for (int i = 0; i < kCount; ++i)
    asm volatile("" : "+r"(d[i])::"memory");
}

/// A matrix of rows of 128 bytes with swizzled chunks, K along the row.
__device__ __forceinline__ std::uint64_t describe(std::uint32_t address) {
  constexpr std::uint64_t kSwizzle128 = std::uint64_t{1} << 62;
  constexpr std::uint64_t kEightRows = std::uint64_t{1024 >> 4} << 32;
  constexpr std::uint64_t kUnusedLeading = std::uint64_t{1} << 16;
  return kSwizzle128 | kEightRows | kUnusedLeading | ((address & 0x3ffffU) >> 4);
}

// A thread's sums as operands, from number i on, and their names as the instructions list them.
#define SALIENT_R4(i) "+r"(d[i]), "+r"(d[i + 1]), "+r"(d[i + 2]), "+r"(d[i + 3])
#define SALIENT_R8(i) SALIENT_R4(i), SALIENT_R4(i + 4)
#define SALIENT_R16(i) SALIENT_R8(i), SALIENT_R8(i + 8)
#define SALIENT_R32(i) SALIENT_R16(i), SALIENT_R16(i + 16)
#define SALIENT_R64(i) SALIENT_R32(i), SALIENT_R32(i + 32)
#define SALIENT_N16_0 "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15"
#define SALIENT_N16_16 "%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31"
#define SALIENT_N16_32 "%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47"
#define SALIENT_N16_48 "%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58,%59,%60,%61,%62,%63"
#define SALIENT_N16_64 "%64,%65,%66,%67,%68,%69,%70,%71,%72,%73,%74,%75,%76,%77,%78,%79"
#define SALIENT_N16_80 "%80,%81,%82,%83,%84,%85,%86,%87,%88,%89,%90,%91,%92,%93,%94,%95"
#define SALIENT_N16_96 "%96,%97,%98,%99,%100,%101,%102,%103,%104,%105,%106,%107,%108,%109,%110,%111"
#define SALIENT_N16_112 "%112,%113,%114,%115,%116,%117,%118,%119,%120,%121,%122,%123,%124,%125,%126,%127"
#define SALIENT_N32_0 SALIENT_N16_0 "," SALIENT_N16_16
#define SALIENT_N64_0 SALIENT_N32_0 "," SALIENT_N16_32 "," SALIENT_N16_48
#define SALIENT_N96_0 SALIENT_N64_0 "," SALIENT_N16_64 "," SALIENT_N16_80

/// d [64 rows, kColumns] (+)= a bᵀ over 32 columns of int8, b [kColumns, 32] in shared memory. Thread 4r + q of warp w
/// holds rows 16w + r and 16w + r + 8: of a their columns 4q … (a[0], a[1]) and 16 + 4q … (a[2], a[3]); of d the
/// columns 8n + 2q and 8n + 2q + 1, in d[4n], d[4n + 1] and d[4n + 2], d[4n + 3].
template <int kColumns>
struct Multiply;

/// a0 to accumulate: the numbers of operands, which follow those of the sums.
#define SALIENT_MULTIPLY(columns, sums, names, a0, a1, a2, a3, b, accumulate, ...)                                    \
  template <>                                                                                                         \
  struct Multiply<columns> {                                                                                          \
    static __device__ __forceinline__ void run(int (&d)[sums], const std::uint32_t* a, std::uint64_t shared,          \
                                               int adds) {                                                            \
      asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %" #accumulate                                                   \
                   ", 0;\n"                                                                                           \
                   "wgmma.mma_async.sync.aligned.m64n" #columns "k32.s32.s8.s8 {" names "}, {%" #a0 ",%" #a1 ",%" #a2 \
                   ",%" #a3 "}, %" #b ", p;\n}"                                                                       \
                   : __VA_ARGS__                                                                                      \
                   : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(shared), "r"(adds));                             \
    }                                                                                                                 \
  };
SALIENT_MULTIPLY(16, 8, "%0,%1,%2,%3,%4,%5,%6,%7", 8, 9, 10, 11, 12, 13, SALIENT_R8(0))
SALIENT_MULTIPLY(32, 16, SALIENT_N16_0, 16, 17, 18, 19, 20, 21, SALIENT_R16(0))
SALIENT_MULTIPLY(64, 32, SALIENT_N32_0, 32, 33, 34, 35, 36, 37, SALIENT_R32(0))
SALIENT_MULTIPLY(128, 64, SALIENT_N64_0, 64, 65, 66, 67, 68, 69, SALIENT_R64(0))

/// The same with a in shared memory too, [64, 32] like b; a thread's share of d is as above.
template <int kColumns>
struct MultiplyShared;

#define SALIENT_MULTIPLY_SHARED(columns, sums, names, a, b, accumulate, ...)                                         \
  template <>                                                                                                        \
  struct MultiplyShared<columns> {                                                                                   \
    static __device__ __forceinline__ void run(int (&d)[sums], std::uint64_t left, std::uint64_t right, int adds) {  \
      asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %" #accumulate                                                  \
                   ", 0;\n"                                                                                          \
                   "wgmma.mma_async.sync.aligned.m64n" #columns "k32.s32.s8.s8 {" names "}, %" #a ", %" #b ", p;\n}" \
                   : __VA_ARGS__                                                                                     \
                   : "l"(left), "l"(right), "r"(adds));                                                              \
    }                                                                                                                \
  };
SALIENT_MULTIPLY_SHARED(64, 32, SALIENT_N32_0, 32, 33, 34, SALIENT_R32(0))
SALIENT_MULTIPLY_SHARED(96, 48, SALIENT_N32_0 "," SALIENT_N16_32, 48, 49, 50, SALIENT_R32(0), SALIENT_R16(32))
SALIENT_MULTIPLY_SHARED(112, 56, SALIENT_N32_0 "," SALIENT_N16_32 ",%48,%49,%50,%51,%52,%53,%54,%55", 56, 57, 58,
                        SALIENT_R32(0), SALIENT_R16(32), SALIENT_R8(48))
SALIENT_MULTIPLY_SHARED(128, 64, SALIENT_N64_0, 64, 65, 66, SALIENT_R64(0))
SALIENT_MULTIPLY_SHARED(160, 80, SALIENT_N64_0 "," SALIENT_N16_64, 80, 81, 82, SALIENT_R64(0), SALIENT_R16(64))
SALIENT_MULTIPLY_SHARED(176, 88, SALIENT_N64_0 "," SALIENT_N16_64 ",%80,%81,%82,%83,%84,%85,%86,%87", 88, 89, 90,
                        SALIENT_R64(0), SALIENT_R16(64), SALIENT_R8(80))
SALIENT_MULTIPLY_SHARED(192, 96, SALIENT_N96_0, 96, 97, 98, SALIENT_R64(0), SALIENT_R32(64))
SALIENT_MULTIPLY_SHARED(224, 112, SALIENT_N96_0 "," SALIENT_N16_96, 112, 113, 114, SALIENT_R64(0), SALIENT_R32(64),
                        SALIENT_R16(96))
SALIENT_MULTIPLY_SHARED(256, 128, SALIENT_N96_0 "," SALIENT_N16_96 "," SALIENT_N16_112, 128, 129, 130, SALIENT_R64(0),
                        SALIENT_R64(64))

#undef SALIENT_MULTIPLY_SHARED
#undef SALIENT_MULTIPLY
#undef SALIENT_N96_0
#undef SALIENT_N64_0
#undef SALIENT_N32_0
#undef SALIENT_N16_112
#undef SALIENT_N16_96
#undef SALIENT_N16_80
#undef SALIENT_N16_64
#undef SALIENT_N16_48
#undef SALIENT_N16_32
#undef SALIENT_N16_16
#undef SALIENT_N16_0
#undef SALIENT_R64
#undef SALIENT_R32
#undef SALIENT_R16
#undef SALIENT_R8
#undef SALIENT_R4

}  // namespace salient::cuda::mixed::ptx
