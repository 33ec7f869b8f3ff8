// SPDX-License-Identifier: GPL-3.0-or-later
//
// Rows that an export lacks and nobody asked to delete. Where the product deletes what a file lacks, one export is not
// enough to leave them out: it may have been cut short at the end of a line. The next one that is not shorter decides.
#include "csv_p.h"

static char *mark_of(const CsvFile *file)
{
  return g_strconcat("absent.", file->word, NULL);
}

static bool is_asked_for(const CsvView *view, const Record *record)
{
  for (size_t i = 0; i < believed_n_pending(view->believed); i++) {
    const Request *request = believed_pending(view->believed, i)->request;
    if ((request->kind == REQUEST_DELETE || request->kind == REQUEST_RENAME) &&
        g_ascii_strcasecmp(request->dn, record->dn) == 0)
      return true;
  }
  return false;
}

static bool is_shown(const Dit *shown, const Record *record)
{
  return dit_at_dn(shown, record->dn) || (g_str_has_prefix(record->stable_id, CSV_ID_PREFIX) &&
                                          dit_with_id(shown, record->stable_id));
}

void csv_absent_note(CsvView *view, const CsvFile *file, const Dit *shown)
{
  g_autofree char *mark = mark_of(file), *absent = NULL;
  g_autoptr(GPtrArray) all = dit_sorted(believed_confirmed(view->believed));
  for (size_t i = 0; file->mode == CSV_DELETE_ABSENT && !absent && i < all->len; i++) {
    const Record *record = all->pdata[i];
    g_autofree char *row = NULL;
    if (csv_place_of(view->config, record->dn, &row) == file && row && !is_shown(shown, record) &&
        !is_asked_for(view, record))
      absent = g_steal_pointer(&row);
  }
  if (absent || believed_mark(view->believed, mark))
    believed_set_mark(view->believed, mark, absent);
}

const char *csv_absent_row(const CsvView *view, const CsvFile *file)
{
  g_autofree char *mark = mark_of(file);
  return believed_mark(view->believed, mark);
}
