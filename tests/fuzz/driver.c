// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs each file named, or each file of the folders named, through LLVMFuzzerTestOneInput, so that a
// corpus runs wherever there is a compiler. Names the file first: when it crashes, that was it.
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool run_file(const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *bytes = NULL;
  size_t size;
  if (!g_file_get_contents(path, &bytes, &size, &error)) {
    fprintf(stderr, "%s\n", error->message);
    return false;
  }
  fprintf(stderr, "%s\n", path);
  // A copy of the exact size, so that the sanitizer sees when the NUL behind it is read.
  g_autofree uint8_t *data = g_malloc(MAX(size, 1));
  memcpy(data, bytes, size);
  LLVMFuzzerTestOneInput(data, size);
  return true;
}

static int by_name(const void *a, const void *b)
{
  return g_strcmp0(*(char *const *)a, *(char *const *)b);
}

static size_t run_folder(const char *path, GDir *folder)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  for (const char *name; (name = g_dir_read_name(folder));)
    g_ptr_array_add(names, g_build_filename(path, name, NULL));
  g_ptr_array_sort(names, by_name);
  size_t n_run = 0;
  for (size_t i = 0; i < names->len; i++)
    n_run += run_file(names->pdata[i]);
  return n_run;
}

int main(int argc, char **argv)
{
  size_t n_run = 0;
  for (int i = 1; i < argc; i++) {
    g_autoptr(GDir) folder = g_dir_open(argv[i], 0, NULL);
    n_run += folder ? run_folder(argv[i], folder) : run_file(argv[i]);
  }
  printf("%zu inputs\n", n_run);
  return n_run ? EXIT_SUCCESS : EXIT_FAILURE;
}
