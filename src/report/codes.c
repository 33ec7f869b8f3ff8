// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

#define HEADER_COLUMNS 20
#define CODE_COLUMNS 16

static const IntakeCode *code_at(const IntakeCodes *codes, size_t i)
{
  return &g_array_index(codes->codes, IntakeCode, i);
}

static void put_json(const char *file, const IntakeCodes *codes, GString *out)
{
  json_t *document = json_object();
  json_t *array = json_array();
  for (size_t i = 0; i < codes->codes->len; i++) {
    json_t *object = json_object();
    json_object_set_new(object, "header", report_json_text(code_at(codes, i)->header));
    json_object_set_new(object, "code", report_json_text(code_at(codes, i)->code));
    json_object_set_new(object, "rows", json_integer(code_at(codes, i)->n));
    json_object_set_new(object, "line", json_integer(code_at(codes, i)->line));
    json_array_append_new(array, object);
  }
  json_object_set_new(document, "file", report_json_text(file));
  json_object_set_new(document, "unknown", array);
  report_json_dump(document, out);
}

static void put_code(const IntakeCode *code, GString *out)
{
  size_t from = out->len;
  escape_text(out, code->header, ESCAPE_TERMINAL);
  columns_pad(out, from, HEADER_COLUMNS);
  g_string_append(out, " \"");
  escape_text(out, code->code, ESCAPE_TERMINAL);
  g_string_append_c(out, '"');
  columns_pad(out, from, HEADER_COLUMNS + CODE_COLUMNS);
  g_string_append_printf(out,
                         ngettext(" %" G_GINT64_FORMAT " row, line %" G_GINT64_FORMAT "\n",
                                  " %" G_GINT64_FORMAT " rows, first on line %" G_GINT64_FORMAT
                                  "\n",
                                  (unsigned long)code->n),
                         code->n, code->line);
}

void report_codes(const char *file, const IntakeCodes *codes, bool json, GString *out)
{
  if (json) {
    put_json(file, codes, out);
    return;
  }
  for (size_t i = 0; i < codes->codes->len; i++)
    put_code(code_at(codes, i), out);
  g_string_append(out, "codes: ");
  escape_text(out, file, ESCAPE_TERMINAL);
  g_string_append_printf(out, _(": %u unknown\n"), codes->codes->len);
}
