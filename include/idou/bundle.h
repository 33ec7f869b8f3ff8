// SPDX-License-Identifier: GPL-3.0-or-later
//
// bundle: what goes to a network that must not meet ours, and what comes back. A bundle is the desired table of one
// segment with its explanations, as signed text; read on the other side it is a source to plan from. A receipt, or
// a short code, says what became of it. docs/segments.md is the reference of the format.
#ifndef IDOU_BUNDLE_H
#define IDOU_BUNDLE_H

#include <idou/planner.h>
#include <idou/sign.h>

// ---------------------------------------------------------------------------------------------
// Bundles.

#define BUNDLE_FORMAT 1
#define BUNDLE_DIGEST_CHARS 64

// One class of operations that was approved where the bundle was made, and how many of it at most.
typedef struct BundleAllows {
  const char *what;  // "edu/disable"
  int64_t at_most;
} BundleAllows;

// Whether a class can be approved by a bundle at all. One that says another is refused, whoever signed it.
bool bundle_may_allow(const char *what);

typedef struct BundleApproval {
  const char *who, *reason;  // NULL: nothing is approved
  Instant not_before;        // INSTANT_NONE = at once
  Instant expires;
  const BundleAllows *allows;
  size_t n_allows;
} BundleApproval;

typedef struct BundleHead {
  PlanBundle id;  // `previous` NULL: it is the first
  Instant created;
  Date as_of;
  Instant at;         // a moment of that day; 0 = as it begins, or today as it was then
  const char *rules;  // digest of the mappings
  BundleApproval approval;
} BundleHead;

typedef struct BundleSetup {
  BundleHead head;  // the digest is made
  const DesiredSource *source;
  const TargetConfig *const *targets;  // of the segment; NULL-terminated
  Instant now;                         // … and the moment that its day is planned for:
  Instant at;                          // when later than `now`, what is wanted now is in it, too
  const char *salt;                    // what renews a secret is told by a digest of it with this
  const Signer *signer;
  // Whoever shall have nothing there is told of only when they are in the bundle before this one, or shall have something
  // until the day. With `everybody` all of them are: when the one before cannot be read.
  const struct Bundle *before;  // NULL = there is none
  bool everybody;
  // Whether somebody placed a hold: then it is told that the entry is left as it is, with its memberships. NULL = nobody did.
  bool (*holds)(const char *target, const char *object, uint32_t person, void *data);
  void *holds_data;
  // Why somebody is stopped, to be told; NULL = they are not. Their accounts are switched off there. NULL = nobody is.
  const char *(*stops)(uint32_t person, void *data);
  void *stops_data;
  Findings *findings;  // who is left out, and why
} BundleSetup;

// Nothing is in it but what the rules write into the segment's targets: no entry of somebody without a name or who never had
// anything there, no field that no value holds. `out` gets the text. `digest`, of BUNDLE_DIGEST_CHARS, is set.
bool bundle_write(const BundleSetup *setup, GString *out, char digest[BUNDLE_DIGEST_CHARS + 1],
                  GError **error);

typedef struct Bundle Bundle;

// Line ends may have become CR LF on the way; anything else that was changed is EXIT_BUNDLE_DAMAGED, another signer
// EXIT_BUNDLE_KEY. Nothing is looked at before the signature was.
Bundle *bundle_read(const char *path, const Verifier *from, GError **error);
Bundle *bundle_parse(const char *bytes, size_t n_bytes, const char *name, const Verifier *from,
                     GError **error);
// One that was made here, by its digest: whichever key it was signed with then.
Bundle *bundle_read_made(const char *path, const char *digest, GError **error);
void bundle_free(Bundle *bundle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bundle, bundle_free)
const BundleHead *bundle_head(const Bundle *bundle);
const char *bundle_target(const Bundle *bundle,
                          size_t i);  // that it speaks of; NULL behind the last
// To plan from; borrows the bundle. With secrets' policies and classes held against what a target knows.
DesiredSource *bundle_source(const Bundle *bundle);
// Line by line, as people can read it.
bool bundle_show(const char *bytes, size_t n_bytes, const char *name, GString *out, GError **error);

// What is other than in the bundle before (NULL = there is none), by object. Kinds as operations have them: create, delete,
// enable, disable, modify.
typedef struct BundleChange {
  const char *target, *object, *kind;
} BundleChange;
typedef void (*BundleChangeFunc)(const BundleChange *change, void *data);
void bundle_changes(const Bundle *bundle, const Bundle *before, BundleChangeFunc func, void *data);

// ---------------------------------------------------------------------------------------------
// The chain, on the other side: each bundle once, in order, in time, in its segment. What was accepted last may be planned
// from and applied again: it is what holds.

// EXIT_BUNDLE_SEGMENT, _EXPIRED, _REPLAYED or _GAP.
bool bundle_check(const PlanBundle *bundle, const char *segment, Store *store, Instant now,
                  GError **error);
bool bundle_is_current(const PlanBundle *bundle, Store *store);
// Within a transaction of the caller.
bool bundle_accept(const PlanBundle *bundle, Store *store, GError **error);

// ---------------------------------------------------------------------------------------------
// Receipts.

typedef struct ReceiptHead {
  const char *segment;
  uint32_t sequence;
  const char *bundle;  // digest
  const char *plan;    // digest
  int64_t run;
  Instant created;
} ReceiptHead;

typedef struct ReceiptOp {
  const char *target, *kind, *object;
  const char *member;  // NULL = none
  const char *state;   // of the journal
} ReceiptOp;

typedef struct Receipt {
  ReceiptHead head;
  const ReceiptOp *ops;
  size_t n_ops;
  const char *const *unread;  // targets that could not be read; NULL-terminated
} Receipt;

void receipt_write(const Receipt *receipt, const Signer *signer, GString *out);
// As bundle_parse. The result and its texts live as long as `texts` and `arrays`.
typedef struct ReceiptFile {
  Receipt receipt;
  GStringChunk *texts;
  GArray *ops;
  GPtrArray *unread;
} ReceiptFile;
// The segment that it says it is of, before anything is verified; caller frees. NULL: it is no receipt.
char *receipt_segment(const char *bytes, size_t n_bytes);
bool receipt_parse(const char *bytes, size_t n_bytes, const char *name, const Verifier *from,
                   ReceiptFile *out, GError **error);
void receipt_file_clear(ReceiptFile *file);

// ---------------------------------------------------------------------------------------------
// Codes: where no file may come back. 20 characters of base 32 in groups of four: three counts (10 bits each, 1023 =
// that many and more), 60 bits of a MAC under a key that only the two signers can compute, and two check characters.

typedef struct CodeCounts {
  uint32_t failed, held, waiting;
} CodeCounts;

void code_write(const Signer *mine, const Verifier *theirs, const PlanBundle *bundle,
                const CodeCounts *counts, GString *out);
// False with a wrong check (mistyped). Spaces, hyphens and case do not matter; O is 0, I and L are 1.
bool code_read(const char *text, CodeCounts *counts, GError **error);
// Whether it is the code for this bundle.
bool code_fits(const char *text, const Signer *mine, const Verifier *theirs,
               const PlanBundle *bundle);

#endif
