// SPDX-License-Identifier: GPL-3.0-or-later
//
// Reads or writes a target as told, for tests/targets/run.
//
//   target OPTIONS fingerprint
//   target OPTIONS schema ATTR…            how each compares
//   target OPTIONS read CLASS PLACE…       one line an entry, or --quiet: their number only
//   target OPTIONS write                   does what standard input says, one thing a line
//
// Fields of a line are separated by "|"; values of changes are -OLD, +NEW, =NEW (replace whole), and in
// them @OBJECT is a reference, !POLICY a secret:
//
//   place|OBJECT|PARENT|NAME[|ID]          where something is ("" as parent: the base)
//   create|OBJECT|PARENT|NAME|ATTR|+VALUE|ATTR|+VALUE…
//   modify|OBJECT|ATTR|-OLD|+NEW…          also disable, enable
//   rename|OBJECT|NAME     move|OBJECT|PARENT     delete|OBJECT
//   join|GROUP|MEMBER…     leave|GROUP|MEMBER…    several members go as one
//   id|ID                  what the next operation asserts
//   later                  from now on only submit;  collect  takes all outcomes
//   probe                  whether the last operation has taken effect
//   before                 what the last operation is about to overwrite
//   revive|[PARENT]        brings back what the last `before` told of
//   run|COMMAND            a shell command;  reconnect  connects anew
#include <errno.h>
#include <idou/targets.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST 64

typedef struct Options {
  TargetConfig config;
  TargetConfig given;  // by options: owns their strings
  const char *uris[2];
  bool quiet;
  int stop_after;        // entries, then …
  const char *stop_run;  // … this command is run
  char **keys;           // --keys ATTR=VALUE,VALUE; --key ATTR=VALUE, with commas in it
  char *key_attribute;
  char **attributes;
  gboolean nested;    // --nested: groups that have a member through others
  char *config_file;  // --config: the target's entry as in a site's file, instead of options
  char *domain_file;  // --domain: of a share, the entry of the domain that knows users and groups
  char *written;      // --written: "SERVER NAME", which was written to a minute ago
  char *first;        // --first: the address to be tried first
  TargetConfig *own, *domain;  // … that were read from there
  char *made;                  // --made FILE: the secrets that were made, a line each
} Options;

typedef struct Step {
  Op op;
  OpChange changes[MOST];
  OpValue values[MOST];
  char **fields;
} Step;

typedef struct Script {
  Writer *writer;
  GPtrArray *steps;     // all that were made
  GPtrArray *last;      // those of the last line
  GHashTable *parents;  // object -> parent object, for moves
  char *id;
  char *before;
  const char *made;
  bool later;
  uint64_t token;
  size_t n_open;
} Script;

static int report(GError *error)
{
  printf("error %s: %s\n", exit_name(error->code), error->message);
  return 1;
}

static void run_command(const char *command)
{
  fflush(stdout);
  if (system(command) != 0)
    printf("command failed: %s\n", command);
}

// ---------------------------------------------------------------------------------------------
// Reading

typedef struct Show {
  const Options *options;
  const Schema *schema;
  int n_seen;
} Show;

static bool show(const Observed *entry, void *data, GError **error)
{
  (void)error;
  Show *to = data;
  static const char *const states[] = {"", " off", " on"};
  if (++to->n_seen == to->options->stop_after)
    run_command(to->options->stop_run);
  if (to->options->quiet)
    return true;
  printf("%.*s%s", (int)entry->dn.n, entry->dn.at, states[entry->enabled]);
  for (size_t i = 0; i < entry->n_attributes; i++) {
    const ObservedAttr *attr = &entry->attributes[i];
    printf(" %s=", schema_at((Schema *)to->schema, attr->attr)->name);
    for (size_t j = 0; j < attr->n_values; j++)
      printf("%s%.*s", j ? "," : "", (int)attr->values[j].n, attr->values[j].at);
  }
  if (entry->protected_by)
    printf(" protected (%s)", entry->protected_by);
  bool share = g_str_equal(to->options->config.type, "share");
  printf("%s\n", entry->stable_id.n == 36 || (share && entry->stable_id.n) ? "" : " without id");
  return true;
}

static int read_target(const Options *options, char **arguments)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Reader) reader = reader_open(&options->config, &error);
  if (!reader)
    return report(error);
  g_autoptr(Schema) schema = schema_new();
  for (char **name = options->attributes; *name; name++)
    schema_attr(schema, *name);
  Scope scope = {.places = (const char *const *)arguments + 1,
                 .klass = **arguments ? *arguments : NULL,
                 .attributes = (const char *const *)options->attributes,
                 .key_attribute = options->key_attribute,
                 .keys = (const char *const *)options->keys,
                 .nested = options->nested};
  Show to = {options, schema, 0};
  size_t n_entries = 0;
  int64_t began_us = g_get_monotonic_time();
  if (!reader_read(reader, &scope, schema, show, &to, &n_entries, &error))
    return report(error);
  printf("read %zu\n", n_entries);
  fprintf(stderr, "%.3f s\n", (double)(g_get_monotonic_time() - began_us) / 1e6);
  return 0;
}

static int show_schema(const Options *options, char **arguments)
{
  static const char *const rules[] = {"exact",     "ignore", "digits", "integer",
                                      "boolean",   "time",   "dn",     "access",
                                      "principal", "never",  "date",   "octets"};
  g_autoptr(GError) error = NULL;
  g_autoptr(Reader) reader = reader_open(&options->config, &error);
  if (!reader)
    return report(error);
  g_autoptr(Schema) schema = schema_new();
  g_autoptr(GPtrArray) classes = g_ptr_array_new_with_free_func(g_free);
  for (char **name = arguments; *name; name++)
    schema_attr(schema, *name);
  if (!reader_schema(reader, schema, classes, &error))
    return report(error);
  for (size_t i = 0; i < schema_count(schema); i++) {
    const Attr *attr = schema_at(schema, (AttrId)i);
    printf("%s: %s%s%s%s", attr->name, attr->known ? rules[attr->match] : "unknown",
           attr->single ? " single" : "", attr->readonly ? " readonly" : "",
           attr->no_equality ? " no-equality" : "");
    if (attr->max_chars)
      printf(" max %u", attr->max_chars);
    putchar('\n');
  }
  for (size_t i = 0; i < classes->len; i++)
    if (g_str_equal(classes->pdata[i], "inetOrgPerson"))
      printf("class inetOrgPerson\n");
  return 0;
}

static int show_fingerprint(const Options *options, char **arguments)
{
  (void)arguments;
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) out = g_string_new(NULL);
  g_autoptr(Reader) reader = reader_open(&options->config, &error);
  if (!reader || !reader_fingerprint(reader, out, &error))
    return report(error);
  puts(out->str);
  return 0;
}

// ---------------------------------------------------------------------------------------------
// Writing

static OpValue value_of(const char *text)
{
  ValueKind kind = *text == '@' ? VALUE_REF : *text == '!' ? VALUE_SECRET : VALUE_TEXT;
  text += kind != VALUE_TEXT;
  return (OpValue){kind, text, strlen(text)};
}

// ATTR|-OLD|+NEW|ATTR|… from field `at` on.
static void take_changes(Step *step, size_t at)
{
  size_t n_values = 0;
  OpChange *change = NULL;
  for (char **field = step->fields + at; *field; field++) {
    char sign = **field;
    if (!strchr("-+=", sign) || !sign) {
      change = &step->changes[step->op.n_changes++];
      change->attribute = *field;
      continue;
    }
    OpValue *value = &step->values[n_values++];
    *value = value_of(*field + 1);
    if (sign == '-') {
      change->old_values = change->n_old ? change->old_values : value;
      change->n_old++;
    } else {
      change->new_values = change->n_new ? change->new_values : value;
      change->n_new++;
      change->replace |= sign == '=';
    }
  }
}

static const char *nothing_as_null(const char *text)
{
  return text && *text ? text : NULL;
}

static Step *new_step(Script *script, OpKind kind, char **fields)
{
  Step *step = g_new0(Step, 1);
  step->fields = g_strdupv(fields);
  step->op = (Op){.n = 1, .kind = kind, .object = step->fields[1], .changes = step->changes};
  step->op.stable_id = g_steal_pointer(&script->id);
  g_ptr_array_add(script->steps, step);
  g_ptr_array_add(script->last, step);
  return step;
}

static void make_step(Script *script, OpKind kind, char **fields)
{
  if (op_traits(kind)->edge) {
    for (size_t i = 2; fields[i]; i++) {
      Step *step = new_step(script, kind, fields);
      step->op.member = step->fields[i];
    }
    return;
  }
  Step *step = new_step(script, kind, fields);
  Op *op = &step->op;
  switch (kind) {
  case OP_CREATE:
    op->parent = nothing_as_null(step->fields[2]);
    op->name = step->fields[3];
    take_changes(step, 4);
    break;
  case OP_RENAME:
    op->name = step->fields[2];
    break;
  case OP_MOVE:
    op->old_parent = g_hash_table_lookup(script->parents, op->object);
    op->parent = nothing_as_null(step->fields[2]);
    break;
  default:
    if (kind != OP_DELETE)
      take_changes(step, 2);
  }
}

static void collect_one(Script *script)
{
  Outcome outcome = {0};
  bool got = false;
  GError *error = NULL;
  if (!writer_collect(script->writer, 20000, &outcome, &got, &error)) {
    report(error);
    g_clear_error(&error);
  } else if (got) {
    printf("%s%s%s%s\n", outcome_name(outcome.kind), outcome.stable_id ? " with id" : "",
           outcome.detail ? ": " : "", outcome.detail ? outcome.detail : "");
  } else {
    puts("no outcome");
  }
  script->n_open--;
  outcome_clear(&outcome);
}

static Secret *make_secret(const Script *script)
{
  static const SecretRule rule = {20, {"abcdefgh", "ABCDEFGH", "23456789", NULL}};
  Secret *secret = secret_make(&rule, NULL, NULL);
  FILE *file = script->made ? fopen(script->made, "a") : NULL;
  if (file) {
    fprintf(file, "%s\n", secret_bytes(secret, NULL));
    fclose(file);
  }
  return secret;
}

static void submit(Script *script)
{
  GError *error = NULL;
  const Op *ops[MOST];
  for (size_t i = 0; i < script->last->len; i++)
    ops[i] = &((Step *)script->last->pdata[i])->op;
  g_autoptr(GPtrArray) secrets = g_ptr_array_new_with_free_func((GDestroyNotify)secret_free);
  for (size_t i = 0; i < op_n_secrets(ops[0]); i++)
    g_ptr_array_add(secrets, make_secret(script));
  const Sending sending = {ops, script->last->len, secrets, 0, false};
  if (!writer_submit(script->writer, &sending, ++script->token, &error)) {
    report(error);
    g_clear_error(&error);
    return;
  }
  script->n_open++;
  if (!script->later)
    collect_one(script);
}

static void do_place(Script *script, char **fields)
{
  Placed place = {fields[1], nothing_as_null(fields[2]), fields[3],
                  fields[3] ? nothing_as_null(fields[4]) : NULL, true};
  writer_begin(script->writer, &place, 1, NULL);
  g_hash_table_replace(script->parents, g_strdup(fields[1]), g_strdup(fields[2]));
}

static void do_id(Script *script, char **fields)
{
  script->id = g_strdup(fields[1]);
}

static void do_later(Script *script, char **fields)
{
  (void)fields;
  script->later = true;
}

static void do_collect(Script *script, char **fields)
{
  (void)fields;
  while (script->n_open)
    collect_one(script);
  script->later = false;
}

static void do_run(Script *script, char **fields)
{
  (void)script;
  run_command(fields[1]);
}

static void do_reconnect(Script *script, char **fields)
{
  (void)fields;
  g_autoptr(GError) error = NULL;
  if (!writer_reconnect(script->writer, &error))
    report(error);
}

static void do_probe(Script *script, char **fields)
{
  static const char *const names[] = {"was done", "was not done", "drifted", "cannot be told"};
  (void)fields;
  g_autoptr(GError) error = NULL;
  Probe probe = PROBE_UNKNOWN;
  Step *step = script->last->pdata[0];
  if (writer_probe(script->writer, &step->op, &probe, &error))
    puts(names[probe]);
  else
    report(error);
}

static void do_before(Script *script, char **fields)
{
  (void)fields;
  g_autoptr(GError) error = NULL;
  Step *step = script->last->pdata[0];
  g_clear_pointer(&script->before, g_free);
  if (writer_before(script->writer, &step->op, &script->before, &error))
    puts(script->before ? script->before : "nothing");
  else
    report(error);
}

static void print_texts(const char *word, GPtrArray *texts)
{
  for (guint i = 0; i < texts->len; i++)
    printf("%s %s\n", word, (const char *)texts->pdata[i]);
}

static void do_revive(Script *script, char **fields)
{
  g_autoptr(GError) error = NULL;
  g_auto(Revived) revived;
  revived_init(&revived);
  Revival revival = {script->before, nothing_as_null(fields[1])};
  if (!writer_revive(script->writer, &revival, &revived, &error))
    report(error);
  if (revived.dn)
    printf("back as %s\n", revived.dn);
  print_texts("restored", revived.restored);
  print_texts("missing", revived.missing);
  print_texts("right", revived.rights);
}

static const struct {
  const char *word;
  void (*run)(Script *script, char **fields);
} verbs[] = {
    {"place", do_place},  {"id", do_id},       {"later", do_later},   {"collect", do_collect},
    {"run", do_run},      {"probe", do_probe}, {"before", do_before}, {"reconnect", do_reconnect},
    {"revive", do_revive}};

// "before" of a deletion that is only spoken of: "plan|" in front of an operation makes but does not send it.
static void do_line(Script *script, char **fields)
{
  OpKind kind = OP_N_KINDS;
  bool only_planned = g_str_equal(fields[0], "plan");
  fields += only_planned;
  for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
    if (g_str_equal(fields[0], verbs[i].word)) {
      verbs[i].run(script, fields);
      return;
    }
  }
  if (!op_kind_of(fields[0], &kind)) {
    printf("what is %s?\n", fields[0]);
    return;
  }
  g_ptr_array_set_size(script->last, 0);
  make_step(script, kind, fields);
  if (!only_planned)
    submit(script);
}

static void free_step(void *data)
{
  Step *step = data;
  g_strfreev(step->fields);
  g_free((char *)step->op.stable_id);
  g_free(step);
}

static int write_target(const Options *options, char **arguments)
{
  (void)arguments;
  g_autoptr(GError) error = NULL;
  g_autoptr(Writer) writer = writer_open(&options->config, &error);
  if (!writer)
    return report(error);
  Script script = {.writer = writer,
                   .made = options->made,
                   .steps = g_ptr_array_new_with_free_func(free_step),
                   .last = g_ptr_array_new(),
                   .parents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free)};
  char *line = NULL;
  size_t size = 0;
  while (getline(&line, &size, stdin) > 0) {
    line[strcspn(line, "\n")] = '\0';
    g_auto(GStrv) fields = g_strsplit(line, "|", -1);
    if (*line && *line != '#')
      do_line(&script, fields);
    fflush(stdout);
  }
  free(line);
  if (!writer_finish(writer, &error))
    report(error);
  g_ptr_array_unref(script.steps);
  g_ptr_array_unref(script.last);
  g_hash_table_unref(script.parents);
  g_free(script.id);
  g_free(script.before);
  return 0;
}

// ---------------------------------------------------------------------------------------------

static const struct {
  const char *word;
  int (*run)(const Options *options, char **arguments);
} commands[] = {{"fingerprint", show_fingerprint},
                {"schema", show_schema},
                {"read", read_target},
                {"write", write_target}};

// As the site's file makes one of type ad.
static void behave_as_ad(TargetConfig *config, const char **uris)
{
  uris[0] = config->uri;
  config->uris = uris;
  config->clear_passwords = config->must_change = true;
  config->disable_attribute = g_strdup("userAccountControl");
  config->disable_value = "514";
  config->disable_bit = 2;
}

static bool parse(int *argc, char ***argv, Options *options, GError **error)
{
  char *uri = NULL, *base = NULL, *ca = NULL, *dn = NULL, *secret = NULL, *keys = NULL, *run = NULL;
  char *one_key = NULL, *attributes = NULL, *disable = NULL, *type = NULL, *path = NULL,
       *made = NULL;
  gboolean clear = false, external = false, plain = false, quiet = false;
  int page = 0, timeout = 10000, stop = 0;
  GOptionEntry entries[] = {
      {"type", 0, 0, G_OPTION_ARG_STRING, &type, NULL, NULL},
      {"path", 0, 0, G_OPTION_ARG_STRING, &path, NULL, NULL},
      {"uri", 0, 0, G_OPTION_ARG_STRING, &uri, NULL, NULL},
      {"base", 0, 0, G_OPTION_ARG_STRING, &base, NULL, NULL},
      {"ca", 0, 0, G_OPTION_ARG_STRING, &ca, NULL, NULL},
      {"dn", 0, 0, G_OPTION_ARG_STRING, &dn, NULL, NULL},
      {"secret", 0, 0, G_OPTION_ARG_STRING, &secret, NULL, NULL},
      {"external", 0, 0, G_OPTION_ARG_NONE, &external, NULL, NULL},
      {"plain", 0, 0, G_OPTION_ARG_NONE, &plain, NULL, NULL},
      {"clear", 0, 0, G_OPTION_ARG_NONE, &clear, NULL, NULL},
      {"disable", 0, 0, G_OPTION_ARG_STRING, &disable, NULL, NULL},
      {"page", 0, 0, G_OPTION_ARG_INT, &page, NULL, NULL},
      {"timeout", 0, 0, G_OPTION_ARG_INT, &timeout, NULL, NULL},
      {"attributes", 0, 0, G_OPTION_ARG_STRING, &attributes, NULL, NULL},
      {"keys", 0, 0, G_OPTION_ARG_STRING, &keys, NULL, NULL},
      {"quiet", 0, 0, G_OPTION_ARG_NONE, &quiet, NULL, NULL},
      {"stop-after", 0, 0, G_OPTION_ARG_INT, &stop, NULL, NULL},
      {"run", 0, 0, G_OPTION_ARG_STRING, &run, NULL, NULL},
      {"key", 0, 0, G_OPTION_ARG_STRING, &one_key, NULL, NULL},
      {"nested", 0, 0, G_OPTION_ARG_NONE, &options->nested, NULL, NULL},
      {"config", 0, 0, G_OPTION_ARG_STRING, &options->config_file, NULL, NULL},
      {"domain", 0, 0, G_OPTION_ARG_STRING, &options->domain_file, NULL, NULL},
      {"written", 0, 0, G_OPTION_ARG_STRING, &options->written, NULL, NULL},
      {"first", 0, 0, G_OPTION_ARG_STRING, &options->first, NULL, NULL},
      {"made", 0, 0, G_OPTION_ARG_STRING, &made, NULL, NULL},
      {NULL, 0, 0, 0, NULL, NULL, NULL},
  };
  GOptionContext *context = g_option_context_new(NULL);
  g_option_context_add_main_entries(context, entries, NULL);
  g_option_context_set_strict_posix(context, true);
  bool parsed = g_option_context_parse(context, argc, argv, error);
  g_option_context_free(context);
  options->config = (TargetConfig){.name = "test",
                                   .type = type ? type : g_strdup("ldap"),
                                   .path = path,
                                   .uri = uri,
                                   .base = base,
                                   .ca_file = ca,
                                   .plaintext = plain,
                                   .clear_passwords = clear,
                                   .external = external,
                                   .read_dn = dn,
                                   .read_secret = secret,
                                   .disable_attribute = disable,
                                   .disable_value = "000001010000Z",
                                   .page_size = page,
                                   .timeout_ms = timeout,
                                   .window = 32};
  if (type && g_str_equal(type, "ad"))
    behave_as_ad(&options->config, options->uris);
  options->given = options->config;
  options->made = made;
  options->quiet = quiet;
  options->stop_after = stop;
  options->stop_run = run;
  options->attributes = g_strsplit(attributes ? attributes : "uid", ",", -1);
  if (one_key)
    keys = one_key;
  char *equals = keys ? strchr(keys, '=') : NULL;
  if (equals) {
    options->key_attribute = g_strndup(keys, (size_t)(equals - keys));
    options->keys = g_strsplit(equals + 1, one_key ? "\n" : ",", -1);
  }
  g_free(keys);
  g_free(attributes);
  return parsed;
}

// The strings of `config` are the option parser's.
static void clear(Options *options)
{
  target_config_free(options->own);
  target_config_free(options->domain);
  g_free(options->config_file);
  g_free(options->domain_file);
  g_free(options->written);
  g_free(options->first);
  const TargetConfig *config = &options->given;
  const char *texts[] = {
      config->type,      config->path,           config->uri,         config->base,
      config->ca_file,   config->read_dn,        config->read_secret, config->disable_attribute,
      options->stop_run, options->key_attribute, options->made};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    g_free((char *)texts[i]);
  g_strfreev(options->keys);
  g_strfreev(options->attributes);
}

static TargetConfig *load_config(const char *path, GError **error)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Yaml) yaml = yaml_load(path, findings, error);
  TargetConfig *config =
      yaml ? target_config_read(yaml, yaml_root(yaml), "test", "/", findings) : NULL;
  if (!config || !findings_count(findings))
    return config;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s", findings_at(findings, 0)->text);
  target_config_free(config);
  return NULL;
}

// `config` is a copy; what it points to lives as long as the one that was read.
static bool read_config(Options *options, GError **error)
{
  if (options->domain_file && !(options->domain = load_config(options->domain_file, error)))
    return false;
  if (!options->config_file)
    return true;
  options->own = load_config(options->config_file, error);
  if (!options->own)
    return false;
  options->own->domain_config = options->domain;
  if (options->written) {
    g_autofree char *written = server_written(options->written, instant_now() - 60);
    target_config_prefer(options->own, written);
  }
  options->own->first = options->first;
  options->config = *options->own;
  return true;
}

static int run(const Options *options, int argc, char **argv)
{
  for (size_t i = 0; argc > 1 && i < G_N_ELEMENTS(commands); i++)
    if (g_str_equal(argv[1], commands[i].word))
      return commands[i].run(options, argv + 2);
  fprintf(stderr, "usage: target OPTIONS fingerprint|schema|read|write …\n");
  return 1;
}

int main(int argc, char **argv)
{
  Options options = {0};
  g_autoptr(GError) error = NULL;
  base_init();
  bool parsed = parse(&argc, &argv, &options, &error) && read_config(&options, &error);
  int status = parsed ? run(&options, argc, argv) : report(error);
  clear(&options);
  return status;
}
