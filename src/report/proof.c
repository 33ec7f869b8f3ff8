// SPDX-License-Identifier: GPL-3.0-or-later
//
// What became of a change: why, by whose word, when, and what is there now.
#include "report_p.h"

#include <string.h>

static char *number_of(const ReportProof *proof)
{
  return g_strdup_printf("%" G_GINT64_FORMAT "-%u", proof->run, proof->n);
}

static void put_operation(ReportBook *book, const ReportProof *proof)
{
  g_autofree char *number = number_of(proof);
  g_autofree char *plan = g_strndup(proof->plan, 12);
  g_autofree char *object = g_strjoin(": ", proof->object, proof->member, NULL);
  report_book_text(book, number);
  report_book_text(book, proof->label);
  report_book_text(book, proof->target);
  report_book_text(book, proof->kind);
  report_book_text(book, object);
  report_book_text(book, proof->source);
  report_book_text(book, proof->why);
  report_book_text(book, proof->rule);
  report_book_text(book, plan);
  report_book_text(book, proof->state);
  report_book_number(book, proof->n_attempts);
  report_book_instant(book, proof->changed);
  report_book_text(book, proof->now);
  report_book_text(book, proof->later);
  report_book_text(book, proof->detail);
}

static void put_operations(ReportBook *book, const GArray *proofs)
{
  static const ReportColumn columns[] = {
      {"number", N_("number"), false},    {"label", N_("whose"), false},
      {"target", N_("target"), false},    {"kind", N_("operation"), false},
      {"object", N_("object"), false},    {"source", N_("HR's file and line"), false},
      {"why", N_("why"), false},          {"rule", N_("rule"), false},
      {"plan", N_("plan"), false},        {"outcome", N_("outcome"), false},
      {"attempts", N_("attempts"), true}, {"at", N_("at"), false},
      {"now", N_("read back"), false},    {"later", N_("later operations"), false},
      {"detail", N_("remark"), false}};
  report_book_table(book, "operations", _("Operations"), columns, G_N_ELEMENTS(columns));
  for (guint i = 0; i < proofs->len; i++)
    put_operation(book, &g_array_index(proofs, ReportProof, i));
}

static void put_values(ReportBook *book, const GArray *proofs)
{
  static const ReportColumn columns[] = {{"number", N_("number"), false},
                                         {"attribute", N_("attribute"), false},
                                         {"before", N_("before"), false},
                                         {"after", N_("after"), false}};
  report_book_table(book, "values", _("Values"), columns, G_N_ELEMENTS(columns));
  for (guint i = 0; i < proofs->len; i++) {
    const ReportProof *proof = &g_array_index(proofs, ReportProof, i);
    g_autofree char *number = number_of(proof);
    for (guint v = 0; proof->values != NULL && v < proof->values->len; v++) {
      const ReportProofValue *value = &g_array_index(proof->values, ReportProofValue, v);
      report_book_text(book, number);
      report_book_text(book, value->attribute);
      report_book_text(book, value->before);
      report_book_text(book, value->after);
    }
  }
}

ReportBook *report_proofs(const GArray *proofs)
{
  ReportBook *book = report_book_new("evidence", _("Evidence of changes"));
  g_autofree char *n = g_strdup_printf("%u", proofs->len);
  report_book_fact(book, "operations", _("operations"), n);
  put_operations(book, proofs);
  put_values(book, proofs);
  report_audit_table(book, "record", _("In the audit record"));
  return book;
}
