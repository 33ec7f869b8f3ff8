// SPDX-License-Identifier: GPL-3.0-or-later
//
// What must not be believed of a product that takes files: disks that are gone, exports and results that say too little.
#include "unit.h"

#include "csv_kit.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// The process died when the set had its temporary name, and the state did not have the line yet.
static void back_to_temporary(const Desk *desk, const char *line)
{
  g_autofree char *log = desk_inside(desk, "state/believed.log"),
                  *set = desk_inside(desk, "out/000001"),
                  *temporary = desk_inside(desk, "out/.000001.new"), *lines = NULL;
  UNIT_TRUE(g_rename(set, temporary) == 0);
  desk_put(desk, "out/.idou", "");
  g_file_get_contents(log, &lines, NULL, NULL);
  char *cut = strstr(lines, line);
  if (!UNIT_TRUE(cut != NULL, "%s: %s", line, lines))
    return;
  *cut = '\0';
  g_file_set_contents(log, lines, -1, NULL);
}

static size_t n_left(const Desk *desk)
{
  g_autofree char *path = desk_inside(desk, "out/.000001.new");
  return g_file_test(path, G_FILE_TEST_EXISTS);
}

#define FAILURES \
  "receipt:\n"   \
  "  results:\n" \
  "    - {name: \"result-{set}.csv\", key: ログイン名, message: 内容, unlisted: done}\n"

// What it had would be written empty.
static void a_column_that_was_there(void)
{
  Desk desk = desk_good(HEAD USERS "    columns:\n"
                                   "      - {header: ログイン名, attribute: login}\n"
                                   "      - {header: 電話, attribute: phone, optional: true}\n"
                                   "      - {header: 氏名, attribute: name}\n");
  desk_at("03-31T22:00");
  desk_put_export(&desk, "users_20270329.csv", "ログイン名,氏名\nh-suzuki,鈴木\n");
  desk_tells(&desk, "");
  desk_put_export(&desk, "users_20270330.csv", "ログイン名,電話,氏名\nh-suzuki,090,鈴木\n");
  desk_tells(&desk, "");
  desk_put_export(&desk, "users_20270331.csv", "ログイン名,氏名\nh-suzuki,鈴木\n");
  g_autofree char *text = desk_seen(&desk, "users");
  UNIT_TRUE(g_str_has_prefix(text, "error 6") && strstr(text, "lacks the column of phone"), "%s",
            text);
  desk_close(&desk);
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
    desk_at("03-31T22:00");
    desk_put_export(&desk, "orgs_20270330.csv", "a,総務部,\r\nb,総務課,a\r\nc,税務課,a\r\n");
    desk_tells(&desk, "");
    desk_put_export(&desk, "orgs_202703312100.csv", "a,総務部,\r\nb,総務課,a\r\n");
    g_autofree char *said = desk_send(&desk, "add orgs:d name=新設課 parent=a", true);
    UNIT_TRUE(strstr(said, "take another export") != NULL, "%s", said);
    desk_put_export(&desk, "orgs_202703312130.csv", nexts[i]);
    g_autofree char *then = desk_send(&desk, "add orgs:d name=新設課 parent=a", true);
    UNIT_STR(then, "sent\n");
    desk_holds(&desk, "out/000001/1-orgs.csv", files[i]);
    desk_close(&desk);
  }
}

// The same for what a run had sent that was killed.
static void sent_before_an_export_that_lacks_rows(void)
{
  Desk desk = desk_good(ORGS);
  ((CsvProduct *)csv_product_of(desk.config))->shrink_percent = 50;
  desk_at("03-31T22:00");
  desk_put_export(&desk, "orgs_20270330.csv", "a,総務部,\r\nb,総務課,a\r\nc,税務課,a\r\n");
  g_autofree char *said = desk_send(&desk, "add orgs:d name=新設課 parent=a", false);
  UNIT_STR(said, "sent\n");
  desk_put_export(&desk, "orgs_202703312100.csv", "a,総務部,\r\nb,総務課,a\r\n");
  g_autofree char *told = desk_receipts(&desk);
  UNIT_TRUE(g_str_has_prefix(told, "error 6") && strstr(told, "another export"), "%s", told);
  UNIT_INT((long long)desk_n_sets(&desk), 0);
  desk_put_export(&desk, "orgs_202703312130.csv", "a,総務部,\r\nb,総務課,a\r\nc,税務課,a\r\n");
  desk_tells(&desk, "");
  desk_holds(&desk, "out/000001/1-orgs.csv", "a,総務部,,\nb,総務課,,a\nc,税務課,,a\nd,新設課,,a\n");
  desk_close(&desk);
}

// Its time would make every later one too old, and all that was sent failed.
static void an_export_of_tomorrow(void)
{
  Desk desk = desk_good(DESK);
  desk_at("03-31T22:00");
  desk_put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  desk_tells(&desk, "");
  desk_put_export(&desk, "users_20270401.csv", EXPORT "11,h-suzuki,鈴木,070\r\n");
  g_autofree char *text = desk_seen(&desk, "users"), *told = desk_receipts(&desk);
  UNIT_TRUE(g_str_has_prefix(text, "error 6") && strstr(text, "still to come"), "%s", text);
  UNIT_TRUE(g_str_has_prefix(told, "error 6"), "%s", told);
  desk_at("04-01T00:00");
  desk_sees(&desk, "users", "h-suzuki id=11 name=鈴木 phone=070\n");
  desk_close(&desk);
}

// Two nights, and an export from between the two imports.
static void changed_again_before_the_receipt(void)
{
  Desk desk = desk_good(DESK);
  desk_at("03-30T22:00");
  desk_put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,01\r\n12,a,伊藤,\r\n");
  g_autofree char *first = desk_send(&desk,
                                     "modify users:h-suzuki phone-01 phone+02\n"
                                     "rename users:a b id=12",
                                     true);
  UNIT_STR(first, "sent\nsent\n");
  desk_put(&desk, "out/000001/taken", "2027-03-31T06:00:00+09:00\n");
  desk_at("03-31T22:00");
  g_autofree char *second = desk_send(&desk,
                                      "-\n-\n"
                                      "modify users:h-suzuki phone-02 phone+03\n"
                                      "rename users:b c id=12",
                                      true);
  UNIT_STR(second, "sent\nsent\n");
  desk_put_export(&desk, "users_202704010100.csv", EXPORT "11,h-suzuki,鈴木,02\r\n12,b,伊藤,\r\n");
  desk_at("04-01T09:00");
  desk_tells(&desk, "1 done\n2 done\n");
  desk_sees(&desk, "users", "c id=12 name=伊藤\nh-suzuki id=11 name=鈴木 phone=03\n");
  desk_put_export(&desk, "users_202704020100.csv", EXPORT "11,h-suzuki,鈴木,03\r\n12,c,伊藤,\r\n");
  desk_at("04-02T09:00");
  desk_tells(&desk, "3 done\n4 done\n");
  desk_close(&desk);
}

// A disk below that was unmounted is no product that took everything away.
static void a_folder_of_sets_that_is_gone(void)
{
  Desk desk = desk_good(DESK);
  desk_at("03-31T22:00");
  desk_put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  g_autofree char *said = desk_send(&desk, "modify users:h-suzuki phone+070", true);
  UNIT_STR(said, "sent\n");
  g_autofree char *out = desk_inside(&desk, "out"), *away = desk_inside(&desk, "away");
  for (int i = 0; i < 2; i++) {
    UNIT_TRUE(g_rename(out, away) == 0);
    if (i > 0)
      g_mkdir(out, 0700);
    g_autofree char *text = desk_seen(&desk, "users"), *told = desk_receipts(&desk);
    UNIT_TRUE(g_str_has_prefix(text, "error 6") && strstr(text, "mount"), "%d: %s", i, text);
    UNIT_TRUE(g_str_has_prefix(told, "error 6"), "%d: %s", i, told);
    g_rmdir(out);
    UNIT_TRUE(g_rename(away, out) == 0);
  }
  desk_put_export(&desk, "users_20270401.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  desk_at("04-01T09:00");
  desk_tells(&desk, "");
  desk_close(&desk);
}

// Nobody needs its files any more, and there are passwords in them.
static void decided_sets_go(void)
{
  Desk desk = desk_good(DESK);
  desk_at("03-31T22:00");
  desk_put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  for (int i = 0; i < 2; i++) {
    g_autofree char *said = desk_send(&desk, "add users:k-ito name=伊藤 initialPassword=!", true);
    UNIT_STR(said, "sent\n");
    desk_tells(&desk, "");
    UNIT_INT((long long)desk_n_sets(&desk), 1);
    if (i == 0) {
      UNIT_TRUE(desk_settle(&desk, 1, OUTCOME_FAILED));
    } else {
      desk_at("04-01T09:00");
      desk_put(&desk, "out/000002/taken", "2027-04-01T06:00:00+09:00\n");
      desk_put_export(&desk, "users_202704010700.csv",
                      EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,伊藤,\r\n");
    }
    desk_tells(&desk, i == 0 ? "" : "1 done id=12\n");
    UNIT_INT((long long)desk_n_sets(&desk), 0);
  }
  desk_close(&desk);
}

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
    desk_at("03-31T22:00");
    desk_put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n12,k-ito,伊藤,\r\n");
    g_autofree char *said = desk_send(&desk,
                                      "modify users:h-suzuki phone+070\n"
                                      "modify users:k-ito phone+091",
                                      true);
    UNIT_STR(said, "sent\nsent\n");
    desk_put_export(&desk, "result-000001.csv", rows[i].text);
    g_autofree char *told = desk_receipts(&desk);
    UNIT_TRUE(g_str_has_prefix(told, "error 6") && strstr(told, rows[i].error), "%zu: %s", i, told);
    desk_put_export(&desk, "result-000001.csv", "ログイン名,内容\r\nk-ito,番号が使えません\r\n");
    desk_tells(&desk, "1 done\n2 failed\n");
    desk_close(&desk);
  }
}

// Its files hold passwords.
static void killed_and_then_settled_by_hand(void)
{
  Desk desk = desk_good(DESK);
  desk_at("03-31T22:00");
  desk_put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  g_autofree char *said = desk_send(&desk, "add users:k-ito name=伊藤 initialPassword=!", true);
  UNIT_STR(said, "sent\n");
  back_to_temporary(&desk, "{\"batch\":");
  UNIT_INT((long long)n_left(&desk), 1);
  UNIT_TRUE(desk_settle(&desk, 1, OUTCOME_FAILED));
  desk_tells(&desk, "");
  UNIT_INT((long long)n_left(&desk), 0);
  desk_close(&desk);
}

// All rows were made from an export that is no longer the last.
static void killed_and_then_a_new_export(void)
{
  Desk desk = desk_good(ORGS);
  desk_at("03-31T22:00");
  desk_put_export(&desk, "orgs_20270330.csv", "a,総務部,\r\nb,総務課,a\r\n");
  g_autofree char *said = desk_send(&desk, "add orgs:d name=新設課 parent=a", true);
  UNIT_STR(said, "sent\n");
  back_to_temporary(&desk, "{\"batch\":");
  desk_at("04-01T09:00");
  desk_put_export(&desk, "orgs_20270401.csv", "a,総務部,\r\nb,総務課,a\r\ne,手で追加,\r\n");
  desk_tells(&desk, "");
  desk_holds(&desk, "out/000001/1-orgs.csv",
             "a,総務部,,\nb,総務課,,a\nd,新設課,,a\ne,手で追加,,\n");
  desk_close(&desk);
}

// The numbers of requests begin again where the disk ends; the password of one that was lost is nobody else's.
static void a_password_that_was_lost(void)
{
  Desk desk = desk_good(DESK);
  desk_at("03-31T22:00");
  desk_put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  g_autofree char *log = desk_inside(&desk, "state/believed.log");
  g_autoptr(Secret) secret = secret_filled(8, desk_fill, (char *)"=Geheim7", NULL);
  void *writer = csv_type.writer_open(desk.config, NULL);
  g_mkdir(log, 0700);
  g_autoptr(Request) lost =
      desk_request_of(&desk, "add users:k-ito name=伊藤 initialPassword=!", 1, secret);
  Answer answer = {0};
  bool got = false;
  csv_type.writer_send(writer, lost, 1, NULL);
  csv_type.writer_receive(writer, 0, &answer, &got, NULL);
  UNIT_TRUE(got && answer.lost);
  answer_clear(&answer);
  g_rmdir(log);
  UNIT_TRUE(csv_type.writer_reconnect(writer, NULL));
  g_autoptr(Request) next = desk_request_of(&desk, "add users:t-yamada name=山田", 2, NULL);
  csv_type.writer_send(writer, next, 2, NULL);
  csv_type.writer_receive(writer, 0, &answer, &got, NULL);
  UNIT_TRUE(got && answer.sent);
  answer_clear(&answer);
  UNIT_TRUE(csv_type.writer_finish(writer, NULL));
  csv_type.writer_close(writer);
  desk_holds(&desk, "out/000001/users1.csv", HEADER "0,t-yamada,,山田,,,1,\n");
  desk_close(&desk);
}

// The state was lost; what the sets in out/ asked for is not asked for again under their numbers.
static void sets_without_a_state(void)
{
  Desk desk = desk_good(DESK);
  desk_at("03-31T22:00");
  desk_put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
  g_autofree char *said = desk_send(&desk, "modify users:h-suzuki phone+070", true);
  UNIT_STR(said, "sent\n");
  g_autofree char *state = desk_inside(&desk, "state"), *away = desk_inside(&desk, "away");
  UNIT_TRUE(g_rename(state, away) == 0);
  g_autofree char *text = desk_seen(&desk, "users"), *told = desk_receipts(&desk);
  UNIT_TRUE(g_str_has_prefix(text, "error 6") && strstr(text, "copy"), "%s", text);
  UNIT_TRUE(g_str_has_prefix(told, "error 6"), "%s", told);
  desk_close(&desk);
}

static char *copy_of(const Desk *desk, const char *path)
{
  g_autofree char *whole = desk_inside(desk, path);
  char *text = NULL;
  g_file_get_contents(whole, &text, NULL, NULL);
  return text;
}

// From a backup, of before the last set, which was taken away meanwhile, or not.
static void an_old_copy_of_the_state(void)
{
  for (int i = 0; i < 2; i++) {
    Desk desk = desk_good(DESK);
    desk_at("03-31T22:00");
    desk_put_export(&desk, "users_20270330.csv", EXPORT "11,h-suzuki,鈴木,\r\n");
    g_autofree char *first = desk_send(&desk, "modify users:h-suzuki phone+070", true);
    UNIT_STR(first, "sent\n");
    g_autofree char *log = copy_of(&desk, "state/believed.log"),
                    *all = copy_of(&desk, "state/believed.jsonl"),
                    *log_path = desk_inside(&desk, "state/believed.log"),
                    *set = desk_inside(&desk, "out/000002"), *away = desk_inside(&desk, "away");
    g_autofree char *second =
        desk_send(&desk, "-\nmodify users:h-suzuki phone-070 phone+071", true);
    UNIT_STR(second, "sent\n");
    g_unlink(log_path);
    desk_put(&desk, "state/believed.jsonl", all);
    if (log)
      desk_put(&desk, "state/believed.log", log);
    if (i > 0)
      UNIT_TRUE(g_rename(set, away) == 0);
    g_autofree char *text = desk_seen(&desk, "users"), *told = desk_receipts(&desk);
    UNIT_TRUE(g_str_has_prefix(text, "error 6") && strstr(text, "newest copy"), "%s", text);
    UNIT_TRUE(g_str_has_prefix(told, "error 6"), "%s", told);
    // There is no newer one.
    desk_put(&desk, "out/.idou", "");
    g_autofree char *then =
        desk_send(&desk, "-\n-\nmodify users:h-suzuki phone-070 phone+072", true);
    UNIT_STR(then, "sent\n");
    UNIT_INT((long long)desk_n_sets(&desk), i > 0 ? 2 : 3);
    desk_close(&desk);
  }
}

static const UnitTest tests[] = {
    {"a_column_that_was_there", a_column_that_was_there},
    {"rows_that_one_export_lacks", rows_that_one_export_lacks},
    {"sent_before_an_export_that_lacks_rows", sent_before_an_export_that_lacks_rows},
    {"an_export_of_tomorrow", an_export_of_tomorrow},
    {"changed_again_before_the_receipt", changed_again_before_the_receipt},
    {"a_folder_of_sets_that_is_gone", a_folder_of_sets_that_is_gone},
    {"decided_sets_go", decided_sets_go},
    {"results_that_are_cut_short", results_that_are_cut_short},
    {"killed_and_then_settled_by_hand", killed_and_then_settled_by_hand},
    {"killed_and_then_a_new_export", killed_and_then_a_new_export},
    {"a_password_that_was_lost", a_password_that_was_lost},
    {"sets_without_a_state", sets_without_a_state},
    {"an_old_copy_of_the_state", an_old_copy_of_the_state},
    {NULL, NULL},
};
UNIT_SUITE(target_csv_doubt, tests);
