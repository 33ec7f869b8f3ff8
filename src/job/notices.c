// SPDX-License-Identifier: GPL-3.0-or-later
//
// From seals to pages: chosen, opened with the operator's key, put into the order of the sections, printed.
#include "job/job_p.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct Sheaf Sheaf;

// A seal with what is printed of it.
typedef struct Leaf {
  SealRow seal;
  Notice notice;
  size_t unit_rank, target_rank;
  int64_t post_order;
  Sheaf *sheaf;
} Leaf;

struct Sheaf {
  const Site *site;
  Store *store;
  const NoticesRequest *request;
  NoticesDone *done;
  GArray *leaves;
  GPtrArray *secrets;
  GStringChunk *texts;
  Roster *roster;  // of the day last asked for
};

static void sheaf_clear(Sheaf *sheaf)
{
  g_array_unref(sheaf->leaves);
  g_ptr_array_unref(sheaf->secrets);
  g_string_chunk_free(sheaf->texts);
  roster_free(sheaf->roster);
}

static const char *keep(Sheaf *sheaf, const char *text)
{
  return text == NULL ? NULL : g_string_chunk_insert_const(sheaf->texts, text);
}

// ---------------------------------------------------------------------------------------------
// Which.

// Why it cannot be printed; NULL = it can.
static const char *obstacle(const SealRow *seal)
{
  if (strcmp(seal->state, "sealed") == 0)
    return _("nobody knows yet whether its operation took effect: `idou resume`, then print again; "
             "if that "
             "knows of nothing to resume, reset the password");
  if (strcmp(seal->state, "void") == 0)
    return _("it is void: its password opens nothing");
  return seal->box == NULL ? _("it was purged, or handed over: reset the password instead") : NULL;
}

static void leave_out(Sheaf *sheaf, const SealRow *seal, const char *why)
{
  Finding finding = {.level = FINDING_ERROR, .code = "seal-left-out", .subject = seal->label};
  findings_add(sheaf->done->findings, &finding,
               _("number %06" G_GINT64_FORMAT " (%s in %s) is not printed: %s"), seal->number,
               seal->account, seal->target, why);
  sheaf->done->exit = EXIT_FAILED;
}

static bool take_seal(const SealRow *seal, void *data)
{
  Sheaf *sheaf = data;
  const SealChoice *choice = &sheaf->request->choice;
  const char *why = obstacle(seal);
  // Void, purged and printed ones are of no concern unless somebody asked for just these.
  bool is_open = strcmp(seal->state, "sealed") == 0;
  if (choice->numbers == NULL &&
      ((why != NULL && !is_open) || (seal->n_printed > 0 && !choice->again)))
    return true;
  if (why != NULL) {
    leave_out(sheaf, seal, why);
    return true;
  }
  Leaf leaf = {.seal = *seal, .sheaf = sheaf};
  leaf.seal.target = keep(sheaf, seal->target);
  leaf.seal.object = keep(sheaf, seal->object);
  leaf.seal.attribute = keep(sheaf, seal->attribute);
  leaf.seal.label = keep(sheaf, seal->label);
  leaf.seal.account = keep(sheaf, seal->account);
  leaf.seal.key_id = keep(sheaf, seal->key_id);
  leaf.seal.box = keep(sheaf, seal->box);
  leaf.seal.state = NULL;
  g_array_append_val(sheaf->leaves, leaf);
  return true;
}

// ---------------------------------------------------------------------------------------------
// Opening.

static Secret *open_one(Sheaf *sheaf, const PrivateKey *key, const SealRow *seal, GError **error)
{
  if (strcmp(seal->key_id, keys_private_id(key)) != 0) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE,
                _("it was sealed to the key %s, and %s is the key %s"), seal->key_id,
                sheaf->request->key, keys_private_id(key));
    return NULL;
  }
  const BoxLabel label = {seal->target, seal->object, seal->attribute, seal->account, seal->label};
  return box_open(key, seal->box, &label, error);
}

static void open_all(Sheaf *sheaf, const PrivateKey *key)
{
  for (guint i = 0; i < sheaf->leaves->len;) {
    g_autoptr(GError) fault = NULL;
    Leaf *leaf = &g_array_index(sheaf->leaves, Leaf, i);
    Secret *secret = open_one(sheaf, key, &leaf->seal, &fault);
    if (secret == NULL) {
      leave_out(sheaf, &leaf->seal, fault->message);
      g_array_remove_index(sheaf->leaves, i);
      continue;
    }
    g_ptr_array_add(sheaf->secrets, secret);
    leaf->notice.password = secret;
    i++;
  }
}

// ---------------------------------------------------------------------------------------------
// What stands on the page, and where it goes.

// The day of the plan: a joiner's account is made before they have a section.
static Roster *roster_on(Sheaf *sheaf, Date day, GError **error)
{
  Date as_of = day == DATE_NONE ? date_of_instant(instant_now()) : day;
  if (sheaf->roster != NULL && roster_when(sheaf->roster)->as_of == as_of)
    return sheaf->roster;
  roster_free(sheaf->roster);
  const RosterWhen when = {.as_of = as_of, .known_at = INSTANT_OPEN};
  sheaf->roster = roster_open(sheaf->store, &when, error);
  return sheaf->roster;
}

static size_t rank_of(const Roster *roster, const Unit *unit)
{
  size_t n = 0;
  const Unit *const *units = roster_units(roster, &n);
  for (size_t i = 0; i < n; i++)
    if (units[i] == unit)
      return i;
  return n;
}

static void put_path(const Unit *unit, GString *out)
{
  if (unit->parent != NULL) {
    put_path(unit->parent, out);
    g_string_append_c(out, ' ');
  }
  g_string_append(out, unit->name);
}

static void place(Leaf *leaf, const Roster *roster, const Person *person)
{
  g_autoptr(GString) path = g_string_new(NULL);
  const Post *post = person != NULL && person->n_posts > 0 ? &person->posts[0] : NULL;
  const Unit *unit = post != NULL ? roster_unit_by_id(roster, post->unit_id) : NULL;
  leaf->unit_rank = unit != NULL ? rank_of(roster, unit) : SIZE_MAX;
  leaf->post_order = G_MAXINT64;
  if (unit != NULL)
    put_path(unit, path);
  if (post != NULL && post->fields[FIELD_POST_ORDER] != NULL)
    g_ascii_string_to_signed(post->fields[FIELD_POST_ORDER], 10, 0, G_MAXINT64, &leaf->post_order,
                             NULL);
  leaf->notice.section = keep(leaf->sheaf, path->str);
}

static void describe(Leaf *leaf)
{
  Sheaf *sheaf = leaf->sheaf;
  const SealRow *seal = &leaf->seal;
  const char *space = strchr(seal->label, ' ');
  const PasswordsSystem *system = passwords_system(sheaf->site->passwords, seal->target);
  leaf->notice.number = seal->number;
  leaf->notice.reissue = seal->n_printed;
  leaf->notice.account = seal->account;
  leaf->notice.name = space != NULL ? space + 1 : seal->label;
  g_autofree char *number =
      g_strndup(seal->label, space != NULL ? (size_t)(space - seal->label) : 0);
  leaf->notice.person = keep(sheaf, number);
  leaf->notice.system = system != NULL && system->name != NULL ? system->name : seal->target;
  leaf->notice.text = system != NULL ? system->text : NULL;
  while (sheaf->site->targets[leaf->target_rank] != NULL &&
         strcmp(sheaf->site->targets[leaf->target_rank]->name, seal->target) != 0)
    leaf->target_rank++;
}

static bool take_bearer(uint32_t person, void *data)
{
  *(uint32_t *)data = person;
  return true;
}

// An account of one of somebody's posts is nobody's by itself; its label begins with their number.
static bool find_bearer(const Leaf *leaf, uint32_t *person, GError **error)
{
  const char *label = leaf->seal.label;
  g_autofree char *number = g_strndup(label, strcspn(label, " "));
  *person = leaf->seal.person;
  return *person != 0 ||
         store_link_bearers(leaf->sheaf->store, SUBJECT_PERSON, number, take_bearer, person, error);
}

static bool describe_all(Sheaf *sheaf, GError **error)
{
  for (guint i = 0; i < sheaf->leaves->len; i++) {
    Leaf *leaf = &g_array_index(sheaf->leaves, Leaf, i);
    Roster *roster = roster_on(sheaf, leaf->seal.as_of, error);
    const Person *person = NULL;
    uint32_t bearer = 0;
    if (roster == NULL || !find_bearer(leaf, &bearer, error) ||
        (bearer != 0 && !roster_person(roster, bearer, &person, error)))
      return false;
    place(leaf, roster, person);
    describe(leaf);
  }
  return true;
}

// By section in the order of the offices (職制順), people by their place in it and their number, their systems as
// the site file has them.
static int by_section(const void *a, const void *b)
{
  const Leaf *x = a, *y = b;
  if (x->unit_rank != y->unit_rank)
    return x->unit_rank < y->unit_rank ? -1 : 1;
  int order = strcmp(x->notice.section, y->notice.section);
  if (order == 0 && x->post_order != y->post_order)
    order = x->post_order < y->post_order ? -1 : 1;
  order = order != 0 ? order : strcmp(x->notice.person, y->notice.person);
  if (order == 0 && x->target_rank != y->target_rank)
    order = x->target_rank < y->target_rank ? -1 : 1;
  return order != 0 ? order : (x->seal.number > y->seal.number) - (x->seal.number < y->seal.number);
}

// ---------------------------------------------------------------------------------------------
// The journal, then the file.

static bool note(Sheaf *sheaf, const char *what, GError **error)
{
  if (!store_begin(sheaf->store, error))
    return false;
  for (guint i = 0; i < sheaf->leaves->len; i++) {
    int64_t number = g_array_index(sheaf->leaves, Leaf, i).seal.number;
    if (!store_seal_event(sheaf->store, number, what, sheaf->request->who, error)) {
      store_rollback(sheaf->store);
      return false;
    }
  }
  g_autofree char *n = g_strdup_printf("%u", sheaf->leaves->len);
  const char *const detail[] = {"seals", n, NULL};
  if (!audit_note(sheaf->store, &(AuditNote){AUDIT_NOTICE, sheaf->request->who, what, detail},
                  error)) {
    store_rollback(sheaf->store);
    return false;
  }
  return store_commit(sheaf->store, error);
}

static bool fail(const char *path, int reason, GError **error)
{
  g_set_error(error, IDOU_ERROR, reason == EEXIST ? EXIT_USAGE : EXIT_FAILED, "%s: %s", path,
              reason == EEXIST
                  ? _("there is a file of this name; it is overwritten only with --force")
                  : g_strerror(reason));
  return false;
}

// Without --force a link, which never takes the place of anything.
static bool give_name(const char *temporary, const NoticesRequest *request, GError **error)
{
  bool done = request->force ? rename(temporary, request->output) == 0
                             : link(temporary, request->output) == 0;
  int reason = errno;
  if (!request->force)
    unlink(temporary);
  return done ? file_sync_parent(request->output, error) : fail(request->output, reason, error);
}

static bool write_pages(Sheaf *sheaf, const NoticeBook *book, GError **error)
{
  const NoticesRequest *request = sheaf->request;
  g_autofree char *temporary = g_strconcat(request->output, ".XXXXXX", NULL);
  int fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail(request->output, errno, error);
  bool done = notice_write(book, fd, &sheaf->done->n_pages, error);
  if (done && fsync(fd) != 0)
    done = fail(request->output, errno, error);
  close(fd);
  if (done)
    return give_name(temporary, request, error);
  unlink(temporary);
  return false;
}

static bool print(Sheaf *sheaf, GError **error)
{
  g_autoptr(GArray) notices = g_array_new(FALSE, FALSE, sizeof(Notice));
  for (guint i = 0; i < sheaf->leaves->len; i++)
    g_array_append_val(notices, g_array_index(sheaf->leaves, Leaf, i).notice);
  const NoticeBook book = {.notices = (const Notice *)(const void *)notices->data,
                           .n_notices = notices->len,
                           .issued = date_of_instant(instant_now()),
                           .issuer = sheaf->site->passwords->issuer};
  if (!notice_check(&book, sheaf->done->findings, error) || !note(sheaf, "printed", error))
    return false;
  if (write_pages(sheaf, &book, error)) {
    sheaf->done->n_notices = notices->len;
    return true;
  }
  note(sheaf, "unprinted", NULL);
  return false;
}

static bool make(Sheaf *sheaf, const PrivateKey *key, GError **error)
{
  if (!job_seals_each(sheaf->store, &sheaf->request->choice, take_seal, sheaf, error))
    return false;
  open_all(sheaf, key);
  if (sheaf->leaves->len == 0 || !describe_all(sheaf, error))
    return sheaf->leaves->len == 0;
  g_array_sort(sheaf->leaves, by_section);
  return print(sheaf, error);
}

static bool check_request(const Site *site, const NoticesRequest *request, GError **error)
{
  if (site->passwords == NULL) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s",
                _("the site file has no “passwords”: nothing is sealed (docs/passwords.md)"));
    return false;
  }
  return request->force || !g_file_test(request->output, G_FILE_TEST_EXISTS) ||
         fail(request->output, EEXIST, error);
}

bool job_notices(const Site *site, const NoticesRequest *request, NoticesDone *out, GError **error)
{
  *out = (NoticesDone){.findings = findings_new(), .exit = EXIT_DONE};
  if (!check_request(site, request, error))
    return false;
  g_autoptr(PrivateKey) key = keys_private(request->key, request->passphrase, error);
  g_autoptr(Store) store = key == NULL ? NULL : site_ledger(site, error);
  if (store == NULL)
    return false;
  Sheaf sheaf = {.site = site,
                 .store = store,
                 .request = request,
                 .done = out,
                 .leaves = g_array_new(FALSE, FALSE, sizeof(Leaf)),
                 .secrets = g_ptr_array_new_with_free_func((GDestroyNotify)secret_free),
                 .texts = g_string_chunk_new(1024)};
  bool done = make(&sheaf, key, error);
  sheaf_clear(&sheaf);
  return done;
}

void notices_done_clear(NoticesDone *done)
{
  g_clear_pointer(&done->findings, findings_free);
}
