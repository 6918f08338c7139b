// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/keep_with_next.h"

#include <QAbstractTextDocumentLayout>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextTable>
#include <cmath>

namespace salient::ui {
namespace {

constexpr int kLeads = QTextFormat::UserProperty + 2;

bool leads(const QTextBlock& block) {
  return block.isValid() && block.blockFormat().boolProperty(kLeads);
}

/// The first row behind the title where `block` is a table's first one.
QTextBlock firstOf(const QTextBlock& block) {
  const QTextTable* table = QTextCursor(block).currentTable();
  return table == nullptr || table->rows() < 2 ? block : table->cellAt(1, 0).firstCursorPosition().block();
}

}  // namespace

void setLeads(QTextBlockFormat& format) {
  format.setProperty(kLeads, true);
}

void keepLeadsWithNext(QTextDocument& document) {
  const double height = document.pageSize().height();
  const QAbstractTextDocumentLayout& layout = *document.documentLayout();
  QTextBlock block = document.begin();
  while (block.isValid()) {
    const QTextBlock first = block;
    while (leads(block))
      block = block.next();
    if (block == first || !block.isValid()) {
      block = block.isValid() ? block.next() : block;
      continue;
    }
    const double begins = layout.blockBoundingRect(first).top();
    const double led = layout.blockBoundingRect(firstOf(block)).bottom() - 1;
    if (std::floor(begins / height) == std::floor(led / height)) continue;
    QTextBlockFormat format = first.blockFormat();
    format.setPageBreakPolicy(QTextFormat::PageBreak_AlwaysBefore);
    QTextCursor(first).setBlockFormat(format);
  }
}

}  // namespace salient::ui
