// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <string.h>

// How full the shares are, for the monthly report.

static void append_bytes(GString *out, uint64_t bytes)
{
  g_autofree char *text = g_format_size_full(bytes, G_FORMAT_SIZE_IEC_UNITS);
  g_string_append_printf(out, "%12s", text);
}

static void tell_text(const Capacity *capacity, void *data)
{
  GString *out = data;
  append_bytes(out, capacity->used);
  if (capacity->limit > 0)
    append_bytes(out, capacity->limit);
  else
    g_string_append_printf(out, "%12s", "-");
  g_string_append_printf(out, "  %s%s", capacity->target, *capacity->folder ? "/" : "");
  escape_text(out, capacity->folder, ESCAPE_TERMINAL);
  if (capacity->n_closed > 0)
    g_string_append_printf(out,
                           _("  (without %" G_GUINT64_FORMAT " folders that are closed to us)"),
                           capacity->n_closed);
  g_string_append_c(out, '\n');
}

static void tell_csv(const Capacity *capacity, void *data)
{
  GString *out = data;
  escape_text(out, capacity->target, ESCAPE_CSV);
  g_string_append_c(out, ',');
  escape_text(out, capacity->folder, ESCAPE_CSV);
  g_string_append_printf(out, ",%" G_GUINT64_FORMAT ",", capacity->used);
  if (capacity->limit > 0)
    g_string_append_printf(out, "%" G_GUINT64_FORMAT, capacity->limit);
  if (capacity->whole)
    g_string_append(out, ",,\r\n");
  else
    g_string_append_printf(out, ",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "\r\n",
                           capacity->n_files, capacity->n_closed);
}

static bool is_meant(const TargetConfig *config, const char *name)
{
  return strcmp(config->type, "share") == 0 && (name == NULL || strcmp(config->name, name) == 0);
}

int cmd_capacity(const Cli *cli, int argc, char **argv)
{
  gboolean csv = FALSE;
  g_autofree char *below = NULL;
  const GOptionEntry entries[] = {
      {"below", 0, 0, G_OPTION_ARG_STRING, &below,
       N_("add up what each folder in this one holds; \"\" is the share's own"), "PATH"},
      {"csv", 0, 0, G_OPTION_ARG_NONE, &csv, N_("bytes, as a table"), NULL},
      G_OPTION_ENTRY_NULL};
  int exit = EXIT_DONE;
  if (!cli_options(cli_command("capacity"), entries, "[TARGET]", -1, &argc, &argv))
    return EXIT_USAGE;
  g_autoptr(Site) site = cli_site(cli, &exit);
  if (site == NULL)
    return exit;
  const char *name = argc > 1 ? argv[1] : NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) out = g_string_new(csv ? "target,folder,used,limit,files,closed\r\n" : "");
  const CapacityAsk ask = {below, NULL, csv ? tell_csv : tell_text, out};
  bool any = false;
  for (size_t i = 0; site->targets[i] != NULL; i++) {
    if (!is_meant(site->targets[i], name))
      continue;
    any = true;
    if (!target_capacity(site->targets[i], &ask, &error))
      return cli_fail(error);
  }
  if (!any) {
    g_set_error(&error, IDOU_ERROR, EXIT_USAGE, _("there is no target of type share%s%s"),
                name != NULL ? " " : "", name != NULL ? name : "");
    return cli_fail(error);
  }
  cli_print(out);
  return EXIT_DONE;
}
