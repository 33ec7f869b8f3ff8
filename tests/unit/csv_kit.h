// SPDX-License-Identifier: GPL-3.0-or-later
//
// For tests of products that take files: a small one, and what is sent to it as lines.
#ifndef IDOU_TESTS_CSV_KIT_H
#define IDOU_TESTS_CSV_KIT_H

#include "targets/csv_p.h"

#define HEAD "product: desk\n"
#define USERS                      \
  "files:\n"                       \
  "  users:\n"                     \
  "    out: \"users{part}.csv\"\n" \
  "    in: \"users_{time}.csv\"\n" \
  "    key: [login]\n"             \
  "    rows: 2\n"
#define COLUMNS                                                                                    \
  "    columns:\n"                                                                                 \
  "      - {header: ID, id: true, new: \"0\"}\n"                                                   \
  "      - {header: ログイン名, attribute: login, max: 20, required: true}\n"                 \
  "      - {header: 新ログイン名, rename: login, only: import}\n"                            \
  "      - {header: 氏名, attribute: name, max_bytes: 10, required: true}\n"                     \
  "      - {header: パスワード, attribute: initialPassword, once: true, secret: true, only: " \
  "import}\n"                                                                                      \
  "      - {header: 電話, attribute: phone}\n"                                                   \
  "      - {header: 区分, fixed: \"1\", only: import}\n"                                         \
  "      - {header: 削除, change: {delete: d}, only: import}\n"
#define DESK HEAD "encoding: cp932\nunchanged: \"*\"\n" USERS COLUMNS

// The same with all rows in one file, and organisations that are deleted when they lack.
#define ORGS                                                    \
  HEAD "files:\n"                                               \
       "  orgs:\n"                                              \
       "    out: \"{step}-orgs.csv\"\n"                         \
       "    in: \"orgs_{time}.csv\"\n"                          \
       "    mode: delete-absent\n"                              \
       "    key: [code]\n"                                      \
       "    parent: parent\n"                                   \
       "    header: false\n"                                    \
       "    columns:\n"                                         \
       "      - {attribute: code}\n"                            \
       "      - {attribute: name, required: true}\n"            \
       "      - {rename: code, only: import}\n"                 \
       "      - {attribute: parent}\n"                          \
       "  members:\n"                                           \
       "    out: members.csv\n"                                 \
       "    key: [code]\n"                                      \
       "    header: false\n"                                    \
       "    columns:\n"                                         \
       "      - {attribute: code}\n"                            \
       "      - {attribute: member, ref: orgs, repeat: true}\n" \
       "steps:\n"                                               \
       "  - {file: orgs, part: grow}\n"                         \
       "  - members\n"                                          \
       "  - {file: orgs, part: shrink}\n"

#define HEADER "ID,ログイン名,新ログイン名,氏名,パスワード,電話,区分,削除\n"
#define EXPORT "ID,ログイン名,氏名,電話\r\n"

typedef struct Desk {
  const char *folder;
  TargetConfig *config;
  Findings *findings;
} Desk;

char *desk_inside(const Desk *desk, const char *path);
void desk_put(const Desk *desk, const char *path, const char *text);
void desk_put_export(const Desk *desk, const char *name, const char *text);
Desk desk_open(const char *description);
Desk desk_good(const char *description);
void desk_close(Desk *desk);
void desk_at(const char *when);
char *desk_dn_of(const Desk *desk, const char *file, const char *row);
Request *desk_request_of(const Desk *desk, const char *line, uint32_t n, const Secret *secret);
bool desk_fill(char *bytes, size_t n_bytes, void *data);
char *desk_send(const Desk *desk, const char *lines, bool finish);
char *desk_text_of(const Desk *desk, const char *path);
void desk_holds(const Desk *desk, const char *path, const char *wanted);
char *desk_receipts(const Desk *desk);
void desk_tells(const Desk *desk, const char *wanted);
char *desk_seen(const Desk *desk, const char *file);
void desk_sees(const Desk *desk, const char *file, const char *wanted);
size_t desk_n_sets(const Desk *desk);
bool desk_settle(const Desk *desk, uint32_t n, OutcomeKind kind);

#endif
