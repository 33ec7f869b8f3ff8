// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the ledger knows of accounts besides evidence: stages that stand, claims, exemptions, what units decided, holds.
#include "dormant_p.h"
#include "idou/inquiry.h"

#include <string.h>

// Exemptions that end within so many days are told.
#define SOON_DAYS 31

static const char *key_of(DormantLedger *ledger, const char *target, const char *object)
{
  g_autofree char *key = g_strconcat(target, " ", object, NULL);
  return g_string_chunk_insert(ledger->texts, key);
}

const void *dormant_ledger_find(const DormantLedger *ledger, GHashTable *of, const char *target,
                                const char *object)
{
  (void)ledger;
  if (g_hash_table_size(of) == 0)
    return NULL;
  char key[512];
  g_snprintf(key, sizeof key, "%s %s", target, object);
  if (strlen(target) + strlen(object) + 2 <= sizeof key)
    return g_hash_table_lookup(of, key);
  g_autofree char *longer = g_strconcat(target, " ", object, NULL);
  return g_hash_table_lookup(of, longer);
}

// ---------------------------------------------------------------------------------------------
// Restrictions.

static int stage_of(const char *what)
{
  for (int i = 0; i < DORMANT_N_STAGES; i++)
    if (strcmp(dormant_stage_what((DormantStage)i), what) == 0)
      return i;
  return -1;
}

static DormantStanding *standing_at(DormantLedger *ledger, const char *key)
{
  DormantStanding *standing = g_hash_table_lookup(ledger->standing, key);
  if (standing != NULL)
    return standing;
  standing = g_new0(DormantStanding, 1);
  for (int i = 0; i < DORMANT_N_STAGES; i++)
    standing->since[i] = INSTANT_NONE;
  g_hash_table_insert(ledger->standing, (gpointer)key, standing);
  return standing;
}

static void note_latest(GHashTable *into, const char *key, Instant at)
{
  Instant *latest = g_hash_table_lookup(into, key);
  if (latest == NULL) {
    latest = g_new(Instant, 1);
    *latest = at;
    g_hash_table_insert(into, (gpointer)key, latest);
  }
  *latest = MAX(*latest, at);
}

// Whoever was kept out could not have used the account: the clock begins again when that ends, whatever its cause.
static void note_lifted(DormantLedger *ledger, const RestrictionRow *row, const char *key)
{
  if (strcmp(row->what, RESTRICT_DISABLE) != 0 && strcmp(row->what, RESTRICT_ABSENT) != 0)
    return;
  note_latest(ledger->lifted, key, row->lifted);
}

// "Q12-7": what a unit answered.
static bool is_answer(const char *source)
{
  int64_t inquiry, n;
  return *source == 'Q' && inquiry_number_parse(source, &inquiry, &n);
}

static bool take_restriction(const RestrictionRow *row, void *data)
{
  DormantLedger *ledger = data;
  int stage = stage_of(row->what);
  const char *key = key_of(ledger, row->target, row->object);
  if (row->lifted != INSTANT_NONE) {
    note_lifted(ledger, row, key);
  } else if (strcmp(row->cause, RESTRICTION_DORMANT) == 0 && stage >= 0) {
    DormantStanding *standing = standing_at(ledger, key);
    standing->since[stage] = row->since;
    standing->ids[stage] = row->id;
    standing->decided[stage] = is_answer(row->source);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Claims, removals, holds.

typedef struct Taking {
  DormantLedger *ledger;
  const DormantAsk *ask;
} Taking;

static void put_word(DormantLedger *ledger, GHashTable *into, const char *key, Date until,
                     const char *why)
{
  DormantWord *word = g_hash_table_lookup(into, key);
  if (word != NULL && word->until >= until)
    return;
  word = g_new(DormantWord, 1);
  *word = (DormantWord){until, g_string_chunk_insert(ledger->texts, why)};
  g_hash_table_insert(into, (gpointer)key, word);
}

static bool take_claim(const ClaimRow *claim, void *data)
{
  const Taking *taking = data;
  DormantLedger *ledger = taking->ledger;
  if (strcmp(claim->cause, RESTRICTION_DORMANT) != 0)
    return true;
  note_latest(ledger->claimed, key_of(ledger, claim->target, claim->object), claim->since);
  if (claim->until <= taking->ask->as_of)
    return true;
  g_autofree char *why = g_strdup_printf(_("claimed by %s: %s"), claim->who, claim->reason);
  put_word(ledger, ledger->claims, key_of(ledger, claim->target, claim->object), claim->until, why);
  return true;
}

static bool take_removal(const Inquiry *inquiry, const Question *question, void *data)
{
  (void)inquiry;
  DormantLedger *ledger = data;
  const char *key = key_of(ledger, question->target, question->object);
  const Instant *claimed = g_hash_table_lookup(ledger->claimed, key);
  // Whoever said since then that it is kept took that back, also when the claim is over.
  if (claimed != NULL && *claimed > question->answered)
    return true;
  g_autoptr(GString) number = g_string_new(NULL);
  inquiry_number(question->inquiry, question->n, number);
  DormantRemoval *removal = g_new(DormantRemoval, 1);
  *removal =
      (DormantRemoval){question->answered, g_string_chunk_insert(ledger->texts, number->str)};
  g_hash_table_insert(ledger->removals, (gpointer)key, removal);
  return true;
}

static bool take_bearer(uint32_t subject, void *data)
{
  g_hash_table_add(data, GUINT_TO_POINTER(subject));
  return true;
}

// ---------------------------------------------------------------------------------------------
// Named exemptions: whom they name, on this day.

static bool take_named(const NameRow *row, void *data)
{
  if (row->subject != 0 && row->state <= NAME_FORMER)
    g_hash_table_add(data, GUINT_TO_POINTER(row->subject));
  return true;
}

// A number in any namespace, SPACE/NUMBER, or a login.
static bool find_named(Store *store, const char *who, GHashTable *persons, GError **error)
{
  const char *slash = strchr(who, '/');
  if (slash != NULL) {
    g_autofree char *space = g_strndup(who, (size_t)(slash - who));
    uint32_t one = store_link_next(store, SUBJECT_PERSON, space, slash + 1, DATE_NONE);
    return one == 0 || take_bearer(one, persons);
  }
  if (!store_link_bearers(store, SUBJECT_PERSON, who, take_bearer, persons, error))
    return false;
  return g_hash_table_size(persons) > 0 || store_names_like(store, who, take_named, persons, error);
}

// "account/17" of a class that some policy speaks of, "orphan/ID".
static bool is_object(const DormantAsk *ask, const char *who)
{
  bool is = g_str_has_prefix(who, "orphan/");
  for (size_t i = 0; i < dormant_n_policies(ask->dormant) && !is; i++) {
    const char *klass = dormant_policy(ask->dormant, i)->klass;
    size_t n = klass == NULL ? 0 : strlen(klass);
    is = n > 0 && strncmp(who, klass, n) == 0 && who[n] == '/';
  }
  return is;
}

static Finding finding_at(const DormantAsk *ask, const DormantExemption *exemption)
{
  return (Finding){.level = FINDING_WARNING,
                   .file = grid_name(ask->dormant->grid),
                   .line = (int64_t)exemption->row + 1,
                   .column = 1,
                   .subject = exemption->who};
}

static void note_end(const DormantAsk *ask, const DormantExemption *exemption)
{
  Finding at = finding_at(ask, exemption);
  g_autoptr(GString) day = g_string_new(NULL);
  date_format(exemption->until - 1, day);
  if (exemption->until <= ask->as_of) {
    at.code = "exemption-over";
    findings_add(ask->findings, &at,
                 _("the exemption was over on %s and counts no more: renew it or take it out"),
                 day->str);
  } else if (exemption->until - ask->as_of <= SOON_DAYS) {
    at.level = FINDING_NOTE;
    at.code = "exemption-ends";
    findings_add(ask->findings, &at, _("the exemption ends on %s"), day->str);
  }
}

static bool take_exemption(DormantLedger *ledger, const DormantAsk *ask,
                           const DormantExemption *exemption, GError **error)
{
  note_end(ask, exemption);
  if (exemption->until <= ask->as_of)
    return true;
  g_autofree char *why = g_strdup_printf(_("exempted by %s: %s"), exemption->by, exemption->reason);
  if (is_object(ask, exemption->who)) {
    put_word(ledger, ledger->exempt, key_of(ledger, exemption->target, exemption->who),
             exemption->until, why);
    return true;
  }
  g_autoptr(GHashTable) persons = g_hash_table_new(NULL, NULL);
  if (!find_named(ledger->store, exemption->who, persons, error))
    return false;
  Finding at = finding_at(ask, exemption);
  at.code = "exemption-nobody";
  if (g_hash_table_size(persons) == 0)
    findings_add(ask->findings, &at,
                 _("nobody has or had this number or login: the exemption counts for nobody"));
  GHashTableIter each;
  gpointer person;
  g_hash_table_iter_init(&each, persons);
  while (g_hash_table_iter_next(&each, &person, NULL)) {
    g_autofree char *object = g_strdup_printf("#%u", GPOINTER_TO_UINT(person));
    put_word(ledger, ledger->exempt, key_of(ledger, exemption->target, object), exemption->until,
             why);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------

bool dormant_ledger_open(DormantLedger *ledger, const DormantAsk *ask, GError **error)
{
  *ledger =
      (DormantLedger){.store = ask->store,
                      .standing = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free),
                      .lifted = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free),
                      .claims = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free),
                      .claimed = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free),
                      .exempt = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free),
                      .removals = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free),
                      .texts = g_string_chunk_new(4096)};
  Taking taking = {ledger, ask};
  bool fine =
      store_restrictions_ever(ask->store, take_restriction, ledger, error) &&
      store_claims_each(ask->store, NULL, take_claim, &taking, error) &&
      inquiry_decisions_each(ask->store, RESTRICTION_DORMANT, take_removal, ledger, error) &&
      store_holds_read(ask->store, date_of_instant(ask->now), NULL, &ledger->holds, error);
  const GArray *exempt = ask->dormant->exempt;
  for (guint i = 0; i < exempt->len && fine; i++)
    fine = take_exemption(ledger, ask, &g_array_index(exempt, DormantExemption, i), error);
  return fine;
}

void dormant_ledger_close(DormantLedger *ledger)
{
  GHashTable **tables[] = {&ledger->standing, &ledger->lifted, &ledger->claims,
                           &ledger->claimed,  &ledger->exempt, &ledger->removals};
  for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
    g_clear_pointer(tables[i], g_hash_table_unref);
  g_clear_pointer(&ledger->holds, store_holds_free);
  g_clear_pointer(&ledger->texts, g_string_chunk_free);
}
