// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IDOU_NOTICE_P_H
#define IDOU_NOTICE_P_H

#include <idou/canvas.h>
#include <idou/notice.h>

// reading.c: how a character of a password is read aloud: 「大文字」 and 「ケー」.
const char *reading_class(char c);
const char *reading_name(char c);

// page.c, cover.c
void page_draw(Canvas *canvas, const NoticeBook *book, const Notice *notice);
// Of the notices from `from` on that are of one section; as many pages as it takes.
void cover_draw(Canvas *canvas, const NoticeBook *book, size_t from, size_t n);

#endif
