// SPDX-License-Identifier: GPL-3.0-or-later
#include "scim_p.h"

#include <string.h>

static size_t take_date(char *bytes, size_t size, size_t n, void *data)
{
  static const char name[] = "date:";
  ScimPulse *pulse = data;
  size_t n_name = sizeof name - 1;
  if (size * n <= n_name || g_ascii_strncasecmp(bytes, name, n_name) != 0)
    return size * n;
  g_autofree char *text = g_strndup(bytes + n_name, size * n - n_name);
  time_t date = curl_getdate(g_strstrip(text), NULL);
  if (date != (time_t)-1)
    pulse->date = date;
  return size * n;
}

// The first certificate is the server's own; "Cert:" of it is PEM.
static Instant read_certificate(CURL *easy)
{
  static const char name[] = "Cert:";
  struct curl_certinfo *told = NULL;
  if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &told) != CURLE_OK || !told ||
      told->num_of_certs < 1)
    return INSTANT_NONE;
  for (struct curl_slist *line = told->certinfo[0]; line; line = line->next)
    if (g_str_has_prefix(line->data, name))
      return certificate_ends(line->data + strlen(name), strlen(line->data + strlen(name)));
  return INSTANT_NONE;
}

// HEAD without a token: whatever the answer is, it has a date.
bool scim_pulse(const ScimSetup *setup, ScimPulse *out)
{
  *out = (ScimPulse){INSTANT_NONE, INSTANT_NONE};
  CURL *easy = curl_easy_init();
  if (!easy)
    return false;
  ask_secure(easy, setup);
  curl_easy_setopt(easy, CURLOPT_URL, setup->uri);
  curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_date);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, out);
  bool answered = curl_easy_perform(easy) == CURLE_OK;
  if (answered)
    out->certificate = read_certificate(easy);
  curl_easy_cleanup(easy);
  return answered;
}
