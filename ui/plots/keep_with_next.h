// SPDX-License-Identifier: GPL-3.0-or-later
// Headings and captions on the page of what they belong to, which Qt's text documents know nothing of.
#pragma once

#include <QTextBlockFormat>
#include <QTextDocument>

namespace salient::ui {

/// Paragraphs of this look lead what follows them.
void setLeads(QTextBlockFormat& format);
/// Begins a page before paragraphs that lead, where what they lead would begin on the next one: a paragraph, a chart,
/// or a table's title with its first row. `document` has a page size; more or fewer pages may come of it.
void keepLeadsWithNext(QTextDocument& document);

}  // namespace salient::ui
