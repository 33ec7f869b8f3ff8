// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the product could not take, told before anything is written.
#include "csv_p.h"

#define DAY_SECONDS 86400

// A request, and where it is about.
typedef struct Asked {
  const CsvView *view;
  const Request *request;
  const CsvFile *file;
  const char *row;
  const Record *there;  // the row as it is now; NULL = none
  GString *why;
} Asked;

static bool no(Asked *asked, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool no(Asked *asked, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_string_append_vprintf(asked->why, format, arguments);
  va_end(arguments);
  return false;
}

static bool is_about_place(const Mod *mod)
{
  return g_ascii_strcasecmp(mod->attribute, "objectClass") == 0 ||
         g_ascii_strcasecmp(mod->attribute, CSV_ROW) == 0;
}

// The row was made by a request of the set that is still to be written.
static bool is_made_here(const Asked *asked)
{
  for (size_t i = 0; i < believed_n_pending(asked->view->believed); i++) {
    const Pending *pending = believed_pending(asked->view->believed, i);
    if (!pending->batch && !pending->done && pending->request->kind == REQUEST_ADD &&
        asked->there && g_strcmp0(pending->request->stable_id, asked->there->stable_id) == 0)
      return true;
  }
  return false;
}

static bool knows_id(Asked *asked)
{
  if (!asked->there || !csv_file_kind(asked->file, CSV_ID) ||
      g_str_has_prefix(asked->there->stable_id, CSV_ID_PREFIX) || is_made_here(asked))
    return true;
  return no(asked, _("the product's ID of this row is in no export yet: take a new export of “%s”"),
            asked->file->word);
}

// All rows are made from the last export: what was added by hand since would be lost with an old one.
static bool is_fresh(Asked *asked)
{
  const CsvFile *file = asked->file;
  if (file->mode == CSV_DIFFERENCE || !file->in)
    return true;
  Instant when = csv_view_export(asked->view, file);
  if (when == INSTANT_NONE)
    return no(asked,
              _("“%s” is written with all its rows, and there is no export of them: take a "
                "new export"),
              file->word);
  const char *absent = csv_absent_row(asked->view, file);
  if (absent)
    return no(asked,
              _("“%s” is written with all its rows, and the last export lacks “%s”, which the one "
                "before had: take another export, which decides"),
              file->word, absent);
  if (!file->fresh_days || instant_now() - when <= (Instant)file->fresh_days * DAY_SECONDS)
    return true;
  g_autoptr(GString) made = g_string_new(NULL);
  instant_format(when, made);
  return no(asked,
            _("“%s” is written with all its rows, and the last export is of %s: take a new "
              "export"),
            file->word, made->str);
}

// ---------------------------------------------------------------------------------------------
// Values

static bool secret_fits(Asked *asked, const CsvColumn *column, const Bytes *value)
{
  g_autoptr(GString) hidden = g_string_new(NULL);
  // It is terminated; what is wrong with it would show it.
  if (!csv_refuses(asked->view->product, column, value->at, hidden))
    return true;
  return no(asked,
            _("the secret for “%s” cannot be written: it is too long, or holds a character "
              "that the product does not take. Change the policy that makes it"),
            column->attribute);
}

static bool value_fits(Asked *asked, const CsvColumn *column, const Bytes *value)
{
  const CsvProduct *product = asked->view->product;
  if (column->secret || request_is_secret(asked->request, value))
    return secret_fits(asked, column, value);
  if (!column->ref)
    return !csv_refuses(product, column, value->at, asked->why);
  g_autofree char *row = NULL;
  const CsvFile *file = csv_place_of(asked->view->config, value->at, &row);
  if (!file || !row || file != csv_product_file(product, column->ref))
    return no(asked, _("%s is no row of “%s”"), value->at, column->ref);
  return !csv_refuses(product, column, row, asked->why);
}

static size_t n_values(const Record *record, const char *attribute)
{
  const Field *field = record ? record_find(record, attribute) : NULL;
  return field ? field->values->len : 0;
}

static const Mod *find_mod(const Request *request, const char *attribute, bool adds)
{
  for (size_t i = 0; i < request->mods->len; i++) {
    const Mod *mod = &g_array_index(request->mods, Mod, i);
    if (g_ascii_strcasecmp(mod->attribute, attribute) == 0 && (mod->kind != MOD_DELETE) == adds)
      return mod;
  }
  return NULL;
}

static bool count_fits(Asked *asked, const CsvColumn *column)
{
  const Mod *added = find_mod(asked->request, column->attribute, true),
            *taken = find_mod(asked->request, column->attribute, false);
  size_t n = added && added->kind == MOD_REPLACE ? 0 : n_values(asked->there, column->attribute);
  n += added ? added->values->len : 0;
  n -= taken ? MIN(n, taken->values->len) : 0;
  if (column->repeat <= 0 || n <= (size_t)column->repeat)
    return true;
  return no(asked, _("“%s” has room for %d values"), column->attribute, column->repeat);
}

static bool mod_fits(Asked *asked, const Mod *mod)
{
  const CsvColumn *column = csv_file_column(asked->file, mod->attribute);
  if (is_about_place(mod))
    return true;
  if (!column)
    return no(asked, _("“%s” has no column for %s"), asked->file->word, mod->attribute);
  if (column->once && asked->request->kind != REQUEST_ADD && !is_made_here(asked))
    return no(asked, _("%s is taken when a row is made, and never again: change it in the product"),
              mod->attribute);
  bool takes = mod->kind == MOD_DELETE || (mod->kind == MOD_REPLACE && !mod->values->len);
  if (takes && column->required && !find_mod(asked->request, mod->attribute, true))
    return no(asked, _("%s must not be empty"), mod->attribute);
  for (size_t i = 0; mod->kind != MOD_DELETE && i < mod->values->len; i++)
    if (!value_fits(asked, column, &g_array_index(mod->values, Bytes, i)))
      return false;
  return count_fits(asked, column);
}

static bool mods_fit(Asked *asked)
{
  for (size_t i = 0; i < asked->request->mods->len; i++)
    if (!mod_fits(asked, &g_array_index(asked->request->mods, Mod, i)))
      return false;
  return true;
}

// ---------------------------------------------------------------------------------------------
// By kind

static bool is_key(const CsvFile *file, const char *attribute)
{
  for (size_t i = 0; i < file->key->len; i++)
    if (g_ascii_strcasecmp(file->key->pdata[i], attribute) == 0)
      return true;
  return false;
}

static bool is_complete(Asked *asked)
{
  for (size_t i = 0; i < asked->file->columns->len; i++) {
    const CsvColumn *column = &g_array_index(asked->file->columns, CsvColumn, i);
    if (!column->required || !column->attribute || column->kind == CSV_RENAME ||
        is_key(asked->file, column->attribute))
      continue;
    if (!find_mod(asked->request, column->attribute, true))
      return no(asked, _("%s must not be empty"), column->attribute);
  }
  return true;
}

// The key is another row's until the product has read the set: who takes it now would be taken for that row.
static bool is_given_up(Asked *asked, const char *dn)
{
  for (size_t i = 0; i < believed_n_pending(asked->view->believed); i++) {
    const Pending *pending = believed_pending(asked->view->believed, i);
    RequestKind kind = pending->request->kind;
    if (!pending->batch && !pending->done && (kind == REQUEST_DELETE || kind == REQUEST_RENAME) &&
        g_ascii_strcasecmp(pending->request->dn, dn) == 0)
      return !no(asked, _("another row gives up this key in the same set of files: the next run "
                          "does it"));
  }
  return false;
}

static bool may_add(Asked *asked)
{
  return !is_given_up(asked, asked->request->dn) &&
         !csv_refuses_row(asked->view->product, asked->file, asked->row, asked->why) &&
         is_complete(asked) && mods_fit(asked);
}

static bool may_modify(Asked *asked)
{
  return knows_id(asked) && mods_fit(asked);
}

static bool part_may_change(const CsvFile *file, const char *attribute)
{
  for (size_t i = 0; i < file->columns->len; i++) {
    const CsvColumn *column = &g_array_index(file->columns, CsvColumn, i);
    if (column->kind == CSV_RENAME && g_ascii_strcasecmp(column->attribute, attribute) == 0)
      return true;
  }
  return false;
}

static bool may_rename(Asked *asked)
{
  g_autofree char *parent = csv_file_dn(asked->view->config, asked->file);
  g_autofree char *dn = g_strdup_printf("%s,%s", asked->request->new_rdn, parent), *row = NULL;
  const CsvFile *file = csv_place_of(asked->view->config, dn, &row);
  g_auto(GStrv) before = csv_key_parts(asked->file, asked->row);
  g_auto(GStrv) after = row ? csv_key_parts(asked->file, row) : NULL;
  if (asked->request->new_parent && g_ascii_strcasecmp(asked->request->new_parent, parent) != 0)
    return no(asked, _("a row stays in its file"));
  if (!file || !row || is_given_up(asked, dn) ||
      csv_refuses_row(asked->view->product, asked->file, row, asked->why))
    return false;
  for (size_t i = 0; before && after && before[i]; i++)
    if (strcmp(before[i], after[i]) != 0 && !part_may_change(file, file->key->pdata[i]) &&
        !is_made_here(asked))
      return no(asked, _("“%s” has no column by which %s could change"), file->word,
                (const char *)file->key->pdata[i]);
  return knows_id(asked);
}

static bool may_delete(Asked *asked)
{
  if (!csv_file_deletes(asked->file))
    return no(asked,
              _("“%s” takes no deletions by file: delete the row in the product, or let the "
                "mapping disable it"),
              asked->file->word);
  return knows_id(asked);
}

bool csv_request_fits(const CsvView *view, const Request *request, GString *why)
{
  static bool (*const kinds[])(Asked * asked) = {[REQUEST_ADD] = may_add,
                                                 [REQUEST_MODIFY] = may_modify,
                                                 [REQUEST_RENAME] = may_rename,
                                                 [REQUEST_DELETE] = may_delete};
  g_autofree char *row = NULL;
  const CsvFile *file = csv_place_of(view->config, request->dn, &row);
  Asked asked = {view, request, file, row, NULL, why};
  if (!file || !row)
    return no(&asked, _("%s is no row of a file"), request->dn);
  asked.there = dit_at_dn(believed_now(view->believed), request->dn);
  return is_fresh(&asked) && kinds[request->kind](&asked);
}
