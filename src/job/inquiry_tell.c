// SPDX-License-Identifier: GPL-3.0-or-later
//
// Letters about lists: to whoever is asked, and to whoever is late. Lists of dormant accounts go out with the letters of
// that job (dormant_tell.c); who is late with one is reminded here all the same.
#include "job/job_p.h"

#include <string.h>

// The last list of which a letter is queued.
#define SCOPE "inquiry"
#define LETTERED "recertified-lettered"

typedef struct Telling {
  const Site *site;
  Store *store;
  Roster *roster;
  Findings *findings;
  GString *out;
  int64_t last;
  GError **error;
  bool fine;
} Telling;

static GPtrArray *addresses(const Telling *telling, const char *unit, GError **error)
{
  g_autoptr(GPtrArray) to = g_ptr_array_new_with_free_func(g_free);
  if (*unit == '\0')
    job_mail_of_operators(telling->site, to);
  else if (!job_mail_of_unit(telling->site, telling->roster, unit, to, error))
    return NULL;
  return g_steal_pointer(&to);
}

// ---------------------------------------------------------------------------------------------
// Asked

// Whoever is not told does not answer.
static void tell_unaddressed(const Telling *telling, const Inquiry *inquiry)
{
  g_autofree char *subject = g_strdup_printf("%s %s", inquiry->unit, inquiry->unit_name);
  findings_add(
      telling->findings,
      &(Finding){.level = FINDING_WARNING, .code = "inquiry-unaddressed", .subject = subject},
      _("no address of the unit is known (mail: units:, heads:): list %lld is to be handed over"),
      (long long)inquiry->id);
}

static bool letter_list(const Telling *telling, const InquiryCount *count, GError **error)
{
  const Inquiry *inquiry = &count->inquiry;
  InquiryCode code = telling->site->inquiry.cp932 ? INQUIRY_CP932 : INQUIRY_UTF8;
  g_autoptr(GString) sheet = g_string_new(NULL), page = g_string_new(NULL);
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(GPtrArray) to = addresses(telling, inquiry->unit, error);
  if (to == NULL || !inquiry_sheet(telling->store, inquiry->id, code, sheet, error) ||
      !inquiry_page(telling->store, inquiry->id, page, error))
    return false;
  if (to->len == 0)
    tell_unaddressed(telling, inquiry);
  g_autofree char *key = g_strdup_printf("inquiry/%lld/asked", (long long)inquiry->id);
  g_string_append_printf(text,
                         _("Please say of each of the %zu rights in the attached list whether it "
                           "is still needed (継続) or not (不要), and send the table back by "),
                         count->n_questions);
  date_format(inquiry->due, text);
  g_string_append(text, ".\n");
  const LetterFile files[] = {
      {"list.csv",
       code == INQUIRY_CP932 ? "text/csv; charset=Shift_JIS" : "text/csv; charset=UTF-8",
       sheet->str, sheet->len},
      {"list.html", "text/html; charset=UTF-8", page->str, page->len}};
  Letter letter = {.key = key,
                   .subject = inquiry->title,
                   .text = text->str,
                   .files = files,
                   .n_files = G_N_ELEMENTS(files)};
  return job_mail_letter(telling->site, &letter, to, telling->out, error);
}

static bool set_lettered(Store *store, int64_t id, GError **error)
{
  g_autofree char *text = g_strdup_printf("%lld", (long long)id);
  if (!store_begin(store, error))
    return false;
  if (store_cursor_set(store, SCOPE, LETTERED, text, error) && store_commit(store, error))
    return true;
  store_rollback(store);
  return false;
}

// The letter is on disk before it is noted: killed in between, its key keeps it from being queued twice.
static bool tell_asked(const InquiryCount *count, void *data)
{
  Telling *telling = data;
  if (count->inquiry.id <= telling->last)
    return true;
  telling->fine = (count->n_open == 0 || letter_list(telling, count, telling->error)) &&
                  set_lettered(telling->store, count->inquiry.id, telling->error);
  return telling->fine;
}

// ---------------------------------------------------------------------------------------------
// Late

static bool letter_late(const Telling *telling, const InquiryReminder *reminder, bool operators,
                        GError **error)
{
  g_autoptr(GString) text = g_string_new(NULL), due = g_string_new(NULL);
  g_autoptr(GPtrArray) to = addresses(telling, operators ? "" : reminder->unit, error);
  g_autofree char *key = g_strconcat(reminder->key, operators ? "/operators" : "", NULL);
  date_format(reminder->due, due);
  if (to == NULL)
    return false;
  g_string_append_printf(text, _("%s %s was to answer by %s, and %zu questions are open still.\n"),
                         reminder->unit, reminder->unit_name, due->str, reminder->n_open);
  Letter letter = {.key = key, .subject = _("answers are overdue"), .text = text->str};
  return job_mail_letter(telling->site, &letter, to, telling->out, error);
}

static void find_late(const Telling *telling, const InquiryReminder *reminder)
{
  g_autoptr(GString) due = g_string_new(NULL);
  g_autofree char *subject = *reminder->unit != '\0'
                                 ? g_strdup_printf("%s %s", reminder->unit, reminder->unit_name)
                                 : g_strdup(_("(operators)"));
  date_format(reminder->due, due);
  findings_add(telling->findings,
               &(Finding){.level = FINDING_WARNING, .code = "inquiry-overdue", .subject = subject},
               ngettext("%zu question that was to be answered by %s is open still",
                        "%zu questions that were to be answered by %s are open still",
                        reminder->n_open),
               reminder->n_open, due->str);
}

static bool tell_late(const InquiryReminder *reminder, void *data)
{
  Telling *telling = data;
  bool unit = *reminder->unit != '\0';
  find_late(telling, reminder);
  if (telling->site->mail == NULL)
    return true;
  telling->fine =
      (!unit || letter_late(telling, reminder, false, telling->error)) &&
      ((unit && !reminder->escalated) || letter_late(telling, reminder, true, telling->error));
  return telling->fine;
}

// ---------------------------------------------------------------------------------------------

static bool tell(Telling *telling, Date today, GError **error)
{
  const SiteInquiry *own = &telling->site->inquiry;
  const InquiryPatience patience = {today, own->remind_days, own->escalate_days};
  const char *last = store_cursor_get(telling->store, SCOPE, LETTERED);
  telling->last = last != NULL ? g_ascii_strtoll(last, NULL, 10) : 0;
  return (telling->site->mail == NULL ||
          inquiry_counts_each(telling->store, RESTRICTION_RECERTIFIED, today, tell_asked, telling,
                              error)) &&
         telling->fine &&
         inquiry_reminders_each(telling->store, &patience, tell_late, telling, error) &&
         telling->fine;
}

bool job_inquiry_tell(const Site *site, Findings *findings, GString *out, GError **error)
{
  g_autoptr(Store) store = site_ledger(site, error);
  if (store == NULL)
    return false;
  Instant now = instant_now();
  Date today = date_of_instant(now);
  const RosterWhen when = {.as_of = today, .known_at = store_known_by(store, now)};
  g_autoptr(Roster) roster = roster_open(store, &when, error);
  Telling telling = {.findings = findings,
                     .site = site,
                     .store = store,
                     .roster = roster,
                     .out = out,
                     .error = error,
                     .fine = true};
  return roster != NULL && tell(&telling, today, error);
}
