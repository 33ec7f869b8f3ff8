// SPDX-License-Identifier: GPL-3.0-or-later
//
// A bad line: cut PORT BYTES takes connections at a port of its own, which it prints, passes them on to
// 127.0.0.1:PORT, and cuts each after BYTES from the server. Runs until it is killed.
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in loopback(int port)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static int listen_somewhere(void)
{
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 16) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &size) != 0)
    return -1;
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

// At most `most` bytes from one to the other; -1 when there is nothing more.
static ssize_t pass(int from, int to, size_t most)
{
  char block[4096];
  ssize_t n = read(from, block, most < sizeof block ? most : sizeof block);
  return n > 0 && write(to, block, (size_t)n) == n ? n : -1;
}

static void relay(int client, int server, size_t left)
{
  struct pollfd ends[] = {{.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
  while (left > 0 && poll(ends, 2, -1) > 0) {
    if (ends[0].revents != 0 && pass(client, server, sizeof(int) * 1024) < 0)
      return;
    ssize_t n = ends[1].revents != 0 ? pass(server, client, left) : 0;
    if (n < 0)
      return;
    left -= (size_t)n;
  }
}

static void serve(int client, int port, size_t n_bytes)
{
  int server = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = loopback(port);
  if (server >= 0 && connect(server, (struct sockaddr *)&address, sizeof address) == 0)
    relay(client, server, n_bytes);
}

int main(int argc, char **argv)
{
  int listening = argc == 3 ? listen_somewhere() : -1;
  if (listening < 0) {
    fprintf(stderr, "usage: cut PORT BYTES\n");
    return 1;
  }
  signal(SIGCHLD, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  for (;;) {
    int client = accept(listening, NULL, NULL);
    if (client >= 0 && fork() == 0) {
      close(listening);
      serve(client, atoi(argv[1]), strtoul(argv[2], NULL, 10));
      return 0;
    }
    close(client);
  }
}
