// SPDX-License-Identifier: GPL-3.0-or-later
#include "model_p.h"

struct Schema {
  GPtrArray *attrs;   // of Attr, each its own block: borrowed ones survive an added one
  GHashTable *names;  // lower case -> id + 1
  const Limits *limits;
};

static void free_attr(void *data)
{
  Attr *attr = data;
  g_free((char *)attr->name);
  g_free(attr);
}

Schema *schema_new(void)
{
  Schema *schema = g_new0(Schema, 1);
  schema->attrs = g_ptr_array_new_with_free_func(free_attr);
  schema->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  return schema;
}

void schema_free(Schema *schema)
{
  if (!schema)
    return;
  g_hash_table_unref(schema->names);
  g_ptr_array_unref(schema->attrs);
  g_free(schema);
}

bool schema_find(const Schema *schema, const char *name, AttrId *out)
{
  g_autofree char *lower = g_ascii_strdown(name, -1);
  guint id = GPOINTER_TO_UINT(g_hash_table_lookup(schema->names, lower));
  if (id == 0)
    return false;
  *out = id - 1;
  return true;
}

AttrId schema_attr(Schema *schema, const char *name)
{
  AttrId id;
  if (schema_find(schema, name, &id))
    return id;
  g_assert(schema->attrs->len < UINT16_MAX);
  Attr *attr = g_new0(Attr, 1);
  attr->name = g_strdup(name);
  attr->match = MATCH_IGNORE;
  g_ptr_array_add(schema->attrs, attr);
  g_hash_table_insert(schema->names, g_ascii_strdown(name, -1),
                      GUINT_TO_POINTER(schema->attrs->len));
  return schema->attrs->len - 1;
}

Attr *schema_at(Schema *schema, AttrId id)
{
  return schema->attrs->pdata[id];
}

size_t schema_count(const Schema *schema)
{
  return schema->attrs->len;
}

void schema_set_limits(Schema *schema, const Limits *limits)
{
  schema->limits = limits;
}

const Limits *schema_limits(const Schema *schema)
{
  return schema->limits;
}

// ---------------------------------------------------------------------------------------------
// Normal forms. Each appends and returns true, or returns false for a value that is not of its
// syntax; such a value is its own normal form.

typedef bool (*NormalFunc)(const char *bytes, size_t n_bytes, GString *out);

static bool normal_ignore(const char *bytes, size_t n_bytes, GString *out)
{
  return prepare_text(bytes, n_bytes, true, out);
}

static bool normal_exact(const char *bytes, size_t n_bytes, GString *out)
{
  return prepare_text(bytes, n_bytes, false, out);
}

// Hyphens of RFC 4518 §2.6.3; the full-width and small ones have become '-' by NFKC.
static bool is_hyphen(gunichar c)
{
  return c == '-' || c == 0x058A || c == 0x2010 || c == 0x2011 || c == 0x2212;
}

static bool normal_digits(const char *bytes, size_t n_bytes, GString *out)
{
  g_autoptr(GString) text = g_string_sized_new(n_bytes);
  if (!prepare_text(bytes, n_bytes, true, text))
    return false;
  for (const char *at = text->str; *at; at = g_utf8_next_char(at)) {
    gunichar c = g_utf8_get_char(at);
    if (c != ' ' && !is_hyphen(c))
      g_string_append_unichar(out, c);
  }
  return true;
}

static bool normal_integer(const char *bytes, size_t n_bytes, GString *out)
{
  const char *at = bytes, *end = bytes + n_bytes;
  bool negative = at < end && *at == '-';
  at += negative;
  if (at == end)
    return false;
  for (const char *digit = at; digit < end; digit++)
    if (!g_ascii_isdigit(*digit))
      return false;
  while (end - at > 1 && *at == '0')
    at++;
  if (negative && *at != '0')
    g_string_append_c(out, '-');
  g_string_append_len(out, at, end - at);
  return true;
}

static bool normal_boolean(const char *bytes, size_t n_bytes, GString *out)
{
  for (size_t i = 0; i < n_bytes; i++)
    g_string_append_c(out, g_ascii_toupper(bytes[i]));
  return true;
}

// Reads `n` digits; -1 when there are not so many.
static int digits(const char **at, const char *end, int n)
{
  if (end - *at < n)
    return -1;
  int value = 0;
  for (const char *stop = *at + n; *at < stop; (*at)++) {
    if (!g_ascii_isdigit(**at))
      return -1;
    value = value * 10 + (**at - '0');
  }
  return value;
}

typedef struct Time {
  int year, month, day;
  int units[3];  // hour, minute, second
  int n_units;   // how many of them are written
  const char *fraction;
  int n_fraction;
  int offset;  // minutes east of Greenwich
} Time;

static bool time_fraction(const char **at, const char *end, Time *time)
{
  if (*at == end || (**at != '.' && **at != ','))
    return true;
  time->fraction = ++*at;
  while (*at < end && g_ascii_isdigit(**at))
    (*at)++;
  time->n_fraction = *at - time->fraction;
  bool any = time->n_fraction > 0;
  while (time->n_fraction > 0 && time->fraction[time->n_fraction - 1] == '0')
    time->n_fraction--;
  return any;
}

static bool time_zone(const char **at, const char *end, Time *time)
{
  if (*at == end)
    return false;
  char sign = *(*at)++;
  if (sign == 'Z')
    return *at == end;
  int hours = digits(at, end, 2);
  int minutes = *at < end ? digits(at, end, 2) : 0;
  if ((sign != '+' && sign != '-') || hours < 0 || minutes < 0 || *at != end)
    return false;
  time->offset = (hours * 60 + minutes) * (sign == '+' ? 1 : -1);
  return true;
}

// RFC 4517 §3.3.13: YYYYMMDDHH[MM[SS]][.fraction](Z|±hh[mm])
static bool time_parse(const char *bytes, size_t n_bytes, Time *time)
{
  static const int limits[] = {23, 59, 60};
  const char *at = bytes, *end = bytes + n_bytes;
  *time = (Time){0};
  time->year = digits(&at, end, 4);
  time->month = digits(&at, end, 2);
  time->day = digits(&at, end, 2);
  if (time->year < 0 || time->month < 1 || time->month > 12 || time->day < 1 || time->day > 31)
    return false;
  for (; time->n_units < 3 && at < end && g_ascii_isdigit(*at); time->n_units++) {
    int value = digits(&at, end, 2);
    if (value < 0 || value > limits[time->n_units])
      return false;
    time->units[time->n_units] = value;
  }
  return time->n_units > 0 && time_fraction(&at, end, time) && time_zone(&at, end, time);
}

// To UTC. A date that is none (OpenLDAP's 000001010000Z for "locked for good") is shifted by nothing.
static bool time_shift(Time *time)
{
  if (time->offset == 0)
    return true;
  Date date = date_of(time->year, time->month, time->day);
  if (date == DATE_NONE)
    return false;
  int minutes = time->units[0] * 60 + time->units[1] - time->offset;
  int days = minutes >= 0 ? minutes / 1440 : -((1439 - minutes) / 1440);
  minutes -= days * 1440;
  date_split(date + days, &time->year, &time->month, &time->day);
  time->units[0] = minutes / 60;
  time->units[1] = minutes % 60;
  return true;
}

static bool normal_time(const char *bytes, size_t n_bytes, GString *out)
{
  Time time;
  // A fraction of an hour or minute is too rare to be computed: equal only to itself.
  if (!time_parse(bytes, n_bytes, &time) || (time.fraction && time.n_units < 3) ||
      !time_shift(&time))
    return false;
  g_string_append_printf(out, "%04d%02d%02d%02d%02d%02d", time.year, time.month, time.day,
                         time.units[0], time.units[1], time.units[2]);
  if (time.n_fraction > 0)
    g_string_append_printf(out, ".%.*s", time.n_fraction, time.fraction);
  g_string_append_c(out, 'Z');
  return true;
}

// Eight digits, in threes by any of the usual separators or none.
static bool normal_date(const char *bytes, size_t n_bytes, GString *out)
{
  static const char forms[][11] = {"9999-99-99", "9999/99/99", "9999.99.99", "99999999"};
  for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
    size_t n = 0;
    while (n < n_bytes && forms[i][n] &&
           (forms[i][n] == '9' ? g_ascii_isdigit(bytes[n]) : bytes[n] == forms[i][n]))
      n++;
    if (n < n_bytes || forms[i][n])
      continue;
    for (n = 0; n < n_bytes; n++)
      if (g_ascii_isdigit(bytes[n]))
        g_string_append_c(out, bytes[n]);
    return true;
  }
  return false;
}

static bool normal_octets(const char *bytes, size_t n_bytes, GString *out)
{
  g_string_append_len(out, bytes, n_bytes);
  return true;
}

// MS-ADTS: accountExpires, "0 or 0x7FFFFFFFFFFFFFFF indicates that the account never expires".
static bool normal_never(const char *bytes, size_t n_bytes, GString *out)
{
  size_t at = out->len;
  if (!normal_integer(bytes, n_bytes, out))
    return false;
  if (g_str_equal(out->str + at, "0") || g_str_equal(out->str + at, "9223372036854775807"))
    g_string_truncate(out, at);
  return true;
}

static const NormalFunc normals[] = {
    [MATCH_EXACT] = normal_exact,     [MATCH_IGNORE] = normal_ignore,
    [MATCH_DIGITS] = normal_digits,   [MATCH_INTEGER] = normal_integer,
    [MATCH_BOOLEAN] = normal_boolean, [MATCH_TIME] = normal_time,
    [MATCH_DN] = place_key,           [MATCH_OCTETS] = normal_octets,
    [MATCH_ACCESS] = access_normal,   [MATCH_PRINCIPAL] = access_normal_principal,
    [MATCH_NEVER] = normal_never,     [MATCH_DATE] = normal_date,
};

// Where equality is more than equal normal forms.
typedef bool (*EqualFunc)(const char *a, size_t n_a, const char *b, size_t n_b);
static const EqualFunc equals[G_N_ELEMENTS(normals)] = {
    [MATCH_ACCESS] = access_equal, [MATCH_PRINCIPAL] = access_equal_principal};

void schema_normal(const Attr *attr, const char *bytes, size_t n_bytes, GString *out)
{
  if (!normals[attr->match](bytes, n_bytes, out))
    normal_octets(bytes, n_bytes, out);
}

bool schema_is_nothing(const Attr *attr, const char *bytes, size_t n_bytes)
{
  if (attr->match != MATCH_NEVER)
    return false;
  g_autoptr(GString) normal = g_string_new(NULL);
  schema_normal(attr, bytes, n_bytes, normal);
  return normal->len == 0;
}

bool schema_equal(const Attr *attr, const char *a, size_t n_a, const char *b, size_t n_b)
{
  if (n_a == n_b && (n_a == 0 || memcmp(a, b, n_a) == 0))
    return true;
  if (attr->match == MATCH_OCTETS)
    return false;
  if (equals[attr->match])
    return equals[attr->match](a, n_a, b, n_b);
  g_autoptr(GString) normal_a = g_string_sized_new(n_a);
  g_autoptr(GString) normal_b = g_string_sized_new(n_b);
  schema_normal(attr, a, n_a, normal_a);
  schema_normal(attr, b, n_b, normal_b);
  return g_string_equal(normal_a, normal_b);
}
