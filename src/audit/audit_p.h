// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IDOU_AUDIT_P_H
#define IDOU_AUDIT_P_H

#include <idou/audit.h>

// Of the first row there is none before.
#define NOTHING_BEFORE "0000000000000000000000000000000000000000000000000000000000000000"

// Of a row and of the digest before it; caller frees.
char *audit_digest(const AuditRow *row, const char *before);
// The text of that key in a row's detail; NULL. Caller frees.
char *audit_detail(const AuditRow *row, const char *key);
int64_t audit_detail_number(const AuditRow *row, const char *key);  // 0 = there is none

// Whose process this is, and on which host: "root (yamada)@host" when it was started through sudo. Caller frees.
char *audit_user(void);

#endif
