// SPDX-License-Identifier: GPL-3.0-or-later
//
// What HR gets back for a file: what became of it, and which rows to correct.
#include "report_p.h"

#define LABEL_COLUMNS 18

static const struct {
  const char *name;
  const char *words;
} verdicts[] = {
    [INTAKE_TAKEN] = {"taken", N_("taken")},
    [INTAKE_TAKEN_IN_PART] = {"taken-in-part", N_("taken in part: the rows below were left out")},
    [INTAKE_KNOWN] = {"known", N_("known: the same file was taken before; nothing was done")},
    [INTAKE_REJECTED] = {"rejected", N_("REJECTED: nothing of it was taken; please send it again")},
};

static json_t *kinds_json(const IntakeReceipt *receipt)
{
  json_t *object = json_object();
  for (size_t i = 0; i < receipt->n_kinds; i++)
    json_object_set_new(object, receipt->kinds[i].kind, json_integer(receipt->kinds[i].n));
  return object;
}

static json_t *receipt_json(const char *file, const IntakeReceipt *receipt,
                            const Findings *findings)
{
  json_t *object = json_object();
  json_object_set_new(object, "file", report_json_text(file));
  json_object_set_new(object, "sha256", report_json_text(receipt->sha256));
  json_object_set_new(object, "declared", report_json_date(receipt->declared));
  json_object_set_new(object, "verdict", json_string(verdicts[receipt->verdict].name));
  json_object_set_new(object, "rows", json_integer(receipt->n_rows));
  json_object_set_new(object, "taken", json_integer(receipt->n_taken));
  json_object_set_new(object, "rejected", json_integer(receipt->n_rejected));
  json_object_set_new(object, "kinds", kinds_json(receipt));
  json_object_set_new(object, "findings", report_json_findings(findings));
  return object;
}

static void put_row(GString *out, const char *label, const char *text)
{
  size_t from = out->len;
  g_string_append(out, label);
  columns_pad(out, from, LABEL_COLUMNS);
  escape_text(out, text, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
}

static void put_number(GString *out, const char *label, int64_t number)
{
  g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, number);
  put_row(out, label, text);
}

static void put_kinds(const IntakeReceipt *receipt, GString *out)
{
  for (size_t i = 0; i < receipt->n_kinds; i++) {
    g_autofree char *label = g_strdup_printf("  %s", receipt->kinds[i].kind);
    put_number(out, label, receipt->kinds[i].n);
  }
}

void report_receipt(const char *file, const IntakeReceipt *receipt, const Findings *findings,
                    bool json, GString *out)
{
  if (json) {
    report_json_dump(receipt_json(file, receipt, findings), out);
    return;
  }
  g_autoptr(GString) declared = g_string_new(NULL);
  date_format(receipt->declared, declared);
  put_row(out, _("File"), file);
  put_row(out, _("SHA-256"), receipt->sha256);
  put_row(out, _("Date"), declared->len > 0 ? declared->str : "-");
  put_row(out, _("Result"), _(verdicts[receipt->verdict].words));
  put_number(out, _("Rows"), receipt->n_rows);
  put_number(out, _("  taken"), receipt->n_taken);
  put_number(out, _("  rejected"), receipt->n_rejected);
  if (receipt->n_kinds > 0)
    g_string_append_printf(out, "%s\n", _("Kinds"));
  put_kinds(receipt, out);
  if (!findings || findings_count(findings) == 0)
    return;
  g_string_append_printf(out, _("\nFindings: %zu\n"), findings_count(findings));
  report_findings(findings, false, out);
}
