// SPDX-License-Identifier: GPL-3.0-or-later
//
// What ldapmodify takes (RFC 2849). What is not to be sent now, and what a directory has no word for,
// is a comment. Names are those that objects have when their record's turn comes.
#include "report_p.h"

#define LINE_COLUMNS 76

typedef struct Ldif {
  View *view;
  size_t section;
  const char *base;
  GString *out;
  GString *notes;  // comments on the record being written
  GString *body;   // its lines behind the DN
} Ldif;

// ---------------------------------------------------------------------------------------------
// Lines.

static bool is_plain(const char *bytes, size_t n)
{
  if (n > 0 && (strchr(" :<", bytes[0]) || bytes[n - 1] == ' '))
    return false;
  for (size_t i = 0; i < n; i++)
    if (bytes[i] < 0x20 || bytes[i] > 0x7E)
      return false;
  return true;
}

// A line goes on in the next behind a space.
static void put_folded(GString *out, const GString *line)
{
  size_t room = LINE_COLUMNS;
  for (size_t at = 0; at < line->len; at += room) {
    if (at > 0) {
      g_string_append(out, "\n ");
      room = LINE_COLUMNS - 1;
    }
    g_string_append_len(out, line->str + at, (gssize)MIN(room, line->len - at));
  }
  g_string_append_c(out, '\n');
}

static void put_line(GString *out, const char *name, const char *bytes, size_t n)
{
  g_autoptr(GString) line = g_string_new(name);
  if (is_plain(bytes, n)) {
    g_string_append(line, n > 0 ? ": " : ":");
    g_string_append_len(line, bytes, (gssize)n);
  } else {
    g_autofree char *base64 = g_base64_encode((const guchar *)bytes, n);
    g_string_append_printf(line, ":: %s", base64);
  }
  put_folded(out, line);
}

static void put_text(GString *out, const char *name, const char *text)
{
  put_line(out, name, text, strlen(text));
}

// "#12 modify 000310 山田　太郎"
static void put_title(GString *out, const char *begin, const Op *op)
{
  g_string_append_printf(out, "# %s#%u %s ", begin, op->n, op_traits(op->kind)->name);
  escape_text(out, op->label ? op->label : op->object, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
}

// ---------------------------------------------------------------------------------------------
// Values.

static bool find_dn(const Ldif *ldif, const char *object, GString *out, GError **error)
{
  if (object ? view_dn(ldif->view, ldif->section, object, ldif->base, out)
             : g_string_append(out, ldif->base) != NULL)
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("the plan does not say where %s is; make it anew"),
              object);
  return false;
}

static bool put_ref(const Ldif *ldif, const char *attribute, const char *object, GString *out,
                    GError **error)
{
  g_autoptr(GString) dn = g_string_new(NULL);
  if (!find_dn(ldif, object, dn, error))
    return false;
  put_line(out, attribute, dn->str, dn->len);
  return true;
}

static bool put_values(Ldif *ldif, const char *attribute, const OpValue *values, size_t n,
                       GError **error)
{
  for (size_t i = 0; i < n; i++) {
    const OpValue *value = &values[i];
    if (value->kind == VALUE_REF && !put_ref(ldif, attribute, value->bytes, ldif->body, error))
      return false;
    if (value->kind == VALUE_TEXT)
      put_line(ldif->body, attribute, value->bytes, value->n);
    if (value->kind == VALUE_SECRET)
      g_string_append_printf(ldif->notes, "# %s: secret left out\n", attribute);
  }
  return true;
}

// "delete: ou", the values, "-"; nothing when all of the values are secrets.
static bool put_mod(Ldif *ldif, const char *word, const char *attribute, const OpValue *values,
                    size_t n, GError **error)
{
  size_t before = ldif->body->len;
  put_text(ldif->body, word, attribute);
  size_t empty = ldif->body->len;
  if (!put_values(ldif, attribute, values, n, error))
    return false;
  if (n > 0 && ldif->body->len == empty)
    g_string_truncate(ldif->body, before);
  else
    g_string_append(ldif->body, "-\n");
  return true;
}

// ---------------------------------------------------------------------------------------------
// Records by kind: what stands behind the DN. All of them find their object where it is before.

static bool put_create(Ldif *ldif, const Op *op, GError **error)
{
  g_string_append(ldif->body, "changetype: add\n");
  for (size_t i = 0; i < op->n_changes; i++)
    if (!put_values(ldif, op->changes[i].attribute, op->changes[i].new_values, op->changes[i].n_new,
                    error))
      return false;
  return true;
}

static bool put_change(Ldif *ldif, const OpChange *change, GError **error)
{
  const char *name = change->attribute;
  if (change->replace)
    return put_mod(ldif, "replace", name, change->new_values, change->n_new, error);
  // A single-valued attribute has room for the new value only when the old one is gone.
  return (change->n_old == 0 ||
          put_mod(ldif, "delete", name, change->old_values, change->n_old, error)) &&
         (change->n_new == 0 ||
          put_mod(ldif, "add", name, change->new_values, change->n_new, error));
}

static bool put_modify(Ldif *ldif, const Op *op, GError **error)
{
  for (size_t i = 0; i < op->n_changes; i++)
    if (!put_change(ldif, &op->changes[i], error))
      return false;
  if (ldif->body->len > 0)
    g_string_prepend(ldif->body, "changetype: modify\n");
  return true;
}

static bool put_rename(Ldif *ldif, const Op *op, GError **error)
{
  g_string_append(ldif->body, "changetype: modrdn\n");
  put_text(ldif->body, "newrdn",
           op->name ? op->name : view_rdn(ldif->view, ldif->section, op->object));
  put_text(ldif->body, "deleteoldrdn", "1");
  return op->kind != OP_MOVE || put_ref(ldif, "newsuperior", op->parent, ldif->body, error);
}

static bool put_delete(Ldif *ldif, const Op *op, GError **error)
{
  (void)op;
  (void)error;
  g_string_append(ldif->body, "changetype: delete\n");
  return true;
}

static bool (*const writers[OP_N_KINDS])(Ldif *ldif, const Op *op, GError **error) = {
    [OP_CREATE] = put_create, [OP_RENAME] = put_rename, [OP_MOVE] = put_rename,
    [OP_MODIFY] = put_modify, [OP_ENABLE] = put_modify, [OP_DISABLE] = put_modify,
    [OP_DELETE] = put_delete,
};

// ---------------------------------------------------------------------------------------------
// Walking the plan.

static void begin_record(Ldif *ldif)
{
  g_string_truncate(ldif->notes, 0);
  g_string_truncate(ldif->body, 0);
}

static bool end_record(Ldif *ldif, const char *object, GError **error)
{
  g_string_append_c(ldif->out, '\n');
  g_string_append(ldif->out, ldif->notes->str);
  if (ldif->body->len == 0)
    return true;
  if (!put_ref(ldif, "dn", object, ldif->out, error))
    return false;
  g_string_append(ldif->out, ldif->body->str);
  return true;
}

static bool put_op(Ldif *ldif, const Op *op, GError **error)
{
  begin_record(ldif);
  put_title(ldif->notes, "", op);
  if (!writers[op->kind](ldif, op, error))
    return false;
  if (op->kind == OP_CREATE)
    view_follow(ldif->view, ldif->section, op);
  if (!end_record(ldif, op->object, error))
    return false;
  view_follow(ldif->view, ldif->section, op);
  return true;
}

static const char *member_attribute(const Op *op)
{
  return op->n_changes > 0 ? op->changes[0].attribute : "member";
}

static bool is_one_group(const Shown *a, const Shown *b)
{
  return b->due == DUE_NOW && b->section == a->section && op_traits(b->op->kind)->edge &&
         strcmp(a->op->object, b->op->object) == 0;
}

// The edges of a group that follow each other, as one record. *n is how many.
static bool put_edges(Ldif *ldif, const Shown *shown, size_t n_left, size_t *n, GError **error)
{
  begin_record(ldif);
  g_string_append(ldif->body, "changetype: modify\n");
  for (*n = 0; *n < n_left && is_one_group(shown, &shown[*n]); (*n)++) {
    const Op *op = shown[*n].op;
    put_title(ldif->notes, "", op);
    bool first = *n == 0 || op->kind != shown[*n - 1].op->kind;
    if (first && *n > 0)
      g_string_append(ldif->body, "-\n");
    if (first)
      put_text(ldif->body, op->kind == OP_JOIN ? "add" : "delete", member_attribute(op));
    if (!put_ref(ldif, member_attribute(op), op->member, ldif->body, error))
      return false;
  }
  g_string_append(ldif->body, "-\n");
  return end_record(ldif, shown->op->object, error);
}

static void put_comment(GString *out, const Shown *shown)
{
  g_autoptr(GString) begin = g_string_new(NULL);
  if (shown->due == DUE_HELD) {
    g_string_append(begin, "held: ");
  } else if (shown->due == DUE_LATER) {
    g_string_append(begin, "from ");
    columns_instant(begin, shown->op->not_before);
    g_string_append(begin, ": ");
  } else {
    g_string_append(begin, "not for the directory: ");
  }
  g_string_append_c(out, '\n');
  put_title(out, begin->str, shown->op);
  if (shown->due != DUE_HELD)
    return;
  g_string_append(out, "#   ");
  escape_text(out, shown->held, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
}

static bool put_section(Ldif *ldif, GError **error)
{
  const GArray *all = ldif->view->shown;
  g_string_append(ldif->out, "\n# target ");
  escape_text(ldif->out, plan_section(ldif->view->what->plan, ldif->section)->target,
              ESCAPE_TERMINAL);
  g_string_append_c(ldif->out, '\n');
  for (size_t i = 0, n; i < all->len; i += n) {
    const Shown *shown = &g_array_index(all, Shown, i);
    const OpTraits *traits = op_traits(shown->op->kind);
    n = 1;
    if (shown->section != ldif->section)
      continue;
    if (shown->due != DUE_NOW || traits->local)
      put_comment(ldif->out, shown);
    else if (traits->edge ? !put_edges(ldif, shown, all->len - i, &n, error)
                          : !put_op(ldif, shown->op, error))
      return false;
  }
  return true;
}

bool report_plan_ldif(View *view, GString *out, GError **error)
{
  const Plan *plan = view->what->plan;
  g_autoptr(GString) notes = g_string_new(NULL);
  g_autoptr(GString) body = g_string_new(NULL);
  g_string_append_printf(out, "version: 1\n# plan %s\n", plan_digest(plan));
  for (size_t i = 0; i < plan_n_sections(plan); i++) {
    const PlanSection *section = plan_section(plan, i);
    Ldif ldif = {view, i, section->base, out, notes, body};
    if (!section->base) {
      g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                  _("the plan does not tell the base of target %s; make it anew"), section->target);
      return false;
    }
    if (!put_section(&ldif, error))
      return false;
  }
  return true;
}
