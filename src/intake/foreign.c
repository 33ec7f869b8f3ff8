// SPDX-License-Identifier: GPL-3.0-or-later
//
// Files that are no text, by their first bytes. None is read: what a spreadsheet has done to its cells cannot be
// seen in them, and Debian has no C library for .xlsx that is kept up.
#include "intake_p.h"

#include <string.h>

static const struct {
  const char *magic;
  size_t n_bytes;
  const char *name;
} foreigners[] = {
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8,
     N_("an Excel workbook of the old kind (.xls), or one with a password")},
    {"%PDF", 4, N_("a PDF")},
    {"\x1f\x8b", 2, N_("a compressed file (.gz)")},
    {"<html", 5, N_("a web page, which some systems deliver under the name .xls")},
    {"<!DOCTYPE", 9, N_("a web page, which some systems deliver under the name .xls")},
    {"<?xml", 5, N_("an XML file")},
    {"{\\rtf", 5, N_("a text processor's file (.rtf)")},
};

enum { ZIP_HEAD_BYTES = 4096 };

// What kind of zip file: each has one of these near its beginning.
static const char *zip_name(const char *bytes, size_t n_bytes)
{
  size_t n = MIN(n_bytes, ZIP_HEAD_BYTES);
  if (memmem(bytes, n, "opendocument.spreadsheet", strlen("opendocument.spreadsheet")))
    return N_("a LibreOffice table (.ods)");
  if (memmem(bytes, n, "[Content_Types].xml", strlen("[Content_Types].xml")) ||
      memmem(bytes, n, "xl/", strlen("xl/")))
    return N_("an Excel workbook (.xlsx)");
  return N_("a zip file");
}

const char *foreign_name(const void *bytes, size_t n_bytes)
{
  if (n_bytes >= 4 && memcmp(bytes, "PK\3\4", 4) == 0)
    return _(zip_name(bytes, n_bytes));
  for (size_t i = 0; i < G_N_ELEMENTS(foreigners); i++)
    if (n_bytes >= foreigners[i].n_bytes &&
        memcmp(bytes, foreigners[i].magic, foreigners[i].n_bytes) == 0)
      return _(foreigners[i].name);
  return NULL;
}

const char *foreign_advice(const Layout *layout)
{
  static const char *const advice[N_ENCODINGS] = {
      [ENCODING_CP932] =
          N_("ask for the CSV as HR's system writes it, or open it in Excel and save it "
             "as “CSV (コンマ区切り) (*.csv)”"),
      [ENCODING_UTF8] =
          N_("ask for the CSV as HR's system writes it, or open it in Excel and save it "
             "as “CSV UTF-8 (コンマ区切り) (*.csv)”"),
      [ENCODING_UTF16LE] =
          N_("ask for the text as HR's system writes it, or open it in Excel and "
             "save it as “Unicode テキスト (*.txt)”, whose layout has separator: tab"),
      [ENCODING_EUCJP] = N_("ask for the CSV as HR's system writes it, in EUC-JP"),
  };
  return _(advice[layout->encoding]);
}
