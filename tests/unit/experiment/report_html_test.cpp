// SPDX-License-Identifier: Apache-2.0
#include "core/experiment/report_html.h"

#include <gmock/gmock.h>

#include "core/experiment/report_charts.h"

namespace salient {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

BitMap map_of(std::int32_t layers, std::uint32_t rows8) {
  BitMap map;
  for (std::int32_t layer = 0; layer < layers; ++layer) {
    for (const LinearKind kind : kLinearKinds) {
      LinearBits linear{{layer, kind}, 64, 128, {}};
      for (std::uint32_t row = 0; row < rows8; ++row)
        linear.rows8.push_back(row);
      map.linears.push_back(std::move(linear));
    }
  }
  return map;
}

ReportSubject subject(std::int64_t id) {
  ReportSubject subject;
  Experiment& e = subject.experiment;
  e.id = id;
  e.status = "done";
  e.created = "2026-01-02T03:04:05Z";
  e.start.operation = "run";
  e.start.model = {"f00d", "/models/<b>tiny</b>", "LlamaForCausalLM", 1234567};
  e.start.evaluation = TextRecord{"beef", "/texts/a&b.txt", 1000, 1};
  e.metrics = {{"reference", "perplexity", 20.5, 0.25},
               {"quantized", "perplexity", 20.75, 0.25},
               {"quantized", "kl_forward", 0.0123, 0.0001},
               {"quantized", "top1", 0.955, {}}};
  e.windows = {{"reference", {3.0, 3.1, 2.9}}, {"quantized", {3.02, 3.12, 2.95}}};
  e.stages = {{"search", 12.5}, {"quantize", 30}};
  e.notes = {"model.layers.0.mlp.down_proj: <script>round-to-nearest</script>"};
  subject.map = map_of(3, 16);
  return subject;
}

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

TEST(ReportHtml, EscapesEveryStranger) {
  EXPECT_EQ(html_escape("<a b=\"c\" d='e'>&\n\x01"), "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;\n\xEF\xBF\xBD");
  ReportSubject hostile = subject(1);
  hostile.sample = ReportSample{"</div><script>alert(1)</script>", "<img src=x>", "\"quoted\""};
  hostile.experiment.annotation = "<svg onload=x>";
  hostile.experiment.stages[0].name = "</text><script>";
  hostile.experiment.start.backend = "<iframe>";
  const std::string html = report_html({hostile});
  for (const char* tag : {"<script", "<img", "<iframe", "<svg onload", "<b>tiny"})
    EXPECT_THAT(html, Not(HasSubstr(tag)));
}

TEST(ReportHtml, LoadsNothingAndFollowsThePreference) {
  const std::string html = report_html({subject(1)});
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme:dark"));
  for (const char* loader : {"http://", "https://", "src=", "@import", "<link"})
    EXPECT_THAT(html, Not(HasSubstr(loader)));
}

TEST(ReportHtml, ListsLaterEvaluations) {
  ReportSubject measured = subject(1);
  EXPECT_THAT(report_html({measured}), Not(HasSubstr("On other texts")));
  for (const char* text : {"/texts/c4.txt", "/texts/<i>code</i>.txt"}) {
    LaterEvaluation later;
    later.text.path = text;
    later.length = 512;
    later.created = "2026-02-03T04:05:06Z";
    later.backend = "cpu";
    later.metrics = {{"reference", "perplexity", 30.25, 0.5}, {"quantized", "perplexity", 31.5, 0.75}};
    measured.experiment.later.push_back(later);
  }
  const std::string html = report_html({measured});
  EXPECT_THAT(html, HasSubstr("/texts/c4.txt"));
  EXPECT_THAT(html, HasSubstr("&lt;i&gt;code&lt;/i&gt;"));
  EXPECT_EQ(occurrences(html, "30.2500 ± 0.5000"), 2U);
  EXPECT_EQ(occurrences(html, "31.5000 ± 0.7500"), 2U);
  EXPECT_EQ(occurrences(html, "2026-02-03T04:05:06Z"), 2U);
}

TEST(ReportHtml, NamesTheModeOfItsFigures) {
  ReportSubject measured = subject(1);
  measured.experiment.later.emplace_back();
  measured.experiment.later.back().text.path = "/texts/c4.txt";
  EXPECT_THAT(report_html({measured}), Not(HasSubstr(", scales ")));
  measured.experiment.later.back().scales = ScaleMode::folded_token;
  EXPECT_THAT(report_html({measured}), HasSubstr("/texts/c4.txt, scales folded-token"));
  measured.experiment.start.recipe.evaluation_scales = ScaleMode::folded;
  const std::string html = report_html({measured});
  EXPECT_THAT(html, HasSubstr("Perplexity, 16 bit to quantized, scales folded"));
  EXPECT_THAT(html, HasSubstr("quantized, scales folded</th>"));
}

TEST(ReportHtml, FollowsEveryChartWithItsTable) {
  const std::string html = report_html({subject(1)});
  EXPECT_EQ(occurrences(html, "<figure>"), 4U);  // perplexity, share by layer, share by projection, time
  for (std::size_t at = html.find("</figure>"); at != std::string::npos; at = html.find("</figure>", at + 1)) {
    EXPECT_EQ(html.find("<table", at), html.find("<", html.find("<div", at) + 1)) << html.substr(at, 200);
  }
}

TEST(ReportHtml, ShowsTheFiguresWithTheirErrors) {
  const std::string html = report_html({subject(1)});
  EXPECT_THAT(html, HasSubstr("20.5000 ± 0.2500"));
  EXPECT_THAT(html, HasSubstr("20.7500 ± 0.2500"));
  EXPECT_THAT(html, HasSubstr("0.012300 ± 0.000100"));
  EXPECT_THAT(html, HasSubstr("95.50 %"));
  // Differences 0.02, 0.02, 0.05: mean 0.03, standard error 0.01.
  EXPECT_THAT(html, HasSubstr("+0.03000 ± 0.01000"));
  EXPECT_THAT(html, HasSubstr("25.00"));
  EXPECT_THAT(html, HasSubstr("round-to-nearest"));
  EXPECT_EQ(html, report_html({subject(1)}));
}

TEST(ReportHtml, PutsTwoExperimentsBesideEachOther) {
  ReportSubject other = subject(2);
  other.experiment.start.recipe.samples = 64;
  const std::string html = report_html({subject(1), other});
  EXPECT_THAT(html, HasSubstr("Experiments 1 and 2"));
  EXPECT_THAT(html, HasSubstr("calibration.samples ≠"));
  EXPECT_THAT(html, Not(HasSubstr("calibration.seed ≠")));
  EXPECT_THAT(html, HasSubstr("quantized (2)"));
}

TEST(ReportHtml, GivesEachOfManyModelsALine) {
  const std::string two = report_html({subject(1), subject(2)});
  EXPECT_THAT(two, HasSubstr("<th scope=\"col\">quantized (2)</th>"));
  ReportSubject fast = subject(3);
  fast.experiment.metrics.push_back({"quantized", "decode_tokens_per_second", 1949.04, {}});
  const std::string three = report_html({subject(1), subject(2), fast});
  EXPECT_THAT(three, HasSubstr("<th scope=\"col\">Model</th><th scope=\"col\">Perplexity</th>"));
  EXPECT_THAT(three, HasSubstr("<tr><th scope=\"row\">quantized (2)</th><td>20.7500 ± 0.2500</td>"));
  EXPECT_THAT(three, Not(HasSubstr("<th scope=\"col\">quantized (2)</th>")));
  EXPECT_THAT(three, HasSubstr("<td>1,949</td>"));
}

TEST(ReportHtml, LivesWithAnExperimentThatFailedEarly) {
  ReportSubject failed;
  failed.experiment.id = 7;
  failed.experiment.status = "failed";
  failed.experiment.error = "numeric: NaN";
  const std::string html = report_html({failed});
  EXPECT_THAT(html, HasSubstr("numeric: NaN"));
  EXPECT_THAT(html, HasSubstr("was not evaluated"));
  EXPECT_THAT(html, HasSubstr("has no bit map"));
}

TEST(ReportHtml, DrawsNoChoiceWhereThereWasNone) {
  ReportSubject uniform = subject(1);
  uniform.map = map_of(3, 64);
  uniform.map.uniform_bits = 5;
  uniform.experiment.start.calibration = TextRecord{"cafe", "", 0, 0};
  const std::string html = report_html({uniform});
  EXPECT_THAT(html, HasSubstr("has 5 bits in every row"));
  EXPECT_THAT(html, Not(HasSubstr("Averages by projection")));
  EXPECT_THAT(html, HasSubstr("the one the scores were made from, SHA-256 cafe"));
}

TEST(ShareChart, DrawsEveryLinearOnceAndBreaksLongDecoders) {
  const BitMap map = map_of(20, 32);
  const std::string chart = share_chart(map, share_axis_end(map), "shares");
  EXPECT_EQ(occurrences(chart, "features</title>"), 140U);
  EXPECT_EQ(occurrences(chart, ">layer "), 20U);
  EXPECT_EQ(occurrences(chart, ">0 %<"), 3U);  // 20 layers in rows of 7
  EXPECT_EQ(share_axis_end(map_of(1, 32)), 50);
  EXPECT_EQ(share_axis_end(map_of(1, 0)), 4);
  EXPECT_EQ(share_axis_end(map_of(1, 64)), 100);
}

}  // namespace
}  // namespace salient
