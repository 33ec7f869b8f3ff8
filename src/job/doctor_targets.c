// SPDX-License-Identifier: GPL-3.0-or-later
//
// Each target, by both accounts.
#include "job/job_p.h"

#include <string.h>

static void look_by_reading(const Doctor *doctor, Store *store, size_t i)
{
  const TargetConfig *target = doctor->site->targets[i];
  const GuardConfig *guard = doctor->site->guards[i];
  ReportCheck check = {.name = "read", .target = target->name, .state = CHECK_NO_GO};
  g_autoptr(GError) error = NULL;
  g_autoptr(Reader) reader = reader_open(target, &error);
  check.advice = _("nothing can be planned for it");
  if (reader == NULL ||
      (store != NULL && !guard_pinned(guard, target->name, store, reader, &error))) {
    doctor_say(doctor, &check, "%s", error->message);
    return;
  }
  if (!guard_canaries(guard, reader, &error)) {
    check.advice = _("look whether the account for reading has lost rights");
    doctor_say(doctor, &check, "%s", error->message);
    return;
  }
  size_t n = guard_n_canaries(guard);
  check.state = CHECK_OK;
  if (n > 0)
    doctor_say(doctor, &check, _("is reached, and shows its %zu canaries"), n);
  else
    doctor_say(doctor, &check, _("is reached; it has no canaries that would show lost rights"));
}

static void say_rights(const Doctor *doctor, const TargetConfig *target, const Vitals *vitals)
{
  ReportCheck check = {.name = "rights", .target = target->name};
  g_autoptr(GString) lacks = g_string_new(NULL);
  for (guint i = 0; i < vitals->lacks->len; i++)
    g_string_append_printf(lacks, "%s%s", i > 0 ? "; " : "", (char *)vitals->lacks->pdata[i]);
  if (lacks->len > 0) {
    check.state = CHECK_NO_GO;
    check.advice = _("give the account for writing these rights");
    doctor_say(doctor, &check, _("the account for writing may not: %s"), lacks->str);
  } else if (vitals->tells_rights) {
    doctor_say(doctor, &check, _("the account for writing may do what the target tells of"));
  } else {
    check.state = CHECK_UNKNOWN;
    check.advice = _("apply a small part of a plan by hand (apply --only) before the night");
    doctor_say(doctor, &check, _("the target does not tell what the account for writing may do"));
  }
}

static void say_certificate(const Doctor *doctor, const TargetConfig *target, const Vitals *vitals)
{
  ReportCheck check = {.name = "certificate",
                       .target = target->name,
                       .advice = _("renew it before it ends: nothing is sent over an unsafe line")};
  if (vitals->certificate == INSTANT_NONE)
    return;
  g_autoptr(GString) day = g_string_new(NULL);
  Instant now = g_get_real_time() / G_USEC_PER_SEC;
  int64_t left = (vitals->certificate - now) / 86400;
  date_format(date_of_instant(vitals->certificate), day);
  check.state = left < doctor->site->doctor.certificate_days ? CHECK_WARN : CHECK_OK;
  doctor_say(doctor, &check, _("holds until %s, for %" G_GINT64_FORMAT " days"), day->str, left);
}

static void say_clock(const Doctor *doctor, const TargetConfig *target, const Vitals *vitals)
{
  ReportCheck check = {.name = "clock", .target = target->name};
  if (vitals->clock == INSTANT_NONE) {
    check.state = CHECK_UNKNOWN;
    check.advice = _("let this machine and the target keep their time by NTP");
    doctor_say(doctor, &check, _("the target does not tell its time"));
    return;
  }
  int64_t apart = vitals->clock - vitals->asked;
  check.state = ABS(apart) > doctor->site->doctor.clock_s ? CHECK_NO_GO : CHECK_OK;
  check.advice = _("one of the two is wrong: day and hour of every change hang on it");
  doctor_say(doctor, &check,
             _("the target's is %" G_GINT64_FORMAT " s %s this machine's (%d allowed)"), ABS(apart),
             apart < 0 ? _("behind") : _("ahead of"), doctor->site->doctor.clock_s);
}

static const char *const *with_members(const Klass *klass, GPtrArray *arena)
{
  GPtrArray *all = g_ptr_array_new();
  for (size_t i = 0; klass->attributes[i] != NULL; i++)
    g_ptr_array_add(all, (char *)klass->attributes[i]);
  if (klass->member_attribute != NULL)
    g_ptr_array_add(all, (char *)klass->member_attribute);
  g_ptr_array_add(all, NULL);
  g_ptr_array_add(arena, all);
  return (const char *const *)all->pdata;
}

// What the rules write in the target. Borrows from the mapping and the arena.
static GArray *classes_of(const Mapping *mapping, const char *target, GPtrArray *arena)
{
  GArray *classes = g_array_new(FALSE, FALSE, sizeof(VitalsClass));
  for (size_t i = 0; mapping != NULL && i < mapping_n_klasses(mapping); i++) {
    const Klass *klass = mapping_klass(mapping, i);
    size_t n = g_strv_length((char **)klass->classes);
    if (strcmp(klass->target, target) != 0 || n == 0)
      continue;
    VitalsClass class = {klass->classes[n - 1], klass->containers, with_members(klass, arena)};
    g_array_append_val(classes, class);
  }
  return classes;
}

static void look_by_writing(const Doctor *doctor, const Mapping *mapping,
                            const TargetConfig *target)
{
  ReportCheck check = {.name = "write", .target = target->name, .state = CHECK_NO_GO};
  g_autoptr(GError) error = NULL;
  g_auto(Vitals) vitals = {0};
  g_autoptr(GPtrArray) arena = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
  g_autoptr(GArray) classes = classes_of(mapping, target->name, arena);
  if (!target_vitals(target, (const VitalsClass *)(const void *)classes->data, classes->len,
                     &vitals, &error)) {
    check.advice = _("nothing can be sent to it");
    doctor_say(doctor, &check, "%s", error->message);
    return;
  }
  check.state = CHECK_OK;
  doctor_say(doctor, &check, _("the account for writing is let in"));
  say_rights(doctor, target, &vitals);
  say_certificate(doctor, target, &vitals);
  if (!vitals.local)
    say_clock(doctor, target, &vitals);
}

void doctor_targets(const Doctor *doctor)
{
  const Site *site = doctor->site;
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Mapping) mapping =
      site->here.name == NULL ? mapping_load(site->mappings, findings, NULL) : NULL;
  g_autoptr(Store) store = g_file_test(site->store, G_FILE_TEST_EXISTS)
                               ? store_open(site->store, STORE_READ, NULL)
                               : NULL;
  if (store != NULL)
    site_servers(site, store);
  for (size_t i = 0; site->targets[i] != NULL; i++) {
    look_by_reading(doctor, store, i);
    look_by_writing(doctor, mapping, site->targets[i]);
  }
}
