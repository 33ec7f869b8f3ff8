// SPDX-License-Identifier: GPL-3.0-or-later
//
// Shared by the sources of mail: letters as messages, the files of the queue, the way to the server.
#ifndef IDOU_MAIL_P_H
#define IDOU_MAIL_P_H

#include <idou/mail.h>

#include <jansson.h>

// ---------------------------------------------------------------------------------------------
// mail_mime.c: RFC 5322, 2045–2047, 2231, 3834. Lines end in CRLF and have at most 78 characters.

char *mail_mime_id(const char *key);  // 32 hex digits; caller frees
void mail_mime_write(const MailConfig *config, const Letter *letter, Instant when, GString *out);
// A value of a header, behind its name, folded; what is not ASCII as encoded words.
void mail_mime_words(const char *text, size_t column, GString *out);
// "; filename*0*=UTF-8''…" as long as it takes.
void mail_mime_parameter(const char *name, const char *value, GString *out);

// ---------------------------------------------------------------------------------------------
// mail_folder.c: the queue.
//
//   ID.letter         the envelope, one line of JSON (key subject from to bad queued), then the message; never changed
//   ID.state          how far it is (tries next under_way done refused words); lacks until it was tried
//   known/ID.STATE    it left (sent, refused, aside): key subject queued left to words. It is there before ID.letter goes
//   aside/ID.letter   one that was given up
//   server            since when the server cannot be reached; lacks when it can
//   lock              one sender at a time

typedef struct MailItem {
  char *id;
  json_t *envelope;
  json_t *state;
  GBytes *bytes;      // of the file
  size_t message_at;  // where the message begins in them
} MailItem;

void mail_item_free(MailItem *item);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailItem, mail_item_free)

bool mail_folder_make(const MailConfig *config, GError **error);
char *mail_folder_path(const MailConfig *config, const char *folder, const char *id,
                       const char *ending);
// Of the files with this ending, in order; empty when the folder is not there.
GPtrArray *mail_folder_ids(const MailConfig *config, const char *folder, const char *ending,
                           GError **error);
// False: no such file. NULL in *out with true: what is there cannot be read as one.
bool mail_folder_json(const char *path, json_t **out);
bool mail_folder_write_json(const char *path, json_t *json, GError **error);
// NULL: it is gone, or damaged (*damaged).
MailItem *mail_folder_load(const MailConfig *config, const char *id, bool *damaged);
bool mail_folder_note(const MailConfig *config, const MailItem *item, GError **error);
bool mail_folder_knows(const MailConfig *config, const char *id);
// It left: the key stays, the letter goes; one for "aside" is kept there.
bool mail_folder_leave(const MailConfig *config, const MailItem *item, const char *how, Instant now,
                       GError **error);

// By the sender: what whoever died left behind.
bool mail_folder_sweep(const MailConfig *config, GError **error);

bool mail_is_late(const MailConfig *config, Instant queued, Instant now);  // mail_look.c

const char *mail_json_text(const json_t *json, const char *key);  // "" when there is none
Instant mail_json_instant(const json_t *json, const char *key);   // INSTANT_NONE
void mail_json_set_instant(json_t *json, const char *key, Instant instant);
// Whether the array of that key holds the text.
bool mail_json_has(const json_t *json, const char *key, const char *text);

// ---------------------------------------------------------------------------------------------
// mail_smtp.c

typedef enum MailFate {
  FATE_TAKEN,    // the server has it
  FATE_REFUSED,  // by its word not this letter, or not to this address, ever
  FATE_LATER,    // not now
  FATE_LOST,     // the server was gone before it said whether it has it
  FATE_DOWN  // nothing can be sent at all: not reached, no TLS, no login, a sender it does not want
} MailFate;

typedef struct MailMessage {
  const char *from, *to;
  const char *bytes;
  size_t n_bytes;
} MailMessage;

typedef struct MailLink MailLink;
MailLink *mail_smtp_open(const MailConfig *config, GError **error);
void mail_smtp_close(MailLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailLink, mail_smtp_close)
// `words` takes the place of what it held: what the server, or the library, said.
MailFate mail_smtp_send(MailLink *link, const MailMessage *message, GString *words);

#endif
