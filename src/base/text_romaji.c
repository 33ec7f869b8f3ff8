// SPDX-License-Identifier: GPL-3.0-or-later
//
// Passport: the tables of municipal passport offices, in which what is not a common syllable is
// spelled kana by kana (ティ TEI, ヴァ BUA). 訓令式: Cabinet notice 1 of 1954, table 1, which leaves other
// sounds free: シェ チェ ジェ by its own pattern (sye), the rest kana by kana. Hepburn 2025: Cabinet notice 4
// of Reiwa 7, other sounds as usual in Hepburn (ti, fa, she).
//
// Long vowels: passport drops them; the other two mark them with an accent or, where there is none
// as in ASCII, by writing the vowels, which are written here as the kana have them (satou, oota).
// So nothing has to be guessed, and まつうら comes out right.
#include "base/base_p.h"

#define FIRST_KANA 0x30A1
#define LONG_MARK 0x30FC
#define N_SCHEMES 3

// From U+30A1 ァ to U+30F6 ヶ. Common to the schemes but for `differing`.
static const char *const syllables[] = {
    "a",  "a",  "i",   "i",  "u",  "u",   "e",  "e",   "o",  "o",  "ka", "ga", "ki", "gi", "ku",
    "gu", "ke", "ge",  "ko", "go", "sa",  "za", "shi", "ji", "su", "zu", "se", "ze", "so", "zo",
    "ta", "da", "chi", "ji", "",   "tsu", "zu", "te",  "de", "to", "do", "na", "ni", "nu", "ne",
    "no", "ha", "ba",  "pa", "hi", "bi",  "pi", "fu",  "bu", "pu", "he", "be", "pe", "ho", "bo",
    "po", "ma", "mi",  "mu", "me", "mo",  "ya", "ya",  "yu", "yu", "yo", "yo", "ra", "ri", "ru",
    "re", "ro", "wa",  "wa", "i",  "e",   "o",  "n",   "bu", "ka", "ke",
};

static const struct {
  gunichar kana;
  Romaji scheme;
  const char *text;
} differing[] = {
    {U'シ', ROMAJI_KUNREI, "si"},       {U'ジ', ROMAJI_KUNREI, "zi"}, {U'チ', ROMAJI_KUNREI, "ti"},
    {U'ヂ', ROMAJI_KUNREI, "zi"},       {U'ツ', ROMAJI_KUNREI, "tu"}, {U'フ', ROMAJI_KUNREI, "hu"},
    {U'ヴ', ROMAJI_HEPBURN_2025, "vu"},
};

// A kana that a small one joins: what stands before the small one's vowel. NULL: kana by kana.
typedef struct Joint {
  gunichar kana;
  const char *small;  // the small kana it joins with, in katakana
  const char *onset[N_SCHEMES];
} Joint;

#define PALATAL "ャュョ"

static const Joint joints[] = {
    {U'キ', PALATAL, {"ky", "ky", "ky"}},      {U'ギ', PALATAL, {"gy", "gy", "gy"}},
    {U'シ', PALATAL, {"sh", "sy", "sh"}},      {U'ジ', PALATAL, {"j", "zy", "j"}},
    {U'チ', PALATAL, {"ch", "ty", "ch"}},      {U'ヂ', PALATAL, {"j", "zy", "j"}},
    {U'ニ', PALATAL, {"ny", "ny", "ny"}},      {U'ヒ', PALATAL, {"hy", "hy", "hy"}},
    {U'ビ', PALATAL, {"by", "by", "by"}},      {U'ピ', PALATAL, {"py", "py", "py"}},
    {U'ミ', PALATAL, {"my", "my", "my"}},      {U'リ', PALATAL, {"ry", "ry", "ry"}},
    {U'シ', "ェ", {NULL, "sy", "sh"}},         {U'ジ', "ェ", {NULL, "zy", "j"}},
    {U'チ', "ェ", {NULL, "ty", "ch"}},         {U'ツ', "ァィェォ", {NULL, NULL, "ts"}},
    {U'テ', "ィ", {NULL, NULL, "t"}},          {U'デ', "ィ", {NULL, NULL, "d"}},
    {U'テ', "ュ", {NULL, NULL, "ty"}},         {U'デ', "ュ", {NULL, NULL, "dy"}},
    {U'ト', "ゥ", {NULL, NULL, "t"}},          {U'ド', "ゥ", {NULL, NULL, "d"}},
    {U'フ', "ァィェォ", {NULL, NULL, "f"}},    {U'フ', "ャュョ", {NULL, NULL, "fy"}},
    {U'ヴ', "ァィェォ", {NULL, NULL, "v"}},    {U'ヴ', "ャュョ", {NULL, NULL, "vy"}},
    {U'ウ', "ィェォ", {NULL, NULL, "w"}},      {U'イ', "ェ", {NULL, NULL, "y"}},
    {U'ク', "ァィェォヮ", {NULL, NULL, "kw"}}, {U'グ', "ァィェォヮ", {NULL, NULL, "gw"}},
};

typedef struct Speller {
  GString *out;
  Romaji scheme;
  gunichar last;  // kana before, for ゝ and ゞ
  char vowel;  // with which a long vowel could now begin; 0 at the start, after ん or a long one
  bool nasal;  // ん awaits what follows
  bool geminate;  // っ awaits what follows
} Speller;

static const char *syllable_of(gunichar kana, Romaji scheme)
{
  size_t i = kana - FIRST_KANA;
  if (kana < FIRST_KANA || i >= G_N_ELEMENTS(syllables))
    return NULL;
  for (size_t k = 0; k < G_N_ELEMENTS(differing); k++)
    if (differing[k].kana == kana && differing[k].scheme == scheme)
      return differing[k].text;
  return syllables[i];
}

static const char *onset_of(gunichar kana, gunichar small, Romaji scheme)
{
  for (size_t i = 0; i < G_N_ELEMENTS(joints); i++)
    if (joints[i].kana == kana && g_utf8_strchr(joints[i].small, -1, small))
      return joints[i].onset[scheme];
  return NULL;
}

static bool is_vowel(char c)
{
  return strchr("aiueo", c);
}

// Writes ん and っ, now that the letter after them is known (0 = none). A っ before a vowel or the end
// has nothing to double and is silent.
static void settle(Speller *speller, char next)
{
  bool labial = next == 'b' || next == 'm' || next == 'p';
  bool passport = speller->scheme == ROMAJI_PASSPORT;
  if (speller->nasal)
    g_string_append_c(speller->out, passport && labial ? 'm' : 'n');
  if (speller->geminate && next && !is_vowel(next))
    g_string_append_c(speller->out, passport && next == 'c' ? 't' : next);
  speller->nasal = speller->geminate = false;
}

static void spell(Speller *speller, const char *letters, size_t n)
{
  settle(speller, letters[0]);
  g_string_append_len(speller->out, letters, (gssize)n);
  speller->vowel = letters[n - 1];
}

// Whether passport Hepburn leaves this kana out, as the second half of a long vowel: ー, お after o,
// う after o or u, but not an お that ends the word (よこお YOKOO). Small kana lengthen nothing (ドゥ DOU).
static bool is_dropped(const Speller *speller, gunichar kana, bool at_end)
{
  if (speller->scheme != ROMAJI_PASSPORT)
    return false;
  return kana == LONG_MARK || (kana == U'オ' && speller->vowel == 'o' && !at_end) ||
         (kana == U'ウ' && (speller->vowel == 'o' || speller->vowel == 'u'));
}

static void spell_long_mark(Speller *speller)
{
  if (speller->vowel)
    spell(speller, (char[]){speller->vowel}, 1);
}

static void spell_nasal(Speller *speller)
{
  settle(speller, 'n');
  speller->nasal = true;
  speller->vowel = '\0';
}

// The kana with the small one behind it, where the scheme joins the two; *rest moves behind that.
static bool spell_joint(Speller *speller, gunichar kana, const char **rest)
{
  const char *after = *rest;
  gunichar small = *after ? kana_to_katakana(kana_next(&after)) : 0;
  const char *syllable = syllable_of(small, speller->scheme);
  const char *onset = syllable ? onset_of(kana, small, speller->scheme) : NULL;
  if (!onset)
    return false;
  const char *vowel = syllable + strlen(syllable) - 1;
  spell(speller, onset, strlen(onset));
  spell(speller, vowel, 1);
  speller->last = small;
  *rest = after;
  return true;
}

static bool spell_kana(Speller *speller, gunichar kana, const char **rest)
{
  const char *syllable = syllable_of(kana, speller->scheme);
  if (!syllable && kana != LONG_MARK)
    return false;
  if (is_dropped(speller, kana, !**rest)) {
    speller->vowel = '\0';
  } else if (kana == LONG_MARK) {
    spell_long_mark(speller);
  } else if (kana == U'ン') {
    spell_nasal(speller);
  } else if (kana == U'ッ') {
    speller->geminate = true;
    speller->vowel = '\0';
  } else if (!spell_joint(speller, kana, rest)) {
    spell(speller, syllable, strlen(syllable));
  }
  return true;
}

// みすゞ is みすず: the mark stands for the kana before it, without or with voice.
static gunichar resolve_iteration(gunichar kana, gunichar last)
{
  if ((kana != U'ヽ' && kana != U'ヾ') || !last)
    return kana;
  gunichar plain = kana_plain(last);
  gunichar voiced = kana_voiced(plain);
  return kana == U'ヾ' && voiced ? voiced : plain;
}

bool text_romaji(const char *kana, Romaji scheme, GString *out, const char **bad)
{
  Speller speller = {.out = out, .scheme = scheme};
  size_t before = out->len;
  while (*kana) {
    const char *at = kana;
    gunichar c = resolve_iteration(kana_to_katakana(kana_next(&kana)), speller.last);
    speller.last = c;
    if (!spell_kana(&speller, c, &kana)) {
      g_string_truncate(out, before);
      if (bad)
        *bad = at;
      return false;
    }
  }
  settle(&speller, '\0');
  return true;
}
