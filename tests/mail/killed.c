// SPDX-License-Identifier: GPL-3.0-or-later
//
// killed QUEUE URI: a letter to two people is queued and sent, and the process dies at the first change of a file's name, then,
// with another letter, at the second, and so on until one comes to its end. After each death the same is done again without
// one. Prints how many letters there were.
#include <idou/mail.h>

#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DIED 99
#define MOST_POINTS 200

// In place of libc's: whatever changes the queue's names passes here, and may die before or after it took effect.
static int left = -1;  // points until it dies; -1 = it does not

static void point(void)
{
  if (left > 0 && --left == 0)
    _exit(DIED);
}

int rename(const char *from, const char *to)
{
  point();
  int result = (int)syscall(SYS_renameat2, -100, from, -100, to, 0);
  point();
  return result;
}

int unlink(const char *path)
{
  point();
  int result = (int)syscall(SYS_unlinkat, -100, path, 0);
  point();
  return result;
}

static int queue_and_send(const MailConfig *config, const char *key)
{
  const char *const to[] = {"a@city.example", "b@city.example", NULL};
  Letter letter = {.key = key, .to = to, .subject = key, .text = "text\n"};
  MailSend how = {.now = instant_now(), .force = true};
  MailSent sent = {0};
  g_autoptr(GError) error = NULL;
  bool fine = mail_queue(config, &letter, NULL, &error) && mail_send(config, &how, &sent, &error);
  if (!fine)
    fprintf(stderr, "%s\n", error->message);
  bool all = fine && sent.n_waiting == 0;
  mail_sent_clear(&sent);
  return all ? 0 : 1;
}

// How the child ended.
static int in_child(const MailConfig *config, const char *key, int points)
{
  pid_t child = fork();
  int status = 0;
  if (child == 0) {
    left = points;
    exit(queue_and_send(config, key));
  }
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(int argc, char **argv)
{
  base_init();
  if (argc != 3)
    return EXIT_USAGE;
  MailConfig config = {.queue = argv[1],
                       .server = argv[2],
                       .from = "idou@city.example",
                       .timeout_s = 10,
                       .keep_days = 180,
                       .give_up_days = 5,
                       .late_hours = 4,
                       .max_bytes = 1 << 20};
  for (int points = 1; points < MOST_POINTS; points++) {
    g_autofree char *key = g_strdup_printf("letter-%d", points);
    int ended = in_child(&config, key, points);
    if (ended != DIED) {
      printf("%d\n", points);
      return ended;
    }
    if (in_child(&config, key, -1) != 0) {
      printf("not sent after point %d\n", points);
      return EXIT_FAILED;
    }
  }
  printf("more than %d points\n", MOST_POINTS);
  return EXIT_FAILED;
}
