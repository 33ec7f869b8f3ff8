// SPDX-License-Identifier: GPL-3.0-or-later
//
// `idou plan --format json` (and the receipts of `idou intake --json`) on standard input, as the short lines
// in which scenarios say what they expect. tests/scenario/run tells the form. References name objects
// ("account/17"), which means nothing to a reader: the people of earlier plans are kept in a file,
// the only argument, and shown by their numbers.
#include <idou/base.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static GHashTable *people;  // object -> employee number

static const char *text_of(const json_t *object, const char *key)
{
  const char *text = json_string_value(json_object_get(object, key));
  return text ? text : "";
}

// What a terminal would obey, or what would break the line, is shown by its code point.
static void print_text(const char *text)
{
  for (const char *at = text; *at; at = g_utf8_next_char(at)) {
    char character[8] = "";
    memcpy(character, at, (size_t)(g_utf8_next_char(at) - at));
    if (text_has_control(character))
      printf("{U+%04X}", g_utf8_get_char(at));
    else
      fputs(character, stdout);
  }
}

static const char *number_of(const char *object)
{
  const char *number = g_hash_table_lookup(people, object);
  return number ? number : object;
}

static void print_value(const json_t *value)
{
  const char *key;
  json_t *inner;
  if (json_is_string(value)) {
    print_text(json_string_value(value));
    return;
  }
  json_object_foreach((json_t *)value, key, inner)
      printf("(%s %s)", key, number_of(json_string_value(inner)));
}

static void print_values(const json_t *values)
{
  if (json_array_size(values) == 0)
    fputs("(none)", stdout);
  for (size_t i = 0; i < json_array_size(values); i++) {
    fputs(i ? " | " : "", stdout);
    print_value(json_array_get(values, i));
  }
}

static void print_first_word(const char *text)
{
  printf("%.*s", (int)strcspn(text, " "), text);
}

static const char *key_of(const char *object)
{
  const char *slash = strchr(object, '/');
  return slash ? slash + 1 : object;
}

// "ou=people" of "container/ou=people"; other objects as they are.
static const char *place_of(const char *object)
{
  return g_str_has_prefix(object, "container/") ? key_of(object) : object;
}

// Servers give entries other ids each time: of nobody's the label tells.
#define ORPHAN "orphan/"

// A person is told by the number, a unit by its code, which begins the label; groups by their key, and so what
// somebody was given ("role/17/KEY"), unless it waits for a name ("role/17/(17)").
static void print_whom(const json_t *op)
{
  const char *object = text_of(op, "object"), *key = key_of(object);
  bool is_orphan = g_str_has_prefix(object, ORPHAN);
  size_t n_digits = is_orphan ? 0 : strspn(key, "0123456789");
  bool surrogate = is_orphan || key[n_digits] == '\0';
  if (n_digits > 0 && key[n_digits] == '/') {
    printf("%.*s ", (int)strcspn(object, "/"), object);
    const char *rest = key + n_digits + 1;
    print_first_word(*rest == '(' ? text_of(op, "label") : rest);
    return;
  }
  if (!json_is_integer(json_object_get(op, "person")))
    printf("%.*s ", (int)strcspn(object, "/"), object);
  print_first_word(surrogate ? text_of(op, "label") : key);
}

// "2027-04-01" when it is the beginning of that day here.
static void print_instant(const char *text)
{
  const char *midnight = strstr(text, "T00:00:00+09:00");
  printf("%.*s", (int)(midnight ? (size_t)(midnight - text) : strlen(text)), text);
}

// The end of each line, and the reason on a line of its own.
static void print_suffix(const json_t *op)
{
  const char *not_before = text_of(op, "not_before");
  if (*not_before) {
    fputs(" not before ", stdout);
    print_instant(not_before);
  }
  if (*text_of(op, "held"))
    fputs(" held", stdout);
  printf("\n  because: %s; %s; %s\n", text_of(op, "why"), text_of(op, "rule"),
         text_of(op, "source"));
  if (*text_of(op, "cause"))
    printf("  cause: %s\n", text_of(op, "cause"));
}

// ---------------------------------------------------------------------------------------------
// One form for each kind of operation.

static void print_edge(const json_t *op)
{
  printf("%s %s ", text_of(op, "kind"), key_of(text_of(op, "object")));
  print_first_word(text_of(op, "label"));
  print_suffix(op);
}

static void print_plain(const json_t *op)
{
  printf("%s ", text_of(op, "kind"));
  print_whom(op);
  print_suffix(op);
}

// "restrict 000001 edge group/g-zei (dormant)"
static void print_restriction(const json_t *op)
{
  size_t i;
  json_t *change;
  printf("%s ", text_of(op, "kind"));
  print_whom(op);
  json_array_foreach(json_object_get(op, "changes"), i, change)
  {
    const char *attribute = text_of(change, "attribute");
    bool cause = strcmp(attribute, "cause") == 0;
    if (!cause && strcmp(attribute, "what") != 0 && strcmp(attribute, "group") != 0)
      continue;
    fputs(cause ? " (" : " ", stdout);
    print_text(json_string_value(json_array_get(json_object_get(change, "new"), 0)));
    fputs(cause ? ")" : "", stdout);
  }
  print_suffix(op);
}

static void print_allocate(const json_t *op)
{
  fputs("allocate ", stdout);
  print_whom(op);
  printf(" %s", text_of(op, "name"));
  print_suffix(op);
}

static void print_adopt(const json_t *op)
{
  fputs("adopt ", stdout);
  print_whom(op);
  if (*text_of(op, "confirm"))
    fputs(" if confirmed", stdout);
  print_suffix(op);
}

// Servers write \\2C where others write \\,: one form for both.
static void print_name(const char *name)
{
  for (const char *at = name; *at; at++) {
    bool hex = *at == '\\' && g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2]);
    int byte = hex ? g_ascii_xdigit_value(at[1]) * 16 + g_ascii_xdigit_value(at[2]) : 0;
    putchar(*at);
    if (byte < ' ' || byte > '~')
      continue;
    putchar(byte);
    at += 2;
  }
}

static void print_create(const json_t *op)
{
  size_t i;
  json_t *change;
  fputs("create ", stdout);
  print_whom(op);
  fputc(' ', stdout);
  print_name(text_of(op, "name"));
  printf(",%s", place_of(text_of(op, "parent")));
  print_suffix(op);
  json_array_foreach(json_object_get(op, "changes"), i, change)
  {
    printf("  %s: ", text_of(change, "attribute"));
    print_values(json_object_get(change, "new"));
    fputc('\n', stdout);
  }
}

static void print_rename(const json_t *op)
{
  printf("%s ", text_of(op, "kind"));
  print_whom(op);
  fputc(' ', stdout);
  print_name(text_of(op, "old_name"));
  fputs(" -> ", stdout);
  print_name(text_of(op, "name"));
  print_suffix(op);
}

static void print_move(const json_t *op)
{
  fputs("move ", stdout);
  print_whom(op);
  printf(" %s -> ", place_of(text_of(op, "old_parent")));
  if (strcmp(text_of(op, "old_name"), text_of(op, "name")) != 0)
    printf("%s,", text_of(op, "name"));
  fputs(place_of(text_of(op, "parent")), stdout);
  print_suffix(op);
}

static void print_modify(const json_t *op)
{
  size_t i;
  json_t *change;
  json_array_foreach(json_object_get(op, "changes"), i, change)
  {
    fputs("modify ", stdout);
    print_whom(op);
    printf(" %s: ", text_of(change, "attribute"));
    print_values(json_object_get(change, "old"));
    fputs(" -> ", stdout);
    print_values(json_object_get(change, "new"));
    print_suffix(op);
  }
}

static void print_release(const json_t *op)
{
  printf("release %s", text_of(op, "label"));
  print_suffix(op);
}

// "enable 000001 with new userPassword": the secrets that are made with it.
static void print_enable(const json_t *op)
{
  size_t i;
  json_t *change;
  fputs("enable ", stdout);
  print_whom(op);
  json_array_foreach(json_object_get(op, "changes"), i, change)
  {
    const json_t *first = json_array_get(json_object_get(change, "new"), 0);
    if (json_object_get(first, "secret"))
      printf(" with new %s", text_of(change, "attribute"));
  }
  print_suffix(op);
}

static const struct {
  const char *kind;
  void (*print)(const json_t *op);
} forms[] = {
    {"allocate", print_allocate}, {"adopt", print_adopt},          {"release", print_release},
    {"create", print_create},     {"rename", print_rename},        {"move", print_move},
    {"modify", print_modify},     {"enable", print_enable},        {"join", print_edge},
    {"leave", print_edge},        {"disable", print_plain},        {"delete", print_plain},
    {"task", print_plain},        {"restrict", print_restriction}, {"lift", print_restriction},
};

static void print_op(const json_t *op)
{
  for (size_t i = 0; i < G_N_ELEMENTS(forms); i++)
    if (strcmp(forms[i].kind, text_of(op, "kind")) == 0)
      forms[i].print(op);
}

// "note orphan uid=guest,ou=people,dc=city,dc=example"; with the person or group it concerns, if any.
static void print_note(const json_t *note)
{
  // It stands in each plan until the product's next export; scenarios look for it in what is shown.
  if (strcmp(text_of(note, "code"), "believed") == 0)
    return;
  printf("note %s ", text_of(note, "code"));
  bool is_orphan = g_str_has_prefix(text_of(note, "object"), ORPHAN);
  print_text(is_orphan ? "orphan" : number_of(text_of(note, "object")));
  if (*text_of(note, "label")) {
    fputc(' ', stdout);
    print_first_word(text_of(note, "label"));
  }
  fputc('\n', stdout);
}

// "guard count disable 12": what the guards hold, by the check that objects.
static void print_hold(const json_t *hold)
{
  printf("guard %s ", text_of(hold, "check"));
  if (*text_of(hold, "kind"))
    printf("%s ", text_of(hold, "kind"));
  printf("%" JSON_INTEGER_FORMAT "\n", json_integer_value(json_object_get(hold, "count")));
}

// "move 000001 waits for another target": of what is cleaned up, since that is what others wait with.
static void print_waiting(const json_t *op, json_int_t first)
{
  const char *kind = text_of(op, "kind");
  size_t i;
  json_t *earlier;
  bool waits = false;
  json_array_foreach(json_object_get(op, "after"), i, earlier) waits |=
      json_integer_value(earlier) < first;
  if (waits && (strcmp(kind, "move") == 0 || strcmp(kind, "delete") == 0))
    printf("%s %.6s waits for another target\n", kind, text_of(op, "label"));
}

static void know_person(const json_t *op)
{
  const char *label = text_of(op, "label");
  const char *object = text_of(op, *text_of(op, "member") ? "member" : "object");
  if (json_is_integer(json_object_get(op, "person")))
    g_hash_table_replace(people, g_strdup(object), g_strndup(label, strcspn(label, " ")));
}

static void print_plan(const json_t *document)
{
  size_t i, j;
  json_t *target, *item;
  json_array_foreach(json_object_get(document, "targets"), i, target)
      json_array_foreach(json_object_get(target, "operations"), j, item) know_person(item);
  json_array_foreach(json_object_get(document, "holds"), i, item) print_hold(item);
  json_array_foreach(json_object_get(document, "targets"), i, target)
  {
    const json_t *ops = json_object_get(target, "operations");
    json_int_t first = json_integer_value(json_object_get(json_array_get(ops, 0), "n"));
    json_array_foreach(ops, j, item) print_op(item);
    json_array_foreach(ops, j, item) print_waiting(item, first);
    if (json_is_string(json_object_get(target, "unread")))
      printf("unread %s\n", text_of(target, "target"));
    json_array_foreach(json_object_get(target, "notes"), j, item) print_note(item);
  }
}

// ---------------------------------------------------------------------------------------------

// "error control roster-2027-04-01.csv:3 000002"
static void print_finding(const json_t *finding)
{
  json_int_t line = json_integer_value(json_object_get(finding, "line"));
  printf("%s %s", text_of(finding, "level"), text_of(finding, "code"));
  if (*text_of(finding, "file"))
    printf(" %s", text_of(finding, "file"));
  if (line)
    printf(":%" JSON_INTEGER_FORMAT, line);
  if (*text_of(finding, "subject")) {
    fputc(' ', stdout);
    print_text(text_of(finding, "subject"));
  }
  fputc('\n', stdout);
}

static void print_findings(const json_t *document)
{
  size_t i;
  json_t *finding;
  json_array_foreach(json_object_get(document, "findings"), i, finding) print_finding(finding);
}

static void read_people(const char *path)
{
  g_autofree char *text = NULL;
  people = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  if (!g_file_get_contents(path, &text, NULL, NULL))
    return;
  g_auto(GStrv) words = g_strsplit_set(text, " \n", -1);
  for (size_t i = 0; words[i] && words[i + 1]; i += 2)
    g_hash_table_replace(people, g_strdup(words[i]), g_strdup(words[i + 1]));
}

static bool write_people(const char *path)
{
  g_autoptr(GString) text = g_string_new(NULL);
  GHashTableIter iter;
  void *object, *number;
  g_hash_table_iter_init(&iter, people);
  while (g_hash_table_iter_next(&iter, &object, &number))
    g_string_append_printf(text, "%s %s\n", (char *)object, (char *)number);
  return g_file_set_contents(path, text->str, (gssize)text->len, NULL);
}

int main(int argc, char **argv)
{
  json_error_t error;
  json_t *document;
  if (argc != 2)
    return EXIT_FAILURE;
  read_people(argv[1]);
  while ((document = json_loadf(stdin, JSON_DISABLE_EOF_CHECK, &error))) {
    print_plan(document);
    print_findings(document);
    json_decref(document);
  }
  bool kept = write_people(argv[1]);
  g_hash_table_unref(people);
  // At the end of input there is nothing to parse; anything else is a fault.
  if (kept && feof(stdin))
    return EXIT_SUCCESS;
  fprintf(stderr, "lines: line %d: %s\n", error.line, error.text);
  return EXIT_FAILURE;
}
