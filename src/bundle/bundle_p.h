// SPDX-License-Identifier: GPL-3.0-or-later
//
// The inside of bundle: signed paper, and what a bundle holds once it is read.
#ifndef IDOU_BUNDLE_P_H
#define IDOU_BUNDLE_P_H

#include <idou/bundle.h>

// ---------------------------------------------------------------------------------------------
// Paper (paper.c): lines of fields between bars, of printable ASCII without spaces, so that no gateway finds anything to
// mend. What is outside A–Z a–z 0–9 and - . _ : / = , @ + ( ) is %XX, by byte; "-" alone is no value. A line longer than
// 100 characters goes on in the next, behind a "+".

#define PAPER_WIDTH 100

typedef struct Pen {
  GString *line;  // the one being written
  GString *out;
} Pen;

void pen_init(Pen *pen, GString *out);
void pen_clear(Pen *pen);
void pen_begin(Pen *pen, const char *word);
void pen_text(Pen *pen, const char *text);  // NULL = no value
void pen_bytes(Pen *pen, const char *bytes, size_t n);
void pen_number(Pen *pen, int64_t number);
void pen_instant(Pen *pen, Instant instant);  // NONE and 0 = no value
void pen_end(Pen *pen);
// Appends the lines "digest" and "signature" over all that `out` holds.
void pen_sign(Pen *pen, const char *purpose, const Signer *signer,
              char digest[BUNDLE_DIGEST_CHARS + 1]);

typedef struct PaperField {
  size_t n;
  const char *at;  // terminated; NULL = no value
} PaperField;

typedef struct Paper {
  const char *name;  // for messages
  char *text;        // line ends as they were written
  size_t n_text;     // without digest and signature, when they were looked at
  char *digest;      // as the paper says
  char *key_id, *signature;
  size_t at;         // of the next line
  size_t begin;      // of the line at hand
  size_t line;       // its number
  const char *word;  // of the line at hand
  GArray *fields;    // PaperField
  GStringChunk *texts;
} Paper;

// EXIT_BUNDLE_DAMAGED unless it is lines of the right characters that end with digest and signature.
bool paper_open(Paper *paper, const char *bytes, size_t n_bytes, const char *name, GError **error);
void paper_clear(Paper *paper);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Paper, paper_clear)
// EXIT_BUNDLE_KEY, or _DAMAGED.
bool paper_verify(const Paper *paper, const char *purpose, const Verifier *from, GError **error);
bool paper_next(Paper *paper, GError **error);  // false at the end (no error) or on error
size_t paper_n(const Paper *paper);
const char *paper_text(const Paper *paper, size_t i);  // NULL = no value, or no such field
bool paper_number(const Paper *paper, size_t i, int64_t *out);
bool paper_instant(const Paper *paper, size_t i, Instant *out);  // no value: INSTANT_NONE
// What was signed is not what we understand: another version wrote it.
bool paper_fault(const Paper *paper, GError **error);

// ---------------------------------------------------------------------------------------------
// What a bundle holds.

typedef struct NoteRow {  // a source row
  RowOrigin origin;
  DesiredOrder order;   // kind NULL: it is no order
  DesiredEvent event;   // cause NULL: none
  const char *enables;  // the cause of an operation that switches on
} NoteRow;

typedef struct NoteWhy {
  const char *rules, *reason;
  const char *rows;  // "1,3": behind the entry's first
} NoteWhy;

typedef struct NoteValue {
  ValueKind kind;
  const char *bytes;
  size_t n;
  const char *object;  // REF
} NoteValue;

typedef struct NoteAttr {
  const char *name;
  Policy policy;
  NoteWhy why;
  guint value, n_values;
} NoteAttr;

typedef struct NoteEdge {
  const char *group;  // object
  NoteWhy why;
} NoteEdge;

typedef struct NoteEntry {
  const char *klass, *key, *parent, *rdn, *reason, *label, *doubt;
  const char *object;
  uint32_t subject, person;
  Presence presence;
  Enabled enabled;
  bool ended;
  NoteWhy why;
  guint row, n_rows, attr, n_attrs, edge, n_edges;
} NoteEntry;

typedef struct Section {
  const char *target;
  GPtrArray *containers;  // const char *
  GPtrArray *klasses;     // Klass *
  GArray *entries;        // NoteEntry
  bool has_now;           // what is wanted when it was made is told, too:
  GArray *now;            // … NoteEntry: those that are other then, or only then
  GHashTable *not_now;    // objects that are not wanted then
} Section;

struct Bundle {
  BundleHead head;
  GArray *sections;  // Section
  GArray *klasses;   // const Klass *: of all sections
  GArray *rows, *values, *attrs, *edges;
  GArray *allows;    // BundleAllows
  GPtrArray *owned;  // memory of lists
  Paper paper;
  char digest[BUNDLE_DIGEST_CHARS + 1];
};

void head_put(Pen *pen, const BundleHead *head);  // head.c

// Each object that the bundle tells of in the target; one may come twice.
typedef void (*BundleObjectFunc)(const char *object, void *data);
void bundle_objects(const Bundle *bundle, const char *target, BundleObjectFunc func, void *data);

// read.c's words, as write.c writes them.
extern const char *const bundle_subjects[];   // by MappingFor; NULL-terminated
extern const char *const bundle_policies[];   // by Policy
extern const char *const bundle_presences[];  // by Presence
extern const char *const bundle_enableds[];   // by Enabled

#define BUNDLE_PURPOSE "idou-bundle"
#define RECEIPT_PURPOSE "idou-receipt"

#endif
