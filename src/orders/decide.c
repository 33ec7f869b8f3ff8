// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a person decides where HR's files leave it open.
#include "orders_p.h"

#include <string.h>

typedef struct Case {
  Store *store;
  Findings *findings;
  GHashTable *people;  // ids to be computed anew
  Instant now;
} Case;

static void fault(GError **error, const char *format, const char *what)
{
  g_autofree char *text = g_strdup_printf("%s: %s", what, format);
  g_set_error_literal(error, IDOU_ERROR, EXIT_USAGE, text);
}

static void tell(const Order *order, bool changed, void *data)
{
  const Case *case_ = data;
  RowOrigin origin;
  if (!changed || !*order->reason || !store_row_origin(case_->store, order->is.row, &origin))
    return;
  Finding at = {.level = FINDING_WARNING,
                .code = order->reason,
                .file = origin.file,
                .line = origin.line,
                .subject = order->is.person_number};
  findings_add(case_->findings, &at, "%s", order->text);
}

static bool replay_all(Case *case_, GError **error)
{
  GHashTableIter iter;
  void *id;
  g_hash_table_iter_init(&iter, case_->people);
  while (g_hash_table_iter_next(&iter, &id, NULL))
    if (!replay_person(case_->store, GPOINTER_TO_UINT(id), case_->now, tell, case_, error))
      return false;
  return true;
}

static bool note(Store *store, const Ruling *ruling, GError **error)
{
  const char *const detail[] = {"ruling", ruling->what, NULL};
  return audit_note(
      store,
      &(AuditNote){
          .what = AUDIT_DECIDE, .who = ruling->who, .subject = ruling->subject, .detail = detail},
      error);
}

// `deed` within a transaction; then everybody concerned is computed anew.
static bool decide(Case *case_, bool (*deed)(Case *, const void *, GError **), const void *data,
                   const Ruling *ruling, GError **error)
{
  g_autoptr(GHashTable) people = g_hash_table_new(NULL, NULL);
  case_->people = people;
  case_->now = store_known_by(case_->store, ruling->when);
  if (!store_begin(case_->store, error))
    return false;
  if (deed(case_, data, error) && store_ruling_add(case_->store, ruling, error) &&
      note(case_->store, ruling, error) && replay_all(case_, error))
    return store_commit(case_->store, error);
  store_rollback(case_->store);
  return false;
}

// ---------------------------------------------------------------------------------------------
// Orders that a version lacks.

// States in which an order waits for somebody's word.
static const char *const open_states[] = {"missing", "waits", "refused"};

typedef struct Lacking {
  const char *number;
  int64_t row;
  uint32_t person;
  bool missing;
} Lacking;

static bool find_open(const OrderRow *order, void *data)
{
  Lacking *lacking = data;
  lacking->missing = g_str_equal(order->state, "missing");
  if (!g_str_equal(order->number, lacking->number) ||
      (!lacking->missing && order->known_to != INSTANT_OPEN))
    return true;
  lacking->row = order->row;
  lacking->person = order->person;
  return false;
}

typedef struct Confirming {
  const char *const *numbers;
  bool keep;
} Confirming;

static bool confirm_order(Case *case_, const char *number, bool keep, GError **error)
{
  Lacking lacking = {.number = number};
  for (size_t i = 0; i < G_N_ELEMENTS(open_states) && !lacking.row; i++)
    if (!store_orders_in_state(case_->store, open_states[i], find_open, &lacking, error))
      return false;
  if (!lacking.row || (keep && !lacking.missing)) {
    fault(error,
          _("no order of this number waits for such a ruling; `idou orders` lists those that do"),
          number);
    return false;
  }
  if (lacking.person)
    g_hash_table_add(case_->people, GUINT_TO_POINTER(lacking.person));
  // One that waits or cannot be is dropped from now on.
  bool ends = keep || !lacking.missing;
  return store_order_set_state(case_->store, lacking.row, keep ? "holds" : "withdrawn", "",
                               error) &&
         (!ends ||
          store_order_end(case_->store, lacking.row, keep ? INSTANT_OPEN : case_->now, error));
}

static bool confirm_orders(Case *case_, const void *data, GError **error)
{
  const Confirming *confirming = data;
  for (const char *const *number = confirming->numbers; *number; number++)
    if (!confirm_order(case_, *number, confirming->keep, error))
      return false;
  return true;
}

bool orders_confirm(Store *store, const char *const *numbers, bool keep, const Ruling *by,
                    Findings *findings, GError **error)
{
  Case case_ = {.store = store, .findings = findings};
  Confirming confirming = {numbers, keep};
  g_autofree char *all = g_strjoinv(" ", (char **)numbers);
  Ruling ruling = *by;
  ruling.what = keep ? "keep" : "confirm";
  ruling.subject = all;
  return decide(&case_, confirm_orders, &confirming, &ruling, error);
}

// ---------------------------------------------------------------------------------------------
// Two numbers, one person or two.

typedef struct Linking {
  const Bearer *bearer, *before;
  bool different;
} Linking;

typedef struct Waiting {
  Date first;  // the earliest day of an order that waits
  size_t n;
} Waiting;

static bool note_waiting(const OrderRow *order, void *data)
{
  Waiting *waiting = data;
  waiting->first = waiting->n ? MIN(waiting->first, order->date) : order->date;
  waiting->n++;
  return true;
}

static bool take_number(Case *case_, const Bearer *bearer, uint32_t person, GError **error)
{
  Waiting waiting = {0};
  if (!store_orders_waiting(case_->store, bearer->space, bearer->number, note_waiting, &waiting,
                            error))
    return false;
  if (waiting.n == 0) {
    fault(error, _("nobody has this number, and no order waits for it"), bearer->number);
    return false;
  }
  return person &&
         store_link_add(case_->store, SUBJECT_PERSON, bearer->space, bearer->number, person,
                        waiting.first, error) &&
         identity_found(case_->store, bearer->space, bearer->number, person, case_->people, error);
}

static bool join(Case *case_, const Linking *linking, uint32_t person, uint32_t before,
                 GError **error)
{
  if (!before) {
    fault(error, _("nobody has had this number"), linking->before->number);
    return false;
  }
  if (person == before) {
    fault(error, _("the two numbers are one person's already"), linking->bearer->number);
    return false;
  }
  if (!person)
    return take_number(case_, linking->bearer, before, error);
  if (store_names_has(case_->store, person))
    findings_add(
        case_->findings,
        &(Finding){
            .level = FINDING_WARNING, .code = "two-accounts", .subject = linking->bearer->number},
        _("an account was made under this number already: it belongs to nobody now, and the "
          "person keeps that of %s"),
        linking->before->number);
  g_hash_table_add(case_->people, GUINT_TO_POINTER(before));
  return identity_merge(case_->store, person, before, case_->now, error);
}

static bool link_numbers(Case *case_, const void *data, GError **error)
{
  const Linking *linking = data;
  Store *store = case_->store;
  uint32_t person =
      identity_of_number(store, linking->bearer->space, linking->bearer->number, DATE_OPEN - 1);
  uint32_t before =
      identity_of_number(store, linking->before->space, linking->before->number, DATE_OPEN - 1);
  if (!linking->different)
    return join(case_, linking, person, before, error);
  if (person) {
    fault(error,
          person == before ? _("the two numbers are one person's already")
                           : _("the two numbers are two people's already"),
          linking->bearer->number);
    return false;
  }
  return take_number(case_, linking->bearer, store_subject_add(store, SUBJECT_PERSON, error),
                     error);
}

bool orders_link(Store *store, const Bearer *bearer, const Bearer *before, bool different,
                 const Ruling *by, Findings *findings, GError **error)
{
  Case case_ = {.store = store, .findings = findings};
  Linking linking = {bearer, before, different};
  g_autofree char *both =
      g_strdup_printf("%s/%s %s/%s", bearer->space, bearer->number, before->space, before->number);
  Ruling ruling = *by;
  ruling.what = different ? "different" : "link";
  ruling.subject = both;
  return decide(&case_, link_numbers, &linking, &ruling, error);
}

// ---------------------------------------------------------------------------------------------
// Terms that go on provisionally.

static bool note_subjects(Case *case_, FieldId field, GError **error)
{
  GError *bad = NULL;
  Fact fact;
  g_autoptr(FactScan) scan =
      store_facts_scan_field(case_->store, SUBJECT_PERSON, field, INSTANT_OPEN, error);
  while (scan && fact_scan_next(scan, &fact, &bad))
    if (*fact.value)
      g_hash_table_add(case_->people, GUINT_TO_POINTER(fact.subject));
  if (bad)
    g_propagate_error(error, bad);
  return scan && !bad;
}

static bool extend(Case *case_, const void *data, GError **error)
{
  const Extension *extension = data;
  return store_extension_add(case_->store, extension, error) != 0 &&
         note_subjects(case_, FIELD_UNTIL, error);
}

static bool note_bearer(uint32_t unit, void *data)
{
  (void)unit;
  *(bool *)data = true;
  return false;
}

bool orders_extend(Store *store, const Extension *extension, Findings *findings, GError **error)
{
  Case case_ = {.store = store, .findings = findings};
  if (extension->from > extension->until) {
    fault(error, _("the terms would end before they do"), extension->unit);
    return false;
  }
  bool known = false;
  if (!store_link_bearers(store, SUBJECT_UNIT, extension->unit, note_bearer, &known, error))
    return false;
  if (!known) {
    fault(error, _("no unit has this code"), extension->unit);
    return false;
  }
  Ruling ruling = {"extend", extension->unit, extension->who, extension->reason, extension->since};
  return decide(&case_, extend, extension, &ruling, error);
}

// ---------------------------------------------------------------------------------------------
// What is open.

typedef struct Telling {
  Store *store;
  Findings *findings;
  Instant known_at;
  GArray *rows;  // int64_t
} Telling;

static bool note_open(const OrderRow *order, void *data)
{
  Telling *telling = data;
  // What an embargo hides, or hid from the version before, is not told.
  bool hidden = order->known_from > telling->known_at ||
                (order->known_to != INSTANT_OPEN && order->known_to > telling->known_at);
  bool gone = order->known_to != INSTANT_OPEN && !g_str_equal(order->state, "missing");
  if (!hidden && !gone)
    g_array_append_val(telling->rows, order->row);
  return true;
}

static const char *open_text(const OrderRow *order)
{
  if (g_str_equal(order->state, "missing"))
    return _(
        "a later version of HR's orders lacks it: withdrawn, but nobody has confirmed it (idou "
        "orders confirm, or keep)");
  if (g_str_equal(order->state, "refused"))
    return _("this order cannot hold as things stand; ask HR");
  return g_str_equal(order->reason, "order-target")
             ? _("it corrects or cancels an order that has not come yet")
             : order_waiting_text(order->reason);
}

bool orders_tell_open(Store *store, Instant known_at, Findings *findings, GError **error)
{
  g_autoptr(GArray) rows = g_array_new(FALSE, FALSE, sizeof(int64_t));
  Telling telling = {store, findings, known_at, rows};
  for (size_t i = 0; i < G_N_ELEMENTS(open_states); i++)
    if (!store_orders_in_state(store, open_states[i], note_open, &telling, error))
      return false;
  for (guint i = 0; i < rows->len; i++) {
    OrderRow order;
    RowOrigin origin;
    int64_t row = g_array_index(rows, int64_t, i);
    if (!store_order_at(store, row, &order))
      continue;
    const char *text = open_text(&order);
    g_autofree char *number = g_strdup(order.person_number), *hr = g_strdup(order.number);
    g_autofree char *code =
        g_strdup(g_str_equal(order.state, "missing") ? "order-missing" : order.reason);
    if (!store_row_origin(store, row, &origin))
      continue;
    Finding at = {.level = FINDING_WARNING,
                  .code = code,
                  .file = origin.file,
                  .line = origin.line,
                  .subject = number,
                  .value = hr};
    findings_add(findings, &at, "%s", text);
  }
  return true;
}
