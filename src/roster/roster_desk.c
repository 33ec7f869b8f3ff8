// SPDX-License-Identifier: GPL-3.0-or-later
//
// Facts of one subject onto a desk. No memory is asked for per fact: the desk's arrays only grow.
#include "roster_p.h"

#include <string.h>

void roster_reader_close(Reader *reader)
{
  g_clear_pointer(&reader->scan, fact_scan_free);
  reader->more = false;
}

static bool advance(Reader *reader, GError **error)
{
  GError *fault = NULL;
  reader->more = fact_scan_next(reader->scan, &reader->next, &fault);
  if (!fault)
    return true;
  g_propagate_error(error, fault);
  return false;
}

bool roster_reader_open(Reader *reader, FactScan *scan, GError **error)
{
  *reader = (Reader){.scan = scan};
  return scan && advance(reader, error);
}

bool roster_reader_take(Reader *reader, Desk *desk, uint32_t *subject, GError **error)
{
  if (!reader->more)
    return false;
  g_array_set_size(desk->told, 0);
  g_string_truncate(desk->text, 0);
  *subject = reader->next.subject;
  while (reader->more && reader->next.subject == *subject) {
    const Fact *fact = &reader->next;
    Told told = {.post = fact->post,
                 .field = fact->field,
                 .from = fact->valid_from,
                 .to = fact->valid_to,
                 .row = fact->row,
                 .at = desk->text->len};
    g_array_append_val(desk->told, told);
    g_string_append_len(desk->text, fact->value, (gssize)strlen(fact->value) + 1);
    if (!advance(reader, error))
      return false;
  }
  // Only now does the text stay where it is.
  for (guint i = 0; i < desk->told->len; i++) {
    Told *told = &g_array_index(desk->told, Told, i);
    told->value = desk->text->str + told->at;
  }
  return true;
}

// ---------------------------------------------------------------------------------------------

const Told *roster_told_on(ToldRange facts, Date day)
{
  for (size_t i = facts.n; i > 0; i--) {
    const Told *told = &facts.first[i - 1];
    if (told->from <= day && day < told->to)
      return told;
  }
  return NULL;
}

void roster_told_lay(ToldRange facts, GArray *spans)
{
  g_array_set_size(spans, 0);
  for (size_t i = 0; i < facts.n; i++) {
    const Told *told = &facts.first[i];
    roster_span_lay(spans, &(Span){told->from, told->to, told->value, told->row, told->from});
  }
}

static ToldRange take_front(ToldRange *facts, size_t n)
{
  ToldRange front = {facts->first, n};
  facts->first += n;
  facts->n -= n;
  return front;
}

bool roster_told_next_field(ToldRange *facts, ToldRange *out)
{
  size_t n = 0;
  while (n < facts->n && facts->first[n].field == facts->first->field)
    n++;
  *out = take_front(facts, n);
  return n > 0;
}

bool roster_told_next_post(ToldRange *facts, ToldRange *out)
{
  size_t n = 0;
  while (n < facts->n && facts->first[n].post == facts->first->post)
    n++;
  *out = take_front(facts, n);
  return n > 0;
}

ToldRange roster_told_field(ToldRange facts, FieldId field)
{
  ToldRange found;
  while (roster_told_next_field(&facts, &found))
    if (found.first->field == field)
      return found;
  return (ToldRange){NULL, 0};
}
