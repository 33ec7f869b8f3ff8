// SPDX-License-Identifier: GPL-3.0-or-later
//
// Any bytes as a file of HR's, by layouts of each encoding: none may break the program, what it says of them
// must add up, and the table of findings must be text of the layout's encoding. A layout is guessed
// for it, too.
#include "idou/intake.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char roster[] =
    "layout: roster\nkind: roster\nspace: city\nfiles: a\nencoding: utf8\nfull: true\n"
    "dates: [iso, compact, slash, wareki, excel, era_code]\nera_codes: {5: R, 4: H}\n"
    "columns:\n  date: file_date\n  no: {field: number, digits: 6}\n  name: name\n  unit: unit\n"
    "  birth: {field: birth, optional: true}\n"
    "  role: {field: role, optional: true, codes: {1: main, 2: concurrent}}\nignore: [x]\n";
static const char orders[] =
    "layout: orders\nkind: orders\nspace: city\nfiles: a\nencoding: cp932\ntrim: true\n"
    "dates: [compact]\ncolumns: {o: order_number, d: order_date, k: order_kind, no: number, "
    "unit: unit, t: order_target}\nkinds: {1: transfer, 2: cancel}\n";
static const char units[] =
    "layout: units\nkind: units\nspace: city\nfiles: a\nencoding: utf8\nseparator: tab\n"
    "trailer: {match: T, count_column: 2}\ncolumns: {code: code, name: unit_name}\n";
static const char wide[] =
    "layout: wide\nkind: roster\nspace: city\nfiles: a\nencoding: utf16le\nseparator: tab\n"
    "header_line: 2\nempty_lines: skip\ntrailing_commas: true\nline_breaks: space\ndates: [iso]\n"
    "columns:\n  date: file_date\n  no: {field: number, digits: 6, restore_zeros: true}\n"
    "  name: name\n  unit: unit\n  role: {field: role, optional: true}\n";
static const char euc[] =
    "layout: euc\nkind: orders\nspace: city\nfiles: a\nencoding: eucjp\nempty_lines: skip\n"
    "dates: [compact]\ntrailer: {match: T, count_column: 2}\ncolumns: {o: order_number, d: "
    "order_date, "
    "k: order_kind, no: number, 所属: unit}\nkinds: {1: transfer}\n";
static const struct {
  const char *yaml, *encoding;
} yamls[] = {
    {roster, "UTF-8"}, {orders, "CP932"}, {units, "UTF-8"}, {wide, "UTF-16LE"}, {euc, "EUC-JP-MS"}};

static Layout *load(const char *yaml)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp("idou-fuzz-XXXXXX", &path, NULL);
  if (fd < 0 || !g_file_set_contents(path, yaml, -1, NULL))
    abort();
  Layout *layout = layout_load(path, findings, &error);
  g_unlink(path);
  close(fd);
  if (!layout)
    g_error("%s", error->message);
  return layout;
}

static void check_table(const GString *table, const char *encoding, const Findings *findings)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text =
      g_convert(table->str, (gssize)table->len, "UTF-8", encoding, NULL, NULL, &error);
  if (!text || (table->len > 0) != (findings_count(findings) > 0))
    abort();
}

static void examine(const Layout *layout, const char *encoding, const uint8_t *data, size_t size)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GString) line = g_string_new(NULL);
  g_autoptr(GString) table = g_string_new(NULL);
  IntakeOptions options = {.layout = layout, .name = "fuzz.csv", .returns = table};
  IntakeReceipt receipt;
  if (!intake_examine(data, size, &options, findings, &receipt, NULL))
    abort();
  for (size_t i = 0; i < findings_count(findings); i++)
    findings_format(findings_at(findings, i), line);
  bool spoiled = findings_count_level(findings, FINDING_ERROR) > 0;
  if (receipt.n_taken + receipt.n_rejected != receipt.n_rows ||
      spoiled != (receipt.verdict != INTAKE_TAKEN) || !g_utf8_validate(line->str, -1, NULL))
    abort();
  check_table(table, encoding, findings);
}

// Whatever a file holds, a proposal is YAML, and what it counts is marked in it.
static void guess(const uint8_t *data, size_t size)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GBytes) bytes = g_bytes_new_static(data, size);
  GuessOptions options = {.name = "fuzz-20270401.csv"};
  g_auto(Guessed) guessed = {0};
  if (!guess_layout(bytes, &options, findings, &guessed)) {
    if (findings_count(findings) == 0)
      abort();
    return;
  }
  size_t n_marks = 0;
  for (const char *at = guessed.yaml->str; (at = strpbrk(at, "Gu")); at++)
    n_marks += g_str_has_prefix(at, "GAP: ") || g_str_has_prefix(at, "unknown: ");
  g_autoptr(Yaml) yaml = yaml_parse(guessed.yaml->str, guessed.yaml->len, "guess", findings, NULL);
  if (!yaml || !g_utf8_validate(guessed.yaml->str, (gssize)guessed.yaml->len, NULL) ||
      n_marks < guessed.n_gaps)
    g_error("%s", guessed.yaml->str);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  guess(data, size);
  static Layout *layouts[G_N_ELEMENTS(yamls)];
  for (size_t i = 0; i < G_N_ELEMENTS(yamls); i++) {
    if (!layouts[i])
      layouts[i] = load(yamls[i].yaml);
    examine(layouts[i], yamls[i].encoding, data, size);
  }
  return 0;
}
