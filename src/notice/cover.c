// SPDX-License-Identifier: GPL-3.0-or-later
#include "notice_p.h"

#define TOP 170.0
#define ROW_HEIGHT 24.0
#define ROWS 25  // on a page

// From the left edge. No column for what is secret.
static const struct {
  const char *title;
  double x, width;
} columns[] = {{"連番", 0, 34},       {"氏名", 34, 110},   {"系統", 144, 92}, {"ID", 236, 100},
               {"封緘番号", 336, 56}, {"受領日", 392, 52}, {"印", 444, 39}};
#define TABLE_WIDTH 483.0

// On one line, however long an address is.
static double fitting(const char *text, double width)
{
  return MIN(9.0, width / (0.62 * (double)MAX(text_width(text), 1)));
}

static void draw_row(Canvas *canvas, double y, const char *const texts[], bool fixed)
{
  for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
    const char *text = texts[i] ? texts[i] : "";
    const TextBox box = {.x = CANVAS_MARGIN + columns[i].x + 3,
                         .y = y + 6,
                         .width = columns[i].width - 5,
                         .size = fitting(text, columns[i].width - 5),
                         .fixed = fixed && i == 3};
    canvas_text(canvas, &box, text);
  }
  canvas_line(canvas, CANVAS_MARGIN, y + ROW_HEIGHT, CANVAS_MARGIN + TABLE_WIDTH, y + ROW_HEIGHT);
}

static void draw_notice(Canvas *canvas, double y, size_t i, const Notice *notice)
{
  g_autofree char *count = g_strdup_printf("%zu", i + 1);
  g_autofree char *number = g_strdup_printf("%06" G_GINT64_FORMAT, notice->number);
  const char *const texts[] = {count, notice->name, notice->system, notice->account, number,
                               NULL,  NULL};
  draw_row(canvas, y, texts, true);
}

static void draw_head(Canvas *canvas, const NoticeBook *book, const char *section, size_t n)
{
  g_autoptr(GString) text = g_string_new("発行日　");
  date_format_wareki(book->issued, text);
  g_string_append_printf(text, "　　通知書　%zu通", n);
  TextBox box = {.x = CANVAS_MARGIN,
                 .y = CANVAS_MARGIN,
                 .width = TABLE_WIDTH,
                 .size = 18,
                 .bold = true,
                 .align = PANGO_ALIGN_CENTER};
  canvas_text(canvas, &box, "初期パスワード通知書　受領簿");
  box = (TextBox){.x = CANVAS_MARGIN, .y = CANVAS_MARGIN + 40, .width = TABLE_WIDTH, .size = 13};
  g_autofree char *place = g_strconcat("所属　", *section ? section : "（所属なし）", NULL);
  canvas_text(canvas, &box, place);
  box.y += 22;
  box.size = 10;
  canvas_text(canvas, &box, text->str);
  box.y += 18;
  canvas_text(canvas, &box, "通知書を本人に手渡し、受領日の記入と押印を受けてください。");
}

static void draw_grid(Canvas *canvas, size_t n_rows)
{
  const char *titles[G_N_ELEMENTS(columns)];
  double bottom = TOP + ROW_HEIGHT * (double)(n_rows + 1);
  for (size_t i = 0; i < G_N_ELEMENTS(columns); i++) {
    titles[i] = columns[i].title;
    canvas_line(canvas, CANVAS_MARGIN + columns[i].x, TOP, CANVAS_MARGIN + columns[i].x, bottom);
  }
  canvas_line(canvas, CANVAS_MARGIN + TABLE_WIDTH, TOP, CANVAS_MARGIN + TABLE_WIDTH, bottom);
  canvas_line(canvas, CANVAS_MARGIN, TOP, CANVAS_MARGIN + TABLE_WIDTH, TOP);
  draw_row(canvas, TOP, titles, false);
}

void cover_draw(Canvas *canvas, const NoticeBook *book, size_t from, size_t n)
{
  for (size_t first = 0; first < n; first += ROWS) {
    size_t n_rows = MIN(n - first, ROWS);
    draw_head(canvas, book, book->notices[from].section, n);
    draw_grid(canvas, n_rows);
    for (size_t i = 0; i < n_rows; i++)
      draw_notice(canvas, TOP + ROW_HEIGHT * (double)(i + 1), first + i,
                  &book->notices[from + first + i]);
    canvas_end(canvas);
  }
}
