// SPDX-License-Identifier: Apache-2.0
#include "app/cli/console.h"

#include <gtest/gtest.h>

#include "app/cli/describe.h"
#include "app/cli/progress.h"

namespace salient::cli {
namespace {

Style plain() {
  return {};
}
Style unicode() {
  Style style;
  style.unicode = true;
  return style;
}

TEST(DisplayWidth, CountsColumns) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("±×é"), 3U);
  EXPECT_EQ(display_width("e\xCC\x81"), 1U);  // combining acute accent
  EXPECT_EQ(display_width("\033[1mbold\033[0m"), 4U);
}

TEST(Bar, FillsItsShare) {
  EXPECT_EQ(bar(0, 4, plain()), "....");
  EXPECT_EQ(bar(0.5, 4, plain()), "##..");
  EXPECT_EQ(bar(1, 4, plain()), "####");
  EXPECT_EQ(bar(7, 4, plain()), "####");
  EXPECT_EQ(bar(0.125, 1, unicode()), "▏");
  EXPECT_EQ(bar(0.375, 4, unicode()), "█▌··");
  for (int i = 0; i <= 100; ++i)
    EXPECT_EQ(display_width(bar(i / 100.0, 7, unicode())), 7U);
}

TEST(Table, AlignsColumns) {
  Table table({{"name", Align::left}, {"value", Align::right}});
  table.row({"a", "1"});
  table.row({"größer", "1,000"});
  EXPECT_EQ(table.render(plain()),
            "name    value\n"
            "a           1\n"
            "größer  1,000\n");
}

TEST(Printable, KeepsATerminalSafe) {
  EXPECT_EQ(printable("line\n\ttab ü"), "line\n\ttab ü");
  EXPECT_EQ(printable("\033[2J"), "\xEF\xBF\xBD[2J");
  EXPECT_EQ(printable("\xC2\x9B"
                      "2J"),
            "\xEF\xBF\xBD"
            "2J");
}

TEST(LinearsText, ShowsEachLinearOnceInItsColumn) {
  const Json linears = Json::parse(R"([
    {"name": "model.layers.0.self_attn.q_proj", "rows": 64, "rows8": 16},
    {"name": "model.layers.0.mlp.down_proj", "rows": 64, "rows8": 64},
    {"name": "model.layers.1.self_attn.q_proj", "rows": 64, "rows8": 0},
    {"name": "model.layers.1.mlp.down_proj", "rows": 64, "rows8": 48}])");
  const std::string text = linears_text(linears, plain());
  EXPECT_NE(text.find("#...  25%"), std::string::npos) << text;
  EXPECT_NE(text.find("#### 100%"), std::string::npos) << text;
  EXPECT_NE(text.find("62.5%"), std::string::npos) << text;  // layer 0
  EXPECT_NE(text.find("12%"), std::string::npos) << text;    // all q_proj
  EXPECT_EQ(text.find("\033"), std::string::npos);
}

TEST(LinearsText, SaysNothingOfAChoiceWhereThereWasNone) {
  const Json linears = Json::parse(R"([{"name": "model.layers.0.mlp.up_proj", "rows": 64, "rows8": 64}])");
  EXPECT_NE(bit_map_text(linears, false, plain()).find("8-bit features"), std::string::npos);
  EXPECT_EQ(bit_map_text(linears, true, plain()), "");
}

TEST(ProgressText, TellsStagePercentAndTimeLeft) {
  ProgressEvent event{"search", 0.25, 89.2, 30, "sequence 32 of 128"};
  EXPECT_EQ(progress_text(event, plain()),
            "search      25 %  [#####...............]  1 min 30 s left  sequence 32 of 128");
  event = {"search", 1, 0, 120, ""};
  EXPECT_EQ(progress_text(event, plain()), "search     100 %  [####################]  2 min 00 s");
}

std::string shown_by(ProgressMode mode, const std::vector<ProgressEvent>& events) {
  std::FILE* file = std::tmpfile();
  {
    ProgressDisplay display(mode, file);
    for (const auto& event : events)
      display.progress(event);
    display.warning("look here");
  }
  std::rewind(file);
  std::string text(4096, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

TEST(ProgressDisplay, WritesOneJsonEventALine) {
  const std::string text = shown_by(ProgressMode::json, {{"pack", 0.5, -1, 2, "half"}});
  const auto first = Json::parse(text.substr(0, text.find('\n')));
  EXPECT_EQ(first["event"], "progress");
  EXPECT_EQ(first["stage"], "pack");
  EXPECT_EQ(first["fraction"], 0.5);
  EXPECT_TRUE(first["eta_seconds"].is_null());
  EXPECT_EQ(first["elapsed_seconds"], 2);
  const auto second = Json::parse(text.substr(text.find('\n') + 1));
  EXPECT_EQ(second["event"], "warning");
  EXPECT_EQ(second["message"], "look here");
}

TEST(ProgressDisplay, IsSparseInAFile) {
  const std::string text = shown_by(ProgressMode::sparse, {{"pack", 0.1, 9, 1, ""},
                                                           {"pack", 0.2, 8, 2, ""},
                                                           {"pack", 0.9, 1, 9, ""},
                                                           {"pack", 1, 0, 10, ""},
                                                           {"pack", 1, 0, 10, ""}});
  EXPECT_EQ(text, "pack 100 %, 10.0 s\nwarning: look here\n");
}

TEST(ProgressDisplay, IsSilentOnRequestButForWarnings) {
  EXPECT_EQ(shown_by(ProgressMode::none, {{"pack", 0.1, 9, 1, ""}}), "warning: look here\n");
}

}  // namespace
}  // namespace salient::cli
