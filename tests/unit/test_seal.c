// SPDX-License-Identifier: GPL-3.0-or-later
//
// Passwords: by which rules they are made, keys, boxes, and the site's settings.
#include "unit.h"

#include <idou/seal.h>
#include <string.h>
#include <sys/stat.h>

// ---------------------------------------------------------------------------------------------
// Rules.

static const SecretRule all_classes = {
    12, {"ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnopqrstuvwxyz", "23456789", "!#$%&*+=?@", NULL}};

static bool has_one(const char *password, const char *class)
{
  return strpbrk(password, class) != NULL;
}

static void passwords_follow_their_rule(void)
{
  for (int round = 0; round < 500; round++) {
    g_autoptr(Secret) secret = secret_make(&all_classes, NULL, NULL);
    const char *password = secret_bytes(secret, NULL);
    UNIT_INT(strlen(password), 12);
    for (const char *const *class = all_classes.classes; *class; class ++)
      UNIT_TRUE(has_one(password, *class), "%s lacks one of %s", password, *class);
    UNIT_TRUE(!strpbrk(password, "0O1lI"), "%s", password);
  }
}

// Each character of an alphabet of 8 in 8,000 draws: 1,000 times, give or take five standard deviations.
static void no_character_is_likelier(void)
{
  const SecretRule rule = {80, {"abcdefgh", NULL}};
  unsigned counts[8] = {0};
  for (int round = 0; round < 100; round++) {
    g_autoptr(Secret) secret = secret_make(&rule, NULL, NULL);
    for (const char *at = secret_bytes(secret, NULL); *at; at++)
      counts[*at - 'a']++;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
    UNIT_TRUE(counts[i] > 850 && counts[i] < 1150, "%c: %u", (char)('a' + i), counts[i]);
}

// With three letters most passwords hold the word; those must not be among them.
static void logins_are_avoided(void)
{
  static const struct {
    const char *avoid, *never;
  } rows[] = {{"aab", "aab"}, {"AAB", "aab"}, {"x-aab", "aab"}, {"aab@city.example", "aab"}};
  const SecretRule rule = {10, {"ab", NULL}};
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
    for (int round = 0; round < 50; round++) {
      g_autoptr(Secret) secret = secret_make(&rule, rows[i].avoid, NULL);
      if (UNIT_TRUE(secret, "%s", rows[i].avoid))
        UNIT_TRUE(!strstr(secret_bytes(secret, NULL), rows[i].never), "%s", rows[i].avoid);
    }
  // Parts of two characters are nothing to avoid.
  const SecretRule narrow = {10, {"a", "b", NULL}};
  g_autoptr(Secret) secret = secret_make(&narrow, "a-b", NULL);
  UNIT_TRUE(secret);
}

static void impossible_rules_end(void)
{
  g_autoptr(GError) error = NULL;
  const SecretRule rule = {10, {"a", NULL}}, empty = {10, {NULL}}, crowded = {1, {"a", "b", NULL}};
  UNIT_TRUE(!secret_make(&rule, "aaa", &error));
  UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_FAILED));
  UNIT_TRUE(!secret_make(&empty, NULL, NULL));
  UNIT_TRUE(!secret_make(&crowded, NULL, NULL));
}

// ---------------------------------------------------------------------------------------------
// Keys and boxes.

typedef struct Pair {
  char *public_path, *private_path;
  PublicKey *public;
  PrivateKey *private;
} Pair;

static bool pair_make(Pair *pair, const char *name, const Secret *passphrase)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  g_autofree char *folder = g_build_filename(unit_dir(), name, NULL);
  bool made = keys_make(folder, passphrase, fingerprint, &error);
  pair->public_path = g_build_filename(folder, KEYS_PUBLIC, NULL);
  pair->private_path = g_build_filename(folder, KEYS_PRIVATE, NULL);
  pair->public = made ? keys_public(pair->public_path, &error) : NULL;
  pair->private = pair->public ? keys_private(pair->private_path, passphrase, &error) : NULL;
  if (!UNIT_NO_ERROR(error))
    return false;
  g_auto(GStrv) words = g_strsplit(fingerprint->str, " ", -1);
  g_autofree char *digits = g_strjoinv("", words);
  return UNIT_INT(strlen(digits), 64) &&
         UNIT_TRUE(g_str_has_prefix(digits, keys_public_id(pair->public))) &&
         UNIT_STR(keys_private_id(pair->private), keys_public_id(pair->public));
}

static void pair_clear(Pair *pair)
{
  g_free(pair->public_path);
  g_free(pair->private_path);
  keys_public_free(pair->public);
  keys_private_free(pair->private);
}

static const BoxLabel label = {"ldap", "account/17", "userPassword", "k-yamada",
                               "000310 山田　太郎"};

static void only_the_key_opens(void)
{
  Pair own = {0}, other = {0};
  g_autoptr(GError) error = NULL;
  g_autoptr(Secret) secret = secret_random(12, NULL);
  if (!pair_make(&own, "own", NULL) || !pair_make(&other, "other", NULL))
    return;
  g_autofree char *box = box_seal(own.public, secret, &label, &error);
  g_autoptr(Secret) opened = box_open(own.private, box, &label, &error);
  if (UNIT_NO_ERROR(error))
    UNIT_STR(secret_bytes(opened, NULL), secret_bytes(secret, NULL));
  UNIT_TRUE(!strstr(box, secret_bytes(secret, NULL)));
  UNIT_TRUE(!box_open(other.private, box, &label, &error));
  UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_USAGE));
  g_autofree char *again = box_seal(own.public, secret, &label, NULL);
  UNIT_TRUE(strcmp(box, again) != 0);
  pair_clear(&own);
  pair_clear(&other);
}

static void a_box_is_for_one_thing(void)
{
  static const BoxLabel others[] = {
      {"ad", "account/17", "userPassword", "k-yamada", "000310 山田　太郎"},
      {"ldap", "account/18", "userPassword", "k-yamada", "000310 山田　太郎"},
      {"ldap", "account/17", "unicodePwd", "k-yamada", "000310 山田　太郎"},
      {"ldap", "account/17", "userPassword", "k-tanaka", "000310 山田　太郎"},
      {"ldap", "account/17", "userPassword", "k-yamada", "000311 田中　花子"}};
  Pair own = {0};
  g_autoptr(Secret) secret = secret_random(12, NULL);
  if (!pair_make(&own, "own", NULL))
    return;
  g_autofree char *box = box_seal(own.public, secret, &label, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
    g_autoptr(GError) error = NULL;
    UNIT_TRUE(!box_open(own.private, box, &others[i], &error), "%zu", i);
    UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_FAILED), "%zu", i);
  }
  static const char *const damaged[] = {"", "AAAA", "no base64 at all!"};
  for (size_t i = 0; i < G_N_ELEMENTS(damaged); i++)
    UNIT_TRUE(!box_open(own.private, damaged[i], &label, NULL), "%s", damaged[i]);
  box[strlen(box) / 2] ^= 1;
  UNIT_TRUE(!box_open(own.private, box, &label, NULL));
  pair_clear(&own);
}

// Short and long passwords cannot be told apart by their boxes.
static void boxes_hide_the_length(void)
{
  Pair own = {0};
  g_autoptr(Secret) brief = secret_random(8, NULL), longer = secret_random(13, NULL);
  if (!pair_make(&own, "own", NULL))
    return;
  g_autofree char *a = box_seal(own.public, brief, &label, NULL);
  g_autofree char *b = box_seal(own.public, longer, &label, NULL);
  UNIT_INT(strlen(a), strlen(b));
  pair_clear(&own);
}

static void passphrases(void)
{
  Pair own = {0};
  bool locked = false;
  g_autoptr(Secret) right = secret_random(10, NULL), wrong = secret_random(10, NULL);
  if (!pair_make(&own, "locked", right))
    return;
  UNIT_TRUE(keys_is_locked(own.private_path, &locked, NULL) && locked);
  const Secret *const passphrases[] = {wrong, NULL};
  for (size_t i = 0; i < G_N_ELEMENTS(passphrases); i++) {
    g_autoptr(GError) error = NULL;
    UNIT_TRUE(!keys_private(own.private_path, passphrases[i], &error), "%zu", i);
    UNIT_TRUE(g_error_matches(error, IDOU_ERROR, EXIT_USAGE), "%zu", i);
  }
  pair_clear(&own);
}

static void key_files(void)
{
  Pair own = {0};
  struct stat status;
  g_autoptr(GError) error = NULL;
  if (!pair_make(&own, "own", NULL))
    return;
  UNIT_TRUE(stat(own.private_path, &status) == 0 && (status.st_mode & 0777) == 0600);
  g_autofree char *folder = g_path_get_dirname(own.private_path);
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  UNIT_TRUE(!keys_make(folder, NULL, fingerprint, &error));
  UNIT_TRUE(error && strstr(error->message, "not overwritten"));
  UNIT_TRUE(!keys_public(own.private_path, NULL));
  chmod(own.public_path, 0664);
  UNIT_TRUE(!keys_public(own.public_path, NULL));
  UNIT_TRUE(!keys_private(own.public_path, NULL, NULL));
  chmod(own.private_path, 0644);
  UNIT_TRUE(!keys_private(own.private_path, NULL, NULL));
  pair_clear(&own);
}

// ---------------------------------------------------------------------------------------------
// The settings.

typedef struct Setting {
  const char *yaml, *findings;
} Setting;

static Passwords *settings_read(const Pair *own, const char *text, Yaml **yaml, Findings *findings)
{
  g_autofree char *folder = g_path_get_dirname(own->public_path);
  *yaml = yaml_parse(text, strlen(text), "idou.yaml", findings, NULL);
  return passwords_read(*yaml, yaml_get(yaml_root(*yaml), "passwords"), folder, findings);
}

static void settings(void)
{
  static const char head[] = "passwords:\n  seal_to: operator.pub\n";
  static const Setting rows[] = {
      {"  policies: {initial: {length: 12}}\n", ""},
      {"  policies: {initial: }\n", "3:14 not-a-map\n"},
      {"", "2:3 key-missing\n"},
      {"  policies: {}\n", "3:13 key-missing\n"},
      {"  policies: {a: {length: 7}}\n", "3:26 password-length\n"},
      {"  policies: {a: {length: 128}}\n", "3:26 password-length\n"},
      {"  policies: {a: {length: 8}, b: {length: 127}}\n", ""},
      {"  policies: {a: {classes: [upper, smiley]}}\n", "3:35 password-class\n"},
      {"  policies: {a: {classes: upper}}\n", "3:27 password-class\n"},
      {"  policies: {a: {signs: \"!a\"}}\n", "3:26 password-signs\n"},
      {"  policies: {a: {signs: \"!!\"}}\n", "3:26 password-signs\n"},
      {"  policies: {a: {size: 3}}\n", "3:18 yaml-key-unknown\n"},
      {"  policies: {a: {}}\n  desk: b\n", "4:9 password-policy\n"},
      {"  policies: {a: {}}\n  desk: a\n  keep: 90d\n  issuer: x\n", ""},
      {"  policies: {a: {}}\n  keep: soon\n", "4:9 yaml-value\n"},
      {"  policies: {a: {}}\n  systems: {ldap: {name: x, txt: y}}\n", "4:29 yaml-key-unknown\n"},
  };
  Pair own = {0};
  if (!pair_make(&own, "own", NULL))
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    g_autoptr(Findings) findings = findings_new();
    g_autoptr(Yaml) yaml = NULL;
    g_autofree char *text = g_strconcat(head, rows[i].yaml, NULL);
    g_autoptr(Passwords) passwords = settings_read(&own, text, &yaml, findings);
    g_autoptr(GString) got = g_string_new(NULL);
    for (size_t k = 0; k < findings_count(findings); k++) {
      const Finding *finding = findings_at(findings, k);
      g_string_append_printf(got, "%d:%d %s\n", (int)finding->line, (int)finding->column,
                             finding->code);
    }
    UNIT_STR(got->str, rows[i].findings, "%s", rows[i].yaml);
    UNIT_TRUE(passwords && passwords->key, "%s", rows[i].yaml);
  }
  pair_clear(&own);
}

static void rules_by_name(void)
{
  Pair own = {0};
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Yaml) yaml = NULL;
  if (!pair_make(&own, "own", NULL))
    return;
  g_autoptr(Passwords) passwords =
      settings_read(&own,
                    "passwords:\n  seal_to: operator.pub\n  policies:\n    initial: {length: "
                    "10, signs: \"#\"}\n"
                    "    pin: {length: 8, classes: [digit, digit]}\n",
                    &yaml, findings);
  const SecretRule *initial = passwords_rule(passwords, "initial R9-002");
  UNIT_TRUE(initial && initial->n_chars == 10 && strcmp(initial->classes[3], "#") == 0);
  const SecretRule *pin = passwords_rule(passwords, "pin");
  UNIT_TRUE(pin && !pin->classes[1]);
  UNIT_TRUE(!passwords_rule(passwords, "pi") && !passwords_rule(passwords, "pins"));
  UNIT_TRUE(!passwords_rule(NULL, "initial"));
  UNIT_INT(findings_count(findings), 0);
  pair_clear(&own);
}

static const UnitTest tests[] = {
    {"passwords_follow_their_rule", passwords_follow_their_rule},
    {"no_character_is_likelier", no_character_is_likelier},
    {"logins_are_avoided", logins_are_avoided},
    {"impossible_rules_end", impossible_rules_end},
    {"only_the_key_opens", only_the_key_opens},
    {"a_box_is_for_one_thing", a_box_is_for_one_thing},
    {"boxes_hide_the_length", boxes_hide_the_length},
    {"passphrases", passphrases},
    {"key_files", key_files},
    {"settings", settings},
    {"rules_by_name", rules_by_name},
    {NULL, NULL},
};
UNIT_SUITE(seal, tests);
