// SPDX-License-Identifier: GPL-3.0-or-later
//
// Names in Latin letters: of the kana by a scheme, of a table of exceptions, as the bearer wishes.
#include "mapping_p.h"

#include <string.h>

// Kana alone cannot tell whether a long vowel crosses from one part of a word into the next (まつ・うら), so a
// table may know the word. Its first column is katakana.
static const char *known_reading(const Spelling *spelling, const char *word)
{
  if (!spelling->exceptions)
    return NULL;
  g_autoptr(GString) katakana = g_string_new(NULL);
  text_katakana(word, katakana);
  return g_hash_table_lookup(spelling->exceptions, katakana->str);
}

// Long vowels do not cross from one word into the next; the dot between foreign names parts words, too.
static char **words_of(const char *kana)
{
  g_autoptr(GString) parted = g_string_new(NULL);
  for (; *kana; kana = g_utf8_next_char(kana)) {
    gunichar c = g_utf8_get_char(kana);
    g_string_append_unichar(parted, c == 0x30FB || c == 0xFF65 ? ' ' : c);
  }
  g_autoptr(GString) squeezed = g_string_new(NULL);
  text_squeeze(parted->str, squeezed);
  return g_strsplit(squeezed->str, " ", -1);
}

Got spell_kana(const Spelling *spelling, const char *kana, GString *out, GString *problem)
{
  g_auto(GStrv) words = words_of(kana);
  for (size_t i = 0; words[i]; i++) {
    const char *bad;
    const char *known = known_reading(spelling, words[i]);
    g_string_append(out, i > 0 ? " " : "");
    if (known) {
      g_string_append(out, known);
    } else if (!text_romaji(words[i], spelling->scheme, out, &bad)) {
      g_string_printf(problem, _("“%s” is not kana (at “%s”)"), kana, bad);
      return GOT_FAULT;
    }
  }
  return GOT_TEXT;
}

// "SATOH, TAROU" and "Satoh Tarou": the family name first.
static bool take_wish(const char *wish, bool given, GString *out)
{
  g_autoptr(GString) family = g_string_new(NULL);
  g_autoptr(GString) rest = g_string_new(NULL);
  if (!wish || !*wish)
    return false;
  person_name_parts(wish, family, rest);
  if (family->len && family->str[family->len - 1] == ',')
    g_string_truncate(family, family->len - 1);
  g_autofree char *small = g_utf8_strdown(given ? rest->str : family->str, -1);
  g_string_append(out, small);
  return *small != '\0';
}

Got spell_part(const Spelling *spelling, const char *wish, const char *kana, bool given,
               GString *out, GString *problem)
{
  if (take_wish(wish, given, out))
    return GOT_TEXT;
  return kana && *kana ? spell_kana(spelling, kana, out, problem) : GOT_NOTHING;
}
