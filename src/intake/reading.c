// SPDX-License-Identifier: GPL-3.0-or-later
//
// A file being judged: its findings and its values.
#include "intake_p.h"

void reading_reject(Reading *reading, const Finding *finding, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  Finding at = *finding;
  at.level = FINDING_ERROR;
  if (!at.file)
    at.file = reading->file;
  // The file may hold My Numbers: no value leaves it that could be one.
  if (at.value && mynumber_within(at.value))
    at.value = NULL;
  if (at.subject && mynumber_within(at.subject))
    at.subject = NULL;
  findings_add(reading->findings, &at, "%s", text);
  reading->rejected = true;
}

static const char *subject_of(const Reading *reading, size_t record)
{
  WordId word = layout_subject(reading->layout);
  const char *number = reading_word(reading, record, word);
  return *number && !mynumber_within(number) ? number : NULL;
}

void reading_note(Reading *reading, size_t record, WordId word, const Finding *finding,
                  const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  size_t row = reading_record(reading, record)->row;
  int slot = word == WORD_NONE ? -1 : reading->layout->slots[word];
  int column = slot < 0 ? -1 : g_array_index(reading->places, int, slot);
  Finding at = *finding;
  at.file = reading->file;
  at.line = sheet_row(reading->sheet, row)->line;
  at.subject = subject_of(reading, record);
  if (column >= 0) {
    at.line = sheet_cell_line(reading->sheet, row, (size_t)column);
    at.column = column + 1;
    at.field = layout_column(reading->layout, (size_t)slot)->header;
    if (!at.value)
      at.value = sheet_cell(reading->sheet, row, (size_t)column);
  }
  if (at.value && mynumber_within(at.value))
    at.value = NULL;
  findings_add(reading->findings, &at, "%s", text);
  if (at.level == FINDING_ERROR)
    reading_record_mut(reading, record)->bad = true;
}

Record *reading_record_mut(Reading *reading, size_t record)
{
  return &g_array_index(reading->records, Record, record);
}

const Record *reading_record(const Reading *reading, size_t record)
{
  return &g_array_index(reading->records, Record, record);
}

const char *reading_value(const Reading *reading, size_t record, size_t column)
{
  return reading->values->pdata[record * reading->layout->columns->len + column];
}

bool reading_has(const Reading *reading, WordId word)
{
  int slot = reading->layout->slots[word];
  return slot >= 0 && g_array_index(reading->places, int, slot) >= 0;
}

const char *reading_word(const Reading *reading, size_t record, WordId word)
{
  int slot = reading->layout->slots[word];
  const char *value = slot < 0 ? NULL : reading_value(reading, record, (size_t)slot);
  return value ? value : "";
}
