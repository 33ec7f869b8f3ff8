// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_kit.h"

#include "unit.h"

#include <string.h>

#define N_NEW 40  // accounts from 1,000 on
#define FIRST_NEW 1000

static void add_container(GString *out, const char *ou)
{
  g_string_append_printf(out, "dn: ou=%s," RIG_BASE "\nobjectClass: organizationalUnit\nou: %s\n\n",
                         ou, ou);
}

static char *make_content(unsigned n_people, unsigned n_units, unsigned n_groups)
{
  static const char *const containers[] = {"people", "retired", "units", "groups"};
  g_autoptr(GString) out = g_string_new(
      "version: 1\n\ndn: " RIG_BASE "\nobjectClass: dcObject\nobjectClass: organization\n"
      "dc: city\no: City\nentryUUID: 00000000-0000-0000-0000-000000000001\n\n");
  for (size_t i = 0; i < G_N_ELEMENTS(containers); i++)
    add_container(out, containers[i]);
  for (unsigned i = 1; i <= n_people; i++)
    g_string_append_printf(out,
                           "dn: uid=p%u,ou=people," RIG_BASE "\nobjectClass: inetOrgPerson\n"
                           "uid: p%u\ncn: P%u\nsn: P%u\ntitle: staff\n"
                           "entryUUID: 00000000-0000-0000-0001-%012u\n\n",
                           i, i, i, i, i);
  for (unsigned i = 1; i <= n_units; i++)
    g_string_append_printf(out,
                           "dn: ou=u%u,ou=units," RIG_BASE "\nobjectClass: organizationalUnit\n"
                           "ou: u%u\ndescription: unit\n\n",
                           i, i);
  for (unsigned i = 1; i <= n_groups; i++)
    g_string_append_printf(out,
                           "dn: cn=g%u,ou=groups," RIG_BASE "\nobjectClass: groupOfNames\n"
                           "cn: g%u\nmember: cn=filler," RIG_BASE "\n\n",
                           i, i);
  return g_string_free(g_steal_pointer(&out), false);
}

static void place(Rig *rig, const char *object, const char *parent, const char *name, bool exists)
{
  plan_add_place(rig->plan, 0, &(Placed){object, parent, name, NULL, exists});
}

static void place_numbered(Rig *rig, unsigned first, unsigned n, const char *const words[3])
{
  for (unsigned i = first; i < first + n; i++) {
    g_autofree char *object = g_strdup_printf("%s/%u", words[0], i);
    g_autofree char *name = g_strdup_printf("%s%u", words[1], i);
    place(rig, object, words[2], name, i < FIRST_NEW);
  }
}

static void begin_plan(Rig *rig)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Reader) reader = reader_open(&rig->config, &error);
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  UNIT_TRUE(reader && reader_fingerprint(reader, fingerprint, &error));
  UNIT_NO_ERROR(error);
  rig->plan = plan_new(&(PlanHead){
      .as_of = 20000, .known_at = INSTANT_OPEN, .program = "test", .mapping_digest = "0"});
  PlanSection *section = plan_add_section(rig->plan, "t");
  section->fingerprint = plan_intern(rig->plan, fingerprint->str);
  section->base = plan_intern(rig->plan, RIG_BASE);
}

// What an operation must not meet in flight, worked out anew from the plan and from what was moved.
static bool names(const Rig *rig, const Op *op, const char *object)
{
  const char *above = g_hash_table_lookup(rig->parents, op->object);
  return g_strcmp0(op->object, object) == 0 || g_strcmp0(op->member, object) == 0 ||
         g_strcmp0(op->parent, object) == 0 || g_strcmp0(above, object) == 0;
}

static bool collide(const Rig *rig, const Op *a, const Op *b)
{
  bool a_is_edge = op_traits(a->kind)->edge, b_is_edge = op_traits(b->kind)->edge;
  if (g_str_equal(a->object, b->object))
    return true;
  return (!a_is_edge && names(rig, b, a->object)) || (!b_is_edge && names(rig, a, b->object));
}

static void check_flight(Rig *rig, const ApplyStep *step)
{
  GHashTableIter iter;
  const Op *other = NULL;
  g_hash_table_iter_init(&iter, rig->flying);
  while (g_hash_table_iter_next(&iter, (void **)&other, NULL))
    for (size_t i = 0; i < step->n_ops; i++)
      rig->n_collisions += collide(rig, step->ops[i], other);
}

static void land(Rig *rig, const Op *op)
{
  g_hash_table_remove(rig->flying, op);
  if (op->kind == OP_MOVE || op->kind == OP_CREATE)
    g_hash_table_insert(rig->parents, (void *)op->object, (void *)op->parent);
}

static void watch(const ApplyStep *step, void *data)
{
  Rig *rig = data;
  g_string_append(rig->log, step->name);
  for (size_t i = 0; i < step->n_ops; i++)
    g_string_append_printf(rig->log, "%c%s", i ? ',' : ' ', step->ops[i]->label);
  g_string_append_c(rig->log, ';');
  if (rig->hook)
    rig->hook(rig, step);
  if (g_str_equal(step->name, "submit"))
    check_flight(rig, step);
  if (g_str_equal(step->name, "submitted"))
    for (size_t i = 0; i < step->n_ops; i++)
      g_hash_table_add(rig->flying, (void *)step->ops[i]);
  if (g_str_equal(step->name, "outcome"))
    for (size_t i = 0; i < step->n_ops; i++)
      land(rig, step->ops[i]);
}

static void open_files(Rig *rig, const char *content)
{
  const char *dir = unit_dir();
  g_autoptr(GError) error = NULL;
  rig->path = g_build_filename(dir, "system.ldif", NULL);
  g_file_set_contents(rig->path, content, -1, &error);
  UNIT_NO_ERROR(error);
  g_autofree char *path = g_build_filename(dir, "idou.db", NULL);
  rig->store = store_open(path, STORE_WRITE, &error);
  UNIT_NO_ERROR(error);
}

Rig *rig_new(unsigned n_people, unsigned n_units, unsigned n_groups)
{
  Rig *rig = g_new0(Rig, 1);
  g_autofree char *content = make_content(n_people, n_units, n_groups);
  open_files(rig, content);
  rig->config = (TargetConfig){.name = "t",
                               .type = "fake",
                               .path = rig->path,
                               .base = RIG_BASE,
                               .timeout_ms = 1000,
                               .window = 32,
                               .retries = 3,
                               .faults = rig->faults};
  rig->configs[0] = &rig->config;
  rig->handles = g_hash_table_new(g_str_hash, g_str_equal);
  rig->log = g_string_new(NULL);
  rig->flying = g_hash_table_new(NULL, NULL);
  rig->parents = g_hash_table_new(g_str_hash, g_str_equal);
  begin_plan(rig);
  static const char *const containers[] = {"people", "retired", "units", "groups"};
  for (size_t i = 0; i < G_N_ELEMENTS(containers); i++) {
    g_autofree char *name = g_strconcat("ou=", containers[i], NULL);
    g_autofree char *object = g_strconcat("container/", name, NULL);
    place(rig, object, NULL, name, true);
  }
  const char *const people[] = {"account", "uid=p", "container/ou=people"};
  place_numbered(rig, 1, n_people, people);
  place_numbered(rig, FIRST_NEW, N_NEW, people);
  place_numbered(rig, 1, n_units, (const char *const[]){"unit", "ou=u", "container/ou=units"});
  place_numbered(rig, 1, n_groups, (const char *const[]){"group", "cn=g", "container/ou=groups"});
  return rig;
}

void rig_free(Rig *rig)
{
  store_close(rig->store);
  plan_free(rig->plan);
  apply_report_clear(&rig->report);
  g_hash_table_unref(rig->handles);
  g_hash_table_unref(rig->flying);
  g_hash_table_unref(rig->parents);
  g_string_free(rig->log, true);
  g_free(rig->path);
  g_free(rig);
}

// ---------------------------------------------------------------------------------------------

typedef struct Whole {
  OpValue values[8];
  OpChange changes[8];
  size_t n;
} Whole;

static OpValue *value_of(Whole *whole, const char *text)
{
  OpValue *value = &whole->values[whole->n++];
  ValueKind kind = *text == '@' ? VALUE_REF : *text == '*' ? VALUE_SECRET : VALUE_TEXT;
  text += kind != VALUE_TEXT;
  *value = (OpValue){kind, text, strlen(text)};
  return value;
}

static void add_change(Whole *whole, Op *op, const char *attribute, const char *const values[2])
{
  OpChange *change = &whole->changes[op->n_changes++];
  *change = (OpChange){.attribute = attribute};
  if (values[0]) {
    change->old_values = value_of(whole, values[0]);
    change->n_old = 1;
  }
  if (values[1]) {
    change->new_values = value_of(whole, values[1]);
    change->n_new = 1;
    change->replace = change->new_values->kind == VALUE_SECRET;
  }
}

void rig_add(Rig *rig, const Deed *deed)
{
  Whole whole = {0};
  const char *name = deed->name ? deed->name : "";
  Op op = {.kind = deed->kind,
           .target = "t",
           .object = deed->object,
           .member = deed->member,
           .label = deed->label,
           .parent = deed->parent,
           .name = deed->name,
           .stable_id = deed->stable_id,
           .person = deed->person,
           .changes = whole.changes,
           .why = "test",
           .not_before = deed->day ? deed->day : INSTANT_NONE};
  if (deed->kind == OP_CREATE) {
    add_change(&whole, &op, "objectClass", (const char *const[]){NULL, "inetOrgPerson"});
    add_change(&whole, &op, "uid", (const char *const[]){NULL, strchr(name, '=') + 1});
    add_change(&whole, &op, "cn", (const char *const[]){NULL, "New"});
    add_change(&whole, &op, "sn", (const char *const[]){NULL, "New"});
  }
  if (deed->kind == OP_RENAME)
    op.old_name = "ou=old";
  if (deed->kind == OP_MOVE || deed->kind == OP_RENAME)
    op.old_parent = "container/ou=people";
  if (deed->attribute)
    add_change(&whole, &op, deed->attribute,
               (const char *const[]){deed->old_value, deed->new_value});
  if (deed->secret)
    add_change(&whole, &op, "userPassword", (const char *const[]){NULL, deed->secret});
  uint32_t handle = plan_add_op(rig->plan, 0, &op);
  g_hash_table_insert(rig->handles, (void *)plan_intern(rig->plan, deed->label),
                      GUINT_TO_POINTER(handle));
  for (size_t i = 0; i < RIG_MOST_AFTER && deed->after[i]; i++)
    plan_add_after(rig->plan, handle,
                   GPOINTER_TO_UINT(g_hash_table_lookup(rig->handles, deed->after[i])));
}

void rig_add_all(Rig *rig, const Deed *deeds)
{
  for (; deeds->label; deeds++)
    rig_add(rig, deeds);
}

void rig_seal(Rig *rig)
{
  g_autoptr(GError) error = NULL;
  UNIT_TRUE(plan_seal(rig->plan, &error));
  UNIT_NO_ERROR(error);
}

void rig_fault(Rig *rig, const char *fault)
{
  size_t n = 0;
  while (rig->faults[n])
    n++;
  rig->faults[n] = fault;
}

const Op *rig_op(Rig *rig, const char *label)
{
  for (uint32_t n = 1; n <= plan_n_ops(rig->plan); n++)
    if (g_str_equal(plan_op(rig->plan, n)->label, label))
      return plan_op(rig->plan, n);
  UNIT_TRUE(false, "no operation %s", label);
  return NULL;
}

bool rig_apply(Rig *rig, GError **error)
{
  g_autoptr(GError) fault = NULL;
  rig->setup.store = rig->store;
  rig->setup.plan = rig->plan;
  rig->setup.plan_path = "plan.jsonl";
  rig->setup.targets = rig->configs;
  rig->setup.now = rig->setup.now ? rig->setup.now : RIG_NOW;
  rig->setup.watch = watch;
  rig->setup.watch_data = rig;
  g_string_truncate(rig->log, 0);
  g_hash_table_remove_all(rig->flying);
  apply_report_clear(&rig->report);
  bool applied = apply_plan(&rig->setup, &rig->report, &fault);
  if (!error)
    UNIT_NO_ERROR(fault);
  else if (fault)
    g_propagate_error(error, g_steal_pointer(&fault));
  return applied;
}

static const char *row_text(Rig *rig, const char *label, bool detail)
{
  OpRow row;
  if (!store_op_get(rig->store, rig->report.run, rig_op(rig, label)->n, &row))
    return "";
  const char *text = detail ? row.detail : row.state;
  return text ? g_intern_string(text) : "";
}

const char *rig_state(Rig *rig, const char *label)
{
  return row_text(rig, label, false);
}

const char *rig_detail(Rig *rig, const char *label)
{
  return row_text(rig, label, true);
}

bool rig_has(Rig *rig, const char *dn, const char *line)
{
  g_autofree char *text = NULL;
  g_file_get_contents(rig->path, &text, NULL, NULL);
  g_autofree char *head = g_strdup_printf("\ndn: %s,", dn);
  const char *entry = text ? strstr(text, head) : NULL;
  const char *end = entry ? strstr(entry + 1, "\n\n") : NULL;
  if (!end)
    return false;
  g_autofree char *own = g_strndup(entry, (gsize)(end + 1 - entry));
  g_autofree char *whole = g_strdup_printf("\n%s\n", line);
  return strstr(own, whole) != NULL;
}

unsigned rig_count(Rig *rig, const char *words)
{
  unsigned n = 0;
  for (const char *at = rig->log->str; (at = strstr(at, words)); at += strlen(words))
    n++;
  return n;
}
