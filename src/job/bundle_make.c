// SPDX-License-Identifier: GPL-3.0-or-later
//
// Making a bundle: what is wanted in a network that cannot be seen from here, into a file that somebody carries.
#include "job/job_p.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define MADE "bundle made"  // cursor: "NUMBER DIGEST" of the last
#define SALT "bundle salt"
#define SALT_BYTES 16
#define UNPUBLISHED \
  ".new"  // it is not in the ledger yet, or the ledger was written just before we were killed

typedef struct Making {
  const Site *site;
  const SiteSegment *segment;
  const BundleRequest *request;
  Store *store;
  Signer *signer;
  Verifier *verifier;
  uint32_t last;   // number of the bundle before; 0 = there is none
  char *previous;  // its digest
  Bundle *before;  // … and itself; NULL = it cannot be read
  char *salt;
  GArray *allows;  // BundleAllows
  GPtrArray *texts;
  BundleMade *out;
} Making;

static void making_clear(Making *making)
{
  store_close(making->store);
  signer_free(making->signer);
  verifier_free(making->verifier);
  bundle_free(making->before);
  g_free(making->previous);
  g_free(making->salt);
  g_clear_pointer(&making->allows, g_array_unref);
  g_clear_pointer(&making->texts, g_ptr_array_unref);
}

void bundle_made_clear(BundleMade *made)
{
  g_clear_pointer(&made->path, g_free);
  g_clear_pointer(&made->findings, findings_free);
}

static char *path_of(const Making *making, uint32_t sequence)
{
  return g_strdup_printf("%s/%s-%04u.bundle", making->segment->bundles, making->segment->name,
                         sequence);
}

// ---------------------------------------------------------------------------------------------
// What was made before.

// Killed between ledger and file: the file is there under its other name.
static bool publish_last(const Making *making, GError **error)
{
  g_autofree char *path = path_of(making, making->last);
  g_autofree char *unpublished = g_strconcat(path, UNPUBLISHED, NULL);
  if (making->last == 0 || !g_file_test(unpublished, G_FILE_TEST_EXISTS))
    return true;
  g_autoptr(Bundle) bundle = bundle_read_made(unpublished, making->previous, NULL);
  if (bundle == NULL)
    return true;
  if (rename(unpublished, path) == 0)
    return file_sync_parent(path, error);
  g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("%s: cannot be renamed: %s"), unpublished,
              g_strerror(errno));
  return false;
}

static bool remember_last(Making *making, GError **error)
{
  const char *text = store_cursor_get(making->store, MADE, making->segment->name);
  const char *space = text == NULL ? NULL : strchr(text, ' ');
  if (space != NULL) {
    making->last = (uint32_t)g_ascii_strtoull(text, NULL, 10);
    making->previous = g_strdup(space + 1);
  }
  making->salt = g_strdup(store_cursor_get(making->store, SALT, making->segment->name));
  if (making->salt == NULL) {
    unsigned char bytes[SALT_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    making->salt = g_malloc(2 * SALT_BYTES + 1);
    sodium_bin2hex(making->salt, 2 * SALT_BYTES + 1, bytes, sizeof bytes);
  }
  return store_check(making->store, error) && publish_last(making, error);
}

static void adopt(Making *making, const PlanBundle *made, const char *path)
{
  making->last = made->sequence;
  g_free(making->previous);
  making->previous = g_strdup(made->digest);
  findings_add(making->out->findings,
               &(Finding){.level = FINDING_WARNING, .code = "bundle-unknown"},
               _("%s was made here, though the ledger does not know it: it has been put back to "
                 "before. This bundle follows that one; what became of that one is not told here"),
               path);
}

// A ledger that was put back from a backup would make a second one of a number. The files tell how far it had come.
static bool follow_kept(Making *making, GError **error)
{
  for (;;) {
    g_autofree char *path = path_of(making, making->last + 1);
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
      return true;
    g_autoptr(Bundle) bundle = bundle_read(path, making->verifier, error);
    if (bundle == NULL)
      return false;
    const PlanBundle *made = &bundle_head(bundle)->id;
    if (strcmp(made->segment, making->segment->name) != 0 || made->sequence != making->last + 1 ||
        g_strcmp0(made->previous, making->previous) != 0) {
      g_set_error(
          error, IDOU_ERROR, EXIT_USAGE,
          _("%s is there already and does not follow what the ledger knows: a second one of "
            "its number would be refused there. Bring back the ledger that belongs to it, "
            "or move it away"),
          path);
      return false;
    }
    adopt(making, made, path);
  }
}

// Whoever was told of must be told of again, or what they have there is nobody's.
static void read_last(Making *making)
{
  g_autofree char *path = path_of(making, making->last);
  g_autoptr(GError) fault = NULL;
  if (making->last == 0)
    return;
  making->before = bundle_read_made(path, making->previous, &fault);
  if (making->before == NULL)
    findings_add(
        making->out->findings, &(Finding){.level = FINDING_WARNING, .code = "bundle-before"},
        _("the bundle before this one cannot be read (%s), so who was told of there is not "
          "known: this one tells of everybody that the rules know"),
        fault->message);
}

// ---------------------------------------------------------------------------------------------
// The approval.

static bool read_allow(Making *making, const char *text, GError **error)
{
  const char *equals = strrchr(text, '=');
  char *what = g_strndup(text, equals == NULL ? strlen(text) : (size_t)(equals - text));
  gint64 at_most = 0;
  g_ptr_array_add(making->texts, what);
  bool counted =
      equals != NULL && g_ascii_string_to_signed(equals + 1, 10, 0, INT32_MAX, &at_most, NULL);
  if (bundle_may_allow(what) && counted == (strchr(what, '/') != NULL)) {
    BundleAllows allows = {what, at_most};
    g_array_append_val(making->allows, allows);
    return true;
  }
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              _("“%s” is no approval: write TARGET/KIND=AT-MOST, such as edu/disable=60, or date; "
                "what is approved from here must be counted"),
              text);
  return false;
}

static bool read_allows(Making *making, GError **error)
{
  making->allows = g_array_new(FALSE, FALSE, sizeof(BundleAllows));
  making->texts = g_ptr_array_new_with_free_func(g_free);
  const char *const *list = making->request->allows;
  for (; list != NULL && *list != NULL; list++)
    if (!read_allow(making, *list, error))
      return false;
  if (making->allows->len == 0 || (making->request->who != NULL && making->request->reason != NULL))
    return true;
  g_set_error_literal(error, IDOU_ERROR, EXIT_USAGE,
                      _("an approval needs --who and --reason: they stand in the records there"));
  return false;
}

// ---------------------------------------------------------------------------------------------
// The text.

static GPtrArray *targets_of(const Site *site, const char *segment)
{
  GPtrArray *targets = g_ptr_array_new();
  for (size_t i = 0; site->apart[i] != NULL; i++)
    if (strcmp(site->apart[i]->segment, segment) == 0)
      g_ptr_array_add(targets, site->apart[i]);
  g_ptr_array_add(targets, NULL);
  return targets;
}

static bool check_rules(const Making *making, const Mapping *mapping, GPtrArray *targets,
                        GError **error)
{
  Findings *findings = making->out->findings;
  g_autoptr(GPtrArray) fields = site_fields(making->site);
  for (guint i = 0; targets->pdata[i] != NULL; i++) {
    const TargetConfig *config = targets->pdata[i];
    MappingWorld world = {.target = config->name,
                          .charset = config->charset,
                          .fields = (const char *const *)fields->pdata};
    mapping_check(mapping, &world, findings);
  }
  if (findings_count_level(findings, FINDING_ERROR) == 0)
    return true;
  g_set_error_literal(error, IDOU_ERROR, EXIT_USAGE,
                      _("the mappings have faults: see the findings"));
  return false;
}

static Instant moment_of(const BundleRequest *request, Instant now)
{
  if (request->at != 0)
    return request->at;
  return date_of_instant(now) == request->as_of ? now : date_start(request->as_of);
}

static BundleHead head_of(const Making *making, const Mapping *mapping, Instant now)
{
  const BundleRequest *request = making->request;
  bool approves = making->allows->len > 0;
  Instant expires = now + (Instant)making->segment->expires_days * 86400;
  return (BundleHead){
      .id = {.segment = making->segment->name,
             .sequence = making->last + 1,
             .previous = making->previous,
             .expires = expires},
      .created = now,
      .as_of = request->as_of,
      .at = request->at,
      .rules = mapping_digest(mapping),
      .approval = {.who = approves ? request->who : NULL,
                   .reason = approves ? request->reason : NULL,
                   .not_before = request->not_before,
                   .expires = expires,
                   .allows = (const BundleAllows *)(const void *)making->allows->data,
                   .n_allows = making->allows->len}};
}

// What somebody holds, as the guard of that name sees it.
static bool is_held(const char *target, const char *object, uint32_t person, void *data)
{
  // A stop is stronger, but for a target that is held.
  bool stopped = store_stop_on(data, person) != NULL;
  const HeldThing thing = {target, stopped ? NULL : object, NULL, stopped ? 0 : person};
  return store_holds_on(data, &thing) != NULL;
}

// Who must know why knows it here; there it is told whom to ask.
static const char *is_stopped(uint32_t person, void *data)
{
  return store_stop_on(data, person) != NULL ? _("stopped; ask where the bundle was made") : NULL;
}

static void tell_holds(const Holds *holds, Findings *findings)
{
  size_t n = store_holds_n(holds);
  if (n > 0)
    findings_add(findings, &(Finding){.level = FINDING_NOTE, .code = "hold"},
                 ngettext("%zu hold counts there, too: what it holds is left there as it is",
                          "%zu holds count there, too: what they hold is left there as it is", n),
                 n);
}

static bool write_text(Making *making, GString *text, GError **error)
{
  BundleMade *out = making->out;
  Instant now = instant_now();
  g_autoptr(GPtrArray) targets = targets_of(making->site, making->segment->name);
  g_autoptr(Mapping) mapping = mapping_load(making->site->mappings, out->findings, error);
  if (mapping == NULL || !check_rules(making, mapping, targets, error))
    return false;
  PlannerSetup setup = {.mapping = mapping,
                        .store = making->store,
                        .as_of = making->request->as_of,
                        .known_at = INSTANT_OPEN,
                        .now = now,
                        .findings = out->findings};
  g_autoptr(Holds) holds = NULL;
  if (!store_holds_read(making->store, date_of_instant(now), NULL, &holds, error))
    return false;
  tell_holds(holds, out->findings);
  g_autoptr(DesiredSource) rules = planner_derives(&setup);
  BundleSetup how = {.head = head_of(making, mapping, now),
                     .source = rules,
                     .targets = (const TargetConfig *const *)targets->pdata,
                     .now = now,
                     .at = moment_of(making->request, now),
                     .salt = making->salt,
                     .signer = making->signer,
                     .before = making->before,
                     .holds = is_held,
                     .holds_data = holds,
                     .stops = is_stopped,
                     .stops_data = holds,
                     .everybody = making->last > 0 && making->before == NULL,
                     .findings = out->findings};
  out->sequence = how.head.id.sequence;
  return bundle_write(&how, text, out->digest, error);
}

// ---------------------------------------------------------------------------------------------
// Into the ledger: a run whose operations await a receipt.

typedef struct Noting {
  Making *making;
  int64_t run;
  uint32_t n;
  GError *fault;
} Noting;

static void note(Noting *noting, const char *target, const char *object, const char *kind)
{
  OpRow row = {.run = noting->run,
               .n = ++noting->n,
               .target = target,
               .object = object,
               .kind = kind,
               .state = "receipt"};
  if (noting->fault == NULL)
    store_op_set(noting->making->store, &row, &noting->fault);
}

static void note_change(const BundleChange *change, void *data)
{
  note(data, change->target, change->object, change->kind);
}

static bool note_changes(Making *making, const GString *text, int64_t run, GError **error)
{
  Noting noting = {making, run, 0, NULL};
  g_autofree char *whole =
      g_strdup_printf("bundle/%s-%u", making->segment->name, making->out->sequence);
  g_autoptr(GPtrArray) targets = targets_of(making->site, making->segment->name);
  g_autoptr(Bundle) bundle = bundle_parse(text->str, text->len, whole, making->verifier, error);
  if (bundle == NULL)
    return false;
  note(&noting, ((const TargetConfig *)targets->pdata[0])->name, whole, "task");
  bundle_changes(bundle, making->before, note_change, &noting);
  making->out->n_changes = (int64_t)noting.n - 1;
  if (noting.fault != NULL)
    g_propagate_error(error, noting.fault);
  return noting.fault == NULL;
}

static bool note_run(Making *making, const GString *text, GError **error)
{
  const BundleMade *out = making->out;
  // Like the desk's: no night goes on with it, and no guard counts it.
  RunRow row = {.digest = out->digest,
                .plan_path = out->path,
                .host = g_get_host_name(),
                .started = instant_now(),
                .ended = INSTANT_NONE,
                .state = "running",
                .desk = true};
  int64_t run = store_run_add(making->store, &row, error);
  g_autofree char *made = g_strdup_printf("%u %s", out->sequence, out->digest);
  const char *name = making->segment->name;
  return run != 0 && note_changes(making, text, run, error) &&
         store_run_end(making->store, run, "receipts", error) &&
         store_cursor_set(making->store, MADE, name, made, error) &&
         store_cursor_set(making->store, SALT, name, making->salt, error) &&
         audit_note_run(making->store,
                        &(AuditNote){.what = AUDIT_BUNDLE,
                                     .who = making->request->who,
                                     .subject = out->digest},
                        run, error);
}

static bool keep(Making *making, const GString *text, GError **error)
{
  BundleMade *out = making->out;
  out->path = path_of(making, out->sequence);
  out->n_bytes = text->len;
  g_autofree char *unpublished = g_strconcat(out->path, UNPUBLISHED, NULL);
  // The file is whole on the disk before the ledger says that it was made, and has its name only afterwards: of one number
  // there are never two.
  if (!file_make_dir(making->segment->bundles, 0700, error) ||
      !file_write(unpublished, text->str, text->len, 0600, error) ||
      !store_begin(making->store, error))
    return false;
  if (!note_run(making, text, error)) {
    store_rollback(making->store);
    return false;
  }
  if (!store_commit(making->store, error))
    return false;
  making->last = out->sequence;
  g_free(making->previous);
  making->previous = g_strdup(out->digest);
  return publish_last(making, error);
}

// ---------------------------------------------------------------------------------------------

static bool make(Making *making, GError **error)
{
  g_autoptr(GString) text = g_string_new(NULL);
  const char *output = making->request->output;
  making->signer = signer_load(making->segment->sign, NULL, error);
  if (making->signer == NULL || !read_allows(making, error))
    return false;
  making->verifier = signer_verifier(making->signer);
  making->store = site_ledger(making->site, error);
  if (making->store == NULL || !remember_last(making, error) || !follow_kept(making, error))
    return false;
  read_last(making);
  if (!write_text(making, text, error) || !keep(making, text, error))
    return false;
  if (findings_count_level(making->out->findings, FINDING_ERROR) > 0)
    making->out->exit = EXIT_REJECTED;
  return output == NULL || file_write(output, text->str, text->len, 0600, error);
}

bool job_bundle(const Site *site, const BundleRequest *request, BundleMade *out, GError **error)
{
  *out = (BundleMade){.findings = findings_new()};
  Making making = {.site = site, .request = request, .out = out};
  making.segment = site_segment(site, request->segment);
  g_autoptr(GPtrArray) targets = targets_of(site, request->segment);
  if (making.segment == NULL || targets->pdata[0] == NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("no target of the site file is in a segment “%s”"),
                request->segment);
    return false;
  }
  int lock = job_lock(site, error);
  if (lock < 0)
    return false;
  bool fine = make(&making, error);
  making_clear(&making);
  close(lock);
  return fine;
}
