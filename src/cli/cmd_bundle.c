// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/cli_p.h"

#include <string.h>

typedef struct BundleOptions {
  char *segment, *as_of, *who, *reason, *not_before, *output;
  char *new_key, *show, *take, *code, *accept;
  char **allows;
  gboolean receipt;
} BundleOptions;

static void bundle_options_clear(BundleOptions *options)
{
  char *const texts[] = {options->segment,    options->as_of,  options->who,     options->reason,
                         options->not_before, options->output, options->new_key, options->show,
                         options->take,       options->code,   options->accept};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    g_free(texts[i]);
  g_strfreev(options->allows);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(BundleOptions, bundle_options_clear)

static bool has_who(const BundleOptions *options)
{
  if (options->who != NULL && options->reason != NULL)
    return true;
  fprintf(stderr, _("idou bundle: --who and --reason are needed: they stand in the records\n"));
  return false;
}

// ---------------------------------------------------------------------------------------------
// Keys.

static int new_key(const BundleOptions *options)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  g_autofree char *folder = g_path_get_dirname(options->new_key);
  g_autofree char *name = g_path_get_basename(options->new_key);
  if (!signer_make(folder, name, NULL, fingerprint, &error))
    return cli_fail(error);
  printf(_("%s/%s.key: secret, stays on this machine\n"
           "%s/%s.pub: to be carried to the other side\n"
           "fingerprint: %s\n"
           "Compare it there by telephone or on paper before it is trusted.\n"),
         folder, name, folder, name, fingerprint->str);
  return EXIT_DONE;
}

static int show(const BundleOptions *options)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(GBytes) file = file_read(options->show, (size_t)1 << 30, &error);
  size_t n = 0;
  const char *bytes = file == NULL ? NULL : g_bytes_get_data(file, &n);
  if (file == NULL || !bundle_show(bytes != NULL ? bytes : "", n, options->show, text, &error))
    return cli_fail(error);
  cli_print(text);
  fprintf(stderr, _("idou bundle: this was not verified\n"));
  return EXIT_DONE;
}

// ---------------------------------------------------------------------------------------------
// Here.

static bool read_instant(const char *text, Instant *out)
{
  Date date;
  *out = INSTANT_NONE;
  if (text == NULL || instant_parse(text, out))
    return true;
  if (!cli_date(text, &date))
    return false;
  *out = date_start(date);
  return true;
}

static int make(const Site *site, const BundleOptions *options)
{
  g_autoptr(GError) error = NULL;
  BundleRequest request = {.segment = options->segment,
                           .allows = (const char *const *)options->allows,
                           .who = options->who,
                           .reason = options->reason,
                           .output = options->output};
  if (!cli_moment(options->as_of, &request.as_of, &request.at) ||
      !read_instant(options->not_before, &request.not_before))
    return EXIT_USAGE;
  BundleMade made;
  bool fine = job_bundle(site, &request, &made, &error);
  cli_findings(made.findings, false);
  int exit_code = fine ? (int)made.exit : cli_fail(error);
  if (fine)
    printf(_("bundle %u: %" G_GINT64_FORMAT " objects are other than in the one before\n"
             "%s  (%zu bytes, %.12s)\n"),
           made.sequence, made.n_changes, options->output != NULL ? options->output : made.path,
           made.n_bytes, made.digest);
  bundle_made_clear(&made);
  return exit_code;
}

static void print_taken(const ReceiptsDone *done)
{
  g_autoptr(GString) text = g_string_new(NULL);
  cli_findings(done->taken.findings, false);
  report_receipts_taken(&done->taken, text);
  cli_print(text);
}

static int take(const Site *site, const BundleOptions *options)
{
  g_autoptr(GError) error = NULL;
  ReceiptsDone done;
  CodeCounts counts = {0};
  bool fine = options->take != NULL ? job_bundle_take(site, options->take, &done, &error)
                                    : job_bundle_code(site, options->code, &counts, &done, &error);
  int exit_code = fine ? (int)done.exit : cli_fail(error);
  if (fine && counts.failed + counts.held + counts.waiting > 0)
    printf(_("the code is right: there, %u failed, %u are held, %u wait. Which ones it does not "
             "tell: the bundle stays open\n"),
           counts.failed, counts.held, counts.waiting);
  if (fine)
    print_taken(&done);
  receipts_done_clear(&done);
  return exit_code;
}

// ---------------------------------------------------------------------------------------------
// There.

static int receipt(const Site *site, const BundleOptions *options)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) told = g_string_new(NULL);
  if (!job_bundle_receipt(site, options->output, told, &error))
    return cli_fail(error);
  cli_print(told);
  return EXIT_DONE;
}

static int accept(const Site *site, const BundleOptions *options)
{
  g_autoptr(GError) error = NULL;
  if (!has_who(options))
    return EXIT_USAGE;
  if (!job_bundle_accept(site, options->accept, options->who, options->reason, &error))
    return cli_fail(error);
  printf(_("accepted: %s; the next one must follow it\n"), options->accept);
  return EXIT_DONE;
}

// ---------------------------------------------------------------------------------------------

static int do_one(const Cli *cli, const BundleOptions *options)
{
  int exit_code;
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  if (options->segment != NULL)
    return make(site, options);
  if (options->accept != NULL)
    return accept(site, options);
  return options->receipt ? receipt(site, options) : take(site, options);
}

int cmd_bundle(const Cli *cli, int argc, char **argv)
{
  g_auto(BundleOptions) options = {0};
  const GOptionEntry entries[] = {
      {"segment", 0, 0, G_OPTION_ARG_STRING, &options.segment,
       N_("make the next bundle for this segment"), "NAME"},
      {"as-of", 0, 0, G_OPTION_ARG_STRING, &options.as_of,
       N_("the day accounts shall be right for (default: tomorrow), or a moment of it"), "DATE"},
      {"approve", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.allows,
       N_("approve at most so many of a class beyond the guards there, e.g. edu/disable=60; may be "
          "repeated"),
       "CLASS=N"},
      {"who", 0, 0, G_OPTION_ARG_STRING, &options.who, N_("who approves or accepts"), "NAME"},
      {"reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, N_("why"), "TEXT"},
      {"not-before", 0, 0, G_OPTION_ARG_STRING, &options.not_before,
       N_("the approval holds from then on"), "TIME"},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_("write it there, too"), "FILE"},
      {"take", 0, 0, G_OPTION_ARG_FILENAME, &options.take,
       N_("take in a receipt from the other side"), "FILE"},
      {"code", 0, 0, G_OPTION_ARG_STRING, &options.code,
       N_("the same by the code that was read out there"), "CODE"},
      {"receipt", 0, 0, G_OPTION_ARG_NONE, &options.receipt,
       N_("in a segment: the receipt of the last run again, and its code"), NULL},
      {"accept", 0, 0, G_OPTION_ARG_FILENAME, &options.accept,
       N_("in a segment: begin with this bundle, though one before it is missing"), "FILE"},
      {"show", 0, 0, G_OPTION_ARG_FILENAME, &options.show,
       N_("print a bundle or receipt readably, without verifying it"), "FILE"},
      {"new-key", 0, 0, G_OPTION_ARG_FILENAME, &options.new_key,
       N_("make a pair of keys, NAME.key and NAME.pub"), "NAME"},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("bundle"), entries, "", 0, &argc, &argv))
    return EXIT_USAGE;
  int n = (options.segment != NULL) + (options.take != NULL) + (options.code != NULL) +
          (options.accept != NULL) + (options.show != NULL) + (options.new_key != NULL) +
          options.receipt;
  if (n != 1) {
    fprintf(stderr, _("idou bundle: say one of --segment, --take, --code, --receipt, --accept, "
                      "--show, --new-key\n"));
    return EXIT_USAGE;
  }
  if (options.new_key != NULL)
    return new_key(&options);
  return options.show != NULL ? show(&options) : do_one(cli, &options);
}
