// SPDX-License-Identifier: Apache-2.0
// The studio says CUDA's errors in other languages by their English words, which it cannot ask CUDA for: they are
// written down in ui/models. No GPU is needed to compare them.
#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace salient {
namespace {

TEST(ErrorWords, OfWhatOccursAreKnownToTheStudio) {
  std::ifstream file(SALIENT_ERROR_PHRASES);
  const std::string known((std::istreambuf_iterator<char>(file)), {});
  ASSERT_FALSE(known.empty()) << SALIENT_ERROR_PHRASES;
  const auto listed = [&](const char* words) {
    return known.find('"' + std::string(words) + '"') != std::string::npos;
  };
  for (const cudaError_t error : {cudaErrorInvalidValue,
                                  cudaErrorMemoryAllocation,
                                  cudaErrorInitializationError,
                                  cudaErrorCudartUnloading,
                                  cudaErrorInvalidConfiguration,
                                  cudaErrorStubLibrary,
                                  cudaErrorInsufficientDriver,
                                  cudaErrorCallRequiresNewerDriver,
                                  cudaErrorDevicesUnavailable,
                                  cudaErrorInvalidDeviceFunction,
                                  cudaErrorNoDevice,
                                  cudaErrorInvalidDevice,
                                  cudaErrorStartupFailure,
                                  cudaErrorInvalidKernelImage,
                                  cudaErrorDeviceUninitialized,
                                  cudaErrorNoKernelImageForDevice,
                                  cudaErrorECCUncorrectable,
                                  cudaErrorDeviceAlreadyInUse,
                                  cudaErrorPeerAccessUnsupported,
                                  cudaErrorInvalidPtx,
                                  cudaErrorNvlinkUncorrectable,
                                  cudaErrorUnsupportedPtxVersion,
                                  cudaErrorOperatingSystem,
                                  cudaErrorInvalidResourceHandle,
                                  cudaErrorSymbolNotFound,
                                  cudaErrorIllegalAddress,
                                  cudaErrorLaunchOutOfResources,
                                  cudaErrorLaunchTimeout,
                                  cudaErrorContextIsDestroyed,
                                  cudaErrorAssert,
                                  cudaErrorHardwareStackError,
                                  cudaErrorIllegalInstruction,
                                  cudaErrorMisalignedAddress,
                                  cudaErrorInvalidPc,
                                  cudaErrorLaunchFailure,
                                  cudaErrorNotPermitted,
                                  cudaErrorNotSupported,
                                  cudaErrorSystemNotReady,
                                  cudaErrorSystemDriverMismatch,
                                  cudaErrorCompatNotSupportedOnDevice,
                                  cudaErrorUnknown}) {
    EXPECT_TRUE(listed(cudaGetErrorString(error))) << cudaGetErrorName(error) << ": " << cudaGetErrorString(error);
  }
  for (const cublasStatus_t status :
       {CUBLAS_STATUS_NOT_INITIALIZED, CUBLAS_STATUS_ALLOC_FAILED, CUBLAS_STATUS_INVALID_VALUE,
        CUBLAS_STATUS_ARCH_MISMATCH, CUBLAS_STATUS_MAPPING_ERROR, CUBLAS_STATUS_EXECUTION_FAILED,
        CUBLAS_STATUS_INTERNAL_ERROR, CUBLAS_STATUS_NOT_SUPPORTED}) {
    EXPECT_TRUE(listed(cublasGetStatusString(status))) << cublasGetStatusString(status);
  }
}

}  // namespace
}  // namespace salient
