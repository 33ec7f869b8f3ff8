// SPDX-License-Identifier: GPL-3.0-or-later
//
// YAML as people write it. libfyaml's events become a tree of our own, because its documents do not
// keep where a key stands, and because anchors, tags and second documents have no meaning here.
#include "idou/base.h"

#include <libfyaml.h>
#include <string.h>

// Deeper nesting is no configuration but an attack on somebody's stack.
#define MAX_DEPTH 32
#define MAX_FILE_BYTES (16 << 20)

struct YamlNode {
  YamlKind kind;
  int line, column;
  const char *text;  // SCALAR
  GPtrArray *items;  // LIST: items; MAP: key, value, key, value …
};

struct Yaml {
  char *name;
  GStringChunk *texts;
  GPtrArray *nodes;  // owns them all
  YamlNode *root;
};

static void node_free(void *data)
{
  YamlNode *node = data;
  if (node->items)
    g_ptr_array_unref(node->items);
  g_free(node);
}

void yaml_free(Yaml *yaml)
{
  if (!yaml)
    return;
  g_ptr_array_unref(yaml->nodes);
  g_string_chunk_free(yaml->texts);
  g_free(yaml->name);
  g_free(yaml);
}

// ---------------------------------------------------------------------------------------------
// Building the tree.

typedef struct Builder {
  Yaml *yaml;
  Findings *findings;
  struct fy_parser *parser;
  GPtrArray *open;  // lists and maps that have begun and not ended
  int n_documents;
  size_t n_faults;
} Builder;

static void fault_at(Builder *builder, int line, int column, const char *code, const char *text)
{
  builder->n_faults++;
  Finding finding = {.level = FINDING_ERROR,
                     .code = code,
                     .file = builder->yaml->name,
                     .line = line,
                     .column = column};
  findings_add(builder->findings, &finding, "%s", text);
}

static const char *token_text(Builder *builder, struct fy_token *token)
{
  size_t n_bytes = 0;
  const char *text = token ? fy_token_get_text(token, &n_bytes) : NULL;
  return text ? g_string_chunk_insert_len(builder->yaml->texts, text, (gssize)n_bytes) : "";
}

// Null is what YAML 1.2's core schema says it is, and only when it is not quoted.
static bool is_null(const char *text, struct fy_token *token)
{
  if (token && fy_token_scalar_style(token) != FYSS_PLAIN)
    return false;
  static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};
  return g_strv_contains(words, text);
}

static YamlNode *add_node(Builder *builder, YamlKind kind, const struct fy_mark *mark)
{
  YamlNode *node = g_new0(YamlNode, 1);
  *node = (YamlNode){.kind = kind};
  if (mark) {
    node->line = mark->line + 1;
    node->column = mark->column + 1;
  }
  if (kind == YAML_LIST || kind == YAML_MAP)
    node->items = g_ptr_array_new();
  g_ptr_array_add(builder->yaml->nodes, node);
  return node;
}

static bool awaits_key(const YamlNode *parent)
{
  return parent && parent->kind == YAML_MAP && parent->items->len % 2 == 0;
}

static void check_key(Builder *builder, const YamlNode *parent, const YamlNode *key)
{
  if (key->kind != YAML_SCALAR) {
    fault_at(builder, key->line, key->column, "yaml-key", _("a key must be a word"));
    return;
  }
  for (unsigned i = 0; i < parent->items->len; i += 2) {
    const YamlNode *other = parent->items->pdata[i];
    if (other->kind != YAML_SCALAR || strcmp(other->text, key->text) != 0)
      continue;
    g_autofree char *text = g_strdup_printf(
        _("“%s” stands here a second time (first on line %d): remove one"), key->text, other->line);
    fault_at(builder, key->line, key->column, "yaml-key-twice", text);
  }
}

static void place_node(Builder *builder, YamlNode *node)
{
  YamlNode *parent = builder->open->len ? builder->open->pdata[builder->open->len - 1] : NULL;
  if (awaits_key(parent))
    check_key(builder, parent, node);
  if (parent)
    g_ptr_array_add(parent->items, node);
  else
    builder->yaml->root = node;
}

static void refuse_extras(Builder *builder, struct fy_event *event, const struct fy_mark *mark)
{
  int line = mark ? mark->line + 1 : 0, column = mark ? mark->column + 1 : 0;
  if (fy_event_get_anchor_token(event))
    fault_at(builder, line, column, "yaml-anchor",
             _("anchors (&name) are not taken: write the value out where it is needed"));
  if (fy_event_get_tag_token(event))
    fault_at(builder, line, column, "yaml-tag", _("tags (!name) are not taken"));
}

static bool take_open(Builder *builder, YamlKind kind, struct fy_event *event)
{
  const struct fy_mark *mark = fy_event_start_mark(event);
  refuse_extras(builder, event, mark);
  YamlNode *node = add_node(builder, kind, mark);
  place_node(builder, node);
  g_ptr_array_add(builder->open, node);
  if (builder->open->len <= MAX_DEPTH)
    return true;
  fault_at(builder, node->line, node->column, "yaml-deep", _("nested too deeply"));
  return false;
}

static void take_scalar(Builder *builder, struct fy_event *event)
{
  const struct fy_mark *mark = fy_event_start_mark(event);
  refuse_extras(builder, event, mark);
  struct fy_token *token = fy_event_get_token(event);
  const char *text = token_text(builder, token);
  YamlNode *node = add_node(builder, is_null(text, token) ? YAML_NONE : YAML_SCALAR, mark);
  node->text = text;
  place_node(builder, node);
}

static void take_alias(Builder *builder, struct fy_event *event)
{
  const struct fy_mark *mark = fy_event_start_mark(event);
  YamlNode *node = add_node(builder, YAML_NONE, mark);
  fault_at(builder, node->line, node->column, "yaml-anchor",
           _("aliases (*name) are not taken: write the value out"));
  place_node(builder, node);
}

// False when there is no sense in reading on.
static bool take_event(Builder *builder, struct fy_event *event)
{
  switch (event->type) {
  case FYET_DOCUMENT_START:
    if (++builder->n_documents == 1)
      return true;
    const struct fy_mark *mark = fy_event_start_mark(event);
    fault_at(builder, mark ? mark->line + 1 : 0, 1, "yaml-documents",
             _("a second document begins here: one file holds one"));
    return false;
  case FYET_MAPPING_START:
    return take_open(builder, YAML_MAP, event);
  case FYET_SEQUENCE_START:
    return take_open(builder, YAML_LIST, event);
  case FYET_MAPPING_END:
  case FYET_SEQUENCE_END:
    g_ptr_array_set_size(builder->open, (int)builder->open->len - 1);
    return true;
  case FYET_SCALAR:
    take_scalar(builder, event);
    return true;
  case FYET_ALIAS:
    take_alias(builder, event);
    return true;
  default:
    return true;
  }
}

static void take_syntax_errors(Builder *builder, struct fy_diag *diag)
{
  void *at = NULL;
  size_t n_before = builder->n_faults;
  for (struct fy_diag_error *error; (error = fy_diag_errors_iterate(diag, &at));) {
    g_autofree char *text = g_strdup_printf(_("not YAML: %s"), error->msg);
    fault_at(builder, error->line, error->column, "yaml-syntax", text);
  }
  if (builder->n_faults == n_before)
    fault_at(builder, 0, 0, "yaml-syntax", _("not YAML"));
}

static void read_events(Builder *builder, struct fy_diag *diag, const char *text, size_t n_bytes)
{
  if (fy_parser_set_string(builder->parser, text, n_bytes) != 0) {
    take_syntax_errors(builder, diag);
    return;
  }
  bool more = true;
  while (more) {
    struct fy_event *event = fy_parser_parse(builder->parser);
    if (!event)
      break;
    more = take_event(builder, event);
    fy_parser_event_free(builder->parser, event);
  }
  if (more && fy_parser_get_stream_error(builder->parser))
    take_syntax_errors(builder, diag);
}

static void discard(struct fy_diag *diag, void *user, const char *text, size_t n_bytes)
{
  (void)diag, (void)user, (void)text, (void)n_bytes;
}

static void build(Builder *builder, const char *text, size_t n_bytes)
{
  struct fy_diag_cfg diag_cfg;
  fy_diag_cfg_default(&diag_cfg);
  diag_cfg.fp = NULL;
  diag_cfg.output_fn = discard;
  diag_cfg.colorize = false;
  struct fy_diag *diag = fy_diag_create(&diag_cfg);
  fy_diag_set_collect_errors(diag, true);
  struct fy_parse_cfg cfg = {.flags = FYPCF_DEFAULT_PARSE, .diag = diag};
  builder->parser = fy_parser_create(&cfg);
  if (!builder->parser)
    g_error("libfyaml: out of memory");
  builder->open = g_ptr_array_new();
  read_events(builder, diag, text, n_bytes);
  g_ptr_array_unref(builder->open);
  fy_parser_destroy(builder->parser);
  fy_diag_destroy(diag);
}

// libfyaml would stop at the first bad byte without saying which line it is on.
static bool check_bytes(Builder *builder, const char *text, size_t n_bytes)
{
  const char *bad;
  if (g_utf8_validate(text, (gssize)n_bytes, &bad))
    return true;
  int line = 1, column = 1;
  for (const char *at = text; at < bad; at = g_utf8_next_char(at)) {
    column = *at == '\n' ? 1 : column + 1;
    line += *at == '\n';
  }
  fault_at(builder, line, column, "yaml-bytes", _("not UTF-8: save the file as UTF-8"));
  return false;
}

Yaml *yaml_parse(const char *text, size_t n_bytes, const char *name, Findings *findings,
                 GError **error)
{
  g_autoptr(Yaml) yaml = g_new0(Yaml, 1);
  yaml->name = g_strdup(name);
  yaml->texts = g_string_chunk_new(4096);
  yaml->nodes = g_ptr_array_new_with_free_func(node_free);
  Builder builder = {.yaml = yaml, .findings = findings};
  if (n_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
    text += 3;
    n_bytes -= 3;
  }
  if (check_bytes(&builder, text, n_bytes) && n_bytes > 0)
    build(&builder, text, n_bytes);
  if (builder.n_faults) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                ngettext("%s: %zu fault", "%s: %zu faults", builder.n_faults), name,
                builder.n_faults);
    return NULL;
  }
  if (!yaml->root)
    yaml->root = add_node(&builder, YAML_NONE, NULL);
  return g_steal_pointer(&yaml);
}

Yaml *yaml_load(const char *path, Findings *findings, GError **error)
{
  g_autoptr(GBytes) bytes = file_read(path, MAX_FILE_BYTES, error);
  if (!bytes)
    return NULL;
  size_t n_bytes;
  const char *text = g_bytes_get_data(bytes, &n_bytes);
  return yaml_parse(text ? text : "", n_bytes, path, findings, error);
}

// ---------------------------------------------------------------------------------------------
// Looking at it.

const char *yaml_name(const Yaml *yaml)
{
  return yaml->name;
}

const YamlNode *yaml_root(const Yaml *yaml)
{
  return yaml->root;
}

YamlKind yaml_kind(const YamlNode *node)
{
  return node ? node->kind : YAML_NONE;
}

int yaml_line(const YamlNode *node)
{
  return node ? node->line : 0;
}

int yaml_column(const YamlNode *node)
{
  return node ? node->column : 0;
}

const char *yaml_text(const YamlNode *node)
{
  return yaml_kind(node) == YAML_SCALAR ? node->text : NULL;
}

size_t yaml_count(const YamlNode *node)
{
  if (!node || !node->items)
    return 0;
  return node->kind == YAML_MAP ? node->items->len / 2 : node->items->len;
}

const YamlNode *yaml_item(const YamlNode *list, size_t i)
{
  return yaml_kind(list) == YAML_LIST && i < list->items->len ? list->items->pdata[i] : NULL;
}

bool yaml_pair(const YamlNode *map, size_t i, const char **key, const YamlNode **key_node,
               const YamlNode **value)
{
  if (yaml_kind(map) != YAML_MAP || i >= yaml_count(map))
    return false;
  const YamlNode *its_key = map->items->pdata[2 * i];
  if (key)
    *key = its_key->text;
  if (key_node)
    *key_node = its_key;
  if (value)
    *value = map->items->pdata[2 * i + 1];
  return true;
}

const YamlNode *yaml_get(const YamlNode *map, const char *key)
{
  const char *its_key;
  const YamlNode *value;
  for (size_t i = 0; yaml_pair(map, i, &its_key, NULL, &value); i++)
    if (strcmp(its_key, key) == 0)
      return value;
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// Faults and typed readings.

void yaml_fault(const Yaml *yaml, const YamlNode *node, Findings *findings, const char *code,
                const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  Finding finding = {.level = FINDING_ERROR,
                     .code = code,
                     .file = yaml->name,
                     .line = yaml_line(node),
                     .column = yaml_column(node)};
  findings_add(findings, &finding, "%s", text);
}

// Levenshtein distance over bytes; words longer than the table are never near anything.
static unsigned distance(const char *a, const char *b)
{
  unsigned row[64];
  size_t n_a = strlen(a), n_b = strlen(b);
  if (n_a >= G_N_ELEMENTS(row) || n_b >= G_N_ELEMENTS(row))
    return UINT_MAX;
  for (size_t j = 0; j <= n_b; j++)
    row[j] = (unsigned)j;
  for (size_t i = 1; i <= n_a; i++) {
    unsigned diagonal = row[0];
    row[0] = (unsigned)i;
    for (size_t j = 1; j <= n_b; j++) {
      unsigned change = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = MIN(change, MIN(row[j], row[j - 1]) + 1);
    }
  }
  return row[n_b];
}

static const char *nearest(const char *word, const char *const *allowed)
{
  const char *best = NULL;
  unsigned best_distance = UINT_MAX;
  for (const char *const *at = allowed; *at; at++) {
    unsigned its_distance = distance(word, *at);
    if (its_distance < best_distance) {
      best_distance = its_distance;
      best = *at;
    }
  }
  return best;
}

void yaml_check_keys(const Yaml *yaml, const YamlNode *map, const char *const *allowed,
                     Findings *findings)
{
  const char *key;
  const YamlNode *node;
  for (size_t i = 0; yaml_pair(map, i, &key, &node, NULL); i++) {
    if (g_strv_contains(allowed, key))
      continue;
    const char *meant = nearest(key, allowed);
    if (meant)
      yaml_fault(yaml, node, findings, "yaml-key-unknown",
                 _("“%s” means nothing here: is “%s” meant?"), key, meant);
    else
      yaml_fault(yaml, node, findings, "yaml-key-unknown", _("“%s” means nothing here"), key);
  }
}

// The scalar at `key`; NULL when there is none, and a fault when it is something else.
static const char *scalar_at(const Yaml *yaml, const YamlNode *map, const char *key,
                             Findings *findings, const YamlNode **node)
{
  *node = yaml_get(map, key);
  YamlKind kind = yaml_kind(*node);
  if (kind == YAML_LIST || kind == YAML_MAP)
    yaml_fault(yaml, *node, findings, "yaml-value", _("“%s” takes one value"), key);
  return yaml_text(*node);
}

bool yaml_read_text(const Yaml *yaml, const YamlNode *map, const char *key, Findings *findings,
                    const char **out)
{
  const YamlNode *node;
  const char *text = scalar_at(yaml, map, key, findings, &node);
  if (!text)
    return false;
  *out = text;
  return true;
}

bool yaml_read_bool(const Yaml *yaml, const YamlNode *map, const char *key, Findings *findings,
                    bool *out)
{
  const YamlNode *node;
  const char *text = scalar_at(yaml, map, key, findings, &node);
  if (!text)
    return false;
  bool is_true = strcmp(text, "true") == 0;
  if (!is_true && strcmp(text, "false") != 0) {
    yaml_fault(yaml, node, findings, "yaml-value", _("“%s” is true or false, not “%s”"), key, text);
    return false;
  }
  *out = is_true;
  return true;
}

bool yaml_read_int(const Yaml *yaml, const YamlNode *map, const char *key, Findings *findings,
                   int64_t *out)
{
  const YamlNode *node;
  const char *text = scalar_at(yaml, map, key, findings, &node);
  if (!text)
    return false;
  gint64 number;
  if (!g_ascii_string_to_signed(text, 10, INT64_MIN, INT64_MAX, &number, NULL)) {
    yaml_fault(yaml, node, findings, "yaml-value", _("“%s” is a whole number, not “%s”"), key,
               text);
    return false;
  }
  *out = number;
  return true;
}

bool yaml_read_days(const Yaml *yaml, const YamlNode *map, const char *key, Findings *findings,
                    int *out)
{
  const YamlNode *node;
  const char *text = scalar_at(yaml, map, key, findings, &node);
  if (!text)
    return false;
  const int max_days = 36525;  // a century: more is a slip of the finger
  size_t n_digits = strspn(text, "0123456789");
  const char *unit = text + n_digits;
  int factor = strcmp(unit, "w") == 0 ? 7 : strcmp(unit, "d") == 0 || !*unit ? 1 : 0;
  guint64 number = 0;
  if (factor)
    for (size_t i = 0; i < n_digits && number <= (guint64)max_days; i++)
      number = number * 10 + (guint64)(text[i] - '0');
  if (!factor || n_digits == 0 || number * (guint64)factor > (guint64)max_days) {
    yaml_fault(yaml, node, findings, "yaml-value",
               _("“%s” is a number of days such as 14d or 2w, not “%s”"), key, text);
    return false;
  }
  *out = (int)number * factor;
  return true;
}
