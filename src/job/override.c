// SPDX-License-Identifier: GPL-3.0-or-later
#include "job_p.h"

#include <idou/audit.h>

#include <string.h>

// Somebody's word that lifts what guards hold, which counts when a second person has said the same.

static bool is_kind_or_check(const char *what)
{
  OpKind kind;
  return op_kind_of(what, &kind) || g_strv_contains(guard_overridable(), what);
}

// A slip in a class would lift nothing, and two people would learn it at night.
static bool check_class(const Plan *plan, const char *class, GError **error)
{
  if (strcmp(class, "date") == 0)
    return true;
  for (size_t i = 0; i < plan_n_sections(plan); i++) {
    const char *target = plan_section(plan, i)->target;
    size_t n = strlen(target);
    if (strncmp(class, target, n) == 0 && class[n] == '/' && is_kind_or_check(class + n + 1))
      return true;
  }
  g_set_error(error, IDOU_ERROR, EXIT_USAGE,
              _("“%s” is nothing that this plan's guards hold: write TARGET/KIND such as "
                "ldap/disable, TARGET/fingerprint, TARGET/empty or date"),
              class);
  return false;
}

// Before it counts: of one that stands in the record and not in the file nothing comes.
static bool note(const Site *site, const Approval *approval, GError **error)
{
  g_autoptr(Store) store = site_ledger(site, error);
  g_autofree char *allows = g_strjoinv(" ", approval->allows);
  g_autoptr(GString) expires = g_string_new(NULL);
  instant_format(approval->expires, expires);
  const char *detail[] = {"allows",  allows,
                          "expires", expires->str,
                          "ref",     approval->ref ? approval->ref : "",
                          "key",     approval->key ? approval->key : "",
                          NULL};
  return store != NULL && audit_note_alone(store,
                                           &(AuditNote){.what = AUDIT_OVERRIDE,
                                                        .who = approval->who,
                                                        .subject = approval->digest,
                                                        .detail = detail},
                                           error);
}

static bool count_people(const Site *site, const char *path, const Plan *plan, const char *class,
                         unsigned *n_people, GError **error)
{
  g_autoptr(Approvals) all = approvals_read(path, error);
  g_autoptr(Store) store = all == NULL ? NULL : store_open(site->store, STORE_READ, error);
  if (store == NULL)
    return false;
  job_judge(site, all, plan, instant_now());
  guard_overrides_judge(all, store);
  *n_people = guard_override_people(all, class);
  return true;
}

// What is spent does not stand in the way of a new word.
static bool may(const Site *site, const char *path, const Plan *plan, const Approval *approval,
                GError **error)
{
  g_autoptr(Approvals) there = NULL;
  g_autoptr(Store) store = store_open(site->store, STORE_READ, error);
  if (store == NULL ||
      (g_file_test(path, G_FILE_TEST_EXISTS) && (there = approvals_read(path, error)) == NULL))
    return false;
  const ApprovalCase judged = {.plan = plan, .rules = site->approvals, .now = instant_now()};
  return guard_override_may(there, store, approval, &judged, error);
}

bool job_override(const Site *site, const OverrideRequest *request, unsigned *n_people,
                  GError **error)
{
  g_autoptr(Plan) plan = plan_read(request->plan_path, error);
  if (plan == NULL || !job_check_words(request->who, request->reason, request->ref, error))
    return false;
  for (char **class = request->allows; *class != NULL; class ++)
    if (!check_class(plan, *class, error))
      return false;
  g_autofree char *login = user_login();
  const Approval said = {.kind = (char *)APPROVAL_OVERRIDE,
                         .digest = (char *)plan_digest(plan),
                         .who = (char *)request->who,
                         .reason = (char *)request->reason,
                         .ref = (char *)request->ref,
                         .user = login,
                         .given = instant_now(),
                         .not_before = INSTANT_NONE,
                         .expires = request->expires,
                         .allows = request->allows};
  g_autoptr(Approval) approval = approval_copy(&said);
  g_autofree char *path = approvals_path(request->plan_path);
  return (request->signer == NULL ||
          approval_sign(approval, request->signer, site->approvals, error)) &&
         may(site, path, plan, approval, error) && note(site, approval, error) &&
         approvals_add(path, approval, error) &&
         count_people(site, path, plan, request->allows[0], n_people, error);
}
