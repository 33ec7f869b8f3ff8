// SPDX-License-Identifier: GPL-3.0-or-later
//
// A list of questions as a page to look at and to print. It needs nothing from elsewhere.
#include "inquiry_p.h"

#include <string.h>

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n<style>\n"
    "body{font-family:\"Noto Sans CJK JP\",\"Yu Gothic\",Meiryo,sans-serif;font-size:10pt;"
    "margin:1.5em;color:#111}\n"
    "h1{font-size:15pt;margin:0 0 .2em}p{margin:.2em 0}p.how{color:#444;font-size:9pt}\n"
    "p.due{font-weight:600}\n"
    "table{border-collapse:collapse;table-layout:fixed;width:calc(100% - 1px);margin-top:.8em}\n"
    "th:nth-child(1){width:5em}th:nth-child(2){width:9em}th:nth-child(5){width:22%}"
    "th:nth-child(6){width:5.6em}th:nth-child(7){width:3.2em}th:nth-child(8){width:4.6em}"
    "th:nth-child(9){width:5.6em}\n"
    "td{overflow-wrap:anywhere}td.n,td.d,td.a{white-space:nowrap}\n"
    "th,td{border:1px solid #888;padding:.25em .45em;text-align:left;vertical-align:top}\n"
    "th{background:#e8ecf0;font-weight:600;white-space:nowrap}\n"
    "thead{display:table-header-group}tr{break-inside:avoid}tr.done td{color:#555}\n"
    "@page{size:A4 landscape;margin:12mm}\n"
    "@media print{body{margin:0;font-size:9pt}}\n"
    "</style>\n";

static void put(GString *out, const char *text)
{
  escape_text(out, text, ESCAPE_HTML);
}

// Of the table. The unit stands above it, number and name share a cell.
static const struct {
  Column column;
  const char *head;  // NULL = as in the CSV
  const char *klass;
} cells[] = {
    {COLUMN_NUMBER, NULL, "n"},  {COLUMN_NAME, NULL, ""},      {COLUMN_SYSTEM, NULL, ""},
    {COLUMN_ACCOUNT, NULL, ""},  {COLUMN_TEXT, NULL, ""},      {COLUMN_USED, NULL, "d"},
    {COLUMN_PROPOSED, NULL, ""}, {COLUMN_ANSWER, "回答", "a"}, {COLUMN_UNTIL, NULL, "d"},
    {COLUMN_REASON, NULL, ""},   {COLUMN_WHO, NULL, ""},
};

static void put_cell(GString *out, const Asked *asked, const Question *question, size_t i)
{
  g_autoptr(GString) text = g_string_new(NULL);
  Column column = cells[i].column;
  g_string_append_printf(out, "<td%s%s%s>", *cells[i].klass ? " class=\"" : "", cells[i].klass,
                         *cells[i].klass ? "\"" : "");
  if (column == COLUMN_NAME && *question->number)
    g_string_append_printf(text, "%s ", question->number);
  column_text(&asked->inquiry, question, column, text);
  put(out, text->str);
  if (column == COLUMN_ANSWER && text->len == 0)
    g_string_append(out, "□継続<br>□不要");
  g_string_append(out, "</td>");
}

static void put_row(GString *out, const Asked *asked, const Question *question)
{
  bool answered = strcmp(question->state, QUESTION_OPEN) != 0;
  g_string_append(out, answered ? "<tr class=\"done\">" : "<tr>");
  for (size_t i = 0; i < G_N_ELEMENTS(cells); i++)
    put_cell(out, asked, question, i);
  g_string_append(out, "</tr>\n");
}

static void put_table(GString *out, const Asked *asked)
{
  g_string_append(out, "<table>\n<thead><tr>");
  for (size_t i = 0; i < G_N_ELEMENTS(cells); i++)
    g_string_append_printf(out, "<th>%s</th>",
                           cells[i].head ? cells[i].head : column_head(cells[i].column));
  g_string_append(out, "</tr></thead>\n<tbody>\n");
  for (guint i = 0; i < asked->questions->len; i++) {
    const Question *question = &g_array_index(asked->questions, Question, i);
    if (strcmp(question->state, QUESTION_CLOSED) != 0)
      put_row(out, asked, question);
  }
  g_string_append(out, "</tbody>\n</table>\n");
}

static void put_title(GString *out, const Inquiry *inquiry)
{
  put(out, inquiry->title);
  g_string_append(out, "　");
  put(out, *inquiry->unit ? inquiry->unit_name : "運用担当");
}

static void put_how(GString *out, const Inquiry *inquiry)
{
  g_string_append(out, "<p class=\"due\">回答期限 ");
  date_format_wareki(inquiry->due, out);
  g_string_append(out,
                  "</p>\n<p class=\"how\">同じ名前の CSV の「回答」に「継続」または「不要」を、"
                  "「回答者」に氏名を記入して返してください。");
  g_string_append(out, inquiry->terse ? "「期限」と「理由」は空けておけます。"
                                      : "継続するときは「期限」と「理由」も記入してください。");
  if (inquiry->limit != DATE_OPEN) {
    g_string_append(out, "期限は");
    date_format_wareki(inquiry->limit, out);
    g_string_append(out, "までです。");
  }
  g_string_append(out, "ほかの欄は変えないでください。</p>\n");
}

bool inquiry_page(Store *store, int64_t inquiry, GString *out, GError **error)
{
  g_autoptr(Asked) asked = asked_load(store, inquiry, error);
  if (!asked)
    return false;
  g_string_append(out, head);
  g_string_append(out, "<title>");
  put_title(out, &asked->inquiry);
  g_string_append(out, "</title>\n</head>\n<body>\n<h1>");
  put_title(out, &asked->inquiry);
  g_string_append(out, "</h1>\n");
  put_how(out, &asked->inquiry);
  put_table(out, asked);
  g_string_append(out, "</body>\n</html>\n");
  return true;
}
