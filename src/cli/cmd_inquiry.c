// SPDX-License-Identifier: GPL-3.0-or-later
//
// What units and operators are asked, and what they answer.
#include "cli/cli_p.h"

#include <string.h>

typedef struct InquiryOptions {
  char *unit, *by, *why, *output, *encoding;
  gboolean csv, html, all, json;
} InquiryOptions;

static void inquiry_options_clear(InquiryOptions *options)
{
  g_free(options->unit);
  g_free(options->by);
  g_free(options->why);
  g_free(options->output);
  g_free(options->encoding);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(InquiryOptions, inquiry_options_clear)

// ---------------------------------------------------------------------------------------------
// Listing

typedef struct Listing {
  const CliInquiries *ask;
  ReportInquiries *report;
  bool open, overdue;
} Listing;

static bool add(const InquiryCount *count, void *data)
{
  Listing *listing = data;
  if (listing->ask->unit != NULL && strcmp(listing->ask->unit, count->inquiry.unit) != 0)
    return true;
  listing->open = listing->open || count->n_open > 0 || count->n_due > 0;
  listing->overdue = listing->overdue || count->overdue;
  if (listing->ask->all || count->n_open > 0 || count->n_due > 0)
    report_inquiries_add(listing->report, count);
  return true;
}

int cli_inquiries(const Cli *cli, const CliInquiries *ask)
{
  int exit_code;
  g_autoptr(GError) error = NULL;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  if (!cli_open(cli, STORE_READ, &site, &store, &exit_code))
    return exit_code;
  g_autoptr(GString) text = g_string_new(NULL);
  Listing listing = {.ask = ask, .report = report_inquiries_new(ask->json)};
  Date today = date_of_instant(instant_now());
  bool fine = inquiry_counts_each(store, ask->cause, today, add, &listing, &error);
  report_inquiries_end(listing.report, text);
  if (!fine)
    return cli_fail(error);
  cli_print(text);
  // As with a plan that somebody holds up: it wants a person to look.
  if (listing.overdue)
    return EXIT_HELD;
  return listing.open ? EXIT_PENDING : EXIT_DONE;
}

// ---------------------------------------------------------------------------------------------
// One list

static int complain(const char *text)
{
  fprintf(stderr, "idou inquiry: %s\n", text);
  return EXIT_USAGE;
}

static bool read_id(const char *text, int64_t *out)
{
  return text != NULL && g_ascii_string_to_signed(text, 10, 1, G_MAXINT64, out, NULL);
}

static bool put_list(const Site *site, Store *store, int64_t id, const InquiryOptions *options,
                     GString *out, GError **error)
{
  bool cp932 =
      options->encoding != NULL ? strcmp(options->encoding, "cp932") == 0 : site->inquiry.cp932;
  if (options->html)
    return inquiry_page(store, id, out, error);
  return inquiry_sheet(store, id, cp932 ? INQUIRY_CP932 : INQUIRY_UTF8, out, error);
}

static int show(const Cli *cli, const InquiryOptions *options, char **words)
{
  int exit_code;
  int64_t id = 0;
  g_autoptr(GError) error = NULL;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  bool known = options->encoding == NULL || strcmp(options->encoding, "utf8") == 0 ||
               strcmp(options->encoding, "cp932") == 0;
  if (!read_id(words[0], &id) || words[1] != NULL || (options->csv && options->html) || !known)
    return complain(_("show takes the number of one list, --csv or --html, and for --encoding utf8 "
                      "or cp932"));
  if (!cli_open(cli, STORE_READ, &site, &store, &exit_code))
    return exit_code;
  if (!put_list(site, store, id, options, text, &error))
    return cli_fail(error);
  if (options->output == NULL)
    cli_print(text);
  else if (!file_write(options->output, text->str, text->len, 0600, &error))
    return cli_fail(error);
  return EXIT_DONE;
}

static int write_lists(const Cli *cli, char **words)
{
  int exit_code;
  g_autoptr(GError) error = NULL;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GString) told = g_string_new(NULL);
  if (!cli_open(cli, STORE_READ, &site, &store, &exit_code))
    return exit_code;
  if (site->inquiry.out == NULL)
    return complain(_("the site has no “inquiry: lists:”, the folder they go to"));
  for (; *words != NULL; words++) {
    int64_t id = 0;
    if (!read_id(*words, &id))
      return complain(_("write takes numbers of lists"));
    if (!job_inquiry_write(site, store, id, told, &error))
      return cli_fail(error);
  }
  cli_print(told);
  return EXIT_DONE;
}

// ---------------------------------------------------------------------------------------------
// Answers

static int take(const Cli *cli, const InquiryOptions *options, char **paths)
{
  int exit_code;
  ExitCode exit = EXIT_DONE;
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) out = g_string_new(NULL);
  g_autoptr(Site) site = cli_site(cli, &exit_code);
  if (site == NULL)
    return exit_code;
  if (*paths == NULL && site->inquiry.replies.incoming == NULL)
    return complain(_("name the lists that came back: the site has no “inquiry: replies:”"));
  RepliesRequest request = {
      .paths = (const char *const *)paths, .who = options->by, .unit = options->unit};
  bool fine = *paths != NULL ? job_inquiry_take(site, &request, out, &exit, &error)
                             : job_inquiry_spool(site, out, &exit, &error);
  cli_print(out);
  return fine ? (int)exit : cli_fail(error);
}

static bool reopen_one(Store *store, const InquiryOptions *options, int64_t inquiry, int64_t n,
                       GError **error)
{
  (void)options;
  return inquiry_reopen(store, inquiry, n, error);
}

static bool close_one(Store *store, const InquiryOptions *options, int64_t inquiry, int64_t n,
                      GError **error)
{
  return inquiry_close(store, inquiry, n, options->by ? options->by : cli_who(), options->why,
                       error);
}

typedef bool (*QuestionDeed)(Store *store, const InquiryOptions *options, int64_t inquiry,
                             int64_t n, GError **error);

static bool note(Store *store, const InquiryOptions *options, QuestionDeed deed, const char *word,
                 GError **error)
{
  const char *const detail[] = {"ruling", deed == close_one ? "close" : "reopen", NULL};
  return audit_note(store,
                    &(AuditNote){AUDIT_DECIDE, options->by ? options->by : cli_who(), word, detail},
                    error);
}

// All of them or none.
static bool do_all(Store *store, const InquiryOptions *options, QuestionDeed deed, char **words,
                   GError **error)
{
  if (!store_begin(store, error))
    return false;
  for (; *words != NULL; words++) {
    int64_t inquiry = 0, n = 0;
    bool is_number = inquiry_number_parse(*words, &inquiry, &n);
    if (!is_number)
      g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                  _("“%s” is no number of a question, such as Q12-7; nothing was changed"), *words);
    if (!is_number || !deed(store, options, inquiry, n, error) ||
        !note(store, options, deed, *words, error)) {
      store_rollback(store);
      return false;
    }
  }
  return store_commit(store, error);
}

static int change(const Cli *cli, const InquiryOptions *options, QuestionDeed deed, char **words)
{
  int exit_code;
  g_autoptr(GError) error = NULL;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  if (*words == NULL)
    return complain(_("which questions? Their numbers stand on the lists, such as Q12-7"));
  if (deed == close_one && options->why == NULL)
    return complain(_("say why it is not to be answered any more (--why)"));
  if (!cli_open(cli, STORE_WRITE, &site, &store, &exit_code))
    return exit_code;
  return do_all(store, options, deed, words, &error) ? EXIT_DONE : cli_fail(error);
}

// ---------------------------------------------------------------------------------------------

static int act(const Cli *cli, const InquiryOptions *options, char **words)
{
  if (strcmp(words[0], "show") == 0)
    return show(cli, options, words + 1);
  if (strcmp(words[0], "write") == 0)
    return write_lists(cli, words + 1);
  if (strcmp(words[0], "take") == 0)
    return take(cli, options, words + 1);
  if (strcmp(words[0], "reopen") == 0)
    return change(cli, options, reopen_one, words + 1);
  if (strcmp(words[0], "close") == 0)
    return change(cli, options, close_one, words + 1);
  return complain(_("say show, write, take, reopen or close, or nothing to list"));
}

int cmd_inquiry(const Cli *cli, int argc, char **argv)
{
  g_auto(InquiryOptions) options = {0};
  const GOptionEntry entries[] = {
      {"unit", 0, 0, G_OPTION_ARG_STRING, &options.unit,
       N_("only lists of this unit; with take: whose answers the files may hold"), "CODE"},
      {"all", 0, 0, G_OPTION_ARG_NONE, &options.all, N_("also those that are answered"), NULL},
      {"csv", 0, 0, G_OPTION_ARG_NONE, &options.csv, N_("show as CSV (the default)"), NULL},
      {"html", 0, 0, G_OPTION_ARG_NONE, &options.html, N_("show as a page to print"), NULL},
      {"encoding", 0, 0, G_OPTION_ARG_STRING, &options.encoding,
       N_("of the CSV: utf8 or cp932; default: the site's"), "NAME"},
      {"output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output, N_("show into this file"), "FILE"},
      {"by", 0, 0, G_OPTION_ARG_STRING, &options.by,
       N_("who answers where a row does not say it; who closes"), "WHO"},
      {"why", 0, 0, G_OPTION_ARG_STRING, &options.why, N_("why it is closed"), "TEXT"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_("list as JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("inquiry"), entries,
                   _("[show LIST | write LIST… | take [FILE…] | reopen|close QUESTION…]"), -1,
                   &argc, &argv))
    return EXIT_USAGE;
  CliInquiries ask = {.unit = options.unit, .all = options.all, .json = options.json};
  return argc > 1 ? act(cli, &options, argv + 1) : cli_inquiries(cli, &ask);
}
