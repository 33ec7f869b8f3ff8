// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IDOU_HTML_P_H
#define IDOU_HTML_P_H

#include <idou/html.h>

extern const char html_style[];  // style.css beside this

#endif
