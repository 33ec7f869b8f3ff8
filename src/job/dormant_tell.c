// SPDX-License-Identifier: GPL-3.0-or-later
//
// Who is told that accounts entered a stage: each unit by one list that it can answer, the bearers, the operators. From
// what stands in the ledger, never from a plan: what was not done is not told, and a run that was cut short goes on where
// it stopped. Letters have keys, questions are asked once: nobody gets anything twice.
#include "job/job_p.h"

#include <stdlib.h>
#include <string.h>

#define SCOPE "dormant"
#define TOLD "told"          // the last restriction that everybody was told of
#define LETTERED "lettered"  // the last inquiry that a letter was written for

typedef struct Told {
  RestrictionRow row;
  uint32_t person;
  const char *number, *name, *login, *unit;
  Instant used;
} Told;

typedef struct Teller {
  const Site *site;
  const DormantDone *done;
  Store *store;
  Roster *roster;
  Date today;
  GArray *rows;          // Told, by id
  GHashTable *standing;  // "TARGET OBJECT" of all that have a stage
  GStringChunk *texts;
  GString *out;
} Teller;

static const char *keep(const Teller *teller, const char *text)
{
  return g_string_chunk_insert(teller->texts, text == NULL ? "" : text);
}

static int64_t cursor_of(Store *store, const char *name)
{
  const char *text = store_cursor_get(store, SCOPE, name);
  return text == NULL ? 0 : g_ascii_strtoll(text, NULL, 10);
}

static bool set_cursor(Store *store, const char *name, int64_t value, GError **error)
{
  g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, value);
  return store_cursor_set(store, SCOPE, name, text, error);
}

// ---------------------------------------------------------------------------------------------
// What is new.

typedef struct Since {
  Teller *teller;
  int64_t after;
} Since;

static bool take_row(const RestrictionRow *row, void *data)
{
  const Since *since = data;
  Teller *teller = since->teller;
  if (strcmp(row->cause, RESTRICTION_DORMANT) != 0)
    return true;
  g_autofree char *key = g_strconcat(row->target, " ", row->object, NULL);
  g_hash_table_add(teller->standing, (gpointer)keep(teller, key));
  if (row->id <= since->after)
    return true;
  Told told = {.row = *row, .used = INSTANT_NONE};
  const char **const texts[] = {&told.row.target, &told.row.object, &told.row.what,
                                &told.row.reason, &told.row.source};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    *texts[i] = keep(teller, *texts[i]);
  const char *slash = strchr(told.row.object, '/');
  if (slash != NULL && !g_str_has_prefix(told.row.object, "orphan/"))
    told.person = (uint32_t)strtoul(slash + 1, NULL, 10);
  g_array_append_val(teller->rows, told);
  return true;
}

static bool take_use(const EvidenceRow *evidence, void *data)
{
  Told *told = data;
  told->used = MAX(told->used, evidence->moment);
  return true;
}

static bool describe(Teller *teller, Told *told, GError **error)
{
  GError *fault = NULL;
  const Person *person = NULL;
  told->number = told->login = told->unit = "";
  told->name = told->row.object;
  if (!store_evidence_of(teller->store, told->row.target, told->row.object, take_use, told, error))
    return false;
  if (told->person == 0)
    return true;
  if (!roster_person(teller->roster, told->person, &person, &fault)) {
    if (fault != NULL)
      g_propagate_error(error, fault);
    return fault == NULL;
  }
  told->number = keep(teller, person->number);
  told->name = keep(teller, person->fields[FIELD_NAME]);
  told->login = keep(teller, store_name_of(teller->store, "login", told->person));
  for (size_t i = 0; i < person->n_posts && *told->unit == '\0'; i++)
    if (person->posts[i].main)
      told->unit = keep(teller, person->posts[i].unit);
  return true;
}

static bool collect(Teller *teller, GError **error)
{
  Since since = {teller, cursor_of(teller->store, TOLD)};
  if (!store_restrictions_each(teller->store, NULL, take_row, &since, error))
    return false;
  for (guint i = 0; i < teller->rows->len; i++)
    if (!describe(teller, &g_array_index(teller->rows, Told, i), error))
      return false;
  return true;
}

// ---------------------------------------------------------------------------------------------
// Asking units: only of what can still be answered for before it hurts, or hurts since now, and not what they said
// themselves.

static bool is_asked(const Told *told)
{
  int64_t inquiry, n;
  if (*told->row.source == 'Q' && inquiry_number_parse(told->row.source, &inquiry, &n))
    return false;
  return strcmp(told->row.what, RESTRICT_NOTICE) == 0 ||
         strcmp(told->row.what, RESTRICT_DISABLE) == 0;
}

static Question question_of(const Teller *teller, const Told *told)
{
  bool disabled = strcmp(told->row.what, RESTRICT_DISABLE) == 0;
  g_autofree char *text = g_strdup_printf(
      disabled ? _("is switched off: %s") : _("will be switched off: %s"), told->row.reason);
  return (Question){.target = told->row.target,
                    .object = told->row.object,
                    .group = "",
                    .stable_id = keep(teller, store_binding_of(teller->store, told->row.target,
                                                               told->row.object)),
                    .number = told->number,
                    .label = told->name,
                    .system = told->row.target,
                    .account = *told->login != '\0' ? told->login : told->row.object,
                    .text = keep(teller, text),
                    .used = told->used,
                    .proposed = "",
                    .state = QUESTION_OPEN,
                    .until = DATE_NONE,
                    .reason = "",
                    .answered_by = "",
                    .source = "",
                    .answered = INSTANT_NONE};
}

static bool ask_unit(Teller *teller, const char *code, const GArray *questions, GError **error)
{
  const Unit *unit = roster_unit(teller->roster, code);
  g_autoptr(GString) day = g_string_new(NULL);
  date_format(teller->today, day);
  g_autofree char *title = g_strdup_printf(_("accounts that nobody uses, %s"), day->str);
  Inquiry inquiry = {.cause = RESTRICTION_DORMANT,
                     .unit = code,
                     .unit_name = unit == NULL ? "" : unit->name,
                     .title = title,
                     .who = "dormant",
                     .asked = teller->today,
                     .due = teller->today + dormant_tell(teller->done->dormant)->reply_days,
                     .limit = teller->today + teller->site->inquiry.keep_days};
  InquiryAsked asked;
  if (!inquiry_ask(teller->store, &inquiry, (const Question *)(const void *)questions->data,
                   questions->len, &asked, error))
    return false;
  if (asked.id != 0)
    g_string_append_printf(teller->out, _("asked: inquiry %" G_GINT64_FORMAT ", unit %s, %zu\n"),
                           asked.id, *code != '\0' ? code : "-", asked.n_asked);
  return true;
}

static int by_unit(const void *a, const void *b)
{
  const Told *x = *(const Told *const *)a, *y = *(const Told *const *)b;
  int order = strcmp(x->unit, y->unit);
  return order != 0 ? order : x->row.id < y->row.id ? -1 : x->row.id > y->row.id;
}

static bool ask(Teller *teller, GError **error)
{
  const DormantTell *tell = dormant_tell(teller->done->dormant);
  g_autoptr(GPtrArray) rows = g_ptr_array_new();
  g_autoptr(GArray) questions = g_array_new(FALSE, FALSE, sizeof(Question));
  for (guint i = 0; i < teller->rows->len; i++) {
    Told *told = &g_array_index(teller->rows, Told, i);
    if (is_asked(told) && (*told->unit != '\0' ? tell->heads : tell->operators))
      g_ptr_array_add(rows, told);
  }
  g_ptr_array_sort(rows, by_unit);
  for (guint i = 0; i < rows->len; i++) {
    const Told *told = g_ptr_array_index(rows, i);
    const Told *next = i + 1 < rows->len ? g_ptr_array_index(rows, i + 1) : NULL;
    Question question = question_of(teller, told);
    g_array_append_val(questions, question);
    if (next != NULL && strcmp(next->unit, told->unit) == 0)
      continue;
    if (!ask_unit(teller, told->unit, questions, error))
      return false;
    g_array_set_size(questions, 0);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Questions that nobody needs to answer any more: the account is in use again.

typedef struct Closing {
  Teller *teller;
  GArray *numbers;    // int64_t pairs
  GArray *inquiries;  // int64_t
} Closing;

static bool note_inquiry(const InquiryRow *inquiry, void *data)
{
  g_array_append_val(((Closing *)data)->inquiries, inquiry->id);
  return true;
}

static bool note_question(const QuestionRow *question, void *data)
{
  Closing *closing = data;
  if (strcmp(question->state, QUESTION_OPEN) != 0)
    return true;
  g_autofree char *key = g_strconcat(question->target, " ", question->object, NULL);
  if (g_hash_table_contains(closing->teller->standing, key))
    return true;
  g_array_append_val(closing->numbers, question->inquiry);
  g_array_append_val(closing->numbers, question->n);
  return true;
}

static bool close_questions(Closing *closing, GError **error)
{
  Store *store = closing->teller->store;
  if (!store_begin(store, error))
    return false;
  bool fine = true;
  for (guint i = 0; i + 1 < closing->numbers->len && fine; i += 2)
    fine = inquiry_close(store, g_array_index(closing->numbers, int64_t, i),
                         g_array_index(closing->numbers, int64_t, i + 1), "dormant",
                         _("in use again, or answered for"), error);
  if (fine && store_commit(store, error))
    return true;
  store_rollback(store);
  return false;
}

static bool close_answered(Teller *teller, GError **error)
{
  g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(int64_t));
  g_autoptr(GArray) inquiries = g_array_new(FALSE, FALSE, sizeof(int64_t));
  Closing closing = {teller, numbers, inquiries};
  bool fine =
      store_inquiries_each(teller->store, RESTRICTION_DORMANT, note_inquiry, &closing, error);
  for (guint i = 0; i < inquiries->len && fine; i++)
    fine = store_questions_each(teller->store, g_array_index(inquiries, int64_t, i), note_question,
                                &closing, error);
  return fine && (numbers->len == 0 || close_questions(&closing, error));
}

// ---------------------------------------------------------------------------------------------
// Letters.

static bool letter_unit(Teller *teller, const Inquiry *inquiry, GError **error)
{
  g_autoptr(GPtrArray) to = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GString) sheet = g_string_new(NULL), page = g_string_new(NULL);
  g_autoptr(GString) text = g_string_new(NULL);
  g_autofree char *key = g_strdup_printf("dormant/inquiry/%" G_GINT64_FORMAT, inquiry->id);
  InquiryCode code = teller->site->inquiry.cp932 ? INQUIRY_CP932 : INQUIRY_UTF8;
  if (*inquiry->unit == '\0')
    job_mail_of_operators(teller->site, to);
  else if (!job_mail_of_unit(teller->site, teller->roster, inquiry->unit, to, error))
    return false;
  if (!job_inquiry_write(teller->site, teller->store, inquiry->id, teller->out, error) ||
      !inquiry_sheet(teller->store, inquiry->id, code, sheet, error) ||
      !inquiry_page(teller->store, inquiry->id, page, error))
    return false;
  g_string_append_printf(
      text, _("Nobody seems to use the accounts in the attached list. Say of each whether it is "
              "kept, with a last day and a reason, or is not needed, and send the table back by "));
  date_format(inquiry->due, text);
  g_string_append(text, _(".\nWhoever logs in before the day falls out by themselves.\n"));
  const char *type =
      code == INQUIRY_CP932 ? "text/csv; charset=Shift_JIS" : "text/csv; charset=UTF-8";
  const LetterFile files[] = {{"list.csv", type, sheet->str, sheet->len},
                              {"list.html", "text/html; charset=UTF-8", page->str, page->len}};
  Letter letter = {.key = key,
                   .subject = inquiry->title,
                   .text = text->str,
                   .files = files,
                   .n_files = G_N_ELEMENTS(files)};
  return job_mail_letter(teller->site, &letter, to, teller->out, error);
}

static bool letter_units(Teller *teller, GError **error)
{
  g_autoptr(GArray) inquiries = g_array_new(FALSE, FALSE, sizeof(int64_t));
  Closing all = {.inquiries = inquiries};
  int64_t last = cursor_of(teller->store, LETTERED);
  if (!store_inquiries_each(teller->store, RESTRICTION_DORMANT, note_inquiry, &all, error))
    return false;
  for (guint i = 0; i < inquiries->len; i++) {
    int64_t id = g_array_index(inquiries, int64_t, i);
    Inquiry inquiry;
    if (id <= last)
      continue;
    if (!store_inquiry_get(teller->store, id, &inquiry)) {
      g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("inquiry %lld cannot be read"), (long long)id);
      return false;
    }
    inquiry.unit = keep(teller, inquiry.unit);
    inquiry.title = keep(teller, inquiry.title);
    if (!letter_unit(teller, &inquiry, error) || !set_cursor(teller->store, LETTERED, id, error))
      return false;
  }
  return true;
}

static bool letter_person(Teller *teller, const Told *told, GError **error)
{
  char *address = NULL;
  g_autoptr(GPtrArray) to = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GString) text = g_string_new(NULL);
  g_autofree char *key = g_strdup_printf("dormant/restriction/%" G_GINT64_FORMAT, told->row.id);
  bool disabled = strcmp(told->row.what, RESTRICT_DISABLE) == 0;
  if (!job_mail_of_person(teller->site, teller->roster, told->person, &address, error))
    return false;
  if (address == NULL)
    return true;
  g_ptr_array_add(to, address);
  g_string_append_printf(text,
                         disabled ? _("Your account %s in %s is switched off: %s.\nIf you need "
                                      "it, tell the head of your unit.\n")
                                  : _("Your account %s in %s will be switched off: %s.\nIf you "
                                      "need it, log in, or tell the head of your unit.\n"),
                         told->login, told->row.target, told->row.reason);
  Letter letter = {.key = key,
                   .subject =
                       disabled ? _("your account is switched off") : _("your account is not used"),
                   .text = text->str};
  return job_mail_letter(teller->site, &letter, to, teller->out, error);
}

static bool letter_people(Teller *teller, GError **error)
{
  for (guint i = 0; i < teller->rows->len; i++) {
    const Told *told = &g_array_index(teller->rows, Told, i);
    if (is_asked(told) && told->person != 0 && !letter_person(teller, told, error))
      return false;
  }
  return true;
}

static bool letter_operators(Teller *teller, int64_t last, GError **error)
{
  g_autoptr(GPtrArray) to = g_ptr_array_new_with_free_func(g_free);
  g_autoptr(GString) text = g_string_new(NULL);
  g_autofree char *key = g_strdup_printf("dormant/digest/%" G_GINT64_FORMAT, last);
  job_mail_of_operators(teller->site, to);
  for (guint i = 0; i < teller->rows->len; i++) {
    const Told *told = &g_array_index(teller->rows, Told, i);
    g_string_append_printf(text, "%s: %s %s %s %s: %s\n", told->row.what, told->row.target,
                           told->row.object, told->number, told->name, told->row.reason);
  }
  Letter letter = {.key = key, .subject = _("accounts that nobody uses"), .text = text->str};
  return job_mail_letter(teller->site, &letter, to, teller->out, error);
}

// ---------------------------------------------------------------------------------------------

static bool tell(Teller *teller, GError **error)
{
  const DormantTell *whom = dormant_tell(teller->done->dormant);
  if (!collect(teller, error) || !close_answered(teller, error) || !ask(teller, error) ||
      !letter_units(teller, error))
    return false;
  if (teller->rows->len == 0)
    return true;
  int64_t last = g_array_index(teller->rows, Told, teller->rows->len - 1).row.id;
  return (!whom->person || letter_people(teller, error)) &&
         (!whom->operators || letter_operators(teller, last, error)) &&
         set_cursor(teller->store, TOLD, last, error);
}

bool job_dormant_tell(const Site *site, const DormantDone *done, GString *out, GError **error)
{
  g_autoptr(Store) store = site_ledger(site, error);
  Instant now = instant_now();
  if (store == NULL)
    return false;
  RosterWhen when = {.as_of = date_of_instant(now), .known_at = store_known_by(store, now)};
  g_autoptr(Roster) roster = roster_open(store, &when, error);
  if (roster == NULL)
    return false;
  mapping_titles(done->mapping, roster);
  Teller teller = {.site = site,
                   .done = done,
                   .store = store,
                   .roster = roster,
                   .today = when.as_of,
                   .rows = g_array_new(FALSE, FALSE, sizeof(Told)),
                   .standing = g_hash_table_new(g_str_hash, g_str_equal),
                   .texts = g_string_chunk_new(4096),
                   .out = out};
  bool fine = tell(&teller, error);
  g_array_unref(teller.rows);
  g_hash_table_unref(teller.standing);
  g_string_chunk_free(teller.texts);
  return fine;
}
