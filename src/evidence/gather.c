// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a source says, object by object. Of several things said of one the latest counts; one that cannot be believed
// makes the whole account doubtful: it is then as if the source did not know it.
#include "evidence_p.h"

#include <string.h>

#define STRANGERS_NAMED 5
#define DOUBTS_TOLD 20

void gather_init(Gather *gather, const EvidenceSetup *setup, const Source *source)
{
  size_t n = 0;
  *gather = (Gather){.setup = setup, .source = source, .state = "failed"};
  gather->reaches = setup->now - source->told.late_s;
  gather->klass = source_klass(source, setup->mapping, &n);
  gather->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  gather->doubted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  gather->strangers = g_string_new(NULL);
}

void gather_clear(Gather *gather)
{
  g_clear_pointer(&gather->told, g_hash_table_unref);
  g_clear_pointer(&gather->doubted, g_hash_table_unref);
  if (gather->strangers != NULL)
    g_string_free(gather->strangers, TRUE);
  gather->strangers = NULL;
}

bool gather_fail(Gather *gather, const char *state, GError **error, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  gather->state = state;
  g_set_error(error, IDOU_ERROR, EXIT_UNREAD, "%s", text);
  return false;
}

bool gather_as_of(Gather *gather, Reader *reader, const char *const *places, GError **error)
{
  for (; *places != NULL; places++) {
    Instant true_at = reader_as_of(reader, *places);
    if (true_at == INSTANT_NONE)
      return gather_fail(gather, "failed", error, _("there is no export of %s yet"), *places);
    if (true_at != INSTANT_OPEN && true_at > gather->setup->now + gather->source->future_s)
      return gather_fail(gather, "future", error,
                         _("the export of %s is of a moment that is still to come"), *places);
    if (true_at < gather->setup->now)
      gather->reaches = MIN(gather->reaches, true_at - gather->source->told.late_s);
  }
  return true;
}

static Gathered *known(Gather *gather, const char *object)
{
  Gathered *gathered = g_hash_table_lookup(gather->told, object);
  if (gathered == NULL) {
    gathered = g_new(Gathered, 1);
    *gathered = (Gathered){.moment = INSTANT_NONE};
    g_hash_table_insert(gather->told, g_strdup(object), gathered);
  }
  return gathered;
}

static void doubt(Gather *gather, const char *object, const Said *said, const char *code,
                  const char *text)
{
  g_hash_table_add(gather->doubted, g_strdup(object));
  if (gather->n_doubts++ >= DOUBTS_TOLD)
    return;
  Finding at = {.level = FINDING_WARNING,
                .code = code,
                .file = said->file,
                .line = said->line,
                .field = gather->source->told.name,
                .subject = said->account,
                .value = said->text};
  findings_add(gather->setup->findings, &at, "%s", text);
}

size_t gather_n_untold(const Gather *gather)
{
  return gather->n_doubts > DOUBTS_TOLD ? gather->n_doubts - DOUBTS_TOLD : 0;
}

static void use(Gather *gather, const char *object, const Gathered *new, const Said *said)
{
  Gathered *gathered = known(gather, object);
  if (new->moment > gather->setup->now + gather->source->future_s) {
    gather->n_future++;
    doubt(gather, object, said, "evidence-future",
          _("used in the future, says the source: it is not believed, and nothing is concluded for "
            "this account; is the clock there right?"));
    return;
  }
  bool later = gathered->moment == INSTANT_NONE || new->moment > gathered->moment;
  if (later || (new->moment == gathered->moment &&new->precision_s > gathered->precision_s))
    *gathered = *new;
}

void gather_say(Gather *gather, const char *object, const Said *said)
{
  Instant moment = INSTANT_NONE;
  int64_t grain_s = 0;
  MomentSaid what = MOMENT_NEVER;
  gather->n_said++;
  if (said->text != NULL)
    what = moment_read(&gather->source->forms, said->text, &moment, &grain_s);
  if (what == MOMENT_USED) {
    use(gather, object, &(Gathered){moment, grain_s + gather->source->told.precision_s}, said);
    return;
  }
  known(gather, object);
  if (what == MOMENT_NEVER)
    return;
  gather->n_unclear++;
  doubt(gather, object, said, "evidence-unclear",
        _("this is no moment in the form that the source is said to have; nothing is concluded for "
          "this account"));
}

void gather_at(Gather *gather, const char *object, Instant moment, const Said *said)
{
  gather->n_said++;
  if (moment == INSTANT_NONE)
    known(gather, object);
  else
    use(gather, object, &(Gathered){moment, 1 + gather->source->told.precision_s}, said);
}

void gather_closed(Gather *gather, const char *object, const Said *said)
{
  doubt(
      gather, object, said, "evidence-closed",
      _("not everything in the folder may be looked into: nothing is concluded for this account"));
}

void gather_stranger(Gather *gather, const char *account)
{
  if (gather->n_strangers++ >= STRANGERS_NAMED)
    return;
  g_string_append_printf(gather->strangers, "%s%s", gather->strangers->len > 0 ? ", " : "",
                         account);
}
