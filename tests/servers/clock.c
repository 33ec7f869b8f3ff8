// SPDX-License-Identifier: GPL-3.0-or-later
//
// To be preloaded into a server of tests, which then sees another time: so many seconds later than ours as the file
// named by CLOCK_OFFSET says, at each look. (libfaketime, which does the same and more, ends slapd before it begins.)
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

// Opened late: a server closes what it finds open when it begins.
static time_t offset(void)
{
  static time_t last;
  const char *path = getenv("CLOCK_OFFSET");
  int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  char text[32] = "";
  if (fd >= 0 && read(fd, text, sizeof text - 1) > 0)
    last = (time_t)strtoll(text, NULL, 10);
  if (fd >= 0)
    close(fd);
  return last;
}

int clock_gettime(clockid_t id, struct timespec *out)
{
  long failed = syscall(SYS_clock_gettime, id, out);
  if (failed == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
    out->tv_sec += offset();
  return (int)failed;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out)
{
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != NULL)
    *out = now.tv_sec;
  return now.tv_sec;
}
