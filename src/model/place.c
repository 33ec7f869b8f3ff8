// SPDX-License-Identifier: GPL-3.0-or-later
#include "model_p.h"

// One attribute=value of an RDN, as written.
typedef struct Part {
  const char *type;
  size_t n_type;
  const char *value;  // without the spaces around it
  size_t n_value;
  bool plain;  // ASCII without escapes
} Part;

// Other names of the types that stand in DNs (RFC 4519), and their numbers.
static const struct {
  const char *other;
  const char *name;
} type_names[] = {
    {"2.5.4.3", "cn"},
    {"commonname", "cn"},
    {"2.5.4.4", "sn"},
    {"surname", "sn"},
    {"2.5.4.6", "c"},
    {"countryname", "c"},
    {"2.5.4.7", "l"},
    {"localityname", "l"},
    {"2.5.4.8", "st"},
    {"stateorprovincename", "st"},
    {"2.5.4.9", "street"},
    {"streetaddress", "street"},
    {"2.5.4.10", "o"},
    {"organizationname", "o"},
    {"2.5.4.11", "ou"},
    {"organizationalunitname", "ou"},
    {"0.9.2342.19200300.100.1.1", "uid"},
    {"userid", "uid"},
    {"0.9.2342.19200300.100.1.25", "dc"},
    {"domaincomponent", "dc"},
};

static void skip_spaces(const char **at, const char *end)
{
  while (*at < end && **at == ' ')
    (*at)++;
}

static bool read_type(const char **at, const char *end, Part *part)
{
  skip_spaces(at, end);
  part->type = *at;
  while (*at < end && (g_ascii_isalnum(**at) || **at == '-' || **at == '.'))
    (*at)++;
  part->n_type = *at - part->type;
  skip_spaces(at, end);
  if (part->n_type == 0 || *at == end || **at != '=')
    return false;
  (*at)++;
  skip_spaces(at, end);
  return true;
}

// The length of the escape at `at`, which is a backslash; 0 when it is none.
static size_t escape_length(const char *at, const char *end)
{
  if (end - at >= 3 && g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2]))
    return 3;
  return end - at >= 2 && at[1] && strchr(" \"#+,;<=>\\", at[1]) ? 2 : 0;
}

static bool read_value(const char **at, const char *end, Part *part)
{
  part->value = *at;
  part->plain = true;
  const char *stop = *at;  // behind the last character that counts
  while (*at < end && **at != ',' && **at != '+') {
    char c = **at;
    size_t n = 1;
    if (c == '\\')
      n = escape_length(*at, end);
    if (n == 0 || c == '\0' || c == '"' || c == ';' || c == '<' || c == '>')
      return false;
    if (c == '\\' || (c & 0x80))
      part->plain = false;
    *at += n;
    if (c != ' ')
      stop = *at;
  }
  part->n_value = stop - part->value;
  return true;
}

static bool is_hex_value(const Part *part)
{
  return part->n_value > 0 && part->value[0] == '#';
}

static bool is_hex(const char *bytes, size_t n_bytes)
{
  for (size_t i = 0; i < n_bytes; i++)
    if (!g_ascii_isxdigit(bytes[i]))
      return false;
  return n_bytes > 0 && n_bytes % 2 == 0;
}

// Leaves *at at the separator behind the part, or at the end.
static bool read_part(const char **at, const char *end, Part *part)
{
  if (!read_type(at, end, part) || !read_value(at, end, part))
    return false;
  return !is_hex_value(part) || is_hex(part->value + 1, part->n_value - 1);
}

static void type_key(const Part *part, GString *out)
{
  size_t start = out->len;
  for (size_t i = 0; i < part->n_type; i++)
    g_string_append_c(out, g_ascii_tolower(part->type[i]));
  if (part->n_type <= 5)  // none of the other names is so short
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(type_names); i++)
    if (strcmp(out->str + start, type_names[i].other) == 0) {
      g_string_truncate(out, start);
      g_string_append(out, type_names[i].name);
      return;
    }
}

static void unescape(const Part *part, GString *out)
{
  for (const char *at = part->value, *end = at + part->n_value; at < end;) {
    if (*at != '\\') {
      g_string_append_c(out, *at++);
      continue;
    }
    if (escape_length(at, end) == 3)
      g_string_append_c(out,
                        (char)(g_ascii_xdigit_value(at[1]) * 16 + g_ascii_xdigit_value(at[2])));
    else
      g_string_append_c(out, at[1]);
    at += escape_length(at, end);
  }
}

static void escape_text_value(const GString *text, GString *out)
{
  for (size_t i = 0; i < text->len; i++) {
    char c = text->str[i];
    if (strchr(",+\\\"<>;", c) || (c == '#' && i == 0))
      g_string_append_printf(out, "\\%02x", (unsigned char)c);
    else
      g_string_append_c(out, c);
  }
}

// So that keys are UTF-8 whatever the value is.
static void escape_octets(const GString *octets, GString *out)
{
  for (size_t i = 0; i < octets->len; i++) {
    char c = octets->str[i];
    if (g_ascii_isalnum(c))
      g_string_append_c(out, c);
    else
      g_string_append_printf(out, "\\%02x", (unsigned char)c);
  }
}

static void value_key(const Part *part, GString *out)
{
  if (is_hex_value(part)) {
    for (size_t i = 0; i < part->n_value; i++)
      g_string_append_c(out, g_ascii_tolower(part->value[i]));
    return;
  }
  if (part->plain) {
    prepare_text(part->value, part->n_value, true, out);
    return;
  }
  g_autoptr(GString) raw = g_string_sized_new(part->n_value);
  g_autoptr(GString) prepared = g_string_sized_new(part->n_value);
  unescape(part, raw);
  if (prepare_text(raw->str, raw->len, true, prepared))
    escape_text_value(prepared, out);
  else
    escape_octets(raw, out);
}

static int by_text(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

// The parts of a multi-valued RDN have no order of their own.
static void sort_parts(GString *out, size_t start)
{
  g_auto(GStrv) parts = g_strsplit(out->str + start, "+", -1);
  qsort(parts, g_strv_length(parts), sizeof *parts, by_text);
  g_autofree char *joined = g_strjoinv("+", parts);
  g_string_truncate(out, start);
  g_string_append(out, joined);
}

static bool rdn_key(const char **at, const char *end, GString *out)
{
  size_t start = out->len;
  bool many = false;
  for (;;) {
    Part part;
    if (!read_part(at, end, &part))
      return false;
    type_key(&part, out);
    g_string_append_c(out, '=');
    value_key(&part, out);
    if (*at == end || **at != '+')
      break;
    (*at)++;
    g_string_append_c(out, '+');
    many = true;
  }
  if (many)
    sort_parts(out, start);
  return true;
}

bool place_key(const char *dn, size_t n_bytes, GString *out)
{
  size_t start = out->len;
  const char *at = dn, *end = dn + n_bytes;
  skip_spaces(&at, end);
  while (at < end) {
    if (!rdn_key(&at, end, out)) {
      g_string_truncate(out, start);
      return false;
    }
    if (at == end)
      break;
    g_string_append_c(out, ',');
    if (++at == end) {  // nothing behind a comma
      g_string_truncate(out, start);
      return false;
    }
  }
  return true;
}

bool place_split(const char *dn, size_t *rdn_bytes, const char **parent)
{
  const char *at = dn, *end = dn + strlen(dn);
  Part part;
  do {
    if (at > dn)
      at++;  // the + before this part
    if (!read_part(&at, end, &part))
      return false;
  } while (at < end && *at == '+');
  *rdn_bytes = part.value + part.n_value - dn;
  if (at < end) {
    at++;
    skip_spaces(&at, end);
    if (at == end)
      return false;
  }
  *parent = at;
  return true;
}
