// SPDX-License-Identifier: GPL-3.0-or-later
//
// Shared by the sources of the plan file: plan.c, plan_file.c, line.c, order.c, check.c, choose.c.
#ifndef IDOU_PLAN_P_H
#define IDOU_PLAN_P_H

#include <idou/plan.h>

#include <jansson.h>

#define DIGEST_HEX_CHARS 64

// What a section's arrays point into; grows while building.
typedef struct Part {
  GArray *places;  // of Placed
  GArray *ops;     // of Op; Op.n is the handle until the plan is sealed
  GArray *notes;   // of PlanNote
  GArray *seen;    // of PlanSeen
} Part;

// Dependency between handles, until the plan is sealed.
typedef struct Link {
  uint32_t op;
  uint32_t earlier;
} Link;

struct Plan {
  PlanHead head;
  PlanEnvelope envelope;
  GArray *sections;        // of PlanSection
  GPtrArray *parts;        // of Part, one a section
  GArray *links;           // of Link
  GArray *handle_section;  // uint32_t by handle - 1
  GStringChunk *strings;   // each text once
  GPtrArray *blocks;       // arena for arrays and values
  size_t block_used;
  size_t block_bytes;
  char digest[DIGEST_HEX_CHARS + 1];
};

Part *plan_part(const Plan *plan, size_t section);
// Zeroed, aligned for any type, freed with the plan; NULL for nothing.
void *plan_alloc(Plan *plan, size_t n_bytes);
OpValue plan_copy_value(Plan *plan, const OpValue *value);
// Points the sections' arrays at their parts, when these grow no more.
void plan_settle(Plan *plan);

// order.c: brings places, operations and notes into their final order and numbers the operations.
bool order_plan(Plan *plan, GError **error);

// check.c: `places` is the set of the section's object names so far. A place needs its parent there, and
// is added; an operation needs the places of all that it speaks of, and the fields of its kind.
bool check_place(GHashTable *places, const Placed *place, GError **error);
bool check_op(GHashTable *places, const Op *op, GError **error);
bool check_plan(const Plan *plan, GError **error);

// line.c: a line of the file to and from the structure it holds.
typedef enum LineKind {
  LINE_PLAN,     // PlanEnvelope
  LINE_HEAD,     // LineHead
  LINE_SECTION,  // PlanSection
  LINE_PLACE,    // Placed
  LINE_OP,       // Op
  LINE_NOTE,     // PlanNote
  LINE_SEEN,     // PlanSeen
  LINE_END,      // LineEnd: of a section
  LINE_BODY,     // LineEnd: of the body
  LINE_N_KINDS
} LineKind;

typedef struct LineHead {
  int64_t format;
  PlanHead head;
} LineHead;

typedef struct LineEnd {
  const char *target;  // NULL for the body
  const char *digest;
} LineEnd;

// Appends the line with its newline.
void line_write(LineKind kind, const void *from, GString *out);
// Which kind of line this is.
bool line_kind(const json_t *line, LineKind *out, GError **error);
// Fills `to`, which holds the defaults of what may be missing. Texts and arrays belong to the plan.
bool line_read(Plan *plan, LineKind kind, const json_t *line, void *to, GError **error);

#endif
