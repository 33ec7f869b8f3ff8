// SPDX-License-Identifier: GPL-3.0-or-later
//
// base: what every stage stands on. Exit codes, findings, dates (era calendar), text keys and
// romanisation, one escaper for all outputs, secrets, safe files, the log.
//
// All text is valid UTF-8 unless a name says `bytes`. No function prints or exits, but log_*.
#ifndef IDOU_BASE_H
#define IDOU_BASE_H

#include <glib.h>
#include <libintl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define _(text) gettext(text)
#define N_(text) text

// ---------------------------------------------------------------------------------------------
// Exit codes (the one table: docs/design.md). When several apply, the greatest wins.

typedef enum ExitCode {
  EXIT_DONE = 0,         // done, or nothing to do
  EXIT_USAGE = 1,        // usage or configuration
  EXIT_PENDING = 2,      // a plan with changes
  EXIT_HELD = 3,         // held by a guard
  EXIT_FAILED = 4,       // some operations failed
  EXIT_REJECTED = 5,     // a source was rejected in whole or in part
  EXIT_UNREAD = 6,       // a target could not be read in full
  EXIT_LOCKED = 7,       // another run holds the lock
  EXIT_INTERRUPTED = 8,  // resume is due
  // A bundle or receipt of a separated network that is refused; nothing was changed.
  EXIT_BUNDLE_DAMAGED = 20,   // not as it was signed
  EXIT_BUNDLE_KEY = 21,       // signed by somebody else
  EXIT_BUNDLE_SEGMENT = 22,   // for another segment
  EXIT_BUNDLE_EXPIRED = 23,   // or not valid yet
  EXIT_BUNDLE_REPLAYED = 24,  // accepted before, or older than what was
  EXIT_BUNDLE_GAP = 25        // the one before it has not been accepted
} ExitCode;

ExitCode exit_worse(ExitCode a, ExitCode b);
// One word for people and JSON: "done", "usage", "pending", … Static.
const char *exit_name(ExitCode code);

// Errors of the system and of configuration. A GError's code is an ExitCode, so that the command
// line can return it; its message is already translated and complete.
#define IDOU_ERROR (idou_error_quark())
GQuark idou_error_quark(void);

// ---------------------------------------------------------------------------------------------
// Findings: bad *data*. Collected, never thrown; each says what, where, to whom and what to do.

typedef enum FindingLevel {
  FINDING_NOTE,     // worth knowing; changes no exit code
  FINDING_WARNING,  // somebody should look
  FINDING_ERROR     // a row, cell, rule or person was left out because of this
} FindingLevel;

typedef struct Finding {
  FindingLevel level;
  const char *code;     // stable identifier in kebab-case, e.g. "date-out-of-era"
  const char *file;     // NULL when there is none
  int64_t line;         // 1-based physical line; 0 = none
  int64_t column;       // 1-based: CSV column number for tables, character for YAML; 0 = none
  const char *field;    // header of the column or name of the attribute; may be NULL
  const char *subject;  // whom it concerns, e.g. "000310"; may be NULL
  const char *value;    // the offending value as it came; NULL when absent or secret
  const char *text;     // reason and what to do, translated
} Finding;

typedef struct Findings Findings;

Findings *findings_new(void);
void findings_free(Findings *findings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Findings, findings_free)

// Copies everything in `finding`; `text` there is ignored and the formatted one taken.
void findings_add(Findings *findings, const Finding *finding, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
size_t findings_count(const Findings *findings);
size_t findings_count_level(const Findings *findings, FindingLevel at_least);
// Valid until `findings` is freed or taken.
const Finding *findings_at(const Findings *findings, size_t i);
// Moves all of `from` to the end of `findings`; `from` is empty afterwards.
void findings_take(Findings *findings, Findings *from);
// "FILE:LINE:COLUMN: error: SUBJECT: TEXT (field, value) [code]", what there is of it, escaped for a
// terminal, no newline.
void findings_format(const Finding *finding, GString *out);

// ---------------------------------------------------------------------------------------------
// Dates. A Date is a civil day counted from 1970-01-01; an Instant is Unix seconds (UTC).
// The organisation's clock is JST (UTC+9, no daylight saving): a Date begins at 00:00 JST.

typedef int32_t Date;
typedef int64_t Instant;

#define DATE_NONE INT32_MIN  // no date
#define DATE_OPEN INT32_MAX  // no end
#define INSTANT_NONE INT64_MIN
#define INSTANT_OPEN INT64_MAX

// Years 1 to 9999. What has no day there (NONE and OPEN as well) is split into zeros and formatted
// as nothing.
Date date_of(int year, int month, int day);  // DATE_NONE when there is no such day
void date_split(Date date, int *year, int *month, int *day);
int date_fiscal_year(Date date);                     // 年度: 4/1–3/31
Instant date_start(Date date);                       // 00:00 JST; NONE and OPEN carry over
Date date_of_instant(Instant instant);               // the JST day it falls on
void date_format(Date date, GString *out);           // "2027-04-01"
void date_format_wareki(Date date, GString *out);    // "令和9年4月1日", 元年 for year 1
void instant_format(Instant instant, GString *out);  // "2027-04-01T00:00:00+09:00"
bool instant_parse(const char *text, Instant *out);  // the form above; "Z" too
bool instant_parse_minutes(const char *text, int *minutes);  // "07:00" of a day, up to "24:00"
// "06:30": the next such moment after `now`; or a whole instant.
bool instant_parse_next(const char *text, Instant now, Instant *out);
Instant instant_now(void);                                   // IDOU_NOW (tests) or the clock
bool date_parse_iso(const char *text, Date *out);            // YYYY-MM-DD only

// A stretch of work that ends at a moment, if not earlier: by whichever clock is first, the wall's or the one that nobody
// sets. When the two drift apart by more than five minutes, the wall's was set meanwhile: what is due on which day is then
// not to be believed.
typedef enum TimerState { TIMER_RUNS, TIMER_OVER, TIMER_LEAPT } TimerState;

typedef struct Timer {
  Instant until;  // INSTANT_OPEN = no end
  Instant began;
  int64_t began_us;  // of the other clock
  TimerState state;  // stays what it was once it does not run
  int64_t leap_s;    // by so much was the clock put forward; negative: back
} Timer;

void timer_begin(Timer *timer, Instant until);
TimerState timer_look(Timer *timer);
Instant timer_now(const Timer *timer);  // by whichever clock is ahead
void timer_tell_leap(const Timer *timer, GString *out);
int64_t timer_steady_us(void);  // since some moment; for measuring
// Sleeps for so long, but no longer than a second, so that signals are seen. With IDOU_NOW (tests) both clocks stand still
// but for this, and all of it has passed at once.
void timer_pause(int64_t seconds);
// Tests only: moves the clocks by so many seconds. Without IDOU_NOW nothing happens.
void timer_move(int64_t wall_s, int64_t steady_s);

// Hours of the week at which a system may be written to, Japanese time.
typedef struct Windows Windows;

Windows *windows_new(void);  // always open
void windows_free(Windows *windows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Windows, windows_free)
// "01:00-02:00", "Sun 03:00-05:00 maintenance", "Mon-Fri,日 22:00-06:00": on the days on which it begins, over midnight
// where the end is not after the beginning. Open hours leave all others closed; closed ones are so in any case.
// False: not of this form.
bool windows_add(Windows *windows, const char *text, bool open);

typedef struct WindowsState {
  bool closed;
  Instant until;    // INSTANT_OPEN = for ever
  const char *why;  // the words behind the hours; "" = none
} WindowsState;
void windows_look(const Windows *windows, Instant at, WindowsState *out);  // NULL is open

// How a layout says its dates are written. A bare two-digit year is never taken.
typedef struct DateForms {
  bool iso;      // 2026-04-01
  bool slash;    // 2026/4/1
  bool compact;  // 20260401
  bool
      wareki;  // R8.4.1 R08.04.01 R080401 令和8年4月1日 令和元年 ㋿ ㍻, kanji numerals, R8/4/1
  bool excel;     // serial number of Excel's 1900 system, 1 = 1900-01-01, with its 29 February 1900
  bool era_code;  // 5-080401 or 5080401, era by era_codes
  char era_codes[10];  // era_codes['5'-'0'] = 'R': letter of the era (M T S H R), 0 = unknown code
  bool beyond_era;     // take 平成32年4月1日: some systems print on
} DateForms;

typedef enum DateFault {
  DATE_FINE,
  DATE_EMPTY,           // nothing, or only spaces
  DATE_UNKNOWN_FORM,    // in no form that the layout declares
  DATE_NO_SUCH_DAY,     // 2026-02-30
  DATE_OUT_OF_ERA,      // 平成31.5.1, 昭和64.1.8, 明治5
  DATE_TWO_DIGIT_YEAR,  // 26/4/1
  DATE_UNKNOWN_ERA_CODE
} DateFault;

DateFault date_parse(const char *text, const DateForms *forms, Date *out);
const char *date_fault_text(DateFault fault);  // translated reason

// ---------------------------------------------------------------------------------------------
// Text. A key is for comparing and never shown.

// NFKC, case folded, runs of spaces (also U+3000) to one, trimmed, kana and voiced marks of any kind
// put together, hyphen look-alikes (U+2010–2015, 2212, FF0D) to '-'. So too ー (U+30FC, FF70), unless it
// follows a kana, which it then lengthens. Variation selectors (IVS) are left out. Like all functions here that take `out`, it appends.
void text_key(const char *text, GString *out);
void text_squeeze(const char *text,
                  GString *out);  // trim, runs of spaces of any width to one U+0020
void text_nfkc(const char *text, GString *out);
void text_halfwidth(const char *text,
                    GString *out);  // ＡＢＣ→ABC, カナ→ｶﾅ (with voiced marks), 　→space
void text_fullwidth(const char *text, GString *out);  // the reverse; combines ｶﾞ→ガ
void text_hiragana(const char *text, GString *out);   // katakana (either width) to hiragana
void text_katakana(const char *text, GString *out);
void text_digits(const char *text, GString *out);  // keeps ASCII digits, full-width ones converted
// The character at *text; a kana with a combining voiced mark behind it as one where there is one
// (か and U+3099 → が). *text moves behind what was taken.
void text_compose_combined(const char **text, GString *out);
bool text_is_selector(gunichar c);    // U+FE00–FE0F, E0100–E01EF: which form of a character
size_t text_chars(const char *text);  // code points
size_t text_width(const char *text);  // columns: East Asian wide = 2
// Bytes of the first n characters, or of fewer, so that a mark is not cut from its letter.
size_t text_cut(const char *text, size_t n_chars);
// C0, C1, bidi controls, line separators, U+FEFF, noncharacters.
bool text_has_control(const char *text);

typedef enum Romaji { ROMAJI_PASSPORT, ROMAJI_KUNREI, ROMAJI_HEPBURN_2025 } Romaji;

// Kana of one word (hiragana or katakana, either width) to lower-case ASCII letters by the scheme:
// passport Hepburn as municipal passport offices publish it (ん before B M P is M, っち is TCH,
// long O and U dropped but not a final お after an o-sound), 訓令式 of 1954, or the notice of
// 2025-12-22 (long vowels of the last two as the kana have them: satou). False, with nothing
// appended, when something in it is not kana; *bad then points at it. Kana alone cannot tell where a
// long vowel crosses a morpheme: passport まつうら gives matsura, for which there are exceptions.
bool text_romaji(const char *kana, Romaji scheme, GString *out, const char **bad);

// Whether all of it is UTF-8; else the offset of the first bad byte. A NUL byte is bad, too.
bool text_valid(const char *bytes, size_t n_bytes, size_t *bad_at);

// ---------------------------------------------------------------------------------------------
// Character sets: what a target can hold. "utf8", "bmp", "cp932" (Windows-31J with its extensions and the
// 1,880 cells of a city's own), "jisx0208" (Shift_JIS: JIS X 0208 and what JIS X 0201 adds: ASCII and half-width
// katakana), "latin1", "ascii". Held is only what comes back as it was: U+301C is not in cp932, though
// encoders take it for U+FF5E.

typedef struct Charset Charset;

Charset *charset_new(const char *name);  // NULL: there is none of this name
void charset_free(Charset *charset);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Charset, charset_free)
const char *charset_name(const Charset *charset);
void charset_names(GString *out);  // all of them, with commas between
bool charset_has(const Charset *charset, gunichar c);
// The first character that it does not hold; NULL if there is none. Control characters are not its
// business.
const char *charset_misfit(const Charset *charset, const char *text);
// "“﨑” (U+FA11)" of the first character of the text.
void text_name_character(const char *text, GString *out);

// ---------------------------------------------------------------------------------------------
// The one escaper. Every output passes through it.

typedef enum EscapeMode {
  ESCAPE_TERMINAL,  // control and bidi characters as \u{202E}, stray bytes as \x{E3}; also for log, mail, findings
  ESCAPE_CSV,      // RFC 4180 cell; quotes when needed; a leading = + - @ tab CR gets a ' in front
  ESCAPE_CSV_RAW,  // RFC 4180 cell without the guard against formulas (for machines)
  ESCAPE_HTML,     // text and quoted attribute values; control characters as for a terminal
  ESCAPE_CSS,      // inside of a quoted string of a style sheet, which may stand in HTML; the same
  ESCAPE_DN,       // RFC 4514 attribute value; control characters in hexadecimal
  ESCAPE_FILTER    // RFC 4515 assertion value; the same
} EscapeMode;

void escape_append(GString *out, const char *bytes, size_t n_bytes, EscapeMode mode);
// Convenience over the above for terminated strings; NULL is shown as "".
void escape_text(GString *out, const char *text, EscapeMode mode);

// ---------------------------------------------------------------------------------------------
// Rows of a CSV text (RFC 4180), read strictly: a quote within an unquoted cell, or one that is never closed, is a
// fault. Spaces belong to cells; empty lines are no rows.

typedef struct CellRow {
  int64_t line;              // 1-based, where it begins
  const char *const *cells;  // terminated
  size_t n_cells;
  bool ended;  // by a line end; only a last row may not be
} CellRow;

typedef bool (*CellFunc)(const CellRow *row, void *data);  // false stops
// `text` is valid UTF-8 without NUL. False: a fault in the row that begins at *line, or `func` stopped (then *line is 0).
typedef struct CellTaker {
  CellFunc func;
  void *data;
} CellTaker;
bool cells_read(const char *text, size_t n_bytes, char separator, const CellTaker *taker,
                int64_t *line);

// ---------------------------------------------------------------------------------------------
// Tables that people get for Excel, fill in and hand back.

// For Excel: CP932, or UTF-8 with the mark by which Excel knows it. What CP932 lacks becomes 〓, so that it is seen to be
// lacking. NULL when `text` is no UTF-8. Caller frees.
GString *filled_encode(const GString *text, bool cp932);
// UTF-8 (with its mark or without), UTF-16 with its mark as Excel's "Unicode text", or CP932. Every line end is '\n'.
// NULL: it is none of these. Caller frees.
char *filled_decode(const char *bytes, size_t n_bytes);
char filled_separator(const char *text);             // of its first line: a tab or a comma
void filled_cell(const char *cell, GString *out);    // without the ' of ESCAPE_CSV and what squeezing drops
// A day in any form that Excel makes of one, Excel's own number too; a time behind it does not matter.
DateFault filled_day(const char *cell, Date *out);

// ---------------------------------------------------------------------------------------------
// Secrets: a type of their own that nothing prints. Memory is locked, kept out of cores, wiped.

typedef struct Secret Secret;

// First line of a file (without its line end). Refused unless a regular file, owned by us or root,
// mode 0600 or stricter, not a link.
Secret *secret_load(const char *path, GError **error);
// Whether a file that a library reads itself, such as a keytab, is as well guarded as secret_load asks.
bool secret_check(const char *path, GError **error);
Secret *secret_random(size_t n_chars,
                      GError **error);  // letters and digits without look-alikes, libsodium
// So many bytes that `fill` writes; wiped and NULL when it returns false.
typedef bool (*SecretFill)(char *bytes, size_t n_bytes, void *data);
Secret *secret_filled(size_t n_bytes, SecretFill fill, void *data, GError **error);
// How a password is made: so many characters, at least one of each class.
#define SECRET_CLASSES 4
typedef struct SecretRule {
  size_t n_chars;
  const char
      *classes[SECRET_CLASSES + 1];  // the ASCII characters of each, none in two; NULL-terminated
} SecretRule;
// Every password that the rule allows is as likely as any other. None holds the word `avoid`, or a part of it of three
// characters and more between signs, in either case, as AD asks of passwords; NULL = nothing is avoided.
Secret *secret_make(const SecretRule *rule, const char *avoid, GError **error);
// Asks on the terminal (/dev/tty), without showing what is typed. EXIT_USAGE without a terminal.
Secret *secret_ask(const char *prompt, GError **error);
void secret_free(Secret *secret);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Secret, secret_free)
const char *secret_bytes(const Secret *secret, size_t *n_bytes);  // terminated, too; never log it

// ---------------------------------------------------------------------------------------------
// The account that somebody logged in with, through sudo and su: as the kernel remembers it, else as sudo says; else that of
// the process. Caller frees.
char *user_login(void);

// ---------------------------------------------------------------------------------------------
// Files. Errors: EXIT_FAILED when something cannot be written, EXIT_USAGE otherwise; the message is
// "PATH: what failed: why". Functions that return a descriptor return -1 on error.

// Opens for reading with O_NOFOLLOW below an open folder; refuses all but regular files.
int file_open_at(int dir_fd, const char *name, GError **error);
// The whole of a regular file (symbolic links refused). Up to `max_bytes`.
GBytes *file_read(const char *path, size_t max_bytes, GError **error);
bool file_write_all(int fd, const char *bytes,
                    size_t n_bytes);  // to an open file; errno when false
// Atomic: temporary file, fsync, rename, fsync of the folder. Mode e.g. 0600.
bool file_write(const char *path, const void *bytes, size_t n_bytes, int mode, GError **error);
// The rest of an open file, of up to `max_bytes`, to a new file of mode 0600; not synced. `name` is for messages.
bool file_copy(int fd, const char *name, const char *to, size_t max_bytes, GError **error);
bool file_sync_parent(const char *path, GError **error);
char *file_sha256(const void *bytes, size_t n_bytes);  // 64 hex digits; caller frees
// Takes an exclusive lock (fcntl OFD), creating the file 0600. EXIT_LOCKED when another has it.
// The holder's pid is written into it. Close the descriptor to release.
int file_lock(const char *path, GError **error);
bool file_is_locked(const char *path);  // by whoever; takes nothing
// Locks on many small things, in one file of no content (0600): gone with the process that holds them. Two handles keep
// each other off, also within one process; one handle does not keep off itself.
typedef struct Latches Latches;
Latches *latches_open(const char *path, GError **error);
void latches_close(Latches *latches);  // lets go of all
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Latches, latches_close)
// Does not wait: *got false when somebody else has it.
bool latches_try(const Latches *latches, const char *name, bool *got, GError **error);
void latches_drop(const Latches *latches, const char *name);
bool file_make_dir(const char *path, int mode, GError **error);  // with parents; existing is fine

// A large file, for reading. Memory holds no more of it than was looked at since it was last forgotten.
typedef struct FileMap {
  const char *bytes;
  size_t n_bytes;
  char sha256[65];  // as file_sha256
} FileMap;

typedef struct FileMapping {
  const char *
      copy_to;  // folder for a copy without a name, which nobody can change; NULL = the file is ours alone
  size_t max_bytes;
} FileMapping;

// A regular file; symbolic links are refused.
FileMap *file_map(const char *path, const FileMapping *how, GError **error);
void file_map_forget(const FileMap *map);
void file_map_free(FileMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FileMap, file_map_free)

// ---------------------------------------------------------------------------------------------
// YAML that people write (libfyaml): every value knows its line and column, every fault is a finding.

typedef struct Yaml Yaml;          // a parsed file
typedef struct YamlNode YamlNode;  // borrowed from its Yaml

typedef enum YamlKind { YAML_NONE, YAML_SCALAR, YAML_MAP, YAML_LIST } YamlKind;

// Syntax errors and duplicate keys are findings (then NULL with an EXIT_USAGE error that counts them).
Yaml *yaml_load(const char *path, Findings *findings, GError **error);
Yaml *yaml_parse(const char *text, size_t n_bytes, const char *name, Findings *findings,
                 GError **error);
void yaml_free(Yaml *yaml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Yaml, yaml_free)
const char *yaml_name(const Yaml *yaml);  // file name for findings
const YamlNode *yaml_root(const Yaml *yaml);
YamlKind yaml_kind(const YamlNode *node);  // NONE for NULL and for a null scalar (~, nothing)
int yaml_line(const YamlNode *node);       // 1-based
// 1-based, characters; of quoted text the first behind the quote, so that places in it can be told.
int yaml_column(const YamlNode *node);
const YamlNode *yaml_get(const YamlNode *map, const char *key);  // NULL when missing or no map
const char *yaml_text(const YamlNode *node);  // scalar's text, borrowed; NULL otherwise
size_t yaml_count(const YamlNode *node);      // pairs of a map, items of a list
const YamlNode *yaml_item(const YamlNode *list, size_t i);
bool yaml_pair(const YamlNode *map, size_t i, const char **key, const YamlNode **key_node,
               const YamlNode **value);
// Adds a finding of level error at the node.
void yaml_fault(const Yaml *yaml, const YamlNode *node, Findings *findings, const char *code,
                const char *format, ...) G_GNUC_PRINTF(5, 6);
// Every key that is not in the NULL-terminated list is a fault that names the nearest allowed one.
void yaml_check_keys(const Yaml *yaml, const YamlNode *map, const char *const *allowed,
                     Findings *findings);
// Typed readings: true when present and well-formed; a malformed one is a fault. `out` keeps its value
// otherwise.
bool yaml_read_bool(const Yaml *yaml, const YamlNode *map, const char *key, Findings *findings,
                    bool *out);
bool yaml_read_int(const Yaml *yaml, const YamlNode *map, const char *key, Findings *findings,
                   int64_t *out);
bool yaml_read_days(const Yaml *yaml, const YamlNode *map, const char *key, Findings *findings,
                    int *out);  // "14d", "2w", 14
bool yaml_read_text(const Yaml *yaml, const YamlNode *map, const char *key, Findings *findings,
                    const char **out);

// ---------------------------------------------------------------------------------------------
// Log: stderr, one line an event, escaped; the only global state of the program.

typedef enum LogLevel { LOG_QUIET, LOG_NORMAL, LOG_VERBOSE, LOG_DEBUG } LogLevel;

void log_set_level(LogLevel level);
void log_note(LogLevel level, const char *format, ...) G_GNUC_PRINTF(2, 3);

// umask 077, no core files, sodium_init, locale and text domain. Call first in main.
void base_init(void);

// ---------------------------------------------------------------------------------------------
// Until when a certificate (X.509, DER or PEM) holds; INSTANT_NONE: it is none.
Instant certificate_ends(const char *bytes, size_t n_bytes);

#endif
