// SPDX-License-Identifier: GPL-3.0-or-later
//
// Whatever the file: an error, or a bundle or receipt that can be used throughout. To get past the signature, input is
// signed first: as a whole, as a section of a bundle, and as a receipt. What is planned from is asked everything.
#include "bundle/bundle_p.h"

#include <glib/gstdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Keys {
  Signer *signer;
  Verifier *verifier;
} Keys;

// One pair for all inputs; freed by nobody, as the program ends.
static const Keys *keys(void)
{
  static Keys pair;
  if (pair.signer != NULL)
    return &pair;
  g_autoptr(GError) error = NULL;
  g_autoptr(GString) fingerprint = g_string_new(NULL);
  g_autofree char *folder = g_dir_make_tmp("idou-fuzz-XXXXXX", NULL);
  g_autofree char *secret = g_build_filename(folder, "k.key", NULL);
  g_autofree char *public = g_build_filename(folder, "k.pub", NULL);
  if (signer_make(folder, "k", NULL, fingerprint, &error))
    pair.signer = signer_load(secret, NULL, &error);
  if (pair.signer == NULL)
    g_error("%s", error->message);
  pair.verifier = signer_verifier(pair.signer);
  g_unlink(secret);
  g_unlink(public);
  g_rmdir(folder);
  return &pair;
}

static void sign(GString *text, const char *purpose)
{
  char digest[BUNDLE_DIGEST_CHARS + 1];
  Pen pen;
  pen_init(&pen, text);
  pen_sign(&pen, purpose, keys()->signer, digest);
  pen_clear(&pen);
}

// ---------------------------------------------------------------------------------------------

static void ask_entry(Desired *desired, uint32_t index)
{
  const DesiredType *type = desired->type;
  g_autoptr(GString) label = g_string_new(NULL);
  Why why;
  why_init(&why);
  type->label(desired, index, label);
  type->doubt(desired, type->person(desired, index));
  type->ended(desired, index);
  type->why(desired, index, NULL, &why);
  Cursor cursor = entry_cursor(table_at(desired->table, index));
  Packed packed;
  while (cursor_next(&cursor, &packed))
    type->why(desired, index, schema_at(table_schema(desired->table), packed.attr)->name, &why);
  size_t n = 0;
  const Edge *edges = table_edges(desired->table, index, &n);
  for (size_t i = 0; i < n; i++)
    type->why_edge(desired, edges[i].group, edges[i].member, &why);
  for (guint i = 0; i < why.rows->len; i++) {
    int64_t row = g_array_index(why.rows, int64_t, i);
    RowOrigin origin;
    DesiredOrder order;
    DesiredEvent event;
    if (type->origin(desired, row, &origin) && type->order(desired, row, &order))
      type->event(desired, 1, row, true, &event);
  }
  why_clear(&why);
}

static void plan_from(const DesiredSource *source, const char *target, Instant at)
{
  g_autoptr(Schema) schema = schema_new();
  g_autoptr(Findings) findings = findings_new();
  TargetConfig config = {.name = target};
  Table *table = table_new(schema);
  DesiredAsk ask = {.config = &config,
                    .table = table,
                    .day = date_of_instant(at),
                    .at = at,
                    .findings = findings};
  g_autoptr(GError) error = NULL;
  Desired *desired = source->open(source, &ask, &error);
  if ((desired == NULL) != (error != NULL))
    g_error("neither table nor error, or both");
  if (desired != NULL) {
    table_freeze(table, findings);
    for (uint32_t i = 0; i < table_count(table); i++) {
      g_autoptr(GString) place = g_string_new(NULL);
      table_place(table, i, "dc=fuzz", place);
      size_t n_above = 0;
      for (uint32_t up = i; up != ENTRY_NONE; up = table_at(table, up)->parent)
        if (n_above++ > table_count(table))
          g_error("entry %u is below itself", i);
      ask_entry(desired, i);
    }
    desired_close(desired);
  }
  table_free(table);
}

static void no_change(const BundleChange *change, void *data)
{
  g_error("%s of %s: nothing is other than in itself%s", change->kind, change->object,
          data != NULL ? "!" : "");
}

static void take_bundle(const GString *text)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Bundle) bundle = bundle_parse(text->str, text->len, "fuzz", keys()->verifier, &error);
  if ((bundle == NULL) != (error != NULL))
    g_error("neither bundle nor error, or both");
  if (bundle == NULL)
    return;
  g_autoptr(DesiredSource) source = bundle_source(bundle);
  for (size_t i = 0; bundle_target(bundle, i) != NULL; i++) {
    plan_from(source, bundle_target(bundle, i), 1);
    plan_from(source, bundle_target(bundle, i), INSTANT_OPEN / 2);
  }
  bundle_changes(bundle, bundle, no_change, NULL);
}

static void take_receipt(const GString *text)
{
  g_autoptr(GError) error = NULL;
  ReceiptFile file;
  bool fine = receipt_parse(text->str, text->len, "fuzz", keys()->verifier, &file, &error);
  if (fine == (error != NULL))
    g_error("neither receipt nor error, or both");
  if (fine && (file.receipt.head.segment == NULL || file.receipt.head.bundle == NULL))
    g_error("a receipt of nothing");
  receipt_file_clear(&file);
}

// ---------------------------------------------------------------------------------------------

static void as_section(const uint8_t *data, size_t size)
{
  g_autoptr(GString) text = g_string_new(
      "idou-bundle|1\nsegment|edu\nsequence|1\nprevious|-\ncreated|2027-03-25T19:00:00%2B09:00\n"
      "expires|2027-04-08T19:00:00%2B09:00\nas-of|2027-04-01\nat|-\nrules|0\nprogram|fuzz\n");
  size_t begin = text->len;
  g_string_append(text, "section|t\n");
  g_string_append_len(text, (const char *)data, (gssize)size);
  if (text->str[text->len - 1] != '\n')
    g_string_append_c(text, '\n');
  g_autofree char *digest = file_sha256(text->str + begin, text->len - begin);
  g_string_append_printf(text, "end|t|%s\n", digest);
  sign(text, BUNDLE_PURPOSE);
  take_bundle(text);
}

static void as_whole(const uint8_t *data, size_t size)
{
  static const char *const purposes[] = {BUNDLE_PURPOSE, RECEIPT_PURPOSE};
  for (size_t i = 0; i < G_N_ELEMENTS(purposes); i++) {
    g_autoptr(GString) text = g_string_new_len((const char *)data, (gssize)size);
    if (size == 0 || text->str[size - 1] != '\n')
      g_string_append_c(text, '\n');
    sign(text, purposes[i]);
    take_bundle(text);
    take_receipt(text);
    g_free(receipt_segment(text->str, text->len));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(GString) shown = g_string_new(NULL);
  bundle_show((const char *)data, size, "fuzz", shown, NULL);
  g_free(receipt_segment((const char *)data, size));
  g_autoptr(Bundle) unsigned_one =
      bundle_parse((const char *)data, size, "fuzz", keys()->verifier, NULL);
  if (unsigned_one != NULL)
    g_error("nobody signed it");
  as_whole(data, size);
  as_section(data, size);
  return 0;
}
