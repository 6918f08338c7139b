// SPDX-License-Identifier: Apache-2.0
#include "app/cli/command.h"
#include "app/cli/describe.h"

namespace salient::cli {
namespace {

class Report final : public Command {
 public:
  explicit Report(CLI::App& parent)
      : Command(parent, "report", "Write one experiment, or two side by side, as a self-contained HTML file") {
    options_.integers(
        {"ID", "ID [ID]", "One or two experiments; by default the newest finished one", "", false, "ids"});
    options_.text({"--output", "FILE", "The HTML file", "", true});
    options_.text({"--prompt", "TEXT", "Let both models continue this text, and show what they write"});
    options_.integer({"--tokens", "N", "New tokens at most for --prompt", "48"});
    add_common_options();
    examples("  salient report --output report.html\n  salient report 3 5 --output compared.html");
  }

  std::string describe(const Json& result, const Style& /*style*/) const override {
    return word(result, "output") + "\n";
  }

 private:
  Json fixed() const override { return {{"op", "report"}}; }
};

}  // namespace

void add_report(CLI::App& parent, Commands& commands) {
  commands.push_back(std::make_unique<Report>(parent));
}

}  // namespace salient::cli
