// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

// One sending and what came of it.
typedef struct Attempt {
  uint32_t n;
  const char *outcome;  // static
  char *detail;
} Attempt;

struct Journal {
  const ApplySetup *setup;
  Findings *problems;
  int64_t run;
  GArray *endings;     // Ending, not on disk yet
  GArray *attempts;    // Attempt, the same
  const char *target;  // that operations go to, and …
  char *server;        // … which server of it; NULL = it has but one
  Progress *progress;  // NULL
  GHashTable *owned;   // "target\nclass\nattribute" that this run has noted as ours
  GString *scratch;
};

static void clear_ending(void *data)
{
  Ending *ending = data;
  g_free(ending->detail);
  g_free(ending->stable_id);
}

static void clear_attempt(void *data)
{
  g_free(((Attempt *)data)->detail);
}

Journal *journal_new(const ApplySetup *setup, ApplyReport *report)
{
  Journal *journal = g_new0(Journal, 1);
  journal->setup = setup;
  journal->problems = report->problems;
  journal->run = report->run;
  journal->endings = g_array_new(false, false, sizeof(Ending));
  g_array_set_clear_func(journal->endings, clear_ending);
  journal->attempts = g_array_new(false, false, sizeof(Attempt));
  g_array_set_clear_func(journal->attempts, clear_attempt);
  journal->owned = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  journal->scratch = g_string_new(NULL);
  return journal;
}

void journal_free(Journal *journal)
{
  if (!journal)
    return;
  g_array_unref(journal->endings);
  g_array_unref(journal->attempts);
  g_hash_table_unref(journal->owned);
  g_string_free(journal->scratch, true);
  g_free(journal->server);
  g_free(journal);
}

void journal_end(Journal *journal, const Ending *ending)
{
  g_array_append_val(journal->endings, *ending);
}

void journal_progress(Journal *journal, Progress *progress)
{
  journal->progress = progress;
}

void journal_server(Journal *journal, const char *target, const char *server)
{
  journal->target = target;
  g_free(journal->server);
  journal->server = g_strdup(server);
}

void journal_attempt(Journal *journal, uint32_t n, const char *outcome, const char *detail)
{
  Attempt attempt = {n, outcome, g_strdup(detail)};
  g_array_append_val(journal->attempts, attempt);
}

size_t journal_backlog(const Journal *journal)
{
  return journal->endings->len;
}

// ---------------------------------------------------------------------------------------------
// What is written. All within one transaction.

static bool write_op(Journal *journal, const Op *op, const OpRow *row, GError **error)
{
  OpRow whole = *row;
  whole.run = journal->run;
  whole.n = op->n;
  whole.target = op->target;
  whole.object = op->object;
  whole.kind = op_traits(op->kind)->name;
  whole.person = op->person;
  whole.cause = op->cause;
  whole.matter = op->matter;
  return store_op_set(journal->setup->store, &whole, error);
}

bool journal_skip(Journal *journal, uint32_t n, const char *detail, GError **error)
{
  OpRow row = {.state = book_word(STAND_SKIPPED), .detail = detail};
  return write_op(journal, plan_op(journal->setup->plan, n), &row, error);
}

// An attribute that we once wrote is ours until it is released.
static bool write_ownership(Journal *journal, const Op *op, GError **error)
{
  const char *slash = strchr(op->object, '/');
  // What the desk does follows no rule, and makes nothing ours; nor does what becomes of nobody's entry, or what is put back.
  if (!slash || g_strcmp0(op->cause, UNDO_CAUSE) == 0 || op_traits(op->kind)->edge ||
      journal->setup->desk || g_str_has_prefix(op->object, OBJECT_ORPHAN))
    return true;
  for (size_t i = 0; i < op->n_changes; i++) {
    const char *attribute = op->changes[i].attribute;
    GString *key = journal->scratch;
    g_string_assign(key, op->target);
    g_string_append_c(key, '\n');
    size_t at_class = key->len;
    g_string_append_len(key, op->object, slash - op->object);
    size_t n_class = key->len - at_class;
    g_string_append_c(key, '\n');
    g_string_append(key, attribute);
    if (g_hash_table_contains(journal->owned, key->str))
      continue;
    g_autofree char *klass = g_strndup(key->str + at_class, n_class);
    if (!store_ownership_set(journal->setup->store, op->target, klass, attribute, true, error))
      return false;
    g_hash_table_add(journal->owned, g_strdup(key->str));
  }
  return true;
}

// The entry is there, whatever becomes of its binding: that is for people to know, not an error.
static void write_binding(Journal *journal, const Op *op, const char *stable_id)
{
  g_autoptr(GError) fault = NULL;
  g_autofree char *given = op_gives(op) ? g_strconcat(BINDING_GIVEN, op->object, NULL) : NULL;
  if (!stable_id || !*stable_id)
    stable_id = given;
  if (!stable_id ||
      store_binding_set(journal->setup->store, op->target, op->object, stable_id, &fault))
    return;
  Finding finding = {.level = FINDING_ERROR,
                     .code = "apply-binding",
                     .subject = op->label ? op->label : op->object};
  findings_add(journal->problems, &finding,
               _("the entry was made but cannot be remembered as ours: %s"), fault->message);
}

static bool remember(Journal *journal, const Op *op, const char *attribute, const char *value,
                     GError **error)
{
  g_autofree char *name = secret_made_for(op->target, op->object, attribute);
  const char *scope = *attribute ? SECRETS_MADE_FOR : SECRETS_UNUSED;
  return store_cursor_set(journal->setup->store, scope, name, value, error);
}

// A secret that was made, and what for. *made: there was one.
static bool write_secret(Journal *journal, const Op *op, const OpChange *change, bool *made,
                         GError **error)
{
  for (size_t i = 0; i < change->n_new; i++) {
    if (change->new_values[i].kind != VALUE_SECRET)
      continue;
    *made = true;
    const char *purpose = strchr(change->new_values[i].bytes, ' ');
    if (purpose && !remember(journal, op, change->attribute, purpose + 1, error))
      return false;
  }
  return true;
}

// Nobody comes to know the secret of what is made switched off before it is on.
static bool is_made_off(const Journal *journal, const Op *op)
{
  const TargetConfig *config = apply_config(journal->setup, op->target);
  return config && op_made_off(config, op);
}

// `already`: of an entry that was there before, none was made.
static bool write_secrets(Journal *journal, const Op *op, bool already, GError **error)
{
  bool made = false, none = op_traits(op->kind)->edge || (already && op->kind != OP_CREATE);
  for (size_t i = 0; !none && i < op->n_changes; i++)
    if (!write_secret(journal, op, &op->changes[i], &made, error))
      return false;
  if (op->kind == OP_ENABLE || op->kind == OP_DISABLE)
    return remember(journal, op, "", NULL, error);
  return op->kind != OP_CREATE || !made || !is_made_off(journal, op) ||
         remember(journal, op, "", "1", error);
}

// What is gone only when its receipt has come is let go of then: receipt.c.
static bool write_gone(Journal *journal, const Op *op, const Ending *ending, GError **error)
{
  Store *store = journal->setup->store;
  return op->kind != OP_DELETE || ending->stand == STAND_RECEIPT ||
         (store_binding_drop(store, op->target, op->object, error) &&
          store_seals_void_object(store, op->target, op->object, error));
}

// Of one that was only sent, too: else the next plan would do it again.
static bool write_effects(Journal *journal, const Op *op, const Ending *ending, GError **error)
{
  if (!book_took_effect(ending->stand))
    return true;
  if (op->kind == OP_CREATE)
    write_binding(journal, op, ending->stable_id);
  if (!write_gone(journal, op, ending, error))
    return false;
  return op_traits(op->kind)->local ||
         (write_secrets(journal, op, ending->stand == STAND_ALREADY, error) &&
          write_ownership(journal, op, error));
}

static bool write_ending(Journal *journal, const Ending *ending, GError **error)
{
  const Op *op = plan_op(journal->setup->plan, ending->n);
  OpRow row = {.state = book_word(ending->stand),
               .detail = ending->detail,
               .n_attempts = ending->n_attempts};
  // The row last: in a transaction that the store has given up, it is the one that fails.
  return write_effects(journal, op, ending, error) &&
         seals_end(journal->setup->store, journal->run, op, ending, error) &&
         write_op(journal, op, &row, error);
}

static bool write_endings(Journal *journal, GError **error)
{
  for (guint i = 0; i < journal->endings->len; i++)
    if (!write_ending(journal, &g_array_index(journal->endings, Ending, i), error))
      return false;
  for (guint i = 0; i < journal->attempts->len; i++) {
    const Attempt *attempt = &g_array_index(journal->attempts, Attempt, i);
    if (!store_attempt_add(journal->setup->store, journal->run, attempt->n, attempt->outcome,
                           attempt->detail, error))
      return false;
  }
  return true;
}

static bool write_locals(Journal *journal, GArray *locals, GError **error)
{
  for (guint i = 0; locals && i < locals->len; i++) {
    Ending *ending = &g_array_index(locals, Ending, i);
    const Op *op = plan_op(journal->setup->plan, ending->n);
    g_clear_pointer(&ending->detail, g_free);
    local_carry_out(journal->setup, op, ending);
    if (!write_ending(journal, ending, error))
      return false;
  }
  return true;
}

static bool write_intents(Journal *journal, const GPtrArray *parcels, GError **error)
{
  for (guint i = 0; parcels && i < parcels->len; i++) {
    const Parcel *parcel = parcels->pdata[i];
    for (size_t j = 0; j < parcel->n_ops; j++) {
      const char *before = parcel->cargo[j].before;
      g_autofree char *old = before ? NULL : op_old_json(parcel->ops[j]);
      OpRow row = {.state = book_word(STAND_SENT), .before = old ? old : before};
      if (!write_op(journal, parcel->ops[j], &row, error))
        return false;
    }
    if (!seals_write(journal->setup, journal->run, parcel, error))
      return false;
  }
  return true;
}

// With the intents, since whoever goes on after a kill must ask the server that they went to; and with the
// endings, since the time until others have it counts from the last writing.
static bool write_server(const Journal *journal, const GPtrArray *parcels, GError **error)
{
  if (!journal->server || (!journal->endings->len && (!parcels || !parcels->len)))
    return true;
  g_autofree char *written = server_written(journal->server, instant_now());
  return store_cursor_set(journal->setup->store, SERVER_WRITTEN, journal->target, written, error);
}

static bool has_work(const Journal *journal, const GPtrArray *parcels, const GArray *locals)
{
  return journal->endings->len || journal->attempts->len || (parcels && parcels->len) ||
         (locals && locals->len);
}

static size_t count_ended(const Journal *journal, const GArray *locals)
{
  size_t n = locals ? locals->len : 0;
  for (guint i = 0; i < journal->endings->len; i++)
    n += progress_counts(g_array_index(journal->endings, Ending, i).stand);
  return n;
}

// Whoever holds something meanwhile does so before this transaction, or finds these intents after it.
static bool may_write(const Journal *journal, bool sends, bool *news, GError **error)
{
  *news = false;
  bool looked = !sends || heed_look(journal->setup, news, error);
  if (!looked || *news)
    store_rollback(journal->setup->store);
  return looked;
}

bool journal_commit(Journal *journal, const GPtrArray *parcels, GArray *locals, bool *news,
                    GError **error)
{
  bool sends = (parcels && parcels->len) || (locals && locals->len), fresh = false;
  if (!has_work(journal, parcels, locals))
    return true;
  Store *store = journal->setup->store;
  size_t n_ended = count_ended(journal, locals);
  apply_watch(journal->setup, "commit", NULL, 0);
  if (!store_begin(store, error) || !may_write(journal, sends, &fresh, error))
    return false;
  if (news)
    *news = fresh;
  if (fresh)
    return true;
  if (!write_endings(journal, error) || !write_locals(journal, locals, error) ||
      !write_intents(journal, parcels, error) || !write_server(journal, parcels, error) ||
      !progress_write(journal->progress, n_ended, store, error)) {
    store_rollback(store);
    // They were noted in the transaction that is gone.
    g_hash_table_remove_all(journal->owned);
    return false;
  }
  // Returns after the sync: from here on the intents hold even if the power fails.
  if (!store_commit(store, error)) {
    g_hash_table_remove_all(journal->owned);
    return false;
  }
  progress_written(journal->progress, n_ended);
  apply_watch(journal->setup, "committed", NULL, 0);
  g_array_set_size(journal->endings, 0);
  g_array_set_size(journal->attempts, 0);
  return true;
}
