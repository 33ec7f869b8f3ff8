// SPDX-License-Identifier: GPL-3.0-or-later
//
// Lists that come back. Rows become statements first, so that those of one file that contradict each other are seen before
// one of them is taken.
#include "inquiry_p.h"

#include <string.h>

#define NOT_THERE (-1)

typedef struct Statement {
  const Row *row;
  int64_t inquiry, n;
  Answer answer;
  Date until;  // the day after the last one; DATE_NONE
} Statement;

typedef struct Taking {
  Store *store;
  const InquiryReply *reply;
  Findings *findings;
  InquiryTaken *out;
  const GArray *rows;  // Row
  int at[N_COLUMNS];   // which cell; NOT_THERE
  GArray *statements;
  char *unit;            // whose answers the file holds; NULL = not known yet
  GPtrArray *loaded;     // Asked: of its rows, as they were before the file
  GHashTable *seen;      // "12-7" -> place in statements + 1; 0 = its row was left out
  GHashTable *disputed;  // "12-7": rows of the file differ
  GHashTable *taken;     // "12-7": by a row of the file
} Taking;

static const char *cell(const Taking *taking, const Row *row, Column column)
{
  int at = taking->at[column];
  return at != NOT_THERE && (guint)at < g_strv_length(row->cells) ? row->cells[at] : "";
}

// ---------------------------------------------------------------------------------------------
// Findings

typedef struct Fault {
  const char *code;
  Column column;
  FindingLevel level;  // NOTE (0) stands for ERROR: notes have no such fault
} Fault;

static void tell(const Taking *taking, const Row *row, const Fault *fault, const char *text)
{
  const char *value = cell(taking, row, fault->column);
  const char *number = cell(taking, row, COLUMN_NUMBER);
  Finding finding = {.level = fault->level ? fault->level : FINDING_ERROR,
                     .code = fault->code,
                     .file = taking->reply->name,
                     .line = row->line,
                     .column = taking->at[fault->column] + 1,
                     .field = column_head(fault->column),
                     .subject = *number ? number : NULL,
                     .value = *value ? value : NULL};
  findings_add(taking->findings, &finding, "%s", text);
}

// Always false: the row is left out.
static bool refuse(const Taking *taking, const Row *row, const char *code, Column column,
                   const char *text)
{
  tell(taking, row, &(Fault){.code = code, .column = column}, text);
  taking->out->n_refused++;
  return false;
}

static bool reject(const Taking *taking, const char *code, int64_t line, const char *text)
{
  findings_add(
      taking->findings,
      &(Finding){.level = FINDING_ERROR, .code = code, .file = taking->reply->name, .line = line},
      "%s", text);
  return false;
}

// ---------------------------------------------------------------------------------------------
// One row to a statement, by what it holds alone

static bool read_answer(const Taking *taking, Statement *out)
{
  const char *until = cell(taking, out->row, COLUMN_UNTIL);
  bool more = *until || *cell(taking, out->row, COLUMN_REASON);
  out->answer = column_answer(cell(taking, out->row, COLUMN_ANSWER));
  if (out->answer == ANSWER_NONE && more)
    return refuse(taking, out->row, "reply-no-decision", COLUMN_ANSWER,
                  _("it says until when or why, and not what: write 継続 or 不要"));
  if (out->answer == ANSWER_UNREAD)
    return refuse(taking, out->row, "reply-no-decision", COLUMN_ANSWER,
                  _("this is neither 継続 nor 不要"));
  if (out->answer == ANSWER_BOTH)
    return refuse(taking, out->row, "reply-both", COLUMN_ANSWER,
                  _("it says 継続 and 不要: leave one of them"));
  if (out->answer == ANSWER_REMOVE && *until)
    return refuse(taking, out->row, "reply-both", COLUMN_UNTIL,
                  _("what is 不要 has no 期限: empty it, or write 継続"));
  return true;
}

static bool read_until(const Taking *taking, Statement *out)
{
  Date last = DATE_NONE;
  const char *text = cell(taking, out->row, COLUMN_UNTIL);
  DateFault fault = filled_day(text, &last);
  out->until = last == DATE_NONE ? DATE_NONE : last + 1;
  if (fault == DATE_FINE || fault == DATE_EMPTY)
    return true;
  g_autofree char *why =
      g_strdup_printf(_("no day can be told from this (%s): write it with its year, 2027/3/31"),
                      date_fault_text(fault));
  return refuse(taking, out->row, "reply-date", COLUMN_UNTIL, why);
}

static bool read_number(const Taking *taking, Statement *out)
{
  if (!out->row->ended)
    return refuse(taking, out->row, "reply-cut", COLUMN_NUMBER,
                  _("the file ends within this line: it is cut short. The lines before it were "
                    "taken; save the list again"));
  if (!inquiry_number_parse(cell(taking, out->row, COLUMN_NUMBER), &out->inquiry, &out->n))
    return refuse(taking, out->row, "reply-number", COLUMN_NUMBER,
                  _("this is no number of a question, such as Q12-7: copy it from the list"));
  return true;
}

static bool is_empty(const Row *row)
{
  for (char **text = row->cells; *text; text++)
    if (**text)
      return false;
  return true;
}

static char *statement_key(const Statement *statement)
{
  return g_strdup_printf("%lld-%lld", (long long)statement->inquiry, (long long)statement->n);
}

static bool is_said_by(const GHashTable *set, const Statement *statement)
{
  g_autofree char *key = statement_key(statement);
  return g_hash_table_contains((GHashTable *)set, key);
}

// Rows of the same question are all looked at: one that is about another account must not pass by being the second.
static void add_statement(Taking *taking, const Statement *statement, bool sound)
{
  char *key = statement_key(statement);
  bool before = g_hash_table_contains(taking->seen, key);
  guint place = GPOINTER_TO_UINT(g_hash_table_lookup(taking->seen, key));
  const Statement *first = place ? &g_array_index(taking->statements, Statement, place - 1) : NULL;
  if (before &&
      !(sound && first && first->answer == statement->answer && first->until == statement->until))
    g_hash_table_add(taking->disputed, g_strdup(key));
  if (sound)
    g_array_append_val(taking->statements, *statement);
  if (before)
    g_free(key);
  else
    g_hash_table_insert(taking->seen, key, GUINT_TO_POINTER(sound ? taking->statements->len : 0));
}

static void read_statements(Taking *taking)
{
  for (guint i = 1; i < taking->rows->len; i++) {
    Statement statement = {.row = &g_array_index(taking->rows, Row, i), .until = DATE_NONE};
    if (is_empty(statement.row) || !read_number(taking, &statement))
      continue;
    bool sound = read_answer(taking, &statement) && read_until(taking, &statement);
    add_statement(taking, &statement, sound);
  }
}

// ---------------------------------------------------------------------------------------------
// Against what was asked

static bool drops_zeros(const char *whole, const char *cut)
{
  const char *rest = whole + strspn(whole, "0");
  return *whole == '0' && *rest != '\0' && strspn(rest, "0123456789") == strlen(rest) &&
         strcmp(rest, cut) == 0;
}

// What is in the list's cell: also what CP932 or Excel made of it.
static bool is_as_asked(const char *asked, const char *text)
{
  g_autoptr(GString) whole = g_string_new(NULL);
  filled_cell(asked, whole);
  g_autoptr(GString) bytes = filled_encode(whole, true);
  g_autofree char *held = bytes ? filled_decode(bytes->str, bytes->len) : NULL;
  return strcmp(whole->str, text) == 0 || g_strcmp0(held, text) == 0 ||
         drops_zeros(whole->str, text);
}

static bool is_of_row(const Taking *taking, const Row *row, const Inquiry *inquiry,
                      const Question *question)
{
  static const struct {
    Column column;
    const char *code, *text;
  } checks[] = {
      {COLUMN_UNIT, "reply-unit",
       N_("the row was asked of another unit: a unit answers only its own list")},
      {COLUMN_PERSON, "reply-row-changed",
       N_("the list had another employee number in this row: rows are mixed up, or Excel changed "
          "it. Copy the row from the list again")},
      {COLUMN_ACCOUNT, "reply-row-changed",
       N_("the list had another account in this row: rows are mixed up, or Excel changed it. Copy "
          "the row from the list again")},
      {COLUMN_NAME, "reply-row-changed",
       N_("the list had another name in this row: rows are mixed up. Copy the row from the list "
          "again")},
      {COLUMN_SYSTEM, "reply-row-changed",
       N_("the list had another system in this row: rows are mixed up. Copy the row from the list "
          "again")},
      // Of one account there may be many rows: what they are about tells them apart.
      {COLUMN_TEXT, "reply-row-changed",
       N_("the list asked about something else in this row: rows are mixed up, or Excel changed "
          "it. Copy the row from the list again")},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
    g_autoptr(GString) asked = g_string_new(NULL);
    column_text(inquiry, question, checks[i].column, asked);
    if (taking->at[checks[i].column] != NOT_THERE &&
        !is_as_asked(asked->str, cell(taking, row, checks[i].column)))
      return refuse(taking, row, checks[i].code, checks[i].column, _(checks[i].text));
  }
  return true;
}

static bool is_of_unit(Taking *taking, const Row *row, const Inquiry *inquiry)
{
  if (!taking->unit)
    taking->unit = g_strdup(inquiry->unit);
  return strcmp(taking->unit, inquiry->unit) == 0 ||
         refuse(taking, row, "reply-unit", COLUMN_NUMBER,
                _("the row was asked of another unit: a unit answers only its own list"));
}

// Somebody may have made the account anew since.
static bool is_still_it(const Taking *taking, const Row *row, const Question *question)
{
  const char *bound = store_binding_of(taking->store, question->target, question->object);
  return *question->stable_id == '\0' || !bound || strcmp(bound, question->stable_id) == 0 ||
         refuse(taking, row, "reply-account-changed", COLUMN_ACCOUNT,
                _("the account that was asked about is gone, and another one stands in its place: "
                  "this answer is not about it"));
}

static bool says_enough(const Taking *taking, const Statement *statement, const Inquiry *inquiry)
{
  const Row *row = statement->row;
  bool keeps = statement->answer == ANSWER_KEEP && !inquiry->terse;
  Date last = statement->until == DATE_NONE ? DATE_NONE : statement->until - 1;
  if (!*cell(taking, row, COLUMN_WHO) && !taking->reply->who)
    return refuse(taking, row, "reply-nobody", COLUMN_WHO, _("it does not say who answers"));
  if (keeps && last == DATE_NONE)
    return refuse(taking, row, "reply-no-date", COLUMN_UNTIL,
                  _("it does not say until when it is to be kept"));
  if (keeps && !*cell(taking, row, COLUMN_REASON))
    return refuse(taking, row, "reply-no-reason", COLUMN_REASON,
                  _("it does not say why it is to be kept"));
  if (last != DATE_NONE && last < date_of_instant(instant_now()))
    return refuse(taking, row, "reply-date-past", COLUMN_UNTIL, _("this day is over already"));
  if (last == DATE_NONE || last <= inquiry->limit)
    return true;
  g_autoptr(GString) limit = g_string_new(NULL);
  date_format(inquiry->limit, limit);
  g_autofree char *text =
      g_strdup_printf(_("nothing is kept beyond %s without being asked again"), limit->str);
  return refuse(taking, row, "reply-date-far", COLUMN_UNTIL, text);
}

// ---------------------------------------------------------------------------------------------
// Into the ledger

static bool take_claim(const Taking *taking, const Inquiry *inquiry, const Question *asked,
                       Question *answer, GError **error)
{
  ClaimRow claim = {.target = asked->target,
                    .object = asked->object,
                    .cause = inquiry->cause,
                    .group = asked->group,
                    .until = answer->until,
                    .reason = answer->reason,
                    .source = answer->source,
                    .who = answer->answered_by,
                    .since = answer->answered};
  return (answer->claim = store_claim_add(taking->store, &claim, error)) != 0;
}

static Date end_of_keep(const Statement *statement, const Inquiry *inquiry)
{
  if (statement->answer != ANSWER_KEEP)
    return DATE_NONE;
  if (statement->until != DATE_NONE)
    return statement->until;
  return inquiry->limit == DATE_OPEN ? DATE_OPEN : inquiry->limit + 1;
}

static bool take_answer(Taking *taking, const Statement *statement, const Inquiry *inquiry,
                        const Question *asked, GError **error)
{
  const char *who = cell(taking, statement->row, COLUMN_WHO);
  g_autofree char *source =
      g_strdup_printf("%s:%lld", taking->reply->name, (long long)statement->row->line);
  bool keeps = statement->answer == ANSWER_KEEP;
  Question answer = {.inquiry = asked->inquiry,
                     .n = asked->n,
                     .state = keeps ? QUESTION_KEEP : QUESTION_REMOVE,
                     .until = end_of_keep(statement, inquiry),
                     .reason = cell(taking, statement->row, COLUMN_REASON),
                     .answered_by = *who ? who : taking->reply->who,
                     .source = source,
                     .answered = instant_now()};
  if (keeps && !take_claim(taking, inquiry, asked, &answer, error))
    return false;
  if (keeps)
    taking->out->n_kept++;
  else
    taking->out->n_removed++;
  return store_question_answer(taking->store, &answer, error);
}

static bool is_the_same(const Statement *statement, const Inquiry *inquiry, const Question *asked)
{
  const char *state = statement->answer == ANSWER_KEEP ? QUESTION_KEEP : QUESTION_REMOVE;
  return strcmp(asked->state, state) == 0 && asked->until == end_of_keep(statement, inquiry);
}

// While two answers differ nothing is taken away for either.
static bool dispute(const Taking *taking, const Statement *statement, const Question *asked,
                    GError **error)
{
  g_autoptr(GError) in_force = NULL;
  bool was_keep = strcmp(asked->state, QUESTION_KEEP) == 0;
  bool reopened = !was_keep && inquiry_reopen(taking->store, asked->inquiry, asked->n, &in_force);
  if (in_force && !g_error_matches(in_force, IDOU_ERROR, EXIT_USAGE)) {
    g_propagate_error(error, g_steal_pointer(&in_force));
    return false;
  }
  const char *then = reopened ? _("It is open again, so that nothing is taken away: answer it anew")
                     : was_keep ? _("That answer stands. If it was wrong: idou inquiry reopen")
                                : _("That is in force: only lifting it gives it back");
  g_autoptr(GString) day = g_string_new(NULL);
  date_format(date_of_instant(asked->answered), day);
  g_autofree char *text =
      g_strdup_printf(_("%s answered %s on %s (%s), which is not the same. %s"), asked->answered_by,
                      column_word(asked->state), day->str, asked->source, then);
  refuse(taking, statement->row, "reply-conflict", COLUMN_ANSWER, text);
  return true;
}

static bool is_fit(Taking *taking, const Statement *statement, const Asked *asked,
                   const Question *question)
{
  const Row *row = statement->row;
  // Not the other way round: a first row that is mixed up must not say whose the file is.
  if (!is_of_row(taking, row, &asked->inquiry, question) ||
      !is_of_unit(taking, row, &asked->inquiry))
    return false;
  if (is_said_by(taking->disputed, statement))
    return refuse(taking, row, "reply-conflict", COLUMN_ANSWER,
                  _("another line of the file answers the same question otherwise: leave one"));
  if (statement->answer == ANSWER_NONE)
    return true;
  if (strcmp(question->state, QUESTION_CLOSED) == 0) {
    g_autofree char *text = g_strdup_printf(
        _("the question is closed (%s): the list is older than that"), question->reason);
    return refuse(taking, row, "reply-closed", COLUMN_NUMBER, text);
  }
  // The same file again, also after the day it says.
  if (is_the_same(statement, &asked->inquiry, question))
    return true;
  return is_still_it(taking, row, question) && says_enough(taking, statement, &asked->inquiry);
}

static bool take_fit(Taking *taking, const Statement *statement, const Asked *asked,
                     const Question *question, GError **error)
{
  if (statement->answer == ANSWER_NONE) {
    taking->out->n_blank += strcmp(question->state, QUESTION_OPEN) == 0;
    return true;
  }
  // The same said twice is said once.
  if (!g_hash_table_add(taking->taken, statement_key(statement)))
    return true;
  if (strcmp(question->state, QUESTION_OPEN) == 0)
    return take_answer(taking, statement, &asked->inquiry, question, error);
  if (!is_the_same(statement, &asked->inquiry, question))
    return dispute(taking, statement, question, error);
  taking->out->n_already++;
  return true;
}

// NULL without `error`: there is none of this id.
static Asked *load(Taking *taking, int64_t inquiry, GError **error)
{
  Inquiry there;
  for (guint i = 0; i < taking->loaded->len; i++)
    if (((Asked *)taking->loaded->pdata[i])->inquiry.id == inquiry)
      return taking->loaded->pdata[i];
  if (!store_inquiry_get(taking->store, inquiry, &there)) {
    store_check(taking->store, error);
    return NULL;
  }
  Asked *asked = asked_load(taking->store, inquiry, error);
  if (asked)
    g_ptr_array_add(taking->loaded, asked);
  return asked;
}

static bool take_statement(Taking *taking, const Statement *statement, GError **error)
{
  g_autoptr(GError) fault = NULL;
  const Asked *asked = load(taking, statement->inquiry, &fault);
  const Question *question = asked ? asked_question(asked, statement->n) : NULL;
  if (fault) {
    g_propagate_error(error, g_steal_pointer(&fault));
    return false;
  }
  if (!question) {
    refuse(taking, statement->row, "reply-unknown", COLUMN_NUMBER,
           _("there is no question of this number: the list is of another system, or a digit is "
             "wrong"));
    return true;
  }
  return !is_fit(taking, statement, asked, question) ||
         take_fit(taking, statement, asked, question, error);
}

// ---------------------------------------------------------------------------------------------
// The file

static bool tell_twice(const Taking *taking, Column column)
{
  g_autofree char *text = g_strdup_printf(
      _("the first line has the column %s twice: leave the one that counts"), column_head(column));
  return reject(taking, "reply-header", 1, text);
}

static bool find_columns(Taking *taking)
{
  static const Column needed[] = {COLUMN_NUMBER, COLUMN_ACCOUNT, COLUMN_ANSWER};
  const Row *head = taking->rows->len ? &g_array_index(taking->rows, Row, 0) : NULL;
  for (size_t i = 0; i < N_COLUMNS; i++) {
    taking->at[i] = NOT_THERE;
    for (int j = 0; head && head->cells[j]; j++) {
      if (!column_is_head((Column)i, head->cells[j]))
        continue;
      if (taking->at[i] != NOT_THERE)
        return tell_twice(taking, (Column)i);
      taking->at[i] = j;
    }
  }
  for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
    if (taking->at[needed[i]] == NOT_THERE) {
      g_autofree char *text = g_strdup_printf(
          _("the first line has no column %s: this is none of our lists"), column_head(needed[i]));
      return reject(taking, "reply-header", 1, text);
    }
  return true;
}

static char *decode(Taking *taking)
{
  size_t n_bytes = 0;
  const char *bytes = g_bytes_get_data(taking->reply->bytes, &n_bytes);
  if (n_bytes >= 2 && (memcmp(bytes, "PK", 2) == 0 || memcmp(bytes, "\xD0\xCF", 2) == 0)) {
    reject(taking, "reply-workbook", 0, _("a workbook of Excel cannot be read: save it as CSV"));
    return NULL;
  }
  char *text = n_bytes ? filled_decode(bytes, n_bytes) : g_strdup("");
  if (!text)
    reject(taking, "reply-encoding", 0,
           _("the file is neither UTF-8 nor CP932: save it from Excel as CSV again"));
  return text;
}

static void tell_missing(const Taking *taking, const Asked *asked)
{
  size_t n_open = 0, n_missing = 0;
  for (guint i = 0; i < asked->questions->len; i++) {
    const Question *question = &g_array_index(asked->questions, Question, i);
    g_autofree char *key =
        g_strdup_printf("%lld-%lld", (long long)question->inquiry, (long long)question->n);
    bool open = strcmp(question->state, QUESTION_OPEN) == 0;
    n_open += open;
    n_missing += open && !g_hash_table_contains(taking->seen, key);
  }
  if (n_missing > 0)
    findings_add(taking->findings,
                 &(Finding){.level = FINDING_WARNING,
                            .code = "reply-incomplete",
                            .file = taking->reply->name},
                 _("%zu of %zu open questions of list %lld are not in the file: they stay open"),
                 n_missing, n_open, (long long)asked->inquiry.id);
}

static void tell_all_missing(const Taking *taking)
{
  for (guint i = 0; i < taking->loaded->len; i++) {
    const Asked *asked = taking->loaded->pdata[i];
    if (g_strcmp0(asked->inquiry.unit, taking->unit) == 0)
      tell_missing(taking, asked);
  }
}

static bool note_taken(const Taking *taking, GError **error)
{
  g_autofree char *n = g_strdup_printf("%u", taking->statements->len);
  const char *const detail[] = {"answers", n, NULL};
  return audit_note(taking->store,
                    &(AuditNote){.what = AUDIT_RETURNS,
                                 .who = taking->reply->who,
                                 .subject = taking->reply->name,
                                 .detail = detail},
                    error);
}

static bool take_all(Taking *taking, GError **error)
{
  read_statements(taking);
  if (!store_begin(taking->store, error))
    return false;
  for (guint i = 0; i < taking->statements->len; i++)
    if (!take_statement(taking, &g_array_index(taking->statements, Statement, i), error)) {
      store_rollback(taking->store);
      return false;
    }
  if (!note_taken(taking, error)) {
    store_rollback(taking->store);
    return false;
  }
  tell_all_missing(taking);
  return store_commit(taking->store, error);
}

static bool take_text(Taking *taking, const char *text, GError **error)
{
  g_auto(Rows) rows = {0};
  bool whole = rows_read(text, &rows);
  taking->rows = rows.rows;
  if (!find_columns(taking))
    return true;
  taking->out->read = true;
  if (!whole)
    reject(taking, "reply-cut", rows.cut,
           _("a quotation mark is not closed, or stands within a cell: the file is cut short or "
             "damaged. The lines before it were taken; save the list again"));
  return take_all(taking, error);
}

bool inquiry_take(Store *store, const InquiryReply *reply, Findings *findings, InquiryTaken *out,
                  GError **error)
{
  *out = (InquiryTaken){0};
  g_autoptr(GArray) statements = g_array_new(false, true, sizeof(Statement));
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) disputed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) loaded = g_ptr_array_new_with_free_func((GDestroyNotify)asked_free);
  Taking taking = {.store = store,
                   .reply = reply,
                   .findings = findings,
                   .out = out,
                   .statements = statements,
                   .unit = g_strdup(reply->unit),
                   .loaded = loaded,
                   .seen = seen,
                   .disputed = disputed,
                   .taken = taken};
  g_autofree char *text = decode(&taking);
  bool fine = !text || take_text(&taking, text, error);
  g_free(taking.unit);
  return fine;
}
