// SPDX-License-Identifier: GPL-3.0-or-later
#include "apply_p.h"

// How each standing is written, where it is counted, and what it means for those that wait.
static const struct {
  const char *word;
  size_t count;      // in ApplyCounts
  Stand dependents;  // WAITING = go on
} rows[N_STANDS] = {
    [STAND_WAITING] = {"pending", 0, STAND_WAITING},
    [STAND_SENT] = {"sent", 0, STAND_WAITING},
    [STAND_DONE] = {"done", offsetof(ApplyCounts, done), STAND_WAITING},
    [STAND_ALREADY] = {"already", offsetof(ApplyCounts, already), STAND_WAITING},
    [STAND_REFUSED] = {"refused", offsetof(ApplyCounts, refused), STAND_BLOCKED},
    [STAND_FAILED] = {"failed", offsetof(ApplyCounts, failed), STAND_BLOCKED},
    [STAND_UNKNOWN] = {"unknown", offsetof(ApplyCounts, unknown), STAND_BLOCKED},
    [STAND_SCHEDULED] = {"scheduled", offsetof(ApplyCounts, scheduled), STAND_SCHEDULED},
    [STAND_HELD] = {"held", offsetof(ApplyCounts, held), STAND_BLOCKED},
    [STAND_BLOCKED] = {"blocked", offsetof(ApplyCounts, blocked), STAND_BLOCKED},
    [STAND_RECEIPT] = {"receipt", offsetof(ApplyCounts, sent), STAND_SCHEDULED},
    [STAND_SKIPPED] = {"skipped", offsetof(ApplyCounts, skipped), STAND_BLOCKED},
};

static bool succeeded(Stand stand)
{
  return stand == STAND_DONE || stand == STAND_ALREADY;
}

// Whether `waiting` may go on though `earlier` is only sent. The system that took the one takes the other after it; in
// other systems nothing that takes rights away waits for a file to be imported, and all else does: it may need
// what is not there yet, or take away what nobody gives back. What hands have to do is not done by being given out.
static bool passes_receipt(const Op *earlier, const Op *waiting)
{
  if (op_traits(earlier->kind)->local || waiting->kind == OP_LIFT)
    return false;
  return g_str_equal(earlier->target, waiting->target) || waiting->kind == OP_DISABLE ||
         waiting->kind == OP_LEAVE;
}

static bool may_go_on(const Book *book, uint32_t earlier, uint32_t waiting)
{
  Stand stand = book_stand(book, earlier);
  return succeeded(stand) ||
         (stand == STAND_RECEIPT &&
          passes_receipt(plan_op(book->plan, earlier), plan_op(book->plan, waiting)));
}

bool book_took_effect(Stand stand)
{
  return succeeded(stand) || stand == STAND_RECEIPT;
}

const char *book_word(Stand stand)
{
  return rows[stand].word;
}

bool book_stand_of(const char *word, Stand *out)
{
  for (unsigned stand = 0; stand < N_STANDS; stand++) {
    if (!g_str_equal(word, rows[stand].word))
      continue;
    *out = stand;
    return true;
  }
  return false;
}

static void link_dependents(Book *book)
{
  for (uint32_t n = 1; n <= book->n_ops; n++) {
    const Op *op = plan_op(book->plan, n);
    book->n_missing[n - 1] = (uint32_t)op->n_after;
    for (size_t i = 0; i < op->n_after; i++)
      book->first[op->after[i]]++;
  }
  for (uint32_t n = 1; n <= book->n_ops; n++)
    book->first[n] += book->first[n - 1];
  book->waiting = g_new(uint32_t, book->first[book->n_ops] + 1);
  g_autofree uint32_t *next = g_memdup2(book->first, (book->n_ops + 1) * sizeof *book->first);
  for (uint32_t n = 1; n <= book->n_ops; n++) {
    const Op *op = plan_op(book->plan, n);
    for (size_t i = 0; i < op->n_after; i++)
      book->waiting[next[op->after[i] - 1]++] = n;
  }
}

Book *book_new(const Plan *plan, Journal *journal)
{
  Book *book = g_new0(Book, 1);
  book->plan = plan;
  book->journal = journal;
  book->n_ops = (uint32_t)plan_n_ops(plan);
  book->stands = g_new0(uint8_t, book->n_ops + 1);
  book->n_missing = g_new0(uint32_t, book->n_ops + 1);
  book->first = g_new0(uint32_t, book->n_ops + 1);
  book->ready = g_array_new(false, false, sizeof(uint32_t));
  link_dependents(book);
  return book;
}

void book_free(Book *book)
{
  if (!book)
    return;
  g_free(book->stands);
  g_free(book->n_missing);
  g_free(book->first);
  g_free(book->waiting);
  g_array_unref(book->ready);
  g_free(book);
}

Stand book_stand(const Book *book, uint32_t n)
{
  return book->stands[n - 1];
}

void book_put(Book *book, uint32_t n, Stand stand)
{
  book->stands[n - 1] = (uint8_t)stand;
}

static void release_dependents(Book *book, uint32_t n)
{
  for (uint32_t i = book->first[n - 1]; i < book->first[n]; i++) {
    uint32_t waiting = book->waiting[i];
    if (!may_go_on(book, n, waiting))
      continue;
    if (--book->n_missing[waiting - 1] == 0 && book_stand(book, waiting) == STAND_WAITING)
      book_push(book, waiting);
  }
}

static void block(Book *book, uint32_t n, uint32_t cause)
{
  Stand stand = book_stand(book, cause);
  Ending ending = {.n = n, .stand = rows[stand].dependents};
  ending.detail =
      stand == STAND_RECEIPT
          ? g_strdup_printf(_("waits for the receipt of operation %u"), cause)
          : g_strdup_printf(_("waits for operation %u, which is %s"), cause, book_word(stand));
  book_put(book, n, ending.stand);
  journal_end(book->journal, &ending);
}

// Everything that waits for `n`, and what waits for that. The list instead of recursion, because a
// chain may be as long as the plan.
static void block_dependents(Book *book, uint32_t n)
{
  g_autoptr(GArray) causes = g_array_new(false, false, sizeof(uint32_t));
  g_array_append_val(causes, n);
  for (guint at = 0; at < causes->len; at++) {
    uint32_t cause = g_array_index(causes, uint32_t, at);
    for (uint32_t i = book->first[cause - 1]; i < book->first[cause]; i++) {
      uint32_t waiting = book->waiting[i];
      if (book_stand(book, waiting) != STAND_WAITING || may_go_on(book, cause, waiting))
        continue;
      block(book, waiting, cause);
      g_array_append_val(causes, waiting);
    }
  }
}

void book_follow(Book *book, uint32_t n, Stand stand)
{
  book_put(book, n, stand);
  if (succeeded(stand) || stand == STAND_RECEIPT)
    release_dependents(book, n);
  if (rows[stand].dependents != STAND_WAITING)
    block_dependents(book, n);
}

void book_settle(Book *book, const Ending *ending)
{
  journal_end(book->journal, ending);
  book_follow(book, ending->n, ending->stand);
}

void book_bar(Book *book, uint32_t n)
{
  const Op *op = plan_op(book->plan, n);
  for (size_t i = 0; i < op->n_after && book_stand(book, n) == STAND_WAITING; i++) {
    if (rows[book_stand(book, op->after[i])].dependents == STAND_WAITING ||
        may_go_on(book, op->after[i], n))
      continue;
    block(book, n, op->after[i]);
    block_dependents(book, n);
  }
}

// ---------------------------------------------------------------------------------------------
// The heap.

static void swap(uint32_t *a, uint32_t *b)
{
  uint32_t keep = *a;
  *a = *b;
  *b = keep;
}

void book_push(Book *book, uint32_t n)
{
  g_array_append_val(book->ready, n);
  uint32_t *heap = (uint32_t *)(void *)book->ready->data;
  for (guint at = book->ready->len - 1; at > 0 && heap[at] < heap[(at - 1) / 2]; at = (at - 1) / 2)
    swap(&heap[at], &heap[(at - 1) / 2]);
}

uint32_t book_pop(Book *book)
{
  guint n = book->ready->len;
  if (n == 0)
    return 0;
  uint32_t *heap = (uint32_t *)(void *)book->ready->data;
  uint32_t top = heap[0];
  heap[0] = heap[--n];
  g_array_set_size(book->ready, n);
  for (guint at = 0, child = 1; child < n; at = child, child = 2 * at + 1) {
    if (child + 1 < n && heap[child + 1] < heap[child])
      child++;
    if (heap[at] <= heap[child])
      break;
    swap(&heap[at], &heap[child]);
  }
  return top;
}

// ---------------------------------------------------------------------------------------------

static void count(ApplyCounts *counts, Stand stand)
{
  (*(int64_t *)(void *)((char *)counts + rows[stand].count))++;
}

void book_count(const Book *book, ApplyCounts *total, ApplyCounts *by_kind)
{
  for (uint32_t n = 1; n <= book->n_ops; n++) {
    Stand stand = book_stand(book, n);
    if (stand == STAND_WAITING || stand == STAND_SENT)
      continue;
    count(total, stand);
    count(&by_kind[plan_op(book->plan, n)->kind], stand);
  }
}
