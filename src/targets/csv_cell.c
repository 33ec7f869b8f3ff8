// SPDX-License-Identifier: GPL-3.0-or-later
//
// Values as cells, and text as bytes of the product's encoding.
#include "csv_p.h"

#define APOSTROPHE '\''
#define BOM "\xef\xbb\xbf"

static const struct {
  const char *name;  // iconv's; NULL: it is UTF-8
  const char *mark;  // in front of a file, as UTF-8
} encodings[] = {[CSV_UTF8] = {NULL, ""},
                 [CSV_UTF8_BOM] = {NULL, BOM},
                 [CSV_CP932] = {"CP932", ""},
                 [CSV_UTF16LE] = {"UTF-16LE", BOM}};

// ---------------------------------------------------------------------------------------------
// Formulas

static bool runs(const char *value)
{
  return *value && strchr("=+-@", *value);
}

void csv_tame(const CsvStyle *style, const char *value, GString *out)
{
  if (style->prefix && *value)
    g_string_append_printf(out, "%s%s", style->prefix, value);
  else if (!runs(value) || style->formulas == CSV_PLAIN || style->formulas == CSV_REFUSE)
    g_string_append(out, value);
  else if (style->formulas == CSV_APOSTROPHE)
    g_string_append_printf(out, "%c%s", APOSTROPHE, value);
  else {
    g_string_append_unichar(out,
                            (gunichar)*value + 0xFEE0);  // FULLWIDTH form of the ASCII character
    g_string_append(out, value + 1);
  }
}

void csv_untame(const CsvStyle *style, const char *cell, GString *out)
{
  gunichar first = g_utf8_get_char(cell);
  char plain[2] = {first > 0xFEE0 && first <= 0xFF5E ? (char)(first - 0xFEE0) : '\0', '\0'};
  if (style->prefix && g_str_has_prefix(cell, style->prefix)) {
    g_string_append(out, cell + strlen(style->prefix));
  } else if (style->formulas == CSV_APOSTROPHE && *cell == APOSTROPHE && runs(cell + 1)) {
    g_string_append(out, cell + 1);
  } else if (style->formulas == CSV_FULLWIDTH && runs(plain)) {
    g_string_append(out, plain);
    g_string_append(out, g_utf8_next_char(cell));
  } else {
    g_string_append(out, cell);
  }
}

// ---------------------------------------------------------------------------------------------
// What cannot be

static bool needs_quotes(const CsvProduct *product, const char *value)
{
  size_t n = strlen(value);
  return strchr(value, product->separator) || strpbrk(value, "\"\r\n") ||
         (n && (value[0] == ' ' || value[n - 1] == ' '));
}

static bool refuse_character(const CsvProduct *product, const char *value, GString *why)
{
  const char *misfit = charset_misfit(product->charset, value);
  if (!misfit)
    return false;
  g_autoptr(GString) name = g_string_new(NULL);
  text_name_character(misfit, name);
  g_string_append_printf(why, _("%s cannot be written in the encoding of “%s”"), name->str,
                         product->name);
  return true;
}

// Without a mark.
static GByteArray *convert(const CsvProduct *product, const char *text, const char **bad)
{
  const char *name = encodings[product->encoding].name;
  gsize n_read = 0, n_bytes = strlen(text);
  *bad = charset_misfit(product->charset, text);
  g_autofree char *encoded =
      name && !*bad ? g_convert(text, (gssize)n_bytes, name, "UTF-8", &n_read, &n_bytes, NULL)
                    : NULL;
  if (name && !encoded && !*bad)
    *bad = text + n_read;
  if (*bad)
    return NULL;
  GByteArray *out = g_byte_array_new();
  g_byte_array_append(out, (const uint8_t *)(encoded ? encoded : text), (unsigned)n_bytes);
  return out;
}

static size_t bytes_of(const CsvProduct *product, const char *text)
{
  const char *bad = NULL;
  g_autoptr(GByteArray) bytes = convert(product, text, &bad);
  return bytes ? bytes->len : 0;
}

static bool refuse_length(const CsvProduct *product, const CsvColumn *column, const char *cell,
                          GString *why)
{
  size_t n_chars = text_chars(cell), n_bytes = bytes_of(product, cell);
  if (column->max && n_chars > (size_t)column->max) {
    g_string_append_printf(why, _("“%s” has %zu characters where “%s” takes %d"), cell, n_chars,
                           product->name, column->max);
    return true;
  }
  if (!column->max_bytes || n_bytes <= (size_t)column->max_bytes)
    return false;
  g_string_append_printf(why, _("“%s” has %zu bytes where “%s” takes %d"), cell, n_bytes,
                         product->name, column->max_bytes);
  return true;
}

// Of one cell.
static bool refuse_cell(const CsvProduct *product, const CsvColumn *column, const char *value,
                        GString *why)
{
  g_autoptr(GString) cell = g_string_new(NULL);
  if (text_has_control(value)) {
    g_string_append(why, _("it holds a control character"));
    return true;
  }
  if (runs(value) && column->style.formulas == CSV_REFUSE) {
    g_string_append_printf(why,
                           _("“%s” would be run by a spreadsheet that opens the file: it begins "
                             "with “%c” (see “formulas” in the product's description)"),
                           value, *value);
    return true;
  }
  csv_tame(&column->style, value, cell);
  if (column->style.quoting == CSV_NEVER && needs_quotes(product, cell->str)) {
    g_string_append_printf(why, _("“%s” would need quotes, which “%s” does not take"), value,
                           product->name);
    return true;
  }
  if (column->style.unchanged && g_str_equal(column->style.unchanged, cell->str)) {
    g_string_append_printf(why, _("“%s” is the word by which “%s” leaves a column as it is"), value,
                           product->name);
    return true;
  }
  return refuse_character(product, cell->str, why) ||
         refuse_length(product, column, cell->str, why);
}

static bool refuse_parts(const CsvProduct *product, const CsvColumn *column, const char *value,
                         GString *why)
{
  g_auto(GStrv) parts = g_strsplit(value, column->between, -1);
  if (column->repeat != CSV_ENDLESS && g_strv_length(parts) > (size_t)MAX(column->repeat, 1)) {
    g_string_append_printf(why, _("“%s” has %u parts where “%s” takes %d"), value,
                           g_strv_length(parts), product->name, MAX(column->repeat, 1));
    return true;
  }
  for (size_t i = 0; parts[i]; i++) {
    g_auto(GStrv) cells = g_strsplit(parts[i], column->within ? column->within : "\n", -1);
    if (g_strv_length(cells) > column->headers->len) {
      g_string_append_printf(why, _("“%s” has more pieces than there are columns for"), parts[i]);
      return true;
    }
    for (size_t j = 0; cells[j]; j++)
      if (refuse_cell(product, column, cells[j], why))
        return true;
  }
  return false;
}

bool csv_refuses(const CsvProduct *product, const CsvColumn *column, const char *value,
                 GString *why)
{
  if (column->kind == CSV_SPLIT)
    return refuse_parts(product, column, value, why);
  if (column->list && strstr(value, column->list)) {
    g_string_append_printf(why, _("“%s” holds “%s”, which stands between several values"), value,
                           column->list);
    return true;
  }
  return refuse_cell(product, column, value, why);
}

bool csv_refuses_row(const CsvProduct *product, const CsvFile *file, const char *row, GString *why)
{
  g_auto(GStrv) parts = csv_key_parts(file, row);
  if (!parts) {
    g_string_append_printf(why, _("“%s” is not made of %u parts with “/” between them"), row,
                           file->key->len);
    return true;
  }
  for (size_t i = 0; parts[i]; i++) {
    const CsvColumn *column = csv_file_column(file, file->key->pdata[i]);
    if (!*parts[i])
      g_string_append(why, _("a part of the key is empty"));
    if (!*parts[i] || (column && csv_refuses(product, column, parts[i], why)))
      return true;
  }
  return false;
}

// ---------------------------------------------------------------------------------------------
// Lines

// The base's escaper quotes what RFC 4180 wants quoted; a space at an end some products lose without.
static void write_cell(const CsvProduct *product, CsvQuoting quoting, const char *cell,
                       GString *out)
{
  size_t from = out->len;
  if (quoting == CSV_NEVER) {
    g_string_append(out, cell);
    return;
  }
  escape_text(out, cell, ESCAPE_CSV_RAW);
  bool quoted = out->str[from] == '"';
  if (!quoted && (quoting == CSV_ALWAYS || needs_quotes(product, cell))) {
    g_string_insert_c(out, (gssize)from, '"');
    g_string_append_c(out, '"');
  }
}

void csv_write_line(const CsvProduct *product, CsvQuoting quoting, const CsvLine *line,
                    GString *out)
{
  for (size_t i = 0; i < line->n_cells; i++) {
    if (i)
      g_string_append_c(out, product->separator);
    write_cell(product, quoting, line->cells[i], out);
  }
  g_string_append(out, product->crlf ? "\r\n" : "\n");
}

// ---------------------------------------------------------------------------------------------
// Bytes

GByteArray *csv_encode(const CsvProduct *product, const char *text, const char **bad)
{
  g_autofree char *whole = g_strconcat(encodings[product->encoding].mark, text, NULL);
  return convert(product, whole, bad);
}

static int64_t line_of(const char *text, size_t at)
{
  int64_t line = 1;
  for (size_t i = 0; i < at; i++)
    line += text[i] == '\n';
  return line;
}

static bool undecodable(const char *name, int64_t line, GError **error)
{
  g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
              _("%s, line %" G_GINT64_FORMAT ": it is not in the encoding that the product's "
                "description says"),
              name, line);
  return false;
}

bool csv_decode(const CsvProduct *product, GBytes *bytes, const char *name, GString *out,
                GError **error)
{
  const char *from = encodings[product->encoding].name;
  gsize n_bytes = 0, n_read = 0, n_text = 0;
  const char *text = g_bytes_get_data(bytes, &n_bytes);
  size_t bad_at = 0;
  g_autofree char *decoded =
      from && n_bytes ? g_convert(text, (gssize)n_bytes, "UTF-8", from, &n_read, &n_text, NULL)
                      : NULL;
  if (from && n_bytes && (!decoded || n_read < n_bytes))
    return undecodable(name, line_of(text, n_read), error);
  const char *whole = decoded ? decoded : n_bytes ? text : "";
  n_text = decoded ? n_text : n_bytes;
  if (!text_valid(whole, n_text, &bad_at))
    return undecodable(name, line_of(whole, bad_at), error);
  size_t skip = n_text >= strlen(BOM) && memcmp(whole, BOM, strlen(BOM)) == 0 ? strlen(BOM) : 0;
  g_string_append_len(out, whole + skip, (gssize)(n_text - skip));
  return true;
}
