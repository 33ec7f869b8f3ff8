// SPDX-License-Identifier: GPL-3.0-or-later
#include "notice_p.h"

// As they are told over the telephone. Signs that passwords may have: passwords.c.
static const char *const letters[] = {
    "エー",   "ビー",   "シー", "ディー", "イー",   "エフ",     "ジー", "エイチ", "アイ",
    "ジェイ", "ケー",   "エル", "エム",   "エヌ",   "オー",     "ピー", "キュー", "アール",
    "エス",   "ティー", "ユー", "ブイ",   "ダブル", "エックス", "ワイ", "ゼット"};
static const char *const digits[] = {"ゼロ", "いち", "に",   "さん", "よん",
                                     "ご",   "ろく", "なな", "はち", "きゅう"};
static const struct {
  char c;
  const char *name;
} signs[] = {{'!', "感嘆符"},     {'#', "シャープ"}, {'$', "ドル"},       {'%', "パーセント"},
             {'&', "アンド"},     {'(', "かっこ"},   {')', "かっこ閉じ"}, {'*', "星印"},
             {'+', "プラス"},     {'-', "ハイフン"}, {'/', "スラッシュ"}, {':', "コロン"},
             {';', "セミコロン"}, {'<', "小なり"},   {'=', "イコール"},   {'>', "大なり"},
             {'?', "疑問符"},     {'@', "アット"},   {'[', "角かっこ"},   {']', "角閉じ"},
             {'^', "山形"},       {'_', "下線"},     {'{', "波かっこ"},   {'}', "波閉じ"},
             {'~', "波線"}};

const char *reading_class(char c)
{
  if (g_ascii_isupper(c))
    return "大文字";
  if (g_ascii_islower(c))
    return "小文字";
  return g_ascii_isdigit(c) ? "数字" : "記号";
}

const char *reading_name(char c)
{
  if (g_ascii_isalpha(c))
    return letters[g_ascii_tolower(c) - 'a'];
  if (g_ascii_isdigit(c))
    return digits[c - '0'];
  for (size_t i = 0; i < G_N_ELEMENTS(signs); i++)
    if (signs[i].c == c)
      return signs[i].name;
  return "";
}
