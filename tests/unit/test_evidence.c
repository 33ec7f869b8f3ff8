// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "evidence/evidence_p.h"

#include <string.h>

#define DAY 86400
#define NOW 1795143909  // 2026-11-20T12:05:09+09:00

static const char *const addresses[] = {"ldaps://dc1", "ldaps://dc2", NULL};
static const TargetConfig ad = {
    .name = "ad", .type = "ad", .base = "DC=x", .uri = "ldaps://dc1", .uris = addresses};
static const TargetConfig ldap = {.name = "ldap", .type = "ldap", .base = "dc=x"};
static const TargetConfig share = {.name = "share", .type = "share", .base = "share=x"};
static const TargetConfig *const targets[] = {&ad, &ldap, &share, NULL};
static const EvidenceWorld world = {"/site", targets};

// ---------------------------------------------------------------------------------------------
// dormant.yaml

typedef struct Read {
  Findings *findings;
  Yaml *yaml;
  EvidenceSources *sources;
} Read;

static Read read_text(const char *text)
{
  Read read = {.findings = findings_new()};
  read.yaml = yaml_parse(text, strlen(text), "dormant.yaml", read.findings, NULL);
  UNIT_TRUE(read.yaml != NULL, "%s", text);
  read.sources = evidence_sources_read(read.yaml, yaml_get(yaml_root(read.yaml), "sources"), &world,
                                       read.findings);
  return read;
}

static void read_clear(Read *read)
{
  evidence_sources_free(read->sources);
  yaml_free(read->yaml);
  findings_free(read->findings);
}

static void faults(void)
{
  static const struct {
    const char *source, *fault;
  } rows[] = {
      {"{target: ad, attribute: lastLogonTimestamp, lag: 14d}", NULL},
      {"{target: ad, attribute: lastLogon, controllers: all}", NULL},
      {"{target: ad, attribute: lastLogon}", "is not replicated"},
      {"{target: ldap, attribute: pwdLastSuccess, controllers: all}", "only a target of type ad"},
      {"{target: none, attribute: x}", "no target “none”"},
      {"{attribute: x}", "a source is"},
      {"{target: ad}", "a source is"},
      {"{target: ad, files: x.csv, account: a, moment: b}", "a source is"},
      {"{files: x.csv, account: a, moment: b}", "“accounts” is missing"},
      {"{files: x.csv, accounts: ad, moment: b}", "“account” is missing"},
      {"{files: x.csv, accounts: ad, account: a}", "“moment” is missing"},
      {"{files: x.csv, accounts: ad, account: a, moment: b, form: wareki}", NULL},
      {"{files: x.csv, accounts: ad, account: a, moment: b, form: [slash, other]}", "not “other”"},
      {"{files: x.csv, accounts: ad, account: a, moment: b, encoding: latin1}", "not “latin1”"},
      {"{files: x.csv, accounts: ad, account: a, moment: b, matches: number}",
       "“space” is missing"},
      {"{files: x.csv, accounts: ad, account: a, moment: b, matches: serial}", "not “serial”"},
      {"{files: x.csv, accounts: ad, account: a, moment: b, matches: {attribute: uid}}", NULL},
      {"{files: x.csv, accounts: ad, account: a, moment: b, matches: {word: uid}}", "“matches” is"},
      {"{files: x.csv, accounts: other/a, account: a, moment: b}", "no target “other”"},
      {"{files: x.csv, accounts: \"\", account: a, moment: b}", "no target “”"},
      {"{target: ldap, attribute: x, lag: soon}", "a span of time"},
      {"{target: ldap, attribute: x, stale: 3}", "a span of time"},
      {"{target: ldap, attribute: x, shrink: 120%}", "a percentage"},
      {"{target: ldap, attribute: x, quiet: 60}", "a span of time"},
      {"{target: ldap, attribute: x, since: 2020-04-01}", NULL},
      {"{target: ldap, attribute: x, since: 2020-04-31}", "“since” is a day"},
      {"{target: ldap, attribute: x, zone: Tokyo}", "“zone” is"},
      {"{target: ldap, attribute: x, missing: gone}", "not “gone”"},
      {"{target: ldap, attribute: x, in: \"table=log\"}", "“account” is missing"},
      {"{target: ldap, below: homes}", "only a target of type share"},
      {"{target: share, below: homes, accounts: ad}", NULL},
      {"{target: ldap, attribut: x}", "attribute"},
      {"{target: ldap, attribute: userPassword}", "is a secret"},
      {"word", "is written"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *text = g_strdup_printf("sources:\n  one: %s\n", rows[i].source);
    Read read = read_text(text);
    size_t n = findings_count(read.findings);
    UNIT_INT(n > 0, rows[i].fault != NULL, "%s", rows[i].source);
    if (n > 0 && rows[i].fault != NULL) {
      UNIT_TRUE(strstr(findings_at(read.findings, 0)->text, rows[i].fault) != NULL, "%s: %s",
                rows[i].source, findings_at(read.findings, 0)->text);
      UNIT_INT(findings_at(read.findings, 0)->line, 2, "%s", rows[i].source);
    }
    read_clear(&read);
  }
}

static void lists_and_doubles(void)
{
  Read read =
      read_text("sources:\n"
                "  - {name: a, target: ldap, attribute: x, lag: 2d, precision: 1h, late: 30d}\n"
                "  - {name: a, target: ldap, attribute: y}\n"
                "  - {target: ldap, attribute: z}\n");
  UNIT_INT(evidence_n_sources(read.sources), 1);
  UNIT_INT(findings_count(read.findings), 2);
  const EvidenceSource *source = evidence_source_at(read.sources, 0);
  UNIT_INT(source->precision_s, 2 * DAY + 3600);
  UNIT_INT(source->late_s, 30 * DAY);
  UNIT_INT(source->stale_s, 3 * DAY);
  UNIT_STR(source->target, "ldap");
  UNIT_STR(source->where, "ldap x");
  UNIT_INT(source->line, 2);
  read_clear(&read);
}

// What is true of lastLogonTimestamp of any domain need not be written.
static void lags(void)
{
  static const struct {
    const char *source;
    int64_t precision_s;
  } rows[] = {{"{target: ad, attribute: lastlogontimestamp}", 14 * DAY},
              {"{target: ad, attribute: lastLogonTimestamp, lag: 5d}", 5 * DAY},
              {"{target: ad, attribute: lastLogon, controllers: all}", 0},
              {"{target: ldap, attribute: pwdLastSuccess}", 0}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *text = g_strdup_printf("sources:\n  one: %s\n", rows[i].source);
    Read read = read_text(text);
    UNIT_INT(evidence_source_at(read.sources, 0)->precision_s, rows[i].precision_s, "%s",
             rows[i].source);
    read_clear(&read);
  }
}

// ---------------------------------------------------------------------------------------------
// Views

typedef struct Fixture {
  Read read;
  Store *store;
} Fixture;

static void setup(Fixture *fixture)
{
  g_autoptr(GError) error = NULL;
  fixture->read = read_text("sources:\n"
                            "  stamp: {target: ad, attribute: lastLogonTimestamp, lag: 14d}\n"
                            "  usb: {files: x.csv, accounts: ad, account: a, moment: b, late: 30d, "
                            "stale: 10d, missing: never}\n"
                            "  other: {target: ldap, attribute: x}\n");
  UNIT_INT(findings_count(fixture->read.findings), 0);
  g_autofree char *path = g_build_filename(unit_dir(), "idou.db", NULL);
  fixture->store = store_open(path, STORE_WRITE, &error);
  UNIT_NO_ERROR(error);
}

static void teardown(Fixture *fixture)
{
  store_close(fixture->store);
  read_clear(&fixture->read);
}

static void stands(Fixture *fixture, const char *name, Instant reaches, const char *state)
{
  g_autoptr(GError) error = NULL;
  EvidenceSourceRow row = {.name = name,
                           .collected = strcmp(state, "never") == 0 ? INSTANT_NONE : NOW - 3600,
                           .reaches = reaches,
                           .n_accounts = 3,
                           .state = strcmp(state, "never") == 0 ? "failed" : state,
                           .detail = strcmp(state, "ok") == 0 ? NULL : "it is away"};
  store_begin(fixture->store, &error);
  store_evidence_source_set(fixture->store, &row, &error);
  store_commit(fixture->store, &error);
  UNIT_NO_ERROR(error);
}

typedef enum When { BEFORE, CURRENT, DOUBTED } When;

static void told(Fixture *fixture, const char *source, const char *object, Instant moment,
                 When when)
{
  g_autoptr(GError) error = NULL;
  size_t i = evidence_source_named(fixture->read.sources, source);
  const EvidenceSource *what = evidence_source_at(fixture->read.sources, i);
  EvidenceRow row = {.source = source,
                     .target = what->target,
                     .object = object,
                     .moment = moment,
                     .precision = moment == INSTANT_NONE ? 0 : what->precision_s + 1,
                     .collected = when == DOUBTED   ? INSTANT_NONE
                                  : when == CURRENT ? NOW - 3600
                                                    : NOW - 9 * DAY};
  store_begin(fixture->store, &error);
  store_evidence_set(fixture->store, &row, &error);
  store_commit(fixture->store, &error);
  UNIT_NO_ERROR(error);
}

static EvidenceView *view_at(Fixture *fixture, Instant judged)
{
  g_autoptr(GError) error = NULL;
  EvidenceView *view =
      evidence_view_open(fixture->store, fixture->read.sources, "ad", judged, &error);
  UNIT_NO_ERROR(error);
  return view;
}

static EvidenceUse ask(const EvidenceView *view, const char *object)
{
  static const size_t both[] = {0, 1};
  EvidenceUse use;
  evidence_view_ask(view, object, both, G_N_ELEMENTS(both), &use);
  return use;
}

static void answers(void)
{
  Fixture fixture;
  setup(&fixture);
  stands(&fixture, "stamp", NOW - 3600, "ok");
  stands(&fixture, "usb", NOW - 31 * DAY, "ok");
  told(&fixture, "stamp", "account/1", NOW - 100 * DAY, CURRENT);
  told(&fixture, "usb", "account/1", NOW - 40 * DAY, CURRENT);
  told(&fixture, "stamp", "account/2", INSTANT_NONE, CURRENT);
  told(&fixture, "stamp", "account/3", NOW - 50 * DAY, BEFORE);
  told(&fixture, "usb", "account/4", NOW - 60 * DAY, BEFORE);
  told(&fixture, "stamp", "account/4", INSTANT_NONE, CURRENT);
  told(&fixture, "usb", "orphan/x", NOW - 70 * DAY, CURRENT);
  told(&fixture, "stamp", "account/6", NOW - 10 * DAY, CURRENT);
  told(&fixture, "usb", "account/6", NOW - 3 * DAY, CURRENT);
  told(&fixture, "stamp", "account/5", INSTANT_NONE, CURRENT);
  told(&fixture, "usb", "account/5", INSTANT_NONE, DOUBTED);
  g_autoptr(EvidenceView) view = view_at(&fixture, NOW);
  static const struct {
    const char *object;
    EvidenceAnswer answer;
    int64_t moment_days, latest_days;  // ago; -1 = none
  } rows[] = {
      {"account/1", EVIDENCE_USED, 40, 40},
      // Whom the inventory does not list had no device.
      {"account/2", EVIDENCE_NEVER, -1, -1},
      // The directory does not tell of it any more.
      {"account/3", EVIDENCE_UNKNOWN, 50, 36},
      {"account/4", EVIDENCE_USED, 60, 60},
      // Exactly three days ago, or perhaps later, by what lags.
      {"account/6", EVIDENCE_USED, 3, -4},
      // It is listed, and with what is no moment: that is not never.
      {"account/5", EVIDENCE_UNKNOWN, -1, -1},
      // Nothing but the inventory knows it.
      {"orphan/x", EVIDENCE_UNKNOWN, 70, 70},
      {"account/9", EVIDENCE_UNKNOWN, -1, -1},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    EvidenceUse use = ask(view, rows[i].object);
    UNIT_INT(use.answer, rows[i].answer, "%s", rows[i].object);
    UNIT_INT(use.moment == INSTANT_NONE ? -1 : (NOW - use.moment) / DAY, rows[i].moment_days, "%s",
             rows[i].object);
    UNIT_INT(use.latest == INSTANT_NONE ? -1 : (NOW - use.latest + 1) / DAY, rows[i].latest_days,
             "%s", rows[i].object);
    UNIT_INT(use.why != NULL, use.answer == EVIDENCE_UNKNOWN, "%s", rows[i].object);
    UNIT_TRUE((use.fault != EVIDENCE_NO_SOURCE) == (use.why != NULL), "%s", rows[i].object);
  }
  // What came late is not known yet: nobody is known not to have used it since.
  UNIT_INT(ask(view, "account/1").unused_to, NOW - 31 * DAY);
  UNIT_INT(evidence_view_n_objects(view), 7);
  teardown(&fixture);
}

// One source that does not count suspends the judgement, and uses that it told of stay uses.
static void suspended(void)
{
  static const struct {
    const char *state;
    int64_t reaches_days;
    EvidenceAnswer answer;
    const char *stands, *why;
  } rows[] = {
      {"ok", 35, EVIDENCE_USED, "ok", NULL},
      {"ok", 41, EVIDENCE_UNKNOWN, "stale", "stale"},
      {"failed", 31, EVIDENCE_UNKNOWN, "failed", "it is away"},
      {"short", 31, EVIDENCE_UNKNOWN, "short", "it is away"},
      {"future", 31, EVIDENCE_UNKNOWN, "future", "it is away"},
      {"never", 31, EVIDENCE_UNKNOWN, "failed", "it is away"},
  };
  Fixture fixture;
  setup(&fixture);
  stands(&fixture, "stamp", NOW - 3600, "ok");
  told(&fixture, "stamp", "account/1", NOW - 100 * DAY, CURRENT);
  told(&fixture, "usb", "account/1", NOW - 40 * DAY, CURRENT);
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    stands(&fixture, "usb", NOW - rows[i].reaches_days * DAY, rows[i].state);
    g_autoptr(EvidenceView) view = view_at(&fixture, NOW);
    EvidenceUse use = ask(view, "account/1");
    UNIT_INT(use.answer, rows[i].answer, "%s", rows[i].state);
    UNIT_INT(use.moment, NOW - 40 * DAY, "%s", rows[i].state);
    UNIT_STR(evidence_view_stand(view, 1)->state, rows[i].stands, "%s", rows[i].state);
    UNIT_INT(use.why != NULL, rows[i].why != NULL, "%s", rows[i].state);
    if (use.why != NULL)
      UNIT_TRUE(strstr(use.why, rows[i].why) != NULL, "%s", use.why);
  }
  teardown(&fixture);
}

static void nothing_known(void)
{
  Fixture fixture;
  setup(&fixture);
  g_autoptr(EvidenceView) view = view_at(&fixture, NOW);
  static const size_t other = 2;
  EvidenceUse use = ask(view, "account/1");
  UNIT_INT(use.answer, EVIDENCE_UNKNOWN);
  UNIT_STR(evidence_view_stand(view, 0)->state, "never");
  UNIT_TRUE(!evidence_view_stand(view, 0)->counts);
  evidence_view_ask(view, "account/1", NULL, 0, &use);
  UNIT_INT(use.answer, EVIDENCE_UNKNOWN);
  UNIT_TRUE(use.why != NULL);
  // Another target's source says nothing of this one's accounts.
  stands(&fixture, "other", NOW - 3600, "ok");
  g_autoptr(EvidenceView) again = view_at(&fixture, NOW);
  evidence_view_ask(again, "account/1", &other, 1, &use);
  UNIT_INT(use.answer, EVIDENCE_UNKNOWN);
  teardown(&fixture);
}

static const UnitTest tests[] = {
    {"faults", faults},
    {"lists_and_doubles", lists_and_doubles},
    {"lags", lags},
    {"answers", answers},
    {"suspended", suspended},
    {"nothing_known", nothing_known},
    {NULL, NULL},
};
UNIT_SUITE(evidence, tests);
