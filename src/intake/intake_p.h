// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the parts of intake share. bytes -> decode -> sheet (rows of cells) -> record (our words) -> conflict
// -> facts_*. Everything up to the facts is judged before the first insert: a transaction that is rolled
// back still leaves its rows in the WAL file.
#ifndef IDOU_INTAKE_P_H
#define IDOU_INTAKE_P_H

#include <idou/audit.h>
#include <idou/intake.h>
#include <idou/orders.h>
#include <jansson.h>

// ---------------------------------------------------------------------------------------------
// How a column of each word (idou/orders.h) is written, and in which layouts it may be.

typedef enum WordType {
  TYPE_TEXT,   // as people write it
  TYPE_CODE,   // no spaces around it; leading zeros are part of it
  TYPE_DATE,   // becomes YYYY-MM-DD
  TYPE_TIME,   // becomes HH:MM
  TYPE_CHOICE  // one of `choices`, usually by a table of codes
} WordType;

#define IN_KIND(kind) (1u << (kind))

typedef struct Word {
  WordType type;
  unsigned kinds;       // IN_KIND of the layouts that may have it
  unsigned filled;      // IN_KIND of the layouts where it may not be empty
  const char *choices;  // "active|leave|left"
} Word;

extern const Word words[N_WORDS];

// ---------------------------------------------------------------------------------------------
// Layouts.

typedef struct Code {
  const char *theirs, *ours;
} Code;

typedef struct Column {
  const char *header;
  WordId word;  // WORD_NONE: a field of the site's own, or ignored
  int own;      // index into the layout's own fields, or -1
  bool ignored;
  bool optional;     // the file may lack it
  bool provisional;  // units may be told as PARENT/NAME; in a table of units the code may be empty
  bool last_day;     // valid_to: the date is the unit's last day
  bool is_day;       // holds the days from which another column's values hold
  const char *day_of;  // header of that column
  int dated_by;        // the column that holds the days of this one; -1 = the row's own date
  int digits;          // exactly so many ASCII digits; 0 = any text
  bool restore;        // zeros that a spreadsheet took are put back
  GArray *codes;       // Code; NULL = values are taken as they come
  DateForms forms;
} Column;

typedef struct OwnField {
  const char *name;
  WordPlace place;
} OwnField;

typedef struct OrderKind {
  const char *code;
  Act act;
  bool last_day;     // the date is the last day of the old state, not the first of the new
  bool keep_former;  // rename: the old family name becomes 旧姓 when the row gives none
  uint64_t needs;    // BIT_OF of words that may not be empty
} OrderKind;

// A cover note's word (採用, 退職, 異動) and the kinds of order that it counts.
typedef struct CoverWord {
  const char *word;
  uint64_t acts;  // bit of each Act
} CoverWord;

typedef enum EditionMode { EDITION_UNTOLD, EDITION_REPLACES, EDITION_ADDS } EditionMode;

typedef enum DateSource { DATED_NEVER, DATED_BY_COLUMN, DATED_BY_NAME } DateSource;

typedef struct Trailer {
  const char *match;  // what its first cell says; NULL = the file has no trailer
  int count_column;   // 1-based
} Trailer;

struct Layout {
  Yaml *yaml;  // owns the strings
  GStringChunk *text;
  const char *name, *space, *files;
  LayoutKind kind;
  Encoding encoding;
  char separator;
  bool full;             // it lists everyone: who is not in it is absent
  bool trim;             // spaces around a cell are padding
  int header_line;       // physical line; what stands above is no data
  bool skip_empty;       // empty lines, and rows of empty cells, say nothing
  bool trailing;         // rows may have empty cells beyond the header
  bool breaks_as_space;  // a line break in a cell is a space
  DateSource dated;
  const char *name_before, *name_after;  // DATED_BY_NAME: what surrounds the date in the file name
  DateForms forms;
  GArray *columns;     // Column
  int slots[N_WORDS];  // index of the word's column; -1 = none
  GArray *own;         // OwnField
  uint64_t decides;    // BIT_OF of what a roster decides
  uint64_t own_decides;
  uint64_t yields;    // BIT_OF of what another source knows better, where it has said anything
  bool yields_all;    // of orders: on one day the orders of other sources come after
  uint64_t needs;     // BIT_OF of what no row may leave empty, beside what the kind of file asks
  int max_term_days;  // `until` may be so far ahead; 0 = any
  GArray *kinds;      // OrderKind
  GArray *key;        // WordId
  Trailer trailer;
  const char
      *count_file;  // name of the file that tells the number of rows, with {name}; NULL = none
  bool count_required;
  const char *
      unit_prefix;  // before the unit codes of a source whose codes another one has, too; "" = none
  const char *series;    // prefix of its order numbers, where several books number their orders; ""
  bool resend_replaces;  // a row that says otherwise under the same key stands for the former one
  EditionMode mode;      // of files that do not tell
  const char *set_in_name;  // "{set}-v{version}.csv"; NULL = not told by the name
  const char *cover_note;   // name of HR's cover note, with {name}; NULL = none
  bool cover_required, cover_counts_rows;
  GArray *cover_words;  // CoverWord
  GPtrArray *fields;    // names, NULL-terminated
};

const char *layout_kind_name(LayoutKind kind);
static inline const Column *layout_column(const Layout *layout, size_t i)
{
  return &g_array_index(layout->columns, Column, i);
}
static inline WordType column_type(const Column *column)
{
  if (column->is_day)
    return TYPE_DATE;
  return column->word == WORD_NONE ? TYPE_TEXT : words[column->word].type;
}
// The column of a word, NULL when the layout has none.
const Column *layout_word(const Layout *layout, WordId word);
// What names whom a row is about: WORD_NUMBER, WORD_CODE or WORD_OLD_CODE.
WordId layout_subject(const Layout *layout);
const OrderKind *layout_order_kind(const Layout *layout, const char *code);  // NULL if unknown
// Columns without which a kind of file says nothing; ends with WORD_NONE.
const WordId *layout_must_have(LayoutKind kind);
// Reads the parts of the YAML into a layout (layout_load does it all).
void layout_read_columns(Layout *layout, const YamlNode *root, Findings *findings);
void layout_read_kinds(Layout *layout, const YamlNode *root, Findings *findings);
void layout_read_forms(const Layout *layout, const YamlNode *node, Findings *findings,
                       DateForms *forms);

// ---------------------------------------------------------------------------------------------
// Decoding.

typedef struct Place {
  int64_t line;
  int64_t column;     // of the table
  int64_t character;  // in the line
} Place;

// What stopped a decoder, or DECODE_FINE.
typedef enum DecodeFault {
  DECODE_FINE,
  DECODE_BYTES,  // no character in this encoding
  DECODE_NUL,
  DECODE_UTF8_MARK,  // declared otherwise, but it begins with the mark of UTF-8
  DECODE_UTF16,
  DECODE_UTF16BE
} DecodeFault;

typedef struct Decoder Decoder;
Decoder *decoder_new(Encoding encoding);
void decoder_free(Decoder *decoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Decoder, decoder_free)

typedef struct Decoded {
  GString *text;    // UTF-8 is appended
  bool odd;         // becomes true when something in it may be a control character or a gaiji …
  bool tab, quote;  // … or there is such a character
  size_t bad_at;    // offset of what stopped it
} Decoded;

// Whole lines, or the text would be cut within a character.
DecodeFault decoder_append(Decoder *decoder, const char *bytes, size_t n_bytes, Decoded *out);
const char *decode_fault_text(DecodeFault fault);
// The first two bytes as hexadecimal text.
void decode_show(const char *bytes, size_t n_bytes, GString *out);
// Takes the mark at the beginning and DOS' end off. A mark of another encoding is a fault.
DecodeFault decode_body(const char **bytes, size_t *n_bytes, Encoding encoding);
// All at once. `bad` gets the bytes at the fault as hexadecimal text.
DecodeFault decode_text(GBytes *bytes, Encoding encoding, GString *out, GString *bad);
// Where the text ends, as a reader of the file would count.
Place decode_place(const GString *text, char separator);

// The text for a gaiji, NULL if the table has none.
const char *gaiji_find(const Gaiji *gaiji, gunichar code);
unsigned gaiji_cp932(gunichar code);  // its code there (F040 …)
unsigned gaiji_eucjp(gunichar code);  // in EUC-JP (F5A1 …, or 8FF5A1 …)
bool gaiji_is(gunichar code);

// ---------------------------------------------------------------------------------------------
// The rows of a CSV file.

typedef struct SheetRow {
  GString *text;     // decoded, without its line end
  GString *cells;    // each terminated, one after another
  uint32_t *starts;  // where each cell begins in `cells`
  size_t n_cells, n_room;
  size_t begin;  // offset in the file
  int64_t line;  // first physical line
  bool odd;      // a cell may hold a control character, a line end or a gaiji
  bool quote;    // it has a quotation mark
} SheetRow;

SheetRow *row_new(void);
void row_free(SheetRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SheetRow, row_free)
// Another cell begins at that offset.
static inline void row_begin_cell(SheetRow *row, size_t start)
{
  if (row->n_cells == row->n_room) {
    row->n_room = 2 * row->n_room + 16;
    row->starts = g_renew(uint32_t, row->starts, row->n_room);
  }
  row->starts[row->n_cells++] = (uint32_t)start;
}

static inline const char *row_cell(const SheetRow *row, size_t column)
{
  return row->cells->str + row->starts[column];
}

// The physical line on which the cell begins: later than its row's when a cell before holds line breaks.
int64_t row_cell_line(const SheetRow *row, size_t column);

typedef enum LineEnd { LINE_CRLF, LINE_LF, LINE_CR, N_LINE_ENDS } LineEnd;
typedef enum SheetStep { SHEET_ROW, SHEET_END, SHEET_FAULT } SheetStep;

struct csv_parser;

// A file being cut into rows.
typedef struct Sheet {
  // what the caller sets
  const char *file;
  Findings *findings;
  bool skip_empty;  // empty lines between rows say nothing; else they are a fault
  // what it may look at
  int64_t n_empty;              // empty lines passed over
  int64_t n_ends[N_LINE_ENDS];  // how rows ended
  // its own
  const char *bytes;
  size_t n_bytes;
  Encoding encoding;
  char separator;
  DecodeFault fault;  // of the file's first bytes
  Decoder *decoder;
  struct csv_parser *parser;
  size_t at;           // where the next line begins
  int64_t line;        // its number
  size_t lf_from, lf;  // from there the next LF is here
  int64_t empty_line;  // the first empty line before the row; 0 = none
  SheetRow *row;       // in the making
  bool ended;          // the parser has seen its end
  bool stuck;          // the parser cannot go on
} Sheet;

// The bytes must outlive it.
Sheet *sheet_new(const void *bytes, size_t n_bytes, Encoding encoding, char separator);
void sheet_free(Sheet *sheet);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sheet, sheet_free)
// The next row. What cannot be read is a finding and SHEET_FAULT.
SheetStep sheet_next(Sheet *sheet, SheetRow *row);
// Passes over a physical line, whatever it holds.
SheetStep sheet_skip_line(Sheet *sheet, SheetRow *row);
// Goes to where a row began that was read before.
void sheet_seek(Sheet *sheet, size_t begin, int64_t line);

// ---------------------------------------------------------------------------------------------
// A file being judged. It is read twice. The first time each row is judged, and a Mark is all that is kept
// of it; then rows are read again as somebody asks for them, in any order. So memory does not grow with
// what the rows hold.

#define KIND_NONE 0xFFFFu

typedef struct Mark {
  uint64_t begin : 40;   // offset in the file
  uint64_t kind : 16;    // orders: index into the layout's kinds, or KIND_NONE
  uint64_t bad : 1;      // became a finding
  uint64_t repeat : 1;   // says the same as an earlier row
  uint64_t beside : 1;   // roster: of a post that is not the main one
  uint64_t follows : 1;  // about the same as the row before: person, unit or order
  uint64_t heads : 1;    // first of the good rows about the same
  uint64_t key;          // hash of what it is about
  int32_t line;
  Date date;  // orders
} Mark;

// How a row stands, for those who write facts.
typedef struct Record {
  int64_t line;
  bool bad;               // became a finding
  bool repeat;            // says the same as an earlier row
  const OrderKind *kind;  // orders only; NULL if unknown
  Date date;              // orders: the date of the order
} Record;

typedef struct Window Window;  // rows that have been read again

// What a column was found to be, by column of the file.
typedef struct Tally {
  int64_t n_filled, n_my_numbers;
  int64_t n_restored, restored_line;  // numbers given their zeros back, and the first of them
} Tally;

typedef struct Memo Memo;  // values of cells that occur again and again
// What HR says of a file as a whole: of which set and version it is, and its totals (送付票).
typedef struct Cover {
  const char *set;  // "" = it belongs to none
  int64_t version;
  EditionMode mode;
  Instant embargo;      // INSTANT_NONE
  GArray *totals;       // CoverTotal
  int64_t n_withdrawn;  // rows of the version before that this one lacks; -1 = not told
  char *covered;        // kinds that the totals count, and rightly; NULL = there were none
} Cover;

typedef struct CoverTotal {
  const char *word;
  int64_t n;
} CoverTotal;

typedef struct Reading {
  const IntakeOptions *options;
  const Layout *layout;
  const char *file;    // name for findings
  Findings *findings;  // of the file
  Findings *held;      // of its rows, until it is known that they may be shown
  size_t n_before;     // findings that were there before this file
  IntakeReceipt *receipt;
  bool rejected;
  bool number_unread;  // some row's key could not be read: the file is no evidence of absence
  int64_t n_expected;  // rows that a count file announces; -1 = there is none
  FileMap *map;        // NULL when the bytes are in memory
  Cover cover;
  Sheet *sheet;
  SheetRow *header;
  bool bound;        // the header is what the layout says
  bool returned;     // it is a table of our findings that comes back corrected
  size_t n_columns;  // of the header, without empty ones at its end
  size_t n_extra;    // these
  GArray *places;    // int: column of the file of each column of the layout; -1 = not there
  GArray *tallies;   // Tally
  GPtrArray *memos;  // Memo by column of the layout; NULL = none
  GArray *records;   // Mark
  GArray *nexts;     // uint32_t: the next record about the same; CHAIN_END. Empty until grouped
  Window *window;
  GStringChunk *text;
  // while its rows come
  GString *key, *last_key;
  size_t n_good;
  bool ascending;        // the keys of good rows so far
  const char *declared;  // by the rows; NULL = by none yet
  size_t declared_by;    // record
  size_t denied_by;      // the first with another date, or NO_RECORD
  size_t n_ragged;
  int64_t n_empty_rows;
} Reading;

#define NO_RECORD SIZE_MAX

// A finding that rejects the whole file.
void reading_reject(Reading *reading, const Finding *finding, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
// A finding about a record, at its column of the word (WORD_NONE: the row).
void reading_note(Reading *reading, size_t record, WordId word, const Finding *finding,
                  const char *format, ...) G_GNUC_PRINTF(5, 6);

// What the following return is valid until WINDOWS - 1 other records have been asked for.
enum { WINDOWS = 4 };
const Record *reading_record(const Reading *reading, size_t record);
// "" when the file has no such column.
const char *reading_word(const Reading *reading, size_t record, WordId word);
// The same, but valid as long as the reading: for words of which there are few, or few different ones.
const char *reading_keep(const Reading *reading, size_t record, WordId word);
// NULL when the file has no such column, or the cell became a finding. By column of the layout.
const char *reading_value(const Reading *reading, size_t record, size_t column);
const SheetRow *reading_row(const Reading *reading, size_t record);
// Its text as it came, decoded.
const char *reading_raw(const Reading *reading, size_t record, size_t *n_bytes);

// The file has the column; one that the layout calls optional may be missing.
bool reading_has(const Reading *reading, WordId word);
static inline Mark *reading_mark(const Reading *reading, size_t record)
{
  return &g_array_index(reading->records, Mark, record);
}
size_t reading_n_records(const Reading *reading);

Window *window_new(Reading *reading);
void window_free(Window *window);
// To be called now and then, as rows go by.
void reading_forget(Reading *reading, size_t n_rows);
// `row` becomes that of the record, in place of one read before, which is returned to be used again.
SheetRow *window_put(Reading *reading, size_t record, SheetRow *row);
// Works out all values of a row, telling what is wrong with them.
void window_judge(Reading *reading, size_t record);

// Header. May reject; false when nothing can follow.
bool header_read(Reading *reading);
// Everything of a row, which is the last put into the window.
void record_judge(Reading *reading, size_t record);
// What a row is about, as text to compare: person, unit, order.
void record_key(const Reading *reading, size_t record, GString *out);
void record_declare(Reading *reading);  // the file's own date
// A value of a row by column of the layout; NULL when it is a finding, which `quiet` does not tell.
typedef struct Cell {
  Reading *reading;
  size_t record;
  const SheetRow *row;
  size_t slot;  // column of the layout …
  const Column *column;
  int place;           // … and of the file, which has it
  GStringChunk *text;  // for values that are no cells
  bool quiet;
} Cell;
const char *cell_read(const Cell *cell);
// A trimmed copy, or the cell itself.
const char *cell_trim(GStringChunk *text, const char *cell);
// The part of it without spaces of any width around it.
const char *cell_bare(const char *cell, size_t *n_bytes);
void cell_free_memos(GPtrArray *memos);

// Reads all rows, judges them, and keeps a Mark of each.
void judge_file(Reading *reading, const void *bytes, size_t n_bytes);

// A row must be as wide as the header.
bool shape_fits(Reading *reading, const SheetRow *row);
void shape_trailer(Reading *reading, const SheetRow *row);  // the last row; NULL = there is none
void shape_count(Reading *reading);                         // what is announced is there
void shape_tell(Reading *reading);                          // what was passed over

// Rows about the same (person, unit, order): each in the order of the file, one list of records after another.
#define CHAIN_END UINT32_MAX
void chain_records(Reading *reading);
size_t chain_next(const Reading *reading, size_t record);  // CHAIN_END
// HR's cover note beside `path`. False only for faults of the system.
bool cover_read(Reading *reading, const char *path, GError **error);
// Set and version by name or columns, and the totals: a difference rejects the file.
void cover_check(Reading *reading);
void layout_read_edition(Layout *layout, const YamlNode *root, Findings *findings);
// Repeats and conflicts.
void conflict_check(Reading *reading);

// My Numbers: true (and rejected, with no other finding) when a column holds them.
bool mynumber_judge(Reading *reading);
void mynumber_count(Reading *reading, const SheetRow *row);
// So many of the filled cells below this header pass that the column holds them.
bool mynumber_fills(const char *header, size_t n_filled, size_t n_valid);
bool mynumber_valid(const char *text);   // it is one, of digits of either width, grouped or not
bool mynumber_within(const char *text);  // it holds one and may not be shown
// The findings of the file as a table in its own encoding; nothing if there are none.
enum { RETURN_COLUMNS = 8 };
void returns_write(Reading *reading, GString *out);
// Such a table that comes back; a cell of it without the quote that guards against formulas.
bool returns_is_header(const SheetRow *row);
const char *returns_unguard(const char *cell);

// What a spreadsheet made of a value, translated; NULL if nothing is to be seen.
const char *damage_hint(const char *value, WordType type);
size_t damage_digits(const char *text);  // how many ASCII digits it begins with
// What a file is that is no text: "an Excel workbook (.xlsx)"; NULL if it may be text.
const char *foreign_name(const void *bytes, size_t n_bytes);
const char *foreign_advice(const Layout *layout);

// ---------------------------------------------------------------------------------------------
// Facts.

typedef struct Edition Edition;

// Writes into the ledger, within the transaction of the file.
typedef struct Scribe {
  Store *store;
  Reading *reading;
  int64_t intake;
  Instant known_at;
  bool from_order;
  bool decided;   // a roster decides it, whatever orders say
  bool is_first;  // no file of this kind and namespace came before
  Date to;        // end of what is written; DATE_OPEN unless a newer file is known
  GArray *own;    // FieldId of the layout's own fields
  // the row being written
  size_t record;
  int64_t row;  // 0 = not yet stored
  int64_t seq;
} Scribe;

// In place of a record: the header, which stands for the file as a whole.
#define SCRIBE_HEADER SIZE_MAX

// Makes `record` the source of what follows. Its raw text is stored with the first fact.
void scribe_turn(Scribe *scribe, size_t record, int64_t seq);
bool scribe_store_row(Scribe *scribe, GError **error);
// `fact`: kind, subject, post, field, value, valid_from.
bool scribe_put(Scribe *scribe, const Fact *fact, GError **error);
// The field of a layout's column; FIELD_NONE when it is no fact.
FieldId scribe_field(const Scribe *scribe, const Column *column);
WordPlace column_place(const Layout *layout, const Column *column);
// Another source told the fact in force, and the layout leaves the field to it.
bool scribe_yields(const Scribe *scribe, const Column *column, const Fact *in_force);

// The version of an order set that a file is.
struct Edition {
  Scribe *scribe;
  int64_t set;       // id in the ledger; 0 = the file belongs to no set
  bool replaces;     // what this version lacks of those before is withdrawn
  bool late;         // a later version that replaces this one was taken before
  Instant embargo;   // INSTANT_NONE
  GHashTable *seen;  // rows of orders that it has again
};
bool edition_open(Scribe *scribe, Edition *edition, GError **error);
void edition_saw(Edition *edition, int64_t row);
bool edition_is_late(const Edition *edition);
// Withdraws what it lacks, and tells of it.
bool edition_close(Edition *edition, GHashTable *people, GError **error);
void edition_clear(Edition *edition);

bool facts_orders(Scribe *scribe, GError **error);
// What orders say of the people is computed anew; findings go to the reading. `people`: a set of ids.
bool facts_replay(Scribe *scribe, GHashTable *people, GError **error);
bool facts_roster(Scribe *scribe, GError **error);
bool facts_absence(Scribe *scribe, GHashTable *seen, GError **error);
bool facts_units(Scribe *scribe, GError **error);
// Rejects a table one of whose codes is another source's.
void units_judge(Reading *reading, Store *store);
bool facts_details(Scribe *scribe, GError **error);
bool facts_reorganisation(Scribe *scribe, GError **error);
// A table of old and new codes is taken as a whole or not at all: a row that cannot be rejects it.
void reorganisation_judge(Reading *reading);
// Units that a file of people tells of: those without code that nobody knows yet are made; notes tell which codes
// are unknown, or those of units that go by another one by then.
bool facts_people_units(Scribe *scribe, GError **error);

// ---------------------------------------------------------------------------------------------
// Units (unit_book.c). A subject is one use of a code: a unit that gets another code goes on under the subject of
// that one, and whoever reads the facts puts them together. So it does not matter what is told first.
//
// What tables of units say and what reorganisations say lie side by side (Fact.from_order: a reorganisation):
// each only compares with its own.

// Of the subject's facts, those of tables of units, or of reorganisations.
const Fact *unit_told(const Known *known, FieldId field, Date as_of, bool reorganised);
bool unit_is_held(const Known *known, Date as_of);  // known, and not ended by then
// The last day before which it ended, as far as it has by `as_of`; DATE_NONE.
Date unit_ended(const Known *known, Date as_of);
// Who has the code on the day; 0 = nobody.
uint32_t unit_find(const Scribe *scribe, const char *code, Date on);
uint32_t unit_add(const Scribe *scribe, const char *code, Date from, GError **error);
bool unit_same_name(const char *a, const char *b);  // by store_unit_key

typedef struct UnitFact {
  uint32_t unit;
  FieldId field;
  const char *value;
  Date from;
} UnitFact;
bool unit_put(Scribe *scribe, const UnitFact *what, GError **error);

typedef struct NewUnit {
  size_t record;
  const char *code, *parent, *name;
  Date from;
} NewUnit;
// A unit that was known without code, of the same parent and name, is this one from `from` on.
bool unit_bind(Scribe *scribe, const NewUnit *what, GError **error);
// A unit without code: `code` is the one by which it goes in the meantime, or "PARENT/NAME".
bool unit_add_provisional(Scribe *scribe, const NewUnit *what, uint32_t *unit, GError **error);
// Counts one row for the receipt.
void receipt_count(IntakeReceipt *receipt, const char *kind);

// ---------------------------------------------------------------------------------------------
// Guessing a layout: guess.c decides, guess_bytes.c decodes and cuts, guess_words.c knows HR's words,
// guess_column.c looks at values, guess_write.c writes the proposal.

// What a header says, by a table. Fields by name: which of them there are depends on the kind of file.
typedef struct Heading {
  const char *header;  // as HR writes it, compared by text_key
  const char
      *fields[3];  // the first that the kind of file has and no column before it; none = ignored
  const char *remark;  // why somebody should look at it; untranslated; NULL
} Heading;

extern const Heading guess_headings[];
extern const size_t guess_n_headings;

// Rows by the key of their header. Caller unrefs.
GHashTable *guess_dictionary(void);
// The row of a header, NULL when it is not known. A trailing [＊] marks the code twin of the name beside it.
const Heading *guess_heading(GHashTable *dictionary, const char *header);
// The field whose own days the column holds (所属発令年月日: those of "unit"); NULL when it is no such column.
const char *guess_day_of(const Heading *heading);
bool guess_is_marked(const char *header);
bool guess_is_name(const char *header);  // 職名名称, 兼務先所属名
// What code and name of one thing have in common: 職名コード and 職名名称 have 職名. Appends.
void guess_stem(const char *header, GString *out);

typedef enum GuessTrust { GUESS_UNKNOWN, GUESS_ASSUMED, GUESS_KNOWN } GuessTrust;

typedef struct Meaning {
  const char *ours;  // kind of order or value of the field
  bool last_day;     // of orders: what is dated so is over at the end of that day, as a rule
  GuessTrust trust;
} Meaning;

// What a wording (採用, 休職) means in a column of this field, NULL or unknown wordings give GUESS_UNKNOWN;
// a bare code is only assumed to mean something.
Meaning guess_wording(WordId word, const char *wording);
Meaning guess_code(WordId word, const char *code);

// One row of the file, cut without complaint. Valid within the callback.
typedef struct GuessRow {
  const GPtrArray *cells;
  int64_t line;
} GuessRow;
typedef bool (*GuessRowFunc)(const GuessRow *row, void *data);  // false stops
void guess_rows(const GString *text, char separator, GuessRowFunc func, void *data);

typedef struct GuessEncoding {
  const char *name;  // as a layout says it
  const char *iconv;
  bool readable;  // a layout can say so
} GuessEncoding;

// The likeliest header line of a text.
typedef struct GuessHeader {
  char separator;
  int64_t line;    // 0 = none
  size_t n_known;  // of its cells
} GuessHeader;

// What the bytes are as far as they tell.
typedef struct GuessText {
  const GuessEncoding *encoding;  // NULL = none fits
  GString *text;                  // NULL = none fits, or the file is damaged
  int64_t bad_line;               // … there
  GuessHeader header;
  GString *why;  // how sure, and by what evidence
} GuessText;

void guess_decode(GBytes *bytes, GHashTable *dictionary, GuessText *out);
void guess_text_clear(GuessText *text);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GuessText, guess_text_clear)

enum { GUESS_N_FORMS = 6, GUESS_N_MASKS = 1 << GUESS_N_FORMS };

// A code and what stands beside it.
typedef struct GuessValue {
  char *code;
  char *name;   // as the name column says, NULL when there is none
  bool varies;  // … with other names on other lines
  int64_t n, line;
  int64_t n_dated, n_firsts;  // orders: with how many days, and how many are the first of a month
} GuessValue;

typedef struct GuessColumn {
  char *header;
  const Heading *heading;  // NULL = not known
  WordId word;             // WORD_NONE = ignored
  const char *shadow;      // header that has the field already; NULL
  const char *day_of;      // header of the column whose values hold from these days; NULL
  int names;               // column with the names of its codes; -1
  int coded;               // column whose codes it names; -1
  int64_t n_filled, n_padded, n_mynumber;
  int64_t n_digits, n_widths;    // values of digits only; how often their width changed
  int64_t width;                 // of the last of them
  bool has_zero;                 // one of them begins with 0
  int64_t masks[GUESS_N_MASKS];  // dates, by the forms that fit; [0] fit none
  int64_t misfit_line;
  unsigned eras
      [10];  // by era code: letters that are possible, a bit each of MTSHR; 0 = it does not occur
  GPtrArray *values;  // GuessValue, of columns of codes
  bool many;          // … of which there are too many
} GuessColumn;

#define GUESS_ERAS "MTSHR"

typedef struct Guess {
  const GuessOptions *options;
  Guessed *out;
  const GuessText *text;
  const char *kind;    // as a layout says it
  LayoutKind layout;   // with the words of this kind
  bool loadable;       // a layout can be of this kind
  GPtrArray *columns;  // GuessColumn
  int date_column;     // of the orders' date; -1
  int64_t n_rows;
  int64_t n_ragged, ragged_line;
  int64_t n_empty, n_trailing,
      n_breaks;       // empty lines, rows with empty cells beyond the header, line breaks
  int64_t next_line;  // where a row is expected that follows the one before
  char *trailer;      // what its first cell says; NULL = none
  int trailer_column;
  char *before, *after;  // around the date in the file's name; NULL = it has none
  size_t name_form;
} Guess;

GuessColumn *guess_column_new(const char *header, const Heading *heading);
void guess_column_free(void *column);
GuessColumn *guess_column(const Guess *guess, size_t i);
const GuessColumn *guess_find(const Guess *guess, WordId word);  // NULL = no column has the field
bool guess_has_codes(WordId word);
bool guess_is_date(const GuessColumn *column);
// A value of the column, which may be empty.
void guess_note_value(const Guess *guess, GuessColumn *column, const GuessRow *row,
                      const char *cell);
// The fewest forms in which all dates of the column are written; how many are in none.
DateForms guess_forms(const GuessColumn *column, int64_t *n_misfits);
const char *guess_form_name(size_t form);
bool *guess_form(DateForms *dates, size_t form);
// Writes the proposal to guess->out, and counts its gaps.
void guess_write(Guess *guess);

#endif
