// SPDX-License-Identifier: GPL-3.0-or-later
#include "unit.h"

#include "evidence/evidence_p.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

#define NOW 1795143909  // 2026-11-20T12:05:09+09:00
#define MOMENT "2026/11/19 10:00"

static const TargetConfig ad = {.name = "ad", .type = "ad", .base = "DC=x"};
static const TargetConfig *const targets[] = {&ad, NULL};
static const Klass account = {.target = "ad", .name = "account", .subject = FOR_PERSON};

typedef struct Fixture {
  const char *folder;  // another one each time
  Findings *findings;
  Store *store;
  Yaml *yaml;
  EvidenceSources *sources;
} Fixture;

static void give_names(Store *store)
{
  static const char *const logins[] = {"t-yamada", "h-suzuki"};
  g_autoptr(GError) error = NULL;
  store_begin(store, &error);
  for (size_t i = 0; i < G_N_ELEMENTS(logins); i++) {
    uint32_t person = store_subject_add(store, SUBJECT_PERSON, &error);
    store_name_allocate(store, &(NameGift){.kind = "login", .name = logins[i], .subject = person},
                        &error);
  }
  store_commit(store, &error);
  UNIT_NO_ERROR(error);
}

static void setup_with(Fixture *fixture, const char *text)
{
  g_autoptr(GError) error = NULL;
  *fixture = (Fixture){.folder = unit_dir(), .findings = findings_new()};
  const EvidenceWorld world = {fixture->folder, targets};
  g_autofree char *path = g_build_filename(fixture->folder, "idou.db", NULL);
  fixture->yaml = yaml_parse(text, strlen(text), "dormant.yaml", fixture->findings, &error);
  fixture->sources =
      evidence_sources_read(fixture->yaml, yaml_root(fixture->yaml), &world, fixture->findings);
  UNIT_INT(findings_count(fixture->findings), 0, "%s", text);
  fixture->store = store_open(path, STORE_WRITE, &error);
  UNIT_NO_ERROR(error);
  give_names(fixture->store);
}

static void setup(Fixture *fixture, const char *keys)
{
  g_autofree char *text = g_strdup_printf(
      "one: {files: \"use*.csv\", accounts: ad, account: ID, moment: 最終, form: slash, %s}", keys);
  setup_with(fixture, text);
}

static void teardown(Fixture *fixture)
{
  store_close(fixture->store);
  evidence_sources_free(fixture->sources);
  yaml_free(fixture->yaml);
  findings_free(fixture->findings);
}

static void put(const Fixture *fixture, const char *name, const char *text, const char *charset,
                Instant changed)
{
  gsize n_bytes = 0;
  g_autofree char *path = g_build_filename(fixture->folder, name, NULL);
  g_autofree char *bytes = g_convert(text, -1, charset, "UTF-8", NULL, &n_bytes, NULL);
  UNIT_TRUE(bytes != NULL && g_file_set_contents(path, bytes, (gssize)n_bytes, NULL), "%s", name);
  struct utimbuf times = {changed, changed};
  UNIT_INT(utime(path, &times), 0, "%s", name);
}

static void append_told(const Gather *gather, GString *out)
{
  static const char *const objects[] = {"account/1", "account/2"};
  for (size_t i = 0; i < G_N_ELEMENTS(objects); i++) {
    const Gathered *told = g_hash_table_lookup(gather->told, objects[i]);
    if (told == NULL || g_hash_table_contains(gather->doubted, objects[i]))
      continue;
    g_string_append_printf(out, "%s ", objects[i]);
    if (told->moment == INSTANT_NONE)
      g_string_append(out, "never");
    else
      instant_format(told->moment, out);
    g_string_append(out, "; ");
  }
}

// What comes of it: what is told of the two accounts, or the state and why.
static void gather(Fixture *fixture, GString *out, Instant *reaches)
{
  g_autoptr(GError) error = NULL;
  const EvidenceSetup how = {.sources = fixture->sources,
                             .store = fixture->store,
                             .now = NOW,
                             .findings = fixture->findings};
  const Source *source = source_at(fixture->sources, 0);
  Gather it = {.setup = &how,
               .source = source,
               .klass = &account,
               .told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
               .doubted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
               .strangers = g_string_new(NULL),
               .state = "failed"};
  if (files_read(&it, &error))
    append_told(&it, out);
  else
    g_string_append_printf(out, "%s: %s", it.state, error->message);
  *reaches = it.reaches;
  gather_clear(&it);
}

static void one_file(void)
{
  static const struct {
    const char *keys, *charset, *text, *said;
  } rows[] = {
      {"late: 1d", "UTF-8", "ID,最終\nt-yamada," MOMENT "\nh-suzuki,\n",
       "account/1 2026-11-19T10:00:00+09:00; account/2 never; "},
      {"encoding: cp932, separator: tab", "CP932",
       "氏名\tID\t最終\r\n髙橋\tT-Yamada\t" MOMENT "\r\n", "account/1 2026-11-19T10:00:00+09:00; "},
      {"encoding: utf16le", "UTF-16LE", "\xEF\xBB\xBFID,最終\nt-yamada," MOMENT "\n",
       "account/1 2026-11-19T10:00:00+09:00; "},
      {"skip: 2", "UTF-8", "\xEF\xBB\xBF一覧\n2026-11-20,x,y\nID, 最終 \nt-yamada," MOMENT "\n",
       "account/1 2026-11-19T10:00:00+09:00; "},
      // Several rows of one account: the latest counts.
      {"late: 1d", "UTF-8", "ID,最終\nt-yamada,2026/11/1 9:00\nt-yamada," MOMENT "\nt-yamada,\n",
       "account/1 2026-11-19T10:00:00+09:00; "},
      // Of one that is not clear nothing is concluded, whatever other rows say.
      {"late: 1d", "UTF-8", "ID,最終\nt-yamada," MOMENT "\nt-yamada,soon\nh-suzuki,\n",
       "account/2 never; "},
      {"late: 1d", "UTF-8", "ID,最終\nt-yamada," MOMENT "\nh-suzuki,2026/11",
       "short: use.csv: the last line has no end"},
      {"late: 1d", "UTF-8", "ID,最終\nt-yamada," MOMENT "\nh-suz\n",
       "short: use.csv:3: a row with another number of cells"},
      {"late: 1d", "UTF-8", "ID,最終\nt-yamada,\"" MOMENT "\nh-suzuki,\n",
       "short: use.csv:2: a quote"},
      {"late: 1d", "UTF-8", "ID,最終\n", "short: use.csv holds no rows"},
      {"late: 1d", "UTF-8", "", "short: use.csv holds no rows"},
      {"late: 1d", "UTF-8", "ID,Last\nt-yamada," MOMENT "\n",
       "failed: use.csv has no column “最終”"},
      {"late: 1d", "CP932", "ID,最終\nt-yamada," MOMENT "\n",
       "failed: use.csv is not in the encoding"},
      {"header: false", "UTF-8", "t-yamada," MOMENT "\n", "failed: use.csv has no header"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Fixture fixture;
    Instant reaches;
    g_autoptr(GString) out = g_string_new(NULL);
    setup(&fixture, rows[i].keys);
    put(&fixture, "use.csv", rows[i].text, rows[i].charset, NOW - 3600);
    gather(&fixture, out, &reaches);
    UNIT_TRUE(g_str_has_prefix(out->str, rows[i].said), "%zu: %s", i, out->str);
    teardown(&fixture);
  }
}

static void without_header(void)
{
  Fixture fixture;
  Instant reaches;
  g_autoptr(GString) out = g_string_new(NULL);
  setup_with(&fixture, "one: {files: \"use*.csv\", accounts: ad, account: 2, moment: 3, form: "
                       "slash, header: false}");
  put(&fixture, "use.csv", "A-1,t-yamada," MOMENT "\n", "UTF-8", NOW - 3600);
  gather(&fixture, out, &reaches);
  UNIT_STR(out->str, "account/1 2026-11-19T10:00:00+09:00; ");
  teardown(&fixture);
}

// The latest by the day in its name, which the file system's time does not change; one that is still being written is
// left alone.
static void which_file(void)
{
  static const char old_text[] = "ID,最終\nt-yamada,2026/10/1 9:00\n",
                    new_text[] = "ID,最終\nt-yamada," MOMENT "\n";
  static const struct {
    const char *keys, *old_name, *new_name;
    Instant old_changed, new_changed;
    bool is_new;
    const char *reaches;
  } rows[] = {
      {"late: 1d", "use-20261101.csv", "use-20261120.csv", NOW - 90, NOW - 7200, true,
       "2026-11-19T00:00:00+09:00"},
      {"late: 0d", "use_2026-11-01_1200.csv", "use_2026-11-20_0300.csv", NOW - 90, NOW - 7200, true,
       "2026-11-20T00:00:00+09:00"},
      {"late: 0d", "use-20261101.csv", "use-20261120.csv", NOW - 7200, NOW - 10, false,
       "2026-11-01T00:00:00+09:00"},
      {"dated: time", "use-20261120.csv", "use-20261101.csv", NOW - 7200, NOW - 90, true,
       "2026-11-20T12:03:39+09:00"},
      // No day, or two of them: then the file system's time.
      {"late: 0d", "use.csv", "use-20261101-20261120.csv", NOW - 7200, NOW - 90, true,
       "2026-11-20T12:03:39+09:00"},
      {"take: all", "use-20261101.csv", "use-20261120.csv", NOW - 90, NOW - 7200, true,
       "2026-11-20T00:00:00+09:00"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Fixture fixture;
    Instant reaches;
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GString) to = g_string_new(NULL);
    setup(&fixture, rows[i].keys);
    put(&fixture, rows[i].old_name, old_text, "UTF-8", rows[i].old_changed);
    put(&fixture, rows[i].new_name, new_text, "UTF-8", rows[i].new_changed);
    gather(&fixture, out, &reaches);
    instant_format(reaches, to);
    UNIT_STR(out->str,
             rows[i].is_new ? "account/1 2026-11-19T10:00:00+09:00; "
                            : "account/1 2026-10-01T09:00:00+09:00; ",
             "%zu", i);
    UNIT_STR(to->str, rows[i].reaches, "%zu", i);
    teardown(&fixture);
  }
}

static void no_file(void)
{
  static const struct {
    const char *name;
    Instant changed;
    const char *said;
  } rows[] = {{"other.csv", NOW - 3600, "failed: there is no file"},
              {"use.csv", NOW - 10, "failed: there is no file"},
              {"use-20261201.csv", NOW - 3600, "future: use-20261201.csv is of a day"}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Fixture fixture;
    Instant reaches;
    g_autoptr(GString) out = g_string_new(NULL);
    setup(&fixture, "late: 1d");
    put(&fixture, rows[i].name, "ID,最終\nt-yamada," MOMENT "\n", "UTF-8", rows[i].changed);
    gather(&fixture, out, &reaches);
    UNIT_TRUE(g_str_has_prefix(out->str, rows[i].said), "%s", out->str);
    teardown(&fixture);
  }
}

static int make_link(const char *path)
{
  return symlink("use-20261119.csv", path);
}

static int make_folder(const char *path)
{
  struct utimbuf times = {NOW - 3600, NOW - 3600};
  return mkdir(path, 0700) == 0 ? utime(path, &times) : -1;
}

// The link that many exports have to their latest is as new as can be, and not followed; a folder in a
// file's place is no reason to take an older one.
static void no_plain_file(void)
{
  static const struct {
    const char *name;
    int (*make)(const char *path);
    const char *said;
  } rows[] = {{"use-latest.csv", make_link, "account/1 2026-11-19T10:00:00+09:00; "},
              {"use-20261120.csv", make_folder, "failed: "}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Fixture fixture;
    Instant reaches;
    g_autoptr(GString) out = g_string_new(NULL);
    setup(&fixture, "late: 1d");
    put(&fixture, "use-20261119.csv", "ID,最終\nt-yamada," MOMENT "\n", "UTF-8", NOW - 3600);
    g_autofree char *path = g_build_filename(fixture.folder, rows[i].name, NULL);
    UNIT_INT(rows[i].make(path), 0, "%s", path);
    gather(&fixture, out, &reaches);
    UNIT_TRUE(g_str_has_prefix(out->str, rows[i].said), "%s", out->str);
    teardown(&fixture);
  }
}

// Two that are written side by side: either alone says nothing of the other's people.
static void two_series(void)
{
  static const struct {
    const char *keys, *other, *said;
  } rows[] = {
      {"late: 1d", "use-west-20261119.csv", "failed: “files” fits use-"},
      {"stale: 0d", "use-west-20261119.csv", "account/1 "},
      {"take: all", "use-west-20261119.csv", "account/1 2026-11-19T10:00:00+09:00; account/2 "},
      {"late: 1d", "use_2026-11-20_0300 (1).csv", "account/2 "},
      {"late: 1d", "use-west-20261101.csv", "account/1 "}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Fixture fixture;
    Instant reaches;
    g_autoptr(GString) out = g_string_new(NULL);
    setup(&fixture, rows[i].keys);
    put(&fixture, "use-20261120.csv", "ID,最終\nt-yamada," MOMENT "\n", "UTF-8", NOW - 3600);
    put(&fixture, rows[i].other, "ID,最終\nh-suzuki," MOMENT "\n", "UTF-8", NOW - 3600);
    gather(&fixture, out, &reaches);
    UNIT_TRUE(g_str_has_prefix(out->str, rows[i].said), "%zu: %s", i, out->str);
    if (strstr(rows[i].keys, "take: all") != NULL)
      UNIT_INT(reaches, date_start(date_of(2026, 11, 19)), "as far as both");
    teardown(&fixture);
  }
}

static const UnitTest tests[] = {
    {"one_file", one_file}, {"without_header", without_header}, {"which_file", which_file},
    {"no_file", no_file},   {"two_series", two_series},         {"no_plain_file", no_plain_file},
    {NULL, NULL},
};
UNIT_SUITE(evidence_files, tests);
