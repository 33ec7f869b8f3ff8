// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the files of mapping share, from the bottom up: the library of what was read, sheets, templates
// with their filters, decision tables, the rules of a class.
#ifndef IDOU_MAPPING_P_H
#define IDOU_MAPPING_P_H

#include "idou/mapping.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

// ---------------------------------------------------------------------------------------------
// Library: owns all that is made while loading, reads files below the folder, knows their digest.

typedef struct Grid Grid;

typedef struct Library {
  char *folder;       // NULL: no files can be read
  GPtrArray *blocks;  // memory that lives as long as the library
  GStringChunk *texts;
  GPtrArray *patterns;   // Pattern
  GPtrArray *names;      // what templates name; a template holds the index
  GHashTable *name_ids;  // name -> index + 1
  GHashTable *sheets;    // path -> Grid, NULL value: could not be read
  GHashTable *lookups;   // path and column -> GHashTable of text -> text
  GHashTable *degrade;   // character -> text; NULL until asked for
  GPtrArray *digests;    // "PATH HEX" of each file read
  Findings *findings;    // where faults go; only while loading
} Library;

Library *library_new(const char *folder, Findings *findings);
void library_free(Library *library);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Library, library_free)
void *library_alloc(Library *library, size_t n_bytes);  // zeroed
const char *library_text(Library *library, const char *text, size_t n_bytes);
uint16_t library_name(Library *library, const char *name);
// Borrowed; path relative to the folder. NULL when it cannot be read or has faults: a finding says so, once.
const Grid *library_sheet(Library *library, const char *path);
// Key column (the first) to the named column; `column` NULL = the second. NULL after a finding.
GHashTable *library_lookup(Library *library, const char *path, const char *column,
                           const char **fault);
GHashTable *library_degrade(Library *library, const char **fault);
// Notes for the digest that `bytes` were read as `path`.
void library_note(Library *library, const char *path, GBytes *bytes);
char *library_digest(const Library *library);

// ---------------------------------------------------------------------------------------------
// Sheets: a CSV as Excel shows it.

// Rows are counted as Excel does (a cell with line breaks is one row); row 0 is the header.
Grid *grid_parse(const char *bytes, size_t n_bytes, const char *name, Findings *findings);
void grid_free(Grid *sheet);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Grid, grid_free)
const char *grid_name(const Grid *sheet);
size_t grid_n_rows(const Grid *sheet);
size_t grid_n_columns(const Grid *sheet);  // of the header
// Trimmed of spaces of any width; "" where there is none.
const char *grid_cell(const Grid *sheet, size_t row, size_t column);
bool grid_row_empty(const Grid *sheet, size_t row);
// Adds a finding at the cell; row and column from 0. Level error unless `what` is a warning.
void grid_fault(const Grid *sheet, size_t row, size_t column, Findings *findings,
                const Finding *what, const char *format, ...) G_GNUC_PRINTF(6, 7);
// Column whose header is one of the words (NULL-terminated); -1 if none.
int grid_column(const Grid *sheet, const char *const *words);

// ---------------------------------------------------------------------------------------------
// Patterns: PCRE2, compiled once, with a limit against patterns that explode.

typedef struct Pattern {
  pcre2_code *code;
  pcre2_match_data *match;
  pcre2_match_context *context;
} Pattern;

// NULL with *fault (owned by the library) when it does not compile.
const Pattern *pattern_new(Library *library, const char *text, const char **fault);
void pattern_free(Pattern *pattern);
// Number of groups set (≥ 1), 0 = no match, -1 = gave up at the limit.
int pattern_match(const Pattern *pattern, const char *text, size_t n_bytes);

// ---------------------------------------------------------------------------------------------
// Templates.

// Where in a file a text stands, for findings. Line and column of its first character.
typedef struct Spot {
  const char *file;
  int line, column;
} Spot;

typedef enum Got {
  GOT_TEXT,
  GOT_NOTHING,  // a name marked `?` is missing
  GOT_FAULT     // the evaluator's `problem` says why
} Got;

typedef struct Filter Filter;

#define FILTER_MAX_ARGS 2

typedef struct Call {  // a filter with its arguments
  const Filter *filter;
  const char *args[FILTER_MAX_ARGS];
  unsigned n_args;
  int64_t number;  // first argument of kind number
  const Pattern *pattern;
  GHashTable *table;  // borrowed from the library
} Call;

typedef struct Slot {  // literal text and then, unless it is the end, a value
  const char *literal;
  uint32_t n_literal;
  uint16_t name;  // index into the library's names; SLOT_TEXT = no value
  bool optional;  // ${name?}
  const Call *calls;
  unsigned n_calls;
  int column;  // of the name, 1-based within the template
} Slot;

#define SLOT_TEXT UINT16_MAX

typedef struct Template {
  const char *text;  // as written
  Spot spot;
  const Slot *slots;
  unsigned n_slots;
} Template;

// Faults are findings of the library. NULL then.
const Template *template_parse(Library *library, const char *text, const Spot *spot);
bool template_is_literal(const Template *template);
// The index of the name when the template is nothing but ${name} or ${name?}, else SLOT_TEXT.
uint16_t template_bare(const Template *template);
bool template_uses(const Template *template, uint16_t name);

// NULL = missing. What it returns must stay valid until the template is evaluated.
typedef const char *(*NameFunc)(void *scope, uint16_t name);

typedef struct Evaluator {
  const Library *library;
  NameFunc get;
  void *scope;
  GString *scratch[2];  // filters read from one and write to the other
  GString *problem;     // reason of the last GOT_FAULT, translated
} Evaluator;

void evaluator_init(Evaluator *evaluator, const Library *library, NameFunc get, void *scope);
void evaluator_clear(Evaluator *evaluator);
// Appends to `out`.
Got template_eval(const Template *template, Evaluator *evaluator, GString *out);

// ---------------------------------------------------------------------------------------------
// Filters: one table (filter.c).

typedef enum FilterArg { ARG_TEXT, ARG_NUMBER, ARG_PATTERN, ARG_SHEET } FilterArg;

// `in` is never empty and never missing, but for filters that take what is missing.
typedef Got (*FilterFunc)(const Call *call, const char *in, GString *out, GString *problem);

struct Filter {
  const char *name;
  unsigned min_args, max_args;
  FilterArg args[FILTER_MAX_ARGS];
  FilterFunc run;
  bool takes_missing;  // runs on missing and empty values, too
  bool degrades;       // wants the table of degradation
  const char *usage;   // "cut:N"
  const char *doc;     // one line of English, in docs/mapping.md, too
};

extern const Filter filters[];
extern const size_t n_filters;
const Filter *filter_find(const char *name);
// Checks and prepares the arguments. False with *fault (static, or owned by the library).
bool filter_prepare(Library *library, Call *call, const char **fault);

#endif
