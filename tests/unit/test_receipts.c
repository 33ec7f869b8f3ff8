// SPDX-License-Identifier: GPL-3.0-or-later
//
// What becomes of operations that are only sent: who goes on meanwhile, and receipts into the journal.
#include "apply/apply_p.h"
#include "unit.h"

#include <idou/job.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// ---------------------------------------------------------------------------------------------
// Who waits.

static Op make_op(OpKind kind, const char *target, const char *object)
{
  static const OpValue value = {VALUE_TEXT, "x", 1};
  static const OpChange change = {.attribute = "title", .new_values = &value, .n_new = 1};
  bool changes = kind == OP_CREATE || kind == OP_MODIFY || kind == OP_DISABLE;
  return (Op){.kind = kind,
              .changes = changes ? &change : NULL,
              .n_changes = changes,
              .target = target,
              .object = object,
              .label = object,
              .not_before = INSTANT_NONE,
              .why = "test"};
}

// One operation in the product "a", and one that waits for it.
static Stand stand_after(OpKind first, OpKind second, bool elsewhere, bool *ready)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) plan = plan_new(&(PlanHead){
      .as_of = 20000, .known_at = INSTANT_OPEN, .mapping_digest = "0", .program = "test"});
  plan_add_section(plan, "a");
  plan_add_section(plan, "b");
  for (size_t i = 0; i < 2; i++) {
    plan_add_place(plan, i, &(Placed){"container/x", NULL, "ou=x", NULL, true});
    plan_add_place(plan, i, &(Placed){"account/1", "container/x", "uid=1", "i1", true});
    plan_add_place(plan, i, &(Placed){"account/2", "container/x", "uid=2", "i2", true});
  }
  const char *there = elsewhere ? "b" : "a";
  Op one = make_op(first, "a", "account/1"), other = make_op(second, there, "account/2");
  other.member = op_traits(second)->edge ? "account/1" : NULL;
  one.name = "uid=1", one.parent = "container/x";
  other.name = "uid=3", other.parent = other.old_parent = "container/x", other.old_name = "uid=2";
  uint32_t earlier = plan_add_op(plan, 0, &one), later = plan_add_op(plan, elsewhere, &other);
  plan_add_after(plan, later, earlier);
  UNIT_TRUE(plan_seal(plan, &error));
  UNIT_NO_ERROR(error);
  const ApplySetup setup = {.plan = plan};
  ApplyReport report = {0};
  g_autoptr(Journal) journal = journal_new(&setup, &report);
  g_autoptr(Book) book = book_new(plan, journal);
  book_follow(book, 1, STAND_RECEIPT);
  *ready = book_pop(book) == 2;
  book_bar(book, 2);
  return book_stand(book, 2);
}

static void dependents(void)
{
  static const struct {
    OpKind first, second;
    bool elsewhere, goes_on;
  } rows[] = {
      {OP_CREATE, OP_MODIFY, false, true},  {OP_CREATE, OP_JOIN, false, true},
      {OP_DISABLE, OP_DELETE, false, true}, {OP_TASK, OP_MODIFY, false, false},
      {OP_CREATE, OP_MODIFY, true, false},  {OP_CREATE, OP_JOIN, true, false},
      {OP_DISABLE, OP_DELETE, true, false}, {OP_DISABLE, OP_MOVE, true, false},
      {OP_MODIFY, OP_DISABLE, true, true},  {OP_MODIFY, OP_LEAVE, true, true},
      {OP_TASK, OP_DISABLE, true, false},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    bool ready = false;
    Stand stand = stand_after(rows[i].first, rows[i].second, rows[i].elsewhere, &ready);
    UNIT_INT(ready, rows[i].goes_on, "row %zu", i);
    UNIT_INT(stand, rows[i].goes_on ? STAND_WAITING : STAND_SCHEDULED, "row %zu", i);
  }
}

// ---------------------------------------------------------------------------------------------
// A site with one product, and a run that sent six operations there.

static const struct {
  const char *kind, *object;
  bool bound;
} sent[] = {
    {"create", "account/1", true}, {"create", "account/2", true}, {"delete", "account/3", true},
    {"delete", "account/4", true}, {"modify", "account/5", true}, {"modify", "account/6", true},
};

typedef struct Product {
  TargetConfig config;
  TargetConfig *configs[2];
  const char *faults[2];
  Site site;
  char *path, *store_path, *receipts;
} Product;

static void add_seal(Store *store, uint32_t n, const char *object)
{
  g_autofree char *name = secret_made_for("p", object, "password");
  SealRow seal = {.run = 1,
                  .n = n,
                  .target = "p",
                  .object = object,
                  .attribute = "password",
                  .label = "",
                  .account = "",
                  .key_id = "k",
                  .box = "b"};
  UNIT_TRUE(store_seal_add(store, &seal, NULL));
  UNIT_TRUE(store_cursor_set(store, SECRETS_MADE_FOR, name, "L-7", NULL));
}

static void fill(Store *store)
{
  g_autoptr(GError) error = NULL;
  RunRow run = {.digest = "d", .plan_path = "none", .host = "h", .ended = 100, .state = "receipts"};
  UNIT_INT(store_run_add(store, &run, &error), 1);
  for (uint32_t n = 1; n <= G_N_ELEMENTS(sent); n++) {
    OpRow op = {.run = 1,
                .n = n,
                .target = "p",
                .object = sent[n - 1].object,
                .kind = sent[n - 1].kind,
                .state = n == 5 ? "sent" : "receipt"};
    g_autofree char *id = g_strdup_printf("id-%u", n);
    UNIT_TRUE(store_op_set(store, &op, &error) &&
              store_binding_set(store, "p", op.object, id, &error));
  }
  add_seal(store, 1, "account/1");
  add_seal(store, 2, "account/2");
  UNIT_NO_ERROR(error);
}

static Product *product_new(const char *receipts)
{
  Product *product = g_new0(Product, 1);
  product->path = g_build_filename(unit_dir(), "product.ldif", NULL);
  product->store_path = g_build_filename(unit_dir(), "idou.db", NULL);
  product->receipts = g_strconcat(product->path, ".receipts", NULL);
  product->config = (TargetConfig){.name = "p",
                                   .type = "fake-product",
                                   .path = product->path,
                                   .receipt_days = 3,
                                   .faults = product->faults};
  product->configs[0] = &product->config;
  product->site = (Site){.store = product->store_path, .targets = product->configs};
  unlink(product->store_path);
  g_autoptr(Store) store = store_open(product->store_path, STORE_WRITE, NULL);
  fill(store);
  UNIT_TRUE(g_file_set_contents(product->receipts, receipts, -1, NULL));
  return product;
}

static void product_free(Product *product)
{
  g_free(product->path);
  g_free(product->store_path);
  g_free(product->receipts);
  g_free(product);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Product, product_free)

static bool note_op(const OpRow *op, void *data)
{
  g_string_append_printf(data, "%u:%s:%s:%d ", op->n, op->state, op->detail ? op->detail : "-",
                         op->n_attempts);
  return true;
}

static bool note_seal(const SealRow *seal, void *data)
{
  g_string_append_printf(data, "seal %s ", seal->state);
  return true;
}

static char *dump(const Product *product)
{
  g_autoptr(Store) store = store_open(product->store_path, STORE_READ, NULL);
  g_autoptr(GString) out = g_string_new(NULL);
  RunRow run = {0};
  UNIT_TRUE(store_run_get(store, 1, &run));
  g_string_append_printf(out, "%s %d ", run.state, (int)run.ended);
  store_ops_each(store, 1, note_op, out, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(sent); i++) {
    const char *id = store_binding_of(store, "p", sent[i].object);
    g_string_append_printf(out, "%s ", id ? id : "-");
  }
  store_seals_each(store, note_seal, out, NULL);
  for (size_t i = 0; i < 2; i++) {
    g_autofree char *name = secret_made_for("p", sent[i].object, "password");
    const char *made = store_cursor_get(store, SECRETS_MADE_FOR, name);
    g_string_append_printf(out, "%s ", made ? made : "-");
  }
  return g_string_free(g_steal_pointer(&out), false);
}

#define ALL                                                                \
  "1 1 done imported\n1 2 refused no such section\n1 3 done\n1 4 failed\n" \
  "1 5 done\n1 6 done\n"
// What was made and refused has no binding, what was to be deleted and is there has; a password that was never set is
// to be made again.
#define AFTER                                                                         \
  "failed 100 1:done:imported:1 2:refused:no such section:1 3:done:-:1 4:failed:-:1 " \
  "5:done:-:1 6:done:-:1 id-1 - - id-4 id-5 id-6 seal valid seal void L-7 - "

static ReceiptsDone take(const Product *product)
{
  g_autoptr(GError) error = NULL;
  ReceiptsDone done;
  UNIT_TRUE(job_receipts_take(&product->site, &done, &error));
  UNIT_NO_ERROR(error);
  return done;
}

static void taken(void)
{
  g_autoptr(Product) product = product_new(ALL);
  for (int round = 0; round < 2; round++) {
    ReceiptsDone done = take(product);
    UNIT_INT(done.taken.n_done, round ? 0 : 4);
    UNIT_INT(done.taken.n_refused, round ? 0 : 1);
    UNIT_INT(done.taken.n_failed, round ? 0 : 1);
    UNIT_INT((int)findings_count(done.taken.findings), round ? 0 : 2);
    UNIT_INT(done.exit, round ? EXIT_DONE : EXIT_FAILED);
    receipts_done_clear(&done);
    g_autofree char *got = dump(product);
    UNIT_STR(got, AFTER, "round %d", round);
    UNIT_TRUE(!g_file_test(product->receipts, G_FILE_TEST_EXISTS), "they are kept");
  }
}

// Told of what is not known, of another's, or once more and otherwise: the journal stays.
static void unknown(void)
{
  g_autoptr(Product) product = product_new(ALL);
  ReceiptsDone done = take(product);
  receipts_done_clear(&done);
  UNIT_TRUE(g_file_set_contents(product->receipts, "1 1 failed\n1 7 done\n9 1 done\n", -1, NULL));
  done = take(product);
  UNIT_INT((int)findings_count(done.taken.findings), 2);
  UNIT_INT((int)findings_count_level(done.taken.findings, FINDING_ERROR), 0);
  UNIT_INT(done.exit, EXIT_DONE);
  receipts_done_clear(&done);
  g_autofree char *got = dump(product);
  UNIT_STR(got, AFTER);
}

// What cannot be read is not half taken, and is told; it can be read another time.
static void unreadable(void)
{
  g_autoptr(Product) product = product_new("1 1 done\n1 2 nonsense\n");
  g_autofree char *before = dump(product);
  ReceiptsDone done = take(product);
  UNIT_INT(done.exit, EXIT_UNREAD);
  UNIT_INT(done.taken.n_done, 0);
  UNIT_STR(findings_at(done.taken.findings, 0)->code, "receipts-unread");
  receipts_done_clear(&done);
  g_autofree char *got = dump(product);
  UNIT_STR(got, before);
  UNIT_TRUE(g_file_test(product->receipts, G_FILE_TEST_EXISTS));
}

static void killed(void)
{
  static const char *const faults[] = {"receipts kill 1", "receipts kill 3", "receipts kill 6",
                                       "receipts kill kept"};
  for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
    g_autoptr(Product) product = product_new(ALL);
    product->faults[0] = faults[i];
    pid_t child = fork();
    int status = 0;
    if (child == 0) {
      ReceiptsDone done;
      job_receipts_take(&product->site, &done, NULL);
      _exit(0);
    }
    waitpid(child, &status, 0);
    UNIT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%s", faults[i]);
    product->faults[0] = NULL;
    ReceiptsDone done = take(product);
    receipts_done_clear(&done);
    g_autofree char *got = dump(product);
    UNIT_STR(got, AFTER, "%s", faults[i]);
  }
}

// ---------------------------------------------------------------------------------------------

static void note_awaited(const ReportAwaited *awaited, void *data)
{
  g_string_append_printf(data, "%d-%u:%s%s ", (int)awaited->run, awaited->n, awaited->object,
                         awaited->overdue ? ":overdue" : "");
}

static void listed(void)
{
  static const struct {
    const char *now, *target, *list;
  } rows[] = {
      {"2027-04-03T23:00:00+09:00", NULL,
       "1-1:account/1 1-2:account/2 1-3:account/3 1-4:account/4 1-6:account/6 "},
      {"2027-04-04T02:00:00+09:00", "p",
       "1-1:account/1:overdue 1-2:account/2:overdue 1-3:account/3:overdue 1-4:account/4:overdue "
       "1-6:account/6:overdue "},
      {"2027-04-04T02:00:00+09:00", "q", ""},
  };
  g_setenv("IDOU_NOW", "2027-04-01T01:00:00+09:00", true);
  g_autoptr(Product) product = product_new("");
  g_autoptr(Store) store = store_open(product->store_path, STORE_READ, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GString) got = g_string_new(NULL);
    g_setenv("IDOU_NOW", rows[i].now, true);
    UNIT_TRUE(job_receipts_each(&product->site, store, rows[i].target, note_awaited, got, NULL));
    UNIT_STR(got->str, rows[i].list, "row %zu", i);
  }
  g_unsetenv("IDOU_NOW");
}

static void by_hand(void)
{
  static const struct {
    const char *number;
    OutcomeKind kind;
    bool settles;
    const char *state;  // the journal's beginning
  } rows[] = {
      {"1-7", OUTCOME_DONE, false, "receipts 100 1:receipt:-:0 2:receipt"},
      {"2", OUTCOME_DONE, false, "receipts 100 1:receipt:-:0 2:receipt"},
      {"1-", OUTCOME_DONE, false, "receipts 100 1:receipt:-:0 2:receipt"},
      {"1-1", OUTCOME_UNKNOWN, false, "receipts 100 1:receipt:-:0 2:receipt"},
      {"1-1", OUTCOME_DONE, true, "receipts 100 1:done:by Tanaka: seen:1 2:receipt"},
      {"1-1", OUTCOME_FAILED, false, "receipts 100 1:done:by Tanaka: seen:1 2:receipt"},
      {"1", OUTCOME_FAILED, true,
       "failed 100 1:done:by Tanaka: seen:1 2:failed:by Tanaka: seen:1 3:failed"},
  };
  g_autoptr(Product) product = product_new("");
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(GError) error = NULL;
    const char *const numbers[] = {rows[i].number, NULL};
    SettleRequest request = {
        .numbers = numbers, .kind = rows[i].kind, .who = "Tanaka", .why = "seen"};
    ReceiptsDone done;
    UNIT_INT(job_receipts_settle(&product->site, &request, &done, &error), rows[i].settles,
             "row %zu", i);
    if (!rows[i].settles)
      UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_USAGE), "row %zu", i);
    receipts_done_clear(&done);
    g_autofree char *got = dump(product);
    UNIT_TRUE(g_str_has_prefix(got, rows[i].state), "row %zu: %s", i, got);
  }
}

typedef struct Asked {
  const char *kind;
  int64_t n;
} Asked;

static bool count_done(const OpDone *done, void *data)
{
  Asked *asked = data;
  asked->n += g_str_equal(done->target, "p") && g_str_equal(done->kind, asked->kind);
  return true;
}

static int64_t done_since(Store *store, const char *kind, Instant since)
{
  Asked asked = {.kind = kind};
  UNIT_TRUE(store_ops_done_each(store, since, count_done, &asked, NULL));
  return asked.n;
}

// A window of the guards counts what was sent on the day on which it was sent, and never again.
static void windows(void)
{
  g_setenv("IDOU_NOW", "2027-04-01T01:00:00+09:00", true);
  g_autoptr(Product) product = product_new("1 5 done\n1 6 done\n");
  Instant sent_at = instant_now();
  g_setenv("IDOU_NOW", "2027-04-02T01:00:00+09:00", true);
  ReceiptsDone done = take(product);
  receipts_done_clear(&done);
  g_autoptr(Store) store = store_open(product->store_path, STORE_WRITE, NULL);
  UNIT_TRUE(store_run_end(store, 1, "done", NULL));
  UNIT_INT(done_since(store, "modify", sent_at), 2);
  UNIT_INT(done_since(store, "create", sent_at), 2);
  UNIT_INT(done_since(store, "modify", sent_at + 1), 0);
  g_unsetenv("IDOU_NOW");
}

static const UnitTest tests[] = {
    {"dependents", dependents}, {"taken", taken},     {"unknown", unknown},
    {"unreadable", unreadable}, {"killed", killed},   {"listed", listed},
    {"by_hand", by_hand},       {"windows", windows}, {NULL, NULL},
};
UNIT_SUITE(receipts, tests);
