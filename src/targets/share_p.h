// SPDX-License-Identifier: GPL-3.0-or-later
//
// File shares: what share_*.c share.
#ifndef IDOU_TARGETS_SHARE_P_H
#define IDOU_TARGETS_SHARE_P_H

#include "targets_p.h"

// ---------------------------------------------------------------------------------------------
// Shares: folders on an SMB server. In here a folder is its path from the share on, with "/", composed
// (NFC), "" being the share itself.

// A folder that is being made is called so, with a hash of the name that it will have.
#define SHARE_NEW_PREFIX "idou-new-"

char *share_server(const TargetConfig *config);
char *share_name(const TargetConfig *config);
bool share_path(const char *dn, GString *out);  // false: not a DN of folders on a share
void share_dn(const TargetConfig *config, const char *path, GString *out);
const char *share_below(const char *path,
                        const char *base);  // the rest of it; NULL: lies elsewhere
char *share_parent(const char *path);
const char *share_leaf(const char *path);
// What Windows and the protocol make of names; *why is set when it does not fit.
bool share_name_fits(const char *name, GString *why);
bool share_path_fits(const TargetConfig *config, const char *path, GString *why);

extern const Limits share_limits;

#define ACE_ALLOW 0
#define ACE_DENY 1
#define ACE_INHERITED 0x10    // INHERITED_ACE
#define SD_PROTECTED 0x1000u  // SE_DACL_PROTECTED

typedef struct Ace {
  uint8_t type;   // MS-DTYP 2.4.4.1
  uint8_t flags;  // ACCESS_*, ACE_INHERITED
  uint32_t mask;
  char *sid;
} Ace;

// A folder's security descriptor without what is audited.
typedef struct Acl {
  uint16_t control;  // SD_PROTECTED …
  bool open;         // there is no list: everybody may everything
  char *owner, *group;
  bool owner_is_set;  // it is to be set with the list
  GArray *aces;       // Ace, in the order in which they count
} Acl;

Acl *acl_new(void);
Acl *acl_copy(const Acl *acl);
void acl_free(Acl *acl);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Acl, acl_free)
void acl_add(Acl *acl, const Ace *ace);  // copies
const Ace *acl_at(const Acl *acl, size_t i);
ssize_t acl_find(const Acl *acl, const Ace *ace);  // -1: not there
void acl_remove(Acl *acl, size_t i);
Acl *acl_of_listing(const char *text);    // as smbclient shows it; NULL: not whole
Acl *acl_of_attribute(const char *text);  // as libsmbclient does, without control bits
// Puts what the folder above gives in the place of what is inherited now; `parent` NULL: nothing.
void acl_inherit(Acl *acl, const Acl *parent, bool file);
bool acl_is_stale(const Acl *acl, const Acl *parent, bool file);  // something else is inherited
void acl_sort(Acl *acl);
void acl_merge(Acl *acl);           // generic rights replaced, entries that say one thing made one
bool acl_is_plain(const Acl *acl);  // only entries that allow or deny
bool acl_equal(const Acl *stored, const Acl *asked);
void acl_sddl(const Acl *acl, bool with_owner, GString *out);

// What Samba's library and programs need to be let in.
typedef struct ShareHome {
  const TargetConfig *config;
  bool writes;  // with the account for writing
  char *server, *share;
  char *base;           // path of the target's base
  char *user, *domain;  // of the account; with Kerberos `user` is the principal
  Secret *secret;
  int conf_fd, auth_fd;  // configuration and account as files that are nowhere
  char *folder, *cache;  // Kerberos: a folder for the ticket
} ShareHome;

ShareHome *share_home_open(const TargetConfig *config, bool writes, GError **error);
void share_home_close(ShareHome *home);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ShareHome, share_home_close)
// "target NAME (URI): PATH: WORDS". Always false.
bool share_fail(const ShareHome *home, const char *path, const char *words, GError **error);

typedef struct ShareSpawn {
  int in_fd;   // what it reads
  int out_fd;  // where output and errors go
} ShareSpawn;

// Starts one of Samba's programs, with configuration and account.
bool share_spawn(const ShareHome *home, const char *const *argv, const ShareSpawn *how, pid_t *pid,
                 GError **error);

typedef struct ShareShell ShareShell;
typedef bool (*ShareAnswerFunc)(size_t i, const char *answer, void *data, GError **error);

ShareShell *share_shell_open(const ShareHome *home, GError **error);
void share_shell_close(ShareShell *shell);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ShareShell, share_shell_close)
bool share_shell_alive(const ShareShell *shell);
void share_shell_cut(ShareShell *shell);  // another connection is lost: this one is no better
// Sends the commands ahead and calls `func` for each answer in turn. False: the connection is lost.
bool share_shell_ask(ShareShell *shell, GPtrArray *commands, ShareAnswerFunc func, void *data,
                     GError **error);
bool share_shell_tell(ShareShell *shell, const char *command, GString *answer, GError **error);
char *share_quote(const char *path);  // as its commands want it
// The folder's descriptor from an answer to `ls`; NULL: *status says why not.
Acl *share_shell_acl(const char *answer, const char *name, GString *status);
void share_status(const char *answer, GString *out);  // "NT_STATUS_…", empty if there is none

typedef struct ShareFolder {
  char *name;  // composed (NFC)
  char *raw;   // as the server has it
  char *id;  // the server's number of the file and when it was made, since numbers are given again
} ShareFolder;

typedef struct ShareSmb ShareSmb;

ShareSmb *share_smb_open(const ShareHome *home, GError **error);
void share_smb_close(ShareSmb *smb);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ShareSmb, share_smb_close)
bool share_smb_fail(const ShareSmb *smb, const char *path, int number, GError **error);
// Folders in the folder, without links and what is being made. NULL: *why is an errno.
GArray *share_smb_list(ShareSmb *smb, const char *path, int *why);
char *share_smb_id(ShareSmb *smb, const char *path, int *why);
Acl *share_smb_acl(ShareSmb *smb, const char *path, int *why);  // without control bits
// For files only: what a folder needs beyond the entries would be lost.
bool share_smb_set(ShareSmb *smb, const char *path, const Acl *acl, int *why);
// What the files of a folder come to; added to.
typedef struct ShareSum {
  uint64_t bytes, n_files;
  Instant changed;  // the last change of anything in it; INSTANT_NONE
} ShareSum;
// The same, and what the files in it come to.
GArray *share_smb_sum(ShareSmb *smb, const char *path, ShareSum *sum, int *why);
// Bytes in use and in all, where quotas hold those of the account's quota.
bool share_smb_room(ShareSmb *smb, const char *path, uint64_t *used, uint64_t *all, int *why);

// Names of SIDs and SIDs of names, from the directory that the share's server belongs to.
typedef struct ShareNames ShareNames;

ShareNames *share_names_new(const TargetConfig *config);
void share_names_free(ShareNames *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ShareNames, share_names_free)
// Asks for those that are not known yet, many at a time.
bool share_names_learn(ShareNames *names, const GPtrArray *sids, GError **error);
// "CITY\\g-0101"; false: nobody, as far as was learnt.
bool share_names_append(const ShareNames *names, const char *sid, GString *out);
// *out NULL: there is nobody of that name (yet). Caller frees.
bool share_names_sid(ShareNames *names, const char *principal, char **out, GError **error);

// A folder as an entry.
void share_schema(Schema *schema);
void share_sids(const Acl *acl, GPtrArray *out);  // copies, of owner and entries
void share_access(const Acl *acl, const ShareNames *names, GPtrArray *out);  // texts
const char *share_inherit(const Acl *acl, const Acl *parent);  // "TRUE", "FALSE", "STALE"
void share_owner(const Acl *acl, const ShareNames *names, GString *out);

// The connections of a reader or writer.
typedef struct ShareSide {
  const TargetConfig *config;
  bool writes;
  ShareHome *home;
  ShareShell *shell;
  ShareSmb *smb;
  ShareNames *names;
} ShareSide;

ShareSide *share_side_open(const TargetConfig *config, bool writes, GError **error);
void share_side_close(ShareSide *side);
bool share_side_reconnect(ShareSide *side, GError **error);
bool share_side_fingerprint(ShareSide *side, GString *out, GError **error);
// Descriptors of many folders; NULL in *acls where there is none, a status in *why then.
bool share_acls(ShareSide *side, const GPtrArray *paths, GPtrArray **acls, GPtrArray **why,
                GError **error);
// NULL: *why is an errno, ECONNRESET when the connection is lost, and only then is *error set.
Acl *share_acl(ShareSide *side, const char *path, int *why, GError **error);
int share_errno(const char *status);  // of "NT_STATUS_…"

bool share_reader_read(ShareSide *side, const Scope *scope, const Schema *schema, ObservedFunc func,
                       void *data, size_t *n_entries, GError **error);

// The entry at `dn`, or the one with `stable_id` wherever it is; what lies in the archive is gone.
bool share_fetch(ShareSide *side, const char *dn, const char *stable_id, const char *attribute,
                 Record **out, GError **error);

// A file or folder within one whose list changes.
typedef struct ShareItem {
  char *path;
  Acl *acl;      // what it shall have
  bool visited;  // what lies in it is done, or stands behind it in the list
  bool is_set;
} ShareItem;

// A request being carried out.
typedef struct ShareJob {
  uint64_t token;
  Request *request;
  bool begun, is_set;
  bool is_made;       // a new folder, which has no name of its own yet
  char *path;         // the folder as it is called at the moment
  char *goal;         // as it shall be called in the end
  Acl *wanted;        // list to be set at `path`; NULL: none
  GPtrArray *inside;  // ShareItem: what lies in it and is still to be looked at, the next one last
  pid_t pid;          // of smbcacls, while it runs
  int out;            // what it says
  GString *heard;
  int code;  // the answer
  char *text, *id;
} ShareJob;

typedef enum ShareStep {
  STEP_AGAIN,  // go on
  STEP_SET,    // set the list of the last one inside
  STEP_CHILD,  // wait for the program
  STEP_DONE,   // the answer stands in the job
  STEP_LOST    // the connection is lost
} ShareStep;

ShareStep share_begin(ShareSide *side, ShareJob *job, GError **error);
ShareStep share_spread(ShareSide *side, ShareJob *job, GError **error);
ShareStep share_end(ShareSide *side, ShareJob *job, GError **error);
void share_abandon(ShareSide *side,
                   ShareJob *job);  // takes away what was made in vain, as far as it can
void share_judge(ShareJob *job, const char *status, const char *words);  // sets the answer
bool share_is_lost(const char *status);

typedef struct ShareSender ShareSender;

ShareSender *share_writer_open(const TargetConfig *config, GError **error);
void share_writer_close(ShareSender *sender);
ShareSide *share_writer_side(ShareSender *sender);
bool share_writer_send(ShareSender *sender, const Request *request, uint64_t token, GError **error);
bool share_writer_receive(ShareSender *sender, int timeout_ms, Answer *out, bool *got,
                          GError **error);
void share_writer_forget(ShareSender *sender, uint64_t token);

#endif
