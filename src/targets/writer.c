// SPDX-License-Identifier: GPL-3.0-or-later
#include "ldap_p.h"

typedef struct Flight {
  uint64_t token;
  size_t n_ops;
  const Op **ops;
  bool together;
  int64_t sent_us;  // monotonic
} Flight;

struct Writer {
  const TargetType *type;
  const TargetConfig *config;
  void *self;
  Places *places;
  Schema *schema;
  GString *server;      // of writer_server
  GHashTable *flights;  // token -> Flight
  GQueue *ready;        // Outcome: known without asking the target
};

static void free_flight(void *data)
{
  Flight *flight = data;
  g_free(flight->ops);
  g_free(flight);
}

static void free_outcome(void *data)
{
  outcome_clear(data);
  g_free(data);
}

Writer *writer_open(const TargetConfig *config, GError **error)
{
  const TargetType *type = registry_find(config->type);
  if (!type) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("there is no type of target “%s”"), config->type);
    return NULL;
  }
  void *self = type->writer_open(config, error);
  if (!self)
    return NULL;
  Writer *writer = g_new(Writer, 1);
  *writer =
      (Writer){.type = type,
               .config = config,
               .self = self,
               .places = places_new(config->base, ldap_dialect(config->type)->id_dn),
               .schema = schema_new(),
               .server = g_string_new(NULL),
               .flights = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free_flight),
               .ready = g_queue_new()};
  return writer;
}

void writer_close(Writer *writer)
{
  if (!writer)
    return;
  writer->type->writer_close(writer->self);
  places_free(writer->places);
  schema_free(writer->schema);
  g_string_free(writer->server, true);
  g_hash_table_unref(writer->flights);
  g_queue_free_full(writer->ready, free_outcome);
  g_free(writer);
}

bool writer_fingerprint(Writer *writer, GString *out, GError **error)
{
  return writer->type->writer_fingerprint(writer->self, out, error);
}

const char *writer_server(Writer *writer)
{
  g_string_truncate(writer->server, 0);
  if (writer->type->writer_server)
    writer->type->writer_server(writer->self, writer->server);
  return writer->server->len ? writer->server->str : NULL;
}

bool writer_begin(Writer *writer, const Placed *places, size_t n_places, GError **error)
{
  (void)error;
  for (size_t i = 0; i < n_places; i++)
    places_add(writer->places, &places[i]);
  return true;
}

static Sight sight_of(Writer *writer)
{
  return (Sight){writer->type, writer->self, writer->places, writer->schema};
}

static void add_ready(Writer *writer, uint64_t token, OutcomeKind kind, const char *detail)
{
  Outcome *outcome = g_new(Outcome, 1);
  *outcome = (Outcome){.token = token, .kind = kind, .detail = g_strdup(detail)};
  g_queue_push_tail(writer->ready, outcome);
}

// Of what somebody else did before us only the rest can be seen to hold, not that a secret was made.
static const char *unseen(const Op *op)
{
  for (size_t i = 0; op->kind != OP_CREATE && i < op->n_changes; i++)
    for (size_t j = 0; j < op->changes[i].n_new; j++)
      if (op->changes[i].new_values[j].kind == VALUE_SECRET)
        return _("it was so before; no new secret was made");
  return NULL;
}

// What taking the old value away does not guard: an attribute without equality rule; and a number of which
// we own one bit, for which Samba takes any old value.
static bool is_unguarded(const Writer *writer, const OpChange *change)
{
  return change->replace ||
         (writer->config->disable_bit &&
          g_ascii_strcasecmp(change->attribute, writer->config->disable_attribute) == 0);
}

// Such an attribute is read first. True: go on and send.
static bool pre_read(Writer *writer, const Op *op, uint64_t token, bool *go_on, GError **error)
{
  bool replaces = false;
  for (size_t i = 0; i < op->n_changes; i++)
    replaces |= is_unguarded(writer, &op->changes[i]);
  *go_on = true;
  if (!replaces || op->kind == OP_CREATE)
    return true;
  Sight sight = sight_of(writer);
  Probe state = PROBE_UNKNOWN;
  if (!probe_look(&sight, op, &state, error))
    return false;
  *go_on = state == PROBE_NOT_DONE || state == PROBE_UNKNOWN;
  if (state == PROBE_DONE)
    add_ready(writer, token, OUTCOME_ALREADY, unseen(op));
  if (state == PROBE_DRIFTED) {
    g_autoptr(GString) now = g_string_new(NULL);
    probe_explain(&sight, op, now);
    g_autofree char *detail =
        g_strdup_printf(_("the entry was changed since the plan was made; now %s"), now->str);
    add_ready(writer, token, OUTCOME_REFUSED, detail);
  }
  return true;
}

static void remember(Writer *writer, const Sending *sending, uint64_t token)
{
  Flight *flight = g_new(Flight, 1);
  *flight = (Flight){token, sending->n_ops,
                     g_memdup2(sending->ops, sending->n_ops * sizeof *sending->ops),
                     sending->together, g_get_monotonic_time()};
  g_hash_table_replace(writer->flights, &flight->token, flight);
}

// Into the form that the target wants.
static bool dress(const Writer *writer, Request *request, GError **error)
{
  // A file keeps what it is given, so it gets no password in clear.
  if (!writer->type->passes_secrets && (!writer->config->clear_passwords || !writer->config->uri))
    request_hash_secrets(request);
  return !writer->type->dress || writer->type->dress(writer->config, request, error);
}

// What is done as one is guarded by the target itself, within it.
static bool submit_all(Writer *writer, const Sending *sending, uint64_t token, GError **error)
{
  g_autoptr(GError) unfit = NULL;
  g_autoptr(GPtrArray) requests = request_new_all(writer->places, sending, &unfit);
  bool fits = requests != NULL;
  for (guint i = 0; fits && i < requests->len; i++)
    fits = dress(writer, requests->pdata[i], &unfit);
  if (!fits) {
    add_ready(writer, token, OUTCOME_REFUSED, unfit->message);
    return true;
  }
  if (!writer->type->writer_send_all(writer->self, (Request *const *)requests->pdata, requests->len,
                                     token, error))
    return false;
  remember(writer, sending, token);
  return true;
}

// What the deleted entry was, as the operation has it.
static char *revival_of(const Writer *writer, const Op *op, GError **error)
{
  g_autoptr(GString) dn = g_string_new(NULL);
  if (!places_dn(writer->places, op->parent, dn, error))
    return NULL;
  g_string_prepend_c(dn, ',');
  g_string_prepend(dn, op->name);
  g_autoptr(Record) record = record_new(dn->str, dn->len);
  record_set_stable_id(record, op->stable_id, strlen(op->stable_id));
  for (size_t i = 0; i < op->n_changes; i++)
    for (size_t k = 0; k < op->changes[i].n_new; k++)
      if (op->changes[i].new_values[k].kind == VALUE_TEXT)
        record_add(record, op->changes[i].attribute, op->changes[i].new_values[k].bytes,
                   op->changes[i].new_values[k].n);
  return record_json(record);
}

// It is back, if only in part: then it is tried again, which completes it. What the server does not take of it is told.
static void judge_revived(const Revived *revived, const GError *fault, Outcome *out)
{
  out->kind = !fault ? OUTCOME_DONE : revived->stable_id ? OUTCOME_BUSY : OUTCOME_FAILED;
  if (fault) {
    out->detail = g_strdup(fault->message);
    return;
  }
  out->stable_id = g_strdup(revived->stable_id);
  g_ptr_array_add(revived->missing, NULL);
  g_autofree char *missing = g_strjoinv("; ", (char **)revived->missing->pdata);
  if (*missing != '\0')
    out->detail = g_strdup_printf(_("could not be put back: %s"), missing);
}

// A creation that names an id brings back the very entry that was deleted.
static bool revives(const Writer *writer, const Op *op)
{
  return op->kind == OP_CREATE && op->stable_id && writer->type->writer_revive;
}

static bool submit_revival(Writer *writer, const Op *op, uint64_t token, GError **error)
{
  g_autofree char *before = revival_of(writer, op, error);
  g_autoptr(GError) fault = NULL;
  Outcome *outcome = g_new(Outcome, 1);
  Revived revived;
  *outcome = (Outcome){.token = token};
  if (!before) {
    g_free(outcome);
    return false;
  }
  revived_init(&revived);
  const Revival revival = {.before = before};
  writer->type->writer_revive(writer->self, &revival, &revived, &fault);
  judge_revived(&revived, fault, outcome);
  if (!fault)
    places_follow(writer->places, op, outcome->stable_id);
  revived_clear(&revived);
  g_queue_push_tail(writer->ready, outcome);
  return true;
}

bool writer_submit(Writer *writer, const Sending *sending, uint64_t token, GError **error)
{
  const Op *const *ops = sending->ops;
  g_return_val_if_fail(sending->n_ops > 0 && !op_traits(ops[0]->kind)->local, false);
  if (sending->together)
    return submit_all(writer, sending, token, error);
  if (revives(writer, ops[0]))
    return submit_revival(writer, ops[0], token, error);
  g_autoptr(GError) unfit = NULL;
  g_autoptr(Request) request = request_new(writer->places, sending, &unfit);
  if (!request || !dress(writer, request, &unfit)) {
    add_ready(writer, token, OUTCOME_REFUSED, unfit->message);
    return true;
  }
  bool go_on = true;
  if (!pre_read(writer, ops[0], token, &go_on, error))
    return false;
  if (!go_on)
    return true;
  if (!writer->type->writer_send(writer->self, request, token, error))
    return false;
  remember(writer, sending, token);
  return true;
}

// The server said no; was it because what is wanted holds already?
static void look_closer(Writer *writer, const Op *op, Outcome *out)
{
  Sight sight = sight_of(writer);
  Probe state = PROBE_UNKNOWN;
  g_autoptr(GError) ignored = NULL;
  if (!probe_look(&sight, op, &state, &ignored))
    return;
  if (state == PROBE_DONE) {
    out->kind = OUTCOME_ALREADY;
    g_free(out->detail);
    out->detail = g_strdup(unseen(op));
    return;
  }
  g_autoptr(GString) now = g_string_new(NULL);
  probe_explain(&sight, op, now);
  if (now->len) {
    // Why it cannot be is known, and sending it again changes nothing.
    if (op->kind == OP_LEAVE)
      out->kind = OUTCOME_REFUSED;
    g_autofree char *before = g_steal_pointer(&out->detail);
    out->detail = g_strdup_printf(_("%s; now %s"), before, now->str);
  }
}

// The server's own words stand behind ours, whatever we make of them.
static char *describe(const Writer *writer, const Answer *answer, const ResultTraits *traits)
{
  const char *known =
      writer->type->explain && answer->text ? writer->type->explain(answer->text) : NULL;
  g_autoptr(GString) out = g_string_new(_(known ? known : traits->text));
  g_string_append(out, " (");
  escape_text(out, ldap_err2string(answer->code), ESCAPE_TERMINAL);
  if (answer->text && *answer->text) {
    g_string_append(out, ": ");
    escape_text(out, answer->text, ESCAPE_TERMINAL);
  }
  g_string_append_c(out, ')');
  return g_string_free(g_steal_pointer(&out), false);
}

// The id that a created entry was given, when the answer did not carry it. Without it the entry would
// be done and yet not bound.
static bool learn_id(Writer *writer, const Op *op, Outcome *out, GError **error)
{
  g_autoptr(GString) dn = g_string_new(NULL);
  g_autoptr(Record) record = NULL;
  if (out->stable_id || op->kind != OP_CREATE || !places_dn(writer->places, op->parent, dn, NULL) ||
      (writer->type->has_ids && !writer->type->has_ids(writer->config, dn->str)))
    return true;
  g_string_prepend_c(dn, ',');
  g_string_prepend(dn, op->name);
  if (!writer->type->writer_fetch(writer->self, dn->str, NULL, "1.1", &record, error))
    return false;
  if (record && *record->stable_id)
    out->stable_id = g_strdup(record->stable_id);
  return true;
}

static void judge_lost(const Answer *answer, Outcome *out)
{
  g_autoptr(GString) words = g_string_new(NULL);
  g_free(out->detail);
  out->kind = OUTCOME_UNKNOWN;
  if (answer->lost && answer->text)
    escape_text(words, answer->text, ESCAPE_TERMINAL);
  out->detail =
      g_strdup(words->len ? words->str : _("the connection was lost before the answer came"));
}

static const Op *culprit_of(const Flight *flight, const Answer *answer)
{
  return flight->ops[flight->together ? MIN(answer->culprit, flight->n_ops - 1) : 0];
}

// Each has its own identity; writer_identity tells it.
static bool follow(Writer *writer, const Op *op)
{
  Outcome one = {0};
  bool known = learn_id(writer, op, &one, NULL);
  if (known)
    places_follow(writer->places, op, one.stable_id);
  outcome_clear(&one);
  return known;
}

static bool follow_all(Writer *writer, const Flight *flight)
{
  for (size_t i = 0; i < flight->n_ops; i++)
    if (!follow(writer, flight->ops[i]))
      return false;
  return true;
}

static void judge(Writer *writer, const Flight *flight, Answer *answer, Outcome *out)
{
  *out = (Outcome){.token = flight->token};
  if (answer->lost) {
    judge_lost(answer, out);
    return;
  }
  const ResultTraits *traits = answer_traits(answer->code);
  out->kind = traits->kind;
  if (traits->kind != OUTCOME_DONE)
    out->detail = describe(writer, answer, traits);
  // It was the end of them all that was not taken: nobody says for which.
  if (flight->together && answer->culprit >= flight->n_ops && flight->n_ops > 1 &&
      traits->kind == OUTCOME_REFUSED)
    return;
  const Op *culprit = culprit_of(flight, answer);
  if (flight->together && traits->kind != OUTCOME_DONE)
    out->culprit = culprit->n;
  if (traits->look && (flight->together || flight->n_ops == 1))
    look_closer(writer, culprit, out);
  // Of several that were to be one, nothing is done; but one may have been so before.
  if (out->culprit) {
    if (out->kind == OUTCOME_ALREADY && !follow(writer, culprit))
      judge_lost(answer, out);
    return;
  }
  if (out->kind != OUTCOME_DONE && out->kind != OUTCOME_ALREADY)
    return;
  // Where something has gone, say.
  if (out->kind == OUTCOME_DONE && answer->text && *answer->text) {
    g_autoptr(GString) words = g_string_new(NULL);
    escape_text(words, answer->text, ESCAPE_TERMINAL);
    out->detail = g_strdup(words->str);
  }
  if (answer->sent)
    out->kind = OUTCOME_SENT;
  if (flight->together) {
    if (!follow_all(writer, flight))
      judge_lost(answer, out);
    return;
  }
  out->stable_id = g_steal_pointer(&answer->stable_id);
  if (!learn_id(writer, flight->ops[0], out, NULL)) {
    judge_lost(answer, out);
    return;
  }
  for (size_t i = 0; i < flight->n_ops; i++)
    places_follow(writer->places, flight->ops[i], out->stable_id);
}

// Gives up on one that has waited too long. *wait_ms is how long the others may still take.
static bool expire(Writer *writer, int *wait_ms, Outcome *out)
{
  GHashTableIter iter;
  Flight *flight = NULL;
  int64_t now_us = g_get_monotonic_time();
  g_hash_table_iter_init(&iter, writer->flights);
  while (g_hash_table_iter_next(&iter, NULL, (void **)&flight)) {
    int64_t left_ms = writer->config->timeout_ms - (now_us - flight->sent_us) / 1000;
    if (left_ms <= 0) {
      *out = (Outcome){.token = flight->token, .kind = OUTCOME_UNKNOWN};
      out->detail =
          g_strdup_printf(_("no answer within %d seconds"), writer->config->timeout_ms / 1000);
      writer->type->writer_forget(writer->self, flight->token);
      g_hash_table_iter_remove(&iter);
      return true;
    }
    *wait_ms = MIN(*wait_ms, (int)left_ms);
  }
  return false;
}

bool writer_collect(Writer *writer, int timeout_ms, Outcome *out, bool *got, GError **error)
{
  g_autofree Outcome *known = g_queue_pop_head(writer->ready);
  *got = known != NULL;
  if (known) {
    *out = *known;
    return true;
  }
  Answer answer = {0};
  if (!writer->type->writer_receive(writer->self, 0, &answer, got, error))
    return false;
  int wait_ms = timeout_ms;
  if (!*got && expire(writer, &wait_ms, out)) {
    *got = true;
    return true;
  }
  if (!*got && !writer->type->writer_receive(writer->self, wait_ms, &answer, got, error))
    return false;
  if (!*got && expire(writer, &wait_ms, out)) {
    *got = true;
    return true;
  }
  Flight *flight = *got ? g_hash_table_lookup(writer->flights, &answer.token) : NULL;
  *got = flight != NULL;
  if (flight) {
    judge(writer, flight, &answer, out);
    g_hash_table_remove(writer->flights, &answer.token);
  }
  answer_clear(&answer);
  return true;
}

bool writer_reconnect(Writer *writer, GError **error)
{
  return writer->type->writer_reconnect(writer->self, error);
}

void writer_follow(Writer *writer, const Op *op, const char *stable_id)
{
  places_follow(writer->places, op, stable_id);
}

bool writer_probe(Writer *writer, const Op *op, Probe *out, GError **error)
{
  Sight sight = sight_of(writer);
  if (!probe_look(&sight, op, out, error))
    return false;
  if (*out == PROBE_DONE) {
    Outcome known = {0};
    if (!learn_id(writer, op, &known, error))
      return false;
    places_follow(writer->places, op, known.stable_id);
    outcome_clear(&known);
  }
  return true;
}

const char *writer_identity(Writer *writer, const char *object)
{
  return places_stable_id(writer->places, object);
}

bool writer_before(Writer *writer, const Op *op, char **out, GError **error)
{
  *out = NULL;
  if (op->kind != OP_DELETE)
    return true;
  g_autoptr(GString) dn = g_string_new(NULL);
  g_autoptr(Record) record = NULL;
  const char *id = op->stable_id ? op->stable_id : places_stable_id(writer->places, op->object);
  if (!places_dn(writer->places, op->object, dn, error) ||
      !writer->type->writer_fetch(writer->self, dn->str, id, "*", &record, error))
    return false;
  Sight sight = sight_of(writer);
  if (record && !probe_same(&sight, record, op)) {
    g_set_error(
        error, IDOU_ERROR, EXIT_HELD,
        _("the entry has got another key since the plan was made: it may be somebody's by now"));
    return false;
  }
  if (record)
    *out = record_json(record);
  return true;
}

void revived_init(Revived *revived)
{
  *revived = (Revived){.restored = g_ptr_array_new_with_free_func(g_free),
                       .missing = g_ptr_array_new_with_free_func(g_free),
                       .rights = g_ptr_array_new_with_free_func(g_free)};
}

void revived_clear(Revived *revived)
{
  g_free(revived->stable_id);
  g_free(revived->dn);
  g_ptr_array_unref(revived->restored);
  g_ptr_array_unref(revived->missing);
  g_ptr_array_unref(revived->rights);
}

bool writer_revive(Writer *writer, const Revival *revival, Revived *out, GError **error)
{
  if (writer->type->writer_revive)
    return writer->type->writer_revive(writer->self, revival, out, error);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              _("target %s: a target of type %s keeps nothing of what was deleted"),
              writer->config->name, writer->type->name);
  return false;
}

bool writer_finish(Writer *writer, GError **error)
{
  return writer->type->writer_finish(writer->self, error);
}
