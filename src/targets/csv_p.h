// SPDX-License-Identifier: GPL-3.0-or-later
//
// Products that take files (docs/products.md): what csv_*.c share. Text is UTF-8 in here; the product's encoding is
// that of bytes only.
#ifndef IDOU_TARGETS_CSV_P_H
#define IDOU_TARGETS_CSV_P_H

#include "targets_p.h"

#define CSV_ROW "row"  // the attribute that follows from a row's name

// ---------------------------------------------------------------------------------------------
// The description. Texts belong to the target's config.

typedef enum CsvKind {
  CSV_ATTRIBUTE,
  CSV_FIXED,
  CSV_ID,
  CSV_RENAME,
  CSV_CHANGE,
  CSV_SPLIT,
  CSV_BLANK
} CsvKind;
typedef enum CsvMode { CSV_DIFFERENCE, CSV_FULL, CSV_DELETE_ABSENT } CsvMode;
typedef enum CsvQuoting { CSV_NEEDED, CSV_ALWAYS, CSV_NEVER } CsvQuoting;
typedef enum CsvFormulas { CSV_REFUSE, CSV_APOSTROPHE, CSV_FULLWIDTH, CSV_PLAIN } CsvFormulas;
typedef enum CsvOnly { CSV_BOTH, CSV_IMPORT, CSV_EXPORT } CsvOnly;
typedef enum CsvEncoding { CSV_UTF8, CSV_UTF8_BOM, CSV_CP932, CSV_UTF16LE } CsvEncoding;
typedef enum CsvPart { CSV_WHOLE, CSV_GROW, CSV_SHRINK } CsvPart;
// What happens to a row.
typedef enum CsvDeed { CSV_CREATE, CSV_MODIFY, CSV_DELETE, CSV_KEEP } CsvDeed;

// What may be said of a product, a file or a column, each taking it from the one above.
typedef struct CsvStyle {
  CsvQuoting quoting;
  CsvFormulas formulas;
  bool header;
  const char *unchanged, *clear;  // NULL = there is no such word
  const char *prefix;             // of a column: before each value; NULL = none
} CsvStyle;

#define CSV_ENDLESS (-1)  // CsvColumn.repeat

// Of a row that changes: the word, if this attribute does.
typedef struct CsvChanged {
  const char *attribute, *word;
} CsvChanged;

typedef struct CsvColumn {
  CsvKind kind;
  CsvStyle style;
  const char *header;           // NULL = none
  const char *attribute;        // of attribute, rename and split
  const char *text;             // fixed: what; id: in new rows
  const char *words[CSV_KEEP];  // change: by deed; NULL = nothing
  GArray *changed;              // change: CsvChanged; NULL = none
  int max, max_bytes;           // 0 = no limit
  bool required, once, secret, always, optional;
  const char *ref;  // a file's word
  MatchRule match;
  int repeat;  // columns, of a split groups of them; CSV_ENDLESS = as many as there are values
  const char *list;              // between several values in one cell
  const char *between, *within;  // of a split
  GPtrArray *headers;            // of a split: of one part
  CsvOnly only;
} CsvColumn;

typedef struct CsvFile {
  const char *word;
  const char *out, *in;  // patterns; `in` NULL = there is no export
  CsvMode mode;
  CsvStyle style;
  int rows;        // 0 = no limit
  int fresh_days;  // from an older export not all rows are made
  GPtrArray *key, *order, *tolerate;
  const char *parent;
  GArray *columns;  // CsvColumn
} CsvFile;

typedef struct CsvStep {
  const CsvFile *file;
  CsvPart part;
} CsvStep;

typedef struct CsvResult {
  const char *name;     // pattern
  const CsvFile *file;  // NULL = any
  bool header, unlisted_done;
  GPtrArray *key;  // headers or numbers of columns
  const char *result, *message;
  GPtrArray *ok;
  const char *says;  // "done", "failed": of the whole set; NULL = row by row
} CsvResult;

// How an attribute compares, in whatever file.
typedef struct CsvRule {
  MatchRule match;
  bool several, key, readonly;
} CsvRule;

typedef struct CsvProduct {
  const char *folder;  // of the site: out/ in/ state/
  const char *name;
  CsvEncoding encoding;
  bool crlf;
  char separator;
  GPtrArray *files;      // CsvFile
  GArray *steps;         // CsvStep
  GArray *results;       // CsvResult
  bool taken_by_export;  // whatever export is newer than a set shows what became of it
  double shrink_percent;
  GHashTable *rules;  // attribute, lower case -> CsvRule
  GArray *demands;    // Demand
  Limits limits;
  Charset *charset;
} CsvProduct;

static inline const CsvProduct *csv_product_of(const TargetConfig *config)
{
  return config->own;
}

extern const char *const csv_keys[];
void *csv_configure(ConfigReading *reading);
void csv_unconfigure(void *product);
// Words of a list or the one text, kept by the config.
GPtrArray *csv_words(ConfigReading *reading, const YamlNode *map, const char *key);
void csv_style_read(ConfigReading *reading, const YamlNode *map, CsvStyle *style);
// Which of the words stands there, NULL-terminated; *out stays when none does.
void csv_choice(ConfigReading *reading, const YamlNode *map, const char *key,
                const char *const *words, int *out);
int csv_number(ConfigReading *reading, const YamlNode *map, const char *key);  // 0 = none
CsvFile *csv_file_read(ConfigReading *reading, const char *word, const YamlNode *map,
                       const CsvStyle *style);
void csv_file_free(void *file);
const CsvFile *csv_product_file(const CsvProduct *product, const char *word);  // NULL = none
const CsvColumn *csv_file_column(const CsvFile *file, const char *attribute);
const CsvColumn *csv_file_kind(const CsvFile *file, CsvKind kind);  // the first of the kind
bool csv_file_deletes(const CsvFile *file);
void csv_rules_make(ConfigReading *reading, CsvProduct *product);
const CsvRule *csv_rule(const CsvProduct *product, const char *attribute);
// For a directory in memory: how attributes compare.
bool csv_rules(const char *name, Attr *attr, const void *product);
void csv_schema(const CsvProduct *product, Schema *schema, GPtrArray *classes);

// Whether a row of the file may not be called so; *why says why not.
bool csv_refuses_row(const CsvProduct *product, const CsvFile *file, const char *row, GString *why);
// Whether no row may have the value in the column.
bool csv_refuses(const CsvProduct *product, const CsvColumn *column, const char *value,
                 GString *why);

// ---------------------------------------------------------------------------------------------
// Cells and bytes (csv_cell.c).

// Without or with what keeps a spreadsheet from running it.
void csv_tame(const CsvStyle *style, const char *value, GString *out);
void csv_untame(const CsvStyle *style, const char *cell, GString *out);
// Appends a line of cells, with its end.
typedef struct CsvLine {
  const char *const *cells;
  size_t n_cells;
} CsvLine;
void csv_write_line(const CsvProduct *product, CsvQuoting quoting, const CsvLine *line,
                    GString *out);
// NULL: *bad is the first character that cannot be.
GByteArray *csv_encode(const CsvProduct *product, const char *text, const char **bad);
// UTF-8 without a byte order mark; EXIT_UNREAD, `name` is for messages.
bool csv_decode(const CsvProduct *product, GBytes *bytes, const char *name, GString *out,
                GError **error);

// ---------------------------------------------------------------------------------------------
// Places and names (csv_place.c).

// "file=WORD,BASE" and "row=KEY,file=WORD,BASE".
char *csv_file_dn(const TargetConfig *config, const CsvFile *file);
char *csv_row_dn(const TargetConfig *config, const CsvFile *file, const char *row);
// The file that the entry is in, and its row; *row (caller frees) NULL: it is the file itself. NULL: none.
const CsvFile *csv_place_of(const TargetConfig *config, const char *dn, char **row);
// The parts of a row's name, one for each attribute of the key; NULL: it has not that many.
GStrv csv_key_parts(const CsvFile *file, const char *row);
// For a directory in memory: the attributes of the key. `product` as in csv_rules.
void csv_follow(Record *record, const void *product);
BelievedTraits csv_traits(const TargetConfig *config, bool writes);
// A name by a pattern: {set} {part} {step} {date} {time} and *. NULL = nothing for it.
typedef struct CsvName {
  const char *set;
  size_t part, step;
  Date day;
} CsvName;
void csv_name_make(const char *pattern, const CsvName *what, GString *out);
// Whether a file is called so. `set` "" and `when` INSTANT_NONE where it does not say.
typedef struct CsvNamed {
  char set[16];
  Instant when;
} CsvNamed;
bool csv_name_fits(const char *pattern, const char *name, CsvNamed *out);
// First value of an entry's attribute; NULL = none.
const char *csv_first(const Record *record, const char *attribute);

// ---------------------------------------------------------------------------------------------
// Exports (csv_export.c). Errors: EXIT_UNREAD.

typedef struct CsvExport {
  char *name;    // NULL = there is none
  Instant when;  // it was made
  size_t n_rows;
  GPtrArray *lacks;  // const CsvColumn: those that it may lack, and does; NULL = not read yet
} CsvExport;
void csv_export_clear(CsvExport *found);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsvExport, csv_export_clear)
// The newest of the file's.
bool csv_export_find(const TargetConfig *config, const CsvFile *file, CsvExport *out,
                     GError **error);
// Its rows, as Records; the stable_id is what the product's ID gives, else "".
GPtrArray *csv_export_read(const TargetConfig *config, const CsvFile *file, CsvExport *found,
                           GError **error);
#define CSV_ID_PREFIX "id="  // of a stable_id that the product itself knows

// A file in in/, or out/ … as text.
bool csv_load(const CsvProduct *product, const char *path, GString *out, GError **error);
// Which columns of the description the cells of a row are, in a file that is written or read.
typedef struct CsvSlot {
  const CsvColumn *column;  // NULL: nobody's
  int repeat, part;         // which of a repeated column's, which of a split's
} CsvSlot;
// Of a file without header, or as we write it: all but what is `without`. Of an endless column the first only.
GArray *csv_slots(const CsvFile *file, CsvOnly without);
void csv_slot_header(const CsvSlot *slot, GString *out);

// ---------------------------------------------------------------------------------------------
// What stands in the product: exports, and what was sent since (csv_view.c, csv_verdict.c).

typedef struct CsvView {
  const TargetConfig *config;
  const CsvProduct *product;
  Believed *believed;
  GString *remark;
  bool writes;
} CsvView;

CsvView *csv_view_open(const TargetConfig *config, bool writes, GError **error);
void csv_view_close(CsvView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsvView, csv_view_close)
char *csv_state_folder(const CsvProduct *product);
// When the file's newest export was made; INSTANT_NONE: none was ever seen.
Instant csv_view_export(const CsvView *view, const CsvFile *file);

// Of a file by which the product deletes (csv_absent.c): a row that the newest export lacks, the one before had, and
// nobody asked to delete; NULL = none. Noted before what is confirmed is replaced by `shown`.
void csv_absent_note(CsvView *view, const CsvFile *file, const Dit *shown);
const char *csv_absent_row(const CsvView *view, const CsvFile *file);

// A set, as the state knows it.
typedef struct CsvSet {
  Instant made, taken;  // taken INSTANT_NONE: not as far as we know
} CsvSet;
bool csv_set_get(const Believed *believed, const char *number, CsvSet *out);
void csv_set_put(Believed *believed, const char *number, const CsvSet *set);
char *csv_set_folder(const CsvProduct *product, const char *number);
GPtrArray *csv_sets(const Believed *believed);  // numbers, in no order; to be freed

// What became of a request.
typedef struct CsvVerdict {
  OutcomeKind kind;  // DONE, FAILED, REFUSED; SENT = it cannot be told yet
  char *detail, *stable_id;
} CsvVerdict;
void csv_verdict_clear(CsvVerdict *verdict);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsvVerdict, csv_verdict_clear)
// By the rows of an export. `shown` is the product as the export has it, `now` as it was believed before.
typedef struct CsvCase {
  const Dit *shown, *now;
  const CsvProduct *rules;
  const char *export_name;
  bool conclusive;  // what the export does not show was not done
} CsvCase;
void csv_verdict_make(const CsvCase *what, const Pending *pending, CsvVerdict *out);
// Remembers it for each operation of the request, until the journal has it.
void csv_remember(Believed *believed, const Request *request, const CsvVerdict *verdict);
typedef struct CsvTaker {
  SettledFunc func;
  void *data;
} CsvTaker;
bool csv_tell(const Believed *believed, const CsvTaker *taker, GError **error);
void csv_forget_told(Believed *believed);
// Settles request i and remembers its verdict.
void csv_view_decide(CsvView *view, size_t i, const CsvVerdict *verdict);

// Whether the product can take it; *why says why not.
bool csv_request_fits(const CsvView *view, const Request *request, GString *why);

// ---------------------------------------------------------------------------------------------
// Sets of files.

// A secret that a request carries. It lives in memory only.
typedef struct CsvSecret {
  uint64_t pending;  // Pending.id
  const char *attribute;
  Secret *secret;
} CsvSecret;
CsvSecret *csv_secret_new(uint64_t pending, const char *attribute, const Bytes *value,
                          GError **error);
void csv_secret_free(void *secret);

// A row to be written.
typedef struct CsvChange {
  const CsvFile *file;
  CsvDeed deed;
  const Record *before, *after;  // NULL: it is new, it goes
  GPtrArray *secrets;            // const CsvSecret; borrowed
} CsvChange;

// What a set is to hold: rows by the file they are in (csv_rows.c).
typedef struct CsvRows {
  const CsvView *view;
  Dit *before, *after;  // the product without and with the requests of the set
  GPtrArray *changes;   // CsvChange
} CsvRows;
CsvRows *csv_rows_new(CsvView *view, const GPtrArray *secrets);
void csv_rows_free(CsvRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsvRows, csv_rows_free)
// The rows of one step, in their order; empty when there is nothing to write. Freed by the caller.
GPtrArray *csv_rows_of(const CsvRows *rows, const CsvStep *step);
bool csv_rows_deletes(const CsvRows *rows, const CsvFile *file);  // some row of it goes

// Bytes of a file with these rows (csv_render.c). It is read back and must say what was meant; of all rows only
// those may lack that are to be deleted. EXIT_FAILED.
typedef struct CsvPage {
  const CsvStep *step;
  CsvChange *const *changes;
  size_t n_changes;
  Date day;
} CsvPage;
GByteArray *csv_render(const CsvRows *rows, const CsvPage *page, GError **error);

// Writes a set of all that was sent and has not gone out, if there is anything (csv_set.c). What cannot go out any more,
// since its secret was lost with a process that was killed, is failed.
bool csv_set_write(CsvView *view, const GPtrArray *secrets, GError **error);
// Whether out/ and state/ belong together: neither is an empty folder on which a disk is to be mounted. EXIT_UNREAD.
bool csv_set_check(const CsvView *view, GError **error);
// Ends what a process that was killed had begun.
bool csv_set_recover(CsvView *view, GError **error);
// Removes what is decided altogether.
bool csv_set_tidy(const TargetConfig *config, Believed *believed, GError **error);

// What the product says of its imports (csv_result.c).
bool csv_results_take(CsvView *view, GError **error);
void csv_results_forget(const CsvProduct *product, Believed *believed);  // of files that are gone

#endif
