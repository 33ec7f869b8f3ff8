// SPDX-License-Identifier: GPL-3.0-or-later
//
// Lists that people hand back, edited in Excel or elsewhere. Each row is a statement of its own: what is sound is
// taken, what is not is told, here and on the next list. A row that is missing says nothing.
#include "task_p.h"

#include <csv.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_BYTES ((size_t)16 << 20)
#define RECENT_DAYS 300

typedef enum Column {
  COLUMN_NUMBER,
  COLUMN_STATE,
  COLUMN_DAY,
  COLUMN_WHO,
  COLUMN_EVIDENCE,
  COLUMN_REMARK,
  N_COLUMNS
} Column;

static const struct {
  const char *head;
  bool needed;
} columns[N_COLUMNS] = {
    [COLUMN_NUMBER] = {"作業番号", true}, [COLUMN_STATE] = {"状態", true},
    [COLUMN_DAY] = {"完了日", false},     [COLUMN_WHO] = {"担当", false},
    [COLUMN_EVIDENCE] = {"確認", false},  [COLUMN_REMARK] = {"備考", false},
};

// A file being read.
typedef struct Sheet {
  const char *name;  // for findings
  Findings *findings;
  GPtrArray *rows;        // GPtrArray of char *
  GPtrArray *row;         // being read
  ssize_t at[N_COLUMNS];  // which cell; -1 = none
} Sheet;

// What a row says.
typedef struct Statement {
  size_t line;  // as Excel counts
  Task *task;
  TaskTold told;
  TaskFault fault;
  Column where;  // of the fault
} Statement;

// ---------------------------------------------------------------------------------------------
// Bytes to rows

static void tell(const Sheet *sheet, const Finding *finding, const char *text)
{
  Finding whole = *finding;
  whole.file = sheet->name;
  findings_add(sheet->findings, &whole, "%s", text);
}

static bool reject(const Sheet *sheet, const char *code, const char *text)
{
  tell(sheet, &(Finding){.level = FINDING_ERROR, .code = code}, text);
  return false;
}

static void take_cell(void *bytes, size_t n_bytes, void *data)
{
  Sheet *sheet = data;
  g_autofree char *cell = g_strndup(bytes ? bytes : "", n_bytes);
  g_autoptr(GString) plain = g_string_new(NULL);
  filled_cell(cell, plain);
  g_ptr_array_add(sheet->row, g_strdup(plain->str));
}

static void take_row(int end, void *data)
{
  (void)end;
  Sheet *sheet = data;
  g_ptr_array_add(sheet->rows, sheet->row);
  sheet->row = g_ptr_array_new_with_free_func(g_free);
}

static int never(unsigned char c)
{
  (void)c;
  return 0;
}

static int is_newline(unsigned char c)
{
  return c == '\n';
}

static bool cut_rows(Sheet *sheet, const char *text)
{
  struct csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0)
    g_error("libcsv: cannot start");
  csv_set_space_func(&parser, never);
  csv_set_term_func(&parser, is_newline);
  csv_set_delim(&parser, (unsigned char)filled_separator(text));
  size_t n_bytes = strlen(text);
  bool whole = csv_parse(&parser, text, n_bytes, take_cell, take_row, sheet) == n_bytes &&
               csv_fini(&parser, take_cell, take_row, sheet) == 0;
  csv_free(&parser);
  return whole;
}

static bool read_rows(Sheet *sheet, const char *bytes, size_t n_bytes)
{
  g_autofree char *text = filled_decode(bytes, n_bytes);
  if (!text)
    return reject(sheet, "task-list-encoding",
                  _("the file is neither UTF-8 nor CP932: save it from Excel as CSV again"));
  if (!g_str_has_suffix(text, "\n"))
    return reject(sheet, "task-list-cut",
                  _("the last line has no end: the file is cut short or still being written. "
                    "Nothing of it was taken; save it again if it stays so"));
  if (!cut_rows(sheet, text))
    return reject(sheet, "task-list-cut",
                  _("a quotation mark is not closed: the file is cut short or damaged. Nothing of "
                    "it was taken; save it from Excel as CSV again"));
  return true;
}

static const char *cell(const Sheet *sheet, const GPtrArray *row, Column column)
{
  ssize_t at = sheet->at[column];
  return at >= 0 && (size_t)at < row->len ? row->pdata[at] : "";
}

static bool find_columns(Sheet *sheet)
{
  const GPtrArray *heads = sheet->rows->len ? sheet->rows->pdata[0] : NULL;
  for (size_t i = 0; i < N_COLUMNS; i++) {
    sheet->at[i] = -1;
    for (size_t j = 0; heads && j < heads->len; j++)
      if (g_str_equal(heads->pdata[j], columns[i].head))
        sheet->at[i] = (ssize_t)j;
    if (sheet->at[i] >= 0 || !columns[i].needed)
      continue;
    g_autofree char *text = g_strdup_printf(
        _("the first line has no column %s: this is no list of tasks"), columns[i].head);
    return reject(sheet, "task-list-header", text);
  }
  return true;
}

// ---------------------------------------------------------------------------------------------
// Rows to statements

// Excel shows 4/1 as 4月1日 and saves that: the last such day is meant.
static bool read_month_day(const char *text, Date *out)
{
  unsigned month = 0, day = 0;
  char more = 0;
  if (sscanf(text, "%2u/%2u%c", &month, &day, &more) != 2 &&
      (sscanf(text, "%2u月%2u%c", &month, &day, &more) != 3 || !g_str_has_suffix(text, "日")))
    return false;
  Date today = date_of_instant(instant_now());
  int year = 0, ignored = 0;
  date_split(today, &year, &ignored, &ignored);
  *out = date_of(year, (int)month, (int)day);
  if (*out == DATE_NONE || *out > today)
    *out = date_of(year - 1, (int)month, (int)day);
  return *out != DATE_NONE && *out > today - RECENT_DAYS;
}

static bool read_day(const char *text, Date *out)
{
  DateFault fault = filled_day(text, out);
  if (fault == DATE_EMPTY)
    *out = DATE_NONE;
  if (fault == DATE_FINE || fault == DATE_EMPTY)
    return true;
  g_autoptr(GString) plain = g_string_new(NULL);
  text_nfkc(text, plain);
  g_auto(GStrv) words = g_strsplit(plain->str, " ", -1);
  g_autofree char *joined = g_strjoinv("", words);
  return read_month_day(joined, out);
}

static const char *or_null(const char *text)
{
  return *text ? text : NULL;
}

static void read_statement(const Sheet *sheet, const GPtrArray *row, Statement *out)
{
  out->told.who = or_null(cell(sheet, row, COLUMN_WHO));
  out->told.evidence = or_null(cell(sheet, row, COLUMN_EVIDENCE));
  const char *remark = cell(sheet, row, COLUMN_REMARK);
  out->told.remark = g_str_has_prefix(remark, TASK_NOTE) ? NULL : or_null(remark);
  if (!task_state_of(cell(sheet, row, COLUMN_STATE), &out->told.state)) {
    out->fault = TASK_FAULT_STATE_UNREAD;
    out->where = COLUMN_STATE;
  } else if (!read_day(cell(sheet, row, COLUMN_DAY), &out->told.day)) {
    out->fault = TASK_FAULT_DAY_UNREAD;
    out->where = COLUMN_DAY;
  }
}

// *task NULL: the row is empty, or has been told of.
static void find_task(const Sheet *sheet, const TaskBook *book, size_t i, Task **task)
{
  const GPtrArray *row = sheet->rows->pdata[i];
  const char *text = cell(sheet, row, COLUMN_NUMBER);
  int64_t run = 0;
  uint32_t n = 0;
  bool empty = true;
  for (size_t j = 0; j < row->len; j++)
    empty &= *(const char *)row->pdata[j] == '\0';
  *task = NULL;
  if (empty)
    return;
  bool fine = task_number_parse(text, &run, &n);
  if (fine && (*task = task_book_find(book, run, n)))
    return;
  Finding finding = {.level = FINDING_ERROR,
                     .code = fine ? "task-unknown" : "task-number",
                     .line = (int64_t)i + 1,
                     .column = sheet->at[COLUMN_NUMBER] + 1,
                     .field = columns[COLUMN_NUMBER].head,
                     .value = text};
  tell(
      sheet, &finding,
      fine
          ? _("there is no task of this number: the list may be that of another system, or too old")
          : _("this is no number of a task, or a digit of it is wrong: copy it from the list"));
}

static bool says_the_same(const TaskTold *a, const TaskTold *b)
{
  return a->state == b->state && a->day == b->day;
}

static GArray *read_statements(const Sheet *sheet, const TaskBook *book)
{
  GArray *all = g_array_new(false, true, sizeof(Statement));
  g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);  // Task -> index + 1
  for (size_t i = 1; i < sheet->rows->len; i++) {
    Statement statement = {.line = i + 1, .told.day = DATE_NONE};
    find_task(sheet, book, i, &statement.task);
    if (!statement.task)
      continue;
    read_statement(sheet, sheet->rows->pdata[i], &statement);
    size_t earlier = GPOINTER_TO_SIZE(g_hash_table_lookup(seen, statement.task));
    g_array_append_val(all, statement);
    g_hash_table_insert(seen, statement.task, GSIZE_TO_POINTER((size_t)all->len));
    if (!earlier)
      continue;
    Statement *a = &g_array_index(all, Statement, earlier - 1);
    Statement *b = &g_array_index(all, Statement, all->len - 1);
    if (!says_the_same(&a->told, &b->told)) {
      a->fault = b->fault = TASK_FAULT_TWICE;
      a->where = b->where = COLUMN_NUMBER;
    }
  }
  return all;
}

// ---------------------------------------------------------------------------------------------
// Statements into the book

static void refuse(const Sheet *sheet, TaskBook *book, const Statement *statement, TaskFault fault)
{
  const TaskFaultTraits *traits = task_fault(fault);
  const GPtrArray *row = sheet->rows->pdata[statement->line - 1];
  static const Column columns_of[TASK_N_FAULTS] = {
      [TASK_FAULT_NO_REASON] = COLUMN_REMARK,   [TASK_FAULT_NO_DAY] = COLUMN_DAY,
      [TASK_FAULT_TO_COME] = COLUMN_DAY,        [TASK_FAULT_TOO_EARLY] = COLUMN_DAY,
      [TASK_FAULT_OTHER_DAY] = COLUMN_DAY,      [TASK_FAULT_DAY_TOO_MANY] = COLUMN_DAY,
      [TASK_FAULT_DONE_BEFORE] = COLUMN_STATE,  [TASK_FAULT_WITHDRAWN] = COLUMN_STATE,
      [TASK_FAULT_STATE_UNREAD] = COLUMN_STATE, [TASK_FAULT_DAY_UNREAD] = COLUMN_DAY,
  };
  Column where = columns_of[fault];
  g_autoptr(GString) number = g_string_new(NULL);
  task_number_format(statement->task->run, task_n(statement->task), number);
  g_autofree char *subject = g_strdup_printf("%s %s", number->str, statement->task->subject);
  Finding finding = {.level = FINDING_ERROR,
                     .code = traits->code,
                     .line = (int64_t)statement->line,
                     .column = sheet->at[where] + 1,
                     .field = columns[where].head,
                     .subject = subject,
                     .value = or_null(cell(sheet, row, where))};
  tell(sheet, &finding, _(traits->text));
  // Whoever filled it in sees the list, not the log.
  g_autofree char *note = g_strdup_printf(TASK_NOTE "：%s", traits->note);
  if (!task_is_waiting(statement->task) || g_strcmp0(statement->task->remark, note) == 0)
    return;
  task_set(&statement->task->remark, note);
  Task *task = statement->task;
  task_book_step(book, &task, 1);
}

static void take_statements(const Sheet *sheet, TaskBook *book)
{
  g_autoptr(GArray) all = read_statements(sheet, book);
  for (size_t i = 0; i < all->len; i++) {
    Statement *statement = &g_array_index(all, Statement, i);
    bool changed = false;
    TaskFault fault = statement->fault;
    if (fault == TASK_FINE)
      fault = task_report_take(book, statement->task, &statement->told, &changed);
    if (fault != TASK_FINE)
      refuse(sheet, book, statement, fault);
  }
}

static void take_bytes(const char *name, TaskBook *book, GBytes *bytes, Findings *findings,
                       bool *taken)
{
  Sheet sheet = {.name = name,
                 .findings = findings,
                 .rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref),
                 .row = g_ptr_array_new_with_free_func(g_free)};
  size_t n_bytes = 0;
  const char *text = g_bytes_get_data(bytes, &n_bytes);
  *taken = read_rows(&sheet, text, n_bytes) && find_columns(&sheet);
  if (*taken)
    take_statements(&sheet, book);
  g_ptr_array_unref(sheet.rows);
  g_ptr_array_unref(sheet.row);
}

// ---------------------------------------------------------------------------------------------
// Files

static char *place_for(const TaskConfig *own, const char *name)
{
  g_autoptr(GString) day = g_string_new(NULL);
  date_format(date_of_instant(instant_now()), day);
  for (int i = 1;; i++) {
    g_autofree char *suffix = i > 1 ? g_strdup_printf("-%d", i) : g_strdup("");
    char *path = g_strdup_printf("%s/taken/%s%s_%s", own->in, day->str, suffix, name);
    if (access(path, F_OK) != 0)
      return path;
    g_free(path);
  }
}

static bool unchanged(const struct stat *a, const struct stat *b)
{
  return a->st_ino == b->st_ino && a->st_size == b->st_size &&
         a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

// The book has it before the file goes. One that grew meanwhile stays, and is read again: that does no harm.
static bool put_away(const TaskConfig *own, const char *name, const struct stat *before,
                     GError **error)
{
  struct stat now;
  g_autofree char *path = g_build_filename(own->in, name, NULL);
  g_autofree char *to = place_for(own, name);
  if (lstat(path, &now) != 0 || !unchanged(before, &now))
    return true;
  if (rename(path, to) == 0)
    return file_sync_parent(to, error);
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("%s: cannot be moved to %s: %s"), path, to,
              g_strerror(errno));
  return false;
}

static bool take_file(TaskBook *book, const TargetConfig *config, const char *name,
                      Findings *findings, GError **error)
{
  const TaskConfig *own = task_config_of(config);
  g_autofree char *path = g_build_filename(own->in, name, NULL);
  g_autoptr(GError) unread = NULL;
  struct stat before;
  bool taken = false;
  g_autoptr(GBytes) bytes = lstat(path, &before) == 0 ? file_read(path, MAX_BYTES, &unread) : NULL;
  if (!bytes) {
    findings_add(findings,
                 &(Finding){.level = FINDING_ERROR, .code = "task-list-unread", .file = path}, "%s",
                 unread ? unread->message : g_strerror(errno));
    return true;
  }
  take_bytes(path, book, bytes, findings, &taken);
  return task_book_flush(book, error) && (!taken || put_away(own, name, &before, error));
}

static bool has_end(const char *name, const char *const *ends)
{
  g_autofree char *lower = g_ascii_strdown(name, -1);
  for (size_t i = 0; ends[i]; i++)
    if (g_str_has_suffix(lower, ends[i]))
      return true;
  return false;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *names_in(GDir *dir, const char *folder, Findings *findings)
{
  static const char *const ours[] = {".csv", ".txt", NULL}, *const books[] = {".xlsx", ".xls",
                                                                              NULL};
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  for (const char *name = NULL; (name = g_dir_read_name(dir));) {
    if (*name == '.' || *name == '~')
      continue;
    if (has_end(name, ours))
      g_ptr_array_add(names, g_strdup(name));
    else if (has_end(name, books)) {
      g_autofree char *path = g_build_filename(folder, name, NULL);
      findings_add(findings,
                   &(Finding){.level = FINDING_ERROR, .code = "task-list-workbook", .file = path},
                   _("a workbook of Excel cannot be read: save it as CSV"));
    }
  }
  g_ptr_array_sort(names, by_name);
  return names;
}

bool task_return_take(TaskBook *book, const TargetConfig *config, Findings *findings,
                      GError **error)
{
  const char *folder = task_config_of(config)->in;
  g_autoptr(GError) fault = NULL;
  g_autoptr(GDir) dir = g_dir_open(folder, 0, &fault);
  if (!dir) {
    // Nothing handed back, and a share that is not mounted, look alike.
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD, _("target %s: %s"), config->name, fault->message);
    return false;
  }
  g_autoptr(GPtrArray) names = names_in(dir, folder, findings);
  for (size_t i = 0; i < names->len; i++)
    if (!take_file(book, config, names->pdata[i], findings, error))
      return false;
  return true;
}
