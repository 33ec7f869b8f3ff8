// SPDX-License-Identifier: GPL-3.0-or-later
//
// The operator's key and the notices that it opens.
#include "cli/cli_p.h"

#include <string.h>

// From a file, or asked for; none at all for NULL and false.
static bool take_passphrase(const char *file, bool ask, Secret **out, GError **error)
{
  if (file != NULL)
    *out = secret_load(file, error);
  else if (ask)
    *out = secret_ask(_("passphrase of the key: "), error);
  return *out != NULL || (file == NULL && !ask);
}

static bool ask_twice(Secret **out, GError **error)
{
  g_autoptr(Secret) again = NULL;
  *out = secret_ask(_("new passphrase for the key: "), error);
  if (*out != NULL)
    again = secret_ask(_("once more: "), error);
  if (again == NULL)
    return false;
  if (strcmp(secret_bytes(*out, NULL), secret_bytes(again, NULL)) == 0)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s", _("the two are not the same; no key was made"));
  return false;
}

bool cli_passphrase(const char *file, Secret **out, GError **error)
{
  return take_passphrase(file, true, out, error);
}

bool cli_new_passphrase(const char *file, Secret **out, GError **error)
{
  return file == NULL ? ask_twice(out, error) : take_passphrase(file, false, out, error);
}

int cmd_keys(const Cli *cli, int argc, char **argv)
{
  (void)cli;
  g_autofree char *file = NULL;
  gboolean ask = FALSE;
  const GOptionEntry entries[] = {
      {"passphrase", 0, 0, G_OPTION_ARG_NONE, &ask,
       N_("lock the private key with a passphrase, asked for on the terminal"), NULL},
      {"passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &file,
       N_("… with the first line of this file"), "FILE"},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("keys"), entries, _("FOLDER"), 1, &argc, &argv))
    return EXIT_USAGE;
  g_autoptr(GError) error = NULL;
  g_autoptr(Secret) passphrase = NULL;
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  bool fine = file == NULL && ask ? ask_twice(&passphrase, &error)
                                  : take_passphrase(file, false, &passphrase, &error);
  if (!fine || !keys_make(argv[1], passphrase, fingerprint, &error))
    return cli_fail(error);
  printf(_("fingerprint: %s\n"
           "%s/" KEYS_PUBLIC ": name it as `seal_to` under `passwords` in idou.yaml\n"
           "%s/" KEYS_PRIVATE
           ": opens every password that is sealed. Take it off this machine, and "
           "keep a copy\n"),
         fingerprint->str, argv[1], argv[1]);
  return EXIT_DONE;
}

// ---------------------------------------------------------------------------------------------
// Listing: never with a password, so no key is needed.

typedef struct Listing {
  Store *store;
  bool csv;
  GPtrArray *lines;  // char *
} Listing;

static void put_cell(const Listing *listing, GString *out, const char *text)
{
  if (out->len > 0)
    g_string_append_c(out, listing->csv ? ',' : '\t');
  escape_text(out, text, listing->csv ? ESCAPE_CSV : ESCAPE_TERMINAL);
}

static const char *shown_state(const SealRow *seal)
{
  if (strcmp(seal->state, "valid") != 0)
    return strcmp(seal->state, "sealed") == 0 ? "unknown" : seal->state;
  return seal->box == NULL ? "purged" : seal->state;
}

static bool list_seal(const SealRow *seal, void *data)
{
  Listing *listing = data;
  g_autoptr(GString) line = g_string_new(NULL), made = g_string_new(NULL);
  g_autofree char *number = g_strdup_printf("%06" G_GINT64_FORMAT, seal->number);
  g_autofree char *run = g_strdup_printf("%" G_GINT64_FORMAT, seal->run);
  g_autofree char *printed = g_strdup_printf("%" G_GINT64_FORMAT, seal->n_printed);
  instant_format(seal->made, made);
  const char *const cells[] = {number,       shown_state(seal), seal->label,
                               seal->target, seal->account,     made->str,
                               run,          printed,           seal->key_id};
  for (size_t i = 0; i < G_N_ELEMENTS(cells); i++)
    put_cell(listing, line, cells[i]);
  g_ptr_array_add(listing->lines, g_string_free(g_steal_pointer(&line), FALSE));
  return true;
}

static int list(const Cli *cli, const SealChoice *choice, bool csv)
{
  int exit_code;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GError) error = NULL;
  if (!cli_open(cli, STORE_READ, &site, &store, &exit_code))
    return exit_code;
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
  Listing listing = {store, csv, lines};
  if (!job_seals_each(store, choice, list_seal, &listing, &error))
    return cli_fail(error);
  if (csv)
    printf("number,state,person,target,account,made,run,printed,key\n");
  for (guint i = 0; i < lines->len; i++)
    printf("%s\n", (const char *)lines->pdata[i]);
  return EXIT_DONE;
}

// ---------------------------------------------------------------------------------------------

static int hand_over(const Cli *cli, const char *numbers)
{
  int exit_code;
  size_t n = 0;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GError) error = NULL;
  if (!cli_open(cli, STORE_WRITE, &site, &store, &exit_code))
    return exit_code;
  if (!job_seals_handed(store, numbers, cli_who(), &n, &error))
    return cli_fail(error);
  printf(ngettext("%zu password was handed over; what was sealed is overwritten\n",
                  "%zu passwords were handed over; what was sealed is overwritten\n", n),
         n);
  return EXIT_DONE;
}

static int purge(const Cli *cli, int days)
{
  int exit_code;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GError) error = NULL;
  if (!cli_open(cli, STORE_WRITE, &site, &store, &exit_code))
    return exit_code;
  int64_t n = store_begin(store, &error)
                  ? store_seals_purge(store, instant_now() - (Instant)days * 86400, &error)
                  : -1;
  const AuditNote note = {.what = AUDIT_NOTICE, .who = cli_who(), .subject = "purge"};
  if (n < 0 || !audit_note(store, &note, &error) || !store_commit(store, &error)) {
    store_rollback(store);
    return cli_fail(error);
  }
  printf(_("seals overwritten: %" G_GINT64_FORMAT "\n"), n);
  return EXIT_DONE;
}

// ---------------------------------------------------------------------------------------------

typedef struct NoticeOptions {
  char *key, *passphrase_file, *output, *since, *number, *handed;
  int run, purge;
  gboolean again, force, list, csv;
} NoticeOptions;

static void notice_options_clear(NoticeOptions *options)
{
  g_free(options->key);
  g_free(options->passphrase_file);
  g_free(options->output);
  g_free(options->since);
  g_free(options->number);
  g_free(options->handed);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(NoticeOptions, notice_options_clear)

static int print(const Cli *cli, const NoticeOptions *options, const SealChoice *choice)
{
  int exit_code;
  bool locked = false;
  NoticesDone done = {0};
  g_autoptr(GError) error = NULL;
  g_autoptr(Secret) passphrase = NULL;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  NoticesRequest request = {.choice = *choice,
                            .key = options->key,
                            .output = options->output,
                            .force = options->force,
                            .who = cli_who()};
  bool fine = keys_is_locked(options->key, &locked, &error) &&
              (!locked || take_passphrase(options->passphrase_file, true, &passphrase, &error));
  request.passphrase = passphrase;
  fine = fine && job_notices(site, &request, &done, &error);
  if (done.findings != NULL)
    cli_findings(done.findings, false);
  exit_code = fine ? (int)done.exit : cli_fail(error);
  if (fine && done.n_notices == 0)
    printf(_("nothing to print\n"));
  else if (fine)
    printf(_("%s: %zu notices on %zu pages with their covers. It holds passwords: print it, then "
             "delete it\n"),
           options->output, done.n_notices, done.n_pages);
  notices_done_clear(&done);
  return exit_code;
}

static int run(const Cli *cli, const NoticeOptions *options)
{
  SealChoice choice = {.run = options->run,
                       .since = INSTANT_NONE,
                       .numbers = options->number,
                       .again = options->again};
  Date since;
  if (options->since != NULL && !cli_date(options->since, &since))
    return EXIT_USAGE;
  if (options->since != NULL)
    choice.since = date_start(since);
  if (options->list || options->csv)
    return list(cli, &choice, options->csv);
  if (options->handed != NULL)
    return hand_over(cli, options->handed);
  if (options->purge >= 0)
    return purge(cli, options->purge);
  if (options->key != NULL && options->output != NULL)
    return print(cli, options, &choice);
  fprintf(stderr, _("idou notices: --key and --output are needed for printing; --list needs "
                    "neither\n"));
  return EXIT_USAGE;
}

int cmd_notices(const Cli *cli, int argc, char **argv)
{
  g_auto(NoticeOptions) options = {.purge = -1};
  const GOptionEntry entries[] = {
      {"key", 0, 0, G_OPTION_ARG_FILENAME, &options.key, N_("the operator's private key"), "FILE"},
      {"passphrase-file", 0, 0, G_OPTION_ARG_FILENAME, &options.passphrase_file,
       N_("its passphrase is the first line of this file"), "FILE"},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_("the PDF to write"), "FILE"},
      {"run", 0, 0, G_OPTION_ARG_INT, &options.run, N_("of this run only"), "N"},
      {"since", 0, 0, G_OPTION_ARG_STRING, &options.since, N_("made on that day or later"), "DATE"},
      {"number", 0, 0, G_OPTION_ARG_STRING, &options.number,
       N_("these numbers, printed before or not"), "NUMBERS"},
      {"again", 0, 0, G_OPTION_ARG_NONE, &options.again, N_("also those printed before"), NULL},
      {"force", 0, 0, G_OPTION_ARG_NONE, &options.force, N_("overwrite the PDF"), NULL},
      {"list", 0, 0, G_OPTION_ARG_NONE, &options.list, N_("list them, without passwords"), NULL},
      {"csv", 0, 0, G_OPTION_ARG_NONE, &options.csv, N_("list them as CSV"), NULL},
      {"handed", 0, 0, G_OPTION_ARG_STRING, &options.handed,
       N_("these were handed over: overwrite what is sealed"), "NUMBERS"},
      {"purge", 0, 0, G_OPTION_ARG_INT, &options.purge,
       N_("overwrite what was sealed more than so many days ago"), "DAYS"},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("notices"), entries, "", 0, &argc, &argv))
    return EXIT_USAGE;
  return run(cli, &options);
}
