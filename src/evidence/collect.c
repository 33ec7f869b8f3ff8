// SPDX-License-Identifier: GPL-3.0-or-later
//
// Collecting: each source is read, judged as a whole, and only then written. What the ledger knows of a use is never
// taken back: a source that says less than it said before is told of.
#include "evidence_p.h"

#include <string.h>

#define TOLD_MOST 10      // accounts of which one thing is told
#define FUTURE_PERCENT 5  // of the accounts: beyond it the source's clock is wrong

// How the source stood before, and what it said.
typedef struct Before {
  bool known;
  Instant collected, reaches, since;
  int64_t n_accounts;
  GHashTable *told;     // object -> Gathered
  GHashTable *doubted;  // objects of `told` that were doubted
  const Source *source;
} Before;

typedef struct Collecting {
  const EvidenceSetup *setup;
  const Source *source;
  Gather gather;
  Before before;
  GHashTable *later;  // objects of which the source knew a later use before
  size_t n_lost;      // … and now knows of none at all
} Collecting;

static void collecting_init(Collecting *collecting, const EvidenceSetup *setup,
                            const Source *source)
{
  *collecting = (Collecting){.setup = setup, .source = source};
  gather_init(&collecting->gather, setup, source);
  collecting->before = (Before){
      .collected = INSTANT_NONE, .reaches = INSTANT_NONE, .since = INSTANT_NONE, .source = source};
  collecting->before.told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  collecting->before.doubted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  collecting->later = g_hash_table_new(g_str_hash, g_str_equal);
}

static void collecting_clear(Collecting *collecting)
{
  gather_clear(&collecting->gather);
  g_hash_table_unref(collecting->before.told);
  g_hash_table_unref(collecting->before.doubted);
  g_hash_table_unref(collecting->later);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Collecting, collecting_clear)

// ---------------------------------------------------------------------------------------------
// What was known before.

static bool take_stand(const EvidenceSourceRow *row, void *data)
{
  Before *before = data;
  if (strcmp(row->name, before->source->told.name) != 0)
    return true;
  before->known = true;
  before->collected = row->collected;
  before->reaches = row->reaches;
  before->since = row->since;
  before->n_accounts = row->n_accounts;
  return false;
}

static bool take_told(const EvidenceRow *row, void *data)
{
  Before *before = data;
  Gathered told = {row->moment, row->precision};
  if (strcmp(row->source, before->source->told.name) != 0)
    return true;
  g_hash_table_insert(before->told, g_strdup(row->object), g_memdup2(&told, sizeof told));
  if (row->collected == INSTANT_NONE)
    g_hash_table_add(before->doubted, g_strdup(row->object));
  return true;
}

static bool look_back(Collecting *collecting, GError **error)
{
  Before *before = &collecting->before;
  return store_evidence_sources_each(collecting->setup->store, take_stand, before, error) &&
         store_evidence_each(collecting->setup->store, collecting->source->told.target, take_told,
                             before, error);
}

// ---------------------------------------------------------------------------------------------
// Whether it can be believed.

static bool check_clock(Collecting *collecting, GError **error)
{
  const Before *before = &collecting->before;
  if (before->collected == INSTANT_NONE || before->collected <= collecting->setup->now)
    return true;
  g_autoptr(GString) when = g_string_new(NULL);
  instant_format(before->collected, when);
  return gather_fail(&collecting->gather, "failed", error,
                     _("it was read at %s, which is later than now: the clock was set back, or was "
                       "wrong then; nothing is overwritten. If it was wrong then: idou evidence "
                       "forget %s"),
                     when->str, collecting->source->told.name);
}

static bool check_count(Collecting *collecting, GError **error)
{
  size_t n = g_hash_table_size(collecting->gather.told);
  double least =
      (double)collecting->before.n_accounts * (1 - collecting->source->shrink_percent / 100);
  if (n == 0)
    return gather_fail(&collecting->gather, "short", error, _("it tells of no account at all"));
  return (double)n >= least ||
         gather_fail(&collecting->gather, "short", error,
                     _("it tells of %zu accounts, and of %" G_GINT64_FORMAT
                       " the time before: more are missing than %g%% (“shrink”)"),
                     n, collecting->before.n_accounts, collecting->source->shrink_percent);
}

static bool check_moments(Collecting *collecting, GError **error)
{
  Gather *gather = &collecting->gather;
  size_t n = g_hash_table_size(gather->told);
  if (gather->n_unclear * 2 > n)
    return gather_fail(gather, "failed", error,
                       _("%zu of %zu accounts have what is no moment in the form that “form” says"),
                       gather->n_unclear, n);
  return gather->n_future < 2 || gather->n_future * 100 <= n * FUTURE_PERCENT ||
         gather_fail(gather, "future", error,
                     _("%zu of %zu accounts were used in the future, it says: its clock is wrong"),
                     gather->n_future, n);
}

// Whoever stopped writing uses down, an export of last year, and a clock here that is ahead look like an organisation in
// which nobody comes any more.
static bool check_quiet(Collecting *collecting, GError **error)
{
  Gather *gather = &collecting->gather;
  Instant newest = INSTANT_NONE;
  GHashTableIter iter;
  gpointer told = NULL;
  g_hash_table_iter_init(&iter, gather->told);
  while (g_hash_table_iter_next(&iter, NULL, &told))
    if (((const Gathered *)told)->moment != INSTANT_NONE)
      newest =
          MAX(newest, ((const Gathered *)told)->moment + ((const Gathered *)told)->precision_s);
  if (newest == INSTANT_NONE || g_hash_table_size(gather->told) < 2 ||
      newest >= gather->reaches - collecting->source->quiet_s)
    return true;
  g_autoptr(GString) when = g_string_new(NULL);
  instant_format(newest, when);
  return gather_fail(gather, "stale", error,
                     _("nobody at all has used an account since %s, it says: perhaps uses are not "
                       "written down there any more, or “form” is not what it has (“quiet”)"),
                     when->str);
}

// Whoever is called otherwise there is not listed here, which would mean never used.
static bool check_strangers(Collecting *collecting, GError **error)
{
  Gather *gather = &collecting->gather;
  double n = (double)(gather->n_said + gather->n_strangers);
  return !collecting->source->told.complete ||
         (double)gather->n_strangers <= n * collecting->source->shrink_percent / 100 ||
         gather_fail(
             gather, "failed", error,
             _("%zu of its %.0f rows are of accounts that are nobody's here, so whom it does "
               "not list (“missing: never”) may be among them: does it name accounts as "
               "“matches” says?"),
             gather->n_strangers, n);
}

// An account that was made or switched on since begins anew; of any other a use does not go away.
static bool is_lost(const Collecting *collecting, const char *object, Instant used)
{
  OpBegan began;
  store_op_began(collecting->setup->store, collecting->source->told.target, object, &began);
  return began.on < used;
}

static void lose(Collecting *collecting, const char *object, const Gathered *before)
{
  collecting->n_lost++;
  if (is_lost(collecting, object, before->moment))
    g_hash_table_add(collecting->gather.doubted, g_strdup(object));
}

static void compare(Collecting *collecting)
{
  GHashTableIter iter;
  gpointer object = NULL, told = NULL;
  g_hash_table_iter_init(&iter, collecting->gather.told);
  while (g_hash_table_iter_next(&iter, &object, &told)) {
    const Gathered *before = g_hash_table_lookup(collecting->before.told, object);
    const Gathered *now = told;
    if (before == NULL || before->moment == INSTANT_NONE ||
        (now->moment != INSTANT_NONE && now->moment >= before->moment) ||
        g_hash_table_contains(collecting->gather.doubted, object))
      continue;
    g_hash_table_add(collecting->later, object);
    if (now->moment == INSTANT_NONE)
      lose(collecting, object, before);
  }
}

static size_t count_used(GHashTable *told)
{
  GHashTableIter iter;
  gpointer value = NULL;
  size_t n = 0;
  g_hash_table_iter_init(&iter, told);
  while (g_hash_table_iter_next(&iter, NULL, &value))
    n += ((const Gathered *)value)->moment != INSTANT_NONE;
  return n;
}

// Who may no longer read the attribute gets no error: all accounts seem never to have been used.
static bool check_shown(Collecting *collecting, GError **error)
{
  Gather *gather = &collecting->gather;
  size_t n = g_hash_table_size(gather->told), n_used = count_used(gather->told);
  size_t n_before = count_used(collecting->before.told);
  if (n_used == 0 && n >= 2 && gather->n_future == 0)
    return gather_fail(gather, "short", error,
                       _("it tells of no use of any of %zu accounts: perhaps the account for "
                         "reading has no right to see it"),
                       n);
  return collecting->n_lost < 2 || collecting->n_lost * 2 <= n_before ||
         gather_fail(gather, "short", error,
                     _("of %zu accounts it told of a use before and now tells of none: perhaps the "
                       "account for reading has lost the right to see it"),
                     collecting->n_lost);
}

static bool read_source(Collecting *collecting, GError **error)
{
  Gather *gather = &collecting->gather;
  if (gather->klass == NULL)
    return gather_fail(gather, "failed", error,
                       _("no single mapping has the accounts that it speaks of (“accounts”)"));
  if (!check_clock(collecting, error) || !collecting->source->kind->read(gather, error))
    return false;
  compare(collecting);
  return check_count(collecting, error) && check_moments(collecting, error) &&
         check_shown(collecting, error) && check_quiet(collecting, error) &&
         check_strangers(collecting, error);
}

// ---------------------------------------------------------------------------------------------
// Telling.

G_GNUC_PRINTF(4, 5)
static void tell(const Collecting *collecting, FindingLevel level, const char *code,
                 const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  Finding at = {.level = level,
                .code = code,
                .file = yaml_name(collecting->setup->sources->yaml),
                .line = collecting->source->told.line,
                .subject = collecting->source->told.name};
  findings_add(collecting->setup->findings, &at, "%s", text);
}

// Whose moments are doubtful, beyond those that were named.
static void tell_untold(const Collecting *collecting)
{
  size_t n = gather_n_untold(&collecting->gather);
  if (n > 0)
    tell(
        collecting, FINDING_WARNING, "evidence-doubtful",
        _("%zu more moments are not believed, either, and nothing is concluded for their accounts"),
        n);
}

static int by_name(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void tell_later(const Collecting *collecting)
{
  g_autoptr(GString) names = g_string_new(NULL);
  g_autoptr(GPtrArray) objects = g_ptr_array_new();
  GHashTableIter iter;
  gpointer object = NULL;
  g_hash_table_iter_init(&iter, collecting->later);
  while (g_hash_table_iter_next(&iter, &object, NULL))
    g_ptr_array_add(objects, object);
  if (objects->len == 0)
    return;
  g_ptr_array_sort(objects, by_name);
  for (guint i = 0; i < objects->len && i < TOLD_MOST; i++)
    g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", (const char *)objects->pdata[i]);
  // Accounts that were made anew, and a controller that is gone, are told of every time.
  bool most = objects->len >= 2 && objects->len * 2 > count_used(collecting->before.told);
  tell(
      collecting, most ? FINDING_WARNING : FINDING_NOTE, "evidence-back",
      _("of %u accounts it told of a later use before (%s%s): the later one stays; was it put back "
        "to an earlier state?"),
      objects->len, names->str, objects->len > TOLD_MOST ? ", …" : "");
}

static void tell_strangers(const Collecting *collecting)
{
  const Gather *gather = &collecting->gather;
  if (gather->n_strangers > 0)
    tell(collecting, FINDING_NOTE, "evidence-stranger",
         ngettext("%zu row is of an account that is nobody's here: %s%s",
                  "%zu rows are of accounts that are nobody's here: %s%s", gather->n_strangers),
         gather->n_strangers, gather->strangers->str, gather->n_strangers > 5 ? ", …" : "");
}

// ---------------------------------------------------------------------------------------------
// Writing.

// Of an account that is doubted what was known stays, and it is not told of now. Where not being listed means never, the
// ledger has to remember that it was listed.
static bool write_doubted(Collecting *collecting, const char *object, GError **error)
{
  const Gathered *before = g_hash_table_lookup(collecting->before.told, object);
  EvidenceRow row = {.source = collecting->source->told.name,
                     .target = collecting->source->told.target,
                     .object = object,
                     .moment = before == NULL ? INSTANT_NONE : before->moment,
                     .precision = before == NULL ? 0 : before->precision_s,
                     .collected = INSTANT_NONE};
  return !collecting->source->told.complete ||
         store_evidence_set(collecting->setup->store, &row, error);
}

static bool write_row(Collecting *collecting, const char *object, const Gathered *told,
                      GError **error)
{
  if (g_hash_table_contains(collecting->gather.doubted, object))
    return write_doubted(collecting, object, error);
  bool later = g_hash_table_contains(collecting->later, object);
  const Gathered *what = later ? g_hash_table_lookup(collecting->before.told, object) : told;
  EvidenceRow row = {.source = collecting->source->told.name,
                     .target = collecting->source->told.target,
                     .object = object,
                     .moment = what->moment,
                     .precision = what->precision_s,
                     .collected = collecting->setup->now};
  return store_evidence_set(collecting->setup->store, &row, error);
}

// What was doubted is not listed any more: it is as any account that is not.
static bool write_undoubted(Collecting *collecting, GError **error)
{
  const Before *before = &collecting->before;
  GHashTableIter iter;
  gpointer object = NULL;
  g_hash_table_iter_init(&iter, before->doubted);
  while (g_hash_table_iter_next(&iter, &object, NULL)) {
    const Gathered *told = g_hash_table_lookup(before->told, object);
    EvidenceRow row = {.source = before->source->told.name,
                       .target = before->source->told.target,
                       .object = object,
                       .moment = told->moment,
                       .precision = told->precision_s,
                       .collected = before->collected};
    if (!g_hash_table_contains(collecting->gather.told, object) &&
        !store_evidence_set(collecting->setup->store, &row, error))
      return false;
  }
  return true;
}

// In the ledger's own order: 100,000 rows here and there cost it more than twice as much.
static bool write_told(Collecting *collecting, GError **error)
{
  guint n = 0;
  g_autofree gpointer *objects = g_hash_table_get_keys_as_array(collecting->gather.told, &n);
  qsort(objects, n, sizeof *objects, by_name);
  for (guint i = 0; i < n; i++)
    if (!write_row(collecting, objects[i], g_hash_table_lookup(collecting->gather.told, objects[i]),
                   error))
      return false;
  return true;
}

static bool write_rows(Collecting *collecting, GError **error)
{
  EvidenceSourceRow source = {
      .name = collecting->source->told.name,
      .collected = collecting->setup->now,
      .reaches = collecting->gather.reaches,
      .since = collecting->before.since == INSTANT_NONE ? collecting->setup->now
                                                        : collecting->before.since,
      .n_accounts = g_hash_table_size(collecting->gather.told),
      .state = "ok",
  };
  return write_told(collecting, error) && write_undoubted(collecting, error) &&
         store_evidence_source_set(collecting->setup->store, &source, error);
}

// What it told before stays.
static bool write_failure(Collecting *collecting, const char *why, GError **error)
{
  EvidenceSourceRow source = {
      .name = collecting->source->told.name,
      .collected = collecting->before.collected,
      .reaches = collecting->before.reaches,
      .since = collecting->before.since,
      .n_accounts = collecting->before.n_accounts,
      .state = collecting->gather.state,
      .detail = why,
  };
  return store_evidence_source_set(collecting->setup->store, &source, error);
}

static bool write_all(Collecting *collecting, const char *why, GError **error)
{
  Store *store = collecting->setup->store;
  if (!store_begin(store, error))
    return false;
  if ((why == NULL ? write_rows(collecting, error) : write_failure(collecting, why, error)) &&
      store_commit(store, error))
    return true;
  store_rollback(store);
  return false;
}

static bool collect_one(const EvidenceSetup *setup, const Source *source, Shelf *shelf,
                        EvidenceDone *out, GError **error)
{
  g_auto(Collecting) collecting = {0};
  g_autoptr(GError) fault = NULL;
  collecting_init(&collecting, setup, source);
  collecting.gather.shelf = shelf;
  if (!look_back(&collecting, error))
    return false;
  out->n_sources++;
  bool read = read_source(&collecting, &fault);
  tell_strangers(&collecting);
  tell_untold(&collecting);
  // Whatever getter of the ledger gave nothing because it could not be read must not pass for what is not there.
  if (!store_check(setup->store, error))
    return false;
  if (read) {
    out->n_rows +=
        g_hash_table_size(collecting.gather.told) - g_hash_table_size(collecting.gather.doubted);
    tell_later(&collecting);
    return write_all(&collecting, NULL, error);
  }
  out->n_bad++;
  out->exit = exit_worse(out->exit, EXIT_UNREAD);
  g_autofree char *code = g_strconcat("evidence-", collecting.gather.state, NULL);
  tell(&collecting, FINDING_WARNING, code,
       _("nothing of it is believed, and nobody that depends on it is judged: %s"), fault->message);
  return write_all(&collecting, fault->message, error);
}

bool evidence_collect(const EvidenceSetup *setup, EvidenceDone *out, GError **error)
{
  g_autoptr(Shelf) shelf = shelf_new();
  *out = (EvidenceDone){.exit = EXIT_DONE};
  for (size_t i = 0; i < evidence_n_sources(setup->sources); i++) {
    const Source *source = source_at(setup->sources, i);
    if (setup->only != NULL && strcmp(source->told.name, setup->only) != 0)
      continue;
    if (!collect_one(setup, source, shelf, out, error))
      return false;
  }
  return agree_tell(setup, error);
}
