// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "idou/plan.h"

#include <string.h>
#include <sys/stat.h>

static const PlanHead the_head = {.as_of = 20909,  // 2027-04-01
                                  .known_at = INSTANT_OPEN,
                                  .mapping_digest = "abc",
                                  .program = "idou 0.1.0",
                                  .people = 2};

static void add_place(Plan *plan, const char *object, const char *parent, const char *name)
{
  Placed place = {.object = object, .parent = parent, .name = name, .exists = parent == NULL};
  plan_add_place(plan, 0, &place);
}

static uint32_t add_op(Plan *plan, OpKind kind, const char *object, const char *member)
{
  static const OpValue value = {.kind = VALUE_TEXT, .bytes = "person", .n = 6};
  static const OpChange change = {.attribute = "objectClass", .new_values = &value, .n_new = 1};
  Op op = {.kind = kind,
           .object = object,
           .member = member,
           .name = op_traits(kind)->edge ? NULL : "uid=x",
           .old_name = kind == OP_RENAME ? "uid=y" : NULL,
           .not_before = INSTANT_NONE,
           .changes = &change,
           .n_changes = kind == OP_CREATE || kind == OP_MODIFY};
  return plan_add_op(plan, 0, &op);
}

// Places for objects a/1 … a/9, g/1, g/2.
static Plan *new_plan(void)
{
  Plan *plan = plan_new(&the_head);
  PlanSection *section = plan_add_section(plan, "ldap");
  section->fingerprint = plan_intern(plan, "entryUUID=1");
  section->n_read = 10;
  add_place(plan, "g/1", "container/ou=g", "cn=one");
  add_place(plan, "g/2", "container/ou=g", "cn=two");
  for (char digit = '1'; digit <= '9'; digit++)
    add_place(plan, (char[]){'a', '/', digit, 0}, "container/ou=p", "uid=x");
  add_place(plan, "container/ou=g", NULL, "ou=g");
  add_place(plan, "container/ou=p", NULL, "ou=p");
  return plan;
}

static char *described(const Plan *plan)
{
  GString *out = g_string_new(NULL);
  for (uint32_t n = 1; n <= plan_n_ops(plan); n++) {
    const Op *op = plan_op(plan, n);
    g_string_append_printf(out, "%s%u %s %s", n > 1 ? "; " : "", op->n, op_traits(op->kind)->name,
                           op->object);
    if (op->member)
      g_string_append_printf(out, " %s", op->member);
    for (size_t i = 0; i < op->n_after; i++)
      g_string_append_printf(out, "%s%u", i == 0 ? " after " : ",", op->after[i]);
  }
  return g_string_free(out, FALSE);
}

static char *file_of(const Plan *plan)
{
  g_autofree char *path = g_build_filename(unit_dir(), "plan", NULL);
  g_autoptr(GError) error = NULL;
  char *bytes = NULL;
  plan_write(plan, path, &error);
  UNIT_NO_ERROR(error);
  g_file_get_contents(path, &bytes, NULL, NULL);
  return bytes;
}

// ---------------------------------------------------------------------------------------------

static void order(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) plan = new_plan();
  uint32_t disable = add_op(plan, OP_DISABLE, "a/3", NULL);
  uint32_t join = add_op(plan, OP_JOIN, "g/1", "a/1");
  uint32_t create_b = add_op(plan, OP_CREATE, "a/2", NULL);
  uint32_t create = add_op(plan, OP_CREATE, "a/1", NULL);
  uint32_t leave = add_op(plan, OP_LEAVE, "g/2", "a/3");
  uint32_t allocate = add_op(plan, OP_ALLOCATE, "a/1", NULL);
  add_op(plan, OP_JOIN, "g/1", "a/0a");  // no place yet: see below
  add_place(plan, "a/0a", "container/ou=p", "uid=z");
  plan_add_after(plan, create, allocate);
  plan_add_after(plan, join, create);
  plan_add_after(plan, join, create);  // said twice, kept once
  plan_add_after(plan, leave, disable);
  plan_add_after(plan, create, create_b);
  plan_add_after(plan, create, 0);
  UNIT_TRUE(plan_seal(plan, &error));
  UNIT_NO_ERROR(error);
  g_autofree char *got = described(plan);
  UNIT_STR(got, "1 allocate a/1; 2 disable a/3; 3 leave g/2 a/3 after 2; 4 create a/2; "
                "5 create a/1 after 1,4; 6 join g/1 a/0a; 7 join g/1 a/1 after 5");
  const PlanSection *section = plan_section(plan, 0);
  UNIT_STR(section->places[0].object, "container/ou=g");
  UNIT_STR(section->places[2].object, "a/0a");
  UNIT_STR(section->ops[0].target, "ldap");
  UNIT_TRUE(!plan_op(plan, 0) && !plan_op(plan, 8));
}

static void order_of_adding_does_not_matter(void)
{
  static const struct {
    OpKind kind;
    const char *object, *member;
  } ops[] = {{OP_CREATE, "a/1", NULL}, {OP_CREATE, "a/2", NULL}, {OP_JOIN, "g/1", "a/1"},
             {OP_JOIN, "g/1", "a/2"},  {OP_MODIFY, "a/3", NULL}, {OP_DELETE, "a/4", NULL}};
  enum { N = G_N_ELEMENTS(ops) };
  g_autofree char *first = NULL;
  for (size_t shift = 0; shift < N; shift++) {
    g_autoptr(Plan) plan = new_plan();
    uint32_t handles[N];
    for (size_t i = 0; i < N; i++) {
      size_t at = (i * 5 + shift) % N;
      handles[at] = add_op(plan, ops[at].kind, ops[at].object, ops[at].member);
    }
    plan_add_after(plan, handles[2], handles[0]);
    plan_add_after(plan, handles[3], handles[1]);
    PlanNote notes[] = {{.code = "orphan", .object = "uid=b"},
                        {.code = "orphan", .object = "uid=a"}};
    plan_add_note(plan, 0, &notes[shift % 2]);
    plan_add_note(plan, 0, &notes[1 - shift % 2]);
    UNIT_TRUE(plan_seal(plan, NULL));
    if (!first)
      first = g_strdup(plan_digest(plan));
    UNIT_STR(plan_digest(plan), first, "shift %zu", shift);
  }
}

static void sections(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) plan = new_plan();
  plan_add_section(plan, "ad");
  Placed place = {.object = "a/1", .name = "cn=x"};
  plan_add_place(plan, 1, &place);
  Op op = {.kind = OP_DELETE, .object = "a/1", .not_before = INSTANT_NONE};
  uint32_t later = plan_add_op(plan, 1, &op);
  uint32_t earlier = add_op(plan, OP_CREATE, "a/1", NULL);
  plan_add_after(plan, later, earlier);
  UNIT_TRUE(plan_seal(plan, &error));
  UNIT_NO_ERROR(error);
  UNIT_STR(plan_op(plan, 2)->target, "ad");
  UNIT_INT(plan_op(plan, 2)->after[0], 1);

  g_autoptr(Plan) wrong = new_plan();
  plan_add_section(wrong, "ad");
  plan_add_place(wrong, 1, &place);
  later = plan_add_op(wrong, 1, &op);
  earlier = add_op(wrong, OP_CREATE, "a/1", NULL);
  plan_add_after(wrong, earlier, later);
  UNIT_TRUE(!plan_seal(wrong, &error));
  UNIT_STR(error->message,
           "create a/1 depends on delete a/1 in a later target: change the order of the targets");
}

static void circle(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) plan = new_plan();
  uint32_t a = add_op(plan, OP_CREATE, "a/1", NULL), b = add_op(plan, OP_CREATE, "a/2", NULL),
           c = add_op(plan, OP_CREATE, "a/3", NULL), d = add_op(plan, OP_CREATE, "a/4", NULL);
  plan_add_after(plan, a, b);
  plan_add_after(plan, b, c);
  plan_add_after(plan, c, b);
  plan_add_after(plan, c, d);
  UNIT_TRUE(!plan_seal(plan, &error));
  UNIT_STR(error->message, "operations depend on each other in a circle: "
                           "create a/2 <- create a/3 <- create a/2");
}

static void faults_of_building(void)
{
  static const struct {
    OpKind kind;
    const char *object, *member, *message;
  } rows[] = {
      {OP_CREATE, "a/none", NULL,
       "operation 1 (create a/none): the plan does not say where a/none is"},
      {OP_JOIN, "g/1", "a/none", "operation 1 (join g/1): the plan does not say where a/none is"},
      {OP_JOIN, "g/1", NULL, "operation 1 (join g/1): it names no member"},
      {OP_DELETE, "g/1", "a/1", "operation 1 (delete g/1): it cannot have a member"},
      {OP_ALLOCATE, "a/none", NULL, NULL},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Plan) plan = new_plan();
    add_op(plan, rows[i].kind, rows[i].object, rows[i].member);
    UNIT_INT(plan_seal(plan, &error), rows[i].message == NULL);
    UNIT_STR(error ? error->message : NULL, rows[i].message);
  }
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) twice = new_plan();
  add_place(twice, "a/1", NULL, "uid=x");
  UNIT_TRUE(!plan_seal(twice, &error));
  UNIT_STR(error->message, "a/1 has two places");
  g_autoptr(GError) error_above = NULL;
  g_autoptr(Plan) above = new_plan();
  add_place(above, "a/x", "a/y", "uid=x");
  UNIT_TRUE(!plan_seal(above, &error_above));
  UNIT_STR(error_above->message, "the place of a/x comes without that of a/y, which is above it");
}

static Plan *rich_plan(void)
{
  Plan *plan = new_plan();
  static const OpValue news[] = {{VALUE_TEXT, "inetOrgPerson", 13},
                                 {VALUE_TEXT, "山田　太郎 \"/\\", 19},
                                 {VALUE_TEXT, "", 0},
                                 {VALUE_TEXT, "a\0b", 3},
                                 {VALUE_TEXT, "\xff\xfe", 2},
                                 {VALUE_TEXT, "line\nline", 9},
                                 {VALUE_TEXT, "\xe2\x80\xae", 3},
                                 {VALUE_REF, "a/2", 3},
                                 {VALUE_SECRET, "initial", 7}};
  static const OpChange changes[] = {
      {.attribute = "cn", .new_values = news, .n_new = G_N_ELEMENTS(news)},
      {.attribute = "sn", .old_values = news, .n_old = 2, .replace = true},
      {.attribute = "mail"}};
  Op op = {.kind = OP_CREATE,
           .object = "a/1",
           .label = "000310 山田　太郎",
           .person = 17,
           .account = "k-yamada",
           .parent = "container/ou=p",
           .name = "uid=k-yamada",
           .old_parent = "container/ou=g",
           .old_name = "uid=old",
           .stable_id = "uuid",
           .changes = changes,
           .n_changes = G_N_ELEMENTS(changes),
           .not_before = INT64_C(1806505200),
           .why = "order 1",
           .rule = "account.yaml:14",
           .source = "",
           .confirm = "adopted by uid"};
  uint32_t create = plan_add_op(plan, 0, &op);
  plan_add_after(plan, add_op(plan, OP_JOIN, "g/1", "a/1"), create);
  PlanNote note = {
      .code = "orphan", .target = "ldap", .object = "uid=\xff,ou=p", .text = "nobody's"};
  plan_add_note(plan, 0, &note);
  return plan;
}

static bool equal_values(const OpValue *a, const OpValue *b, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (a[i].kind != b[i].kind || a[i].n != b[i].n || memcmp(a[i].bytes, b[i].bytes, a[i].n) != 0)
      return false;
  return true;
}

static void round_trip(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) plan = rich_plan();
  UNIT_TRUE(plan_seal(plan, &error));
  UNIT_NO_ERROR(error);
  g_autofree char *file = file_of(plan);
  g_autoptr(Plan) again = plan_parse(file, strlen(file), "plan", &error);
  UNIT_NO_ERROR(error);
  CU_ASSERT_FATAL(again != NULL);
  UNIT_STR(plan_digest(again), plan_digest(plan));
  g_autofree char *same = file_of(again);
  UNIT_STR(same, file);
  const Op *a = plan_op(plan, 1), *b = plan_op(again, 1);
  CU_ASSERT_FATAL(b->n_changes == a->n_changes);
  for (size_t i = 0; i < a->n_changes; i++) {
    const OpChange *x = &a->changes[i], *y = &b->changes[i];
    UNIT_STR(y->attribute, x->attribute);
    UNIT_INT(y->replace, x->replace);
    UNIT_TRUE(y->n_old == x->n_old && equal_values(y->old_values, x->old_values, x->n_old), "%zu",
              i);
    UNIT_TRUE(y->n_new == x->n_new && equal_values(y->new_values, x->new_values, x->n_new), "%zu",
              i);
  }
  UNIT_STR(b->label, "000310 山田　太郎");
  UNIT_STR(b->account, "k-yamada");
  UNIT_STR(b->source, NULL);
  UNIT_STR(b->confirm, "adopted by uid");
  UNIT_INT(b->not_before, 1806505200);
  UNIT_INT(plan_op(again, 2)->not_before, INSTANT_NONE);
  UNIT_INT(plan_head(again)->as_of, the_head.as_of);
  UNIT_INT(plan_head(again)->known_at, INSTANT_OPEN);
  UNIT_STR(plan_section(again, 0)->notes[0].object, "uid=\xef\xbf\xbd,ou=p");
  UNIT_INT(plan_section(again, 0)->n_read, 10);
  UNIT_STR(plan_envelope(again)->host, plan_envelope(plan)->host);
}

static void the_bytes(void)
{
  g_autoptr(Plan) plan = rich_plan();
  plan_seal(plan, NULL);
  g_autofree char *file = file_of(plan);
  g_auto(GStrv) lines = g_strsplit(file, "\n", -1);
  CU_ASSERT_FATAL(g_strv_length(lines) == 22);
  UNIT_TRUE(g_str_has_prefix(lines[0], "{\"line\":\"plan\",\"made\":\""));
  UNIT_STR(lines[1], "{\"line\":\"head\",\"format\":1,\"as_of\":\"2027-04-01\",\"mapping\":\"abc\","
                     "\"program\":\"idou 0.1.0\",\"people\":2}");
  UNIT_STR(lines[2], "{\"line\":\"section\",\"target\":\"ldap\",\"fingerprint\":\"entryUUID=1\","
                     "\"read\":10,\"ours\":0,\"desired\":0}");
  UNIT_STR(lines[3], "{\"line\":\"place\",\"object\":\"container/ou=g\",\"name\":\"ou=g\","
                     "\"exists\":true}");
  UNIT_STR(lines[17],
           "{\"line\":\"op\",\"n\":2,\"kind\":\"join\",\"object\":\"g/1\",\"member\":\"a/1\","
           "\"after\":[1]}");
  UNIT_TRUE(strstr(lines[16],
                   "\"new\":[\"inetOrgPerson\",\"山田　太郎 \\\"/\\\\\",\"\","
                   "{\"b64\":\"YQBi\"},{\"b64\":\"//4=\"},{\"b64\":\"bGluZQpsaW5l\"},"
                   "{\"b64\":\"4oCu\"},{\"ref\":\"a/2\"},{\"secret\":\"initial\"}]") != NULL);
  g_autofree char *path = g_build_filename(unit_dir(), "p", NULL);
  struct stat status;
  UNIT_TRUE(plan_write(plan, path, NULL) && stat(path, &status) == 0);
  UNIT_INT(status.st_mode & 0777, 0600);
}

// The envelope says when and where; what was approved does not depend on it.
static void the_envelope_is_not_digested(void)
{
  g_autoptr(Plan) plan = rich_plan();
  plan_seal(plan, NULL);
  g_autofree char *file = file_of(plan);
  g_autofree char *other = g_strconcat("{\"line\":\"plan\"}", strchr(file, '\n'), NULL);
  g_autoptr(Plan) again = plan_parse(other, strlen(other), "plan", NULL);
  CU_ASSERT_FATAL(again != NULL);
  UNIT_STR(plan_digest(again), plan_digest(plan));
  UNIT_INT(plan_envelope(again)->made, INSTANT_NONE);
}

// Replaces the first `from` in the file; what the reader says of it.
static void faults_of_files(void)
{
  static const struct {
    const char *from, *to, *message;
  } rows[] = {
      {"k-yamada", "k-tanaka",
       "p:21: the digest does not fit: something in this target's section was changed"},
      {"\"people\":2", "\"people\":3", "p:22: the digest does not fit: the plan was changed"},
      {"\"format\":1", "\"format\":2",
       "p:2: the plan has format 2, this program reads 1: make the plan anew"},
      {"\"n\":2", "\"n\":3", "p:18: operations must be numbered one by one"},
      {"\"after\":[1]", "\"after\":[2]", "p:18: an operation can only depend on earlier ones"},
      {"\"after\":[1]", "\"after\":[0]", "p:18: “after” must be a list of ascending numbers"},
      {"\"after\":[1]", "\"after\":[1,1]", "p:18: “after” must be a list of ascending numbers"},
      {"\"kind\":\"join\"", "\"kind\":\"joyn\"", "p:18: “kind” must be a kind of operation"},
      {"\"member\":\"a/1\"", "\"member\":\"a/x\"",
       "p:18: operation 2 (join g/1): the plan does not say where a/x is"},
      {"{\"ref\":\"a/2\"}", "{\"ref\":\"a/x\"}",
       "p:17: operation 1 (create a/1): the plan does not say where a/x is"},
      {"{\"b64\":\"YQBi\"}", "{\"b64\":\"Y\"}",
       "p:17: “changes” must be a list of changes with attribute, old and new"},
      {"{\"ref\":\"a/2\"}", "{\"ref\":\"a/2\",\"secret\":\"b\"}",
       "p:17: “changes” must be a list of changes with attribute, old and new"},
      {"\"ou=g\",\"exists\":true", "\"ou=g\",\"exists\":1",
       "p:4: “exists” must be true, or left out"},
      {"\"read\":10", "\"read\":-1", "p:3: “read” must be a whole number"},
      {"\"read\":10", "\"read\":1.5", "p:3: “read” must be a whole number"},
      {"\"read\":10,", "", "p:3: “read” is missing"},
      {"\"read\":10", "\"rade\":10", "p:3: a line “section” has no field “rade”"},
      {"\"line\":\"note\"", "\"line\":\"not\"", "p:19: this is no line of a plan"},
      {"\"object\":\"container/ou=p\"", "\"object\":\"container/ou=g\"",
       "p:5: container/ou=g has two places"},
      {"\"people\":2", "\"people\": 2", "p:2: the line is not in canonical form"},
      {"\"why\":\"order 1\"", "\"why\":\"\\u006frder 1\"",
       "p:17: the line is not in canonical form"},
      {"\"read\":10,\"ours\":0", "\"ours\":0,\"read\":10",
       "p:3: the line is not in canonical form"},
      {"2027-04-01", "2027-04-31", "p:2: “as_of” must be a date such as 2027-04-01"},
  };
  g_autoptr(Plan) plan = rich_plan();
  PlanNote note = {.code = "orphan", .object = "second"};
  plan_add_note(plan, 0, &note);
  plan_seal(plan, NULL);
  g_autofree char *file = file_of(plan);
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    const char *at = strstr(file, rows[i].from);
    if (!UNIT_TRUE(at != NULL, "%s", rows[i].from))
      continue;
    g_autofree char *edited =
        g_strdup_printf("%.*s%s%s", (int)(at - file), file, rows[i].to, at + strlen(rows[i].from));
    g_autoptr(Plan) read = plan_parse(edited, strlen(edited), "p", &error);
    UNIT_TRUE(!read, "%s", rows[i].from);
    UNIT_STR(error ? error->message : NULL, rows[i].message);
    UNIT_INT(error ? error->code : 0, EXIT_USAGE);
  }
}

// However a file is cut off, it is never taken for a whole one.
static void cut_anywhere(void)
{
  g_autoptr(Plan) plan = rich_plan();
  plan_seal(plan, NULL);
  g_autofree char *file = file_of(plan);
  size_t n = strlen(file);
  for (size_t i = 0; i < n; i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(Plan) read = plan_parse(file, i, "p", &error);
    if (read || !error)
      UNIT_TRUE(false, "cut at %zu", i);
  }
  g_autofree char *more = g_strconcat(file, "{\"line\":\"body\",\"digest\":\"\"}\n", NULL);
  g_autoptr(GError) error = NULL;
  UNIT_TRUE(!plan_parse(more, strlen(more), "p", &error));
  UNIT_STR(error->message, "p:22: this line does not belong here");
  UNIT_TRUE(!plan_read("/nowhere/plan", NULL));
}

// "p:LINE: …" in which the line is there, as a fault of usage; `what` and `at` say what was done.
static void check_fault(const char *bytes, size_t n, const char *what, size_t at)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) read = plan_parse(bytes, n, "p", &error);
  char *end = NULL;
  bool named = error && g_str_has_prefix(error->message, "p:") &&
               g_ascii_strtoull(error->message + 2, &end, 10) >= 1 && *end == ':';
  if (read || !named || error->code != EXIT_USAGE)
    UNIT_TRUE(false, "%s at %zu: %s", what, at, error ? error->message : "read");
}

// The envelope alone is not digested: what changes there and can still be read changes nothing of what is done.
static void check_envelope(const char *bytes, const Plan *plan, size_t at)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) read = plan_parse(bytes, strlen(bytes), "p", &error);
  if (read ? strcmp(plan_digest(read), plan_digest(plan)) != 0 : error->code != EXIT_USAGE)
    UNIT_TRUE(false, "the envelope, changed at %zu", at);
}

static void any_byte_changed(void)
{
  g_autoptr(Plan) plan = rich_plan();
  plan_seal(plan, NULL);
  g_autofree char *file = file_of(plan);
  size_t n = strlen(file), envelope = strcspn(file, "\n");
  for (size_t i = 0; i < n; i++) {
    const char was = file[i];
    const char others[] = {(char)(was ^ 1), (char)(was ^ 0x20), '"', '\n', ' ', (char)0xff};
    for (size_t k = 0; k < sizeof others; k++) {
      if (others[k] == was)
        continue;
      file[i] = others[k];
      if (i < envelope)
        check_envelope(file, plan, i);
      else
        check_fault(file, n, "changed", i);
    }
    file[i] = '\0';
    check_fault(file, n, "zeroed", i);
    file[i] = was;
  }
}

static char *joined(char **lines)
{
  return g_strjoinv("\n", lines);
}

// Lines that changed places, are there twice, or are gone.
static void any_line_moved(void)
{
  g_autoptr(Plan) plan = rich_plan();
  plan_seal(plan, NULL);
  g_autofree char *file = file_of(plan);
  g_auto(GStrv) lines = g_strsplit(file, "\n", -1);
  size_t n = g_strv_length(lines) - 1;  // the last one is what stands behind the last newline
  for (size_t i = 0; i < n; i++) {
    for (size_t k = i + 1; k < n; k++) {
      char *was = lines[i];
      lines[i] = lines[k];
      lines[k] = was;
      g_autofree char *swapped = joined(lines);
      check_fault(swapped, strlen(swapped), "swapped", i * 100 + k);
      lines[k] = lines[i];
      lines[i] = was;
    }
    char *line = lines[i];
    lines[i] = g_strdup_printf("%s\n%s", line, line);
    g_autofree char *twice = joined(lines);
    check_fault(twice, strlen(twice), "twice", i);
    g_free(lines[i]);
    lines[i] = line;
    const char *begins = strstr(file, line);
    g_autofree char *without =
        g_strdup_printf("%.*s%s", (int)(begins - file), file, begins + strlen(line) + 1);
    check_fault(without, strlen(without), "gone", i);
  }
}

static void choosing(void)
{
  static const struct {
    const char *only, *except, *chosen;  // NULL: an error
  } rows[] = {
      {NULL, NULL, "111111"},
      {"6", NULL, "000001"},
      {"4", NULL, "110100"},
      {"1-2,6", NULL, "110001"},
      {NULL, "1", "001011"},
      {NULL, "6", "111110"},
      {"4,5", "2", "100010"},
      {"3", "3", "000000"},
      {"0", NULL, NULL},
      {"7", NULL, NULL},
      {"3-2", NULL, NULL},
      {"", NULL, NULL},
      {"1,", NULL, NULL},
      {"a", NULL, NULL},
      {"1-", NULL, NULL},
      {NULL, "1 2", NULL},
      {"99999999999999999999", NULL, NULL},
  };
  g_autoptr(Plan) plan = new_plan();
  uint32_t handles[6];
  for (int i = 0; i < 6; i++)
    handles[i] = add_op(plan, OP_CREATE, (char[]){'a', '/', (char)('1' + i), 0}, NULL);
  plan_add_after(plan, handles[1], handles[0]);
  plan_add_after(plan, handles[3], handles[1]);
  CU_ASSERT_FATAL(plan_seal(plan, NULL));
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GByteArray) chosen = NULL;
    bool fine = plan_choose(plan, rows[i].only, rows[i].except, &chosen, &error);
    if (!UNIT_INT(fine, rows[i].chosen != NULL, "row %zu", i) || !fine)
      continue;
    char got[7] = "";
    for (size_t n = 0; n < chosen->len && n < 6; n++)
      got[n] = chosen->data[n] ? '1' : '0';
    UNIT_INT(chosen->len, 6);
    UNIT_STR(got, rows[i].chosen, "row %zu", i);
  }
}

// By what operations tell of themselves: 1–2 of 000001 in 1011 below 101, 1 with the code alone of a unit left, 3 of 000002 in 200 who came from 1011, 4 of
// the unit 101, 5 and 6 of two people with one number; 6 needs 4.
static Plan *plan_of_people(void)
{
  static const struct {
    OpKind kind;
    const char *label;
    uint32_t person;
    const char *unit, *unit_before;
  } ops[] = {
      {OP_CREATE, "000001 一", 11, "1011 総務部　総務課　人事係", "200"},
      {OP_CREATE, "000001 一", 11, "1011 総務部　総務課　人事係", NULL},
      {OP_CREATE, "000002 二", 12, "200 税務部", "1011 総務部　総務課　人事係"},
      {OP_CREATE, "101 総務課", 0, "101 総務部　総務課", NULL},
      {OP_CREATE, "000310 三", 13, "200 税務部", NULL},
      {OP_CREATE, "000310 四", 14, "2001 税務部　収税課", NULL},
  };
  Plan *plan = new_plan();
  uint32_t handles[G_N_ELEMENTS(ops)];
  static const OpValue value = {.kind = VALUE_TEXT, .bytes = "person", .n = 6};
  static const OpChange change = {.attribute = "objectClass", .new_values = &value, .n_new = 1};
  for (size_t i = 0; i < G_N_ELEMENTS(ops); i++) {
    char object[] = {'a', '/', (char)('1' + i), 0};
    Op op = {.kind = ops[i].kind,
             .object = object,
             .label = ops[i].label,
             .person = ops[i].person,
             .unit = ops[i].unit,
             .unit_before = ops[i].unit_before,
             .name = "uid=x",
             .changes = &change,
             .n_changes = 1,
             .not_before = INSTANT_NONE};
    handles[i] = plan_add_op(plan, 0, &op);
  }
  plan_add_after(plan, handles[5], handles[3]);
  return plan;
}

static void choosing_by_words(void)
{
  static const char *const in_ldap[] = {"ldap", NULL}, *const in_ad[] = {"ad", NULL};
  static const struct {
    const char *only, *except, *chosen;
    int along, besides;
    const char *error;
    const char *const *together;
  } rows[] = {
      {"1", NULL, "110000", 1, 0, NULL, in_ldap},
      {NULL, "2", "001111", 0, 1, NULL, in_ldap},
      {"1", NULL, "100000", 0, 0, NULL, in_ad},
      {"person:000001", NULL, "110000", 0, 0, NULL, NULL},
      {NULL, "person:000001", "001111", 0, 0, NULL, NULL},
      {"person:000001,3", NULL, "111000", 0, 0, NULL, NULL},
      {"unit:101", NULL, "111100", 0, 0, NULL, NULL},
      {"unit:1011", NULL, "111000", 0, 0, NULL, NULL},
      {"unit:2001", NULL, "000101", 1, 0, NULL, NULL},
      {"unit:200", NULL, "101111", 1, 0, NULL, NULL},
      {NULL, "unit:101", "000010", 0, 1, NULL, NULL},
      {NULL, "4", "111010", 0, 1, NULL, NULL},
      {"target:ldap", NULL, "111111", 0, 0, NULL, NULL},
      {"kind:delete", NULL, "000000", 0, 0, NULL, NULL},
      {NULL, "kind:delete", "111111", 0, 0, NULL, NULL},
      {"person:000310/unit:2001", NULL, "000101", 1, 0, NULL, NULL},
      {"person:000001/target:ldap/kind:create", NULL, "110000", 0, 0, NULL, NULL},
      {"person:000002/2-3", NULL, NULL, 0, 0, "000002/2-3", NULL},
      {"person:000001/kind:delete", NULL, NULL, 0, 0, "no operation", NULL},
      {"person:000310", NULL, NULL, 0, 0, "two people, “000310 三” (200 税務部)", NULL},
      {NULL, "person:00031", NULL, 0, 0, "000001, 000002, 000310", NULL},
      {NULL, "person:101", NULL, 0, 0, "101", NULL},
      {NULL, "person:", NULL, 0, 0, "person:", NULL},
      {NULL, "unit:10", NULL, 0, 0, "1011, 200, 101, 2001", NULL},
      {NULL, "target:ad", NULL, 0, 0, "ldap", NULL},
      {NULL, "kind:erase", NULL, 0, 0, "delete", NULL},
      {NULL, "planet:earth", NULL, 0, 0, "person:NUMBER", NULL},
      {NULL, "Person:000001", NULL, 0, 0, "person:NUMBER", NULL},
      {NULL, "person:000001,", NULL, 0, 0, "numbers", NULL},
      {NULL, " person:000001", NULL, 0, 0, "numbers", NULL},
  };
  g_autoptr(Plan) plan = plan_of_people();
  CU_ASSERT_FATAL(plan_seal(plan, NULL));
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    g_auto(PlanChoice) choice = {0};
    bool fine = plan_choice(plan, rows[i].only, rows[i].except, rows[i].together, &choice, &error);
    if (!UNIT_INT(fine, rows[i].chosen != NULL, "row %zu", i))
      continue;
    if (!fine) {
      UNIT_INT(error->code, EXIT_USAGE, "row %zu", i);
      UNIT_TRUE(strstr(error->message, rows[i].error) != NULL, "row %zu: %s", i, error->message);
      continue;
    }
    char got[7] = "";
    for (size_t n = 0; n < choice.chosen->len && n < 6; n++)
      got[n] = choice.chosen->data[n] ? '1' : '0';
    UNIT_STR(got, rows[i].chosen, "row %zu", i);
    UNIT_INT(choice.n_along, rows[i].along, "row %zu", i);
    UNIT_INT(choice.n_besides, rows[i].besides, "row %zu", i);
    UNIT_INT(choice.n_chosen + choice.n_left, 6, "row %zu", i);
  }
}

static const UnitTest tests[] = {
    {"order", order},
    {"order_of_adding_does_not_matter", order_of_adding_does_not_matter},
    {"sections", sections},
    {"circle", circle},
    {"faults_of_building", faults_of_building},
    {"round_trip", round_trip},
    {"the_bytes", the_bytes},
    {"the_envelope_is_not_digested", the_envelope_is_not_digested},
    {"faults_of_files", faults_of_files},
    {"cut_anywhere", cut_anywhere},
    {"any_byte_changed", any_byte_changed},
    {"any_line_moved", any_line_moved},
    {"choosing", choosing},
    {"choosing_by_words", choosing_by_words},
    {NULL, NULL},
};
UNIT_SUITE(plan, tests);
