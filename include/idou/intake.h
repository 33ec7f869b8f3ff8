// SPDX-License-Identifier: GPL-3.0-or-later
//
// intake: HR's files to facts. bytes -> UTF-8 (gaiji) -> CSV cells -> layout (their columns to our
// fields) -> facts or findings. One file is one transaction: all of it or nothing.
#ifndef IDOU_INTAKE_H
#define IDOU_INTAKE_H

#include <idou/store.h>

// ---------------------------------------------------------------------------------------------
// Decoding: streaming, strict. An undecodable byte ends it with a finding that names line and column.

typedef enum Encoding {
  ENCODING_UTF8,     // with or without BOM
  ENCODING_CP932,    // Windows-31J
  ENCODING_UTF16LE,  // with or without BOM
  ENCODING_EUCJP,    // EUC-JP-MS (eucJP-ms, as eucJP-win)
  N_ENCODINGS
} Encoding;

// Per-site table of gaiji: code point U+E000–U+E757 (CP932 F040–F9FC; EUC-JP-MS F5A1–FEFE
// and 8FF5A1–8FFEFE) to text. CSV: code,unicode,remark;
// code as "E000" or "F040", unicode as "U+9089 U+E0100".
typedef struct Gaiji Gaiji;
Gaiji *gaiji_load(const char *path, Findings *findings, GError **error);
Gaiji *gaiji_empty(void);
void gaiji_free(Gaiji *gaiji);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Gaiji, gaiji_free)

// ---------------------------------------------------------------------------------------------
// Layouts: docs/layouts.md is the reference.

typedef enum LayoutKind {
  LAYOUT_ROSTER,
  LAYOUT_ORDERS,
  LAYOUT_UNITS,
  LAYOUT_REORGANISATION,  // 新旧対照表: old and new codes of units
  LAYOUT_DETAILS  // what others than HR know of people or units: extension numbers, 係, display order
} LayoutKind;
typedef struct Layout Layout;

// Faults of the YAML are findings with line and column; NULL with `error` only when it cannot be read
// or has faults of level error.
Layout *layout_load(const char *path, Findings *findings, GError **error);
void layout_free(Layout *layout);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Layout, layout_free)
const char *layout_name(const Layout *layout);
LayoutKind layout_kind(const Layout *layout);
const char *layout_space(const Layout *layout);   // namespace of employee numbers
const char *layout_files(const Layout *layout);   // glob of file names in the spool, e.g. "roster-*.csv"
// Where the file that tells the number of rows of `path` stands: beside it. NULL when the layout has none.
// Caller frees.
char *layout_count_file(const Layout *layout, const char *path);
// The same of HR's cover note (送付票).
char *layout_cover_file(const Layout *layout, const char *path);
// Names of every field a layout fills, for the mapping check. NULL-terminated, borrowed.
const char *const *layout_fields(const Layout *layout);

// ---------------------------------------------------------------------------------------------
// Taking a file in.

typedef struct IntakeOptions {
  const Layout *layout;
  const Gaiji *gaiji;        // NULL = none: any gaiji is an error
  double shrink_percent;     // a roster may be smaller than the last one by this; e.g. 5.0
  Instant known_at;          // when we learn it; INSTANT_NONE = now
  const char *name;          // file name to remember; NULL = the last part of the path
  size_t max_bytes;          // refuse larger files; 0 = 1 GiB
  const char *work_folder;   // where files are copied to while they are read; NULL = the system's for such
  bool is_copy;              // the file is a copy that is ours alone, and need not be copied again
  GString *returns;          // takes the findings as a CSV for HR, in the layout's encoding; NULL = not wanted
} IntakeOptions;

typedef enum IntakeVerdict {
  INTAKE_TAKEN,
  INTAKE_TAKEN_IN_PART,   // rows became findings of level error
  INTAKE_KNOWN,           // the same bytes were taken before: nothing to do
  INTAKE_REJECTED         // whole file; nothing taken in
} IntakeVerdict;

#define INTAKE_KINDS_MAX 32

typedef struct IntakeReceipt {
  IntakeVerdict verdict;
  int64_t intake;          // id in the store; 0 when rejected
  char sha256[65];
  int64_t n_rows;          // data rows in the file
  int64_t n_taken;         // rows that became facts, or said nothing new
  int64_t n_rejected;      // rows that became findings
  Date declared;           // the file's own date
  struct {
    const char *kind;      // "hire", "transfer", … or "person", "unit"; static
    int64_t n;
  } kinds[INTAKE_KINDS_MAX];
  size_t n_kinds;
} IntakeReceipt;

// `path` is read through file_open_at's rules (no links, regular file), copied privately, hashed, compared
// with PATH.sha256 if that exists, judged (My Number columns first), and only then taken in. It is read row
// by row: memory grows by some 30 bytes a row, whatever the rows hold.
// False only for faults of the system (then nothing is taken in either); a bad file is a verdict.
bool intake_file(Store *store, const char *path, const IntakeOptions *options, Findings *findings,
                 IntakeReceipt *receipt, GError **error);

// The same decoding, layout and checks without a store, over a file or over bytes in memory: for the bench
// and for fuzzing. Fills counts and findings.
bool intake_examine_file(const char *path, const IntakeOptions *options, Findings *findings,
                         IntakeReceipt *receipt, GError **error);
bool intake_examine(const void *bytes, size_t n_bytes, const IntakeOptions *options,
                    Findings *findings, IntakeReceipt *receipt, GError **error);

// ---------------------------------------------------------------------------------------------
// Rows of a file as a layout reads them, without a store.

typedef struct IntakeLine {   // borrowed until the callback returns
  int64_t line;
  bool bad;                   // became a finding of level error
  bool repeat;                // says the same as an earlier row
  const char *subject;        // employee number or unit code; "" when it cannot be read
  const char *key;            // what makes the row unique by the layout, "000310 main 010100"
  const char *order_code;     // orders: HR's code of the kind; NULL otherwise
  const char *order_kind;     // … and ours, NULL when the layout does not know it
  size_t n_columns;           // of the layout, but for those it ignores
  const char *const *headers;
  const char *const *values;  // in our terms; NULL = the file has no such column, or the cell is a finding
} IntakeLine;

typedef void (*IntakeLineFunc)(const IntakeLine *line, void *data);
// In the order of the file. False when the whole file is rejected: findings say why, and no row was given.
bool intake_rows(GBytes *bytes, const IntakeOptions *options, IntakeLineFunc func, void *data,
                 Findings *findings);

// Codes of a file that its layout does not know.
typedef struct IntakeCode {
  const char *header;
  const char *code;
  int64_t n, line;  // rows with it, and the first of them
} IntakeCode;

typedef struct IntakeCodes {
  GArray *codes;  // IntakeCode, by column and code
  GStringChunk *text;
} IntakeCodes;

// False when the whole file is rejected.
bool intake_codes(GBytes *bytes, const IntakeOptions *options, Findings *findings, IntakeCodes *out);
void intake_codes_clear(IntakeCodes *codes);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IntakeCodes, intake_codes_clear)

// Two versions of a file, row by row.
typedef enum LineChange { LINE_ADDED, LINE_WITHDRAWN, LINE_CHANGED, N_LINE_CHANGES } LineChange;

typedef struct ColumnChange {
  const char *header;
  const char *old_value, *new_value;  // NULL = the file has no such column, or the cell is a finding
} ColumnChange;

typedef struct InputChange {
  LineChange change;
  const char *key, *subject;
  const char *label;              // "000310 山田　太郎"; the subject alone when no column has a name
  const char *order_kind;         // of the new line, else of the old; NULL when it is no order
  int64_t old_line, new_line;     // 0 = none
  const ColumnChange *columns;    // of a changed row those that differ, else all that say something
  size_t n_columns;
} InputChange;

typedef struct InputChanges {
  GArray *changes;  // InputChange, by key
  int64_t n_old, n_new, n_same;
  int64_t n_unread;  // rows whose key cannot be read: they are findings and not compared
  GStringChunk *text;
  GPtrArray *blocks;
} InputChanges;

// Each with its own layout (usually the same).
typedef struct InputVersion {
  GBytes *bytes;
  IntakeOptions options;
} InputVersion;
// Rows are the same by the layout's key. Where only the key changed (an order's number, the unit of a post), they
// are the same by person and role, or person, kind and day. False when one of the files is rejected.
bool intake_compare(const InputVersion *old_version, const InputVersion *new_version,
                    Findings *findings, InputChanges *out);
void input_changes_clear(InputChanges *changes);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(InputChanges, input_changes_clear)

// ---------------------------------------------------------------------------------------------
// Guessing a layout: docs/layouts.md, "Guessing a layout". Pure: neither site nor store.

typedef struct GuessOptions {
  const char *name;        // file name as it came: its date and the glob are taken from it
  const char *space;       // namespace to write down; NULL = "city"
  const char *count_file;  // "{name}.count" when such a file stands beside it; NULL
} GuessOptions;

typedef struct Guessed {
  GString *yaml;         // the proposal, UTF-8; only headers, codes of columns that hold few, and counts
  const char *kind;      // "orders", "roster", "units", "reorganisation"; static
  int64_t n_rows;
  size_t n_columns;
  size_t n_gaps;         // lines marked GAP or unknown: somebody must fill them in or confirm them
} Guessed;

// Proposes a layout for a file. False when none can be proposed; the findings say why (no encoding fits,
// no line is a header, a column holds My Numbers).
bool guess_layout(GBytes *bytes, const GuessOptions *options, Findings *findings, Guessed *out);
void guessed_clear(Guessed *guessed);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Guessed, guessed_clear)

// ---------------------------------------------------------------------------------------------
// What a person decides where HR's files leave it open. Each is one transaction, noted with who and why
// (ruling->what and ->subject are filled in), and the people concerned are computed anew. Findings say what
// of it could not be done; EXIT_USAGE when it makes no sense.

// Orders by HR's number. Those that a later version of their set lacks are withdrawn indeed, or hold after all
// (`keep`). Those that wait for something, or cannot be, are dropped.
bool intake_confirm_orders(Store *store, const char *const *numbers, bool keep, const Ruling *by,
                           Findings *findings, GError **error);

// An employee number within its namespace.
typedef struct Bearer {
  const char *space, *number;
} Bearer;
// Both numbers are one person's, who keeps the account of `before`; or they are two people's after all.
bool intake_link(Store *store, const Bearer *bearer, const Bearer *before, bool different,
                 const Ruling *by, Findings *findings, GError **error);

// Fixed terms of the unit's people that end in a time go on until its end: the renewals are late.
bool intake_extend(Store *store, const Extension *extension, Findings *findings, GError **error);

// Tells of every order that waits, is refused, or was withdrawn without anybody's word, as a warning.
bool intake_tell_open(Store *store, Instant known_at, Findings *findings, GError **error);

#endif
