// SPDX-License-Identifier: GPL-3.0-or-later
//
// Who cannot log in though they should: what a plan made now sees in the targets, and what the journal says of it. A
// plan tells what it would do; what it would leave alone, such as a lock, only a survey of what was read tells.
#include "job/job_p.h"

#include <string.h>

#define WIDE_SPACE "\u3000"
#define MOST_LEVELS 16

typedef struct Lack {
  uint32_t person;  // 0 = all of the target
  const char *target;
  const char *object;  // NULL likewise
  ReportLoginState state;
  const char *cause;  // NULL = the journal may know
  const char *deed;   // NULL = what is usual
  bool in_service;    // told only of those who are
  bool counter;
  guint unit_rank;
  const char *number;
} Lack;

typedef struct Seeking {
  const Site *site;
  Store *store;
  GArray *lacks;      // Lack
  GHashTable *known;  // "target person": what is told first of somebody is told
  GStringChunk *texts;
  Instant now;
  size_t n_faults;  // of rules, that are nobody's
} Seeking;

static const char *keep(const Seeking *seeking, const char *text)
{
  return text != NULL ? g_string_chunk_insert_const(seeking->texts, text) : NULL;
}

static void add(Seeking *seeking, const Lack *lack)
{
  char *key = g_strdup_printf("%s %u", lack->target, lack->person);
  Lack copy = *lack;
  if (!g_hash_table_add(seeking->known, key))
    return;
  copy.target = keep(seeking, lack->target);
  copy.object = keep(seeking, lack->object);
  copy.cause = keep(seeking, lack->cause);
  g_array_append_val(seeking->lacks, copy);
}

static uint32_t person_of(const char *object)
{
  const char *slash = strchr(object, '/');
  return slash != NULL ? (uint32_t)g_ascii_strtoull(slash + 1, NULL, 10) : 0;
}

// Nobody logs in to folders.
static bool takes_logins(const TargetConfig *config)
{
  return config != NULL && strcmp(config->type, "share") != 0;
}

static const TargetConfig *config_of(const Site *site, const char *name)
{
  for (size_t i = 0; site->targets[i] != NULL; i++)
    if (strcmp(site->targets[i]->name, name) == 0)
      return site->targets[i];
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// Those who were stopped: why stays where it is.

static bool take_stopped(const RestrictionRow *row, void *data)
{
  Seeking *seeking = data;
  bool stands = person_of(row->object) != 0 &&
                (row->until == DATE_OPEN || row->until > date_of_instant(seeking->now));
  if (stands && strcmp(row->cause, RESTRICTION_STOPPED) == 0)
    add(seeking, &(Lack){.person = person_of(row->object),
                         .target = row->target,
                         .object = row->object,
                         .state = LOGIN_STOPPED,
                         .cause = ""});
  return true;
}

// ---------------------------------------------------------------------------------------------
// What is seen.

static const ObservedAttr *attribute_of(const PlannerSeen *seen, const char *name)
{
  AttrId id = name != NULL ? schema_attr(seen->schema, name) : 0;
  for (size_t i = 0; name != NULL && i < seen->observed->n_attributes; i++)
    if (seen->observed->attributes[i].attr == id)
      return &seen->observed->attributes[i];
  return NULL;
}

static bool is_value(const Bytes *value, const char *text)
{
  return text != NULL && value->n == strlen(text) && memcmp(value->at, text, value->n) == 0;
}

// "20270331140000Z", or tenths of microseconds from the year 1601 on.
static bool lock_time(const Bytes *value, Instant *out)
{
  static const gint64 seconds_to_1970 = G_GINT64_CONSTANT(11644473600), a_second = 10000000;
  g_autofree char *text = g_strndup(value->at, value->n);
  g_autofree char *iso = g_strdup_printf("%.8sT%.6sZ", text, strlen(text) > 8 ? text + 8 : "");
  g_autoptr(GDateTime) when = strchr(text, 'Z') ? g_date_time_new_from_iso8601(iso, NULL) : NULL;
  guint64 ticks = when == NULL ? g_ascii_strtoull(text, NULL, 10) : 0;
  *out = when != NULL ? g_date_time_to_unix(when)
                      : (Instant)(ticks / (guint64)a_second) - seconds_to_1970;
  return when != NULL || (strchr(text, 'Z') == NULL && ticks > 0 && ticks < G_MAXINT64);
}

static void put_minute(Instant instant, GString *out)
{
  g_autoptr(GString) text = g_string_new(NULL);
  instant_format(instant, text);
  g_string_append_printf(out, "%.10s %.5s", text->str, text->str + strlen("2027-04-01T"));
}

// The target may let the lock lapse by itself, and the value stays: since when is for those who know its rules.
static const char *lock_words(const Seeking *seeking, const TargetConfig *config,
                              const PlannerSeen *seen)
{
  Instant since;
  g_autoptr(GString) words = g_string_new("パスワードの誤り");
  const ObservedAttr *lock = attribute_of(seen, desk_traits(config->type)->lock);
  if (lock_time(&lock->values[0], &since)) {
    g_string_append(words, "（");
    put_minute(since, words);
    g_string_append(words, "から）");
  }
  return keep(seeking, words->str);
}

static bool is_locked(const TargetConfig *config, const PlannerSeen *seen)
{
  const DeskTraits *desk = desk_traits(config->type);
  const ObservedAttr *lock = desk != NULL ? attribute_of(seen, desk->lock) : NULL;
  return lock != NULL && lock->n_values > 0 && !is_value(&lock->values[0], desk->lock_never) &&
         !is_value(&lock->values[0], desk->lock_open);
}

static void take_seen(const PlannerSeen *seen, void *data)
{
  Seeking *seeking = data;
  const TargetConfig *config = config_of(seeking->site, seen->klass->target);
  if (seen->object == NULL || seen->klass->subject != FOR_PERSON ||
      seen->presence != PRESENCE_PRESENT || seen->enabled == ENABLED_NO || !takes_logins(config))
    return;
  Lack lack = {.person = seen->person, .target = config->name, .object = seen->object};
  if (seen->doubled) {
    lack.state = LOGIN_UNKNOWN;
    lack.cause = "同じ人のアカウントが複数ある";
    lack.deed = "どちらが本人のものか決める";
  } else if (seen->observed->enabled == ENABLED_NO) {
    lack.state = LOGIN_OFF;
  } else if (is_locked(config, seen)) {
    lack.state = LOGIN_LOCKED;
    lack.cause = lock_words(seeking, config, seen);
  } else {
    return;
  }
  add(seeking, &lack);
}

// ---------------------------------------------------------------------------------------------
// What is not there.

static void add_missing(Seeking *seeking, const Op *op)
{
  const TargetConfig *config = config_of(seeking->site, op->target);
  if (op->kind == OP_CREATE && op->person != 0 && op->not_before <= seeking->now &&
      takes_logins(config) && !op_made_off(config, op) && !op_gives(op))
    add(seeking, &(Lack){.person = op->person,
                         .target = op->target,
                         .object = op->object,
                         .state = LOGIN_MISSING});
}

static bool take_holder(const char *space, uint32_t subject, void *data)
{
  (void)space;
  *(uint32_t *)data = subject;
  return false;
}

// A label begins with the number, a note's object may be a DN.
static uint32_t labelled(const Seeking *seeking, const PlanNote *note)
{
  uint32_t person = 0;
  const char *label = note->label != NULL ? note->label : "";
  g_autofree char *number = g_strndup(label, strcspn(label, " "));
  store_links_numbered(seeking->store, SUBJECT_PERSON, number, take_holder, &person, NULL);
  return person;
}

static void add_note(Seeking *seeking, const PlanNote *note)
{
  static const struct {
    const char *code;
    ReportLoginState state;
    const char *cause, *deed;
  } told[] = {
      {"vanished", LOGIN_MISSING, "idou の知らないうちになくなった",
       "戻すか、idou release で手放す"},
      {"ambiguous", LOGIN_UNKNOWN, "同じ人のアカウントが複数ある", "どちらが本人のものか決める"},
      {"replaced", LOGIN_UNKNOWN, "別のものに置き換わっている", "どちらが本人のものか決める"},
      {"too-long", LOGIN_MISSING, "系統の制限を超える値がある", "人事データか規則を直す"}};
  for (size_t i = 0; i < G_N_ELEMENTS(told); i++) {
    uint32_t person = strcmp(note->code, told[i].code) == 0 ? labelled(seeking, note) : 0;
    if (person != 0 && takes_logins(config_of(seeking->site, note->target)))
      add(seeking, &(Lack){.person = person,
                           .target = note->target,
                           .object = note->object,
                           .state = told[i].state,
                           .cause = told[i].cause,
                           .deed = told[i].deed});
  }
}

static void add_unread(Seeking *seeking, const char *target, const char *why)
{
  g_autofree char *cause = g_strconcat("読み取れない: ", why, NULL);
  add(seeking, &(Lack){.target = target, .state = LOGIN_UNKNOWN, .cause = cause});
}

// What was seen of a target before its reading broke off counts for nothing.
static void forget_seen(Seeking *seeking, const char *target)
{
  for (guint i = seeking->lacks->len; i > 0; i--) {
    const Lack *lack = &g_array_index(seeking->lacks, Lack, i - 1);
    if (lack->state != LOGIN_STOPPED && strcmp(lack->target, target) == 0)
      g_array_remove_index(seeking->lacks, i - 1);
  }
}

typedef struct Rejected {
  Seeking *seeking;
  const char *cause;
  bool any;
} Rejected;

// A finding has the number alone: of whom it is where two spaces have it is not known, so it is told of both.
static bool take_rejected(const char *space, uint32_t subject, void *data)
{
  (void)space;
  Rejected *rejected = data;
  add(rejected->seeking, &(Lack){.person = subject,
                                 .target = "",
                                 .object = "",
                                 .state = LOGIN_UNKNOWN,
                                 .cause = rejected->cause,
                                 .deed = "人事データか規則を直し、もう一度 idou plan",
                                 .in_service = true});
  rejected->any = true;
  return true;
}

// Whom a rule could not handle is left as they are, whatever that is.
static bool add_rejected(Seeking *seeking, const Findings *findings, GError **error)
{
  for (size_t i = 0; i < findings_count(findings); i++) {
    const Finding *finding = findings_at(findings, i);
    if (finding->level != FINDING_ERROR)
      continue;
    g_autofree char *cause = g_strdup_printf(
        "規則で扱えない（%s:%" G_GINT64_FORMAT " %s%s%s）",
        finding->file != NULL ? finding->file : "", finding->line, finding->code,
        finding->field != NULL ? " " : "", finding->field != NULL ? finding->field : "");
    Rejected rejected = {.seeking = seeking, .cause = cause};
    if (finding->subject != NULL &&
        !store_links_numbered(seeking->store, SUBJECT_PERSON, finding->subject, take_rejected,
                              &rejected, error))
      return false;
    seeking->n_faults += !rejected.any;
  }
  return true;
}

static void take_plan(Seeking *seeking, const Plan *plan)
{
  for (size_t i = 0; i < plan_n_sections(plan); i++) {
    const PlanSection *section = plan_section(plan, i);
    if (section->unread != NULL)
      forget_seen(seeking, section->target);
    if (section->unread != NULL)
      add_unread(seeking, section->target, section->unread);
    for (size_t k = 0; k < section->n_notes; k++)
      add_note(seeking, &section->notes[k]);
    for (size_t k = 0; k < section->n_ops; k++)
      add_missing(seeking, &section->ops[k]);
  }
}

static bool take_receipt(const OpRow *op, Instant since, void *data)
{
  (void)since;
  if (op->person != 0 && (strcmp(op->kind, "create") == 0 || strcmp(op->kind, "enable") == 0))
    add(data, &(Lack){.person = op->person,
                      .target = op->target,
                      .object = op->object,
                      .state = LOGIN_AWAITED,
                      .cause = "送信済み"});
  return true;
}

// Made, and the password lies sealed: nobody has it in their hands.
static bool take_seal(const SealRow *seal, void *data)
{
  Seeking *seeking = data;
  if (seal->person != 0 && seal->box != NULL && seal->n_printed == 0 &&
      strcmp(seal->state, "valid") == 0 && seal->as_of <= date_of_instant(seeking->now))
    add(seeking, &(Lack){.person = seal->person,
                         .target = seal->target,
                         .object = seal->object,
                         .state = LOGIN_UNPRINTED,
                         .cause = "初期パスワードの通知書を印刷していない",
                         .in_service = true});
  return true;
}

// ---------------------------------------------------------------------------------------------
// Why, as far as the journal knows.

typedef struct Last {
  char *kind, *state, *detail;
} Last;

static void last_clear(Last *last)
{
  g_free(last->kind);
  g_free(last->state);
  g_free(last->detail);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Last, last_clear)

static bool take_last(const OpRow *op, Instant changed, void *data)
{
  (void)changed;
  Last *last = data;
  if (strcmp(op->kind, "create") != 0 && strcmp(op->kind, "enable") != 0 &&
      strcmp(op->kind, "disable") != 0 && strcmp(op->kind, "adopt") != 0)
    return true;
  *last = (Last){g_strdup(op->kind), g_strdup(op->state), g_strdup(op->detail)};
  return false;
}

// Words that stand for how an operation of the night ended; of what was held, what the guards say is not told here: it
// may be somebody's reason.
static const char *ended_words(const Last *last)
{
  static const char *const words[][2] = {
      {"failed", "反映に失敗"}, {"refused", "系統が拒否"},     {"unknown", "結果が不明"},
      {"held", "保留"},         {"blocked", "前の操作を待つ"}, {"scheduled", "期日を待つ"},
      {"pending", "未着手"},    {"sent", "結果が不明"},        {"skipped", "除外"}};
  for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
    if (g_strcmp0(last->state, words[i][0]) == 0)
      return words[i][1];
  if (g_strcmp0(last->kind, "enable") == 0)
    return "反映の後に手で無効にされた";
  return g_strcmp0(last->kind, "create") == 0 ? "反映していないか、手で無効にされた"
                                              : "まだ反映していない";
}

// Nothing is to be gone on with: somebody has to approve it first.
static bool waits_for_word(const Last *last)
{
  return g_strcmp0(last->state, "held") == 0 || g_strcmp0(last->state, "blocked") == 0;
}

static bool tells_detail(const Last *last)
{
  static const char *const told[] = {"failed", "refused", "unknown"};
  for (size_t i = 0; i < G_N_ELEMENTS(told) && last->detail != NULL; i++)
    if (strcmp(last->state, told[i]) == 0)
      return true;
  return false;
}

static bool find_cause(const Seeking *seeking, const Holds *holds, Lack *lack, GError **error)
{
  g_auto(Last) last = {0};
  const HoldRow *hold =
      lack->person == 0
          ? NULL
          : store_holds_on(holds, &(HeldThing){lack->target, lack->object, NULL, lack->person});
  // Whatever else is the matter with it.
  if (hold != NULL && strcmp(hold->kind, HOLD_STOP) == 0) {
    lack->state = LOGIN_STOPPED;
    lack->cause = "";
    lack->deed = NULL;
  }
  if (lack->cause != NULL)
    return true;
  if (!store_ops_about(seeking->store, lack->target, lack->object, 20, take_last, &last, error))
    return false;
  g_autofree char *text = hold != NULL ? g_strdup_printf("保留　第%" G_GINT64_FORMAT "号", hold->id)
                          : tells_detail(&last)
                              ? g_strconcat(ended_words(&last), ": ", last.detail, NULL)
                              : g_strdup(ended_words(&last));
  WindowsState window = {0};
  const TargetConfig *config = config_of(seeking->site, lack->target);
  windows_look(config != NULL ? config->windows : NULL, seeking->now, &window);
  if (window.closed) {
    g_autoptr(GString) until = g_string_new(NULL);
    put_minute(window.until, until);
    g_autofree char *closed = g_strdup_printf("%s（系統は閉鎖中、%sまで）", text, until->str);
    lack->cause = keep(seeking, closed);
  } else {
    lack->cause = keep(seeking, text);
  }
  lack->deed = hold != NULL ? "解くかどうかは、保留を置いた担当が決める"
               : waits_for_word(&last) ? "変更予定の承認が要る（idou report morning）"
                                       : NULL;
  return true;
}

// ---------------------------------------------------------------------------------------------
// Whose they are, and in which order.

typedef struct Desk {
  Roster *roster;
  GHashTable *ranks;  // unit id -> its place among all
} Desk;

static bool has_counter(const Site *site, const Unit *unit)
{
  for (unsigned level = 0; unit != NULL && level < MOST_LEVELS; unit = unit->parent, level++)
    for (const char *const *code = site->counters; code != NULL && *code != NULL; code++)
      if (strcmp(*code, unit->code) == 0)
        return true;
  return false;
}

static const Unit *unit_of(const Desk *desk, const Person *person)
{
  Instant at = roster_when(desk->roster)->at;
  for (size_t i = 0; i < person->n_posts; i++)
    if (person->posts[i].main && post_in_force(&person->posts[i], at))
      return roster_unit_by_id(desk->roster, person->posts[i].unit_id);
  return NULL;
}

static bool rank(const Seeking *seeking, const Desk *desk, Lack *lack, GError **error)
{
  const Person *person = NULL;
  lack->unit_rank = G_MAXUINT;
  // Of everybody in a target: it comes first, since nothing is known of any of them.
  if (lack->person == 0)
    lack->unit_rank = 0;
  if (lack->person == 0 || !roster_person(desk->roster, lack->person, &person, error))
    return lack->person == 0;
  const Unit *unit = person != NULL ? unit_of(desk, person) : NULL;
  void *place = NULL;
  if (unit != NULL &&
      g_hash_table_lookup_extended(desk->ranks, GUINT_TO_POINTER(unit->id), NULL, &place))
    lack->unit_rank = GPOINTER_TO_UINT(place);
  lack->counter = has_counter(seeking->site, unit);
  lack->number = keep(seeking, person != NULL ? person->number : NULL);
  return true;
}

static int compare(const void *a, const void *b)
{
  const Lack *x = a, *y = b;
  int first = (x->person != 0) - (y->person != 0);
  first = first != 0 ? first : (int)y->counter - (int)x->counter;
  if (first != 0 || x->unit_rank != y->unit_rank)
    return first != 0 ? first : x->unit_rank < y->unit_rank ? -1 : 1;
  first = g_strcmp0(x->number, y->number);
  return first != 0 ? first : strcmp(x->target, y->target);
}

static const char *unit_text(const Seeking *seeking, const Unit *unit)
{
  g_autoptr(GString) text = g_string_new(NULL);
  const Unit *above = unit;
  for (unsigned level = 0; above != NULL && level < MOST_LEVELS; above = above->parent, level++) {
    g_string_prepend(text, above != unit ? WIDE_SPACE : "");
    g_string_prepend(text, above->name);
  }
  if (unit != NULL) {
    g_string_prepend_c(text, ' ');
    g_string_prepend(text, unit->code);
  }
  return keep(seeking, text->str);
}

static bool shall_log_in(const Person *person)
{
  return person != NULL && (person->state == STATE_ACTIVE || person->state == STATE_SECONDED);
}

static bool put_login(const Seeking *seeking, const Desk *desk, const Lack *lack, GArray *out,
                      GError **error)
{
  const Person *person = NULL;
  ReportLogin login = {.counter = lack->counter,
                       .target = lack->target,
                       .state = lack->state,
                       .cause = lack->cause,
                       .deed = lack->deed};
  if (lack->person != 0 && !roster_person(desk->roster, lack->person, &person, error))
    return false;
  if (lack->in_service && !shall_log_in(person))
    return true;
  if (person != NULL) {
    login.unit = unit_text(seeking, unit_of(desk, person));
    login.phone = keep(seeking, person->fields[FIELD_PHONE]);
    login.number = keep(seeking, person->number);
    login.name = keep(seeking, person->fields[FIELD_NAME]);
  } else {
    login.name = lack->person == 0 ? "（この系統の全員）" : lack->object;
  }
  g_array_append_val(out, login);
  return true;
}

static bool open_desk(const Seeking *seeking, Desk *out, GError **error)
{
  const RosterWhen when = {.as_of = date_of_instant(seeking->now),
                           .at = seeking->now,
                           .known_at = store_known_by(seeking->store, seeking->now)};
  size_t n = 0;
  *out = (Desk){roster_open(seeking->store, &when, error), g_hash_table_new(NULL, NULL)};
  if (out->roster == NULL)
    return false;
  const Unit *const *units = roster_units(out->roster, &n);
  for (size_t i = 0; i < n; i++)
    g_hash_table_insert(out->ranks, GUINT_TO_POINTER(units[i]->id), GUINT_TO_POINTER(i + 1));
  return true;
}

static bool put_all(const Seeking *seeking, const Desk *desk, GArray *out, GError **error)
{
  g_autoptr(Holds) holds = NULL;
  if (!store_holds_read(seeking->store, date_of_instant(seeking->now), NULL, &holds, error))
    return false;
  for (guint i = 0; i < seeking->lacks->len; i++) {
    Lack *lack = &g_array_index(seeking->lacks, Lack, i);
    if (!find_cause(seeking, holds, lack, error) || !rank(seeking, desk, lack, error))
      return false;
  }
  g_array_sort(seeking->lacks, compare);
  for (guint i = 0; i < seeking->lacks->len; i++)
    if (!put_login(seeking, desk, &g_array_index(seeking->lacks, Lack, i), out, error))
      return false;
  return true;
}

// ---------------------------------------------------------------------------------------------

// That nothing at all could be read is what the list has to say then.
static bool survey(Seeking *seeking, Findings *findings, ExitCode *exit, GError **error)
{
  static const char *const along[] = {"pwdAccountLockedTime", "lockoutTime", NULL};
  const PlannerSurvey hook = {.attributes = along, .seen = take_seen, .data = seeking};
  PlanRequest request = {
      .as_of = date_of_instant(seeking->now), .known_at = INSTANT_OPEN, .survey = &hook};
  Planned planned;
  g_autoptr(GError) fault = NULL;
  bool fine = job_plan(seeking->site, &request, &planned, &fault);
  if (fine)
    take_plan(seeking, planned.plan);
  if (planned.findings != NULL && findings_count_level(planned.findings, FINDING_ERROR) > 0)
    *exit = exit_worse(*exit, EXIT_REJECTED);
  bool told = planned.findings == NULL || add_rejected(seeking, planned.findings, error);
  if (planned.findings != NULL)
    findings_take(findings, planned.findings);
  planned_clear(&planned);
  if (!told)
    return false;
  if (!fine && !g_error_matches(fault, IDOU_ERROR, EXIT_UNREAD)) {
    g_propagate_error(error, g_steal_pointer(&fault));
    return false;
  }
  for (size_t i = 0; !fine && seeking->site->targets[i] != NULL; i++)
    add_unread(seeking, seeking->site->targets[i]->name, fault->message);
  for (size_t i = 0; seeking->site->apart[i] != NULL; i++)
    add(seeking, &(Lack){.target = seeking->site->apart[i]->name,
                         .state = LOGIN_UNKNOWN,
                         .cause = "分離された領域にあり、ここからは見えない"});
  return true;
}

static bool seek(Seeking *seeking, Findings *findings, ExitCode *exit, GError **error)
{
  if (!store_restrictions_each(seeking->store, NULL, take_stopped, seeking, error) ||
      !survey(seeking, findings, exit, error) ||
      !store_receipts_each(seeking->store, take_receipt, seeking, error) ||
      !store_seals_each(seeking->store, take_seal, seeking, error))
    return false;
  for (guint i = 0; i < seeking->lacks->len; i++)
    if (g_array_index(seeking->lacks, Lack, i).person == 0)
      *exit = exit_worse(*exit, EXIT_UNREAD);
  return true;
}

bool job_report_logins(const Site *site, Findings *findings, ReportBook **out, ExitCode *exit,
                       GError **error)
{
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  if (store == NULL)
    return false;
  g_autoptr(GArray) lacks = g_array_new(FALSE, FALSE, sizeof(Lack));
  g_autoptr(GArray) logins = g_array_new(FALSE, FALSE, sizeof(ReportLogin));
  Seeking seeking = {.site = site,
                     .store = store,
                     .lacks = lacks,
                     .known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                     .texts = g_string_chunk_new(4096),
                     .now = instant_now()};
  Desk desk = {0};
  bool fine = seek(&seeking, findings, exit, error) && open_desk(&seeking, &desk, error) &&
              put_all(&seeking, &desk, logins, error) && store_check(store, error);
  if (fine) {
    *out = report_logins(logins, seeking.now);
    g_autofree char *faults =
        g_strdup_printf("規則の誤り %zu件があり、それによる分はこの表にない（確認事項を見ること）",
                        seeking.n_faults);
    if (seeking.n_faults > 0)
      report_book_note(*out, "rejected", faults);
  }
  roster_free(desk.roster);
  g_clear_pointer(&desk.ranks, g_hash_table_unref);
  g_hash_table_unref(seeking.known);
  g_string_chunk_free(seeking.texts);
  return fine;
}
