// SPDX-License-Identifier: GPL-3.0-or-later
#include "bundle/bundle_p.h"

#include <string.h>

void receipt_write(const Receipt *receipt, const Signer *signer, GString *out)
{
  const ReceiptHead *head = &receipt->head;
  char digest[BUNDLE_DIGEST_CHARS + 1];
  Pen pen;
  pen_init(&pen, out);
  pen_begin(&pen, RECEIPT_PURPOSE);
  pen_number(&pen, BUNDLE_FORMAT);
  pen_end(&pen);
  pen_begin(&pen, "of");
  pen_text(&pen, head->segment);
  pen_number(&pen, head->sequence);
  pen_text(&pen, head->bundle);
  pen_end(&pen);
  pen_begin(&pen, "run");
  pen_number(&pen, head->run);
  pen_instant(&pen, head->created);
  pen_text(&pen, head->plan);
  pen_end(&pen);
  for (const char *const *target = receipt->unread; *target != NULL; target++) {
    pen_begin(&pen, "unread");
    pen_text(&pen, *target);
    pen_end(&pen);
  }
  for (size_t i = 0; i < receipt->n_ops; i++) {
    const ReceiptOp *op = &receipt->ops[i];
    pen_begin(&pen, "op");
    pen_text(&pen, op->target);
    pen_text(&pen, op->kind);
    pen_text(&pen, op->object);
    pen_text(&pen, op->member);
    pen_text(&pen, op->state);
    pen_end(&pen);
  }
  pen_sign(&pen, RECEIPT_PURPOSE, signer, digest);
  pen_clear(&pen);
}

// ---------------------------------------------------------------------------------------------

static bool take_of(const Paper *paper, ReceiptFile *file)
{
  ReceiptHead *head = &file->receipt.head;
  int64_t sequence = 0;
  head->segment = paper_text(paper, 0);
  head->bundle = paper_text(paper, 2);
  bool fine = paper_number(paper, 1, &sequence) && sequence > 0 && sequence <= UINT32_MAX;
  head->sequence = (uint32_t)sequence;
  return fine && head->segment != NULL && head->bundle != NULL;
}

static bool take_run(const Paper *paper, ReceiptFile *file)
{
  ReceiptHead *head = &file->receipt.head;
  head->plan = paper_text(paper, 2);
  return paper_number(paper, 0, &head->run) && paper_instant(paper, 1, &head->created) &&
         head->created != INSTANT_NONE && head->plan != NULL;
}

static bool take_unread(const Paper *paper, ReceiptFile *file)
{
  const char *target = paper_text(paper, 0);
  g_ptr_array_add(file->unread, (gpointer)target);
  return target != NULL;
}

static bool take_op(const Paper *paper, ReceiptFile *file)
{
  ReceiptOp op = {paper_text(paper, 0), paper_text(paper, 1), paper_text(paper, 2),
                  paper_text(paper, 3), paper_text(paper, 4)};
  g_array_append_val(file->ops, op);
  return op.target != NULL && op.kind != NULL && op.object != NULL && op.state != NULL;
}

static bool take_format(const Paper *paper, ReceiptFile *file)
{
  (void)file;
  int64_t format = 0;
  return paper_number(paper, 0, &format) && format == BUNDLE_FORMAT;
}

static const struct {
  const char *word;
  bool (*take)(const Paper *paper, ReceiptFile *file);
} lines[] = {{RECEIPT_PURPOSE, take_format},
             {"of", take_of},
             {"run", take_run},
             {"unread", take_unread},
             {"op", take_op}};

static bool take_line(const Paper *paper, ReceiptFile *file)
{
  for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
    if (strcmp(lines[i].word, paper->word) == 0)
      return lines[i].take(paper, file);
  return false;
}

static bool take_all(Paper *paper, ReceiptFile *file, GError **error)
{
  GError *fault = NULL;
  while (paper_next(paper, &fault))
    if (!take_line(paper, file))
      return paper_fault(paper, error);
  if (fault != NULL) {
    g_propagate_error(error, fault);
    return false;
  }
  g_ptr_array_add(file->unread, NULL);
  file->receipt.ops = (const ReceiptOp *)(const void *)file->ops->data;
  file->receipt.n_ops = file->ops->len;
  file->receipt.unread = (const char *const *)file->unread->pdata;
  return (file->receipt.head.segment != NULL && file->receipt.head.plan != NULL) ||
         paper_fault(paper, error);
}

bool receipt_parse(const char *bytes, size_t n_bytes, const char *name, const Verifier *from,
                   ReceiptFile *out, GError **error)
{
  *out = (ReceiptFile){.ops = g_array_new(FALSE, FALSE, sizeof(ReceiptOp)),
                       .unread = g_ptr_array_new()};
  Paper paper;
  bool fine = paper_open(&paper, bytes, n_bytes, name, error) &&
              paper_verify(&paper, RECEIPT_PURPOSE, from, error) && take_all(&paper, out, error);
  // What was read points there.
  out->texts = g_steal_pointer(&paper.texts);
  paper_clear(&paper);
  return fine;
}

void receipt_file_clear(ReceiptFile *file)
{
  g_clear_pointer(&file->ops, g_array_unref);
  g_clear_pointer(&file->unread, g_ptr_array_unref);
  g_clear_pointer(&file->texts, g_string_chunk_free);
}

char *receipt_segment(const char *bytes, size_t n_bytes)
{
  g_auto(Paper) paper = {0};
  if (!paper_open(&paper, bytes, n_bytes, "", NULL))
    return NULL;
  while (paper_next(&paper, NULL))
    if (strcmp(paper.word, "of") == 0)
      return g_strdup(paper_text(&paper, 0));
  return NULL;
}
