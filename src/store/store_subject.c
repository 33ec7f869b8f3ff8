// SPDX-License-Identifier: GPL-3.0-or-later
//
// Fields, subjects, the links that name them, posts.
#include "store_p.h"

#include <string.h>

static const char *const built_in[FIELD_SITE] = {
    [FIELD_NUMBER] = "number",
    [FIELD_NAME] = "name",
    [FIELD_KANA] = "kana",
    [FIELD_FORMER_NAME] = "former_name",
    [FIELD_USE_FORMER] = "use_former",
    [FIELD_BIRTH] = "birth",
    [FIELD_EMPLOYMENT] = "employment",
    [FIELD_STATE] = "state",
    [FIELD_HIRED] = "hired",
    [FIELD_PHONE] = "phone",
    [FIELD_MAIL] = "mail",
    [FIELD_UNIT] = "unit",
    [FIELD_TITLE] = "title",
    [FIELD_ROLE] = "role",
    [FIELD_HELD] = "held",
    [FIELD_DUTY] = "duty",
    [FIELD_CODE] = "code",
    [FIELD_UNIT_NAME] = "unit_name",
    [FIELD_UNIT_KANA] = "unit_kana",
    [FIELD_PARENT] = "parent",
    [FIELD_ORDER] = "order",
    [FIELD_TITLE_NAME] = "title_name",
    [FIELD_UNTIL] = "until",
    [FIELD_OWNER] = "owner",
    [FIELD_ROMAJI] = "romaji",
    [FIELD_LOAN] = "loan",
    [FIELD_AUTHORITY] = "authority",
    [FIELD_FROM_TIME] = "from_time",
    [FIELD_TO_TIME] = "to_time",
    [FIELD_SECTION] = "section",
    [FIELD_POST_ORDER] = "post_order",
    [FIELD_SUCCESSOR] = "successor",
    [FIELD_HEIR] = "heir",
    [FIELD_FORMER_KANA] = "former_kana",
};

static void remember_field(Store *store, const char *name, FieldId field)
{
  g_hash_table_insert(store->fields, (char *)name, GUINT_TO_POINTER(field));
}

static void remember_site_field(Store *store, const char *name)
{
  char *copy = g_strdup(name);
  g_ptr_array_add(store->site_fields, copy);
  remember_field(store, copy, (FieldId)(FIELD_SITE + store->site_fields->len - 1));
}

void store_fields_forget(Store *store, guint n_known)
{
  while (store->site_fields->len > n_known) {
    guint last = store->site_fields->len - 1;
    g_hash_table_remove(store->fields, store->site_fields->pdata[last]);
    g_ptr_array_remove_index(store->site_fields, last);
  }
}

bool store_fields_load(Store *store, GError **error)
{
  for (FieldId field = 0; field < FIELD_SITE; field++)
    if (built_in[field])
      remember_field(store, built_in[field], field);
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_FIELDS, NO_ARGS, error))
    return false;
  while (query_next(&query, error)) {
    if (query_int(&query, 0) != FIELD_SITE + (int64_t)store->site_fields->len) {
      g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("store %s: its table of fields has a gap"),
                  store->path);
      return false;
    }
    remember_site_field(store, query_text(&query, 1));
  }
  return !query.failed;
}

FieldId store_field(Store *store, const char *name)
{
  return (FieldId)GPOINTER_TO_UINT(g_hash_table_lookup(store->fields, name));
}

FieldId store_field_add(Store *store, const char *name, GError **error)
{
  FieldId field = store_field(store, name);
  if (field != FIELD_NONE)
    return field;
  field = store_n_fields(store);
  if (!store_run(store, SQL_FIELD_ADD, ARGS(INT(field), TEXT(name)), error))
    return FIELD_NONE;
  remember_site_field(store, name);
  return field;
}

const char *store_field_name(Store *store, FieldId field)
{
  if (field < FIELD_SITE)
    return built_in[field];
  guint i = field - FIELD_SITE;
  return i < store->site_fields->len ? store->site_fields->pdata[i] : NULL;
}

FieldId store_n_fields(Store *store)
{
  return (FieldId)(FIELD_SITE + store->site_fields->len);
}

// ---------------------------------------------------------------------------------------------

uint32_t store_subject_add(Store *store, SubjectKind kind, GError **error)
{
  return (uint32_t)store_insert(store, SQL_SUBJECT_ADD, ARGS(INT(kind)), error);
}

typedef struct Link {
  SubjectKind kind;
  const char *space, *number;
  uint32_t subject;
  Date from;
} Link;

typedef struct Holder {
  uint32_t subject;
  Date since;
} Holder;

// Those who have the number on the link's first day or later, in order; two are enough to know.
static bool find_holders(Store *store, const Link *link, Holder holders[2], size_t *n,
                         GError **error)
{
  g_auto(Query) query = {0};
  Args args = ARGS(INT(link->kind), TEXT(link->space), TEXT(link->number), INT(link->from));
  if (!query_open(&query, store, SQL_LINK_HOLDERS, args, error))
    return false;
  for (*n = 0; *n < 2 && query_next(&query, error); ++*n)
    holders[*n] = (Holder){(uint32_t)query_int(&query, 0), (Date)query_int(&query, 1)};
  return !query.failed;
}

static bool change_link(Store *store, StoreSql id, const Link *link, Date since, GError **error)
{
  return store_run(
      store, id,
      ARGS(INT(link->kind), TEXT(link->space), TEXT(link->number), INT(since), INT(link->from)),
      error);
}

// A number passes on: the holder before ends where the new link begins, and this one where a later
// holder's begins. The same subject's link is only stretched back.
static bool add_link(Store *store, const Link *link, GError **error)
{
  Holder holders[2];
  size_t n = 0;
  if (!find_holders(store, link, holders, &n, error))
    return false;
  const Holder *next = n > 0 ? &holders[0] : NULL;
  if (next && next->subject != link->subject && next->since < link->from) {
    if (!change_link(store, SQL_LINK_END, link, next->since, error))
      return false;
    next = n > 1 ? &holders[1] : NULL;
  }
  if (next && next->subject == link->subject)
    return next->since <= link->from ||
           change_link(store, SQL_LINK_BEGIN, link, next->since, error);
  if (next && next->since == link->from) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED,
                _("number %s (%s) is somebody else's from the same day on"), link->number,
                link->space);
    return false;
  }
  return store_run(store, SQL_LINK_ADD,
                   ARGS(INT(link->kind), TEXT(link->space), TEXT(link->number), INT(link->from),
                        INT(next ? next->since : DATE_OPEN), INT(link->subject)),
                   error);
}

bool store_link_add(Store *store, SubjectKind kind, const char *space, const char *number,
                    uint32_t subject, Date from, GError **error)
{
  return add_link(store, &(Link){kind, space, number, subject, from}, error);
}

uint32_t store_link_find(Store *store, SubjectKind kind, const char *space, const char *number,
                         Date on)
{
  g_auto(Query) query = {0};
  Args args = ARGS(INT(kind), TEXT(space), TEXT(number), INT(store_day(on)));
  return store_get(store, SQL_LINK_FIND, args, &query) ? (uint32_t)query_int(&query, 0) : 0;
}

const char *store_link_number(Store *store, SubjectKind kind, uint32_t subject)
{
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_LINK_NUMBER, ARGS(INT(subject), INT(kind)), &query))
    return NULL;
  store_forget(store);
  return query_keep(&query, 0);
}

uint32_t store_link_next(Store *store, SubjectKind kind, const char *space, const char *number,
                         Date on)
{
  g_auto(Query) query = {0};
  Args args = ARGS(INT(kind), TEXT(space), TEXT(number), INT(on));
  return store_get(store, SQL_LINK_HOLDERS, args, &query) ? (uint32_t)query_int(&query, 0) : 0;
}

void store_unit_key(const char *name, GString *out)
{
  g_autoptr(GString) key = g_string_new(NULL);
  text_key(name, key);
  for (const char *at = key->str; *at; at++)
    if (*at != ' ')
      g_string_append_c(out, *at);
}

void store_unit_number(const char *code, GString *out)
{
  const char *slash = strchr(code, '/');
  // A code that it only has in the meantime is marked by two, and is no name.
  if (!slash || g_str_has_prefix(code, "//")) {
    g_string_append(out, code);
    return;
  }
  g_string_append_len(out, code, slash + 1 - code);
  store_unit_key(slash + 1, out);
}

bool store_unit_links_each(Store *store, StoreUnitLinkFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_UNIT_LINKS, ARGS(INT(SUBJECT_UNIT)), error))
    return false;
  while (query_next(&query, error)) {
    LinkRow link = {(uint32_t)query_int(&query, 0), query_text(&query, 1), query_text(&query, 2),
                    (Date)query_int(&query, 3), (Date)query_int(&query, 4)};
    if (!func(&link, data))
      break;
  }
  return !query.failed;
}

bool store_links_of(Store *store, SubjectKind kind, uint32_t subject, StoreLinkFunc func,
                    void *data, GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_LINKS_OF, ARGS(INT(subject), INT(kind)), error))
    return false;
  while (query_next(&query, error))
    if (!func(query_text(&query, 0), query_text(&query, 1), (Date)query_int(&query, 2),
              (Date)query_int(&query, 3), data))
      break;
  return !query.failed;
}

bool store_links_pass_on(Store *store, uint32_t from, uint32_t to, GError **error)
{
  return store_run(store, SQL_LINKS_PASS_ON, ARGS(INT(from), INT(to)), error) &&
         store_run(store, SQL_HOLDS_PASS_ON, ARGS(INT(from), INT(to)), error);
}

bool store_link_bearers(Store *store, SubjectKind kind, const char *number, StoreBearerFunc func,
                        void *data, GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_LINK_BEARERS, ARGS(INT(kind), TEXT(number)), error))
    return false;
  while (query_next(&query, error))
    if (!func((uint32_t)query_int(&query, 0), data))
      break;
  return !query.failed;
}

uint32_t store_post_find(Store *store, uint32_t person, const char *key)
{
  g_auto(Query) query = {0};
  Args args = ARGS(INT(person), TEXT(key));
  return store_get(store, SQL_POST_FIND, args, &query) ? (uint32_t)query_int(&query, 0) : 0;
}

uint32_t store_post(Store *store, uint32_t person, const char *key, GError **error)
{
  uint32_t post = store_post_find(store, person, key);
  if (post)
    return post;
  return (uint32_t)store_insert(store, SQL_POST_ADD, ARGS(INT(person), TEXT(key)), error);
}

const char *store_post_key(Store *store, uint32_t post)
{
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_POST_KEY, ARGS(INT(post)), &query))
    return NULL;
  store_forget(store);
  return query_keep(&query, 0);
}

uint32_t store_post_person(Store *store, uint32_t post)
{
  g_auto(Query) query = {0};
  if (!store_get(store, SQL_POST_PERSON, ARGS(INT(post)), &query))
    return 0;
  return (uint32_t)query_int(&query, 0);
}

bool store_posts_each(Store *store, const char *key, StorePostFunc func, void *data, GError **error)
{
  g_auto(Query) query = {0};
  if (!query_open(&query, store, SQL_POSTS_WITH_KEY, ARGS(TEXT(key)), error))
    return false;
  while (query_next(&query, error))
    if (!func((uint32_t)query_int(&query, 0), (uint32_t)query_int(&query, 1), data))
      break;
  return !query.failed;
}
