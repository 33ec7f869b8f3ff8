// SPDX-License-Identifier: GPL-3.0-or-later
//
// What became of a request, by what an export shows. Several requests may concern one row, and an export shows only
// what came of all of them; so it is held against what is believed after the last.
#include "csv_p.h"

#include <jansson.h>

#define TOLD "told."

void csv_verdict_clear(CsvVerdict *verdict)
{
  g_clear_pointer(&verdict->detail, g_free);
  g_clear_pointer(&verdict->stable_id, g_free);
}

static Attr attr_of(const CsvCase *what, const Mod *mod)
{
  Attr attr = {.name = mod->attribute};
  csv_rules(mod->attribute, &attr, what->rules);
  return attr;
}

// Where the row is by now, as far as we believe: later requests may have renamed it.
static const Record *believed_row(const CsvCase *what, const Request *request)
{
  const Record *row = request->stable_id ? dit_with_id(what->now, request->stable_id) : NULL;
  return row ? row : dit_at_dn(what->now, request->dn);
}

static bool holds(const Record *row, const Attr *attr, const Bytes *value)
{
  return record_value(record_find(row, attr->name), attr, value->at, value->n) >= 0;
}

static bool same_values(const Record *a, const Record *b, const Attr *attr)
{
  const Field *x = record_find(a, attr->name), *y = record_find(b, attr->name);
  size_t n = x ? x->values->len : 0;
  if (n != (y ? y->values->len : 0))
    return false;
  for (size_t i = 0; i < n; i++)
    if (!holds(b, attr, &g_array_index(x->values, Bytes, i)))
      return false;
  return true;
}

// Whether the export's row has of the change what is believed to be left of it.
static bool shows_mod(const CsvCase *what, const Mod *mod, const Record *shown,
                      const Record *believed)
{
  Attr attr = attr_of(what, mod);
  if (mod->kind == MOD_REPLACE || !mod->values->len)
    return same_values(shown, believed, &attr);
  for (size_t i = 0; i < mod->values->len; i++) {
    const Bytes *value = &g_array_index(mod->values, Bytes, i);
    if (holds(shown, &attr, value) != holds(believed, &attr, value))
      return false;
  }
  return true;
}

static bool is_of_place(const Mod *mod)
{
  return g_ascii_strcasecmp(mod->attribute, "objectClass") == 0 ||
         g_ascii_strcasecmp(mod->attribute, CSV_ROW) == 0;
}

// The first change that it does not show; NULL = it shows all.
static const Mod *missing_mod(const CsvCase *what, const Request *request, const Record *shown,
                              const Record *believed)
{
  for (size_t i = 0; i < request->mods->len; i++) {
    const Mod *mod = &g_array_index(request->mods, Mod, i);
    if (!is_of_place(mod) && !shows_mod(what, mod, shown, believed))
      return mod;
  }
  return NULL;
}

// Whether the row is still as it was before the change.
static bool is_untouched(const CsvCase *what, const Request *request, const Record *shown)
{
  for (size_t i = 0; i < request->mods->len; i++) {
    const Mod *mod = &g_array_index(request->mods, Mod, i);
    Attr attr = attr_of(what, mod);
    for (size_t j = 0; mod->kind != MOD_REPLACE && j < mod->values->len; j++)
      if (holds(shown, &attr, &g_array_index(mod->values, Bytes, j)) == (mod->kind == MOD_ADD))
        return false;
  }
  return true;
}

static void tell(CsvVerdict *out, OutcomeKind kind, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void tell(CsvVerdict *out, OutcomeKind kind, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  *out = (CsvVerdict){.kind = kind, .detail = g_strdup_vprintf(format, arguments)};
  va_end(arguments);
}

static void tell_value(const CsvCase *what, const Mod *mod, const Record *shown, OutcomeKind kind,
                       CsvVerdict *out)
{
  const char *value = csv_first(shown, mod->attribute);
  g_autoptr(GString) text = g_string_new(NULL);
  escape_text(text, value ? value : _("nothing"), ESCAPE_TERMINAL);
  if (kind == OUTCOME_DONE)
    tell(out, kind, _("the export %s has the row, but with %s: %s"), what->export_name,
         mod->attribute, text->str);
  else if (kind == OUTCOME_FAILED)
    tell(out, kind, _("the export %s, made after the import, does not show it; now %s: %s"),
         what->export_name, mod->attribute, text->str);
  else
    tell(out, kind, _("the export %s has neither what was there nor what was sent; now %s: %s"),
         what->export_name, mod->attribute, text->str);
}

static void not_there(const CsvCase *what, CsvVerdict *out)
{
  tell(out, OUTCOME_FAILED, _("the export %s, made after the import, does not show it"),
       what->export_name);
}

static void done(const CsvCase *what, CsvVerdict *out)
{
  tell(out, OUTCOME_DONE, _("the export %s shows it"), what->export_name);
}

static void judge_add(const CsvCase *what, const Request *request, CsvVerdict *out)
{
  const Record *believed = believed_row(what, request);
  const Record *shown = dit_at_dn(what->shown, believed ? believed->dn : request->dn);
  if (!shown)
    shown = dit_at_dn(what->shown, request->dn);
  if (!shown && !believed) {
    done(what, out);  // taken away again since
  } else if (!shown) {
    not_there(what, out);
  } else {
    const Mod *mod = missing_mod(what, request, shown, believed ? believed : shown);
    if (mod)
      tell_value(what, mod, shown, OUTCOME_DONE, out);
    else
      done(what, out);
    if (g_str_has_prefix(shown->stable_id, CSV_ID_PREFIX))
      out->stable_id = g_strdup(shown->stable_id);
  }
}

static void judge_modify(const CsvCase *what, const Request *request, CsvVerdict *out)
{
  const Record *believed = believed_row(what, request);
  const Record *shown = dit_at_dn(what->shown, believed ? believed->dn : request->dn);
  if (!shown)
    shown = dit_at_dn(what->shown, request->dn);
  if (!shown && !believed) {
    done(what, out);
  } else if (!shown) {
    tell(out, OUTCOME_REFUSED, _("the export %s has no such row any more"), what->export_name);
  } else {
    const Mod *mod = missing_mod(what, request, shown, believed ? believed : shown);
    if (mod)
      tell_value(what, mod, shown,
                 is_untouched(what, request, shown) ? OUTCOME_FAILED : OUTCOME_REFUSED, out);
    else
      done(what, out);
  }
}

static void judge_rename(const CsvCase *what, const Request *request, CsvVerdict *out)
{
  const Record *believed = believed_row(what, request);
  const Record *shown = believed ? dit_at_dn(what->shown, believed->dn) : NULL;
  if (shown || !believed)
    done(what, out);
  else if (dit_at_dn(what->shown, request->dn))
    not_there(what, out);
  else
    tell(out, OUTCOME_REFUSED, _("the export %s has the row neither by its old nor by its new key"),
         what->export_name);
}

static void judge_delete(const CsvCase *what, const Request *request, CsvVerdict *out)
{
  if (!dit_at_dn(what->shown, request->dn) || dit_at_dn(what->now, request->dn))
    done(what, out);
  else
    not_there(what, out);
}

void csv_verdict_make(const CsvCase *what, const Pending *pending, CsvVerdict *out)
{
  static void (*const judges[])(const CsvCase *what, const Request *request,
                                CsvVerdict *out) = {[REQUEST_ADD] = judge_add,
                                                    [REQUEST_MODIFY] = judge_modify,
                                                    [REQUEST_RENAME] = judge_rename,
                                                    [REQUEST_DELETE] = judge_delete};
  // Nothing but a secret: no export shows it, and only the row's own file can be late.
  bool blind = pending->request->kind == REQUEST_MODIFY && pending->request->mods->len == 0;
  judges[pending->request->kind](what, pending->request, out);
  if (what->conclusive || (out->kind == OUTCOME_DONE && !blind))
    return;
  csv_verdict_clear(out);
  out->kind = OUTCOME_SENT;
}

// ---------------------------------------------------------------------------------------------
// Remembering it until the journal has it: a mark for each operation.

void csv_remember(Believed *believed, const Request *request, const CsvVerdict *verdict)
{
  for (size_t i = 0; i < request->numbers->len; i++) {
    uint32_t n = g_array_index(request->numbers, uint32_t, i);
    g_autofree char *name = g_strdup_printf(TOLD "%" G_GINT64_FORMAT ".%u", request->run, n);
    json_t *object = json_pack("{s:i, s:s*, s:s*}", "kind", (int)verdict->kind, "detail",
                               verdict->detail, "id", verdict->stable_id);
    char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
    believed_set_mark(believed, name, text);
    json_decref(object);
    free(text);
  }
}

static void take_told(const char *name, const char *text, void *data)
{
  (void)text;
  if (g_str_has_prefix(name, TOLD))
    g_ptr_array_add(data, g_strdup(name));
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *told_names(const Believed *believed)
{
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  believed_marks(believed, take_told, names);
  g_ptr_array_sort(names, by_name);
  return names;
}

static bool tell_one(const Believed *believed, const char *name, const CsvTaker *taker,
                     GError **error)
{
  int kind = OUTCOME_FAILED;
  char *end = NULL;
  Settled settled = {.run = g_ascii_strtoll(name + strlen(TOLD), &end, 10)};
  settled.n = (uint32_t)g_ascii_strtoull(end + 1, NULL, 10);
  json_t *object = json_loads(believed_mark(believed, name), 0, NULL);
  json_unpack(object, "{s:i, s?:s, s?:s}", "kind", &kind, "detail", &settled.detail, "id",
              &settled.stable_id);
  settled.kind = (OutcomeKind)kind;
  bool taken = taker->func(&settled, taker->data, error);
  json_decref(object);
  return taken;
}

bool csv_tell(const Believed *believed, const CsvTaker *taker, GError **error)
{
  g_autoptr(GPtrArray) names = told_names(believed);
  for (size_t i = 0; i < names->len; i++)
    if (!tell_one(believed, names->pdata[i], taker, error))
      return false;
  return true;
}

void csv_forget_told(Believed *believed)
{
  g_autoptr(GPtrArray) names = told_names(believed);
  for (size_t i = 0; i < names->len; i++)
    believed_set_mark(believed, names->pdata[i], NULL);
}
