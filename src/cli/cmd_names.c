// SPDX-License-Identifier: GPL-3.0-or-later
//
// The registry of names that are given once: what is in it, and the desk's word on what is not to be given.
#include "cli/cli_p.h"

#include <string.h>

typedef struct NameOptions {
  char *kind, *reason, *who;
} NameOptions;

static void name_options_clear(NameOptions *options)
{
  g_free(options->kind);
  g_free(options->reason);
  g_free(options->who);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(NameOptions, name_options_clear)

// ---------------------------------------------------------------------------------------------

static void put_since(const NameRow *row, GString *out)
{
  g_string_append(out, _(" since "));
  date_format(date_of_instant(row->since), out);
}

static bool print_name(const NameRow *row, void *data)
{
  static const char *const states[] = {[NAME_CURRENT] = N_("in use"),
                                       [NAME_FORMER] = N_("earlier, stays theirs"),
                                       [NAME_SEEN] = N_("seen in"),
                                       [NAME_RESERVED] = N_("reserved by")};
  Store *store = data;
  g_autoptr(GString) out = g_string_new(NULL);
  escape_text(out, row->kind, ESCAPE_TERMINAL);
  g_string_append_c(out, ' ');
  escape_text(out, row->name, ESCAPE_TERMINAL);
  g_autofree char *number =
      g_strdup(row->subject != 0 ? store_link_number(store, SUBJECT_PERSON, row->subject) : NULL);
  g_string_append_printf(out, " %s %s", number != NULL ? number : _("nobody"),
                         _(states[row->state]));
  if (*row->note != '\0') {
    g_string_append_c(out, ' ');
    escape_text(out, row->note, ESCAPE_TERMINAL);
  }
  put_since(row, out);
  printf("%s\n", out->str);
  return true;
}

static int list(const Cli *cli, const char *kind)
{
  int exit_code;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GError) error = NULL;
  if (!cli_open(cli, STORE_READ, &site, &store, &exit_code))
    return exit_code;
  return store_names_each(store, kind, print_name, store, &error) ? EXIT_DONE : cli_fail(error);
}

// ---------------------------------------------------------------------------------------------

// A slip of the pen would keep nothing from anybody.
static bool is_kind(const Site *site, const char *kind, GError **error)
{
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Mapping) mapping = mapping_load(site->mappings, findings, error);
  if (mapping == NULL) {
    cli_findings(findings, false);
    return false;
  }
  for (size_t i = 0; i < mapping_n_klasses(mapping); i++)
    for (size_t k = 0; k < mapping_klass(mapping, i)->n_names; k++)
      if (strcmp(mapping_klass(mapping, i)->names[k].kind, kind) == 0)
        return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("no names of kind “%s” are given here"), kind);
  return false;
}

// False for a name that somebody has: there is nothing to decide any more.
static bool is_open(Store *store, const char *kind, const char *name, GError **error)
{
  uint32_t owner = store_name_owner(store, kind, name);
  if (owner == 0 || owner == STORE_NAME_NOBODY)
    return true;
  const char *number = store_link_number(store, SUBJECT_PERSON, owner);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("the %s “%s” is that of %s for ever"), kind, name,
              number != NULL ? number : "?");
  return false;
}

static bool reserve(Store *store, const char *name, const NameOptions *options, GError **error)
{
  g_autofree char *note = g_strdup_printf("%s: %s", options->who, options->reason);
  NameRow row = {.kind = options->kind, .name = name, .state = NAME_RESERVED, .note = note};
  if (!is_open(store, options->kind, name, error) || !store_name_keep(store, &row, error))
    return false;
  printf(_("%s %s is not given to anybody\n"), options->kind, name);
  return true;
}

static bool let_go(Store *store, const char *name, const NameOptions *options, GError **error)
{
  if (!is_open(store, options->kind, name, error) ||
      !store_name_free(store, options->kind, name, error))
    return false;
  printf(_("%s %s may be given again, unless it stands in a target\n"), options->kind, name);
  return true;
}

typedef bool (*NameDeed)(Store *store, const char *name, const NameOptions *options,
                         GError **error);

static const struct {
  const char *word;
  NameDeed deed;
  bool needs_reason;
} deeds[] = {{"reserve", reserve, true}, {"free", let_go, false}};

// The name and who decided it, or neither.
static bool change_one(Store *store, const char *name, const NameOptions *options, NameDeed deed,
                       GError **error)
{
  const char *const detail[] = {"kind", options->kind, "ruling",
                                deed == reserve ? "reserve" : "free", NULL};
  if (!store_begin(store, error))
    return false;
  if (deed(store, name, options, error) &&
      audit_note(store, &(AuditNote){AUDIT_DECIDE, options->who, name, detail}, error))
    return store_commit(store, error);
  store_rollback(store);
  return false;
}

static int change(const Cli *cli, char **names, const NameOptions *options, NameDeed deed)
{
  int exit_code;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GError) error = NULL;
  if (!cli_open(cli, STORE_WRITE, &site, &store, &exit_code))
    return exit_code;
  if (!is_kind(site, options->kind, &error))
    return cli_fail(error);
  for (; *names != NULL; names++)
    if (!change_one(store, *names, options, deed, &error))
      return cli_fail(error);
  return EXIT_DONE;
}

int cmd_names(const Cli *cli, int argc, char **argv)
{
  g_auto(NameOptions) options = {0};
  const GOptionEntry entries[] = {
      {"kind", 0, 0, G_OPTION_ARG_STRING, &options.kind,
       N_("of this kind (all; login, where one is changed)"), "KIND"},
      {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("why it is reserved"), "TEXT"},
      {"who", 0, 0, G_OPTION_ARG_STRING, &options.who, N_("who says so"), "NAME"},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("names"), entries, _("[reserve|free NAME…]"), -1, &argc, &argv))
    return EXIT_USAGE;
  if (argc == 1)
    return list(cli, options.kind);
  for (size_t i = 0; i < G_N_ELEMENTS(deeds) && argc > 2; i++) {
    if (strcmp(deeds[i].word, argv[1]) != 0)
      continue;
    if (options.who == NULL || (deeds[i].needs_reason && options.reason == NULL)) {
      fprintf(stderr, _("idou names: --who is needed, and --reason to reserve\n"));
      return EXIT_USAGE;
    }
    if (options.kind == NULL)
      options.kind = g_strdup("login");
    return change(cli, argv + 2, &options, deeds[i].deed);
  }
  fprintf(stderr, _("idou names: nothing, or reserve or free with one name at least\n"));
  return EXIT_USAGE;
}
