// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "targets_kit.h"

#include <string.h>
#include <unistd.h>

#define PEOPLE "container/ou=people"

typedef struct Row {
  const char *name;
  KitOp op;
  OutcomeKind outcome;
  const char *detail;  // part of what people are told
  const char *holds;   // what the file holds afterwards
  const char *lacks;
} Row;

static const Row rows[] = {
    {"create",
     {OP_CREATE, .object = "account/3", .parent = PEOPLE, .name = "uid=suzuki",
      .attribute = "title", .new_value = "staff"},
     OUTCOME_DONE,
     NULL,
     "dn: uid=suzuki,ou=people,dc=city,dc=example\n",
     NULL},
    {"create again",
     {OP_CREATE, .object = "account/1", .parent = PEOPLE, .name = "uid=yamada"},
     OUTCOME_REFUSED,
     "another entry has this name",
     "title: staff",
     NULL},
    {"create without a parent",
     {OP_CREATE, .object = "account/3", .parent = "account/9", .name = "uid=x"},
     OUTCOME_REFUSED,
     "is not there",
     NULL,
     "uid=x"},
    {"create with a secret",
     {OP_CREATE, .object = "account/3", .parent = PEOPLE, .name = "uid=suzuki",
      .attribute = "userPassword", .new_value = "!initial"},
     OUTCOME_DONE,
     NULL,
     "userPassword: {SSHA}",
     "initial"},
    {"modify",
     {OP_MODIFY, .object = "account/1", .attribute = "title", .old_value = "staff",
      .new_value = "chief"},
     OUTCOME_DONE,
     NULL,
     "title: chief",
     "title: staff"},
    {"a value goes",
     {OP_MODIFY, .object = "account/1", .attribute = "title", .old_value = "staff"},
     OUTCOME_DONE,
     NULL,
     NULL,
     "title:"},
    {"the old value is not there",
     {OP_MODIFY, .object = "account/1", .attribute = "title", .old_value = "head",
      .new_value = "chief"},
     OUTCOME_REFUSED,
     "title: staff",
     "title: staff",
     "chief"},
    {"it is so already",
     {OP_MODIFY, .object = "account/1", .attribute = "title", .old_value = "head",
      .new_value = "staff"},
     OUTCOME_ALREADY,
     NULL,
     "title: staff",
     NULL},
    {"a second of a single-valued one",
     {OP_MODIFY, .object = "account/1", .attribute = "employeeNumber", .new_value = "000999"},
     OUTCOME_REFUSED,
     "single-valued",
     "000310",
     "000999"},
    {"a reference",
     {OP_MODIFY, .object = "account/1", .attribute = "manager", .new_value = "@account/2"},
     OUTCOME_DONE,
     NULL,
     "manager: uid=sato,ou=people,dc=city,dc=example",
     NULL},
    {"part of the name",
     {OP_MODIFY, .object = "account/1", .attribute = "uid", .old_value = "yamada",
      .new_value = "ymd"},
     OUTCOME_REFUSED,
     "part of the entry's name",
     "uid: yamada",
     "ymd"},
    {"replaced whole",
     {OP_MODIFY, .object = "account/1", .attribute = "facsimileTelephoneNumber",
      .new_value = "03-1", .replace = true},
     OUTCOME_DONE,
     NULL,
     "facsimileTelephoneNumber: 03-1",
     NULL},
    {"replaced whole, but changed since",
     {OP_MODIFY, .object = "account/1", .attribute = "title", .old_value = "head",
      .new_value = "chief", .replace = true},
     OUTCOME_REFUSED,
     "changed since the plan",
     "title: staff",
     "chief"},
    {"disable",
     {OP_DISABLE, .object = "account/1", .attribute = "pwdAccountLockedTime",
      .new_value = "000001010000Z"},
     OUTCOME_DONE,
     NULL,
     NULL,
     NULL},
    {"rename",
     {OP_RENAME, .object = "account/1", .name = "uid=ymd"},
     OUTCOME_DONE,
     NULL,
     "uid: ymd\n",
     "uid: yamada"},
    {"rename onto another",
     {OP_RENAME, .object = "account/1", .name = "uid=sato"},
     OUTCOME_REFUSED,
     "another entry has this name",
     "uid: yamada",
     NULL},
    {"move",
     {OP_MOVE, .object = "account/1", .parent = "container/ou=retired"},
     OUTCOME_DONE,
     NULL,
     "dn: uid=yamada,ou=retired,",
     "dn: uid=yamada,ou=people"},
    {"delete", {OP_DELETE, .object = "account/1"}, OUTCOME_DONE, NULL, "uid: sato", "uid: yamada"},
    {"delete what has entries below",
     {OP_DELETE, .object = PEOPLE},
     OUTCOME_REFUSED,
     "entries below",
     "dn: ou=people,",
     NULL},
    {"delete what is gone", {OP_DELETE, .object = "account/9"}, OUTCOME_ALREADY, NULL, NULL, NULL},
    {"join",
     {OP_JOIN, .object = "group/g", .member = "account/1"},
     OUTCOME_DONE,
     NULL,
     "member: uid=yamada,ou=people,dc=city,dc=example",
     NULL},
    {"join again",
     {OP_JOIN, .object = "group/g", .member = "account/2"},
     OUTCOME_ALREADY,
     NULL,
     NULL,
     NULL},
    {"leave",
     {OP_LEAVE, .object = "group/g", .member = "account/2"},
     OUTCOME_DONE,
     NULL,
     NULL,
     "member: uid=sato"},
    {"leave again",
     {OP_LEAVE, .object = "group/g", .member = "account/1"},
     OUTCOME_ALREADY,
     NULL,
     NULL,
     NULL},
    {"unknown object",
     {OP_DELETE, .object = "account/77"},
     OUTCOME_REFUSED,
     "make it anew",
     NULL,
     NULL},
    {"NUL in a name",
     {OP_RENAME, .object = "account/1", .name = "uid=a\\00b"},
     OUTCOME_REFUSED,
     "NUL",
     "uid: yamada",
     NULL},
    {"special characters in a name",
     {OP_RENAME, .object = "account/1", .name = "uid=\\ a\\,b\\+c\\\"\\\\\\<\\>\\;#\\=\\ "},
     OUTCOME_DONE,
     NULL,
     "uid:: IGEsYitjIlw8PjsjPSA=",
     NULL},
};

static void each_kind_of_operation(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    const Row *row = &rows[i];
    g_autofree char *path = kit_file();
    TargetConfig config = {
        .name = "t", .type = "ldif", .path = path, .base = KIT_BASE, .timeout_ms = 1000};
    g_autoptr(GError) error = NULL;
    g_autoptr(Writer) writer = writer_open(&config, &error);
    if (!UNIT_NO_ERROR(error, "%s", row->name))
      return;
    writer_begin(writer, kit_places, kit_n_places, NULL);
    g_autoptr(Op) op = kit_op(&row->op);
    Outcome outcome = kit_run(writer, op);
    UNIT_STR(outcome_name(outcome.kind), outcome_name(row->outcome), "%s", row->name);
    if (row->detail)
      UNIT_TRUE(outcome.detail && strstr(outcome.detail, row->detail), "%s: %s", row->name,
                outcome.detail);
    outcome_clear(&outcome);
    if (outcome.kind == OUTCOME_DONE || outcome.kind == OUTCOME_ALREADY) {
      Probe probe = PROBE_UNKNOWN;
      UNIT_TRUE(writer_probe(writer, op, &probe, &error), "%s", row->name);
      UNIT_INT(probe, PROBE_DONE, "%s", row->name);
    }
    UNIT_TRUE(writer_finish(writer, &error), "%s", row->name);
    g_autofree char *text = kit_text(path);
    if (row->holds)
      UNIT_TRUE(strstr(text, row->holds) != NULL, "%s: %s", row->name, text);
    if (row->lacks)
      UNIT_TRUE(strstr(text, row->lacks) == NULL, "%s: %s", row->name, text);
    g_autofree char *log = g_strconcat(path, ".log", NULL);
    UNIT_TRUE(access(log, F_OK) != 0, "%s", row->name);
  }
}

static void probe_before_anything(void)
{
  static const struct {
    KitOp op;
    Probe probe;
  } probes[] = {
      {{OP_CREATE, .object = "account/3", .parent = PEOPLE, .name = "uid=suzuki"}, PROBE_NOT_DONE},
      {{OP_CREATE, .object = "account/1", .parent = PEOPLE, .name = "uid=yamada"}, PROBE_DRIFTED},
      {{OP_MODIFY, .object = "account/1", .attribute = "title", .old_value = "staff",
        .new_value = "chief"},
       PROBE_NOT_DONE},
      {{OP_MODIFY, .object = "account/1", .attribute = "title", .old_value = "head",
        .new_value = "chief"},
       PROBE_DRIFTED},
      {{OP_MODIFY, .object = "account/1", .attribute = "userPassword", .new_value = "!initial"},
       PROBE_UNKNOWN},
      {{OP_MODIFY, .object = "account/9", .attribute = "title", .old_value = "head",
        .new_value = "chief"},
       PROBE_DRIFTED},
      {{OP_RENAME, .object = "account/1", .name = "uid=ymd"}, PROBE_NOT_DONE},
      {{OP_DELETE, .object = "account/1"}, PROBE_NOT_DONE},
      {{OP_JOIN, .object = "group/g", .member = "account/1"}, PROBE_NOT_DONE},
      {{OP_LEAVE, .object = "group/g", .member = "account/2"}, PROBE_NOT_DONE},
  };
  g_autofree char *path = kit_file();
  TargetConfig config = {
      .name = "t", .type = "ldif", .path = path, .base = KIT_BASE, .timeout_ms = 1000};
  g_autoptr(GError) error = NULL;
  g_autoptr(Writer) writer = writer_open(&config, &error);
  if (!UNIT_NO_ERROR(error))
    return;
  writer_begin(writer, kit_places, kit_n_places, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(probes); i++) {
    g_autoptr(Op) op = kit_op(&probes[i].op);
    Probe probe = PROBE_UNKNOWN;
    UNIT_TRUE(writer_probe(writer, op, &probe, &error), "row %zu", i);
    UNIT_INT(probe, probes[i].probe, "row %zu", i);
  }
}

static void stable_id_is_asserted(void)
{
  g_autofree char *path = kit_file();
  TargetConfig config = {
      .name = "t", .type = "ldif", .path = path, .base = KIT_BASE, .timeout_ms = 1000};
  g_autoptr(Writer) writer = writer_open(&config, NULL);
  writer_begin(writer, kit_places, kit_n_places, NULL);
  g_autoptr(Op) op = kit_op(&(KitOp){OP_DELETE, .object = "account/1"});
  op->stable_id = "99999999-9999-9999-9999-999999999999";
  Outcome outcome = kit_run(writer, op);
  // The one with that id is gone, so the deletion holds; the one in its place stays.
  UNIT_STR(outcome_name(outcome.kind), "already");
  outcome_clear(&outcome);
  g_autoptr(Op) rename = kit_op(&(KitOp){OP_RENAME, .object = "account/1", .name = "uid=x"});
  rename->stable_id = op->stable_id;
  outcome = kit_run(writer, rename);
  UNIT_STR(outcome_name(outcome.kind), "refused");
  outcome_clear(&outcome);
  op->stable_id = "11111111-1111-1111-1111-111111111111";
  g_autofree char *before = NULL;
  UNIT_TRUE(writer_before(writer, op, &before, NULL));
  UNIT_STR(before, "{\"attributes\":{\"cn\":[\"山田 太郎\"],\"employeeNumber\":[\"000310\"],"
                   "\"objectClass\":[\"inetOrgPerson\"],\"sn\":[\"Yamada\"],\"title\":[\"staff\"],"
                   "\"uid\":[\"yamada\"]},\"dn\":\"uid=yamada,ou=people,dc=city,dc=example\","
                   "\"id\":\"11111111-1111-1111-1111-111111111111\"}");
  outcome = kit_run(writer, op);
  UNIT_STR(outcome_name(outcome.kind), "done");
  outcome_clear(&outcome);
}

static void moves_are_followed(void)
{
  g_autofree char *path = kit_file();
  TargetConfig config = {
      .name = "t", .type = "ldif", .path = path, .base = KIT_BASE, .timeout_ms = 1000};
  static const KitOp steps[] = {
      {OP_RENAME, .object = "account/1", .name = "uid=ymd"},
      {OP_MOVE, .object = "account/1", .parent = "container/ou=retired"},
      {OP_JOIN, .object = "group/g", .member = "account/1"},
      {OP_RENAME, .object = "container/ou=retired", .name = "ou=old"},
      {OP_MODIFY, .object = "account/1", .attribute = "title", .old_value = "staff"},
  };
  g_autoptr(Writer) writer = writer_open(&config, NULL);
  writer_begin(writer, kit_places, kit_n_places, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
    g_autoptr(Op) op = kit_op(&steps[i]);
    Outcome outcome = kit_run(writer, op);
    UNIT_STR(outcome_name(outcome.kind), "done", "step %zu: %s", i, outcome.detail);
    outcome_clear(&outcome);
  }
  UNIT_TRUE(writer_finish(writer, NULL));
  g_autofree char *text = kit_text(path);
  UNIT_TRUE(strstr(text, "dn: uid=ymd,ou=old,dc=city,dc=example\n") != NULL, "%s", text);
  UNIT_TRUE(strstr(text, "member: uid=ymd,ou=retired,dc=city,dc=example\n") != NULL, "%s", text);
}

// A writer that is closed without finish is one that was killed: what it answered is kept.
static void what_was_answered_survives(void)
{
  g_autofree char *path = kit_file();
  g_autofree char *log = g_strconcat(path, ".log", NULL);
  TargetConfig config = {
      .name = "t", .type = "ldif", .path = path, .base = KIT_BASE, .timeout_ms = 1000};
  static const KitOp steps[] = {
      {OP_CREATE, .object = "account/3", .parent = PEOPLE, .name = "uid=suzuki"},
      {OP_MODIFY, .object = "account/3", .attribute = "title", .new_value = "係長"},
      {OP_RENAME, .object = "account/3", .name = "uid=szk"},
      {OP_DELETE, .object = "account/1"},
      {OP_JOIN, .object = "group/g", .member = "account/3"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
    g_autoptr(Writer) writer = writer_open(&config, NULL);
    writer_begin(writer, kit_places, kit_n_places, NULL);
    for (size_t j = 0; j < i; j++) {
      g_autoptr(Op) earlier = kit_op(&steps[j]);
      writer_follow(writer, earlier, NULL);
    }
    g_autoptr(Op) op = kit_op(&steps[i]);
    Outcome outcome = kit_run(writer, op);
    UNIT_STR(outcome_name(outcome.kind), "done", "step %zu: %s", i, outcome.detail);
    outcome_clear(&outcome);
    const Op *last = op;
    UNIT_TRUE(writer_submit(writer, &(Sending){&last, 1, NULL, 0, false}, 8,
                            NULL));  // sent, but never answered
  }
  // Torn by the kill.
  FILE *torn = fopen(log, "a");
  fputs("dn: uid=sato,ou=people,dc=city,dc=example\nchangety", torn);
  fclose(torn);
  g_autoptr(Writer) writer = writer_open(&config, NULL);
  UNIT_TRUE(writer && writer_finish(writer, NULL));
  g_autofree char *text = kit_text(path);
  UNIT_TRUE(text && strstr(text, "dn: uid=szk,ou=people,dc=city,dc=example\n"), "%s", text);
  UNIT_TRUE(strstr(text, "title:: 5L+C6ZW3\n") && !strstr(text, "yamada"), "%s", text);
  UNIT_TRUE(access(log, F_OK) != 0);
}

// Between writing the file anew and removing the log, and the one before that.
static void no_moment_of_compaction_counts_twice(void)
{
  g_autofree char *path = kit_file();
  g_autofree char *log = g_strconcat(path, ".log", NULL);
  TargetConfig config = {
      .name = "t", .type = "ldif", .path = path, .base = KIT_BASE, .timeout_ms = 1000};
  g_autoptr(Op) rename = kit_op(&(KitOp){OP_RENAME, .object = "account/1", .name = "uid=ymd"});
  Writer *writer = writer_open(&config, NULL);
  writer_begin(writer, kit_places, kit_n_places, NULL);
  Outcome outcome = kit_run(writer, rename);
  outcome_clear(&outcome);
  g_autofree char *before = kit_text(log);
  UNIT_TRUE(writer_finish(writer, NULL));
  writer_close(writer);
  g_autofree char *after = kit_text(path);
  g_autofree char *digest = file_sha256(after, strlen(after));
  g_autofree char *ended = g_strdup_printf("%s# compacted %s\n", before, digest);
  // The log is still there though the file has it all.
  g_file_set_contents(log, ended, -1, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(Reader) reader = reader_open(&config, &error);
  UNIT_NO_ERROR(error);
  // The log ends, but the file is still the old one.
  g_file_set_contents(path, kit_content, -1, NULL);
  writer = writer_open(&config, &error);
  UNIT_NO_ERROR(error);
  UNIT_TRUE(writer && writer_finish(writer, NULL));
  writer_close(writer);
  g_autofree char *again = kit_text(path);
  UNIT_STR(again, after);
  // Somebody else's file.
  g_file_set_contents(log, before, -1, NULL);
  UNIT_TRUE(reader_open(&config, &error) == NULL);
  UNIT_TRUE(error && strstr(error->message, "changed by hand"));
}

typedef struct Seen {
  GString *text;
  const Schema *schema;
} Seen;

static bool see(const Observed *entry, void *data, GError **error)
{
  (void)error;
  Seen *seen = data;
  g_string_append_printf(seen->text, "%.*s %d", (int)strcspn(entry->dn.at, ","), entry->dn.at,
                         entry->enabled);
  for (size_t i = 0; i < entry->n_attributes; i++)
    g_string_append_printf(seen->text, " %u:%s", entry->attributes[i].attr,
                           entry->attributes[i].values[0].at);
  g_string_append_c(seen->text, '\n');
  return true;
}

static void reading(void)
{
  static const char *const people[] = {"ou=people", "ou=people", NULL};
  static const char *const everywhere[] = {"", "ou=people", NULL};
  static const char *const missing[] = {"ou=nowhere", NULL};
  static const char *const keys[] = {"000311", "000999", NULL};
  static const char *const attributes[] = {"uid", "title", NULL};
  static const struct {
    Scope scope;
    const char *want;  // NULL: an error
  } reads[] = {
      {{.places = people, .klass = "inetOrgPerson", .attributes = attributes},
       "uid=sato 1 0:sato\nuid=yamada 2 0:yamada 1:staff\n"},
      {{.places = everywhere,
        .klass = "inetOrgPerson",
        .attributes = attributes,
        .key_attribute = "employeeNumber",
        .keys = keys},
       "uid=sato 1 0:sato\n"},
      {{.places = everywhere, .klass = "groupOfNames", .attributes = attributes}, "cn=g 2\n"},
      {{.places = missing, .attributes = attributes}, NULL},
      {{.places = people, .attributes = attributes, .alone = true}, "ou=people 2\n"},
  };
  g_autofree char *path = kit_file();
  TargetConfig config = {.name = "t",
                         .type = "ldif",
                         .path = path,
                         .base = KIT_BASE,
                         .disable_attribute = "pwdAccountLockedTime",
                         .disable_value = "000001010000Z"};
  g_autoptr(Schema) schema = schema_new();
  schema_attr(schema, "uid");
  schema_attr(schema, "title");
  g_autoptr(Reader) reader = reader_open(&config, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(reads); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    Seen seen = {text, schema};
    size_t n = 0;
    bool read = reader_read(reader, &reads[i].scope, schema, see, &seen, &n, &error);
    UNIT_INT(read, reads[i].want != NULL, "row %zu", i);
    if (reads[i].want)
      UNIT_STR(text->str, reads[i].want, "row %zu", i);
    else
      UNIT_INT(error->code, EXIT_UNREAD, "row %zu", i);
  }
}

// Folded lines, base64 and Windows line ends, written by us and by others.
static void values_round_trip(void)
{
  static const char *const values[] = {
      " leading",
      "trailing ",
      ":colon",
      "<less",
      "a\nb",
      "\x7f",
      "髙橋　﨑",
      "",
      "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901"
      "23"
      "456789012345678901234567890123456789012345678901234567890123456789",
      "山田山田山田山田山田山田山田山田山田山田山田山田山田山田山田山田山田山田山田山田山田山田山"
      "田"};
  for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
    g_autofree char *path = kit_file();
    TargetConfig config = {
        .name = "t", .type = "ldif", .path = path, .base = KIT_BASE, .timeout_ms = 1000};
    KitOp brief = {OP_MODIFY, .object = "account/1", .attribute = "description",
                   .new_value = values[i]};
    g_autoptr(Op) op = kit_op(&brief);
    Writer *writer = writer_open(&config, NULL);
    writer_begin(writer, kit_places, kit_n_places, NULL);
    Outcome outcome = kit_run(writer, op);
    // An empty value is none that a directory takes.
    UNIT_STR(outcome_name(outcome.kind), *values[i] ? "done" : "refused", "%s", values[i]);
    outcome_clear(&outcome);
    UNIT_TRUE(writer_finish(writer, NULL));
    writer_close(writer);
    if (!*values[i])
      continue;
    g_autofree char *text = kit_text(path);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++)
      UNIT_TRUE(strlen(*line) <= 76, "%s", *line);
    g_autofree char *crlf = g_strjoinv("\r\n", lines);
    g_file_set_contents(path, crlf, -1, NULL);
    g_autoptr(Writer) again = writer_open(&config, NULL);
    writer_begin(again, kit_places, kit_n_places, NULL);
    Probe probe = PROBE_UNKNOWN;
    UNIT_TRUE(writer_probe(again, op, &probe, NULL));
    UNIT_INT(probe, PROBE_DONE, "%s", values[i]);
  }
}

static void schema_is_built_in(void)
{
  g_autofree char *path = kit_file();
  TargetConfig config = {.name = "t", .type = "ldif", .path = path, .base = KIT_BASE};
  g_autoptr(Schema) schema = schema_new();
  static const struct {
    const char *name;
    MatchRule match;
    bool single, known;
  } attrs[] = {{"CN", MATCH_IGNORE, false, true},
               {"member", MATCH_DN, false, true},
               {"employeeNumber", MATCH_IGNORE, true, true},
               {"cn;lang-ja", MATCH_IGNORE, false, true},
               {"uidNumber", MATCH_INTEGER, true, true},
               {"noSuchThing", MATCH_IGNORE, false, false}};
  for (size_t i = 0; i < G_N_ELEMENTS(attrs); i++)
    schema_attr(schema, attrs[i].name);
  g_autoptr(Reader) reader = reader_open(&config, NULL);
  UNIT_TRUE(reader_schema(reader, schema, NULL, NULL));
  for (size_t i = 0; i < G_N_ELEMENTS(attrs); i++) {
    const Attr *attr = schema_at(schema, schema_attr(schema, attrs[i].name));
    UNIT_INT(attr->match, attrs[i].match, "%s", attrs[i].name);
    UNIT_INT(attr->single, attrs[i].single, "%s", attrs[i].name);
    UNIT_INT(attr->known, attrs[i].known, "%s", attrs[i].name);
  }
  g_autoptr(GString) print = g_string_new(NULL);
  UNIT_TRUE(reader_fingerprint(reader, print, NULL));
  UNIT_TRUE(g_str_has_suffix(print->str, " suffix=" KIT_BASE));
}

static void bad_files(void)
{
  static const struct {
    const char *text, *message;
  } bad[] = {
      {"dn: dc=city,dc=example\nobjectClass top\n", "line 2"},
      {"dn: dc=city,dc=example\ndc:: !!!\n", "base64"},
      {"cn: x\n", "must begin with"},
      {"dn: dc=city,dc=example\ndc: city\n\ndn: ou=a,ou=b,dc=city,dc=example\nou: a\n", "missing"},
      {"dn: dc=city,dc=example\ndc: city\n\ndn: DC=CITY,dc=example\ndc: city\n", "exists"},
      {"dn: dc=city,dc=example\nchangetype: delete\n", "only entries"},
      {"dn: dc=city,dc=example\njpegPhoto:< file:///etc/passwd\n", "other files"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
    g_autofree char *path = g_build_filename(unit_dir(), "bad.ldif", NULL);
    g_file_set_contents(path, bad[i].text, -1, NULL);
    TargetConfig config = {.name = "t", .type = "ldif", .path = path, .base = KIT_BASE};
    g_autoptr(GError) error = NULL;
    g_autoptr(Reader) reader = reader_open(&config, &error);
    UNIT_TRUE(!reader && error && strstr(error->message, bad[i].message), "%s: %s", bad[i].message,
              error ? error->message : "no error");
    if (error)
      UNIT_INT(error->code, EXIT_UNREAD, "%s", bad[i].message);
  }
}

static const UnitTest tests[] = {
    {"each_kind_of_operation", each_kind_of_operation},
    {"probe_before_anything", probe_before_anything},
    {"stable_id_is_asserted", stable_id_is_asserted},
    {"moves_are_followed", moves_are_followed},
    {"what_was_answered_survives", what_was_answered_survives},
    {"no_moment_of_compaction_counts_twice", no_moment_of_compaction_counts_twice},
    {"reading", reading},
    {"values_round_trip", values_round_trip},
    {"schema_is_built_in", schema_is_built_in},
    {"bad_files", bad_files},
    {NULL, NULL},
};
UNIT_SUITE(target_ldif, tests);
