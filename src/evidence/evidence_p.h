// SPDX-License-Identifier: GPL-3.0-or-later
//
// The evidence stage's inside. A source is read into a Gather: object by object what it says. Only a Gather that can be
// believed as a whole is written.
#ifndef IDOU_EVIDENCE_P_H
#define IDOU_EVIDENCE_P_H

#include <idou/evidence.h>
#include <idou/match.h>

// ---------------------------------------------------------------------------------------------
// Moments as sources write them (moment.c).

typedef struct MomentForms {
  unsigned set;  // bits by index of the table of forms
  int zone_s;    // east of Greenwich, of texts that say none
  const GPtrArray
      *never;  // char *: texts (moment_plain) that mean "never used", besides an empty one
} MomentForms;

typedef enum MomentSaid { MOMENT_UNCLEAR, MOMENT_NEVER, MOMENT_USED } MomentSaid;

bool moment_form_add(MomentForms *forms, const char *word);  // false: there is no such form
void moment_form_words(GString *out);                        // all of them, with commas between
bool moment_zone(const char *text, int *seconds);            // "+09:00", "UTC", "JST"
void moment_plain(const char *text, GString *out);           // narrow, with single spaces
// USED: the true moment is within [*moment, *moment + *grain_s].
MomentSaid moment_read(const MomentForms *forms, const char *text, Instant *moment,
                       int64_t *grain_s);

// ---------------------------------------------------------------------------------------------
// Sources (source.c).

// How a row that is no entry of the target names an account.
typedef enum NamedBy { NAMED_LOGIN, NAMED_NUMBER, NAMED_KEY, NAMED_ATTRIBUTE } NamedBy;

typedef struct Gather Gather;
typedef struct Shelf Shelf;
typedef struct Source Source;

typedef struct SourceKind {
  const char *key;  // the key that makes a source one of this kind
  bool (*read)(Gather *gather, GError **error);
} SourceKind;

struct Source {
  EvidenceSource told;
  const SourceKind *kind;
  const TargetConfig *accounts;  // of told.target
  const TargetConfig *of;        // the system that is read; NULL = files
  const char *attribute;         // … what of it holds the moment
  bool all_controllers;          // … each of its controllers is asked
  const char *in;     // … another place than the class's, whose rows name accounts in `account`
  const char *below;  // … a folder of a share whose folders are people's
  const char *files;  // path with a pattern in its last part
  const char *account, *moment;  // columns: headers or, without a header, numbers
  bool header;
  int64_t skip;  // lines before the header
  char separator;
  const char *encoding;  // iconv's name; NULL = UTF-8
  bool all_files;        // each says something; else the latest says all
  bool dated_by_time;    // a file is as old as the file system says, whatever its name says
  int64_t settle_s;      // a file that changed within this is still being written
  NamedBy named;
  const char *named_word;  // kind of name, namespace, or attribute
  MomentForms forms;
  GPtrArray *never;
  int64_t future_s;  // clocks may differ by this
  int64_t quiet_s;   // nobody is without a use for so long that none of them has any
  double shrink_percent;
};

struct EvidenceSources {
  const Yaml *yaml;
  GPtrArray *list;  // Source
  GStringChunk *texts;
};

const Source *source_at(const EvidenceSources *sources, size_t i);
// The class whose accounts it speaks of; NULL: *n classes would do.
const Klass *source_klass(const Source *source, const Mapping *mapping, size_t *n);

// ---------------------------------------------------------------------------------------------
// Gathering (gather.c).

typedef struct Gathered {
  Instant moment;  // INSTANT_NONE = never used
  int64_t precision_s;
} Gathered;

struct Gather {
  const EvidenceSetup *setup;
  const EvidenceSources *sources;
  const Source *source;
  const Klass *klass;
  Shelf *shelf;
  GHashTable *told;     // object -> Gathered
  GHashTable *doubted;  // objects of which something was said that cannot be believed
  Instant reaches;      // set by whoever reads
  size_t n_said, n_unclear, n_future, n_doubts, n_strangers;
  GString *strangers;  // the first few of them
  const char *state;   // of a failure
};

// One thing that the source says.
typedef struct Said {
  const char *text;     // the moment; NULL = the account is known, and no use
  const char *account;  // for people
  const char *file;     // of a row; NULL
  int64_t line;
} Said;

void gather_init(Gather *gather, const EvidenceSetup *setup, const Source *source);
void gather_clear(Gather *gather);
// What was read of the places reaches no further than the system's own word. False: it has never told.
bool gather_as_of(Gather *gather, Reader *reader, const char *const *places, GError **error);
void gather_say(Gather *gather, const char *object, const Said *said);
void gather_at(Gather *gather, const char *object, Instant moment, const Said *said);
void gather_closed(Gather *gather, const char *object, const Said *said);
size_t gather_n_untold(const Gather *gather);  // doubts beyond those that are told one by one
void gather_stranger(Gather *gather, const char *account);
// Sets the error and the state that the source will have; returns false.
bool gather_fail(Gather *gather, const char *state, GError **error, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

// Accounts by what rows call them (naming.c).
typedef struct Naming {
  Gather *gather;
  GHashTable *objects;  // NAMED_ATTRIBUTE: by text_key of the value; "" = several have it
  Reader *reader;       // NAMED_KEY
  EvidenceObjects found;
  GString *object;
} Naming;
bool naming_open(Naming *naming, Gather *gather, GError **error);
void naming_close(Naming *naming);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Naming, naming_close)
const char *naming_find(Naming *naming,
                        const char *account);  // NULL = nobody's; until the next call

// The accounts of a target, each with the values of attributes (accounts.c).
typedef struct AccountValue {
  const char *object, *label;
  size_t attribute;   // of AccountReading.attributes
  const char *value;  // NULL: it has none
} AccountValue;
typedef void (*AccountFunc)(const AccountValue *value, void *data);
typedef struct AccountReading {
  const TargetConfig *config;
  const char *const *
      attributes;  // NULL-terminated. The target must know the first; of others that it does not know
                   // nothing is said
  bool tells;      // of last uses: what it knows ends where the system's own word ends
  AccountFunc func;  // called for each value of each
  void *data;
} AccountReading;
bool accounts_read(Gather *gather, const AccountReading *reading, GError **error);
Reader *accounts_reader(Gather *gather, const TargetConfig *config, GError **error);

// Several sources that are attributes of the same accounts: read once, and kept for those that come after (shelf.c).
Shelf *shelf_new(void);
void shelf_free(Shelf *shelf);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Shelf, shelf_free)
bool shelf_read(Gather *gather, GError **error);

// Kinds of sources.
bool attribute_read(Gather *gather, GError **error);
bool files_read(Gather *gather, GError **error);
bool folders_read(Gather *gather, GError **error);

// Sources of one system that say different things of an account (agree.c).
bool agree_tell(const EvidenceSetup *setup, GError **error);

#endif
