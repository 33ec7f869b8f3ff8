// SPDX-License-Identifier: GPL-3.0-or-later
#include "idou/base.h"

struct Findings {
  GPtrArray *list;        // of Finding, each its own block: a borrowed one survives the next add
  GStringChunk *strings;  // all their text
  size_t n_level[FINDING_ERROR + 1];
};

static const char *const level_names[] = {
    [FINDING_NOTE] = N_("note"), [FINDING_WARNING] = N_("warning"), [FINDING_ERROR] = N_("error")};

Findings *findings_new(void)
{
  Findings *findings = g_new0(Findings, 1);
  findings->list = g_ptr_array_new_with_free_func(g_free);
  findings->strings = g_string_chunk_new(4096);
  return findings;
}

void findings_free(Findings *findings)
{
  if (!findings)
    return;
  g_ptr_array_unref(findings->list);
  g_string_chunk_free(findings->strings);
  g_free(findings);
}

// Codes, file names and headers repeat from finding to finding: kept once.
static const char *keep_once(Findings *findings, const char *text)
{
  return text ? g_string_chunk_insert_const(findings->strings, text) : NULL;
}

static const char *keep(Findings *findings, const char *text)
{
  return text ? g_string_chunk_insert(findings->strings, text) : NULL;
}

static void append(Findings *findings, const Finding *finding, const char *text)
{
  Finding *copy = g_memdup2(finding, sizeof *finding);
  copy->code = keep_once(findings, finding->code);
  copy->file = keep_once(findings, finding->file);
  copy->field = keep_once(findings, finding->field);
  copy->subject = keep(findings, finding->subject);
  copy->value = keep(findings, finding->value);
  copy->text = keep(findings, text);
  g_ptr_array_add(findings->list, copy);
  findings->n_level[finding->level]++;
}

void findings_add(Findings *findings, const Finding *finding, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  append(findings, finding, text);
}

size_t findings_count(const Findings *findings)
{
  return findings->list->len;
}

size_t findings_count_level(const Findings *findings, FindingLevel at_least)
{
  size_t n = 0;
  for (size_t level = at_least; level < G_N_ELEMENTS(findings->n_level); level++)
    n += findings->n_level[level];
  return n;
}

const Finding *findings_at(const Findings *findings, size_t i)
{
  return g_ptr_array_index(findings->list, i);
}

void findings_take(Findings *findings, Findings *from)
{
  for (size_t i = 0; i < from->list->len; i++) {
    const Finding *finding = findings_at(from, i);
    append(findings, finding, finding->text);
  }
  g_ptr_array_set_size(from->list, 0);
  g_string_chunk_clear(from->strings);
  memset(from->n_level, 0, sizeof from->n_level);
}

static void format_place(const Finding *finding, GString *out)
{
  if (!finding->file)
    return;
  escape_text(out, finding->file, ESCAPE_TERMINAL);
  if (finding->line > 0)
    g_string_append_printf(out, ":%" G_GINT64_FORMAT, finding->line);
  if (finding->line > 0 && finding->column > 0)
    g_string_append_printf(out, ":%" G_GINT64_FORMAT, finding->column);
  g_string_append(out, ": ");
}

// " (field, value)", as much of it as there is. An empty value is shown as "".
static void format_cell(const Finding *finding, GString *out)
{
  if (!finding->field && !finding->value)
    return;
  g_string_append(out, " (");
  escape_text(out, finding->field, ESCAPE_TERMINAL);
  if (finding->field && finding->value)
    g_string_append(out, ", ");
  if (finding->value)
    escape_text(out, *finding->value ? finding->value : "\"\"", ESCAPE_TERMINAL);
  g_string_append_c(out, ')');
}

void findings_format(const Finding *finding, GString *out)
{
  format_place(finding, out);
  g_string_append_printf(out, "%s: ", _(level_names[finding->level]));
  if (finding->subject) {
    escape_text(out, finding->subject, ESCAPE_TERMINAL);
    g_string_append(out, ": ");
  }
  escape_text(out, finding->text, ESCAPE_TERMINAL);
  format_cell(finding, out);
  if (finding->code)
    g_string_append_printf(out, " [%s]", finding->code);
}
