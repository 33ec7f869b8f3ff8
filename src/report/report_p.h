// SPDX-License-Identifier: GPL-3.0-or-later
//
// Shared by the sources of report: what of a plan is shown, text in columns, JSON.
#ifndef IDOU_REPORT_P_H
#define IDOU_REPORT_P_H

#include <idou/html.h>
#include <idou/report.h>
#include <idou/undo.h>

#include <jansson.h>

// A table for report_audit_row (audit.c).
void report_audit_table(ReportBook *book, const char *id, const char *title);

// ---------------------------------------------------------------------------------------------
// view.c: the operations of a plan that are to be shown, and the names of its objects.

typedef enum Due { DUE_NOW, DUE_LATER, DUE_HELD, DUE_N } Due;

typedef struct Shown {
  const Op *op;
  size_t section;
  Due due;
  const char *held;  // why; NULL unless DUE_HELD
} Shown;

typedef struct View {
  const ReportPlan *what;
  GArray *shown;      // of Shown, in the plan's order
  GPtrArray *places;  // by section: table of objects, each with the place it has
} View;

typedef struct Totals {
  int64_t n[OP_N_KINDS][DUE_N];
} Totals;

// People by what their operations come from, each counted once: by what is told first of these.
typedef enum Cause {
  CAUSE_HIRE,
  CAUSE_RETIRE,
  CAUSE_RETURN,
  CAUSE_LEAVE,
  CAUSE_MOVE,
  CAUSE_PROMOTE,
  CAUSE_RENAME,
  CAUSE_RELABEL,
  CAUSE_DORMANT,
  CAUSE_ORPHAN,
  CAUSE_RECERTIFIED,
  CAUSE_OTHER,
  CAUSE_N
} Cause;

void view_causes(const View *view, int64_t out[CAUSE_N]);
GHashTable *view_people(const View *view);  // person -> Cause, of those that have one; caller frees
const char *view_cause(Cause cause);        // as plans name it
const char *view_cause_words(Cause cause);  // for people

void view_open(View *view, const ReportPlan *what);
void view_close(View *view);
void view_count(const View *view, size_t section, Totals *out);  // adds
size_t view_n_due(const View *view, Due due);
bool view_is_special(const GuardVerdict *verdict);  // under other limits than the normal ones
bool view_shows(const View *view, uint32_t n);      // whether this operation is listed
// Whether a note is of the person asked for, if one was.
bool view_has_note(const View *view, const PlanNote *note);
// The name of an object below `base`, NULL = relative. False when the plan does not say where it is.
bool view_dn(const View *view, size_t section, const char *object, const char *base, GString *out);
// An operation before took place: later ones find the object where it put it.
void view_follow(View *view, size_t section, const Op *op);
// "uid=k-yamada"; the object's own name where the plan says no place.
const char *view_rdn(const View *view, size_t section, const char *object);
// "account" of "account/17"; caller frees.
char *view_klass(const char *object);
const char *view_kind(OpKind kind);  // for people
// A value for people, escaped.
void view_value(const View *view, size_t section, const OpValue *value, GString *out);
// Whether a label ("000310 山田　太郎") is of the person with that number.
bool view_is_labelled(const char *label, const char *number);

// ---------------------------------------------------------------------------------------------
// columns.c: text for a terminal. What is appended here was escaped before.

typedef enum Paint { PAINT_TITLE, PAINT_FAINT, PAINT_HELD, PAINT_LATER, PAINT_NONE } Paint;

void report_restrictions_sheet(const GArray *restrictions, size_t indent, GString *out);
void columns_paint(GString *out, bool colour, Paint paint, const char *text);
// Blanks until what stands at `from` and behind takes n columns.
void columns_pad(GString *out, size_t from, size_t n);
// At most n columns of the text; what was cut shows as ….
void columns_cut(GString *out, const char *text, size_t n);
// The same for two texts, of which both lose their common beginning when only that would be seen.
void columns_cut_pair(GString *old_text, GString *new_text, size_t n_old, size_t n_new);
void columns_text(GString *out, const char *text, size_t n);  // escapes, and pads to n columns
void columns_number(GString *out, size_t number, size_t n);   // to the right
void columns_instant(GString *out, Instant instant);          // "2027-04-01 00:00"
void columns_day(GString *out, Instant instant);              // the same; midnight as "2027-04-01"

// ---------------------------------------------------------------------------------------------
// sheet.c: rows of cells, each column as wide as it must be.

#define SHEET_COLUMNS 16

typedef struct Sheet {
  GPtrArray *cells;  // char *, row by row; escaped
  size_t n_columns;
  size_t most[SHEET_COLUMNS];  // columns of text at most; 0 = no limit
} Sheet;

void sheet_open(Sheet *sheet, size_t n_columns);
void sheet_close(Sheet *sheet);
void sheet_add(Sheet *sheet, const char *text);  // the next cell, escaped here; NULL = empty
// The rows, each after `indent` blanks and without blanks at its end. Columns that are empty are left out.
void sheet_put(const Sheet *sheet, size_t indent, GString *out);

// ---------------------------------------------------------------------------------------------
// book.c: a report that is tables. Formats: book_text.c (text, CSV, JSON), book_html.c, book_pdf.c.

typedef struct BookCell {
  const char *text;  // NULL = empty
  int64_t number;
  bool is_number;
} BookCell;

#define BOOK_NO_BARS SIZE_MAX

typedef struct BookTable {
  const char *id, *title;
  const ReportColumn *columns;
  size_t n_columns;
  size_t bars;    // column; BOOK_NO_BARS
  GArray *cells;  // BookCell, row by row
} BookTable;

typedef struct BookFact {  // or a note
  const char *id, *label, *text;
} BookFact;

typedef struct BookTile {
  const char *id, *label;
  int64_t number;
} BookTile;

struct ReportBook {
  const char *id, *title;
  GArray *facts;   // BookFact
  GArray *notes;   // BookFact
  GArray *tiles;   // BookTile
  GArray *tables;  // BookTable
  GStringChunk *texts;
};

static inline const BookTable *book_table(const ReportBook *book, guint i)
{
  return &g_array_index(book->tables, BookTable, i);
}

size_t book_n_rows(const BookTable *table);
const BookCell *book_cell(const BookTable *table, size_t row, size_t column);
void book_show(const BookCell *cell, GString *out);  // not escaped
int64_t book_most(const BookTable *table, size_t column);
bool book_is_chosen(const BookTable *table, const char *only);

bool book_text(const ReportBook *book, const char *only, GString *out, GError **error);
bool book_csv(const ReportBook *book, const char *only, GString *out, GError **error);
bool book_json(const ReportBook *book, const char *only, GString *out, GError **error);
bool book_html(const ReportBook *book, const char *only, GString *out, GError **error);
bool book_pdf(const ReportBook *book, const char *only, GString *out, GError **error);

// ---------------------------------------------------------------------------------------------
// who_text.c, who_json.c: the page about one person.

void report_who_text(const ReportWho *what, GString *out);
void report_who_json(const ReportWho *what, GString *out);
json_t *report_json_list(const WhoList *list);

// ---------------------------------------------------------------------------------------------
// json.c

json_t *report_json_restriction(const ReportRestriction *restriction);
json_t *report_json_text(const char *text);  // null for NULL
json_t *report_json_date(Date date);
json_t *report_json_instant(Instant instant);
json_t *report_json_findings(const Findings *findings);
json_t *report_json_people(const GArray *people);      // of ReportTablePerson
json_t *report_run_counts_json(const GArray *counts);  // of ReportRunCount: run.c
// Takes the document. Characters that a terminal would obey are written as \uXXXX.
void report_json_dump(json_t *document, GString *out);

// ---------------------------------------------------------------------------------------------
// Formats of a plan: plan_text.c, plan_json.c, plan_ldif.c, plan_page.c. plan_blocks.c is text's list of operations.

bool report_plan_text(View *view, GString *out, GError **error);
bool report_plan_json(View *view, GString *out, GError **error);
bool report_plan_ldif(View *view, GString *out, GError **error);
bool report_plan_html(View *view, GString *out, GError **error);
void report_plan_blocks(const View *view, GString *out);
// One operation: a line, and lines of what it changes.
void report_plan_op(const View *view, const Shown *shown, GString *out);
// What it is about: "uid=k-yamada", "uid=a → uid=b".
void report_plan_about(const View *view, const Shown *shown, GString *out);
// Words, rules and source lines of one operation, in a line.
void report_plan_why(const View *view, const Shown *shown, GString *out);
// All that is shown: people by label, then what concerns nobody; of each by target, day and number. Caller frees.
const Shown **report_plan_sorted(const View *view);
// Of PlanNote, by what they say; caller frees.
GPtrArray *report_plan_notes(const View *view);
bool report_plan_same_notes(const PlanNote *a, const PlanNote *b);  // they say the same

// The page: plan_page.c has what stands above the operations.
extern const char report_plan_style[], report_plan_script[];  // plan_style.css, plan_script.js
void report_plan_charts(const View *view, GString *out);
void report_plan_link(const View *view, uint32_t n, GString *out);  // "#12"
void report_plan_filter(const View *view, GString *out);
void report_plan_page_ops(const View *view, GString *out);
json_t *report_plan_op_json(const View *view, const Shown *shown);
json_t *report_plan_note_json(const PlanNote *note);

// ---------------------------------------------------------------------------------------------
// pager.c: sheets of A4 across, filled here and not by the browser: only so is the number on each right wherever it is
// printed. Fonts are as wide as each other there, and every line is broken here.

typedef struct PagerColumn {
  const char *head;
  unsigned mm;
  bool number;  // to the right
} PagerColumn;

#define PAGER_MM 273  // width of what stands on a sheet

typedef struct Pager {
  GPtrArray *sheets;           // GString *: what stands on each
  double left_mm;              // on the last of them
  const PagerColumn *columns;  // of the table that is open; NULL = none is
  size_t n_columns;
} Pager;

void pager_open(Pager *pager);
void pager_close(Pager *pager);
GString *pager_sheet(const Pager *pager);  // the last one, for what is not text
bool pager_need(Pager *pager, double mm);  // room for so much; true: it is on a new sheet
void pager_take(Pager *pager, double mm);  // so much was put on the sheet
void pager_break(Pager *pager);            // what follows begins on a new sheet
void pager_heading(Pager *pager, const char *text);
void pager_text(Pager *pager, const char *klass, const char *text);  // a paragraph
// `columns` is borrowed until the table ends; their widths make PAGER_MM or less.
void pager_table(Pager *pager, const PagerColumn *columns, size_t n);
// As many cells as there are columns; NULL = empty. "\n" in them begins a line.
void pager_row(Pager *pager, const char *klass, const char *const *cells);
double pager_height(const Pager *pager,
                    const char *const *cells);  // of such a row, as far as it must stay together
void pager_table_end(Pager *pager);
// All sheets, each with `foot` and its number "3/17" at its foot.
void pager_put(const Pager *pager, const char *foot, GString *out);
extern const char report_pager_style[];  // pager_style.css
char *pager_style(void);                 // … with the widths of columns; caller frees

// ---------------------------------------------------------------------------------------------
// approval.c, approval_annex.c: the paper by which a plan is approved.

bool report_plan_approval(View *view, GString *out, GError **error);
void approval_annex(Pager *pager, const View *view);

// approval_words.c: the same in Japanese.
const char *approval_kind(OpKind kind);
const char *approval_cause(Cause cause);
const char *approval_file_kind(const char *kind);  // of a file of HR: "orders"
void approval_why(const char *why, GString *out);  // of an operation
const char *approval_check(const char *check);     // of a guard
void approval_hold(const GuardHold *hold, GString *out);
void approval_class(const char *const *allows, GString *out);
const char *approval_measure(const char *measure);  // of ApprovalLevel

// approval.c
// What is told apart on the cover; NULL: nothing about it is.
const char *approval_danger(const View *view, const Shown *shown);

// What stands below a decision table's report (table_check.c).
void report_table_findings(const Findings *findings, GString *out);

// progress.c
json_t *report_progress_json(const ReportProgress *progress);  // null when no run is at work
void report_progress_text(const ReportProgress *progress, GString *out);

#endif
