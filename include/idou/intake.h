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
