// SPDX-License-Identifier: GPL-3.0-or-later
//
// canvas: pages of A4 as a PDF (cairo, Pango): text in boxes, lines, bars. What stands on them, notice and report say.
#ifndef IDOU_CANVAS_H
#define IDOU_CANVAS_H

#include <idou/base.h>
#include <pango/pangocairo.h>

// Points.
#define CANVAS_WIDTH 595.28
#define CANVAS_HEIGHT 841.89
#define CANVAS_MARGIN 56.0

typedef bool (*CanvasWrite)(const char *bytes, size_t n_bytes, void *data);  // false: it could not

typedef struct Canvas {
  cairo_surface_t *surface;
  cairo_t *cr;
  PangoLayout *layout;
  PangoFontMap *fonts;
  CanvasWrite write;
  void *data;
  size_t n_pages;
} Canvas;

typedef struct TextBox {
  double x, y, width;
  double size;  // of the font
  bool fixed;   // every character as wide as every other
  bool bold;
  bool line;    // what does not fit on one line is cut, with an ellipsis
  PangoAlignment align;
} TextBox;

// `write` takes the PDF as it grows; NULL: it goes nowhere. False when it cannot be begun; to be closed in any case.
bool canvas_open(Canvas *canvas, CanvasWrite write, void *data);
const char *canvas_close(Canvas *canvas);  // NULL, or what went wrong
bool canvas_has_japanese(Canvas *canvas);  // whether this machine has fonts to print with
// Returns the height that the text took.
double canvas_text(Canvas *canvas, const TextBox *box, const char *text);
double canvas_height(Canvas *canvas, const TextBox *box, const char *text);  // would take
void canvas_line(Canvas *canvas, double x1, double y1, double x2, double y2);
void canvas_frame(Canvas *canvas, double x, double y, double width, double height);
void canvas_bar(Canvas *canvas, double x, double y, double width, double height);
void canvas_end(Canvas *canvas);  // of a page
// How many characters no font has.
int canvas_unknown(Canvas *canvas, const char *text);

#endif
