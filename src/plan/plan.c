// SPDX-License-Identifier: GPL-3.0-or-later
#include "plan_p.h"

#define BLOCK_BYTES (256 * 1024)
#define ALIGNMENT 16

static void free_part(void *data)
{
  Part *part = data;
  g_array_unref(part->places);
  g_array_unref(part->ops);
  g_array_unref(part->notes);
  g_array_unref(part->seen);
  g_free(part);
}

Plan *plan_new(const PlanHead *head)
{
  Plan *plan = g_new0(Plan, 1);
  plan->sections = g_array_new(FALSE, TRUE, sizeof(PlanSection));
  plan->parts = g_ptr_array_new_with_free_func(free_part);
  plan->links = g_array_new(FALSE, FALSE, sizeof(Link));
  plan->handle_section = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  plan->strings = g_string_chunk_new(64 * 1024);
  plan->blocks = g_ptr_array_new_with_free_func(g_free);
  plan->head = *head;
  plan->head.mapping_digest = plan_intern(plan, head->mapping_digest);
  plan->head.program = plan_intern(plan, head->program);
  plan->head.bundle.segment = plan_intern(plan, head->bundle.segment);
  plan->head.bundle.digest = plan_intern(plan, head->bundle.digest);
  plan->head.bundle.previous = plan_intern(plan, head->bundle.previous);
  g_autofree char *login = user_login();
  bool other = strcmp(login, g_get_user_name()) != 0;
  plan->envelope = (PlanEnvelope){.made = instant_now(),
                                  .host = plan_intern(plan, g_get_host_name()),
                                  .user = plan_intern(plan, g_get_user_name()),
                                  .login = other ? plan_intern(plan, login) : NULL};
  return plan;
}

void plan_set_by(Plan *plan, const char *by)
{
  plan->envelope.by = by && *by ? plan_intern(plan, by) : NULL;
}

void plan_free(Plan *plan)
{
  if (!plan)
    return;
  g_array_unref(plan->sections);
  g_ptr_array_unref(plan->parts);
  g_array_unref(plan->links);
  g_array_unref(plan->handle_section);
  g_string_chunk_free(plan->strings);
  g_ptr_array_unref(plan->blocks);
  g_free(plan);
}

const char *plan_intern(Plan *plan, const char *text)
{
  if (!text)
    return NULL;
  if (g_utf8_validate(text, -1, NULL))
    return g_string_chunk_insert_const(plan->strings, text);
  g_autofree char *valid = g_utf8_make_valid(text, -1);
  return g_string_chunk_insert_const(plan->strings, valid);
}

void *plan_alloc(Plan *plan, size_t n_bytes)
{
  if (n_bytes == 0)
    return NULL;
  n_bytes = (n_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (plan->block_used + n_bytes > plan->block_bytes) {
    plan->block_bytes = MAX(n_bytes, BLOCK_BYTES);
    plan->block_used = 0;
    g_ptr_array_add(plan->blocks, g_malloc0(plan->block_bytes));
  }
  char *block = plan->blocks->pdata[plan->blocks->len - 1];
  void *at = block + plan->block_used;
  plan->block_used += n_bytes;
  return at;
}

// ---------------------------------------------------------------------------------------------
// Building.

Part *plan_part(const Plan *plan, size_t section)
{
  return plan->parts->pdata[section];
}

PlanSection *plan_add_section(Plan *plan, const char *target)
{
  Part *part = g_new(Part, 1);
  part->places = g_array_new(FALSE, FALSE, sizeof(Placed));
  part->ops = g_array_new(FALSE, FALSE, sizeof(Op));
  part->notes = g_array_new(FALSE, FALSE, sizeof(PlanNote));
  part->seen = g_array_new(FALSE, FALSE, sizeof(PlanSeen));
  g_ptr_array_add(plan->parts, part);
  PlanSection section = {.target = plan_intern(plan, target)};
  g_array_append_val(plan->sections, section);
  return &g_array_index(plan->sections, PlanSection, plan->sections->len - 1);
}

void plan_count_people(Plan *plan, int64_t people)
{
  plan->head.people = MAX(plan->head.people, people);
}

void plan_describe_section(Plan *plan, size_t section, const PlanSection *what)
{
  PlanSection *described = &g_array_index(plan->sections, PlanSection, section);
  described->fingerprint = plan_intern(plan, what->fingerprint);
  described->base = plan_intern(plan, what->base);
  described->n_read = what->n_read;
  described->n_ours = what->n_ours;
  described->n_desired = what->n_desired;
}

void plan_abandon_section(Plan *plan, size_t section, const char *why)
{
  PlanSection *abandoned = &g_array_index(plan->sections, PlanSection, section);
  Part *part = plan_part(plan, section);
  size_t n_left = plan->handle_section->len - part->ops->len;
  g_assert(part->ops->len == 0 || g_array_index(part->ops, Op, 0).n == n_left + 1);
  while (plan->links->len > 0 && g_array_index(plan->links, Link, plan->links->len - 1).op > n_left)
    g_array_set_size(plan->links, plan->links->len - 1);
  g_array_set_size(plan->handle_section, n_left);
  g_array_set_size(part->places, 0);
  g_array_set_size(part->ops, 0);
  g_array_set_size(part->notes, 0);
  g_array_set_size(part->seen, 0);
  *abandoned = (PlanSection){
      .target = abandoned->target, .base = abandoned->base, .unread = plan_intern(plan, why)};
}

void plan_add_place(Plan *plan, size_t section, const Placed *place)
{
  Placed copy = {.object = plan_intern(plan, place->object),
                 .parent = plan_intern(plan, place->parent),
                 .name = plan_intern(plan, place->name),
                 .stable_id = plan_intern(plan, place->stable_id),
                 .exists = place->exists};
  g_array_append_val(plan_part(plan, section)->places, copy);
}

// Words for people: none and empty are the same.
static const char *words(Plan *plan, const char *text)
{
  return text && *text ? plan_intern(plan, text) : NULL;
}

void plan_add_note(Plan *plan, size_t section, const PlanNote *note)
{
  PlanNote copy = {.code = plan_intern(plan, note->code),
                   .target = plan_intern(plan, note->target),
                   .object = words(plan, note->object),
                   .label = words(plan, note->label),
                   .text = words(plan, note->text),
                   .left = words(plan, note->left)};
  g_array_append_val(plan_part(plan, section)->notes, copy);
}

void plan_add_seen(Plan *plan, size_t section, const PlanSeen *seen)
{
  PlanSeen copy = {plan_intern(plan, seen->kind), plan_intern(plan, seen->name)};
  g_array_append_val(plan_part(plan, section)->seen, copy);
}

OpValue plan_copy_value(Plan *plan, const OpValue *value)
{
  char *bytes = plan_alloc(plan, value->n + 1);
  if (value->n > 0)
    memcpy(bytes, value->bytes, value->n);
  return (OpValue){.kind = value->kind, .bytes = bytes, .n = value->n};
}

static const OpValue *copy_values(Plan *plan, const OpValue *values, size_t n)
{
  OpValue *copy = plan_alloc(plan, n * sizeof *copy);
  for (size_t i = 0; i < n; i++)
    copy[i] = plan_copy_value(plan, &values[i]);
  return copy;
}

static const OpChange *copy_changes(Plan *plan, const Op *op)
{
  OpChange *copy = plan_alloc(plan, op->n_changes * sizeof *copy);
  for (size_t i = 0; i < op->n_changes; i++) {
    const OpChange *change = &op->changes[i];
    copy[i] = *change;
    copy[i].attribute = plan_intern(plan, change->attribute);
    copy[i].old_values = copy_values(plan, change->old_values, change->n_old);
    copy[i].new_values = copy_values(plan, change->new_values, change->n_new);
  }
  return copy;
}

uint32_t plan_add_op(Plan *plan, size_t section, const Op *op)
{
  uint32_t number = (uint32_t)section;
  g_array_append_val(plan->handle_section, number);
  uint32_t handle = plan->handle_section->len;
  Op copy = {
      .n = handle,
      .kind = op->kind,
      .target = g_array_index(plan->sections, PlanSection, section).target,
      .object = plan_intern(plan, op->object),
      .member = plan_intern(plan, op->member),
      .label = words(plan, op->label),
      .person = op->person,
      .unit = words(plan, op->unit),
      .unit_before = words(plan, op->unit_before),
      .account = words(plan, op->account),
      .parent = plan_intern(plan, op->parent),
      .name = plan_intern(plan, op->name),
      .old_parent = plan_intern(plan, op->old_parent),
      .old_name = plan_intern(plan, op->old_name),
      .stable_id = plan_intern(plan, op->stable_id),
      .changes = copy_changes(plan, op),
      .n_changes = op->n_changes,
      .not_before = op->not_before,
      .why = words(plan, op->why),
      .rule = words(plan, op->rule),
      .source = words(plan, op->source),
      .confirm = words(plan, op->confirm),
      .cause = words(plan, op->cause),
      .matter = words(plan, op->matter),
      .expected = words(plan, op->expected),
      .ends = op->ends,
  };
  g_array_append_val(plan_part(plan, section)->ops, copy);
  for (size_t i = 0; i < op->n_after; i++)
    plan_add_after(plan, handle, op->after[i]);
  return handle;
}

const Op *plan_ops_so_far(const Plan *plan, size_t section, size_t *n)
{
  const GArray *ops = plan_part(plan, section)->ops;
  *n = ops->len;
  return (const Op *)(const void *)ops->data;
}

void plan_add_after(Plan *plan, uint32_t op, uint32_t earlier)
{
  if (op == 0 || earlier == 0)
    return;
  g_assert(MAX(op, earlier) <= plan->handle_section->len);
  Link link = {.op = op, .earlier = earlier};
  g_array_append_val(plan->links, link);
}

static Op *op_by_handle(Plan *plan, uint32_t handle)
{
  uint32_t section = g_array_index(plan->handle_section, uint32_t, handle - 1);
  GArray *ops = plan_part(plan, section)->ops;
  guint i = 0;
  while (g_array_index(ops, Op, i).n != handle)
    i++;
  return &g_array_index(ops, Op, i);
}

void plan_set_not_before(Plan *plan, uint32_t op, Instant not_before)
{
  op_by_handle(plan, op)->not_before = not_before;
}

void plan_each_after(const Plan *plan, void (*func)(uint32_t op, uint32_t earlier, void *data),
                     void *data)
{
  for (guint i = 0; i < plan->links->len; i++) {
    const Link *link = &g_array_index(plan->links, Link, i);
    func(link->op, link->earlier, data);
  }
}

uint32_t plan_add_aside(Plan *plan, uint32_t op, const char *name, const char *why)
{
  Op aside = *op_by_handle(plan, op);
  aside.kind = OP_RENAME;
  aside.name = name;
  aside.parent = aside.old_parent;
  aside.why = why;
  aside.n_after = 0;
  uint32_t handle =
      plan_add_op(plan, g_array_index(plan->handle_section, uint32_t, op - 1), &aside);
  op_by_handle(plan, op)->old_name = plan_intern(plan, name);
  plan_add_after(plan, op, handle);
  return handle;
}

void plan_settle(Plan *plan)
{
  for (size_t i = 0; i < plan->sections->len; i++) {
    PlanSection *section = &g_array_index(plan->sections, PlanSection, i);
    const Part *part = plan_part(plan, i);
    section->places = (const Placed *)part->places->data;
    section->n_places = part->places->len;
    section->ops = (const Op *)part->ops->data;
    section->n_ops = part->ops->len;
    section->notes = (const PlanNote *)part->notes->data;
    section->n_notes = part->notes->len;
    section->seen = (const PlanSeen *)part->seen->data;
    section->n_seen = part->seen->len;
  }
}

// ---------------------------------------------------------------------------------------------
// Looking.

const PlanHead *plan_head(const Plan *plan)
{
  return &plan->head;
}

const PlanEnvelope *plan_envelope(const Plan *plan)
{
  return &plan->envelope;
}

const char *plan_digest(const Plan *plan)
{
  return plan->digest;
}

size_t plan_n_sections(const Plan *plan)
{
  return plan->sections->len;
}

const PlanSection *plan_section(const Plan *plan, size_t i)
{
  return &g_array_index(plan->sections, PlanSection, i);
}

size_t plan_n_ops(const Plan *plan)
{
  return plan->handle_section->len;
}

const Op *plan_op(const Plan *plan, uint32_t n)
{
  if (n == 0 || n > plan_n_ops(plan))
    return NULL;
  size_t i = n - 1;
  for (size_t s = 0; s < plan_n_sections(plan); s++) {
    const PlanSection *section = plan_section(plan, s);
    if (i < section->n_ops)
      return &section->ops[i];
    i -= section->n_ops;
  }
  return NULL;
}
