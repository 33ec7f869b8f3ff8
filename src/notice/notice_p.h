// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IDOU_NOTICE_P_H
#define IDOU_NOTICE_P_H

#include <idou/notice.h>
#include <pango/pangocairo.h>

// Points.
#define SHEET_WIDTH 595.28
#define SHEET_HEIGHT 841.89
#define SHEET_MARGIN 56.0

typedef struct Sheet {
  cairo_t *cr;
  PangoLayout *layout;
  PangoFontMap *fonts;
  size_t n_pages;
} Sheet;

typedef struct TextBox {
  double x, y, width;
  double size;  // of the font
  bool fixed;   // every character as wide as every other
  bool bold;
  PangoAlignment align;
} TextBox;

// sheet.c: returns the height that the text took.
double sheet_text(Sheet *sheet, const TextBox *box, const char *text);
void sheet_line(Sheet *sheet, double x1, double y1, double x2, double y2);
void sheet_frame(Sheet *sheet, double x, double y, double width, double height);
void sheet_end(Sheet *sheet);  // of a page
// How many characters no font has.
int sheet_unknown(Sheet *sheet, const char *text);

// reading.c: how a character of a password is read aloud: 「大文字」 and 「ケー」.
const char *reading_class(char c);
const char *reading_name(char c);

// page.c, cover.c
void page_draw(Sheet *sheet, const NoticeBook *book, const Notice *notice);
// Of the notices from `from` on that are of one section; as many pages as it takes.
void cover_draw(Sheet *sheet, const NoticeBook *book, size_t from, size_t n);

#endif
