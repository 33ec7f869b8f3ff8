// SPDX-License-Identifier: GPL-3.0-or-later
//
// What HR says of a file as a whole: its set and version, and the totals of the cover note (送付票). Totals that
// disagree with the rows mean that something was lost on the way, so the file is rejected; those that agree
// are what the guards may expect.
#include "intake_p.h"

#include <string.h>
#include <sys/stat.h>

enum { COVER_BYTES_MAX = 64 * 1024 };

// ---------------------------------------------------------------------------------------------
// The layout's part.

static uint64_t read_acts(const Layout *layout, const YamlNode *node, Findings *findings)
{
  uint64_t acts = 0;
  size_t n = yaml_kind(node) == YAML_LIST ? yaml_count(node) : 1;
  for (size_t i = 0; i < n; i++) {
    const YamlNode *item = yaml_kind(node) == YAML_LIST ? yaml_item(node, i) : node;
    const char *name = yaml_text(item);
    Act act = name ? act_find(name) : N_ACTS;
    if (act == N_ACTS)
      yaml_fault(layout->yaml, item, findings, "layout-kind",
                 _("no kind of order is called that; docs/layouts.md lists them"));
    else
      acts |= UINT64_C(1) << act;
  }
  return acts;
}

static void read_cover_note(Layout *layout, const YamlNode *node, Findings *findings)
{
  static const char *const keys[] = {"name", "required", "count", "totals", NULL};
  const YamlNode *totals = yaml_get(node, "totals"), *key_node, *value;
  const char *key, *count = "people";
  if (!node)
    return;
  yaml_check_keys(layout->yaml, node, keys, findings);
  yaml_read_text(layout->yaml, node, "name", findings, &layout->cover_note);
  yaml_read_bool(layout->yaml, node, "required", findings, &layout->cover_required);
  yaml_read_text(layout->yaml, node, "count", findings, &count);
  layout->cover_counts_rows = g_str_equal(count, "rows");
  if (!layout->cover_note || !strstr(layout->cover_note, "{name}") ||
      strchr(layout->cover_note, '/') ||
      (!layout->cover_counts_rows && !g_str_equal(count, "people")))
    yaml_fault(
        layout->yaml, node, findings, "layout-cover-note",
        _("cover_note: name (as {name}.cover.csv), required, count (people or rows) and totals "
          "(their word: our kinds of order) are wanted"));
  for (size_t i = 0; totals && yaml_pair(totals, i, &key, &key_node, &value); i++) {
    CoverWord word = {key, read_acts(layout, value, findings)};
    g_array_append_val(layout->cover_words, word);
  }
}

void layout_read_edition(Layout *layout, const YamlNode *root, Findings *findings)
{
  const char *mode = NULL, *resend = NULL;
  layout->series = "";
  yaml_read_text(layout->yaml, root, "series", findings, &layout->series);
  yaml_read_text(layout->yaml, root, "set_in_name", findings, &layout->set_in_name);
  if (yaml_read_text(layout->yaml, root, "mode", findings, &mode)) {
    layout->mode = g_str_equal(mode, "replaces") ? EDITION_REPLACES : EDITION_ADDS;
    if (!g_str_equal(mode, "replaces") && !g_str_equal(mode, "adds"))
      yaml_fault(layout->yaml, yaml_get(root, "mode"), findings, "layout-choice",
                 _("mode: a version replaces or adds"));
  }
  if (yaml_read_text(layout->yaml, root, "resend", findings, &resend)) {
    layout->resend_replaces = g_str_equal(resend, "replaces");
    if (!layout->resend_replaces && !g_str_equal(resend, "refused"))
      yaml_fault(layout->yaml, yaml_get(root, "resend"), findings, "layout-choice",
                 _("resend: a row sent again with another meaning replaces or is refused"));
  }
  if (layout->set_in_name &&
      (!strstr(layout->set_in_name, "{set}") || !strstr(layout->set_in_name, "{version}")))
    yaml_fault(layout->yaml, yaml_get(root, "set_in_name"), findings, "layout-set-in-name",
               _("{set} and {version} must stand where the file name has them"));
  read_cover_note(layout, yaml_get(root, "cover_note"), findings);
}

// ---------------------------------------------------------------------------------------------
// Files that come with a file.

// "{name}.count" beside "in/orders-1.csv" is "in/orders-1.count".
static char *layout_beside(const char *pattern, const char *path)
{
  g_autofree char *dir = g_path_get_dirname(path), *base = g_path_get_basename(path);
  if (g_str_has_suffix(base, ".csv"))
    base[strlen(base) - strlen(".csv")] = '\0';
  g_auto(GStrv) parts = g_strsplit(pattern, "{name}", 2);
  g_autofree char *name = g_strconcat(parts[0], base, parts[1], NULL);
  return g_str_equal(dir, ".") ? g_steal_pointer(&name) : g_build_filename(dir, name, NULL);
}

char *layout_count_file(const Layout *layout, const char *path)
{
  return layout->count_file ? layout_beside(layout->count_file, path) : NULL;
}

char *layout_cover_file(const Layout *layout, const char *path)
{
  return layout->cover_note ? layout_beside(layout->cover_note, path) : NULL;
}

// ---------------------------------------------------------------------------------------------
// The note: key and value, as YAML or as a CSV of two columns, in HR's words or ours.

typedef struct Term {
  const char *words[3];
  void (*take)(Reading *, const char *);
} Term;

static void bad_note(Reading *reading, const char *key, const char *value)
{
  g_autofree char *name = layout_beside(reading->layout->cover_note, reading->file);
  Finding at = {.code = "cover-note", .file = name, .field = key, .value = value};
  reading_reject(reading, &at, _("the cover note says something here that cannot be understood"));
}

static void take_set(Reading *reading, const char *value)
{
  reading->cover.set = g_string_chunk_insert(reading->text, value);
}

static void take_version(Reading *reading, const char *value)
{
  gint64 version;
  if (g_ascii_string_to_signed(value, 10, 1, G_MAXINT32, &version, NULL))
    reading->cover.version = version;
  else
    bad_note(reading, "version", value);
}

static void take_mode(Reading *reading, const char *value)
{
  static const char *const replaces[] = {"replaces", "置換", "差替", "差し替え", NULL};
  static const char *const adds[] = {"adds", "追加", NULL};
  if (g_strv_contains(replaces, value))
    reading->cover.mode = EDITION_REPLACES;
  else if (g_strv_contains(adds, value))
    reading->cover.mode = EDITION_ADDS;
  else
    bad_note(reading, "mode", value);
}

static void take_embargo(Reading *reading, const char *value)
{
  if (*value && !instant_parse(value, &reading->cover.embargo))
    bad_note(reading, "embargo", value);
}

static void take_withdrawn(Reading *reading, const char *value)
{
  gint64 n;
  if (g_ascii_string_to_signed(value, 10, 0, G_MAXINT32, &n, NULL))
    reading->cover.n_withdrawn = n;
  else
    bad_note(reading, "withdrawn", value);
}

static const Term terms[] = {
    {{"set", "発令集合", NULL}, take_set},         {{"version", "版", NULL}, take_version},
    {{"mode", "方式", NULL}, take_mode},           {{"embargo", "解禁", NULL}, take_embargo},
    {{"withdrawn", "取下", NULL}, take_withdrawn},
};

static void take_total(Reading *reading, const char *key, const char *value)
{
  gint64 n;
  CoverTotal total = {g_string_chunk_insert(reading->text, key), 0};
  if (!g_ascii_string_to_signed(value, 10, 0, G_MAXINT32, &n, NULL)) {
    bad_note(reading, key, value);
    return;
  }
  total.n = n;
  g_array_append_val(reading->cover.totals, total);
}

static void take_term(Reading *reading, const char *key, const char *value)
{
  for (size_t i = 0; i < G_N_ELEMENTS(terms); i++)
    if (g_strv_contains(terms[i].words, key)) {
      terms[i].take(reading, value);
      return;
    }
  take_total(reading, key, value);
}

static void take_yaml(Reading *reading, GBytes *bytes, const char *name)
{
  g_autoptr(GError) fault = NULL;
  size_t n_bytes;
  const char *text = g_bytes_get_data(bytes, &n_bytes), *key;
  g_autoptr(Yaml) yaml = yaml_parse(text, n_bytes, name, reading->findings, &fault);
  const YamlNode *key_node, *value;
  if (!yaml) {
    reading->rejected = true;
    return;
  }
  for (size_t i = 0; yaml_pair(yaml_root(yaml), i, &key, &key_node, &value); i++) {
    const YamlNode *totals = yaml_kind(value) == YAML_MAP ? value : NULL, *total_node, *total;
    const char *word;
    if (!totals)
      take_term(reading, key, yaml_text(value) ? yaml_text(value) : "");
    for (size_t k = 0; totals && yaml_pair(totals, k, &word, &total_node, &total); k++)
      take_total(reading, word, yaml_text(total) ? yaml_text(total) : "");
  }
}

static void take_row(Reading *reading, const SheetRow *row, bool first)
{
  bool pair = row->n_cells == 2;
  const char *key = row_cell(row, 0), *value = pair ? row_cell(row, 1) : "";
  bool is_header =
      first && pair && *value && !g_ascii_isdigit(*value) &&
      (g_str_equal(key, "区分") || g_str_equal(key, "項目") || g_str_equal(key, "key"));
  if (!pair)
    bad_note(reading, key, NULL);
  else if (!is_header)
    take_term(reading, key, value);
}

// In the layout's own encoding; a first row that names the columns is passed over.
static void take_csv(Reading *reading, GBytes *bytes, const char *name)
{
  size_t n_bytes;
  const void *data = g_bytes_get_data(bytes, &n_bytes);
  g_autoptr(Sheet) sheet = sheet_new(data, n_bytes, reading->layout->encoding, ',');
  g_autoptr(SheetRow) row = row_new();
  SheetStep step;
  sheet->file = name;
  sheet->findings = reading->findings;
  for (bool first = true; (step = sheet_next(sheet, row)) == SHEET_ROW; first = false)
    take_row(reading, row, first);
  if (step == SHEET_FAULT)
    reading->rejected = true;
}

bool cover_read(Reading *reading, const char *path, GError **error)
{
  reading->cover = (Cover){.set = "", .embargo = INSTANT_NONE, .n_withdrawn = -1};
  reading->cover.mode = reading->layout->mode;
  reading->cover.totals = g_array_new(FALSE, FALSE, sizeof(CoverTotal));
  g_autofree char *side = layout_cover_file(reading->layout, path);
  struct stat status;
  if (!side)
    return true;
  g_autofree char *name = g_path_get_basename(side);
  if (lstat(side, &status) != 0) {
    if (reading->layout->cover_required)
      reading_reject(reading, &(Finding){.code = "cover-note"},
                     _("%s, HR's cover note with the totals of this file, must come with it"),
                     name);
    return true;
  }
  g_autoptr(GBytes) bytes = file_read(side, COVER_BYTES_MAX, error);
  if (!bytes)
    return false;
  bool is_yaml = g_str_has_suffix(side, ".yaml") || g_str_has_suffix(side, ".yml");
  (is_yaml ? take_yaml : take_csv)(reading, bytes, name);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Set and version.

// What stands in the name of the file where the pattern has {set} and {version}.
static void take_name(Reading *reading)
{
  g_autofree char *quoted = g_regex_escape_string(reading->layout->set_in_name, -1);
  g_autoptr(GString) pattern = g_string_new(quoted);
  g_autoptr(GMatchInfo) match = NULL;
  g_string_replace(pattern, "\\{set\\}", "(?<set>.+)", 1);
  g_string_replace(pattern, "\\{version\\}", "(?<version>[0-9]+)", 1);
  g_string_prepend_c(pattern, '^');
  g_string_append_c(pattern, '$');
  g_autoptr(GRegex) regex = g_regex_new(pattern->str, 0, 0, NULL);
  if (!regex || !g_regex_match(regex, reading->file, 0, &match)) {
    reading_reject(reading, &(Finding){.code = "set", .value = reading->file},
                   _("the name should tell set and version as %s"), reading->layout->set_in_name);
    return;
  }
  g_autofree char *set = g_match_info_fetch_named(match, "set");
  g_autofree char *version = g_match_info_fetch_named(match, "version");
  take_set(reading, set);
  take_version(reading, version);
}

static void take_column(Reading *reading, WordId word, void (*take)(Reading *, const char *))
{
  const char *first = NULL;
  for (size_t i = 0; i < reading->records->len && reading_has(reading, word); i++) {
    const char *value = reading_word(reading, i, word);
    if (!*value || (first && g_str_equal(first, value)))
      continue;
    if (first) {
      reading_note(
          reading, i, word, &(Finding){.level = FINDING_ERROR, .code = "set"},
          _("a file belongs to one set and is one version of it; an earlier row says “%s”"), first);
      reading->rejected = true;
      return;
    }
    first = g_string_chunk_insert(reading->text, value);
    take(reading, first);
  }
}

static void find_edition(Reading *reading)
{
  const Cover *cover = &reading->cover;
  if (reading->layout->set_in_name)
    take_name(reading);
  take_column(reading, WORD_SET, take_set);
  take_column(reading, WORD_VERSION, take_version);
  if (*cover->set && cover->version < 1)
    reading_reject(reading, &(Finding){.code = "set", .value = cover->set},
                   _("the file belongs to an order set, but nothing says which version it is"));
  else if (*cover->set && cover->mode == EDITION_UNTOLD && !reading->rejected)
    reading_reject(reading, &(Finding){.code = "set", .value = cover->set},
                   _("nothing says whether this version replaces those before or adds to them: "
                     "write mode: in the layout, or 方式 in the cover note"));
}

// ---------------------------------------------------------------------------------------------
// Totals.

static uint64_t acts_of(const Layout *layout, const char *word)
{
  for (guint i = 0; i < layout->cover_words->len; i++)
    if (g_str_equal(g_array_index(layout->cover_words, CoverWord, i).word, word))
      return g_array_index(layout->cover_words, CoverWord, i).acts;
  Act act = act_find(word);
  if (act < N_ACTS)
    return UINT64_C(1) << act;
  for (guint i = 0; i < layout->kinds->len; i++)
    if (g_str_equal(g_array_index(layout->kinds, OrderKind, i).code, word))
      return UINT64_C(1) << g_array_index(layout->kinds, OrderKind, i).act;
  return 0;
}

// Of these kinds, how many people (or rows) the file has; bad rows count, too, since HR counted them.
static int64_t count_acts(const Reading *reading, uint64_t acts)
{
  g_autoptr(GHashTable) people = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  int64_t n_rows = 0;
  for (size_t i = 0; i < reading->records->len; i++) {
    const Record *record = reading_record(reading, i);
    if (record->repeat || !record->kind || !(acts >> record->kind->act & 1))
      continue;
    n_rows++;
    g_hash_table_add(people, g_strdup(reading_word(reading, i, WORD_NUMBER)));
  }
  return reading->layout->cover_counts_rows ? n_rows : (int64_t)g_hash_table_size(people);
}

static void compare_total(Reading *reading, const CoverTotal *total)
{
  g_autofree char *note = layout_beside(reading->layout->cover_note, reading->file);
  uint64_t acts = acts_of(reading->layout, total->word);
  Finding at = {.code = "cover-note", .file = note, .field = total->word};
  if (!acts) {
    reading_reject(
        reading, &at,
        _("the cover note counts “%s”, which stands neither under cover_note: totals: nor "
          "under kinds: of the layout"),
        total->word);
    return;
  }
  int64_t n = count_acts(reading, acts);
  if (n != total->n)
    reading_reject(reading, &at,
                   _("the cover note says %s %" G_GINT64_FORMAT ", the file has %" G_GINT64_FORMAT
                     " (%+" G_GINT64_FORMAT "): ask HR for the file again"),
                   total->word, total->n, n, n - total->n);
}

static char *covered_kinds(const Reading *reading)
{
  uint64_t acts = 0;
  g_autoptr(GString) out = g_string_new(NULL);
  for (guint i = 0; i < reading->cover.totals->len; i++)
    acts |= acts_of(reading->layout, g_array_index(reading->cover.totals, CoverTotal, i).word);
  for (Act act = 0; act < N_ACTS; act++)
    if (acts >> act & 1)
      g_string_append_printf(out, "%s%s", out->len ? " " : "", act_traits[act].name);
  return g_string_free(g_steal_pointer(&out), FALSE);
}

void cover_check(Reading *reading)
{
  if (reading->layout->kind != LAYOUT_ORDERS)
    return;
  if (!reading->cover.totals)
    reading->cover = (Cover){.set = "",
                             .embargo = INSTANT_NONE,
                             .n_withdrawn = -1,
                             .mode = reading->layout->mode,
                             .totals = g_array_new(FALSE, FALSE, sizeof(CoverTotal))};
  find_edition(reading);
  for (guint i = 0; i < reading->cover.totals->len; i++)
    compare_total(reading, &g_array_index(reading->cover.totals, CoverTotal, i));
  if (!reading->rejected && reading->cover.totals->len > 0)
    reading->cover.covered = covered_kinds(reading);
}
