// SPDX-License-Identifier: GPL-3.0-or-later
//
// Groupware over SCIM: what scim_*.c of this stage share.
#ifndef IDOU_TARGETS_SCIM_P_H
#define IDOU_TARGETS_SCIM_P_H

#include <idou/scim.h>

#include "targets_p.h"

// ---------------------------------------------------------------------------------------------
// SCIM: entries are resources, "userName=t-yamada,resource=Users,scim=NAME". The protocol is a stage of its own
// (idou/scim.h). An entry's identity is the resource's id; DNs are made from the naming attribute.

#define SCIM_PAGE_SIZE 200

typedef struct ScimOwn {  // TargetConfig.own
  ScimSetup setup;        // as far as it is the same for reading and writing
  bool oauth, bulk;
  const char *anchor;  // "userName=idou-anchor"; NULL = none
} ScimOwn;

extern const char *const scim_config_keys[];
void *scim_config_read(ConfigReading *reading);
ScimSetup scim_config_setup(const TargetConfig *config, bool writes);

typedef struct ScimSide {  // of a reader or writer
  const TargetConfig *config;
  const ScimOwn *own;
  ScimLink *link;
  ScimService *service;
  GHashTable *dns;     // id -> DN, as far as they are known
  GHashTable *ids;     // DN (place_key) -> id
  GHashTable *listed;  // ScimKind: all of whose DNs are known
  unsigned n_searches;
} ScimSide;

ScimSide *scim_side_open(const TargetConfig *config, bool writes, GError **error);
void scim_side_close(ScimSide *side);
bool scim_side_fingerprint(ScimSide *side, GString *out, GError **error);
void scim_side_schema(const ScimSide *side, Schema *schema, GPtrArray *classes);

typedef struct ScimSpot {  // what a DN says
  const ScimKind *kind;    // NULL = it does not tell
  char *id;                // NULL = it does not tell
  char *name;              // value of the naming attribute; NULL = it does not tell
} ScimSpot;
bool scim_side_spot(const ScimSide *side, const char *dn,
                    ScimSpot *out);  // false: no DN of a resource
void scim_side_spot_clear(ScimSpot *spot);
// The DN of a resource, which is remembered; by its id and the naming attribute's value (may be NULL).
const char *scim_side_know(ScimSide *side, const ScimKind *kind, const char *id, const char *name);
const char *scim_side_dn(ScimSide *side, const ScimKind *kind, const json_t *resource);
void scim_side_forget(ScimSide *side);  // names of ids may be others by now
// Asks for all DNs of the kinds that can be referred to.
bool scim_side_list(ScimSide *side, GError **error);
// The DN of the resource with this id, asking for it if need be; "id=ID,scim=NAME" when there is none.
bool scim_side_dn_of(ScimSide *side, const char *id, GString *out, GError **error);
// *out NULL: there is no such resource (yet). Caller frees.
bool scim_side_id(ScimSide *side, const char *dn, char **out, GError **error);
// Whether it is the one that was asked for by its id.
bool scim_side_is(const json_t *resource, const char *id);
// Where one is looked at, with all that it holds. Caller frees.
char *scim_side_path(const ScimKind *kind, const char *id);
// *out NULL: there is none. By its id, or by name; that several have this name is an error.
bool scim_side_get(ScimSide *side, const ScimSpot *spot, json_t **out, char **etag, GError **error);

bool scim_reader_read(ScimSide *side, const Scope *scope, const Schema *schema, ObservedFunc func,
                      void *data, size_t *n_entries, GError **error);
bool scim_reader_traces(ScimSide *side, const TraceAsk *ask, TraceFunc func, void *data,
                        GError **error);
// The entry that the resource is. With `brief` each value once, under its short name.
bool scim_reader_record(ScimSide *side, const ScimKind *kind, const json_t *resource, bool brief,
                        Record **out, GError **error);

// The LDAP result for what became of a request.
int scim_code_of(const ScimAsk *ask);
int scim_code_status(long status, const char *type);
int scim_code_fault(ScimFault fault);

typedef struct ScimSender ScimSender;

ScimSender *scim_writer_open(const TargetConfig *config, GError **error);
void scim_writer_close(ScimSender *sender);
ScimSide *scim_writer_side(ScimSender *sender);
bool scim_writer_send(ScimSender *sender, const Request *request, uint64_t token, GError **error);
bool scim_writer_receive(ScimSender *sender, int timeout_ms, Answer *out, bool *got,
                         GError **error);
void scim_writer_forget(ScimSender *sender, uint64_t token);

#endif
