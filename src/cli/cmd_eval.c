// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <string.h>

static bool read_field(const char *setting, GArray *fields)
{
  const char *equals = strchr(setting, '=');
  if (equals == NULL || equals == setting) {
    fprintf(stderr, _("idou eval: --set takes NAME=VALUE, not \"%s\"\n"), setting);
    return false;
  }
  EvalField field = {g_strndup(setting, (gsize)(equals - setting)), equals + 1};
  g_array_append_val(fields, field);
  return true;
}

static void free_field(gpointer data)
{
  g_free((char *)((EvalField *)data)->name);
}

int cmd_eval(const Cli *cli, int argc, char **argv)
{
  (void)cli;
  g_auto(GStrv) settings = NULL;
  g_autofree char *tables = NULL;
  const GOptionEntry entries[] = {
      {"set", 's', 0, G_OPTION_ARG_STRING_ARRAY, &settings, N_("a field's value"), "NAME=VALUE"},
      {"tables", 't', 0, G_OPTION_ARG_FILENAME, &tables, N_("folder of lookup tables"), "FOLDER"},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("eval"), entries, "TEMPLATE", 1, &argc, &argv))
    return EXIT_USAGE;
  g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(EvalField));
  g_array_set_clear_func(fields, free_field);
  for (char **setting = settings; setting != NULL && *setting != NULL; setting++)
    if (!read_field(*setting, fields))
      return EXIT_USAGE;
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) out = g_string_new(NULL);
  if (!mapping_eval(argv[1], (const EvalField *)(const void *)fields->data, fields->len, tables,
                    out, &error))
    return cli_fail(error);
  g_autoptr(GString) line = g_string_new(NULL);
  escape_text(line, out->str, ESCAPE_TERMINAL);
  printf("%s\n", line->str);
  return EXIT_DONE;
}
