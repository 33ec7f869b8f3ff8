// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whether what operations did is so now: the target is asked by the same probe that tells, after a kill, what became of an
// operation. With the rights of the reader, so that nothing can be written on the way.
#include "job/job_p.h"

#include <string.h>

static const char *const words[] = {[PROBE_DONE] = READBACK_SO,
                                    [PROBE_NOT_DONE] = READBACK_BEFORE,
                                    [PROBE_DRIFTED] = READBACK_CHANGED,
                                    [PROBE_UNKNOWN] = READBACK_UNKNOWN};

static const TargetConfig *config_of(const Site *site, const char *target)
{
  for (size_t i = 0; site->targets[i] != NULL; i++)
    if (strcmp(site->targets[i]->name, target) == 0)
      return site->targets[i];
  return NULL;
}

static TargetConfig with_readers_rights(const TargetConfig *config)
{
  TargetConfig reading = *config;
  if (config->read_dn != NULL || config->read_secret != NULL) {
    reading.write_dn = config->read_dn;
    reading.write_secret = config->read_secret;
  }
  return reading;
}

static bool took_effect(const Readback *readback, uint32_t n)
{
  return n <= readback->done->len && readback->done->data[n - 1];
}

// Where objects are since: as a run that goes on follows what its earlier part did.
static void follow(const Readback *readback, const PlanSection *section, Writer *writer)
{
  for (size_t i = 0; i < section->n_ops; i++) {
    const Op *op = &section->ops[i];
    bool moves = op->kind == OP_CREATE || op->kind == OP_RENAME || op->kind == OP_MOVE;
    if (moves && took_effect(readback, op->n))
      writer_follow(writer, op, store_binding_of(readback->store, op->target, op->object));
  }
}

static bool is_wanted(const Readback *readback, const Op *op)
{
  return took_effect(readback, op->n) && (readback->only == 0 || readback->only == op->n) &&
         (readback->person == 0 || readback->person == op->person);
}

static bool check_server(const Readback *readback, const PlanSection *section, Writer *writer,
                         GError **error)
{
  g_autoptr(GString) print = g_string_new(NULL);
  if (!writer_fingerprint(writer, print, error))
    return false;
  const char *pinned = store_cursor_get(readback->store, section->target, "fingerprint");
  if (pinned == NULL || strcmp(pinned, print->str) == 0)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_UNREAD,
              _("it is not the server it was when it was last written to; what it holds may be "
                "another's"));
  return false;
}

static bool probe_all(const Readback *readback, const PlanSection *section, Writer *writer,
                      GError **error)
{
  if (!check_server(readback, section, writer, error) ||
      !writer_begin(writer, section->places, section->n_places, error))
    return false;
  follow(readback, section, writer);
  for (size_t i = 0; i < section->n_ops; i++) {
    const Op *op = &section->ops[i];
    Probe found = PROBE_UNKNOWN;
    if (!is_wanted(readback, op))
      continue;
    if (op_traits(op->kind)->local) {
      readback->func(op, READBACK_LEDGER, readback->data);
      continue;
    }
    if (!writer_probe(writer, op, &found, error))
      return false;
    readback->func(op, words[found], readback->data);
  }
  return true;
}

static void tell_unread(const Readback *readback, const PlanSection *section, const char *why)
{
  findings_add(readback->findings,
               &(Finding){.level = FINDING_WARNING, .code = "readback", .subject = section->target},
               _("target %s is not read back: %s"), section->target, why);
}

static bool has_wanted(const Readback *readback, const PlanSection *section)
{
  for (size_t i = 0; i < section->n_ops; i++)
    if (is_wanted(readback, &section->ops[i]))
      return true;
  return false;
}

static void tell_local(const Readback *readback, const PlanSection *section)
{
  for (size_t i = 0; i < section->n_ops; i++)
    if (op_traits(section->ops[i].kind)->local && is_wanted(readback, &section->ops[i]))
      readback->func(&section->ops[i], READBACK_LEDGER, readback->data);
}

static void read_section(const Readback *readback, const PlanSection *section)
{
  const TargetConfig *config = config_of(readback->site, section->target);
  g_autoptr(GError) fault = NULL;
  if (!has_wanted(readback, section))
    return;
  if (config == NULL) {
    tell_unread(readback, section, _("the site file does not have it"));
    return;
  }
  // What it believes of itself is what we wrote: only its receipts are news.
  if (target_has_receipts(config)) {
    tell_local(readback, section);
    return;
  }
  TargetConfig reading = with_readers_rights(config);
  g_autoptr(Writer) writer = writer_open(&reading, &fault);
  if (writer == NULL || !probe_all(readback, section, writer, &fault))
    tell_unread(readback, section, fault->message);
}

void readback_plan(const Readback *readback, const Plan *plan)
{
  for (size_t i = 0; i < plan_n_sections(plan); i++)
    read_section(readback, plan_section(plan, i));
}

// ---------------------------------------------------------------------------------------------
// The step of a job.

static bool take_done(const OpRow *op, void *data)
{
  GByteArray *done = data;
  if (op->n >= 1 && op->n <= done->len)
    done->data[op->n - 1] = strcmp(op->state, "done") == 0 || strcmp(op->state, "already") == 0;
  return true;
}

GByteArray *readback_done(Store *store, int64_t run, const Plan *plan, GError **error)
{
  g_autoptr(GByteArray) done = g_byte_array_new();
  g_byte_array_set_size(done, (guint)plan_n_ops(plan));
  memset(done->data, 0, done->len);
  if (!store_ops_each(store, run, take_done, done, error))
    return NULL;
  return g_steal_pointer(&done);
}

typedef struct Counting {
  ReadbackCounts *counts;
  Findings *findings;
} Counting;

static void count(const Op *op, const char *word, void *data)
{
  const Counting *counting = data;
  ReadbackCounts *counts = counting->counts;
  counts->n++;
  if (strcmp(word, READBACK_SO) == 0 || strcmp(word, READBACK_LEDGER) == 0)
    counts->n_so++;
  else if (strcmp(word, READBACK_UNKNOWN) == 0)
    counts->n_unknown++;
  else
    findings_add(counting->findings,
                 &(Finding){.level = FINDING_WARNING,
                            .code = "readback-differs",
                            .subject = op->label != NULL ? op->label : op->object},
                 _("operation %u (%s in %s) was done and is not so any more: %s"), op->n,
                 op_traits(op->kind)->name, op->target, word);
}

static bool note(const Site *site, const Plan *plan, int64_t run, const ReadbackCounts *counts,
                 GError **error)
{
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, run);
  g_autofree char *n = g_strdup_printf("%" G_GINT64_FORMAT, counts->n);
  g_autofree char *n_so = g_strdup_printf("%" G_GINT64_FORMAT, counts->n_so);
  g_autofree char *n_unknown = g_strdup_printf("%" G_GINT64_FORMAT, counts->n_unknown);
  const char *const detail[] = {AUDIT_RUN, number,    "read",    n,   "so",
                                n_so,      "unknown", n_unknown, NULL};
  g_autoptr(Store) store = site_ledger(site, error);
  return store != NULL &&
         audit_note_alone(store, &(AuditNote){AUDIT_READBACK, NULL, plan_digest(plan), detail},
                          error);
}

bool readback_run(const Site *site, const char *plan_path, int64_t run, Findings *findings,
                  ReadbackCounts *counts, GError **error)
{
  *counts = (ReadbackCounts){0};
  Counting counting = {counts, findings};
  g_autoptr(Plan) plan = plan_read(plan_path, error);
  g_autoptr(Store) store = plan != NULL ? store_open(site->store, STORE_READ, error) : NULL;
  g_autoptr(GByteArray) done = store != NULL ? readback_done(store, run, plan, error) : NULL;
  if (done == NULL)
    return false;
  site_servers(site, store);
  readback_plan(&(Readback){.site = site,
                            .store = store,
                            .done = done,
                            .func = count,
                            .data = &counting,
                            .findings = findings},
                plan);
  g_clear_pointer(&store, store_close);
  return note(site, plan, run, counts, error);
}
