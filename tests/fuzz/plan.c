// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whatever the file: an error, or a plan whose own writing is taken again with the same digest. To get
// past the digests, input without them is given its right ones first.
#include "idou/plan.h"

#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void digest_line(GString *out, const char *target, GChecksum *checksum)
{
  if (target)
    g_string_append_printf(out, "{\"line\":\"end\",\"target\":\"%s\",\"digest\":\"%s\"}\n", target,
                           g_checksum_get_string(checksum));
  else
    g_string_append_printf(out, "{\"line\":\"body\",\"digest\":\"%s\"}\n",
                           g_checksum_get_string(checksum));
}

// A file of one section "t", whatever its lines are, with its digests behind.
static GString *sealed(const uint8_t *data, size_t size)
{
  static const char head[] =
      "{\"line\":\"head\",\"format\":1,\"as_of\":\"2027-04-01\",\"people\":0}\n";
  static const char section[] =
      "{\"line\":\"section\",\"target\":\"t\",\"read\":0,\"ours\":0,\"desired\":0}\n";
  g_autoptr(GChecksum) inner = g_checksum_new(G_CHECKSUM_SHA256);
  g_autoptr(GChecksum) outer = g_checksum_new(G_CHECKSUM_SHA256);
  GString *out = g_string_new("{\"line\":\"plan\"}\n");
  g_string_append(out, head);
  g_checksum_update(outer, (const guchar *)head, strlen(head));
  size_t start = out->len;
  g_string_append(out, section);
  g_string_append_len(out, (const char *)data, size);
  g_checksum_update(inner, (const guchar *)out->str + start, out->len - start);
  start = out->len;
  digest_line(out, "t", inner);
  g_checksum_update(outer, (const guchar *)out->str + start, out->len - start);
  digest_line(out, NULL, outer);
  return out;
}

static void again(const Plan *plan)
{
  g_autofree char *path = g_strdup_printf("%s/idou-fuzz-plan.%d", g_get_tmp_dir(), getpid());
  g_autoptr(GError) error = NULL;
  if (!plan_write(plan, path, &error))
    g_error("%s", error->message);
  g_autoptr(Plan) second = plan_read(path, &error);
  if (!second)
    g_error("%s", error->message);
  unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Plan) plan = plan_parse((const char *)data, size, "fuzz", &error);
  if ((plan == NULL) != (error != NULL))
    g_error("neither plan nor error, or both");
  g_autoptr(GString) file = sealed(data, size);
  g_autoptr(Plan) inner = plan_parse(file->str, file->len, "fuzz", NULL);
  if (inner)
    again(inner);
  return 0;
}
