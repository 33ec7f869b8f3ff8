// SPDX-License-Identifier: GPL-3.0-or-later
//
// Sources that are attributes of the same accounts are read together: each reading of a directory costs as much as all
// of them. What was read for those that come later is kept until their turn; each is still judged by itself.
#include "evidence_p.h"

#include <string.h>

typedef struct Kept {
  const char *object, *label, *value;
} Kept;

// What was read for one source.
typedef struct Book {
  GArray *kept;     // Kept
  Instant true_to;  // where the system's own word ends
} Book;

struct Shelf {
  GHashTable *books;  // Source -> Book
  GStringChunk *texts;
};

typedef struct Putting {
  Gather *gather;
  GPtrArray *books;  // by AccountValue.attribute; the first is NULL: the gather's own
  Kept last;         // its strings may serve again
} Putting;

static void free_book(void *data)
{
  Book *book = data;
  g_array_unref(book->kept);
  g_free(book);
}

Shelf *shelf_new(void)
{
  Shelf *shelf = g_new(Shelf, 1);
  shelf->books = g_hash_table_new_full(NULL, NULL, NULL, free_book);
  shelf->texts = g_string_chunk_new(64 * 1024);
  return shelf;
}

void shelf_free(Shelf *shelf)
{
  if (shelf == NULL)
    return;
  g_hash_table_unref(shelf->books);
  g_string_chunk_free(shelf->texts);
  g_free(shelf);
}

static bool is_mate(const Gather *gather, const Source *other)
{
  const Source *source = gather->source;
  size_t n = 0;
  return other->of == source->of && other->attribute != NULL && other->in == NULL &&
         other->below == NULL && !other->all_controllers &&
         source_klass(other, gather->setup->mapping, &n) == gather->klass;
}

// Those that are still to come. Their attributes go to `attributes`, behind the gather's own.
static void find_mates(const Gather *gather, Putting *putting, GPtrArray *attributes)
{
  const EvidenceSources *sources = gather->setup->sources;
  bool later = false;
  g_ptr_array_add(attributes, (char *)gather->source->attribute);
  g_ptr_array_add(putting->books, NULL);
  for (size_t i = 0; gather->setup->only == NULL && i < evidence_n_sources(sources); i++) {
    const Source *other = source_at(sources, i);
    if (later && is_mate(gather, other) && !g_hash_table_contains(gather->shelf->books, other)) {
      Book *book = g_new0(Book, 1);
      book->kept = g_array_new(FALSE, FALSE, sizeof(Kept));
      g_hash_table_insert(gather->shelf->books, (gpointer)other, book);
      g_ptr_array_add(putting->books, book);
      g_ptr_array_add(attributes, (char *)other->attribute);
    }
    later = later || other == gather->source;
  }
  g_ptr_array_add(attributes, NULL);
}

static const char *keep(const Shelf *shelf, const char *last, const char *text)
{
  if (text == NULL || g_strcmp0(last, text) == 0)
    return text == NULL ? NULL : last;
  return g_string_chunk_insert(shelf->texts, text);
}

static void put(const AccountValue *value, void *data)
{
  Putting *putting = data;
  Shelf *shelf = putting->gather->shelf;
  Book *book = putting->books->pdata[value->attribute];
  if (book == NULL) {
    gather_say(putting->gather, value->object,
               &(Said){.text = value->value, .account = value->label});
    return;
  }
  putting->last = (Kept){keep(shelf, putting->last.object, value->object),
                         keep(shelf, putting->last.label, value->label),
                         keep(shelf, putting->last.value, value->value)};
  g_array_append_val(book->kept, putting->last);
}

// Of what the target does not know nothing was read: the source will say so itself.
static void close_books(const Gather *gather, const Putting *putting, bool read)
{
  GHashTableIter iter;
  gpointer book = NULL;
  g_hash_table_iter_init(&iter, gather->shelf->books);
  while (g_hash_table_iter_next(&iter, NULL, &book)) {
    if (!g_ptr_array_find(putting->books, book, NULL))
      continue;
    ((Book *)book)->true_to = gather->reaches + gather->source->told.late_s;
    if (!read || ((Book *)book)->kept->len == 0)
      g_hash_table_iter_remove(&iter);
  }
}

static bool read_anew(Gather *gather, GError **error)
{
  g_autoptr(GPtrArray) attributes = g_ptr_array_new();
  g_autoptr(GPtrArray) books = g_ptr_array_new();
  Putting putting = {.gather = gather, .books = books};
  find_mates(gather, &putting, attributes);
  const AccountReading reading = {gather->source->of, (const char *const *)attributes->pdata, true,
                                  put, &putting};
  bool read = accounts_read(gather, &reading, error);
  close_books(gather, &putting, read);
  return read;
}

bool shelf_read(Gather *gather, GError **error)
{
  const Book *book = g_hash_table_lookup(gather->shelf->books, gather->source);
  if (book == NULL)
    return read_anew(gather, error);
  for (guint i = 0; i < book->kept->len; i++) {
    const Kept *kept = &g_array_index(book->kept, Kept, i);
    gather_say(gather, kept->object, &(Said){.text = kept->value, .account = kept->label});
  }
  gather->reaches = MIN(gather->reaches, book->true_to - gather->source->told.late_s);
  return g_hash_table_remove(gather->shelf->books, gather->source);
}
