// SPDX-License-Identifier: GPL-3.0-or-later
//
// Every statement that the program ever runs on its store, but the migrations.
#include "store_p.h"

// Known then, and not forgotten yet: the parameter is an Instant, see store_known.
#define KNOWN_AT(n) "known_from <= ?" #n " AND known_to > ?" #n
#define INTAKE_COLUMNS "id, name, sha256, layout, kind, space, declared, taken, n_rows, n_findings"
#define FACT_COLUMNS                                                                          \
  "kind, subject, post, field, value, valid_from, valid_to, known_from, known_to, seq, row, " \
  "from_order"
#define FACT_BRIEF "kind, subject, post, field, value, valid_from, valid_to, row"
#define FACT_ORDER "kind, subject, post, field, valid_from, seq, known_from, row"
#define FACT_LATEST "ORDER BY valid_from DESC, seq DESC, known_from DESC, row DESC LIMIT 1"
#define NAME_COLUMNS "kind, name, subject, state, given, basis, note"
#define ORDER_REST                                                                              \
  "number, person, person_number, old_number, target, kind, last_day, keep_former, date, seq, " \
  "said, in_set, known_from, known_to, state, reason"
#define ORDER_INSERT "row, space, " ORDER_REST
#define ORDER_COLUMNS "row, hr_order.space, " ORDER_REST
#define SET_COLUMNS "id, intake, space, name, version, replaces, covered, embargo"
#define HOLD_COLUMNS                                                         \
  "id, kind, name, reason, who, since, released, released_by, until, plan, " \
  "person, released_why"
#define AUDIT_COLUMNS "id, at, who, user, what, subject, detail, digest"
#define MEASURE_COLUMNS "kind, target, name, taken, used, most, n, unseen, unit"
#define RUN_COLUMNS "id, digest, plan_path, host, started, ended, state, desk"
#define SEAL_COLUMNS                                                                        \
  "number, run, n, target, object, attribute, person, label, account, as_of, made, state, " \
  "changed, key_id, box, (SELECT coalesce(sum(CASE what WHEN 'printed' THEN 1 "             \
  "WHEN 'unprinted' THEN -1 ELSE 0 END), 0) FROM seal_event WHERE seal = number)"
#define RESTRICTION_COLUMNS                                                            \
  "id, target, object, cause, what, group_object, reason, source, who, since, until, " \
  "lifted, lifted_by, lifted_why"
#define EVIDENCE_COLUMNS "source, target, object, moment, precision, collected"
#define CLAIM_COLUMNS \
  "id, target, object, cause, group_object, until, reason, source, who, since, withdrawn"
#define INQUIRY_COLUMNS "id, cause, unit, unit_id, unit_name, title, who, asked, due, last, terse"
#define QUESTION_ASKED                                                                    \
  "inquiry, n, target, object, group_object, stable_id, number, label, system, account, " \
  "text, used, proposed"
#define QUESTION_COLUMNS \
  QUESTION_ASKED ", state, until, reason, answered_by, source, answered, claim"
#define OP_COLUMNS                                                                    \
  "run, n, target, object, kind, state, before, detail, max(n_attempts, "             \
  "(SELECT count(*) FROM attempt WHERE attempt.run = op.run AND attempt.n = op.n)), " \
  "person, cause, matter"

static const char *const statements[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",

    [SQL_FIELDS] = "SELECT id, name FROM field ORDER BY id",
    [SQL_FIELD_ADD] = "INSERT INTO field (id, name) VALUES (?1, ?2)",

    [SQL_SUBJECT_ADD] = "INSERT INTO subject (kind) VALUES (?1)",
    [SQL_LINK_HOLDERS] = "SELECT subject, valid_from FROM link WHERE kind = ?1 AND space = ?2 "
                         "AND number = ?3 AND valid_to > ?4 ORDER BY valid_from",
    [SQL_LINK_ADD] = "INSERT INTO link (kind, space, number, valid_from, valid_to, subject) "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_LINK_END] = "UPDATE link SET valid_to = ?5 "
                     "WHERE kind = ?1 AND space = ?2 AND number = ?3 AND valid_from = ?4",
    [SQL_LINK_BEGIN] = "UPDATE link SET valid_from = ?5 "
                       "WHERE kind = ?1 AND space = ?2 AND number = ?3 AND valid_from = ?4",
    [SQL_LINK_FIND] = "SELECT subject FROM link WHERE kind = ?1 AND space = ?2 AND number = ?3 "
                      "AND valid_from <= ?4 AND valid_to > ?4 ORDER BY valid_from DESC LIMIT 1",
    [SQL_LINK_NUMBER] = "SELECT number FROM link WHERE subject = ?1 AND kind = ?2 "
                        "ORDER BY valid_from DESC, number DESC LIMIT 1",
    [SQL_UNIT_LINKS] =
        "SELECT subject, space, number, valid_from, valid_to FROM link WHERE kind = ?1 "
        "ORDER BY subject, valid_from, number, space",
    [SQL_LINKS_OF] = "SELECT space, number, valid_from, valid_to FROM link WHERE subject = ?1 "
                     "AND kind = ?2 ORDER BY valid_from, number",
    [SQL_LINKS_PASS_ON] = "UPDATE link SET subject = ?2 WHERE subject = ?1",
    [SQL_LINK_BEARERS] = "SELECT DISTINCT subject FROM link WHERE kind = ?1 AND number = ?2 "
                         "ORDER BY subject",
    [SQL_POST_ADD] = "INSERT INTO post (person, key) VALUES (?1, ?2)",
    [SQL_POST_FIND] = "SELECT id FROM post WHERE person = ?1 AND key = ?2",
    [SQL_POST_KEY] = "SELECT key FROM post WHERE id = ?1",
    [SQL_POST_PERSON] = "SELECT person FROM post WHERE id = ?1",
    [SQL_POSTS_WITH_KEY] = "SELECT person, id FROM post WHERE key = ?1 ORDER BY person",

    [SQL_INTAKE_ADD] =
        "INSERT INTO intake (name, sha256, layout, kind, space, declared, taken, n_rows, "
        "n_findings) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SQL_INTAKE_COUNTS] = "UPDATE intake SET n_rows = ?2, n_findings = ?3 WHERE id = ?1",
    [SQL_INTAKE_BY_SHA256] =
        "SELECT " INTAKE_COLUMNS " FROM intake WHERE sha256 = ?1 ORDER BY id DESC LIMIT 1",
    [SQL_INTAKES_EACH] = "SELECT " INTAKE_COLUMNS " FROM intake ORDER BY id",
    [SQL_INTAKE_LATEST] = "SELECT max(taken) FROM intake",
    [SQL_INTAKE_LAST] = "SELECT " INTAKE_COLUMNS " FROM intake WHERE kind = ?1 AND space = ?2 "
                        "ORDER BY declared DESC, taken DESC, id DESC LIMIT 1",
    [SQL_ROW_ADD] = "INSERT INTO row (intake, line, raw) VALUES (?1, ?2, ?3)",
    [SQL_ROW_ORIGIN] =
        "SELECT intake.name, row.line, row.raw, hr_order.number, hr_order.kind, hr_order.in_set, "
        "intake.space "
        "FROM row JOIN intake ON intake.id = row.intake "
        "LEFT JOIN hr_order ON hr_order.row = row.id WHERE row.id = ?1",
    [SQL_ROW_KIND] =
        "SELECT intake.kind, hr_order.kind, hr_order.person, "
        "(SELECT max(valid_from) FROM fact WHERE fact.row = row.id AND fact.row <> 0 "
        "AND known_to = ?2), intake.taken FROM row JOIN intake ON intake.id = row.intake "
        "LEFT JOIN hr_order ON hr_order.row = row.id WHERE row.id = ?1 "
        "ORDER BY hr_order.number LIMIT 1",
    [SQL_UNIT_ROWS] = "SELECT DISTINCT fact.row FROM fact JOIN row ON row.id = fact.row "
                      "JOIN intake ON intake.id = row.intake WHERE fact.kind = ?1 "
                      "AND fact.valid_from = ?4 AND fact.known_to = ?5 AND intake.kind = ?2 "
                      "AND intake.space = ?3 ORDER BY fact.row",
    [SQL_ROWS_PURGE] = "UPDATE row SET raw = NULL WHERE raw IS NOT NULL "
                       "AND intake IN (SELECT id FROM intake WHERE taken < ?1)",
    [SQL_ORDER_ADD] = "INSERT INTO hr_order (" ORDER_INSERT ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, "
                      "?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    [SQL_ORDER_FIND] = "SELECT " ORDER_COLUMNS " FROM hr_order WHERE space = ?1 AND number = ?2 "
                       "ORDER BY known_to DESC, known_from DESC, row DESC LIMIT 1",
    [SQL_ORDER_AT] = "SELECT " ORDER_COLUMNS " FROM hr_order WHERE row = ?1",
    [SQL_ORDERS_OF] = "SELECT " ORDER_COLUMNS " FROM hr_order WHERE person = ?1 ORDER BY seq, row",
    [SQL_ORDERS_WAITING] = "SELECT " ORDER_COLUMNS " FROM hr_order WHERE person = 0 "
                           "AND space = ?1 AND person_number = ?2 ORDER BY seq, row",
    [SQL_ORDERS_IN_STATE] = "SELECT " ORDER_COLUMNS " FROM hr_order WHERE state = ?1 "
                            "AND state <> 'holds' ORDER BY seq, row",
    [SQL_ORDER_SET_PERSON] = "UPDATE hr_order SET person = ?2 WHERE row = ?1",
    [SQL_ORDER_SET_STATE] = "UPDATE hr_order SET state = ?2, reason = ?3 WHERE row = ?1",
    [SQL_ORDER_END] = "UPDATE hr_order SET known_to = max(known_from, ?2) WHERE row = ?1",
    [SQL_ORDERS_PASS_ON] = "UPDATE hr_order SET person = ?2 WHERE person = ?1",
    [SQL_SET_ADD] = "INSERT INTO order_set (intake, space, name, version, replaces, covered, "
                    "embargo) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [SQL_SET_AT] = "SELECT " SET_COLUMNS " FROM order_set WHERE id = ?1",
    [SQL_SET_LATEST] = "SELECT " SET_COLUMNS " FROM order_set WHERE space = ?1 AND name = ?2 "
                       "ORDER BY version DESC, id DESC LIMIT 1",
    [SQL_SET_ORDERS] = "SELECT " ORDER_COLUMNS " FROM order_set JOIN hr_order ON in_set = id "
                       "WHERE order_set.space = ?1 AND name = ?2",

    [SQL_FACT_ADD] = "INSERT INTO fact (" FACT_COLUMNS ") "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) "
                     "ON CONFLICT DO UPDATE SET value = ?5, valid_to = ?7, known_to = ?9, "
                     "from_order = ?12 WHERE known_to = known_from",
    [SQL_FACT_END] = "UPDATE fact SET known_to = max(known_from, ?8) WHERE kind = ?1 "
                     "AND subject = ?2 AND post = ?3 AND field = ?4 AND valid_from = ?5 "
                     "AND seq = ?6 AND row = ?7 AND known_from = ?9",
    [SQL_FACT_WITHDRAW_ROW] =
        "UPDATE fact SET known_to = max(known_from, ?2) WHERE row = ?1 AND row <> 0 "
        "AND known_to > ?2",
    [SQL_FACT_ON] = "SELECT " FACT_COLUMNS " FROM fact WHERE kind = ?1 AND subject = ?2 "
                    "AND post = ?3 AND field = ?4 AND valid_from <= ?5 AND valid_to > ?5 "
                    "AND " KNOWN_AT(6) " " FACT_LATEST,
    [SQL_FACTS_SCAN] =
        "SELECT " FACT_BRIEF " FROM fact WHERE kind = ?1 AND " KNOWN_AT(2) " ORDER BY " FACT_ORDER,
    [SQL_FACTS_SCAN_FIELD] = "SELECT " FACT_BRIEF " FROM fact WHERE kind = ?1 AND field = ?3 "
                             "AND " KNOWN_AT(2) " ORDER BY " FACT_ORDER,
    [SQL_FACTS_OF] = "SELECT " FACT_COLUMNS " FROM fact WHERE kind = ?1 AND subject = ?3 "
                     "AND " KNOWN_AT(2) " ORDER BY " FACT_ORDER,
    // A fact that began before ?1 can only end after it; one that begins after ?1 ends later still.
    [SQL_NEXT_CHANGE] =
        "SELECT min(CASE WHEN valid_from > ?1 THEN valid_from ELSE valid_to END) FROM fact "
        "WHERE valid_to > ?1 AND valid_to > valid_from AND " KNOWN_AT(2),

    // As the index fact_birth has them.
    [SQL_PERSONS_BORN] = "SELECT DISTINCT subject FROM fact WHERE value = ?1 AND kind = 1 "
                         "AND field = 6 ORDER BY subject",
    [SQL_EXTENSION_ADD] = "INSERT INTO extension (unit, first, until, who, reason, since) "
                          "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [SQL_EXTENSION_OF] = "SELECT max(until) FROM extension WHERE unit = ?1 AND first <= ?2 "
                         "AND until >= ?2 AND since <= ?3",
    [SQL_RULING_ADD] = "INSERT INTO ruling (what, subject, who, reason, at) "
                       "VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_RULINGS_EACH] = "SELECT what, subject, who, reason, at FROM ruling ORDER BY id",
    [SQL_ABSENCE_NOTE] = "INSERT OR IGNORE INTO absence (person, declared) VALUES (?1, ?2)",
    [SQL_ABSENCE_OTHER] = "SELECT 1 FROM absence WHERE person = ?1 AND declared <> ?2 LIMIT 1",
    [SQL_ABSENCE_CLEAR] = "DELETE FROM absence WHERE person = ?1",
    // ?3 and ?4 are SUBJECT_PERSON and FIELD_STATE. Who has no state yet is still to come.
    [SQL_PERSONS_PRESENT] =
        "SELECT subject, number FROM link WHERE kind = ?3 AND space = ?1 AND valid_from <= ?2 "
        "AND valid_to > ?2 AND (SELECT value FROM fact WHERE fact.kind = ?3 "
        "AND fact.subject = link.subject AND fact.post = 0 AND fact.field = ?4 "
        "AND fact.valid_from <= ?2 AND fact.valid_to > ?2 AND " KNOWN_AT(
            5) " " FACT_LATEST ") <> 'left' ORDER BY number",

    [SQL_NAME_FIND] = "SELECT " NAME_COLUMNS " FROM name WHERE kind = ?1 AND key = ?2",
    [SQL_NAME_OF] = "SELECT name FROM name WHERE kind = ?1 AND subject = ?2 AND state = ?3",
    [SQL_NAME_RETIRE] = "UPDATE name SET state = ?3 WHERE kind = ?1 AND key = ?2",
    // Of the one in use only the basis can change; it is given no second time.
    [SQL_NAME_GIVE] =
        "INSERT INTO name (kind, key, name, subject, state, given, basis, note) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '') ON CONFLICT (kind, key) DO UPDATE SET "
        "name = ?3, given = CASE WHEN subject = ?4 AND state = ?5 THEN given ELSE ?6 END, "
        "subject = ?4, state = ?5, basis = ?7, note = ''",
    // What is reserved by hand stays so, though it is seen.
    [SQL_NAME_KEEP] =
        "INSERT INTO name (kind, key, name, subject, state, given, basis, note) "
        "VALUES (?1, ?2, ?3, NULL, ?4, ?5, '', ?6) ON CONFLICT (kind, key) DO UPDATE SET "
        "state = ?4, given = ?5, note = ?6 WHERE subject IS NULL AND state < ?4",
    [SQL_NAME_FREE] = "DELETE FROM name WHERE kind = ?1 AND key = ?2 AND subject IS NULL",
    [SQL_NAMES_EACH] = "SELECT " NAME_COLUMNS " FROM name WHERE ?1 IS NULL OR kind = ?1 "
                       "ORDER BY kind, key",
    [SQL_NAMES_HAS] = "SELECT 1 FROM name WHERE subject = ?1 LIMIT 1",

    [SQL_BINDING_SET] = "INSERT INTO binding (target, object, stable_id) VALUES (?1, ?2, ?3) "
                        "ON CONFLICT (target, object) DO UPDATE SET stable_id = ?3",
    [SQL_BINDING_DROP] = "DELETE FROM binding WHERE target = ?1 AND object = ?2",
    [SQL_BINDING_OF] = "SELECT stable_id FROM binding WHERE target = ?1 AND object = ?2",
    [SQL_BINDING_OBJECT] = "SELECT object FROM binding WHERE target = ?1 AND stable_id = ?2",
    [SQL_BINDING_HAS] = "SELECT 1 FROM binding WHERE object LIKE ?1 LIMIT 1",
    [SQL_BINDINGS_EACH] = "SELECT object, stable_id FROM binding WHERE target = ?1 ORDER BY object",
    [SQL_OWNERSHIP_ADD] =
        "INSERT OR IGNORE INTO ownership (target, class, attribute) VALUES (?1, ?2, ?3)",
    [SQL_OWNERSHIP_DROP] =
        "DELETE FROM ownership WHERE target = ?1 AND class = ?2 AND attribute = ?3",
    [SQL_OWNERSHIP_EACH] =
        "SELECT class, attribute FROM ownership WHERE target = ?1 ORDER BY class, attribute",
    [SQL_CURSOR_SET] = "INSERT INTO cursor (scope, name, value) VALUES (?1, ?2, ?3) "
                       "ON CONFLICT (scope, name) DO UPDATE SET value = ?3",
    [SQL_CURSOR_DROP] = "DELETE FROM cursor WHERE scope = ?1 AND name = ?2",
    [SQL_CURSOR_GET] = "SELECT value FROM cursor WHERE scope = ?1 AND name = ?2",
    [SQL_HOLD_ADD] = "INSERT INTO hold (kind, name, reason, who, since, until, plan, person) "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [SQL_HOLD_RELEASE] = "UPDATE hold SET released = ?4, released_by = ?2, released_why = ?3 "
                         "WHERE id = ?1 AND released IS NULL",
    [SQL_HOLDS_EACH] = "SELECT " HOLD_COLUMNS " FROM hold WHERE released IS NULL AND until > ?1 "
                       "ORDER BY id",
    [SQL_HOLDS_EVER] = "SELECT " HOLD_COLUMNS " FROM hold ORDER BY id",
    [SQL_HOLDS_PASS_ON] = "UPDATE hold SET person = ?2 WHERE person = ?1",
    // Another number whenever another process has written.
    [SQL_OTHERS_WROTE] = "PRAGMA data_version",
    [SQL_OPS_SENT] = "SELECT count(*) FROM run JOIN op ON op.run = run.id "
                     "WHERE run.state = 'running' AND op.state = 'sent' AND op.person = ?1",

    [SQL_RUN_ADD] = "INSERT INTO run (digest, plan_path, host, started, ended, state, desk) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [SQL_RUN_AGAIN] = "UPDATE run SET state = 'running', plan_path = ?2, ended = ?3 WHERE id = ?1",
    [SQL_RUN_END] = "UPDATE run SET state = ?2, ended = ?3 WHERE id = ?1",
    [SQL_RUN_LAST] = "SELECT " RUN_COLUMNS " FROM run WHERE desk = 0 ORDER BY id DESC LIMIT 1",
    [SQL_RUN_GET] = "SELECT " RUN_COLUMNS " FROM run WHERE id = ?1",
    [SQL_RUNS_EACH] = "SELECT " RUN_COLUMNS " FROM run WHERE state = ?1 AND desk = 0 ORDER BY id",
    [SQL_RUNS_EVER] = "SELECT " RUN_COLUMNS " FROM run ORDER BY id",
    [SQL_RUN_BY_DIGEST] =
        "SELECT " RUN_COLUMNS " FROM run WHERE digest = ?1 ORDER BY id DESC LIMIT 1",
    // What an operation of a run is about never changes: its index entries are left alone.
    [SQL_OP_SET] =
        "INSERT INTO op (run, n, target, object, kind, state, before, detail, n_attempts, changed, "
        "person, cause, matter) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) "
        "ON CONFLICT (run, n) DO UPDATE SET "
        "state = ?6, before = coalesce(?7, before), "
        "detail = coalesce(?8, detail), n_attempts = max(n_attempts, ?9), changed = ?10, "
        "person = max(person, ?11), cause = coalesce(?12, cause), matter = coalesce(?13, matter)",
    [SQL_OP_GET] = "SELECT " OP_COLUMNS " FROM op WHERE run = ?1 AND n = ?2",
    [SQL_OPS_EACH] = "SELECT " OP_COLUMNS " FROM op WHERE run = ?1 ORDER BY n",
    [SQL_ATTEMPT_ADD] = "INSERT INTO attempt (run, n, i, at, outcome, detail) SELECT ?1, ?2, "
                        "(SELECT count(*) + 1 FROM attempt WHERE run = ?1 AND n = ?2), ?3, ?4, ?5",
    // As the index op_began has them.
    [SQL_OP_BEGAN] =
        "SELECT coalesce(min(CASE kind WHEN 'disable' THEN NULL ELSE changed END), ?3), "
        "coalesce(max(CASE WHEN kind IN ('create', 'enable') THEN changed END), ?3), "
        "coalesce(max(CASE kind WHEN 'disable' THEN changed END), ?3) "
        "FROM op WHERE target = ?1 AND object = ?2 "
        "AND (kind = 'create' OR kind = 'adopt' OR kind = 'enable' OR kind = 'disable') "
        "AND state IN ('done', 'already', 'receipt')",
    [SQL_OP_BOUND] =
        "SELECT coalesce(max(changed), ?3) FROM op WHERE target = ?1 AND object = ?2 "
        "AND (kind = 'create' OR kind = 'adopt' OR kind = 'enable' OR kind = 'disable') "
        "AND kind IN ('create', 'adopt') AND state IN ('done', 'already', 'receipt')",
    [SQL_RUN_PROFILE_SET] = "UPDATE run SET profile = ?2 WHERE id = ?1",
    [SQL_RUN_PROFILE] = "SELECT profile FROM run WHERE id = ?1",
    [SQL_OVERRIDE_SPEND] =
        "INSERT OR IGNORE INTO override_spent (entry, run, at) VALUES (?1, ?2, ?3)",
    [SQL_OVERRIDE_SEAL] = "UPDATE override_spent SET run = -abs(run) WHERE entry = ?1",
    // One whose run has its end behind it, whatever that run is doing now.
    [SQL_OVERRIDE_SPENT] = "SELECT abs(override_spent.run) FROM override_spent "
                           "LEFT JOIN run ON run.id = override_spent.run "
                           "AND run.state IN ('running', 'interrupted', 'scheduled') "
                           "WHERE entry = ?1 AND run.id IS NULL",
    // Through the runs not ended before ?1, so that no index burdens the writing of operations. What became of an
    // operation may not be known: it counts.
    [SQL_OPS_DONE_EACH] =
        "SELECT run.digest, op.target, op.kind, coalesce(op.cause, ''), op.changed "
        "FROM run CROSS JOIN op ON op.run = run.id "
        "WHERE (run.ended = ?2 OR run.ended >= ?1) AND run.desk = 0 "
        "AND op.state IN ('done', 'receipt', 'unknown', 'sent') AND op.changed >= ?1",
    [SQL_APPROVED_ADD] = "INSERT INTO approved (digest, as_of, at, given) VALUES (?1, ?2, ?3, ?4) "
                         "ON CONFLICT (digest) DO UPDATE SET given = max(given, ?4)",
    [SQL_APPROVED_GET] = "SELECT as_of, given FROM approved WHERE digest = ?1",
    [SQL_APPROVED_REPLACED] =
        "SELECT 1 FROM approved WHERE as_of = ?2 AND given > ?3 AND digest <> ?1 LIMIT 1",
    // Few of all operations of such runs: SQLite would read all.
    [SQL_UNDONE_EACH] =
        "SELECT run, n, target, object, kind, op.state, before, detail, n_attempts, person, cause, "
        "matter, changed, as_of, run.digest, plan_path "
        "FROM approved CROSS JOIN run ON run.digest = approved.digest "
        "CROSS JOIN op INDEXED BY op_undone ON op.run = run.id "
        "WHERE run.desk = 0 AND (op.state = 'refused' OR op.state = 'skipped') "
        "ORDER BY op.run, n",
    [SQL_OP_DONE_SINCE] = "SELECT 1 FROM op WHERE run > ?1 AND run <> ?5 AND target = ?2 AND "
                          "object = ?3 AND kind = ?4 "
                          "AND state IN ('done', 'already', 'receipt') LIMIT 1",
    // By the words of its condition SQLite finds the index. What was asked again since is for the later answer to say.
    [SQL_RECEIPTS_EACH] =
        "SELECT " OP_COLUMNS ", changed FROM op WHERE state = 'receipt' ORDER BY run, n",
    [SQL_RECEIPT_SETTLE] = "UPDATE op SET state = ?3, detail = coalesce(?4, detail) "
                           "WHERE run = ?1 AND n = ?2",
    [SQL_RECEIPT_RUNS] =
        "UPDATE run SET state = CASE WHEN EXISTS (SELECT 1 FROM op WHERE op.run = run.id "
        "AND op.state IN ('refused', 'failed')) THEN 'failed' ELSE 'done' END "
        "WHERE state = 'receipts' AND NOT EXISTS (SELECT 1 FROM op WHERE op.run = run.id "
        "AND op.state = 'receipt')",

    [SQL_LINKS_NUMBERED] = "SELECT space, subject FROM link WHERE kind = ?1 AND number = ?2 "
                           "ORDER BY space, valid_from",
    [SQL_NAMES_OF] = "SELECT " NAME_COLUMNS " FROM name WHERE subject = ?1 "
                     "ORDER BY kind, state, given DESC",
    [SQL_NAMES_LIKE] = "SELECT " NAME_COLUMNS " FROM name WHERE key = ?1 "
                       "AND subject IS NOT NULL ORDER BY kind",
    [SQL_ABSENCES_OF] = "SELECT declared FROM absence WHERE person = ?1 ORDER BY declared",
    // An edge's member stands in what the journal kept of it.
    [SQL_OPS_ABOUT] = "SELECT " OP_COLUMNS ", changed FROM op WHERE target = ?1 AND (object = ?2 "
                      "OR (kind IN ('join', 'leave') AND instr(before, ?3) > 0)) "
                      "ORDER BY run DESC, n DESC LIMIT ?4",

    [SQL_OPS_UNTIL] = "SELECT run, n, target, object, kind, state, NULL, detail, n_attempts, "
                      "person, cause, matter, changed FROM op WHERE changed < ?1 ORDER BY run, n",

    [SQL_AUDIT_ADD] = "INSERT INTO audit (" AUDIT_COLUMNS ") "
                      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [SQL_AUDIT_LAST] = "SELECT " AUDIT_COLUMNS " FROM audit ORDER BY id DESC LIMIT 1",
    [SQL_AUDIT_COUNTED] = "SELECT seq FROM sqlite_sequence WHERE name = 'audit'",
    [SQL_AUDIT_EACH] = "SELECT " AUDIT_COLUMNS " FROM audit WHERE id >= ?1 ORDER BY id",
    [SQL_AUDIT_LATEST] =
        "SELECT " AUDIT_COLUMNS " FROM audit WHERE what = ?1 ORDER BY id DESC LIMIT 1",
    [SQL_AUDIT_GUARDS] =
        "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit'"
        " AND name IN ('audit_unchanged', 'audit_at_end', 'audit_kept')",
    // Up to the first that is younger: a clock that was set back leaves no hole.
    [SQL_AUDIT_BEFORE] =
        "SELECT coalesce((SELECT id - 1 FROM audit WHERE at >= ?1 ORDER BY id LIMIT 1),"
        " (SELECT max(id) FROM audit), 0)",
    [SQL_AUDIT_PURGE] = "DELETE FROM audit WHERE id <= ?1",
    [SQL_OPS_CHANGED] = "SELECT " OP_COLUMNS ", changed FROM op WHERE run = ?1 ORDER BY n",
    // All that a run left, for its digest.
    [SQL_JOURNAL_RUN] =
        "SELECT digest, plan_path, host, started, ended, state, desk, profile FROM run "
        "WHERE id = ?1",
    [SQL_JOURNAL_OPS] = "SELECT n, target, object, kind, state, before, detail, n_attempts, "
                        "changed, person, cause, matter FROM op WHERE run = ?1 ORDER BY n",
    [SQL_JOURNAL_ATTEMPTS] =
        "SELECT n, i, at, outcome, detail FROM attempt WHERE run = ?1 ORDER BY n, i",
    [SQL_MEASURE_ADD] = "INSERT INTO measure (" MEASURE_COLUMNS ")"
                        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO UPDATE SET"
                        " used = ?5, most = ?6, n = ?7, unseen = ?8, unit = ?9",
    [SQL_MEASURES_EACH] = "SELECT " MEASURE_COLUMNS " FROM measure WHERE kind = ?1 AND taken >= ?2"
                          " AND taken < ?3 ORDER BY target, name, taken",
    // Each number once, however often its row was sent again.
    [SQL_ORDERS_CAME] =
        "SELECT " ORDER_COLUMNS " FROM hr_order WHERE known_from >= ?1 AND known_from < ?2"
        " AND NOT EXISTS (SELECT 1 FROM hr_order AS other WHERE other.space = hr_order.space"
        " AND other.number = hr_order.number AND (other.known_from < hr_order.known_from"
        " OR (other.known_from = hr_order.known_from AND other.row < hr_order.row)))"
        " ORDER BY seq, row",
    [SQL_ORDERS_DATED] = "SELECT " ORDER_COLUMNS " FROM hr_order WHERE date >= ?1 AND date < ?2"
                         " AND " KNOWN_AT(3) " ORDER BY date, seq, row",

    [SQL_SEAL_ADD] =
        "INSERT INTO seal (run, n, target, object, attribute, person, label, account, "
        "as_of, made, state, changed, key_id, box) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, "
        "?8, ?9, ?10, 'sealed', ?10, ?11, ?12)",
    // What it holds opens nothing: it is overwritten (secure_delete).
    [SQL_SEALS_VOID_OP] = "UPDATE seal SET state = 'void', changed = ?3, box = NULL "
                          "WHERE run = ?1 AND n = ?2 AND state = 'sealed'",
    [SQL_SEALS_VOID_OLDER] =
        "UPDATE seal SET state = 'void', changed = ?3, box = NULL WHERE target = ?4 AND object = "
        "?5 "
        "AND state <> 'void' AND EXISTS (SELECT 1 FROM seal AS newer WHERE newer.run = ?1 "
        "AND newer.n = ?2 AND newer.state = 'sealed' AND newer.attribute = seal.attribute "
        "AND newer.number > seal.number)",
    [SQL_SEALS_VALID] = "UPDATE seal SET state = 'valid', changed = ?3 "
                        "WHERE run = ?1 AND n = ?2 AND state = 'sealed'",
    [SQL_SEALS_OF_OP] =
        "SELECT " SEAL_COLUMNS " FROM seal WHERE run = ?1 AND n = ?2 ORDER BY number",
    [SQL_SEALS_VOID_OBJECT] = "UPDATE seal SET state = 'void', changed = ?3, box = NULL "
                              "WHERE target = ?1 AND object = ?2 AND state <> 'void'",
    [SQL_SEALS_EACH] = "SELECT " SEAL_COLUMNS " FROM seal ORDER BY number",
    [SQL_SEAL_AT] = "SELECT " SEAL_COLUMNS " FROM seal WHERE number = ?1",
    [SQL_SEAL_EVENT] = "INSERT INTO seal_event (seal, at, what, who) VALUES (?1, ?2, ?3, ?4)",
    [SQL_SEAL_EVENTS] = "SELECT at, what, who FROM seal_event WHERE seal = ?1 ORDER BY at, rowid",
    [SQL_SEAL_PURGE] = "UPDATE seal SET box = NULL WHERE number = ?1 AND box IS NOT NULL",
    [SQL_SEALS_PURGE] = "UPDATE seal SET box = NULL WHERE box IS NOT NULL AND made < ?1",

    [SQL_RESTRICTION_ADD] =
        "INSERT INTO restriction (target, object, cause, what, group_object, reason, source, who,"
        " since, until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [SQL_RESTRICTION_STANDS] =
        "SELECT id FROM restriction WHERE target = ?1 AND object = ?2 AND cause = ?3"
        " AND what = ?4 AND group_object = ?5 AND lifted IS NULL",
    [SQL_RESTRICTION_LIFT] = "UPDATE restriction SET lifted = ?4, lifted_by = ?2, lifted_why = ?3"
                             " WHERE id = ?1 AND lifted IS NULL",
    [SQL_RESTRICTIONS_EACH] = "SELECT " RESTRICTION_COLUMNS " FROM restriction"
                              " WHERE lifted IS NULL AND (?1 IS NULL OR target = ?1) ORDER BY id",
    [SQL_RESTRICTIONS_OF] = "SELECT " RESTRICTION_COLUMNS " FROM restriction"
                            " WHERE lifted IS NULL AND target = ?1 AND object = ?2 ORDER BY id",
    [SQL_RESTRICTIONS_EVER] = "SELECT " RESTRICTION_COLUMNS " FROM restriction ORDER BY id",
    [SQL_EVIDENCE_SET] =
        "INSERT INTO evidence (" EVIDENCE_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
        " ON CONFLICT DO UPDATE SET moment = ?4, precision = ?5, collected = ?6",
    [SQL_EVIDENCE_EACH] = "SELECT " EVIDENCE_COLUMNS " FROM evidence"
                          " ORDER BY target, object, source",
    [SQL_EVIDENCE_IN] = "SELECT " EVIDENCE_COLUMNS " FROM evidence"
                        " WHERE target = ?1 ORDER BY object, source",
    [SQL_EVIDENCE_OF] = "SELECT " EVIDENCE_COLUMNS " FROM evidence"
                        " WHERE target = ?1 AND object = ?2 ORDER BY source",
    [SQL_EVIDENCE_DROP] = "DELETE FROM evidence WHERE source = ?1 AND target = ?2 AND object = ?3",
    [SQL_EVIDENCE_FORGET] = "DELETE FROM evidence WHERE source = ?1",
    [SQL_EVIDENCE_SOURCE_FORGET] = "DELETE FROM evidence_source WHERE name = ?1",
    [SQL_EVIDENCE_SOURCE_SET] =
        "INSERT INTO evidence_source (name, collected, reaches, n_accounts, state, detail, since)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET collected = ?2,"
        " reaches = ?3, n_accounts = ?4, state = ?5, detail = ?6, since = ?7",
    [SQL_EVIDENCE_SOURCES] = "SELECT name, collected, reaches, n_accounts, state, detail, since"
                             " FROM evidence_source ORDER BY name",
    [SQL_CLAIM_ADD] =
        "INSERT INTO claim (target, object, cause, group_object, until, reason, source, who,"
        " since) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SQL_CLAIM_WITHDRAW] = "UPDATE claim SET withdrawn = ?2 WHERE id = ?1 AND withdrawn IS NULL",
    [SQL_CLAIMS_EVER] = "SELECT " CLAIM_COLUMNS " FROM claim ORDER BY id",
    [SQL_CLAIMS_EACH] = "SELECT " CLAIM_COLUMNS " FROM claim"
                        " WHERE withdrawn IS NULL AND (?1 IS NULL OR target = ?1) ORDER BY id",
    [SQL_INQUIRY_ADD] =
        "INSERT INTO inquiry (cause, unit, unit_id, unit_name, title, who, asked, due, last, terse)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [SQL_INQUIRY_GET] = "SELECT " INQUIRY_COLUMNS " FROM inquiry WHERE id = ?1",
    [SQL_INQUIRIES_EACH] = "SELECT " INQUIRY_COLUMNS " FROM inquiry"
                           " WHERE ?1 IS NULL OR cause = ?1 ORDER BY id",
    [SQL_QUESTION_ADD] =
        "INSERT INTO question (" QUESTION_COLUMNS ", cause) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
        " ?9, ?10, ?11, ?12, ?13, 'open', ?14, '', '', '', ?15, 0, cause FROM inquiry"
        " WHERE id = ?1",
    [SQL_QUESTION_GET] = "SELECT " QUESTION_COLUMNS " FROM question WHERE inquiry = ?1 AND n = ?2",
    [SQL_QUESTION_OPEN] = "SELECT " QUESTION_COLUMNS " FROM question WHERE target = ?2"
                          " AND object = ?3 AND cause = ?1 AND group_object = ?4"
                          " AND state = 'open'",
    [SQL_QUESTION_ANSWER] =
        "UPDATE question SET state = ?3, until = ?4, reason = ?5, answered_by = ?6, source = ?7,"
        " answered = ?8, claim = ?9 WHERE inquiry = ?1 AND n = ?2",
    [SQL_QUESTIONS_EACH] = "SELECT " QUESTION_COLUMNS " FROM question WHERE inquiry = ?1"
                           " ORDER BY n",
    // By the words of its condition SQLite finds the index.
    [SQL_REMOVALS_EACH] =
        "SELECT " QUESTION_COLUMNS " FROM question AS q WHERE state = 'remove' AND cause = ?1"
        " AND NOT EXISTS (SELECT 1 FROM restriction AS r WHERE r.target = q.target"
        " AND r.object = q.object AND r.cause = q.cause AND r.group_object = q.group_object"
        " AND ((r.lifted IS NULL AND r.what <> 'notice') OR r.source = 'Q' || q.inquiry || '-' || "
        "q.n))"
        " AND NOT EXISTS (SELECT 1 FROM question AS l WHERE l.target = q.target"
        " AND l.object = q.object AND l.cause = q.cause AND l.group_object = q.group_object"
        " AND l.inquiry > q.inquiry AND l.state IN ('open', 'keep'))"
        " ORDER BY inquiry, n",
};

const char *store_sql(StoreSql id)
{
  return statements[id];
}
