// SPDX-License-Identifier: GPL-3.0-or-later
#include "mapping_p.h"

#include <string.h>

// A name is a few dozen characters; a pattern that needs more steps than this for one is broken.
#define MATCH_LIMIT 100000
#define DEPTH_LIMIT 1000

void pattern_free(Pattern *pattern)
{
  if (!pattern)
    return;
  pcre2_match_context_free(pattern->context);
  pcre2_match_data_free(pattern->match);
  pcre2_code_free(pattern->code);
  g_free(pattern);
}

static const char *compile_fault(Library *library, int number, size_t at)
{
  char text[256];
  pcre2_get_error_message(number, (PCRE2_UCHAR *)text, sizeof text);
  g_autofree char *fault =
      g_strdup_printf(_("pattern does not compile: %s (at byte %zu of it)"), text, at);
  return library_text(library, fault, strlen(fault));
}

const Pattern *pattern_new(Library *library, const char *text, const char **fault)
{
  int number;
  size_t at;
  pcre2_code *code =
      pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                    PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &number, &at, NULL);
  if (!code) {
    *fault = compile_fault(library, number, at);
    return NULL;
  }
  // Where the machine allows no JIT, the interpreter does the same, only slower.
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
  Pattern *pattern = g_new0(Pattern, 1);
  pattern->code = code;
  pattern->match = pcre2_match_data_create_from_pattern(code, NULL);
  pattern->context = pcre2_match_context_create(NULL);
  pcre2_set_match_limit(pattern->context, MATCH_LIMIT);
  pcre2_set_depth_limit(pattern->context, DEPTH_LIMIT);
  g_ptr_array_add(library->patterns, pattern);
  return pattern;
}

int pattern_match(const Pattern *pattern, const char *text, size_t n_bytes)
{
  int n_groups =
      pcre2_match(pattern->code, (PCRE2_SPTR)text, n_bytes, 0, 0, pattern->match, pattern->context);
  if (n_groups == PCRE2_ERROR_NOMATCH)
    return 0;
  return n_groups > 0 ? n_groups : -1;
}
