// SPDX-License-Identifier: Apache-2.0
#include "core/pack/packed_format.h"
#include "core/pack/packed_model.h"

namespace salient {

Result<Verification> PackedModel::verify(Job& job) const {
  job.begin("verify");
  const std::filesystem::path& directory = checkpoint_->directory();
  const auto bytes = static_cast<double>(manifest_bytes(manifest_));
  SALIENT_CHECK(verify_files(directory, manifest_, 2 * bytes, job));
  Verification result{static_cast<std::int64_t>(manifest_.files.size()),
                      static_cast<std::int64_t>(manifest_.tensors.size()), 0};
  const auto linears = static_cast<double>(map_.linears.size());
  for (const LinearBits& bits : map_.linears) {
    SALIENT_CHECK(job.check());
    SALIENT_ASSIGN(const QuantizedMatrix checked, read_linear(bits));
    ++result.linears;
    job.report(bytes * (1 + static_cast<double>(result.linears) / linears), 2 * bytes, linear_name(bits.id));
  }
  return result;
}

}  // namespace salient
