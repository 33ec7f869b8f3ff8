// SPDX-License-Identifier: GPL-3.0-or-later
//
// A file as a whole: what lies beside it, what came before it, and what a rejected or interrupted one
// leaves behind.
#include "intake_kit.h"
#include "unit.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROSTER_HEAD "date,no,name,unit,phone\n"
#define ROSTER ROSTER_HEAD "2027-03-01,000001,山田　花子,1200,0100\n"

static void manifest(void)
{
  static const struct {
    bool right;
    const char *before, *after;
    IntakeVerdict verdict;
  } rows[] = {
      {true, "", "", INTAKE_TAKEN},
      {true, "", "  r.csv\n", INTAKE_TAKEN},
      {true, "", " *r.csv\r\n", INTAKE_TAKEN},
      {false, "", "  r.csv\n", INTAKE_REJECTED},
      {true, "", "0  r.csv\n", INTAKE_REJECTED},
      {true, "SHA256 ", "", INTAKE_REJECTED},
  };
  g_autofree char *sha256 = file_sha256(ROSTER, strlen(ROSTER));
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Kit) kit = kit_new();
    g_autofree char *digest = g_strdup(sha256);
    if (!rows[i].right)
      digest[0] = digest[0] == '0' ? '1' : '0';
    g_autofree char *text = g_strconcat(rows[i].before, digest, rows[i].after, NULL);
    kit_write(kit, "r.csv.sha256", text);
    UNIT_INT(kit_take(kit, kit_roster, "r.csv", ROSTER), rows[i].verdict, "row %zu", i);
    UNIT_INT(kit_count(kit, "manifest"), rows[i].verdict == INTAKE_REJECTED, "row %zu", i);
    UNIT_STR(kit->receipt.sha256, sha256);
    UNIT_INT(kit_n_facts(kit) == 0, rows[i].verdict == INTAKE_REJECTED, "row %zu", i);
  }
}

static void count_file(void)
{
  static const struct {
    const char *layout, *count;  // count NULL = no such file
    IntakeVerdict verdict;
  } rows[] = {
      {"count_file: \"{name}.count\"\n", "1\n", INTAKE_TAKEN},
      {"count_file: \"{name}.count\"\n", "2\n", INTAKE_REJECTED},
      {"count_file: \"{name}.count\"\n", "one\n", INTAKE_REJECTED},
      {"count_file: \"{name}.count\"\n", NULL, INTAKE_TAKEN},
      {"count_file: {name: \"{name}.count\", required: true}\n", NULL, INTAKE_REJECTED},
      {"", "2\n", INTAKE_TAKEN},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Kit) kit = kit_new();
    g_autofree char *yaml = g_strconcat(kit_roster, rows[i].layout, NULL);
    if (rows[i].count)
      kit_write(kit, "r.count", rows[i].count);
    UNIT_INT(kit_take(kit, yaml, "r.csv", ROSTER), rows[i].verdict, "row %zu", i);
    UNIT_INT(kit_count(kit, "count-file"), rows[i].verdict == INTAKE_REJECTED, "row %zu", i);
  }
}

static void twice(void)
{
  g_autoptr(Kit) kit = kit_new();
  UNIT_INT(kit_take(kit, kit_roster, "a.csv", ROSTER), INTAKE_TAKEN);
  int64_t first = kit->receipt.intake;
  size_t n_facts = kit_n_facts(kit);
  UNIT_INT(kit_take(kit, kit_roster, "b.csv", ROSTER), INTAKE_KNOWN);
  UNIT_INT(kit->receipt.intake, first);
  UNIT_INT(kit_n_facts(kit), n_facts);
  UNIT_INT(findings_count(kit->findings), 0);
}

// What was rejected is looked at again: the layout may have been mended.
static void rejected_then_taken(void)
{
  g_autoptr(Kit) kit = kit_new();
  const char *text = "date,no,name,unit,fax\n2027-03-01,000001,山田　花子,1200,0100\n";
  g_autofree char *mended = g_strconcat(kit_roster, "ignore: [fax]\n", NULL);
  UNIT_INT(kit_take(kit, kit_roster, "a.csv", text), INTAKE_REJECTED);
  UNIT_INT(kit->receipt.intake, 0);
  UNIT_INT(kit_take(kit, mended, "a.csv", text), INTAKE_TAKEN);
}

static char *roster_of(size_t n, const char *date)
{
  GString *text = g_string_new(ROSTER_HEAD);
  for (size_t i = 1; i <= n; i++)
    g_string_append_printf(text, "%s,%06zu,職員　%zu,1200,%zu\n", date, i, i, i);
  return g_string_free(text, FALSE);
}

static void shrinking(void)
{
  static const struct {
    double percent;
    size_t before, after;
    IntakeVerdict verdict;
  } rows[] = {
      {5, 100, 95, INTAKE_TAKEN},    {5, 100, 94, INTAKE_REJECTED}, {5, 100, 120, INTAKE_TAKEN},
      {0, 100, 99, INTAKE_REJECTED}, {0, 100, 100, INTAKE_TAKEN},   {5.5, 1000, 945, INTAKE_TAKEN},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Kit) kit = kit_new();
    g_autofree char *before = roster_of(rows[i].before, "2027-03-01");
    g_autofree char *after = roster_of(rows[i].after, "2027-03-02");
    kit->options.shrink_percent = rows[i].percent;
    UNIT_INT(kit_take(kit, kit_roster, "a.csv", before), INTAKE_TAKEN);
    UNIT_INT(kit_take(kit, kit_roster, "b.csv", after), rows[i].verdict, "row %zu", i);
    UNIT_INT(kit_count(kit, "shrunk"), rows[i].verdict == INTAKE_REJECTED, "row %zu", i);
  }
}

static void far_ahead(void)
{
  g_autoptr(Kit) kit = kit_new();
  UNIT_INT(kit_take(kit, kit_roster, "a.csv", ROSTER_HEAD "2028-03-01,000001,山田,1200,\n"),
           INTAKE_TAKEN);
  UNIT_INT(kit_take(kit, kit_roster, "b.csv", ROSTER_HEAD "2037-03-01,000001,山田,1200,\n"),
           INTAKE_REJECTED);
  UNIT_INT(kit_count(kit, "file-date"), 1);
  UNIT_STR(kit_finding(kit, "file-date")->value, "2037-03-01");
}

static void too_large(void)
{
  g_autoptr(Kit) kit = kit_new();
  kit->options.max_bytes = strlen(ROSTER);
  UNIT_INT(kit_take(kit, kit_roster, "a.csv", ROSTER), INTAKE_TAKEN);
  kit->options.max_bytes--;
  UNIT_INT(kit_take(kit, kit_roster, "b.csv", ROSTER), INTAKE_REJECTED);
  UNIT_INT(kit_count(kit, "too-large"), 1);
}

// Not ours to judge: the caller hears of the system's fault.
static void no_regular_file(void)
{
  g_autoptr(Kit) kit = kit_new();
  g_autoptr(Layout) layout = kit_layout(kit, kit_roster);
  const char *file = kit_write(kit, "a.csv", ROSTER);
  g_autofree char *link = g_build_filename(kit->dir, "link.csv", NULL);
  g_autofree char *missing = g_build_filename(kit->dir, "missing.csv", NULL);
  UNIT_INT(symlink(file, link), 0);
  const char *const paths[] = {link, missing, kit->dir};
  kit->options.layout = layout;
  for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
    g_autoptr(GError) error = NULL;
    UNIT_TRUE(
        !intake_file(kit->store, paths[i], &kit->options, kit->findings, &kit->receipt, &error));
    UNIT_TRUE(error != NULL, "%s", paths[i]);
    UNIT_INT(kit_n_facts(kit), 0);
  }
}

static bool holds(const char *dir, const char *text)
{
  bool found = false;
  g_autoptr(GDir) folder = g_dir_open(dir, 0, NULL);
  for (const char *name; (name = g_dir_read_name(folder));) {
    g_autofree char *path = g_build_filename(dir, name, NULL), *bytes = NULL;
    size_t n_bytes;
    if (!g_str_has_suffix(name, ".csv") && g_file_get_contents(path, &bytes, &n_bytes, NULL))
      found = found || memmem(bytes, n_bytes, text, strlen(text));
  }
  return found;
}

// Nothing of a rejected file is in the ledger's files, not even in its WAL.
static void rejected_leaves_nothing(void)
{
  static const char *const rows[] = {
      ROSTER_HEAD
      "2027-03-01,000001,MARKER,1200,123456789018\n2027-03-01,000002,MARKER,1200,123456789018\n",
      ROSTER_HEAD "2027-03-01,000001,MARKER,1200,1\n2027-03-01,000001,MARKER,1200,2\n",
      ROSTER_HEAD "2027-03-01,000001,MARKER,1200,1\n2027-03-01,000002,\"MARKER,1200,1\n",
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Kit) kit = kit_new();
    UNIT_INT(kit_take(kit, kit_roster, "a.csv", rows[i]), INTAKE_REJECTED, "row %zu", i);
    UNIT_TRUE(!holds(kit->dir, "MARKER") && !holds(kit->dir, "123456789018"), "row %zu", i);
  }
  g_autoptr(Kit) kit = kit_new();
  kit_take(kit, kit_roster, "a.csv", ROSTER_HEAD "2027-03-01,000001,MARKER,1200,1\n");
  UNIT_TRUE(holds(kit->dir, "MARKER"));  // the search finds what is there
}

static void take_and_exit(const char *path, const char *db, const Layout *layout)
{
  g_autoptr(Findings) findings = findings_new();
  Store *store = store_open(db, STORE_WRITE, NULL);
  IntakeOptions options = {.layout = layout, .shrink_percent = 100, .known_at = INSTANT_NONE};
  IntakeReceipt receipt;
  intake_file(store, path, &options, findings, &receipt, NULL);
  _exit(0);
}

// Waits until the child has written some of its transaction, then kills it.
static bool kill_halfway(pid_t child, const char *wal)
{
  GStatBuf status;
  int how = 0;
  while (waitpid(child, &how, WNOHANG) == 0) {
    if (g_stat(wal, &status) == 0 && status.st_size > (1 << 20)) {
      kill(child, SIGKILL);
      waitpid(child, &how, 0);
      break;
    }
    g_usleep(500);
  }
  return WIFSIGNALED(how);
}

static void killed(void)
{
  g_autoptr(Kit) kit = kit_new();
  g_autoptr(Layout) layout = kit_layout(kit, kit_roster);
  g_autofree char *text = roster_of(30000, "2027-03-01");
  const char *path = kit_write(kit, "a.csv", text);
  g_autofree char *db = g_build_filename(kit->dir, "idou.db", NULL);
  g_autofree char *wal = g_strconcat(db, "-wal", NULL);
  store_close(g_steal_pointer(&kit->store));
  pid_t child = fork();
  if (child == 0)
    take_and_exit(path, db, layout);
  UNIT_TRUE(kill_halfway(child, wal), "the child must be killed within its transaction");
  kit->store = store_open(db, STORE_WRITE, NULL);
  IntakeRow last;
  UNIT_INT(kit_n_facts(kit), 0);
  UNIT_TRUE(!store_intake_last(kit->store, "roster", "city", &last));
  UNIT_INT(kit_take(kit, kit_roster, "a.csv", text), INTAKE_TAKEN);
  UNIT_INT(kit->receipt.n_taken, 30000);
}

static void receipt(void)
{
  g_autoptr(Kit) kit = kit_new();
  kit_take(kit, kit_roster, "a.csv",
           ROSTER "2027-03-01,2,鈴木,1200,\n2027-03-01,000003,佐藤,1200,\n");
  UNIT_INT(kit->receipt.verdict, INTAKE_TAKEN_IN_PART);
  UNIT_INT(kit->receipt.n_rows, 3);
  UNIT_INT(kit->receipt.n_taken, 2);
  UNIT_INT(kit->receipt.n_rejected, 1);
  UNIT_INT(kit->receipt.declared, date_of(2027, 3, 1));
  UNIT_INT(kit->receipt.n_kinds, 1);
  UNIT_STR(kit->receipt.kinds[0].kind, "person");
  UNIT_INT(kit->receipt.kinds[0].n, 2);
  IntakeRow row;
  UNIT_TRUE(store_intake_last(kit->store, "roster", "city", &row));
  UNIT_STR(row.name, "a.csv");
  UNIT_STR(row.layout, "kit-roster");
  UNIT_INT(row.n_rows, 3);
  UNIT_INT(row.n_findings, (int64_t)findings_count(kit->findings));
}

static const UnitTest tests[] = {
    {"manifest", manifest},
    {"count_file", count_file},
    {"twice", twice},
    {"rejected_then_taken", rejected_then_taken},
    {"shrinking", shrinking},
    {"far_ahead", far_ahead},
    {"too_large", too_large},
    {"no_regular_file", no_regular_file},
    {"rejected_leaves_nothing", rejected_leaves_nothing},
    {"killed", killed},
    {"receipt", receipt},
    {NULL, NULL},
};
UNIT_SUITE(intake_file, tests);
