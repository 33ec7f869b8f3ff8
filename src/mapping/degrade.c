// SPDX-License-Identifier: GPL-3.0-or-later
//
// Degradation to JIS X 0208 (縮退). What is to be decided is never guessed: it is a fault that names the
// candidates, until a row in the site's own table decides.
#include "mapping_p.h"

#include <string.h>

#define SHIPPED_PATH "tables/degrade.csv"
#define SITE_PATH "tables/degrade-site.csv"

typedef struct Counterpart {
  const char *to;  // its text, or the candidates as the table has them
  bool undecided;
} Counterpart;

struct Degrade {
  Charset *held;     // what needs no counterpart
  GHashTable *rows;  // character, perhaps with a variation selector -> Counterpart
};

void degrade_free(Degrade *degrade)
{
  if (!degrade)
    return;
  g_hash_table_unref(degrade->rows);
  charset_free(degrade->held);
  g_free(degrade);
}

// ---------------------------------------------------------------------------------------------
// The tables.

// Characters that nobody can see or type are written "U+3099".
static const char *literal(Library *library, const char *cell)
{
  guint64 code;
  if (!g_str_has_prefix(cell, "U+") ||
      !g_ascii_string_to_unsigned(cell + 2, 16, 1, 0x10FFFF, &code, NULL))
    return cell;
  char text[8];
  return library_text(library, text, (size_t)g_unichar_to_utf8((gunichar)code, text));
}

static Counterpart *read_counterpart(Library *library, const char *cell)
{
  Counterpart *counterpart = library_alloc(library, sizeof *counterpart);
  size_t n_bytes = strlen(cell);
  bool doubted = n_bytes > 1 && cell[n_bytes - 1] == '?';
  counterpart->undecided = doubted || strchr(cell, '|');
  counterpart->to = doubted ? library_text(library, cell, n_bytes - 1) : literal(library, cell);
  return counterpart;
}

typedef struct Source {  // a table and its columns
  const Grid *grid;
  size_t from, to;
  bool decides;  // the site's own
} Source;

static void fault(Library *library, const Source *source, size_t row, const char *text)
{
  grid_fault(source->grid, row, source->to, library->findings,
             &(Finding){.code = "degrade-row", .value = grid_cell(source->grid, row, source->from)},
             "%s", text);
}

static void take_row(Library *library, Degrade *degrade, const Source *source, size_t row)
{
  const char *from = literal(library, grid_cell(source->grid, row, source->from));
  const char *cell = grid_cell(source->grid, row, source->to);
  if (!*from)
    return;
  Counterpart *counterpart = read_counterpart(library, cell);
  const char *misfit = charset_misfit(degrade->held, counterpart->to);
  if (misfit)
    fault(library, source, row, _("what stands for it must itself be in JIS X 0208"));
  else if (source->decides && (counterpart->undecided || !*cell))
    fault(library, source, row, _("here one counterpart is written: this table decides"));
  else
    g_hash_table_insert(degrade->rows, (void *)from, counterpart);
}

static bool take_sheet(Library *library, Degrade *degrade, const char *path, bool decides)
{
  static const char *const froms[] = {"from", "文字", NULL}, *const tos[] = {"to", "代替", NULL};
  const Grid *grid = library_sheet(library, path);
  if (!grid)
    return false;
  int from = grid_column(grid, froms), to = grid_column(grid, tos);
  if (from < 0 || to < 0) {
    grid_fault(grid, 0, 0, library->findings, &(Finding){.code = "degrade-header"},
               _("this table has the columns from and to"));
    return false;
  }
  Source source = {grid, (size_t)from, (size_t)to, decides};
  for (size_t row = 1; row < grid_n_rows(grid); row++)
    take_row(library, degrade, &source, row);
  return true;
}

const Degrade *library_degrade(Library *library, const char **fault)
{
  if (library->degrade)
    return library->degrade;
  Degrade *degrade = library->degrade = g_new0(Degrade, 1);
  degrade->held = charset_new("jisx0208");
  degrade->rows = g_hash_table_new(g_str_hash, g_str_equal);
  g_autofree char *own =
      library->folder ? g_build_filename(library->folder, SITE_PATH, NULL) : NULL;
  bool fine = take_sheet(library, degrade, SHIPPED_PATH, false);
  if (fine && g_file_test(own, G_FILE_TEST_EXISTS))
    fine = take_sheet(library, degrade, SITE_PATH, true);
  if (fine)
    return degrade;
  *fault = _("the table cannot be used");
  g_clear_pointer(&library->degrade, degrade_free);
  return NULL;
}

// ---------------------------------------------------------------------------------------------
// The text.

// The character at *text, with what follows it and belongs to it: a variation selector, or a voiced mark that
// makes it another kana. *text moves behind it.
static void take_character(const char **text, GString *out)
{
  g_string_truncate(out, 0);
  text_compose_combined(text, out);
  if (!**text || !text_is_selector(g_utf8_get_char(*text)))
    return;
  const char *next = g_utf8_next_char(*text);
  g_string_append_len(out, *text, next - *text);
  *text = next;
}

static Got refuse(const Counterpart *row, const char *character, const char *in, GString *problem)
{
  g_autoptr(GString) name = g_string_new(NULL);
  text_name_character(character, name);
  if (row && row->undecided)
    g_string_printf(problem,
                    _("%s in “%s” is not in JIS X 0208, and what stands for it is not decided: %s. "
                      "Decide by a row in %s"),
                    name->str, in, row->to, SITE_PATH);
  else
    g_string_printf(problem,
                    _("%s in “%s” is not in JIS X 0208, and nothing is known to stand for it. Say "
                      "what does by a row in %s"),
                    name->str, in, SITE_PATH);
  return GOT_FAULT;
}

static Got put(const Degrade *degrade, GString *character, const char *in, GString *out,
               GString *problem)
{
  const Counterpart *row = g_hash_table_lookup(degrade->rows, character->str);
  const char *second = g_utf8_next_char(character->str);
  // A form of a character (IVS) that has no row of its own goes by the character.
  if (!row && *second && text_is_selector(g_utf8_get_char(second))) {
    g_string_truncate(character, (size_t)(second - character->str));
    row = g_hash_table_lookup(degrade->rows, character->str);
  }
  bool decided = row && !row->undecided && *row->to;
  if (!decided && charset_misfit(degrade->held, character->str))
    return refuse(row, character->str, in, problem);
  g_string_append(out, decided ? row->to : character->str);
  return GOT_TEXT;
}

Got degrade_text(const Degrade *degrade, const char *in, GString *out, GString *problem)
{
  g_autoptr(GString) character = g_string_new(NULL);
  Got got = GOT_TEXT;
  for (const char *at = in; *at && got == GOT_TEXT;) {
    take_character(&at, character);
    got = put(degrade, character, in, out, problem);
  }
  return got;
}
