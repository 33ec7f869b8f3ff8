// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

// Deeper than any directory; what goes further walks in a circle.
#define MOST_LEVELS 64

typedef struct Where {
  const char *parent;  // object; NULL = the base
  const char *name;
} Where;

static GHashTable *list_places(const PlanSection *section)
{
  GHashTable *places = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
  for (size_t i = 0; i < section->n_places; i++) {
    const Placed *placed = &section->places[i];
    Where where = {placed->parent, placed->name};
    g_hash_table_replace(places, (void *)placed->object, g_memdup2(&where, sizeof where));
  }
  return places;
}

// A label begins with the employee number.
bool view_is_labelled(const char *label, const char *number)
{
  size_t n = strlen(number);
  return label && strncmp(label, number, n) == 0 && (label[n] == ' ' || label[n] == '\0');
}

static bool is_wanted(const ReportPlan *what, const Op *op)
{
  if (what->chosen && (op->n > what->chosen->len || !what->chosen->data[op->n - 1]))
    return false;
  return !what->person || (op->person != 0 && view_is_labelled(op->label, what->person));
}

bool view_is_special(const GuardVerdict *verdict)
{
  return verdict && verdict->profile && strcmp(verdict->profile, GUARD_PROFILE_NORMAL) != 0;
}

static const char *held_because(const GuardVerdict *verdict, const Op *op)
{
  return verdict && op->n <= verdict->n_ops ? verdict->held[op->n - 1] : NULL;
}

static void list_section(View *view, size_t index, Instant now)
{
  const PlanSection *section = plan_section(view->what->plan, index);
  for (size_t i = 0; i < section->n_ops; i++) {
    const Op *op = &section->ops[i];
    if (!is_wanted(view->what, op))
      continue;
    Shown shown = {.op = op, .section = index, .held = held_because(view->what->verdict, op)};
    shown.due = shown.held ? DUE_HELD : op->not_before > now ? DUE_LATER : DUE_NOW;
    g_array_append_val(view->shown, shown);
  }
}

void view_open(View *view, const ReportPlan *what)
{
  Instant now = instant_now();
  *view = (View){.what = what,
                 .shown = g_array_new(FALSE, FALSE, sizeof(Shown)),
                 .places = g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref)};
  for (size_t i = 0; i < plan_n_sections(what->plan); i++) {
    g_ptr_array_add(view->places, list_places(plan_section(what->plan, i)));
    list_section(view, i, now);
  }
}

void view_close(View *view)
{
  g_array_unref(view->shown);
  g_ptr_array_unref(view->places);
}

void view_count(const View *view, size_t section, Totals *out)
{
  for (guint i = 0; i < view->shown->len; i++) {
    const Shown *shown = &g_array_index(view->shown, Shown, i);
    if (shown->section == section)
      out->n[shown->op->kind][shown->due]++;
  }
}

size_t view_n_due(const View *view, Due due)
{
  size_t n = 0;
  for (guint i = 0; i < view->shown->len; i++)
    n += g_array_index(view->shown, Shown, i).due == due;
  return n;
}

static int compare_numbers(const void *n, const void *shown)
{
  uint32_t a = *(const uint32_t *)n, b = ((const Shown *)shown)->op->n;
  return (a > b) - (a < b);
}

// They are in the order of their numbers.
bool view_shows(const View *view, uint32_t n)
{
  return !view->what->summary && view->shown->len > 0 &&
         bsearch(&n, view->shown->data, view->shown->len, sizeof(Shown), compare_numbers);
}

bool view_has_note(const View *view, const PlanNote *note)
{
  return !view->what->person || view_is_labelled(note->label, view->what->person);
}

static Where *find_place(const View *view, size_t section, const char *object)
{
  return object ? g_hash_table_lookup(view->places->pdata[section], object) : NULL;
}

static void append_name(GString *out, const char *name)
{
  if (out->len > 0 && *name != '\0')
    g_string_append_c(out, ',');
  g_string_append(out, name);
}

bool view_dn(const View *view, size_t section, const char *object, const char *base, GString *out)
{
  g_autoptr(GString) dn = g_string_new(NULL);
  for (unsigned level = 0; object; level++) {
    const Where *where = find_place(view, section, object);
    if (!where || !where->name || level > MOST_LEVELS)
      return false;
    append_name(dn, where->name);
    object = where->parent;
  }
  append_name(dn, base ? base : "");
  g_string_append_len(out, dn->str, (gssize)dn->len);
  return true;
}

void view_follow(View *view, size_t section, const Op *op)
{
  Where *where = find_place(view, section, op->object);
  if (!where)
    return;
  if (op->kind == OP_CREATE || op->kind == OP_RENAME || op->kind == OP_MOVE)
    where->name = op->name ? op->name : where->name;
  if (op->kind == OP_CREATE || op->kind == OP_MOVE)
    where->parent = op->parent;
}

const char *view_rdn(const View *view, size_t section, const char *object)
{
  const Where *where = find_place(view, section, object);
  return where && where->name && *where->name != '\0' ? where->name : object;
}

char *view_klass(const char *object)
{
  return g_strndup(object, strcspn(object, "/"));
}

// ---------------------------------------------------------------------------------------------

static const struct {
  const char *name, *words;
} causes[CAUSE_N] = {
    [CAUSE_HIRE] = {"hire", N_("hired")},
    [CAUSE_RETIRE] = {"retire", N_("leaving")},
    [CAUSE_RETURN] = {"return", N_("back")},
    [CAUSE_LEAVE] = {"leave", N_("on leave")},
    [CAUSE_MOVE] = {"move", N_("really moved")},
    [CAUSE_PROMOTE] = {"promote", N_("promoted")},
    [CAUSE_RENAME] = {"rename", N_("renamed")},
    [CAUSE_RELABEL] = {"relabel", N_("only relabelled")},
    [CAUSE_DORMANT] = {"dormant", N_("dormant")},
    [CAUSE_ORPHAN] = {"orphan", N_("nobody's account")},
    [CAUSE_RECERTIFIED] = {"recertified", N_("not needed, said the unit")},
    [CAUSE_OTHER] = {"other", N_("other reasons")},
};

const char *view_cause(Cause cause)
{
  return causes[cause].name;
}

const char *view_cause_words(Cause cause)
{
  return _(causes[cause].words);
}

static Cause cause_of(const char *name)
{
  Cause cause = 0;
  while (cause < CAUSE_OTHER && strcmp(causes[cause].name, name) != 0)
    cause++;
  return cause;
}

GHashTable *view_people(const View *view)
{
  GHashTable *people = g_hash_table_new(NULL, NULL);
  void *cause;
  for (guint i = 0; i < view->shown->len; i++) {
    const Op *op = g_array_index(view->shown, Shown, i).op;
    void *person = GUINT_TO_POINTER(op->person);
    if (op->person == 0 || !op->cause)
      continue;
    bool known = g_hash_table_lookup_extended(people, person, NULL, &cause);
    Cause this = cause_of(op->cause);
    if (!known || this < (Cause)GPOINTER_TO_UINT(cause))
      g_hash_table_insert(people, person, GUINT_TO_POINTER(this));
  }
  return people;
}

void view_causes(const View *view, int64_t out[CAUSE_N])
{
  g_autoptr(GHashTable) people = view_people(view);
  GHashTableIter iter;
  void *cause;
  memset(out, 0, CAUSE_N * sizeof *out);
  g_hash_table_iter_init(&iter, people);
  while (g_hash_table_iter_next(&iter, NULL, &cause))
    out[GPOINTER_TO_UINT(cause)]++;
}

static const char *const kind_words[OP_N_KINDS] = {
    [OP_ALLOCATE] = N_("allocate"), [OP_ADOPT] = N_("adopt"),       [OP_RELEASE] = N_("release"),
    [OP_CREATE] = N_("create"),     [OP_RENAME] = N_("rename"),     [OP_MOVE] = N_("move"),
    [OP_MODIFY] = N_("modify"),     [OP_ENABLE] = N_("enable"),     [OP_JOIN] = N_("join"),
    [OP_LEAVE] = N_("leave"),       [OP_DISABLE] = N_("disable"),   [OP_DELETE] = N_("delete"),
    [OP_TASK] = N_("task"),         [OP_RESTRICT] = N_("restrict"), [OP_LIFT] = N_("lift"),
    [OP_HOLD] = N_("hold"),         [OP_WITHDRAW] = N_("withdraw"),
};

const char *view_kind(OpKind kind)
{
  return _(kind_words[kind]);
}

// ---------------------------------------------------------------------------------------------
// Values as people read them.

static bool has_hidden_ends(const OpValue *value)
{
  static const char wide_space[] = "\u3000";
  const size_t n_wide = strlen(wide_space);
  if (value->n == 0 || value->bytes[0] == ' ' || value->bytes[value->n - 1] == ' ')
    return true;
  return value->n >= n_wide && (memcmp(value->bytes, wide_space, n_wide) == 0 ||
                                memcmp(value->bytes + value->n - n_wide, wide_space, n_wide) == 0);
}

static void put_text(GString *out, const OpValue *value)
{
  const char *quote = has_hidden_ends(value) ? "\"" : "";
  g_string_append(out, quote);
  escape_append(out, value->bytes, value->n, ESCAPE_TERMINAL);
  g_string_append(out, quote);
}

void view_value(const View *view, size_t section, const OpValue *value, GString *out)
{
  if (value->kind == VALUE_SECRET)
    g_string_append(out, _("(a new secret)"));
  else if (value->kind == VALUE_REF)
    escape_text(out, view_rdn(view, section, value->bytes), ESCAPE_TERMINAL);
  else
    put_text(out, value);
}
