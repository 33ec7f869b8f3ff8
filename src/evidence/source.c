// SPDX-License-Identifier: GPL-3.0-or-later
//
// `sources:` of dormant.yaml.
#include "evidence_p.h"

#include <string.h>

#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)

static const char *const SOURCE_KEYS[] = {
    "name",    "target", "attribute", "controllers", "in",     "below", "files",    "accounts",
    "account", "moment", "matches",   "space",       "header", "skip",  "encoding", "separator",
    "take",    "dated",  "settle",    "form",        "zone",   "never", "missing",  "precision",
    "lag",     "late",   "stale",     "future",      "shrink", "quiet", "since",    NULL};

static const SourceKind kinds[] = {
    {"files", files_read}, {"below", folders_read}, {"attribute", attribute_read}};

typedef struct Reading {
  EvidenceSources *sources;
  const EvidenceWorld *world;
  Findings *findings;
  const YamlNode *node;  // of the source at hand
  Source *source;
} Reading;

G_GNUC_PRINTF(3, 4)
static void fault(const Reading *reading, const char *key, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  const YamlNode *node = yaml_get(reading->node, key);
  yaml_fault(reading->sources->yaml, node != NULL ? node : reading->node, reading->findings,
             "evidence-source", "%s", text);
}

static const char *keep(const Reading *reading, const char *text)
{
  return text == NULL ? NULL : g_string_chunk_insert_const(reading->sources->texts, text);
}

static const char *text_at(const Reading *reading, const char *key)
{
  const char *text = NULL;
  bool fine = yaml_read_text(reading->sources->yaml, reading->node, key, reading->findings, &text);
  return fine ? text : NULL;
}

static bool has(const Reading *reading, const char *key)
{
  return yaml_kind(yaml_get(reading->node, key)) != YAML_NONE;
}

// ---------------------------------------------------------------------------------------------
// Single values.

static bool parse_span(const char *text, int64_t *seconds)
{
  static const struct {
    const char *unit;
    int64_t seconds;
  } units[] = {{"s", 1}, {"m", 60}, {"h", HOUR_S}, {"d", DAY_S}, {"w", 7 * DAY_S}};
  size_t n = strspn(text, "0123456789");
  guint64 number = 0;
  g_autofree char *digits = g_strndup(text, n);
  if (!g_ascii_string_to_unsigned(digits, 10, 0, 1000000, &number, NULL))
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS(units); i++)
    if (strcmp(text + n, units[i].unit) == 0) {
      *seconds = (int64_t)number * units[i].seconds;
      return true;
    }
  return false;
}

// "14d", "2w", "12h", "30m", "60s".
static void read_span(const Reading *reading, const char *key, int64_t *seconds)
{
  const char *text = text_at(reading, key);
  if (text != NULL && !parse_span(text, seconds))
    fault(reading, key, _("“%s” is a span of time such as 14d, 12h or 30m, not “%s”"), key, text);
}

static void read_percent(const Reading *reading, const char *key, double *percent)
{
  const char *text = text_at(reading, key);
  char *end = NULL;
  if (text == NULL)
    return;
  double value = g_ascii_strtod(text, &end);
  if (end == text || strcmp(end, "%") != 0 || !(value >= 0 && value <= 100))
    fault(reading, key, _("“%s” is a percentage such as 20%%, not “%s”"), key, text);
  else
    *percent = value;
}

// Index of the word that the key has; 0 when it has none.
static size_t read_word(const Reading *reading, const char *key, const char *const *words)
{
  const char *text = text_at(reading, key);
  for (size_t i = 0; text != NULL && words[i] != NULL; i++)
    if (strcmp(words[i], text) == 0)
      return i;
  if (text != NULL) {
    g_autofree char *all = g_strjoinv(", ", (char **)words);
    fault(reading, key, _("“%s” is one of %s, not “%s”"), key, all, text);
  }
  return 0;
}

typedef void (*WordFunc)(const Reading *reading, const char *word);

// One word, or a list of them.
static void each_word(const Reading *reading, const char *key, WordFunc func)
{
  const YamlNode *node = yaml_get(reading->node, key);
  if (yaml_text(node) != NULL)
    func(reading, yaml_text(node));
  for (size_t i = 0; yaml_kind(node) == YAML_LIST && i < yaml_count(node); i++)
    if (yaml_text(yaml_item(node, i)) != NULL)
      func(reading, yaml_text(yaml_item(node, i)));
}

static void add_form(const Reading *reading, const char *word)
{
  g_autoptr(GString) all = g_string_new(NULL);
  if (moment_form_add(&reading->source->forms, word))
    return;
  moment_form_words(all);
  fault(reading, "form", _("“form” is of %s, not “%s”"), all->str, word);
}

static void add_never(const Reading *reading, const char *word)
{
  g_autoptr(GString) plain = g_string_new(NULL);
  moment_plain(word, plain);
  g_ptr_array_add(reading->source->never, g_strdup(plain->str));
}

// ---------------------------------------------------------------------------------------------
// Whose accounts.

static const TargetConfig *find_target(const Reading *reading, const char *name)
{
  for (size_t i = 0; name != NULL && reading->world->targets[i] != NULL; i++)
    if (strcmp(reading->world->targets[i]->name, name) == 0)
      return reading->world->targets[i];
  return NULL;
}

// "ad", "ad/account"; without it those of the system that is read.
static void read_accounts(const Reading *reading)
{
  EvidenceSource *told = &reading->source->told;
  const char *text = text_at(reading, "accounts");
  g_auto(GStrv) parts = g_strsplit(text != NULL ? text : "", "/", 2);
  const TargetConfig *target = text == NULL ? reading->source->of : find_target(reading, parts[0]);
  if (target == NULL && text == NULL)
    fault(reading, "accounts", _("“accounts” is missing: the target whose accounts it speaks of"));
  else if (target == NULL)
    fault(reading, "accounts", _("there is no target “%s”"), *text == '\0' ? "" : parts[0]);
  reading->source->accounts = target;
  told->target = target == NULL ? "" : target->name;
  told->klass = parts[0] == NULL ? NULL : keep(reading, parts[1]);
}

static void read_naming(const Reading *reading)
{
  Source *source = reading->source;
  static const char *const words[] = {"login", "number", "key", NULL};
  const YamlNode *node = yaml_get(reading->node, "matches");
  const char *attribute = yaml_text(yaml_get(node, "attribute"));
  const char *name = yaml_text(yaml_get(node, "name"));
  if (yaml_kind(node) == YAML_MAP && attribute == NULL && name == NULL)
    fault(reading, "matches",
          _("“matches” is login, number, key, {name: KIND} or {attribute: NAME}"));
  if (attribute != NULL || name != NULL)
    source->named = attribute != NULL ? NAMED_ATTRIBUTE : NAMED_LOGIN;
  else if (yaml_kind(node) == YAML_SCALAR)
    source->named = (NamedBy)read_word(reading, "matches", words);
  const char *space = text_at(reading, "space");
  source->named_word = source->named == NAMED_NUMBER ? space
                       : attribute != NULL           ? attribute
                       : name != NULL                ? name
                                                     : "login";
  if (source->named == NAMED_NUMBER && space == NULL)
    fault(reading, "space",
          _("“space” is missing: the namespace of the employee numbers, as layouts have it"));
}

// ---------------------------------------------------------------------------------------------
// What is read.

static const char *standard_form(const Source *source)
{
  if (source->of == NULL)
    return "iso";
  return strcmp(source->of->type, "ad") == 0     ? "filetime"
         : strcmp(source->of->type, "ldap") == 0 ? "generalizedtime"
                                                 : "iso";
}

static void read_forms(const Reading *reading)
{
  Source *source = reading->source;
  const char *zone = text_at(reading, "zone");
  each_word(reading, "form", add_form);
  if (source->forms.set == 0 && !has(reading, "form"))
    moment_form_add(&source->forms, standard_form(source));
  moment_zone("JST", &source->forms.zone_s);
  if (zone != NULL && !moment_zone(zone, &source->forms.zone_s))
    fault(reading, "zone", _("“zone” is JST, UTC or such as +09:00, not “%s”"), zone);
  each_word(reading, "never", add_never);
  source->forms.never = source->never;
}

static void read_file_keys(const Reading *reading)
{
  static const char *const takes[] = {"latest", "all", NULL};
  static const char *const dates[] = {"name", "time", NULL};
  static const char *const encodings[] = {"utf8", "cp932", "utf16le", "eucjp", NULL};
  static const char *const charsets[] = {NULL, "CP932", "UTF-16LE", "EUC-JP-MS"};
  static const char *const separators[] = {",", "tab", ";", NULL};
  static const char marks[] = {',', '\t', ';'};
  Source *source = reading->source;
  g_autofree char *path = g_path_is_absolute(source->files)
                              ? g_strdup(source->files)
                              : g_build_filename(reading->world->folder, source->files, NULL);
  source->files = keep(reading, path);
  source->header = true;
  yaml_read_bool(reading->sources->yaml, reading->node, "header", reading->findings,
                 &source->header);
  yaml_read_int(reading->sources->yaml, reading->node, "skip", reading->findings, &source->skip);
  source->all_files = read_word(reading, "take", takes) == 1;
  source->dated_by_time = read_word(reading, "dated", dates) == 1;
  source->encoding = charsets[read_word(reading, "encoding", encodings)];
  source->separator = marks[read_word(reading, "separator", separators)];
  source->settle_s = 60;
  read_span(reading, "settle", &source->settle_s);
  if (source->moment == NULL)
    fault(reading, "moment", _("“moment” is missing: the column that holds the last use"));
}

static void check_rows(const Reading *reading)
{
  const Source *source = reading->source;
  if (source->account == NULL)
    fault(reading, "account", _("“account” is missing: the column that names the account"));
}

static void check_attribute(const Reading *reading)
{
  static const char *const words[] = {"one", "all", NULL};
  Source *source = reading->source;
  if (record_is_secret(source->attribute))
    fault(reading, "attribute", _("%s is a secret, and is not read"), source->attribute);
  source->all_controllers = read_word(reading, "controllers", words) == 1;
  if (source->all_controllers && strcmp(source->of->type, "ad") != 0)
    fault(reading, "controllers", _("only a target of type ad has controllers"));
  // Each controller keeps its own: one alone knows next to nothing (MS-ADA1).
  if (!source->all_controllers && strcmp(source->of->type, "ad") == 0 &&
      g_ascii_strcasecmp(source->attribute, "lastLogon") == 0)
    fault(reading, "attribute",
          _("lastLogon is not replicated: “controllers: all” asks every domain controller, which "
            "“uri” of the target must then list"));
  if (source->in != NULL)
    check_rows(reading);
}

static void read_kind(const Reading *reading)
{
  Source *source = reading->source;
  const char *target = text_at(reading, "target");
  source->of = target == NULL ? NULL : find_target(reading, target);
  if (target != NULL && source->of == NULL)
    fault(reading, "target", _("there is no target “%s”"), target);
  source->files = text_at(reading, "files");
  source->below = text_at(reading, "below");
  source->attribute = text_at(reading, "attribute");
  source->in = text_at(reading, "in");
  source->account = text_at(reading, "account");
  source->moment = text_at(reading, "moment");
  for (size_t i = 0; i < G_N_ELEMENTS(kinds) && source->kind == NULL; i++)
    source->kind = has(reading, kinds[i].key) ? &kinds[i] : NULL;
  if (source->kind == NULL || (source->files != NULL) == (target != NULL))
    fault(reading, "",
          _("a source is {target: …, attribute: …}, {target: SHARE, below: FOLDER} or {files: …}"));
}

static void describe(const Reading *reading)
{
  Source *source = reading->source;
  const char *what = source->below != NULL ? source->below : source->attribute;
  const char *of = source->of != NULL ? source->of->name : "";
  g_autofree char *where = source->files != NULL ? g_path_get_basename(source->files)
                                                 : g_strdup_printf("%s %s", of, what);
  source->told.where = keep(reading, where);
}

// What a domain writes only now and then (MS-ADA1: msDS-LogonTimeSyncInterval, 14 days unless the domain says otherwise).
static int64_t standard_lag(const Source *source)
{
  bool stamp = source->of != NULL && source->attribute != NULL &&
               g_ascii_strcasecmp(source->attribute, "lastLogonTimestamp") == 0;
  return stamp ? 14 * DAY_S : 0;
}

static void read_since(const Reading *reading)
{
  const char *text = text_at(reading, "since");
  Date day = DATE_NONE;
  if (text != NULL && !date_parse_iso(text, &day))
    fault(reading, "since", _("“since” is a day such as 2020-04-01, not “%s”"), text);
  reading->source->told.since = date_start(day);
}

static void read_spans(const Reading *reading)
{
  static const char *const words[] = {"unknown", "never", NULL};
  EvidenceSource *told = &reading->source->told;
  int64_t precision_s = 0, lag_s = standard_lag(reading->source);
  told->stale_s = 3 * DAY_S;
  reading->source->future_s = DAY_S;
  reading->source->shrink_percent = 20;
  reading->source->quiet_s = 30 * DAY_S;
  told->since = INSTANT_NONE;
  read_span(reading, "precision", &precision_s);
  read_span(reading, "lag", &lag_s);
  read_span(reading, "late", &told->late_s);
  read_span(reading, "stale", &told->stale_s);
  read_span(reading, "future", &reading->source->future_s);
  read_span(reading, "quiet", &reading->source->quiet_s);
  read_since(reading);
  read_percent(reading, "shrink", &reading->source->shrink_percent);
  told->precision_s = precision_s + lag_s;
  told->complete = read_word(reading, "missing", words) == 1;
}

static void free_source(void *data)
{
  Source *source = data;
  g_ptr_array_unref(source->never);
  g_free(source);
}

static void read_source(Reading *reading, const char *name, const YamlNode *node)
{
  Source *source = g_new0(Source, 1);
  source->never = g_ptr_array_new_with_free_func(g_free);
  source->told.name = keep(reading, name);
  source->told.line = yaml_line(node);
  source->told.target = source->told.where = "";
  g_ptr_array_add(reading->sources->list, source);
  reading->source = source;
  reading->node = node;
  size_t before = findings_count(reading->findings);
  yaml_check_keys(reading->sources->yaml, node, SOURCE_KEYS, reading->findings);
  read_kind(reading);
  if (findings_count(reading->findings) > before)
    return;
  read_accounts(reading);
  read_forms(reading);
  read_spans(reading);
  describe(reading);
  if (source->files != NULL)
    read_file_keys(reading);
  if (source->files != NULL)
    check_rows(reading);
  if (source->attribute != NULL)
    check_attribute(reading);
  if (source->below != NULL && strcmp(source->of->type, "share") != 0)
    fault(reading, "below", _("only a target of type share has folders"));
  read_naming(reading);
}

static void read_named(Reading *reading, const char *name, const YamlNode *key,
                       const YamlNode *node)
{
  if (name == NULL || *name == '\0')
    yaml_fault(reading->sources->yaml, node, reading->findings, "evidence-source",
               _("a source needs a name"));
  else if (yaml_kind(node) != YAML_MAP)
    yaml_fault(reading->sources->yaml, key, reading->findings, "evidence-source",
               _("source “%s” is written {target: …, attribute: …} or {files: …}"), name);
  else if (evidence_source_named(reading->sources, name) != EVIDENCE_NO_SOURCE)
    yaml_fault(reading->sources->yaml, key, reading->findings, "evidence-source",
               _("there are two sources “%s”"), name);
  else
    read_source(reading, name, node);
}

EvidenceSources *evidence_sources_read(const Yaml *yaml, const YamlNode *node,
                                       const EvidenceWorld *world, Findings *findings)
{
  EvidenceSources *sources = g_new0(EvidenceSources, 1);
  sources->yaml = yaml;
  sources->list = g_ptr_array_new_with_free_func(free_source);
  sources->texts = g_string_chunk_new(1024);
  Reading reading = {.sources = sources, .world = world, .findings = findings};
  const char *name = NULL;
  const YamlNode *key = NULL, *value = NULL;
  if (yaml_kind(node) == YAML_SCALAR)
    yaml_fault(yaml, node, findings, "evidence-source",
               _("“sources” has a source below each name"));
  for (size_t i = 0; yaml_kind(node) == YAML_MAP && yaml_pair(node, i, &name, &key, &value); i++)
    read_named(&reading, name, key, value);
  for (size_t i = 0; yaml_kind(node) == YAML_LIST && i < yaml_count(node); i++) {
    value = yaml_item(node, i);
    read_named(&reading, yaml_text(yaml_get(value, "name")), value, value);
  }
  return sources;
}

void evidence_sources_free(EvidenceSources *sources)
{
  if (sources == NULL)
    return;
  g_ptr_array_unref(sources->list);
  g_string_chunk_free(sources->texts);
  g_free(sources);
}

// ---------------------------------------------------------------------------------------------

const Source *source_at(const EvidenceSources *sources, size_t i)
{
  return sources->list->pdata[i];
}

size_t evidence_n_sources(const EvidenceSources *sources)
{
  return sources->list->len;
}

const EvidenceSource *evidence_source_at(const EvidenceSources *sources, size_t i)
{
  return &source_at(sources, i)->told;
}

size_t evidence_source_named(const EvidenceSources *sources, const char *name)
{
  for (size_t i = 0; i < evidence_n_sources(sources); i++)
    if (strcmp(evidence_source_at(sources, i)->name, name) == 0)
      return i;
  return EVIDENCE_NO_SOURCE;
}

const Klass *source_klass(const Source *source, const Mapping *mapping, size_t *n)
{
  const Klass *found = NULL;
  *n = 0;
  for (size_t i = 0; i < mapping_n_klasses(mapping); i++) {
    const Klass *klass = mapping_klass(mapping, i);
    bool people = klass->subject == FOR_PERSON || klass->subject == FOR_POST;
    if (!people || strcmp(klass->target, source->told.target) != 0 ||
        (source->told.klass != NULL && strcmp(klass->name, source->told.klass) != 0))
      continue;
    found = klass;
    ++*n;
  }
  return *n == 1 ? found : NULL;
}

void evidence_sources_check(const EvidenceSources *sources, const Mapping *mapping,
                            Findings *findings)
{
  for (size_t i = 0; i < evidence_n_sources(sources); i++) {
    const Source *source = source_at(sources, i);
    size_t n = 0;
    if (source->accounts == NULL || source_klass(source, mapping, &n) != NULL)
      continue;
    Finding at = {.level = FINDING_ERROR,
                  .code = "evidence-class",
                  .file = yaml_name(sources->yaml),
                  .line = source->told.line,
                  .subject = source->told.name};
    findings_add(findings, &at,
                 n == 0 ? _("no mapping has such a class of accounts for people in target %s")
                        : _("several mappings have accounts for people in target %s: say which, as "
                            "“accounts: TARGET/CLASS”"),
                 source->told.target);
  }
}
