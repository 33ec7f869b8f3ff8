// SPDX-License-Identifier: GPL-3.0-or-later
#include "csv_p.h"

// ---------------------------------------------------------------------------------------------
// Reading

static void *open_reader(const TargetConfig *config, GError **error)
{
  return csv_view_open(config, false, error);
}

static void close_reader(void *view)
{
  csv_view_close(view);
}

// A folder has nothing by which it could be told from a copy; what it is for can be.
static bool fingerprint(const CsvView *view, GString *out)
{
  g_string_append_printf(out, "product=%s target=%s", view->product->name, view->config->name);
  return true;
}

static bool reader_fingerprint_csv(void *view, GString *out, GError **error)
{
  (void)error;
  return fingerprint(view, out);
}

static bool reader_schema_csv(void *data, Schema *schema, GPtrArray *classes, GError **error)
{
  const CsvView *view = data;
  (void)error;
  csv_schema(view->product, schema, classes);
  return true;
}

static bool reader_read_csv(void *data, const Scope *scope, const Schema *schema, ObservedFunc func,
                            void *func_data, size_t *n_entries, GError **error)
{
  CsvView *view = data;
  DitReading reading = {view->config, scope, schema, func, func_data};
  return dit_read(believed_now(view->believed), &reading, n_entries, error);
}

static Instant reader_as_of_csv(void *data, const char *place)
{
  const CsvView *view = data;
  g_autofree char *dn = g_strdup_printf("%s,%s", place, view->config->base);
  g_autofree char *row = NULL;
  const CsvFile *file = csv_place_of(view->config, dn, &row);
  return file ? csv_view_export(view, file) : INSTANT_NONE;
}

static void reader_remark_csv(void *data, GString *out)
{
  const CsvView *view = data;
  g_string_append(out, view->remark->str);
}

// ---------------------------------------------------------------------------------------------
// Writing

typedef struct Sender {
  const TargetConfig *config;
  CsvView *view;
  GPtrArray *secrets;  // CsvSecret
  GQueue *unanswered;  // Answer: not on the disk yet
  GQueue *answers;     // Answer
} Sender;

static void free_answer(void *answer)
{
  answer_clear(answer);
  g_free(answer);
}

static void close_writer(void *data)
{
  Sender *sender = data;
  csv_view_close(sender->view);
  g_ptr_array_unref(sender->secrets);
  g_queue_free_full(sender->unanswered, free_answer);
  g_queue_free_full(sender->answers, free_answer);
  g_free(sender);
}

static void *open_writer(const TargetConfig *config, GError **error)
{
  g_autoptr(CsvView) view = csv_view_open(config, true, error);
  if (!view || !csv_set_recover(view, error) || !believed_commit(view->believed, error)) {
    if (error && *error && (*error)->code != EXIT_LOCKED)
      (*error)->code = EXIT_FAILED;
    return NULL;
  }
  Sender *sender = g_new0(Sender, 1);
  sender->config = config;
  sender->view = g_steal_pointer(&view);
  sender->secrets = g_ptr_array_new_with_free_func(csv_secret_free);
  sender->unanswered = g_queue_new();
  sender->answers = g_queue_new();
  return sender;
}

static bool writer_fingerprint_csv(void *data, GString *out, GError **error)
{
  (void)error;
  return fingerprint(((Sender *)data)->view, out);
}

static bool writer_schema_csv(void *data, Schema *schema, GError **error)
{
  (void)error;
  csv_schema(((Sender *)data)->view->product, schema, NULL);
  return true;
}

static bool keep_secrets(Sender *sender, const Request *request, GError **error)
{
  size_t n = believed_n_pending(sender->view->believed);
  uint64_t id = believed_pending(sender->view->believed, n - 1)->id;
  for (size_t i = 0; i < request->mods->len; i++) {
    const Mod *mod = &g_array_index(request->mods, Mod, i);
    for (size_t j = 0; j < mod->values->len; j++) {
      const Bytes *value = &g_array_index(mod->values, Bytes, j);
      CsvSecret *secret = request_is_secret(request, value)
                              ? csv_secret_new(id, mod->attribute, value, error)
                              : NULL;
      if (secret)
        g_ptr_array_add(sender->secrets, secret);
      else if (error && *error)
        return false;
    }
  }
  return true;
}

static bool writer_send_csv(void *data, const Request *request, uint64_t token, GError **error)
{
  Sender *sender = data;
  g_autoptr(GString) why = g_string_new(NULL);
  Answer *answer = g_new0(Answer, 1);
  answer->token = token;
  g_queue_push_tail(sender->unanswered, answer);
  if (!csv_request_fits(sender->view, request, why)) {
    answer->code = LDAP_CONSTRAINT_VIOLATION;
    answer->text = g_strdup(why->str);
    return true;
  }
  const char *text = NULL;
  const Record *touched = NULL;
  answer->code = believed_execute(sender->view->believed, request, &text, &touched);
  answer->text = g_strdup(text);
  answer->stable_id = touched ? g_strdup(touched->stable_id) : NULL;
  answer->sent = answer->code == LDAP_SUCCESS;
  return !answer->sent || keep_secrets(sender, request, error);
}

// Nothing is answered before it is on the disk.
static bool writer_receive_csv(void *data, int timeout_ms, Answer *out, bool *got, GError **error)
{
  Sender *sender = data;
  (void)timeout_ms;
  (void)error;
  *got = false;
  if (g_queue_is_empty(sender->answers) && !g_queue_is_empty(sender->unanswered)) {
    g_autoptr(GError) failure = NULL;
    bool written = believed_commit(sender->view->believed, &failure);
    Answer *answer = NULL;
    while ((answer = g_queue_pop_head(sender->unanswered))) {
      answer->lost = !written;
      g_queue_push_tail(sender->answers, answer);
    }
    if (failure)
      log_note(LOG_NORMAL, "%s", failure->message);
  }
  g_autofree Answer *answer = g_queue_pop_head(sender->answers);
  if (answer) {
    *out = *answer;
    *got = true;
  }
  return true;
}

static void writer_forget_csv(void *data, uint64_t token)
{
  (void)data;
  (void)token;
}

static bool is_pending(const Believed *believed, uint64_t id)
{
  for (size_t i = 0; i < believed_n_pending(believed); i++)
    if (believed_pending(believed, i)->id == id)
      return true;
  return false;
}

// What is in memory only never was. Its number is given again, to another's row: the password must not stay.
static bool writer_reconnect_csv(void *data, GError **error)
{
  Sender *sender = data;
  g_clear_pointer(&sender->view, csv_view_close);
  g_queue_clear_full(sender->unanswered, free_answer);
  sender->view = csv_view_open(sender->config, true, error);
  for (size_t i = sender->secrets->len; sender->view && i-- > 0;)
    if (!is_pending(sender->view->believed,
                    ((const CsvSecret *)sender->secrets->pdata[i])->pending))
      g_ptr_array_remove_index(sender->secrets, (unsigned)i);
  return sender->view != NULL;
}

static bool writer_fetch_csv(void *data, const char *dn, const char *stable_id,
                             const char *attribute, Record **out, GError **error)
{
  Sender *sender = data;
  (void)attribute;
  (void)error;
  const Dit *now = believed_now(sender->view->believed);
  const Record *record = stable_id ? dit_with_id(now, stable_id) : dit_at_dn(now, dn);
  *out = record ? record_copy(record) : NULL;
  return true;
}

static bool writer_compare_csv(void *data, const char *dn, const char *attribute, const char *value,
                               bool *out, GError **error)
{
  Sender *sender = data;
  (void)error;
  const Dit *now = believed_now(sender->view->believed);
  const Record *record = dit_at_dn(now, dn);
  *out = record && dit_has_value(now, record, attribute, value);
  return true;
}

static bool writer_finish_csv(void *data, GError **error)
{
  Sender *sender = data;
  return believed_commit(sender->view->believed, error) &&
         csv_set_write(sender->view, sender->secrets, error);
}

static const char *explain(const char *text)
{
  return *text ? N_("the product does not take this by file") : NULL;
}

// ---------------------------------------------------------------------------------------------
// Receipts

static bool receipts(const TargetConfig *config, SettledFunc func, void *data, GError **error)
{
  g_autoptr(GPtrArray) secrets = g_ptr_array_new();
  g_autoptr(CsvView) view = csv_view_open(config, true, error);
  CsvTaker taker = {func, data};
  // Sent by a run that was killed before it could write the set: it is still due.
  return view && csv_set_recover(view, error) && csv_results_take(view, error) &&
         believed_commit(view->believed, error) && csv_set_write(view, secrets, error) &&
         believed_commit(view->believed, error) && csv_tell(view->believed, &taker, error);
}

static bool receipts_kept(const TargetConfig *config, GError **error)
{
  g_autofree char *folder = csv_state_folder(csv_product_of(config));
  BelievedTraits traits = csv_traits(config, true);
  g_autoptr(Believed) believed = believed_open(folder, &traits, error);
  if (!believed)
    return false;
  csv_forget_told(believed);
  csv_results_forget(csv_product_of(config), believed);
  return csv_set_tidy(config, believed, error) && believed_commit(believed, error);
}

// Of a request with several operations the last one that is settled decides for the row.
static void settle_one(const TargetConfig *config, Believed *believed, const Settled *settled)
{
  for (size_t i = 0; i < believed_n_pending(believed); i++) {
    const Pending *pending = believed_pending(believed, i);
    size_t n_before = pending->request->numbers->len;
    if (pending->request->run != settled->run || pending->done)
      continue;
    bool last = believed_release(believed, i, settled->n);
    if (pending->request->numbers->len == n_before)
      continue;
    g_autofree char *row = NULL;
    const CsvFile *file = csv_place_of(config, pending->request->dn, &row);
    bool done = settled->kind == OUTCOME_DONE;
    if (last)
      believed_settle(believed, i, &(Settling){done, done && file && file->in, NULL});
    return;
  }
}

static bool settle(const TargetConfig *config, const GArray *settled, GError **error)
{
  g_autofree char *folder = csv_state_folder(csv_product_of(config));
  BelievedTraits traits = csv_traits(config, true);
  g_autoptr(Believed) believed = believed_open(folder, &traits, error);
  for (size_t i = 0; believed && i < settled->len; i++)
    settle_one(config, believed, &g_array_index(settled, Settled, i));
  return believed && believed_commit(believed, error);
}

const TargetType csv_type = {
    .name = "csv",
    .keys = csv_keys,
    .configure = csv_configure,
    .unconfigure = csv_unconfigure,
    .passes_secrets = true,
    .reader_open = open_reader,
    .reader_close = close_reader,
    .reader_fingerprint = reader_fingerprint_csv,
    .reader_schema = reader_schema_csv,
    .reader_read = reader_read_csv,
    .reader_remark = reader_remark_csv,
    .reader_as_of = reader_as_of_csv,
    .writer_open = open_writer,
    .writer_close = close_writer,
    .writer_fingerprint = writer_fingerprint_csv,
    .writer_schema = writer_schema_csv,
    .writer_send = writer_send_csv,
    .writer_receive = writer_receive_csv,
    .writer_forget = writer_forget_csv,
    .writer_reconnect = writer_reconnect_csv,
    .writer_fetch = writer_fetch_csv,
    .writer_compare = writer_compare_csv,
    .writer_finish = writer_finish_csv,
    .explain = explain,
    .receipts = receipts,
    .receipts_kept = receipts_kept,
    .settle = settle,
};
