// SPDX-License-Identifier: GPL-3.0-or-later
#include "notice_p.h"

#include <string.h>

#define INNER (SHEET_WIDTH - 2 * SHEET_MARGIN)
#define LABEL_WIDTH 110.0
#define ROW_HEIGHT 30.0
#define CELLS 12  // of the readings, in a row

static const char usual_text[] =
    "・初回のログイン時に、ご自身でパスワードを変更してください。\n"
    "・この通知書は他の人に見せないでください。変更した後は、細断して処分してください。\n"
    "・ログインできないときは、封緘番号をお手元に、情報システムの担当へお問い合わせください。";

static void draw_head(Sheet *sheet, const NoticeBook *book, const Notice *notice)
{
  g_autoptr(GString) date = g_string_new("発行日　");
  date_format_wareki(book->issued, date);
  g_autofree char *number = g_strdup_printf("封緘番号　%06" G_GINT64_FORMAT, notice->number);
  TextBox right = {
      .x = SHEET_MARGIN, .y = SHEET_MARGIN, .width = INNER, .size = 11, .align = PANGO_ALIGN_RIGHT};
  sheet_text(sheet, &right, number);
  right.y += 17;
  sheet_text(sheet, &right, date->str);
  if (notice->reissue > 0) {
    g_autofree char *again = g_strdup_printf("再発行　%" G_GINT64_FORMAT, notice->reissue);
    right.y += 17;
    right.bold = true;
    sheet_text(sheet, &right, again);
  }
  const TextBox title = {.x = SHEET_MARGIN,
                         .y = 130,
                         .width = INNER,
                         .size = 20,
                         .bold = true,
                         .align = PANGO_ALIGN_CENTER};
  sheet_text(sheet, &title, "ユーザーID・初期パスワード通知書");
}

static double draw_row(Sheet *sheet, double y, const char *label, const char *value, bool fixed)
{
  const TextBox left = {.x = SHEET_MARGIN + 8, .y = y + 8, .width = LABEL_WIDTH, .size = 11};
  const TextBox right = {.x = SHEET_MARGIN + LABEL_WIDTH,
                         .y = y + 6,
                         .size = 14,
                         .fixed = fixed,
                         .width = INNER - LABEL_WIDTH - 8};
  sheet_text(sheet, &left, label);
  double height = MAX(sheet_text(sheet, &right, value) + 12, ROW_HEIGHT);
  sheet_line(sheet, SHEET_MARGIN, y + height, SHEET_MARGIN + INNER, y + height);
  return y + height;
}

static double draw_table(Sheet *sheet, const Notice *notice)
{
  double y = 180;
  g_autofree char *name = g_strconcat(notice->name, "　様", NULL);
  sheet_line(sheet, SHEET_MARGIN, y, SHEET_MARGIN + INNER, y);
  y = draw_row(sheet, y, "所属", notice->section, false);
  y = draw_row(sheet, y, "職員番号", notice->person, false);
  y = draw_row(sheet, y, "氏名", name, false);
  y = draw_row(sheet, y, "システム", notice->system, false);
  return draw_row(sheet, y, "ユーザーID", notice->account, true);
}

// The whole once more in cells, each with its reading, so that nobody asks whether it is a K or a k.
static double draw_readings(Sheet *sheet, double y, const char *password)
{
  double width = INNER / CELLS;
  size_t n = strlen(password);
  for (size_t i = 0; i < n; i++) {
    const char one[2] = {password[i], '\0'};
    TextBox cell = {.x = SHEET_MARGIN + width * (double)(i % CELLS),
                    .y = y,
                    .width = width,
                    .size = 13,
                    .fixed = true,
                    .align = PANGO_ALIGN_CENTER};
    sheet_text(sheet, &cell, one);
    cell = (TextBox){
        .x = cell.x, .y = y + 18, .width = width, .size = 6.6, .align = PANGO_ALIGN_CENTER};
    sheet_text(sheet, &cell, reading_class(password[i]));
    cell.y += 9;
    sheet_text(sheet, &cell, reading_name(password[i]));
    if (i % CELLS == CELLS - 1 && i + 1 < n)
      y += 44;
  }
  return y + 44;
}

static double draw_password(Sheet *sheet, double y, const Secret *secret)
{
  size_t n = 0;
  const char *password = secret_bytes(secret, &n);
  const TextBox label = {.x = SHEET_MARGIN + 8, .y = y, .width = INNER, .size = 11};
  sheet_text(sheet, &label, "初期パスワード");
  // So that it stays on one line, where it is copied from without a doubt.
  double size = MIN(30.0, (INNER - 24) / (0.62 * (double)MAX(n, 1)));
  TextBox box = {.x = SHEET_MARGIN,
                 .y = y + 34,
                 .width = INNER,
                 .size = size,
                 .fixed = true,
                 .align = PANGO_ALIGN_CENTER};
  double height = sheet_text(sheet, &box, password);
  sheet_frame(sheet, SHEET_MARGIN, y + 22, INNER, height + 24);
  return draw_readings(sheet, y + 22 + height + 24 + 14, password);
}

void page_draw(Sheet *sheet, const NoticeBook *book, const Notice *notice)
{
  draw_head(sheet, book, notice);
  double y = draw_table(sheet, notice) + 24;
  y = draw_password(sheet, y, notice->password) + 12;
  TextBox text = {.x = SHEET_MARGIN, .y = y, .width = INNER, .size = 11};
  sheet_text(sheet, &text, notice->text ? notice->text : usual_text);
  text.y = SHEET_HEIGHT - SHEET_MARGIN - 14;
  text.align = PANGO_ALIGN_RIGHT;
  if (book->issuer)
    sheet_text(sheet, &text, book->issuer);
  sheet_end(sheet);
}
