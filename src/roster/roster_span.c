// SPDX-License-Identifier: GPL-3.0-or-later
#include "roster_p.h"

#define SPAN(spans, i) (&g_array_index(spans, Span, i))

void roster_span_lay(GArray *spans, const Span *span)
{
  if (span->from >= span->to)
    return;
  roster_span_cut(spans, span->from, span->to);
  guint i = spans->len;
  while (i > 0 && SPAN(spans, i - 1)->from >= span->to)
    i--;
  g_array_insert_val(spans, i, *span);
}

void roster_span_cut(GArray *spans, Date from, Date to)
{
  for (guint i = 0; i < spans->len && from < to; i++) {
    Span *span = SPAN(spans, i);
    if (span->to <= from || span->from >= to)
      continue;
    Span rest = *span;
    rest.from = MAX(rest.from, to);
    span->to = MAX(span->from, MIN(span->to, from));
    if (span->from < span->to) {
      if (rest.from < rest.to)
        g_array_insert_val(spans, ++i, rest);
    } else if (rest.from < rest.to) {
      *span = rest;
    } else {
      g_array_remove_index(spans, i--);
    }
  }
}

void roster_span_join(GArray *spans)
{
  guint n = 0;
  for (guint i = 0; i < spans->len; i++) {
    Span *last = n > 0 ? SPAN(spans, n - 1) : NULL;
    const Span *span = SPAN(spans, i);
    if (last && last->to == span->from && g_strcmp0(last->value, span->value) == 0)
      last->to = span->to;
    else
      *SPAN(spans, n++) = *span;
  }
  g_array_set_size(spans, n);
}
