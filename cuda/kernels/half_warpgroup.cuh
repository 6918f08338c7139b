// SPDX-License-Identifier: Apache-2.0
// Hopper's warpgroup products of f16 factors with fp32 sums. Thread 4r + q of warp w holds, of 64 rows, 16w + r and
// 16w + r + 8: of d the columns 8n + 2q and 8n + 2q + 1, in d[4n], d[4n + 1] and d[4n + 2], d[4n + 3].
#pragma once

#include <cstdint>

namespace salient::cuda::kernels::warpgroup {

/// Rows of 64 halves with swizzled chunks of 16 bytes, the inner dimension of the product along the row.
__device__ __forceinline__ std::uint64_t describe_rows(std::uint32_t address) {
  constexpr std::uint64_t kSwizzle128 = std::uint64_t{1} << 62;
  constexpr std::uint64_t kEightRows = std::uint64_t{1024 >> 4} << 32;
  constexpr std::uint64_t kUnusedLeading = std::uint64_t{1} << 16;
  return kSwizzle128 | kEightRows | kUnusedLeading | ((address & 0x3ffffU) >> 4);
}
/// The same rows with the inner dimension of the product across them, for products that transpose their right factor;
/// `block` bytes further lie the next 64 columns.
__device__ __forceinline__ std::uint64_t describe_columns(std::uint32_t address, std::uint32_t block) {
  constexpr std::uint64_t kSwizzle128 = std::uint64_t{1} << 62;
  constexpr std::uint64_t kEightRows = std::uint64_t{1024 >> 4} << 32;
  return kSwizzle128 | kEightRows | std::uint64_t{block >> 4} << 16 | ((address & 0x3ffffU) >> 4);
}

#define SALIENT_F4(d, i) "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3])
#define SALIENT_F8(d, i) SALIENT_F4(d, i), SALIENT_F4(d, i + 4)
#define SALIENT_F16(d, i) SALIENT_F8(d, i), SALIENT_F8(d, i + 8)
#define SALIENT_F32(d, i) SALIENT_F16(d, i), SALIENT_F16(d, i + 16)

/// d [64, 128] (+)= a bᵀ over 16 columns; a [64, 16] and b [128, 16] in shared memory, described by rows.
__device__ __forceinline__ void multiply(float (&d)[64], std::uint64_t a, std::uint64_t b, int accumulate) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %66, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.f16.f16 {"
      "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,"
      "%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31,"
      "%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47,"
      "%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58,%59,%60,%61,%62,%63"
      "}, %64, %65, p, 1, 1, 0, 0;\n}"
      : SALIENT_F32(d, 0), SALIENT_F32(d, 32)
      : "l"(a), "l"(b), "r"(accumulate));
}

/// d [64, 128] += a b over 16 rows of b [16, 128], described by columns; a [64, 16] in registers: of the rows r the
/// columns 2q, 2q + 1 (a[0]) and 8 + 2q, … (a[2]), of the rows r + 8 the same in a[1] and a[3].
__device__ __forceinline__ void multiply_add(float (&d)[64], const std::uint32_t (&a)[4], std::uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.f16.f16 {"
      "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,"
      "%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31,"
      "%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47,"
      "%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58,%59,%60,%61,%62,%63"
      "}, {%64,%65,%66,%67}, %68, 1, 1, 1, 1;"
      : SALIENT_F32(d, 0), SALIENT_F32(d, 32)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}
/// The same with b [16, 64].
__device__ __forceinline__ void multiply_add(float (&d)[32], const std::uint32_t (&a)[4], std::uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 {"
      "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,"
      "%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31"
      "}, {%32,%33,%34,%35}, %36, 1, 1, 1, 1;"
      : SALIENT_F32(d, 0)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}

#undef SALIENT_F32
#undef SALIENT_F16
#undef SALIENT_F8
#undef SALIENT_F4

/// Keeps the compiler from moving what reads or computes these registers across this point.
template <int kCount>
__device__ __forceinline__ void hold(float (&d)[kCount]) {
#pragma unroll
  for (int i = 0; i < kCount; ++i)
    asm volatile("" : "+f"(d[i])::"memory");
}

}  // namespace salient::cuda::kernels::warpgroup
