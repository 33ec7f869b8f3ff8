// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan_p.h"

#include <inttypes.h>
#include <sodium.h>

// ---------------------------------------------------------------------------------------------
// What the lines hold: one table a line, in the order in which fields are written.

typedef enum SlotType {
  SLOT_TEXT,     // const char *; left out when NULL
  SLOT_COUNT,    // int64_t, not negative
  SLOT_NUMBER,   // uint32_t; left out when 0
  SLOT_DATE,     // Date; left out when DATE_NONE
  SLOT_INSTANT,  // Instant; left out when NONE, OPEN or 0
  SLOT_FLAG,     // bool; left out when false
  SLOT_KIND,     // OpKind
  SLOT_CHANGES,  // Op's; left out when there are none
  SLOT_AFTER,    // Op's; left out when there is nothing to wait for
  SLOT_N_TYPES
} SlotType;

typedef struct Slot {
  const char *name;
  SlotType type;
  size_t offset;
  bool required;
} Slot;

typedef struct Shape {
  const char *name;  // value of "line"
  const Slot *slots;
  size_t n_slots;
} Shape;

static const Slot plan_slots[] = {
    {"made", SLOT_INSTANT, offsetof(PlanEnvelope, made), false},
    {"host", SLOT_TEXT, offsetof(PlanEnvelope, host), false},
    {"user", SLOT_TEXT, offsetof(PlanEnvelope, user), false},
    {"login", SLOT_TEXT, offsetof(PlanEnvelope, login), false},
    {"by", SLOT_TEXT, offsetof(PlanEnvelope, by), false},
};

static const Slot head_slots[] = {
    {"format", SLOT_COUNT, offsetof(LineHead, format), true},
    {"as_of", SLOT_DATE, offsetof(LineHead, head.as_of), true},
    {"at", SLOT_INSTANT, offsetof(LineHead, head.at), false},
    {"known_at", SLOT_INSTANT, offsetof(LineHead, head.known_at), false},
    {"mapping", SLOT_TEXT, offsetof(LineHead, head.mapping_digest), false},
    {"program", SLOT_TEXT, offsetof(LineHead, head.program), false},
    {"whatif", SLOT_FLAG, offsetof(LineHead, head.whatif), false},
    {"restricted", SLOT_FLAG, offsetof(LineHead, head.restricted), false},
    {"people", SLOT_COUNT, offsetof(LineHead, head.people), true},
    {"segment", SLOT_TEXT, offsetof(LineHead, head.bundle.segment), false},
    {"bundle_number", SLOT_NUMBER, offsetof(LineHead, head.bundle.sequence), false},
    {"bundle", SLOT_TEXT, offsetof(LineHead, head.bundle.digest), false},
    {"bundle_before", SLOT_TEXT, offsetof(LineHead, head.bundle.previous), false},
    {"bundle_expires", SLOT_INSTANT, offsetof(LineHead, head.bundle.expires), false},
};

static const Slot section_slots[] = {
    {"target", SLOT_TEXT, offsetof(PlanSection, target), true},
    {"fingerprint", SLOT_TEXT, offsetof(PlanSection, fingerprint), false},
    {"base", SLOT_TEXT, offsetof(PlanSection, base), false},
    {"unread", SLOT_TEXT, offsetof(PlanSection, unread), false},
    {"read", SLOT_COUNT, offsetof(PlanSection, n_read), true},
    {"ours", SLOT_COUNT, offsetof(PlanSection, n_ours), true},
    {"desired", SLOT_COUNT, offsetof(PlanSection, n_desired), true},
};

static const Slot place_slots[] = {
    {"object", SLOT_TEXT, offsetof(Placed, object), true},
    {"parent", SLOT_TEXT, offsetof(Placed, parent), false},
    {"name", SLOT_TEXT, offsetof(Placed, name), true},
    {"id", SLOT_TEXT, offsetof(Placed, stable_id), false},
    {"exists", SLOT_FLAG, offsetof(Placed, exists), false},
};

static const Slot op_slots[] = {
    {"n", SLOT_NUMBER, offsetof(Op, n), true},
    {"kind", SLOT_KIND, offsetof(Op, kind), true},
    {"object", SLOT_TEXT, offsetof(Op, object), true},
    {"member", SLOT_TEXT, offsetof(Op, member), false},
    {"label", SLOT_TEXT, offsetof(Op, label), false},
    {"person", SLOT_NUMBER, offsetof(Op, person), false},
    {"unit", SLOT_TEXT, offsetof(Op, unit), false},
    {"unit_before", SLOT_TEXT, offsetof(Op, unit_before), false},
    {"account", SLOT_TEXT, offsetof(Op, account), false},
    {"old_parent", SLOT_TEXT, offsetof(Op, old_parent), false},
    {"old_name", SLOT_TEXT, offsetof(Op, old_name), false},
    {"parent", SLOT_TEXT, offsetof(Op, parent), false},
    {"name", SLOT_TEXT, offsetof(Op, name), false},
    {"id", SLOT_TEXT, offsetof(Op, stable_id), false},
    {"changes", SLOT_CHANGES, 0, false},
    {"not_before", SLOT_INSTANT, offsetof(Op, not_before), false},
    {"after", SLOT_AFTER, 0, false},
    {"why", SLOT_TEXT, offsetof(Op, why), false},
    {"rule", SLOT_TEXT, offsetof(Op, rule), false},
    {"source", SLOT_TEXT, offsetof(Op, source), false},
    {"confirm", SLOT_TEXT, offsetof(Op, confirm), false},
    {"cause", SLOT_TEXT, offsetof(Op, cause), false},
    {"case", SLOT_TEXT, offsetof(Op, matter), false},
    {"expected", SLOT_TEXT, offsetof(Op, expected), false},
    {"ends", SLOT_FLAG, offsetof(Op, ends), false},
};

static const Slot note_slots[] = {
    {"code", SLOT_TEXT, offsetof(PlanNote, code), true},
    {"target", SLOT_TEXT, offsetof(PlanNote, target), false},
    {"object", SLOT_TEXT, offsetof(PlanNote, object), false},
    {"label", SLOT_TEXT, offsetof(PlanNote, label), false},
    {"text", SLOT_TEXT, offsetof(PlanNote, text), false},
    {"left", SLOT_TEXT, offsetof(PlanNote, left), false},
};

static const Slot seen_slots[] = {
    {"kind", SLOT_TEXT, offsetof(PlanSeen, kind), true},
    {"name", SLOT_TEXT, offsetof(PlanSeen, name), true},
};

static const Slot end_slots[] = {
    {"target", SLOT_TEXT, offsetof(LineEnd, target), true},
    {"digest", SLOT_TEXT, offsetof(LineEnd, digest), true},
};

static const Slot body_slots[] = {
    {"digest", SLOT_TEXT, offsetof(LineEnd, digest), true},
};

static const Shape shapes[LINE_N_KINDS] = {
    [LINE_PLAN] = {"plan", plan_slots, G_N_ELEMENTS(plan_slots)},
    [LINE_HEAD] = {"head", head_slots, G_N_ELEMENTS(head_slots)},
    [LINE_SECTION] = {"section", section_slots, G_N_ELEMENTS(section_slots)},
    [LINE_PLACE] = {"place", place_slots, G_N_ELEMENTS(place_slots)},
    [LINE_OP] = {"op", op_slots, G_N_ELEMENTS(op_slots)},
    [LINE_NOTE] = {"note", note_slots, G_N_ELEMENTS(note_slots)},
    [LINE_SEEN] = {"seen", seen_slots, G_N_ELEMENTS(seen_slots)},
    [LINE_END] = {"end", end_slots, G_N_ELEMENTS(end_slots)},
    [LINE_BODY] = {"body", body_slots, G_N_ELEMENTS(body_slots)},
};

// ---------------------------------------------------------------------------------------------
// Writing, straight into the text: a tree of JSON values per line takes several times as long. False
// for what is left out; what was written is then taken back.

static void put_string(GString *out, const char *bytes, size_t n_bytes)
{
  g_string_append_c(out, '"');
  const char *end = bytes + n_bytes;
  while (bytes < end) {
    const char *stop = bytes;
    while (stop < end && (unsigned char)*stop >= ' ' && *stop != '"' && *stop != '\\')
      stop++;
    g_string_append_len(out, bytes, stop - bytes);
    if (stop < end && (unsigned char)*stop < ' ')
      g_string_append_printf(out, "\\u%04x", *stop);
    else if (stop < end)
      g_string_append_printf(out, "\\%c", *stop);
    bytes = stop + 1;
  }
  g_string_append_c(out, '"');
}

static void put_text(GString *out, const char *text)
{
  put_string(out, text, strlen(text));
}

static bool write_text(const void *from, GString *out)
{
  const char *text = *(const char *const *)from;
  if (text)
    put_text(out, text);
  return text != NULL;
}

static bool write_count(const void *from, GString *out)
{
  g_string_append_printf(out, "%" PRId64, *(const int64_t *)from);
  return true;
}

static bool write_number(const void *from, GString *out)
{
  uint32_t number = *(const uint32_t *)from;
  g_string_append_printf(out, "%" PRIu32, number);
  return number != 0;
}

static bool write_date(const void *from, GString *out)
{
  Date date = *(const Date *)from;
  g_string_append_c(out, '"');
  date_format(date, out);
  g_string_append_c(out, '"');
  return date != DATE_NONE;
}

static bool write_instant(const void *from, GString *out)
{
  Instant instant = *(const Instant *)from;
  if (instant == INSTANT_NONE || instant == INSTANT_OPEN || instant == 0)
    return false;
  g_string_append_c(out, '"');
  instant_format(instant, out);
  g_string_append_c(out, '"');
  return true;
}

static bool write_flag(const void *from, GString *out)
{
  g_string_append(out, "true");
  return *(const bool *)from;
}

static bool write_kind(const void *from, GString *out)
{
  put_text(out, op_traits(*(const OpKind *)from)->name);
  return true;
}

static bool is_readable(const OpValue *value)
{
  return !memchr(value->bytes, '\0', value->n) && text_valid(value->bytes, value->n, NULL) &&
         !text_has_control(value->bytes);
}

static void put_value(GString *out, const OpValue *value)
{
  if (value->kind != VALUE_TEXT) {
    g_string_append(out, value->kind == VALUE_REF ? "{\"ref\":" : "{\"secret\":");
    put_string(out, value->bytes, value->n);
    g_string_append_c(out, '}');
  } else if (is_readable(value)) {
    put_string(out, value->bytes, value->n);
  } else {
    g_autofree char *base64 = g_base64_encode((const guchar *)value->bytes, value->n);
    g_string_append_printf(out, "{\"b64\":\"%s\"}", base64);
  }
}

static void put_values(GString *out, const char *key, const OpValue *values, size_t n)
{
  if (n == 0)
    return;
  g_string_append_printf(out, ",\"%s\":[", key);
  for (size_t i = 0; i < n; i++) {
    if (i > 0)
      g_string_append_c(out, ',');
    put_value(out, &values[i]);
  }
  g_string_append_c(out, ']');
}

static bool write_changes(const void *from, GString *out)
{
  const Op *op = from;
  for (size_t i = 0; i < op->n_changes; i++) {
    const OpChange *change = &op->changes[i];
    g_string_append(out, i == 0 ? "[{\"attribute\":" : ",{\"attribute\":");
    put_text(out, change->attribute);
    put_values(out, "old", change->old_values, change->n_old);
    put_values(out, "new", change->new_values, change->n_new);
    g_string_append(out, change->replace ? ",\"replace\":true}" : "}");
  }
  g_string_append_c(out, ']');
  return op->n_changes > 0;
}

static bool write_after(const void *from, GString *out)
{
  const Op *op = from;
  for (size_t i = 0; i < op->n_after; i++)
    g_string_append_printf(out, "%c%" PRIu32, i == 0 ? '[' : ',', op->after[i]);
  g_string_append_c(out, ']');
  return op->n_after > 0;
}

// ---------------------------------------------------------------------------------------------
// Reading. False when the value is not of the slot's form.

static bool read_text(Plan *plan, const json_t *value, void *to)
{
  if (!json_is_string(value))
    return false;
  *(const char **)to = plan_intern(plan, json_string_value(value));
  return true;
}

static bool read_count(Plan *plan, const json_t *value, void *to)
{
  (void)plan;
  *(int64_t *)to = json_integer_value(value);
  return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool read_number(Plan *plan, const json_t *value, void *to)
{
  (void)plan;
  json_int_t number = json_integer_value(value);
  *(uint32_t *)to = (uint32_t)number;
  return json_is_integer(value) && number > 0 && number <= UINT32_MAX;
}

static bool read_date(Plan *plan, const json_t *value, void *to)
{
  (void)plan;
  return json_is_string(value) && date_parse_iso(json_string_value(value), to);
}

static bool read_instant(Plan *plan, const json_t *value, void *to)
{
  (void)plan;
  return json_is_string(value) && instant_parse(json_string_value(value), to);
}

static bool read_flag(Plan *plan, const json_t *value, void *to)
{
  (void)plan;
  *(bool *)to = json_is_true(value);
  return json_is_true(value);
}

static bool read_kind(Plan *plan, const json_t *value, void *to)
{
  (void)plan;
  return json_is_string(value) && op_kind_of(json_string_value(value), to);
}

static bool read_base64(Plan *plan, const char *text, OpValue *out)
{
  size_t n_max = strlen(text) / 4 * 3 + 1;
  unsigned char *bytes = plan_alloc(plan, n_max + 1);
  *out = (OpValue){.kind = VALUE_TEXT, .bytes = (const char *)bytes};
  return sodium_base642bin(bytes, n_max, text, strlen(text), NULL, &out->n, NULL,
                           sodium_base64_VARIANT_ORIGINAL) == 0;
}

static bool read_value(Plan *plan, const json_t *value, OpValue *out)
{
  OpValue text = {.kind = VALUE_TEXT};
  const json_t *string = value;
  if (json_is_object(value) && json_object_size(value) == 1) {
    const json_t *base64 = json_object_get(value, "b64");
    if (base64)
      return json_is_string(base64) && read_base64(plan, json_string_value(base64), out);
    const json_t *ref = json_object_get(value, "ref");
    string = ref ? ref : json_object_get(value, "secret");
    text.kind = ref ? VALUE_REF : VALUE_SECRET;
  }
  if (!json_is_string(string))
    return false;
  text.bytes = json_string_value(string);
  text.n = json_string_length(string);
  *out = plan_copy_value(plan, &text);
  return true;
}

static bool read_values(Plan *plan, const json_t *array, const OpValue **values, size_t *n)
{
  if (!json_is_array(array) || json_array_size(array) == 0)
    return false;
  *n = json_array_size(array);
  OpValue *out = plan_alloc(plan, *n * sizeof *out);
  *values = out;
  for (size_t i = 0; i < *n; i++)
    if (!read_value(plan, json_array_get(array, i), &out[i]))
      return false;
  return true;
}

static bool read_change(Plan *plan, json_t *object, OpChange *out)
{
  const char *key;
  json_t *value;
  json_object_foreach(object, key, value)
  {
    bool fine = false;
    if (strcmp(key, "attribute") == 0)
      fine = read_text(plan, value, &out->attribute);
    else if (strcmp(key, "old") == 0)
      fine = read_values(plan, value, &out->old_values, &out->n_old);
    else if (strcmp(key, "new") == 0)
      fine = read_values(plan, value, &out->new_values, &out->n_new);
    else if (strcmp(key, "replace") == 0)
      fine = read_flag(plan, value, &out->replace);
    if (!fine)
      return false;
  }
  return out->attribute != NULL;
}

static bool read_changes(Plan *plan, const json_t *array, void *to)
{
  if (!json_is_array(array) || json_array_size(array) == 0)
    return false;
  Op *op = to;
  op->n_changes = json_array_size(array);
  OpChange *changes = plan_alloc(plan, op->n_changes * sizeof *changes);
  op->changes = changes;
  for (size_t i = 0; i < op->n_changes; i++)
    if (!read_change(plan, json_array_get(array, i), &changes[i]))
      return false;
  return true;
}

static bool read_after(Plan *plan, const json_t *array, void *to)
{
  if (!json_is_array(array) || json_array_size(array) == 0)
    return false;
  Op *op = to;
  op->n_after = json_array_size(array);
  uint32_t *after = plan_alloc(plan, op->n_after * sizeof *after);
  op->after = after;
  for (size_t i = 0; i < op->n_after; i++)
    if (!read_number(plan, json_array_get(array, i), &after[i]) ||
        (i > 0 && after[i] <= after[i - 1]))
      return false;
  return true;
}

// ---------------------------------------------------------------------------------------------

static const struct {
  bool (*write)(const void *from, GString *out);
  bool (*read)(Plan *plan, const json_t *value, void *to);
  const char *form;
} types[SLOT_N_TYPES] = {
    [SLOT_TEXT] = {write_text, read_text, N_("text")},
    [SLOT_COUNT] = {write_count, read_count, N_("a whole number")},
    [SLOT_NUMBER] = {write_number, read_number, N_("a whole number from 1")},
    [SLOT_DATE] = {write_date, read_date, N_("a date such as 2027-04-01")},
    [SLOT_INSTANT] = {write_instant, read_instant, N_("a time such as 2027-04-01T00:00:00+09:00")},
    [SLOT_FLAG] = {write_flag, read_flag, N_("true, or left out")},
    [SLOT_KIND] = {write_kind, read_kind, N_("a kind of operation")},
    [SLOT_CHANGES] = {write_changes, read_changes,
                      N_("a list of changes with attribute, old and new")},
    [SLOT_AFTER] = {write_after, read_after, N_("a list of ascending numbers")},
};

void line_write(LineKind kind, const void *from, GString *out)
{
  const Shape *shape = &shapes[kind];
  g_string_append(out, "{\"line\":");
  put_text(out, shape->name);
  for (size_t i = 0; i < shape->n_slots; i++) {
    const Slot *slot = &shape->slots[i];
    size_t before = out->len;
    g_string_append(out, ",\"");
    g_string_append(out, slot->name);
    g_string_append(out, "\":");
    if (!types[slot->type].write((const char *)from + slot->offset, out))
      g_string_truncate(out, before);
  }
  g_string_append(out, "}\n");
}

bool line_kind(const json_t *line, LineKind *out, GError **error)
{
  const char *name = json_string_value(json_object_get(line, "line"));
  for (unsigned kind = 0; name && kind < LINE_N_KINDS; kind++) {
    if (strcmp(name, shapes[kind].name) != 0)
      continue;
    *out = kind;
    return true;
  }
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("this is no line of a plan"));
  return false;
}

static const Slot *find_slot(const Shape *shape, const char *name)
{
  for (size_t i = 0; i < shape->n_slots; i++)
    if (strcmp(shape->slots[i].name, name) == 0)
      return &shape->slots[i];
  return NULL;
}

static bool read_slot(Plan *plan, const Slot *slot, const json_t *value, void *to, GError **error)
{
  if (types[slot->type].read(plan, value, (char *)to + slot->offset))
    return true;
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("“%s” must be %s"), slot->name,
              _(types[slot->type].form));
  return false;
}

bool line_read(Plan *plan, LineKind kind, const json_t *line, void *to, GError **error)
{
  const Shape *shape = &shapes[kind];
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)line, key, value)
  {
    const Slot *slot = find_slot(shape, key);
    if (!slot && strcmp(key, "line") == 0)
      continue;
    if (!slot) {
      g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("a line “%s” has no field “%s”"), shape->name,
                  key);
      return false;
    }
    if (!read_slot(plan, slot, value, to, error))
      return false;
  }
  for (size_t i = 0; i < shape->n_slots; i++)
    if (shape->slots[i].required && !json_object_get(line, shape->slots[i].name)) {
      g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("“%s” is missing"), shape->slots[i].name);
      return false;
    }
  return true;
}
