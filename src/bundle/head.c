// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a bundle says of itself, and the approval that goes with it.
#include "bundle/bundle_p.h"

static void put_field(Pen *pen, const char *word, const char *value)
{
  pen_begin(pen, word);
  pen_text(pen, value);
  pen_end(pen);
}

static void put_time(Pen *pen, const char *word, Instant value)
{
  pen_begin(pen, word);
  pen_instant(pen, value);
  pen_end(pen);
}

static void put_approval(Pen *pen, const BundleApproval *approval)
{
  if (approval->who == NULL)
    return;
  pen_begin(pen, "approved");
  pen_text(pen, approval->who);
  pen_text(pen, approval->reason);
  pen_instant(pen, approval->not_before);
  pen_instant(pen, approval->expires);
  pen_end(pen);
  for (size_t i = 0; i < approval->n_allows; i++) {
    pen_begin(pen, "allows");
    pen_text(pen, approval->allows[i].what);
    pen_number(pen, approval->allows[i].at_most);
    pen_end(pen);
  }
}

void head_put(Pen *pen, const BundleHead *head)
{
  g_autoptr(GString) day = g_string_new(NULL);
  date_format(head->as_of, day);
  pen_begin(pen, BUNDLE_PURPOSE);
  pen_number(pen, BUNDLE_FORMAT);
  pen_end(pen);
  put_field(pen, "segment", head->id.segment);
  pen_begin(pen, "sequence");
  pen_number(pen, head->id.sequence);
  pen_end(pen);
  put_field(pen, "previous", head->id.previous);
  put_time(pen, "created", head->created);
  put_time(pen, "expires", head->id.expires);
  put_field(pen, "as-of", day->str);
  put_time(pen, "at", head->at);
  put_field(pen, "rules", head->rules);
  put_field(pen, "program", "idou " IDOU_VERSION);
  put_approval(pen, &head->approval);
}
