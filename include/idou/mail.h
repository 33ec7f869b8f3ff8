// SPDX-License-Identifier: GPL-3.0-or-later
//
// mail: letters that leave idou. Whoever queues one knows nothing of servers; whoever sends knows nothing of what it
// says. A queued letter is on disk, waits until the server takes it, and is never queued a second time.
// docs/mail.md is the reference.
#ifndef IDOU_MAIL_H
#define IDOU_MAIL_H

#include <idou/base.h>

// ---------------------------------------------------------------------------------------------
// Where letters wait and how they are sent. The site's (job.h); all is borrowed from there.

typedef struct MailConfig {
  const char *queue;           // folder, made with mode 0700; on a local disk
  const char *server;          // "smtp://HOST:PORT" or "smtps://HOST:PORT"; NULL = letters only wait
  const char *from;            // "NAME <ADDRESS>" or "ADDRESS"
  const char *user, *secret;   // for the server, the latter a file; NULL = none is asked for
  const char *ca;              // PEM file; NULL = the system's
  bool tls;                    // STARTTLS is demanded (smtp://); false only for this very machine
  int timeout_s;               // of connecting, and of a server that says nothing
  int late_hours;              // a letter that waits for longer is told
  int give_up_days;            // … is set aside
  int keep_days;               // the keys of letters that left are known for so long
  size_t max_bytes;            // attachments beyond this, all together, are left out, which the letter says
} MailConfig;

// "local@domain", ASCII, as it can stand in SMTP and in a header: dot-atom, no quotes, no comment.
bool mail_is_address(const char *text);
// The address of "NAME <ADDRESS>" or "ADDRESS"; caller frees. NULL: there is none that can be used.
char *mail_address_of(const char *text);

// ---------------------------------------------------------------------------------------------
// Queueing.

typedef struct LetterFile {
  const char *name;  // as the reader sees it: "確認表.csv"; a path's folders are left out
  const char *type;  // "text/csv; charset=UTF-8", "application/json"
  const void *bytes;
  size_t n_bytes;
} LetterFile;

typedef struct Letter {
  // What it is, for ever: "inquiry/12/asked", "run/nightly/2027-03-31T20:00:00+09:00". The same key is the same letter:
  // the second one is not queued, whatever it says. Message-ID comes from it.
  const char *key;
  const char *const *to;    // addresses, NULL-terminated; one that cannot be used is told, and counts as refused
  const char *subject;      // any text; control characters are shown, never sent
  const char *text;         // lines end in "\n"
  const LetterFile *files;  // attachments
  size_t n_files;
} Letter;

// On disk when it returns, or known from before (*is_new false; may be NULL). `config` NULL: the site sends no mail, and
// nothing is queued. EXIT_FAILED when the queue cannot be written.
bool mail_queue(const MailConfig *config, const Letter *letter, bool *is_new, GError **error);

// ---------------------------------------------------------------------------------------------
// Looking at the queue.

typedef enum MailState {
  MAIL_WAITING,  // to be sent, now or at `next`
  MAIL_UNSURE,   // a sender died, or lost the server, while it was under way: it may have arrived
  MAIL_REFUSED,  // it left, but not to all: the server refused some for good
  MAIL_ASIDE,    // given up: it waited for longer than give_up_days; or nobody's address could be used
  MAIL_N_STATES
} MailState;

typedef struct MailView {
  const char *id;  // 32 hex digits
  MailState state;
  const char *key, *subject;
  Instant queued, next;         // `next`: not before; INSTANT_NONE = at once
  int n_tries;
  const char *const *to;  // to whom it is still to go; REFUSED and ASIDE: to whom it did not go
  const char *words;            // what the server said last; "" = nothing. Escaped by whoever prints
} MailView;

typedef struct MailQueue {
  GPtrArray *letters;           // MailView, oldest first; those refused for as long as their keys are kept
  int64_t n_waiting, n_late, n_refused, n_aside;  // UNSURE counts as waiting
  Instant oldest;               // of those waiting; INSTANT_NONE
  Instant down_since, down_next;  // the server could not be reached since; not tried before; INSTANT_NONE
  const char *down_words;
  GStringChunk *texts;
} MailQueue;

// False when the folder is there and cannot be read. A folder that is not there is an empty queue.
bool mail_look(const MailConfig *config, Instant now, MailQueue *out, GError **error);
void mail_queue_clear(MailQueue *queue);
// Its name for JSON and people: "waiting", "unsure", "refused", "aside". Static.
const char *mail_state_name(MailState state);

// ---------------------------------------------------------------------------------------------
// Sending. One sender at a time: EXIT_LOCKED when another is at work.

typedef struct MailSend {
  Instant now;
  bool force;                         // also what is to wait for its next try
  volatile const int *interrupted;    // set by a signal handler: stop after the letter under way; NULL
} MailSend;

typedef struct MailSent {
  int64_t n_sent;      // letters that left, to all or some
  int64_t n_waiting;   // that wait still
  int64_t n_refused;   // recipients refused for good, now
  int64_t n_aside;     // letters given up, now
  Findings *findings;  // who was refused, what was given up, what waits for too long, whether the server is down
  bool down;           // the server could not be reached, or let us not in
} MailSent;

// What is due, over one connection. A server that is down is no error: letters wait, `down` is set, and the next try comes
// after a pause that grows up to an hour. Killed between sending and noting it, a letter goes out again with the same Message-ID:
// at most one double for each recipient.
// EXIT_USAGE: no server is named, or its secret cannot be read. `out` is to be cleared in any case.
bool mail_send(const MailConfig *config, const MailSend *how, MailSent *out, GError **error);
void mail_sent_clear(MailSent *sent);

// One letter to one address, past the queue: whether the server, its certificate and the account are right. The error says
// what the server said.
bool mail_test(const MailConfig *config, const char *to, GError **error);

// Letters refused or set aside are forgotten (their keys stay known); how many. `id` NULL: all of them.
bool mail_forget(const MailConfig *config, const char *id, int64_t *n, GError **error);

#endif
