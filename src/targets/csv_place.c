// SPDX-License-Identifier: GPL-3.0-or-later
//
// Rows as entries: how they are called, and how files are called.
#include "csv_p.h"

static char *named(const char *type, const char *value, const char *parent)
{
  g_autoptr(GString) dn = g_string_new(type);
  g_string_append_c(dn, '=');
  escape_text(dn, value, ESCAPE_DN);
  g_string_append_printf(dn, ",%s", parent);
  return g_string_free(g_steal_pointer(&dn), false);
}

char *csv_file_dn(const TargetConfig *config, const CsvFile *file)
{
  return named("file", file->word, config->base);
}

char *csv_row_dn(const TargetConfig *config, const CsvFile *file, const char *row)
{
  g_autofree char *parent = csv_file_dn(config, file);
  return named(CSV_ROW, row, parent);
}

// The value of the first RDN when it is of this type; the rest of the name in *rest. NULL else.
static char *value_of(const char *dn, const char *type, const char **rest)
{
  size_t n = 0, n_type = strlen(type);
  if (!place_split(dn, &n, rest) || n <= n_type + 1 || g_ascii_strncasecmp(dn, type, n_type) != 0 ||
      dn[n_type] != '=')
    return NULL;
  g_autofree char *escaped = g_strndup(dn + n_type + 1, n - n_type - 1);
  return place_unescape(escaped);
}

const CsvFile *csv_place_of(const TargetConfig *config, const char *dn, char **row)
{
  const char *rest = dn, *base = NULL;
  *row = value_of(dn, CSV_ROW, &rest);
  g_autofree char *word = value_of(*row ? rest : dn, "file", &base);
  const CsvFile *file = csv_product_file(csv_product_of(config), word);
  if (file && g_ascii_strcasecmp(base, config->base) == 0)
    return file;
  g_clear_pointer(row, g_free);
  return NULL;
}

GStrv csv_key_parts(const CsvFile *file, const char *row)
{
  if (file->key->len < 2)
    return g_strsplit(row, "\n", 1);
  GStrv parts = g_strsplit(row, "/", -1);
  if (g_strv_length(parts) == file->key->len)
    return parts;
  g_strfreev(parts);
  return NULL;
}

void csv_follow(Record *record, const void *product)
{
  const char *rest = NULL, *base = NULL;
  g_autofree char *row = value_of(record->dn, CSV_ROW, &rest);
  g_autofree char *word = row ? value_of(rest, "file", &base) : NULL;
  const CsvFile *file = csv_product_file(product, word);
  g_auto(GStrv) parts = file ? csv_key_parts(file, row) : NULL;
  for (size_t i = 0; parts && parts[i]; i++) {
    record_remove(record, file->key->pdata[i]);
    record_add(record, file->key->pdata[i], parts[i], strlen(parts[i]));
  }
}

BelievedTraits csv_traits(const TargetConfig *config, bool writes)
{
  return (BelievedTraits){.base = config->base,
                          .dit = {.rules = csv_rules,
                                  .rules_data = config->own,
                                  .names_follow = true,
                                  .follow = csv_follow},
                          .writes = writes};
}

const char *csv_first(const Record *record, const char *attribute)
{
  const Field *field = record ? record_find(record, attribute) : NULL;
  return field && field->values->len ? g_array_index(field->values, Bytes, 0).at : NULL;
}

// ---------------------------------------------------------------------------------------------
// Names of files

static void put_date(const char *between, Date day, GString *out)
{
  int year = 0, month = 0, date = 0;
  date_split(day, &year, &month, &date);
  g_string_append_printf(out, "%04d%s%02d%s%02d", year, between, month, between, date);
}

static void put_set(const CsvName *what, GString *out)
{
  g_string_append(out, what->set ? what->set : "");
}

static void put_part(const CsvName *what, GString *out)
{
  g_string_append_printf(out, "%zu", what->part);
}

static void put_step(const CsvName *what, GString *out)
{
  g_string_append_printf(out, "%zu", what->step);
}

static void put_day(const CsvName *what, GString *out)
{
  put_date("", what->day, out);
}

static void put_day_hyphens(const CsvName *what, GString *out)
{
  put_date("-", what->day, out);
}

static void put_day_slashes(const CsvName *what, GString *out)
{
  put_date("/", what->day, out);
}

static const struct {
  const char *word;
  void (*put)(const CsvName *what, GString *out);
} words[] = {{"{set}", put_set},  {"{part}", put_part},         {"{step}", put_step},
             {"{date}", put_day}, {"{date-}", put_day_hyphens}, {"{date/}", put_day_slashes}};

void csv_name_make(const char *pattern, const CsvName *what, GString *out)
{
  for (const char *at = pattern; *at;) {
    size_t i = 0;
    while (i < G_N_ELEMENTS(words) && !g_str_has_prefix(at, words[i].word))
      i++;
    if (i < G_N_ELEMENTS(words))
      words[i].put(what, out);
    else
      g_string_append_c(out, *at);
    at += i < G_N_ELEMENTS(words) ? strlen(words[i].word) : 1;
  }
}

// 8, 12 or 14 digits, of Japan's clock.
static bool read_time(const char *digits, size_t n, Instant *out)
{
  int parts[6] = {0};
  static const size_t widths[] = {4, 2, 2, 2, 2, 2};
  if (n != 8 && n != 12 && n != 14)
    return false;
  for (size_t i = 0, at = 0; at < n; at += widths[i++])
    for (size_t j = 0; j < widths[i]; j++)
      parts[i] = parts[i] * 10 + (digits[at + j] - '0');
  Date day = date_of(parts[0], parts[1], parts[2]);
  if (day == DATE_NONE || parts[3] > 23 || parts[4] > 59 || parts[5] > 59)
    return false;
  *out = date_start(day) + parts[3] * 3600 + parts[4] * 60 + parts[5];
  return true;
}

static size_t n_digits(const char *text)
{
  return strspn(text, "0123456789");
}

static bool fits(const char *pattern, const char *name, CsvNamed *out)
{
  if (!*pattern)
    return !*name;
  if (*pattern == '*') {
    for (const char *at = name;; at++) {
      if (fits(pattern + 1, at, out))
        return true;
      if (!*at)
        return false;
    }
  }
  size_t n = n_digits(name);
  if (g_str_has_prefix(pattern, "{time}"))
    return n && read_time(name, n, &out->when) && fits(pattern + 6, name + n, out);
  if (g_str_has_prefix(pattern, "{set}")) {
    if (!n || n >= sizeof out->set)
      return false;
    memcpy(out->set, name, n);
    out->set[n] = '\0';
    return fits(pattern + 5, name + n, out);
  }
  return *pattern == *name && fits(pattern + 1, name + 1, out);
}

bool csv_name_fits(const char *pattern, const char *name, CsvNamed *out)
{
  *out = (CsvNamed){.when = INSTANT_NONE};
  return fits(pattern, name, out);
}
