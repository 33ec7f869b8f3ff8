// SPDX-License-Identifier: GPL-3.0-or-later
//
// agrees PLAN.json WHO.json: the page about a person marks as differing what the plan has an operation for,
// and nothing else. Prints what stands in one of them only. As a parser of JSON it also proves both to be such.
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static json_t *load(const char *path)
{
  json_error_t error;
  json_t *document = json_load_file(path, 0, &error);
  if (!document)
    fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
  return document;
}

static const char *text_of(const json_t *object, const char *key)
{
  const char *text = json_string_value(json_object_get(object, key));
  return text ? text : "";
}

static void add(GHashTable *set, const char *object, const char *what)
{
  g_hash_table_add(set, g_strdup_printf("%s %s", object, what));
}

static bool is_edge(const char *kind)
{
  return strcmp(kind, "join") == 0 || strcmp(kind, "leave") == 0;
}

// Of a new entry only that it is made: all of its values differ.
static void add_op(GHashTable *set, const json_t *op)
{
  const char *kind = text_of(op, "kind"), *object = text_of(op, "object");
  size_t i;
  json_t *change;
  if (is_edge(kind)) {
    add(set, text_of(op, "member"), strchr(object, '/') + 1);
    return;
  }
  if (strcmp(kind, "allocate") == 0)
    return;
  if (strcmp(kind, "modify") != 0) {
    add(set, object, strcmp(kind, "move") == 0 || strcmp(kind, "rename") == 0 ? "place" : "state");
    return;
  }
  json_array_foreach(json_object_get(op, "changes"), i, change)
      add(set, object, text_of(change, "attribute"));
}

static GHashTable *planned(const json_t *plan, const char *number)
{
  GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  size_t i, k;
  json_t *target, *op;
  json_array_foreach(json_object_get(plan, "targets"), i, target)
      json_array_foreach(json_object_get(target, "operations"), k, op)
  {
    const char *label = text_of(op, "label");
    if (g_str_has_prefix(label, number) && label[strlen(number)] == ' ' &&
        !g_str_has_prefix(text_of(op, "object"), "unit/"))
      add_op(set, op);
  }
  return set;
}

static void add_marked(GHashTable *set, const json_t *entry, const char *list, const char *name)
{
  size_t i;
  json_t *item;
  json_array_foreach(json_object_get(entry, list), i,
                     item) if (json_is_true(json_object_get(item, "differs")))
      add(set, text_of(entry, "object"), text_of(item, name));
}

static GHashTable *marked(const json_t *page)
{
  GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  size_t i, k;
  json_t *target, *entry;
  json_array_foreach(json_object_get(page, "targets"), i, target)
      json_array_foreach(json_object_get(target, "entries"), k, entry)
  {
    add_marked(set, entry, "attributes", "attribute");
    add_marked(set, entry, "groups", "group");
    if (json_is_true(json_object_get(entry, "state_differs")))
      add(set, text_of(entry, "object"), "state");
    if (json_is_true(json_object_get(entry, "place_differs")))
      add(set, text_of(entry, "object"), "place");
  }
  return set;
}

static bool print_missing(GHashTable *from, GHashTable *in, const char *only)
{
  GHashTableIter iter;
  gpointer key;
  bool same = true;
  g_hash_table_iter_init(&iter, from);
  while (g_hash_table_iter_next(&iter, &key, NULL))
    if (!g_hash_table_contains(in, key)) {
      printf("only %s: %s\n", only, (const char *)key);
      same = false;
    }
  return same;
}

int main(int argc, char **argv)
{
  json_t *plan = argc == 3 ? load(argv[1]) : NULL;
  json_t *page = plan ? load(argv[2]) : NULL;
  if (!page)
    return 2;
  GHashTable *should = planned(plan, text_of(page, "number"));
  GHashTable *does = marked(page);
  bool same = print_missing(should, does, "in the plan");
  same = print_missing(does, should, "on the page") && same;
  printf("%u\n", g_hash_table_size(should));
  g_hash_table_unref(should);
  g_hash_table_unref(does);
  json_decref(plan);
  json_decref(page);
  return same ? 0 : 1;
}
