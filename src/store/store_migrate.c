// SPDX-License-Identifier: GPL-3.0-or-later
//
// The shape of the file, version by version. What has been released is never edited: a change is a
// new version at the end.
#include "store_p.h"

// Text is UTF-8, a day is a Date, a moment an Instant; "open" ends are DATE_OPEN and INSTANT_OPEN.
static const char version_1[] =
    "CREATE TABLE field (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"

    // AUTOINCREMENT: an id is never given twice, even when its row is gone.
    "CREATE TABLE subject (id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL) STRICT;"
    "CREATE TABLE link (kind INTEGER NOT NULL, space TEXT NOT NULL, number TEXT NOT NULL,"
    "  valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL,"
    "  subject INTEGER NOT NULL REFERENCES subject,"
    "  PRIMARY KEY (kind, space, number, valid_from)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX link_subject ON link (subject, kind, valid_from, number);"
    "CREATE TABLE post (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  person INTEGER NOT NULL REFERENCES subject, key TEXT NOT NULL, UNIQUE (person, key)) STRICT;"

    "CREATE TABLE intake (id INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL,"
    "  layout TEXT NOT NULL, kind TEXT NOT NULL, space TEXT NOT NULL, declared INTEGER NOT NULL,"
    "  taken INTEGER NOT NULL, n_rows INTEGER NOT NULL, n_findings INTEGER NOT NULL) STRICT;"
    "CREATE INDEX intake_sha256 ON intake (sha256);"
    "CREATE TABLE row (id INTEGER PRIMARY KEY, intake INTEGER NOT NULL REFERENCES intake,"
    "  line INTEGER NOT NULL, raw TEXT) STRICT;"
    "CREATE TABLE order_set (id INTEGER PRIMARY KEY, intake INTEGER NOT NULL REFERENCES intake,"
    "  space TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, replaces INTEGER NOT "
    "NULL,"
    "  covered TEXT NOT NULL, embargo INTEGER NOT NULL) STRICT;"
    "CREATE INDEX order_set_name ON order_set (space, name, version);"
    "CREATE TABLE hr_order (row INTEGER PRIMARY KEY REFERENCES row, space TEXT NOT NULL,"
    "  number TEXT NOT NULL, person INTEGER NOT NULL, person_number TEXT NOT NULL,"
    "  old_number TEXT NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL,"
    "  last_day INTEGER NOT NULL, keep_former INTEGER NOT NULL, date INTEGER NOT NULL,"
    "  seq INTEGER NOT NULL, said TEXT NOT NULL, in_set INTEGER NOT NULL,"
    "  known_from INTEGER NOT NULL, known_to INTEGER NOT NULL, state TEXT NOT NULL,"
    "  reason TEXT NOT NULL) STRICT;"
    "CREATE INDEX hr_order_number ON hr_order (space, number, known_to, known_from);"
    "CREATE INDEX hr_order_person ON hr_order (person, seq);"
    "CREATE INDEX hr_order_waiting ON hr_order (space, person_number, seq) WHERE person = 0;"
    "CREATE INDEX hr_order_set ON hr_order (in_set);"
    // Nearly all hold.
    "CREATE INDEX hr_order_state ON hr_order (state, seq) WHERE state <> 'holds';"

    // Clustered in the order in which the roster reads it: everyone's facts are one walk, unsorted.
    "CREATE TABLE fact (kind INTEGER NOT NULL, subject INTEGER NOT NULL, post INTEGER NOT NULL,"
    "  field INTEGER NOT NULL, valid_from INTEGER NOT NULL, seq INTEGER NOT NULL,"
    "  known_from INTEGER NOT NULL, row INTEGER NOT NULL, value TEXT NOT NULL,"
    "  valid_to INTEGER NOT NULL, known_to INTEGER NOT NULL, from_order INTEGER NOT NULL,"
    "  PRIMARY KEY (kind, subject, post, field, valid_from, seq, known_from, row))"
    "  STRICT, WITHOUT ROWID;"
    "CREATE INDEX fact_row ON fact (row) WHERE row <> 0;"
    // FIELD_BIRTH of people: who may be the same person under another number.
    "CREATE INDEX fact_birth ON fact (value, subject) WHERE kind = 1 AND field = 6;"
    "CREATE TABLE ruling (id INTEGER PRIMARY KEY, what TEXT NOT NULL, subject TEXT NOT NULL,"
    "  who TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL) STRICT;"
    "CREATE TABLE extension (id INTEGER PRIMARY KEY, unit TEXT NOT NULL, first INTEGER NOT NULL,"
    "  until INTEGER NOT NULL, who TEXT NOT NULL, reason TEXT NOT NULL, since INTEGER NOT NULL)"
    "  STRICT;"
    "CREATE TABLE absence (person INTEGER NOT NULL REFERENCES subject, declared INTEGER NOT NULL,"
    "  PRIMARY KEY (person, declared)) STRICT, WITHOUT ROWID;"

    // Without a subject: nobody's, and not to be given. State 1 is NAME_CURRENT: one for each.
    "CREATE TABLE name (kind TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,"
    "  subject INTEGER REFERENCES subject, state INTEGER NOT NULL, given INTEGER NOT NULL,"
    "  basis TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX name_current ON name (kind, subject) WHERE state = 1;"
    "CREATE INDEX name_subject ON name (subject, kind);"

    "CREATE TABLE binding (target TEXT NOT NULL, object TEXT NOT NULL, stable_id TEXT NOT NULL,"
    "  PRIMARY KEY (target, object), UNIQUE (target, stable_id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE ownership (target TEXT NOT NULL, class TEXT NOT NULL, attribute TEXT NOT NULL,"
    "  PRIMARY KEY (target, class, attribute)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE cursor (scope TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,"
    "  PRIMARY KEY (scope, name)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE hold (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL,"
    "  name TEXT NOT NULL, reason TEXT NOT NULL, who TEXT NOT NULL, since INTEGER NOT NULL,"
    "  released INTEGER, released_by TEXT) STRICT;"

    "CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, digest TEXT NOT NULL,"
    "  plan_path TEXT, host TEXT, started INTEGER NOT NULL, ended INTEGER NOT NULL,"
    "  state TEXT NOT NULL, desk INTEGER NOT NULL) STRICT;"
    "CREATE INDEX run_digest ON run (digest);"
    "CREATE TABLE op (run INTEGER NOT NULL REFERENCES run, n INTEGER NOT NULL,"
    "  target TEXT NOT NULL, object TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,"
    "  before TEXT, detail TEXT, n_attempts INTEGER NOT NULL, changed INTEGER NOT NULL,"
    "  PRIMARY KEY (run, n)) STRICT, WITHOUT ROWID;"
    // What products have still to answer: few among all that was ever done.
    "CREATE INDEX op_receipt ON op (run, n) WHERE state = 'receipt';"
    "CREATE TABLE attempt (run INTEGER NOT NULL, n INTEGER NOT NULL, i INTEGER NOT NULL,"
    "  at INTEGER NOT NULL, outcome TEXT NOT NULL, detail TEXT,"
    "  PRIMARY KEY (run, n, i), FOREIGN KEY (run, n) REFERENCES op) STRICT, WITHOUT ROWID;"

    // Its number stands on paper: never given twice.
    "CREATE TABLE seal (number INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL REFERENCES "
    "run,"
    "  n INTEGER NOT NULL, target TEXT NOT NULL, object TEXT NOT NULL, attribute TEXT NOT NULL,"
    "  person INTEGER NOT NULL, label TEXT NOT NULL, account TEXT NOT NULL, as_of INTEGER NOT NULL,"
    "  made INTEGER NOT NULL, state TEXT NOT NULL, changed INTEGER NOT NULL, key_id TEXT NOT NULL,"
    "  box TEXT) STRICT;"
    "CREATE INDEX seal_op ON seal (run, n);"
    "CREATE INDEX seal_object ON seal (target, object) WHERE state <> 'void';"
    "CREATE TABLE seal_event (seal INTEGER NOT NULL REFERENCES seal, at INTEGER NOT NULL,"
    "  what TEXT NOT NULL, who TEXT NOT NULL) STRICT;"
    "CREATE INDEX seal_event_seal ON seal_event (seal, at);";

// What operations are counted by: the plan that has it may be gone when somebody counts. Up to which run it is not
// known is kept.
#define JOURNAL_2                                                                              \
  "ALTER TABLE op ADD COLUMN person INTEGER NOT NULL DEFAULT 0;"                               \
  "ALTER TABLE op ADD COLUMN cause TEXT;"                                                      \
  "ALTER TABLE op ADD COLUMN matter TEXT;"                                                     \
  "INSERT INTO cursor (scope, name, value) SELECT 'journal', 'without-case', CAST(id AS TEXT)" \
  "  FROM run ORDER BY id DESC LIMIT 1;"

// What was measured, and when: how full shares are, how many seats are taken.
#define MEASURES_2                                                                      \
  "CREATE TABLE measure (kind TEXT NOT NULL, target TEXT NOT NULL, name TEXT NOT NULL," \
  "  taken INTEGER NOT NULL, used INTEGER NOT NULL, most INTEGER NOT NULL,"             \
  "  n INTEGER NOT NULL, unseen INTEGER NOT NULL, unit TEXT NOT NULL,"                  \
  "  PRIMARY KEY (kind, target, name, taken)) STRICT, WITHOUT ROWID;"

// What takes away from what the rules give, evidence of last use, and what people answered about either.
static const char version_2[] = JOURNAL_2 MEASURES_2
    "CREATE TABLE restriction (id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL,"
    "  object TEXT NOT NULL, cause TEXT NOT NULL, what TEXT NOT NULL, group_object TEXT NOT NULL,"
    "  reason TEXT NOT NULL, source TEXT NOT NULL, who TEXT NOT NULL, since INTEGER NOT NULL,"
    "  until INTEGER NOT NULL, lifted INTEGER, lifted_by TEXT, lifted_why TEXT) STRICT;"
    // One of a kind stands at a time: a run that is gone on with adds none twice.
    "CREATE UNIQUE INDEX restriction_standing ON restriction"
    "  (target, object, cause, what, group_object) WHERE lifted IS NULL;"

    "CREATE TABLE evidence_source (name TEXT PRIMARY KEY, collected INTEGER NOT NULL,"
    "  reaches INTEGER NOT NULL, n_accounts INTEGER NOT NULL, state TEXT NOT NULL, detail TEXT,"
    "  since INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE evidence (source TEXT NOT NULL, target TEXT NOT NULL, object TEXT NOT NULL,"
    "  moment INTEGER NOT NULL, precision INTEGER NOT NULL, collected INTEGER NOT NULL,"
    "  PRIMARY KEY (target, object, source)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE claim (id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL,"
    "  object TEXT NOT NULL, cause TEXT NOT NULL, group_object TEXT NOT NULL, until INTEGER NOT "
    "NULL,"
    "  reason TEXT NOT NULL, source TEXT NOT NULL, who TEXT NOT NULL, since INTEGER NOT NULL,"
    "  withdrawn INTEGER) STRICT;"
    // Since when an account is there: few operations, of which each account has its own. Of an IN a list would be
    // made for every operation that is written.
    "CREATE INDEX op_began ON op (target, object)"
    "  WHERE kind = 'create' OR kind = 'adopt' OR kind = 'enable' OR kind = 'disable';"

    "CREATE INDEX claim_object ON claim (target, object) WHERE withdrawn IS NULL;"

    // Its numbers stand on lists that people have: never given twice.
    "CREATE TABLE inquiry (id INTEGER PRIMARY KEY AUTOINCREMENT, cause TEXT NOT NULL,"
    "  unit TEXT NOT NULL, unit_id INTEGER NOT NULL, unit_name TEXT NOT NULL, title TEXT NOT NULL,"
    "  who TEXT NOT NULL,"
    "  asked INTEGER NOT NULL, due INTEGER NOT NULL, last INTEGER NOT NULL, terse INTEGER NOT NULL)"
    "  STRICT;"
    "CREATE TABLE question (inquiry INTEGER NOT NULL REFERENCES inquiry, n INTEGER NOT NULL,"
    "  cause TEXT NOT NULL, target TEXT NOT NULL, object TEXT NOT NULL, group_object TEXT NOT NULL,"
    "  stable_id TEXT NOT NULL, number TEXT NOT NULL, label TEXT NOT NULL, system TEXT NOT NULL,"
    "  account TEXT NOT NULL, text TEXT NOT NULL, used INTEGER NOT NULL, proposed TEXT NOT NULL,"
    "  state TEXT NOT NULL, until INTEGER NOT NULL, reason TEXT NOT NULL,"
    "  answered_by TEXT NOT NULL, source TEXT NOT NULL, answered INTEGER NOT NULL,"
    "  claim INTEGER NOT NULL, PRIMARY KEY (inquiry, n)) STRICT, WITHOUT ROWID;"
    // The same is not asked twice while it is open.
    "CREATE UNIQUE INDEX question_open ON question (target, object, cause, group_object)"
    "  WHERE state = 'open';"
    "CREATE INDEX question_remove ON question (cause) WHERE state = 'remove';"
    "CREATE INDEX question_object ON question (object, group_object);";

// Who did what, in order, each row with a digest of itself and the one before (audit.h). A row is neither changed nor
// taken away but from the beginning, when it is older than it must be kept. AUTOINCREMENT remembers how many there were.
// The triggers keep out mistakes, not whoever can write to the file: those the digests find.
#define AUDIT_3                                                                         \
  "CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,"      \
  "  who TEXT NOT NULL, user TEXT NOT NULL, what TEXT NOT NULL, subject TEXT NOT NULL," \
  "  detail TEXT NOT NULL, digest TEXT NOT NULL) STRICT;"                               \
  "CREATE INDEX audit_what ON audit (what, id);"                                        \
  "CREATE INDEX audit_subject ON audit (subject, id);"                                  \
  "CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit"                               \
  "  BEGIN SELECT RAISE(ABORT, 'the audit record is only added to'); END;"              \
  "CREATE TRIGGER audit_at_end BEFORE INSERT ON audit"                                  \
  "  WHEN NEW.id <= (SELECT ifnull(max(id), 0) FROM audit)"                             \
  "  BEGIN SELECT RAISE(ABORT, 'the audit record is only added to'); END;"              \
  "CREATE TRIGGER audit_kept BEFORE DELETE ON audit"                                    \
  "  WHEN OLD.id > ifnull((SELECT CAST(value AS INTEGER) FROM cursor"                   \
  "                        WHERE scope = 'audit' AND name = 'purged'), 0)"              \
  "  BEGIN SELECT RAISE(ABORT, 'the audit record is kept'); END;"

// A hold may end by itself, and does not keep back the plan that placed it.
// The default is DATE_OPEN.
#define HOLDS_3                                                            \
  "ALTER TABLE hold ADD COLUMN until INTEGER NOT NULL DEFAULT 2147483647;" \
  "ALTER TABLE hold ADD COLUMN plan TEXT NOT NULL DEFAULT '';"

// Which limits a run began under, and which overrides have had their one run.
#define LIMITS_3                                                               \
  "ALTER TABLE run ADD COLUMN profile TEXT NOT NULL DEFAULT '';"               \
  "CREATE TABLE override_spent (entry TEXT PRIMARY KEY, run INTEGER NOT NULL," \
  "  at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

// Plans that a run applied as approved, with the day they are for: what such a run left out or was refused is not done by
// another plan in silence.
#define APPROVED_3                                                          \
  "CREATE TABLE approved (digest TEXT PRIMARY KEY, as_of INTEGER NOT NULL," \
  "  at INTEGER NOT NULL, given INTEGER NOT NULL) STRICT, WITHOUT ROWID;"   \
  "CREATE INDEX op_undone ON op (run, n) WHERE state = 'refused' OR state = 'skipped';"

// A stop is a hold of kind "stop", of a person whatever their numbers become.
#define STOPS_3                                                    \
  "ALTER TABLE hold ADD COLUMN person INTEGER NOT NULL DEFAULT 0;" \
  "ALTER TABLE hold ADD COLUMN released_why TEXT;"

static const char version_3[] = AUDIT_3 HOLDS_3 LIMITS_3 APPROVED_3 STOPS_3;

static const char *const versions[] = {version_1, version_2, version_3};

int store_version_newest(void)
{
  return G_N_ELEMENTS(versions);
}

static bool migrate_steps(Store *store, GError **error)
{
  // Asked again under the lock: another process may have done it in the meantime.
  int version = 0;
  if (!store_pragma_int(store, "PRAGMA user_version", &version, error))
    return false;
  for (int i = version; i < store_version_newest(); i++)
    if (!store_exec(store, versions[i], error))
      return false;
  g_autofree char *stamp =
      g_strdup_printf("PRAGMA application_id = %d; PRAGMA user_version = %d", STORE_APPLICATION_ID,
                      MAX(version, store_version_newest()));
  return store_exec(store, stamp, error);
}

bool store_migrate(Store *store, GError **error)
{
  if (!store_exec(store, "BEGIN IMMEDIATE", error))
    return false;
  if (!migrate_steps(store, error)) {
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
  }
  return store_exec(store, "COMMIT", error);
}
