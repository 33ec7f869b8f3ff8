// SPDX-License-Identifier: GPL-3.0-or-later
//
// Writing folders. A request becomes a job, a few of which are under way at a time: what takes long is
// smbcacls, a program started for each list that is set. What must not be seen half done is done elsewhere
// first: a new folder gets its rights under another name, one with content is locked before it is moved
// into the archive, and what lies in a folder gets what it inherits before the folder's own list changes.
#include "share_p.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_AT_ONCE 8

struct ShareSender {
  ShareSide *side;
  GQueue *jobs;     // ShareJob, in the order in which they came
  GQueue *answers;  // Answer
  int null_fd;
};

static void free_answer(void *answer)
{
  answer_clear(answer);
  g_free(answer);
}

static void stop_child(ShareJob *job)
{
  if (job->pid > 0) {
    kill(job->pid, SIGKILL);
    waitpid(job->pid, NULL, 0);
  }
  if (job->out >= 0)
    close(job->out);
  job->pid = 0;
  job->out = -1;
}

static void free_item(void *data)
{
  ShareItem *item = data;
  g_free(item->path);
  acl_free(item->acl);
  g_free(item);
}

static void free_job(void *data)
{
  ShareJob *job = data;
  stop_child(job);
  request_free(job->request);
  g_free(job->path);
  g_free(job->goal);
  acl_free(job->wanted);
  g_ptr_array_unref(job->inside);
  g_string_free(job->heard, true);
  g_free(job);
}

ShareSender *share_writer_open(const TargetConfig *config, GError **error)
{
  ShareSide *side = share_side_open(config, true, error);
  if (!side) {
    if (error && *error && (*error)->code == EXIT_UNREAD)
      (*error)->code = EXIT_FAILED;
    return NULL;
  }
  ShareSender *sender = g_new0(ShareSender, 1);
  sender->side = side;
  sender->jobs = g_queue_new();
  sender->answers = g_queue_new();
  sender->null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  return sender;
}

void share_writer_close(ShareSender *sender)
{
  if (!sender)
    return;
  g_queue_free_full(sender->jobs, free_job);
  g_queue_free_full(sender->answers, free_answer);
  if (sender->null_fd >= 0)
    close(sender->null_fd);
  share_side_close(sender->side);
  g_free(sender);
}

ShareSide *share_writer_side(ShareSender *sender)
{
  return sender->side;
}

static Request *copy_request(const Request *from)
{
  Request *to = request_blank(from->kind, from->dn);
  to->new_rdn = g_strdup(from->new_rdn);
  to->new_parent = g_strdup(from->new_parent);
  to->stable_id = g_strdup(from->stable_id);
  for (size_t i = 0; i < from->mods->len; i++) {
    const Mod *mod = &g_array_index(from->mods, Mod, i);
    Mod *copy = request_add_mod(to, mod->kind, mod->attribute);
    for (size_t j = 0; j < mod->values->len; j++) {
      const Bytes *value = &g_array_index(mod->values, Bytes, j);
      request_add_value(to, copy, value->at, value->n);
    }
  }
  return to;
}

bool share_writer_send(ShareSender *sender, const Request *request, uint64_t token, GError **error)
{
  if (!share_shell_alive(sender->side->shell))
    return share_fail(sender->side->home, NULL, _("the connection is lost"), error);
  ShareJob *job = g_new0(ShareJob, 1);
  job->token = token;
  job->request = copy_request(request);
  job->inside = g_ptr_array_new_with_free_func(free_item);
  job->heard = g_string_new(NULL);
  job->out = -1;
  g_queue_push_tail(sender->jobs, job);
  return true;
}

void share_writer_forget(ShareSender *sender, uint64_t token)
{
  for (GList *at = sender->jobs->head; at; at = at->next) {
    ShareJob *job = at->data;
    if (job->token != token)
      continue;
    g_queue_delete_link(sender->jobs, at);
    free_job(job);
    return;
  }
}

// ---------------------------------------------------------------------------------------------
// smbcacls

static bool spawn_set(ShareSender *sender, ShareJob *job, const char *path, const Acl *acl,
                      GError **error)
{
  const ShareHome *home = sender->side->home;
  int pipes[2];
  if (pipe2(pipes, O_CLOEXEC) != 0)
    return share_fail(home, path, g_strerror(errno), error);
  g_autofree char *service = g_strdup_printf("//%s/%s", home->server, home->share);
  // A path that begins with "/" is no option, whatever the name.
  g_autofree char *rooted = g_strdup_printf("/%s", path);
  g_autoptr(GString) sddl = g_string_new(NULL);
  acl_sddl(acl, acl->owner_is_set, sddl);
  const char *argv[] = {"smbcacls", service, rooted, "--sddl", "--set", sddl->str, NULL};
  ShareSpawn how = {sender->null_fd, pipes[1]};
  bool started = share_spawn(home, argv, &how, &job->pid, error);
  close(pipes[1]);
  g_string_truncate(job->heard, 0);
  job->out = pipes[0];
  if (!started)
    stop_child(job);
  return started;
}

// Its words and its end. True once it has ended; *good tells whether all was well.
static bool child_ended(ShareJob *job, bool *good)
{
  char bytes[1024];
  ssize_t n = read(job->out, bytes, sizeof bytes);
  if (n > 0) {
    g_string_append_len(job->heard, bytes, n);
    return false;
  }
  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return false;
  int status = 0;
  waitpid(job->pid, &status, 0);
  job->pid = 0;
  close(job->out);
  job->out = -1;
  *good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return true;
}

// ---------------------------------------------------------------------------------------------
// The steps of a job

static ShareStep advance(ShareSender *sender, ShareJob *job, GError **error)
{
  if (!job->begun) {
    job->begun = true;
    return share_begin(sender->side, job, error);
  }
  if (job->inside->len)
    return share_spread(sender->side, job, error);
  if (job->wanted && !job->is_set) {
    job->is_set = true;
    return spawn_set(sender, job, job->path, job->wanted, error) ? STEP_CHILD : STEP_LOST;
  }
  return share_end(sender->side, job, error);
}

// A subfolder whose list is set by the program, before what lies in it.
static ShareStep set_inside(ShareSender *sender, ShareJob *job, GError **error)
{
  const ShareItem *item = job->inside->pdata[job->inside->len - 1];
  return spawn_set(sender, job, item->path, item->acl, error) ? STEP_CHILD : STEP_LOST;
}

static void answer(ShareSender *sender, ShareJob *job, bool lost)
{
  if (!lost)
    share_abandon(sender->side, job);
  Answer *out = g_new0(Answer, 1);
  out->token = job->token;
  out->lost = lost;
  out->code = job->code;
  out->text = g_steal_pointer(&job->text);
  out->stable_id = g_steal_pointer(&job->id);
  g_queue_push_tail(sender->answers, out);
  g_queue_remove(sender->jobs, job);
  free_job(job);
}

// What smbcacls said is judged as anything else that the server says.
static bool child_failed(ShareJob *job)
{
  g_autoptr(GString) status = g_string_new(NULL);
  share_status(job->heard->str, status);
  share_judge(job, status->len ? status->str : "", g_strstrip(job->heard->str));
  return status->len && share_is_lost(status->str);
}

// One job as far as it goes without waiting.
static void run(ShareSender *sender, ShareJob *job)
{
  for (;;) {
    g_autoptr(GError) error = NULL;
    ShareStep step = advance(sender, job, &error);
    if (step == STEP_SET)
      step = set_inside(sender, job, &error);
    if (step == STEP_CHILD)
      return;
    if (step == STEP_AGAIN)
      continue;
    if (step == STEP_LOST)
      share_shell_cut(sender->side->shell);
    answer(sender, job, step == STEP_LOST);
    return;
  }
}

static bool start_some(ShareSender *sender)
{
  size_t n_running = 0;
  for (GList *at = sender->jobs->head; at; at = at->next)
    n_running += ((ShareJob *)at->data)->pid > 0;
  for (GList *at = sender->jobs->head, *next = NULL; at && n_running < MOST_AT_ONCE; at = next) {
    ShareJob *job = at->data;
    next = at->next;
    if (job->begun)
      continue;
    run(sender, job);
    n_running = 0;
    for (GList *other = sender->jobs->head; other; other = other->next)
      n_running += ((ShareJob *)other->data)->pid > 0;
    if (sender->answers->length)
      return true;
  }
  return sender->answers->length;
}

static ShareJob *job_of(ShareSender *sender, int fd)
{
  for (GList *at = sender->jobs->head; at; at = at->next)
    if (((ShareJob *)at->data)->out == fd)
      return at->data;
  return NULL;
}

static void hear(ShareSender *sender, ShareJob *job)
{
  bool good = false;
  if (!child_ended(job, &good))
    return;
  bool lost = !good && child_failed(job);
  if (lost)
    share_shell_cut(sender->side->shell);
  if (good)
    run(sender, job);
  else
    answer(sender, job, lost);
}

static bool wait_some(ShareSender *sender, int timeout_ms)
{
  struct pollfd pollers[MOST_AT_ONCE + 1];
  nfds_t n = 0;
  for (GList *at = sender->jobs->head; at && n < G_N_ELEMENTS(pollers); at = at->next)
    if (((ShareJob *)at->data)->pid > 0)
      pollers[n++] = (struct pollfd){.fd = ((ShareJob *)at->data)->out, .events = POLLIN};
  if (!n || poll(pollers, n, timeout_ms) <= 0)
    return false;
  for (nfds_t i = 0; i < n; i++) {
    ShareJob *job = pollers[i].revents ? job_of(sender, pollers[i].fd) : NULL;
    if (job)
      hear(sender, job);
  }
  return true;
}

static void lose_all(ShareSender *sender)
{
  while (sender->jobs->head)
    answer(sender, sender->jobs->head->data, true);
}

bool share_writer_receive(ShareSender *sender, int timeout_ms, Answer *out, bool *got,
                          GError **error)
{
  (void)error;
  int64_t until = g_get_monotonic_time() + (int64_t)timeout_ms * 1000;
  while (!sender->answers->length) {
    if (!share_shell_alive(sender->side->shell))
      lose_all(sender);
    if (start_some(sender))
      break;
    int64_t left_ms = (until - g_get_monotonic_time()) / 1000;
    if (!wait_some(sender, (int)MAX(left_ms, 0)) || left_ms <= 0)
      break;
  }
  g_autofree Answer *first = g_queue_pop_head(sender->answers);
  *got = first != NULL;
  if (first)
    *out = *first;
  return true;
}
