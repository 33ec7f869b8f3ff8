// SPDX-License-Identifier: GPL-3.0-or-later
//
// The annex of the paper by which a plan is approved: each change of each operation, old and new side by side.
#include "report_p.h"

#include <string.h>

#define WIDE_SPACE "\u3000"

enum { NUMBER, NAME, UNIT_BEFORE, UNIT, TARGET, WHAT, BEFORE, AFTER, WHY, N_CELLS };

static const PagerColumn columns[N_CELLS] = {
    [NUMBER] = {"職員番号", 17, false},
    [NAME] = {"氏名", 24, false},
    [UNIT_BEFORE] = {"旧所属・職", 35, false},
    [UNIT] = {"新所属・職", 35, false},
    [TARGET] = {"系統", 19, false},
    [WHAT] = {"項目", 30, false},
    [BEFORE] = {"変更前", 34, false},
    [AFTER] = {"変更後", 34, false},
    [WHY] = {"根拠", 45, false},
};

typedef struct Annex {
  Pager *pager;
  const View *view;
  GHashTable *people;   // person -> Cause
  const Shown *before;  // the operation whose rows were put last
  char *why;            // … and what it comes from
} Annex;

// ---------------------------------------------------------------------------------------------
// Whose it is.

static const ReportTitles *titles_of(const View *view, const Op *op)
{
  const ReportPaper *paper = view->what->paper;
  return paper && paper->titles && op->person != 0
             ? g_hash_table_lookup(paper->titles, GUINT_TO_POINTER(op->person))
             : NULL;
}

// "総務部　総務課　課長": units are told with their code before the name.
static char *post_text(const char *unit, const char *title)
{
  const char *name = unit ? strchr(unit, ' ') : NULL;
  name = name ? name + 1 : unit;
  return name && title ? g_strconcat(name, WIDE_SPACE, title, NULL)
                       : g_strdup(name    ? name
                                  : title ? title
                                          : "");
}

// What becomes of whoever comes, goes or moves is seen by the two; of others both are the same.
static void put_posts(const Annex *annex, const Op *op, char **cells)
{
  const ReportTitles *titles = titles_of(annex->view, op);
  const char *title = titles ? titles->now : NULL;
  Cause cause = GPOINTER_TO_UINT(g_hash_table_lookup(annex->people, GUINT_TO_POINTER(op->person)));
  bool is_known = g_hash_table_contains(annex->people, GUINT_TO_POINTER(op->person));
  bool moves = op->unit_before || (titles && titles->before);
  if (is_known && cause == CAUSE_RETIRE) {
    cells[UNIT_BEFORE] = post_text(op->unit, title);
    cells[UNIT] = g_strdup("（退職等）");
    return;
  }
  cells[UNIT] = post_text(op->unit, title);
  if (is_known && cause == CAUSE_HIRE && !moves)
    cells[UNIT_BEFORE] = g_strdup("（採用等）");
  else if (moves)
    cells[UNIT_BEFORE] = post_text(op->unit_before ? op->unit_before : op->unit,
                                   titles && titles->before ? titles->before : title);
  else
    cells[UNIT_BEFORE] = g_strdup(*cells[UNIT] != '\0' ? "同右" : "");
}

static void put_person(const Annex *annex, const Op *op, char **cells)
{
  if (op->person == 0) {
    cells[NAME] = g_strdup(op->label && *op->label != '\0' ? op->label : op->object);
    return;
  }
  const char *label = op->label ? op->label : "";
  const char *blank = strchr(label, ' ');
  cells[NUMBER] = blank ? g_strndup(label, (size_t)(blank - label)) : g_strdup(label);
  cells[NAME] = g_strdup(blank ? blank + 1 : "");
  put_posts(annex, op, cells);
}

static bool is_same(const Op *a, const Op *b)
{
  return a->person != 0 ? a->person == b->person
                        : b->person == 0 && g_strcmp0(a->object, b->object) == 0;
}

// ---------------------------------------------------------------------------------------------
// What it does.

// Never why somebody is stopped: paper goes through many hands.
static bool is_silent(const Op *op)
{
  return g_strcmp0(op->cause, RESTRICTION_STOPPED) == 0;
}

static void put_why(const View *view, const Shown *shown, char **cells)
{
  const Op *op = shown->op;
  g_autoptr(GString) why = g_string_new(shown->due == DUE_HELD ? "【保留】" : "");
  if (op->confirm)
    g_string_append(why, "【要確認】");
  if (approval_danger(view, shown))
    g_string_append(why, "【注意】");
  if (op->not_before != INSTANT_NONE) {
    columns_day(why, op->not_before);
    g_string_append(why, "から\n");
  }
  const char *from = op->source && *op->source != '\0' ? op->source : op->rule;
  g_autoptr(GString) said = g_string_new(NULL);
  approval_why(op->why ? op->why : "", said);
  const char *const parts[] = {said->str, from};
  for (size_t i = 0; i < G_N_ELEMENTS(parts) && !is_silent(op); i++)
    if (parts[i] && *parts[i] != '\0')
      g_string_append_printf(why, "%s%s", why->len > 0 && i > 0 ? "\n" : "", parts[i]);
  if (is_silent(op))
    g_string_append(why, "停止");
  cells[WHY] = g_string_free(g_steal_pointer(&why), FALSE);
}

// Values one below the other.
static char *values_text(const Annex *annex, const Shown *shown, const OpValue *values, size_t n)
{
  GString *text = g_string_new(NULL);
  for (size_t i = 0; i < n; i++) {
    g_string_append(text, i > 0 ? "\n" : "");
    if (values[i].kind == VALUE_SECRET)
      g_string_append(text, "（新しい秘密）");
    else
      view_value(annex->view, shown->section, &values[i], text);
  }
  return g_string_free(text, FALSE);
}

static char *place_text(const Annex *annex, const Shown *shown, const char *name,
                        const char *parent)
{
  GString *text = g_string_new(name);
  if (parent) {
    g_string_append_c(text, ',');
    view_dn(annex->view, shown->section, parent, NULL, text);
  }
  return g_string_free(text, FALSE);
}

typedef struct Change {  // a row
  const char *what;      // NULL = the deed says all
  char *before, *after;  // given away; NULL
} Change;

static bool is_blank_here(const Annex *annex, const Shown *shown)
{
  return annex->before && is_same(annex->before->op, shown->op);
}

// What is told of a person is told once, and again on a new sheet; so is why, of an operation.
static void put_row(Annex *annex, const Shown *shown, const Change *change)
{
  char *cells[N_CELLS] = {[BEFORE] = change->before, [AFTER] = change->after};
  put_person(annex, shown->op, cells);
  cells[TARGET] = g_strdup(shown->op->target);
  cells[WHAT] = g_strdup_printf("#%u %s%s%s", shown->op->n, approval_kind(shown->op->kind),
                                change->what ? "\n" : "", change->what ? change->what : "");
  if (annex->before != shown)
    put_why(annex->view, shown, cells);
  char *why = g_strdup(cells[WHY] ? cells[WHY] : annex->why);
  bool is_new = pager_need(annex->pager, pager_height(annex->pager, (const char *const *)cells));
  for (size_t i = NUMBER; i <= UNIT && !is_new && is_blank_here(annex, shown); i++)
    g_clear_pointer(&cells[i], g_free);
  if (cells[WHY] && !is_new && is_blank_here(annex, shown) && g_strcmp0(annex->why, why) == 0) {
    g_free(cells[WHY]);
    cells[WHY] = g_strdup("同上");
  }
  pager_row(annex->pager, approval_danger(annex->view, shown) ? "danger" : NULL,
            (const char *const *)cells);
  annex->before = shown;
  g_free(annex->why);
  annex->why = why;
  for (size_t i = 0; i < N_CELLS; i++)
    g_free(cells[i]);
}

static void put_change(Annex *annex, const Shown *shown, const OpChange *change)
{
  Change row = {change->attribute, NULL, NULL};
  row.before = values_text(annex, shown, change->old_values, change->n_old);
  row.after = change->n_new == 0 && change->n_old == 0
                  ? g_strdup("（空にする）")
                  : values_text(annex, shown, change->new_values, change->n_new);
  put_row(annex, shown, &row);
}

static void put_edge(Annex *annex, const Shown *shown)
{
  const char *rdn = view_rdn(annex->view, shown->section, shown->op->object);
  const char *value = strchr(rdn, '=');
  char *group = value ? place_unescape(value + 1) : g_strdup(rdn);
  bool joins = shown->op->kind == OP_JOIN;
  put_row(annex, shown, &(Change){"グループ", joins ? NULL : group, joins ? group : NULL});
}

static void put_place(Annex *annex, const Shown *shown)
{
  const Op *op = shown->op;
  const char *known = view_rdn(annex->view, shown->section, op->object);
  const char *after = op->name ? op->name : known;
  bool moves = op->kind == OP_MOVE;
  Change row = {op->kind == OP_RENAME ? "名前" : "場所", NULL, NULL};
  if (op->kind != OP_CREATE)
    row.before = place_text(annex, shown, op->old_name ? op->old_name : after,
                            moves ? op->old_parent : NULL);
  row.after = place_text(annex, shown, after, op->kind == OP_RENAME ? NULL : op->parent);
  put_row(annex, shown, &row);
}

static void put_changes(Annex *annex, const Shown *shown)
{
  const Op *op = shown->op;
  if (op->kind == OP_CREATE || op->kind == OP_RENAME || op->kind == OP_MOVE)
    put_place(annex, shown);
  for (size_t i = 0; i < op->n_changes; i++)
    put_change(annex, shown, &op->changes[i]);
  if (annex->before != shown)
    put_row(annex, shown, &(Change){view_rdn(annex->view, shown->section, op->object), NULL, NULL});
}

// What the ledger is told of a restriction or a hold: what, whom, until when. Not why.
static void put_told(Annex *annex, const Shown *shown)
{
  static const struct {
    const char *attribute, *words;
  } parts[] = {{"what", "内容"}, {"name", "対象"}, {"group", "グループ"}, {"until", "期限"}};
  for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
    for (size_t k = 0; k < shown->op->n_changes; k++) {
      const OpChange *change = &shown->op->changes[k];
      if (strcmp(change->attribute, parts[i].attribute) != 0)
        continue;
      char *text = values_text(annex, shown, change->new_values, change->n_new);
      bool lifts = shown->op->kind == OP_LIFT;
      put_row(annex, shown, &(Change){parts[i].words, lifts ? text : NULL, lifts ? NULL : text});
    }
  if (annex->before != shown)
    put_row(annex, shown, &(Change){0});
}

static void put_withdrawn(Annex *annex, const Shown *shown)
{
  size_t n = shown->op->n_changes > 0 ? shown->op->changes[0].n_new : 0;
  char *text = g_strdup_printf("%s　%zu件", shown->op->object, n);
  put_row(annex, shown, &(Change){"待っている操作", text, NULL});
}

static void put_allocated(Annex *annex, const Shown *shown)
{
  const Op *op = shown->op;
  const char *what = op->n_changes > 0 ? op->changes[0].attribute : "名前";
  put_row(annex, shown, &(Change){what, NULL, g_strdup(op->name)});
}

static void put_deletion(Annex *annex, const Shown *shown)
{
  char *name = g_strdup(view_rdn(annex->view, shown->section, shown->op->object));
  put_row(annex, shown, &(Change){"全体", name, NULL});
}

static void (*const rows_of[OP_N_KINDS])(Annex *annex, const Shown *shown) = {
    [OP_HOLD] = put_told,     [OP_WITHDRAW] = put_withdrawn, [OP_ALLOCATE] = put_allocated,
    [OP_RESTRICT] = put_told, [OP_LIFT] = put_told,          [OP_JOIN] = put_edge,
    [OP_LEAVE] = put_edge,    [OP_DELETE] = put_deletion,
};

void approval_annex(Pager *pager, const View *view)
{
  g_autofree const Shown **sorted = report_plan_sorted(view);
  g_autoptr(GHashTable) people = view_people(view);
  Annex annex = {.pager = pager, .view = view, .people = people};
  pager_heading(pager, "別紙　変更の内訳");
  if (view->shown->len == 0) {
    pager_text(pager, NULL, "変更はありません。");
    return;
  }
  pager_table(pager, columns, G_N_ELEMENTS(columns));
  for (guint i = 0; i < view->shown->len; i++) {
    void (*put)(Annex *, const Shown *) = rows_of[sorted[i]->op->kind];
    (put ? put : put_changes)(&annex, sorted[i]);
  }
  pager_table_end(pager);
  g_free(annex.why);
}
