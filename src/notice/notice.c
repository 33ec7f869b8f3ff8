// SPDX-License-Identifier: GPL-3.0-or-later
#include "notice_p.h"

#include <cairo-pdf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SAMPLE "所属氏名様職員番号初期パスワード封緘発行日ユーザーあいう"

// From here on it is on paper, and what Pango and cairo keep of it goes with the process.
static bool sheet_open(Sheet *sheet, cairo_surface_t *surface)
{
  *sheet = (Sheet){.cr = cairo_create(surface)};
  // Of our own: Pango keeps the usual one, with all its fonts, until the process ends.
  sheet->fonts = pango_cairo_font_map_new();
  PangoContext *context = pango_font_map_create_context(sheet->fonts);
  pango_cairo_update_context(sheet->cr, context);
  sheet->layout = pango_layout_new(context);
  g_object_unref(context);
  // Which of the forms that Japan and China write differently is meant.
  pango_context_set_language(pango_layout_get_context(sheet->layout),
                             pango_language_from_string("ja"));
  pango_layout_context_changed(sheet->layout);
  return cairo_status(sheet->cr) == CAIRO_STATUS_SUCCESS;
}

static void sheet_close(Sheet *sheet)
{
  g_object_unref(sheet->layout);
  g_object_unref(sheet->fonts);
  cairo_destroy(sheet->cr);
}

static void warn(const Notice *notice, Findings *findings)
{
  Finding finding = {.level = FINDING_WARNING, .code = "font-lacks", .subject = notice->person};
  findings_add(findings, &finding,
               _("no font on this machine has all characters of “%s”; write them in by hand"),
               notice->name);
}

bool notice_check(const NoticeBook *book, Findings *findings, GError **error)
{
  Sheet sheet;
  cairo_surface_t *surface =
      cairo_pdf_surface_create_for_stream(NULL, NULL, SHEET_WIDTH, SHEET_HEIGHT);
  bool fine = sheet_open(&sheet, surface) && sheet_unknown(&sheet, SAMPLE) == 0;
  for (size_t i = 0; fine && i < book->n_notices; i++)
    if (sheet_unknown(&sheet, book->notices[i].name) > 0)
      warn(&book->notices[i], findings);
  sheet_close(&sheet);
  cairo_surface_destroy(surface);
  if (!fine)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s",
                _("no font on this machine has Japanese characters, so nothing is printed. Install "
                  "one, for example the package fonts-noto-cjk"));
  return fine;
}

static cairo_status_t write_block(void *closure, const unsigned char *bytes, unsigned n_bytes)
{
  int fd = *(const int *)closure;
  return file_write_all(fd, (const char *)bytes, n_bytes) ? CAIRO_STATUS_SUCCESS
                                                          : CAIRO_STATUS_WRITE_ERROR;
}

static size_t section_length(const NoticeBook *book, size_t from)
{
  size_t n = 1;
  while (from + n < book->n_notices &&
         strcmp(book->notices[from + n].section, book->notices[from].section) == 0)
    n++;
  return n;
}

static void draw(Sheet *sheet, const NoticeBook *book)
{
  for (size_t from = 0; from < book->n_notices;) {
    size_t n = section_length(book, from);
    cover_draw(sheet, book, from, n);
    for (size_t i = 0; i < n; i++)
      page_draw(sheet, book, &book->notices[from + i]);
    from += n;
  }
}

bool notice_write(const NoticeBook *book, int fd, size_t *n_pages, GError **error)
{
  Sheet sheet;
  cairo_surface_t *surface =
      cairo_pdf_surface_create_for_stream(write_block, &fd, SHEET_WIDTH, SHEET_HEIGHT);
  if (sheet_open(&sheet, surface))
    draw(&sheet, book);
  cairo_status_t status = cairo_status(sheet.cr);
  sheet_close(&sheet);
  cairo_surface_finish(surface);
  status = status == CAIRO_STATUS_SUCCESS ? cairo_surface_status(surface) : status;
  cairo_surface_destroy(surface);
  if (n_pages)
    *n_pages = sheet.n_pages;
  if (status != CAIRO_STATUS_SUCCESS)
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("the notices cannot be written: %s"),
                cairo_status_to_string(status));
  return status == CAIRO_STATUS_SUCCESS;
}
