// SPDX-License-Identifier: GPL-3.0-or-later
//
// Why they cannot log in: everything on the page that keeps somebody out of an account, one line each.
#include "who_p.h"

#include <string.h>

typedef struct Bar {
  Page *page;
  const WhoTarget *target;
  const LookEntry *entry;
} Bar;

G_GNUC_PRINTF(2, 3)
static void say(const Bar *at, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  WhoBar bar = {at->target->target, at->entry ? at->entry->object : "", who_keep(at->page, text)};
  g_array_append_val(at->page->who->bars, bar);
}

static char *day_text(Date day)
{
  g_autoptr(GString) text = g_string_new(NULL);
  date_format(day, text);
  return g_string_free(g_steal_pointer(&text), FALSE);
}

static bool is_as_of_today(const Bar *at)
{
  return at->page->setup->as_of <= date_of_instant(at->page->setup->now);
}

// ---------------------------------------------------------------------------------------------
// What the journal says of the last try.

static const WhoOp *last_op(const Bar *at, const char *kind)
{
  const GArray *ops = at->page->who->ops;
  for (guint i = 0; i < ops->len; i++) {
    const WhoOp *op = &g_array_index(ops, WhoOp, i);
    if (strcmp(op->target, at->target->target) == 0 && strcmp(op->object, at->entry->object) == 0 &&
        strcmp(op->kind, kind) == 0)
      return op;
  }
  return NULL;
}

static bool is_done(const WhoOp *op)
{
  return strcmp(op->state, "done") == 0 || strcmp(op->state, "already") == 0;
}

// What is still to be done, and what became of it when it was tried.
static void say_pending(const Bar *at, const Op *op, const char *what)
{
  const WhoOp *tried = last_op(at, op_traits(op->kind)->name);
  bool failed = tried && !is_done(tried);
  g_autoptr(GString) text = g_string_new(what);
  if (op->not_before != INSTANT_NONE) {
    g_string_append(text, _("; not before "));
    date_format(date_of_instant(op->not_before), text);
  }
  if (failed)
    g_string_append_printf(text, _("; run %" G_GINT64_FORMAT ": %s, %s"), tried->run, tried->state,
                           tried->detail);
  say(at, "%s", text->str);
}

// ---------------------------------------------------------------------------------------------
// No entry.

// The day on which the outlook first has this kind of entry.
static Date day_made(const Bar *at, const char *klass)
{
  const GArray *changes = at->page->who->changes;
  for (guint i = 0; i < changes->len; i++) {
    const WhoChange *change = &g_array_index(changes, WhoChange, i);
    if (change->target && strcmp(change->target, at->target->target) == 0 &&
        strcmp(change->what, klass) == 0 && !change->old_value)
      return change->day;
  }
  return DATE_NONE;
}

static void say_note(const Bar *at)
{
  const PlanNote *const *notes = at->target->look->notes;
  for (size_t i = 0; notes[i]; i++)
    say(at, "%s: %s", notes[i]->object, notes[i]->text);
}

static void missing(const Bar *at)
{
  const LookEntry *entry = at->entry;
  if (entry->vanished && entry->elsewhere)
    say(at, _("its entry was moved to %s, where idou does not look"), entry->elsewhere);
  if (entry->vanished || entry->unclear) {
    say_note(at);
    if (entry->adopt && entry->adopt->confirm)
      say(at, "%s", entry->adopt->confirm);
  } else if (entry->create) {
    g_autofree char *text = g_strdup_printf(
        *entry->reason ? _("it is not made yet; the next plan makes it, disabled (%s)")
                       : _("it is not made yet; the next plan makes it%s"),
        entry->reason);
    say_pending(at, entry->create, text);
  } else if (entry->presence == PRESENCE_PRESENT) {
    say(at, _("it is not there, and no plan can make it: see the findings"));
    say_note(at);
  } else {
    say(at, _("there is none: %s"), *entry->reason ? entry->reason : _("no rule asks for one"));
  }
}

// ---------------------------------------------------------------------------------------------
// An entry that is there.

static const char *lock_value(const LookAttr *lock)
{
  return lock->n_has > 0 && lock->has[0].kind == VALUE_TEXT ? lock->has[0].bytes : "";
}

static const TargetConfig *config_of(const Bar *at)
{
  for (size_t i = 0; i < at->page->setup->n_targets; i++)
    if (strcmp(at->page->setup->targets[i].config->name, at->target->target) == 0)
      return at->page->setup->targets[i].config;
  return NULL;
}

static void say_locked(const Bar *at, const LookAttr *lock)
{
  const TargetConfig *config = config_of(at);
  const char *value = lock_value(lock);
  bool ours = config && config->disable_attribute &&
              g_ascii_strcasecmp(config->disable_attribute, lock->name) == 0 &&
              target_is_off(config, value, strlen(value));
  if (!ours)
    say(at,
        _("the target has locked it (%s %s), for instance after wrong passwords; unlock it there"),
        lock->name, value);
}

static void say_reset(const Bar *at, const LookAttr *lock)
{
  if (g_ascii_strcasecmp(lock_value(lock), "TRUE") == 0)
    say(at, _("a new password must be chosen at the next login (%s)"), lock->name);
}

static void say_failures(const Bar *at, const LookAttr *lock)
{
  say(at, _("%zu logins failed lately, the last at %.*s (%s)"), lock->n_has,
      (int)lock->has[lock->n_has - 1].n, lock->has[lock->n_has - 1].bytes, lock->name);
}

static void say_value(const Bar *at, const LookAttr *lock)
{
  say(at, _("the target limits it: %s %s"), lock->name, lock_value(lock));
}

// ---------------------------------------------------------------------------------------------
// Active Directory (MS-ADTS 2.2.16, 3.1.1.4.5.17).

#define COMPUTED "msDS-User-Account-Control-Computed"
#define PASSWORD_ENDS "msDS-UserPasswordExpiryTimeComputed"
enum { NOW_LOCKED = 0x10, PASSWORD_EXPIRED = 0x800000 };

static const LookAttr *find_lock(const Bar *at, const char *name)
{
  for (size_t i = 0; i < at->entry->n_locks; i++)
    if (g_ascii_strcasecmp(at->entry->locks[i].name, name) == 0)
      return &at->entry->locks[i];
  return NULL;
}

static guint64 lock_number(const LookAttr *lock)
{
  return lock ? g_ascii_strtoull(lock_value(lock), NULL, 10) : 0;
}

// It counts tenths of microseconds from the year 1601 on; 0 and its greatest number mean never.
static bool lock_time(const LookAttr *lock, Instant *out)
{
  static const gint64 seconds_to_1970 = G_GINT64_CONSTANT(11644473600), a_second = 10000000;
  guint64 ticks = lock_number(lock);
  *out = (Instant)(ticks / (guint64)a_second) - seconds_to_1970;
  return ticks > 0 && ticks < G_MAXINT64;
}

static char *lock_time_text(const LookAttr *lock)
{
  Instant when;
  g_autoptr(GString) text = g_string_new(NULL);
  if (lock && lock_time(lock, &when))
    instant_format(when, text);
  else
    g_string_assign(text, "?");
  return g_string_free(g_steal_pointer(&text), FALSE);
}

// The time stays when the lock has lapsed by itself; what holds now is computed, where it is shown.
static void say_lockout(const Bar *at, const LookAttr *lock)
{
  Instant when;
  const LookAttr *computed = find_lock(at, COMPUTED);
  if (!lock_time(lock, &when) || (computed && !(lock_number(computed) & NOW_LOCKED)))
    return;
  g_autofree char *since = lock_time_text(lock);
  say(at, _("the domain locked it at %s after wrong passwords; unlock: idou unlock %s"), since,
      at->page->who->number);
}

static bool is_managed(const Bar *at, const char *name)
{
  for (size_t i = 0; i < at->entry->n_attributes; i++)
    if (at->entry->attributes[i].managed &&
        g_ascii_strcasecmp(at->entry->attributes[i].name, name) == 0)
      return true;
  return false;
}

static void say_end(const Bar *at, const LookAttr *lock)
{
  Instant end;
  if (!lock_time(lock, &end) || end > at->page->setup->now)
    return;
  g_autofree char *text = lock_time_text(lock);
  say(at,
      is_managed(at, lock->name)
          ? _("the account expired at %s, which idou keeps as the rules say (%s)")
          : _("the account expired at %s, which idou does not manage (%s)"),
      text, lock->name);
}

static void say_must_change(const Bar *at, const LookAttr *lock)
{
  if (lock_number(lock) == 0)
    say(at,
        _("a new password must be chosen at the next login (%s 0), as after an initial password"),
        lock->name);
}

static void say_password_ended(const Bar *at, const LookAttr *lock)
{
  const LookAttr *set = find_lock(at, "pwdLastSet");
  if (!(lock_number(lock) & PASSWORD_EXPIRED) || (set && lock_number(set) == 0))
    return;
  g_autofree char *since = lock_time_text(find_lock(at, PASSWORD_ENDS));
  say(at,
      _("the password expired at %s; a new one must be chosen at the next login, or given: idou "
        "reset-password %s"),
      since, at->page->who->number);
}

// ---------------------------------------------------------------------------------------------

static const struct {
  const char *attribute;
  void (*say)(const Bar *at, const LookAttr *lock);
} locks[] = {
    {"pwdAccountLockedTime", say_locked},
    {"pwdReset", say_reset},
    {"pwdFailureTime", say_failures},
    {"pwdStartTime", say_value},
    {"pwdEndTime", say_value},
    {"shadowExpire", say_value},
    {"loginDisabled", say_value},
    {"nsAccountLock", say_value},
    {"lockoutTime", say_lockout},
    {"accountExpires", say_end},
    {"pwdLastSet", say_must_change},
    {COMPUTED, say_password_ended},
};

static void locked(const Bar *at)
{
  for (size_t i = 0; i < at->entry->n_locks; i++)
    for (size_t k = 0; k < G_N_ELEMENTS(locks); k++)
      if (g_ascii_strcasecmp(at->entry->locks[i].name, locks[k].attribute) == 0)
        locks[k].say(at, &at->entry->locks[i]);
}

// A bit of a number does not tell who turned it; the journal does.
static void say_by_whom(const Bar *at)
{
  const TargetConfig *config = config_of(at);
  const WhoOp *off = last_op(at, op_traits(OP_DISABLE)->name),
              *on = last_op(at, op_traits(OP_ENABLE)->name);
  if (!config || !config->disable_bit)
    return;
  g_autofree char *unused = secret_made_for(at->target->target, at->entry->object, "");
  if (!off && store_cursor_get(at->page->setup->store, SECRETS_UNUSED, unused))
    off = last_op(at, op_traits(OP_CREATE)->name);
  g_autoptr(GString) when = g_string_new(NULL);
  bool ours = off && is_done(off) && (!on || !is_done(on) || on->when <= off->when);
  if (ours)
    instant_format(off->when, when);
  if (ours)
    say(at, _("idou disabled it at %s (run %" G_GINT64_FORMAT ")"), when->str, off->run);
  else
    say(at, _("idou's journal does not say that it disabled it: somebody else did"));
}

static void switched_off(const Bar *at)
{
  const LookEntry *entry = at->entry;
  if (entry->enabled == ENABLED_NO || entry->presence == PRESENCE_ABSENT)
    say(at, _("it is disabled: %s"), *entry->reason ? entry->reason : _("the rules say so"));
  else if (entry->enable)
    say_pending(at, entry->enable, _("it is disabled, and the next plan enables it"));
  else
    say(at, _("it is disabled, and no rule speaks of that now"));
  say_by_whom(at);
}

// It works, and somebody might ask why.
static void works(const Bar *at)
{
  const LookEntry *entry = at->entry;
  const Op *op = entry->remove ? entry->remove : entry->enable;
  if (op && is_as_of_today(at) &&
      (entry->enabled == ENABLED_NO || entry->presence == PRESENCE_ABSENT))
    say_pending(at, op,
                entry->remove ? _("it still works, but the next plan deletes it")
                              : _("it still works, but the next plan disables it"));
}

static void present(const Bar *at)
{
  if (at->entry->is_enabled == ENABLED_NO)
    switched_off(at);
  else
    works(at);
  if (at->entry->unclear)
    say_note(at);
  locked(at);
}

// ---------------------------------------------------------------------------------------------

// What can be said of an entry without having looked.
static void unseen(const Bar *at)
{
  const LookEntry *entry = at->entry;
  if (entry->enabled == ENABLED_NO || entry->presence != PRESENCE_PRESENT)
    say(at, _("the rules want none that works: %s"),
        *entry->reason ? entry->reason : _("no rule asks for one"));
  else if (*entry->name == '\0')
    say(at, _("it has no name yet, so it was not made yet"));
}

static void of_entry(const Bar *at)
{
  if (!at->target->look->read)
    unseen(at);
  else if (at->entry->found)
    present(at);
  else
    missing(at);
  if (at->entry->is_protected)
    say(at, _("it is protected: whatever it is like, idou leaves it alone"));
}

// No class has an entry of this person on the day.
static void no_entry(const Bar *at)
{
  const WhoSetup *setup = at->page->setup;
  const Who *who = at->page->who;
  for (size_t i = 0; i < mapping_n_klasses(setup->mapping); i++) {
    const Klass *klass = mapping_klass(setup->mapping, i);
    if (strcmp(klass->target, at->target->target) != 0 || klass->subject != FOR_PERSON)
      continue;
    Date made = day_made(at, klass->name);
    g_autofree char *day = day_text(made);
    g_autofree char *since = day_text(who->state_since);
    if (made != DATE_NONE)
      say(at, _("no %s yet: it is made on %s"), klass->name, day);
    else
      say(at, _("no %s: %s since %s, and no rule asks for one"), klass->name, who->state, since);
  }
}

static void held(Page *page)
{
  for (guint i = 0; i < page->who->holds->len; i++) {
    const WhoHold *hold = &g_array_index(page->who->holds, WhoHold, i);
    g_autofree char *since = day_text(date_of_instant(hold->since));
    WhoTarget target = {.target = ""};
    Bar at = {page, &target, NULL};
    say(&at,
        _("%s %s is held (hold %" G_GINT64_FORMAT ") since %s; ask %s. Nothing of it changes until "
          "`idou release %" G_GINT64_FORMAT "`"),
        hold->kind, hold->name, hold->id, since, hold->who, hold->id);
  }
}

void who_bars(Page *page)
{
  for (guint i = 0; i < page->who->targets->len; i++) {
    const WhoTarget *target = &g_array_index(page->who->targets, WhoTarget, i);
    Bar at = {.page = page, .target = target};
    bool any = false;
    if (target->unread)
      say(&at, _("it could not be asked; what keeps them out there is not known"));
    for (size_t k = 0; k < target->look->n_entries; k++) {
      at.entry = &target->look->entries[k];
      any |= !at.entry->of_post;
      if (!at.entry->of_post)
        of_entry(&at);
    }
    at.entry = NULL;
    if (!any)
      no_entry(&at);
  }
  held(page);
}
