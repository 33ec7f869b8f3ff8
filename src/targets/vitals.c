// SPDX-License-Identifier: GPL-3.0-or-later
#include "targets_p.h"

#include <unistd.h>

void vitals_clear(Vitals *vitals)
{
  g_clear_pointer(&vitals->lacks, g_ptr_array_unref);
}

void vitals_lack(Vitals *vitals, const char *format, ...)
{
  va_list list;
  va_start(list, format);
  g_ptr_array_add(vitals->lacks, g_strdup_vprintf(format, list));
  va_end(list);
}

// The machine's own clock, not what a test says: two clocks are compared.
void vitals_clock(Vitals *vitals, Instant clock)
{
  vitals->clock = clock;
  vitals->asked = g_get_real_time() / G_USEC_PER_SEC;
}

// A file is written anew beside itself.
static void look_at_file(const TargetConfig *config, Vitals *out)
{
  if (!config->path)
    return;
  g_autofree char *folder = g_path_get_dirname(config->path);
  out->local = true;
  out->tells_rights = true;
  if (access(folder, W_OK | X_OK) != 0)
    vitals_lack(out, _("write to the folder %s"), folder);
}

bool target_vitals(const TargetConfig *config, const VitalsClass *classes, size_t n_classes,
                   Vitals *out, GError **error)
{
  *out = (Vitals){.clock = INSTANT_NONE,
                  .certificate = INSTANT_NONE,
                  .lacks = g_ptr_array_new_with_free_func(g_free)};
  const TargetType *type = registry_find(config->type);
  if (type && type->vitals)
    return type->vitals(config, classes, n_classes, out, error);
  g_autoptr(Writer) writer = writer_open(config, error);
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  if (!writer || !writer_fingerprint(writer, fingerprint, error))
    return false;
  look_at_file(config, out);
  return true;
}
