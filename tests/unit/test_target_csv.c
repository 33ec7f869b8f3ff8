// SPDX-License-Identifier: GPL-3.0-or-later
//
// A small product that takes files. Steps are lines of a table; what it writes and tells is held against text.
#include "unit.h"

#include "csv_kit.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// ---------------------------------------------------------------------------------------------

static void from_export_to_receipt(void)
{
  Desk desk = desk_good(DESK);
  desk_at("03-31T22:00");
  desk_put_export(&desk, "users_20270331.csv", EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,伊藤,090\r\n");
  desk_sees(&desk, "users", "h-suzuki id=11 name=鈴木\nk-ito id=12 name=伊藤 phone=090\n");
  g_autofree char *said = desk_send(&desk,
                                    "add users:t-yamada name=山田 phone=080 initialPassword=!\n"
                                    "modify users:h-suzuki phone+070\n"
                                    "delete users:k-ito\n"
                                    "modify users:t-yamada phone-080 phone+081",
                                    true);
  UNIT_STR(said, "sent\nsent\nsent\nsent\n");
  desk_holds(&desk, "out/000001/users1.csv",
             HEADER "0,t-yamada,,山田,=Geheim7,081,1,\n11,h-suzuki,*,*,*,070,1,\n");
  desk_holds(&desk, "out/000001/users2.csv", HEADER "12,k-ito,,伊藤,,090,1,d\n");
  desk_sees(&desk, "users", "h-suzuki id=11 name=鈴木 phone=070\nt-yamada - name=山田 phone=081\n");
  desk_tells(&desk, "");
  // The next night: what was sent and is in no export yet cannot be changed.
  g_autofree char *next = desk_send(&desk, "modify users:t-yamada phone-081 phone+082", true);
  UNIT_TRUE(strstr(next, "take a new export"), "%s", next);
  // An export from before the import says nothing of it.
  desk_put_export(&desk, "users_202703312100.csv",
                  EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,伊藤,090\r\n");
  desk_tells(&desk, "");
  desk_at("03-31T23:00");
  desk_put_export(&desk, "users_202703312300.csv",
                  EXPORT "11,h-suzuki,鈴木,070\r\n77,t-yamada,山田,081\r\n");
  desk_tells(&desk, "1 done id=77\n2 done\n3 done\n4 done\n");
  desk_sees(&desk, "users",
            "h-suzuki id=11 name=鈴木 phone=070\nt-yamada id=77 name=山田 phone=081\n");
  desk_close(&desk);
}

static void what_an_export_does_not_show(void)
{
  Desk desk = desk_good(DESK);
  desk_at("03-31T22:00");
  desk_put_export(&desk, "users_20270331.csv",
                  EXPORT "11,h-suzuki,鈴木,01\r\n12,k-ito,伊藤,02\r\n13,m-abe,阿部,03\r\n");
  g_autofree char *said = desk_send(&desk,
                                    "modify users:h-suzuki phone-01 phone+11\n"
                                    "modify users:k-ito phone-02 phone+12\n"
                                    "delete users:m-abe\n"
                                    "add users:t-yamada name=山田 initialPassword=!",
                                    true);
  UNIT_STR(said, "sent\nsent\nsent\nsent\n");
  desk_at("04-01T09:00");
  // The folder is still there, so nobody knows whether it was imported: only what is shown is done.
  desk_put_export(&desk, "users_202704010100.csv",
                  EXPORT "11,h-suzuki,鈴木,11\r\n12,k-ito,伊藤,02\r\n13,m-abe,阿部,03\r\n");
  desk_tells(&desk, "1 done\n");
  desk_put(&desk, "out/000001/taken", "2027-04-01T01:30:00+09:00\n");
  desk_put_export(&desk, "users_202704010200.csv",
                  EXPORT "11,h-suzuki,鈴木,11\r\n12,k-ito,伊藤,99\r\n13,m-abe,阿部,03\r\n");
  desk_tells(&desk, "2 refused\n3 failed\n4 failed\n");
  desk_sees(
      &desk, "users",
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
    desk_at("03-31T22:00");
    desk_put_export(&desk, "users_20270330.csv",
                    EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,伊藤,090\r\n");
    desk_tells(&desk, "");
    desk_put_export(&desk, "users_20270331.csv", rows[i].text);
    g_autofree char *text = desk_seen(&desk, "users"), *told = desk_receipts(&desk);
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
  desk_put_export(&desk, "users_20270331.csv",
                  "更新日,氏名,ログイン名\n今日,\"鈴木, 花子\",h-suzuki\n");
  desk_sees(&desk, "users", "h-suzuki - name=鈴木, 花子\n");
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
  desk_at("03-31T22:00");
  desk_put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autofree char *said = desk_send(&desk, rows[i].line, true);
    UNIT_TRUE(rows[i].words ? strstr(said, rows[i].words) != NULL : g_str_equal(said, "sent\n"),
              "%s: %s", rows[i].line, said);
  }
  g_autofree char *other = desk_inside(&desk, "out/000002");
  UNIT_TRUE(!g_file_test(other, G_FILE_TEST_EXISTS), "only the last made a set");
  desk_holds(&desk, "out/000001/users1.csv", HEADER "11,h-suzuki,a:=b,*,*,*,1,\n");
  desk_close(&desk);
}

static void organisations_that_vanish_when_they_lack(void)
{
  Desk desk = desk_good(ORGS);
  desk_at("03-31T22:00");
  desk_put_export(&desk, "orgs_20270330.csv",
                  "z,互助会,\r\nb,総務課,a\r\na,総務部,\r\nc,税務課,a\r\n");
  g_autofree char *said = desk_send(&desk,
                                    "add orgs:d name=新設課 parent=a\n"
                                    "rename orgs:b b2\n"
                                    "add members:d member=@d member=@z\n"
                                    "delete orgs:c",
                                    true);
  UNIT_STR(said, "sent\nsent\nsent\nsent\n");
  desk_holds(&desk, "out/000001/1-orgs.csv",
             "a,総務部,,\nb,総務課,b2,a\nc,税務課,,a\nd,新設課,,a\nz,互助会,,\n");
  desk_holds(&desk, "out/000001/members.csv", "d,d,z\n");
  desk_holds(&desk, "out/000001/3-orgs.csv", "a,総務部,,\nb2,総務課,,a\nd,新設課,,a\nz,互助会,,\n");
  desk_at("04-01T09:00");
  desk_put_export(&desk, "orgs_202704010100.csv",
                  "a,総務部,\r\nb2,総務課,a\r\nd,新設課,a\r\nz,互助会,\r\n");
  desk_tells(&desk, "1 done\n2 done\n4 done\n");
  desk_sees(
      &desk, "orgs",
      "a - name=総務部\nb2 - name=総務課 parent=a\nd - name=新設課 parent=a\nz - name=互助会\n");
  // Members are in no export: they stay believed until somebody settles them.
  desk_sees(&desk, "members",
            "d - member=row=d,file=orgs,csv=desk member=row=z,file=orgs,csv=desk\n");
  UNIT_TRUE(desk_settle(&desk, 3, OUTCOME_FAILED));
  desk_sees(&desk, "members", "");
  // From an old export nothing is written, since what was added by hand would vanish.
  desk_at("04-09T22:00");
  g_autofree char *late = desk_send(&desk, "delete orgs:z", true);
  UNIT_TRUE(strstr(late, "take a new export"), "%s", late);
  desk_close(&desk);
}

// A row that is left out by mistake would be deleted: such a file is never written.
static void rows_that_would_vanish(void)
{
  Desk desk = desk_good(ORGS);
  desk_at("03-31T22:00");
  desk_put_export(&desk, "orgs_20270330.csv", "a,総務部,\r\nb,総務課,a\r\nc,税務課,a\r\n");
  g_autofree char *said = desk_send(&desk, "delete orgs:c", false);
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
  desk_at("03-31T22:00");
  UNIT_STR(desk.config->charset, "cp932");
  desk_put_export(&desk, "users_20270331.csv", EXPORT "11,a,鈴木,\r\n12,b,伊藤,\r\n13,c,阿部,\r\n");
  g_autofree char *said = desk_send(&desk,
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
  desk_at("04-01T09:00");
  desk_put_export(&desk, "users_20270401.csv", EXPORT "11,a2,鈴木,\r\n12,b,伊藤,\r\n");
  desk_tells(&desk, "1 done\n3 done\n");
  g_autofree char *next = desk_send(&desk, "rename users:b a", true);
  UNIT_STR(next, "sent\n");
  desk_close(&desk);
}

static void a_disk_that_is_not_mounted(void)
{
  Desk desk = desk_good(DESK);
  g_autofree char *in = desk_inside(&desk, "in"), *away = desk_inside(&desk, "away"),
                  *state = desk_inside(&desk, "state");
  UNIT_TRUE(g_rename(in, away) == 0);
  g_autofree char *text = desk_seen(&desk, "users"), *told = desk_receipts(&desk);
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
  desk_at("03-31T22:00");
  desk_put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,伊藤,090\r\n");
  g_autofree char *said = desk_send(&desk,
                                    "modify users:h-suzuki phone+070\n"
                                    "modify users:k-ito phone-090 phone+091\n"
                                    "add users:t-yamada name=山田",
                                    true);
  UNIT_STR(said, "sent\nsent\nsent\n");
  desk_put_export(&desk, "result-000001.csv",
                  "ログイン名,結果,内容\nh-suzuki,OK,\nk-ito,NG,番号が使えません\n");
  desk_tells(&desk, "1 done\n2 failed\n");
  // An export from before the import does not take back what the result said.
  desk_put_export(&desk, "users_202703312130.csv",
                  EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,伊藤,090\r\n");
  desk_tells(&desk, "");
  desk_sees(&desk, "users",
            "h-suzuki id=11 name=鈴木 phone=070\nk-ito id=12 name=伊藤 phone=090\nt-yamada - "
            "name=山田\n");
  desk_put(&desk, "in/000001.rejected", "");
  desk_tells(&desk, "3 failed\n");
  desk_put_export(&desk, "result-000002.csv", "ログイン名,内容\n");
  g_autofree char *told = desk_receipts(&desk);
  UNIT_TRUE(strstr(told, "no column “結果”"), "%s", told);
  desk_close(&desk);
}

// Killed after the requests were answered, and before there were files.
static void killed_before_the_set(void)
{
  Desk desk = desk_good(DESK);
  desk_at("03-31T22:00");
  desk_put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  g_autofree char *said = desk_send(&desk,
                                    "modify users:h-suzuki phone+070\n"
                                    "add users:t-yamada name=山田 initialPassword=!\n"
                                    "modify users:t-yamada phone+081",
                                    false);
  UNIT_STR(said, "sent\nsent\nsent\n");
  UNIT_INT((long long)desk_n_sets(&desk), 0);
  // Its password is nowhere any more.
  desk_tells(&desk, "2 failed\n3 failed\n");
  UNIT_INT((long long)desk_n_sets(&desk), 1);
  desk_holds(&desk, "out/000001/users1.csv", HEADER "11,h-suzuki,*,*,*,070,1,\n");
  desk_close(&desk);
}

// What was on the disk when the process died, put back: the set's folder has its temporary name, and the state is that
// of before it was begun, or of after.
static void killed_while_the_set_is_put_there(void)
{
  static const char *const cuts[] = {"{\"batch\":", "{\"mark\":\"begun\"}"};
  for (size_t i = 0; i < G_N_ELEMENTS(cuts); i++) {
    Desk desk = desk_good(DESK);
    desk_at("03-31T22:00");
    g_autofree char *log = desk_inside(&desk, "state/believed.log"),
                    *set = desk_inside(&desk, "out/000001"),
                    *temporary = desk_inside(&desk, "out/.000001.new"), *lines = NULL;
    g_autofree char *sent = desk_send(&desk, "add users:k-ito name=伊藤 initialPassword=!", true);
    UNIT_STR(sent, "sent\n");
    UNIT_TRUE(g_rename(set, temporary) == 0);
    desk_put(&desk, "out/.idou", "");
    g_file_get_contents(log, &lines, NULL, NULL);
    char *cut = strstr(lines, cuts[i]);
    if (UNIT_TRUE(cut != NULL, "%s: %s", cuts[i], lines)) {
      *cut = '\0';
      g_file_set_contents(log, lines, -1, NULL);
      desk_tells(&desk, "");
      UNIT_INT((long long)desk_n_sets(&desk), 1);
      // With the password that was sealed.
      desk_holds(&desk, "out/000001/users1.csv", HEADER "0,k-ito,,伊藤,=Geheim7,,1,\n");
      desk_at("04-01T09:00");
      desk_put_export(&desk, "users_20270401.csv", EXPORT "11,k-ito,伊藤,\r\n");
      desk_tells(&desk, "1 done id=11\n");
      UNIT_INT((long long)desk_n_sets(&desk), 0);
    }
    desk_close(&desk);
  }
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
    desk_at("03-31T22:00");
    g_autofree char *dn = desk_dn_of(&desk, "users", "a"),
                    *path = desk_inside(&desk, "out/000001/users1.csv"),
                    *copy = desk_inside(&desk, "in/users_20270401.csv"), *bytes = NULL,
                    *whole = NULL;
    Request *request = desk_request_of(&desk, "add users:a", 1, NULL);
    request_add_value(request, request_add_mod(request, MOD_ADD, "name"), rows[i].value,
                      strlen(rows[i].value));
    void *writer = csv_type.writer_open(desk.config, NULL);
    csv_type.writer_send(writer, request, 1, NULL);
    UNIT_TRUE(csv_type.writer_finish(writer, NULL), "%s", rows[i].value);
    csv_type.writer_close(writer);
    request_free(request);
    whole = desk_text_of(&desk, "out/000001/users1.csv");
    UNIT_TRUE(whole && strstr(whole, rows[i].cell) && g_str_has_suffix(whole, "\n"), "%s: %s",
              rows[i].cell, whole ? whole : "nothing");
    gsize n = 0;
    g_file_get_contents(path, &bytes, &n, NULL);
    desk_put(&desk, "in/x", "");
    desk_at("04-01T09:00");
    g_file_set_contents(copy, bytes, (gssize)n, NULL);
    desk_tells(&desk, "1 done\n");
    g_autofree char *again = desk_seen(&desk, "users");
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
  desk_at("03-31T22:00");
  desk_put_export(
      &desk, "users_20270331.csv",
      "ログイン名,氏名,所属1,役職1,所属2,役職2,番号1\na,い;ろ,総務課,課長,,\nb,,総務課,,"
      "税務課,主事,1,2\n");
  desk_sees(
      &desk, "users",
      "a - name=い name=ろ posts=総務課|課長\nb - phone=1 phone=2 posts=総務課;税務課|主事\n");
  g_autofree char *said =
      desk_send(&desk,
                "modify users:a posts-総務課|課長 posts+税務課|課長;総務課 phone+7 phone+8\n"
                "modify users:b posts-総務課;税務課|主事 posts+a;b;c",
                true);
  UNIT_TRUE(g_str_has_prefix(said, "sent\n“a;b;c” has 3 parts"), "%s", said);
  desk_holds(&desk, "out/000001/users1.csv",
             "ログイン名,氏名,所属1,役職1,所属2,役職2,番号1\na,い;ろ,税務課,課長,総務課,,7,8\n");
  desk_close(&desk);
}

static const UnitTest tests[] = {
    {"from_export_to_receipt", from_export_to_receipt},
    {"what_an_export_does_not_show", what_an_export_does_not_show},
    {"exports_that_cannot_be_believed", exports_that_cannot_be_believed},
    {"columns_of_another_version", columns_of_another_version},
    {"what_the_product_cannot_take", what_the_product_cannot_take},
    {"organisations_that_vanish_when_they_lack", organisations_that_vanish_when_they_lack},
    {"rows_that_would_vanish", rows_that_would_vanish},
    {"keys_that_are_given_up", keys_that_are_given_up},
    {"a_disk_that_is_not_mounted", a_disk_that_is_not_mounted},
    {"what_the_import_said", what_the_import_said},
    {"killed_before_the_set", killed_before_the_set},
    {"killed_while_the_set_is_put_there", killed_while_the_set_is_put_there},
    {"faults_of_descriptions", faults_of_descriptions},
    {"forms", forms},
    {"several_values", several_values},
    {NULL, NULL},
};
UNIT_SUITE(target_csv, tests);
