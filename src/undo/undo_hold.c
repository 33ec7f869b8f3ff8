// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whoever is concerned is held before anything is put back, so that no night in between redoes it.
#include "undo_p.h"

typedef struct HoldOp {
  size_t section;
  uint32_t handle;
} HoldOp;

struct Holding {
  const UndoSetup *setup;
  Plan *plan;
  GHashTable *placed;  // "person 000310" -> HoldOp
};

Holding *holding_new(const UndoSetup *setup, Plan *plan)
{
  Holding *holds = g_new0(Holding, 1);
  holds->setup = setup;
  holds->plan = plan;
  holds->placed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  return holds;
}

void holding_free(Holding *holds)
{
  if (!holds)
    return;
  g_hash_table_unref(holds->placed);
  g_free(holds);
}

typedef struct Bearer {
  uint32_t person;
  char *space;  // theirs
  bool others;  // somebody else bears or bore the number, in another namespace
} Bearer;

static bool take_bearer(const char *space, uint32_t person, void *data)
{
  Bearer *bearer = data;
  bearer->others |= person != bearer->person;
  if (person == bearer->person && !bearer->space)
    bearer->space = g_strdup(space);
  return true;
}

// The employee number; with its namespace where it is not enough. NULL: there is none. Caller frees.
static char *number_of(Store *store, uint32_t person)
{
  Bearer bearer = {.person = person};
  char *number = person ? g_strdup(store_link_number(store, SUBJECT_PERSON, person)) : NULL;
  if (number)
    store_links_numbered(store, SUBJECT_PERSON, number, take_bearer, &bearer, NULL);
  if (bearer.others && bearer.space) {
    char *plain = number;
    number = g_strjoin("/", bearer.space, plain, NULL);
    g_free(plain);
  }
  g_free(bearer.space);
  return number;
}

// Whom a hold keeps as they are. A membership of nobody's is held by its member: the group goes on for others. NULL: nobody.
static char *name_of(const Holding *holding, const Done *done, const char **kind)
{
  const Op *op = done->op;
  char *number = number_of(holding->setup->store, op->person);
  const char *object = op->member ? op->member : op->object;
  *kind = number ? "person" : "object";
  return number ? number : strchr(object, '/') ? g_strdup(object) : NULL;
}

static uint32_t place(Holding *holds, size_t section, const Done *done, const char *kind,
                      const char *name)
{
  const UndoSetup *setup = holds->setup;
  g_autoptr(GString) until = g_string_new(NULL);
  if (setup->until != DATE_OPEN)
    date_format(setup->until, until);
  g_autofree char *reason = g_strdup_printf(_("undo of run %" G_GINT64_FORMAT), done->run->id);
  const char *const words[][2] = {{"what", kind},
                                  {"name", name},
                                  {"reason", reason},
                                  {"who", setup->who},
                                  {"until", until->str}};
  OpValue values[G_N_ELEMENTS(words)];
  OpChange changes[G_N_ELEMENTS(words)];
  size_t n = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
    if (!*words[i][1])
      continue;
    values[n] = (OpValue){VALUE_TEXT, words[i][1], strlen(words[i][1])};
    changes[n] = (OpChange){.attribute = words[i][0], .new_values = &values[n], .n_new = 1};
    n++;
  }
  g_autofree char *object = g_strjoin("/", kind, name, NULL);
  const Op op = {.kind = OP_HOLD,
                 .object = object,
                 .label = done->op->label,
                 .person = done->op->person,
                 .unit = done->op->unit,
                 .changes = changes,
                 .n_changes = n,
                 .not_before = INSTANT_NONE,
                 .why = reason,
                 .cause = UNDO_CAUSE};
  return plan_add_op(holds->plan, section, &op);
}

uint32_t holding_of(Holding *holding, size_t section, const Done *done)
{
  const char *kind = NULL;
  // What undoes undoing does what the rules want: nothing is to be kept from it.
  if (holding->setup->no_hold || done->undo)
    return 0;
  g_autofree char *name = name_of(holding, done, &kind);
  if (!name)
    return 0;
  g_autofree char *key = g_strjoin(" ", kind, name, NULL);
  HoldOp *hold = g_hash_table_lookup(holding->placed, key);
  if (!hold) {
    hold = g_new(HoldOp, 1);
    *hold = (HoldOp){section, place(holding, section, done, kind, name)};
    g_hash_table_insert(holding->placed, g_steal_pointer(&key), hold);
  }
  return hold->handle;
}

static gboolean is_of(void *key, void *value, void *data)
{
  (void)key;
  return ((HoldOp *)value)->section == *(size_t *)data;
}

void holding_forget(Holding *holds, size_t section)
{
  g_hash_table_foreach_remove(holds->placed, is_of, &section);
}
