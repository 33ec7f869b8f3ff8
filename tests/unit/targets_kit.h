// SPDX-License-Identifier: GPL-3.0-or-later
//
// For tests of targets: a small system in a file, and operations written on one line.
#ifndef IDOU_TESTS_TARGETS_KIT_H
#define IDOU_TESTS_TARGETS_KIT_H

#include <idou/targets.h>

#define KIT_BASE "dc=city,dc=example"
// uid=yamada and uid=sato below ou=people, ou=empty, cn=g below ou=groups with sato as member.
extern const char kit_content[];

// Where the objects of kit_content are: account/1 yamada, account/2 sato, account/3 suzuki (not yet
// there), group/g, container/ou=people, …
extern const Placed kit_places[];
extern const size_t kit_n_places;

typedef struct KitOp {
  OpKind kind;
  const char *object;
  const char *member;     // edges
  const char *parent;     // create, move
  const char *name;       // create, rename, move
  const char *attribute;  // modify: one attribute; create: title, besides what an account needs
  const char *old_value;  // "@account/2" is a reference
  const char *new_value;
  bool replace;
} KitOp;

// The operation in full. Everything is static or lives in the returned structure; free with kit_op_free.
Op *kit_op(const KitOp *brief);
void kit_op_free(Op *op);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Op, kit_op_free)

// Writes kit_content into a new folder and returns the path (caller frees).
char *kit_file(void);
// Submits one operation and returns its outcome (detail may be NULL; clear it).
Outcome kit_run(Writer *writer, const Op *op);
// The file's text. Caller frees.
char *kit_text(const char *path);

#endif
