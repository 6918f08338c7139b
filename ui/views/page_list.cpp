// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/page_list.h"

#include "ui/views/budget_page.h"
#include "ui/views/export_page.h"
#include "ui/views/jobs_page.h"
#include "ui/views/model_page.h"
#include "ui/views/playground_page.h"
#include "ui/views/salience_page.h"
#include "ui/views/search_page.h"
#include "ui/views/start_page.h"
#include "ui/views/tradeoff_page.h"

namespace salient::ui {
namespace {

template <class P>
Page* make(Session& session, QWidget* parent) {
  return new P(session, parent);
}

}  // namespace

const std::vector<PageFactory>& pageFactories() {
  static const std::vector<PageFactory> kFactories{
      make<StartPage>,    make<ModelPage>,      make<SearchPage>, make<SaliencePage>, make<BudgetPage>,
      make<TradeoffPage>, make<PlaygroundPage>, make<ExportPage>, make<JobsPage>,
  };
  return kFactories;
}

}  // namespace salient::ui
