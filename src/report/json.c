// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

json_t *report_json_text(const char *text)
{
  if (!text)
    return json_null();
  if (text_valid(text, strlen(text), NULL))
    return json_string_nocheck(text);
  g_autoptr(GString) visible = g_string_new(NULL);
  escape_text(visible, text, ESCAPE_TERMINAL);
  return json_string(visible->str);
}

json_t *report_json_date(Date date)
{
  g_autoptr(GString) text = g_string_new(NULL);
  date_format(date, text);
  return text->len > 0 ? json_string(text->str) : json_null();
}

json_t *report_json_instant(Instant instant)
{
  if (instant == INSTANT_NONE || instant == INSTANT_OPEN)
    return json_null();
  g_autoptr(GString) text = g_string_new(NULL);
  instant_format(instant, text);
  return json_string(text->str);
}

static json_t *json_place(int64_t number)
{
  return number > 0 ? json_integer(number) : json_null();
}

static json_t *finding_json(const Finding *finding)
{
  static const char *const levels[] = {
      [FINDING_NOTE] = "note", [FINDING_WARNING] = "warning", [FINDING_ERROR] = "error"};
  json_t *object = json_object();
  json_object_set_new(object, "level", json_string(levels[finding->level]));
  json_object_set_new(object, "code", report_json_text(finding->code));
  json_object_set_new(object, "file", report_json_text(finding->file));
  json_object_set_new(object, "line", json_place(finding->line));
  json_object_set_new(object, "column", json_place(finding->column));
  json_object_set_new(object, "field", report_json_text(finding->field));
  json_object_set_new(object, "subject", report_json_text(finding->subject));
  json_object_set_new(object, "value", report_json_text(finding->value));
  json_object_set_new(object, "text", report_json_text(finding->text));
  return object;
}

json_t *report_json_findings(const Findings *findings)
{
  json_t *array = json_array();
  for (size_t i = 0; findings && i < findings_count(findings); i++)
    json_array_append_new(array, finding_json(findings_at(findings, i)));
  return array;
}

json_t *report_json_people(const GArray *people)
{
  json_t *array = json_array();
  for (guint i = 0; i < people->len; i++) {
    const ReportTablePerson *person = &g_array_index(people, ReportTablePerson, i);
    json_t *object = json_object();
    json_object_set_new(object, "number", report_json_text(person->number));
    json_object_set_new(object, "name", report_json_text(person->name));
    json_object_set_new(object, "post", report_json_text(person->post));
    json_array_append_new(array, object);
  }
  return array;
}

// In UTF-16, as JSON wants it. Only inside of strings has JSON such characters, but for its line ends.
static void append_escaped(GString *out, gunichar c)
{
  if (c > 0xFFFF) {
    g_string_append_printf(out, "\\u%04X", 0xD800 + ((c - 0x10000) >> 10));
    c = 0xDC00 + ((c - 0x10000) & 0x3FF);
  }
  g_string_append_printf(out, "\\u%04X", c);
}

void report_json_dump(json_t *document, GString *out)
{
  char *text = json_dumps(document, JSON_INDENT(2));
  json_decref(document);
  for (const char *at = text; *at != '\0';) {
    const char *next = g_utf8_next_char(at);
    char character[8] = "";
    memcpy(character, at, (size_t)(next - at));
    if (*at != '\n' && text_has_control(character))
      append_escaped(out, g_utf8_get_char(at));
    else
      g_string_append(out, character);
    at = next;
  }
  g_string_append_c(out, '\n');
  free(text);
}
