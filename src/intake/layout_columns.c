// SPDX-License-Identifier: GPL-3.0-or-later
//
// The parts of a layout that are tables: columns with their codes, kinds of order.
#include "intake_p.h"

#include <string.h>

static bool among(const char *choices, const char *text)
{
  g_auto(GStrv) list = g_strsplit(choices, "|", -1);
  return g_strv_contains((const char *const *)list, text);
}

static void read_codes(Layout *layout, const YamlNode *node, Findings *findings, Column *column)
{
  const YamlNode *map = yaml_get(node, "codes"), *value, *key_node;
  const char *key;
  if (!map)
    return;
  if (yaml_kind(map) != YAML_MAP)
    yaml_fault(layout->yaml, map, findings, "layout-codes",
               _("codes: a map of their value to ours is wanted, as {1: active, 2: leave}"));
  column->codes = g_array_new(FALSE, FALSE, sizeof(Code));
  for (size_t i = 0; yaml_pair(map, i, &key, &key_node, &value); i++) {
    const char *ours = yaml_text(value);
    const char *choices = column->word == WORD_NONE ? NULL : words[column->word].choices;
    if (!ours || (choices && !among(choices, ours)))
      yaml_fault(layout->yaml, value, findings, "layout-codes", _("our value must be %s here"),
                 choices ? choices : _("text"));
    else
      g_array_append_vals(column->codes, &(Code){key, ours}, 1);
  }
}

static void take_word(Layout *layout, const YamlNode *at, const char *name, Findings *findings,
                      Column *column)
{
  WordId word = word_find(name);
  for (size_t i = 0; word == WORD_NONE && i < layout->own->len; i++)
    if (g_str_equal(g_array_index(layout->own, OwnField, i).name, name))
      column->own = (int)i;
  if (column->own >= 0)
    return;
  if (word == WORD_NONE) {
    yaml_fault(layout->yaml, at, findings, "layout-field",
               _("no field is called “%s”; a field of your own stands under own:"), name);
  } else if (!(words[word].kinds & IN_KIND(layout->kind))) {
    yaml_fault(layout->yaml, at, findings, "layout-field", _("a layout of %s has no field “%s”"),
               layout_kind_name(layout->kind), name);
  } else if (layout->slots[word] >= 0) {
    yaml_fault(layout->yaml, at, findings, "layout-field",
               _("another column has the field “%s” already"), name);
  } else {
    column->word = word;
    layout->slots[word] = (int)layout->columns->len;
  }
}

static void check_dates(const Layout *layout, const YamlNode *node, Findings *findings,
                        const Column *column)
{
  const DateForms *forms = &column->forms;
  if (column_type(column) != TYPE_DATE)
    return;
  if (!(forms->iso || forms->slash || forms->compact || forms->wareki || forms->excel ||
        forms->era_code))
    yaml_fault(
        layout->yaml, node, findings, "layout-dates",
        _("say under dates: how the dates of this column are written, as [compact, wareki]"));
}

// Keys that mean something for a few words only.
static void check_key(const Layout *layout, const YamlNode *node, const char *key,
                      Findings *findings, bool allowed)
{
  if (yaml_get(node, key) && !allowed)
    yaml_fault(layout->yaml, yaml_get(node, key), findings, "layout-field",
               _("this field knows no “%s”"), key);
}

static void read_column(Layout *layout, const YamlNode *node, Findings *findings, Column *column)
{
  static const char *const keys[] = {"field", "optional", "digits",      "restore_zeros", "codes",
                                     "dates", "day_of",   "provisional", "last_day",      NULL};
  const YamlNode *word_node = yaml_kind(node) == YAML_MAP ? yaml_get(node, "field") : node;
  const char *name = yaml_text(word_node);
  int64_t digits = 0;
  if (yaml_read_text(layout->yaml, node, "day_of", findings, &column->day_of) && !name) {
    column->is_day = true;
  } else if (!name) {
    yaml_fault(layout->yaml, node, findings, "layout-field",
               _("a column is the name of a field, or {field: …, digits: …, codes: …}"));
    return;
  }
  if (name)
    take_word(layout, word_node, name, findings, column);
  if (yaml_kind(node) == YAML_MAP) {
    yaml_check_keys(layout->yaml, node, keys, findings);
    yaml_read_bool(layout->yaml, node, "optional", findings, &column->optional);
    yaml_read_bool(layout->yaml, node, "provisional", findings, &column->provisional);
    yaml_read_bool(layout->yaml, node, "last_day", findings, &column->last_day);
    check_key(layout, node, "provisional", findings,
              column->word == WORD_CODE || column->word == WORD_UNIT);
    check_key(layout, node, "last_day", findings, column->word == WORD_VALID_TO);
    yaml_read_int(layout->yaml, node, "digits", findings, &digits);
    column->digits = (int)CLAMP(digits, 0, 100);
    yaml_read_bool(layout->yaml, node, "restore_zeros", findings, &column->restore);
    if (column->restore && digits < 1)
      yaml_fault(layout->yaml, yaml_get(node, "restore_zeros"), findings, "layout-zeros",
                 _("restore_zeros: needs digits: at this column, which tells how many there were"));
    read_codes(layout, node, findings, column);
    if (yaml_get(node, "dates"))
      layout_read_forms(layout, yaml_get(node, "dates"), findings, &column->forms);
  }
  check_dates(layout, node, findings, column);
}

// Which column holds the days of which: known once all headers are.
static void bind_days(Layout *layout, const YamlNode *map, Findings *findings)
{
  for (size_t i = 0; i < layout->columns->len; i++) {
    const Column *day = layout_column(layout, i);
    bool found = !day->is_day;
    for (size_t k = 0; day->is_day && k < layout->columns->len; k++) {
      Column *column = &g_array_index(layout->columns, Column, k);
      if (column->is_day || !g_str_equal(column->header, day->day_of))
        continue;
      column->dated_by = (int)i;
      found = true;
    }
    if (!found || (day->is_day && layout->kind != LAYOUT_ORDERS))
      yaml_fault(layout->yaml, yaml_get(map, day->header), findings, "layout-field",
                 _("day_of: in a layout of orders, the header of the column whose values hold from "
                   "these days"));
  }
}

static bool has_header(const Layout *layout, const char *header)
{
  for (size_t i = 0; i < layout->columns->len; i++)
    if (g_str_equal(layout_column(layout, i)->header, header))
      return true;
  return false;
}

void layout_read_columns(Layout *layout, const YamlNode *root, Findings *findings)
{
  const YamlNode *map = yaml_get(root, "columns"), *list = yaml_get(root, "ignore");
  const YamlNode *key_node, *value;
  const char *key;
  if (yaml_kind(map) != YAML_MAP)
    yaml_fault(layout->yaml, map ? map : root, findings, "layout-missing",
               _("columns: a map of their headers to our fields is wanted"));
  for (size_t i = 0; yaml_pair(map, i, &key, &key_node, &value); i++) {
    Column column = {
        .header = key, .word = WORD_NONE, .own = -1, .dated_by = -1, .forms = layout->forms};
    read_column(layout, value, findings, &column);
    g_array_append_val(layout->columns, column);
  }
  for (size_t i = 0; list && i < yaml_count(list); i++) {
    const char *header = yaml_text(yaml_item(list, i));
    Column column = {.header = header,
                     .word = WORD_NONE,
                     .own = -1,
                     .dated_by = -1,
                     .ignored = true,
                     .optional = true};
    if (!header || has_header(layout, header))
      yaml_fault(layout->yaml, yaml_item(list, i), findings, "layout-ignore",
                 _("ignore: a list of headers that stand not under columns is wanted"));
    else
      g_array_append_val(layout->columns, column);
  }
  bind_days(layout, map, findings);
}

static void read_needs(const Layout *layout, const YamlNode *list, Findings *findings,
                       OrderKind *kind)
{
  for (size_t i = 0; list && i < yaml_count(list); i++) {
    const char *name = yaml_text(yaml_item(list, i));
    WordId word = name ? word_find(name) : WORD_NONE;
    if (word == WORD_NONE)
      yaml_fault(layout->yaml, yaml_item(list, i), findings, "layout-field",
                 _("no field is called that"));
    else
      kind->needs |= BIT_OF(word);
  }
}

static void check_needs(const Layout *layout, const YamlNode *node, Findings *findings,
                        const OrderKind *kind)
{
  for (WordId word = 0; word < N_WORDS; word++)
    if (kind->needs & BIT_OF(word) && layout->slots[word] < 0)
      yaml_fault(layout->yaml, node, findings, "layout-no-column",
                 _("orders of kind %s need the field “%s”, which no column has"),
                 act_traits[kind->act].name, words[word].name);
}

static void read_kind(Layout *layout, const char *code, const YamlNode *node, Findings *findings)
{
  static const char *const keys[] = {"kind", "last_day", "keep_former", "needs", NULL};
  bool is_map = yaml_kind(node) == YAML_MAP;
  const YamlNode *name_node = is_map ? yaml_get(node, "kind") : node;
  const char *name = yaml_text(name_node);
  OrderKind kind = {.code = code, .act = name ? act_find(name) : N_ACTS};
  if (kind.act == N_ACTS) {
    yaml_fault(layout->yaml, name_node ? name_node : node, findings, "layout-kind",
               _("no kind of order is called that; docs/layouts.md lists them"));
    return;
  }
  kind.needs = act_traits[kind.act].needs;
  if (is_map) {
    yaml_check_keys(layout->yaml, node, keys, findings);
    yaml_read_bool(layout->yaml, node, "last_day", findings, &kind.last_day);
    yaml_read_bool(layout->yaml, node, "keep_former", findings, &kind.keep_former);
    read_needs(layout, yaml_get(node, "needs"), findings, &kind);
  }
  check_needs(layout, node, findings, &kind);
  g_array_append_val(layout->kinds, kind);
}

void layout_read_kinds(Layout *layout, const YamlNode *root, Findings *findings)
{
  const YamlNode *map = yaml_get(root, "kinds"), *key_node, *value;
  const char *key;
  if (map && layout->kind != LAYOUT_ORDERS)
    yaml_fault(layout->yaml, map, findings, "layout-kind", _("only a layout of orders has kinds"));
  else if (!map && layout->kind == LAYOUT_ORDERS)
    yaml_fault(layout->yaml, root, findings, "layout-missing",
               _("kinds: a map of their codes to kinds of order is wanted"));
  for (size_t i = 0; map && yaml_pair(map, i, &key, &key_node, &value); i++)
    read_kind(layout, key, value, findings);
}
