// SPDX-License-Identifier: Apache-2.0
// export: a packed model in a format that others load; afterwards read back and compared with its source.
#include "core/base/file.h"
#include "core/experiment/operations_detail.h"
#include "core/pack/export_model.h"

namespace salient::operations {

Result<Json> export_model(const Json& request, OperationContext& context, Job& job) {
  RequestReader read(request);
  const auto directory = read.path("model");
  const auto output = read.path("output");
  const std::string name = read.string("format");
  const bool check = read.boolean_or("verify", true);
  const bool only_estimate = read.boolean_or("preflight", false);
  static_cast<void>(read.backend());  // for the check, which reads it itself
  SALIENT_CHECK(read.finish());
  SALIENT_ASSIGN(const ExportFormat format, export_format_from_name(name));

  SALIENT_ASSIGN(const PackedModel model, PackedModel::open(directory));
  SALIENT_ASSIGN(const ExportPlan plan, plan_export(model, format));
  const ExportFormatInfo& info = export_format_info(format);
  Json result = result_header("export");
  result["model"] = escape_for_message(directory.string(), 4096);
  result["output"] = escape_for_message(output.string(), 4096);
  result["format"] = info.name;
  result["keeps"] = info.keeps;
  result["loses"] = info.loses;
  result["loaders"] = info.loaders;
  result["bytes"] = plan.bytes;
  if (format == ExportFormat::compressed_tensors) {
    result["linears4"] = plan.linears4;
    result["linears8"] = plan.linears8;
  }
  SALIENT_ASSIGN(const std::uint64_t free, free_disk_bytes(output));
  result["disk_available"] = free;
  if (only_estimate) return result;

  SALIENT_CHECK(salient::export_model(model, format, output, job));
  if (check) {
    Json verification{{"op", "verify"}, {"model", output.string()}, {"against", directory.string()}};
    for (const char* key : {"device", "threads", "gpu_memory"}) {
      if (request.contains(key)) verification[key] = request[key];
    }
    SALIENT_ASSIGN(result["verification"], verify(verification, context, job));
  }
  return result;
}

}  // namespace salient::operations
