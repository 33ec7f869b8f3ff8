// SPDX-License-Identifier: GPL-3.0-or-later
//
// Operations that were sent to products which answer later.
#include "cli/cli_p.h"

#include <string.h>

typedef struct ReceiptsOptions {
  char *by, *why, *file, *target;
  gboolean done, failed, json;
} ReceiptsOptions;

static void receipts_options_clear(ReceiptsOptions *options)
{
  g_free(options->by);
  g_free(options->why);
  g_free(options->file);
  g_free(options->target);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ReceiptsOptions, receipts_options_clear)

typedef struct Listing {
  GArray *awaited;  // ReportAwaited
  GStringChunk *texts;
} Listing;

static const char *keep(Listing *listing, const char *text)
{
  return text ? g_string_chunk_insert_const(listing->texts, text) : NULL;
}

static void take(const ReportAwaited *awaited, void *data)
{
  Listing *listing = data;
  ReportAwaited kept = *awaited;
  kept.target = keep(listing, awaited->target);
  kept.object = keep(listing, awaited->object);
  kept.kind = keep(listing, awaited->kind);
  kept.label = keep(listing, awaited->label);
  g_array_append_val(listing->awaited, kept);
}

static bool knows_target(const Site *site, const char *name)
{
  for (size_t i = 0; site->targets[i] != NULL; i++)
    if (name == NULL || strcmp(site->targets[i]->name, name) == 0)
      return true;
  for (size_t i = 0; site->apart[i] != NULL; i++)
    if (name == NULL || strcmp(site->apart[i]->name, name) == 0)
      return true;
  fprintf(stderr, _("idou receipts: there is no target “%s” in the site file\n"), name);
  return false;
}

static int list(const Cli *cli, const char *target, bool json)
{
  int exit_code;
  g_autoptr(GError) error = NULL;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  if (!cli_open(cli, STORE_READ, &site, &store, &exit_code))
    return exit_code;
  if (!knows_target(site, target))
    return EXIT_USAGE;
  g_autoptr(GArray) awaited = g_array_new(FALSE, FALSE, sizeof(ReportAwaited));
  g_autoptr(GStringChunk) texts = g_string_chunk_new(4096);
  g_autoptr(GString) text = g_string_new(NULL);
  Listing listing = {awaited, texts};
  if (!job_receipts_each(site, store, target, take, &listing, &error))
    return cli_fail(error);
  report_receipts(awaited, json, text);
  if (!json && awaited->len == 0)
    g_string_append(text, _("nothing awaits a receipt\n"));
  cli_print(text);
  return awaited->len > 0 ? EXIT_PENDING : EXIT_DONE;
}

static int settle(const Cli *cli, const ReceiptsOptions *options, char **numbers)
{
  int exit_code;
  g_autoptr(GError) error = NULL;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  if (!knows_target(site, options->target))
    return EXIT_USAGE;
  SettleRequest request = {.numbers = (const char *const *)numbers,
                           .file = options->file,
                           .target = options->target,
                           .kind = OUTCOME_UNKNOWN,
                           .who = options->by,
                           .why = options->why};
  if (options->done)
    request.kind = OUTCOME_DONE;
  if (options->failed)
    request.kind = OUTCOME_FAILED;
  ReceiptsDone done;
  bool fine = job_receipts_settle(site, &request, &done, &error);
  // That they failed is what was asked for.
  cli_findings(done.taken.findings, false);
  if (fine)
    printf(_("settled: %" G_GINT64_FORMAT " done, %" G_GINT64_FORMAT
             " failed; the next plan has what did not happen\n"),
           done.taken.n_done, done.taken.n_failed);
  receipts_done_clear(&done);
  return fine ? EXIT_DONE : cli_fail(error);
}

int cmd_receipts(const Cli *cli, int argc, char **argv)
{
  g_auto(ReceiptsOptions) options = {0};
  const GOptionEntry entries[] = {
      {"done", 0, 0, G_OPTION_ARG_NONE, &options.done, N_("they took effect"), NULL},
      {"failed", 0, 0, G_OPTION_ARG_NONE, &options.failed,
       N_("they did not, and are to be planned again"), NULL},
      {"by", 0, 0, G_OPTION_ARG_STRING, &options.by, N_("who says so"), "WHO"},
      {"why", 0, 0, G_OPTION_ARG_STRING, &options.why, N_("how they know"), "TEXT"},
      {"file", 0, 0, G_OPTION_ARG_FILENAME, &options.file,
       N_("a CSV of them: 操作, 結果, 担当, 理由"), "CSV"},
      {"target", 0, 0, G_OPTION_ARG_STRING, &options.target, N_("only those of this target"),
       "NAME"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("list as JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("receipts"), entries, _("[TARGET] | settle [RUN-N|RUN…]"), -1, &argc,
                   &argv))
    return EXIT_USAGE;
  if (argc >= 2 && strcmp(argv[1], "settle") == 0) {
    if ((argc >= 3 || options.file != NULL) && !(options.done && options.failed))
      return settle(cli, &options, argv + 2);
    fprintf(stderr, _("idou receipts: say which operations (17-3, 17, --file), and either --done "
                      "or --failed\n"));
    return EXIT_USAGE;
  }
  if (argc <= 2)
    return list(cli, argc == 2 ? argv[1] : options.target, options.json);
  fprintf(stderr, _("idou receipts: name one target, or say settle\n"));
  return EXIT_USAGE;
}
