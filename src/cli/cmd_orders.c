// SPDX-License-Identifier: GPL-3.0-or-later
//
// Commands of the desk about what HR's files leave open.
#include "cli/cli_p.h"
#include "idou/orders.h"

#include <string.h>
#include <unistd.h>

typedef struct Said {
  char *who, *reason;
} Said;

static void said_clear(Said *said)
{
  g_free(said->who);
  g_free(said->reason);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Said, said_clear)

static bool is_said(const char *command, const Said *said)
{
  if (said->who && said->reason)
    return true;
  fprintf(stderr, _("idou %s: --who and --reason are needed\n"), command);
  return false;
}

static Ruling ruling_of(const Said *said)
{
  return (Ruling){.who = said->who, .reason = said->reason, .when = instant_now()};
}

// One intake at a time, so that nobody computes anew what another is changing.
static bool open_for_deciding(const Cli *cli, Site **site, Store **store, int *lock, int *exit)
{
  g_autoptr(GError) error = NULL;
  if (!cli_open(cli, STORE_WRITE, site, store, exit))
    return false;
  *lock = job_intake_lock(*site, &error);
  if (*lock < 0)
    *exit = cli_fail(error);
  return *lock >= 0;
}

static int report(bool fine, const Findings *findings, const GError *error, const char *done)
{
  cli_findings(findings, false);
  if (!fine)
    return cli_fail(error);
  printf("%s\n", done);
  return EXIT_DONE;
}

// ---------------------------------------------------------------------------------------------

static int list_orders(const Cli *cli, bool json)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(GString) text = g_string_new(NULL);
  int exit_code;
  if (!cli_open(cli, STORE_READ, &site, &store, &exit_code))
    return exit_code;
  if (!orders_tell_open(store, store_known_by(store, instant_now()), findings, &error))
    return cli_fail(error);
  report_findings(findings, json, text);
  if (!json && findings_count(findings) == 0)
    g_string_assign(text, _("no order waits for anything\n"));
  cli_print(text);
  return findings_count(findings) > 0 ? EXIT_REJECTED : EXIT_DONE;
}

static int decide_orders(const Cli *cli, const Said *said, bool keep, char **numbers)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(Findings) findings = findings_new();
  int exit_code, lock;
  if (!is_said("orders", said))
    return EXIT_USAGE;
  if (!open_for_deciding(cli, &site, &store, &lock, &exit_code))
    return exit_code;
  Ruling by = ruling_of(said);
  bool fine = orders_confirm(store, (const char *const *)numbers, keep, &by, findings, &error);
  close(lock);
  return report(fine, findings, error,
                keep ? _("they hold; the next plan shows what follows")
                     : _("they are withdrawn; the next plan shows what follows"));
}

int cmd_orders(const Cli *cli, int argc, char **argv)
{
  g_auto(Said) said = {0};
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
      {"who", 0, 0, G_OPTION_ARG_STRING, &said.who, N_("who decides"), "NAME"},
      {"reason", 0, 0, G_OPTION_ARG_STRING, &said.reason, N_("why"), "TEXT"},
      {"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("list as JSON"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("orders"), entries, _("[confirm|keep ORDER…]"), -1, &argc, &argv))
    return EXIT_USAGE;
  if (argc == 1)
    return list_orders(cli, json);
  bool keep = strcmp(argv[1], "keep") == 0;
  if (argc >= 3 && (keep || strcmp(argv[1], "confirm") == 0))
    return decide_orders(cli, &said, keep, argv + 2);
  fprintf(stderr, _("idou orders: say confirm or keep, and the numbers of the orders\n"));
  return EXIT_USAGE;
}

// ---------------------------------------------------------------------------------------------

static bool note_space(uint32_t person, void *data)
{
  *(uint32_t *)data = person;
  return true;
}

typedef struct SpaceSearch {
  const char *number;
  char *space;
} SpaceSearch;

static bool match_space(const char *space, const char *number, Date from, Date to, void *data)
{
  SpaceSearch *search = data;
  (void)from, (void)to;
  if (strcmp(number, search->number) == 0 && !search->space)
    search->space = g_strdup(space);
  return true;
}

static bool note_order(const OrderRow *order, void *data)
{
  (void)order;
  *(bool *)data = true;
  return false;
}

// Where orders wait for somebody of this number.
static char *waiting_space(const Site *site, Store *store, const char *number)
{
  bool waits = false;
  for (size_t i = 0; site->layouts[i]; i++) {
    const char *space = layout_space(site->layouts[i]);
    store_orders_waiting(store, space, number, note_order, &waits, NULL);
    if (waits)
      return g_strdup(space);
  }
  return NULL;
}

// "hospital/000310", or a number that stands in one namespace only, or that orders wait for.
static Bearer bearer_of(const Site *site, Store *store, const char *text, char **space)
{
  const char *slash = strchr(text, '/');
  uint32_t person = 0;
  if (slash) {
    *space = g_strndup(text, (gsize)(slash - text));
    return (Bearer){*space, slash + 1};
  }
  SpaceSearch search = {.number = text};
  store_link_bearers(store, SUBJECT_PERSON, text, note_space, &person, NULL);
  if (person)
    store_links_of(store, SUBJECT_PERSON, person, match_space, &search, NULL);
  if (!search.space)
    search.space = waiting_space(site, store, text);
  *space = search.space;
  return (Bearer){search.space ? search.space : "", text};
}

int cmd_link(const Cli *cli, int argc, char **argv)
{
  g_auto(Said) said = {0};
  gboolean different = FALSE;
  const GOptionEntry entries[] = {
      {"who", 0, 0, G_OPTION_ARG_STRING, &said.who, N_("who decides"), "NAME"},
      {"reason", 0, 0, G_OPTION_ARG_STRING, &said.reason, N_("why"), "TEXT"},
      {"different", 0, 0, G_OPTION_ARG_NONE, &different, N_("they are two people's"), NULL},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("link"), entries, _("[SPACE/]NUMBER [SPACE/]OLD_NUMBER"), 2, &argc,
                   &argv) ||
      !is_said("link", &said))
    return EXIT_USAGE;
  g_autoptr(GError) error = NULL;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(Findings) findings = findings_new();
  g_autofree char *space = NULL;
  g_autofree char *old_space = NULL;
  int exit_code, lock;
  if (!open_for_deciding(cli, &site, &store, &lock, &exit_code))
    return exit_code;
  Bearer bearer = bearer_of(site, store, argv[1], &space);
  Bearer before = bearer_of(site, store, argv[2], &old_space);
  Ruling by = ruling_of(&said);
  bool fine = orders_link(store, &bearer, &before, different, &by, findings, &error);
  close(lock);
  return report(fine, findings, error,
                different ? _("they are two people") : _("they are one person"));
}

// ---------------------------------------------------------------------------------------------

int cmd_extend(const Cli *cli, int argc, char **argv)
{
  g_auto(Said) said = {0};
  g_autofree char *from = NULL;
  g_autofree char *until = NULL;
  const GOptionEntry entries[] = {
      {"who", 0, 0, G_OPTION_ARG_STRING, &said.who, N_("who decides"), "NAME"},
      {"reason", 0, 0, G_OPTION_ARG_STRING, &said.reason, N_("why"), "TEXT"},
      {"from", 0, 0, G_OPTION_ARG_STRING, &from,
       N_("terms that end from this day on (default: today)"), "DATE"},
      {"until", 0, 0, G_OPTION_ARG_STRING, &until, N_("… go on until this day"), "DATE"},
      G_OPTION_ENTRY_NULL};
  if (!cli_options(cli_command("extend"), entries, _("UNIT"), 1, &argc, &argv) ||
      !is_said("extend", &said))
    return EXIT_USAGE;
  Extension extension = {.unit = argv[1], .who = said.who, .reason = said.reason};
  extension.since = instant_now();
  if (!until) {
    fprintf(stderr, _("idou extend: --until is needed\n"));
    return EXIT_USAGE;
  }
  if (!cli_date(from ? from : "today", &extension.from) || !cli_date(until, &extension.until))
    return EXIT_USAGE;
  g_autoptr(GError) error = NULL;
  g_autoptr(Site) site = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(Findings) findings = findings_new();
  int exit_code, lock;
  if (!open_for_deciding(cli, &site, &store, &lock, &exit_code))
    return exit_code;
  bool fine = orders_extend(store, &extension, findings, &error);
  close(lock);
  return report(fine, findings, error, _("the terms go on; the next plan shows what follows"));
}
