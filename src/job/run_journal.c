// SPDX-License-Identifier: GPL-3.0-or-later
//
// One line at a run's end: to journald by its own protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL), which keeps fields, or to
// syslog (RFC 3164, as a local daemon takes it). No library is needed for either: one datagram.
#include "job/job_p.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SYSLOG_SOCKET "/dev/log"
#define SYSTEM_FOLDER "/run/systemd/"
#define FACILITY_DAEMON 3
#define MESSAGE_ID "6f0a4c27c1b84b0c8a3f5d1be2b6a9d4"

// Numbers of syslog.
enum { PRIORITY_ERROR = 3, PRIORITY_WARNING = 4, PRIORITY_NOTICE = 5, PRIORITY_INFO = 6 };

static int priority_of(ExitCode exit)
{
  static const struct {
    ExitCode exit;
    int priority;
  } rows[] = {{EXIT_DONE, PRIORITY_INFO},
              {EXIT_PENDING, PRIORITY_NOTICE},
              {EXIT_HELD, PRIORITY_WARNING},
              {EXIT_LOCKED, PRIORITY_WARNING}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    if (rows[i].exit == exit)
      return rows[i].priority;
  return PRIORITY_ERROR;
}

static bool send_to(const char *path, const GString *message)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return false;
  }
  memcpy(address.sun_path, path, strlen(path));
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  // A daemon that hangs must not hold up a run.
  bool fine = fd >= 0 && sendto(fd, message->str, message->len, MSG_NOSIGNAL | MSG_DONTWAIT,
                                (const struct sockaddr *)&address, sizeof address) >= 0;
  int reason = errno;
  if (fd >= 0)
    close(fd);
  errno = reason;
  return fine;
}

// No line end gets into a value: what comes in was escaped, or is ours.
static void put_field(GString *out, const char *name, const char *value)
{
  g_string_append_printf(out, "%s=", name);
  escape_text(out, value, ESCAPE_TERMINAL);
  g_string_append_c(out, '\n');
}

static void put_number(GString *out, const char *name, int64_t n)
{
  g_string_append_printf(out, "%s=%" G_GINT64_FORMAT "\n", name, n);
}

static void journal_message(const ReportRun *run, const char *line, GString *out)
{
  static const struct {
    const char *field, *outcome;
  } counts[] = {{"IDOU_DONE", "done"}, {"IDOU_HELD", "held"}, {"IDOU_FAILED", "failed"}};
  put_field(out, "MESSAGE", line);
  put_field(out, "MESSAGE_ID", MESSAGE_ID);
  put_number(out, "PRIORITY", priority_of(run->exit));
  put_field(out, "SYSLOG_IDENTIFIER", "idou");
  put_field(out, "IDOU_JOB", run->job);
  put_number(out, "IDOU_EXIT", (int64_t)run->exit);
  put_field(out, "IDOU_RESULT", exit_name(run->exit));
  put_number(out, "IDOU_DURATION_MS", run->ms);
  for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
    put_number(out, counts[i].field, report_run_count(run->counts, counts[i].outcome));
  if (run->audit != NULL)
    put_field(out, "IDOU_AUDIT_HEAD", run->audit);
  if (run->plans->len > 0)
    put_field(out, "IDOU_PLAN",
              g_array_index(run->plans, ReportRunPlan, run->plans->len - 1).digest);
}

bool journal_line(const char *socket_path, const JournalLine *line)
{
  g_autoptr(GString) message = g_string_new(NULL);
  put_field(message, "MESSAGE", line->text);
  put_number(message, "PRIORITY", line->priority);
  put_field(message, "SYSLOG_IDENTIFIER", "idou");
  for (const char *const *at = line->fields; at != NULL && at[0] != NULL; at += 2)
    put_field(message, at[0], at[1]);
  if (send_to(socket_path, message))
    return true;
  int reason = errno;
  g_string_printf(message, "<%d>idou[%ld]: ", FACILITY_DAEMON * 8 + line->priority, (long)getpid());
  escape_text(message, line->text, ESCAPE_TERMINAL);
  if (g_str_has_prefix(socket_path, SYSTEM_FOLDER) && send_to(SYSLOG_SOCKET, message))
    return true;
  errno = reason;
  return false;
}

void run_journal(const char *socket_path, const ReportRun *run)
{
  g_autoptr(GString) line = g_string_new("run ");
  g_autoptr(GString) message = g_string_new(NULL);
  report_run_subject(run, line);
  g_string_erase(line, (gssize)strlen("run "), (gssize)strlen("[idou] "));
  if (run->plans->len > 0)
    g_string_append_printf(line, "; plan %s",
                           g_array_index(run->plans, ReportRunPlan, run->plans->len - 1).digest);
  journal_message(run, line->str, message);
  if (send_to(socket_path, message))
    return;
  int reason = errno;
  g_string_printf(message, "<%d>idou[%ld]: %s", FACILITY_DAEMON * 8 + priority_of(run->exit),
                  (long)getpid(), line->str);
  if (!g_str_has_prefix(socket_path, SYSTEM_FOLDER) || !send_to(SYSLOG_SOCKET, message))
    log_note(LOG_NORMAL, _("%s takes no line about the run: %s"), socket_path, g_strerror(reason));
}
