// SPDX-License-Identifier: Apache-2.0
#include "app/cli/command.h"
#include "app/cli/describe.h"
#include "core/base/format.h"

namespace salient::cli {
namespace {

class Devices final : public Command {
 public:
  explicit Devices(CLI::App& parent) : Command(parent, "devices", "List where this machine can compute") {
    add_common_options();
    examples("  salient devices\n  salient devices --json");
  }

  std::string describe(const Json& result, const Style& style) const override {
    Table table({{"device", Align::left},
                 {"name", Align::left},
                 {"memory", Align::right},
                 {"free", Align::right},
                 {"capability", Align::left},
                 {"driver", Align::left}});
    for (const Json& device : result["devices"]) {
      table.row({word(device, "id"), word(device, "name"),
                 format_bytes(static_cast<std::uint64_t>(count(device, "memory_bytes"))),
                 format_bytes(static_cast<std::uint64_t>(count(device, "free_bytes"))), word(device, "capability"),
                 word(device, "driver")});
    }
    return table.render(style, 2) + notes_text(result["notes"]);
  }

 private:
  Json fixed() const override { return {{"op", "devices"}}; }
};

}  // namespace

void add_devices(CLI::App& parent, Commands& commands) {
  commands.push_back(std::make_unique<Devices>(parent));
}

}  // namespace salient::cli
