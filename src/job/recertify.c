// SPDX-License-Identifier: GPL-3.0-or-later
//
// Recertification (権限棚卸): each unit is asked which of the rights that its posts give are still needed.
#include "job/job_p.h"

#include <string.h>
#include <unistd.h>

typedef struct Starting {
  const Site *site;
  const RecertifyRequest *request;
  RecertifyStarted *out;
  Store *store;
  const Rights *rights;
  GHashTable *answered;  // key of a question of this round that has its answer
  GHashTable *names;     // "TARGET\nNAME" or "\nNAME" -> what people call it
  GHashTable *lists;     // unit -> GArray of Question
  const char *title;
} Starting;

// ---------------------------------------------------------------------------------------------
// What people call rights: `inquiry: names:`, a CSV.

static const char *const target_heads[] = {"連携先", "target", NULL};
static const char *const right_heads[] = {"権利", "right", NULL};
static const char *const name_heads[] = {"名称", "name", NULL};

static void take_names(const Grid *grid, GHashTable *names)
{
  int target = grid_column(grid, target_heads), right = grid_column(grid, right_heads),
      name = grid_column(grid, name_heads);
  for (size_t row = 1; right >= 0 && name >= 0 && row < grid_n_rows(grid); row++) {
    const char *of = target < 0 ? "" : grid_cell(grid, row, (size_t)target);
    const char *text = grid_cell(grid, row, (size_t)name);
    if (*text != '\0')
      g_hash_table_insert(names, g_strdup_printf("%s\n%s", of, grid_cell(grid, row, (size_t)right)),
                          g_strdup(text));
  }
}

static bool read_names(const Site *site, GHashTable *names, Findings *findings, GError **error)
{
  const char *path = site->inquiry.names;
  if (path == NULL)
    return true;
  g_autoptr(GBytes) bytes = file_read(path, (size_t)4 << 20, error);
  if (bytes == NULL)
    return false;
  gsize n = 0;
  const char *at = g_bytes_get_data(bytes, &n);
  g_autoptr(Grid) grid = grid_parse(at != NULL ? at : "", n, path, findings);
  if (grid == NULL || grid_column(grid, right_heads) < 0 || grid_column(grid, name_heads) < 0) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("%s: its first row has no columns “権利” (right) and “名称” (name)"), path);
    return false;
  }
  take_names(grid, names);
  return true;
}

static const char *call(const Starting *starting, const Right *right)
{
  g_autofree char *own = g_strdup_printf("%s\n%s", right->target, right->said);
  g_autofree char *any = g_strdup_printf("\n%s", right->said);
  const char *name = g_hash_table_lookup(starting->names, own);
  return name != NULL ? name : g_hash_table_lookup(starting->names, any);
}

static const char *system_of(const Site *site, const char *target)
{
  const GArray *systems = site->passwords != NULL ? site->passwords->systems : NULL;
  for (guint i = 0; systems != NULL && i < systems->len; i++) {
    const PasswordsSystem *system = &g_array_index(systems, PasswordsSystem, i);
    if (strcmp(system->target, target) == 0 && system->name != NULL)
      return system->name;
  }
  return target;
}

// ---------------------------------------------------------------------------------------------
// What was answered in this round: one that was cut short goes on where it was.

static char *question_key(const char *target, const char *object, const char *group)
{
  return g_strjoin("\n", target, object, group, NULL);
}

static bool add_answered(const Question *question, void *data)
{
  if (strcmp(question->state, QUESTION_KEEP) == 0 || strcmp(question->state, QUESTION_REMOVE) == 0)
    g_hash_table_add(data, question_key(question->target, question->object, question->group));
  return true;
}

typedef struct Round {
  const Starting *starting;
  GArray *ids;
} Round;

static bool add_of_round(const Inquiry *inquiry, void *data)
{
  const Round *round = data;
  if (strcmp(inquiry->title, round->starting->title) == 0 &&
      inquiry->due == round->starting->request->due)
    g_array_append_val(round->ids, inquiry->id);
  return true;
}

static bool read_answered(Starting *starting, GError **error)
{
  g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
  Round round = {starting, ids};
  bool fine =
      store_inquiries_each(starting->store, RESTRICTION_RECERTIFIED, add_of_round, &round, error);
  for (guint i = 0; fine && i < ids->len; i++) {
    int64_t id = g_array_index(ids, int64_t, i);
    fine =
        store_questions_each(starting->store, id, add_answered, starting->answered, error) &&
        job_inquiry_write_missing(starting->site, starting->store, id, starting->out->told, error);
  }
  return fine;
}

// ---------------------------------------------------------------------------------------------
// Questions

static bool take_latest(const EvidenceRow *evidence, void *data)
{
  Instant *used = data;
  *used = MAX(*used, evidence->moment);
  return true;
}

static bool add_question(Starting *starting, const Right *right, GError **error)
{
  const char *unit = right->units->len > 0 ? right->units->pdata[0] : "";
  const char *name = call(starting, right);
  g_autofree char *text =
      name != NULL ? g_strdup_printf("%s (%s)", name, right->said) : g_strdup(right->shown);
  Question question = {.target = right->target,
                       .object = right->object,
                       .group = right->group,
                       .stable_id = right->stable_id,
                       .number = right->number,
                       .label = right->label,
                       .system = system_of(starting->site, right->target),
                       .account = right->account,
                       .text = g_string_chunk_insert_const(starting->rights->texts, text),
                       .used = INSTANT_NONE,
                       .proposed = ""};
  GArray *list = g_hash_table_lookup(starting->lists, unit);
  if (list == NULL) {
    list = g_array_new(FALSE, FALSE, sizeof(Question));
    g_hash_table_insert(starting->lists, (gpointer)unit, list);
  }
  bool fine = store_evidence_of(starting->store, right->target, right->object, take_latest,
                                &question.used, error);
  g_array_append_val(list, question);
  return fine;
}

static bool is_listed(const char *const *list, const char *word)
{
  return list == NULL || g_strv_contains(list, word);
}

static bool is_wanted(Starting *starting, const Right *right)
{
  const RecertifyRequest *request = starting->request;
  const char *unit = right->units->len > 0 ? right->units->pdata[0] : "";
  if (right->number == NULL || !is_listed(request->units, unit) ||
      !is_listed(request->targets, right->target))
    return false;
  g_autofree char *key = question_key(right->target, right->object, right->group);
  bool answered = g_hash_table_contains(starting->answered, key);
  starting->out->n_answered += answered;
  return !answered;
}

// A right that comes by a post of the unit first: it knows the unit.
static const Right *right_of(const Starting *starting, const char *unit)
{
  for (guint i = 0; i < starting->rights->list->len; i++) {
    const Right *right = starting->rights->list->pdata[i];
    if (right->number != NULL && right->units->len > 0 && strcmp(right->units->pdata[0], unit) == 0)
      return right;
  }
  return NULL;
}

static bool ask_unit(Starting *starting, const char *unit, GError **error)
{
  const GArray *list = g_hash_table_lookup(starting->lists, unit);
  const RecertifyRequest *request = starting->request;
  RecertifyStarted *out = starting->out;
  InquiryAsked asked;
  const Right *first = right_of(starting, unit);
  Inquiry inquiry = {.cause = RESTRICTION_RECERTIFIED,
                     .unit = unit,
                     .unit_id = first != NULL ? first->unit_id : 0,
                     .unit_name = first != NULL ? first->unit_name : "",
                     .title = starting->title,
                     .who = request->who,
                     .asked = date_of_instant(instant_now()),
                     .due = request->due,
                     .limit = site_keep_limit(starting->site, request->due),
                     .terse = true};
  if (!inquiry_ask(starting->store, &inquiry, (const Question *)(const void *)list->data, list->len,
                   &asked, error))
    return false;
  out->n_lists += asked.id != 0;
  out->n_asked += asked.n_asked;
  out->n_open += asked.n_open;
  if (asked.id == 0)
    return true;
  g_string_append_printf(out->told, _("list %lld: %s %s: %zu rights\n"), (long long)asked.id, unit,
                         inquiry.unit_name, asked.n_asked);
  return job_inquiry_write(starting->site, starting->store, asked.id, out->told, error);
}

static int by_code(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool ask_all(Starting *starting, GError **error)
{
  for (guint i = 0; i < starting->rights->list->len; i++) {
    const Right *right = starting->rights->list->pdata[i];
    if (is_wanted(starting, right) && !add_question(starting, right, error))
      return false;
  }
  guint n = 0;
  g_autofree const char **units =
      (const char **)g_hash_table_get_keys_as_array(starting->lists, &n);
  qsort(units, n, sizeof *units, by_code);
  for (guint i = 0; i < n; i++)
    if (!ask_unit(starting, units[i], error))
      return false;
  return true;
}

// ---------------------------------------------------------------------------------------------

static char *title_of(const RecertifyRequest *request)
{
  g_autoptr(GString) title = g_string_new("権限棚卸 ");
  g_autoptr(GString) year = g_string_new(NULL);
  if (request->title != NULL)
    return g_strdup(request->title);
  date_format_wareki(date_of(date_fiscal_year(request->due), 4, 1), year);
  // "令和9年" of "令和9年4月1日".
  g_string_append_len(title, year->str, strstr(year->str, "年") + strlen("年") - year->str);
  g_string_append(title, "度");
  return g_string_free(g_steal_pointer(&title), FALSE);
}

static bool are_targets(const Site *site, const char *const *targets, GError **error)
{
  for (; targets != NULL && *targets != NULL; targets++) {
    size_t i = 0;
    while (site->targets[i] != NULL && strcmp(site->targets[i]->name, *targets) != 0)
      i++;
    if (site->targets[i] == NULL) {
      g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("there is no target “%s” here"), *targets);
      return false;
    }
  }
  return true;
}

// A unit of whom nobody has a right is told: its code may be wrong.
static void tell_empty(const Starting *starting)
{
  const char *const *unit = starting->request->units;
  for (; unit != NULL && *unit != NULL; unit++)
    if (!g_hash_table_contains(starting->lists, *unit) && starting->out->n_answered == 0)
      findings_add(starting->out->findings,
                   &(Finding){.level = FINDING_WARNING, .code = "nothing-to-ask", .subject = *unit},
                   _("no right of anybody in service comes by a post in this unit"));
}

static bool start(Starting *starting, GError **error)
{
  if (!read_answered(starting, error) ||
      !read_names(starting->site, starting->names, starting->out->findings, error) ||
      !ask_all(starting, error))
    return false;
  tell_empty(starting);
  return true;
}

static bool start_with(const Site *site, const RecertifyRequest *request, const Rights *rights,
                       RecertifyStarted *out, GError **error)
{
  g_autofree char *title = title_of(request);
  g_autoptr(Store) store = site_ledger(site, error);
  if (store == NULL)
    return false;
  g_autoptr(GHashTable) answered = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GHashTable) lists =
      g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_array_unref);
  Starting starting = {.site = site,
                       .request = request,
                       .out = out,
                       .store = store,
                       .rights = rights,
                       .answered = answered,
                       .names = names,
                       .lists = lists,
                       .title = title};
  return start(&starting, error);
}

bool job_recertify_start(const Site *site, const RecertifyRequest *request, RecertifyStarted *out,
                         GError **error)
{
  *out = (RecertifyStarted){.findings = findings_new(), .told = g_string_new(NULL)};
  g_auto(Rights) rights = {0};
  g_autoptr(Store) store = NULL;
  if (!are_targets(site, request->targets, error) ||
      (store = store_open(site->store, STORE_READ, error)) == NULL ||
      !rights_collect(site, store, request->as_of, out->findings, &rights, error))
    return false;
  int lock = job_intake_lock(site, error);
  bool fine = lock >= 0 && start_with(site, request, &rights, out, error);
  if (lock >= 0)
    close(lock);
  fine = fine && job_inquiry_tell(site, out->findings, out->told, error);
  out->exit = rights.unread->len > 0 ? EXIT_UNREAD : EXIT_DONE;
  return fine;
}

void recertify_started_clear(RecertifyStarted *started)
{
  g_clear_pointer(&started->findings, findings_free);
  if (started->told != NULL)
    g_string_free(started->told, TRUE);
}
