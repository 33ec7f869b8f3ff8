// SPDX-License-Identifier: GPL-3.0-or-later
//
// Writing resources. Each request is a job: the resource is looked at first, since that is what the old values are held
// against and what a PUT is made from; then the change is sent, with the version that was looked at where the server
// takes one. Changes that are ready at the same time go as one Bulk where the server takes that.
#include "scim_p.h"

#define MOST_LOOKS 3  // when somebody else changes the resource each time

typedef enum Phase { PHASE_LOOK, PHASE_READY, PHASE_SENT } Phase;

typedef struct Job {
  uint64_t token;
  RequestKind kind;
  ScimSpot spot;
  GPtrArray *changes;  // ScimChange
  Phase phase;
  unsigned n_looks;
  bool forgotten;      // nobody waits for its answer any more
  const char *method;  // what is ready to be sent
  char *path, *etag;
  json_t *body;
} Job;

// What one ask carries.
typedef struct Load {
  GPtrArray *jobs;
  bool bulk;
} Load;

struct ScimSender {
  ScimSide *side;
  GPtrArray *jobs;         // Job: all that are not answered
  GPtrArray *ready;        // … those that are to be sent
  GHashTable *asks;        // ScimAsk -> Load
  GQueue *answers;         // Answer
  size_t bulk_operations;  // at most so many at once; less than 2: no Bulk
  unsigned n_looking;
};

static void free_job(void *data)
{
  Job *job = data;
  scim_side_spot_clear(&job->spot);
  g_ptr_array_unref(job->changes);
  g_free(job->path);
  g_free(job->etag);
  json_decref(job->body);
  g_free(job);
}

static void free_load(void *data)
{
  Load *load = data;
  g_ptr_array_unref(load->jobs);
  g_free(load);
}

static void free_answer(void *answer)
{
  answer_clear(answer);
  g_free(answer);
}

ScimSender *scim_writer_open(const TargetConfig *config, GError **error)
{
  ScimSide *side = scim_side_open(config, true, error);
  if (!side)
    return NULL;
  ScimSender *sender = g_new0(ScimSender, 1);
  sender->side = side;
  sender->jobs = g_ptr_array_new_with_free_func(free_job);
  sender->ready = g_ptr_array_new();
  sender->asks = g_hash_table_new_full(NULL, NULL, NULL, free_load);
  sender->answers = g_queue_new();
  if (side->own->bulk && side->service->bulk)
    sender->bulk_operations = side->service->bulk_operations;
  return sender;
}

void scim_writer_close(ScimSender *sender)
{
  if (!sender)
    return;
  g_hash_table_unref(sender->asks);
  g_ptr_array_unref(sender->ready);
  g_ptr_array_unref(sender->jobs);
  g_queue_free_full(sender->answers, free_answer);
  scim_side_close(sender->side);
  g_free(sender);
}

ScimSide *scim_writer_side(ScimSender *sender)
{
  return sender->side;
}

// ---------------------------------------------------------------------------------------------
// Answers.

// A server may repeat what it was sent when it tells what is wrong with it.
static const char *without_secrets(const Job *job, const char *text)
{
  for (guint i = 0; text && i < job->changes->len; i++) {
    const ScimChange *change = job->changes->pdata[i];
    for (guint k = 0; change->secret && k < change->come->len; k++)
      if (strstr(text, change->come->pdata[k]))
        return _("its words hold the password, and are not repeated here");
  }
  return text;
}

static Answer *answer(ScimSender *sender, Job *job, int code, const char *text)
{
  Answer *out = g_new0(Answer, 1);
  *out = (Answer){.token = job->token, .code = code, .text = g_strdup(without_secrets(job, text))};
  if (job->forgotten)
    free_answer(g_steal_pointer(&out));
  else
    g_queue_push_tail(sender->answers, out);
  g_ptr_array_remove_fast(sender->ready, job);
  g_ptr_array_remove_fast(sender->jobs, job);
  return out;
}

static void lose(ScimSender *sender, Job *job, const char *text)
{
  Answer *out = answer(sender, job, LDAP_OTHER, text);
  if (out)
    out->lost = true;
}

static void ask_for(ScimSender *sender, ScimQuery *query, GPtrArray *jobs, bool bulk)
{
  query->owner = sender;
  Load *load = g_new(Load, 1);
  *load = (Load){jobs, bulk};
  g_hash_table_insert(sender->asks, scim_link_send(sender->side->link, query), load);
}

static GPtrArray *only(Job *job)
{
  GPtrArray *jobs = g_ptr_array_new();
  g_ptr_array_add(jobs, job);
  return jobs;
}

// ---------------------------------------------------------------------------------------------
// From a request to a job.

// A value that names another resource becomes its id. False: there is no such resource, or it cannot be told.
static bool add_reference(ScimSender *sender, GPtrArray *values, const Bytes *value)
{
  g_autofree char *id = NULL;
  if (!scim_side_id(sender->side, value->at, &id, NULL) || !id)
    return false;
  scim_change_add(values, id, strlen(id));
  return true;
}

static int take_mod(ScimSender *sender, Job *job, const Request *request, const Mod *mod)
{
  if (g_ascii_strcasecmp(mod->attribute, "objectClass") == 0)
    return LDAP_SUCCESS;
  g_autoptr(ScimPath) path = scim_path_new(job->spot.kind, mod->attribute);
  if (!path)
    return LDAP_UNDEFINED_TYPE;
  ScimChange *change = scim_change_in(job->changes, mod->attribute);
  GPtrArray *values = mod->kind == MOD_DELETE ? change->gone : change->come;
  change->all |= mod->kind == MOD_REPLACE || (mod->kind == MOD_DELETE && !mod->values->len);
  for (guint i = 0; i < mod->values->len; i++) {
    const Bytes *value = &g_array_index(mod->values, Bytes, i);
    change->secret |= request_is_secret(request, value);
    if (!path->reference)
      scim_change_add(values, value->at, value->n);
    else if (!add_reference(sender, values, value))
      return mod->kind == MOD_DELETE ? LDAP_NO_SUCH_ATTRIBUTE : LDAP_NO_SUCH_OBJECT;
  }
  return LDAP_SUCCESS;
}

static bool same_place(const char *a, const char *b)
{
  g_autoptr(GString) key_a = g_string_new(NULL), key_b = g_string_new(NULL);
  return place_key(a, strlen(a), key_a) && place_key(b, strlen(b), key_b) &&
         g_string_equal(key_a, key_b);
}

// Another name is another value of the naming attribute; there is no other place.
static int take_rename(Job *job, const Request *request)
{
  const char *equals = strchr(request->new_rdn, '='), *parent = NULL,
             *naming = job->spot.kind->naming;
  size_t n = 0;
  if (!equals || (size_t)(equals - request->new_rdn) != strlen(naming) ||
      g_ascii_strncasecmp(request->new_rdn, naming, strlen(naming)) != 0)
    return LDAP_NAMING_VIOLATION;
  if (request->new_parent &&
      (!place_split(request->dn, &n, &parent) || !same_place(parent, request->new_parent)))
    return LDAP_UNWILLING_TO_PERFORM;
  g_autofree char *name = place_unescape(equals + 1);
  ScimChange *change = scim_change_in(job->changes, naming);
  scim_change_add(change->gone, job->spot.name, strlen(job->spot.name));
  scim_change_add(change->come, name, strlen(name));
  return LDAP_SUCCESS;
}

static int fill_job(ScimSender *sender, Job *job, const Request *request)
{
  if (!scim_side_spot(sender->side, request->dn, &job->spot) || !job->spot.kind)
    return LDAP_INVALID_DN_SYNTAX;
  if (request->stable_id && request->kind != REQUEST_ADD) {
    g_free(job->spot.id);
    job->spot.id = g_strdup(request->stable_id);
  }
  if (request->kind == REQUEST_RENAME)
    return job->spot.name ? take_rename(job, request) : LDAP_NAMING_VIOLATION;
  for (guint i = 0; i < request->mods->len; i++) {
    int code = take_mod(sender, job, request, &g_array_index(request->mods, Mod, i));
    if (code != LDAP_SUCCESS)
      return code;
  }
  return LDAP_SUCCESS;
}

// ---------------------------------------------------------------------------------------------
// What is to be sent.

static void make_ready(ScimSender *sender, Job *job, const char *method, json_t *body)
{
  job->method = method;
  json_decref(job->body);
  job->body = body;
  job->phase = PHASE_READY;
  g_ptr_array_add(sender->ready, job);
}

static void set_path(Job *job)
{
  GString *path = g_string_new(job->spot.kind->endpoint);
  if (job->kind != REQUEST_ADD) {
    g_string_append_c(path, '/');
    scim_link_encode(job->spot.id, path);
  }
  g_free(job->path);
  job->path = g_string_free(path, false);
}

// The change, carried out on the resource. NULL: it is answered.
static json_t *carry_out(ScimSender *sender, Job *job, json_t *resource, json_t *operations)
{
  const char *attribute = NULL;
  ScimFault fault =
      scim_change_apply(job->spot.kind, job->changes, resource, operations, &attribute);
  if (!fault)
    return resource;
  answer(sender, job, scim_code_fault(fault), attribute);
  return NULL;
}

static void prepare_create(ScimSender *sender, Job *job)
{
  json_auto_t *resource = scim_change_blank(job->spot.kind), *found = NULL;
  g_autoptr(GError) fault = NULL;
  // Where the server lets two have one name, we do not.
  if (!job->spot.kind->unique && !scim_side_get(sender->side, &job->spot, &found, NULL, &fault)) {
    answer(sender, job, LDAP_UNAVAILABLE, fault->message);
    return;
  }
  if (found) {
    answer(sender, job, LDAP_ALREADY_EXISTS, NULL);
    return;
  }
  if (!carry_out(sender, job, resource, NULL))
    return;
  scim_change_dress(job->spot.kind, resource);
  set_path(job);
  make_ready(sender, job, "POST", json_incref(resource));
}

// Without an id in the plan the resource is looked for by its name.
static bool find_id(ScimSender *sender, Job *job, const char *dn)
{
  g_autoptr(GError) fault = NULL;
  if (job->spot.id)
    return true;
  if (!scim_side_id(sender->side, dn, &job->spot.id, &fault))
    answer(sender, job, LDAP_UNAVAILABLE, fault->message);
  else if (!job->spot.id)
    answer(sender, job, LDAP_NO_SUCH_OBJECT, NULL);
  else
    return true;
  return false;
}

static void look(ScimSender *sender, Job *job)
{
  job->phase = PHASE_LOOK;
  job->n_looks++;
  sender->n_looking++;
  set_path(job);
  g_autofree char *path = scim_side_path(job->spot.kind, job->spot.id);
  ask_for(sender, &(ScimQuery){.method = "GET", .path = path}, only(job), false);
}

static void keep_version(ScimSender *sender, Job *job, const ScimAsk *ask)
{
  const char *version =
      json_string_value(json_object_get(json_object_get(ask->answer, "meta"), "version"));
  g_clear_pointer(&job->etag, g_free);
  if (sender->side->service->etag)
    job->etag = g_strdup(version ? version : ask->etag);
}

// Deleted is only what stands under the name that the plan saw.
static void prepare_delete(ScimSender *sender, Job *job, const json_t *resource)
{
  g_autoptr(ScimPath) path = scim_path_new(job->spot.kind, job->spot.kind->naming);
  g_autoptr(GPtrArray) names = scim_path_values(path, resource);
  const char *now = names->len ? names->pdata[0] : "";
  if (job->spot.name &&
      !schema_equal(&path->attr, now, strlen(now), job->spot.name, strlen(job->spot.name))) {
    answer(sender, job, LDAP_ASSERTION_FAILED, now);
    return;
  }
  make_ready(sender, job, "DELETE", NULL);
}

static void prepare_change(ScimSender *sender, Job *job, const json_t *looked)
{
  json_auto_t *resource = json_deep_copy(looked), *operations = json_array();
  if (!carry_out(sender, job, resource, operations))
    return;
  if (!json_array_size(operations)) {
    answer(sender, job, LDAP_SUCCESS, NULL);
    return;
  }
  if (sender->side->service->patch) {
    make_ready(sender, job, "PATCH", scim_change_patch(json_incref(operations)));
    return;
  }
  scim_change_dress(job->spot.kind, resource);
  make_ready(sender, job, "PUT", json_incref(resource));
}

static void looked(ScimSender *sender, Job *job, const ScimAsk *ask)
{
  sender->n_looking--;
  // Nothing was sent yet that could have been done.
  if (ask->end != SCIM_ANSWERED || !(ask->answer || ask->status >= 300)) {
    answer(sender, job, LDAP_UNAVAILABLE, ask->words);
    return;
  }
  if (ask->status != 200) {
    answer(sender, job, scim_code_of(ask), ask->words);
    return;
  }
  if (!scim_side_is(ask->answer, job->spot.id)) {
    answer(sender, job, LDAP_OTHER, _("it answers another resource"));
    return;
  }
  keep_version(sender, job, ask);
  if (job->kind == REQUEST_DELETE)
    prepare_delete(sender, job, ask->answer);
  else
    prepare_change(sender, job, ask->answer);
}

bool scim_writer_send(ScimSender *sender, const Request *request, uint64_t token, GError **error)
{
  (void)error;
  Job *job = g_new0(Job, 1);
  job->token = token;
  job->kind = request->kind;
  job->changes = g_ptr_array_new_with_free_func(scim_change_free);
  g_ptr_array_add(sender->jobs, job);
  int code = fill_job(sender, job, request);
  if (code != LDAP_SUCCESS)
    answer(sender, job, code, NULL);
  else if (request->kind == REQUEST_ADD)
    prepare_create(sender, job);
  else if (find_id(sender, job, request->dn))
    look(sender, job);
  return true;
}

// ---------------------------------------------------------------------------------------------
// One at a time.

static void send_one(ScimSender *sender, Job *job)
{
  ScimQuery query = {.method = job->method,
                     .path = job->path,
                     .body = job->body,
                     .etag = job->etag,
                     .once = job->kind == REQUEST_ADD && !job->spot.kind->unique};
  job->phase = PHASE_SENT;
  ask_for(sender, &query, only(job), false);
}

typedef struct Verdict {  // of one operation, alone or in a Bulk
  long status;
  int code;
  const char *words;
  const char *id;
} Verdict;

static void take_verdict(ScimSender *sender, Job *job, const Verdict *verdict)
{
  bool created = job->kind == REQUEST_ADD && verdict->code == LDAP_SUCCESS;
  // What was made must be there, with an id of its own; else it is looked for before that is believed.
  if (created && !(verdict->id && *verdict->id)) {
    lose(sender, job, _("the answer does not tell the new resource's id"));
    return;
  }
  // Somebody changed the resource since we looked: perhaps not what the plan is about.
  if (verdict->status == 412 && !job->forgotten && job->etag && job->n_looks < MOST_LOOKS) {
    look(sender, job);
    return;
  }
  g_autofree char *id = created ? g_strdup(verdict->id) : NULL;
  if (id)
    scim_side_know(sender->side, job->spot.kind, id, job->spot.name);
  Answer *out = answer(sender, job, verdict->code, verdict->code ? verdict->words : NULL);
  if (out)
    out->stable_id = g_steal_pointer(&id);
}

static void take_answer(ScimSender *sender, Job *job, const ScimAsk *ask)
{
  if (ask->end == SCIM_LOST) {
    lose(sender, job, ask->words);
    return;
  }
  Verdict verdict = {ask->status, scim_code_of(ask), ask->words,
                     json_string_value(json_object_get(ask->answer, "id"))};
  take_verdict(sender, job, &verdict);
}

// ---------------------------------------------------------------------------------------------
// Many at a time (RFC 7644 3.7). The server goes on after an operation that it refuses, since nothing is said of
// failOnErrors; each is answered for itself.

static json_t *bulk_operation(const Job *job)
{
  json_t *operation = json_pack("{s:s,s:s}", "method", job->method, "path", job->path);
  g_autofree char *id = g_strdup_printf("%" G_GUINT64_FORMAT, job->token);
  json_object_set_new(operation, "bulkId", json_string(id));
  if (job->etag)
    json_object_set_new(operation, "version", json_string(job->etag));
  if (job->body)
    json_object_set(operation, "data", job->body);
  return operation;
}

static size_t bytes_of(const json_t *value)
{
  return json_dumpb(value, NULL, 0, JSON_COMPACT) + 1;
}

// As many of those that are ready as one request may hold; at least one is taken.
static GPtrArray *gather(ScimSender *sender, json_t *operations)
{
  static const size_t frame_bytes = 256;
  size_t n_bytes = frame_bytes, most = sender->side->service->bulk_bytes;
  GPtrArray *jobs = g_ptr_array_new();
  while (sender->ready->len && jobs->len < sender->bulk_operations) {
    Job *job = sender->ready->pdata[0];
    json_auto_t *operation = bulk_operation(job);
    n_bytes += bytes_of(operation);
    if (jobs->len && most && n_bytes > most)
      break;
    json_array_append(operations, operation);
    g_ptr_array_add(jobs, job);
    g_ptr_array_remove_index(sender->ready, 0);
  }
  return jobs;
}

static void send_bulk(ScimSender *sender)
{
  json_t *operations = json_array();
  GPtrArray *jobs = gather(sender, operations);
  json_auto_t *body =
      json_pack("{s:[s],s:o}", "schemas", "urn:ietf:params:scim:api:messages:2.0:BulkRequest",
                "Operations", operations);
  if (jobs->len == 1) {
    send_one(sender, jobs->pdata[0]);
    g_ptr_array_unref(jobs);
    return;
  }
  ScimQuery query = {.method = "POST", .path = "/Bulk", .body = body, .once = true};
  for (guint i = 0; i < jobs->len; i++)
    ((Job *)jobs->pdata[i])->phase = PHASE_SENT;
  ask_for(sender, &query, jobs, true);
}

static bool ends_with_path(const char *location, const char *path)
{
  return location && g_str_has_suffix(location, path);
}

// The job that this part of the answer is about; in `jobs` those that were spoken of are NULL. Only of new resources must a server repeat our number.
static Job *job_of(const GPtrArray *jobs, const json_t *result, guint position, bool in_order)
{
  const char *number = json_string_value(json_object_get(result, "bulkId"));
  const char *location = json_string_value(json_object_get(result, "location"));
  const char *method = json_string_value(json_object_get(result, "method"));
  for (guint i = 0; i < jobs->len; i++) {
    Job *job = jobs->pdata[i];
    if (!job)
      continue;
    bool mine = number ? g_ascii_strtoull(number, NULL, 10) == job->token
                       : job->kind != REQUEST_ADD && ends_with_path(location, job->path);
    if (mine)
      return job;
  }
  Job *job = in_order && position < jobs->len ? jobs->pdata[position] : NULL;
  bool fits = job && !number && (!method || g_ascii_strcasecmp(method, job->method) == 0);
  return fits ? job : NULL;
}

// "201", or 201; some have {"code": "201"}, as the drafts had.
static long status_of(const json_t *result)
{
  const json_t *status = json_object_get(result, "status");
  if (json_is_object(status))
    status = json_object_get(status, "code");
  if (json_is_integer(status))
    return (long)json_integer_value(status);
  return json_is_string(status) ? (long)g_ascii_strtoull(json_string_value(status), NULL, 10) : 0;
}

static void take_result(ScimSender *sender, Job *job, const json_t *result)
{
  const json_t *response = json_object_get(result, "response");
  const char *type = json_string_value(json_object_get(response, "scimType"));
  const char *location = json_string_value(json_object_get(result, "location"));
  const char *last = location ? strrchr(location, '/') : NULL;
  Verdict verdict = {.status = status_of(result),
                     .words = json_string_value(json_object_get(response, "detail"))};
  g_autofree char *id = last ? g_uri_unescape_string(last + 1, NULL) : NULL;
  // What a server could not carry out it may have carried out by half.
  if (verdict.status == 0 || verdict.status == 500) {
    lose(sender, job, verdict.words);
    return;
  }
  verdict.code = scim_code_status(verdict.status, type);
  // Some tell it within the new resource only.
  verdict.id = id && *id ? id : json_string_value(json_object_get(response, "id"));
  take_verdict(sender, job, &verdict);
}

static void take_results(ScimSender *sender, GPtrArray *jobs, const json_t *results)
{
  bool in_order = json_array_size(results) == jobs->len;
  g_autoptr(GPtrArray) sent = g_ptr_array_new();
  for (guint i = 0; i < jobs->len; i++)
    g_ptr_array_add(sent, jobs->pdata[i]);
  for (guint i = 0; i < json_array_size(results); i++) {
    const json_t *result = json_array_get(results, i);
    Job *job = job_of(sent, result, i, in_order);
    if (!job || !g_ptr_array_remove(jobs, job))
      continue;
    // Its place in the order stays taken; the job itself is about to end.
    for (guint k = 0; k < sent->len; k++)
      if (sent->pdata[k] == job)
        sent->pdata[k] = NULL;
    take_result(sender, job, result);
  }
  while (jobs->len) {
    lose(sender, jobs->pdata[0], _("the answer to the Bulk does not speak of it"));
    g_ptr_array_remove_index(jobs, 0);
  }
}

// Refused as a whole: smaller ones, or one by one. What is no longer waited for is not sent again: it may have
// been looked up by now, and sent anew.
static void put_back(ScimSender *sender, GPtrArray *jobs, long status)
{
  sender->bulk_operations = status == 413 ? jobs->len / 2 : 0;
  for (guint i = 0; i < jobs->len; i++) {
    Job *job = jobs->pdata[i];
    if (job->forgotten) {
      answer(sender, job, LDAP_OTHER, NULL);
      continue;
    }
    job->phase = PHASE_READY;
    g_ptr_array_add(sender->ready, job);
  }
}

static void take_bulk(ScimSender *sender, Load *load, const ScimAsk *ask)
{
  static const long refusals[] = {400, 404, 405, 413, 501};
  GPtrArray *jobs = load->jobs;
  for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++)
    if (ask->end == SCIM_ANSWERED && ask->status == refusals[i]) {
      put_back(sender, jobs, ask->status);
      return;
    }
  const json_t *results = json_object_get(ask->answer, "Operations");
  if (ask->end == SCIM_ANSWERED && ask->status == 200 && json_is_array(results)) {
    take_results(sender, jobs, results);
    return;
  }
  bool undone = ask->end == SCIM_UNSENT || (ask->end == SCIM_ANSWERED && ask->status >= 400);
  for (guint i = 0; i < jobs->len; i++)
    if (undone)
      answer(sender, jobs->pdata[i], scim_code_of(ask), ask->words);
    else
      lose(sender, jobs->pdata[i], ask->words);
}

// ---------------------------------------------------------------------------------------------

static void take(ScimSender *sender, ScimAsk *ask)
{
  Load *load = NULL;
  if (!g_hash_table_steal_extended(sender->asks, ask, NULL, (void **)&load))
    return;
  Job *job = load->jobs->pdata[0];
  if (load->bulk)
    take_bulk(sender, load, ask);
  else if (job->phase == PHASE_LOOK)
    looked(sender, job, ask);
  else
    take_answer(sender, job, ask);
  free_load(load);
}

// A Bulk is sent when nothing more can come to it: all that was to be looked at has been.
static void send_ready(ScimSender *sender)
{
  if (sender->bulk_operations > 1) {
    bool full = sender->ready->len >= sender->bulk_operations;
    while (sender->ready->len && (full || !sender->n_looking))
      send_bulk(sender);
    return;
  }
  while (sender->ready->len) {
    Job *job = sender->ready->pdata[0];
    g_ptr_array_remove_index(sender->ready, 0);
    send_one(sender, job);
  }
}

bool scim_writer_receive(ScimSender *sender, int timeout_ms, Answer *out, bool *got, GError **error)
{
  (void)error;
  int64_t until_us = g_get_monotonic_time() + (int64_t)timeout_ms * 1000;
  while (!sender->answers->length) {
    send_ready(sender);
    int64_t left_ms = (until_us - g_get_monotonic_time()) / 1000;
    ScimAsk *ask = scim_link_take(sender->side->link, sender, (int)CLAMP(left_ms, 0, timeout_ms));
    if (ask)
      take(sender, ask);
    scim_ask_free(ask);
    if (!ask && left_ms <= 0)
      break;
    if (!ask && !g_hash_table_size(sender->asks) && !sender->ready->len)
      break;
  }
  g_autofree Answer *first = g_queue_pop_head(sender->answers);
  *got = first != NULL;
  if (first)
    *out = *first;
  return true;
}

static void drop_ask_of(ScimSender *sender, const Job *job)
{
  GHashTableIter iter;
  ScimAsk *ask = NULL;
  Load *load = NULL;
  g_hash_table_iter_init(&iter, sender->asks);
  while (g_hash_table_iter_next(&iter, (void **)&ask, (void **)&load)) {
    if (load->bulk || load->jobs->pdata[0] != job)
      continue;
    g_hash_table_iter_remove(&iter);
    scim_link_drop(sender->side->link, ask);
    return;
  }
}

static bool is_in_bulk(ScimSender *sender, const Job *job)
{
  GHashTableIter iter;
  Load *load = NULL;
  g_hash_table_iter_init(&iter, sender->asks);
  while (g_hash_table_iter_next(&iter, NULL, (void **)&load))
    for (guint i = 0; load->bulk && i < load->jobs->len; i++)
      if (load->jobs->pdata[i] == job)
        return true;
  return false;
}

void scim_writer_forget(ScimSender *sender, uint64_t token)
{
  for (guint i = 0; i < sender->jobs->len; i++) {
    Job *job = sender->jobs->pdata[i];
    if (job->token != token)
      continue;
    job->forgotten = true;
    if (is_in_bulk(sender, job))
      return;
    sender->n_looking -= job->phase == PHASE_LOOK;
    drop_ask_of(sender, job);
    answer(sender, job, LDAP_OTHER, NULL);
    return;
  }
}
