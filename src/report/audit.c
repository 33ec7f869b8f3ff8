// SPDX-License-Identifier: GPL-3.0-or-later
#include "report_p.h"

static void put_head(ReportBook *book, const AuditHead *head)
{
  g_autoptr(GString) text = g_string_new(NULL);
  if (head->id != 0)
    audit_head_format(head, text);
  report_book_fact(book, "head", _("head"),
                   head->id != 0 ? text->str : _("nothing is recorded yet"));
}

void report_audit_table(ReportBook *book, const char *id, const char *title)
{
  static const ReportColumn columns[] = {
      {"number", N_("number"), true},  {"at", N_("at"), false},     {"what", N_("what"), false},
      {"who", N_("who"), false},       {"user", N_("user"), false}, {"subject", N_("about"), false},
      {"detail", N_("details"), false}};
  report_book_table(book, id, title, columns, G_N_ELEMENTS(columns));
}

ReportBook *report_audit(const AuditHead *head)
{
  ReportBook *book = report_book_new("audit", _("Audit record"));
  put_head(book, head);
  report_audit_table(book, "rows", _("Rows"));
  return book;
}

// {"a":"1","b":"2"} as "a=1 b=2"; what is no such object, as it is.
static char *detail_words(const char *detail)
{
  json_t *object = json_loads(detail, 0, NULL);
  g_autoptr(GString) out = g_string_new(NULL);
  const char *key;
  json_t *value;
  if (!json_is_object(object))
    g_string_assign(out, detail);
  json_object_foreach(object, key, value)
      g_string_append_printf(out, "%s%s=%s", out->len > 0 ? " " : "", key,
                             json_is_string(value) ? json_string_value(value) : "?");
  json_decref(object);
  return g_string_free(g_steal_pointer(&out), FALSE);
}

void report_audit_row(ReportBook *book, const AuditRow *row)
{
  g_autofree char *detail = detail_words(row->detail);
  report_book_number(book, row->id);
  report_book_instant(book, row->at);
  report_book_text(book, row->what);
  report_book_text(book, row->who);
  report_book_text(book, row->user);
  report_book_text(book, row->subject);
  report_book_text(book, detail);
}

// ---------------------------------------------------------------------------------------------

static const char *words_of(const AuditVerdict *verdict, size_t n_heads)
{
  if (verdict->fault != 0)
    return _("NOT INTACT");
  return n_heads > 0 ? _("intact, up to the heads that were kept outside")
                     : _("intact in itself; that its end was not cut off, only a head that was "
                         "kept outside can tell (--head)");
}

ReportBook *report_audit_verdict(const AuditVerdict *verdict, size_t n_heads)
{
  static const ReportColumn columns[] = {
      {"number", N_("number"), false}, {"fault", N_("fault"), false}, {"text", N_("what"), false}};
  ReportBook *book = report_book_new("audit-verify", _("Audit record, verified"));
  g_autofree char *rows = g_strdup_printf("%" G_GINT64_FORMAT, verdict->n_rows);
  g_autofree char *first = g_strdup_printf("%" G_GINT64_FORMAT, verdict->first);
  g_autofree char *fault = g_strdup_printf("%" G_GINT64_FORMAT, verdict->fault);
  report_book_fact(book, "verdict", _("verdict"), words_of(verdict, n_heads));
  if (verdict->fault != 0)
    report_book_fact(book, "fault", _("first number at fault"), fault);
  report_book_fact(book, "rows", _("rows"), rows);
  report_book_fact(book, "first", _("first number"), first);
  put_head(book, &verdict->head);
  report_book_table(book, "faults", _("What was found"), columns, G_N_ELEMENTS(columns));
  for (size_t i = 0; i < findings_count(verdict->findings); i++) {
    const Finding *finding = findings_at(verdict->findings, i);
    report_book_text(book, finding->subject);
    report_book_text(book, finding->code);
    report_book_text(book, finding->text);
  }
  return book;
}
