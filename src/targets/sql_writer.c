// SPDX-License-Identifier: GPL-3.0-or-later
//
// Requests as statements. Each changes exactly one row, which must still be as the plan saw it; requests that came
// together are one transaction. A database answers at once, so nothing is ever in flight.
#include "sql_p.h"

#include <sql.h>
#include <sqlext.h>

struct SqlSender {
  SqlLink *link;
  GQueue *answers;  // Answer
};

// What becomes of one column. NULL = nothing.
typedef struct Change {
  const SqlField *field;
  const Bytes *old, *new;
  bool guarded;  // the old value must be there
} Change;

// One request on its way.
typedef struct Deed {
  SqlLink *link;
  const Request *request;
  const SqlShape *shape;
  char *row;
  GStrv parts;      // of the row's name
  GArray *changes;  // Change
  GString *words;   // why not
} Deed;

static void free_answer(void *answer)
{
  answer_clear(answer);
  g_free(answer);
}

SqlSender *sql_writer_open(const TargetConfig *config, GError **error)
{
  SqlLink *link = sql_link_open(config, true, error);
  if (!link)
    return NULL;
  SqlSender *sender = g_new(SqlSender, 1);
  *sender = (SqlSender){link, g_queue_new()};
  return sender;
}

void sql_writer_close(SqlSender *sender)
{
  if (!sender)
    return;
  sql_link_close(sender->link);
  g_queue_free_full(sender->answers, free_answer);
  g_free(sender);
}

SqlLink *sql_writer_link(SqlSender *sender)
{
  return sender->link;
}

// ---------------------------------------------------------------------------------------------
// What is to be changed.

static int say(Deed *deed, int code, const char *format, ...) G_GNUC_PRINTF(3, 4);
static int say(Deed *deed, int code, const char *format, ...)
{
  va_list list;
  va_start(list, format);
  g_string_append_vprintf(deed->words, format, list);
  va_end(list);
  return code;
}

static Change *change_of(Deed *deed, const SqlField *field)
{
  for (guint i = 0; i < deed->changes->len; i++)
    if (g_array_index(deed->changes, Change, i).field == field)
      return &g_array_index(deed->changes, Change, i);
  Change change = {.field = field};
  g_array_append_val(deed->changes, change);
  return &g_array_index(deed->changes, Change, deed->changes->len - 1);
}

static int note_mod(Deed *deed, const Mod *mod)
{
  const SqlField *field = sql_shape_field(deed->shape, mod->attribute);
  const Bytes *value = mod->values->len ? &g_array_index(mod->values, Bytes, 0) : NULL;
  if (!field)
    return say(deed, LDAP_UNDEFINED_TYPE, _("table %s has no column %s"), deed->shape->table->name,
               mod->attribute);
  if (mod->values->len > 1)
    return say(deed, LDAP_CONSTRAINT_VIOLATION, _("column %s holds one value, not %u"),
               mod->attribute, mod->values->len);
  Change *change = change_of(deed, field);
  change->guarded = mod->kind != MOD_REPLACE && (mod->kind != MOD_DELETE || value);
  if (mod->kind == MOD_DELETE)
    change->old = value;
  else
    change->new = value;
  return LDAP_SUCCESS;
}

// Of a new row: it is of the table that it goes into.
static int check_class(Deed *deed, const Mod *mod)
{
  for (guint i = 0; i < mod->values->len; i++) {
    const Bytes *klass = &g_array_index(mod->values, Bytes, i);
    if (!g_str_equal(klass->at, deed->shape->table->name))
      return say(deed, LDAP_OBJECT_CLASS_VIOLATION, _("a row of table %s is no “%s”"),
                 deed->shape->table->name, klass->at);
  }
  return LDAP_SUCCESS;
}

static int note_mods(Deed *deed)
{
  int code = LDAP_SUCCESS;
  for (guint i = 0; !code && i < deed->request->mods->len; i++) {
    const Mod *mod = &g_array_index(deed->request->mods, Mod, i);
    if (g_ascii_strcasecmp(mod->attribute, "objectClass") == 0)
      code = check_class(deed, mod);
    else if (g_ascii_strcasecmp(mod->attribute, "row") != 0)
      code = note_mod(deed, mod);
  }
  return code;
}

// The value that the column has in each row of this name, or of ours at all; NULL = nothing says.
static const char *settled(const Deed *deed, const SqlField *field)
{
  for (guint i = 0; i < deed->shape->key->len; i++)
    if (deed->shape->key->pdata[i] == field)
      return deed->parts[i];
  const GArray *only = deed->shape->table->only;
  for (guint i = 0; i < only->len; i++)
    if (sql_shape_field(deed->shape, g_array_index(only, SqlFixed, i).column) == field)
      return g_array_index(only, SqlFixed, i).value;
  return NULL;
}

// What the name says already needs no change; and nothing else may be said of it.
static int drop_settled(Deed *deed)
{
  for (guint i = 0; i < deed->changes->len;) {
    const Change *change = &g_array_index(deed->changes, Change, i);
    const char *value = settled(deed, change->field);
    const Attr attr = {.match = change->field->match};
    if (!value) {
      i++;
      continue;
    }
    if (!change->new || !schema_equal(&attr, change->new->at, change->new->n, value, strlen(value)))
      return say(
          deed, LDAP_NAMING_VIOLATION,
          _("column %s is “%s” by the row's name, or by “only”, and shall be something else: "
            "put the mapping's name or value right"),
          change->field->name, value);
    g_array_remove_index(deed->changes, i);
  }
  return LDAP_SUCCESS;
}

// ---------------------------------------------------------------------------------------------
// Statements.

static void add_where(Deed *deed, SqlQuery *query)
{
  g_string_append(query->text, " WHERE ");
  sql_query_key(query, deed->shape, deed->row);
  sql_query_only(query, deed->shape);
  const char *id = deed->request->stable_id;
  if (id && deed->shape->id) {
    const Bytes bytes = {strlen(id), id};
    g_string_append(query->text, " AND ");
    sql_query_equals(query, deed->shape->id, &bytes);
  }
  for (guint i = 0; i < deed->changes->len; i++) {
    const Change *change = &g_array_index(deed->changes, Change, i);
    if (!change->guarded)
      continue;
    g_string_append(query->text, " AND ");
    sql_query_equals(query, change->field, change->old);
  }
}

// `missed`: the code when no row fits.
static int run(Deed *deed, SqlQuery *query, int missed)
{
  int code = LDAP_SUCCESS;
  SQLLEN n = -1;
  void *statement = sql_query_run(deed->link, query, &code, deed->words);
  if (!statement)
    return code;
  if (!SQL_SUCCEEDED(SQLRowCount(statement, &n)))
    n = -1;
  sql_query_close(statement);
  if (n == 1)
    return LDAP_SUCCESS;
  if (n == 0)
    return missed;
  return say(deed, LDAP_OTHER,
             n < 0 ? _("the driver does not tell how many rows were changed; none was")
                   : _("%ld rows have this key; none was changed. “key” must tell them apart"),
             (long)n);
}

static void add_column(SqlQuery *query, GString *values, SqlQuery *bound, const SqlField *field,
                       const Bytes *value)
{
  g_string_append_printf(query->text, "%s%s", values->len ? ", " : "", field->quoted);
  g_string_append(values, values->len ? ", ?" : "?");
  sql_query_value(bound, field, value);
}

static bool is_changed(const Deed *deed, const SqlField *field)
{
  for (guint i = 0; i < deed->changes->len; i++)
    if (g_array_index(deed->changes, Change, i).field == field)
      return true;
  return false;
}

static int insert(Deed *deed)
{
  g_autoptr(SqlQuery) names = sql_query_new(""), bound = sql_query_new("");
  g_autoptr(GString) marks = g_string_new(NULL);
  for (guint i = 0; i < deed->shape->fields->len; i++) {
    const SqlField *field = deed->shape->fields->pdata[i];
    const char *value = settled(deed, field);
    const Bytes bytes = {value ? strlen(value) : 0, value};
    if (value)
      add_column(names, marks, bound, field, &bytes);
    else if (field->said && field->said->empty && !is_changed(deed, field))
      add_column(names, marks, bound, field, NULL);
  }
  for (guint i = 0; i < deed->changes->len; i++) {
    const Change *change = &g_array_index(deed->changes, Change, i);
    add_column(names, marks, bound, change->field, change->new);
  }
  g_autofree char *text = g_strdup_printf("INSERT INTO %s (%s) VALUES (%s)", deed->shape->quoted,
                                          names->text->str, marks->str);
  g_string_assign(bound->text, text);
  return run(deed, bound, LDAP_OTHER);
}

static int update(Deed *deed)
{
  if (deed->changes->len == 0)
    return LDAP_SUCCESS;
  g_autoptr(SqlQuery) query = sql_query_new("UPDATE ");
  g_string_append_printf(query->text, "%s SET ", deed->shape->quoted);
  for (guint i = 0; i < deed->changes->len; i++) {
    const Change *change = &g_array_index(deed->changes, Change, i);
    g_string_append_printf(query->text, "%s%s = ", i ? ", " : "", change->field->quoted);
    sql_query_value(query, change->field, change->new);
  }
  add_where(deed, query);
  return run(deed, query, LDAP_NO_SUCH_ATTRIBUTE);
}

static int rename_row(Deed *deed)
{
  const Request *request = deed->request;
  const TargetConfig *config = deed->link->config;
  g_autofree char *dn = g_strdup_printf("%s,table=x,%s", request->new_rdn, config->base);
  g_autofree char *table = NULL, *row = NULL, *old_table = NULL, *old_row = NULL;
  bool fits = sql_place_split(config, dn, &table, &row) && row;
  g_auto(GStrv) parts = fits ? sql_row_split(deed->shape, row) : NULL;
  if (!parts)
    return say(deed, LDAP_NAMING_VIOLATION, _("%s is no name of a row of table %s"),
               request->new_rdn, deed->shape->table->name);
  if (request->new_parent && (!sql_place_split(config, request->new_parent, &old_table, &old_row) ||
                              !g_str_equal(old_table, deed->shape->table->name)))
    return say(deed, LDAP_UNWILLING_TO_PERFORM, _("a row cannot be moved into another table"));
  g_autoptr(SqlQuery) query = sql_query_new("UPDATE ");
  g_string_append_printf(query->text, "%s SET ", deed->shape->quoted);
  for (guint i = 0; i < deed->shape->key->len; i++) {
    const SqlField *field = deed->shape->key->pdata[i];
    const Bytes part = {strlen(parts[i]), parts[i]};
    g_string_append_printf(query->text, "%s%s = ", i ? ", " : "", field->quoted);
    sql_query_value(query, field, &part);
  }
  add_where(deed, query);
  return run(deed, query, LDAP_NO_SUCH_OBJECT);
}

static int delete_row(Deed *deed)
{
  g_autoptr(SqlQuery) query = sql_query_new("DELETE FROM ");
  g_string_append(query->text, deed->shape->quoted);
  add_where(deed, query);
  return run(deed, query, LDAP_NO_SUCH_OBJECT);
}

static int (*const deeds[])(Deed *deed) = {[REQUEST_ADD] = insert,
                                           [REQUEST_MODIFY] = update,
                                           [REQUEST_RENAME] = rename_row,
                                           [REQUEST_DELETE] = delete_row};

static int begin(Deed *deed)
{
  g_autofree char *table = NULL;
  g_autoptr(GError) fault = NULL;
  if (!sql_place_split(deed->link->config, deed->request->dn, &table, &deed->row) || !deed->row)
    return say(deed, LDAP_INVALID_DN_SYNTAX, "%s", deed->request->dn);
  deed->shape = sql_shape_of(deed->link, table, &fault);
  if (!deed->shape)
    return say(deed, deed->link->lost ? LDAP_SERVER_DOWN : LDAP_UNDEFINED_TYPE, "%s",
               fault->message);
  deed->parts = sql_row_split(deed->shape, deed->row);
  if (!deed->parts)
    return say(deed, LDAP_NAMING_VIOLATION,
               _("“%s” has not a part for each column of the key of table %s"), deed->row, table);
  int code = note_mods(deed);
  return code ? code : drop_settled(deed);
}

static int carry_out(SqlLink *link, const Request *request, GString *words)
{
  Deed deed = {.link = link, .request = request, .words = words};
  deed.changes = g_array_new(false, false, sizeof(Change));
  int code = begin(&deed);
  if (!code)
    code = deeds[request->kind](&deed);
  g_array_unref(deed.changes);
  g_strfreev(deed.parts);
  g_free(deed.row);
  return code;
}

// ---------------------------------------------------------------------------------------------
// Transactions.

// A connection that is lost before the end takes nothing along: certainly not done.
static void give_up(SqlLink *link, Answer *answer, int code, GString *words)
{
  sql_link_end(link, false);
  answer->code = code == LDAP_SERVER_DOWN ? LDAP_UNAVAILABLE : code;
  answer->text = g_strdup(words->str);
}

// Whether the database has taken it nobody knows when the answer does not come; only what it says of its rules
// is a no.
static void commit(SqlLink *link, Answer *answer)
{
  if (sql_link_end(link, true))
    return;
  g_autoptr(GString) words = g_string_new(NULL);
  int code = sql_link_code(link, NULL, words);
  answer->lost = code == LDAP_SERVER_DOWN || code == LDAP_OTHER || code == LDAP_TIMELIMIT_EXCEEDED;
  give_up(link, answer, code, words);
}

bool sql_writer_send(SqlSender *sender, Request *const *requests, size_t n_requests, uint64_t token,
                     GError **error)
{
  SqlLink *link = sender->link;
  if (link->lost) {
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("target %s: the connection was lost"),
                link->config->name);
    return false;
  }
  g_autoptr(GString) words = g_string_new(NULL);
  Answer *answer = g_new0(Answer, 1);
  int code = LDAP_SUCCESS;
  size_t n_done = 0;
  answer->token = token;
  while (n_done < n_requests && !(code = carry_out(link, requests[n_done], words)))
    n_done++;
  answer->culprit = n_done;
  if (code)
    give_up(link, answer, code, words);
  else
    commit(link, answer);
  g_queue_push_tail(sender->answers, answer);
  return true;
}

bool sql_writer_receive(SqlSender *sender, Answer *out)
{
  g_autofree Answer *answer = g_queue_pop_head(sender->answers);
  if (answer)
    *out = *answer;
  return answer != NULL;
}
