// SPDX-License-Identifier: GPL-3.0-or-later
//
// Letters of a run. Nothing that goes wrong with them changes what the run did: it is told, and the letter waits.
#include "job/job_p.h"

#include <string.h>
#include <unistd.h>

static bool is_wanted(const Site *site, const RunRecord *record)
{
  const ReportRun *run = &record->run;
  bool problem = !report_run_is_good(run->exit) || run->killed != INSTANT_NONE;
  // Notes stand there night after night.
  bool news = run->fault != NULL || findings_count_level(run->findings, FINDING_WARNING) > 0;
  for (guint i = 0; i < run->counts->len && !news; i++) {
    const char *outcome = g_array_index(run->counts, ReportRunCount, i).outcome;
    news = strcmp(outcome, "already") != 0 && strcmp(outcome, "scheduled") != 0;
  }
  // A job that only sends letters would write one about each time that it ran.
  if (!record->letters && !problem)
    return false;
  return problem || site->mail->when == MAIL_ALWAYS || (site->mail->when == MAIL_CHANGES && news);
}

// ---------------------------------------------------------------------------------------------
// What a letter would say, but for the time: a job that fails every hour tells it twice a day.

static void add_text(GChecksum *sum, const char *text)
{
  g_checksum_update(sum, (const guchar *)(text != NULL ? text : ""), -1);
  g_checksum_update(sum, (const guchar *)"", 1);
}

static void add_item_to(GChecksum *sum, const ReportRunItem *item)
{
  const char *texts[] = {item->target, item->kind, item->outcome, item->object, item->detail};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    add_text(sum, texts[i]);
}

static void add_number(GChecksum *sum, int64_t n)
{
  g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, n);
  add_text(sum, text);
}

// What came to an end does so once: its number is part of it.
static void add_items(GChecksum *sum, const ReportRun *run)
{
  static const char *const none[] = {"already", "scheduled", NULL};
  for (guint i = 0; i < run->items->len; i++) {
    const ReportRunItem *item = &g_array_index(run->items, ReportRunItem, i);
    if (g_strv_contains(none, item->outcome))
      continue;
    add_item_to(sum, item);
    if (item->run != 0 && !report_run_is_trouble(item->outcome)) {
      add_number(sum, item->run);
      add_number(sum, item->n);
    }
  }
}

static void add_findings(GChecksum *sum, const Findings *findings)
{
  for (size_t i = 0; i < findings_count(findings); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    if (findings_at(findings, i)->level == FINDING_NOTE)
      continue;
    findings_format(findings_at(findings, i), text);
    add_text(sum, text->str);
  }
}

static char *said_by(const ReportRun *run)
{
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  add_number(sum, run->exit);
  add_number(sum, run->killed);
  add_text(sum, run->fault);
  for (guint i = 0; i < run->holds->len; i++)
    add_text(sum, run->holds->pdata[i]);
  add_items(sum, run);
  add_findings(sum, run->findings);
  return g_strdup(g_checksum_get_string(sum));
}

// Whether the job's last letter said the same, a while ago only.
static bool is_repeated(const Site *site, RunRecord *record, GString *out)
{
  g_autofree char *said = said_by(&record->run);
  Instant now = record->run.ended, ago = now - record->told;
  bool same = site->mail->when != MAIL_ALWAYS && record->told != INSTANT_NONE &&
              g_strcmp0(record->said, said) == 0 && ago >= 0 &&
              ago < (Instant)site->mail->repeat_hours * 3600;
  if (same) {
    g_autoptr(GString) when = g_string_new(NULL);
    instant_format(record->told, when);
    g_string_append_printf(out, _("mail: the letter of %s said the same: none is written\n"),
                           when->str);
    return true;
  }
  run_record_said(record, said, now);
  return false;
}

static void tell_unqueued(const GError *error, GString *out)
{
  g_string_append(out, _("mail: a letter cannot be queued: "));
  escape_text(out, error->message, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
}

// Two runs may begin in one second, or a clock be set back: the process is part of it.
static char *key_of(const ReportRun *run, const char *more)
{
  g_autoptr(GString) key = g_string_new("run/");
  g_string_append_printf(key, "%s/", run->job);
  instant_format(run->began, key);
  g_string_append_printf(key, "/%ld%s%s", (long)getpid(), more != NULL ? "/" : "",
                         more != NULL ? more : "");
  return g_string_free(g_steal_pointer(&key), FALSE);
}

static void queue_summary(const Site *site, RunRecord *record, GString *out)
{
  const ReportRun *run = &record->run;
  g_autoptr(GString) subject = g_string_new(NULL);
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(GString) json = g_string_new(NULL);
  g_autoptr(GError) error = NULL;
  g_autofree char *key = key_of(run, NULL);
  report_run_subject(run, subject);
  report_run_letter(run, text);
  report_run_json(run, json);
  LetterFile files[] = {{"run.txt", "text/plain; charset=UTF-8", out->str, out->len},
                        {"run.json", "application/json", json->str, json->len}};
  Letter letter = {.key = key,
                   .to = site->mail->operators,
                   .subject = subject->str,
                   .text = text->str,
                   .files = files,
                   .n_files = G_N_ELEMENTS(files)};
  if (mail_queue(site_mail(site), &letter, NULL, &error))
    return;
  tell_unqueued(error, out);
  run_record_said(record, NULL, INSTANT_NONE);
}

// ---------------------------------------------------------------------------------------------
// Digests of units: whose people the operations are about, on the run's day and on the plan's.

typedef struct Digests {
  const Site *site;
  const RunRecord *record;
  GHashTable *units;  // code -> GArray of ReportRunItem
} Digests;

static void add_to(Digests *digests, const char *unit, const ReportRunItem *item)
{
  GArray *items = g_hash_table_lookup(digests->units, unit);
  if (items == NULL) {
    items = g_array_new(FALSE, FALSE, sizeof(ReportRunItem));
    g_hash_table_insert(digests->units, g_strdup(unit), items);
  }
  const ReportRunItem *last =
      items->len > 0 ? &g_array_index(items, ReportRunItem, items->len - 1) : NULL;
  if (last == NULL || last->n != item->n || last->run != item->run)
    g_array_append_val(items, *item);
}

static bool add_item(Digests *digests, Roster *roster, const ReportRunItem *item, GError **error)
{
  const Person *person = NULL;
  if (!roster_person(roster, item->person, &person, error))
    return false;
  for (size_t i = 0; person != NULL && i < person->n_posts; i++)
    if (post_in_force(&person->posts[i], roster_when(roster)->at))
      add_to(digests, person->posts[i].unit, item);
  return true;
}

// What was done before this run, what only waits for its day, and what was only planned is no news.
static bool is_news(const ReportRunItem *item)
{
  static const char *const none[] = {"already", "scheduled", "skipped", "planned", NULL};
  return item->person != 0 && item->run != 0 && !g_strv_contains(none, item->outcome);
}

static bool collect(Digests *digests, Roster *const rosters[2], GError **error)
{
  const GArray *items = digests->record->run.items;
  size_t n_days = rosters[0] == rosters[1] ? 1 : 2;
  for (guint i = 0; i < items->len; i++) {
    const ReportRunItem *item = &g_array_index(items, ReportRunItem, i);
    for (size_t k = 0; k < n_days && is_news(item); k++)
      if (!add_item(digests, rosters[k], item, error))
        return false;
  }
  return true;
}

// NULL when something came to an end. What only stands as it stood is told once: heads can do nothing about it.
static char *standing(const GArray *items)
{
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  for (guint i = 0; i < items->len; i++) {
    const ReportRunItem *item = &g_array_index(items, ReportRunItem, i);
    if (!report_run_is_trouble(item->outcome))
      return NULL;
    add_item_to(sum, item);
  }
  return g_strdup(g_checksum_get_string(sum));
}

static char *unit_key(const ReportRun *run, const char *code, const GArray *items)
{
  g_autofree char *same = standing(items);
  g_autofree char *more = g_strconcat("unit/", code, NULL);
  return same != NULL ? g_strdup_printf("run/%s/%s/%s", run->job, more, same) : key_of(run, more);
}

// Today's unit, or one that begins on the plan's day.
static bool queue_unit(const Digests *digests, Roster *const rosters[2], const char *code,
                       GError **error)
{
  Roster *roster = rosters[roster_unit(rosters[0], code) == NULL];
  const ReportRun *run = &digests->record->run;
  g_autoptr(GPtrArray) to = g_ptr_array_new_with_free_func(g_free);
  if (!job_mail_of_unit(digests->site, roster, code, to, error) || to->len == 0)
    return error == NULL || *error == NULL;
  g_ptr_array_add(to, NULL);
  const Unit *unit = roster_unit(roster, code);
  const GArray *items = g_hash_table_lookup(digests->units, code);
  g_autofree char *key = unit_key(run, code, items);
  g_autofree char *name = g_strjoin(" ", code, unit != NULL ? unit->name : NULL, NULL);
  g_autofree char *subject = g_strdup_printf(_("[idou] Accounts of %s"), name);
  g_autoptr(GString) text = g_string_new(NULL);
  report_run_unit(run, name, items, text);
  Letter letter = {
      .key = key, .to = (const char *const *)to->pdata, .subject = subject, .text = text->str};
  return mail_queue(site_mail(digests->site), &letter, NULL, error);
}

// A head without an address must not cost the other units their letters.
static bool queue_all_units(Digests *digests, Roster *const rosters[2], GString *out,
                            GError **error)
{
  if (!collect(digests, rosters, error))
    return false;
  GHashTableIter iter;
  gpointer code;
  g_hash_table_iter_init(&iter, digests->units);
  while (g_hash_table_iter_next(&iter, &code, NULL)) {
    g_autoptr(GError) local = NULL;
    if (!queue_unit(digests, rosters, code, &local))
      tell_unqueued(local, out);
  }
  return true;
}

static Roster *open_roster(Store *store, const Mapping *mapping, Date as_of, GError **error)
{
  RosterWhen when = {.as_of = as_of, .known_at = store_known_by(store, instant_now())};
  Roster *roster = roster_open(store, &when, error);
  if (roster != NULL)
    mapping_titles(mapping, roster);
  return roster;
}

static bool queue_units(const Site *site, const RunRecord *record, GString *out, GError **error)
{
  g_autoptr(GHashTable) units =
      g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  g_autoptr(Mapping) mapping = store == NULL ? NULL : mapping_load(site->mappings, findings, error);
  if (mapping == NULL)
    return false;
  Date today = date_of_instant(record->run.began);
  bool one_day = record->as_of == DATE_NONE || record->as_of == today;
  g_autoptr(Roster) now = open_roster(store, mapping, today, error);
  g_autoptr(Roster) then =
      now == NULL || one_day ? NULL : open_roster(store, mapping, record->as_of, error);
  if (now == NULL || (then == NULL && !one_day))
    return false;
  Digests digests = {site, record, units};
  return queue_all_units(&digests, (Roster *const[]){now, one_day ? now : then}, out, error);
}

void run_mail_queue(const Site *site, RunRecord *record, GString *out)
{
  g_autoptr(GError) error = NULL;
  if (site->mail == NULL)
    return;
  if (*site->mail->operators == NULL || !is_wanted(site, record))
    run_record_said(record, NULL, INSTANT_NONE);
  else if (!is_repeated(site, record, out))
    queue_summary(site, record, out);
  bool units = site->mail->units->len > 0 || site->mail->heads != NULL;
  bool any = record->run.items->len > 0 && site->here.name == NULL;
  if (units && any && !queue_units(site, record, out, &error))
    tell_unqueued(error, out);
}

// ---------------------------------------------------------------------------------------------

static void tell_sent(const MailSent *sent, GString *out)
{
  if (findings_count(sent->findings) > 0)
    report_findings(sent->findings, false, out);
  if (sent->n_sent + sent->n_waiting + sent->n_refused + sent->n_aside > 0)
    g_string_append_printf(out,
                           _("mail: sent=%" G_GINT64_FORMAT " waiting=%" G_GINT64_FORMAT
                             " refused=%" G_GINT64_FORMAT " given_up=%" G_GINT64_FORMAT "\n"),
                           sent->n_sent, sent->n_waiting, sent->n_refused, sent->n_aside);
}

bool run_mail_send(const Site *site, volatile const int *interrupted, MailSent *sent, GString *out)
{
  g_autoptr(GError) error = NULL;
  *sent = (MailSent){0};
  // Without a server they are for some other program that takes them out of the queue.
  if (site->mail == NULL || site->mail->config.server == NULL)
    return true;
  MailSend how = {.now = instant_now(), .interrupted = interrupted};
  bool fine = mail_send(site_mail(site), &how, sent, &error);
  if (fine)
    tell_sent(sent, out);
  // Another sender is at work: it, or the next one, takes them.
  else if (!g_error_matches(error, IDOU_ERROR, EXIT_LOCKED))
    g_string_append_printf(out, _("mail: nothing can be sent: %s\n"), error->message);
  else
    fine = true;
  return fine;
}
