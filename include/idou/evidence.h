// SPDX-License-Identifier: GPL-3.0-or-later
//
// evidence: when accounts were used last, as targets and products tell it. Collecting writes what the sources say into
// the ledger; a view shows it to whoever judges. No evidence is not inactivity: a source that is missing, stale or cut
// short says nothing of anybody, and a view says why. docs/evidence.md is the reference.
#ifndef IDOU_EVIDENCE_H
#define IDOU_EVIDENCE_H

#include <idou/mapping.h>
#include <idou/store.h>
#include <idou/targets.h>

// ---------------------------------------------------------------------------------------------
// Sources: `sources:` of dormant.yaml.

typedef struct EvidenceSources EvidenceSources;

// One of them, for people and judges.
typedef struct EvidenceSource {
  const char *name;
  int line;            // in dormant.yaml
  const char *target;  // whose accounts it speaks of
  const char *klass;   // the mapping's class of these; NULL = the target's only class for people
  const char *where;   // for people: "ad lastLogonTimestamp", "usb/*.csv"
  int64_t
      precision_s;  // a use is within [moment, moment + precision_s]: of a day's date and the known lag
  int64_t late_s;   // uses of the last so many seconds may still be missing in what it tells
  int64_t stale_s;  // it counts so long after what it told was true
  Instant since;    // uses from here on are in it; INSTANT_NONE = from when it was read first
  bool complete;    // an account that it does not list was never used (`missing: never`)
} EvidenceSource;

typedef struct EvidenceWorld {
  const char *folder;                  // paths of files are relative to it
  const TargetConfig *const *targets;  // NULL-terminated; they outlive the sources
} EvidenceWorld;

// `node` is the value of `sources`; none (NULL) is no fault. Faults are findings; what is returned is then only fit to be
// freed. Strings belong to the sources, or to `yaml`, which must outlive them.
EvidenceSources *evidence_sources_read(const Yaml *yaml, const YamlNode *node,
                                       const EvidenceWorld *world, Findings *findings);
void evidence_sources_free(EvidenceSources *sources);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EvidenceSources, evidence_sources_free)
// Classes that the mapping does not have, or that are for nobody, are findings.
void evidence_sources_check(const EvidenceSources *sources, const Mapping *mapping,
                            Findings *findings);
size_t evidence_n_sources(const EvidenceSources *sources);
const EvidenceSource *evidence_source_at(const EvidenceSources *sources, size_t i);
#define EVIDENCE_NO_SOURCE SIZE_MAX
size_t evidence_source_named(const EvidenceSources *sources, const char *name);

// ---------------------------------------------------------------------------------------------
// Collecting.

// Which objects a target's accounts are. The table is frozen, and belongs to whoever filled it.
typedef struct EvidenceObjects {
  const Table *table;
  uint16_t klass;  // in the table
} EvidenceObjects;

typedef struct EvidenceSetup {
  const EvidenceSources *sources;
  const char *only;  // name of one source; NULL = all
  const Mapping *mapping;
  Store *store;  // to be written to
  Instant now;
  Findings *findings;
  // Canaries and the like: whether what the reader sees can be believed; EXIT_UNREAD if not. May be NULL.
  bool (*trusts)(const TargetConfig *config, Reader *reader, void *data, GError **error);
  // What the class wants to be there. `attributes`, NULL-terminated, are to be in the schema, described by the reader.
  // Borrowed until the next call.
  bool (*objects)(const Klass *klass, Reader *reader, const char *const *attributes,
                  EvidenceObjects *out, void *data, GError **error);
  void *data;  // of both
} EvidenceSetup;

typedef struct EvidenceDone {
  size_t n_sources, n_bad;  // bad: not "ok" afterwards
  size_t n_rows;            // accounts that were told of
  ExitCode exit;            // UNREAD when one is bad
} EvidenceDone;

// Each source in full, and in a transaction of its own. One that cannot be read, or not be believed, leaves what it told
// before; how it stands then says why, as does a finding. False: the ledger cannot be written.
bool evidence_collect(const EvidenceSetup *setup, EvidenceDone *out, GError **error);

// ---------------------------------------------------------------------------------------------
// Views: what is known of a target's accounts, by the moment that is judged. Everything is read at once: 100,000
// accounts of three sources take some 30 MB.

typedef struct EvidenceView EvidenceView;

EvidenceView *evidence_view_open(Store *store, const EvidenceSources *sources, const char *target,
                                 Instant judged, GError **error);
void evidence_view_free(EvidenceView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EvidenceView, evidence_view_free)

// How a source stands on that moment.
typedef struct EvidenceStand {
  bool counts;  // what it tells, and what it does not tell, may be judged by
  const char
      *state;  // "ok" | "failed" | "stale" | "short" | "future" | "never": it was never collected
  const char *why;    // it does not count, for people; NULL
  Instant collected;  // INSTANT_NONE = never
  Instant reaches;    // uses up to here are in it; INSTANT_NONE
  Instant since;      // when it was read first; INSTANT_NONE
  int64_t n_accounts;
} EvidenceStand;
// `source` as evidence_source_at counts.
const EvidenceStand *evidence_view_stand(const EvidenceView *view, size_t source);

typedef enum EvidenceAnswer {
  EVIDENCE_UNKNOWN,  // nothing can be concluded: judging is suspended
  EVIDENCE_NEVER,  // every source that was asked knows the account, or lists all that were used, and none of a use
  EVIDENCE_USED
} EvidenceAnswer;

typedef struct EvidenceUse {
  EvidenceAnswer answer;
  Instant
      moment;  // of the latest use that any source asked tells of, whatever the answer; NONE = of none
  Instant
      latest;  // the last use may have been as late as this, by what any of them leaves open; NONE
  size_t source;  // who tells of `moment`; EVIDENCE_NO_SOURCE
  Instant
      unused_to;  // no use later than `latest` up to here: where the sources' knowledge ends. Whoever counts days
                  // counts to here, not to the judged moment
  Instant
      since;  // what was used before may not be known: NEVER is true from here on; NONE = from the beginning
  size_t fault;     // UNKNOWN: the first source that says nothing …
  const char *why;  // … and why, for people; NULL
} EvidenceUse;

// What the sources (indices) together say of the account: "account/17", "orphan/ID". All of them must count and know the
// account. None at all say nothing. Constant time.
void evidence_view_ask(const EvidenceView *view, const char *object, const size_t *sources,
                       size_t n_sources, EvidenceUse *out);

// What each source told of the account, those first that did so first in dormant.yaml. `out` has room for as many as there
// are sources.
typedef struct EvidenceTold {
  size_t source;
  Instant moment, latest;  // INSTANT_NONE = never used
  Instant collected;       // INSTANT_NONE: what it told last is not believed
  bool current;            // the source still tells of the account
} EvidenceTold;
size_t evidence_view_told(const EvidenceView *view, const char *object, EvidenceTold *out);

// Every account that some source told of, by object: how many, and the name of each.
size_t evidence_view_n_objects(const EvidenceView *view);
const char *evidence_view_object(const EvidenceView *view, size_t i);

#endif
