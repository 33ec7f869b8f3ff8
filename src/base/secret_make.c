// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/base_p.h"

#include <string.h>

#include <sodium.h>

// With the shortest password of four classes one in twenty is taken; so many in vain do not happen.
#define MOST_TRIES 10000
#define LEAST_PART 3  // characters of a login that a password must not hold

typedef struct Making {
  const SecretRule *rule;
  GString *alphabet;  // of all classes
  GPtrArray *avoid;   // char *, lower case
} Making;

static bool has_all_classes(const Making *making, const char *bytes, size_t n_bytes)
{
  for (const char *const *class = making->rule->classes; *class; class ++) {
    size_t i = 0;
    while (i < n_bytes && !strchr(*class, bytes[i]))
      i++;
    if (i == n_bytes)
      return false;
  }
  return true;
}

static bool holds(const char *bytes, size_t n_bytes, const char *word)
{
  size_t n_word = strlen(word);
  for (size_t at = 0; at + n_word <= n_bytes; at++)
    if (g_ascii_strncasecmp(bytes + at, word, n_word) == 0)
      return true;
  return false;
}

static bool holds_any(const Making *making, const char *bytes, size_t n_bytes)
{
  for (guint i = 0; i < making->avoid->len; i++)
    if (holds(bytes, n_bytes, making->avoid->pdata[i]))
      return true;
  return false;
}

// Drawn as a whole and thrown away as a whole: putting a missing class in at some place would make some
// passwords likelier than others.
static bool draw(char *bytes, size_t n_bytes, void *data)
{
  const Making *making = data;
  for (unsigned try = 0; try < MOST_TRIES; try++) {
    for (size_t i = 0; i < n_bytes; i++)
      bytes[i] = making->alphabet->str[randombytes_uniform((uint32_t)making->alphabet->len)];
    if (has_all_classes(making, bytes, n_bytes) && !holds_any(making, bytes, n_bytes))
      return true;
  }
  sodium_memzero(bytes, n_bytes);
  return false;
}

// The word and its parts, as AD cuts names: at commas, dots, dashes, underscores, spaces, # and tabs.
static GPtrArray *parts_of(const char *word)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func(g_free);
  g_auto(GStrv) cut = g_strsplit_set(word ? word : "", ",.-_ #\t@", -1);
  for (char **part = cut; *part; part++)
    if (strlen(*part) >= LEAST_PART)
      g_ptr_array_add(parts, g_strdup(*part));
  return parts;
}

Secret *secret_make(const SecretRule *rule, const char *avoid, GError **error)
{
  g_autoptr(GString) alphabet = g_string_new(NULL);
  for (const char *const *class = rule->classes; *class; class ++)
    g_string_append(alphabet, *class);
  g_autoptr(GPtrArray) parts = parts_of(avoid);
  Making making = {rule, alphabet, parts};
  if (alphabet->len > 0)
    return secret_filled(rule->n_chars, draw, &making, error);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s", _("a password is made of no characters"));
  return NULL;
}
