// SPDX-License-Identifier: GPL-3.0-or-later
#include "csv_kit.h"

#include "unit.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *desk_inside(const Desk *desk, const char *path)
{
  return g_build_filename(desk->folder, path, NULL);
}

void desk_put(const Desk *desk, const char *path, const char *text)
{
  g_autofree char *whole = desk_inside(desk, path), *folder = g_path_get_dirname(whole);
  g_mkdir_with_parents(folder, 0700);
  UNIT_TRUE(g_file_set_contents(whole, text, -1, NULL), "%s", path);
}

// In the encoding of the product.
void desk_put_export(const Desk *desk, const char *name, const char *text)
{
  const CsvProduct *product = csv_product_of(desk->config);
  const char *bad = NULL;
  g_autoptr(GByteArray) bytes = csv_encode(product, text, &bad);
  g_autofree char *path = g_strconcat("in/", name, NULL), *whole = desk_inside(desk, path),
                  *folder = desk_inside(desk, "in");
  g_mkdir_with_parents(folder, 0700);
  if (UNIT_TRUE(bytes != NULL, "%s", text))
    g_file_set_contents(whole, (const char *)bytes->data, (gssize)bytes->len, NULL);
}

Desk desk_open(const char *description)
{
  Desk desk = {.folder = unit_dir(), .findings = findings_new()};
  g_autoptr(GError) error = NULL;
  desk_put(&desk, "in/.keep", "");
  desk_put(&desk, "desk.yaml", description);
  desk_put(&desk, "site.yaml", "desk: {type: csv, product: desk.yaml, path: .}\n");
  g_autofree char *path = desk_inside(&desk, "site.yaml");
  g_autoptr(Yaml) yaml = yaml_load(path, desk.findings, &error);
  UNIT_NO_ERROR(error, "site");
  desk.config = target_config_read(yaml, yaml_get(yaml_root(yaml), "desk"), "desk", desk.folder,
                                   desk.findings);
  return desk;
}

Desk desk_good(const char *description)
{
  Desk desk = desk_open(description);
  for (size_t i = 0; i < findings_count(desk.findings); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    findings_format(findings_at(desk.findings, i), text);
    UNIT_TRUE(false, "%s", text->str);
  }
  return desk;
}

void desk_close(Desk *desk)
{
  target_config_free(desk->config);
  findings_free(desk->findings);
}

void desk_at(const char *when)
{
  g_autofree char *text = g_strdup_printf("2027-%s:00+09:00", when);
  g_setenv("IDOU_NOW", text, true);
}

// ---------------------------------------------------------------------------------------------
// Sending: "add ROW ATTR=VALUE …", "modify ROW ATTR-VALUE ATTR+VALUE …", "rename ROW NEW [ID]", "delete ROW"; "-" is
// the operation of another night; a value "!" is a secret, "@ROW" a reference.

char *desk_dn_of(const Desk *desk, const char *file, const char *row)
{
  return csv_row_dn(desk->config, csv_product_file(csv_product_of(desk->config), file), row);
}

static void add_change(const Desk *desk, Request *request, const char *word, const Secret *secret)
{
  size_t n = strcspn(word, "=+-");
  g_autofree char *attribute = g_strndup(word, n);
  Mod *mod =
      request_add_mod(request, word[n] == '-' ? MOD_DELETE : MOD_ADD, g_intern_string(attribute));
  const char *value = word + n + 1;
  g_autofree char *dn = *value == '@' ? desk_dn_of(desk, "orgs", value + 1) : NULL;
  if (g_str_equal(value, "!")) {
    Bytes bytes = {0};
    bytes.at = secret_bytes(secret, &bytes.n);
    g_ptr_array_add(request->secrets, (void *)secret);
    g_array_append_val(mod->values, bytes);
  } else {
    request_add_value(request, mod, dn ? dn : value, strlen(dn ? dn : value));
  }
}

Request *desk_request_of(const Desk *desk, const char *line, uint32_t n, const Secret *secret)
{
  static const char *const kinds[] = {"add", "modify", "rename", "delete"};
  g_auto(GStrv) words = g_strsplit(line, " ", -1);
  size_t kind = 0;
  while (!g_str_equal(kinds[kind], words[0]))
    kind++;
  g_auto(GStrv) place = g_strsplit(words[1], ":", 2);
  g_autofree char *dn = desk_dn_of(desk, place[0], place[1]);
  Request *request = request_blank((RequestKind)kind, dn);
  request->run = 9;
  g_array_append_val(request->numbers, n);
  if (kind == REQUEST_ADD)
    add_change(desk, request, kind == REQUEST_ADD ? "objectClass=top" : "", secret);
  if (kind == REQUEST_RENAME)
    request->new_rdn = g_strconcat("row=", words[2], NULL);
  if (kind == REQUEST_RENAME && words[3])
    request->stable_id = g_strdup(words[3]);
  for (size_t i = 2; kind != REQUEST_RENAME && words[i]; i++)
    add_change(desk, request, words[i], secret);
  return request;
}

bool desk_fill(char *bytes, size_t n_bytes, void *data)
{
  memcpy(bytes, data, n_bytes);
  return true;
}

// All lines of one run. The answers as text, "sent" or the words of a refusal, a line each. `finish` false: the
// process is killed before the files are written.
char *desk_send(const Desk *desk, const char *lines, bool finish)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) said = g_string_new(NULL);
  g_auto(GStrv) list = g_strsplit(lines, "\n", -1);
  g_autoptr(Secret) secret = secret_filled(8, desk_fill, (char *)"=Geheim7", NULL);
  void *writer = csv_type.writer_open(desk->config, &error);
  UNIT_NO_ERROR(error, "%s", lines);
  for (uint32_t i = 0; writer && list[i]; i++) {
    if (g_str_equal(list[i], "-"))
      continue;
    g_autoptr(Request) request = desk_request_of(desk, list[i], i + 1, secret);
    Answer answer = {0};
    bool got = false;
    csv_type.writer_send(writer, request, i, NULL);
    csv_type.writer_receive(writer, 0, &answer, &got, NULL);
    g_string_append_printf(said, "%s\n",
                           answer.sent   ? "sent"
                           : answer.text ? answer.text
                                         : ldap_err2string(answer.code));
    answer_clear(&answer);
  }
  if (writer && finish && !csv_type.writer_finish(writer, &error))
    g_string_append_printf(said, "finish: %s\n", error->message);
  if (writer)
    csv_type.writer_close(writer);
  return g_string_free(g_steal_pointer(&said), false);
}

char *desk_text_of(const Desk *desk, const char *path)
{
  g_autoptr(GString) text = g_string_new(NULL);
  g_autofree char *whole = desk_inside(desk, path);
  if (!csv_load(csv_product_of(desk->config), whole, text, NULL))
    return NULL;
  g_auto(GStrv) lines = g_strsplit(text->str, "\r\n", -1);
  return g_strjoinv("\n", lines);
}

void desk_holds(const Desk *desk, const char *path, const char *wanted)
{
  g_autofree char *text = desk_text_of(desk, path);
  UNIT_STR(text, wanted, "%s", path);
}

static bool take_settled(const Settled *settled, void *data, GError **error)
{
  (void)error;
  GString *out = data;
  g_string_append_printf(out, "%u %s%s%s\n", settled->n, outcome_name(settled->kind),
                         settled->stable_id ? " " : "",
                         settled->stable_id ? settled->stable_id : "");
  return true;
}

char *desk_receipts(const Desk *desk)
{
  g_autoptr(GString) said = g_string_new(NULL);
  g_autoptr(GError) error = NULL;
  if (!csv_type.receipts(desk->config, take_settled, said, &error))
    g_string_append_printf(said, "error %d: %s\n", error->code, error->message);
  return g_string_free(g_steal_pointer(&said), false);
}

void desk_tells(const Desk *desk, const char *wanted)
{
  g_autofree char *first = desk_receipts(desk), *again = desk_receipts(desk);
  UNIT_STR(first, wanted);
  UNIT_STR(again, wanted, "until they are kept");
  UNIT_TRUE(csv_type.receipts_kept(desk->config, NULL));
  g_autofree char *then = desk_receipts(desk);
  UNIT_STR(then, "");
}

// Rows as "ROW ID name=… phone=…", as a plan would see them; or the error.
char *desk_seen(const Desk *desk, const char *file)
{
  g_autoptr(GString) out = g_string_new(NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(CsvView) view = csv_view_open(desk->config, false, &error);
  g_autoptr(GPtrArray) all = view ? dit_sorted(believed_now(view->believed)) : g_ptr_array_new();
  if (error)
    g_string_append_printf(out, "error %d: %s\n", error->code, error->message);
  for (size_t i = 0; i < all->len; i++) {
    const Record *record = all->pdata[i];
    g_autofree char *row = NULL;
    const CsvFile *in = csv_place_of(desk->config, record->dn, &row);
    if (!in || !row || !g_str_equal(in->word, file))
      continue;
    bool own = g_str_has_prefix(record->stable_id, CSV_ID_PREFIX);
    g_string_append_printf(out, "%s %s", row, own ? record->stable_id : "-");
    static const char *const shown[] = {"name", "phone", "parent", "member", "posts"};
    for (size_t j = 0; j < G_N_ELEMENTS(shown); j++) {
      Field *field = record_find(record, shown[j]);
      for (size_t k = 0; field && k < field->values->len; k++)
        g_string_append_printf(out, " %s=%s", shown[j], g_array_index(field->values, Bytes, k).at);
    }
    g_string_append_c(out, '\n');
  }
  return g_string_free(g_steal_pointer(&out), false);
}

void desk_sees(const Desk *desk, const char *file, const char *wanted)
{
  g_autofree char *text = desk_seen(desk, file);
  UNIT_STR(text, wanted);
}

// Folders of sets.
size_t desk_n_sets(const Desk *desk)
{
  g_autofree char *path = desk_inside(desk, "out");
  g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
  size_t n = 0;
  const char *name = NULL;
  while (dir && (name = g_dir_read_name(dir)))
    n += *name != '.';
  return n;
}

// By hand, of one operation of the run.
bool desk_settle(const Desk *desk, uint32_t n, OutcomeKind kind)
{
  g_autoptr(GArray) all = g_array_new(false, false, sizeof(Settled));
  Settled settled = {.run = 9, .n = n, .kind = kind};
  g_array_append_val(all, settled);
  return csv_type.settle(desk->config, all, NULL);
}
