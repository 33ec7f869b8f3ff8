// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whatever the text: an error, or records that, once written by us, are read and written again the same.
#include "targets/targets_p.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool write_again(LdifChange *change, void *data, GError **error)
{
  (void)error;
  if (change->record)
    ldif_write_added(data, change->record);
  else
    ldif_write_request(data, change->request);
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) first = g_string_new(NULL), second = g_string_new(NULL);
  if (!ldif_parse((const char *)data, size, "fuzz", write_again, first, &error)) {
    g_assert(error != NULL);
    return 0;
  }
  if (!ldif_parse(first->str, first->len, "again", write_again, second, &error))
    g_error("%s", error->message);
  g_assert_cmpstr(first->str, ==, second->str);
  return 0;
}
