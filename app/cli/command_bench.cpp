// SPDX-License-Identifier: Apache-2.0
#include "app/cli/command.h"
#include "app/cli/describe.h"
#include "core/base/format.h"

namespace salient::cli {
namespace {

class Bench final : public Command {
 public:
  Bench(CLI::App& parent, const std::string& what, const std::string& description)
      : Command(parent, what, description), what_(what) {}

  std::string describe(const Json& result, const Style& style) const override {
    std::string text = style.heading(word(result, "machine")) + "\n";
    std::vector<Table::Column> columns;
    for (const Json& column : result["columns"]) {
      columns.push_back({word(column, "title"), column.value("numeric", true) ? Align::right : Align::left});
    }
    Table table(columns);
    for (const Json& row : result["rows"]) {
      std::vector<std::string> cells;
      for (const Json& column : result["columns"]) {
        const Json& value = row[column["key"].get<std::string>()];
        cells.push_back(value.is_string()           ? printable(value.get<std::string>())
                        : value.is_number_integer() ? format_count(value.get<std::int64_t>())
                        : value.is_number()         ? format_significant(value.get<double>())
                                                    : std::string());
      }
      table.row(std::move(cells));
    }
    return text + table.render(style, 2);
  }

 private:
  Json fixed() const override { return {{"op", "bench"}, {"what", what_}}; }

  std::string what_;
};

}  // namespace

void add_bench(CLI::App& /*parent*/, Commands& /*commands*/) {}

}  // namespace salient::cli
