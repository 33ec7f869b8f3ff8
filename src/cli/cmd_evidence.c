// SPDX-License-Identifier: GPL-3.0-or-later
//
// When accounts were used last, as sources tell it, and how the sources stand.
#include "cli/cli_p.h"

#include <string.h>

static bool as_subject(const char *object, GHashTable *subjects)
{
  const char *slash = strchr(object, '/');
  guint64 subject = 0;
  return slash != NULL &&
         g_ascii_string_to_unsigned(slash + 1, 10, 1, UINT32_MAX, &subject, NULL) &&
         g_hash_table_contains(subjects, GUINT_TO_POINTER((guint)subject));
}

static bool take_holder(const char *space, uint32_t person, void *data)
{
  (void)space;
  g_hash_table_add(data, GUINT_TO_POINTER(person));
  return true;
}

static bool take_login(const NameRow *name, void *data)
{
  if (name->subject != 0)
    g_hash_table_add(data, GUINT_TO_POINTER(name->subject));
  return true;
}

// Of a number, with its space or without, or a login.
static bool find_people(Store *store, const char *text, GHashTable *people, GError **error)
{
  const char *slash = strchr(text, '/');
  g_autofree char *space = slash == NULL ? NULL : g_strndup(text, (size_t)(slash - text));
  uint32_t holder = slash == NULL ? 0
                                  : store_link_find(store, SUBJECT_PERSON, space, slash + 1,
                                                    date_of_instant(instant_now()));
  if (holder != 0)
    g_hash_table_add(people, GUINT_TO_POINTER(holder));
  return store_links_numbered(store, SUBJECT_PERSON, text, take_holder, people, error) &&
         store_names_like(store, text, take_login, people, error);
}

typedef struct Showing {
  const EvidenceSources *sources;
  GHashTable *people;
  const char *text;
  GArray *rows;  // ReportEvidence
  GPtrArray *views;
} Showing;

// "account/17" and "orphan/ID" themselves, alone or behind their target, and all of the person's.
static bool is_meant(const Showing *showing, const char *target, const char *object)
{
  size_t n = strlen(target);
  bool named = strcmp(showing->text, object) == 0 ||
               (strncmp(showing->text, target, n) == 0 && showing->text[n] == '/' &&
                strcmp(showing->text + n + 1, object) == 0);
  return named || (!g_str_has_prefix(object, OBJECT_ORPHAN) && as_subject(object, showing->people));
}

static void add_object(Showing *showing, const EvidenceView *view, const char *object)
{
  size_t n_sources = evidence_n_sources(showing->sources);
  g_autofree EvidenceTold *told = g_new0(EvidenceTold, n_sources + 1);
  size_t n = evidence_view_told(view, object, told);
  for (size_t i = 0; i < n; i++) {
    ReportEvidence row = {evidence_source_at(showing->sources, told[i].source), object, told[i]};
    g_array_append_val(showing->rows, row);
  }
}

static bool add_target(Showing *showing, Store *store, const char *target, GError **error)
{
  EvidenceView *view = evidence_view_open(store, showing->sources, target, instant_now(), error);
  if (view == NULL)
    return false;
  g_ptr_array_add(showing->views, view);
  for (size_t i = 0; i < evidence_view_n_objects(view); i++)
    if (is_meant(showing, target, evidence_view_object(view, i)))
      add_object(showing, view, evidence_view_object(view, i));
  return true;
}

static bool add_all(Showing *showing, Store *store, GError **error)
{
  g_autoptr(GHashTable) done = g_hash_table_new(g_str_hash, g_str_equal);
  for (size_t i = 0; i < evidence_n_sources(showing->sources); i++) {
    const char *target = evidence_source_at(showing->sources, i)->target;
    if (g_hash_table_add(done, (gpointer)target) && !add_target(showing, store, target, error))
      return false;
  }
  return true;
}

static void free_view(gpointer view)
{
  evidence_view_free(view);
}

static int show_account(Store *store, const EvidenceSources *sources, const char *text, bool json)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) out = g_string_new(NULL);
  g_autoptr(GHashTable) people = g_hash_table_new(NULL, NULL);
  g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(ReportEvidence));
  g_autoptr(GPtrArray) views = g_ptr_array_new_with_free_func(free_view);
  Showing showing = {sources, people, text, rows, views};
  if (!find_people(store, text, people, &error) || !add_all(&showing, store, &error))
    return cli_fail(error);
  report_evidence_told(rows, json, out);
  cli_print(out);
  if (rows->len > 0)
    return EXIT_DONE;
  g_autoptr(GString) name = g_string_new(NULL);
  escape_text(name, text, ESCAPE_TERMINAL);
  fprintf(stderr, _("idou evidence: no source has told of “%s”\n"), name->str);
  return EXIT_USAGE;
}

static int show_sources(Store *store, const EvidenceSources *sources, Instant judged, bool json)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) out = g_string_new(NULL);
  // Of no target: how the sources stand is the same for all.
  g_autoptr(EvidenceView) view = evidence_view_open(store, sources, "", judged, &error);
  if (view == NULL)
    return cli_fail(error);
  report_evidence_sources(sources, view, json, out);
  cli_print(out);
  return EXIT_DONE;
}

static int collect(const Cli *cli, const char *source)
{
  int exit_code = EXIT_DONE;
  EvidenceDone done = {0};
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  bool fine = job_evidence(site, source, findings, &done, &error);
  cli_findings(findings, false);
  if (!fine)
    return cli_fail(error);
  printf(_("evidence: %zu of %zu sources, %zu accounts\n"), done.n_sources - done.n_bad,
         done.n_sources, done.n_rows);
  return (int)done.exit;
}

static int forget(const Cli *cli, const char *source)
{
  int exit_code = EXIT_DONE;
  g_autoptr(GError) error = NULL;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  if (source == NULL) {
    fprintf(stderr, _("idou evidence: say which source is to be forgotten\n"));
    return EXIT_USAGE;
  }
  return job_evidence_forget(site, source, &error) ? EXIT_DONE : cli_fail(error);
}

static int show(const Cli *cli, const char *text, Instant judged, bool json)
{
  int exit_code = EXIT_DONE;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  if (!cli_open(cli, STORE_READ, &site, &store, &exit_code))
    return exit_code;
  g_autoptr(Dormant) dormant = job_dormant_load(site, findings, &error);
  cli_findings(findings, false);
  if (dormant == NULL)
    return cli_fail(error);
  return text != NULL ? show_account(store, dormant_sources(dormant), text, json)
                      : show_sources(store, dormant_sources(dormant), judged, json);
}

int cmd_evidence(const Cli *cli, int argc, char **argv)
{
  gboolean json = FALSE;
  g_autofree char *as_of = NULL;
  const GOptionEntry entries[] = {
      {"as-of", 0, 0, G_OPTION_ARG_STRING, &as_of,
       N_("how the sources stand on that day (default: now)"), "DATE"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("print it as JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  Instant judged = instant_now();
  Date day = DATE_NONE;
  if (!cli_options(cli_command("evidence"), entries,
                   _("[NUMBER|LOGIN|OBJECT | collect [SOURCE] | forget SOURCE]"), -1, &argc,
                   &argv) ||
      (as_of != NULL && !cli_date(as_of, &day)))
    return EXIT_USAGE;
  if (as_of != NULL)
    judged = date_start(day);
  const char *word = argc > 1 ? argv[1] : NULL, *what = argc > 2 ? argv[2] : NULL;
  if (g_strcmp0(word, "collect") == 0)
    return collect(cli, what);
  if (g_strcmp0(word, "forget") == 0)
    return forget(cli, what);
  return show(cli, word, judged, json);
}
