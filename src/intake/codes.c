// SPDX-License-Identifier: GPL-3.0-or-later
//
// Codes that a layout does not know, each once.
#include "intake_p.h"

#include <string.h>

typedef struct Count {
  IntakeCodes *out;
  const char *header;  // of the column with the kinds of order
} Count;

static void count_code(IntakeCodes *out, const char *header, const char *code, int64_t line)
{
  for (guint i = 0; i < out->codes->len; i++) {
    IntakeCode *known = &g_array_index(out->codes, IntakeCode, i);
    if (!g_str_equal(known->header, header) || !g_str_equal(known->code, code))
      continue;
    known->n++;
    known->line = MIN(known->line, line);
    return;
  }
  IntakeCode new_code = {g_string_chunk_insert_const(out->text, header),
                         g_string_chunk_insert_const(out->text, code), 1, line};
  g_array_append_val(out->codes, new_code);
}

// A row that is faulty elsewhere says nothing of its kind in a finding, so rows are asked themselves.
static void count_kind(const IntakeLine *line, void *data)
{
  Count *count = data;
  if (line->order_code && *line->order_code && !line->order_kind &&
      !mynumber_within(line->order_code))
    count_code(count->out, count->header, line->order_code, line->line);
}

static gint compare_codes(gconstpointer a, gconstpointer b)
{
  const IntakeCode *x = a, *y = b;
  int order = strcmp(x->header, y->header);
  return order != 0 ? order : strcmp(x->code, y->code);
}

static const char *kind_header(const Layout *layout)
{
  int slot = layout->slots[WORD_ORDER_KIND];
  return slot < 0 ? "" : layout_column(layout, (size_t)slot)->header;
}

bool intake_codes(GBytes *bytes, const IntakeOptions *options, Findings *findings, IntakeCodes *out)
{
  *out = (IntakeCodes){.codes = g_array_new(FALSE, FALSE, sizeof(IntakeCode)),
                       .text = g_string_chunk_new(256)};
  Count count = {out, kind_header(options->layout)};
  g_autoptr(Findings) all = findings_new();
  bool read = intake_rows(bytes, options, count_kind, &count, all);
  for (size_t i = 0; i < findings_count(all) && read; i++) {
    const Finding *finding = findings_at(all, i);
    if (g_str_equal(finding->code, "code-unknown") && finding->field && finding->value)
      count_code(out, finding->field, finding->value, finding->line);
  }
  if (!read)
    findings_take(findings, all);
  g_array_sort(out->codes, compare_codes);
  return read;
}

void intake_codes_clear(IntakeCodes *codes)
{
  g_clear_pointer(&codes->codes, g_array_unref);
  g_clear_pointer(&codes->text, g_string_chunk_free);
}
