// SPDX-License-Identifier: GPL-3.0-or-later
//
// Entries of nobody, and whose they may be; entries of people who left.
#include "orphan_p.h"

#include <string.h>

// ---------------------------------------------------------------------------------------------
// Whose an entry of nobody may be, the surest sign first.

typedef struct Sign {
  uint32_t person;
  const char *text;  // by what
} Sign;

static bool take_binding(const char *object, const char *stable_id, void *data)
{
  Listing *listing = data;
  g_hash_table_insert(listing->bindings, g_strdup(stable_id), g_strdup(object));
  return true;
}

// All targets' in one table: an identifier of one system is no other's.
static bool know_bindings(Listing *listing, GError **error)
{
  listing->bindings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  for (size_t i = 0; listing->setup->targets[i] != NULL; i++)
    if (!store_bindings_each(listing->setup->store, listing->setup->targets[i]->name, take_binding,
                             listing, error))
      return false;
  return true;
}

static uint32_t person_of_object(const char *object)
{
  const char *slash = object == NULL ? NULL : strchr(object, '/');
  return slash == NULL ? 0 : (uint32_t)g_ascii_strtoull(slash + 1, NULL, 10);
}

// It was ours, and the rules do not know its object any more.
static Sign by_binding(Listing *listing, const Sight *sight)
{
  const char *object =
      *sight->id == '\0' ? NULL : g_hash_table_lookup(listing->bindings, sight->id);
  return (Sign){person_of_object(object),
                object == NULL ? ""
                               : listing_keepf(listing, _("it was made or adopted as %s"), object)};
}

static Sign by_adopt(Listing *listing, const Sight *sight)
{
  if (sight->adopt == NULL)
    return (Sign){0};
  return (Sign){sight->person, listing_keepf(listing, _("the same %s"), sight->adopt)};
}

static Sign by_number(Listing *listing, const Sight *sight)
{
  for (size_t i = 0; i < sight->n_values; i++) {
    bool padded = false;
    const SightValue *value = &sight->values[i];
    uint32_t person =
        value->role != ROLE_KEY ? 0 : people_by_number(listing->people, value->text, &padded);
    if (person != 0)
      return (Sign){person, listing_keepf(listing,
                                          padded ? _("%s %s is their number without its zeros")
                                                 : _("%s %s is their number"),
                                          value->attribute, value->text)};
  }
  return (Sign){0};
}

// k-yamada2 may be the login of another Yamada.
static bool bears_other_name(const Listing *listing, const Sight *sight, uint32_t person)
{
  static const char *const names[] = {"cn", "displayName", NULL};
  const Face *face = people_face(listing->people, person);
  for (size_t i = 0; face != NULL && i < sight->n_values; i++)
    for (const char *const *name = names; *name != NULL; name++)
      if (g_ascii_strcasecmp(*name, sight->values[i].attribute) == 0 &&
          people_other_name(face, sight->values[i].text))
        return true;
  return false;
}

static Sign by_login(Listing *listing, const Sight *sight, bool wants_pattern)
{
  for (size_t i = 0; i < sight->n_values; i++) {
    bool pattern = false;
    const SightValue *value = &sight->values[i];
    uint32_t person = value->role != ROLE_LOGIN && value->role != ROLE_KEY
                          ? 0
                          : people_by_login(listing->people, value->text, &pattern);
    if (person != 0 && pattern == wants_pattern &&
        !(pattern && bears_other_name(listing, sight, person)))
      return (Sign){person, listing_keepf(listing,
                                          pattern ? _("%s %s is their login with a number")
                                                  : _("%s %s is a login of theirs"),
                                          value->attribute, value->text)};
  }
  return (Sign){0};
}

static Sign by_exact_login(Listing *listing, const Sight *sight)
{
  return by_login(listing, sight, false);
}

static Sign by_login_pattern(Listing *listing, const Sight *sight)
{
  return by_login(listing, sight, true);
}

static Sign by_mail(Listing *listing, const Sight *sight)
{
  const char *target = survey_name(listing->survey, sight->target);
  for (size_t i = 0; i < sight->n_values; i++) {
    if (sight->values[i].role != ROLE_MAIL)
      continue;
    g_autofree char *folded = g_utf8_casefold(sight->values[i].text, -1);
    g_autofree char *key = g_strdup_printf("%s %s", target, folded);
    guint at = GPOINTER_TO_UINT(g_hash_table_lookup(listing->mails, key));
    if (at == 0)
      continue;
    const Sight *other = &g_array_index(listing->survey->sights, Sight, at - 1);
    return (Sign){other->person, listing_keepf(listing, _("the same %s %s"),
                                               sight->values[i].attribute, sight->values[i].text)};
  }
  return (Sign){0};
}

// Whatever the attributes are called: one is a name, another one the unit of somebody of that name.
static Sign by_name_and_unit(Listing *listing, const Sight *sight)
{
  for (size_t i = 0; i < sight->n_values; i++)
    for (size_t k = 0; k < sight->n_values; k++) {
      const SightValue *name = &sight->values[i], *unit = &sight->values[k];
      uint32_t person = i == k ? 0 : people_by_name(listing->people, name->text, unit->text);
      if (person != 0)
        return (Sign){person, listing_keepf(listing, _("the same name and unit (%s, %s)"),
                                            name->attribute, unit->attribute)};
    }
  return (Sign){0};
}

static Sign find_sign(Listing *listing, const Sight *sight)
{
  static Sign (*const signs[])(Listing * listing, const Sight *sight) = {
      by_binding, by_number, by_adopt, by_exact_login, by_mail, by_name_and_unit, by_login_pattern};
  for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
    Sign sign = signs[i](listing, sight);
    if (people_face(listing->people, sign.person) != NULL)
      return sign;
  }
  return (Sign){0};
}

// ---------------------------------------------------------------------------------------------
// Entries of nobody.

// An entry of the same class that is theirs; NULL = none.
static const Sight *own_entry(const Listing *listing, const Sight *sight, uint32_t person)
{
  g_autofree char *object = g_strdup_printf("%s/%u", sight->klass, person);
  return survey_ours(listing->survey, survey_name(listing->survey, sight->target), object);
}

static const char *left_text(Listing *listing, const Face *face, const char *by)
{
  g_autoptr(GString) since = g_string_new(NULL);
  date_format(face->since, since);
  return listing_keepf(listing, _("their person left %s; %s"), since->str, by);
}

// What was decided of it and does not hold any more is put back.
static void set_op(const Listing *listing, OrphanItem *item)
{
  const Op *op =
      listing_op(listing, item->target, item->object, 1U << OP_DISABLE | 1U << OP_DELETE);
  item->op = op == NULL ? 0 : op->n;
}

static void account_of_nobody(Listing *listing, const Sight *sight)
{
  Sign sign = find_sign(listing, sight);
  const Face *face = people_face(listing->people, sign.person);
  const Sight *own = face == NULL ? NULL : own_entry(listing, sight, face->id);
  OrphanKind kind = ORPHAN_NOBODY;
  if (face != NULL)
    kind = face->state == STATE_LEFT ? ORPHAN_LEFT : own != NULL ? ORPHAN_DOUBLE : ORPHAN_NOBODY;
  OrphanItem item = listing_sight(listing, kind, sight);
  item.found = _("nobody in the personnel records stands behind it");
  set_op(listing, &item);
  if (face != NULL) {
    listing_person(listing, &item, face->id);
    item.found = sign.text;
    if (kind == ORPHAN_LEFT)
      item.found = left_text(listing, face, sign.text);
    else if (own != NULL)
      item.found = listing_keepf(listing, _("%s; theirs is %s"), sign.text, own->dn);
    else
      item.found = listing_keepf(listing, _("nobody's; perhaps theirs: %s"), sign.text);
  }
  listing_add(listing, &item);
}

// The name of what somebody was given holds their number: "row=000310/照会/2027-04-01".
static uint32_t bearer_of(const Listing *listing, const Sight *sight)
{
  size_t n_rdn = 0;
  const char *parent = NULL;
  if (!place_split(sight->dn, &n_rdn, &parent))
    return 0;
  g_autofree char *rdn = g_strndup(sight->dn, n_rdn);
  const char *equals = strchr(rdn, '=');
  g_auto(GStrv) parts = g_strsplit(equals != NULL ? equals + 1 : rdn, "/", -1);
  uint32_t person = 0;
  for (size_t i = 0; parts[i] != NULL && person == 0; i++) {
    bool padded = false;
    uint32_t found = people_by_number(listing->people, parts[i], &padded);
    person = padded ? 0 : found;
  }
  return person;
}

static void other_of_nobody(Listing *listing, const Sight *sight)
{
  bool is_right = sight->subject == FOR_ASSIGNMENT;
  OrphanItem item = listing_sight(listing, is_right ? ORPHAN_RIGHT : ORPHAN_NOBODY, sight);
  item.group = is_right ? item.klass : "";
  if (is_right)
    listing_person(listing, &item, bearer_of(listing, sight));
  item.found = is_right ? _("no rule gives it to anybody") : _("no rule names it");
  listing_add(listing, &item);
}

// The entries that claim to be an object; the first one that was read passes for it.
static void second_entry(Listing *listing, const Sight *sight)
{
  const Sight *first =
      survey_ours(listing->survey, survey_name(listing->survey, sight->target), sight->object);
  OrphanItem item = listing_sight(listing, ORPHAN_DOUBLE, sight);
  listing_person(listing, &item, sight->person);
  item.shares_key = true;
  item.found =
      first == NULL
          ? _("it has the key of an entry of ours that is gone")
          : listing_keepf(listing, _("the same key as %s; none of the two is touched"), first->dn);
  listing_add(listing, &item);
}

// ---------------------------------------------------------------------------------------------
// People who left.

static bool left_behind(const Listing *listing, const Sight *sight, const Op **op)
{
  const unsigned settles = 1U << OP_DISABLE | 1U << OP_DELETE;
  const char *target = survey_name(listing->survey, sight->target);
  *op = listing_op(listing, target, sight->object, settles);
  if (*op != NULL)
    return true;
  bool is_on = sight->enabled == ENABLED_YES && sight->wanted != ENABLED_YES;
  return is_on || sight->presence == PRESENCE_ABSENT;
}

static void account_of_ours(Listing *listing, const Sight *sight)
{
  const Face *face = people_face(listing->people, sight->person);
  const Op *op = NULL;
  if (face == NULL || face->state != STATE_LEFT || sight->subject == FOR_ASSIGNMENT ||
      !left_behind(listing, sight, &op))
    return;
  OrphanItem item = listing_sight(listing, ORPHAN_LEFT, sight);
  listing_person(listing, &item, sight->person);
  item.op = op == NULL ? 0 : op->n;
  const char *state = sight->presence == PRESENCE_ABSENT ? _("it is still there")
                      : sight->enabled == ENABLED_YES    ? _("it is still switched on")
                                                         : _("the rules would change it");
  item.found = left_text(listing, face, state);
  if (item.is_protected)
    item.found = listing_keepf(listing, _("%s, and protected"), item.found);
  listing_add(listing, &item);
}

// ---------------------------------------------------------------------------------------------

static void list_sight(Listing *listing, const Sight *sight)
{
  bool is_account = sight->subject == FOR_PERSON || sight->subject == FOR_POST;
  if (sight->doubled)
    second_entry(listing, sight);
  else if (sight->object != NULL)
    account_of_ours(listing, sight);
  else if (is_account)
    account_of_nobody(listing, sight);
  else
    other_of_nobody(listing, sight);
}

bool nobody_list(Listing *listing, GError **error)
{
  if (!know_bindings(listing, error))
    return false;
  for (guint i = 0; i < listing->survey->sights->len; i++) {
    const Sight *sight = &g_array_index(listing->survey->sights, Sight, i);
    if (listing_wants(listing, survey_name(listing->survey, sight->target)))
      list_sight(listing, sight);
  }
  return true;
}
