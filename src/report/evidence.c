// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

#define N_SOURCE_COLUMNS 7
#define N_ACCOUNT_COLUMNS 6

static void add_instant(Sheet *sheet, Instant instant, const char *none)
{
  g_autoptr(GString) text = g_string_new(NULL);
  if (instant == INSTANT_NONE)
    g_string_append(text, none);
  else
    columns_instant(text, instant);
  sheet_add(sheet, text->str);
}

static void add_source(Sheet *sheet, const EvidenceSource *source, const EvidenceStand *stand)
{
  g_autofree char *n = g_strdup_printf("%" G_GINT64_FORMAT, stand->n_accounts);
  sheet_add(sheet, source->name);
  sheet_add(sheet, stand->state);
  add_instant(sheet, stand->collected, _("never"));
  add_instant(sheet, stand->reaches, "-");
  sheet_add(sheet, n);
  sheet_add(sheet, source->target);
  sheet_add(sheet, source->where);
}

static json_t *source_json(const EvidenceSource *source, const EvidenceStand *stand)
{
  json_t *object = json_object();
  json_object_set_new(object, "name", report_json_text(source->name));
  json_object_set_new(object, "accounts_of", report_json_text(source->target));
  json_object_set_new(object, "where", report_json_text(source->where));
  json_object_set_new(object, "state", report_json_text(stand->state));
  json_object_set_new(object, "counts", json_boolean(stand->counts));
  json_object_set_new(object, "why", report_json_text(stand->why));
  json_object_set_new(object, "collected", report_json_instant(stand->collected));
  json_object_set_new(object, "reaches", report_json_instant(stand->reaches));
  json_object_set_new(object, "since", report_json_instant(stand->since));
  json_object_set_new(object, "accounts", json_integer(stand->n_accounts));
  return object;
}

static void put_why(const EvidenceStand *stand, GString *out)
{
  if (stand->why == NULL)
    return;
  g_string_append(out, "  ");
  escape_text(out, stand->why, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
}

void report_evidence_sources(const EvidenceSources *sources, const EvidenceView *view, bool json,
                             GString *out)
{
  json_t *list = json ? json_array() : NULL;
  Sheet sheet;
  sheet_open(&sheet, N_SOURCE_COLUMNS);
  for (size_t i = 0; i < evidence_n_sources(sources); i++) {
    const EvidenceSource *source = evidence_source_at(sources, i);
    const EvidenceStand *stand = evidence_view_stand(view, i);
    if (json)
      json_array_append_new(list, source_json(source, stand));
    else
      add_source(&sheet, source, stand);
  }
  if (json) {
    json_t *document = json_object();
    json_object_set_new(document, "sources", list);
    report_json_dump(document, out);
  } else {
    sheet_put(&sheet, 0, out);
    for (size_t i = 0; i < evidence_n_sources(sources); i++)
      put_why(evidence_view_stand(view, i), out);
  }
  sheet_close(&sheet);
}

static json_t *told_json(const ReportEvidence *row)
{
  json_t *object = json_object();
  json_object_set_new(object, "target", report_json_text(row->source->target));
  json_object_set_new(object, "object", report_json_text(row->object));
  json_object_set_new(object, "source", report_json_text(row->source->name));
  json_object_set_new(object, "used", report_json_instant(row->told.moment));
  json_object_set_new(object, "at_the_latest", report_json_instant(row->told.latest));
  json_object_set_new(object, "collected", report_json_instant(row->told.collected));
  json_object_set_new(object, "current", json_boolean(row->told.current));
  return object;
}

static const char *remark(const EvidenceTold *told)
{
  return told->current                     ? NULL
         : told->collected == INSTANT_NONE ? _("(what it tells now is not believed)")
                                           : _("(does not tell of it any more)");
}

static void add_told(Sheet *sheet, const ReportEvidence *row)
{
  g_autoptr(GString) latest = g_string_new(NULL);
  if (row->told.latest > row->told.moment + 60)
    columns_instant(latest, row->told.latest);
  g_autofree char *until = latest->len == 0 ? NULL : g_strdup_printf("… %s", latest->str);
  sheet_add(sheet, row->source->target);
  sheet_add(sheet, row->object);
  sheet_add(sheet, row->source->name);
  // Not even that it was never used is known of what is not believed.
  add_instant(sheet, row->told.moment, row->told.collected == INSTANT_NONE ? "-" : _("never used"));
  sheet_add(sheet, until);
  sheet_add(sheet, remark(&row->told));
}

void report_evidence_told(const GArray *rows, bool json, GString *out)
{
  json_t *list = json ? json_array() : NULL;
  Sheet sheet;
  sheet_open(&sheet, N_ACCOUNT_COLUMNS);
  for (guint i = 0; i < rows->len; i++) {
    const ReportEvidence *row = &g_array_index(rows, ReportEvidence, i);
    if (json)
      json_array_append_new(list, told_json(row));
    else
      add_told(&sheet, row);
  }
  if (json) {
    json_t *document = json_object();
    json_object_set_new(document, "evidence", list);
    report_json_dump(document, out);
  } else {
    sheet_put(&sheet, 0, out);
  }
  sheet_close(&sheet);
}
