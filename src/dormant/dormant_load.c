// SPDX-License-Identifier: GPL-3.0-or-later
//
// dormant.yaml: sources, policies, exemptions.
#include "dormant_p.h"

#include <string.h>

#define REPLY_DAYS 14

static const char *const FILE_KEYS[] = {"sources", "policies", "exemptions", "tell", NULL};
static const char *const POLICY_KEYS[] = {"name",    "target",  "object", "orphans", "where",
                                          "members", "sources", "also",   "notice",  "disable",
                                          "rights",  "delete",  NULL};
static const char *const STEP_KEYS[] = {"after", "grace", NULL};
static const char *const TELL_KEYS[] = {"person", "heads", "operators", "reply", NULL};

static const struct {
  const char *name, *what;
} STAGES[DORMANT_N_STAGES] = {{"notice", RESTRICT_NOTICE},
                              {"disable", RESTRICT_DISABLE},
                              {"rights", RESTRICT_RIGHTS},
                              {"delete", RESTRICT_ABSENT}};

const char *dormant_stage_name(DormantStage stage)
{
  return STAGES[stage].name;
}

const char *dormant_stage_what(DormantStage stage)
{
  return STAGES[stage].what;
}

// ---------------------------------------------------------------------------------------------

// A word or a list of words, NULL-terminated; the words are the file's.
static const char *const *read_words(Dormant *dormant, const YamlNode *node, Findings *findings)
{
  bool one = yaml_kind(node) == YAML_SCALAR;
  size_t n = one ? 1 : yaml_count(node);
  const char **words = g_new0(const char *, n + 1);
  g_ptr_array_add(dormant->strings, words);
  if (yaml_kind(node) == YAML_MAP) {
    yaml_fault(dormant->yaml, node, findings, "dormant-words",
               _("a word or a list of words is wanted here"));
    return words;
  }
  // An empty list would be taken for one that was not given: a policy for a few would be one for everybody.
  if (yaml_kind(node) == YAML_LIST && n == 0)
    yaml_fault(dormant->yaml, node, findings, "dormant-words", _("a word is wanted here"));
  for (size_t i = 0; i < n; i++) {
    const YamlNode *item = one ? node : yaml_item(node, i);
    words[i] = yaml_text(item) != NULL ? yaml_text(item) : "";
    if (*words[i] == '\0')
      yaml_fault(dormant->yaml, item, findings, "dormant-words", _("a word is wanted here"));
  }
  return words;
}

static void read_sources(Dormant *dormant, const YamlNode *node, Findings *findings,
                         const size_t **out, size_t *n_out)
{
  const char *const *words = read_words(dormant, node, findings);
  size_t n = g_strv_length((gchar **)(void *)words);
  size_t *sources = g_new0(size_t, n + 1);
  g_ptr_array_add(dormant->strings, sources);
  for (size_t i = 0; i < n; i++) {
    sources[i] = evidence_source_named(dormant->sources, words[i]);
    if (sources[i] == EVIDENCE_NO_SOURCE && *words[i] != '\0')
      yaml_fault(dormant->yaml, yaml_kind(node) == YAML_LIST ? yaml_item(node, i) : node, findings,
                 "dormant-source", _("“sources” at the top of the file has no “%s”"), words[i]);
  }
  *out = sources;
  *n_out = n;
}

static const char *source_target(const Dormant *dormant, size_t source)
{
  return evidence_source_at(dormant->sources, source)->target;
}

// A source that speaks of other accounts than the policy would leave all of these without a judgement.
static void check_sources(const Dormant *dormant, const DormantRules *rules, Findings *findings)
{
  const DormantPolicy *policy = &rules->policy;
  const YamlNode *node = yaml_get(rules->node, "sources");
  if (policy->n_sources == 0)
    yaml_fault(dormant->yaml, node != NULL ? node : rules->node, findings, "dormant-no-source",
               _("a policy needs “sources” that tell of uses: without one, nothing is known"));
  for (size_t i = 0; i < policy->n_sources; i++)
    if (policy->sources[i] != EVIDENCE_NO_SOURCE && policy->target != NULL &&
        strcmp(source_target(dormant, policy->sources[i]), policy->target) != 0)
      yaml_fault(dormant->yaml, node, findings, "dormant-source",
                 _("source %s speaks of accounts of %s, not of %s: name it under “also”"),
                 evidence_source_at(dormant->sources, policy->sources[i])->name,
                 source_target(dormant, policy->sources[i]), policy->target);
  for (size_t i = 0; i < policy->n_also; i++)
    if (policy->also[i] != EVIDENCE_NO_SOURCE && policy->target != NULL &&
        (policy->klass == NULL ||
         strcmp(source_target(dormant, policy->also[i]), policy->target) == 0))
      yaml_fault(dormant->yaml, yaml_get(rules->node, "also"), findings, "dormant-source",
                 _("“also” is for uses by the same person in another target"));
}

// ---------------------------------------------------------------------------------------------
// Stages.

static void read_step(Dormant *dormant, DormantRules *rules, DormantStage stage,
                      const YamlNode *node, Findings *findings)
{
  DormantStep *step = &rules->policy.steps[stage];
  step->grace_days = -1;
  if (yaml_kind(node) == YAML_NONE)
    return;
  if (yaml_kind(node) == YAML_MAP) {
    yaml_check_keys(dormant->yaml, node, STEP_KEYS, findings);
    yaml_read_days(dormant->yaml, node, "grace", findings, &step->grace_days);
    step->given = yaml_read_days(dormant->yaml, node, "after", findings, &step->after_days);
    if (yaml_get(node, "after") == NULL)
      yaml_fault(dormant->yaml, node, findings, "dormant-stage",
                 _("“after” says how many days of no use lead here"));
    return;
  }
  step->given =
      yaml_read_days(dormant->yaml, rules->node, STAGES[stage].name, findings, &step->after_days);
}

// A grace that is not said is as long as the days between the stages: whoever is long past all of them, when a policy
// begins, is still told first and has that time.
static void order_steps(const Dormant *dormant, DormantRules *rules, Findings *findings)
{
  const DormantStep *before = NULL;
  for (int i = 0; i < DORMANT_N_STAGES; i++) {
    DormantStep *step = &rules->policy.steps[i];
    if (!step->given)
      continue;
    const YamlNode *node = yaml_get(rules->node, STAGES[i].name);
    if (step->after_days < 1)
      yaml_fault(dormant->yaml, node, findings, "dormant-stage", _("at least one day is wanted"));
    if (before != NULL && step->after_days <= before->after_days)
      yaml_fault(dormant->yaml, node, findings, "dormant-stage",
                 _("“%s” comes after the stage before it: more than %d days are wanted"),
                 STAGES[i].name, before->after_days);
    if (step->grace_days < 0)
      step->grace_days = before != NULL ? step->after_days - before->after_days : 0;
    before = step;
  }
  if (before == NULL)
    yaml_fault(dormant->yaml, rules->node, findings, "dormant-stage",
               _("a policy has at least one of notice, disable, rights, delete"));
}

// ---------------------------------------------------------------------------------------------
// Policies.

static void read_where(Dormant *dormant, DormantRules *rules, const YamlNode *node,
                       Findings *findings)
{
  if (yaml_kind(node) == YAML_NONE)
    return;
  if (yaml_kind(node) != YAML_MAP)
    yaml_fault(dormant->yaml, node, findings, "dormant-where",
               _("“where” names fields and their values, for example {employment: temporary}"));
  for (size_t i = 0; i < yaml_count(node) && yaml_kind(node) == YAML_MAP; i++) {
    const YamlNode *key = NULL, *value = NULL;
    DormantWanted wanted = {.id = FIELD_NONE};
    if (!yaml_pair(node, i, &wanted.field, &key, &value))
      continue;
    if (yaml_kind(value) == YAML_MAP) {
      static const char *const keys[] = {"not", NULL};
      yaml_check_keys(dormant->yaml, value, keys, findings);
      wanted.not = true;
      value = yaml_get(value, "not");
    }
    wanted.values = read_words(dormant, value, findings);
    if (yaml_kind(value) == YAML_NONE)
      yaml_fault(dormant->yaml, key, findings, "dormant-words", _("a word is wanted here"));
    g_array_append_val(rules->where, wanted);
  }
  rules->policy.restricted = true;
}

static void read_whom(Dormant *dormant, DormantRules *rules, const YamlNode *node,
                      Findings *findings)
{
  DormantPolicy *policy = &rules->policy;
  static const char *const nobody[] = {NULL};
  bool orphans = false;
  policy->klass = "account";
  yaml_read_text(dormant->yaml, node, "object", findings, &policy->klass);
  yaml_read_bool(dormant->yaml, node, "orphans", findings, &orphans);
  read_where(dormant, rules, yaml_get(node, "where"), findings);
  policy->members = nobody;
  if (yaml_get(node, "members") != NULL) {
    policy->members = read_words(dormant, yaml_get(node, "members"), findings);
    policy->restricted = true;
  }
  if (!orphans)
    return;
  if (policy->restricted || yaml_get(node, "object") != NULL)
    yaml_fault(dormant->yaml, yaml_get(node, "orphans"), findings, "dormant-orphans",
               _("of accounts of nobody no “object”, “where” or “members” is known"));
  policy->klass = NULL;
}

static void read_policy(Dormant *dormant, const YamlNode *node, Findings *findings)
{
  DormantRules rules = {.node = node, .policy = {.line = yaml_line(node)}};
  DormantPolicy *policy = &rules.policy;
  rules.where = g_array_new(FALSE, FALSE, sizeof(DormantWanted));
  yaml_check_keys(dormant->yaml, node, POLICY_KEYS, findings);
  policy->name = policy->target = "";
  static const char *const needed[] = {"name", "target"};
  for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
    if (yaml_text(yaml_get(node, needed[i])) == NULL)
      yaml_fault(dormant->yaml, node, findings, "key-missing", _("“%s” is missing here"),
                 needed[i]);
  yaml_read_text(dormant->yaml, node, "name", findings, &policy->name);
  yaml_read_text(dormant->yaml, node, "target", findings, &policy->target);
  read_whom(dormant, &rules, node, findings);
  read_sources(dormant, yaml_get(node, "sources"), findings, &policy->sources, &policy->n_sources);
  read_sources(dormant, yaml_get(node, "also"), findings, &policy->also, &policy->n_also);
  check_sources(dormant, &rules, findings);
  for (int i = 0; i < DORMANT_N_STAGES; i++)
    read_step(dormant, &rules, (DormantStage)i, yaml_get(node, STAGES[i].name), findings);
  order_steps(dormant, &rules, findings);
  g_array_append_val(dormant->rules, rules);
}

static void check_names(const Dormant *dormant, const EvidenceWorld *world, Findings *findings)
{
  for (guint i = 0; i < dormant->rules->len; i++) {
    const DormantRules *rules = &g_array_index(dormant->rules, DormantRules, i);
    const DormantPolicy *policy = &rules->policy;
    size_t k = 0;
    while (world->targets[k] != NULL && strcmp(world->targets[k]->name, policy->target) != 0)
      k++;
    if (world->targets[k] == NULL && *policy->target != '\0')
      yaml_fault(dormant->yaml, yaml_get(rules->node, "target"), findings, "dormant-target",
                 _("there is no target “%s” in the site file"), policy->target);
    for (guint j = 0; j < i; j++)
      if (strcmp(g_array_index(dormant->rules, DormantRules, j).policy.name, policy->name) == 0)
        yaml_fault(dormant->yaml, yaml_get(rules->node, "name"), findings, "dormant-name",
                   _("another policy is called “%s”, too"), policy->name);
  }
}

static void read_policies(Dormant *dormant, const YamlNode *node, const EvidenceWorld *world,
                          Findings *findings)
{
  if (yaml_kind(node) != YAML_NONE && yaml_kind(node) != YAML_LIST)
    yaml_fault(dormant->yaml, node, findings, "dormant-policies",
               _("“policies” is a list: - name: …"));
  for (size_t i = 0; i < yaml_count(node) && yaml_kind(node) == YAML_LIST; i++)
    read_policy(dormant, yaml_item(node, i), findings);
  check_names(dormant, world, findings);
}

static void read_tell(Dormant *dormant, const YamlNode *node, Findings *findings)
{
  DormantTell *tell = &dormant->tell;
  *tell = (DormantTell){.reply_days = REPLY_DAYS};
  if (yaml_kind(node) == YAML_NONE)
    return;
  yaml_check_keys(dormant->yaml, node, TELL_KEYS, findings);
  yaml_read_bool(dormant->yaml, node, "person", findings, &tell->person);
  yaml_read_bool(dormant->yaml, node, "heads", findings, &tell->heads);
  yaml_read_bool(dormant->yaml, node, "operators", findings, &tell->operators);
  yaml_read_days(dormant->yaml, node, "reply", findings, &tell->reply_days);
}

// ---------------------------------------------------------------------------------------------

static void clear_rules(gpointer data)
{
  DormantRules *rules = data;
  g_array_unref(rules->where);
}

static bool read_file(Dormant *dormant, const EvidenceWorld *world, Findings *findings,
                      GError **error)
{
  const YamlNode *root = yaml_root(dormant->yaml);
  EvidenceWorld here = {.folder = dormant->folder, .targets = world->targets};
  yaml_check_keys(dormant->yaml, root, FILE_KEYS, findings);
  dormant->name = yaml_name(dormant->yaml);
  dormant->sources =
      evidence_sources_read(dormant->yaml, yaml_get(root, "sources"), &here, findings);
  read_policies(dormant, yaml_get(root, "policies"), world, findings);
  read_tell(dormant, yaml_get(root, "tell"), findings);
  const char *exemptions = NULL;
  return !yaml_read_text(dormant->yaml, root, "exemptions", findings, &exemptions) ||
         dormant_exemptions_read(dormant, exemptions, world, findings, error);
}

Dormant *dormant_load(const char *path, const EvidenceWorld *world, Findings *findings,
                      GError **error)
{
  g_autoptr(Dormant) dormant = g_new0(Dormant, 1);
  dormant->strings = g_ptr_array_new_with_free_func(g_free);
  dormant->rules = g_array_new(FALSE, FALSE, sizeof(DormantRules));
  dormant->exempt = g_array_new(FALSE, FALSE, sizeof(DormantExemption));
  g_array_set_clear_func(dormant->rules, clear_rules);
  dormant->folder = g_path_get_dirname(path);
  g_autoptr(Findings) mine = findings_new();
  dormant->yaml = yaml_load(path, mine, error);
  bool fine = dormant->yaml != NULL && read_file(dormant, world, mine, error);
  size_t faults = findings_count_level(mine, FINDING_ERROR);
  findings_take(findings, mine);
  if (fine && faults == 0)
    return g_steal_pointer(&dormant);
  if (fine)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                ngettext("%s has a fault", "%s has %zu faults", faults), path, faults);
  return NULL;
}

void dormant_free(Dormant *dormant)
{
  if (dormant == NULL)
    return;
  evidence_sources_free(dormant->sources);
  g_array_unref(dormant->rules);
  g_array_unref(dormant->exempt);
  grid_free(dormant->grid);
  yaml_free(dormant->yaml);
  g_free(dormant->folder);
  g_ptr_array_unref(dormant->strings);
  g_free(dormant);
}

const EvidenceSources *dormant_sources(const Dormant *dormant)
{
  return dormant->sources;
}

const DormantTell *dormant_tell(const Dormant *dormant)
{
  return &dormant->tell;
}

size_t dormant_n_policies(const Dormant *dormant)
{
  return dormant->rules->len;
}

const DormantPolicy *dormant_policy(const Dormant *dormant, size_t i)
{
  return &g_array_index(dormant->rules, DormantRules, i).policy;
}

// ---------------------------------------------------------------------------------------------
// Against mapping and ledger.

static bool has_klass(const Mapping *mapping, const DormantPolicy *policy)
{
  for (size_t i = 0; i < mapping_n_klasses(mapping); i++) {
    const Klass *klass = mapping_klass(mapping, i);
    if (klass->subject == FOR_PERSON && strcmp(klass->target, policy->target) == 0 &&
        strcmp(klass->name, policy->klass) == 0)
      return true;
  }
  return false;
}

void dormant_check(Dormant *dormant, const Mapping *mapping, Store *store, Findings *findings)
{
  evidence_sources_check(dormant->sources, mapping, findings);
  for (guint i = 0; i < dormant->rules->len; i++) {
    DormantRules *rules = &g_array_index(dormant->rules, DormantRules, i);
    const DormantPolicy *policy = &rules->policy;
    if (policy->klass != NULL && !has_klass(mapping, policy))
      yaml_fault(dormant->yaml, rules->node, findings, "dormant-class",
                 _("no mapping has a class “%s” for people in target %s"), policy->klass,
                 policy->target);
    for (guint k = 0; k < rules->where->len && store != NULL; k++) {
      DormantWanted *wanted = &g_array_index(rules->where, DormantWanted, k);
      wanted->id = store_field(store, wanted->field);
      if (wanted->id == FIELD_NONE)
        yaml_fault(dormant->yaml, yaml_get(rules->node, "where"), findings, "dormant-field",
                   _("there is no field “%s” in the ledger"), wanted->field);
    }
  }
}
