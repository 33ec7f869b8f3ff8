// SPDX-License-Identifier: GPL-3.0-or-later
#include "notice_p.h"

#include <string.h>

static void warn(const Notice *notice, Findings *findings)
{
  Finding finding = {.level = FINDING_WARNING, .code = "font-lacks", .subject = notice->person};
  findings_add(findings, &finding,
               _("no font on this machine has all characters of “%s”; write them in by hand"),
               notice->name);
}

bool notice_check(const NoticeBook *book, Findings *findings, GError **error)
{
  Canvas canvas;
  bool fine = canvas_open(&canvas, NULL, NULL) && canvas_has_japanese(&canvas);
  for (size_t i = 0; fine && i < book->n_notices; i++)
    if (canvas_unknown(&canvas, book->notices[i].name) > 0)
      warn(&book->notices[i], findings);
  canvas_close(&canvas);
  if (!fine)
    g_set_error(error, IDOU_ERROR, EXIT_USAGE, "%s",
                _("no font on this machine has Japanese characters, so nothing is printed. Install "
                  "one, for example the package fonts-noto-cjk"));
  return fine;
}

static bool write_block(const char *bytes, size_t n_bytes, void *data)
{
  return file_write_all(*(const int *)data, bytes, n_bytes);
}

static size_t section_length(const NoticeBook *book, size_t from)
{
  size_t n = 1;
  while (from + n < book->n_notices &&
         strcmp(book->notices[from + n].section, book->notices[from].section) == 0)
    n++;
  return n;
}

static void draw(Canvas *canvas, const NoticeBook *book)
{
  for (size_t from = 0; from < book->n_notices;) {
    size_t n = section_length(book, from);
    cover_draw(canvas, book, from, n);
    for (size_t i = 0; i < n; i++)
      page_draw(canvas, book, &book->notices[from + i]);
    from += n;
  }
}

bool notice_write(const NoticeBook *book, int fd, size_t *n_pages, GError **error)
{
  Canvas canvas;
  if (canvas_open(&canvas, write_block, &fd))
    draw(&canvas, book);
  size_t n = canvas.n_pages;
  const char *fault = canvas_close(&canvas);
  if (n_pages)
    *n_pages = n;
  if (fault)
    g_set_error(error, IDOU_ERROR, EXIT_FAILED, _("the notices cannot be written: %s"), fault);
  return fault == NULL;
}
