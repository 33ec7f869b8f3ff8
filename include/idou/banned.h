// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IDOU_BANNED_H
#define IDOU_BANNED_H

// Included before every file of src/: functions whose use is a compile error,
// each with what to use instead.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(function, instead) \
  extern __typeof__(function) function __attribute__((unavailable(instead)))

// They write past the end, or leave a string without its NUL.
BANNED(strcpy, "use g_strlcpy or GString");
BANNED(strcat, "use g_strlcat or GString");
BANNED(strncpy, "use g_strlcpy or memcpy");
BANNED(strncat, "use g_strlcat or GString");
BANNED(stpcpy, "use GString");
BANNED(sprintf, "use g_snprintf or g_strdup_printf");
BANNED(vsprintf, "use g_vsnprintf or g_strdup_vprintf");

// Their result lies in a buffer that the next caller overwrites.
BANNED(strtok, "use g_strsplit or strchr");
BANNED(asctime, "use g_date_time_format");
BANNED(ctime, "use g_date_time_format");
BANNED(gmtime, "use gmtime_r");
BANNED(localtime, "use localtime_r");

// They take text that is no number for 0.
BANNED(atoi, "use g_ascii_string_to_signed");
BANNED(atol, "use g_ascii_string_to_signed");
BANNED(atof, "use g_ascii_strtod and look at its end");

// They start a shell, whose quoting rules the data would have to survive.
BANNED(system, "use g_spawn_sync");
BANNED(popen, "use g_spawn_async_with_pipes");

// Another process can take the name before it is opened.
BANNED(mktemp, "use mkstemp or g_mkdtemp");
BANNED(tmpnam, "use mkstemp or g_mkdtemp");
BANNED(tempnam, "use mkstemp or g_mkdtemp");

// They can be predicted.
BANNED(rand, "use randombytes_uniform");
BANNED(random, "use randombytes_uniform");

#undef BANNED

#endif
