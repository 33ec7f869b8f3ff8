// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

#define WIDTH 76

// ---------------------------------------------------------------------------------------------
// Writing

static bool is_safe(const char *bytes, size_t n_bytes)
{
  if (n_bytes && (strchr(" :<", bytes[0]) || bytes[n_bytes - 1] == ' '))
    return false;
  for (size_t i = 0; i < n_bytes; i++)
    if ((unsigned char)bytes[i] < ' ' || (unsigned char)bytes[i] > '~')
      return false;
  return true;
}

void ldif_write_line(GString *out, const char *name, const char *bytes, size_t n_bytes)
{
  g_autoptr(GString) line = g_string_new(name);
  if (is_safe(bytes, n_bytes)) {
    g_string_append(line, ": ");
    g_string_append_len(line, bytes, (gssize)n_bytes);
  } else {
    g_autofree char *base64 = g_base64_encode((const unsigned char *)bytes, n_bytes);
    g_string_append_printf(line, ":: %s", base64);
  }
  for (size_t at = 0; at < line->len || at == 0;) {
    size_t room = at ? WIDTH - 1 : WIDTH;
    size_t n = MIN(room, line->len - at);
    if (at)
      g_string_append_c(out, ' ');
    g_string_append_len(out, line->str + at, (gssize)n);
    g_string_append_c(out, '\n');
    at += n;
  }
}

static void write_text(GString *out, const char *name, const char *text)
{
  ldif_write_line(out, name, text, strlen(text));
}

static void write_fields(GString *out, const Record *record)
{
  for (size_t i = 0; i < record->fields->len; i++) {
    const Field *field = &g_array_index(record->fields, Field, i);
    for (size_t j = 0; j < field->values->len; j++) {
      const Bytes *value = &g_array_index(field->values, Bytes, j);
      ldif_write_line(out, field->name, value->at, value->n);
    }
  }
  write_text(out, "entryUUID", record->stable_id);
  g_string_append_c(out, '\n');
}

void ldif_write_record(GString *out, const Record *record)
{
  write_text(out, "dn", record->dn);
  write_fields(out, record);
}

void ldif_write_added(GString *out, const Record *record)
{
  write_text(out, "dn", record->dn);
  write_text(out, "changetype", "add");
  write_fields(out, record);
}

static void write_mods(GString *out, const Request *request)
{
  static const char *const names[] = {
      [MOD_ADD] = "add", [MOD_DELETE] = "delete", [MOD_REPLACE] = "replace"};
  for (size_t i = 0; i < request->mods->len; i++) {
    const Mod *mod = &g_array_index(request->mods, Mod, i);
    write_text(out, names[mod->kind], mod->attribute);
    for (size_t j = 0; j < mod->values->len; j++) {
      const Bytes *value = &g_array_index(mod->values, Bytes, j);
      ldif_write_line(out, mod->attribute, value->at, value->n);
    }
    g_string_append(out, "-\n");
  }
}

void ldif_write_request(GString *out, const Request *request)
{
  static const char *const names[] = {
      [REQUEST_MODIFY] = "modify", [REQUEST_RENAME] = "modrdn", [REQUEST_DELETE] = "delete"};
  write_text(out, "dn", request->dn);
  write_text(out, "changetype", names[request->kind]);
  if (request->kind == REQUEST_MODIFY)
    write_mods(out, request);
  if (request->kind == REQUEST_RENAME) {
    write_text(out, "newrdn", request->new_rdn);
    write_text(out, "deleteoldrdn", "1");
    if (request->new_parent)
      write_text(out, "newsuperior", request->new_parent);
  }
  g_string_append_c(out, '\n');
}

// ---------------------------------------------------------------------------------------------
// Reading

typedef enum LineKind { LINE_PAIR, LINE_DASH, LINE_BLANK, LINE_END } LineKind;

typedef struct Parser {
  const char *at, *end;
  size_t line;        // of the next physical line, 1-based
  size_t line_began;  // of the logical line just read
  const char *name;
  GString *logical;  // unfolded; the attribute's name ends with a NUL in it
  const char *attribute;
  const char *value;
  size_t n_value;
  GError **error;
} Parser;

static bool fault(const Parser *parser, const char *reason)
{
  g_set_error(parser->error, IDOU_ERROR, EXIT_UNREAD, _("%s, line %zu: %s"), parser->name,
              parser->line_began, reason);
  return false;
}

// One physical line without its end.
static bool take_line(Parser *parser, const char **line, size_t *n_bytes)
{
  if (parser->at >= parser->end)
    return false;
  const char *newline = memchr(parser->at, '\n', (size_t)(parser->end - parser->at));
  const char *stop = newline ? newline : parser->end;
  *line = parser->at;
  *n_bytes = (size_t)(stop - parser->at);
  if (*n_bytes && stop[-1] == '\r')
    --*n_bytes;
  parser->at = newline ? newline + 1 : parser->end;
  parser->line++;
  return true;
}

static void take_folded(Parser *parser)
{
  const char *line = NULL;
  size_t n_bytes = 0;
  while (parser->at < parser->end && *parser->at == ' ' && take_line(parser, &line, &n_bytes))
    g_string_append_len(parser->logical, line + 1, (gssize)(n_bytes - 1));
}

// An attribute's name or OID with its options (RFC 4512, 2.5).
static bool is_name(const char *text)
{
  static const char others[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.;_";
  return g_ascii_isalnum(*text) && !text[strspn(text, others)];
}

static bool split_pair(Parser *parser)
{
  char *colon = memchr(parser->logical->str, ':', parser->logical->len);
  if (!colon || colon == parser->logical->str)
    return fault(parser, _("there is no “name: value” here"));
  char *end = parser->logical->str + parser->logical->len;
  char *value = colon + 1;
  bool base64 = value < end && *value == ':';
  if (value < end && *value == '<')
    return fault(parser, _("values in other files (“:<”) are not taken"));
  value += base64;
  while (value < end && *value == ' ')
    value++;
  *colon = '\0';
  if (!is_name(parser->logical->str))
    return fault(parser, _("this is no name of an attribute"));
  parser->attribute = parser->logical->str;
  parser->value = value;
  parser->n_value = value < end ? (size_t)(end - value) : 0;
  if (memchr(value, '\0', parser->n_value))
    return fault(parser, _("a NUL stands in the text"));
  if (!base64 || !*value)
    return true;
  size_t n_padded = parser->n_value;
  if (n_padded % 4 ||
      strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") < n_padded)
    return fault(parser, _("this is no base64"));
  g_base64_decode_inplace(value, &parser->n_value);
  value[parser->n_value] = '\0';
  return true;
}

static bool next_line(Parser *parser, LineKind *kind)
{
  const char *line = NULL;
  size_t n_bytes = 0;
  do {
    parser->line_began = parser->line;
    if (!take_line(parser, &line, &n_bytes)) {
      *kind = LINE_END;
      return true;
    }
    g_string_truncate(parser->logical, 0);
    g_string_append_len(parser->logical, line, (gssize)n_bytes);
    if (n_bytes)
      take_folded(parser);
  } while (parser->logical->str[0] == '#');
  *kind = !parser->logical->len                    ? LINE_BLANK
          : g_str_equal(parser->logical->str, "-") ? LINE_DASH
                                                   : LINE_PAIR;
  return *kind != LINE_PAIR || split_pair(parser);
}

static bool is_named(const Parser *parser, const char *attribute)
{
  return g_ascii_strcasecmp(parser->attribute, attribute) == 0;
}

static void take_value(const Parser *parser, Record *record)
{
  if (is_named(parser, "entryUUID"))
    record_set_stable_id(record, parser->value, parser->n_value);
  else
    record_add(record, parser->attribute, parser->value, parser->n_value);
}

// The rest of an entry, the current line being its first value.
static bool parse_entry(Parser *parser, LineKind kind, Record *record)
{
  for (; kind == LINE_PAIR;) {
    take_value(parser, record);
    if (!next_line(parser, &kind))
      return false;
  }
  return kind != LINE_DASH || fault(parser, _("a “-” stands in an entry"));
}

static bool parse_mods(Parser *parser, Request *request)
{
  static const char *const names[] = {
      [MOD_ADD] = "add", [MOD_DELETE] = "delete", [MOD_REPLACE] = "replace"};
  LineKind kind = LINE_END;
  for (;;) {
    if (!next_line(parser, &kind))
      return false;
    if (kind != LINE_PAIR)
      return kind != LINE_DASH || fault(parser, _("a “-” stands alone"));
    size_t mod_kind = 0;
    while (mod_kind < G_N_ELEMENTS(names) && !is_named(parser, names[mod_kind]))
      mod_kind++;
    if (mod_kind == G_N_ELEMENTS(names))
      return fault(parser, _("expected add, delete or replace"));
    if (!is_name(parser->value))
      return fault(parser, _("this is no name of an attribute"));
    Mod *mod = request_add_mod(request, (ModKind)mod_kind, g_intern_string(parser->value));
    for (;;) {
      if (!next_line(parser, &kind))
        return false;
      if (kind != LINE_PAIR)
        break;
      if (!is_named(parser, mod->attribute))
        return fault(parser, _("a value of another attribute"));
      request_add_value(request, mod, parser->value, parser->n_value);
    }
    if (kind != LINE_DASH)
      return fault(parser, _("a modification does not end with “-”"));
  }
}

static void set_text(char **to, const char *text)
{
  g_free(*to);
  *to = g_strdup(text);
}

static bool parse_rename(Parser *parser, Request *request)
{
  LineKind kind = LINE_END;
  for (;;) {
    if (!next_line(parser, &kind))
      return false;
    if (kind != LINE_PAIR)
      return request->new_rdn || fault(parser, _("newrdn is missing"));
    if (is_named(parser, "newrdn"))
      set_text(&request->new_rdn, parser->value);
    else if (is_named(parser, "newsuperior"))
      set_text(&request->new_parent, parser->value);
    else if (!is_named(parser, "deleteoldrdn"))
      return fault(parser, _("expected newrdn, deleteoldrdn or newsuperior"));
  }
}

static bool parse_change(Parser *parser, const char *dn, LdifChange *change)
{
  g_autofree char *type = g_strdup(parser->value);
  LineKind kind = LINE_END;
  if (g_ascii_strcasecmp(type, "add") == 0) {
    change->record = record_new(dn, strlen(dn));
    return next_line(parser, &kind) && parse_entry(parser, kind, change->record);
  }
  if (g_ascii_strcasecmp(type, "modify") == 0) {
    change->request = request_blank(REQUEST_MODIFY, dn);
    return parse_mods(parser, change->request);
  }
  if (g_ascii_strcasecmp(type, "modrdn") == 0 || g_ascii_strcasecmp(type, "moddn") == 0) {
    change->request = request_blank(REQUEST_RENAME, dn);
    return parse_rename(parser, change->request);
  }
  if (g_ascii_strcasecmp(type, "delete") == 0) {
    change->request = request_blank(REQUEST_DELETE, dn);
    return next_line(parser, &kind) &&
           (kind == LINE_BLANK || kind == LINE_END || fault(parser, _("expected an empty line")));
  }
  return fault(parser, _("unknown changetype"));
}

static bool parse_record(Parser *parser, LdifChange *change)
{
  if (!is_named(parser, "dn"))
    return fault(parser, _("a record must begin with “dn:”"));
  if (!text_valid(parser->value, parser->n_value, NULL))
    return fault(parser, _("the name is not valid UTF-8"));
  g_autofree char *dn = g_strdup(parser->value);
  LineKind kind = LINE_END;
  change->line = parser->line_began;
  if (!next_line(parser, &kind))
    return false;
  if (kind == LINE_PAIR && is_named(parser, "changetype"))
    return parse_change(parser, dn, change);
  change->record = record_new(dn, strlen(dn));
  return parse_entry(parser, kind, change->record);
}

static void clear_change(LdifChange *change)
{
  g_clear_pointer(&change->record, record_free);
  g_clear_pointer(&change->request, request_free);
}

static bool parse_all(Parser *parser, LdifFunc func, void *data, GError **error)
{
  bool first = true;
  for (;;) {
    LineKind kind = LINE_END;
    if (!next_line(parser, &kind))
      return false;
    if (kind == LINE_END)
      return true;
    if (kind == LINE_BLANK)
      continue;
    if (kind == LINE_DASH)
      return fault(parser, _("a “-” stands alone"));
    if (first && is_named(parser, "version")) {
      first = false;
      continue;
    }
    first = false;
    LdifChange change = {0};
    bool taken = parse_record(parser, &change) && func(&change, data, error);
    clear_change(&change);
    if (!taken)
      return false;
  }
}

bool ldif_parse(const char *text, size_t n_bytes, const char *name, LdifFunc func, void *data,
                GError **error)
{
  Parser parser = {.at = text,
                   .end = text + n_bytes,
                   .line = 1,
                   .name = name,
                   .logical = g_string_new(NULL),
                   .error = error};
  bool parsed = parse_all(&parser, func, data, error);
  g_string_free(parser.logical, true);
  return parsed;
}
