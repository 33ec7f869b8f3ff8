// SPDX-License-Identifier: GPL-3.0-or-later
//
// scim: the protocol SCIM 2.0 (RFC 7643, 7644) over libcurl and jansson. A link carries requests over kept
// connections and decides, in one place, what a bad answer means; a service is what a server says of
// itself; paths name values within resources. The type of target `scim` is made from these.
#ifndef IDOU_SCIM_H
#define IDOU_SCIM_H

#include <idou/model.h>
#include <jansson.h>

// ---------------------------------------------------------------------------------------------
// A link: several requests under way at once. Not to be used by two threads at a time.

typedef struct ScimSetup {  // strings are the caller's, and stay
  const char *name;         // of the target, for messages
  const char *uri;          // "https://groupware.city.example/scim/v2", without a slash at the end
  const char *ca_file;      // NULL = the CAs that the machine trusts
  const char *proxy;        // NULL = none, whatever the environment says
  bool plaintext;           // http, on this machine's loopback address
  const char *client;       // OAuth: the client's id, its secret in the file; NULL = the file holds the bearer token
  const char *secret_file;
  const char *token_uri;    // OAuth: where client credentials become tokens (RFC 6749 4.4)
  const char *token_scope;  // … for what; NULL = nothing said
  const char *schemas_file; // what the server's /Schemas should say; NULL = it is asked
  int timeout_ms;           // one request
  int retries;
  int n_connections;
  int page_size;            // resources asked for at a time
  int failure;              // ExitCode of its errors: EXIT_UNREAD, EXIT_FAILED
} ScimSetup;

typedef struct ScimLink ScimLink;

typedef enum ScimEnd {
  SCIM_ANSWERED,  // status and answer count
  SCIM_UNSENT,    // the server certainly has not seen it
  SCIM_LOST       // nobody knows what became of it
} ScimEnd;

typedef struct ScimQuery {
  const char *method;
  const char *path;    // below the setup's uri: "/Users/2819c223?…", already encoded
  const json_t *body;  // NULL = none
  const char *etag;    // If-Match; NULL = none
  bool once;           // doing it twice does harm: it is not sent anew on a fresh connection by the library itself
  const void *owner;   // who takes it: several may have requests under way on one link
  void *data;          // the caller's
} ScimQuery;

typedef struct ScimAsk {  // one request and what became of it
  void *data;
  ScimEnd end;
  long status;     // HTTP
  json_t *answer;  // NULL = no content
  char *etag;      // of the header; NULL = none
  char *words;     // the server's, or ours of what went wrong; NULL = nothing to say
} ScimAsk;

ScimLink *scim_link_open(const ScimSetup *setup, GError **error);
void scim_link_close(ScimLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ScimLink, scim_link_close)
const ScimSetup *scim_link_setup(const ScimLink *link);
// Without waiting. The ask is the link's until it is taken.
ScimAsk *scim_link_send(ScimLink *link, const ScimQuery *query);
// One of this owner's that has ended, waiting at most so long; NULL = none. The caller frees it. Waits that the server asks for
// (Retry-After), new attempts and new tokens are the link's own business: 429 and 503 are sent again as often
// as the setup says, and so is whatever went wrong with a GET.
ScimAsk *scim_link_take(ScimLink *link, const void *owner, int timeout_ms);
// The end of this one is no longer waited for.
void scim_link_drop(ScimLink *link, ScimAsk *ask);
void scim_ask_free(ScimAsk *ask);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ScimAsk, scim_ask_free)
// Sends and waits for it; others that end meanwhile are kept. Never NULL.
ScimAsk *scim_link_ask(ScimLink *link, const ScimQuery *query);
// The same of a GET. False unless the answer is 200, or 404 where `missing` is not NULL; *out is then the caller's.
bool scim_link_get(ScimLink *link, const char *path, json_t **out, bool *missing, GError **error);
// Sets the error "target NAME (URI): WHAT: words". Always false.
bool scim_link_fail(const ScimLink *link, const ScimAsk *ask, const char *what, GError **error);
// Appends the text as part of a URL's path or query, and as a string within a filter or path (RFC 7644 3.4.2.2),
// with its quotation marks.
void scim_link_encode(const char *text, GString *out);
void scim_link_quote(const char *text, GString *out);

// ---------------------------------------------------------------------------------------------
// What the server says of itself.

typedef struct ScimService ScimService;

typedef struct ScimKind {   // a type of resource
  const ScimService *service;
  const char *name;         // "User": what mappings call a class
  const char *endpoint;     // "/Users"
  const char *schema;       // URN
  GPtrArray *extensions;    // const char *: URNs
  const char *naming;       // the attribute by which people know one: "userName", "displayName"
  bool unique;              // the server lets no two have the same
  char *wish;               // "attributes=…", where some are only shown to who asks for them; NULL = none is so
} ScimKind;

struct ScimService {
  bool patch, bulk, filter, etag;
  size_t bulk_operations, bulk_bytes;
  GPtrArray *kinds;  // ScimKind
  json_t *schemas;   // URN -> schema
};

ScimService *scim_service_read(ScimLink *link, GError **error);
// From the three documents; ResourceTypes may be NULL. NULL, with the reason in `why`, when nothing can be made of them.
ScimService *scim_service_of(const json_t *config, const json_t *types, const json_t *schemas,
                             GString *why);
void scim_service_free(ScimService *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ScimService, scim_service_free)
const ScimKind *scim_service_kind(const ScimService *service, const char *name);         // NULL = none
const ScimKind *scim_service_at(const ScimService *service, const char *endpoint);       // "Users"
// The attribute's description within a schema, or within another attribute's; NULL = there is none.
const json_t *scim_service_attribute(const json_t *of, const char *name);

// ---------------------------------------------------------------------------------------------
// Paths: how mappings name values. docs/targets.md has the forms:
//   userName   name.familyName   emails   emails.work   emails[type eq "work"].value   addresses.work.locality
//   department                   of an extension, where no other schema of the resource has it
//   urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department

typedef struct ScimPath {
  const char *urn;    // of the extension; NULL = the resource's own schema
  const char *attribute;
  const char *choice; // "work"; NULL = not chosen by type
  const char *part;   // sub-attribute; NULL = the attribute itself
  bool many;          // the attribute is multi-valued
  bool reference;     // the value is another resource's id
  const char *type;   // "string", "boolean" …
  Attr attr;          // how it compares; its name is not set
} ScimPath;

// NULL: the kind has no such value. Strings live in the path.
ScimPath *scim_path_new(const ScimKind *kind, const char *name);
void scim_path_free(ScimPath *path);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ScimPath, scim_path_free)
// The resource's values as texts (char *).
GPtrArray *scim_path_values(const ScimPath *path, const json_t *resource);
// False: a text is not of the attribute's type.
bool scim_path_set(const ScimPath *path, json_t *resource, const GPtrArray *values);
// The same as `path` and `value` of a PATCH; see scim_change.
void scim_path_text(const ScimPath *path, bool whole, GString *out);
json_t *scim_path_json(const ScimPath *path, const char *text);  // NULL: not of its type
// "userName eq \"a\"", of one value.
void scim_path_filter(const ScimPath *path, const char *value, GString *out);
// Calls `func` with each value that the resource holds, under the short and, unless `brief`, the long name too.
typedef void (*ScimValueFunc)(const char *name, const ScimPath *path, const char *value, void *data);
void scim_path_each(const ScimKind *kind, const json_t *resource, bool brief, ScimValueFunc func,
                    void *data);

// ---------------------------------------------------------------------------------------------
// Changes of a resource.

typedef struct ScimChange {  // of one attribute
  char *attribute;           // as the mapping calls it
  bool all;                  // whatever is there goes, unguarded
  bool secret;               // nobody may be told what comes
  GPtrArray *gone, *come;    // char *; wiped when freed
} ScimChange;

void scim_change_free(void *change);
ScimChange *scim_change_in(GPtrArray *changes, const char *attribute);  // finds or adds
void scim_change_add(GPtrArray *values, const char *bytes, size_t n_bytes);

typedef enum ScimFault {
  SCIM_FINE,
  SCIM_UNKNOWN,   // no such attribute
  SCIM_READONLY,
  SCIM_MALFORMED, // a value is not of the attribute's type
  SCIM_GONE,      // what was to be taken away is not there
  SCIM_THERE      // what was to be added is, or the place is taken
} ScimFault;

// Carries the changes out on the resource and, unless `operations` is NULL, appends what a PATCH of it says. On a
// fault *attribute names it; the resource is then half changed.
ScimFault scim_change_apply(const ScimKind *kind, const GPtrArray *changes, json_t *resource,
                            json_t *operations, const char **attribute);
json_t *scim_change_patch(json_t *operations);  // takes it
json_t *scim_change_blank(const ScimKind *kind);  // a new resource
// For PUT: without what only the server writes; with the URNs of those extensions that it has.
void scim_change_dress(const ScimKind *kind, json_t *resource);

// ---------------------------------------------------------------------------------------------
// Reading lists.

typedef struct ScimWish {
  const ScimKind *kind;
  const char *filter;  // NULL = all
} ScimWish;

// Begins anew: whatever came before in this reading does not count.
typedef void (*ScimBeginFunc)(void *data);
typedef void (*ScimResourceFunc)(const json_t *resource, void *data);

typedef struct ScimTaker {
  ScimBeginFunc begin;
  ScimResourceFunc take;
  void *data;
} ScimTaker;

// Page by page, several at a time, until exactly as many different resources have come as the server counts and, without a
// filter, nothing stands behind them. Pages that shift
// while they are read are read anew, three times at most. *refused (may be NULL) is set, with no error, when the
// server does not take the filter.
bool scim_list_read(ScimLink *link, const ScimWish *wish, const ScimTaker *taker, bool *refused,
                    GError **error);

// ---------------------------------------------------------------------------------------------
// What any server tells before it knows who asks: the time (header Date), and until when its certificate holds.
typedef struct ScimPulse {
  Instant date;         // INSTANT_NONE = it does not tell
  Instant certificate;  // INSTANT_NONE = it has none
} ScimPulse;
bool scim_pulse(const ScimSetup *setup, ScimPulse *out);

#endif
