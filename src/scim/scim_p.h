// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the parts of the stage share: requests as the link sees them.
#ifndef IDOU_SCIM_P_H
#define IDOU_SCIM_P_H

#include <curl/curl.h>
#include <idou/scim.h>

// An answer that is larger is none: 256 MB hold more than 100,000 people.
#define MOST_BYTES ((size_t)256 << 20)

// Behind a ScimAsk, which stands first in it.
typedef struct Ask {
  ScimAsk ask;
  const void *owner;
  char *method, *path, *body, *if_match;
  bool once;
  bool safe;  // GET: to be sent again whatever went wrong
  unsigned n_sent;
  unsigned token;  // number of the token that it was last sent with
  bool renewed;    // it has got a new token once
  int64_t due_us;  // monotonic; 0 = at once
  CURL *easy;      // NULL while it is not under way
  struct curl_slist *headers;
  GString *received;
  bool overflowed;
  char error[CURL_ERROR_SIZE];
} Ask;

Ask *ask_new(const ScimQuery *query);
void ask_free(Ask *ask);
// What all connections have in common.
void ask_secure(CURL *easy, const ScimSetup *setup);
// Fills the easy handle; `token` may be NULL.
bool ask_prepare(Ask *ask, const ScimSetup *setup, const Secret *token);
// What an attempt has come to; it is then no longer under way.
typedef enum AskNext { ASK_END, ASK_AGAIN, ASK_RENEW } AskNext;
AskNext ask_judge(Ask *ask, CURLcode code, int64_t *wait_ms);

// A token, its number, and when it ends. NULL: *status is 401 when the client was refused, else 0, with words.
typedef struct Token {
  Secret *secret;
  unsigned number;
  int64_t until_us;  // monotonic; 0 = no end is known
} Token;
bool token_get(const ScimSetup *setup, Token *token, long *status, GString *words);
void token_clear(Token *token);

// A server may write its names in another case than its schema does (RFC 7643 2.1). NULL = there is none.
json_t *scim_path_member(const json_t *object, const char *name);

#endif
