// SPDX-License-Identifier: GPL-3.0-or-later
//
// The paper by which a plan is approved (決裁): its cover. Words are Japanese whatever the language of the interface is:
// those who put their seals on it read it.
#include "report_p.h"

#include <string.h>

#define SHORT_DIGEST_CHARS 12
#define TOP_MM 34.0
#define MOST_TOLD 40  // of one kind of danger; the rest is marked in the annex
#define MANY_PERCENT 3
#define MANY_LEAST 10

// ---------------------------------------------------------------------------------------------
// What is dangerous.

static bool is_privileged(const View *view, const Shown *shown)
{
  static const char *const usual[] = {"*admin*", "*operators*", "*管理者*", NULL};
  const ReportPaper *paper = view->what->paper;
  const char *const *patterns = paper && paper->privileged ? paper->privileged : usual;
  if (!op_traits(shown->op->kind)->edge)
    return false;
  const char *rdn = view_rdn(view, shown->section, shown->op->object);
  const char *value = strchr(rdn, '=');
  g_autofree char *group = g_utf8_casefold(value ? value + 1 : rdn, -1);
  for (; *patterns; patterns++) {
    g_autofree char *pattern = g_utf8_casefold(*patterns, -1);
    if (g_pattern_match_simple(pattern, group))
      return true;
  }
  return false;
}

static bool is_deletion(const View *view, const Shown *shown)
{
  (void)view;
  return shown->op->kind == OP_DELETE;
}

static bool is_disabling(const View *view, const Shown *shown)
{
  (void)view;
  return shown->op->kind == OP_DISABLE;
}

static bool wants_confirmation(const View *view, const Shown *shown)
{
  (void)view;
  return shown->op->confirm != NULL;
}

static const struct {
  const char *words;
  bool (*is_so)(const View *view, const Shown *shown);
} dangers[] = {
    {"削除", is_deletion},
    {"強い権限を持つグループの付与・解除", is_privileged},
    {"人の確認を要する操作", wants_confirmation},
    {"停止", is_disabling},
};

const char *approval_danger(const View *view, const Shown *shown)
{
  for (size_t i = 0; i < G_N_ELEMENTS(dangers); i++)
    if (dangers[i].is_so(view, shown))
      return dangers[i].words;
  return NULL;
}

static guint count_danger(const View *view, size_t danger)
{
  guint n = 0;
  for (guint i = 0; i < view->shown->len; i++)
    n += dangers[danger].is_so(view, &g_array_index(view->shown, Shown, i));
  return n;
}

static void put_danger(Pager *pager, const View *view, const Shown *const *sorted, size_t danger)
{
  static const PagerColumn columns[] = {{"操作", 20, false},           {"種別", 24, false},
                                        {"職員番号・氏名", 60, false}, {"系統", 30, false},
                                        {"対象", 110, false},          {"状態", 20, false}};
  guint n = count_danger(view, danger), n_told = 0;
  if (n == 0)
    return;
  g_autofree char *title = g_strdup_printf("・%s　%u件", dangers[danger].words, n);
  pager_text(pager, "warn", title);
  pager_table(pager, columns, G_N_ELEMENTS(columns));
  for (guint i = 0; i < view->shown->len && n_told < MOST_TOLD; i++) {
    const Op *op = sorted[i]->op;
    if (!dangers[danger].is_so(view, sorted[i]))
      continue;
    g_autofree char *number = g_strdup_printf("#%u", op->n);
    const char *const cells[] = {number,
                                 approval_kind(op->kind),
                                 op->label,
                                 op->target,
                                 view_rdn(view, sorted[i]->section, op->object),
                                 sorted[i]->due == DUE_HELD ? "保留" : NULL};
    pager_row(pager, "danger", cells);
    n_told++;
  }
  pager_table_end(pager);
  g_autofree char *rest = g_strdup_printf("ほか %u件（別紙に【注意】と記す）", n - n_told);
  if (n > n_told)
    pager_text(pager, NULL, rest);
}

static void put_leavers(Pager *pager, const View *view)
{
  int64_t causes[CAUSE_N];
  int64_t people = plan_head(view->what->plan)->people;
  view_causes(view, causes);
  int64_t leavers = causes[CAUSE_RETIRE];
  if (leavers < MANY_LEAST || leavers * 100 < people * MANY_PERCENT)
    return;
  g_autofree char *text =
      g_strdup_printf("・退職等の多数　%" G_GINT64_FORMAT
                      "人（アカウントのある職員 %" G_GINT64_FORMAT "人の%d%%以上）",
                      leavers, people, MANY_PERCENT);
  pager_text(pager, "warn", text);
}

static void put_unread(Pager *pager, const Plan *plan)
{
  for (size_t i = 0; i < plan_n_sections(plan); i++) {
    const PlanSection *section = plan_section(plan, i);
    g_autofree char *text =
        g_strdup_printf("・系統「%s」は読み取れず、何も予定していない", section->target);
    if (section->unread)
      pager_text(pager, "warn", text);
  }
}

static void put_dangers(Pager *pager, const View *view)
{
  g_autofree const Shown **sorted = report_plan_sorted(view);
  guint n = 0;
  pager_heading(pager, "特に注意を要する操作");
  put_unread(pager, view->what->plan);
  put_leavers(pager, view);
  for (size_t i = 0; i < G_N_ELEMENTS(dangers); i++) {
    n += count_danger(view, i);
    put_danger(pager, view, sorted, i);
  }
  if (n == 0)
    pager_text(pager, NULL, "削除、停止、強い権限の付与・解除、確認を要する操作はありません。");
}

// ---------------------------------------------------------------------------------------------
// The head: title, boxes for seals, what plan it is.

static void put_top(Pager *pager, const ReportPaper *paper)
{
  GString *out = pager_sheet(pager);
  g_string_append(out, "<div class=\"top\">\n<h1>アカウント変更予定　決裁</h1>\n");
  if (paper && paper->stamps) {
    g_string_append(out, "<table class=\"stamps\"><thead><tr>");
    for (const char *const *stamp = paper->stamps; *stamp; stamp++)
      html_element(out, "th", NULL, *stamp);
    g_string_append(out, "</tr></thead><tbody><tr>");
    for (const char *const *stamp = paper->stamps; *stamp; stamp++)
      g_string_append(out, "<td></td>");
    g_string_append(out, "</tr></tbody></table>\n");
  }
  g_string_append(out, "</div>\n");
  pager_take(pager, TOP_MM);
}

static void put_moment(const PlanHead *head, GString *out)
{
  date_format_wareki(head->as_of, out);
  if (head->at == 0)
    return;
  g_autoptr(GString) minute = g_string_new(NULL);
  columns_instant(minute, head->at);
  g_string_append_printf(out, " %s", minute->str + strlen("2027-04-01 "));
}

static void put_fact(Pager *pager, const char *name, const char *text)
{
  const char *const cells[] = {name, text};
  pager_row(pager, NULL, cells);
}

static void put_counts(Pager *pager, const View *view)
{
  g_autofree char *held = view->what->verdict ? g_strdup_printf("%zu件", view_n_due(view, DUE_HELD))
                                              : g_strdup("は未判定");
  g_autofree char *text = g_strdup_printf("%u件（うち保留 %s、期日を待つもの %zu件）",
                                          view->shown->len, held, view_n_due(view, DUE_LATER));
  put_fact(pager, "操作の数", text);
}

// "788人（採用等 45、退職等 60）"
static void put_whose(Pager *pager, const View *view)
{
  int64_t causes[CAUSE_N], n = 0;
  g_autoptr(GString) parts = g_string_new(NULL);
  view_causes(view, causes);
  for (Cause cause = 0; cause < CAUSE_N; cause++) {
    n += causes[cause];
    if (causes[cause] > 0)
      g_string_append_printf(parts, "%s%s %" G_GINT64_FORMAT, parts->len > 0 ? "、" : "",
                             approval_cause(cause), causes[cause]);
  }
  g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT "人%s%s%s", n, n > 0 ? "（" : "",
                                          parts->str, n > 0 ? "）" : "");
  put_fact(pager, "対象の職員", text);
}

// What people placed no approval lifts.
static bool waits_for_approval(const GuardVerdict *verdict)
{
  for (size_t i = 0; i < verdict->n_holds; i++)
    if (verdict->holds[i].number == 0)
      return true;
  return false;
}

// How many people's words it takes, and how many there are.
static void put_needed(Pager *pager, const View *view)
{
  const ReportPaper *paper = view->what->paper;
  const Approvals *approvals = paper ? paper->approvals : NULL;
  g_autoptr(GString) text = g_string_new(NULL);
  if (!approvals) {
    if (paper && paper->has_ledger)
      put_fact(pager, "承認", "承認ファイルを読み取れない");
    return;
  }
  unsigned n = approvals_n_people(approvals);
  if (n == 0 && view->what->verdict && !waits_for_approval(view->what->verdict))
    g_string_append(text, "承認で解ける保留はなく、承認がなくても反映される");
  else
    g_string_printf(text, "%u人が承認済み。%u人の承認が要る", n, approvals->n_needed);
  if (paper->two.name)
    g_string_append_printf(text,
                           "（%s %" G_GINT64_FORMAT " が基準 %" G_GINT64_FORMAT " を超えるため）",
                           approval_measure(paper->two.name), paper->two.n, paper->two.most);
  put_fact(pager, "承認", text->str);
}

static void put_made(Pager *pager, const Plan *plan)
{
  const PlanEnvelope *envelope = plan_envelope(plan);
  g_autoptr(GString) made = g_string_new(NULL);
  columns_instant(made, envelope->made);
  g_string_append_printf(made, "　%s@%s　（%s）", envelope->user ? envelope->user : "?",
                         envelope->host ? envelope->host : "?", plan_head(plan)->program);
  put_fact(pager, "作成", made->str);
}

static void put_known(Pager *pager, const PlanHead *head)
{
  g_autoptr(GString) known = g_string_new(NULL);
  if (head->known_at == INSTANT_OPEN)
    g_string_append(known, "作成時に受付済みのすべて");
  else
    columns_instant(known, head->known_at);
  put_fact(pager, "人事データ", known->str);
}

static void put_facts(Pager *pager, const View *view)
{
  static const PagerColumn columns[] = {{"事項", 52, false}, {"内容", 221, false}};
  const Plan *plan = view->what->plan;
  const ReportPaper *paper = view->what->paper;
  g_autoptr(GString) day = g_string_new(NULL);
  put_moment(plan_head(plan), day);
  pager_table(pager, columns, G_N_ELEMENTS(columns));
  put_fact(pager, "件名",
           paper && paper->title ? paper->title : "人事異動等に伴うアカウントの変更について");
  put_fact(pager, "施行日", day->str);
  put_counts(pager, view);
  put_whose(pager, view);
  put_made(pager, plan);
  put_known(pager, plan_head(plan));
  put_fact(pager, "変更予定の番号（ダイジェスト）", plan_digest(plan));
  put_fact(pager, "規則の番号（ダイジェスト）", plan_head(plan)->mapping_digest);
  put_needed(pager, view);
  put_fact(pager, "決裁番号", "");
  pager_table_end(pager);
}

static void put_warnings(Pager *pager, const View *view)
{
  const PlanHead *head = plan_head(view->what->plan);
  const struct {
    bool holds;
    const char *text;
  } warnings[] = {
      {head->whatif, "試算です。この変更予定は反映できません。"},
      {view->what->person != NULL, "変更予定のうち一人の分だけを示しています。"},
      {view->what->chosen != NULL, "変更予定のうち選んだ操作だけを示しています。"},
      {head->restricted, "制限の開始・終了による変更だけの予定です。"},
      {!view->what->verdict, "安全装置の判定なしに作成したため、保留は示されていません。"},
      {!view->what->paper || !view->what->paper->has_ledger,
       "台帳を開かずに作成したため、受付番号と職は示されていません。"}};
  for (size_t i = 0; i < G_N_ELEMENTS(warnings); i++) {
    g_autofree char *text = g_strconcat("※ ", warnings[i].text, NULL);
    if (warnings[i].holds)
      pager_text(pager, "warn", text);
  }
}

// ---------------------------------------------------------------------------------------------
// Files of HR.

static void put_intake(Pager *pager, const ReportIntake *intake)
{
  bool is_known = intake->number > 0;
  g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, intake->number);
  g_autofree char *rows = g_strdup_printf("%" G_GINT64_FORMAT, intake->n_rows);
  g_autofree char *findings = g_strdup_printf("%" G_GINT64_FORMAT, intake->n_findings);
  g_autofree char *ops = g_strdup_printf("%" G_GINT64_FORMAT, intake->n_ops);
  g_autoptr(GString) declared = g_string_new(NULL), taken = g_string_new(NULL);
  if (intake->declared != DATE_NONE)
    date_format(intake->declared, declared);
  if (is_known)
    columns_instant(taken, intake->taken);
  const char *const cells[] = {is_known ? number : "なし",
                               intake->name,
                               is_known ? approval_file_kind(intake->kind) : NULL,
                               declared->str,
                               taken->str,
                               is_known ? rows : NULL,
                               is_known ? findings : NULL,
                               ops};
  pager_row(pager, NULL, cells);
}

char **report_files(const Op *op)
{
  g_autoptr(GPtrArray) files = g_ptr_array_new();
  g_auto(GStrv) sources = g_strsplit(op->source ? op->source : "", ", ", -1);
  for (char **source = sources; *source; source++) {
    char *colon = strrchr(*source, ':');
    if (!colon)
      continue;
    *colon = '\0';
    if (!g_ptr_array_find_with_equal_func(files, *source, g_str_equal, NULL))
      g_ptr_array_add(files, g_strdup(*source));
  }
  g_ptr_array_add(files, NULL);
  return (char **)g_ptr_array_free(g_steal_pointer(&files), FALSE);
}

// Without the ledger: what the plan itself says.
static void put_files(Pager *pager, const View *view)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < view->shown->len; i++) {
    g_auto(GStrv) files = report_files(g_array_index(view->shown, Shown, i).op);
    for (char **file = files; *file; file++) {
      g_autofree char *text = g_strconcat("・", *file, NULL);
      if (g_hash_table_add(seen, g_strdup(*file)))
        pager_text(pager, NULL, text);
    }
  }
  if (g_hash_table_size(seen) == 0)
    pager_text(pager, NULL, "この変更予定は、人事データの行によるものを含みません。");
}

static void put_intakes(Pager *pager, const View *view)
{
  static const PagerColumn columns[] = {{"受付番号", 22, true},  {"ファイル名", 93, false},
                                        {"種類", 30, false},     {"基準日", 26, false},
                                        {"受付日時", 38, false}, {"行数", 20, true},
                                        {"確認事項", 20, true},  {"本予定の操作", 24, true}};
  const ReportPaper *paper = view->what->paper;
  pager_heading(pager, "もとになる人事データ");
  if (!paper || !paper->has_ledger || paper->intakes->len == 0) {
    put_files(pager, view);
    return;
  }
  pager_table(pager, columns, G_N_ELEMENTS(columns));
  for (guint i = 0; i < paper->intakes->len; i++)
    put_intake(pager, &g_array_index(paper->intakes, ReportIntake, i));
  pager_table_end(pager);
}

// ---------------------------------------------------------------------------------------------
// Counts by system and kind.

static int64_t sum_of(const Totals *totals, OpKind kind)
{
  const int64_t *n = totals->n[kind];
  return n[DUE_NOW] + n[DUE_LATER] + n[DUE_HELD];
}

static void put_count_row(Pager *pager, const char *name, const Totals *totals,
                          const bool shown[OP_N_KINDS])
{
  g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
  int64_t sum = 0;
  g_ptr_array_add(cells, g_strdup(name));
  for (OpKind kind = 0; kind < OP_N_KINDS; kind++) {
    int64_t n = sum_of(totals, kind);
    sum += n;
    if (shown[kind])
      g_ptr_array_add(cells, n > 0 ? g_strdup_printf("%" G_GINT64_FORMAT, n) : NULL);
  }
  g_ptr_array_add(cells, g_strdup_printf("%" G_GINT64_FORMAT, sum));
  pager_row(pager, NULL, (const char *const *)cells->pdata);
}

static void put_matrix(Pager *pager, const View *view)
{
  PagerColumn columns[OP_N_KINDS + 2] = {{"系統", 34, false}};
  bool shown[OP_N_KINDS] = {false};
  size_t n = 1, n_sections = plan_n_sections(view->what->plan);
  Totals all = {0};
  for (size_t i = 0; i < n_sections; i++)
    view_count(view, i, &all);
  for (OpKind kind = 0; kind < OP_N_KINDS; kind++) {
    shown[kind] = sum_of(&all, kind) > 0;
    if (shown[kind])
      columns[n++] = (PagerColumn){approval_kind(kind), 13, true};
  }
  columns[n++] = (PagerColumn){"計", 15, true};
  pager_heading(pager, "系統・種別ごとの件数");
  pager_table(pager, columns, n);
  for (size_t i = 0; i < n_sections; i++) {
    Totals totals = {0};
    view_count(view, i, &totals);
    put_count_row(pager, plan_section(view->what->plan, i)->target, &totals, shown);
  }
  put_count_row(pager, "計", &all, shown);
  pager_table_end(pager);
}

// ---------------------------------------------------------------------------------------------
// What is held. Why people placed a hold is not for paper: its number is.

static void put_hold(Pager *pager, const GuardHold *hold)
{
  OpKind kind;
  g_autofree char *count = g_strdup_printf("%" G_GINT64_FORMAT, hold->count);
  g_autoptr(GString) text = g_string_new(NULL);
  approval_hold(hold, text);
  const char *const cells[] = {hold->target       ? hold->target
                               : hold->number > 0 ? NULL
                                                  : "全体",
                               hold->kind && op_kind_of(hold->kind, &kind) ? approval_kind(kind)
                                                                           : hold->kind,
                               count, approval_check(hold->check), text->str};
  pager_row(pager, NULL, cells);
}

static void put_holds(Pager *pager, const View *view)
{
  static const PagerColumn columns[] = {{"系統", 34, false},
                                        {"種別", 22, false},
                                        {"件数", 18, true},
                                        {"判定", 25, false},
                                        {"理由・必要な措置", 174, false}};
  const GuardVerdict *verdict = view->what->verdict;
  pager_heading(pager, "保留する操作と理由");
  if (!verdict || verdict->n_holds == 0) {
    pager_text(pager, NULL, verdict ? "保留する操作はありません。" : "判定していません。");
    return;
  }
  pager_table(pager, columns, G_N_ELEMENTS(columns));
  for (size_t i = 0; i < verdict->n_holds; i++)
    put_hold(pager, &verdict->holds[i]);
  pager_table_end(pager);
}

// ---------------------------------------------------------------------------------------------
// Who approved so far.

static const char *standing_of(const Approval *approval)
{
  if (approval->flaw)
    return "無効";
  if (approval->own)
    return "作成者。単独では無効";
  if (strcmp(approval->kind, APPROVAL_OVERRIDE) == 0)
    return "上限等の許可";
  return approval->signature ? "有効（署名あり）" : "有効";
}

static void put_scope(const Approval *approval, GString *out)
{
  approval_class((const char *const *)approval->allows, out);
  if (approval->only)
    g_string_append_printf(out, "\n%s のみ", approval->only);
  if (approval->except)
    g_string_append_printf(out, "\n%s を除く", approval->except);
}

static void put_approval(Pager *pager, const Approval *approval)
{
  g_autoptr(GString) given = g_string_new(NULL), term = g_string_new(NULL);
  g_autoptr(GString) scope = g_string_new(NULL);
  if (approval->given != INSTANT_NONE)
    columns_instant(given, approval->given);
  if (approval->not_before != INSTANT_NONE)
    columns_instant(term, approval->not_before);
  g_string_append(term, "～");
  columns_instant(term, approval->expires);
  put_scope(approval, scope);
  const char *const cells[] = {approval->who, approval->ref, given->str,
                               term->str,     scope->str,    standing_of(approval)};
  pager_row(pager, NULL, cells);
}

static void put_approvals(Pager *pager, const View *view)
{
  static const PagerColumn columns[] = {{"承認者", 48, false},   {"決裁番号", 45, false},
                                        {"承認日時", 34, false}, {"有効期間", 62, false},
                                        {"区分", 48, false},     {"扱い", 36, false}};
  const Approvals *approvals = view->what->paper ? view->what->paper->approvals : NULL;
  if (!approvals || approvals->list->len == 0)
    return;
  pager_heading(pager, "これまでの承認");
  pager_table(pager, columns, G_N_ELEMENTS(columns));
  for (guint i = 0; i < approvals->list->len; i++)
    put_approval(pager, approvals->list->pdata[i]);
  pager_table_end(pager);
}

// ---------------------------------------------------------------------------------------------

bool report_plan_approval(View *view, GString *out, GError **error)
{
  (void)error;
  Pager pager;
  g_autofree char *style = pager_style();
  g_autofree char *foot =
      g_strdup_printf("変更予定 %.*s", SHORT_DIGEST_CHARS, plan_digest(view->what->plan));
  const HtmlPage page = {.title = foot, .style = style, .landscape = true};
  pager_open(&pager);
  put_top(&pager, view->what->paper);
  put_facts(&pager, view);
  put_warnings(&pager, view);
  put_approvals(&pager, view);
  put_matrix(&pager, view);
  put_dangers(&pager, view);
  put_holds(&pager, view);
  put_intakes(&pager, view);
  pager_break(&pager);
  approval_annex(&pager, view);
  html_begin(&page, out);
  g_string_append(out, "<main lang=\"ja\">\n");
  pager_put(&pager, foot, out);
  g_string_append(out, "</main>\n");
  html_end(&page, out);
  pager_close(&pager);
  return true;
}
