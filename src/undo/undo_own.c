// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a run did in our own ledger.
#include "undo_p.h"

void own_none(Judge *judge)
{
  static const char *const reasons[OP_N_KINDS] = {
      [OP_ALLOCATE] = N_("a name stays its bearer's for ever"),
      [OP_WITHDRAW] = N_("what was withdrawn is planned anew, if it is still wanted"),
      [OP_TASK] = N_("hands did it, or are at it"),
  };
  judge_say(judge, VERDICT_IMPOSSIBLE, "%s", _(reasons[judge->done->kind]));
}

static const char *store_keep(const Judge *judge, const char *text)
{
  return text ? g_string_chunk_insert_const(judge->picture->texts, text) : NULL;
}

void own_adopted(Judge *judge)
{
  const Op *done = judge->done->op;
  const char *bound =
      store_keep(judge, store_binding_of(judge->setup->store, done->target, done->object));
  bool same = !done->stable_id || !*done->stable_id || g_strcmp0(bound, done->stable_id) == 0;
  if (!strchr(done->object, '/')) {
    judge_say(judge, VERDICT_IMPOSSIBLE, _("attributes are ours as long as rules name them"));
  } else if (!bound) {
    judge_say(judge, VERDICT_BACK, NULL);
  } else if (!same) {
    judge_say(judge, VERDICT_IMPOSSIBLE, _("another entry has become it since"));
  } else {
    Op op = judge_op(judge, OP_RELEASE);
    op.stable_id = done->stable_id;
    judge_add(judge, &op);
    judge_say(judge, VERDICT_EXACT, NULL);
  }
}

void own_released(Judge *judge)
{
  const Op *done = judge->done->op;
  if (strchr(done->object, '/')) {
    judge_say(judge, VERDICT_IMPOSSIBLE, _("what was let go of is found anew by its key"));
    return;
  }
  Op op = judge_op(judge, OP_ADOPT);
  op.changes = done->changes;
  op.n_changes = done->n_changes;
  judge_add(judge, &op);
  judge_say(judge, VERDICT_EXACT, NULL);
}

// ---------------------------------------------------------------------------------------------
// Restrictions.

static const char *told(const Op *op, const char *what)
{
  for (size_t i = 0; i < op->n_changes; i++)
    if (g_str_equal(op->changes[i].attribute, what) && op->changes[i].n_new > 0)
      return op->changes[i].new_values[0].bytes;
  return "";
}

// What the operation says of a restriction, or of a hold.
typedef struct Words {
  OpChange changes[10];
  OpValue values[10];
  size_t n;
} Words;

static void say(Words *words, const char *name, const char *text)
{
  if (!text || !*text)
    return;
  words->values[words->n] = (OpValue){VALUE_TEXT, text, strlen(text)};
  words->changes[words->n] =
      (OpChange){.attribute = name, .new_values = &words->values[words->n], .n_new = 1};
  words->n++;
}

static RestrictionRow key_of(const Op *op)
{
  return (RestrictionRow){.target = op->target,
                          .object = op->object,
                          .cause = told(op, "cause"),
                          .what = told(op, "what"),
                          .group = told(op, "group")};
}

static int64_t since(const Judge *judge)
{
  Since what = {judge->done->object, NULL, NULL, KIND(OP_RESTRICT) | KIND(OP_LIFT)};
  return judge_since(judge, &what);
}

static void add_words(Judge *judge, OpKind kind, const Words *words)
{
  Op op = judge_op(judge, kind);
  op.changes = words->changes;
  op.n_changes = words->n;
  judge_add(judge, &op);
  judge_say(judge, VERDICT_EXACT, NULL);
}

void own_restricted(Judge *judge)
{
  const Op *done = judge->done->op;
  RestrictionRow key = key_of(done);
  int64_t id = store_restriction_find(judge->setup->store, &key), run = since(judge);
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, id);
  if (id == 0) {
    judge_say(judge, VERDICT_BACK, NULL);
    return;
  }
  if (run) {
    judge_say(judge, VERDICT_IMPOSSIBLE, _("run %" G_GINT64_FORMAT " has decided about this since"),
              run);
    return;
  }
  Words words = {.n = 0};
  say(&words, "number", number);
  say(&words, "what", key.what);
  say(&words, "group", key.group);
  say(&words, "cause", key.cause);
  say(&words, "reason", _("undone"));
  say(&words, "who", judge->setup->who);
  add_words(judge, OP_LIFT, &words);
}

typedef struct Lifted {
  Judge *judge;
  int64_t id;
  const RestrictionRow *key;
  RestrictionRow row;  // the last that was lifted; id 0 = none
} Lifted;

static bool find_lifted(const RestrictionRow *row, void *data)
{
  Lifted *lifted = data;
  const RestrictionRow *key = lifted->key;
  bool same = lifted->id != 0
                  ? row->id == lifted->id
                  : g_str_equal(row->target, key->target) &&
                        g_str_equal(row->object, key->object) &&
                        g_str_equal(row->cause, key->cause) && g_str_equal(row->what, key->what) &&
                        g_str_equal(row->group, key->group);
  if (!same)
    return true;
  lifted->row = *row;
  lifted->row.reason = store_keep(lifted->judge, row->reason);
  lifted->row.source = store_keep(lifted->judge, row->source);
  lifted->row.who = store_keep(lifted->judge, row->who);
  return true;
}

void own_lifted(Judge *judge)
{
  const Op *done = judge->done->op;
  RestrictionRow key = key_of(done);
  Store *store = judge->setup->store;
  Lifted lifted = {judge, g_ascii_strtoll(told(done, "number"), NULL, 10), &key, {0}};
  bool stands = store_restriction_find(store, &key) != 0;
  int64_t run = since(judge);
  store_restrictions_ever(store, find_lifted, &lifted, NULL);
  if (stands) {
    judge_say(judge, VERDICT_BACK, NULL);
  } else if (run) {
    judge_say(judge, VERDICT_IMPOSSIBLE, _("run %" G_GINT64_FORMAT " has decided about this since"),
              run);
  } else if (lifted.row.id == 0 || lifted.row.until <= judge->setup->as_of) {
    judge_say(judge, VERDICT_IMPOSSIBLE, _("the restriction would be over by now"));
  } else {
    g_autoptr(GString) until = g_string_new(NULL);
    if (lifted.row.until != DATE_OPEN)
      date_format(lifted.row.until, until);
    Words words = {.n = 0};
    say(&words, "what", key.what);
    say(&words, "group", key.group);
    say(&words, "cause", key.cause);
    say(&words, "reason", lifted.row.reason);
    say(&words, "source", lifted.row.source);
    say(&words, "who", lifted.row.who);
    say(&words, "until", until->str);
    add_words(judge, OP_RESTRICT, &words);
  }
}

// ---------------------------------------------------------------------------------------------
// Holds that the run placed itself: it was one of undoing.

typedef struct Standing {
  const char *digest, *kind, *name;
  int64_t id;
} Standing;

static bool find_standing(const HoldRow *row, void *data)
{
  Standing *standing = data;
  if (g_strcmp0(row->plan, standing->digest) == 0 && g_str_equal(row->kind, standing->kind) &&
      g_str_equal(row->name, standing->name))
    standing->id = row->id;
  return standing->id == 0;
}

void own_held(Judge *judge)
{
  const Op *done = judge->done->op;
  Standing standing = {judge->done->run->digest, told(done, "what"), told(done, "name"), 0};
  store_holds_each(judge->setup->store, date_of_instant(instant_now()), find_standing, &standing,
                   NULL);
  if (standing.id == 0) {
    judge_say(judge, VERDICT_BACK, NULL);
    return;
  }
  g_autofree char *object = g_strdup_printf("hold/%" G_GINT64_FORMAT, standing.id);
  Words words = {.n = 0};
  say(&words, "who", judge->setup->who);
  Op op = judge_op(judge, OP_RELEASE);
  op.object = object;
  op.changes = words.changes;
  op.n_changes = words.n;
  judge_add(judge, &op);
  judge_say(judge, VERDICT_EXACT, NULL);
}
