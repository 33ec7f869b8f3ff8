// SPDX-License-Identifier: GPL-3.0-or-later
//
// Bundles, receipts and codes: what is written is read, and nothing else is.
#include "unit.h"

#include <idou/bundle.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// ---------------------------------------------------------------------------------------------
// What is wanted, by hand: two classes, a group, a person with whatever values there are.

static const char nothing[] = "-";

static const struct {
  const char *name;
  Policy policy;
  const char *bytes;
  size_t n;
} values[] = {
    {"cn", POLICY_FORCE, "山田　太郎", 15},
    {"sn", POLICY_KEEP, "", 0},
    {"title", POLICY_MERGE, nothing, 1},
    {"street", POLICY_ONCE, "a|b%20 c\\,d\n+e\r\n", 16},
    {"photo", POLICY_FORCE, "\xff\x00\x01|", 4},
    {"description", POLICY_CLEAR,
     "a value that is longer than a line may be, so that it goes on in the next one, and in the "
     "one after that, with nothing lost where it is cut",
     139},
};

static const char *const none[] = {NULL};
static const char *const persons[] = {"person", "inetOrgPerson", NULL};
static const char *const people[] = {"ou=people", NULL};
static const char *const written[] = {"cn",          "sn",      "title",        "street", "photo",
                                      "description", "manager", "userPassword", NULL};
static const Klass klasses[] = {
    {.target = "edu",
     .name = "group",
     .file = "group.yaml",
     .subject = FOR_GROUP,
     .key_attribute = "cn",
     .classes = none,
     .containers = people,
     .attributes = none,
     .member_attribute = "member",
     .filler = "cn=filler",
     .owned_below = "ou=groups"},
    {.target = "edu",
     .name = "account",
     .file = "account.yaml",
     .subject = FOR_PERSON,
     .key_attribute = "employeeNumber",
     .adopt = none,
     .classes = persons,
     .containers = people,
     .attributes = written,
     .renews = true},
};

static uint16_t klass_of(const Desired *desired, size_t i)
{
  (void)desired;
  return (uint16_t)(i + 1);
}

static bool why_of(Desired *desired, uint32_t entry, const char *attribute, Why *out)
{
  (void)desired, (void)entry;
  g_string_append_printf(out->rule, "account.yaml:%zu", attribute == NULL ? 1 : strlen(attribute));
  int64_t rows[] = {100, attribute == NULL ? 300 : 200};
  g_array_append_vals(out->rows, rows, 2);
  return true;
}

static bool why_of_edge(Desired *desired, uint32_t group, uint32_t member, Why *out)
{
  (void)desired, (void)group, (void)member;
  g_string_append(out->rule, "tables/groups.csv:2");
  g_string_append(out->reason, "grace until 2027-04-15");
  return true;
}

static bool origin_of(Desired *desired, int64_t row, RowOrigin *out)
{
  (void)desired;
  *out = (RowOrigin){.file = "orders.csv", .line = row, .order = row == 200 ? "000123" : NULL};
  return true;
}

// Row 300 is one that no cover note counts.
static const char *order_kind = "transfer";

static bool order_of(Desired *desired, int64_t row, DesiredOrder *out)
{
  (void)desired;
  *out = (DesiredOrder){.kind = order_kind, .cover = row == 200 ? "regular v2" : NULL};
  return row >= 200;
}

static bool event_of(Desired *desired, uint32_t person, int64_t row, bool enables,
                     DesiredEvent *out)
{
  (void)desired, (void)person;
  *out = (DesiredEvent){date_of(2027, 4, 1), enables ? "return" : "move"};
  return row == 200;
}

static void label_of(Desired *desired, uint32_t entry, GString *out)
{
  g_string_append(out, entry_key(table_at(desired->table, entry)));
  g_string_append(out, " 山田 太郎");
}

static uint32_t person_of(Desired *desired, uint32_t entry)
{
  return table_at(desired->table, entry)->subject;
}

static bool no_entry(Desired *desired, uint32_t entry)
{
  (void)desired, (void)entry;
  return false;
}

static bool no(Desired *desired)
{
  (void)desired;
  return false;
}

static const char *doubt_of(Desired *desired, uint32_t person)
{
  (void)desired;
  return person == 18 ? "withdrawn" : NULL;
}

static void close_wanted(Desired *desired)
{
  g_free(desired);
}

static const DesiredType wanted_type = {.klass = klass_of,
                                        .why = why_of,
                                        .why_edge = why_of_edge,
                                        .origin = origin_of,
                                        .order = order_of,
                                        .event = event_of,
                                        .label = label_of,
                                        .person = person_of,
                                        .ended = no_entry,
                                        .any_ended = no,
                                        .doubt = doubt_of,
                                        .close = close_wanted};

// What the test at hand wants otherwise.
static struct {
  const char *title;  // of the person later on; NULL = as above
  bool unnamed;       // a second person has no name, and the first refers to them
  bool gone;          // the person is to go
  const Bundle *before;
  const char *allows;
} wish;

static uint32_t add(Table *table, uint16_t klass, uint32_t subject, const char *key,
                    const char *rdn)
{
  EntryDraft draft = {.subject = subject,
                      .parent = table_container(table, "ou=people"),
                      .klass = klass,
                      .presence = PRESENCE_PRESENT,
                      .enabled = klass == 2 ? ENABLED_YES : ENABLED_UNMANAGED,
                      .rdn = rdn,
                      .key = key,
                      .reason = "left 2027-04-01"};
  return table_add(table, &draft);
}

static void add_person(Table *table, bool later, uint32_t boss)
{
  Schema *schema = table_schema(table);
  Attribute attributes[G_N_ELEMENTS(values) + 2];
  Value own[G_N_ELEMENTS(values) + 2];
  size_t n = 0;
  for (; n < G_N_ELEMENTS(values); n++) {
    own[n] = (Value){VALUE_TEXT, (uint32_t)values[n].n, values[n].bytes, 0};
    if (later && wish.title != NULL && strcmp(values[n].name, "title") == 0)
      own[n] = (Value){VALUE_TEXT, (uint32_t)strlen(wish.title), wish.title, 0};
    attributes[n] = (Attribute){schema_attr(schema, values[n].name), values[n].policy, 1, &own[n]};
  }
  own[n] = (Value){VALUE_REF, 0, "", boss};
  attributes[n] = (Attribute){schema_attr(schema, "manager"), POLICY_FORCE, 1, &own[n]};
  n++;
  own[n] = (Value){VALUE_SECRET, 15, "initial R9-0021", 0};
  attributes[n] = (Attribute){schema_attr(schema, "userPassword"), POLICY_RENEW, 1, &own[n]};
  n++;
  EntryDraft draft = {.subject = 17,
                      .parent = table_container(table, "ou=people"),
                      .klass = 2,
                      .presence = wish.gone ? PRESENCE_ABSENT : PRESENCE_PRESENT,
                      .enabled = ENABLED_NO,
                      .rdn = "uid=t-yamada",
                      .key = "000310",
                      .reason = "left 2027-04-01",
                      .attributes = attributes,
                      .n_attributes = n};
  table_add(table, &draft);
}

static Desired *open_wanted(const DesiredSource *source, const DesiredAsk *ask, GError **error)
{
  (void)source, (void)error;
  table_container(ask->table, "");
  table_container(ask->table, "ou=people");
  table_add_klass(ask->table, "group");
  table_add_klass(ask->table, "account");
  uint32_t group = add(ask->table, 1, 0, "g-somu", "cn=g-somu");
  uint32_t boss = add(ask->table, 2, 18, "000311", wish.unnamed ? "" : "uid=boss");
  add_person(ask->table, ask->day > date_of(2027, 3, 25), boss);
  table_add_edge(ask->table, group, boss + 1);
  Desired *desired = g_new0(Desired, 1);
  *desired = (Desired){&wanted_type, ask->table, ask->at};
  return desired;
}

static const Klass *klass_at(const DesiredSource *source, size_t i)
{
  (void)source;
  return &klasses[i];
}

static const DesiredSource wanted = {
    .digest = "0123", .n_klasses = 2, .klass = klass_at, .open = open_wanted};

// ---------------------------------------------------------------------------------------------
// Both sides.

typedef struct Sides {
  Signer *here, *there;
  Verifier *of_here, *of_there;
  Findings *findings;
  GString *text;
  char digest[BUNDLE_DIGEST_CHARS + 1];
} Sides;

static Signer *make_signer(const char *folder, const char *name)
{
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  g_autofree char *path = g_strdup_printf("%s/%s.key", folder, name);
  g_autoptr(GError) error = NULL;
  Signer *signer =
      signer_make(folder, name, NULL, fingerprint, &error) ? signer_load(path, NULL, &error) : NULL;
  UNIT_NO_ERROR(error);
  CU_ASSERT_FATAL(signer != NULL);
  return signer;
}

static void sides_open(Sides *sides)
{
  const char *folder = unit_dir();
  memset(&wish, 0, sizeof wish);
  g_setenv("IDOU_NOW", "2027-03-25T19:00:00+09:00", TRUE);
  *sides = (Sides){.here = make_signer(folder, "here"),
                   .there = make_signer(folder, "there"),
                   .findings = findings_new(),
                   .text = g_string_new(NULL)};
  g_autofree char *theirs = g_strdup_printf("%s/there.pub", folder);
  sides->of_there = verifier_load(theirs, NULL);
  sides->of_here = signer_verifier(sides->here);
  UNIT_TRUE(sides->of_there && sides->of_here);
}

static void sides_close(Sides *sides)
{
  signer_free(sides->here);
  signer_free(sides->there);
  verifier_free(sides->of_here);
  verifier_free(sides->of_there);
  findings_free(sides->findings);
  g_string_free(sides->text, TRUE);
  g_unsetenv("IDOU_NOW");
}

static void write_bundle(Sides *sides, Date as_of)
{
  Instant now = instant_now();
  const BundleAllows allows[] = {{wish.allows != NULL ? wish.allows : "edu/disable", 60}};
  TargetConfig config = {.name = "edu"};
  const TargetConfig *targets[] = {&config, NULL};
  BundleSetup setup = {
      .head = {.id = {.segment = "edu", .sequence = 12, .previous = "abcd", .expires = now + 86400},
               .created = now,
               .as_of = as_of,
               .rules = wanted.digest,
               .approval = {.who = "田中",
                            .reason = "regular transfer",
                            .not_before = INSTANT_NONE,
                            .expires = now + 86400,
                            .allows = allows,
                            .n_allows = 1}},
      .source = &wanted,
      .targets = targets,
      .now = now,
      .at = as_of > date_of_instant(now) ? date_start(as_of) : now,
      .salt = "salt",
      .signer = sides->here,
      .before = wish.before,
      .findings = sides->findings};
  g_string_truncate(sides->text, 0);
  UNIT_TRUE(bundle_write(&setup, sides->text, sides->digest, NULL));
}

static Bundle *parse(const Sides *sides, const GString *text, int code)
{
  g_autoptr(GError) error = NULL;
  Bundle *bundle = bundle_parse(text->str, text->len, "test", sides->of_here, &error);
  if (code == 0)
    UNIT_NO_ERROR(error);
  else
    UNIT_TRUE(g_error_matches(error, IDOU_ERROR, code), "%s", error ? error->message : "taken");
  CU_ASSERT_FATAL((bundle != NULL) == (code == 0));
  return bundle;
}

// ---------------------------------------------------------------------------------------------

static const char *text_of(const Entry *entry, AttrId attr, size_t *n)
{
  Cursor cursor = entry_cursor(entry);
  Packed packed;
  Value value = {0};
  while (cursor_next(&cursor, &packed))
    if (packed.attr == attr && packed.n_values > 0) {
      packed_value(packed.at, &value);
      *n = value.n_bytes;
      return value.bytes;
    }
  return NULL;
}

static Desired *open_read(const Bundle *bundle, DesiredSource *source, Table *table,
                          Findings *findings, Instant at)
{
  (void)bundle;
  TargetConfig config = {.name = "edu"};
  DesiredAsk ask = {.config = &config,
                    .table = table,
                    .day = date_of_instant(at),
                    .at = at,
                    .findings = findings};
  g_autoptr(GError) error = NULL;
  Desired *desired = source->open(source, &ask, &error);
  UNIT_NO_ERROR(error);
  table_freeze(table, findings);
  return desired;
}

static void check_values(const Table *table, const Entry *entry, const char *title)
{
  for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
    AttrId attr = schema_attr(table_schema(table), values[i].name);
    bool is_title = strcmp(values[i].name, "title") == 0;
    const char *wants = is_title ? title : values[i].bytes;
    size_t n = 0, n_wants = is_title ? strlen(title) : values[i].n;
    const char *got = text_of(entry, attr, &n);
    if (UNIT_TRUE(got, "%s", values[i].name))
      UNIT_TRUE(n == n_wants && memcmp(got, wants, n) == 0, "%s", values[i].name);
  }
}

static void check_words(Desired *desired, uint32_t person, uint32_t group)
{
  Why why;
  why_init(&why);
  UNIT_TRUE(desired->type->why(desired, person, "title", &why));
  UNIT_STR(why.rule->str, "account.yaml:5");
  UNIT_INT(why.rows->len, 2);
  RowOrigin origin = {0};
  UNIT_TRUE(desired->type->origin(desired, g_array_index(why.rows, int64_t, 1), &origin));
  UNIT_INT(origin.line, 200);
  UNIT_STR(origin.order, "000123");
  DesiredOrder order;
  UNIT_TRUE(desired->type->order(desired, g_array_index(why.rows, int64_t, 1), &order));
  UNIT_STR(order.cover, "regular v2");
  UNIT_TRUE(!desired->type->order(desired, g_array_index(why.rows, int64_t, 0), &order));
  DesiredEvent event;
  UNIT_TRUE(desired->type->event(desired, 17, g_array_index(why.rows, int64_t, 1), true, &event));
  UNIT_STR(event.cause, "return");
  UNIT_INT(event.from, date_of(2027, 4, 1));
  // What is asked one after the other is told once.
  UNIT_TRUE(desired->type->why(desired, person, "title", &why));
  UNIT_TRUE(desired->type->why(desired, person, "cn", &why));
  UNIT_STR(why.rule->str, "account.yaml:5, account.yaml:2");
  why_clear(&why);
  why_init(&why);
  UNIT_TRUE(desired->type->why_edge(desired, group, person, &why));
  UNIT_STR(why.reason->str, "grace until 2027-04-15");
  UNIT_TRUE(!desired->type->why(desired, person, "telephoneNumber", &why));
  why_clear(&why);
  UNIT_STR(desired->type->doubt(desired, 18), "withdrawn");
  UNIT_TRUE(!desired->type->doubt(desired, 17));
}

static void what_is_written_is_read(void)
{
  Sides sides;
  sides_open(&sides);
  wish.title = "課長";
  write_bundle(&sides, date_of(2027, 4, 1));
  g_autoptr(Bundle) bundle = parse(&sides, sides.text, 0);
  const BundleHead *head = bundle_head(bundle);
  UNIT_STR(head->id.segment, "edu");
  UNIT_INT(head->id.sequence, 12);
  UNIT_STR(head->id.previous, "abcd");
  UNIT_STR(head->id.digest, sides.digest);
  UNIT_STR(head->approval.who, "田中");
  UNIT_INT(head->approval.allows[0].at_most, 60);
  UNIT_INT(head->as_of, date_of(2027, 4, 1));
  g_autoptr(DesiredSource) source = bundle_source(bundle);
  UNIT_INT(source->n_klasses, 2);
  UNIT_STR(source->klass(source, 0)->filler, "cn=filler");
  UNIT_TRUE(source->klass(source, 1)->renews && !source->klass(source, 0)->renews);
  UNIT_TRUE(!source->klass(source, 0)->adopt && source->klass(source, 1)->adopt);
  UNIT_STR(source->klass(source, 1)->classes[1], "inetOrgPerson");
  // On the day, and until then.
  for (int now = 0; now < 2; now++) {
    g_autoptr(Schema) schema = schema_new();
    g_autoptr(Table) table = table_new(schema);
    g_autoptr(Desired) desired = open_read(bundle, source, table, sides.findings,
                                           now ? instant_now() : date_start(date_of(2027, 4, 1)));
    uint32_t person = table_find_subject(table, desired->type->klass(desired, 1), 17);
    uint32_t group = table_find_key(table, desired->type->klass(desired, 0), "g-somu");
    if (!UNIT_TRUE(person != ENTRY_NONE && group != ENTRY_NONE))
      continue;
    const Entry *entry = table_at(table, person);
    check_values(table, entry, now ? nothing : "課長");
    UNIT_STR(entry_rdn(entry), "uid=t-yamada");
    UNIT_STR(entry_reason(entry), "left 2027-04-01");
    UNIT_INT(entry->enabled, ENABLED_NO);
    size_t n = 0;
    UNIT_TRUE(table_edges(table, group, &n)->member == person && n == 1);
    check_words(desired, person, group);
  }
  UNIT_INT(findings_count(sides.findings), 0);
  sides_close(&sides);
}

// A label says no more than the values do.
static void labels_tell_what_is_there_anyway(void)
{
  Sides sides;
  sides_open(&sides);
  write_bundle(&sides, date_of(2027, 3, 25));
  g_autoptr(Bundle) bundle = parse(&sides, sides.text, 0);
  g_autoptr(DesiredSource) source = bundle_source(bundle);
  g_autoptr(Schema) schema = schema_new();
  g_autoptr(Table) table = table_new(schema);
  g_autoptr(Desired) desired = open_read(bundle, source, table, sides.findings, instant_now());
  static const struct {
    uint32_t subject;
    const char *label;
  } rows[] = {{17, "000310 山田 太郎"}, {18, "000311"}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) label = g_string_new(NULL);
    desired->type->label(desired, table_find_subject(table, 2, rows[i].subject), label);
    UNIT_STR(label->str, rows[i].label);
  }
  UNIT_TRUE(!strstr(sides.text->str, "R9-0021"), "what renews a secret is told");
  UNIT_TRUE(strstr(sides.text->str, "secret|initial|"));
  sides_close(&sides);
}

static void who_has_no_name_is_left_out(void)
{
  Sides sides;
  sides_open(&sides);
  wish.unnamed = true;
  write_bundle(&sides, date_of(2027, 3, 25));
  UNIT_INT(findings_count(sides.findings), 1);
  UNIT_TRUE(!strstr(sides.text->str, "000311"));
  UNIT_TRUE(!strstr(sides.text->str, "attr|manager"), "it refers to somebody left out");
  bundle_free(parse(&sides, sides.text, 0));
  sides_close(&sides);
}

// ---------------------------------------------------------------------------------------------
// Ways.

static void gateways_may_change_line_ends(void)
{
  Sides sides;
  sides_open(&sides);
  write_bundle(&sides, date_of(2027, 4, 1));
  g_auto(GStrv) lines = g_strsplit(sides.text->str, "\n", -1);
  for (char **line = lines; *line; line++) {
    UNIT_TRUE(strlen(*line) <= 100, "%s", *line);
    for (const char *at = *line; *at; at++)
      UNIT_TRUE(*at > ' ' && *at <= '~', "%s", *line);
  }
  g_autofree char *joined = g_strjoinv("\r\n", lines);
  g_autoptr(GString) windows = g_string_new(joined);
  g_autoptr(Bundle) bundle = parse(&sides, windows, 0);
  UNIT_STR(bundle_head(bundle)->id.digest, sides.digest);
  g_string_truncate(windows, windows->len - 2);
  bundle_free(parse(&sides, windows, 0));
  sides_close(&sides);
}

// Each line once changed, doubled, left out, changed with its neighbour: none is taken.
static void any_line_that_is_changed_is_refused(void)
{
  Sides sides;
  sides_open(&sides);
  write_bundle(&sides, date_of(2027, 4, 1));
  g_auto(GStrv) lines = g_strsplit(sides.text->str, "\n", -1);
  size_t n = g_strv_length(lines) - 1;
  UNIT_TRUE(n > 40);
  for (size_t i = 0; i < n; i++)
    for (int way = 0; way < 4; way++) {
      g_autoptr(GString) text = g_string_new(NULL);
      for (size_t k = 0; k < n; k++) {
        size_t from = way == 3 && (k == i || k == i + 1) && i + 1 < n ? 2 * i + 1 - k : k;
        g_autofree char *line = g_strdup(lines[from]);
        if (way == 0 && k == i)
          line[strlen(line) - 1] ^= 1;
        for (int times = way == 1 && k == i ? 2 : way == 2 && k == i ? 0 : 1; times > 0; times--)
          g_string_append_printf(text, "%s\n", line);
      }
      if (strcmp(text->str, sides.text->str) == 0)
        continue;
      g_autoptr(GError) error = NULL;
      g_autoptr(Bundle) bundle = bundle_parse(text->str, text->len, "test", sides.of_here, &error);
      // The line with the signature names the key, too.
      UNIT_TRUE(!bundle && (g_error_matches(error, IDOU_ERROR, EXIT_BUNDLE_DAMAGED) ||
                            g_error_matches(error, IDOU_ERROR, EXIT_BUNDLE_KEY)),
                "line %zu (%s), way %d", i + 1, lines[i], way);
    }
  sides_close(&sides);
}

static void odd_bytes_are_refused(void)
{
  static const char *const odd[] = {" ", "\t", "\r", "\n", "\x01", "\x7f", "\xe5\xb1\xb1", "\x80"};
  Sides sides;
  sides_open(&sides);
  write_bundle(&sides, date_of(2027, 4, 1));
  for (size_t i = 0; i < G_N_ELEMENTS(odd); i++)
    for (size_t at = 0; at < sides.text->len; at += 97) {
      g_autoptr(GString) text = g_string_new(sides.text->str);
      g_string_insert(text, (gssize)at, odd[i]);
      g_autoptr(GError) error = NULL;
      g_autoptr(Bundle) bundle = bundle_parse(text->str, text->len, "test", sides.of_here, &error);
      UNIT_TRUE(!bundle || (*odd[i] == '\r' && text->str[at + 1] == '\n'), "%zu at %zu", i, at);
    }
  for (size_t n = 0; n + 1 < sides.text->len; n += 31) {
    g_autoptr(Bundle) bundle = bundle_parse(sides.text->str, n, "test", sides.of_here, NULL);
    UNIT_TRUE(!bundle, "cut after %zu", n);
  }
  g_autoptr(Bundle) of_another =
      bundle_parse(sides.text->str, sides.text->len, "test", sides.of_there, NULL);
  UNIT_TRUE(!of_another);
  sides_close(&sides);
}

// ---------------------------------------------------------------------------------------------
// The chain.

static void each_is_accepted_once_and_in_order(void)
{
  enum { ONE, TWO, OTHER_TWO, THREE, FOUR, NONE };
  const Instant now = 1000, later = 2000;
  const PlanBundle all[] = {[ONE] = {"edu", 1, "d1", NULL, later},
                            [TWO] = {"edu", 2, "d2", "d1", later},
                            [OTHER_TWO] = {"edu", 2, "dX", "d1", later},
                            [THREE] = {"edu", 3, "d3", "d2", later},
                            [FOUR] = {"edu", 4, "d4", "d3", later}};
  static const struct {
    int accepted, bundle;
    int code;
  } rows[] = {{NONE, ONE, 0},
              {NONE, TWO, EXIT_BUNDLE_GAP},
              {ONE, ONE, 0},
              {ONE, TWO, 0},
              {ONE, OTHER_TWO, 0},
              {TWO, OTHER_TWO, EXIT_BUNDLE_REPLAYED},
              {TWO, ONE, EXIT_BUNDLE_REPLAYED},
              {TWO, TWO, 0},
              {TWO, THREE, 0},
              {OTHER_TWO, THREE, EXIT_BUNDLE_GAP},
              {TWO, FOUR, EXIT_BUNDLE_GAP},
              {FOUR, THREE, EXIT_BUNDLE_REPLAYED}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *path = g_strdup_printf("%s/%zu.db", unit_dir(), i);
    g_autoptr(Store) store = store_open(path, STORE_WRITE, NULL);
    g_autoptr(GError) error = NULL;
    if (rows[i].accepted != NONE)
      UNIT_TRUE(bundle_accept(&all[rows[i].accepted], store, NULL));
    bool fine = bundle_check(&all[rows[i].bundle], "edu", store, now, &error);
    UNIT_TRUE(rows[i].code == 0 ? fine : g_error_matches(error, IDOU_ERROR, rows[i].code),
              "row %zu: %s", i, error ? error->message : "taken");
    UNIT_TRUE(bundle_is_current(&all[rows[i].bundle], store) ==
                  (rows[i].bundle == rows[i].accepted),
              "row %zu", i);
    UNIT_TRUE(!bundle_check(&all[rows[i].bundle], "kin", store, now, NULL), "row %zu", i);
    UNIT_TRUE(!bundle_check(&all[rows[i].bundle], "edu", store, later, NULL), "row %zu", i);
  }
}

// ---------------------------------------------------------------------------------------------
// What changed.

static void note_change(const BundleChange *change, void *data)
{
  g_string_append_printf(data, "%s %s %s;", change->target, change->kind, change->object);
}

static void changes_are_told_by_object(void)
{
  Sides sides;
  sides_open(&sides);
  write_bundle(&sides, date_of(2027, 3, 25));
  g_autoptr(Bundle) before = parse(&sides, sides.text, 0);
  wish.title = "課長";
  write_bundle(&sides, date_of(2027, 3, 26));
  g_autoptr(Bundle) titled = parse(&sides, sides.text, 0);
  wish.gone = true;
  wish.before = titled;
  write_bundle(&sides, date_of(2027, 3, 26));
  g_autoptr(Bundle) gone = parse(&sides, sides.text, 0);
  const struct {
    const Bundle *bundle, *before;
    const char *told;
  } rows[] = {
      {before, NULL, "edu create group/g-somu;edu create account/18;edu create account/17;"},
      {before, before, ""},
      {titled, before, "edu modify account/17;"},
      {gone, titled, "edu delete account/17;"},
      {gone, gone, ""}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) told = g_string_new(NULL);
    bundle_changes(rows[i].bundle, rows[i].before, note_change, told);
    UNIT_STR(told->str, rows[i].told, "row %zu", i);
  }
  sides_close(&sides);
}

static void public_keys_are_ours_alone(void)
{
  const char *folder = unit_dir();
  g_autofree char *path = g_strdup_printf("%s/own.pub", folder);
  g_autoptr(Signer) signer = make_signer(folder, "own");
  g_autoptr(Verifier) own = verifier_load(path, NULL);
  UNIT_TRUE(signer && own);
  UNIT_TRUE(chmod(path, 0664) == 0);
  g_autoptr(GError) error = NULL;
  g_autoptr(Verifier) writable = verifier_load(path, &error);
  UNIT_TRUE(!writable && g_error_matches(error, IDOU_ERROR, EXIT_USAGE));
  UNIT_TRUE(chmod(path, 0644) == 0);
  // Whose file it is can write to it, whatever its mode.
  if (geteuid() == 0 && chown(path, 12345, 12345) == 0) {
    g_autoptr(Verifier) foreign = verifier_load(path, NULL);
    UNIT_TRUE(!foreign);
  }
}

static void why_somebody_is_away_is_not_told(void)
{
  Sides sides;
  sides_open(&sides);
  write_bundle(&sides, date_of(2027, 3, 25));
  UNIT_TRUE(strstr(sides.text->str, "|200|000123|transfer|regular%20v2|") != NULL);
  UNIT_TRUE(strstr(sides.text->str, "|300|-|-|-|") != NULL);
  order_kind = "suspend";
  write_bundle(&sides, date_of(2027, 3, 25));
  order_kind = "transfer";
  UNIT_TRUE(strstr(sides.text->str, "suspend") == NULL);
  UNIT_TRUE(strstr(sides.text->str, "|200|000123|leave|regular%20v2|") != NULL);
  sides_close(&sides);
}

// Whoever has the signing key: past the guards there goes only what is counted.
static void approvals_are_of_what_is_counted(void)
{
  static const struct {
    const char *allows;
    int code;
  } rows[] = {{"edu/delete", 0},
              {"edu/confirm", 0},
              {"date", 0},
              {"all", EXIT_BUNDLE_DAMAGED},
              {"edu/all", EXIT_BUNDLE_DAMAGED},
              {"edu/fingerprint", EXIT_BUNDLE_DAMAGED},
              {"edu/empty", EXIT_BUNDLE_DAMAGED},
              {"", EXIT_BUNDLE_DAMAGED}};
  Sides sides;
  sides_open(&sides);
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    wish.allows = rows[i].allows;
    write_bundle(&sides, date_of(2027, 3, 25));
    bundle_free(parse(&sides, sides.text, rows[i].code));
  }
  sides_close(&sides);
}

static void who_never_had_anything_is_not_told_of(void)
{
  Sides sides;
  sides_open(&sides);
  wish.gone = true;
  write_bundle(&sides, date_of(2027, 3, 25));
  UNIT_TRUE(strstr(sides.text->str, "000310") == NULL);
  UNIT_TRUE(strstr(sides.text->str, "account/17") == NULL);
  // … but once told of, always.
  wish.gone = false;
  write_bundle(&sides, date_of(2027, 3, 25));
  g_autoptr(Bundle) with = parse(&sides, sides.text, 0);
  wish.gone = true;
  wish.before = with;
  write_bundle(&sides, date_of(2027, 3, 25));
  UNIT_TRUE(strstr(sides.text->str, "|000310|") != NULL);
  g_autoptr(Bundle) going = parse(&sides, sides.text, 0);
  wish.before = going;
  write_bundle(&sides, date_of(2027, 3, 25));
  UNIT_TRUE(strstr(sides.text->str, "|000310|") != NULL);
  sides_close(&sides);
}

// ---------------------------------------------------------------------------------------------
// Receipts and codes.

static void receipts(void)
{
  Sides sides;
  sides_open(&sides);
  const ReceiptOp ops[] = {{"edu", "create", "account/17", NULL, "done"},
                           {"edu", "join", "group/総務 課|", "account/17", "held"}};
  static const char *const unread[] = {"edu2", NULL};
  Receipt receipt = {
      .head = {"edu", 12, "d12", "p", 7, instant_now()}, .ops = ops, .n_ops = 2, .unread = unread};
  receipt_write(&receipt, sides.there, sides.text);
  g_autofree char *segment = receipt_segment(sides.text->str, sides.text->len);
  UNIT_STR(segment, "edu");
  ReceiptFile file;
  g_autoptr(GError) error = NULL;
  if (UNIT_TRUE(
          receipt_parse(sides.text->str, sides.text->len, "r", sides.of_there, &file, &error))) {
    UNIT_INT(file.receipt.n_ops, 2);
    UNIT_STR(file.receipt.ops[1].object, "group/総務 課|");
    UNIT_STR(file.receipt.ops[1].member, "account/17");
    UNIT_TRUE(!file.receipt.ops[0].member);
    UNIT_STR(file.receipt.unread[0], "edu2");
    UNIT_INT(file.receipt.head.created, instant_now());
  }
  receipt_file_clear(&file);
  // Neither signed by the other key, nor a bundle.
  UNIT_TRUE(!receipt_parse(sides.text->str, sides.text->len, "r", sides.of_here, &file, NULL));
  receipt_file_clear(&file);
  UNIT_TRUE(!bundle_parse(sides.text->str, sides.text->len, "r", sides.of_there, NULL));
  sides_close(&sides);
}

static void codes_tell_counts_of_one_bundle(void)
{
  Sides sides;
  sides_open(&sides);
  PlanBundle bundle = {"edu", 12, "d12", NULL, 0};
  PlanBundle others[] = {
      {"edu", 13, "d12", NULL, 0}, {"edu", 12, "d13", NULL, 0}, {"kin", 12, "d12", NULL, 0}};
  static const CodeCounts rows[] = {{0, 0, 0}, {1, 2, 3}, {1023, 0, 1023}, {5000, 0, 0}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) code = g_string_new(NULL);
    code_write(sides.there, sides.of_here, &bundle, &rows[i], code);
    UNIT_INT(code->len, 24);
    CodeCounts got;
    UNIT_TRUE(code_read(code->str, &got, NULL));
    UNIT_INT(got.failed, MIN(rows[i].failed, 1023u), "row %zu", i);
    UNIT_INT(got.waiting, rows[i].waiting, "row %zu", i);
    // The other side finds the same by its own secret key.
    UNIT_TRUE(code_fits(code->str, sides.here, sides.of_there, &bundle));
    UNIT_TRUE(!code_fits(code->str, sides.here, sides.of_here, &bundle));
    for (size_t k = 0; k < G_N_ELEMENTS(others); k++)
      UNIT_TRUE(!code_fits(code->str, sides.here, sides.of_there, &others[k]), "other %zu", k);
    g_autofree char *low = g_ascii_strdown(code->str, -1);
    UNIT_TRUE(code_fits(low, sides.here, sides.of_there, &bundle));
  }
  sides_close(&sides);
}

// Any one wrong character, and any two neighbours that change places.
static void codes_that_are_mistyped(void)
{
  static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  Sides sides;
  sides_open(&sides);
  PlanBundle bundle = {"edu", 12, "d12", NULL, 0};
  g_autoptr(GString) code = g_string_new(NULL);
  code_write(sides.there, sides.of_here, &bundle, &(CodeCounts){1, 0, 7}, code);
  CodeCounts counts;
  for (size_t i = 0; i < code->len; i++) {
    if (code->str[i] == '-')
      continue;
    for (const char *other = symbols; *other; other++) {
      g_autofree char *typed = g_strdup(code->str);
      typed[i] = *other;
      UNIT_TRUE(code_read(typed, &counts, NULL) == (*other == code->str[i]), "%s", typed);
    }
    size_t next = i + 1 + (code->str[i + 1] == '-');
    if (next >= code->len || code->str[next] == code->str[i])
      continue;
    g_autofree char *typed = g_strdup(code->str);
    typed[i] = code->str[next];
    typed[next] = code->str[i];
    UNIT_TRUE(!code_read(typed, &counts, NULL), "%s", typed);
  }
  UNIT_TRUE(!code_read("", &counts, NULL));
  g_string_append(code, "0");
  UNIT_TRUE(!code_read(code->str, &counts, NULL));
  sides_close(&sides);
}

static const UnitTest tests[] = {
    {"what_is_written_is_read", what_is_written_is_read},
    {"labels_tell_what_is_there_anyway", labels_tell_what_is_there_anyway},
    {"who_has_no_name_is_left_out", who_has_no_name_is_left_out},
    {"gateways_may_change_line_ends", gateways_may_change_line_ends},
    {"any_line_that_is_changed_is_refused", any_line_that_is_changed_is_refused},
    {"odd_bytes_are_refused", odd_bytes_are_refused},
    {"each_is_accepted_once_and_in_order", each_is_accepted_once_and_in_order},
    {"changes_are_told_by_object", changes_are_told_by_object},
    {"public_keys_are_ours_alone", public_keys_are_ours_alone},
    {"why_somebody_is_away_is_not_told", why_somebody_is_away_is_not_told},
    {"approvals_are_of_what_is_counted", approvals_are_of_what_is_counted},
    {"who_never_had_anything_is_not_told_of", who_never_had_anything_is_not_told_of},
    {"receipts", receipts},
    {"codes_tell_counts_of_one_bundle", codes_tell_counts_of_one_bundle},
    {"codes_that_are_mistyped", codes_that_are_mistyped},
    {NULL, NULL},
};
UNIT_SUITE(bundle, tests);
