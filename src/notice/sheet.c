// SPDX-License-Identifier: GPL-3.0-or-later
#include "notice_p.h"

#define LINE_POINTS 0.6

static void set_font(Sheet *sheet, const TextBox *box)
{
  PangoFontDescription *font = pango_font_description_new();
  pango_font_description_set_family(font, box->fixed ? "monospace" : "sans-serif");
  pango_font_description_set_absolute_size(font, box->size * PANGO_SCALE);
  pango_font_description_set_weight(font, box->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_layout_set_font_description(sheet->layout, font);
  pango_font_description_free(font);
}

double sheet_text(Sheet *sheet, const TextBox *box, const char *text)
{
  int height = 0;
  set_font(sheet, box);
  pango_layout_set_width(sheet->layout, (int)(box->width * PANGO_SCALE));
  pango_layout_set_wrap(sheet->layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment(sheet->layout, box->align);
  pango_layout_set_text(sheet->layout, text, -1);
  pango_layout_get_size(sheet->layout, NULL, &height);
  cairo_move_to(sheet->cr, box->x, box->y);
  pango_cairo_show_layout(sheet->cr, sheet->layout);
  return (double)height / PANGO_SCALE;
}

void sheet_line(Sheet *sheet, double x1, double y1, double x2, double y2)
{
  cairo_set_line_width(sheet->cr, LINE_POINTS);
  cairo_move_to(sheet->cr, x1, y1);
  cairo_line_to(sheet->cr, x2, y2);
  cairo_stroke(sheet->cr);
}

void sheet_frame(Sheet *sheet, double x, double y, double width, double height)
{
  cairo_set_line_width(sheet->cr, 2 * LINE_POINTS);
  cairo_rectangle(sheet->cr, x, y, width, height);
  cairo_stroke(sheet->cr);
}

void sheet_end(Sheet *sheet)
{
  cairo_show_page(sheet->cr);
  sheet->n_pages++;
}

int sheet_unknown(Sheet *sheet, const char *text)
{
  const TextBox box = {.width = SHEET_WIDTH, .size = 10};
  set_font(sheet, &box);
  pango_layout_set_text(sheet->layout, text, -1);
  return pango_layout_get_unknown_glyphs_count(sheet->layout);
}
