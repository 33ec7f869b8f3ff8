// SPDX-License-Identifier: GPL-3.0-or-later
//
// Two sources of one system contradict each other when one tells of a use that the other, which claims to know more
// than that long, has never heard of. The later use counts; that they differ is told, for one of them is wrong.
#include "evidence_p.h"

#include <string.h>

#define TOLD_MOST 10

typedef struct Stand {
  const Source *source;
  Instant collected, reaches;  // INSTANT_NONE: it does not count
} Stand;

// What one source says of the object at hand.
typedef struct Claim {
  const Stand *stand;
  Instant moment;
  int64_t precision_s;
} Claim;

typedef struct Agreeing {
  const EvidenceSetup *setup;
  GHashTable *stands;  // name -> Stand
  GArray *claims;      // Claim
  char *object;
  size_t n_told;
} Agreeing;

static bool take_stand(const EvidenceSourceRow *row, void *data)
{
  Agreeing *agreeing = data;
  size_t i = evidence_source_named(agreeing->setup->sources, row->name);
  if (i == EVIDENCE_NO_SOURCE || strcmp(row->state, "ok") != 0)
    return true;
  Stand stand = {source_at(agreeing->setup->sources, i), row->collected, row->reaches};
  if (stand.source->of != NULL && stand.source->attribute != NULL && stand.source->in == NULL)
    g_hash_table_insert(agreeing->stands, g_strdup(row->name), g_memdup2(&stand, sizeof stand));
  return true;
}

static void append_moment(GString *out, Instant moment)
{
  if (moment == INSTANT_NONE)
    g_string_append(out, _("never"));
  else
    instant_format(moment, out);
}

static void tell(Agreeing *agreeing, const Claim *later, const Claim *other)
{
  if (agreeing->n_told++ >= TOLD_MOST)
    return;
  g_autoptr(GString) one = g_string_new(NULL);
  g_autoptr(GString) two = g_string_new(NULL);
  append_moment(one, later->moment);
  append_moment(two, other->moment);
  Finding at = {.level = FINDING_NOTE,
                .code = "evidence-differs",
                .file = yaml_name(agreeing->setup->sources->yaml),
                .line = other->stand->source->told.line,
                .subject = agreeing->object};
  findings_add(agreeing->setup->findings, &at,
               _("used last at %s, says %s; %s, says %s, which should know: the former counts"),
               one->str, later->stand->source->told.name, two->str,
               other->stand->source->told.name);
}

static bool contradict(const Claim *later, const Claim *other)
{
  const Stand *stand = other->stand;
  if (later->stand->source->of != stand->source->of || later->moment == INSTANT_NONE)
    return false;
  // Who lags and says never perhaps does not know yet.
  if (other->moment == INSTANT_NONE)
    return later->moment < stand->reaches - stand->source->told.precision_s;
  return later->moment > other->moment + other->precision_s && later->moment < stand->reaches;
}

static void compare(Agreeing *agreeing)
{
  for (guint i = 0; i < agreeing->claims->len; i++)
    for (guint k = 0; k < agreeing->claims->len; k++) {
      const Claim *one = &g_array_index(agreeing->claims, Claim, i);
      const Claim *other = &g_array_index(agreeing->claims, Claim, k);
      if (i != k && contradict(one, other))
        tell(agreeing, one, other);
    }
  g_array_set_size(agreeing->claims, 0);
}

static bool take(const EvidenceRow *row, void *data)
{
  Agreeing *agreeing = data;
  const Stand *stand = g_hash_table_lookup(agreeing->stands, row->source);
  if (agreeing->object == NULL || strcmp(agreeing->object, row->object) != 0) {
    compare(agreeing);
    g_free(agreeing->object);
    agreeing->object = g_strdup(row->object);
  }
  Claim claim = {stand, row->moment, row->precision};
  if (stand != NULL && stand->collected == row->collected)
    g_array_append_val(agreeing->claims, claim);
  return true;
}

static bool compare_all(Agreeing *agreeing, GError **error)
{
  g_autoptr(GHashTable) targets = g_hash_table_new(g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer stand = NULL, target = NULL;
  g_hash_table_iter_init(&iter, agreeing->stands);
  while (g_hash_table_iter_next(&iter, NULL, &stand))
    g_hash_table_add(targets, (gpointer)((const Stand *)stand)->source->told.target);
  g_hash_table_iter_init(&iter, targets);
  while (g_hash_table_iter_next(&iter, &target, NULL)) {
    if (!store_evidence_each(agreeing->setup->store, target, take, agreeing, error))
      return false;
    compare(agreeing);
    g_clear_pointer(&agreeing->object, g_free);
  }
  return true;
}

bool agree_tell(const EvidenceSetup *setup, GError **error)
{
  g_autoptr(GHashTable) stands = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GArray) claims = g_array_new(FALSE, FALSE, sizeof(Claim));
  Agreeing agreeing = {.setup = setup, .stands = stands, .claims = claims};
  bool fine = store_evidence_sources_each(setup->store, take_stand, &agreeing, error) &&
              (g_hash_table_size(stands) < 2 || compare_all(&agreeing, error));
  g_free(agreeing.object);
  if (fine && agreeing.n_told > TOLD_MOST)
    findings_add(setup->findings, &(Finding){.level = FINDING_NOTE, .code = "evidence-differs"},
                 _("… and of %zu more accounts"), agreeing.n_told - TOLD_MOST);
  return fine;
}
