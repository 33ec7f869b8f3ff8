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
  g_free(approvals);
}

Approvals *approvals_of(const Approval *approval)
{
  Approvals *approvals = approvals_new();
  approvals_take(approvals, approval_copy(approval));
  return approvals;
}

bool approval_is_of(const Approval *approval, const char *who)
{
  g_autoptr(GString) a = g_string_new(NULL), b = g_string_new(NULL);
  text_key(approval->who ? approval->who : "", a);
  text_key(who ? who : "", b);
  return g_string_equal(a, b);
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

static bool says(const Approval *approval, const ApprovalAsk *ask)
{
  if (approval->flaw || strcmp(approval->kind, ask->kind) != 0)
    return false;
  if (ask->n > 0 && approval->chosen &&
      (ask->n > approval->chosen->len || !approval->chosen->data[ask->n - 1]))
    return false;
  g_autofree char *class =
      ask->target ? g_strdup_printf("%s/%s", ask->target, ask->what) : g_strdup(ask->what);
  const char *const *allows = (const char *const *)approval->allows;
  return g_strv_contains(allows, ALL) || g_strv_contains(allows, class);
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

bool approvals_check(const Approvals *approvals, const char *digest, Instant now, GError **error)
{
  g_autoptr(GString) flaws = g_string_new(NULL);
  for (guint i = 0; approvals && i < approvals->list->len; i++) {
    const Approval *approval = g_ptr_array_index(approvals->list, i);
    g_autofree char *flaw =
        approval->flaw ? g_strdup(approval->flaw) : approval_flaw(approval, digest, now);
    if (!flaw)
      return true;
    g_string_append_printf(flaws, "%s%s", flaws->len > 0 ? "; " : "", flaw);
  }
  if (!approvals || approvals->list->len == 0)
    return true;
  g_set_error_literal(error, IDOU_ERROR, EXIT_USAGE, flaws->str);
  return false;
}
