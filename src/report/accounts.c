// SPDX-License-Identifier: GPL-3.0-or-later
//
// The ledger of accounts, streamed.
#include "report_p.h"

#define N_COLUMNS 23

static const char *const columns[N_COLUMNS] = {
    "number",  "space",       "name",   "state",  "unit",        "unit_name", "target", "class",
    "account", "status",      "reason", "rights", "restriction", "created",   "since",  "off",
    "used",    "used_source", "until",  "place",  "object",      "id",        "known"};

static void fill(const TallyAccount *account, GPtrArray *cells)
{
  const char *const texts[] = {account->number,      account->space,
                               account->name,        account->state,
                               account->unit,        account->unit_name,
                               account->target,      account->klass,
                               account->id,          tally_standing_name(account->standing),
                               account->reason,      account->rights,
                               account->restrictions};
  const Instant moments[] = {account->created, account->bound, account->off, account->used};
  g_autoptr(GString) until = g_string_new(NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    g_ptr_array_add(cells, g_strdup(texts[i]));
  for (size_t i = 0; i < G_N_ELEMENTS(moments); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    if (moments[i] != INSTANT_NONE)
      columns_instant(text, moments[i]);
    g_ptr_array_add(cells, g_strdup(text->str));
  }
  date_format(account->until, until);
  g_ptr_array_add(cells, g_strdup(account->used_source));
  g_ptr_array_add(cells, g_strdup(until->str));
  g_ptr_array_add(cells, g_strdup(account->place));
  g_ptr_array_add(cells, g_strdup(account->object));
  g_ptr_array_add(cells, g_strdup(account->stable_id));
  // Whether the journal knows when it came: of what was there before only that it is ours.
  g_ptr_array_add(cells, g_strdup(account->bound != INSTANT_NONE ? "journal" : "binding"));
}

bool report_accounts_begin(ReportAccounts *accounts, const char *format, GString *out,
                           GError **error)
{
  *accounts = (ReportAccounts){.json = strcmp(format, "json") == 0};
  if (!accounts->json && strcmp(format, "csv") != 0) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("there is no format “%s”; there are: csv, json"),
                format);
    return false;
  }
  if (accounts->json)
    g_string_append(out, "{\"report\": \"accounts\", \"accounts\": [");
  for (size_t i = 0; !accounts->json && i < N_COLUMNS; i++)
    g_string_append_printf(out, "%s%s", columns[i], i + 1 < N_COLUMNS ? "," : "\r\n");
  return true;
}

static void put_json(const GPtrArray *cells, GString *out)
{
  json_t *object = json_object();
  for (guint i = 0; i < cells->len; i++)
    json_object_set_new(object, columns[i],
                        *(const char *)cells->pdata[i] ? report_json_text(cells->pdata[i])
                                                       : json_null());
  report_json_dump(object, out);
  g_string_truncate(out, out->len - 1);
}

void report_accounts_row(ReportAccounts *accounts, const TallyAccount *account, GString *out)
{
  g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
  fill(account, cells);
  if (accounts->json) {
    g_string_append(out, accounts->n++ > 0 ? ",\n" : "\n");
    put_json(cells, out);
    return;
  }
  for (guint i = 0; i < cells->len; i++) {
    escape_text(out, cells->pdata[i], ESCAPE_CSV);
    g_string_append(out, i + 1 < cells->len ? "," : "\r\n");
  }
  accounts->n++;
}

void report_accounts_end(const ReportAccounts *accounts, GString *out)
{
  if (accounts->json)
    g_string_append(out, "\n]}\n");
}
