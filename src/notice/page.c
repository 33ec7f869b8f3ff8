// SPDX-License-Identifier: GPL-3.0-or-later
#include "notice_p.h"

#include <string.h>

#define INNER (CANVAS_WIDTH - 2 * CANVAS_MARGIN)
#define LABEL_WIDTH 110.0
#define ROW_HEIGHT 30.0
#define CELLS 12  // of the readings, in a row

static const char usual_text[] =
    "・初回のログイン時に、ご自身でパスワードを変更してください。\n"
    "・この通知書は他の人に見せないでください。変更した後は、細断して処分してください。\n"
    "・ログインできないときは、封緘番号をお手元に、情報システムの担当へお問い合わせください。";

static void draw_head(Canvas *canvas, const NoticeBook *book, const Notice *notice)
{
  g_autoptr(GString) date = g_string_new("発行日　");
  date_format_wareki(book->issued, date);
  g_autofree char *number = g_strdup_printf("封緘番号　%06" G_GINT64_FORMAT, notice->number);
  TextBox right = {.x = CANVAS_MARGIN,
                   .y = CANVAS_MARGIN,
                   .width = INNER,
                   .size = 11,
                   .align = PANGO_ALIGN_RIGHT};
  canvas_text(canvas, &right, number);
  right.y += 17;
  canvas_text(canvas, &right, date->str);
  if (notice->reissue > 0) {
    g_autofree char *again = g_strdup_printf("再発行　%" G_GINT64_FORMAT, notice->reissue);
    right.y += 17;
    right.bold = true;
    canvas_text(canvas, &right, again);
  }
  const TextBox title = {.x = CANVAS_MARGIN,
                         .y = 130,
                         .width = INNER,
                         .size = 20,
                         .bold = true,
                         .align = PANGO_ALIGN_CENTER};
  canvas_text(canvas, &title, "ユーザーID・初期パスワード通知書");
}

static double draw_row(Canvas *canvas, double y, const char *label, const char *value, bool fixed)
{
  const TextBox left = {.x = CANVAS_MARGIN + 8, .y = y + 8, .width = LABEL_WIDTH, .size = 11};
  const TextBox right = {.x = CANVAS_MARGIN + LABEL_WIDTH,
                         .y = y + 6,
                         .size = 14,
                         .fixed = fixed,
                         .width = INNER - LABEL_WIDTH - 8};
  canvas_text(canvas, &left, label);
  double height = MAX(canvas_text(canvas, &right, value) + 12, ROW_HEIGHT);
  canvas_line(canvas, CANVAS_MARGIN, y + height, CANVAS_MARGIN + INNER, y + height);
  return y + height;
}

static double draw_table(Canvas *canvas, const Notice *notice)
{
  double y = 180;
  g_autofree char *name = g_strconcat(notice->name, "　様", NULL);
  canvas_line(canvas, CANVAS_MARGIN, y, CANVAS_MARGIN + INNER, y);
  y = draw_row(canvas, y, "所属", notice->section, false);
  y = draw_row(canvas, y, "職員番号", notice->person, false);
  y = draw_row(canvas, y, "氏名", name, false);
  y = draw_row(canvas, y, "システム", notice->system, false);
  return draw_row(canvas, y, "ユーザーID", notice->account, true);
}

// The whole once more in cells, each with its reading, so that nobody asks whether it is a K or a k.
static double draw_readings(Canvas *canvas, double y, const char *password)
{
  double width = INNER / CELLS;
  size_t n = strlen(password);
  for (size_t i = 0; i < n; i++) {
    const char one[2] = {password[i], '\0'};
    TextBox cell = {.x = CANVAS_MARGIN + width * (double)(i % CELLS),
                    .y = y,
                    .width = width,
                    .size = 13,
                    .fixed = true,
                    .align = PANGO_ALIGN_CENTER};
    canvas_text(canvas, &cell, one);
    cell = (TextBox){
        .x = cell.x, .y = y + 18, .width = width, .size = 6.6, .align = PANGO_ALIGN_CENTER};
    canvas_text(canvas, &cell, reading_class(password[i]));
    cell.y += 9;
    canvas_text(canvas, &cell, reading_name(password[i]));
    if (i % CELLS == CELLS - 1 && i + 1 < n)
      y += 44;
  }
  return y + 44;
}

static double draw_password(Canvas *canvas, double y, const Secret *secret)
{
  size_t n = 0;
  const char *password = secret_bytes(secret, &n);
  const TextBox label = {.x = CANVAS_MARGIN + 8, .y = y, .width = INNER, .size = 11};
  canvas_text(canvas, &label, "初期パスワード");
  // So that it stays on one line, where it is copied from without a doubt.
  double size = MIN(30.0, (INNER - 24) / (0.62 * (double)MAX(n, 1)));
  TextBox box = {.x = CANVAS_MARGIN,
                 .y = y + 34,
                 .width = INNER,
                 .size = size,
                 .fixed = true,
                 .align = PANGO_ALIGN_CENTER};
  double height = canvas_text(canvas, &box, password);
  canvas_frame(canvas, CANVAS_MARGIN, y + 22, INNER, height + 24);
  return draw_readings(canvas, y + 22 + height + 24 + 14, password);
}

void page_draw(Canvas *canvas, const NoticeBook *book, const Notice *notice)
{
  draw_head(canvas, book, notice);
  double y = draw_table(canvas, notice) + 24;
  y = draw_password(canvas, y, notice->password) + 12;
  TextBox text = {.x = CANVAS_MARGIN, .y = y, .width = INNER, .size = 11};
  canvas_text(canvas, &text, notice->text ? notice->text : usual_text);
  text.y = CANVAS_HEIGHT - CANVAS_MARGIN - 14;
  text.align = PANGO_ALIGN_RIGHT;
  if (book->issuer)
    canvas_text(canvas, &text, book->issuer);
  canvas_end(canvas);
}
