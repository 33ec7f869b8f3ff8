// SPDX-License-Identifier: GPL-3.0-or-later
//
// Addresses of people and units, by the site's own templates over what the ledger has.
#include "job/job_p.h"

#include <string.h>

static GArray *fields_of(Roster *roster, const Person *person)
{
  Store *store = roster_store(roster);
  GArray *fields = g_array_new(FALSE, FALSE, sizeof(EvalField));
  for (FieldId id = 0; id < store_n_fields(store); id++) {
    EvalField field = {store_field_name(store, id), person->fields[id]};
    if (field.name != NULL && field.value != NULL)
      g_array_append_val(fields, field);
  }
  EvalField more[] = {{"number", person->number},
                      {"login", store_name_of(store, "login", person->id)}};
  for (size_t i = 0; i < G_N_ELEMENTS(more); i++)
    if (more[i].value != NULL)
      g_array_append_val(fields, more[i]);
  return fields;
}

static bool address_by(const Site *site, Roster *roster, const char *template_text, uint32_t id,
                       char **out, GError **error)
{
  const Person *person = NULL;
  *out = NULL;
  if (template_text == NULL || id == 0)
    return true;
  if (!roster_person(roster, id, &person, error) || person == NULL)
    return error == NULL || *error == NULL;
  g_autoptr(GArray) fields = fields_of(roster, person);
  g_autoptr(GString) text = g_string_new(NULL);
  if (!mapping_eval(template_text, (const EvalField *)(const void *)fields->data, fields->len,
                    site->mappings, text, error)) {
    g_prefix_error(error, "mail: %s: ", template_text);
    return false;
  }
  if (text->len > 0)
    *out = g_string_free(g_steal_pointer(&text), FALSE);
  return true;
}

bool job_mail_of_person(const Site *site, Roster *roster, uint32_t person, char **out,
                        GError **error)
{
  return address_by(site, roster, site->mail != NULL ? site->mail->people : NULL, person, out,
                    error);
}

bool job_mail_of_unit(const Site *site, Roster *roster, const char *unit, GPtrArray *out,
                      GError **error)
{
  if (site->mail == NULL)
    return true;
  for (guint i = 0; i < site->mail->units->len; i++) {
    const SiteMailUnit *said = &g_array_index(site->mail->units, SiteMailUnit, i);
    if (strcmp(said->code, unit) != 0)
      continue;
    for (size_t k = 0; said->to[k] != NULL; k++)
      g_ptr_array_add(out, g_strdup(said->to[k]));
    return true;
  }
  uint32_t head = 0;
  char *address = NULL;
  if (site->mail->heads == NULL)
    return true;
  if (!roster_head(roster, unit, &head, error) ||
      !address_by(site, roster, site->mail->heads, head, &address, error))
    return false;
  if (address != NULL)
    g_ptr_array_add(out, address);
  return true;
}

void job_mail_of_operators(const Site *site, GPtrArray *out)
{
  for (const char *const *one = site->mail == NULL ? NULL : site->mail->operators;
       one != NULL && *one != NULL; one++)
    g_ptr_array_add(out, g_strdup(*one));
}

bool job_mail_letter(const Site *site, Letter *letter, GPtrArray *to, GString *told, GError **error)
{
  bool is_new = false;
  if (to->len == 0)
    return true;
  g_ptr_array_add(to, NULL);
  letter->to = (const char *const *)to->pdata;
  if (!mail_queue(site_mail(site), letter, &is_new, error))
    return false;
  if (is_new)
    g_string_append_printf(told, _("letter: %s\n"), letter->key);
  return true;
}
