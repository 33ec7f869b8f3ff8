// SPDX-License-Identifier: GPL-3.0-or-later
//
// dormant.yaml and the exemptions: what is wrong with them is said with its place, and nothing is taken in part.
#include "unit.h"

#include "idou/dormant.h"

#include <glib/gstdio.h>
#include <string.h>

#define SOURCES                                                          \
  "sources:\n"                                                           \
  "  a: {files: a-*.csv, accounts: ad, account: login, moment: last}\n"  \
  "  b: {files: b-*.csv, accounts: dir, account: login, moment: last}\n" \
  "policies:\n"
#define POLICY(rest) SOURCES "  - {name: p, target: ad, sources: a, " rest "}\n"
#define HEADER "対象,システム,理由,承認者,期限\n"

static char *write_in(const char *folder, const char *name, const char *text)
{
  char *path = g_build_filename(folder, name, NULL);
  g_file_set_contents(path, text, -1, NULL);
  return path;
}

// The codes of its errors, " " between them; "" = it was loaded.
static void load(const char *yaml, const char *exemptions, GString *codes)
{
  g_autofree char *folder = g_dir_make_tmp("idou-unit-XXXXXX", NULL);
  g_autofree char *path = write_in(folder, "dormant.yaml", yaml);
  g_autofree char *csv = write_in(folder, "exemptions.csv", exemptions);
  TargetConfig ad = {.name = "ad", .type = "ldif"}, dir = {.name = "dir", .type = "ldif"};
  const TargetConfig *const targets[] = {&ad, &dir, NULL};
  EvidenceWorld world = {.folder = folder, .targets = targets};
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GError) error = NULL;
  g_autoptr(Dormant) dormant = dormant_load(path, &world, findings, &error);
  g_string_truncate(codes, 0);
  for (size_t i = 0; i < findings_count(findings); i++) {
    const Finding *finding = findings_at(findings, i);
    if (finding->level == FINDING_ERROR)
      g_string_append_printf(codes, "%s%s:%d", codes->len > 0 ? " " : "", finding->code,
                             (int)finding->line);
  }
  UNIT_INT(dormant == NULL, codes->len > 0, "%s", yaml);
  UNIT_INT(error != NULL, codes->len > 0, "%s", yaml);
  g_unlink(csv);
  g_unlink(path);
  g_rmdir(folder);
}

static void files(void)
{
  static const struct {
    const char *yaml, *codes;
  } rows[] = {
      {POLICY("notice: 60d"), ""},
      {POLICY("notice: 60d, disable: {after: 90d, grace: 14d}, rights: 120d, delete: 400d"), ""},
      {POLICY("disable: 90d, delete: 400d"), ""},
      {POLICY("also: b, disable: 90d"), ""},
      {POLICY("where: {employment: temporary}, members: [g-1, g-2], disable: 90d"), ""},
      {POLICY("where: {employment: {not: [regular, term]}}, disable: 90d"), ""},
      {POLICY("orphans: true, disable: 90d"), ""},
      {POLICY("nothing: 60d"), "yaml-key-unknown:5 dormant-stage:5"},
      {POLICY("notice: 90d, disable: 60d"), "dormant-stage:5"},
      {POLICY("notice: 90d, disable: 90d"), "dormant-stage:5"},
      {POLICY("notice: 0d"), "dormant-stage:5"},
      {POLICY("disable: {grace: 14d}"), "dormant-stage:5 dormant-stage:5"},
      {POLICY("disable: soon"), "yaml-value:5 dormant-stage:5"},
      {POLICY("also: a, disable: 90d"), "dormant-source:5"},
      {POLICY("where: regular, disable: 90d"), "dormant-where:5"},
      {POLICY("members: [], disable: 90d"), "dormant-words:5"},
      {POLICY("where: {employment: []}, disable: 90d"), "dormant-words:5"},
      {POLICY("where: {employment: {}}, disable: 90d"), "dormant-words:5"},
      {POLICY("where: {employment: {not: []}}, disable: 90d"), "dormant-words:5"},
      {POLICY("orphans: true, members: g-1, disable: 90d"), "dormant-orphans:5"},
      {POLICY("object: user, orphans: true, disable: 90d"), "dormant-orphans:5"},
      {SOURCES "  - {name: p, target: ad, sources: c, notice: 60d}\n", "dormant-source:5"},
      {SOURCES "  - {name: p, target: ad, sources: b, notice: 60d}\n", "dormant-source:5"},
      {SOURCES "  - {name: p, target: ad, notice: 60d}\n", "dormant-no-source:5"},
      {SOURCES "  - {name: p, target: no, sources: a, notice: 60d}\n",
       "dormant-source:5 dormant-target:5"},
      {SOURCES "  - {target: ad, sources: a, notice: 60d}\n", "key-missing:5"},
      {SOURCES "  - {name: p, target: ad, sources: a, notice: 60d}\n"
               "  - {name: p, target: ad, sources: a, notice: 60d}\n",
       "dormant-name:6"},
      {SOURCES "  p: {target: ad, sources: a, notice: 60d}\n", "dormant-policies:5"},
      {POLICY("notice: 60d") "tell: {heads: perhaps}\n", "yaml-value:6"},
      {POLICY("notice: 60d") "told: yes\n", "yaml-key-unknown:6"},
  };
  g_autoptr(GString) codes = g_string_new(NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    load(rows[i].yaml, HEADER, codes);
    UNIT_STR(codes->str, rows[i].codes, "%s", rows[i].yaml);
  }
}

static void exemptions(void)
{
  static const struct {
    const char *csv, *codes;
  } rows[] = {
      {HEADER "000310,ad,議会,課長,2028-03-31\n", ""},
      {HEADER "000310,*,議会,課長,令和10年3月31日\n", ""},
      {"account,target,reason,approver,until\naccount/17,ad,a,b,2028/3/31\n", ""},
      {HEADER "\n,,,,\n", ""},
      {HEADER "000310,ad,議会,課長,\n", "exemption-missing:2"},
      {HEADER "000310,ad,,課長,2028-03-31\n", "exemption-missing:2"},
      {HEADER "000310,ad,議会,,2028-03-31\n", "exemption-missing:2"},
      {HEADER "000310,,議会,課長,2028-03-31\n", "exemption-missing:2"},
      {HEADER ",ad,議会,課長,2028-03-31\n", "exemption-missing:2"},
      {HEADER "000310,ad,議会,課長,いつまでも\n", "exemption-day:2"},
      {HEADER "000310,ad,議会,課長,2028-02-30\n", "exemption-day:2"},
      {HEADER "000310,AD,議会,課長,2028-03-31\n", "exemption-target:2"},
      {HEADER "000310,ad,議会,課長,2028-03-31", "exemption-short:2"},
      {HEADER "000310,ad,議会,課長,2028-03-31\n000311,ad,議会,課",
       "exemption-missing:3 exemption-short:3"},
      {"", "table-header:1"},
      {"対象,システム,理由,期限\n000310,ad,議会,2028-03-31\n", "exemption-header:1"},
  };
  g_autoptr(GString) codes = g_string_new(NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    load(POLICY("notice: 60d") "exemptions: exemptions.csv\n", rows[i].csv, codes);
    UNIT_STR(codes->str, rows[i].codes, "%s", rows[i].csv);
  }
}

static void graces(void)
{
  g_autofree char *folder = g_dir_make_tmp("idou-unit-XXXXXX", NULL);
  g_autofree char *path =
      write_in(folder, "dormant.yaml",
               POLICY("notice: 60d, disable: {after: 90d, grace: 14d}, delete: 400d"));
  TargetConfig ad = {.name = "ad", .type = "ldif"}, dir = {.name = "dir", .type = "ldif"};
  const TargetConfig *const targets[] = {&ad, &dir, NULL};
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GError) error = NULL;
  g_autoptr(Dormant) dormant =
      dormant_load(path, &(EvidenceWorld){.folder = folder, .targets = targets}, findings, &error);
  UNIT_NO_ERROR(error, "loads");
  const DormantStep *steps = dormant == NULL ? NULL : dormant_policy(dormant, 0)->steps;
  if (steps != NULL) {
    UNIT_INT(steps[DORMANT_DISABLE].grace_days, 14, "as it says");
    UNIT_INT(steps[DORMANT_DELETE].grace_days, 310, "the days between the two");
    UNIT_INT(steps[DORMANT_RIGHTS].given, false, "left out");
  }
  g_unlink(path);
  g_rmdir(folder);
}

static const UnitTest tests[] = {
    {"files", files}, {"exemptions", exemptions}, {"graces", graces}, {NULL, NULL}};
UNIT_SUITE(dormant_load, tests);
