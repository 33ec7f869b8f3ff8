// SPDX-License-Identifier: GPL-3.0-or-later
//
// A small product that takes files. Steps are lines of a table; what it writes and tells is held against text.
#include "unit.h"

#include "targets/csv_p.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD "product: desk\n"
#define USERS                      \
  "files:\n"                       \
  "  users:\n"                     \
  "    out: \"users{part}.csv\"\n" \
  "    in: \"users_{time}.csv\"\n" \
  "    key: [login]\n"             \
  "    rows: 2\n"
#define COLUMNS                                                                                    \
  "    columns:\n"                                                                                 \
  "      - {header: ID, id: true, new: \"0\"}\n"                                                   \
  "      - {header: ログイン名, attribute: login, max: 20, required: true}\n"                 \
  "      - {header: 新ログイン名, rename: login, only: import}\n"                            \
  "      - {header: 氏名, attribute: name, max_bytes: 10, required: true}\n"                     \
  "      - {header: パスワード, attribute: initialPassword, once: true, secret: true, only: " \
  "import}\n"                                                                                      \
  "      - {header: 電話, attribute: phone}\n"                                                   \
  "      - {header: 区分, fixed: \"1\", only: import}\n"                                         \
  "      - {header: 削除, change: {delete: d}, only: import}\n"
#define DESK HEAD "encoding: cp932\nunchanged: \"*\"\n" USERS COLUMNS

// The same with all rows in one file, and organisations that are deleted when they lack.
#define ORGS                                                    \
  HEAD "files:\n"                                               \
       "  orgs:\n"                                              \
       "    out: \"{step}-orgs.csv\"\n"                         \
       "    in: \"orgs_{time}.csv\"\n"                          \
       "    mode: delete-absent\n"                              \
       "    key: [code]\n"                                      \
       "    parent: parent\n"                                   \
       "    header: false\n"                                    \
       "    columns:\n"                                         \
       "      - {attribute: code}\n"                            \
       "      - {attribute: name, required: true}\n"            \
       "      - {rename: code, only: import}\n"                 \
       "      - {attribute: parent}\n"                          \
       "  members:\n"                                           \
       "    out: members.csv\n"                                 \
       "    key: [code]\n"                                      \
       "    header: false\n"                                    \
       "    columns:\n"                                         \
       "      - {attribute: code}\n"                            \
       "      - {attribute: member, ref: orgs, repeat: true}\n" \
       "steps:\n"                                               \
       "  - {file: orgs, part: grow}\n"                         \
       "  - members\n"                                          \
       "  - {file: orgs, part: shrink}\n"

typedef struct Desk {
  const char *folder;
  TargetConfig *config;
  Findings *findings;
} Desk;

static char *inside(const Desk *desk, const char *path)
{
  return g_build_filename(desk->folder, path, NULL);
}

static void put(const Desk *desk, const char *path, const char *text)
{
  g_autofree char *whole = inside(desk, path), *folder = g_path_get_dirname(whole);
  g_mkdir_with_parents(folder, 0700);
  UNIT_TRUE(g_file_set_contents(whole, text, -1, NULL), "%s", path);
}

// In the encoding of the product.
static void put_export(const Desk *desk, const char *name, const char *text)
{
  const CsvProduct *product = csv_product_of(desk->config);
  const char *bad = NULL;
  g_autoptr(GByteArray) bytes = csv_encode(product, text, &bad);
  g_autofree char *path = g_strconcat("in/", name, NULL), *whole = inside(desk, path),
                  *folder = inside(desk, "in");
  g_mkdir_with_parents(folder, 0700);
  if (UNIT_TRUE(bytes != NULL, "%s", text))
    g_file_set_contents(whole, (const char *)bytes->data, (gssize)bytes->len, NULL);
}

static Desk desk_open(const char *description)
{
  Desk desk = {.folder = unit_dir(), .findings = findings_new()};
  g_autoptr(GError) error = NULL;
  put(&desk, "in/.keep", "");
  put(&desk, "desk.yaml", description);
  put(&desk, "site.yaml", "desk: {type: csv, product: desk.yaml, path: .}\n");
  g_autofree char *path = inside(&desk, "site.yaml");
  g_autoptr(Yaml) yaml = yaml_load(path, desk.findings, &error);
  UNIT_NO_ERROR(error, "site");
  desk.config = target_config_read(yaml, yaml_get(yaml_root(yaml), "desk"), "desk", desk.folder,
                                   desk.findings);
  return desk;
}

static Desk desk_good(const char *description)
{
  Desk desk = desk_open(description);
  for (size_t i = 0; i < findings_count(desk.findings); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    findings_format(findings_at(desk.findings, i), text);
    UNIT_TRUE(false, "%s", text->str);
  }
  return desk;
}

static void desk_close(Desk *desk)
{
  target_config_free(desk->config);
  findings_free(desk->findings);
}

static void at(const char *when)
{
  g_autofree char *text = g_strdup_printf("2027-%s:00+09:00", when);
  g_setenv("IDOU_NOW", text, true);
}

// ---------------------------------------------------------------------------------------------
// Sending: "add ROW ATTR=VALUE …", "modify ROW ATTR-VALUE ATTR+VALUE …", "rename ROW NEW [ID]", "delete ROW"; "-" is
// the operation of another night; a value "!" is a secret, "@ROW" a reference.

static char *dn_of(const Desk *desk, const char *file, const char *row)
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
  g_autofree char *dn = *value == '@' ? dn_of(desk, "orgs", value + 1) : NULL;
  if (g_str_equal(value, "!")) {
    Bytes bytes = {0};
    bytes.at = secret_bytes(secret, &bytes.n);
    g_ptr_array_add(request->secrets, (void *)secret);
    g_array_append_val(mod->values, bytes);
  } else {
    request_add_value(request, mod, dn ? dn : value, strlen(dn ? dn : value));
  }
}

static Request *request_of(const Desk *desk, const char *line, uint32_t n, const Secret *secret)
{
  static const char *const kinds[] = {"add", "modify", "rename", "delete"};
  g_auto(GStrv) words = g_strsplit(line, " ", -1);
  size_t kind = 0;
  while (!g_str_equal(kinds[kind], words[0]))
    kind++;
  g_auto(GStrv) place = g_strsplit(words[1], ":", 2);
  g_autofree char *dn = dn_of(desk, place[0], place[1]);
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

static bool fill(char *bytes, size_t n_bytes, void *data)
{
  memcpy(bytes, data, n_bytes);
  return true;
}

// All lines of one run. The answers as text, "sent" or the words of a refusal, a line each. `finish` false: the
// process is killed before the files are written.
static char *send(const Desk *desk, const char *lines, bool finish)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) said = g_string_new(NULL);
  g_auto(GStrv) list = g_strsplit(lines, "\n", -1);
  g_autoptr(Secret) secret = secret_filled(8, fill, (char *)"Geheim-7", NULL);
  void *writer = csv_type.writer_open(desk->config, &error);
  UNIT_NO_ERROR(error, "%s", lines);
  for (uint32_t i = 0; writer && list[i]; i++) {
    if (g_str_equal(list[i], "-"))
      continue;
    g_autoptr(Request) request = request_of(desk, list[i], i + 1, secret);
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

static char *text_of(const Desk *desk, const char *path)
{
  g_autoptr(GString) text = g_string_new(NULL);
  g_autofree char *whole = inside(desk, path);
  if (!csv_load(csv_product_of(desk->config), whole, text, NULL))
    return NULL;
  g_auto(GStrv) lines = g_strsplit(text->str, "\r\n", -1);
  return g_strjoinv("\n", lines);
}

static void holds(const Desk *desk, const char *path, const char *wanted)
{
  g_autofree char *text = text_of(desk, path);
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

static char *receipts(const Desk *desk)
{
  g_autoptr(GString) said = g_string_new(NULL);
  g_autoptr(GError) error = NULL;
  if (!csv_type.receipts(desk->config, take_settled, said, &error))
    g_string_append_printf(said, "error %d: %s\n", error->code, error->message);
  return g_string_free(g_steal_pointer(&said), false);
}

static void tells(const Desk *desk, const char *wanted)
{
  g_autofree char *first = receipts(desk), *again = receipts(desk);
  UNIT_STR(first, wanted);
  UNIT_STR(again, wanted, "until they are kept");
  UNIT_TRUE(csv_type.receipts_kept(desk->config, NULL));
  g_autofree char *then = receipts(desk);
  UNIT_STR(then, "");
}

// Rows as "ROW ID name=… phone=…", as a plan would see them; or the error.
static char *seen(const Desk *desk, const char *file)
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

static void sees(const Desk *desk, const char *file, const char *wanted)
{
  g_autofree char *text = seen(desk, file);
  UNIT_STR(text, wanted);
}

#define HEADER "ID,ログイン名,新ログイン名,氏名,パスワード,電話,区分,削除\n"
#define EXPORT "ID,ログイン名,氏名,電話\r\n"

// ---------------------------------------------------------------------------------------------

static void from_export_to_receipt(void)
{
  Desk desk = desk_good(DESK);
  at("03-31T22:00");
  put_export(&desk, "users_20270331.csv", EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,伊藤,090\r\n");
  sees(&desk, "users", "h-suzuki id=11 name=鈴木\nk-ito id=12 name=伊藤 phone=090\n");
  g_autofree char *said = send(&desk,
                               "add users:t-yamada name=山田 phone=080 initialPassword=!\n"
                               "modify users:h-suzuki phone+070\n"
                               "delete users:k-ito\n"
                               "modify users:t-yamada phone-080 phone+081",
                               true);
  UNIT_STR(said, "sent\nsent\nsent\nsent\n");
  holds(&desk, "out/000001/users1.csv",
        HEADER "0,t-yamada,,山田,Geheim-7,081,1,\n11,h-suzuki,*,*,*,070,1,\n");
  holds(&desk, "out/000001/users2.csv", HEADER "12,k-ito,,伊藤,,090,1,d\n");
  sees(&desk, "users", "h-suzuki id=11 name=鈴木 phone=070\nt-yamada - name=山田 phone=081\n");
  tells(&desk, "");
  // The next night: what was sent and is in no export yet cannot be changed.
  g_autofree char *next = send(&desk, "modify users:t-yamada phone-081 phone+082", true);
  UNIT_TRUE(strstr(next, "take a new export"), "%s", next);
  // An export from before the import says nothing of it.
  put_export(&desk, "users_202703312100.csv", EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,伊藤,090\r\n");
  tells(&desk, "");
  at("03-31T23:00");
  put_export(&desk, "users_202703312300.csv",
             EXPORT "11,h-suzuki,鈴木,070\r\n77,t-yamada,山田,081\r\n");
  tells(&desk, "1 done id=77\n2 done\n3 done\n4 done\n");
  sees(&desk, "users", "h-suzuki id=11 name=鈴木 phone=070\nt-yamada id=77 name=山田 phone=081\n");
  desk_close(&desk);
}

static void what_an_export_does_not_show(void)
{
  Desk desk = desk_good(DESK);
  at("03-31T22:00");
  put_export(&desk, "users_20270331.csv",
             EXPORT "11,h-suzuki,鈴木,01\r\n12,k-ito,伊藤,02\r\n13,m-abe,阿部,03\r\n");
  g_autofree char *said = send(&desk,
                               "modify users:h-suzuki phone-01 phone+11\n"
                               "modify users:k-ito phone-02 phone+12\n"
                               "delete users:m-abe\n"
                               "add users:t-yamada name=山田 initialPassword=!",
                               true);
  UNIT_STR(said, "sent\nsent\nsent\nsent\n");
  at("04-01T09:00");
  // The folder is still there, so nobody knows whether it was imported: only what is shown is done.
  put_export(&desk, "users_202704010100.csv",
             EXPORT "11,h-suzuki,鈴木,11\r\n12,k-ito,伊藤,02\r\n13,m-abe,阿部,03\r\n");
  tells(&desk, "1 done\n");
  put(&desk, "out/000001/taken", "2027-04-01T01:30:00+09:00\n");
  put_export(&desk, "users_202704010200.csv",
             EXPORT "11,h-suzuki,鈴木,11\r\n12,k-ito,伊藤,99\r\n13,m-abe,阿部,03\r\n");
  tells(&desk, "2 refused\n3 failed\n4 failed\n");
  sees(&desk, "users",
       "h-suzuki id=11 name=鈴木 phone=11\nk-ito id=12 name=伊藤 phone=99\nm-abe id=13 name=阿部 "
       "phone=03\n");
  desk_close(&desk);
}

// Before the first line of each is an export; what the next one is refused for.
static void exports_that_cannot_be_believed(void)
{
  static const struct {
    const char *text, *error;
  } rows[] = {
      {"", "is empty"},
      {EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,伊藤", "cells where 4 belong"},
      {EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,伊藤,090", "has no end"},
      {EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,\"伊藤,090\r\n", "line 3: a quote"},
      {EXPORT "11,h-su\"zuki,鈴木,\r\n", "line 2: a quote"},
      {EXPORT "11,h-suzuki,鈴木,\r\n11,k-ito,伊藤,090\r\n", "twice"},
      {EXPORT "11,h-suzuki,鈴木,\r\n12,H-Suzuki,伊藤,090\r\n", "twice"},
      {EXPORT "11,,鈴木,\r\n", "the key (login) is empty"},
      {EXPORT "11,h-suzuki,鈴木,\r\n", "only 1 rows"},
      {"ID,ログイン名,氏名\r\n11,h-suzuki,鈴木\r\n12,k-ito,伊藤\r\n", "column “電話” is missing"},
      {"ID,ログイン名,氏名,電話,携帯\r\n11,h-suzuki,鈴木,,\r\n", "column “携帯” is unknown"},
      {"ID,ログイン名,氏名,氏名\r\n", "is there twice"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Desk desk = desk_good(DESK);
    at("03-31T22:00");
    put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,伊藤,090\r\n");
    tells(&desk, "");
    put_export(&desk, "users_20270331.csv", rows[i].text);
    g_autofree char *text = seen(&desk, "users"), *told = receipts(&desk);
    UNIT_TRUE(g_str_has_prefix(text, "error 6") && strstr(text, rows[i].error), "%s: %s",
              rows[i].error, text);
    UNIT_TRUE(g_str_has_prefix(told, "error 6"), "%s: %s", rows[i].error, told);
    desk_close(&desk);
  }
}

static void columns_of_another_version(void)
{
  Desk desk = desk_good(HEAD USERS "    tolerate: [更新日]\n"
                                   "    columns:\n"
                                   "      - {header: ログイン名, attribute: login}\n"
                                   "      - {header: 電話, attribute: phone, optional: true}\n"
                                   "      - {header: 氏名, attribute: name}\n");
  put_export(&desk, "users_20270331.csv", "更新日,氏名,ログイン名\n今日,\"鈴木, 花子\",h-suzuki\n");
  sees(&desk, "users", "h-suzuki - name=鈴木, 花子\n");
  desk_close(&desk);
}

// What it had would be written empty.
static void a_column_that_was_there(void)
{
  Desk desk = desk_good(HEAD USERS "    columns:\n"
                                   "      - {header: ログイン名, attribute: login}\n"
                                   "      - {header: 電話, attribute: phone, optional: true}\n"
                                   "      - {header: 氏名, attribute: name}\n");
  at("03-31T22:00");
  put_export(&desk, "users_20270329.csv", "ログイン名,氏名\nh-suzuki,鈴木\n");
  tells(&desk, "");
  put_export(&desk, "users_20270330.csv", "ログイン名,電話,氏名\nh-suzuki,090,鈴木\n");
  tells(&desk, "");
  put_export(&desk, "users_20270331.csv", "ログイン名,氏名\nh-suzuki,鈴木\n");
  g_autofree char *text = seen(&desk, "users");
  UNIT_TRUE(g_str_has_prefix(text, "error 6") && strstr(text, "lacks the column of phone"), "%s",
            text);
  desk_close(&desk);
}

static void what_the_product_cannot_take(void)
{
  static const struct {
    const char *line, *words;
  } rows[] = {
      {"add users:t-yamada name=山田山田山田", "12 bytes"},
      {"add users:t-yamada name=山𠮷", "(U+20BB7)"},
      {"add users:t-yamada name=山田 phone=+81", "spreadsheet"},
      {"add users:t-yamada name=*", "leaves a column as it is"},
      {"add users:t-yamada", "name must not be empty"},
      {"add users:aaaaaaaaaaaaaaaaaaaaa name=山田", "21 characters"},
      {"add users:h-suzuki name=鈴木", "Already exists"},
      {"add users:t-yamada name=山田 title=x", "no column for title"},
      {"modify users:h-suzuki initialPassword+x", "never again"},
      {"modify users:h-suzuki name-鈴木", "must not be empty"},
      {"modify users:h-suzuki phone-077 phone+078", "No such attribute"},
      {"modify users:nobody phone+078", "No such object"},
      {"rename users:h-suzuki a:=b", NULL},
  };
  Desk desk = desk_good(DESK);
  at("03-31T22:00");
  put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *said = send(&desk, rows[i].line, true);
    UNIT_TRUE(rows[i].words ? strstr(said, rows[i].words) != NULL : g_str_equal(said, "sent\n"),
              "%s: %s", rows[i].line, said);
  }
  g_autofree char *other = inside(&desk, "out/000002");
  UNIT_TRUE(!g_file_test(other, G_FILE_TEST_EXISTS), "only the last made a set");
  holds(&desk, "out/000001/users1.csv", HEADER "11,h-suzuki,a:=b,*,*,*,1,\n");
  desk_close(&desk);
}

static void organisations_that_vanish_when_they_lack(void)
{
  Desk desk = desk_good(ORGS);
  at("03-31T22:00");
  put_export(&desk, "orgs_20270330.csv", "z,互助会,\r\nb,総務課,a\r\na,総務部,\r\nc,税務課,a\r\n");
  g_autofree char *said = send(&desk,
                               "add orgs:d name=新設課 parent=a\n"
                               "rename orgs:b b2\n"
                               "add members:d member=@d member=@z\n"
                               "delete orgs:c",
                               true);
  UNIT_STR(said, "sent\nsent\nsent\nsent\n");
  holds(&desk, "out/000001/1-orgs.csv",
        "a,総務部,,\nb,総務課,b2,a\nc,税務課,,a\nd,新設課,,a\nz,互助会,,\n");
  holds(&desk, "out/000001/members.csv", "d,d,z\n");
  holds(&desk, "out/000001/3-orgs.csv", "a,総務部,,\nb2,総務課,,a\nd,新設課,,a\nz,互助会,,\n");
  at("04-01T09:00");
  put_export(&desk, "orgs_202704010100.csv",
             "a,総務部,\r\nb2,総務課,a\r\nd,新設課,a\r\nz,互助会,\r\n");
  tells(&desk, "1 done\n2 done\n4 done\n");
  sees(&desk, "orgs",
       "a - name=総務部\nb2 - name=総務課 parent=a\nd - name=新設課 parent=a\nz - name=互助会\n");
  // Members are in no export: they stay believed until somebody settles them.
  sees(&desk, "members", "d - member=row=d,file=orgs,csv=desk member=row=z,file=orgs,csv=desk\n");
  UNIT_TRUE(csv_type.settle(desk.config, 9, 3, false, NULL));
  sees(&desk, "members", "");
  // From an old export nothing is written, since what was added by hand would vanish.
  at("04-09T22:00");
  g_autofree char *late = send(&desk, "delete orgs:z", true);
  UNIT_TRUE(strstr(late, "take a new export"), "%s", late);
  desk_close(&desk);
}

static size_t n_sets(const Desk *desk)
{
  g_autofree char *path = inside(desk, "out");
  g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
  size_t n = 0;
  const char *name = NULL;
  while (dir && (name = g_dir_read_name(dir)))
    n += *name != '.';
  return n;
}

// Whether somebody deleted it, or the export was cut short at the end of a line, the next export tells.
static void rows_that_one_export_lacks(void)
{
  static const char *const nexts[] = {"a,総務部,\r\nb,総務課,a\r\n",
                                      "a,総務部,\r\nb,総務課,a\r\nc,税務課,a\r\n"};
  static const char *const files[] = {"a,総務部,,\nb,総務課,,a\nd,新設課,,a\n",
                                      "a,総務部,,\nb,総務課,,a\nc,税務課,,a\nd,新設課,,a\n"};
  for (size_t i = 0; i < G_N_ELEMENTS(nexts); i++) {
    Desk desk = desk_good(ORGS);
    ((CsvProduct *)csv_product_of(desk.config))->shrink_percent = 50;
    at("03-31T22:00");
    put_export(&desk, "orgs_20270330.csv", "a,総務部,\r\nb,総務課,a\r\nc,税務課,a\r\n");
    tells(&desk, "");
    put_export(&desk, "orgs_202703312100.csv", "a,総務部,\r\nb,総務課,a\r\n");
    g_autofree char *said = send(&desk, "add orgs:d name=新設課 parent=a", true);
    UNIT_TRUE(strstr(said, "take another export") != NULL, "%s", said);
    put_export(&desk, "orgs_202703312130.csv", nexts[i]);
    g_autofree char *then = send(&desk, "add orgs:d name=新設課 parent=a", true);
    UNIT_STR(then, "sent\n");
    holds(&desk, "out/000001/1-orgs.csv", files[i]);
    desk_close(&desk);
  }
}

// The same for what a run had sent that was killed.
static void sent_before_an_export_that_lacks_rows(void)
{
  Desk desk = desk_good(ORGS);
  ((CsvProduct *)csv_product_of(desk.config))->shrink_percent = 50;
  at("03-31T22:00");
  put_export(&desk, "orgs_20270330.csv", "a,総務部,\r\nb,総務課,a\r\nc,税務課,a\r\n");
  g_autofree char *said = send(&desk, "add orgs:d name=新設課 parent=a", false);
  UNIT_STR(said, "sent\n");
  put_export(&desk, "orgs_202703312100.csv", "a,総務部,\r\nb,総務課,a\r\n");
  g_autofree char *told = receipts(&desk);
  UNIT_TRUE(g_str_has_prefix(told, "error 6") && strstr(told, "another export"), "%s", told);
  UNIT_INT((long long)n_sets(&desk), 0);
  put_export(&desk, "orgs_202703312130.csv", "a,総務部,\r\nb,総務課,a\r\nc,税務課,a\r\n");
  tells(&desk, "");
  holds(&desk, "out/000001/1-orgs.csv", "a,総務部,,\nb,総務課,,a\nc,税務課,,a\nd,新設課,,a\n");
  desk_close(&desk);
}

// A row that is left out by mistake would be deleted: such a file is never written.
static void rows_that_would_vanish(void)
{
  Desk desk = desk_good(ORGS);
  at("03-31T22:00");
  put_export(&desk, "orgs_20270330.csv", "a,総務部,\r\nb,総務課,a\r\nc,税務課,a\r\n");
  g_autofree char *said = send(&desk, "delete orgs:c", false);
  UNIT_STR(said, "sent\n");
  g_autoptr(GError) error = NULL;
  g_autoptr(CsvView) view = csv_view_open(desk.config, false, &error);
  UNIT_NO_ERROR(error, "view");
  g_autoptr(GPtrArray) secrets = g_ptr_array_new();
  g_autoptr(CsvRows) rows = csv_rows_new(view, secrets);
  const CsvStep *step = &g_array_index(view->product->steps, CsvStep, 2);
  g_autoptr(GPtrArray) changes = csv_rows_of(rows, step);
  UNIT_INT(changes->len, 2);
  for (size_t n = 0; n <= changes->len; n++) {
    g_autoptr(GError) fault = NULL;
    CsvPage page = {step, (CsvChange *const *)changes->pdata, n, 20000};
    g_autoptr(GByteArray) bytes = csv_render(rows, &page, &fault);
    UNIT_TRUE((bytes != NULL) == (n == 2), "%zu rows", n);
    UNIT_TRUE(n == 2 || (fault && strstr(fault->message, "would vanish")), "%zu rows: %s", n,
              fault ? fault->message : "");
  }
  desk_close(&desk);
}

// Whoever takes a key that another row has until the import would be taken for that row.
static void keys_that_are_given_up(void)
{
  Desk desk = desk_good(DESK);
  at("03-31T22:00");
  UNIT_STR(desk.config->charset, "cp932");
  put_export(&desk, "users_20270331.csv", EXPORT "11,a,鈴木,\r\n12,b,伊藤,\r\n13,c,阿部,\r\n");
  g_autofree char *said = send(&desk,
                               "rename users:a a2\n"
                               "rename users:b a\n"
                               "delete users:c\n"
                               "add users:c name=山田 initialPassword=!",
                               true);
  g_auto(GStrv) lines = g_strsplit(said, "\n", -1);
  UNIT_STR(lines[0], "sent");
  UNIT_TRUE(strstr(lines[1], "gives up this key") != NULL, "%s", said);
  UNIT_STR(lines[2], "sent");
  UNIT_TRUE(strstr(lines[3], "gives up this key") != NULL, "%s", said);
  // What was asked for is then done by the next run, once the product has told of the first.
  at("04-01T09:00");
  put_export(&desk, "users_20270401.csv", EXPORT "11,a2,鈴木,\r\n12,b,伊藤,\r\n");
  tells(&desk, "1 done\n3 done\n");
  g_autofree char *next = send(&desk, "rename users:b a", true);
  UNIT_STR(next, "sent\n");
  desk_close(&desk);
}

static void a_disk_that_is_not_mounted(void)
{
  Desk desk = desk_good(DESK);
  g_autofree char *in = inside(&desk, "in"), *away = inside(&desk, "away"),
                  *state = inside(&desk, "state");
  UNIT_TRUE(g_rename(in, away) == 0);
  g_autofree char *text = seen(&desk, "users"), *told = receipts(&desk);
  UNIT_TRUE(g_str_has_prefix(text, "error 6") && strstr(text, "mount the disk"), "%s", text);
  UNIT_TRUE(g_str_has_prefix(told, "error 6"), "%s", told);
  UNIT_TRUE(!g_file_test(state, G_FILE_TEST_EXISTS), "nothing is begun there");
  desk_close(&desk);
}

#define RESULT                                                                                       \
  "receipt:\n"                                                                                       \
  "  results:\n"                                                                                     \
  "    - {name: \"result-{set}.csv\", file: users, key: ログイン名, result: 結果, ok: [OK], " \
  "message: 内容}\n"                                                                               \
  "    - {name: \"{set}.rejected\", says: failed}\n"

static void what_the_import_said(void)
{
  Desk desk = desk_good(DESK RESULT);
  at("03-31T22:00");
  put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,伊藤,090\r\n");
  g_autofree char *said = send(&desk,
                               "modify users:h-suzuki phone+070\n"
                               "modify users:k-ito phone-090 phone+091\n"
                               "add users:t-yamada name=山田",
                               true);
  UNIT_STR(said, "sent\nsent\nsent\n");
  put_export(&desk, "result-000001.csv",
             "ログイン名,結果,内容\nh-suzuki,OK,\nk-ito,NG,番号が使えません\n");
  tells(&desk, "1 done\n2 failed\n");
  // An export from before the import does not take back what the result said.
  put_export(&desk, "users_202703312130.csv", EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,伊藤,090\r\n");
  tells(&desk, "");
  sees(&desk, "users",
       "h-suzuki id=11 name=鈴木 phone=070\nk-ito id=12 name=伊藤 phone=090\nt-yamada - "
       "name=山田\n");
  put(&desk, "in/000001.rejected", "");
  tells(&desk, "3 failed\n");
  put_export(&desk, "result-000002.csv", "ログイン名,内容\n");
  g_autofree char *told = receipts(&desk);
  UNIT_TRUE(strstr(told, "no column “結果”"), "%s", told);
  desk_close(&desk);
}

// Killed after the requests were answered, and before there were files.
static void killed_before_the_set(void)
{
  Desk desk = desk_good(DESK);
  at("03-31T22:00");
  put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  g_autofree char *said = send(&desk,
                               "modify users:h-suzuki phone+070\n"
                               "add users:t-yamada name=山田 initialPassword=!\n"
                               "modify users:t-yamada phone+081",
                               false);
  UNIT_STR(said, "sent\nsent\nsent\n");
  UNIT_INT((long long)n_sets(&desk), 0);
  // Its password is nowhere any more.
  tells(&desk, "2 failed\n3 failed\n");
  UNIT_INT((long long)n_sets(&desk), 1);
  holds(&desk, "out/000001/users1.csv", HEADER "11,h-suzuki,*,*,*,070,1,\n");
  desk_close(&desk);
}

// What was on the disk when the process died, put back: the set's folder has its temporary name, and the state is that
// of before it was begun, or of after.
static void killed_while_the_set_is_put_there(void)
{
  static const char *const cuts[] = {"{\"batch\":", "{\"mark\":\"begun\"}"};
  for (size_t i = 0; i < G_N_ELEMENTS(cuts); i++) {
    Desk desk = desk_good(DESK);
    at("03-31T22:00");
    g_autofree char *log = inside(&desk, "state/believed.log"), *set = inside(&desk, "out/000001"),
                    *temporary = inside(&desk, "out/.000001.new"), *lines = NULL;
    g_autofree char *sent = send(&desk, "add users:k-ito name=伊藤 initialPassword=!", true);
    UNIT_STR(sent, "sent\n");
    UNIT_TRUE(g_rename(set, temporary) == 0);
    g_file_get_contents(log, &lines, NULL, NULL);
    char *cut = strstr(lines, cuts[i]);
    if (UNIT_TRUE(cut != NULL, "%s: %s", cuts[i], lines)) {
      *cut = '\0';
      g_file_set_contents(log, lines, -1, NULL);
      tells(&desk, "");
      UNIT_INT((long long)n_sets(&desk), 1);
      // With the password that was sealed.
      holds(&desk, "out/000001/users1.csv", HEADER "0,k-ito,,伊藤,Geheim-7,,1,\n");
      at("04-01T09:00");
      put_export(&desk, "users_20270401.csv", EXPORT "11,k-ito,伊藤,\r\n");
      tells(&desk, "1 done id=11\n");
      UNIT_INT((long long)n_sets(&desk), 0);
    }
    desk_close(&desk);
  }
}

// The process died when the set had its temporary name, and the state did not have the line yet.
static void back_to_temporary(const Desk *desk, const char *line)
{
  g_autofree char *log = inside(desk, "state/believed.log"), *set = inside(desk, "out/000001"),
                  *temporary = inside(desk, "out/.000001.new"), *lines = NULL;
  UNIT_TRUE(g_rename(set, temporary) == 0);
  g_file_get_contents(log, &lines, NULL, NULL);
  char *cut = strstr(lines, line);
  if (!UNIT_TRUE(cut != NULL, "%s: %s", line, lines))
    return;
  *cut = '\0';
  g_file_set_contents(log, lines, -1, NULL);
}

// Its time would make every later one too old, and all that was sent failed.
static void an_export_of_tomorrow(void)
{
  Desk desk = desk_good(DESK);
  at("03-31T22:00");
  put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  tells(&desk, "");
  put_export(&desk, "users_20270401.csv", EXPORT "11,h-suzuki,鈴木,070\r\n");
  g_autofree char *text = seen(&desk, "users"), *told = receipts(&desk);
  UNIT_TRUE(g_str_has_prefix(text, "error 6") && strstr(text, "still to come"), "%s", text);
  UNIT_TRUE(g_str_has_prefix(told, "error 6"), "%s", told);
  at("04-01T00:00");
  sees(&desk, "users", "h-suzuki id=11 name=鈴木 phone=070\n");
  desk_close(&desk);
}

// Two nights, and an export from between the two imports.
static void changed_again_before_the_receipt(void)
{
  Desk desk = desk_good(DESK);
  at("03-30T22:00");
  put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,01\r\n12,a,伊藤,\r\n");
  g_autofree char *first = send(&desk,
                                "modify users:h-suzuki phone-01 phone+02\n"
                                "rename users:a b id=12",
                                true);
  UNIT_STR(first, "sent\nsent\n");
  put(&desk, "out/000001/taken", "2027-03-31T06:00:00+09:00\n");
  at("03-31T22:00");
  g_autofree char *second = send(&desk,
                                 "-\n-\n"
                                 "modify users:h-suzuki phone-02 phone+03\n"
                                 "rename users:b c id=12",
                                 true);
  UNIT_STR(second, "sent\nsent\n");
  put_export(&desk, "users_202704010100.csv", EXPORT "11,h-suzuki,鈴木,02\r\n12,b,伊藤,\r\n");
  at("04-01T09:00");
  tells(&desk, "1 done\n2 done\n");
  sees(&desk, "users", "c id=12 name=伊藤\nh-suzuki id=11 name=鈴木 phone=03\n");
  put_export(&desk, "users_202704020100.csv", EXPORT "11,h-suzuki,鈴木,03\r\n12,c,伊藤,\r\n");
  at("04-02T09:00");
  tells(&desk, "3 done\n4 done\n");
  desk_close(&desk);
}

// A disk below that was unmounted is no product that took everything away.
static void a_folder_of_sets_that_is_gone(void)
{
  Desk desk = desk_good(DESK);
  at("03-31T22:00");
  put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  g_autofree char *said = send(&desk, "modify users:h-suzuki phone+070", true);
  UNIT_STR(said, "sent\n");
  g_autofree char *out = inside(&desk, "out"), *away = inside(&desk, "away");
  for (int i = 0; i < 2; i++) {
    UNIT_TRUE(g_rename(out, away) == 0);
    if (i > 0)
      g_mkdir(out, 0700);
    g_autofree char *text = seen(&desk, "users"), *told = receipts(&desk);
    UNIT_TRUE(g_str_has_prefix(text, "error 6") && strstr(text, "mount"), "%d: %s", i, text);
    UNIT_TRUE(g_str_has_prefix(told, "error 6"), "%d: %s", i, told);
    g_rmdir(out);
    UNIT_TRUE(g_rename(away, out) == 0);
  }
  put_export(&desk, "users_20270401.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  at("04-01T09:00");
  tells(&desk, "");
  desk_close(&desk);
}

// Nobody needs its files any more, and there are passwords in them.
static void decided_sets_go(void)
{
  Desk desk = desk_good(DESK);
  at("03-31T22:00");
  put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  for (int i = 0; i < 2; i++) {
    g_autofree char *said = send(&desk, "add users:k-ito name=伊藤 initialPassword=!", true);
    UNIT_STR(said, "sent\n");
    tells(&desk, "");
    UNIT_INT((long long)n_sets(&desk), 1);
    if (i == 0) {
      UNIT_TRUE(csv_type.settle(desk.config, 9, 1, false, NULL));
    } else {
      at("04-01T09:00");
      put(&desk, "out/000002/taken", "2027-04-01T06:00:00+09:00\n");
      put_export(&desk, "users_202704010700.csv", EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,伊藤,\r\n");
    }
    tells(&desk, i == 0 ? "" : "1 done id=12\n");
    UNIT_INT((long long)n_sets(&desk), 0);
  }
  desk_close(&desk);
}

#define FAILURES \
  "receipt:\n"   \
  "  results:\n" \
  "    - {name: \"result-{set}.csv\", key: ログイン名, message: 内容, unlisted: done}\n"

// What it does not list would be done.
static void results_that_are_cut_short(void)
{
  static const struct {
    const char *text, *error;
  } rows[] = {
      {"", "empty"},
      {"ログイン名,内容\r\nk-ito,番号が使えません\r\nh-suz", "no end"},
      {"ログイン名,内容\r\n,番号が使えません\r\n", "key"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Desk desk = desk_good(DESK FAILURES);
    at("03-31T22:00");
    put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,伊藤,\r\n");
    g_autofree char *said = send(&desk,
                                 "modify users:h-suzuki phone+070\n"
                                 "modify users:k-ito phone+091",
                                 true);
    UNIT_STR(said, "sent\nsent\n");
    put_export(&desk, "result-000001.csv", rows[i].text);
    g_autofree char *told = receipts(&desk);
    UNIT_TRUE(g_str_has_prefix(told, "error 6") && strstr(told, rows[i].error), "%zu: %s", i, told);
    put_export(&desk, "result-000001.csv", "ログイン名,内容\r\nk-ito,番号が使えません\r\n");
    tells(&desk, "1 done\n2 failed\n");
    desk_close(&desk);
  }
}

static size_t n_left(const Desk *desk)
{
  g_autofree char *path = inside(desk, "out/.000001.new");
  return g_file_test(path, G_FILE_TEST_EXISTS);
}

// Its files hold passwords.
static void killed_and_then_settled_by_hand(void)
{
  Desk desk = desk_good(DESK);
  at("03-31T22:00");
  put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  g_autofree char *said = send(&desk, "add users:k-ito name=伊藤 initialPassword=!", true);
  UNIT_STR(said, "sent\n");
  back_to_temporary(&desk, "{\"batch\":");
  UNIT_INT((long long)n_left(&desk), 1);
  UNIT_TRUE(csv_type.settle(desk.config, 9, 1, false, NULL));
  tells(&desk, "");
  UNIT_INT((long long)n_left(&desk), 0);
  desk_close(&desk);
}

// All rows were made from an export that is no longer the last.
static void killed_and_then_a_new_export(void)
{
  Desk desk = desk_good(ORGS);
  at("03-31T22:00");
  put_export(&desk, "orgs_20270330.csv", "a,総務部,\r\nb,総務課,a\r\n");
  g_autofree char *said = send(&desk, "add orgs:d name=新設課 parent=a", true);
  UNIT_STR(said, "sent\n");
  back_to_temporary(&desk, "{\"batch\":");
  at("04-01T09:00");
  put_export(&desk, "orgs_20270401.csv", "a,総務部,\r\nb,総務課,a\r\ne,手で追加,\r\n");
  tells(&desk, "");
  holds(&desk, "out/000001/1-orgs.csv", "a,総務部,,\nb,総務課,,a\nd,新設課,,a\ne,手で追加,,\n");
  desk_close(&desk);
}

// The numbers of requests begin again where the disk ends; the password of one that was lost is nobody else's.
static void a_password_that_was_lost(void)
{
  Desk desk = desk_good(DESK);
  at("03-31T22:00");
  put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  g_autofree char *log = inside(&desk, "state/believed.log");
  g_autoptr(Secret) secret = secret_filled(8, fill, (char *)"Geheim-7", NULL);
  void *writer = csv_type.writer_open(desk.config, NULL);
  g_mkdir(log, 0700);
  g_autoptr(Request) lost =
      request_of(&desk, "add users:k-ito name=伊藤 initialPassword=!", 1, secret);
  Answer answer = {0};
  bool got = false;
  csv_type.writer_send(writer, lost, 1, NULL);
  csv_type.writer_receive(writer, 0, &answer, &got, NULL);
  UNIT_TRUE(got && answer.lost);
  answer_clear(&answer);
  g_rmdir(log);
  UNIT_TRUE(csv_type.writer_reconnect(writer, NULL));
  g_autoptr(Request) next = request_of(&desk, "add users:t-yamada name=山田", 2, NULL);
  csv_type.writer_send(writer, next, 2, NULL);
  csv_type.writer_receive(writer, 0, &answer, &got, NULL);
  UNIT_TRUE(got && answer.sent);
  answer_clear(&answer);
  UNIT_TRUE(csv_type.writer_finish(writer, NULL));
  csv_type.writer_close(writer);
  holds(&desk, "out/000001/users1.csv", HEADER "0,t-yamada,,山田,,,1,\n");
  desk_close(&desk);
}

// The state was lost; what the sets in out/ asked for is not asked for again under their numbers.
static void sets_without_a_state(void)
{
  Desk desk = desk_good(DESK);
  at("03-31T22:00");
  put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  g_autofree char *said = send(&desk, "modify users:h-suzuki phone+070", true);
  UNIT_STR(said, "sent\n");
  g_autofree char *state = inside(&desk, "state"), *away = inside(&desk, "away");
  UNIT_TRUE(g_rename(state, away) == 0);
  g_autofree char *text = seen(&desk, "users"), *told = receipts(&desk);
  UNIT_TRUE(g_str_has_prefix(text, "error 6") && strstr(text, "copy"), "%s", text);
  UNIT_TRUE(g_str_has_prefix(told, "error 6"), "%s", told);
  desk_close(&desk);
}

static void faults_of_descriptions(void)
{
  static const struct {
    const char *text, *fault;
  } rows[] = {
      {"encoding: cp932\n" USERS COLUMNS, ":1:1: error: the description needs “product”"},
      {HEAD "encoding: sjis\n" USERS COLUMNS, ":2:11: error: “encoding” is one of"},
      {HEAD "colour: red\n" USERS COLUMNS, ":2:1: error: “colour” means nothing"},
      {HEAD, "needs “files”"},
      {HEAD "files:\n  users:\n    out: users.csv\n    rows: 2\n    key: [login]\n" COLUMNS,
       "needs “{part}”"},
      {HEAD "files:\n  users:\n    out: ../users.csv\n    key: [login]\n" COLUMNS, "holds no “/”"},
      {HEAD "files:\n  users:\n    out: users.csv\n    key: [number]\n" COLUMNS, "no column holds"},
      {HEAD USERS "    columns:\n      - {header: A}\n", ":9:9: error: a column is one of"},
      {HEAD USERS "    columns:\n      - {header: A, attribute: pass, secret: true}\n",
       "must end in “password”"},
      {HEAD USERS "    columns:\n      - {header: A, attribute: login, repeat: true}\n      - "
                  "{header: B, attribute: x}\n",
       "only the last column"},
      {DESK "steps:\n  - groups\n", "no file “groups”"},
      {DESK "steps:\n  - {file: users, part: shrink}\n", "stands in the steps once"},
      {DESK "receipt:\n  results:\n    - {name: x, key: A}\n", "a result has either"},
      {"- a\n", "has “product”, “files”"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    Desk desk = desk_open(rows[i].text);
    g_autoptr(GString) text = g_string_new(NULL);
    for (size_t j = 0; j < findings_count(desk.findings); j++) {
      findings_format(findings_at(desk.findings, j), text);
      g_string_append_c(text, '\n');
    }
    UNIT_TRUE(strstr(text->str, rows[i].fault) != NULL, "%s: %s", rows[i].fault, text->str);
    desk_close(&desk);
  }
}

// One row of one attribute, as it stands in the file, and as it is read again.
static void forms(void)
{
  static const struct {
    const char *head, *column, *value, *cell;
  } rows[] = {
      {"", "", "a,b", "\"a,b\""},
      {"", "", "say \"a\"", "\"say \"\"a\"\"\""},
      {"", "", " a", "\" a\""},
      {"quoting: always\n", "", "a", "\"a\""},
      {"quoting: never\nseparator: tab\n", "", "a,b", "a,b"},
      {"encoding: utf16le\n", "", "髙", "髙"},
      {"encoding: utf8-bom\n", "", "髙", "髙"},
      {"encoding: cp932\n", "", "髙－～", "髙－～"},
      {"formulas: apostrophe\n", "", "=1+1", "'=1+1"},
      {"formulas: fullwidth\n", "", "@a", "＠a"},
      {"", ", formulas: plain", "+81", "+81"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *text =
        g_strdup_printf(HEAD "%s" USERS "    header: false\n    columns:\n"
                             "      - {attribute: login}\n      - {attribute: name%s}\n",
                        rows[i].head, rows[i].column);
    Desk desk = desk_good(text);
    at("03-31T22:00");
    g_autofree char *dn = dn_of(&desk, "users", "a"),
                    *path = inside(&desk, "out/000001/users1.csv"),
                    *copy = inside(&desk, "in/users_20270401.csv"), *bytes = NULL, *whole = NULL;
    Request *request = request_of(&desk, "add users:a", 1, NULL);
    request_add_value(request, request_add_mod(request, MOD_ADD, "name"), rows[i].value,
                      strlen(rows[i].value));
    void *writer = csv_type.writer_open(desk.config, NULL);
    csv_type.writer_send(writer, request, 1, NULL);
    UNIT_TRUE(csv_type.writer_finish(writer, NULL), "%s", rows[i].value);
    csv_type.writer_close(writer);
    request_free(request);
    whole = text_of(&desk, "out/000001/users1.csv");
    UNIT_TRUE(whole && strstr(whole, rows[i].cell) && g_str_has_suffix(whole, "\n"), "%s: %s",
              rows[i].cell, whole ? whole : "nothing");
    gsize n = 0;
    g_file_get_contents(path, &bytes, &n, NULL);
    put(&desk, "in/x", "");
    at("04-01T09:00");
    g_file_set_contents(copy, bytes, (gssize)n, NULL);
    tells(&desk, "1 done\n");
    g_autofree char *again = seen(&desk, "users");
    UNIT_TRUE(strstr(again, rows[i].value) != NULL, "%s: %s", rows[i].value, again);
    desk_close(&desk);
  }
}

// Several values in a row: "org1,title1,org2,title2", a list in a cell, columns to the right without end.
static void several_values(void)
{
  Desk desk = desk_good(
      HEAD USERS
      "    columns:\n"
      "      - {header: ログイン名, attribute: login}\n"
      "      - {header: 氏名, attribute: name, list: \";\"}\n"
      "      - {split: posts, between: \";\", within: \"|\", headers: [所属, 役職], repeat: 2}\n"
      "      - {header: \"番号{n}\", attribute: phone, repeat: true}\n");
  at("03-31T22:00");
  put_export(&desk, "users_20270331.csv",
             "ログイン名,氏名,所属1,役職1,所属2,役職2,番号1\na,い;ろ,総務課,課長,,\nb,,総務課,,"
             "税務課,主事,1,2\n");
  sees(&desk, "users",
       "a - name=い name=ろ posts=総務課|課長\nb - phone=1 phone=2 posts=総務課;税務課|主事\n");
  g_autofree char *said =
      send(&desk,
           "modify users:a posts-総務課|課長 posts+税務課|課長;総務課 phone+7 phone+8\n"
           "modify users:b posts-総務課;税務課|主事 posts+a;b;c",
           true);
  UNIT_TRUE(g_str_has_prefix(said, "sent\n“a;b;c” has 3 parts"), "%s", said);
  holds(&desk, "out/000001/users1.csv",
        "ログイン名,氏名,所属1,役職1,所属2,役職2,番号1\na,い;ろ,税務課,課長,総務課,,7,8\n");
  desk_close(&desk);
}

static const UnitTest tests[] = {
    {"from_export_to_receipt", from_export_to_receipt},
    {"what_an_export_does_not_show", what_an_export_does_not_show},
    {"exports_that_cannot_be_believed", exports_that_cannot_be_believed},
    {"columns_of_another_version", columns_of_another_version},
    {"a_column_that_was_there", a_column_that_was_there},
    {"what_the_product_cannot_take", what_the_product_cannot_take},
    {"organisations_that_vanish_when_they_lack", organisations_that_vanish_when_they_lack},
    {"rows_that_one_export_lacks", rows_that_one_export_lacks},
    {"sent_before_an_export_that_lacks_rows", sent_before_an_export_that_lacks_rows},
    {"rows_that_would_vanish", rows_that_would_vanish},
    {"keys_that_are_given_up", keys_that_are_given_up},
    {"a_disk_that_is_not_mounted", a_disk_that_is_not_mounted},
    {"what_the_import_said", what_the_import_said},
    {"killed_before_the_set", killed_before_the_set},
    {"killed_while_the_set_is_put_there", killed_while_the_set_is_put_there},
    {"an_export_of_tomorrow", an_export_of_tomorrow},
    {"changed_again_before_the_receipt", changed_again_before_the_receipt},
    {"a_folder_of_sets_that_is_gone", a_folder_of_sets_that_is_gone},
    {"decided_sets_go", decided_sets_go},
    {"results_that_are_cut_short", results_that_are_cut_short},
    {"killed_and_then_settled_by_hand", killed_and_then_settled_by_hand},
    {"killed_and_then_a_new_export", killed_and_then_a_new_export},
    {"a_password_that_was_lost", a_password_that_was_lost},
    {"sets_without_a_state", sets_without_a_state},
    {"faults_of_descriptions", faults_of_descriptions},
    {"forms", forms},
    {"several_values", several_values},
    {NULL, NULL},
};
UNIT_SUITE(target_csv, tests);
