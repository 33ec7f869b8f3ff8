// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is known when somebody judges. The rows come ordered by object, so each object's lie together.
#include "evidence_p.h"

#include <string.h>

typedef struct Told {
  uint32_t source;
  int64_t precision_s;
  Instant moment, collected;
} Told;

typedef struct Known {
  const char *object;
  size_t first, n;  // of the view's told
} Known;

struct EvidenceView {
  const EvidenceSources *sources;
  const char *target;
  Instant judged;
  EvidenceStand *stands;  // by source
  GArray *told;           // Told
  GArray *known;          // Known
  GHashTable *by_object;  // object -> index in `known`, + 1
  GStringChunk *texts;
};

// ---------------------------------------------------------------------------------------------
// How sources stand.

static bool take_stand(const EvidenceSourceRow *row, void *data)
{
  EvidenceView *view = data;
  size_t i = evidence_source_named(view->sources, row->name);
  if (i == EVIDENCE_NO_SOURCE)
    return true;
  view->stands[i] = (EvidenceStand){
      .state = g_string_chunk_insert_const(view->texts, row->state),
      .why = row->detail == NULL ? NULL : g_string_chunk_insert(view->texts, row->detail),
      .collected = row->collected,
      .reaches = row->reaches,
      .since = row->since,
      .n_accounts = row->n_accounts};
  return true;
}

G_GNUC_PRINTF(3, 4)
static void suspend(EvidenceView *view, EvidenceStand *stand, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  stand->counts = false;
  stand->why = g_string_chunk_insert(view->texts, text);
}

static void judge(EvidenceView *view, const EvidenceSource *source, EvidenceStand *stand)
{
  if (stand->state == NULL) {
    *stand = (EvidenceStand){.state = "never",
                             .collected = INSTANT_NONE,
                             .reaches = INSTANT_NONE,
                             .since = INSTANT_NONE};
    suspend(view, stand, _("source %s was never read"), source->name);
    return;
  }
  g_autofree char *detail = g_strdup(stand->why);
  stand->counts = strcmp(stand->state, "ok") == 0 && stand->collected != INSTANT_NONE;
  if (!stand->counts) {
    suspend(view, stand, _("source %s: %s"), source->name, detail != NULL ? detail : stand->state);
    return;
  }
  if (view->judged - (stand->reaches + source->late_s) <= source->stale_s)
    return;
  g_autoptr(GString) until = g_string_new(NULL);
  instant_format(stand->reaches + source->late_s, until);
  stand->state = "stale";
  suspend(view, stand, _("source %s is stale: what it tells is of %s"), source->name, until->str);
}

// ---------------------------------------------------------------------------------------------
// Accounts.

static bool take_row(const EvidenceRow *row, void *data)
{
  EvidenceView *view = data;
  size_t source = evidence_source_named(view->sources, row->source);
  // A source that is no more may still tell of a use, but it is nobody's that could say when it is wrong.
  if (source == EVIDENCE_NO_SOURCE)
    return true;
  Known *last =
      view->known->len == 0 ? NULL : &g_array_index(view->known, Known, view->known->len - 1);
  if (last == NULL || strcmp(last->object, row->object) != 0) {
    Known known = {g_string_chunk_insert(view->texts, row->object), view->told->len, 0};
    g_array_append_val(view->known, known);
    last = &g_array_index(view->known, Known, view->known->len - 1);
    g_hash_table_insert(view->by_object, (gpointer)last->object,
                        GSIZE_TO_POINTER((gsize)view->known->len));
  }
  Told told = {(uint32_t)source, row->precision, row->moment, row->collected};
  g_array_append_val(view->told, told);
  last->n++;
  return true;
}

EvidenceView *evidence_view_open(Store *store, const EvidenceSources *sources, const char *target,
                                 Instant judged, GError **error)
{
  g_autoptr(EvidenceView) view = g_new0(EvidenceView, 1);
  size_t n = evidence_n_sources(sources);
  view->sources = sources;
  view->target = target;
  view->judged = judged;
  view->texts = g_string_chunk_new(64 * 1024);
  view->stands = g_new0(EvidenceStand, n + 1);
  view->told = g_array_new(FALSE, FALSE, sizeof(Told));
  view->known = g_array_new(FALSE, FALSE, sizeof(Known));
  view->by_object = g_hash_table_new(g_str_hash, g_str_equal);
  if (!store_evidence_sources_each(store, take_stand, view, error) ||
      !store_evidence_each(store, target, take_row, view, error))
    return NULL;
  for (size_t i = 0; i < n; i++)
    judge(view, evidence_source_at(sources, i), &view->stands[i]);
  return g_steal_pointer(&view);
}

void evidence_view_free(EvidenceView *view)
{
  if (view == NULL)
    return;
  g_hash_table_unref(view->by_object);
  g_array_unref(view->told);
  g_array_unref(view->known);
  g_free(view->stands);
  g_string_chunk_free(view->texts);
  g_free(view);
}

const EvidenceStand *evidence_view_stand(const EvidenceView *view, size_t source)
{
  return &view->stands[source];
}

size_t evidence_view_n_objects(const EvidenceView *view)
{
  return view->known->len;
}

const char *evidence_view_object(const EvidenceView *view, size_t i)
{
  return g_array_index(view->known, Known, i).object;
}

// ---------------------------------------------------------------------------------------------
// Asking.

static const Known *find(const EvidenceView *view, const char *object)
{
  gsize i = GPOINTER_TO_SIZE(g_hash_table_lookup(view->by_object, object));
  return i == 0 ? NULL : &g_array_index(view->known, Known, i - 1);
}

static const Told *told_by(const EvidenceView *view, const Known *known, size_t source)
{
  for (size_t i = 0; known != NULL && i < known->n; i++) {
    const Told *told = &g_array_index(view->told, Told, known->first + i);
    if (told->source == source)
      return told;
  }
  return NULL;
}

// Uses that any source tells of, also one that cannot be judged by otherwise. A use that is told exactly is not hidden
// by an earlier one that may have been later.
static void find_latest(const EvidenceView *view, const Known *known, EvidenceUse *out)
{
  for (size_t i = 0; known != NULL && i < known->n; i++) {
    const Told *told = &g_array_index(view->told, Told, known->first + i);
    if (told->moment == INSTANT_NONE)
      continue;
    if (told->moment > out->moment) {
      out->moment = told->moment;
      out->source = told->source;
    }
    out->latest = MAX(out->latest, told->moment + told->precision_s);
  }
}

// Why the source says nothing of the account; NULL: it does, if only by not listing it.
static const char *silence(const EvidenceView *view, const Known *known, size_t source)
{
  const EvidenceStand *stand = &view->stands[source];
  const EvidenceSource *what = evidence_source_at(view->sources, source);
  if (!stand->counts)
    return stand->why;
  if (strcmp(what->target, view->target) != 0)
    return _("a source is asked that speaks of another target's accounts");
  const Told *told = told_by(view, known, source);
  if (told != NULL && told->collected == INSTANT_NONE)
    return _("what a source says of this account is not believed");
  if (what->complete || (told != NULL && told->collected == stand->collected))
    return NULL;
  return told != NULL ? _("a source that knew this account does not tell of it any more")
                      : _("a source does not know this account");
}

static Instant since_of(const EvidenceView *view, size_t source)
{
  Instant told = evidence_source_at(view->sources, source)->since;
  return told != INSTANT_NONE ? told : view->stands[source].since;
}

void evidence_view_ask(const EvidenceView *view, const char *object, const size_t *sources,
                       size_t n_sources, EvidenceUse *out)
{
  const Known *known = find(view, object);
  *out = (EvidenceUse){.moment = INSTANT_NONE,
                       .latest = INSTANT_NONE,
                       .source = EVIDENCE_NO_SOURCE,
                       .fault = EVIDENCE_NO_SOURCE,
                       .since = INSTANT_NONE,
                       .unused_to = view->judged};
  find_latest(view, known, out);
  for (size_t i = 0; i < n_sources; i++) {
    const char *why = silence(view, known, sources[i]);
    if (why != NULL && out->why == NULL) {
      out->why = why;
      out->fault = sources[i];
    }
    if (why != NULL)
      continue;
    out->unused_to = MIN(out->unused_to, view->stands[sources[i]].reaches);
    out->since = MAX(out->since, since_of(view, sources[i]));
  }
  if (n_sources == 0)
    out->why = _("no source is asked about this account");
  out->answer = out->why != NULL              ? EVIDENCE_UNKNOWN
                : out->moment != INSTANT_NONE ? EVIDENCE_USED
                                              : EVIDENCE_NEVER;
}

size_t evidence_view_told(const EvidenceView *view, const char *object, EvidenceTold *out)
{
  const Known *known = find(view, object);
  size_t n = 0;
  for (size_t i = 0; i < evidence_n_sources(view->sources); i++) {
    const Told *told = told_by(view, known, i);
    if (told == NULL)
      continue;
    bool never = told->moment == INSTANT_NONE;
    out[n++] = (EvidenceTold){.source = i,
                              .moment = told->moment,
                              .latest = never ? INSTANT_NONE : told->moment + told->precision_s,
                              .collected = told->collected,
                              .current = told->collected == view->stands[i].collected};
  }
  return n;
}
