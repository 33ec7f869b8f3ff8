// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <string.h>
#include <sys/stat.h>

#define FILE_MAX_BYTES ((size_t)1 << 30)

typedef struct LayoutOptions {
  char *output, *space, *layout;
  gboolean json;
} LayoutOptions;

static void layout_options_clear(LayoutOptions *options)
{
  g_free(options->output);
  g_free(options->space);
  g_free(options->layout);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LayoutOptions, layout_options_clear)

// "{name}.count" when such a file stands beside the one that is guessed.
static const char *count_file(const char *path)
{
  static const char *const patterns[] = {"{name}.count", "{name}.cnt", "{name}.csv.count"};
  static const char *const endings[] = {".count", ".cnt", ".csv.count"};
  g_autofree char *stem = g_str_has_suffix(path, ".csv")
                              ? g_strndup(path, strlen(path) - strlen(".csv"))
                              : g_strdup(path);
  for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++) {
    g_autofree char *beside = g_strconcat(stem, endings[i], NULL);
    if (g_file_test(beside, G_FILE_TEST_IS_REGULAR))
      return patterns[i];
  }
  return NULL;
}

// A layout that somebody has worked on is not written over.
static bool save(const char *path, const GString *yaml, GError **error)
{
  struct stat status;
  if (lstat(path, &status) == 0) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s exists; name another file"), path);
    return false;
  }
  return file_write(path, yaml->str, yaml->len, 0644, error);
}

static int layout_guess(const Cli *cli, const char *path, const LayoutOptions *options)
{
  (void)cli;
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GBytes) bytes = file_read(path, FILE_MAX_BYTES, &error);
  g_autofree char *base = g_path_get_basename(path);
  if (bytes == NULL)
    return cli_fail(error);
  GuessOptions how = {.name = base, .space = options->space, .count_file = count_file(path)};
  g_auto(Guessed) guessed = {0};
  bool made = guess_layout(bytes, &how, findings, &guessed);
  cli_findings(findings, false);
  if (!made)
    return EXIT_REJECTED;
  if (options->output != NULL && !save(options->output, guessed.yaml, &error))
    return cli_fail(error);
  if (options->output == NULL)
    cli_print(guessed.yaml);
  fprintf(options->output == NULL ? stderr : stdout,
          _("layout: %s, %" G_GINT64_FORMAT " rows, %zu columns, %zu gaps\n"), guessed.kind,
          guessed.n_rows, guessed.n_columns, guessed.n_gaps);
  return guessed.n_gaps > 0 ? EXIT_REJECTED : EXIT_DONE;
}

// ---------------------------------------------------------------------------------------------

static int show_codes(const char *path, const IntakeCodes *codes, bool json)
{
  g_autoptr(GString) out = g_string_new(NULL);
  report_codes(path, codes, json, out);
  cli_print(out);
  return codes->codes->len > 0 ? EXIT_REJECTED : EXIT_DONE;
}

static int layout_codes(const Cli *cli, const char *path, const LayoutOptions *options)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Layout) own = NULL;
  g_autoptr(Site) site = NULL;
  int exit_code;
  if (!cli_layout_file(options->layout, &own, &exit_code) ||
      (own == NULL && (site = cli_site(cli, &exit_code)) == NULL))
    return exit_code;
  const Layout *layout = cli_layout(site, own, options->layout, path);
  g_autoptr(GBytes) bytes = layout == NULL ? NULL : file_read(path, FILE_MAX_BYTES, &error);
  if (layout == NULL)
    return EXIT_USAGE;
  if (bytes == NULL)
    return cli_fail(error);
  g_autofree char *base = g_path_get_basename(path);
  g_autoptr(Findings) findings = findings_new();
  g_auto(IntakeCodes) codes = {0};
  IntakeOptions how = {.layout = layout, .gaiji = site != NULL ? site->gaiji : NULL, .name = base};
  if (intake_codes(bytes, &how, findings, &codes))
    return show_codes(path, &codes, options->json);
  cli_findings(findings, false);
  return EXIT_REJECTED;
}

static const struct {
  const char *name;
  int (*run)(const Cli *cli, const char *path, const LayoutOptions *options);
} actions[] = {{"guess", layout_guess}, {"codes", layout_codes}};

int cmd_layout(const Cli *cli, int argc, char **argv)
{
  g_auto(LayoutOptions) options = {0};
  const GOptionEntry entries[] = {
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
       N_("guess: where to write the proposal"), "FILE"},
      {"space", 0, 0, G_OPTION_ARG_STRING, &options.space,
       N_("guess: namespace of the numbers (city)"), "NAME"},
      {"layout", 'l', 0, G_OPTION_ARG_STRING, &options.layout,
       N_("codes: layout to read the file by, a name or a file"), "NAME"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("codes: print JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("layout"), entries, _("guess|codes FILE"), 2, &argc, &argv))
    return EXIT_USAGE;
  for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
    if (strcmp(argv[1], actions[i].name) == 0)
      return actions[i].run(cli, argv[2], &options);
  fprintf(stderr, _("idou layout: there is no action \"%s\"\n"), argv[1]);
  return EXIT_USAGE;
}
