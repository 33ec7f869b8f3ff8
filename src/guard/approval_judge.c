// SPDX-License-Identifier: GPL-3.0-or-later
#include "guard_p.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Which entries count, and who is who.

// Signed along with the entry, so that a bundle's signature is none of an approval, nor the other way round.
#define PURPOSE "idou-approval\n"

// ---------------------------------------------------------------------------------------------
// Signatures.

static char *signed_text(const Approval *approval)
{
  g_autofree char *canonical = approval_canonical(approval);
  return g_strconcat(PURPOSE, canonical, NULL);
}

// Whoever can put a file there makes themselves somebody who may approve.
static bool is_ours_alone(const char *folder)
{
  struct stat status;
  return stat(folder, &status) == 0 && (status.st_mode & 022) == 0 &&
         (status.st_uid == geteuid() || status.st_uid == 0);
}

// NULL, with the reason, when the person has none that can be trusted.
static Verifier *find_key(const ApprovalRules *rules, const char *who, char **why)
{
  g_autoptr(GString) name = g_string_new(NULL);
  g_autoptr(GError) error = NULL;
  text_key(who, name);
  const char *path = rules ? g_hash_table_lookup(rules->keys, name->str) : NULL;
  if (!path) {
    *why =
        g_strdup_printf(_("the site knows no key of %s (approvals: keys: in the site file)"), who);
    return NULL;
  }
  g_autofree char *folder = g_path_get_dirname(path);
  if (!is_ours_alone(folder)) {
    *why = g_strdup_printf(_("%s: others can put keys of theirs in it: chmod 755, and let it be "
                             "root's or idou's"),
                           folder);
    return NULL;
  }
  Verifier *key = verifier_load(path, &error);
  if (!key)
    *why = g_strdup(error->message);
  return key;
}

static char *signature_flaw(const Approval *approval, const ApprovalRules *rules)
{
  char *why = NULL;
  g_autoptr(Verifier) key = find_key(rules, approval->who, &why);
  if (!key)
    return why;
  if (g_strcmp0(approval->key, verifier_id(key)) != 0)
    return g_strdup_printf(_("it is signed with the key %s, and that of %s is %s"),
                           approval->key ? approval->key : "?", approval->who, verifier_id(key));
  g_autofree char *text = signed_text(approval);
  return verifier_accepts(key, text, approval->signature)
             ? NULL
             : g_strdup(_("its signature is wrong: it was changed after it was signed"));
}

bool approval_sign(Approval *approval, const Signer *signer, const ApprovalRules *rules,
                   GError **error)
{
  char *why = NULL;
  g_autoptr(Verifier) known = rules ? find_key(rules, approval->who, &why) : NULL;
  if (known && strcmp(verifier_id(known), signer_id(signer)) != 0)
    why = g_strdup_printf(_("this key is %s, and the site knows that of %s as %s"),
                          signer_id(signer), approval->who, verifier_id(known));
  if (why) {
    g_set_error_literal(error, IDOU_ERROR, EXIT_USAGE, why);
    g_free(why);
    return false;
  }
  g_autoptr(GString) signature = g_string_new(NULL);
  g_free(approval->key);
  approval->key = g_strdup(signer_id(signer));
  g_autofree char *text = signed_text(approval);
  signer_sign(signer, text, signature);
  g_free(approval->signature);
  approval->signature = g_string_free(g_steal_pointer(&signature), FALSE);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Who is who. Names, keys and accounts: where one of them is the same, it is one person.

static bool is_shared(const ApprovalRules *rules, const char *user)
{
  return rules && g_ptr_array_find_with_equal_func(rules->shared, user, g_str_equal, NULL);
}

static bool same_account(const ApprovalRules *rules, const char *a, const char *b)
{
  return a && b && strcmp(a, b) == 0 && !is_shared(rules, a);
}

static bool same_person(const ApprovalRules *rules, const Approval *a, const Approval *b)
{
  return approval_is_of(a, b->who) || (a->key && g_strcmp0(a->key, b->key) == 0) ||
         same_account(rules, a->user, b->user);
}

static bool is_maker(const ApprovalRules *rules, const PlanEnvelope *envelope,
                     const Approval *approval)
{
  const char *login = envelope->login ? envelope->login : envelope->user;
  return approval_is_of(approval, envelope->by) ||
         (login && !is_shared(rules, login) && approval_is_of(approval, login)) ||
         same_account(rules, login, approval->user);
}

// Without rules whoever says that they approve may; an override takes two people at any site.
static bool is_asked_who(const Approval *approval, const ApprovalRules *rules)
{
  return rules || strcmp(approval->kind, APPROVAL_OVERRIDE) == 0;
}

// Whoever is the same as somebody who is the same as a third is the third, too.
static bool join_people(Approval *a, Approval *b, const ApprovalRules *rules)
{
  // What does not count makes nobody the same as anybody.
  if (a->flaw || b->flaw || !is_asked_who(a, rules) || !is_asked_who(b, rules) ||
      !same_person(rules, a, b) || (a->person == b->person && a->own == b->own))
    return false;
  a->person = b->person = MIN(a->person, b->person);
  a->own = b->own = a->own || b->own;
  return true;
}

static void find_people(Approvals *approvals, const ApprovalRules *rules, const Plan *plan)
{
  GPtrArray *list = approvals->list;
  for (guint i = 0; i < list->len; i++) {
    Approval *one = g_ptr_array_index(list, i);
    if (!is_asked_who(one, rules))
      continue;
    one->person = i;
    one->own = !(rules && rules->own) && is_maker(rules, plan_envelope(plan), one);
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (guint i = 0; i < list->len; i++)
      for (guint k = 0; k < i; k++)
        changed =
            join_people(g_ptr_array_index(list, i), g_ptr_array_index(list, k), rules) || changed;
  }
}

// ---------------------------------------------------------------------------------------------

static char *choice_flaw(Approval *approval, const ApprovalCase *of)
{
  g_autoptr(GError) error = NULL;
  g_auto(PlanChoice) choice = {0};
  g_clear_pointer(&approval->chosen, g_byte_array_unref);
  if (!approval->only && !approval->except)
    return NULL;
  if (!plan_choice(of->plan, approval->only, approval->except, of->together, &choice, &error))
    return g_strdup(error->message);
  approval->chosen = g_steal_pointer(&choice.chosen);
  return NULL;
}

// Whoever can write into the file writes there what they like; a signature they cannot.
static bool is_open(const char *path)
{
  struct stat status;
  return path && stat(path, &status) == 0 &&
         ((status.st_mode & 022) != 0 || (status.st_uid != geteuid() && status.st_uid != 0));
}

static char *find_flaw(const Approvals *approvals, Approval *approval, const ApprovalRules *rules,
                       bool open)
{
  if (approval->signature)
    // Without rules nobody's key is known: it says as much as one that is not signed.
    return rules ? signature_flaw(approval, rules) : NULL;
  if (rules && rules->is_signed)
    return g_strdup(_("it is not signed, and this site asks for that (approvals: signed)"));
  if (open)
    return g_strdup_printf(_("others can write to %s, or it is not yours: chmod 600"),
                           approvals->path);
  return NULL;
}

// A clock that is set back gives nothing new life.
static char *clock_flaw(const Approval *approval, Instant worked)
{
  if (worked == INSTANT_NONE || approval->expires > worked)
    return NULL;
  g_autoptr(GString) when = g_string_new(NULL);
  instant_format(worked, when);
  return g_strdup_printf(_("it had expired when idou was at work last, at %s: the clock was set "
                           "back since. Set it right; or, if it was wrong then, say idou doctor "
                           "--clock-is-right"),
                         when->str);
}

void approvals_judge(Approvals *approvals, const ApprovalCase *of)
{
  if (!approvals)
    return;
  bool open = is_open(approvals->path);
  for (guint i = 0; i < approvals->list->len; i++) {
    Approval *approval = g_ptr_array_index(approvals->list, i);
    g_clear_pointer(&approval->flaw, g_free);
    approval->flaw = approval_flaw(approval, plan_digest(of->plan), of->now);
    g_autofree char *why = approval->flaw ? NULL : clock_flaw(approval, of->worked);
    if (!approval->flaw && !why)
      why = find_flaw(approvals, approval, of->rules, open);
    if (!approval->flaw && !why)
      why = choice_flaw(approval, of);
    if (why)
      approval->flaw = g_strdup_printf(_("the approval of %s: %s"), approval->who, why);
  }
  find_people(approvals, of->rules, of->plan);
  g_free(approvals->why);
  approvals->why = approval_rules_two(of->rules, of->plan);
  approvals->n_needed = approvals->why ? 2 : 1;
}
