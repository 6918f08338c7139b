// SPDX-License-Identifier: Apache-2.0
// Choosing and checking the processor's backend.
#include <cblas.h>
#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "core/base/format.h"
#include "core/base/system.h"
#include "core/compute/cpu_backend.h"

namespace salient {
namespace {

struct Product {
  const char* name;
  bool transpose_a;
  bool transpose_b;
};

/// Largest difference of one BLAS product to a plain loop, over sizes that are no multiple of any kernel's tile.
double product_error(const Product& product) {
  constexpr int kRows = 67, kCols = 71, kInner = 139;
  std::vector<float> a(kRows * kInner), b(kInner * kCols), c(kRows * kCols, 0.5F);
  for (std::size_t i = 0; i < a.size(); ++i)
    a[i] = static_cast<float>(static_cast<int>(i * 37 % 101) - 50) / 64;
  for (std::size_t i = 0; i < b.size(); ++i)
    b[i] = static_cast<float>(static_cast<int>(i * 53 % 97) - 48) / 64;
  const int stride_a = product.transpose_a ? kRows : kInner;
  const int stride_b = product.transpose_b ? kInner : kCols;
  cblas_sgemm(CblasRowMajor, product.transpose_a ? CblasTrans : CblasNoTrans,
              product.transpose_b ? CblasTrans : CblasNoTrans, kRows, kCols, kInner, 1.0F, a.data(), stride_a, b.data(),
              stride_b, 1.0F, c.data(), kCols);
  double worst = 0;
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kCols; ++j) {
      double sum = 0.5;
      for (int k = 0; k < kInner; ++k) {
        const auto left = static_cast<std::size_t>(product.transpose_a ? k * kRows + i : i * kInner + k);
        const auto right = static_cast<std::size_t>(product.transpose_b ? j * kInner + k : k * kCols + j);
        sum += static_cast<double>(a[left]) * static_cast<double>(b[right]);
      }
      const double error = std::abs(static_cast<double>(c[static_cast<std::size_t>(i * kCols + j)]) - sum);
      if (!(error <= worst)) worst = error;  // NaN is the worst
      if (std::isnan(worst)) return worst;
    }
  }
  return worst;
}

/// OpenBLAS maps a buffer for each thread that computes, and tries for ever where there is no room for one.
Status check_room_for_blas(int threads) {
  constexpr std::size_t kBuffer = std::size_t{128} << 20;  // of address space; what is not used takes no memory
  const std::size_t bytes = kBuffer * static_cast<std::size_t>(threads);
  void* const room = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room == MAP_FAILED) {
    return Error{ErrorCode::memory,
                 {},
                 "OpenBLAS",
                 fmt::format("{} of address space for {} threads", format_bytes(bytes), threads),
                 "less",
                 "raise the limit of this process (ulimit -v), or use fewer threads"};
  }
  munmap(room, bytes);
  return {};
}

}  // namespace

Status check_blas() {
  for (const Product& product :
       {Product{"A Bᵀ", false, true}, Product{"A B", false, false}, Product{"Aᵀ B", true, false}}) {
    const double error = product_error(product);
    if (!(error < 1e-3)) {
      return Error{ErrorCode::unsupported,
                   fmt::format("OpenBLAS ({})", openblas_get_corename()),
                   fmt::format("self-test of {}", product.name),
                   "the result of a plain loop",
                   fmt::format("a difference of {:.3g}", error),
                   "this OpenBLAS has no correct kernel for this processor: set OPENBLAS_CORETYPE=Haswell in the "
                   "environment, or install a newer OpenBLAS"};
    }
  }
  return {};
}

Result<std::unique_ptr<Backend>> make_cpu_backend(const CpuOptions& options) {
  constexpr int kMostThreads = 1024;
  if (options.threads < 0 || options.threads > kMostThreads) {
    return Error{ErrorCode::range,
                 {},
                 "threads",
                 fmt::format("0 (all cores) to {}", kMostThreads),
                 fmt::format("{}", options.threads),
                 "choose a number of threads in that range"};
  }
  const CpuKernels kernels = options.kernels == CpuKernels::automatic ? best_cpu_kernels() : options.kernels;
  if (!cpu_kernels_available(kernels)) {
    return Error{ErrorCode::unsupported,
                 {},
                 "kernels",
                 kernels == CpuKernels::avx2 ? "a processor with AVX2" : "a processor with AVX-512 VNNI",
                 "a processor without it",
                 "leave the choice to the program (automatic)"};
  }
  // The backend brings its own threads: each piece of work is one single-threaded call.
  openblas_set_num_threads(1);
  SALIENT_CHECK(check_room_for_blas(options.threads > 0 ? options.threads : usable_cores()));
  SALIENT_CHECK(check_blas());
  return std::unique_ptr<Backend>(std::make_unique<CpuBackend>(options.threads, kernels));
}

}  // namespace salient
