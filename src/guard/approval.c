// SPDX-License-Identifier: GPL-3.0-or-later
#include "guard_p.h"

#include <string.h>

// What an approval says, whoever wrote it down where (approval_file.c).

#define DIGEST_SHOWN 12  // characters, enough to tell plans apart
#define ALL "all"

void approval_free(Approval *approval)
{
  if (!approval)
    return;
  char *texts[] = {approval->kind,   approval->digest, approval->who,      approval->ref,
                   approval->reason, approval->user,   approval->only,     approval->except,
                   approval->key,    approval->flaw,   approval->signature};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
    g_free(texts[i]);
  g_strfreev(approval->allows);
  g_clear_pointer(&approval->chosen, g_byte_array_unref);
  g_free(approval);
}

static char *copy_text(const char *text)
{
  return text ? g_utf8_make_valid(text, -1) : NULL;
}

Approval *approval_copy(const Approval *from)
{
  Approval *to = g_new0(Approval, 1);
  *to = (Approval){.kind = g_strdup(from->kind ? from->kind : APPROVAL_GIVEN),
                   .digest = g_strdup(from->digest),
                   .who = copy_text(from->who),
                   .ref = copy_text(from->ref),
                   .reason = copy_text(from->reason),
                   .user = copy_text(from->user),
                   .given = from->given,
                   .not_before = from->not_before,
                   .expires = from->expires,
                   .allows = g_strdupv(from->allows),
                   .only = copy_text(from->only),
                   .except = copy_text(from->except),
                   .key = g_strdup(from->key),
                   .signature = g_strdup(from->signature)};
  return to;
}

// ---------------------------------------------------------------------------------------------

static void free_entry(void *entry)
{
  approval_free(entry);
}

Approvals *approvals_new(void)
{
  Approvals *approvals = g_new0(Approvals, 1);
  approvals->list = g_ptr_array_new_with_free_func(free_entry);
  approvals->n_needed = 1;
  return approvals;
}

void approvals_free(Approvals *approvals)
{
  if (!approvals)
    return;
  g_ptr_array_unref(approvals->list);
  g_free(approvals->path);
  g_free(approvals->why);
  g_free(approvals);
}

Approvals *approvals_of(const Approval *approval)
{
  Approvals *approvals = approvals_new();
  approvals_take(approvals, approval_copy(approval));
  return approvals;
}

bool approval_same_name(const char *a, const char *b)
{
  g_autoptr(GString) a_key = g_string_new(NULL), b_key = g_string_new(NULL);
  text_key(a ? a : "", a_key);
  text_key(b ? b : "", b_key);
  return a && b && g_string_equal(a_key, b_key);
}

bool approval_is_of(const Approval *approval, const char *who)
{
  return approval_same_name(approval->who, who);
}

void approvals_take(Approvals *approvals, Approval *approval)
{
  approval->person = approvals->list->len;
  for (guint i = 0; i < approvals->list->len; i++) {
    const Approval *other = g_ptr_array_index(approvals->list, i);
    if (approval_is_of(other, approval->who))
      approval->person = other->person;
  }
  g_ptr_array_add(approvals->list, approval);
}

// ---------------------------------------------------------------------------------------------
// What is allowed.

static bool chooses(const Approval *approval, uint32_t n)
{
  return n == 0 || !approval->chosen ||
         (n <= approval->chosen->len && approval->chosen->data[n - 1]);
}

static bool has_class(const Approval *approval, const char *target, const char *what)
{
  g_autofree char *class = target ? g_strdup_printf("%s/%s", target, what) : g_strdup(what);
  const char *const *allows = (const char *const *)approval->allows;
  return g_strv_contains(allows, ALL) || g_strv_contains(allows, class);
}

static bool says(const Approval *approval, const ApprovalAsk *ask)
{
  return !approval->flaw && strcmp(approval->kind, ask->kind) == 0 && chooses(approval, ask->n) &&
         has_class(approval, ask->target, ask->what);
}

bool approvals_mention(const Approvals *approvals, const Op *op)
{
  for (guint i = 0; approvals && i < approvals->list->len; i++) {
    const Approval *approval = g_ptr_array_index(approvals->list, i);
    if (strcmp(approval->kind, APPROVAL_GIVEN) == 0 &&
        has_class(approval, op->target, op_traits(op->kind)->name))
      return true;
  }
  return false;
}

unsigned approvals_people(const Approvals *approvals, const ApprovalAsk *ask)
{
  if (!approvals)
    return 0;
  bool another = false;
  unsigned n = 0;
  g_autoptr(GHashTable) people = g_hash_table_new(NULL, NULL);
  for (guint i = 0; i < approvals->list->len; i++) {
    const Approval *approval = g_ptr_array_index(approvals->list, i);
    if (!says(approval, ask))
      continue;
    another = another || !approval->own;
    n += g_hash_table_add(people, GUINT_TO_POINTER(approval->person));
  }
  return another ? n : 0;
}

bool approvals_allow(const Approvals *approvals, const char *target, const char *what)
{
  const ApprovalAsk ask = {.kind = APPROVAL_GIVEN, .target = target, .what = what};
  return approvals && approvals_people(approvals, &ask) >= approvals->n_needed;
}

bool approvals_cover(const Approvals *approvals, const Op *op, const char *what)
{
  const ApprovalAsk ask = {.kind = APPROVAL_GIVEN, .target = op->target, .what = what, .n = op->n};
  return approvals && approvals_people(approvals, &ask) >= approvals->n_needed;
}

// How many different people did not leave the operation out; of 0, all who say something that counts.
static unsigned count_choosers(const Approvals *approvals, uint32_t n)
{
  g_autoptr(GHashTable) people = g_hash_table_new(NULL, NULL);
  for (guint i = 0; i < approvals->list->len; i++) {
    const Approval *approval = g_ptr_array_index(approvals->list, i);
    bool counts = !approval->flaw && strcmp(approval->kind, APPROVAL_GIVEN) == 0;
    if (counts && chooses(approval, n))
      g_hash_table_add(people, GUINT_TO_POINTER(approval->person));
  }
  return g_hash_table_size(people);
}

unsigned approvals_n_people(const Approvals *approvals)
{
  return approvals ? count_choosers(approvals, 0) : 0;
}

bool approvals_enough(const Approvals *approvals)
{
  bool another = false;
  for (guint i = 0; approvals && i < approvals->list->len; i++) {
    const Approval *approval = g_ptr_array_index(approvals->list, i);
    bool counts = !approval->flaw && strcmp(approval->kind, APPROVAL_GIVEN) == 0;
    another = another || (counts && !approval->own);
  }
  return another && approvals_n_people(approvals) >= approvals->n_needed;
}

// ---------------------------------------------------------------------------------------------
// Whether it counts at all.

static char *at_time(const char *format, const char *who, Instant instant)
{
  g_autoptr(GString) text = g_string_new(NULL);
  instant_format(instant, text);
  return g_strdup_printf(format, who, text->str);
}

char *approval_flaw(const Approval *approval, const char *digest, Instant now)
{
  if (strcmp(approval->digest, digest) != 0)
    return g_strdup_printf(
        _("the approval of %s is for another plan (%.*s…), not for this one (%.*s…): look at this "
          "plan and approve it"),
        approval->who, DIGEST_SHOWN, approval->digest, DIGEST_SHOWN, digest);
  if (now < approval->not_before)
    return at_time(_("the approval of %s is valid from %s on, not yet"), approval->who,
                   approval->not_before);
  if (now >= approval->expires)
    return at_time(_("the approval of %s expired at %s: approve the plan again"), approval->who,
                   approval->expires);
  return NULL;
}

// Of those that count, who they are. An override is no approval.
typedef struct Voices {
  unsigned n_people;
  bool another;    // than the plan's maker
  bool overrides;  // somebody's counts
  const Approval *first;
} Voices;

static Voices hear(const Approvals *approvals, const char *digest, Instant now, GString *flaws)
{
  Voices voices = {0};
  g_autoptr(GHashTable) people = g_hash_table_new(NULL, NULL);
  for (guint i = 0; i < approvals->list->len; i++) {
    const Approval *approval = g_ptr_array_index(approvals->list, i);
    g_autofree char *flaw =
        approval->flaw ? g_strdup(approval->flaw) : approval_flaw(approval, digest, now);
    if (flaw)
      g_string_append_printf(flaws, "%s%s", flaws->len > 0 ? "; " : "", flaw);
    bool given = strcmp(approval->kind, APPROVAL_GIVEN) == 0;
    voices.overrides = voices.overrides || (!flaw && !given);
    if (flaw || !given)
      continue;
    voices.first = voices.first ? voices.first : approval;
    voices.another = voices.another || !approval->own;
    voices.n_people += g_hash_table_add(people, GUINT_TO_POINTER(approval->person));
  }
  return voices;
}

static void tell_lack(const Approvals *approvals, const Voices *voices, GString *out)
{
  const char *between = out->len > 0 ? "; " : "";
  if (voices->n_people > 0 && !voices->another)
    g_string_append_printf(out, _("%s%s made this plan: somebody else must approve it, too"),
                           between, voices->first->who);
  else if (voices->n_people > 0)
    g_string_append_printf(out, _("%sonly %s approved it so far, and %s: somebody else must, too"),
                           between, voices->first->who, approvals->why ? approvals->why : "");
}

bool approvals_check(const Approvals *approvals, const char *digest, Instant now, GError **error)
{
  if (!approvals || approvals->list->len == 0)
    return true;
  g_autoptr(GString) words = g_string_new(NULL);
  Voices voices = hear(approvals, digest, now, words);
  if (voices.overrides || (voices.n_people >= approvals->n_needed && voices.another))
    return true;
  tell_lack(approvals, &voices, words);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s%s%s", approvals->path ? approvals->path : "",
              approvals->path ? ": " : "", words->str);
  return false;
}

GByteArray *approvals_left(const Approvals *approvals, const Plan *plan)
{
  if (!approvals)
    return NULL;
  // Of one who approves a part before the second has looked nothing more is done than of both.
  unsigned n_needed = MIN(approvals->n_needed, approvals_n_people(approvals));
  bool any = false;
  size_t n_ops = plan_n_ops(plan);
  GByteArray *left = g_byte_array_sized_new((guint)n_ops);
  for (uint32_t n = 1; n <= n_ops; n++) {
    const uint8_t mark = count_choosers(approvals, n) < n_needed;
    any = any || mark;
    g_byte_array_append(left, &mark, 1);
  }
  if (!any)
    g_clear_pointer(&left, g_byte_array_unref);
  return left;
}
