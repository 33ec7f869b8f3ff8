// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "targets/task_p.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LISTS                                                                                       \
  "teams: {desk: {title: 窓口}}\n"                                                                \
  "lists: {card: {title: カード, team: desk, words: {create: 発行}, deadline: {delete: 3d},\n" \
  "  shown: {holder: 氏名, unit: 所属}, columns: [unit]}}\n"

// A folder of its own with the target's settings, gone at the end.
typedef struct Bench {
  char *dir;
  Yaml *yaml;
  Findings *findings;
  TargetConfig *config;
} Bench;

static Bench *bench_new(const char *settings)
{
  Bench *bench = g_new0(Bench, 1);
  bench->dir = g_dir_make_tmp("task-XXXXXX", NULL);
  bench->findings = findings_new();
  g_autofree char *text = g_strconcat("type: task\npath: .\n", settings, NULL);
  bench->yaml = yaml_parse(text, strlen(text), "hands.yaml", bench->findings, NULL);
  bench->config =
      target_config_read(bench->yaml, yaml_root(bench->yaml), "hands", bench->dir, bench->findings);
  return bench;
}

static void remove_all(const char *path)
{
  g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
  for (const char *name = NULL; dir && (name = g_dir_read_name(dir));) {
    g_autofree char *below = g_build_filename(path, name, NULL);
    remove_all(below);
  }
  if (remove(path) != 0)
    g_printerr("%s: %s\n", path, g_strerror(errno));
}

static void bench_free(Bench *bench)
{
  target_config_free(bench->config);
  yaml_free(bench->yaml);
  findings_free(bench->findings);
  remove_all(bench->dir);
  g_free(bench->dir);
  g_free(bench);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bench, bench_free)

static Bench *bench_begun(const char *settings)
{
  Bench *bench = bench_new(settings);
  g_autoptr(GError) error = NULL;
  UNIT_TRUE(tasks_begin(bench->config, &error), "%s", error ? error->message : "");
  return bench;
}

static char *text_at(const Bench *bench, const char *name)
{
  g_autofree char *path = g_build_filename(bench->dir, name, NULL);
  char *text = NULL;
  g_file_get_contents(path, &text, NULL, NULL);
  return text ? text : g_strdup("");
}

// A card for the person, as a plan would have it.
static void create(const Bench *bench, uint32_t n, const char *holder, const char *attribute)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Writer) writer = writer_open(bench->config, &error);
  if (!UNIT_TRUE(writer != NULL, "%s", error ? error->message : ""))
    return;
  const Placed list = {"container/list=card", NULL, "list=card", NULL, true};
  writer_begin(writer, &list, 1, NULL);
  g_autofree char *name = g_strdup_printf("task=%u", n);
  g_autofree char *object = g_strdup_printf("card/%u", n);
  const OpValue values[] = {{VALUE_TEXT, "task", 4}, {VALUE_TEXT, holder, strlen(holder)}};
  const OpChange changes[] = {{.attribute = "objectClass", .new_values = &values[0], .n_new = 1},
                              {.attribute = attribute, .new_values = &values[1], .n_new = 1}};
  const Op op = {.n = n,
                 .kind = OP_CREATE,
                 .target = "hands",
                 .object = object,
                 .label = holder,
                 .parent = "container/list=card",
                 .name = name,
                 .changes = changes,
                 .n_changes = 2,
                 .not_before = INSTANT_NONE,
                 .why = "=order 1"};
  const Op *ops[] = {&op};
  Outcome outcome = {0};
  bool got = false;
  UNIT_TRUE(writer_submit(writer, &(Sending){.ops = ops, .n_ops = 1, .run = 12}, 1, &error));
  UNIT_TRUE(writer_collect(writer, 1000, &outcome, &got, &error) && got);
  bool secret = g_str_equal(attribute, "userPassword");
  UNIT_INT(outcome.kind, secret ? OUTCOME_FAILED : OUTCOME_SENT, "%s", outcome.detail);
  outcome_clear(&outcome);
  UNIT_TRUE(writer_finish(writer, &error));
}

// ---------------------------------------------------------------------------------------------

static void numbers(void)
{
  static const struct {
    const char *text;
    bool fine;
  } rows[] = {
      {"T12-7-", false},
      {"T12-7", false},
      {"", false},
      {"T", false},
      {"12-7-4-1", false},
      {"T-7-4", false},
      {"T12--4", false},
      {"T12-7-4x", false},
      {"T99999999999999999999-1-1", false},
      {"T12-99999999999-1", false},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    int64_t run = 0;
    uint32_t n = 0;
    UNIT_INT(task_number_parse(rows[i].text, &run, &n), rows[i].fine, "%s", rows[i].text);
  }
}

static void numbers_as_typed(void)
{
  g_autoptr(GString) number = g_string_new(NULL);
  task_number_format(12, 345, number);
  g_autofree char *small = g_ascii_strdown(number->str, -1);
  g_autofree char *bare = g_strdup(number->str + 1);
  g_autoptr(GString) wide = g_string_new(NULL);
  text_fullwidth(number->str, wide);
  g_autofree char *spaced = g_strdup_printf(" %c %s ", *number->str, number->str + 1);
  const char *const rows[] = {number->str, small, bare, wide->str, spaced};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    int64_t run = 0;
    uint32_t n = 0;
    UNIT_TRUE(task_number_parse(rows[i], &run, &n), "%s", rows[i]);
    UNIT_INT((long long)run, 12, "%s", rows[i]);
    UNIT_INT(n, 345, "%s", rows[i]);
  }
}

// Each digit that is mistyped, and each two neighbours that are exchanged.
static void check_digit(void)
{
  g_autoptr(GString) number = g_string_new(NULL);
  int64_t run = 0;
  uint32_t n = 0;
  task_number_format(1047, 2831, number);
  for (size_t i = 1; i < number->len; i++) {
    if (number->str[i] == '-')
      continue;
    g_autofree char *typed = g_strdup(number->str);
    for (char digit = '0'; digit <= '9'; digit++) {
      typed[i] = digit;
      UNIT_INT(task_number_parse(typed, &run, &n), digit == number->str[i], "%s", typed);
    }
    char next = number->str[i + 1];
    if (!g_ascii_isdigit(next) || next == number->str[i])
      continue;
    typed[i] = next;
    typed[i + 1] = number->str[i];
    UNIT_TRUE(!task_number_parse(typed, &run, &n), "%s", typed);
  }
}

// ---------------------------------------------------------------------------------------------

static void settings(void)
{
  static const struct {
    const char *text, *code;
  } rows[] = {
      {"lists: {a: {team: x}}\n", "key-missing"},
      {"teams: {x: {}}\n", "key-missing"},
      {"teams: {x: {title: X}}\nlists: {a: {team: y}}\n", "unknown-value"},
      {"teams: {../x: {title: X}}\nlists: {a: {team: ../x}}\n", "unknown-value"},
      {"teams: {x: {title: X, readers: no-such-group}}\nlists: {a: {team: x}}\n", "unknown-value"},
      {"teams: {x: {title: X}}\nlists: {a: {team: x, columns: [b]}}\n", "unknown-value"},
      {"teams: {x: {title: X}}\nlists: {a: {team: x, words: {made: b}}}\n", "yaml-key-unknown"},
      {"encoding: sjis\n" LISTS, "unknown-value"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Bench) bench = bench_new(rows[i].text);
    if (UNIT_TRUE(findings_count(bench->findings) > 0, "%s", rows[i].text))
      UNIT_STR(findings_at(bench->findings, 0)->code, rows[i].code, "%s", rows[i].text);
  }
  g_autoptr(Bench) bench = bench_new(LISTS);
  UNIT_INT((long long)findings_count(bench->findings), 0);
  UNIT_STR(bench->config->base, "task=hands");
}

// Nobody is asked to do everything again because a file is lost.
static void lost_book(void)
{
  g_autoptr(Bench) bench = bench_new(LISTS);
  g_autoptr(GError) none = NULL, again = NULL, damaged = NULL;
  UNIT_TRUE(reader_open(bench->config, &none) == NULL);
  UNIT_INT(none ? none->code : 0, EXIT_UNREAD);
  UNIT_TRUE(tasks_begin(bench->config, NULL));
  UNIT_TRUE(!tasks_begin(bench->config, &again));
  UNIT_INT(again ? again->code : 0, EXIT_USAGE);
  create(bench, 1, "山田", "holder");
  g_autofree char *text = text_at(bench, "state/book.jsonl");
  g_autofree char *path = g_build_filename(bench->dir, "state/book.jsonl", NULL);
  g_autofree char *worse = g_strconcat(text, "{\"tasks\":[{}]}\n", NULL);
  g_file_set_contents(path, worse, -1, NULL);
  UNIT_TRUE(reader_open(bench->config, &damaged) == NULL);
  UNIT_INT(damaged ? damaged->code : 0, EXIT_UNREAD);
}

static size_t n_tasks(const Bench *bench)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TaskBook) book = task_book_open(bench->config, false, &error);
  UNIT_TRUE(book != NULL, "%s", error ? error->message : "");
  return book ? task_book_tasks(book)->len : 0;
}

// Cut anywhere in its last line, that line does not count, and the next writing takes its place.
static void torn_line(void)
{
  g_autoptr(Bench) bench = bench_begun(LISTS);
  create(bench, 1, "山田", "holder");
  create(bench, 2, "鈴木", "holder");
  g_autofree char *path = g_build_filename(bench->dir, "state/book.jsonl", NULL);
  g_autofree char *text = text_at(bench, "state/book.jsonl");
  size_t n_bytes = strlen(text), n_before = n_bytes - 1;
  while (text[n_before - 1] != '\n')
    n_before--;
  for (size_t n = n_before; n < n_bytes; n += 40) {
    g_file_set_contents(path, text, (gssize)n, NULL);
    UNIT_INT((long long)n_tasks(bench), 1, "%zu bytes", n);
  }
  create(bench, 3, "佐藤", "holder");
  UNIT_INT((long long)n_tasks(bench), 2);
}

static void one_writer(void)
{
  g_autoptr(Bench) bench = bench_begun(LISTS);
  g_autoptr(TaskBook) book = task_book_open(bench->config, true, NULL);
  g_autoptr(GError) error = NULL;
  UNIT_TRUE(task_book_open(bench->config, true, &error) == NULL);
  UNIT_INT(error ? error->code : 0, EXIT_LOCKED);
  g_autoptr(Reader) reader = reader_open(bench->config, NULL);
  UNIT_TRUE(reader != NULL);
}

static void no_passwords(void)
{
  g_autoptr(Bench) bench = bench_begun(LISTS);
  create(bench, 1, "s3cret", "userPassword");
  UNIT_INT((long long)n_tasks(bench), 0);
  g_autofree char *book = text_at(bench, "state/book.jsonl");
  UNIT_TRUE(strstr(book, "s3cret") == NULL && strstr(book, "SSHA") == NULL);
}

// ---------------------------------------------------------------------------------------------
// Lists

static void lists(void)
{
  g_autoptr(Bench) bench = bench_begun(LISTS);
  create(bench, 1, "=HYPERLINK(\"x\")", "holder");
  create(bench, 2, "<script>'\"&", "holder");
  create(bench, 3, "山,田\n太郎", "holder");
  g_autofree char *sheet = text_at(bench, "out/desk.csv");
  g_autofree char *page = text_at(bench, "out/desk.html");
  UNIT_TRUE(g_str_has_prefix(sheet, "\xEF\xBB\xBF作業番号,期限,一覧,種別,対象者,所属,"), "%s",
            sheet);
  UNIT_TRUE(strstr(sheet, ",\"'=HYPERLINK(\"\"x\"\")\",") != NULL, "%s", sheet);
  UNIT_TRUE(strstr(sheet, ",'=order 1,") != NULL, "%s", sheet);
  UNIT_TRUE(strstr(sheet, ",\"山,田") != NULL, "%s", sheet);
  UNIT_TRUE(strstr(page, "<script") == NULL);
  UNIT_TRUE(strstr(page, "&lt;script&gt;&#39;&quot;&amp;") != NULL);
  UNIT_TRUE(strstr(page, "カード　発行") != NULL);
}

static void cp932(void)
{
  g_autoptr(Bench) bench = bench_begun("encoding: cp932\n" LISTS);
  create(bench, 1, "𠮷田髙", "holder");
  g_autofree char *sheet = text_at(bench, "out/desk.csv");
  g_autofree char *text = g_convert(sheet, -1, "UTF-8", "CP932", NULL, NULL, NULL);
  g_autofree char *page = text_at(bench, "out/desk.html");
  if (UNIT_TRUE(text != NULL))
    UNIT_TRUE(strstr(text, "〓田髙") != NULL, "%s", text);
  UNIT_TRUE(strstr(page, "𠮷田髙") != NULL);
}

static void readers(void)
{
  const struct group *own = getgrgid(getgid());
  if (!own)
    return;
  g_autofree char *settings_of = g_strdup_printf(
      "teams: {desk: {title: 窓口, readers: %s}}\nlists: {card: {team: desk}}\n", own->gr_name);
  g_autoptr(Bench) bench = bench_begun(settings_of);
  static const struct {
    const char *name;
    mode_t mode;
  } rows[] = {{"out/desk.csv", 0640}, {"out/desk.html", 0640},    {"out", 0711},
              {"state", 0700},        {"state/book.jsonl", 0600}, {"in", 0700}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    struct stat status = {0};
    g_autofree char *path = g_build_filename(bench->dir, rows[i].name, NULL);
    UNIT_TRUE(stat(path, &status) == 0, "%s", rows[i].name);
    UNIT_INT(status.st_mode & 0777, rows[i].mode, "%s", rows[i].name);
  }
}

// ---------------------------------------------------------------------------------------------
// Days as people write them; it is 2027-04-10.

static void days(void)
{
  static const struct {
    const char *text, *day;  // NULL: not taken
  } rows[] = {
      {"2027-04-01", "2027-04-01"},
      {"2027/4/1", "2027-04-01"},
      {"20270401", "2027-04-01"},
      {"R9.4.1", "2027-04-01"},
      {"令和9年4月1日", "2027-04-01"},
      {"46478", "2027-04-01"},
      {"4/1", "2027-04-01"},
      {"4月1日", "2027-04-01"},
      {"４／１", "2027-04-01"},
      {"2027/4/1 15:30", "2027-04-01"},
      {"令和9年 4月 1日", "2027-04-01"},
      {"2027-04-10", "2027-04-10"},
      {"2027-04-11", NULL},
      {"4/11", NULL},
      {"27/4/1", NULL},
      {"平成39年4月1日", NULL},
      {"2/30", NULL},
      {"きのう", NULL},
      {"", NULL},
      {"2025-04-01", NULL},
  };
  g_setenv("IDOU_NOW", "2027-04-10T08:00:00+09:00", true);
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Bench) bench = bench_begun(LISTS);
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(GString) number = g_string_new(NULL), got = g_string_new(NULL);
    create(bench, 1, "山田", "holder");
    task_number_format(12, 1, number);
    g_autofree char *text =
        g_strdup_printf("作業番号,状態,完了日\r\n%s,完了,%s\r\n", number->str, rows[i].text);
    g_autofree char *path = g_build_filename(bench->dir, "in/a.csv", NULL);
    g_file_set_contents(path, text, -1, NULL);
    g_autoptr(TaskBook) book = task_book_open(bench->config, true, NULL);
    UNIT_TRUE(task_return_take(book, bench->config, findings, NULL), "%s", rows[i].text);
    const Task *task = task_book_find(book, 12, 1);
    date_format(task->done_on, got);
    UNIT_STR(got->str, rows[i].day ? rows[i].day : "", "%s", rows[i].text);
    UNIT_INT((long long)findings_count(findings), rows[i].day ? 0 : 1, "%s", rows[i].text);
    UNIT_TRUE(access(path, F_OK) != 0, "%s", rows[i].text);
  }
  g_unsetenv("IDOU_NOW");
}

static void no_links(void)
{
  g_autoptr(Bench) bench = bench_begun(LISTS);
  g_autoptr(Findings) findings = findings_new();
  g_autofree char *path = g_build_filename(bench->dir, "in/a.csv", NULL);
  UNIT_INT(symlink("/etc/passwd", path), 0);
  g_autoptr(TaskBook) book = task_book_open(bench->config, true, NULL);
  UNIT_TRUE(task_return_take(book, bench->config, findings, NULL));
  if (UNIT_INT((long long)findings_count(findings), 1))
    UNIT_STR(findings_at(findings, 0)->code, "task-list-unread");
  struct stat status;
  UNIT_INT(lstat(path, &status), 0);
}

// A share that is not mounted is no team that hands nothing back.
static void no_folder(void)
{
  g_autoptr(Bench) bench = bench_begun(LISTS);
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GError) error = NULL;
  g_autofree char *in = g_build_filename(bench->dir, "in", NULL);
  remove_all(in);
  UNIT_TRUE(!target_take_in(bench->config, findings, &error));
  UNIT_INT(error ? error->code : 0, EXIT_UNREAD);
}

static const UnitTest tests[] = {
    {"numbers", numbers},
    {"numbers_as_typed", numbers_as_typed},
    {"check_digit", check_digit},
    {"settings", settings},
    {"lost_book", lost_book},
    {"torn_line", torn_line},
    {"one_writer", one_writer},
    {"no_passwords", no_passwords},
    {"lists", lists},
    {"cp932", cp932},
    {"readers", readers},
    {"days", days},
    {"no_links", no_links},
    {"no_folder", no_folder},
    {NULL, NULL},
};
UNIT_SUITE(task, tests);
