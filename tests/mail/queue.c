// SPDX-License-Identifier: GPL-3.0-or-later
//
// queue FOLDER KEY TO[,TO…] SUBJECT [FILE…]: puts a letter into the queue, its text from the standard input; prints whether
// it is new.
#include <idou/mail.h>

#include <stdlib.h>
#include <string.h>

static LetterFile *read_files(char **paths, int n)
{
  LetterFile *files = g_new0(LetterFile, (gsize)n + 1);
  for (int i = 0; i < n; i++) {
    gsize size = 0;
    char *bytes = NULL;
    if (!g_file_get_contents(paths[i], &bytes, &size, NULL))
      exit(EXIT_USAGE);
    files[i] = (LetterFile){paths[i], "text/csv; charset=UTF-8", bytes, size};
  }
  return files;
}

int main(int argc, char **argv)
{
  base_init();
  char text[4096] = "";
  if (argc < 5 || fread(text, 1, sizeof text - 1, stdin) == 0)
    return EXIT_USAGE;
  MailConfig config = {.queue = argv[1],
                       .from = "idou <idou@city.example>",
                       .keep_days = 180,
                       .give_up_days = 5,
                       .late_hours = 4,
                       .max_bytes = 1 << 20};
  g_auto(GStrv) to = g_strsplit(argv[3], ",", -1);
  LetterFile *files = read_files(argv + 5, argc - 5);
  Letter letter = {.key = argv[2],
                   .to = (const char *const *)to,
                   .subject = argv[4],
                   .text = text,
                   .files = files,
                   .n_files = (size_t)argc - 5};
  bool is_new = false;
  g_autoptr(GError) error = NULL;
  if (!mail_queue(&config, &letter, &is_new, &error)) {
    fprintf(stderr, "queue: %s\n", error->message);
    return error->code;
  }
  puts(is_new ? "new" : "known");
  for (int i = 0; i < argc - 5; i++)
    g_free((void *)files[i].bytes);
  g_free(files);
  return EXIT_DONE;
}
