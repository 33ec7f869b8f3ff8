// SPDX-License-Identifier: GPL-3.0-or-later
//
// The service desk: from requests to a small plan, and through guard and apply. Nothing here waits for a night's run, nor
// that for us: each account that is worked on is latched until its operation has ended.
#include "job/job_p.h"

#include <string.h>

#define LATCH_TRIES 50
#define LATCH_PAUSE_US 100000

typedef struct Desk {
  const Site *site;
  const DeskRequest *request;
  DeskDone *done;
  Store *store;
  Mapping *mapping;
  Roster *roster;
  Latches *latches;
  Plan *plan;
  GArray *doors;      // DeskDoor, by index of the site's targets
  GArray *sections;   // size_t by target: in the plan, + 1; 0 = none yet
  GHashTable *taken;  // latches we have
} Desk;

static const struct {
  const char *word;  // for the journal
} deeds[DESK_N_DEEDS] = {[DESK_UNLOCK] = {"unlock"}, [DESK_RESET] = {"reset-password"}};

static const char *keep(const Desk *desk, const char *text)
{
  return g_string_chunk_insert_const(desk->done->texts, text != NULL ? text : "");
}

static void add_result(Desk *desk, const DeskResult *result)
{
  const DeskResult copy = {keep(desk, result->label),   keep(desk, result->target),
                           keep(desk, result->account), keep(desk, result->state),
                           keep(desk, result->detail),  result->seal};
  g_array_append_val(desk->done->results, copy);
}

// ---------------------------------------------------------------------------------------------
// Refusing.

G_GNUC_PRINTF(3, 4)
static void refuse(Desk *desk, const DeskAsk *ask, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  Finding finding = {.level = FINDING_ERROR,
                     .code = "desk-refused",
                     .file = ask->file,
                     .line = ask->line,
                     .subject = ask->person};
  findings_add(desk->done->findings, &finding, "%s", text);
  desk->done->exit = exit_worse(desk->done->exit, EXIT_FAILED);
}

// ---------------------------------------------------------------------------------------------
// Who.

static bool take_holder(const char *space, uint32_t person, void *data)
{
  (void)space;
  g_hash_table_add(data, GUINT_TO_POINTER(person));
  return true;
}

static bool take_login(const NameRow *name, void *data)
{
  g_hash_table_add(data, GUINT_TO_POINTER(name->subject));
  return true;
}

// A number, SPACE/NUMBER or a login; no name: whom a desk hears may be another of that name.
static bool find_people(Desk *desk, const DeskAsk *ask, GHashTable *people, GError **error)
{
  const char *slash = strchr(ask->person, '/');
  g_autofree char *space =
      slash != NULL ? g_strndup(ask->person, (size_t)(slash - ask->person)) : NULL;
  uint32_t holder = slash != NULL ? store_link_find(desk->store, SUBJECT_PERSON, space, slash + 1,
                                                    date_of_instant(instant_now()))
                                  : 0;
  if (holder != 0)
    g_hash_table_add(people, GUINT_TO_POINTER(holder));
  return holder != 0 || (store_links_numbered(desk->store, SUBJECT_PERSON, ask->person, take_holder,
                                              people, error) &&
                         (g_hash_table_size(people) > 0 ||
                          store_names_like(desk->store, ask->person, take_login, people, error)));
}

// NULL: refused, or an error.
static const Person *find_person(Desk *desk, const DeskAsk *ask, GError **error)
{
  const Person *person = NULL;
  gpointer one = NULL;
  g_autoptr(GHashTable) people = g_hash_table_new(NULL, NULL);
  if (!find_people(desk, ask, people, error))
    return NULL;
  if (g_hash_table_size(people) != 1) {
    refuse(desk, ask,
           g_hash_table_size(people) == 0
               ? _("nobody has this number or login")
               : _("several people have or had this number: say whose, as SPACE/NUMBER"));
    return NULL;
  }
  GHashTableIter iter;
  g_hash_table_iter_init(&iter, people);
  g_hash_table_iter_next(&iter, &one, NULL);
  if (!roster_person(desk->roster, GPOINTER_TO_UINT(one), &person, error))
    return NULL;
  if (person != NULL && state_in_service(person->state))
    return person;
  g_autoptr(GString) since = g_string_new(NULL);
  if (person != NULL && person->state == STATE_LEFT)
    date_format(person->state_since, since);
  refuse(desk, ask,
         since->len > 0 ? _("they have left (%s); nothing is done")
                        : _("they are not in service%s; nothing is done"),
         since->str);
  return NULL;
}

static char *label_of(const Person *person)
{
  const char *name = person->fields[FIELD_NAME];
  return g_strdup_printf("%s %s", person->number != NULL ? person->number : "",
                         name != NULL ? name : "");
}

// ---------------------------------------------------------------------------------------------
// The plan's parts.

static size_t section_of(Desk *desk, size_t target)
{
  size_t *section = &g_array_index(desk->sections, size_t, target);
  DeskDoor *door = &g_array_index(desk->doors, DeskDoor, target);
  if (*section == 0) {
    plan_add_section(desk->plan, door->config->name);
    *section = plan_n_sections(desk->plan);
    const PlanSection what = {.target = door->config->name,
                              .fingerprint = door->fingerprint->str,
                              .base = door->config->base};
    plan_describe_section(desk->plan, *section - 1, &what);
  }
  return *section - 1;
}

// The place as the planner writes it: the name, and below the base what it stands in.
static bool add_place(Desk *desk, size_t section, const DeskAccount *account)
{
  size_t n_rdn = 0, n_base = strlen(account->config->base), n_dn = strlen(account->dn);
  const char *parent = NULL;
  if (!place_split(account->dn, &n_rdn, &parent) || n_dn < n_rdn + 1 + n_base ||
      g_ascii_strcasecmp(account->dn + n_dn - n_base, account->config->base) != 0)
    return false;
  size_t n_parent = strlen(parent);
  g_autofree char *name = g_strndup(account->dn, n_rdn);
  g_autofree char *within = n_parent > n_base ? g_strndup(parent, n_parent - n_base - 1) : NULL;
  g_autofree char *container = within != NULL ? g_strconcat("container/", within, NULL) : NULL;
  g_autofree char *key = g_strconcat(account->config->name, " ", container, NULL);
  if (container != NULL && g_hash_table_add(desk->taken, g_strdup(key)))
    plan_add_place(desk->plan, section,
                   &(Placed){.object = container, .name = within, .exists = true});
  plan_add_place(desk->plan, section,
                 &(Placed){.object = account->object,
                           .parent = container,
                           .name = name,
                           .stable_id = account->id,
                           .exists = true});
  return true;
}

static bool is_locked(const DeskAccount *account)
{
  const DeskTraits *traits = account->traits;
  return account->lock != NULL && g_strcmp0(account->lock, traits->lock_open) != 0 &&
         g_strcmp0(account->lock, traits->lock_never) != 0;
}

static OpValue text_value(const char *text)
{
  return (OpValue){VALUE_TEXT, text, text != NULL ? strlen(text) : 0};
}

// What the operation changes; values point into `values`.
typedef struct DeskChanges {
  OpValue values[6];
  OpChange changes[3];
  size_t n;
} DeskChanges;

static void add_unlock(DeskChanges *out, const DeskAccount *account)
{
  out->values[0] = text_value(account->lock);
  out->values[1] = text_value(account->traits->lock_open);
  out->changes[out->n++] = (OpChange){.attribute = account->traits->lock,
                                      .old_values = &out->values[0],
                                      .n_old = 1,
                                      .new_values = &out->values[1],
                                      .n_new = account->traits->lock_open != NULL ? 1 : 0};
}

static void add_password(DeskChanges *out, const DeskAccount *account, const char *policy)
{
  out->values[2] = (OpValue){VALUE_SECRET, policy, strlen(policy)};
  out->changes[out->n++] = (OpChange){.attribute = account->traits->password,
                                      .new_values = &out->values[2],
                                      .n_new = 1,
                                      .replace = true};
  if (!account->knows_must)
    return;
  out->values[3] = text_value(account->must);
  out->values[4] = text_value(account->traits->must_value);
  out->changes[out->n++] = (OpChange){.attribute = account->traits->must_change,
                                      .old_values = &out->values[3],
                                      .n_old = account->must != NULL ? 1 : 0,
                                      .new_values = &out->values[4],
                                      .n_new = 1,
                                      .replace = true};
}

static char *reason(const Desk *desk, const DeskAsk *ask)
{
  const char *word = deeds[desk->request->deed].word;
  return *ask->requester != '\0'
             ? g_strdup_printf(_("%s by %s for %s: %s"), word, desk->request->who, ask->requester,
                               ask->why)
             : g_strdup_printf(_("%s by %s: %s"), word, desk->request->who, ask->why);
}

static void add_op(Desk *desk, const DeskAsk *ask, const Person *person, size_t target,
                   const DeskAccount *account)
{
  DeskChanges changes = {.n = 0};
  size_t section = section_of(desk, target);
  g_autofree char *why = reason(desk, ask);
  g_autofree char *label = label_of(person);
  if (!add_place(desk, section, account)) {
    refuse(desk, ask, _("its place in %s (%s) is not below %s"), account->config->name, account->dn,
           account->config->base);
    return;
  }
  if (is_locked(account))
    add_unlock(&changes, account);
  if (desk->request->deed == DESK_RESET)
    add_password(&changes, account, desk->site->passwords->desk_policy);
  // `expected`: nothing that a guard counts, since somebody asked for it.
  const Op op = {.kind = OP_MODIFY,
                 .object = account->object,
                 .label = label,
                 .person = person->id,
                 .account = account->account,
                 .stable_id = account->id,
                 .changes = changes.changes,
                 .n_changes = changes.n,
                 .not_before = INSTANT_NONE,
                 .why = why,
                 .cause = deeds[desk->request->deed].word,
                 .expected = "desk"};
  plan_add_op(desk->plan, section, &op);
}

// ---------------------------------------------------------------------------------------------
// One account.

static bool latch(Desk *desk, const char *target, const char *object, bool *got, GError **error)
{
  g_autofree char *name = apply_latch(target, object);
  *got = !g_hash_table_contains(desk->taken, name);
  if (!*got)
    return true;  // asked for twice
  for (unsigned try = 0; try < LATCH_TRIES; try++) {
    if (!latches_try(desk->latches, name, got, error))
      return false;
    if (*got) {
      g_hash_table_add(desk->taken, g_steal_pointer(&name));
      return true;
    }
    g_usleep(LATCH_PAUSE_US);
  }
  return true;
}

// Why nothing may be done to it; NULL = it may.
static char *objection(const DeskAccount *account)
{
  const char *target = account->config->name;
  if (!account->found)
    return g_strdup_printf(_("the entry that was theirs in %s is gone"), target);
  if (account->protected_by != NULL)
    return g_strdup_printf(_("their entry in %s is protected (%s)"), target, account->protected_by);
  bool never = account->traits->lock_never != NULL &&
               g_strcmp0(account->lock, account->traits->lock_never) == 0;
  if (account->enabled == ENABLED_NO || never)
    return g_strdup_printf(
        _("their account in %s is switched off, which no desk takes back: ask for "
          "the reason (`idou who`)"),
        target);
  return NULL;
}

static bool work_on(Desk *desk, const DeskAsk *ask, const Person *person, size_t target,
                    DeskAccount *account, GError **error)
{
  DeskDoor *door = &g_array_index(desk->doors, DeskDoor, target);
  bool got = false;
  if (!desk_door_open(door, error) ||
      !latch(desk, account->config->name, account->object, &got, error))
    return false;
  if (!got) {
    refuse(desk, ask,
           _("a run, or another desk, is at work on their account in %s; try again in a moment"),
           account->config->name);
    return true;
  }
  if (!desk_account_read(door, account, error))
    return false;
  g_autofree char *why = objection(account);
  g_autofree char *label = label_of(person);
  if (why != NULL)
    refuse(desk, ask, "%s", why);
  else if (desk->request->deed == DESK_UNLOCK && !is_locked(account))
    add_result(desk, &(DeskResult){.label = label,
                                   .target = account->config->name,
                                   .account = account->account,
                                   .state = "nothing",
                                   .detail = _("it is not locked")});
  else
    add_op(desk, ask, person, target, account);
  return true;
}

// ---------------------------------------------------------------------------------------------
// One person.

// The classes whose entries have a password that rules make: those are accounts.
static bool is_account_class(const Klass *klass, const TargetConfig *config,
                             const DeskTraits *traits)
{
  if (strcmp(klass->target, config->name) != 0 || klass->subject != FOR_PERSON)
    return false;
  for (const char *const *attribute = klass->attributes; *attribute != NULL; attribute++)
    if (g_ascii_strcasecmp(*attribute, traits->password) == 0)
      return true;
  return false;
}

static bool has_desk(const TargetConfig *config)
{
  return config->uri == NULL || config->desk_dn != NULL;
}

static bool work_on_target(Desk *desk, const DeskAsk *ask, const Person *person, size_t target,
                           size_t *n_found, GError **error)
{
  const TargetConfig *config = desk->site->targets[target];
  const DeskTraits *traits = desk_traits(config->type);
  for (size_t i = 0; traits != NULL && i < mapping_n_klasses(desk->mapping); i++) {
    const Klass *klass = mapping_klass(desk->mapping, i);
    if (!is_account_class(klass, config, traits))
      continue;
    DeskAccount account = {.config = config, .traits = traits};
    account.object = g_strdup_printf("%s/%u", klass->name, person->id);
    account.id = g_strdup(store_binding_of(desk->store, config->name, account.object));
    bool fine = true;
    *n_found += account.id != NULL;
    if (account.id != NULL && !has_desk(config))
      refuse(desk, ask,
             _("target %s has no “desk” account in the site file. Give the desk rights of its own; "
               "the one for writing is not used for it"),
             config->name);
    else if (account.id != NULL)
      fine = work_on(desk, ask, person, target, &account, error);
    desk_account_clear(&account);
    if (!fine)
      return false;
  }
  return true;
}

static bool work_on_ask(Desk *desk, const DeskAsk *ask, GError **error)
{
  g_autoptr(GError) fault = NULL;
  size_t n_found = 0;
  const Person *person = find_person(desk, ask, &fault);
  if (person == NULL) {
    if (fault != NULL)
      g_propagate_error(error, g_steal_pointer(&fault));
    return error == NULL || *error == NULL;
  }
  for (size_t i = 0; desk->site->targets[i] != NULL; i++)
    if ((ask->target == NULL || strcmp(ask->target, desk->site->targets[i]->name) == 0) &&
        !work_on_target(desk, ask, person, i, &n_found, error))
      return false;
  if (n_found == 0)
    refuse(desk, ask,
           ask->target != NULL ? _("they have no account in %s") : _("they have no account%s"),
           ask->target != NULL ? ask->target : "");
  return true;
}

// ---------------------------------------------------------------------------------------------
// Applying.

// The targets with the desk's rights instead of the writer's.
static TargetConfig *desk_configs(const Site *site)
{
  size_t n = 0;
  while (site->targets[n] != NULL)
    n++;
  TargetConfig *configs = g_new0(TargetConfig, n + 1);
  for (size_t i = 0; i < n; i++) {
    configs[i] = *site->targets[i];
    if (configs[i].uri == NULL)
      continue;
    configs[i].write_dn = configs[i].desk_dn;
    configs[i].write_secret = configs[i].desk_secret;
    configs[i].external = false;
  }
  return configs;
}

// Who asked for what and why, before anything is done.
static bool note(Desk *desk, GError **error)
{
  if (!store_begin(desk->store, error))
    return false;
  for (uint32_t n = 1; n <= plan_n_ops(desk->plan); n++) {
    const Op *op = plan_op(desk->plan, n);
    g_autofree char *subject = g_strdup_printf("%s %s %s", op->label, op->target, op->object);
    const Ruling ruling = {.what = deeds[desk->request->deed].word,
                           .subject = subject,
                           .who = desk->request->who,
                           .reason = op->why,
                           .when = instant_now()};
    if (!store_ruling_add(desk->store, &ruling, error)) {
      store_rollback(desk->store);
      return false;
    }
  }
  g_autofree char *n = g_strdup_printf("%zu", plan_n_ops(desk->plan));
  const char *const detail[] = {"deed", deeds[desk->request->deed].word, "accounts", n, NULL};
  if (audit_note(desk->store,
                 &(AuditNote){AUDIT_DESK, desk->request->who, plan_digest(desk->plan), detail},
                 error))
    return store_commit(desk->store, error);
  store_rollback(desk->store);
  return false;
}

typedef struct SealHunt {
  int64_t run;
  uint32_t n;
  int64_t number;
} SealHunt;

static bool find_seal(const SealRow *seal, void *data)
{
  SealHunt *hunt = data;
  if (seal->run == hunt->run && seal->n == hunt->n && strcmp(seal->state, "valid") == 0)
    hunt->number = seal->number;
  return true;
}

static bool tell(Desk *desk, const ApplyReport *report, GError **error)
{
  for (uint32_t n = 1; n <= plan_n_ops(desk->plan); n++) {
    const Op *op = plan_op(desk->plan, n);
    SealHunt hunt = {.run = report->run, .n = n};
    OpRow row;
    if (!store_seals_each(desk->store, find_seal, &hunt, error))
      return false;
    bool known = store_op_get(desk->store, report->run, n, &row);
    add_result(desk, &(DeskResult){.label = op->label,
                                   .target = op->target,
                                   .account = op->account,
                                   .state = known ? row.state : "pending",
                                   .detail = known ? row.detail : NULL,
                                   .seal = hunt.number});
  }
  desk->done->exit = exit_worse(desk->done->exit, report->exit);
  return true;
}

static bool apply(Desk *desk, const char *path, const GuardVerdict *verdict, GError **error)
{
  g_autofree TargetConfig *configs = desk_configs(desk->site);
  g_autoptr(GPtrArray) list = g_ptr_array_new();
  for (size_t i = 0; desk->site->targets[i] != NULL; i++)
    g_ptr_array_add(list, &configs[i]);
  g_ptr_array_add(list, NULL);
  // The latches are ours already.
  const ApplySetup setup = {.store = desk->store,
                            .plan = desk->plan,
                            .plan_path = path,
                            .held = verdict->held,
                            .targets = (const TargetConfig *const *)list->pdata,
                            .passwords = desk->site->passwords,
                            .desk = true,
                            .by = desk->request->who,
                            .now = instant_now(),
                            .interrupted = desk->request->interrupted};
  ApplyReport report = {0};
  bool fine = apply_plan(&setup, &report, error) && tell(desk, &report, error);
  apply_report_clear(&report);
  return fine;
}

static bool carry_out(Desk *desk, GError **error)
{
  if (plan_n_ops(desk->plan) == 0)
    return true;
  g_autofree char *path =
      plan_seal(desk->plan, error)
          ? g_strdup_printf("%s/desk-%.16s.plan", desk->site->plans, plan_digest(desk->plan))
          : NULL;
  if (path == NULL || !file_make_dir(desk->site->plans, 0700, error) ||
      !plan_write(desk->plan, path, error))
    return false;
  g_autoptr(GuardVerdict) verdict = NULL;
  Instant now = instant_now();
  // Today is today for the desk, whichever day the last plan was for.
  char *const allows[] = {(char *)"date", NULL};
  const Approval approval = {.digest = (char *)plan_digest(desk->plan),
                             .who = (char *)desk->request->who,
                             .reason = (char *)deeds[desk->request->deed].word,
                             .not_before = INSTANT_NONE,
                             .expires = now + 3600,
                             .allows = (char **)allows};
  g_autoptr(Approvals) approvals = approvals_of(&approval);
  const GuardSetup guard = {.plan = desk->plan,
                            .configs = (const GuardConfig *const *)desk->site->guards,
                            .store = desk->store,
                            .approvals = approvals,
                            .now = now};
  return guard_check(&guard, &verdict, error) && note(desk, error) &&
         apply(desk, path, verdict, error);
}

// ---------------------------------------------------------------------------------------------

static bool open_desk(Desk *desk, GError **error)
{
  Instant now = instant_now();
  const RosterWhen when = {.as_of = date_of_instant(now), .known_at = INSTANT_OPEN, .at = now};
  // Its moment makes each plan one of its own: what is asked for again is done again.
  const PlanHead head = {
      .as_of = when.as_of, .at = now, .known_at = INSTANT_OPEN, .program = "idou " IDOU_VERSION};
  g_autofree char *locks = job_object_locks(desk->site);
  desk->store = site_ledger(desk->site, error);
  if (desk->store != NULL)
    site_servers(desk->site, desk->store);
  desk->latches = desk->store == NULL ? NULL : latches_open(locks, error);
  desk->mapping = desk->latches == NULL
                      ? NULL
                      : mapping_load(desk->site->mappings, desk->done->findings, error);
  desk->roster = desk->mapping == NULL ? NULL : roster_open(desk->store, &when, error);
  desk->plan = plan_new(&head);
  desk->doors = g_array_new(FALSE, TRUE, sizeof(DeskDoor));
  desk->sections = g_array_new(FALSE, TRUE, sizeof(size_t));
  desk->taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (size_t i = 0; desk->site->targets[i] != NULL; i++) {
    const DeskDoor door = {.config = desk->site->targets[i], .guard = desk->site->guards[i]};
    g_array_append_val(desk->doors, door);
  }
  g_array_set_size(desk->sections, desk->doors->len + 1);
  return desk->roster != NULL;
}

static void close_desk(Desk *desk)
{
  for (guint i = 0; i < desk->doors->len; i++)
    desk_door_close(&g_array_index(desk->doors, DeskDoor, i));
  g_array_unref(desk->doors);
  g_array_unref(desk->sections);
  g_hash_table_unref(desk->taken);
  plan_free(desk->plan);
  roster_free(desk->roster);
  mapping_free(desk->mapping);
  latches_close(desk->latches);
  store_close(desk->store);
}

static bool work(Desk *desk, const GArray *asks, GError **error)
{
  for (guint i = 0; i < asks->len; i++)
    if (!work_on_ask(desk, &g_array_index(asks, DeskAsk, i), error))
      return false;
  return carry_out(desk, error);
}

bool job_desk(const Site *site, const DeskRequest *request, DeskDone *out, GError **error)
{
  *out = (DeskDone){.results = g_array_new(FALSE, FALSE, sizeof(DeskResult)),
                    .findings = findings_new(),
                    .exit = EXIT_DONE,
                    .texts = g_string_chunk_new(1024)};
  g_autoptr(GArray) asks = g_array_new(FALSE, FALSE, sizeof(DeskAsk));
  if (request->deed == DESK_RESET && site->passwords == NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s",
                _("the site file has no “passwords”, so nobody would learn the new one "
                  "(docs/passwords.md)"));
    return false;
  }
  if (!desk_asks_read(site, request, out, asks, error))
    return false;
  if (findings_count_level(out->findings, FINDING_ERROR) > 0)
    out->exit = EXIT_REJECTED;
  Desk desk = {.site = site, .request = request, .done = out};
  bool fine = open_desk(&desk, error) && work(&desk, asks, error);
  close_desk(&desk);
  return fine;
}

void desk_done_clear(DeskDone *done)
{
  g_clear_pointer(&done->results, g_array_unref);
  g_clear_pointer(&done->findings, findings_free);
  g_clear_pointer(&done->texts, g_string_chunk_free);
}
