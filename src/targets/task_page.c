// SPDX-License-Identifier: GPL-3.0-or-later
//
// A team's list as a page to look at and to print. It needs nothing from elsewhere.
#include "task_p.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n<style>\n"
    "body{font-family:\"Noto Sans CJK JP\",\"Yu Gothic\",Meiryo,sans-serif;font-size:10pt;"
    "margin:1.5em;color:#111}\n"
    "h1{font-size:15pt;margin:0 0 .2em}h2{font-size:11.5pt;margin:1.4em 0 .3em;"
    "border-left:.4em solid #456;padding-left:.5em;break-after:avoid}\n"
    "p{margin:.2em 0}p.how{color:#444;font-size:9pt}\n"
    "table{border-collapse:collapse;table-layout:fixed;width:calc(100% - 1px)}\n"
    "th{width:8.5%}th:nth-child(1){width:2.2em}th:nth-child(2){width:6.5em}"
    "th:nth-child(3){width:5.5em}th:nth-child(4){width:12%}th:nth-child(5){width:14%}"
    "th:nth-child(6){width:22%}th:nth-child(9){width:5.5em}\n"
    "td{overflow-wrap:anywhere}\n"
    "th,td{border:1px solid #888;padding:.25em .45em;text-align:left;vertical-align:top}\n"
    "th{background:#e8ecf0;font-weight:600;white-space:nowrap}\n"
    "thead{display:table-header-group}tr{break-inside:avoid}\n"
    "td.n,td.d{white-space:nowrap}td.d.late{font-weight:700}td.box{text-align:center}\n"
    ".late h2{border-color:#a00}.over td{color:#444}\n"
    ".b{color:#666}.a{font-weight:600}\n"
    "@page{size:A4 landscape;margin:12mm}\n"
    "@media print{body{margin:0;font-size:9pt}}\n"
    "</style>\n";

static void put(GString *out, const char *text)
{
  escape_text(out, text, ESCAPE_HTML);
}

static void put_cell(GString *out, const char *klass, const char *text)
{
  g_string_append_printf(out, "<td%s%s%s>", *klass ? " class=\"" : "", klass, *klass ? "\"" : "");
  put(out, text);
  g_string_append(out, "</td>");
}

// "4/1 (木)": who has the list before them knows the year; of another year it stands there.
static void put_date(GString *out, const char *klass, Date date)
{
  static const char *const days[] = {"木", "金", "土", "日", "月", "火", "水"};
  g_autoptr(GString) text = g_string_new(NULL);
  if (date != DATE_NONE) {
    int year = 0, month = 0, day = 0, now = 0, ignored = 0;
    date_split(date, &year, &month, &day);
    date_split(date_of_instant(instant_now()), &now, &ignored, &ignored);
    if (year != now)
      g_string_append_printf(text, "%d/", year);
    g_string_append_printf(text, "%d/%d (%s)", month, day, days[((date % 7) + 7) % 7]);
  }
  put_cell(out, klass, text->str);
}

static void put_value(GString *out, const TaskChange *change, bool after)
{
  const char *text = after ? change->after : change->before;
  if (!text)
    return;
  g_string_append(out, task_change_sign(change, after));
  g_string_append_printf(out, "<span class=\"%s\">", after ? "a" : "b");
  put(out, text);
  g_string_append(out, "</span>");
}

static void put_content(GString *out, const Task *task, const TargetConfig *config)
{
  g_autoptr(GArray) changes = task_changes(task, config);
  g_string_append(out, "<td>");
  for (size_t i = 0; i < changes->len; i++) {
    const TaskChange *change = &g_array_index(changes, TaskChange, i);
    g_string_append(out, i ? "<br>" : "");
    put(out, change->head);
    g_string_append(out, ": ");
    put_value(out, change, false);
    put_value(out, change, true);
  }
  g_string_append(out, "</td>");
}

static void put_row(GString *out, const Task *task, const TargetConfig *config)
{
  const TaskList *list = task_config_list(task_config_of(config), task_dn(task));
  g_autoptr(GString) number = g_string_new(NULL), reason = g_string_new(NULL);
  g_autofree char *what =
      g_strdup_printf("%s　%s", list->title, list->verbs[task_deed(task, config)]);
  task_number_format(task->run, task_n(task), number);
  task_reason(task, reason);
  g_string_append(out, "<tr>");
  put_cell(out, "box", task->state == TASK_DONE ? "済" : task_is_waiting(task) ? "□" : "－");
  put_cell(out, "n", number->str);
  put_date(out, task_lists_is_late(task) ? "d late" : "d", task->due);
  put_cell(out, "", what);
  put_cell(out, "", task->subject);
  put_content(out, task, config);
  put_cell(out, "", reason->str);
  put_cell(out, "", task->who);
  put_date(out, "d", task->done_on);
  put_cell(out, "", task->evidence);
  put_cell(out, "", task->remark);
  g_string_append(out, "</tr>\n");
}

// One part of the page: those of `tasks` that belong to it.
typedef struct Part {
  const char *klass, *title, *how;
  bool (*takes)(const Task *task);
} Part;

static bool is_open(const Task *task)
{
  return task_is_waiting(task) && !task_lists_is_late(task);
}

static bool is_impossible(const Task *task)
{
  return task->state == TASK_IMPOSSIBLE;
}

static bool is_withdrawn(const Task *task)
{
  return task->state == TASK_WITHDRAWN;
}

static bool is_done(const Task *task)
{
  return task->state == TASK_DONE;
}

static const Part parts[] = {
    {"late", "期限超過", NULL, task_lists_is_late},
    {"open", "未完了", NULL, is_open},
    {"over", "実施できないと報告されたもの", "望まれる状態が変わるまで、あらためて依頼されません。",
     is_impossible},
    {"over", "取下げ",
     "作業は不要です。すでに実施していたときは、状態を「完了」にして返してください。",
     is_withdrawn},
    {"over", "最近完了したもの", NULL, is_done},
};

static size_t count(const GPtrArray *tasks, const Part *part)
{
  size_t n = 0;
  for (size_t i = 0; i < tasks->len; i++)
    n += part->takes(tasks->pdata[i]);
  return n;
}

static void put_part(GString *out, const GPtrArray *tasks, const TargetConfig *config,
                     const Part *part)
{
  static const char *const heads[] = {"",     "作業番号", "期限",   "種別", "対象者", "内容",
                                      "理由", "担当",     "完了日", "確認", "備考"};
  size_t n = count(tasks, part);
  if (n == 0)
    return;
  g_string_append_printf(out, "<section class=\"%s\">\n<h2>%s（%zu件）</h2>\n", part->klass,
                         part->title, n);
  if (part->how)
    g_string_append_printf(out, "<p class=\"how\">%s</p>\n", part->how);
  g_string_append(out, "<table>\n<thead><tr>");
  for (size_t i = 0; i < G_N_ELEMENTS(heads); i++)
    g_string_append_printf(out, "<th>%s</th>", heads[i]);
  g_string_append(out, "</tr></thead>\n<tbody>\n");
  for (size_t i = 0; i < tasks->len; i++)
    if (part->takes(tasks->pdata[i]))
      put_row(out, tasks->pdata[i], config);
  g_string_append(out, "</tbody>\n</table>\n</section>\n");
}

void task_page_write(const GPtrArray *tasks, const TargetConfig *config, const TaskTeam *team,
                     GString *out)
{
  size_t n_late = count(tasks, &parts[0]), n_open = count(tasks, &parts[1]);
  g_string_append(out, head);
  g_string_append(out, "<title>作業一覧 ");
  put(out, team->title);
  g_string_append(out, "</title>\n</head>\n<body>\n<h1>作業一覧　");
  put(out, team->title);
  g_string_append(out, "</h1>\n<p>");
  date_format_wareki(date_of_instant(instant_now()), out);
  g_string_append_printf(out, "現在　未完了 %zu件", n_late + n_open);
  if (n_late)
    g_string_append_printf(out, "（うち期限超過 %zu件）", n_late);
  g_string_append(out,
                  "</p>\n<p class=\"how\">終わったら、同じ名前の CSV の「状態」を「完了」にし、"
                  "「完了日」と「確認」を記入して返してください。できないときは「実施不可」とし、"
                  "「備考」に理由を書いてください。</p>\n");
  for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
    put_part(out, tasks, config, &parts[i]);
  if (tasks->len == 0)
    g_string_append(out, "<p>作業はありません。</p>\n");
  g_string_append(out, "</body>\n</html>\n");
}
