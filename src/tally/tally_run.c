// SPDX-License-Identifier: GPL-3.0-or-later
#include "tally_p.h"

static const char *const by_words[TALLY_N_BYS] = {"person", "target", "unit"};
static const char *const fate_names[TALLY_RUN_N] = {"done",    "awaited", "scheduled", "held",
                                                    "refused", "failed",  "left"};
static const struct {
  const char *state;
  TallyFate fate;
} fates[] = {{"done", TALLY_RUN_DONE},       {"already", TALLY_RUN_DONE},
             {"receipt", TALLY_RUN_AWAITED}, {"sent", TALLY_RUN_AWAITED},
             {"held", TALLY_RUN_HELD},       {"scheduled", TALLY_RUN_SCHEDULED},
             {"refused", TALLY_RUN_REFUSED}, {"failed", TALLY_RUN_FAILED},
             {"unknown", TALLY_RUN_FAILED}};

bool tally_by_of(const char *word, TallyBy *out)
{
  for (TallyBy by = 0; by < TALLY_N_BYS; by++)
    if (g_str_equal(by_words[by], word)) {
      *out = by;
      return true;
    }
  return false;
}

const char *tally_fate_name(TallyFate fate)
{
  return fate_names[fate];
}

typedef struct Walk {
  TallyRun *out;
  Roster *roster;
  GHashTable *index;  // who or what -> number of the share, + 1
} Walk;

static TallyFate fate_of(const char *state)
{
  for (size_t i = 0; i < G_N_ELEMENTS(fates); i++)
    if (g_str_equal(fates[i].state, state))
      return fates[i].fate;
  return TALLY_RUN_LEFT;
}

static const char *keep(const Walk *walk, const char *text)
{
  return text ? g_string_chunk_insert_const(walk->out->texts, text) : "";
}

static TallyShare *share_of(Walk *walk, const char *what, const char *key, const char *label)
{
  gpointer found = g_hash_table_lookup(walk->index, what);
  GArray *shares = walk->out->shares;
  if (!found) {
    TallyShare share = {.key = keep(walk, key), .label = keep(walk, label)};
    g_array_append_val(shares, share);
    found = GUINT_TO_POINTER(shares->len);
    g_hash_table_insert(walk->index, g_strdup(what), found);
  }
  return &g_array_index(shares, TallyShare, GPOINTER_TO_UINT(found) - 1);
}

static const Post *main_post(const Person *person)
{
  for (size_t i = 0; person && i < person->n_posts; i++)
    if (person->posts[i].main)
      return &person->posts[i];
  return NULL;
}

// Those who left that day are still of the unit they left.
static TallyShare *by_unit(Walk *walk, const Person *person)
{
  const Post *post = main_post(person);
  const Unit *unit = post ? roster_unit_by_id(walk->roster, post->unit_id) : NULL;
  const char *code = post && post->unit ? post->unit : "";
  return share_of(walk, code, code, unit ? unit->name : NULL);
}

static TallyShare *by_person(Walk *walk, const Person *person)
{
  if (!person)
    return share_of(walk, "", "", NULL);
  g_autofree char *what = g_strdup_printf("%u", person->id);
  g_autofree char *number = number_told(roster_store(walk->roster), person);
  return share_of(walk, what, number, person->fields[FIELD_NAME]);
}

static bool take_op(const OpRow *op, void *data)
{
  Walk *walk = data;
  const Person *person = NULL;
  TallyShare *share = NULL;
  if (op->person != 0 && walk->out->by != TALLY_BY_TARGET)
    roster_person(walk->roster, op->person, &person, NULL);
  if (walk->out->by == TALLY_BY_TARGET)
    share = share_of(walk, op->target, op->target, NULL);
  else
    share = walk->out->by == TALLY_BY_UNIT ? by_unit(walk, person) : by_person(walk, person);
  share->n[fate_of(op->state)]++;
  return true;
}

static int by_key(const void *a, const void *b)
{
  const TallyShare *x = a, *y = b;
  int order = strcmp(x->key, y->key);
  return order != 0 ? order : strcmp(x->label, y->label);
}

static bool find_run(Store *store, int64_t run, TallyRun *out, GError **error)
{
  RunRow row;
  bool found = run == 0 ? store_run_last(store, &row) : store_run_get(store, run, &row);
  if (!found) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                run == 0 ? _("the journal holds no run")
                         : _("the journal holds no run %" G_GINT64_FORMAT),
                run);
    return false;
  }
  out->run = row.id;
  out->started = row.started;
  out->ended = row.ended;
  out->desk = row.desk;
  out->state = g_string_chunk_insert(out->texts, row.state);
  return true;
}

bool tally_run(Store *store, int64_t run, TallyBy by, TallyRun *out, GError **error)
{
  *out = (TallyRun){.by = by,
                    .shares = g_array_new(false, false, sizeof(TallyShare)),
                    .texts = g_string_chunk_new(4096)};
  if (!find_run(store, run, out, error))
    return false;
  Date day = date_of_instant(out->started);
  // A run of the evening before prepares the next day.
  RosterWhen when = {.as_of = day,
                     .known_at = store_known_by(store, instant_now()),
                     .grace_days = 1,
                     .early_days = 1};
  g_autoptr(Roster) roster = roster_open(store, &when, error);
  g_autoptr(GHashTable) index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Walk walk = {out, roster, index};
  if (!roster || !store_ops_each(store, out->run, take_op, &walk, error))
    return false;
  g_array_sort(out->shares, by_key);
  return store_check(store, error);
}

void tally_run_clear(TallyRun *run)
{
  g_clear_pointer(&run->shares, g_array_unref);
  g_clear_pointer(&run->texts, g_string_chunk_free);
}
