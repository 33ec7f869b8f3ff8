// SPDX-License-Identifier: GPL-3.0-or-later
#include <idou/canvas.h>

#include <cairo-pdf.h>

#define SAMPLE "所属氏名様職員番号初期パスワード封緘発行日ユーザーあいう"

#define LINE_POINTS 0.6
#define BAR_GREY 0.55
#define BASELINE 1.1  // of one line, below its top, in sizes of the font

static cairo_status_t write_block(void *closure, const unsigned char *bytes, unsigned n_bytes)
{
  const Canvas *canvas = closure;
  return canvas->write((const char *)bytes, n_bytes, canvas->data) ? CAIRO_STATUS_SUCCESS
                                                                   : CAIRO_STATUS_WRITE_ERROR;
}

// From here on it is on paper, and what Pango and cairo keep of it goes with the process.
bool canvas_open(Canvas *canvas, CanvasWrite write, void *data)
{
  *canvas = (Canvas){.write = write, .data = data};
  canvas->surface = cairo_pdf_surface_create_for_stream(write ? write_block : NULL, canvas,
                                                        CANVAS_WIDTH, CANVAS_HEIGHT);
  canvas->cr = cairo_create(canvas->surface);
  // Of our own: Pango keeps the usual one, with all its fonts, until the process ends.
  canvas->fonts = pango_cairo_font_map_new();
  PangoContext *context = pango_font_map_create_context(canvas->fonts);
  pango_cairo_update_context(canvas->cr, context);
  canvas->layout = pango_layout_new(context);
  g_object_unref(context);
  // Which of the forms that Japan and China write differently is meant.
  pango_context_set_language(pango_layout_get_context(canvas->layout),
                             pango_language_from_string("ja"));
  pango_layout_context_changed(canvas->layout);
  return cairo_status(canvas->cr) == CAIRO_STATUS_SUCCESS;
}

const char *canvas_close(Canvas *canvas)
{
  cairo_status_t status = cairo_status(canvas->cr);
  g_object_unref(canvas->layout);
  g_object_unref(canvas->fonts);
  cairo_destroy(canvas->cr);
  cairo_surface_finish(canvas->surface);
  status = status == CAIRO_STATUS_SUCCESS ? cairo_surface_status(canvas->surface) : status;
  cairo_surface_destroy(canvas->surface);
  return status == CAIRO_STATUS_SUCCESS ? NULL : cairo_status_to_string(status);
}

bool canvas_has_japanese(Canvas *canvas)
{
  return canvas_unknown(canvas, SAMPLE) == 0;
}

static void set_font(Canvas *canvas, const TextBox *box)
{
  PangoFontDescription *font = pango_font_description_new();
  pango_font_description_set_family(font, box->fixed ? "monospace" : "sans-serif");
  pango_font_description_set_absolute_size(font, box->size * PANGO_SCALE);
  pango_font_description_set_weight(font, box->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_layout_set_font_description(canvas->layout, font);
  pango_font_description_free(font);
}

static double lay(Canvas *canvas, const TextBox *box, const char *text)
{
  int height = 0;
  set_font(canvas, box);
  pango_layout_set_width(canvas->layout, (int)(box->width * PANGO_SCALE));
  pango_layout_set_height(canvas->layout, box->line ? 0 : -1);
  pango_layout_set_ellipsize(canvas->layout,
                             box->line ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
  pango_layout_set_wrap(canvas->layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment(canvas->layout, box->align);
  pango_layout_set_text(canvas->layout, text, -1);
  pango_layout_get_size(canvas->layout, NULL, &height);
  return (double)height / PANGO_SCALE;
}

double canvas_text(Canvas *canvas, const TextBox *box, const char *text)
{
  double height = lay(canvas, box, text);
  // Fonts differ in how high they stand: on one line their baselines shall be one.
  double lower = box->line ? box->size * BASELINE -
                                 (double)pango_layout_get_baseline(canvas->layout) / PANGO_SCALE
                           : 0;
  cairo_move_to(canvas->cr, box->x, box->y + lower);
  pango_cairo_show_layout(canvas->cr, canvas->layout);
  return height;
}

double canvas_height(Canvas *canvas, const TextBox *box, const char *text)
{
  return lay(canvas, box, text);
}

void canvas_line(Canvas *canvas, double x1, double y1, double x2, double y2)
{
  cairo_set_line_width(canvas->cr, LINE_POINTS);
  cairo_move_to(canvas->cr, x1, y1);
  cairo_line_to(canvas->cr, x2, y2);
  cairo_stroke(canvas->cr);
}

void canvas_frame(Canvas *canvas, double x, double y, double width, double height)
{
  cairo_set_line_width(canvas->cr, 2 * LINE_POINTS);
  cairo_rectangle(canvas->cr, x, y, width, height);
  cairo_stroke(canvas->cr);
}

void canvas_bar(Canvas *canvas, double x, double y, double width, double height)
{
  cairo_set_source_rgb(canvas->cr, BAR_GREY, BAR_GREY, BAR_GREY);
  cairo_rectangle(canvas->cr, x, y, width, height);
  cairo_fill(canvas->cr);
  cairo_set_source_rgb(canvas->cr, 0, 0, 0);
}

void canvas_end(Canvas *canvas)
{
  cairo_show_page(canvas->cr);
  canvas->n_pages++;
}

int canvas_unknown(Canvas *canvas, const char *text)
{
  const TextBox box = {.width = CANVAS_WIDTH, .size = 10};
  set_font(canvas, &box);
  pango_layout_set_text(canvas->layout, text, -1);
  return pango_layout_get_unknown_glyphs_count(canvas->layout);
}
