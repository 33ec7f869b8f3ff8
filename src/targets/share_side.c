// SPDX-License-Identifier: GPL-3.0-or-later
//
// What reading and writing have in common: the connections, and the descriptors of folders.
#include "share_p.h"

#include <errno.h>

static bool connect(ShareSide *side, GError **error)
{
  side->home = share_home_open(side->config, side->writes, error);
  if (!side->home)
    return false;
  side->shell = share_shell_open(side->home, error);
  side->smb = side->shell ? share_smb_open(side->home, error) : NULL;
  return side->smb;
}

static void disconnect(ShareSide *side)
{
  g_clear_pointer(&side->shell, share_shell_close);
  g_clear_pointer(&side->smb, share_smb_close);
  g_clear_pointer(&side->home, share_home_close);
}

ShareSide *share_side_open(const TargetConfig *config, bool writes, GError **error)
{
  if (!config->domain_config) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("target %s: “principals” must name the target of type ad that knows users and "
                  "groups"),
                config->name);
    return NULL;
  }
  ShareSide *side = g_new0(ShareSide, 1);
  side->config = config;
  side->writes = writes;
  side->names = share_names_new(config->domain_config);
  if (connect(side, error))
    return side;
  share_side_close(side);
  return NULL;
}

void share_side_close(ShareSide *side)
{
  if (!side)
    return;
  disconnect(side);
  share_names_free(side->names);
  g_free(side);
}

bool share_side_reconnect(ShareSide *side, GError **error)
{
  disconnect(side);
  return connect(side, error);
}

// The volume says by its number which one it is.
bool share_side_fingerprint(ShareSide *side, GString *out, GError **error)
{
  g_autoptr(GString) answer = g_string_new(NULL);
  if (!share_shell_tell(side->shell, "volume", answer, error))
    return false;
  const char *serial = strstr(answer->str, "serial number 0x");
  if (!serial)
    return share_fail(side->home, NULL,
                      _("it does not tell the number of its volume, by which it is recognised; may "
                        "the account look into the share?"),
                      error);
  serial += strlen("serial number ");
  g_string_append_printf(out, "volume=%.*s suffix=%s", (int)strcspn(serial, " \r\n"), serial,
                         side->config->base);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Descriptors

static const struct {
  const char *status;
  int number;
} statuses[] = {{"NT_STATUS_ACCESS_DENIED", EACCES},
                {"NT_STATUS_NO_SUCH_FILE", ENOENT},
                {"NT_STATUS_OBJECT_NAME_NOT_FOUND", ENOENT},
                {"NT_STATUS_OBJECT_PATH_NOT_FOUND", ENOENT},
                {"NT_STATUS_SHARING_VIOLATION", EBUSY}};

static int number_of(const char *status)
{
  if (share_is_lost(status))
    return ECONNRESET;
  for (size_t i = 0; i < G_N_ELEMENTS(statuses); i++)
    if (g_str_equal(statuses[i].status, status))
      return statuses[i].number;
  return EIO;
}

typedef struct Asking {
  const GPtrArray *paths;
  GPtrArray *acls;  // NULL where there is none
  GPtrArray *statuses;
} Asking;

static bool take_acl(size_t i, const char *answer, void *data, GError **error)
{
  (void)error;
  Asking *asking = data;
  g_autoptr(GString) status = g_string_new(NULL);
  asking->acls->pdata[i] = share_shell_acl(answer, share_leaf(asking->paths->pdata[i]), status);
  asking->statuses->pdata[i] = g_strdup(status->str);
  return true;
}

static void free_acl(void *acl)
{
  acl_free(acl);
}

bool share_acls(ShareSide *side, const GPtrArray *paths, GPtrArray **acls, GPtrArray **why,
                GError **error)
{
  g_autoptr(GPtrArray) commands = g_ptr_array_new_with_free_func(g_free);
  *acls = g_ptr_array_new_with_free_func(free_acl);
  *why = g_ptr_array_new_with_free_func(g_free);
  g_ptr_array_set_size(*acls, (int)paths->len);
  g_ptr_array_set_size(*why, (int)paths->len);
  for (size_t i = 0; i < paths->len; i++) {
    g_autofree char *quoted = share_quote(paths->pdata[i]);
    g_ptr_array_add(commands, g_strdup_printf("ls %s", quoted));
  }
  Asking asking = {paths, *acls, *why};
  return share_shell_ask(side->shell, commands, take_acl, &asking, error);
}

Acl *share_acl(ShareSide *side, const char *path, int *why, GError **error)
{
  if (!*path)
    return share_smb_acl(side->smb, path, why);
  g_autoptr(GPtrArray) paths = g_ptr_array_new(), acls = NULL, statuses_got = NULL;
  g_ptr_array_add(paths, (void *)path);
  *why = ECONNRESET;
  if (!share_acls(side, paths, &acls, &statuses_got, error))
    return NULL;
  Acl *acl = g_steal_pointer(&acls->pdata[0]);
  *why = acl ? 0 : number_of(statuses_got->pdata[0]);
  if (*why == ECONNRESET)
    share_smb_fail(side->smb, path, *why, error);
  return acl;
}

int share_errno(const char *status)
{
  return number_of(status);
}
