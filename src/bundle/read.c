// SPDX-License-Identifier: GPL-3.0-or-later
//
// The lines of a bundle, one function each. What they say was signed, so a fault of form is another version's.
#include "bundle/bundle_p.h"

#include <string.h>

#define FILE_MAX_BYTES ((size_t)1 << 30)

const char *const bundle_subjects[] = {[FOR_PERSON] = "person",
                                       [FOR_POST] = "post",
                                       [FOR_UNIT] = "unit",
                                       [FOR_GROUP] = "group",
                                       [FOR_ASSIGNMENT] = "assignment",
                                       NULL};
const char *const bundle_policies[] = {[POLICY_FORCE] = "force", [POLICY_ONCE] = "once",
                                       [POLICY_KEEP] = "keep",   [POLICY_MERGE] = "merge",
                                       [POLICY_CLEAR] = "clear", [POLICY_RENEW] = "renew",
                                       [POLICY_END] = "end",     NULL};
const char *const bundle_presences[] = {
    [PRESENCE_GIVEN] = "given",   [PRESENCE_PRESENT] = "present", [PRESENCE_RETAINED] = "retained",
    [PRESENCE_ABSENT] = "absent", [PRESENCE_CLOSED] = "closed",   NULL};
const char *const bundle_enableds[] = {
    [ENABLED_UNMANAGED] = "unmanaged", [ENABLED_NO] = "off", [ENABLED_YES] = "on", NULL};

typedef struct Reading {
  Bundle *bundle;
  Paper *paper;
  Section *section;  // at hand; NULL before the first
  size_t begin;      // of it
  Klass *klass;
  NoteEntry *entry;
  NoteAttr *attr;
  bool now;
} Reading;

// ---------------------------------------------------------------------------------------------
// Memory.

static void free_section(gpointer data)
{
  Section *section = data;
  g_ptr_array_unref(section->containers);
  g_ptr_array_unref(section->klasses);
  g_array_unref(section->entries);
  g_array_unref(section->now);
  g_hash_table_unref(section->not_now);
}

static Bundle *new_bundle(void)
{
  Bundle *bundle = g_new0(Bundle, 1);
  bundle->head.as_of = DATE_NONE;
  bundle->head.created = bundle->head.id.expires = INSTANT_NONE;
  bundle->sections = g_array_new(FALSE, FALSE, sizeof(Section));
  g_array_set_clear_func(bundle->sections, free_section);
  bundle->klasses = g_array_new(FALSE, FALSE, sizeof(const Klass *));
  bundle->rows = g_array_new(FALSE, FALSE, sizeof(NoteRow));
  bundle->values = g_array_new(FALSE, FALSE, sizeof(NoteValue));
  bundle->attrs = g_array_new(FALSE, FALSE, sizeof(NoteAttr));
  bundle->edges = g_array_new(FALSE, FALSE, sizeof(NoteEdge));
  bundle->allows = g_array_new(FALSE, FALSE, sizeof(BundleAllows));
  bundle->owned = g_ptr_array_new_with_free_func(g_free);
  return bundle;
}

void bundle_free(Bundle *bundle)
{
  if (bundle == NULL)
    return;
  g_array_unref(bundle->sections);
  g_array_unref(bundle->klasses);
  g_array_unref(bundle->rows);
  g_array_unref(bundle->values);
  g_array_unref(bundle->attrs);
  g_array_unref(bundle->edges);
  g_array_unref(bundle->allows);
  g_ptr_array_unref(bundle->owned);
  paper_clear(&bundle->paper);
  g_free(bundle);
}

const BundleHead *bundle_head(const Bundle *bundle)
{
  return &bundle->head;
}

const char *bundle_target(const Bundle *bundle, size_t i)
{
  return i < bundle->sections->len ? g_array_index(bundle->sections, Section, (guint)i).target
                                   : NULL;
}

// ---------------------------------------------------------------------------------------------
// Fields.

static bool take_word(const Paper *paper, size_t i, const char *const *words, int *out)
{
  const char *text = paper_text(paper, i);
  for (int k = 0; text != NULL && words[k] != NULL; k++)
    if (strcmp(words[k], text) == 0) {
      *out = k;
      return true;
    }
  return false;
}

static bool take_flag(const Paper *paper, size_t i, bool *out)
{
  int64_t number = 0;
  if (!paper_number(paper, i, &number) || number < 0 || number > 1)
    return false;
  *out = number == 1;
  return true;
}

static bool take_id(const Paper *paper, size_t i, uint32_t *out)
{
  int64_t number = 0;
  if (!paper_number(paper, i, &number) || number < 0 || number > UINT32_MAX)
    return false;
  *out = (uint32_t)number;
  return true;
}

static bool take_why(const Paper *paper, size_t i, NoteWhy *out)
{
  *out = (NoteWhy){paper_text(paper, i), paper_text(paper, i + 1), paper_text(paper, i + 2)};
  return out->rules != NULL && out->reason != NULL && out->rows != NULL;
}

// The line's fields, NULL-terminated.
static const char *const *take_list(Reading *reading)
{
  size_t n = paper_n(reading->paper);
  const char **list = g_new0(const char *, n + 1);
  g_ptr_array_add(reading->bundle->owned, list);
  for (size_t i = 0; i < n; i++)
    list[i] = paper_text(reading->paper, i);
  return list;
}

// ---------------------------------------------------------------------------------------------
// The head.

static bool take_format(Reading *reading)
{
  int64_t format = 0;
  return paper_number(reading->paper, 0, &format) && format == BUNDLE_FORMAT;
}

static bool take_segment(Reading *reading)
{
  reading->bundle->head.id.segment = paper_text(reading->paper, 0);
  return reading->bundle->head.id.segment != NULL;
}

static bool take_sequence(Reading *reading)
{
  return take_id(reading->paper, 0, &reading->bundle->head.id.sequence) &&
         reading->bundle->head.id.sequence > 0;
}

static bool take_previous(Reading *reading)
{
  reading->bundle->head.id.previous = paper_text(reading->paper, 0);
  return paper_n(reading->paper) == 1;
}

static bool take_created(Reading *reading)
{
  return paper_instant(reading->paper, 0, &reading->bundle->head.created) &&
         reading->bundle->head.created != INSTANT_NONE;
}

static bool take_expires(Reading *reading)
{
  return paper_instant(reading->paper, 0, &reading->bundle->head.id.expires) &&
         reading->bundle->head.id.expires != INSTANT_NONE;
}

static bool take_as_of(Reading *reading)
{
  const char *text = paper_text(reading->paper, 0);
  return text != NULL && date_parse_iso(text, &reading->bundle->head.as_of);
}

static bool take_at(Reading *reading)
{
  BundleHead *head = &reading->bundle->head;
  bool fine = paper_instant(reading->paper, 0, &head->at);
  head->at = head->at == INSTANT_NONE ? 0 : head->at;
  return fine;
}

static bool take_rules(Reading *reading)
{
  reading->bundle->head.rules = paper_text(reading->paper, 0);
  return reading->bundle->head.rules != NULL;
}

static bool take_program(Reading *reading)
{
  return paper_text(reading->paper, 0) != NULL;
}

static bool take_approved(Reading *reading)
{
  BundleApproval *approval = &reading->bundle->head.approval;
  approval->who = paper_text(reading->paper, 0);
  approval->reason = paper_text(reading->paper, 1);
  return approval->who != NULL && approval->reason != NULL &&
         paper_instant(reading->paper, 2, &approval->not_before) &&
         paper_instant(reading->paper, 3, &approval->expires) && approval->expires != INSTANT_NONE;
}

// Of what a server shows there nothing can be approved from here, nor "all": only what is counted, and the date.
bool bundle_may_allow(const char *what)
{
  const char *slash = strchr(what, '/');
  OpKind kind;
  if (slash == NULL)
    return strcmp(what, "date") == 0;
  return op_kind_of(slash + 1, &kind) || strcmp(slash + 1, "confirm") == 0;
}

static bool take_allows(Reading *reading)
{
  BundleAllows allows = {.what = paper_text(reading->paper, 0)};
  bool fine = allows.what != NULL && bundle_may_allow(allows.what) &&
              paper_number(reading->paper, 1, &allows.at_most) &&
              reading->bundle->head.approval.who != NULL;
  g_array_append_val(reading->bundle->allows, allows);
  return fine;
}

// ---------------------------------------------------------------------------------------------
// Sections.

static bool take_section(Reading *reading)
{
  Section section = {.target = paper_text(reading->paper, 0),
                     .containers = g_ptr_array_new(),
                     .klasses = g_ptr_array_new(),
                     .entries = g_array_new(FALSE, TRUE, sizeof(NoteEntry)),
                     .now = g_array_new(FALSE, TRUE, sizeof(NoteEntry)),
                     .not_now = g_hash_table_new(g_str_hash, g_str_equal)};
  bool within = reading->section != NULL;
  g_array_append_val(reading->bundle->sections, section);
  reading->section =
      &g_array_index(reading->bundle->sections, Section, reading->bundle->sections->len - 1);
  reading->begin = reading->paper->begin;
  reading->klass = NULL;
  reading->entry = NULL;
  reading->now = false;
  return section.target != NULL && !within;
}

static bool take_container(Reading *reading)
{
  const char *object = paper_text(reading->paper, 0);
  g_ptr_array_add(reading->section->containers, (gpointer)object);
  return object != NULL && g_str_has_prefix(object, "container/");
}

static bool take_class(Reading *reading)
{
  const Paper *paper = reading->paper;
  int subject = 0;
  Klass *klass = g_new0(Klass, 1);
  g_ptr_array_add(reading->bundle->owned, klass);
  static const char *const none[] = {NULL};
  *klass = (Klass){.target = reading->section->target,
                   .name = paper_text(paper, 0),
                   .file = paper_text(paper, 1),
                   .key_attribute = paper_text(paper, 3),
                   .classes = none,
                   .containers = none,
                   .attributes = none,
                   .member_attribute = paper_text(paper, 6),
                   .filler = paper_text(paper, 7),
                   .owned_below = paper_text(paper, 8)};
  bool fine = klass->name != NULL && klass->file != NULL && klass->key_attribute != NULL &&
              take_word(paper, 2, bundle_subjects, &subject) &&
              take_flag(paper, 4, &klass->renews) && take_flag(paper, 5, &klass->keeps);
  klass->subject = (MappingFor)subject;
  g_ptr_array_add(reading->section->klasses, klass);
  const Klass *kept = klass;
  g_array_append_val(reading->bundle->klasses, kept);
  reading->klass = klass;
  return fine;
}

static bool take_adopts(Reading *reading)
{
  if (reading->klass != NULL)
    reading->klass->adopt = take_list(reading);
  return reading->klass != NULL;
}

static bool take_object_classes(Reading *reading)
{
  if (reading->klass != NULL)
    reading->klass->classes = take_list(reading);
  return reading->klass != NULL;
}

static bool take_within(Reading *reading)
{
  if (reading->klass != NULL)
    reading->klass->containers = take_list(reading);
  return reading->klass != NULL;
}

static bool take_writes(Reading *reading)
{
  if (reading->klass != NULL)
    reading->klass->attributes = take_list(reading);
  return reading->klass != NULL;
}

static bool take_now(Reading *reading)
{
  reading->now = true;
  reading->section->has_now = true;
  reading->entry = NULL;
  return true;
}

static bool take_not_now(Reading *reading)
{
  const char *object = paper_text(reading->paper, 0);
  reading->entry = NULL;
  if (object != NULL)
    g_hash_table_add(reading->section->not_now, (gpointer)object);
  return object != NULL && reading->now;
}

static bool take_end(Reading *reading)
{
  const Paper *paper = reading->paper;
  const char *target = paper_text(paper, 0), *told = paper_text(paper, 1);
  g_autofree char *digest =
      file_sha256(paper->text + reading->begin, paper->begin - reading->begin);
  bool fine = target != NULL && told != NULL && strcmp(target, reading->section->target) == 0 &&
              strcmp(told, digest) == 0;
  reading->section = NULL;
  reading->entry = NULL;
  return fine;
}

// ---------------------------------------------------------------------------------------------
// Entries.

static bool shares_subjects(const Section *section, const char *name)
{
  for (guint i = 0; i < section->klasses->len; i++) {
    const Klass *klass = g_ptr_array_index(section->klasses, i);
    if (strcmp(klass->name, name) == 0)
      return klass->subject == FOR_ASSIGNMENT;
  }
  return false;
}

// As table_object has it.
static const char *object_named(Reading *reading, const NoteEntry *entry)
{
  g_autofree char *object = NULL;
  if (shares_subjects(reading->section, entry->klass))
    object = g_strdup_printf("%s/%u/%s", entry->klass, entry->subject, entry->key);
  else if (entry->subject != 0)
    object = g_strdup_printf("%s/%u", entry->klass, entry->subject);
  else
    object = g_strdup_printf("%s/%s", entry->klass, entry->key);
  return g_string_chunk_insert(reading->paper->texts, object);
}

static bool take_entry(Reading *reading)
{
  const Paper *paper = reading->paper;
  Bundle *bundle = reading->bundle;
  int presence = 0, enabled = 0;
  NoteEntry entry = {.klass = paper_text(paper, 0),
                     .key = paper_text(paper, 2),
                     .parent = paper_text(paper, 3),
                     .rdn = paper_text(paper, 4),
                     .reason = paper_text(paper, 7),
                     .label = paper_text(paper, 8),
                     .doubt = paper_text(paper, 9),
                     .row = bundle->rows->len,
                     .attr = bundle->attrs->len,
                     .edge = bundle->edges->len};
  bool fine =
      entry.klass != NULL && entry.key != NULL && entry.parent != NULL && entry.rdn != NULL &&
      entry.reason != NULL && entry.label != NULL && take_id(paper, 1, &entry.subject) &&
      take_word(paper, 5, bundle_presences, &presence) &&
      take_word(paper, 6, bundle_enableds, &enabled) && take_flag(paper, 10, &entry.ended) &&
      take_id(paper, 11, &entry.person) && take_why(paper, 12, &entry.why);
  if (!fine)
    return false;
  entry.presence = (Presence)presence;
  entry.enabled = (Enabled)enabled;
  entry.object = object_named(reading, &entry);
  GArray *entries = reading->now ? reading->section->now : reading->section->entries;
  g_array_append_val(entries, entry);
  reading->entry = &g_array_index(entries, NoteEntry, entries->len - 1);
  reading->attr = NULL;
  return true;
}

static bool take_row(Reading *reading)
{
  const Paper *paper = reading->paper;
  const char *from = paper_text(paper, 6);
  NoteRow row = {.origin = {.file = paper_text(paper, 0), .order = paper_text(paper, 2)},
                 .order = {.kind = paper_text(paper, 3), .cover = paper_text(paper, 4)},
                 .event = {.from = DATE_NONE, .cause = paper_text(paper, 7)},
                 .enables = paper_text(paper, 8)};
  row.origin.order_kind = row.order.kind;
  bool fine = paper_number(paper, 1, &row.origin.line) && take_flag(paper, 5, &row.order.renews) &&
              (from == NULL || date_parse_iso(from, &row.event.from)) &&
              (row.event.cause == NULL || (from != NULL && row.enables != NULL));
  g_array_append_val(reading->bundle->rows, row);
  reading->entry->n_rows++;
  return fine;
}

static bool take_attr(Reading *reading)
{
  Bundle *bundle = reading->bundle;
  int policy = 0;
  NoteAttr attr = {.name = paper_text(reading->paper, 0), .value = bundle->values->len};
  bool fine = attr.name != NULL && take_word(reading->paper, 1, bundle_policies, &policy) &&
              take_why(reading->paper, 2, &attr.why);
  attr.policy = (Policy)policy;
  g_array_append_val(bundle->attrs, attr);
  reading->entry->n_attrs++;
  reading->attr = &g_array_index(bundle->attrs, NoteAttr, bundle->attrs->len - 1);
  return fine;
}

static bool add_value(Reading *reading, const NoteValue *value)
{
  if (reading->attr == NULL || value->bytes == NULL ||
      (value->kind == VALUE_REF && value->object == NULL))
    return false;
  g_array_append_vals(reading->bundle->values, value, 1);
  reading->attr->n_values++;
  return true;
}

static bool take_text_value(Reading *reading)
{
  if (paper_n(reading->paper) != 1)
    return false;
  PaperField field = g_array_index(reading->paper->fields, PaperField, 0);
  return add_value(reading, &(NoteValue){VALUE_TEXT, field.at, field.n, NULL});
}

static bool take_ref(Reading *reading)
{
  const char *attribute = paper_text(reading->paper, 1);
  return attribute != NULL &&
         add_value(reading, &(NoteValue){VALUE_REF, attribute, strlen(attribute),
                                         paper_text(reading->paper, 0)});
}

static bool take_secret(Reading *reading)
{
  const char *policy = paper_text(reading->paper, 0), *purpose = paper_text(reading->paper, 1);
  if (policy == NULL)
    return false;
  g_autofree char *both = g_strjoin(" ", policy, purpose, NULL);
  const char *bytes = g_string_chunk_insert(reading->paper->texts, both);
  return add_value(reading, &(NoteValue){VALUE_SECRET, bytes, strlen(bytes), NULL});
}

static bool take_in(Reading *reading)
{
  NoteEdge edge = {.group = paper_text(reading->paper, 0)};
  bool fine = edge.group != NULL && take_why(reading->paper, 1, &edge.why);
  g_array_append_val(reading->bundle->edges, edge);
  reading->entry->n_edges++;
  return fine;
}

// ---------------------------------------------------------------------------------------------
// The walk.

typedef enum Where { AT_HEAD, IN_SECTION, IN_ENTRY } Where;

static const struct {
  const char *word;
  Where where;
  bool (*take)(Reading *reading);
} lines[] = {
    {BUNDLE_PURPOSE, AT_HEAD, take_format},
    {"segment", AT_HEAD, take_segment},
    {"sequence", AT_HEAD, take_sequence},
    {"previous", AT_HEAD, take_previous},
    {"created", AT_HEAD, take_created},
    {"expires", AT_HEAD, take_expires},
    {"as-of", AT_HEAD, take_as_of},
    {"at", AT_HEAD, take_at},
    {"rules", AT_HEAD, take_rules},
    {"program", AT_HEAD, take_program},
    {"approved", AT_HEAD, take_approved},
    {"allows", AT_HEAD, take_allows},
    {"section", AT_HEAD, take_section},
    {"container", IN_SECTION, take_container},
    {"class", IN_SECTION, take_class},
    {"adopts", IN_SECTION, take_adopts},
    {"object-classes", IN_SECTION, take_object_classes},
    {"within", IN_SECTION, take_within},
    {"writes", IN_SECTION, take_writes},
    {"now", IN_SECTION, take_now},
    {"not-now", IN_SECTION, take_not_now},
    {"end", IN_SECTION, take_end},
    {"entry", IN_SECTION, take_entry},
    {"row", IN_ENTRY, take_row},
    {"attr", IN_ENTRY, take_attr},
    {"text", IN_ENTRY, take_text_value},
    {"ref", IN_ENTRY, take_ref},
    {"secret", IN_ENTRY, take_secret},
    {"in", IN_ENTRY, take_in},
};

static bool take_line(Reading *reading)
{
  for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
    if (strcmp(lines[i].word, reading->paper->word) != 0)
      continue;
    bool in_section = reading->section != NULL;
    if (in_section != (lines[i].where != AT_HEAD) ||
        (lines[i].where == IN_ENTRY && reading->entry == NULL))
      return false;
    return lines[i].take(reading);
  }
  return false;
}

static bool take_all(Bundle *bundle, GError **error)
{
  Reading reading = {.bundle = bundle, .paper = &bundle->paper};
  GError *fault = NULL;
  while (paper_next(reading.paper, &fault))
    if (!take_line(&reading))
      return paper_fault(reading.paper, error);
  if (fault != NULL) {
    g_propagate_error(error, fault);
    return false;
  }
  const BundleHead *head = &bundle->head;
  if (reading.section != NULL || head->id.segment == NULL || head->id.sequence == 0 ||
      head->as_of == DATE_NONE || head->rules == NULL || head->created == INSTANT_NONE ||
      head->id.expires == INSTANT_NONE)
    return paper_fault(reading.paper, error);
  bundle->head.id.digest = bundle->digest;
  bundle->head.approval.allows = (const BundleAllows *)(const void *)bundle->allows->data;
  bundle->head.approval.n_allows = bundle->allows->len;
  return true;
}

// Whose it is has been looked at, or its digest is known.
static Bundle *take_paper(Bundle *empty, const char *name, GError **error)
{
  g_autoptr(Bundle) bundle = empty;
  g_strlcpy(bundle->digest, bundle->paper.digest, sizeof bundle->digest);
  bundle->paper.name = g_string_chunk_insert(bundle->paper.texts, name);
  return take_all(bundle, error) ? g_steal_pointer(&bundle) : NULL;
}

Bundle *bundle_parse(const char *bytes, size_t n_bytes, const char *name, const Verifier *from,
                     GError **error)
{
  g_autoptr(Bundle) bundle = new_bundle();
  if (!paper_open(&bundle->paper, bytes, n_bytes, name, error) ||
      !paper_verify(&bundle->paper, BUNDLE_PURPOSE, from, error))
    return NULL;
  return take_paper(g_steal_pointer(&bundle), name, error);
}

Bundle *bundle_read(const char *path, const Verifier *from, GError **error)
{
  g_autoptr(GBytes) file = file_read(path, FILE_MAX_BYTES, error);
  if (file == NULL)
    return NULL;
  size_t n = 0;
  const char *bytes = g_bytes_get_data(file, &n);
  return bundle_parse(bytes != NULL ? bytes : "", n, path, from, error);
}

Bundle *bundle_read_made(const char *path, const char *digest, GError **error)
{
  g_autoptr(GBytes) file = file_read(path, FILE_MAX_BYTES, error);
  if (file == NULL)
    return NULL;
  g_autoptr(Bundle) bundle = new_bundle();
  size_t n = 0;
  const char *bytes = g_bytes_get_data(file, &n);
  if (!paper_open(&bundle->paper, bytes != NULL ? bytes : "", n, path, error))
    return NULL;
  g_autofree char *hex = file_sha256(bundle->paper.text, bundle->paper.n_text);
  if (strcmp(hex, digest) == 0 && strcmp(bundle->paper.digest, hex) == 0)
    return take_paper(g_steal_pointer(&bundle), path, error);
  g_set_error(error, IDOU_ERROR, EXIT_BUNDLE_DAMAGED, _("%s: it is not the bundle that was made"),
              path);
  return NULL;
}

bool bundle_show(const char *bytes, size_t n_bytes, const char *name, GString *out, GError **error)
{
  g_auto(Paper) paper = {0};
  GError *fault = NULL;
  if (!paper_open(&paper, bytes, n_bytes, name, error))
    return false;
  while (paper_next(&paper, &fault)) {
    g_string_append(out, paper.word);
    for (size_t i = 0; i < paper_n(&paper); i++) {
      const char *text = paper_text(&paper, i);
      g_string_append_c(out, ' ');
      escape_text(out, text == NULL ? "-" : *text == '\0' ? "\"\"" : text, ESCAPE_TERMINAL);
    }
    g_string_append_c(out, '\n');
  }
  if (fault != NULL)
    g_propagate_error(error, fault);
  return fault == NULL;
}
