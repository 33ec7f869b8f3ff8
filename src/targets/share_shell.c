// SPDX-License-Identifier: GPL-3.0-or-later
//
// One smbclient that is kept and told what to do, a command a line. It gives what libsmbclient does not: the
// control bits of security descriptors, renaming that never replaces anything, and the server's own words.
// It holds back what it prints unless that is a terminal, so it gets one. What it reads is a pipe of packets: it
// takes all that there is, looks at one line, and then waits for more.
#include "share_p.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

// What ends each answer: the answer to `pwd`. A line with a name begins otherwise.
#define MARK "Current directory is \\\\"
// Sent ahead is what fits into the pipe (16 packets, two a command), so that nobody waits for each other.
#define MOST_AHEAD 7
#define MOST_LINE_BYTES 4096

struct ShareShell {
  const ShareHome *home;
  pid_t pid;
  int in, out;
  GString *heard;  // not yet part of an answer
};

static int open_terminal(int *inner)
{
  int outer = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (outer < 0)
    return -1;
  char name[64];
  struct termios mode;
  *inner = -1;
  if (grantpt(outer) == 0 && unlockpt(outer) == 0 && ptsname_r(outer, name, sizeof name) == 0)
    *inner = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (*inner >= 0 && tcgetattr(*inner, &mode) == 0) {
    cfmakeraw(&mode);
    if (tcsetattr(*inner, TCSANOW, &mode) == 0)
      return outer;
  }
  if (*inner >= 0)
    close(*inner);
  close(outer);
  return -1;
}

static bool launch(ShareShell *shell, int in_fd, int out_fd, GError **error)
{
  const ShareHome *home = shell->home;
  g_autofree char *service = g_strdup_printf("//%s/%s", home->server, home->share);
  g_autofree char *timeout =
      g_strdup_printf("--timeout=%d", MAX(1, home->config->timeout_ms / 1000));
  const char *argv[] = {"smbclient", service, "--debug-stdout", timeout, NULL};
  ShareSpawn how = {in_fd, out_fd};
  return share_spawn(home, argv, &how, &shell->pid, error);
}

static bool start(ShareShell *shell, GError **error)
{
  int inner = -1, pipes[2] = {-1, -1};
  shell->out = open_terminal(&inner);
  if (shell->out < 0 || pipe2(pipes, O_DIRECT | O_CLOEXEC) != 0)
    share_fail(shell->home, NULL, g_strerror(errno), error);
  shell->in = pipes[1];
  bool started = pipes[0] >= 0 && launch(shell, pipes[0], inner, error);
  if (inner >= 0)
    close(inner);
  if (pipes[0] >= 0)
    close(pipes[0]);
  return started;
}

static void stop(ShareShell *shell)
{
  if (shell->in >= 0)
    close(shell->in);
  if (shell->out >= 0)
    close(shell->out);
  if (shell->pid > 0) {
    kill(shell->pid, SIGKILL);
    waitpid(shell->pid, NULL, 0);
  }
  shell->in = shell->out = -1;
  shell->pid = 0;
}

// Takes what has come into `heard`. False: nothing within the time, or the end.
static bool hear(ShareShell *shell)
{
  struct pollfd poller = {.fd = shell->out, .events = POLLIN};
  char bytes[8192];
  int ready = poll(&poller, 1, shell->home->config->timeout_ms);
  if (ready < 0 && errno == EINTR)
    return true;
  // A terminal that nobody has open any more gives EIO.
  ssize_t n = ready > 0 ? read(shell->out, bytes, sizeof bytes) : 0;
  if (n > 0)
    g_string_append_len(shell->heard, bytes, n);
  return n > 0;
}

// Where the line with the mark begins, NULL: not there yet, whole.
static const char *find_mark(const GString *heard, const char **end)
{
  for (const char *at = heard->str; (at = strstr(at, MARK)); at++) {
    *end = strchr(at, '\n');
    if (!*end)
      return NULL;
    if (at == heard->str || at[-1] == '\n')
      return at;
  }
  return NULL;
}

static bool take_answer(ShareShell *shell, GString *out)
{
  const char *end = NULL, *mark = NULL;
  while (!(mark = find_mark(shell->heard, &end)))
    if (!hear(shell))
      return false;
  g_string_append_len(out, shell->heard->str, mark - shell->heard->str);
  g_string_erase(shell->heard, 0, end + 1 - shell->heard->str);
  return true;
}

// One packet a line. A pipe whose reader has gone makes an error of it, not a signal (see base_init).
static bool say(ShareShell *shell, const char *command)
{
  g_autofree char *line = g_strconcat(command, "\n", NULL);
  ssize_t n = (ssize_t)strlen(line);
  return write(shell->in, line, (size_t)n) == n && write(shell->in, "pwd\n", 4) == 4;
}

static bool fail_lost(ShareShell *shell, GError **error)
{
  g_autofree char *words = g_strchomp(g_strdup(shell->heard->str));
  stop(shell);
  return share_fail(shell->home, NULL, *words ? words : _("the connection is lost"), error);
}

void share_shell_cut(ShareShell *shell)
{
  stop(shell);
}

bool share_shell_alive(const ShareShell *shell)
{
  return shell && shell->pid > 0;
}

// A name is written between quotation marks, which it cannot hold; a line's end would be another command.
static bool is_sound(const char *command)
{
  for (const char *at = command; *at; at++)
    if ((unsigned char)*at < 0x20)
      return false;
  return strlen(command) < MOST_LINE_BYTES;
}

bool share_shell_ask(ShareShell *shell, GPtrArray *commands, ShareAnswerFunc func, void *data,
                     GError **error)
{
  if (!share_shell_alive(shell))
    return share_fail(shell->home, NULL, _("the connection is lost"), error);
  for (size_t i = 0; i < commands->len; i++)
    if (!is_sound(commands->pdata[i]))
      return share_fail(shell->home, NULL,
                        _("a name that is too long or has a control character is not sent"), error);
  for (size_t sent = 0, done = 0; done < commands->len; done++) {
    for (; sent < commands->len && sent - done < MOST_AHEAD; sent++)
      if (!say(shell, commands->pdata[sent]))
        return fail_lost(shell, error);
    g_autoptr(GString) answer = g_string_new(NULL);
    if (!take_answer(shell, answer))
      return fail_lost(shell, error);
    if (!func(done, answer->str, data, error)) {
      stop(shell);
      return false;
    }
  }
  return true;
}

static bool keep_answer(size_t i, const char *answer, void *data, GError **error)
{
  (void)i;
  (void)error;
  g_string_assign(data, answer);
  return true;
}

bool share_shell_tell(ShareShell *shell, const char *command, GString *answer, GError **error)
{
  g_autoptr(GPtrArray) one = g_ptr_array_new();
  g_ptr_array_add(one, (void *)command);
  return share_shell_ask(shell, one, keep_answer, answer, error);
}

char *share_quote(const char *path)
{
  char *quoted = g_strdup_printf("\"%s\"", path);
  for (char *at = quoted; *at; at++)
    if (*at == '/')
      *at = '\\';
  return quoted;
}

ShareShell *share_shell_open(const ShareHome *home, GError **error)
{
  ShareShell *shell = g_new0(ShareShell, 1);
  shell->home = home;
  shell->in = shell->out = -1;
  shell->heard = g_string_new(NULL);
  // The first answer carries whatever is said at login.
  g_autoptr(GString) greeting = g_string_new(NULL);
  if (start(shell, error) && share_shell_tell(shell, "showacls", greeting, error))
    return shell;
  share_shell_close(shell);
  return NULL;
}

void share_shell_close(ShareShell *shell)
{
  if (!shell)
    return;
  stop(shell);
  g_string_free(shell->heard, true);
  g_free(shell);
}

// ---------------------------------------------------------------------------------------------
// What it shows of a folder

// The block of this very name in an answer to `ls`.
static const char *find_block(const char *answer, const char *name)
{
  g_autofree char *head = g_strdup_printf("FILENAME:%s\n", name);
  for (const char *at = answer; (at = strstr(at, head)); at++)
    if (at == answer || at[-1] == '\n')
      return at + strlen(head);
  return NULL;
}

Acl *share_shell_acl(const char *answer, const char *name, GString *status)
{
  const char *block = find_block(answer, name);
  const char *other = block ? strstr(block, "\nFILENAME:") : NULL;
  g_autofree char *own =
      block ? g_strndup(block, other ? (size_t)(other - block) : strlen(block)) : NULL;
  share_status(answer, status);
  Acl *acl = own && !status->len ? acl_of_listing(own) : NULL;
  if (!acl && !status->len)
    g_string_assign(status, block ? "NT_STATUS_INVALID_SECURITY_DESCR" : "NT_STATUS_NO_SUCH_FILE");
  return acl;
}

// The status is what a line begins with, or what it ends with behind a colon. Names may hold anything.
void share_status(const char *answer, GString *out)
{
  g_string_truncate(out, 0);
  g_auto(GStrv) lines = g_strsplit(answer, "\n", -1);
  for (size_t i = 0; lines[i] && !out->len; i++) {
    const char *behind = g_strrstr(lines[i], ": NT_STATUS_");
    const char *at = g_str_has_prefix(lines[i], "NT_STATUS_")             ? lines[i]
                     : behind && !g_str_has_prefix(lines[i], "FILENAME:") ? behind + 2
                                                                          : NULL;
    if (at)
      g_string_append_len(out, at, (gssize)strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"));
  }
}
