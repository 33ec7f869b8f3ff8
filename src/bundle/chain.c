// SPDX-License-Identifier: GPL-3.0-or-later
//
// Each bundle once and in order. What was accepted last stands in the store: "NUMBER DIGEST".
#include "bundle/bundle_p.h"

#include <string.h>

#define SCOPE "bundle accepted"

typedef struct Accepted {
  guint64 sequence;  // 0 = none yet
  char *digest;
} Accepted;

static void accepted_clear(Accepted *accepted)
{
  g_free(accepted->digest);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Accepted, accepted_clear)

static Accepted accepted_last(const char *segment, Store *store)
{
  Accepted last = {0};
  const char *text = store_cursor_get(store, SCOPE, segment);
  const char *space = text == NULL ? NULL : strchr(text, ' ');
  if (space == NULL)
    return last;
  last.sequence = g_ascii_strtoull(text, NULL, 10);
  last.digest = g_strdup(space + 1);
  return last;
}

bool bundle_is_current(const PlanBundle *bundle, Store *store)
{
  g_auto(Accepted) last = accepted_last(bundle->segment, store);
  return last.sequence == bundle->sequence && g_strcmp0(last.digest, bundle->digest) == 0;
}

static bool check_time(const PlanBundle *bundle, Instant now, GError **error)
{
  if (now < bundle->expires)
    return true;
  g_autoptr(GString) text = g_string_new(NULL);
  instant_format(bundle->expires, text);
  g_set_error(error, IDOU_ERROR, EXIT_BUNDLE_EXPIRED,
              _("bundle %u expired at %s: what it says may be no longer so. Fetch a new one"),
              bundle->sequence, text->str);
  return false;
}

static bool check_newer(const PlanBundle *bundle, const Accepted *last, GError **error)
{
  if (bundle->sequence > last->sequence)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_BUNDLE_REPLAYED,
              bundle->sequence == last->sequence
                  ? _("another bundle with number %u was accepted here before; this one is "
                      "refused. Somebody made two of one number: ask there")
                  : _("bundle %u is older than the one accepted last (%u): it is not taken again"),
              bundle->sequence, (unsigned)last->sequence);
  return false;
}

static bool check_follows(const PlanBundle *bundle, const Accepted *last, GError **error)
{
  bool follows =
      bundle->sequence == last->sequence + 1 && g_strcmp0(bundle->previous, last->digest) == 0;
  if (follows)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_BUNDLE_GAP,
              bundle->sequence == last->sequence + 1
                  ? _("bundle %u does not follow the one accepted last (%u), but another one of "
                      "that number: ask there; `idou bundle --accept` begins anew with it")
                  : _("bundle %u does not follow the one accepted last (%u): bring what is between "
                      "them first, or begin anew with it by `idou bundle --accept`"),
              bundle->sequence, (unsigned)last->sequence);
  return false;
}

bool bundle_check(const PlanBundle *bundle, const char *segment, Store *store, Instant now,
                  GError **error)
{
  if (strcmp(bundle->segment, segment) != 0) {
    g_set_error(error, IDOU_ERROR, EXIT_BUNDLE_SEGMENT,
                _("the bundle is for segment “%s”; this is “%s”"), bundle->segment, segment);
    return false;
  }
  g_auto(Accepted) last = accepted_last(segment, store);
  bool current = last.sequence == bundle->sequence && g_strcmp0(last.digest, bundle->digest) == 0;
  // What is older is no longer asked whether it is in time; a gap is told last, since it can be stepped over.
  return (current || check_newer(bundle, &last, error)) && check_time(bundle, now, error) &&
         (current || check_follows(bundle, &last, error));
}

bool bundle_accept(const PlanBundle *bundle, Store *store, GError **error)
{
  g_autofree char *text = g_strdup_printf("%u %s", bundle->sequence, bundle->digest);
  return store_cursor_set(store, SCOPE, bundle->segment, text, error);
}
