// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is taken from accounts that nobody uses, stands behind or asks for. Listed here; made and lifted by plans alone.
#include "cli/cli_p.h"

#include <string.h>

typedef struct RestrictionsOptions {
  char *target, *object, *what, *cause, *group, *by, *reason, *until, *output, *bundle;
  gboolean apply, json;
} RestrictionsOptions;

static void restrictions_options_clear(RestrictionsOptions *options)
{
  char *const texts[] = {options->target, options->object, options->what,   options->cause,
                         options->group,  options->by,     options->reason, options->until,
                         options->output, options->bundle};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    g_free(texts[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RestrictionsOptions, restrictions_options_clear)

static int list(const Cli *cli, const RestrictionsOptions *options)
{
  int exit_code;
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  RestrictionsTold told;
  if (site == NULL)
    return exit_code;
  bool fine = job_restrictions_told(site, options->target, &told, &error);
  if (fine) {
    report_restrictions(told.list, options->json, text);
    if (!options->json && told.list->len == 0)
      g_string_append(text, _("nothing is restricted\n"));
  }
  cli_print(text);
  restrictions_told_clear(&told);
  return fine ? EXIT_DONE : cli_fail(error);
}

// ---------------------------------------------------------------------------------------------
// A plan of them.

static int plan(const Cli *cli, const Site *site, const RestrictionsOptions *options,
                const GArray *restrictions)
{
  g_autoptr(GError) error = NULL;
  const PlanRequest request = {.as_of = date_of_instant(instant_now()),
                               .known_at = INSTANT_OPEN,
                               .bundle = options->bundle,
                               .restrictions = restrictions,
                               .by = options->by};
  const CliSave save = {options->output, options->apply, options->by};
  Planned planned;
  bool fine = job_plan(site, &request, &planned, &error);
  cli_findings(planned.findings, false);
  int exit_code = fine ? cli_planned(cli, site, &planned, &save) : cli_fail(error);
  planned_clear(&planned);
  return exit_code;
}

static bool is_said(const RestrictionsOptions *options)
{
  if (options->by != NULL && *options->by != '\0' && options->reason != NULL &&
      *options->reason != '\0')
    return true;
  fprintf(stderr, _("idou restrictions: --by and --reason are needed\n"));
  return false;
}

// ---------------------------------------------------------------------------------------------
// Lifting.

static const RestrictionRow *find(const RestrictionsTold *told, int64_t id)
{
  for (guint i = 0; i < told->list->len; i++)
    if (g_array_index(told->list, ReportRestriction, i).row.id == id)
      return &g_array_index(told->list, ReportRestriction, i).row;
  return NULL;
}

static bool take_numbers(const RestrictionsTold *told, const RestrictionsOptions *options,
                         char **numbers, GArray *out)
{
  for (; *numbers != NULL; numbers++) {
    gint64 id = 0;
    bool number = g_ascii_string_to_signed(*numbers, 10, 1, G_MAXINT64, &id, NULL);
    const RestrictionRow *row = number ? find(told, id) : NULL;
    if (row == NULL) {
      fprintf(stderr, _("idou restrictions: no restriction “%s” stands\n"), *numbers);
      return false;
    }
    Restriction lifted = {RESTRICTION_LIFTED, *row};
    lifted.row.lifted_by = options->by;
    lifted.row.lifted_why = options->reason;
    g_array_append_val(out, lifted);
  }
  return true;
}

static int lift(const Cli *cli, const RestrictionsOptions *options, char **arguments)
{
  int exit_code;
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(Restriction));
  if (arguments[0] == NULL || !is_said(options)) {
    if (arguments[0] == NULL)
      fprintf(stderr, _("idou restrictions: say the numbers of those to lift\n"));
    return EXIT_USAGE;
  }
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  RestrictionsTold told;
  if (site == NULL)
    return exit_code;
  if (!job_restrictions_told(site, NULL, &told, &error))
    exit_code = cli_fail(error);
  else if (!take_numbers(&told, options, arguments, list))
    exit_code = EXIT_USAGE;
  else
    exit_code = plan(cli, site, options, list);
  restrictions_told_clear(&told);
  return exit_code;
}

// ---------------------------------------------------------------------------------------------
// Adding.

static bool is_one_of(const char *option, const char *word, const char *const *words)
{
  if (word != NULL && g_strv_contains(words, word))
    return true;
  g_autofree char *all = g_strjoinv(", ", (char **)words);
  fprintf(stderr, _("idou restrictions: --%s is one of %s\n"), option, all);
  return false;
}

static bool is_whole(const RestrictionsOptions *options, char **people)
{
  static const char *const whats[] = {RESTRICT_NOTICE, RESTRICT_DISABLE, RESTRICT_RIGHTS,
                                      RESTRICT_EDGE,   RESTRICT_ABSENT,  NULL};
  static const char *const causes[] = {RESTRICTION_DORMANT, RESTRICTION_ORPHAN,
                                       RESTRICTION_RECERTIFIED, NULL};
  if (!is_said(options) || !is_one_of("what", options->what, whats) ||
      !is_one_of("cause", options->cause, causes))
    return false;
  bool edge = strcmp(options->what, RESTRICT_EDGE) == 0;
  if (options->target != NULL && edge == (options->group != NULL) &&
      (options->object != NULL) != (people[0] != NULL))
    return true;
  fprintf(stderr, _("idou restrictions: --target is needed, and people or --object; --group for an "
                    "edge and for nothing else\n"));
  return false;
}

static bool list_objects(const Site *site, const RestrictionsOptions *options, char **people,
                         GPtrArray *objects, GError **error)
{
  if (options->object != NULL)
    g_ptr_array_add(objects, g_strdup(options->object));
  return people[0] == NULL ||
         job_person_objects(site, (const char *const *)people, options->target, objects, error);
}

static int add(const Cli *cli, const RestrictionsOptions *options, char **people)
{
  int exit_code;
  Date until = DATE_OPEN;
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(Restriction));
  g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(g_free);
  if (!is_whole(options, people) || (options->until != NULL && !cli_date(options->until, &until)))
    return EXIT_USAGE;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  if (!list_objects(site, options, people, objects, &error))
    return cli_fail(error);
  for (guint i = 0; i < objects->len; i++) {
    const Restriction one = {RESTRICTION_NEW,
                             {.target = options->target,
                              .object = g_ptr_array_index(objects, i),
                              .cause = options->cause,
                              .what = options->what,
                              .group = options->group != NULL ? options->group : "",
                              .reason = options->reason,
                              .source = "",
                              .who = options->by,
                              .until = until,
                              .lifted = INSTANT_NONE}};
    g_array_append_val(list, one);
  }
  return plan(cli, site, options, list);
}

int cmd_restrictions(const Cli *cli, int argc, char **argv)
{
  g_auto(RestrictionsOptions) options = {0};
  const GOptionEntry entries[] = {
      {"target", 0, 0, G_OPTION_ARG_STRING, &options.target, N_("of this target"), "NAME"},
      {"object", 0, 0, G_OPTION_ARG_STRING, &options.object,
       N_("add: of this object, account/17 or orphan/ID"), "OBJECT"},
      {"what", 0, 0, G_OPTION_ARG_STRING, &options.what,
       N_("add: notice, disable, rights, edge or absent"), "WHAT"},
      {"cause", 0, 0, G_OPTION_ARG_STRING, &options.cause,
       N_("add: dormant, orphan or recertified"), "CAUSE"},
      {"group", 0, 0, G_OPTION_ARG_STRING, &options.group, N_("add: the group of an edge"),
       "OBJECT"},
      {"until", 0, 0, G_OPTION_ARG_STRING, &options.until, N_("add: it stands before this day"),
       "DATE"},
      {"by", 0, 0, G_OPTION_ARG_STRING, &options.by, N_("who says so"), "WHO"},
      {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("why"), "TEXT"},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_("where to save the plan"),
       "FILE"},
      {"bundle", 0, 0, G_OPTION_ARG_FILENAME, &options.bundle,
       N_("in a segment: what the rules want comes from there"), "FILE"},
      {"apply", 0, 0, G_OPTION_ARG_NONE, &options.apply, N_("apply the plan at once"), NULL},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("list as JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("restrictions"), entries,
                   _("[add PERSON…|--object OBJECT] | [lift NUMBER…]"), -1, &argc, &argv))
    return EXIT_USAGE;
  if (argc == 1)
    return list(cli, &options);
  if (strcmp(argv[1], "lift") == 0)
    return lift(cli, &options, argv + 2);
  if (strcmp(argv[1], "add") == 0)
    return add(cli, &options, argv + 2);
  fprintf(stderr, _("idou restrictions: nothing, or add, or lift\n"));
  return EXIT_USAGE;
}
