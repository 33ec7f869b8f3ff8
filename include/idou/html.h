// SPDX-License-Identifier: GPL-3.0-or-later
//
// html: pages that are one file and need no server: to look at, to print on A4, to send. A page asks for nothing from
// elsewhere, and a policy within it (CSP) forbids everything but its own style and script, by their hashes: so elements
// can have no `style` and no `onclick`; classes, and the attributes of SVG, do instead. Values are escaped here, or by
// the caller with html_text: nothing else may append them.
//
// Words of the interface come translated from the caller; values are Japanese, and where a run of them stands the
// element says lang="ja", so that its characters look Japanese everywhere.
#ifndef IDOU_HTML_H
#define IDOU_HTML_H

#include <idou/base.h>

// ---------------------------------------------------------------------------------------------
// The page.

typedef struct HtmlPage {
  const char *title;    // of the window
  const char *running;  // at the foot of each printed page, beside its number: "idou plan 1a2b3c4d5e6f"; NULL = none
  const char *style;    // CSS besides the shared one; NULL = none. Program text, never a value
  const char *script;   // NULL = none, and the page forbids scripts. Program text, never a value
  bool landscape;       // printed across
} HtmlPage;

// All from <!DOCTYPE html> to <body>, and from </body> on. Between them stand <header>, <main>, <footer>.
void html_begin(const HtmlPage *page, GString *out);
void html_end(const HtmlPage *page, GString *out);

// ---------------------------------------------------------------------------------------------
// Values.

void html_text(GString *out, const char *text);  // NULL = nothing
// <TAG class="KLASS">TEXT</TAG>; no class where NULL. Tag and class are program text.
void html_element(GString *out, const char *tag, const char *klass, const char *text);
// " NAME="VALUE"", for a tag that is open; nothing where the value is NULL.
void html_attribute(GString *out, const char *name, const char *value);
void html_number(GString *out, int64_t number);  // "12,345"

// ---------------------------------------------------------------------------------------------
// What a page is about, beside its heading: <dl class="facts">.

typedef struct HtmlFact {
  const char *label, *text;
  const char *full;     // what `text` is short for: shown on hover, and printed; NULL = it is all
} HtmlFact;

void html_facts(const HtmlFact *facts, size_t n, GString *out);

// ---------------------------------------------------------------------------------------------
// Tiles: the figures that are to be seen first.

typedef enum HtmlTone { HTML_PLAIN, HTML_GOOD, HTML_LATER, HTML_WARN, HTML_N_TONES } HtmlTone;

typedef struct HtmlTile {
  const char *label;
  int64_t number;
  const char *note;     // below it, smaller; NULL = none
  HtmlTone tone;        // WARN: somebody has to act. Colour is never all that tells it: so say the label
  const char *link;     // "#held": where it leads; NULL = nowhere
} HtmlTile;

void html_tiles(const HtmlTile *tiles, size_t n, GString *out);

// ---------------------------------------------------------------------------------------------
// Charts: a table of bars (inline SVG), one row each with its label and its number, so that it is read aloud and printed
// without colours as well as seen.

#define HTML_SERIES 8

typedef struct HtmlBar {
  const char *label;
  int64_t parts[HTML_SERIES];  // by series; none is negative
} HtmlBar;

typedef struct HtmlChart {
  const char *title;           // its caption
  const char *head;            // of the column of labels: "Unit"
  const char *total;           // of the column of numbers: "Operations"
  const char *const *series;   // names of what the bars are made of, in the legend; NULL = they are of one thing
  size_t n_series;             // at most HTML_SERIES; 1 when `series` is NULL
  const HtmlBar *bars;
  size_t n_bars;
} HtmlChart;

// Nothing where there are no bars. Series that are nowhere above 0 are left out of the legend.
void html_chart(const HtmlChart *chart, GString *out);

// ---------------------------------------------------------------------------------------------
// Tables. The head is repeated on each printed page.

typedef struct HtmlColumn {
  const char *head;
  bool number;                 // to the right
} HtmlColumn;

void html_table_begin(const char *caption, const HtmlColumn *columns, size_t n, GString *out);  // caption may be NULL
// A row of as many cells as there are columns; NULL = empty.
void html_table_row(const HtmlColumn *columns, size_t n, const char *const *cells, GString *out);
void html_table_end(GString *out);

#endif
