// SPDX-License-Identifier: GPL-3.0-or-later
//
// What each kind of request does to a folder: what is looked at first, what list is wanted, and what is left to
// do once it is set.
#include "share_p.h"

#include <errno.h>

// ---------------------------------------------------------------------------------------------
// What the server says, as result codes

typedef struct Verdict {
  const char *status;
  int code;
  const char *words;
} Verdict;

static const Verdict verdicts[] = {
    {"NT_STATUS_ACCESS_DENIED", LDAP_INSUFFICIENT_ACCESS, NULL},
    {"NT_STATUS_PRIVILEGE_NOT_HELD", LDAP_INSUFFICIENT_ACCESS, NULL},
    {"NT_STATUS_NETWORK_ACCESS_DENIED", LDAP_INSUFFICIENT_ACCESS, NULL},
    {"NT_STATUS_INVALID_OWNER", LDAP_INSUFFICIENT_ACCESS,
     N_("the account may not make somebody else the owner; it needs the right to restore files")},
    {"NT_STATUS_SHARING_VIOLATION", LDAP_BUSY,
     N_("somebody has the folder, or something in it, open")},
    {"NT_STATUS_DELETE_PENDING", LDAP_BUSY, N_("the folder is being deleted")},
    {"NT_STATUS_FILE_LOCK_CONFLICT", LDAP_BUSY, N_("something in the folder is locked")},
    {"NT_STATUS_DISK_FULL", LDAP_ADMINLIMIT_EXCEEDED, N_("the share is full")},
    {"NT_STATUS_QUOTA_EXCEEDED", LDAP_ADMINLIMIT_EXCEEDED, N_("the quota is used up")},
    {"NT_STATUS_OBJECT_NAME_COLLISION", LDAP_ALREADY_EXISTS, NULL},
    {"NT_STATUS_OBJECT_NAME_NOT_FOUND", LDAP_NO_SUCH_OBJECT, NULL},
    {"NT_STATUS_OBJECT_PATH_NOT_FOUND", LDAP_NO_SUCH_OBJECT, NULL},
    {"NT_STATUS_NO_SUCH_FILE", LDAP_NO_SUCH_OBJECT, NULL},
    {"NT_STATUS_NOT_A_DIRECTORY", LDAP_ALREADY_EXISTS, N_("a file has the name")},
    {"NT_STATUS_DIRECTORY_NOT_EMPTY", LDAP_NOT_ALLOWED_ON_NONLEAF, NULL},
    {"NT_STATUS_OBJECT_NAME_INVALID", LDAP_NAMING_VIOLATION, NULL},
    {"NT_STATUS_OBJECT_PATH_SYNTAX_BAD", LDAP_NAMING_VIOLATION, NULL},
    {"NT_STATUS_NOT_SAME_DEVICE", LDAP_AFFECTS_MULTIPLE_DSAS, NULL},
    {"NT_STATUS_INVALID_ACL", LDAP_CONSTRAINT_VIOLATION, NULL},
    {"NT_STATUS_INVALID_SECURITY_DESCR", LDAP_CONSTRAINT_VIOLATION, NULL},
    {"NT_STATUS_MEDIA_WRITE_PROTECTED", LDAP_UNWILLING_TO_PERFORM, N_("the share is read only")},
};

static const char *const lost[] = {"NT_STATUS_CONNECTION_DISCONNECTED",
                                   "NT_STATUS_CONNECTION_RESET",
                                   "NT_STATUS_CONNECTION_REFUSED",
                                   "NT_STATUS_CONNECTION_ABORTED",
                                   "NT_STATUS_IO_TIMEOUT",
                                   "NT_STATUS_HOST_UNREACHABLE",
                                   "NT_STATUS_NETWORK_UNREACHABLE",
                                   "NT_STATUS_NETWORK_NAME_DELETED",
                                   "NT_STATUS_USER_SESSION_DELETED",
                                   "NT_STATUS_END_OF_FILE",
                                   "NT_STATUS_PIPE_BROKEN",
                                   "NT_STATUS_LOCAL_DISCONNECT",
                                   "NT_STATUS_REMOTE_DISCONNECT",
                                   "NT_STATUS_INVALID_NETWORK_RESPONSE",
                                   "NT_STATUS_NO_LOGON_SERVERS",
                                   NULL};

bool share_is_lost(const char *status)
{
  return g_strv_contains(lost, status);
}

static ShareStep finish(ShareJob *job, int code, const char *text)
{
  job->code = code;
  g_free(job->text);
  job->text = g_strdup(text);
  return STEP_DONE;
}

void share_judge(ShareJob *job, const char *status, const char *words)
{
  for (size_t i = 0; i < G_N_ELEMENTS(verdicts); i++) {
    if (!g_str_equal(verdicts[i].status, status))
      continue;
    g_autofree char *text =
        g_strdup_printf("%s: %s", verdicts[i].words ? _(verdicts[i].words) : job->path, status);
    finish(job, verdicts[i].code, text);
    return;
  }
  finish(job, LDAP_OTHER, *status ? status : words);
}

// A command to the server. STEP_AGAIN: done.
static ShareStep tell(ShareSide *side, ShareJob *job, const char *command, GError **error)
{
  g_autoptr(GString) answer = g_string_new(NULL), status = g_string_new(NULL);
  if (!share_shell_tell(side->shell, command, answer, error))
    return STEP_LOST;
  share_status(answer->str, status);
  if (!status->len)
    return STEP_AGAIN;
  if (share_is_lost(status->str))
    return STEP_LOST;
  share_judge(job, status->str, answer->str);
  return STEP_DONE;
}

static ShareStep tell_path(ShareSide *side, ShareJob *job, const char *verb, const char *path,
                           const char *to, GError **error)
{
  g_autofree char *quoted = share_quote(path), *target = to ? share_quote(to) : NULL;
  g_autofree char *command = g_strjoin(" ", verb, quoted, target, NULL);
  return tell(side, job, command, error);
}

static bool is_lost_errno(int why)
{
  static const int numbers[] = {ECONNRESET,  ECONNREFUSED, ECONNABORTED, ENETRESET, ENETDOWN,
                                ENETUNREACH, EHOSTUNREACH, ENOTCONN,     ETIMEDOUT, EPIPE};
  for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
    if (numbers[i] == why)
      return true;
  return false;
}

static ShareStep finish_errno(ShareJob *job, const char *path, int why)
{
  static const struct {
    int why, code;
  } codes[] = {{ENOENT, LDAP_NO_SUCH_OBJECT},
               {ENOTDIR, LDAP_NO_SUCH_OBJECT},
               {EACCES, LDAP_INSUFFICIENT_ACCESS},
               {EPERM, LDAP_INSUFFICIENT_ACCESS},
               {EBUSY, LDAP_BUSY}};
  g_autofree char *text = g_strdup_printf("%s: %s", path, g_strerror(why));
  for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
    if (codes[i].why == why)
      return finish(job, codes[i].code, text);
  return is_lost_errno(why) ? STEP_LOST : finish(job, LDAP_OTHER, text);
}

// STEP_AGAIN: *out is it.
static ShareStep look(ShareSide *side, ShareJob *job, const char *path, Acl **out, GError **error)
{
  int why = 0;
  *out = share_acl(side, path, &why, error);
  return *out ? STEP_AGAIN : why == ECONNRESET ? STEP_LOST : finish_errno(job, path, why);
}

// ---------------------------------------------------------------------------------------------
// Principals and wanted lists

// Somebody who is not known yet may have been made a moment ago, by another controller of the domain.
static ShareStep find_sid(ShareSide *side, ShareJob *job, const Access *access, char **out)
{
  g_autoptr(GError) error = NULL;
  if (access->sid.n) {
    *out = g_strndup(access->sid.at, access->sid.n);
    return STEP_AGAIN;
  }
  g_autofree char *name = g_strndup(access->principal.at, access->principal.n);
  if (!share_names_sid(side->names, name, out, &error))
    return finish(job, LDAP_UNAVAILABLE, error->message);
  if (*out)
    return STEP_AGAIN;
  g_autofree char *text = g_strdup_printf(_("there is no user or group “%s” in target %s (yet)"),
                                          name, side->config->domain_config->name);
  return finish(job, LDAP_BUSY, text);
}

static ShareStep make_ace(ShareSide *side, ShareJob *job, const Bytes *value, Ace *out)
{
  Access access;
  g_autoptr(GString) why = g_string_new(NULL);
  if (!access_parse(value->at, value->n, &access, why))
    return finish(job, LDAP_INVALID_SYNTAX, why->str);
  *out = (Ace){access.deny ? ACE_DENY : ACE_ALLOW, access.flags, access.mask, NULL};
  return find_sid(side, job, &access, &out->sid);
}

static ShareStep add_ace(ShareSide *side, ShareJob *job, const Bytes *value)
{
  Ace ace = {0};
  ShareStep step = make_ace(side, job, value, &ace);
  if (step == STEP_AGAIN && acl_find(job->wanted, &ace) >= 0)
    step = finish(job, LDAP_TYPE_OR_VALUE_EXISTS, NULL);
  else if (step == STEP_AGAIN)
    acl_add(job->wanted, &ace);
  g_free(ace.sid);
  return step;
}

static ShareStep take_ace(ShareSide *side, ShareJob *job, const Bytes *value)
{
  Ace ace = {0};
  ShareStep step = make_ace(side, job, value, &ace);
  ssize_t i = step == STEP_AGAIN ? acl_find(job->wanted, &ace) : -1;
  if (i >= 0)
    acl_remove(job->wanted, (size_t)i);
  else if (step == STEP_AGAIN)
    step = finish(job, LDAP_NO_SUCH_ATTRIBUTE, NULL);
  g_free(ace.sid);
  return step;
}

static void take_own(Acl *acl)
{
  for (size_t i = acl->aces->len; i-- > 0;)
    if (!(acl_at(acl, i)->flags & ACE_INHERITED))
      acl_remove(acl, i);
}

static ShareStep change_access(ShareSide *side, ShareJob *job, const Mod *mod)
{
  if (mod->kind == MOD_REPLACE || (mod->kind == MOD_DELETE && !mod->values->len))
    take_own(job->wanted);
  ShareStep step = STEP_AGAIN;
  for (size_t i = 0; i < mod->values->len && step == STEP_AGAIN; i++) {
    const Bytes *value = &g_array_index(mod->values, Bytes, i);
    step = mod->kind == MOD_DELETE ? take_ace(side, job, value) : add_ace(side, job, value);
  }
  return step;
}

static bool is_word(const Bytes *value, const char *word)
{
  return value->n == strlen(word) && g_ascii_strncasecmp(value->at, word, value->n) == 0;
}

static ShareStep change_inherit(ShareSide *side, ShareJob *job, const Mod *mod)
{
  (void)side;
  if (!mod->values->len)
    return STEP_AGAIN;
  const Bytes *value = &g_array_index(mod->values, Bytes, 0);
  bool keeps = is_word(value, "TRUE");
  if (mod->kind == MOD_DELETE)
    return keeps == !(job->wanted->control & SD_PROTECTED) || is_word(value, "STALE")
               ? STEP_AGAIN
               : finish(job, LDAP_NO_SUCH_ATTRIBUTE, NULL);
  if (!keeps && !is_word(value, "FALSE"))
    return finish(job, LDAP_INVALID_SYNTAX, _("“inherit” is TRUE or FALSE"));
  if (keeps)
    job->wanted->control &= (uint16_t)~SD_PROTECTED;
  else
    job->wanted->control |= SD_PROTECTED;
  return STEP_AGAIN;
}

static ShareStep change_owner(ShareSide *side, ShareJob *job, const Mod *mod)
{
  if (!mod->values->len)
    return STEP_AGAIN;
  const Bytes *value = &g_array_index(mod->values, Bytes, 0);
  Access access;
  g_autofree char *sid = NULL;
  if (!access_parse_principal(value->at, value->n, &access))
    return finish(job, LDAP_INVALID_SYNTAX, _("“owner” is the name of a user or group"));
  ShareStep step = find_sid(side, job, &access, &sid);
  if (step != STEP_AGAIN)
    return step;
  if (mod->kind == MOD_DELETE)
    return g_strcmp0(job->wanted->owner, sid) == 0 ? STEP_AGAIN
                                                   : finish(job, LDAP_NO_SUCH_ATTRIBUTE, NULL);
  g_free(job->wanted->owner);
  job->wanted->owner = g_steal_pointer(&sid);
  job->wanted->owner_is_set = true;
  return STEP_AGAIN;
}

static ShareStep change_nothing(ShareSide *side, ShareJob *job, const Mod *mod)
{
  (void)side;
  (void)job;
  (void)mod;
  return STEP_AGAIN;
}

// Class, name and path follow from what and where the folder is.
static const struct {
  const char *attribute;
  ShareStep (*change)(ShareSide *side, ShareJob *job, const Mod *mod);
} changes[] = {{"access", change_access},  {"inherit", change_inherit},
               {"owner", change_owner},    {"objectClass", change_nothing},
               {"folder", change_nothing}, {"path", change_nothing}};

// A list with everything in it, or nobody would get in any more.
static ShareStep complete(ShareJob *job, const Acl *parent)
{
  acl_inherit(job->wanted, job->wanted->control & SD_PROTECTED ? NULL : parent, false);
  acl_sort(job->wanted);
  if (job->wanted->aces->len)
    return STEP_AGAIN;
  return finish(job, LDAP_CONSTRAINT_VIOLATION,
                _("nobody would have any right; name somebody in “access”, or let it inherit"));
}

static ShareStep change_all(ShareSide *side, ShareJob *job)
{
  ShareStep step = STEP_AGAIN;
  for (size_t i = 0; i < job->request->mods->len && step == STEP_AGAIN; i++) {
    const Mod *mod = &g_array_index(job->request->mods, Mod, i);
    size_t row = 0;
    while (row < G_N_ELEMENTS(changes) &&
           g_ascii_strcasecmp(changes[row].attribute, mod->attribute) != 0)
      row++;
    step = row < G_N_ELEMENTS(changes) ? changes[row].change(side, job, mod)
                                       : finish(job, LDAP_UNDEFINED_TYPE, mod->attribute);
  }
  return step;
}

// What lies in the folder gets what it will inherit first, so that a job that is cut off is seen not done.
static void begin_spread(ShareJob *job)
{
  ShareItem *item = g_new0(ShareItem, 1);
  item->path = g_strdup(job->path);
  item->acl = acl_copy(job->wanted);
  g_ptr_array_add(job->inside, item);
}

// ---------------------------------------------------------------------------------------------
// Kinds

static ShareStep find_path(const char *dn, ShareJob *job, char **out)
{
  g_autoptr(GString) path = g_string_new(NULL);
  if (!share_path(dn, path) || !path->len)
    return finish(job, LDAP_INVALID_DN_SYNTAX, dn);
  g_free(*out);
  *out = g_strdup(path->str);
  return STEP_AGAIN;
}

// The folder must still be the one that was planned for.
static ShareStep find_folder(ShareSide *side, ShareJob *job)
{
  int why = 0;
  ShareStep step = find_path(job->request->dn, job, &job->path);
  if (step != STEP_AGAIN)
    return step;
  g_autofree char *id = share_smb_id(side->smb, job->path, &why);
  if (!id)
    return finish_errno(job, job->path, why);
  if (job->request->stable_id && !g_str_equal(job->request->stable_id, id))
    return finish(job, LDAP_ASSERTION_FAILED, NULL);
  return STEP_AGAIN;
}

static ShareStep check_goal(ShareSide *side, ShareJob *job, const char *goal)
{
  g_autoptr(GString) why = g_string_new(NULL);
  return share_path_fits(side->config, goal, why) ? STEP_AGAIN
                                                  : finish(job, LDAP_NAMING_VIOLATION, why->str);
}

// A name for it while it is made, the same each time, so that one that was cut off is found again.
static char *name_new(const char *goal)
{
  g_autofree char *parent = share_parent(goal);
  g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, share_leaf(goal), -1);
  return g_strdup_printf("%s%s%s%.12s", parent, *parent ? "/" : "", SHARE_NEW_PREFIX, hash);
}

static ShareStep begin_add(ShareSide *side, ShareJob *job, GError **error)
{
  int why = 0;
  g_autoptr(Acl) parent = NULL;
  ShareStep step = find_path(job->request->dn, job, &job->goal);
  if (step == STEP_AGAIN)
    step = check_goal(side, job, job->goal);
  if (step != STEP_AGAIN)
    return step;
  g_autofree char *there = share_smb_id(side->smb, job->goal, &why);
  if (there || why != ENOENT)
    return there ? finish(job, LDAP_ALREADY_EXISTS, NULL) : finish_errno(job, job->goal, why);
  job->path = name_new(job->goal);
  job->wanted = acl_new();
  // Whoever is to have rights must be known before anything is made.
  step = change_all(side, job);
  g_autofree char *above = share_parent(job->goal);
  if (step == STEP_AGAIN)
    step = look(side, job, above, &parent, error);
  if (step == STEP_AGAIN)
    step = complete(job, parent);
  if (step == STEP_AGAIN)
    step = tell_path(side, job, "mkdir", job->path, NULL, error);
  if (step != STEP_AGAIN && !(step == STEP_DONE && job->code == LDAP_ALREADY_EXISTS))
    return step;
  job->is_made = true;
  g_autoptr(Acl) made = NULL;
  step = look(side, job, job->path, &made, error);
  if (step != STEP_AGAIN)
    return step;
  if (!job->wanted->owner)
    job->wanted->owner = g_strdup(made->owner);
  job->wanted->group = g_strdup(made->group);
  return complete(job, parent);
}

// The rights are as asked for, so it may get its name.
static ShareStep end_add(ShareSide *side, ShareJob *job, GError **error)
{
  int why = 0;
  ShareStep step = tell_path(side, job, "rename", job->path, job->goal, error);
  if (step != STEP_AGAIN)
    return step;
  job->id = share_smb_id(side->smb, job->goal, &why);
  return job->id ? finish(job, LDAP_SUCCESS, NULL) : STEP_LOST;
}

static ShareStep begin_modify(ShareSide *side, ShareJob *job, GError **error)
{
  g_autoptr(Acl) parent = NULL;
  ShareStep step = find_folder(side, job);
  if (step == STEP_AGAIN)
    step = look(side, job, job->path, &job->wanted, error);
  if (step != STEP_AGAIN)
    return step;
  if (!acl_is_plain(job->wanted))
    return finish(job, LDAP_UNWILLING_TO_PERFORM,
                  _("its access list holds entries of a kind that would be lost (conditions, or "
                    "no list at all); change it by hand"));
  acl_merge(job->wanted);
  step = change_all(side, job);
  g_autofree char *above = share_parent(job->path);
  if (step == STEP_AGAIN)
    step = look(side, job, above, &parent, error);
  if (step == STEP_AGAIN)
    step = complete(job, parent);
  if (step == STEP_AGAIN)
    begin_spread(job);
  return step;
}

static ShareStep end_modify(ShareSide *side, ShareJob *job, GError **error)
{
  (void)side;
  (void)error;
  return finish(job, LDAP_SUCCESS, NULL);
}

static ShareStep find_goal(ShareSide *side, ShareJob *job)
{
  const Request *request = job->request;
  g_autofree char *above = share_parent(job->path);
  g_autoptr(GString) parent = g_string_new(request->new_parent);
  if (!request->new_parent)
    share_dn(side->config, above, parent);
  g_autofree char *dn = g_strdup_printf("%s,%s", request->new_rdn, parent->str);
  ShareStep step = find_path(dn, job, &job->goal);
  return step == STEP_AGAIN ? check_goal(side, job, job->goal) : step;
}

// What it inherits changes with the folder above; what is its own stays.
static ShareStep begin_rename(ShareSide *side, ShareJob *job, GError **error)
{
  ShareStep step = find_folder(side, job);
  if (step == STEP_AGAIN)
    step = find_goal(side, job);
  if (step == STEP_AGAIN)
    step = tell_path(side, job, "rename", job->path, job->goal, error);
  if (step != STEP_AGAIN)
    return step;
  g_autofree char *before = share_parent(job->path), *after = share_parent(job->goal);
  g_free(job->path);
  job->path = g_strdup(job->goal);
  if (g_str_equal(before, after))
    return finish(job, LDAP_SUCCESS, NULL);
  g_autoptr(Acl) parent = NULL;
  step = look(side, job, job->path, &job->wanted, error);
  if (step == STEP_AGAIN)
    step = look(side, job, after, &parent, error);
  if (step != STEP_AGAIN)
    return step;
  if ((job->wanted->control & SD_PROTECTED) || !acl_is_plain(job->wanted))
    return finish(job, LDAP_SUCCESS, NULL);
  step = complete(job, parent);
  if (step == STEP_AGAIN)
    begin_spread(job);
  return step;
}

// "2027-04-01_総務課", and with a number where that is taken.
static char *name_archived(const ShareSide *side, const char *path, unsigned number)
{
  g_autoptr(GString) now = g_string_new(NULL);
  instant_format(instant_now(), now);
  g_autofree char *day = g_strndup(now->str, strlen("2027-04-01"));
  g_autofree char *dn = g_strdup_printf("%s,%s", side->config->archive, side->config->base);
  g_autoptr(GString) archive = g_string_new(NULL);
  if (!share_path(dn, archive))
    return NULL;
  if (number < 2)
    return g_strdup_printf("%s/%s_%s", archive->str, day, share_leaf(path));
  return g_strdup_printf("%s/%s_%s_%u", archive->str, day, share_leaf(path), number);
}

// Whoever may into the archive may into what is put there, and nobody else.
static ShareStep begin_archive(ShareSide *side, ShareJob *job, GError **error)
{
  g_autoptr(Acl) archive = NULL;
  job->goal = name_archived(side, job->path, 1);
  if (!job->goal)
    return finish(job, LDAP_INVALID_DN_SYNTAX, side->config->archive);
  g_autofree char *above = share_parent(job->goal);
  ShareStep step = look(side, job, above, &archive, error);
  if (step == STEP_AGAIN)
    step = look(side, job, job->path, &job->wanted, error);
  if (step != STEP_AGAIN)
    return step;
  g_array_set_size(job->wanted->aces, 0);
  job->wanted->control &= (uint16_t)~SD_PROTECTED;
  acl_inherit(job->wanted, archive, false);
  if (!job->wanted->aces->len) {
    Ace administrators = {ACE_ALLOW, ACCESS_FILES | ACCESS_FOLDERS, 0x1f01ff,
                          (char *)"S-1-5-32-544"};
    acl_add(job->wanted, &administrators);
  }
  acl_sort(job->wanted);
  begin_spread(job);
  return STEP_AGAIN;
}

static ShareStep begin_delete(ShareSide *side, ShareJob *job, GError **error)
{
  ShareStep step = find_folder(side, job);
  if (step == STEP_AGAIN)
    step = tell_path(side, job, "rmdir", job->path, NULL, error);
  if (step == STEP_AGAIN)
    return finish(job, LDAP_SUCCESS, NULL);
  return step == STEP_DONE && job->code == LDAP_NOT_ALLOWED_ON_NONLEAF
             ? begin_archive(side, job, error)
             : step;
}

static ShareStep end_delete(ShareSide *side, ShareJob *job, GError **error)
{
  ShareStep step = STEP_DONE;
  for (unsigned number = 2; number < 100; number++) {
    step = tell_path(side, job, "rename", job->path, job->goal, error);
    if (step != STEP_DONE || job->code != LDAP_ALREADY_EXISTS)
      break;
    g_free(job->goal);
    job->goal = name_archived(side, job->path, number);
  }
  if (step != STEP_AGAIN)
    return step;
  g_autofree char *text = g_strdup_printf(_("it was not empty; it is now %s"), job->goal);
  return finish(job, LDAP_SUCCESS, text);
}

// ---------------------------------------------------------------------------------------------

static const struct {
  ShareStep (*begin)(ShareSide *side, ShareJob *job, GError **error);
  ShareStep (*end)(ShareSide *side, ShareJob *job, GError **error);
} kinds[] = {[REQUEST_ADD] = {begin_add, end_add},
             [REQUEST_MODIFY] = {begin_modify, end_modify},
             [REQUEST_RENAME] = {begin_rename, end_modify},
             [REQUEST_DELETE] = {begin_delete, end_delete}};

void share_abandon(ShareSide *side, ShareJob *job)
{
  if (job->request->kind != REQUEST_ADD || !job->is_made || job->code == LDAP_SUCCESS)
    return;
  g_autoptr(GString) answer = g_string_new(NULL);
  g_autofree char *quoted = share_quote(job->path);
  g_autofree char *command = g_strdup_printf("rmdir %s", quoted);
  share_shell_tell(side->shell, command, answer, NULL);
}

ShareStep share_begin(ShareSide *side, ShareJob *job, GError **error)
{
  return kinds[job->request->kind].begin(side, job, error);
}

// What is stored must be what was asked for: a server may leave out what it does not understand.
ShareStep share_end(ShareSide *side, ShareJob *job, GError **error)
{
  g_autoptr(Acl) stored = NULL;
  ShareStep step = look(side, job, job->path, &stored, error);
  if (step != STEP_AGAIN)
    return step;
  acl_merge(stored);
  acl_merge(job->wanted);
  if (!acl_equal(stored, job->wanted))
    return finish(
        job, LDAP_OTHER,
        _("the server has stored other rights than those it was given; look at the folder's "
          "rights"));
  return kinds[job->request->kind].end(side, job, error);
}
