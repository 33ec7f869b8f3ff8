// SPDX-License-Identifier: GPL-3.0-or-later
#include "intake_kit.h"

const char kit_roster[] = "layout: kit-roster\n"
                          "kind: roster\n"
                          "space: city\n"
                          "files: roster-*.csv\n"
                          "encoding: utf8\n"
                          "full: true\n"
                          "dates: [iso]\n"
                          "columns:\n"
                          "  date: file_date\n"
                          "  no: {field: number, digits: 6}\n"
                          "  name: name\n"
                          "  kana: {field: kana, optional: true}\n"
                          "  unit: unit\n"
                          "  title: {field: title, optional: true}\n"
                          "  role: {field: role, optional: true, codes: {1: main, 2: concurrent}}\n"
                          "  state: {field: state, optional: true, codes: {1: active, 2: leave}}\n"
                          "  phone: {field: phone, optional: true}\n"
                          "decides: [phone]\n";

const char kit_orders[] = "layout: kit-orders\n"
                          "kind: orders\n"
                          "space: city\n"
                          "files: orders-*.csv\n"
                          "encoding: utf8\n"
                          "dates: [iso]\n"
                          "columns:\n"
                          "  o: order_number\n"
                          "  d: order_date\n"
                          "  k: order_kind\n"
                          "  no: {field: number, digits: 6}\n"
                          "  name: name\n"
                          "  kana: {field: kana, optional: true}\n"
                          "  unit: unit\n"
                          "  title: title\n"
                          "  t: {field: order_target, optional: true}\n"
                          "  old: {field: old_number, optional: true}\n"
                          "kinds:\n"
                          "  hire: hire\n"
                          "  transfer: transfer\n"
                          "  promote: promote\n"
                          "  concurrent: concurrent\n"
                          "  concurrent_end: {kind: concurrent_end, last_day: true}\n"
                          "  leave: leave\n"
                          "  return: return\n"
                          "  retire: {kind: retire, last_day: true}\n"
                          "  away: retire\n"
                          "  rename: {kind: rename, keep_former: true}\n"
                          "  correct: {kind: correct, needs: [order_target]}\n"
                          "  cancel: {kind: cancel, needs: [order_target]}\n";

const char kit_units[] =
    "layout: kit-units\n"
    "kind: units\n"
    "space: city\n"
    "files: units-*.csv\n"
    "encoding: utf8\n"
    "full: true\n"
    "columns: {code: code, name: unit_name, parent: {field: parent, optional: true}}\n";

Kit *kit_new(void)
{
  g_autoptr(GError) error = NULL;
  Kit *kit = g_new0(Kit, 1);
  kit->dir = unit_dir();
  kit->texts = g_string_chunk_new(256);
  g_autofree char *path = g_build_filename(kit->dir, "idou.db", NULL);
  kit->store = store_open(path, STORE_WRITE, &error);
  UNIT_NO_ERROR(error);
  kit->findings = findings_new();
  kit->options = (IntakeOptions){.shrink_percent = 50, .known_at = date_start(date_of(2027, 3, 1))};
  return kit;
}

void kit_free(Kit *kit)
{
  if (!kit)
    return;
  store_close(kit->store);
  findings_free(kit->findings);
  g_string_chunk_free(kit->texts);
  g_free(kit);
}

const char *kit_write(Kit *kit, const char *name, const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_build_filename(kit->dir, name, NULL);
  g_file_set_contents(path, text, -1, &error);
  UNIT_NO_ERROR(error);
  return g_string_chunk_insert_const(kit->texts, path);
}

Layout *kit_layout(Kit *kit, const char *yaml)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  Layout *layout = layout_load(kit_write(kit, "layout.yaml", yaml), findings, &error);
  for (size_t i = 0; i < findings_count(findings); i++) {
    g_autoptr(GString) line = g_string_new(NULL);
    findings_format(findings_at(findings, i), line);
    UNIT_STR(line->str, "no finding");
  }
  UNIT_NO_ERROR(error);
  return layout;
}

IntakeVerdict kit_take(Kit *kit, const char *yaml, const char *name, const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Layout) layout = kit_layout(kit, yaml);
  const char *path = kit_write(kit, name, text);
  kit->options.layout = layout;
  if (layout)
    intake_file(kit->store, path, &kit->options, kit->findings, &kit->receipt, &error);
  UNIT_NO_ERROR(error, "%s", name);
  kit->options.layout = NULL;
  return kit->receipt.verdict;
}

const char *kit_value(Kit *kit, const char *number, const char *post, FieldId field,
                      const char *day)
{
  Date on = DATE_NONE;
  UNIT_TRUE(date_parse_iso(day, &on));
  Fact key = {.kind = SUBJECT_PERSON, .field = field}, fact;
  key.subject = store_link_find(kit->store, SUBJECT_PERSON, "city", number, DATE_OPEN - 1);
  if (post && !(key.post = store_post_find(kit->store, key.subject, post)))
    return NULL;
  return store_fact_on(kit->store, &key, on, INSTANT_OPEN, &fact) ? fact.value : NULL;
}

const Finding *kit_finding(const Kit *kit, const char *code)
{
  for (size_t i = findings_count(kit->findings); i-- > 0;)
    if (g_str_equal(findings_at(kit->findings, i)->code, code))
      return findings_at(kit->findings, i);
  return NULL;
}

size_t kit_count(const Kit *kit, const char *code)
{
  size_t n = 0;
  for (size_t i = 0; i < findings_count(kit->findings); i++)
    n += g_str_equal(findings_at(kit->findings, i)->code, code);
  return n;
}

size_t kit_n_facts(Kit *kit)
{
  size_t n = 0;
  for (SubjectKind kind = SUBJECT_PERSON; kind <= SUBJECT_UNIT; kind++) {
    Fact fact;
    g_autoptr(FactScan) scan = store_facts_scan(kit->store, kind, INSTANT_OPEN, NULL);
    while (fact_scan_next(scan, &fact, NULL))
      n++;
  }
  return n;
}
