// SPDX-License-Identifier: GPL-3.0-or-later
//
// Restrictions: laid over what the rules want, on the day that is planned for and today, before anything is compared. So
// the difference is made, explained, held and carried out as any other; only where it comes from is another word.
#include "planner/planner_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// Which there are.

static bool is_what(const Restraint *restraint, const char *what)
{
  return strcmp(restraint->row->what, what) == 0;
}

static bool takes_memberships(const Restraint *restraint)
{
  return is_what(restraint, RESTRICT_RIGHTS) || is_what(restraint, RESTRICT_EDGE) ||
         is_what(restraint, RESTRICT_ABSENT);
}

static void add_restraint(Side *side, const Restriction *what)
{
  Date until = what->row.until;
  bool counts = what->step != RESTRICTION_LIFTED;
  Restraint restraint = {.what = what,
                         .row = &what->row,
                         .entry = ENTRY_NONE,
                         .takes = counts && until > date_of_instant(side->desired->at),
                         .takes_today = counts && until > date_of_instant(side->setup->now)};
  restraint.lifts =
      what->step == RESTRICTION_LIFTED || (what->step == RESTRICTION_STANDS && !restraint.takes);
  restraint.is_orphan = g_str_has_prefix(what->row.object, OBJECT_ORPHAN);
  g_array_append_val(side->restraints, restraint);
}

static GHashTable *new_lists(void)
{
  return g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
}

static void list_restraints(Side *side)
{
  side->restraints = g_array_new(FALSE, FALSE, sizeof(Restraint));
  for (size_t i = 0; i < side->setup->n_restrictions; i++)
    if (strcmp(side->setup->restrictions[i].row.target, side->target->config->name) == 0)
      add_restraint(side, &side->setup->restrictions[i]);
  side->restrained = new_lists();
  side->ended = g_hash_table_new(NULL, NULL);
  side->alone = g_hash_table_new(NULL, NULL);
  side->taken = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

static Restraint *restraint_at(const Side *side, guint i)
{
  return &g_array_index(side->restraints, Restraint, i);
}

bool side_has_restraints(const Side *side)
{
  return side->restraints != NULL && side->restraints->len > 0;
}

// Of an entry; NULL = none.
static const GPtrArray *restraints_of(const Side *side, uint32_t entry)
{
  return side_has_restraints(side) ? g_hash_table_lookup(side->restrained, GUINT_TO_POINTER(entry))
                                   : NULL;
}

// Units and groups belong to many: nothing is taken from these but a place in a group.
static bool is_somebodys(const Klass *klass)
{
  return klass != NULL && klass->subject != FOR_UNIT && klass->subject != FOR_GROUP;
}

// That nobody stands behind it is over once its person is back.
static void set_backed(Side *side, Restraint *restraint)
{
  bool stands = restraint->what->step == RESTRICTION_STANDS;
  restraint->backed = strcmp(restraint->row->cause, RESTRICTION_ORPHAN) == 0 &&
                      table_at(side->table, restraint->entry)->presence == PRESENCE_PRESENT &&
                      is_somebodys(side_klass(side, restraint->entry)) &&
                      !(stands && side->setup->only_restricted);
  if (!restraint->backed)
    return;
  restraint->takes = false;
  restraint->takes_today &= stands && side->setup->as_of > date_of_instant(side->setup->now);
  restraint->lifts |= stands;
}

static void note_for(GHashTable *lists, uint32_t entry, Restraint *restraint)
{
  GPtrArray *list = g_hash_table_lookup(lists, GUINT_TO_POINTER(entry));
  if (list == NULL) {
    list = g_ptr_array_new();
    g_hash_table_insert(lists, GUINT_TO_POINTER(entry), list);
  }
  g_ptr_array_add(list, restraint);
}

static void find_entry(Side *side, Restraint *restraint)
{
  uint32_t entry =
      restraint->is_orphan ? ENTRY_NONE : table_find_object(side->table, restraint->row->object);
  restraint->group = *restraint->row->group != '\0'
                         ? table_find_object(side->table, restraint->row->group)
                         : ENTRY_NONE;
  if (entry == ENTRY_NONE || entry == restraint->entry)
    return;
  restraint->entry = entry;
  restraint->gone = table_at(side->table, entry)->presence == PRESENCE_ABSENT;
  set_backed(side, restraint);
  note_for(side->restrained, entry, restraint);
}

// "dormant: last used 2026-05-02 (ad-logon)"
static char *words_of(const RestrictionRow *row)
{
  return g_strjoin(*row->reason != '\0' ? ": " : "", row->cause, row->reason, NULL);
}

// ---------------------------------------------------------------------------------------------
// Over one table.

typedef struct Overlay {
  Side *side;
  Desired *desired;
  Table *table;
  bool today;
  GHashTable *members;  // entry -> GPtrArray of Restraints that take memberships
  GHashTable *given;    // person -> GArray of the entries that they are given; NULL until asked for
} Overlay;

static const Klass *klass_in(const Overlay *overlay, uint32_t entry)
{
  return overlay->side->klasses[table_at(overlay->table, entry)->klass];
}

static void note_bite(const Overlay *overlay, Restraint *restraint)
{
  restraint->bites |= !overlay->today;
}

static void take(const Overlay *overlay, Restraint *restraint, uint32_t entry, Presence presence,
                 Enabled enabled)
{
  g_autofree char *reason = words_of(restraint->row);
  table_lessen(overlay->table, entry, &(Loss){presence, enabled, reason});
  note_bite(overlay, restraint);
}

// Where the rules never switch an account, nothing would switch it on again.
static bool may_disable(const Entry *entry)
{
  return entry->presence != PRESENCE_ABSENT && entry->presence != PRESENCE_GIVEN &&
         !(entry->presence == PRESENCE_PRESENT && entry->enabled == ENABLED_UNMANAGED);
}

static bool lay_disable(Overlay *overlay, Restraint *restraint, uint32_t index, GError **error)
{
  (void)error;
  const Entry *entry = table_at(overlay->table, index);
  if (entry->enabled == ENABLED_NO || !may_disable(entry))
    return true;
  // Whose memberships were left alone before keeps them.
  if (!overlay->today && entry_unmanaged(entry))
    g_hash_table_add(overlay->side->alone, GUINT_TO_POINTER(index));
  take(overlay, restraint, index, entry->presence, ENABLED_NO);
  return true;
}

// What somebody is given.
static bool end(Overlay *overlay, Restraint *restraint, uint32_t index, GError **error)
{
  const Entry *entry = table_at(overlay->table, index);
  if (entry->presence == PRESENCE_ABSENT || entry->presence == PRESENCE_CLOSED)
    return true;
  if (!overlay->today)
    g_hash_table_insert(overlay->side->ended, GUINT_TO_POINTER(index), restraint);
  if (overlay->desired->type->end == NULL) {
    take(overlay, restraint, index, PRESENCE_CLOSED, ENABLED_NO);
    return true;
  }
  g_autofree char *reason = words_of(restraint->row);
  note_bite(overlay, restraint);
  return overlay->desired->type->end(overlay->desired, index, reason, error);
}

static bool lay_absent(Overlay *overlay, Restraint *restraint, uint32_t index, GError **error)
{
  const Klass *klass = klass_in(overlay, index);
  if (klass != NULL && klass->subject == FOR_ASSIGNMENT)
    return end(overlay, restraint, index, error);
  if (table_at(overlay->table, index)->presence != PRESENCE_ABSENT)
    take(overlay, restraint, index, PRESENCE_ABSENT, ENABLED_UNMANAGED);
  return true;
}

// Most targets know no assignments: then nobody's are looked for.
static bool gives_anything(const Side *side)
{
  for (size_t i = 1; i < table_n_klasses(side->table); i++)
    if (side->klasses[i] != NULL && side->klasses[i]->subject == FOR_ASSIGNMENT)
      return true;
  return false;
}

static void list_given(Overlay *overlay)
{
  overlay->given = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
  for (uint32_t i = 0; i < table_count(overlay->table); i++) {
    const Klass *klass = klass_in(overlay, i);
    gpointer person = GUINT_TO_POINTER(table_at(overlay->table, i)->subject);
    if (klass == NULL || klass->subject != FOR_ASSIGNMENT)
      continue;
    GArray *list = g_hash_table_lookup(overlay->given, person);
    if (list == NULL) {
      list = g_array_new(FALSE, FALSE, sizeof(uint32_t));
      g_hash_table_insert(overlay->given, person, list);
    }
    g_array_append_val(list, i);
  }
}

// What the bearer of the entry is given in the target; NULL = nothing. Thousands may be asked for.
static const GArray *given_with(Overlay *overlay, uint32_t index)
{
  if (!gives_anything(overlay->side))
    return NULL;
  if (overlay->given == NULL)
    list_given(overlay);
  uint32_t person = overlay->desired->type->person(overlay->desired, index);
  return person == 0 ? NULL : g_hash_table_lookup(overlay->given, GUINT_TO_POINTER(person));
}

// Where people have nothing but what they are given, the object is nobody's entry: "role/17" stands for all of these.
static const GArray *given_to(Overlay *overlay, const Restraint *restraint, uint32_t index)
{
  const char *slash = strchr(restraint->row->object, '/');
  if (index != ENTRY_NONE || slash == NULL)
    return index == ENTRY_NONE ? NULL : given_with(overlay, index);
  if (!gives_anything(overlay->side))
    return NULL;
  if (overlay->given == NULL)
    list_given(overlay);
  gpointer person = GUINT_TO_POINTER((guint)g_ascii_strtoull(slash + 1, NULL, 10));
  return g_hash_table_lookup(overlay->given, person);
}

static bool lay_rights(Overlay *overlay, Restraint *restraint, uint32_t index, GError **error)
{
  const GArray *given = given_to(overlay, restraint, index);
  for (guint i = 0; given != NULL && i < given->len; i++)
    if (!end(overlay, restraint, g_array_index(given, uint32_t, i), error))
      return false;
  return true;
}

static const struct {
  const char *what;
  bool (*lay)(Overlay *overlay, Restraint *restraint, uint32_t index, GError **error);
} handlers[] = {
    {RESTRICT_DISABLE, lay_disable}, {RESTRICT_RIGHTS, lay_rights}, {RESTRICT_ABSENT, lay_absent}};

static bool lay_one(Overlay *overlay, Restraint *restraint, GError **error)
{
  uint32_t entry = table_find_object(overlay->table, restraint->row->object);
  if (entry == ENTRY_NONE)
    return !is_what(restraint, RESTRICT_RIGHTS) || lay_rights(overlay, restraint, entry, error);
  if (takes_memberships(restraint))
    note_for(overlay->members, entry, restraint);
  for (size_t i = 0; is_somebodys(klass_in(overlay, entry)) && i < G_N_ELEMENTS(handlers); i++)
    if (is_what(restraint, handlers[i].what) && !handlers[i].lay(overlay, restraint, entry, error))
      return false;
  return true;
}

// The first of the member's restraints that takes it out of the group.
static Restraint *taker_of(const Side *side, uint32_t group, uint32_t member)
{
  const GPtrArray *list = restraints_of(side, member);
  for (guint i = 0; list != NULL && i < list->len; i++) {
    Restraint *restraint = g_ptr_array_index(list, i);
    if (restraint->takes && takes_memberships(restraint) &&
        (!is_what(restraint, RESTRICT_EDGE) || restraint->group == group))
      return restraint;
  }
  return NULL;
}

static bool is_of_group(const Overlay *overlay, const Restraint *restraint, uint32_t group)
{
  if (!is_what(restraint, RESTRICT_EDGE))
    return true;
  g_autoptr(GString) object = g_string_new(NULL);
  table_object(overlay->table, group, object);
  return strcmp(restraint->row->group, object->str) == 0;
}

static bool takes_edge(const Edge *edge, void *data)
{
  Overlay *overlay = data;
  const GPtrArray *list = g_hash_table_lookup(overlay->members, GUINT_TO_POINTER(edge->member));
  for (guint i = 0; list != NULL && i < list->len; i++) {
    Restraint *restraint = g_ptr_array_index(list, i);
    if (!is_of_group(overlay, restraint, edge->group))
      continue;
    int64_t key = (int64_t)((uint64_t)edge->group << 32 | edge->member);
    if (!overlay->today)
      g_hash_table_insert(overlay->side->taken, g_memdup2(&key, sizeof key), restraint);
    note_bite(overlay, restraint);
    return true;
  }
  return false;
}

static bool lay_over(Overlay *overlay, GError **error)
{
  Side *side = overlay->side;
  g_autoptr(GHashTable) members = new_lists();
  overlay->members = members;
  for (guint i = 0; i < side->restraints->len; i++) {
    Restraint *restraint = restraint_at(side, i);
    if ((overlay->today ? restraint->takes_today : restraint->takes) && !restraint->is_orphan &&
        !lay_one(overlay, restraint, error))
      return false;
  }
  if (g_hash_table_size(members) > 0)
    table_drop_edges(overlay->table, takes_edge, overlay);
  return true;
}

// What somebody gets back: whatever becomes of it waits for the lifting.
static void note_regained(Overlay *overlay, Restraint *restraint)
{
  Side *side = overlay->side;
  if (!restraint->lifts)
    return;
  const Klass *klass = restraint->entry != ENTRY_NONE ? side_klass(side, restraint->entry) : NULL;
  const GArray *given =
      is_what(restraint, RESTRICT_RIGHTS) ? given_to(overlay, restraint, restraint->entry) : NULL;
  for (guint i = 0; given != NULL && i < given->len; i++) {
    gpointer entry = GUINT_TO_POINTER(g_array_index(given, uint32_t, i));
    if (!g_hash_table_contains(side->ended, entry))
      g_hash_table_insert(side->ended, entry, restraint);
  }
  if (klass != NULL && klass->subject == FOR_ASSIGNMENT && is_what(restraint, RESTRICT_ABSENT))
    g_hash_table_insert(side->ended, GUINT_TO_POINTER(restraint->entry), restraint);
}

static void add_strays(Side *side)
{
  for (guint i = 0; i < side->restraints->len; i++)
    if (restraint_at(side, i)->is_orphan)
      side_add_stray(side, restraint_at(side, i));
}

bool side_restrict(Side *side, GError **error)
{
  if (side->restraints == NULL)
    list_restraints(side);
  if (!side_has_restraints(side))
    return true;
  for (guint i = 0; i < side->restraints->len; i++)
    find_entry(side, restraint_at(side, i));
  if (side->strays == NULL)
    add_strays(side);
  Overlay overlay = {.side = side, .desired = side->desired, .table = side->table};
  bool fine = lay_over(&overlay, error);
  for (guint i = 0; fine && i < side->restraints->len; i++)
    note_regained(&overlay, restraint_at(side, i));
  g_clear_pointer(&overlay.given, g_hash_table_unref);
  return fine;
}

bool side_restrict_today(Side *side, GError **error)
{
  Overlay overlay = {
      .side = side, .desired = side->today, .table = side->today_table, .today = true};
  bool fine = !side_has_restraints(side) || lay_over(&overlay, error);
  g_clear_pointer(&overlay.given, g_hash_table_unref);
  return fine;
}

void side_free_restraints(Side *side)
{
  g_clear_pointer(&side->restraints, g_array_unref);
  g_clear_pointer(&side->restrained, g_hash_table_unref);
  g_clear_pointer(&side->ended, g_hash_table_unref);
  g_clear_pointer(&side->alone, g_hash_table_unref);
  g_clear_pointer(&side->taken, g_hash_table_unref);
  g_clear_pointer(&side->strays, g_hash_table_unref);
}

bool side_is_alone(const Side *side, uint32_t entry)
{
  return side_has_restraints(side) && g_hash_table_contains(side->alone, GUINT_TO_POINTER(entry));
}

bool side_is_taken(const Side *side, uint32_t group, uint32_t member)
{
  return side_has_restraints(side) && taker_of(side, group, member) != NULL;
}

// ---------------------------------------------------------------------------------------------
// What an operation comes of.

static const struct {
  OpKind kind;
  const char *what;
  bool lifted;
} effects[] = {{OP_DISABLE, RESTRICT_DISABLE, false},
               {OP_DELETE, RESTRICT_ABSENT, false},
               {OP_ENABLE, RESTRICT_DISABLE, true},
               {OP_CREATE, RESTRICT_ABSENT, true}};

// By this very plan: one whose last day is over waits for a plan that lifts it.
static bool gives_back(const Restraint *restraint)
{
  return restraint->lifts && restraint->op != 0;
}

static bool brings_about(const Restraint *restraint, OpKind kind)
{
  for (size_t i = 0; i < G_N_ELEMENTS(effects); i++)
    if (effects[i].kind == kind && is_what(restraint, effects[i].what) &&
        (effects[i].lifted ? gives_back(restraint) : restraint->takes && restraint->bites))
      return true;
  return false;
}

static const Restraint *blame_entry(const Side *side, OpKind kind, uint32_t entry)
{
  const Restraint *ended = g_hash_table_lookup(side->ended, GUINT_TO_POINTER(entry));
  const GPtrArray *list = restraints_of(side, entry);
  for (guint i = 0; ended == NULL && list != NULL && i < list->len; i++) {
    const Restraint *restraint = g_ptr_array_index(list, i);
    if (!restraint->idle && brings_about(restraint, kind))
      return restraint;
  }
  return ended != NULL && !ended->idle ? ended : NULL;
}

// In a plan of restrictions alone nothing else explains why somebody leaves a group.
static const Restraint *blame_leave(const Side *side, uint32_t group, uint32_t member)
{
  int64_t key = (int64_t)((uint64_t)group << 32 | member);
  const Restraint *restraint = g_hash_table_lookup(side->taken, &key);
  if (restraint == NULL && side->setup->only_restricted)
    restraint = taker_of(side, group, member);
  return restraint != NULL && !restraint->idle ? restraint : NULL;
}

static const Restraint *blame_join(const Side *side, uint32_t group, uint32_t member)
{
  const GPtrArray *list = restraints_of(side, member);
  for (guint i = 0; list != NULL && i < list->len; i++) {
    const Restraint *restraint = g_ptr_array_index(list, i);
    if (gives_back(restraint) && takes_memberships(restraint) &&
        (!is_what(restraint, RESTRICT_EDGE) || restraint->group == group))
      return restraint;
  }
  return NULL;
}

const Restraint *side_blame(const Side *side, OpKind kind, uint32_t entry, uint32_t group)
{
  if (!side_has_restraints(side))
    return NULL;
  if (group == ENTRY_NONE)
    return blame_entry(side, kind, entry);
  return kind == OP_LEAVE ? blame_leave(side, group, entry) : blame_join(side, group, entry);
}

static const char *lifted_why(const Restraint *restraint)
{
  const char *why = restraint->row->lifted_why;
  if (restraint->what->step == RESTRICTION_LIFTED)
    return why != NULL ? why : "";
  if (restraint->backed)
    return _("somebody stands behind it again");
  return restraint->gone ? _("what it was said of is gone") : _("its last day is over");
}

// A policy is a rule, an answer that came back is a source.
static void set_place(Op *op, const RestrictionRow *row)
{
  bool by_policy = strcmp(row->cause, RESTRICTION_DORMANT) == 0;
  const char *source = *row->source != '\0' ? row->source : NULL;
  op->rule = by_policy ? source : NULL;
  op->source = by_policy ? NULL : source;
}

void side_restrained_why(Side *side, const Restraint *restraint, Op *op)
{
  const RestrictionRow *row = restraint->row;
  g_autofree char *words = words_of(row);
  g_autofree char *lifted =
      g_strdup_printf(_("no longer %s: %s"), row->cause, lifted_why(restraint));
  op->why = g_string_chunk_insert(side->arena, restraint->lifts ? lifted : words);
  op->cause = row->cause;
  op->expected = NULL;
  set_place(op, row);
}

// ---------------------------------------------------------------------------------------------
// The operations in the ledger.

typedef struct Words {
  OpChange changes[9];
  OpValue values[9];
  size_t n;
} Words;

static void say(Words *words, const char *what, const char *text)
{
  if (text == NULL || *text == '\0')
    return;
  words->values[words->n] = (OpValue){VALUE_TEXT, text, strlen(text)};
  words->changes[words->n] =
      (OpChange){.attribute = what, .new_values = &words->values[words->n], .n_new = 1};
  words->n++;
}

static void say_all(const Restraint *restraint, bool lifts, GString *number, Words *words)
{
  const RestrictionRow *row = restraint->row;
  if (lifts && row->id != 0)
    g_string_append_printf(number, "%" G_GINT64_FORMAT, row->id);
  say(words, "number", number->str);
  say(words, "what", row->what);
  say(words, "group", row->group);
  say(words, "cause", row->cause);
  if (lifts) {
    bool by_hand = restraint->what->step == RESTRICTION_LIFTED;
    say(words, "reason", lifted_why(restraint));
    say(words, "who", by_hand ? row->lifted_by : "idou");
    return;
  }
  say(words, "reason", row->reason);
  say(words, "source", row->source);
  say(words, "who", row->who);
}

uint32_t side_restraint_op(Side *side, const Restraint *restraint, Op *op)
{
  bool lifts = op->kind == OP_LIFT;
  g_autoptr(GString) number = g_string_new(NULL), until = g_string_new(NULL);
  Words words = {0};
  say_all(restraint, lifts, number, &words);
  if (!lifts && restraint->row->until != DATE_OPEN)
    date_format(restraint->row->until, until);
  say(&words, "until", until->str);
  op->object = restraint->row->object;
  op->changes = words.changes;
  op->n_changes = words.n;
  op->not_before = INSTANT_NONE;
  // One that is over only on a day to come stands until then: else what it takes would be given back meanwhile.
  if (lifts && side->later && restraint->takes_today && !restraint->takes)
    op->not_before = side_day(side);
  side_restrained_why(side, restraint, op);
  if (lifts)
    op->why = g_string_chunk_insert(side->arena, lifted_why(restraint));
  return side_add_op(side, op);
}

// Why nothing can be taken from the object; NULL = it can.
static const char *why_not(const Side *side, const Restraint *restraint)
{
  uint32_t entry = restraint->entry;
  if (entry == ENTRY_NONE && restraint->bites)
    return NULL;  // all that somebody is given
  if (entry == ENTRY_NONE || side_klass(side, entry) == NULL)
    return _("no rule knows it");
  uint16_t flags = side->flags[entry];
  if ((flags & (AMBIGUOUS | VANISHED | UNNAMED)) != 0)
    return _("which entry it is is not clear");
  if ((flags & SEEN) == 0)
    return _("it is not there");
  if ((flags & PROTECTED) != 0)
    return _("it is protected");
  if (restraint->backed)
    return _("somebody stands behind it");
  if (is_what(restraint, RESTRICT_EDGE))
    return restraint->group == ENTRY_NONE ? _("no rule knows the group") : NULL;
  if (!is_somebodys(side_klass(side, entry)))
    return _("it belongs to many: only a place in a group can be taken from it");
  const Entry *wanted = table_at(side->table, entry);
  bool switches = side->target->config->disable_attribute != NULL && may_disable(wanted);
  if (is_what(restraint, RESTRICT_DISABLE) && !switches)
    return _("nothing would switch it on again: the rules of its class or its target know no "
             "switching off");
  return NULL;
}

void side_note_idle(Side *side, Restraint *restraint, const char *label, const char *why)
{
  g_autofree char *text = g_strdup_printf(_("%s (%s) is not planned: %s"), restraint->row->what,
                                          restraint->row->cause, why);
  restraint->idle = true;
  side_note(side, "restriction", restraint->row->object, label, text);
}

static bool is_same(const RestrictionRow *a, const RestrictionRow *b)
{
  return strcmp(a->object, b->object) == 0 && strcmp(a->cause, b->cause) == 0 &&
         strcmp(a->what, b->what) == 0 && strcmp(a->group, b->group) == 0;
}

// One of the object's that stands for the same, and stays; or it was said twice.
bool side_restraint_stands(const GPtrArray *list, const Restraint *restraint)
{
  for (guint i = 0; list != NULL && i < list->len; i++) {
    const Restraint *other = g_ptr_array_index(list, i);
    bool stands = other->what->step == RESTRICTION_STANDS && !other->lifts;
    bool begun = other->what->step == RESTRICTION_NEW && other != restraint && other->op != 0;
    if ((stands || begun) && is_same(other->row, restraint->row))
      return true;
  }
  return false;
}

bool side_restraint_ends(const Side *side, const GPtrArray *list, const Restraint *restraint)
{
  bool meant = restraint->what->step == RESTRICTION_LIFTED || !side->setup->only_restricted;
  // The ledger has one for the same at a time: one whose last day is over makes room for the new one.
  for (guint i = 0; list != NULL && i < list->len && !meant; i++) {
    const Restraint *other = g_ptr_array_index(list, i);
    meant = other->what->step == RESTRICTION_NEW && is_same(other->row, restraint->row);
  }
  return restraint->lifts && meant;
}

void side_restraint_follows(Side *side, const GPtrArray *list, const Restraint *restraint)
{
  for (guint i = 0; list != NULL && i < list->len; i++) {
    const Restraint *other = g_ptr_array_index(list, i);
    if (other->lifts && is_same(other->row, restraint->row))
      plan_add_after(side->plan, restraint->op, other->op);
  }
}

// The first of what it ends or gives back, where its object stands for all that somebody is given.
static uint32_t first_ended(const Side *side, const Restraint *restraint)
{
  GHashTableIter iter;
  gpointer entry, by;
  uint32_t first = ENTRY_NONE;
  g_hash_table_iter_init(&iter, side->ended);
  while (g_hash_table_iter_next(&iter, &entry, &by))
    if (by == restraint)
      first = MIN(first, GPOINTER_TO_UINT(entry));
  return first;
}

static Op op_of(Side *side, const Restraint *restraint, OpKind kind)
{
  Op op = {.kind = kind};
  uint32_t entry = restraint->entry == ENTRY_NONE ? first_ended(side, restraint) : restraint->entry;
  op.label = entry == ENTRY_NONE ? restraint->row->object : side_label(side, entry);
  op.person = entry == ENTRY_NONE ? 0 : side->desired->type->person(side->desired, entry);
  return op;
}

// A guard, or the target, kept it on: whoever bears it has not had the time between this stage and the next.
static bool is_still_on(const Side *side, const Restraint *restraint)
{
  const Kept *kept = g_hash_table_lookup(side->kept_by, GUINT_TO_POINTER(restraint->entry));
  const GPtrArray *list = restraints_of(side, restraint->entry);
  if (kept == NULL || kept->observed.enabled != ENABLED_YES ||
      strcmp(restraint->row->cause, RESTRICTION_DORMANT) != 0 || !takes_memberships(restraint))
    return false;
  for (guint i = 0; list != NULL && i < list->len; i++) {
    const Restraint *other = g_ptr_array_index(list, i);
    if (other->what->step == RESTRICTION_STANDS && other->takes &&
        is_what(other, RESTRICT_DISABLE) && strcmp(other->row->cause, RESTRICTION_DORMANT) == 0)
      return true;
  }
  return false;
}

static void begin(Side *side, Restraint *restraint)
{
  const char *why = why_not(side, restraint);
  if (why == NULL && is_still_on(side, restraint))
    why = _("it is still on, though it should be off: that comes first");
  const char *label = restraint->entry == ENTRY_NONE ? "" : side_label(side, restraint->entry);
  if (why == NULL && !restraint->takes)
    why = _("its last day is over");
  const GPtrArray *list = restraints_of(side, restraint->entry);
  if (side_restraint_stands(list, restraint))
    return;
  if (why != NULL) {
    side_note_idle(side, restraint, label, why);
    return;
  }
  Op op = op_of(side, restraint, OP_RESTRICT);
  restraint->op = side_restraint_op(side, restraint, &op);
  side_restraint_follows(side, list, restraint);
}

// Whoever is gone by the rules themselves comes back, if ever, as somebody new.
static bool is_gone(const Side *side, const Restraint *restraint)
{
  if (restraint->entry == ENTRY_NONE || side->setup->only_restricted)
    return false;
  return restraint->what->step == RESTRICTION_STANDS && restraint->gone &&
         (side->flags[restraint->entry] & SEEN) == 0;
}

// It does no harm, but nobody should have to find out.
static void note_unknown(Side *side, const Restraint *restraint)
{
  if (restraint->entry != ENTRY_NONE || restraint->what->step != RESTRICTION_STANDS ||
      restraint->bites || side->setup->only_restricted)
    return;
  g_autofree char *text =
      g_strdup_printf(_("restriction %lld (%s) stands, but no rule knows its object any more; "
                        "`idou restrictions lift` forgets it"),
                      (long long)restraint->row->id, restraint->row->what);
  side_note(side, "restriction", restraint->row->object, "", text);
}

// It comes of a stop that stands, and is in no ledger.
static bool is_withheld(const Restraint *restraint)
{
  return restraint->what->step == RESTRICTION_STANDS && restraint->row->id == 0;
}

static void finish(Side *side, Restraint *restraint)
{
  if (is_withheld(restraint))
    return;
  note_unknown(side, restraint);
  restraint->gone = !restraint->lifts && is_gone(side, restraint);
  restraint->lifts |= restraint->gone;
  restraint->takes &= !restraint->gone;
  if (!side_restraint_ends(side, restraints_of(side, restraint->entry), restraint))
    return;
  Op op = op_of(side, restraint, OP_LIFT);
  restraint->op = side_restraint_op(side, restraint, &op);
}

void side_restrict_ops(Side *side)
{
  // Of one person's the liftings are known before what begins waits for them.
  for (guint i = 0; side_has_restraints(side) && i < side->restraints->len; i++)
    if (!restraint_at(side, i)->is_orphan)
      finish(side, restraint_at(side, i));
  for (guint i = 0; side_has_restraints(side) && i < side->restraints->len; i++)
    if (!restraint_at(side, i)->is_orphan && restraint_at(side, i)->what->step == RESTRICTION_NEW)
      begin(side, restraint_at(side, i));
}
