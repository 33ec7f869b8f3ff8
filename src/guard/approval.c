// SPDX-License-Identifier: GPL-3.0-or-later
#include "guard_p.h"

#include <jansson.h>

#define APPROVAL_FORMAT 1
#define FILE_MAX_BYTES (1024 * 1024)
#define DIGEST_SHOWN 12  // characters, enough to tell plans apart

void approval_free(Approval *approval)
{
  if (!approval)
    return;
  g_free(approval->digest);
  g_free(approval->who);
  g_free(approval->reason);
  g_strfreev(approval->allows);
  g_free(approval);
}

static void set_text(json_t *object, const char *key, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid(text, -1);
  json_object_set_new(object, key, json_string(valid));
}

static void set_instant(json_t *object, const char *key, Instant instant)
{
  if (instant == INSTANT_NONE)
    return;
  g_autoptr(GString) text = g_string_new(NULL);
  instant_format(instant, text);
  json_object_set_new(object, key, json_string(text->str));
}

bool approval_write(const Approval *approval, const char *path, GError **error)
{
  json_t *object = json_object();
  json_t *allows = json_array();
  json_object_set_new(object, "format", json_integer(APPROVAL_FORMAT));
  set_text(object, "digest", approval->digest);
  set_text(object, "who", approval->who);
  set_text(object, "reason", approval->reason);
  set_instant(object, "not_before", approval->not_before);
  set_instant(object, "expires", approval->expires);
  for (char **class = approval->allows; *class; class ++)
    json_array_append_new(allows, json_string(*class));
  json_object_set_new(object, "allows", allows);
  char *text = json_dumps(object, JSON_INDENT(2));
  g_autofree char *line = g_strconcat(text, "\n", NULL);
  bool written = file_write(path, line, strlen(line), 0600, error);
  free(text);
  json_decref(object);
  return written;
}

// ---------------------------------------------------------------------------------------------

// False when it is missing, empty or no text.
static bool take_text(const json_t *object, const char *key, char **out)
{
  const char *text = json_string_value(json_object_get(object, key));
  *out = g_strdup(text);
  return text && *text;
}

static bool take_instant(const json_t *object, const char *key, bool required, Instant *out)
{
  *out = INSTANT_NONE;
  const json_t *value = json_object_get(object, key);
  if (!value)
    return !required;
  return json_is_string(value) && instant_parse(json_string_value(value), out);
}

static bool take_allows(const json_t *object, char ***out)
{
  const json_t *array = json_object_get(object, "allows");
  g_autoptr(GPtrArray) classes = g_ptr_array_new_with_free_func(g_free);
  for (size_t i = 0; i < json_array_size(array); i++) {
    const char *class = json_string_value(json_array_get(array, i));
    if (!class)
      return false;
    g_ptr_array_add(classes, g_strdup(class));
  }
  if (classes->len == 0)
    return false;
  g_ptr_array_add(classes, NULL);
  *out = (char **)g_ptr_array_steal(classes, NULL);
  return true;
}

// The field at fault; NULL when all is well.
static const char *take(const json_t *object, Approval *out)
{
  if (json_integer_value(json_object_get(object, "format")) != APPROVAL_FORMAT)
    return "format";
  if (!take_text(object, "digest", &out->digest))
    return "digest";
  if (!take_text(object, "who", &out->who))
    return "who";
  if (!take_text(object, "reason", &out->reason))
    return "reason";
  if (!take_instant(object, "not_before", false, &out->not_before))
    return "not_before";
  if (!take_instant(object, "expires", true, &out->expires))
    return "expires";
  return take_allows(object, &out->allows) ? NULL : "allows";
}

Approval *approval_read(const char *path, GError **error)
{
  g_autoptr(GBytes) file = file_read(path, FILE_MAX_BYTES, error);
  if (!file)
    return NULL;
  size_t n_bytes;
  const char *bytes = g_bytes_get_data(file, &n_bytes);
  json_error_t fault;
  json_t *object = json_loadb(bytes, n_bytes, JSON_REJECT_DUPLICATES, &fault);
  if (!object) {
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s:%d: not JSON: %s"), path, fault.line,
                fault.text);
    return NULL;
  }
  g_autoptr(Approval) approval = g_new0(Approval, 1);
  const char *field = take(object, approval);
  json_decref(object);
  if (!field)
    return g_steal_pointer(&approval);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, _("%s: “%s” is missing or malformed in the approval"),
              path, field);
  return NULL;
}

// ---------------------------------------------------------------------------------------------

bool approval_allows(const Approval *approval, const char *target, const char *what)
{
  if (!approval)
    return false;
  g_autofree char *class = target ? g_strdup_printf("%s/%s", target, what) : g_strdup(what);
  return g_strv_contains((const char *const *)approval->allows, "all") ||
         g_strv_contains((const char *const *)approval->allows, class);
}

static bool refuse_time(const char *format, Instant instant, GError **error)
{
  g_autoptr(GString) text = g_string_new(NULL);
  instant_format(instant, text);
  g_set_error(error, IDOU_ERROR, EXIT_USAGE, format, text->str);
  return false;
}

bool approval_check(const Approval *approval, const char *digest, Instant now, GError **error)
{
  if (!approval)
    return true;
  if (strcmp(approval->digest, digest) != 0) {
    g_set_error(
        error, IDOU_ERROR, EXIT_USAGE,
        _("the approval is for another plan (%.*s…), not for this one (%.*s…): look at this "
          "plan and approve it"),
        DIGEST_SHOWN, approval->digest, DIGEST_SHOWN, digest);
    return false;
  }
  if (now < approval->not_before)
    return refuse_time(_("the approval is valid from %s on, not yet"), approval->not_before, error);
  if (now >= approval->expires)
    return refuse_time(_("the approval expired at %s: approve the plan again"), approval->expires,
                       error);
  return true;
}
