// SPDX-License-Identifier: GPL-3.0-or-later
//
// The file target with faults, for tests. docs/targets.md lists them.
#include "targets_p.h"

#include <signal.h>
#include <unistd.h>

typedef enum FaultKind {
  FAULT_BUSY,
  FAULT_REFUSED,
  FAULT_FAILED,
  FAULT_UNKNOWN,
  FAULT_UNKNOWN_DONE,
  FAULT_LOST,
  FAULT_LOST_DONE,
  FAULT_KILL_BEFORE,
  FAULT_KILL_AFTER,
  FAULT_HOUR,
  FAULT_LEAP,
  FAULT_LEAP_BACK,
  FAULT_READ_TRUNCATED,
  FAULT_READ_LOST,
  FAULT_READ_SHORT,
  FAULT_READ_HIDES
} FaultKind;

// "op N WORDS" strikes the Nth sending of a process, "read WORDS N" after N entries.
static const struct {
  const char *words;
  FaultKind kind;
  bool reads;
  int code;  // answered without doing it; 0 = no such answer
} forms[] = {
    {"busy", FAULT_BUSY, false, LDAP_BUSY},
    {"refused", FAULT_REFUSED, false, LDAP_CONSTRAINT_VIOLATION},
    {"failed", FAULT_FAILED, false, LDAP_OTHER},
    {"unknown", FAULT_UNKNOWN, false, 0},
    {"unknown done", FAULT_UNKNOWN_DONE, false, 0},
    {"lost", FAULT_LOST, false, 0},
    {"lost done", FAULT_LOST_DONE, false, 0},
    {"kill before", FAULT_KILL_BEFORE, false, 0},
    {"kill after", FAULT_KILL_AFTER, false, 0},
    {"takes an hour", FAULT_HOUR, false, 0},
    {"clock forward", FAULT_LEAP, false, 0},
    {"clock back", FAULT_LEAP_BACK, false, 0},
    {"truncated after", FAULT_READ_TRUNCATED, true, 0},
    {"lost after", FAULT_READ_LOST, true, 0},
    {"short after", FAULT_READ_SHORT, true, 0},
    {"hides", FAULT_READ_HIDES, true, 0},
};

// "receipts kill N": the process dies when it has been told of N of them; N = kept: before it forgets them.
#define RECEIPTS_KILL "receipts kill "

// "down until MOMENT": it can be neither read nor written to.
#define HOUR_S 3600
#define DOWN "down until "

typedef struct Fault {
  FaultKind kind;
  bool reads;
  int code;
  uint64_t n;
  const char *attribute;  // of the configuration
} Fault;

typedef struct Fake {
  const TargetConfig *config;
  void *inner;     // of ldif_type
  GArray *faults;  // Fault
  uint64_t n_sent;
  bool lost;
  bool posts;              // it only takes what is sent; a receipt tells later
  GQueue *answers;         // Answer
  GHashTable *unanswered;  // tokens whose answer is to be lost
} Fake;

static bool parse_number(const char *text, uint64_t *out)
{
  return g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, out, NULL);
}

static bool match_form(const char *text, size_t i, Fault *out)
{
  *out = (Fault){.kind = forms[i].kind, .reads = forms[i].reads, .code = forms[i].code};
  g_autofree char *head =
      g_strconcat(forms[i].reads ? "read " : "op ", forms[i].reads ? forms[i].words : "",
                  forms[i].reads ? " " : "", NULL);
  if (!g_str_has_prefix(text, head))
    return false;
  const char *rest = text + strlen(head);
  if (forms[i].kind == FAULT_READ_HIDES) {
    out->attribute = rest;
    return *rest != '\0';
  }
  if (forms[i].reads)
    return parse_number(rest, &out->n);
  const char *space = strchr(rest, ' ');
  g_autofree char *number = space ? g_strndup(rest, (size_t)(space - rest)) : NULL;
  return number && parse_number(number, &out->n) && g_str_equal(space + 1, forms[i].words);
}

static bool parse_faults(Fake *fake, GError **error)
{
  for (const char *const *text = fake->config->faults; text && *text; text++) {
    Fault fault = {0};
    size_t i = 0;
    if (g_str_has_prefix(*text, RECEIPTS_KILL) || g_str_has_prefix(*text, DOWN))
      continue;
    while (i < G_N_ELEMENTS(forms) && !match_form(*text, i, &fault))
      i++;
    if (i == G_N_ELEMENTS(forms)) {
      g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("target %s: there is no fault “%s”"),
                  fake->config->name, *text);
      return false;
    }
    g_array_append_val(fake->faults, fault);
  }
  return true;
}

static bool is_up(const TargetConfig *config, GError **error)
{
  for (const char *const *text = config->faults; text && *text; text++) {
    Instant until;
    if (!g_str_has_prefix(*text, DOWN) || !instant_parse(*text + strlen(DOWN), &until) ||
        instant_now() >= until)
      continue;
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD, _("target %s cannot be reached"), config->name);
    return false;
  }
  return true;
}

static void free_answer(void *answer)
{
  answer_clear(answer);
  g_free(answer);
}

static Fake *fake_new(const TargetConfig *config)
{
  Fake *fake = g_new0(Fake, 1);
  fake->config = config;
  fake->posts = g_str_equal(config->type, fake_product_type.name);
  fake->faults = g_array_new(false, false, sizeof(Fault));
  fake->answers = g_queue_new();
  fake->unanswered = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  return fake;
}

static void fake_free(Fake *fake, void (*close_inner)(void *))
{
  if (fake->inner)
    close_inner(fake->inner);
  g_array_unref(fake->faults);
  g_queue_free_full(fake->answers, free_answer);
  g_hash_table_unref(fake->unanswered);
  g_free(fake);
}

// ---------------------------------------------------------------------------------------------
// Reading

static void reader_close_fake(void *data)
{
  fake_free(data, ldif_type.reader_close);
}

static void *reader_open_fake(const TargetConfig *config, GError **error)
{
  Fake *fake = fake_new(config);
  bool fine = parse_faults(fake, error) && is_up(config, error);
  fake->inner = fine ? ldif_type.reader_open(config, error) : NULL;
  if (fake->inner)
    return fake;
  reader_close_fake(fake);
  return NULL;
}

static bool reader_fingerprint_fake(void *data, GString *out, GError **error)
{
  return ldif_type.reader_fingerprint(((Fake *)data)->inner, out, error);
}

static bool reader_schema_fake(void *data, Schema *schema, GPtrArray *classes, GError **error)
{
  return ldif_type.reader_schema(((Fake *)data)->inner, schema, classes, error);
}

typedef struct Relay {
  const Fake *fake;
  const Schema *schema;
  ObservedFunc func;
  void *data;
  uint64_t n_seen;
  size_t n_delivered;
} Relay;

static bool is_hidden(const Relay *relay, AttrId id)
{
  for (size_t i = 0; i < relay->fake->faults->len; i++) {
    const Fault *fault = &g_array_index(relay->fake->faults, Fault, i);
    AttrId hidden = 0;
    if (fault->kind == FAULT_READ_HIDES && schema_find(relay->schema, fault->attribute, &hidden) &&
        hidden == id)
      return true;
  }
  return false;
}

static bool relay_visible(Relay *relay, const Observed *entry, GError **error)
{
  g_autofree ObservedAttr *shown = g_new(ObservedAttr, entry->n_attributes + 1);
  Observed copy = *entry;
  copy.attributes = shown;
  copy.n_attributes = 0;
  for (size_t i = 0; i < entry->n_attributes; i++)
    if (!is_hidden(relay, entry->attributes[i].attr))
      shown[copy.n_attributes++] = entry->attributes[i];
  relay->n_delivered++;
  return relay->func(&copy, relay->data, error);
}

static bool relay_entry(const Observed *entry, void *data, GError **error)
{
  Relay *relay = data;
  uint64_t n_before = relay->n_seen++;
  for (size_t i = 0; i < relay->fake->faults->len; i++) {
    const Fault *fault = &g_array_index(relay->fake->faults, Fault, i);
    if (n_before < fault->n || !fault->reads || fault->kind == FAULT_READ_HIDES)
      continue;
    // The lie that canaries and shrink limits are there to catch.
    if (fault->kind == FAULT_READ_SHORT)
      return true;
    g_set_error(error, IDOU_ERROR, EXIT_UNREAD, _("target %s: %s after %zu entries"),
                relay->fake->config->name,
                fault->kind == FAULT_READ_LOST ? _("the connection was lost")
                                               : _("the size limit was met"),
                relay->n_delivered);
    return false;
  }
  return relay_visible(relay, entry, error);
}

static bool reader_read_fake(void *data, const Scope *scope, const Schema *schema,
                             ObservedFunc func, void *func_data, size_t *n_entries, GError **error)
{
  Fake *fake = data;
  Relay relay = {fake, schema, func, func_data, 0, 0};
  size_t ignored = 0;
  bool read =
      ldif_type.reader_read(fake->inner, scope, schema, relay_entry, &relay, &ignored, error);
  *n_entries = relay.n_delivered;
  return read;
}

// ---------------------------------------------------------------------------------------------
// Writing

static void writer_close_fake(void *data)
{
  fake_free(data, ldif_type.writer_close);
}

static void *writer_open_fake(const TargetConfig *config, GError **error)
{
  Fake *fake = fake_new(config);
  bool fine = parse_faults(fake, error) && is_up(config, error);
  fake->inner = fine ? ldif_type.writer_open(config, error) : NULL;
  if (fake->inner)
    return fake;
  writer_close_fake(fake);
  return NULL;
}

static bool writer_fingerprint_fake(void *data, GString *out, GError **error)
{
  return ldif_type.writer_fingerprint(((Fake *)data)->inner, out, error);
}

static bool writer_schema_fake(void *data, Schema *schema, GError **error)
{
  return ldif_type.writer_schema(((Fake *)data)->inner, schema, error);
}

static const Fault *due(const Fake *fake)
{
  for (size_t i = 0; i < fake->faults->len; i++) {
    const Fault *fault = &g_array_index(fake->faults, Fault, i);
    if (!fault->reads && fault->n == fake->n_sent)
      return fault;
  }
  return NULL;
}

static void answer_later(Fake *fake, const Answer *answer)
{
  g_queue_push_tail(fake->answers, g_memdup2(answer, sizeof *answer));
}

static bool forward(Fake *fake, const Request *request, uint64_t token, GError **error)
{
  return ldif_type.writer_send(fake->inner, request, token, error);
}

static bool strike(Fake *fake, const Fault *fault, const Request *request, uint64_t token,
                   GError **error)
{
  bool got = false;
  Answer answer = {.token = token, .lost = true};
  switch (fault->kind) {
  case FAULT_KILL_BEFORE:
    raise(SIGKILL);
    return false;
  case FAULT_KILL_AFTER:
    forward(fake, request, token, error);
    ldif_type.writer_receive(fake->inner, 0, &answer, &got, error);  // puts it on the disk
    raise(SIGKILL);
    return false;
  case FAULT_HOUR:
    timer_move(HOUR_S, HOUR_S);
    return forward(fake, request, token, error);
  case FAULT_LEAP:
  case FAULT_LEAP_BACK:
    timer_move(fault->kind == FAULT_LEAP ? HOUR_S : -HOUR_S, 0);
    return forward(fake, request, token, error);
  case FAULT_UNKNOWN_DONE:
    g_hash_table_add(fake->unanswered, g_memdup2(&token, sizeof token));
    return forward(fake, request, token, error);
  case FAULT_LOST_DONE:
    fake->lost = true;
    return forward(fake, request, token, error);
  case FAULT_LOST:
    fake->lost = true;
    break;
  case FAULT_UNKNOWN:
    break;
  default:
    answer =
        (Answer){.token = token, .code = fault->code, .text = g_strdup("as the test wants it")};
  }
  answer_later(fake, &answer);
  return true;
}

static bool writer_send_fake(void *data, const Request *request, uint64_t token, GError **error)
{
  Fake *fake = data;
  if (fake->lost) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("target %s: the connection was lost"),
                fake->config->name);
    return false;
  }
  fake->n_sent++;
  const Fault *fault = due(fake);
  return fault ? strike(fake, fault, request, token, error) : forward(fake, request, token, error);
}

static bool writer_receive_fake(void *data, int timeout_ms, Answer *out, bool *got, GError **error)
{
  Fake *fake = data;
  g_autofree Answer *own = g_queue_pop_head(fake->answers);
  *got = own != NULL;
  if (own) {
    *out = *own;
    return true;
  }
  if (!ldif_type.writer_receive(fake->inner, timeout_ms, out, got, error))
    return false;
  if (*got && (g_hash_table_remove(fake->unanswered, &out->token) || fake->lost))
    out->lost = true;
  out->sent = *got && fake->posts && !out->lost && out->code == LDAP_SUCCESS;
  return true;
}

static void writer_forget_fake(void *data, uint64_t token)
{
  ldif_type.writer_forget(((Fake *)data)->inner, token);
}

static bool writer_reconnect_fake(void *data, GError **error)
{
  Fake *fake = data;
  fake->lost = false;
  return ldif_type.writer_reconnect(fake->inner, error);
}

static bool writer_fetch_fake(void *data, const char *dn, const char *stable_id,
                              const char *attribute, Record **out, GError **error)
{
  return ldif_type.writer_fetch(((Fake *)data)->inner, dn, stable_id, attribute, out, error);
}

static bool writer_compare_fake(void *data, const char *dn, const char *attribute,
                                const char *value, bool *out, GError **error)
{
  return ldif_type.writer_compare(((Fake *)data)->inner, dn, attribute, value, out, error);
}

static bool writer_finish_fake(void *data, GError **error)
{
  return ldif_type.writer_finish(((Fake *)data)->inner, error);
}

// It has but one, but may say so.
static void writer_server_fake(void *data, GString *out)
{
  const char *uri = ((Fake *)data)->config->uri;
  g_string_append(out, uri ? uri : "");
}

// ---------------------------------------------------------------------------------------------
// A product that takes files: PATH.receipts says what became of what was sent, a line each, "RUN N done|refused|failed
// [WORDS]". Once they are kept the file is gone.

static bool parse_receipt(const char *line, Settled *out)
{
  static const OutcomeKind kinds[] = {OUTCOME_DONE, OUTCOME_REFUSED, OUTCOME_FAILED};
  g_auto(GStrv) words = g_strsplit(line, " ", 4);
  uint64_t run = 0, n = 0;
  bool known = false;
  if (g_strv_length(words) < 3 || !parse_number(words[0], &run) || !parse_number(words[1], &n))
    return false;
  *out = (Settled){.run = (int64_t)run, .n = (uint32_t)n};
  for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
    if (!g_str_equal(words[2], outcome_name(kinds[i])))
      continue;
    known = true;
    out->kind = kinds[i];
  }
  if (words[3])
    out->detail = line + (strlen(words[0]) + strlen(words[1]) + strlen(words[2]) + 3);
  return known;
}

static void perhaps_die(const TargetConfig *config, const char *when)
{
  g_autofree char *fault = g_strconcat(RECEIPTS_KILL, when, NULL);
  if (config->faults && g_strv_contains(config->faults, fault))
    raise(SIGKILL);
}

static char *receipts_path(const TargetConfig *config)
{
  return g_strconcat(config->path, ".receipts", NULL);
}

static bool receipts_fake(const TargetConfig *config, SettledFunc func, void *data, GError **error)
{
  g_autofree char *path = receipts_path(config);
  g_autofree char *text = NULL;
  if (!g_file_get_contents(path, &text, NULL, NULL))
    return true;
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line; line++) {
    Settled settled;
    if (**line == '\0')
      continue;
    if (!parse_receipt(*line, &settled)) {
      g_set_error(error, IDOU_ERROR, EXIT_UNREAD, _("target %s: %s has a line that is no receipt"),
                  config->name, path);
      return false;
    }
    if (!func(&settled, data, error))
      return false;
    g_autofree char *n_told = g_strdup_printf("%d", (int)(line - lines + 1));
    perhaps_die(config, n_told);
  }
  return true;
}

static bool receipts_kept_fake(const TargetConfig *config, GError **error)
{
  (void)error;
  perhaps_die(config, "kept");
  g_autofree char *path = receipts_path(config);
  unlink(path);
  return true;
}

#define FAKE_ROWS                                                                     \
  .reader_open = reader_open_fake, .reader_close = reader_close_fake,                 \
  .reader_fingerprint = reader_fingerprint_fake, .reader_schema = reader_schema_fake, \
  .reader_read = reader_read_fake, .writer_open = writer_open_fake,                   \
  .writer_close = writer_close_fake, .writer_fingerprint = writer_fingerprint_fake,   \
  .writer_schema = writer_schema_fake, .writer_send = writer_send_fake,               \
  .writer_receive = writer_receive_fake, .writer_forget = writer_forget_fake,         \
  .writer_reconnect = writer_reconnect_fake, .writer_fetch = writer_fetch_fake,       \
  .writer_compare = writer_compare_fake, .writer_finish = writer_finish_fake,         \
  .writer_server = writer_server_fake

const TargetType fake_type = {.name = "fake", FAKE_ROWS};

const TargetType fake_product_type = {.name = "fake-product",
                                      FAKE_ROWS,
                                      .receipts = receipts_fake,
                                      .receipts_kept = receipts_kept_fake};
