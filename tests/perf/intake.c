// SPDX-License-Identifier: GPL-3.0-or-later
//
// intake LAYOUT FILE: takes a file in without a ledger, for the bench. Prints how many rows it took.
#include "idou/intake.h"

int main(int argc, char **argv)
{
  if (argc != 3) {
    fprintf(stderr, "usage: intake LAYOUT FILE\n");
    return 1;
  }
  g_autoptr(GError) error = NULL;
  g_autoptr(Findings) findings = findings_new();
  g_autoptr(Layout) layout = layout_load(argv[1], findings, &error);
  g_autoptr(Gaiji) gaiji = gaiji_empty();
  IntakeOptions options = {.layout = layout, .gaiji = gaiji, .shrink_percent = 100};
  IntakeReceipt receipt;
  if (layout == NULL || !intake_examine_file(argv[2], &options, findings, &receipt, &error)) {
    fprintf(stderr, "%s\n", error->message);
    return 1;
  }
  printf("%" G_GINT64_FORMAT "\n", receipt.n_taken);
  return receipt.verdict == INTAKE_REJECTED ? 5 : 0;
}
