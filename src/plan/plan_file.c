// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan_p.h"

#include <sodium.h>

// A plan for a million new accounts is below one gigabyte.
#define FILE_MAX_BYTES ((size_t)4 << 30)

typedef crypto_hash_sha256_state Hash;

static void hash_add(Hash *hash, const char *bytes, size_t n_bytes)
{
  crypto_hash_sha256_update(hash, (const unsigned char *)bytes, n_bytes);
}

static void hash_end(Hash *hash, char hex[DIGEST_HEX_CHARS + 1])
{
  unsigned char digest[crypto_hash_sha256_BYTES];
  crypto_hash_sha256_final(hash, digest);
  sodium_bin2hex(hex, DIGEST_HEX_CHARS + 1, digest, sizeof digest);
}

// ---------------------------------------------------------------------------------------------
// Writing. The body digest is over the head and the end line of each section: what these hold the
// digest of is in it, without hashing everything twice.

typedef struct Body {
  Hash hash;
  GString *line;  // the one being written
  GString *out;   // all of them; NULL when only the digests are wanted
} Body;

static void put(Body *body, Hash *hash, LineKind kind, const void *from)
{
  g_string_truncate(body->line, 0);
  line_write(kind, from, body->line);
  hash_add(hash, body->line->str, body->line->len);
  if (body->out)
    g_string_append_len(body->out, body->line->str, body->line->len);
}

static void put_section(Body *body, const PlanSection *section, char hex[DIGEST_HEX_CHARS + 1])
{
  Hash hash;
  crypto_hash_sha256_init(&hash);
  put(body, &hash, LINE_SECTION, section);
  for (size_t i = 0; i < section->n_places; i++)
    put(body, &hash, LINE_PLACE, &section->places[i]);
  for (size_t i = 0; i < section->n_ops; i++)
    put(body, &hash, LINE_OP, &section->ops[i]);
  for (size_t i = 0; i < section->n_notes; i++)
    put(body, &hash, LINE_NOTE, &section->notes[i]);
  for (size_t i = 0; i < section->n_seen; i++)
    put(body, &hash, LINE_SEEN, &section->seen[i]);
  hash_end(&hash, hex);
  LineEnd end = {.target = section->target, .digest = hex};
  put(body, &body->hash, LINE_END, &end);
}

static void put_head(Body *body, const Plan *plan)
{
  crypto_hash_sha256_init(&body->hash);
  LineHead head = {.format = PLAN_FORMAT, .head = plan->head};
  put(body, &body->hash, LINE_HEAD, &head);
}

bool plan_seal(Plan *plan, GError **error)
{
  if (!order_plan(plan, error))
    return false;
  plan_settle(plan);
  if (!check_plan(plan, error))
    return false;
  g_autoptr(GString) line = g_string_new(NULL);
  Body body = {.line = line};
  put_head(&body, plan);
  for (size_t i = 0; i < plan->sections->len; i++) {
    PlanSection *section = &g_array_index(plan->sections, PlanSection, i);
    char hex[DIGEST_HEX_CHARS + 1];
    put_section(&body, section, hex);
    section->digest = plan_intern(plan, hex);
  }
  hash_end(&body.hash, plan->digest);
  return true;
}

bool plan_write(const Plan *plan, const char *path, GError **error)
{
  g_autoptr(GString) line = g_string_new(NULL);
  g_autoptr(GString) out = g_string_new(NULL);
  Body body = {.line = line, .out = out};
  line_write(LINE_PLAN, &plan->envelope, out);
  put_head(&body, plan);
  for (size_t i = 0; i < plan_n_sections(plan); i++) {
    char hex[DIGEST_HEX_CHARS + 1];
    put_section(&body, plan_section(plan, i), hex);
  }
  LineEnd end = {.digest = plan->digest};
  line_write(LINE_BODY, &end, out);
  return file_write(path, out->str, out->len, 0600, error);
}

// ---------------------------------------------------------------------------------------------
// Reading.

typedef struct Parse {
  Plan *plan;
  const char *bytes;  // the line at hand, with its newline
  size_t n_bytes;
  LineKind last;  // kind of the line before it
  Hash body;
  Hash section;
  Part *part;          // of the section at hand
  GHashTable *places;  // objects placed in it so far
  GString *again;      // the line as we write it
} Parse;

static bool fail(GError **error, const char *what)
{
  g_set_error_literal(error, IDOU_ERROR, EXIT_USAGE, what);
  return false;
}

// As line_read, and the line must be what we would have written: one plan has one form only.
static bool read_line(Parse *parse, LineKind kind, const json_t *line, void *to, GError **error)
{
  if (!line_read(parse->plan, kind, line, to, error))
    return false;
  g_string_truncate(parse->again, 0);
  line_write(kind, to, parse->again);
  if (parse->again->len == parse->n_bytes &&
      memcmp(parse->again->str, parse->bytes, parse->n_bytes) == 0)
    return true;
  return fail(error, _("the line is not in canonical form"));
}

static PlanSection *last_section(Parse *parse)
{
  GArray *sections = parse->plan->sections;
  return &g_array_index(sections, PlanSection, sections->len - 1);
}

static bool take_plan(Parse *parse, const json_t *line, GError **error)
{
  parse->plan->envelope = (PlanEnvelope){.made = INSTANT_NONE};
  return read_line(parse, LINE_PLAN, line, &parse->plan->envelope, error);
}

static bool take_head(Parse *parse, const json_t *line, GError **error)
{
  json_int_t format = json_integer_value(json_object_get(line, "format"));
  if (format != PLAN_FORMAT) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("the plan has format %lld, this program reads %d: make the plan anew"),
                (long long)format, PLAN_FORMAT);
    return false;
  }
  LineHead head = {.head = {.as_of = DATE_NONE, .known_at = INSTANT_OPEN}};
  hash_add(&parse->body, parse->bytes, parse->n_bytes);
  bool taken = read_line(parse, LINE_HEAD, line, &head, error);
  parse->plan->head = head.head;
  return taken;
}

static bool take_section(Parse *parse, const json_t *line, GError **error)
{
  PlanSection section = {0};
  if (!read_line(parse, LINE_SECTION, line, &section, error))
    return false;
  for (size_t i = 0; i < plan_n_sections(parse->plan); i++)
    if (strcmp(plan_section(parse->plan, i)->target, section.target) == 0)
      return fail(error, _("the target has a section already"));
  *plan_add_section(parse->plan, section.target) = section;
  parse->part = plan_part(parse->plan, plan_n_sections(parse->plan) - 1);
  g_hash_table_remove_all(parse->places);
  crypto_hash_sha256_init(&parse->section);
  hash_add(&parse->section, parse->bytes, parse->n_bytes);
  return true;
}

static bool take_place(Parse *parse, const json_t *line, GError **error)
{
  Placed place = {0};
  hash_add(&parse->section, parse->bytes, parse->n_bytes);
  if (!read_line(parse, LINE_PLACE, line, &place, error) ||
      !check_place(parse->places, &place, error))
    return false;
  g_array_append_val(parse->part->places, place);
  return true;
}

static bool take_op(Parse *parse, const json_t *line, GError **error)
{
  Op op = {.not_before = INSTANT_NONE, .target = last_section(parse)->target};
  hash_add(&parse->section, parse->bytes, parse->n_bytes);
  if (!read_line(parse, LINE_OP, line, &op, error))
    return false;
  if (op.n != plan_n_ops(parse->plan) + 1)
    return fail(error, _("operations must be numbered one by one"));
  if (op.n_after > 0 && op.after[op.n_after - 1] >= op.n)
    return fail(error, _("an operation can only depend on earlier ones"));
  if (!check_op(parse->places, &op, error))
    return false;
  uint32_t section = plan_n_sections(parse->plan) - 1;
  g_array_append_val(parse->plan->handle_section, section);
  g_array_append_val(parse->part->ops, op);
  return true;
}

static bool take_note(Parse *parse, const json_t *line, GError **error)
{
  PlanNote note = {0};
  hash_add(&parse->section, parse->bytes, parse->n_bytes);
  if (!read_line(parse, LINE_NOTE, line, &note, error))
    return false;
  g_array_append_val(parse->part->notes, note);
  return true;
}

static bool take_seen(Parse *parse, const json_t *line, GError **error)
{
  PlanSeen seen = {0};
  hash_add(&parse->section, parse->bytes, parse->n_bytes);
  if (!read_line(parse, LINE_SEEN, line, &seen, error))
    return false;
  g_array_append_val(parse->part->seen, seen);
  return true;
}

static bool take_end(Parse *parse, const json_t *line, GError **error)
{
  LineEnd end = {0};
  if (!read_line(parse, LINE_END, line, &end, error))
    return false;
  char hex[DIGEST_HEX_CHARS + 1];
  hash_end(&parse->section, hex);
  PlanSection *section = last_section(parse);
  if (strcmp(end.target, section->target) != 0)
    return fail(error, _("this is the end of another target's section"));
  if (strcmp(end.digest, hex) != 0)
    return fail(error,
                _("the digest does not fit: something in this target's section was changed"));
  section->digest = end.digest;
  hash_add(&parse->body, parse->bytes, parse->n_bytes);
  return true;
}

static bool take_body(Parse *parse, const json_t *line, GError **error)
{
  LineEnd end = {0};
  if (!read_line(parse, LINE_BODY, line, &end, error))
    return false;
  hash_end(&parse->body, parse->plan->digest);
  if (strcmp(end.digest, parse->plan->digest) != 0)
    return fail(error, _("the digest does not fit: the plan was changed"));
  return true;
}

#define AFTER(kind) (1u << (kind))

// Each line, and the lines that may come before it. Before the first stands LINE_N_KINDS.
static const struct {
  unsigned after;
  bool (*take)(Parse *parse, const json_t *line, GError **error);
} rules[LINE_N_KINDS] = {
    [LINE_PLAN] = {AFTER(LINE_N_KINDS), take_plan},
    [LINE_HEAD] = {AFTER(LINE_PLAN), take_head},
    [LINE_SECTION] = {AFTER(LINE_HEAD) | AFTER(LINE_END), take_section},
    [LINE_PLACE] = {AFTER(LINE_SECTION) | AFTER(LINE_PLACE), take_place},
    [LINE_OP] = {AFTER(LINE_SECTION) | AFTER(LINE_PLACE) | AFTER(LINE_OP), take_op},
    [LINE_NOTE] = {AFTER(LINE_SECTION) | AFTER(LINE_PLACE) | AFTER(LINE_OP) | AFTER(LINE_NOTE),
                   take_note},
    [LINE_SEEN] = {AFTER(LINE_SECTION) | AFTER(LINE_PLACE) | AFTER(LINE_OP) | AFTER(LINE_NOTE) |
                       AFTER(LINE_SEEN),
                   take_seen},
    [LINE_END] = {AFTER(LINE_SECTION) | AFTER(LINE_PLACE) | AFTER(LINE_OP) | AFTER(LINE_NOTE) |
                      AFTER(LINE_SEEN),
                  take_end},
    [LINE_BODY] = {AFTER(LINE_HEAD) | AFTER(LINE_END), take_body},
};

static bool take_line(Parse *parse, GError **error)
{
  json_error_t fault;
  json_t *line = json_loadb(parse->bytes, parse->n_bytes, JSON_REJECT_DUPLICATES, &fault);
  if (!line) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("not JSON: %s"), fault.text);
    return false;
  }
  LineKind kind = LINE_N_KINDS;
  bool taken = line_kind(line, &kind, error);
  if (taken && !(rules[kind].after & AFTER(parse->last))) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("this line does not belong here"));
    taken = false;
  }
  taken = taken && rules[kind].take(parse, line, error);
  parse->last = kind;
  json_decref(line);
  return taken;
}

static bool take_lines(Parse *parse, const char *bytes, size_t n_bytes, GError **error)
{
  size_t number = 1;
  for (const char *at = bytes, *end = bytes + n_bytes; at < end; number++) {
    const char *newline = memchr(at, '\n', end - at);
    parse->bytes = at;
    parse->n_bytes = (newline ? newline + 1 : end) - at;
    if (!newline)
      fail(error, _("the plan ends in the middle of a line"));
    if (!newline || !take_line(parse, error)) {
      g_prefix_error(error, "%zu: ", number);
      return false;
    }
    at = newline + 1;
  }
  if (parse->last == LINE_BODY)
    return true;
  fail(error, _("the plan ends too early"));
  g_prefix_error(error, "%zu: ", number);
  return false;
}

Plan *plan_parse(const char *bytes, size_t n_bytes, const char *name, GError **error)
{
  g_autoptr(Plan) plan = plan_new(&(PlanHead){0});
  g_autoptr(GHashTable) places = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GString) again = g_string_new(NULL);
  Parse parse = {.plan = plan, .last = LINE_N_KINDS, .places = places, .again = again};
  crypto_hash_sha256_init(&parse.body);
  if (!take_lines(&parse, bytes, n_bytes, error)) {
    g_prefix_error(error, "%s:", name);
    return NULL;
  }
  plan_settle(plan);
  return g_steal_pointer(&plan);
}

Plan *plan_read(const char *path, GError **error)
{
  g_autoptr(GBytes) file = file_read(path, FILE_MAX_BYTES, error);
  if (!file)
    return NULL;
  size_t n_bytes;
  const char *bytes = g_bytes_get_data(file, &n_bytes);
  return plan_parse(bytes, n_bytes, path, error);
}
