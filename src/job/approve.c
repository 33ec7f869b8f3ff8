// SPDX-License-Identifier: GPL-3.0-or-later
#include "job_p.h"

#include <idou/audit.h>

#include <string.h>
#include <sys/stat.h>

// Somebody's word on a plan: given, looked at, taken back. docs/approval.md.

#define STANDARD_SECONDS (2 * 86400)

static void say_instant(GString *out, Instant instant)
{
  instant_format(instant, out);
}

// ---------------------------------------------------------------------------------------------
// What is asked for.

static bool refuse(GError **error, const char *why)
{
  g_set_error_literal(error, IDOU_ERROR, EXIT_USAGE, why);
  return false;
}

static bool is_said(const char *text)
{
  return text != NULL && *text != '\0' && !text_has_control(text);
}

bool job_check_words(const char *who, const char *reason, const char *ref, GError **error)
{
  if (!is_said(who) || !is_said(reason))
    return refuse(error, _("who says so (--by) and why (--reason) are needed, as one line each: "
                           "they stand in the records"));
  return ref == NULL || is_said(ref) ||
         refuse(error, _("--ref is the number of a decision, on one line"));
}

// By default for two days, and for a plan made ahead until two days after its day has begun.
static bool set_times(const ApproveRequest *request, const Plan *plan, Approval *approval,
                      GError **error)
{
  Instant begins = date_start(plan_head(plan)->as_of);
  approval->given = instant_now();
  approval->not_before = request->not_before;
  approval->expires =
      request->expires != INSTANT_NONE
          ? request->expires
          : MAX(MAX(approval->given, begins), request->not_before) + STANDARD_SECONDS;
  if (approval->expires <= approval->given)
    return refuse(error, _("it would have expired already: look at --expires"));
  if (approval->expires <= approval->not_before)
    return refuse(error, _("it would expire before it begins: look at --not-before and --expires"));
  return approval->expires > begins ||
         refuse(error,
                _("it would expire before the plan's day begins, and count for nothing: look "
                  "at --expires"));
}

static bool is_class_of(const PlanSection *section, const char *class)
{
  static const char *const checks[] = {"confirm",  "fingerprint", "empty", "licence",
                                       "left-out", "drifted",     NULL};
  size_t n = strlen(section->target);
  OpKind kind;
  return strncmp(class, section->target, n) == 0 && class[n] == '/' &&
         (op_kind_of(class + n + 1, &kind) || g_strv_contains(checks, class + n + 1));
}

// A slip of the pen would allow nothing, in silence.
static bool check_class(const Plan *plan, const char *class, GError **error)
{
  bool known = strcmp(class, "all") == 0 || strcmp(class, "date") == 0;
  for (size_t i = 0; !known && i < plan_n_sections(plan); i++)
    known = is_class_of(plan_section(plan, i), class);
  if (known)
    return true;
  g_set_error(
      error, IDOU_ERROR, EXIT_USAGE,
      _("“%s” is nothing of this plan: write TARGET/KIND such as ldap/disable, TARGET/CHECK "
        "such as ldap/confirm, date, or all"),
      class);
  return false;
}

static bool check_classes(const ApproveRequest *request, const Plan *plan, GError **error)
{
  for (const char *const *class = request->allows; class != NULL && *class != NULL; class ++)
    if (!check_class(plan, *class, error))
      return false;
  if (plan_head(plan)->whatif)
    return refuse(error, _("this plan answers a “what if” and cannot be applied: there is nothing "
                           "to approve"));
  return true;
}

static bool sign(const Site *site, const ApproveRequest *request, Approval *approval,
                 GError **error)
{
  const ApprovalRules *rules = site != NULL ? site->approvals : NULL;
  if (request->key == NULL && rules != NULL && rules->is_signed)
    return refuse(error, _("this site asks for signed approvals: name your key, --key FILE"));
  if (request->key == NULL)
    return true;
  g_autoptr(Signer) signer = signer_load(request->key, request->passphrase, error);
  return signer != NULL && approval_sign(approval, signer, rules, error);
}

// ---------------------------------------------------------------------------------------------
// What it comes to.

// What the guards hold without the approvals and with them; NULL where that is not known.
typedef struct Lifted {
  GuardVerdict *before, *after;
} Lifted;

static void lifted_clear(Lifted *lifted)
{
  guard_verdict_free(lifted->before);
  guard_verdict_free(lifted->after);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Lifted, lifted_clear)

// By its kind, or by a check such as ldap/left-out that would hold it.
static bool is_covered(const Approvals *approvals, const Lifted *lifted, const Op *op)
{
  bool let = lifted->after != NULL && lifted->before->held[op->n - 1] != NULL &&
             lifted->after->held[op->n - 1] == NULL;
  return let || approvals_cover(approvals, op, op_traits(op->kind)->name) ||
         (op->confirm != NULL && approvals_cover(approvals, op, "confirm"));
}

// "ad/disable 20, ad/leave 60" of what is covered.
static void tell_covered(const Approvals *approvals, const Lifted *lifted, const Plan *plan,
                         GString *out)
{
  int64_t n_covered = 0;
  g_autoptr(GString) classes = g_string_new(NULL);
  for (size_t i = 0; i < plan_n_sections(plan); i++) {
    const PlanSection *section = plan_section(plan, i);
    int64_t n[OP_N_KINDS] = {0};
    for (size_t k = 0; k < section->n_ops; k++)
      n[section->ops[k].kind] += is_covered(approvals, lifted, &section->ops[k]);
    for (unsigned kind = 0; kind < OP_N_KINDS; kind++) {
      if (n[kind] > 0)
        g_string_append_printf(classes, "%s%s/%s %" G_GINT64_FORMAT, classes->len > 0 ? ", " : "",
                               section->target, op_traits(kind)->name, n[kind]);
      n_covered += n[kind];
    }
  }
  g_string_append_printf(out, _("  covers %" G_GINT64_FORMAT " of %zu operations%s%s\n"), n_covered,
                         plan_n_ops(plan), classes->len > 0 ? ": " : "", classes->str);
}

static void tell_left(const Approvals *approvals, const Plan *plan, GString *out)
{
  g_autoptr(GByteArray) left = approvals_left(approvals, plan);
  size_t n = 0;
  for (guint i = 0; left != NULL && i < left->len; i++)
    n += left->data[i];
  if (n > 0)
    g_string_append_printf(out,
                           ngettext("  leaves out %zu operation: it is planned again for a later "
                                    "day (idou hold keeps it off longer)\n",
                                    "  leaves out %zu operations: they are planned again for a "
                                    "later day (idou hold keeps them off longer)\n",
                                    n),
                           n);
}

// What the guards would hold. NULL: there is no ledger here that tells.
static GuardVerdict *judge(const Site *site, const Plan *plan, const Approvals *approvals,
                           Instant when)
{
  g_autoptr(Store) store = site == NULL ? NULL : store_open(site->store, STORE_READ, NULL);
  GuardVerdict *verdict = NULL;
  if (store == NULL)
    return NULL;
  const GuardSetup setup = {.plan = plan,
                            .configs = (const GuardConfig *const *)site->guards,
                            .store = store,
                            .approvals = approvals,
                            .rules = site->approvals,
                            .profile = site->profile,
                            .override_only = site->override_only,
                            .now = when};
  guard_check(&setup, &verdict, NULL);
  return verdict;
}

static void tell_holds(const GuardVerdict *verdict, const char *words, GString *out)
{
  if (verdict->n_holds == 0)
    return;
  g_string_append(out, words);
  for (size_t i = 0; i < verdict->n_holds; i++) {
    const GuardHold *hold = &verdict->holds[i];
    g_string_append_printf(out, "%s%s%s%s%s%s %" G_GINT64_FORMAT, i > 0 ? ", " : " ", hold->check,
                           hold->target != NULL ? " " : "",
                           hold->target != NULL ? hold->target : "", hold->kind != NULL ? "/" : "",
                           hold->kind != NULL ? hold->kind : "", hold->count);
  }
  g_string_append_c(out, '\n');
}

// As they will count, whenever that is.
static void look(const Site *site, const Plan *plan, const Approvals *approvals, Instant when,
                 Lifted *out)
{
  out->before = judge(site, plan, NULL, when);
  out->after = out->before == NULL ? NULL : judge(site, plan, approvals, when);
}

static void tell_guards(const Lifted *lifted, GString *out)
{
  if (lifted->after == NULL)
    return;
  tell_holds(lifted->before, _("  without it the guards hold:"), out);
  tell_holds(lifted->after, _("  with it they hold:"), out);
  if (lifted->before->n_holds > 0 && lifted->after->n_holds == 0)
    g_string_append(out, _("  with it they hold nothing\n"));
}

static void tell_entry(const Approval *approval, GString *out)
{
  escape_text(out, approval->who, ESCAPE_TERMINAL);
  if (approval->ref != NULL) {
    g_string_append(out, " (");
    escape_text(out, approval->ref, ESCAPE_TERMINAL);
    g_string_append_c(out, ')');
  }
  g_string_append(out, ": ");
  escape_text(out, approval->reason, ESCAPE_TERMINAL);
  g_string_append(out, "\n ");
  if (approval->not_before != INSTANT_NONE) {
    g_string_append(out, _(" from "));
    say_instant(out, approval->not_before);
  }
  g_string_append(out, _(" until "));
  say_instant(out, approval->expires);
  g_autofree char *allows = g_strjoinv(", ", approval->allows);
  g_string_append(out, "; ");
  escape_text(out, allows, ESCAPE_TERMINAL);
  const char *const choices[][2] = {{"--only", approval->only}, {"--except", approval->except}};
  for (size_t i = 0; i < G_N_ELEMENTS(choices); i++)
    if (choices[i][1] != NULL) {
      g_string_append_printf(out, " %s ", choices[i][0]);
      escape_text(out, choices[i][1], ESCAPE_TERMINAL);
    }
  if (strcmp(approval->kind, APPROVAL_OVERRIDE) == 0)
    g_string_append(out, _("; an override, which takes two"));
  if (approval->signature != NULL) {
    g_string_append(out, _("; signed, key "));
    escape_text(out, approval->key != NULL ? approval->key : "?", ESCAPE_TERMINAL);
  }
  g_string_append_c(out, '\n');
}

// True when they are enough, now or from a moment on that is still to come.
static bool tell_state(const Site *site, Approvals *approvals, const Plan *plan, Instant *counts,
                       GString *out)
{
  g_autoptr(GError) lack = NULL;
  Instant from = INSTANT_NONE;
  bool enough = job_approved_when(site, approvals, plan, &from, &lack);
  if (enough && from == INSTANT_NONE)
    g_string_append(out, _("  approved: it counts now\n"));
  if (enough && from != INSTANT_NONE) {
    g_string_append(out, _("  approved: it counts from "));
    say_instant(out, from);
    g_string_append(out, _(" on\n"));
  }
  *counts = from == INSTANT_NONE ? instant_now() : from;
  if (!enough) {
    g_string_append(out, _("  not approved yet: "));
    escape_text(out,
                lack != NULL                        ? lack->message
                : approvals_n_people(approvals) > 0 ? _("somebody else must, too")
                                                    : _("nobody approved it"),
                ESCAPE_TERMINAL);
    g_string_append_c(out, '\n');
  }
  return enough;
}

// What HR sent since is not in it.
static void tell_newer(const Site *site, const Plan *plan, GString *out)
{
  g_autoptr(Store) store = site == NULL ? NULL : store_open(site->store, STORE_READ, NULL);
  g_autofree char *last = NULL;
  size_t n = 0;
  if (store == NULL || !job_taken_since(store, plan, &n, &last, NULL) || n == 0)
    return;
  g_string_append_printf(out,
                         ngettext("  made before %zu file was taken in: ",
                                  "  made before %zu files were taken in, the last of them: ", n),
                         n);
  escape_text(out, last, ESCAPE_TERMINAL);
  g_string_append(out, _("; compare it with a new plan (idou diff)\n"));
}

static void tell_whole(const Site *site, Approvals *approvals, const Plan *plan, GString *out,
                       bool *enough)
{
  Instant from;
  g_auto(Lifted) lifted = {NULL};
  *enough = tell_state(site, approvals, plan, &from, out);
  tell_newer(site, plan, out);
  if (*enough)
    look(site, plan, approvals, from, &lifted);
  tell_covered(approvals, &lifted, plan, out);
  tell_left(approvals, plan, out);
  tell_guards(&lifted, out);
}

// What the night's job runs by cannot read what another account wrote for itself alone.
static void tell_owner(const char *plan_path, const char *path, GString *out)
{
  struct stat plan, approval;
  if (stat(plan_path, &plan) == 0 && stat(path, &approval) == 0 && plan.st_uid != approval.st_uid)
    g_string_append(out, _("  it is not of the account that the plan is of, which may be unable to "
                           "read it: approve by that account (sudo -u), or chown it\n"));
}

// A night's job looks there only.
static void tell_place(const Site *site, const ApproveRequest *request, const char *path,
                       GString *out)
{
  const char *plan_path = request->plan_path;
  g_autofree char *beside = approvals_path(plan_path);
  g_autofree char *full = g_canonicalize_filename(plan_path, NULL);
  g_autofree char *folder = g_path_get_dirname(full);
  g_autofree char *plans = site == NULL ? NULL : g_canonicalize_filename(site->plans, NULL);
  if (plans != NULL && (strcmp(folder, plans) != 0 || !g_str_has_suffix(full, ".plan")))
    g_string_append_printf(out,
                           _("  it is no *.plan in %s: no night's job finds it, somebody must "
                             "apply it\n"),
                           site->plans);
  if (site != NULL && strcmp(path, beside) != 0)
    g_string_append(out, _("  it is not beside the plan: no night's job finds it, name it with "
                           "--approval\n"));
  else if (site != NULL)
    tell_owner(plan_path, path, out);
}

// ---------------------------------------------------------------------------------------------

static void note(const Site *site, const Approval *approval, const char *what)
{
  g_autoptr(GString) expires = g_string_new(NULL), from = g_string_new(NULL);
  say_instant(expires, approval->expires);
  say_instant(from, approval->not_before);
  g_autofree char *allows = g_strjoinv(" ", approval->allows);
  const char *const detail[] = {"did",        what,
                                "ref",        approval->ref != NULL ? approval->ref : "",
                                "reason",     approval->reason,
                                "allows",     allows,
                                "only",       approval->only != NULL ? approval->only : "",
                                "except",     approval->except != NULL ? approval->except : "",
                                "not_before", from->str,
                                "expires",    expires->str,
                                "key",        approval->key != NULL ? approval->key : "",
                                NULL};
  if (site != NULL)
    job_audit_tell(site, &(AuditNote){AUDIT_APPROVE, approval->who, approval->digest, detail});
}

static char *file_of(const char *plan_path, const char *output)
{
  return output != NULL ? g_strdup(output) : approvals_path(plan_path);
}

static bool write_entry(const Site *site, const ApproveRequest *request, const Plan *plan,
                        const char *path, GError **error)
{
  char *all[] = {"all", NULL};
  g_autofree char *user = user_login();
  const Approval asked = {.digest = (char *)plan_digest(plan),
                          .who = (char *)request->who,
                          .ref = (char *)request->ref,
                          .reason = (char *)request->reason,
                          .user = user,
                          .allows = request->allows != NULL ? (char **)request->allows : all,
                          .only = (char *)request->only,
                          .except = (char *)request->except};
  g_autoptr(Approval) approval = approval_copy(&asked);
  g_autoptr(GByteArray) chosen = NULL;
  if (!set_times(request, plan, approval, error) ||
      !plan_choose(plan, request->only, request->except, &chosen, error) ||
      !sign(site, request, approval, error) || !approvals_add(path, approval, error))
    return false;
  note(site, approval, "given");
  return true;
}

bool job_approve(const Site *site, const ApproveRequest *request, GString *out, bool *enough,
                 GError **error)
{
  g_autoptr(Plan) plan = plan_read(request->plan_path, error);
  g_autofree char *path = file_of(request->plan_path, request->output);
  if (plan == NULL || !job_check_words(request->who, request->reason, request->ref, error) ||
      !check_classes(request, plan, error) || !write_entry(site, request, plan, path, error))
    return false;
  g_autoptr(Approvals) approvals = approvals_read(path, error);
  if (approvals == NULL)
    return false;
  const Approval *last = g_ptr_array_index(approvals->list, approvals->list->len - 1);
  g_string_append_printf(out, _("%s: plan %.12s, approved by "), path, last->digest);
  tell_entry(last, out);
  tell_whole(site, approvals, plan, out, enough);
  tell_place(site, request, path, out);
  return true;
}

bool job_approve_list(const Site *site, const ApproveRequest *request, GString *out, bool *enough,
                      GError **error)
{
  *enough = false;
  g_autoptr(Plan) plan = plan_read(request->plan_path, error);
  g_autofree char *path = file_of(request->plan_path, request->output);
  if (plan == NULL)
    return false;
  const PlanEnvelope *made = plan_envelope(plan);
  g_string_append_printf(out, _("plan %.12s, made by "), plan_digest(plan));
  escape_text(out,
              made->by != NULL      ? made->by
              : made->login != NULL ? made->login
                                    : made->user,
              ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
  if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
    g_string_append(out, _("  nobody has approved it\n"));
    return true;
  }
  g_autoptr(Approvals) approvals = approvals_read(path, error);
  if (approvals == NULL)
    return false;
  job_judge(site, approvals, plan, instant_now());
  g_autoptr(Store) store = site == NULL ? NULL : store_open(site->store, STORE_READ, NULL);
  if (store != NULL)
    guard_overrides_judge(approvals, store);
  for (guint i = 0; i < approvals->list->len; i++) {
    const Approval *approval = g_ptr_array_index(approvals->list, i);
    tell_entry(approval, out);
    if (approval->flaw != NULL) {
      g_string_append(out, _("  does not count now: "));
      escape_text(out, approval->flaw, ESCAPE_TERMINAL);
      g_string_append_c(out, '\n');
    }
  }
  tell_whole(site, approvals, plan, out, enough);
  return true;
}

bool job_approve_withdraw(const Site *site, const ApproveRequest *request, size_t *n,
                          GError **error)
{
  g_autoptr(Plan) plan = plan_read(request->plan_path, error);
  g_autofree char *path = file_of(request->plan_path, request->output);
  if (plan == NULL || !approvals_withdraw(path, plan_digest(plan), request->who, n, error))
    return false;
  if (*n > 0 && site != NULL)
    job_audit_tell(site, &(AuditNote){AUDIT_APPROVE, request->who, plan_digest(plan),
                                      (const char *const[]){"did", "withdrawn", NULL}});
  return true;
}
