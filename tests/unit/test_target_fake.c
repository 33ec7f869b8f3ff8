// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "targets_kit.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const KitOp change = {OP_MODIFY, .object = "account/1", .attribute = "title",
                             .old_value = "staff", .new_value = "chief"};

static TargetConfig config_of(const char *path, const char *const *faults)
{
  return (TargetConfig){.name = "t",
                        .type = "fake",
                        .path = path,
                        .base = KIT_BASE,
                        .timeout_ms = 1000,
                        .faults = faults};
}

static void faults_of_writing(void)
{
  static const struct {
    const char *fault;
    OutcomeKind outcome;
    Probe probe;
    bool sends_again;  // without connecting anew
  } rows[] = {
      {"op 2 busy", OUTCOME_DONE, PROBE_DONE, true},
      {"op 1 busy", OUTCOME_BUSY, PROBE_NOT_DONE, true},
      {"op 1 refused", OUTCOME_REFUSED, PROBE_NOT_DONE, true},
      {"op 1 failed", OUTCOME_FAILED, PROBE_NOT_DONE, true},
      {"op 1 unknown", OUTCOME_UNKNOWN, PROBE_NOT_DONE, true},
      {"op 1 unknown done", OUTCOME_UNKNOWN, PROBE_DONE, true},
      {"op 1 lost", OUTCOME_UNKNOWN, PROBE_NOT_DONE, false},
      {"op 1 lost done", OUTCOME_UNKNOWN, PROBE_DONE, false},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    const char *const faults[] = {rows[i].fault, NULL};
    g_autofree char *path = kit_file();
    TargetConfig config = config_of(path, faults);
    g_autoptr(GError) error = NULL;
    g_autoptr(Writer) writer = writer_open(&config, &error);
    if (!UNIT_NO_ERROR(error, "%s", rows[i].fault))
      continue;
    writer_begin(writer, kit_places, kit_n_places, NULL);
    g_autoptr(Op) op = kit_op(&change);
    Outcome outcome = kit_run(writer, op);
    UNIT_STR(outcome_name(outcome.kind), outcome_name(rows[i].outcome), "%s", rows[i].fault);
    outcome_clear(&outcome);
    g_autoptr(Op) join = kit_op(&(KitOp){OP_JOIN, .object = "group/g", .member = "account/1"});
    const Op *other = join;
    bool sent = writer_submit(writer, &(Sending){&other, 1, NULL, 0, false}, 9, NULL);
    UNIT_INT(sent, rows[i].sends_again, "%s", rows[i].fault);
    UNIT_TRUE(writer_reconnect(writer, NULL), "%s", rows[i].fault);
    Probe probe = PROBE_UNKNOWN;
    UNIT_TRUE(writer_probe(writer, op, &probe, NULL));
    UNIT_INT(probe, rows[i].probe, "%s", rows[i].fault);
  }
}

// The whole of a kill: another process reads what it left.
static void killed_before_and_after(void)
{
  static const struct {
    const char *fault;
    const char *title;
  } rows[] = {{"op 1 kill before", "title: staff"}, {"op 1 kill after", "title: chief"}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    const char *const faults[] = {rows[i].fault, NULL};
    g_autofree char *path = kit_file();
    TargetConfig config = config_of(path, faults);
    pid_t child = fork();
    if (child == 0) {
      Writer *writer = writer_open(&config, NULL);
      writer_begin(writer, kit_places, kit_n_places, NULL);
      const Op *op = kit_op(&change);
      writer_submit(writer, &(Sending){&op, 1, NULL, 0, false}, 1, NULL);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    UNIT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%s", rows[i].fault);
    config.faults = NULL;
    g_autoptr(Writer) writer = writer_open(&config, NULL);
    UNIT_TRUE(writer && writer_finish(writer, NULL), "%s", rows[i].fault);
    g_autofree char *text = kit_text(path);
    UNIT_TRUE(strstr(text, rows[i].title) != NULL, "%s", rows[i].fault);
  }
}

static bool count_values(const Observed *entry, void *data, GError **error)
{
  (void)error;
  *(size_t *)data += entry->n_attributes;
  return true;
}

static void faults_of_reading(void)
{
  static const char *const places[] = {"", NULL};
  static const char *const attributes[] = {"employeeNumber", "member", NULL};
  static const Scope scope = {.places = places, .attributes = attributes};
  static const struct {
    const char *fault;
    bool read;
    size_t n_entries, n_values;
    const char *message;
  } rows[] = {
      {"read short after 100", true, 7, 3, NULL},
      {"read truncated after 3", false, 3, 0, "size limit"},
      {"read lost after 0", false, 0, 0, "connection"},
      {"read short after 4", true, 4, 0, NULL},
      {"read hides employeenumber", true, 7, 1, NULL},
  };
  g_autoptr(Schema) schema = schema_new();
  schema_attr(schema, "employeeNumber");
  schema_attr(schema, "member");
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    const char *const faults[] = {rows[i].fault, NULL};
    g_autofree char *path = kit_file();
    TargetConfig config = config_of(path, faults);
    g_autoptr(GError) error = NULL;
    g_autoptr(Reader) reader = reader_open(&config, &error);
    size_t n_entries = 0, n_values = 0;
    bool read =
        reader && reader_read(reader, &scope, schema, count_values, &n_values, &n_entries, &error);
    UNIT_INT(read, rows[i].read, "%s", rows[i].fault);
    UNIT_INT((long long)n_entries, (long long)rows[i].n_entries, "%s", rows[i].fault);
    if (rows[i].n_values || read)
      UNIT_INT((long long)n_values, (long long)rows[i].n_values, "%s", rows[i].fault);
    if (rows[i].message)
      UNIT_TRUE(error && error->code == EXIT_UNREAD && strstr(error->message, rows[i].message),
                "%s", rows[i].fault);
  }
}

static void unknown_faults(void)
{
  static const char *const texts[] = {"op 1 explode", "op x busy", "read hides ", "op 1busy",
                                      "lost"};
  g_autofree char *path = kit_file();
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
    const char *const faults[] = {texts[i], NULL};
    TargetConfig config = config_of(path, faults);
    g_autoptr(GError) error = NULL;
    UNIT_TRUE(!reader_open(&config, &error) && error && error->code == EXIT_USAGE, "%s", texts[i]);
  }
}

static const UnitTest tests[] = {
    {"faults_of_writing", faults_of_writing},
    {"killed_before_and_after", killed_before_and_after},
    {"faults_of_reading", faults_of_reading},
    {"unknown_faults", unknown_faults},
    {NULL, NULL},
};
UNIT_SUITE(target_fake, tests);
