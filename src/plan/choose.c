// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan_p.h"

#define MOST_SHOWN 8  // of what a plan has, and of what a choice brings along

// What of a plan is asked for. `text` is what stands behind the word.
typedef struct Asked {
  const Plan *plan;
  const char *item;  // the whole of it, for people
  const char *text;
  uint8_t *marks;  // of those it names
} Asked;

static bool refuse(const Asked *asked, GError **error, const char *what, const char *has)
{
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, "“%s”: %s%s", asked->item, what, has);
  return false;
}

// ---------------------------------------------------------------------------------------------
// By number.

static bool read_number(const char **at, uint32_t *out)
{
  guint64 value = 0;
  const char *start = *at;
  for (; g_ascii_isdigit(**at) && value <= UINT32_MAX; (*at)++)
    value = value * 10 + (guint64)(**at - '0');
  *out = (uint32_t)value;
  return *at > start && value <= UINT32_MAX;
}

static bool read_range(const char *text, uint32_t *first, uint32_t *last)
{
  if (!read_number(&text, first))
    return false;
  *last = *first;
  if (*text != '-')
    return *text == '\0';
  text++;
  return read_number(&text, last) && *text == '\0';
}

static bool mark_range(const Asked *asked, GError **error)
{
  uint32_t first, last;
  if (!read_range(asked->text, &first, &last)) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("“%s” chooses nothing: say numbers such as 3 or 1-20, person:NUMBER, unit:CODE, "
                  "target:NAME or kind:KIND, with commas between them"),
                asked->item);
    return false;
  }
  size_t n_ops = plan_n_ops(asked->plan);
  if (first == 0 || first > last || last > n_ops) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("“%s” names operations that the plan does not have: it has 1 to %zu"),
                asked->item, n_ops);
    return false;
  }
  memset(asked->marks + first - 1, 1, last - first + 1);
  return true;
}

// ---------------------------------------------------------------------------------------------
// By what an operation tells of itself. Labels and units begin with the number or code, then a space.

typedef struct Word {
  const char *text;  // not terminated
  size_t n;
} Word;

static Word first_word(const char *text)
{
  return (Word){text, text ? strcspn(text, " ") : 0};
}

static Word person_of(const Op *op)
{
  return op->person ? first_word(op->label) : (Word){NULL, 0};
}

static Word unit_of(const Op *op)
{
  return first_word(op->unit);
}

static bool is_word(Word word, const char *text)
{
  return word.n > 0 && strlen(text) == word.n && strncmp(word.text, text, word.n) == 0;
}

static size_t mark_words(const Asked *asked, Word (*word_of)(const Op *op))
{
  size_t n = 0;
  for (uint32_t i = 1; i <= plan_n_ops(asked->plan); i++)
    if (is_word(word_of(plan_op(asked->plan, i)), asked->text))
      n += asked->marks[i - 1] = 1;
  return n;
}

// "000001, 000002, …": some of what the plan has, so that a slip of the pen is seen.
static char *list_words(const Plan *plan, Word (*word_of)(const Op *op))
{
  g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
  for (uint32_t n = 1; n <= plan_n_ops(plan) && words->len <= MOST_SHOWN; n++) {
    Word word = word_of(plan_op(plan, n));
    g_autofree char *text = g_strndup(word.text, word.n);
    if (word.n > 0 && !g_ptr_array_find_with_equal_func(words, text, g_str_equal, NULL))
      g_ptr_array_add(words, g_steal_pointer(&text));
  }
  if (words->len > MOST_SHOWN) {
    g_free(words->pdata[MOST_SHOWN]);
    words->pdata[MOST_SHOWN] = g_strdup("…");
  }
  g_ptr_array_add(words, NULL);
  return g_strjoinv(", ", (char **)words->pdata);
}

static bool mark_person(const Asked *asked, GError **error)
{
  if (mark_words(asked, person_of) > 0)
    return true;
  g_autofree char *has = list_words(asked->plan, person_of);
  return refuse(asked, error,
                *has ? _("the plan changes nothing of anybody with this number. It has ")
                     : _("the plan changes nothing of any person"),
                has);
}

// "総務部　総務課" of "101002 総務部　総務課", as operations tell it of anybody in the unit itself; of a unit that is gone
// some may have the code alone. They borrow from the plan.
static GPtrArray *find_paths(const Asked *asked)
{
  GPtrArray *paths = g_ptr_array_new();
  for (uint32_t n = 1; n <= plan_n_ops(asked->plan); n++) {
    const Op *op = plan_op(asked->plan, n);
    const char *const units[] = {op->unit, op->unit_before};
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
      const char *path =
          is_word(first_word(units[i]), asked->text) ? units[i] + strlen(asked->text) : NULL;
      if (path && !g_ptr_array_find_with_equal_func(paths, path, g_str_equal, NULL))
        g_ptr_array_add(paths, (char *)path);
    }
  }
  return paths;
}

static bool is_below(const char *names, const char *path)
{
  static const char wide_space[] = "\u3000";
  size_t n = strlen(path);
  return n > 1 && strncmp(names, path, n) == 0 && g_str_has_prefix(names + n, wide_space);
}

// Itself, or below it: its names from the top down begin with the other's.
static bool is_within(const char *unit, const char *code, const GPtrArray *paths)
{
  Word word = first_word(unit);
  bool within = is_word(word, code);
  for (guint i = 0; !within && word.n > 0 && i < paths->len; i++)
    within = is_below(word.text + word.n, paths->pdata[i]);
  return within;
}

static bool mark_unit(const Asked *asked, GError **error)
{
  g_autoptr(GPtrArray) paths = find_paths(asked);
  if (paths->len == 0) {
    g_autofree char *has = list_words(asked->plan, unit_of);
    return refuse(asked, error,
                  *has
                      ? _("the plan changes nothing of anybody in this very unit, so that what is "
                          "below it is not known either. It has ")
                      : _("the plan does not say who is in which unit; choose by number or person"),
                  has);
  }
  for (uint32_t n = 1; n <= plan_n_ops(asked->plan); n++) {
    const Op *op = plan_op(asked->plan, n);
    asked->marks[n - 1] =
        is_within(op->unit, asked->text, paths) || is_within(op->unit_before, asked->text, paths);
  }
  return true;
}

static bool mark_target(const Asked *asked, GError **error)
{
  g_autoptr(GString) has = g_string_new(NULL);
  for (size_t i = 0; i < plan_n_sections(asked->plan); i++) {
    const PlanSection *section = plan_section(asked->plan, i);
    if (strcmp(section->target, asked->text) == 0) {
      for (size_t k = 0; k < section->n_ops; k++)
        asked->marks[section->ops[k].n - 1] = 1;
      return true;
    }
    g_string_append_printf(has, "%s%s", i > 0 ? ", " : "", section->target);
  }
  return refuse(asked, error, _("the plan has no part for such a target. It has "), has->str);
}

static bool mark_kind(const Asked *asked, GError **error)
{
  OpKind kind;
  if (op_kind_of(asked->text, &kind)) {
    for (uint32_t n = 1; n <= plan_n_ops(asked->plan); n++)
      asked->marks[n - 1] = plan_op(asked->plan, n)->kind == kind;
    return true;
  }
  g_autoptr(GString) has = g_string_new(NULL);
  for (kind = 0; kind < OP_N_KINDS; kind++)
    g_string_append_printf(has, "%s%s", kind > 0 ? ", " : "", op_traits(kind)->name);
  return refuse(asked, error, _("there is no such kind of operation. There are "), has->str);
}

static const struct {
  const char *word;
  bool (*mark)(const Asked *asked, GError **error);
} words[] = {
    {"person:", mark_person}, {"unit:", mark_unit}, {"target:", mark_target},
    {"kind:", mark_kind},     {"", mark_range},
};

// ---------------------------------------------------------------------------------------------
// Texts.

// The last row takes what has no word.
static size_t find_word(const char *text)
{
  size_t i = 0;
  while (!g_str_has_prefix(text, words[i].word))
    i++;
  return i;
}

static bool has_word(const char *text)
{
  return *words[find_word(text)].word != '\0';
}

// Where what must apply, too, begins: at "/" before a word, since codes may hold a "/" of their own. NULL: nowhere.
static char *find_more(char *text)
{
  for (char *slash = strchr(text, '/'); slash; slash = strchr(slash + 1, '/'))
    if (has_word(slash + 1))
      return slash;
  return NULL;
}

// One number may be borne by two people, of two bodies that number their people apart.
static bool check_person(const Asked *asked, GError **error)
{
  const Op *one = NULL;
  for (uint32_t n = 1; n <= plan_n_ops(asked->plan); n++) {
    const Op *op = plan_op(asked->plan, n);
    if (!asked->marks[n - 1] || op->person == 0)
      continue;
    one = one ? one : op;
    if (op->person == one->person)
      continue;
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("“%s” are two people, “%s” (%s) and “%s” (%s): say the unit, too "
                  "(person:NUMBER/unit:CODE), or the numbers of the operations"),
                asked->item, one->label, one->unit ? one->unit : "?", op->label,
                op->unit ? op->unit : "?");
    return false;
  }
  return true;
}

// What all parts of an item name.
static bool mark_item(const Plan *plan, const char *item, uint8_t *marks, GError **error)
{
  size_t n_ops = plan_n_ops(plan), n_parts = 0, n_left = 0;
  g_autofree uint8_t *all = g_new(uint8_t, n_ops + 1);
  g_autofree uint8_t *part = g_new(uint8_t, n_ops + 1);
  g_autofree char *copy = g_strdup(item);
  memset(all, 1, n_ops);
  bool is_person = false;
  for (char *at = copy, *more; at; at = more ? more + 1 : NULL, n_parts++) {
    more = find_more(at);
    if (more)
      *more = '\0';
    size_t word = find_word(at);
    Asked asked = {
        .plan = plan, .item = item, .text = at + strlen(words[word].word), .marks = part};
    memset(part, 0, n_ops);
    if (!words[word].mark(&asked, error))
      return false;
    is_person |= words[word].mark == mark_person;
    for (size_t i = 0; i < n_ops; i++)
      all[i] = all[i] && part[i];
  }
  Asked asked = {.plan = plan, .item = item, .marks = all};
  for (size_t i = 0; i < n_ops; i++)
    n_left += all[i];
  if (n_left == 0 && n_parts > 1)
    return refuse(&asked, error, _("no operation of the plan is all of this at once"), "");
  for (size_t i = 0; i < n_ops; i++)
    marks[i] |= all[i];
  return !is_person || check_person(&asked, error);
}

static bool mark(const Plan *plan, const char *text, uint8_t *marks, GError **error)
{
  if (!text)
    return true;
  g_auto(GStrv) items = g_strsplit(*text ? text : ",", ",", -1);
  for (size_t i = 0; items[i]; i++)
    if (!mark_item(plan, items[i], marks, error))
      return false;
  return true;
}

// ---------------------------------------------------------------------------------------------
// What follows from it.

// An operation's number is greater than those it depends on: one walk down finds all of them.
static void add_needed(const Plan *plan, uint8_t *marks)
{
  for (uint32_t n = plan_n_ops(plan); n > 0; n--) {
    const Op *op = plan_op(plan, n);
    for (size_t i = 0; marks[n - 1] && i < op->n_after; i++)
      marks[op->after[i] - 1] = 1;
  }
}

static void add_dependent(const Plan *plan, uint8_t *marks)
{
  for (uint32_t n = 1; n <= plan_n_ops(plan); n++) {
    const Op *op = plan_op(plan, n);
    for (size_t i = 0; !marks[n - 1] && i < op->n_after; i++)
      marks[n - 1] = marks[op->after[i] - 1];
  }
}

// One of those that go as one with others of the person.
static bool goes_along(const Op *op)
{
  return op->person != 0 && !op_traits(op->kind)->edge && !op_traits(op->kind)->local;
}

// Of a person of whom one is marked, all are; `spared` = but what ends a right. True when some were not.
static bool add_others(const PlanSection *section, uint8_t *marks, bool spared)
{
  g_autoptr(GHashTable) people = g_hash_table_new(NULL, NULL);
  bool added = false;
  for (size_t i = 0; i < section->n_ops; i++)
    if (marks[section->ops[i].n - 1] && goes_along(&section->ops[i]))
      g_hash_table_add(people, GUINT_TO_POINTER(section->ops[i].person));
  for (size_t i = 0; i < section->n_ops; i++) {
    const Op *op = &section->ops[i];
    if (marks[op->n - 1] || !goes_along(op) || (spared && op->ends) ||
        !g_hash_table_contains(people, GUINT_TO_POINTER(op->person)))
      continue;
    marks[op->n - 1] = 1;
    added = true;
  }
  return added;
}

// Until nothing more follows: one person's others may need what others of another person wait for.
static void follow(const Plan *plan, uint8_t *marks, void (*add)(const Plan *plan, uint8_t *marks),
                   const char *const *together)
{
  bool added;
  do {
    add(plan, marks);
    added = false;
    for (size_t i = 0; together && i < plan_n_sections(plan); i++) {
      const PlanSection *section = plan_section(plan, i);
      if (g_strv_contains(together, section->target))
        added |= add_others(section, marks, add == add_dependent);
    }
  } while (added);
}

static void show_some(GPtrArray *some, const Op *op)
{
  if (some->len < MOST_SHOWN)
    g_ptr_array_add(some,
                    g_strdup_printf(_("#%u %s %s%s%s in %s"), op->n, op_traits(op->kind)->name,
                                    op->label ? op->label : op->object, op->member ? " – " : "",
                                    op->member ? op->object : "", op->target));
}

// Named or not, wanted or not: what was taken along, and what is left out besides.
typedef struct Marks {
  uint8_t *named, *wanted;      // by --only; with what they need
  uint8_t *refused, *unwanted;  // by --except; with what needs them
} Marks;

static void settle(const Plan *plan, const Marks *marks, PlanChoice *out)
{
  size_t n_ops = plan_n_ops(plan);
  out->chosen = g_byte_array_sized_new((guint)n_ops);
  out->refused = g_byte_array_sized_new((guint)n_ops);
  g_byte_array_append(out->refused, marks->unwanted, (guint)n_ops);
  for (uint32_t n = 1; n <= n_ops; n++) {
    size_t i = n - 1;
    uint8_t is = marks->wanted[i] && !marks->unwanted[i];
    g_byte_array_append(out->chosen, &is, 1);
    out->n_chosen += is;
    out->n_left += !is;
    if (is && !marks->named[i]) {
      out->n_along++;
      show_some(out->along, plan_op(plan, n));
    }
    // Of what nobody wanted nothing is told.
    if (marks->wanted[i] && marks->unwanted[i] && !marks->refused[i]) {
      out->n_besides++;
      show_some(out->besides, plan_op(plan, n));
    }
  }
}

// The entries of the people that --except names. They borrow from the plan.
static GHashTable *find_entries(const Plan *plan, const uint8_t *refused)
{
  GHashTable *entries = g_hash_table_new(g_str_hash, g_str_equal);
  for (uint32_t n = 1; n <= plan_n_ops(plan); n++) {
    const Op *op = plan_op(plan, n);
    const char *own = op_traits(op->kind)->edge ? op->member : op->object;
    if (refused[n - 1] && op->person != 0 && own)
      g_hash_table_add(entries, (char *)own);
  }
  return entries;
}

static bool refers(const Op *op, GHashTable *entries)
{
  for (size_t i = 0; i < op->n_changes; i++)
    for (size_t k = 0; k < op->changes[i].n_new; k++) {
      const OpValue *value = &op->changes[i].new_values[k];
      if (value->kind == VALUE_REF && g_hash_table_contains(entries, value->bytes))
        return true;
    }
  return false;
}

// Whoever is left out as head of a section is made the manager of others all the same: those are not theirs.
static void tell_referring(const Plan *plan, const uint8_t *refused, PlanChoice *out)
{
  g_autoptr(GHashTable) entries = find_entries(plan, refused);
  for (uint32_t n = 1; n <= plan_n_ops(plan); n++) {
    const Op *op = plan_op(plan, n);
    if (!out->chosen->data[n - 1] || !refers(op, entries))
      continue;
    out->n_referring++;
    show_some(out->referring, op);
  }
}

bool plan_choice(const Plan *plan, const char *only, const char *except,
                 const char *const *together, PlanChoice *out, GError **error)
{
  size_t n_ops = plan_n_ops(plan);
  g_autofree uint8_t *named = g_new0(uint8_t, n_ops + 1);
  g_autofree uint8_t *refused = g_new0(uint8_t, n_ops + 1);
  *out = (PlanChoice){.along = g_ptr_array_new_with_free_func(g_free),
                      .besides = g_ptr_array_new_with_free_func(g_free),
                      .referring = g_ptr_array_new_with_free_func(g_free)};
  if (!mark(plan, only, named, error) || !mark(plan, except, refused, error)) {
    plan_choice_clear(out);
    return false;
  }
  if (!only)
    memset(named, 1, n_ops);
  g_autofree uint8_t *wanted = g_memdup2(named, n_ops + 1);
  g_autofree uint8_t *unwanted = g_memdup2(refused, n_ops + 1);
  follow(plan, wanted, add_needed, together);
  follow(plan, unwanted, add_dependent, together);
  settle(plan, &(Marks){named, wanted, refused, unwanted}, out);
  tell_referring(plan, refused, out);
  return true;
}

void plan_choice_leave(PlanChoice *choice, const GByteArray *left, bool asked)
{
  for (guint i = 0; left && i < choice->chosen->len; i++) {
    if (!left->data[i] || (asked && choice->chosen->data[i]))
      continue;
    choice->refused->data[i] = 1;
    if (!choice->chosen->data[i])
      continue;
    choice->chosen->data[i] = 0;
    choice->n_chosen--;
    choice->n_left++;
    choice->n_before++;
  }
}

void plan_choice_clear(PlanChoice *choice)
{
  g_clear_pointer(&choice->chosen, g_byte_array_unref);
  g_clear_pointer(&choice->refused, g_byte_array_unref);
  g_clear_pointer(&choice->along, g_ptr_array_unref);
  g_clear_pointer(&choice->besides, g_ptr_array_unref);
  g_clear_pointer(&choice->referring, g_ptr_array_unref);
}

bool plan_choose(const Plan *plan, const char *only, const char *except, GByteArray **out,
                 GError **error)
{
  g_auto(PlanChoice) choice = {0};
  if (!plan_choice(plan, only, except, NULL, &choice, error))
    return false;
  *out = g_steal_pointer(&choice.chosen);
  return true;
}
