// SPDX-License-Identifier: GPL-3.0-or-later
//
// Templates: text with ${name|filter:argument|…} in it. Parsed once; evaluating allocates nothing
// once the buffers have grown.
#include "mapping_p.h"

#include <string.h>

#define MAX_SLOTS 64
#define MAX_CALLS 16

// ---------------------------------------------------------------------------------------------
// Parsing.

typedef struct Parser {
  Library *library;
  const char *text;
  const char *at;
  Spot spot;
  bool faulty;
} Parser;

G_GNUC_PRINTF(4, 5)
static void fault(Parser *parser, const char *at, const char *code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *text = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  parser->faulty = true;
  Finding finding = {.level = FINDING_ERROR,
                     .code = code,
                     .file = parser->spot.file,
                     .line = parser->spot.line,
                     .column = parser->spot.column + g_utf8_strlen(parser->text, at - parser->text),
                     .value = parser->text};
  findings_add(parser->library->findings, &finding, "%s", text);
}

static bool is_name_char(char c)
{
  // Names may be Japanese: a site's own fields are called what its people call them.
  return g_ascii_isalnum(c) || c == '_' || c == '.' || c == '-' || (unsigned char)c >= 0x80;
}

static const char *take_word(Parser *parser)
{
  const char *start = parser->at;
  while (is_name_char(*parser->at))
    parser->at++;
  return library_text(parser->library, start, (size_t)(parser->at - start));
}

// '…' or "…"; the quote itself is written twice. Backslashes stay: they belong to patterns.
static const char *take_quoted(Parser *parser)
{
  char quote = *parser->at;
  const char *start = parser->at++;
  g_autoptr(GString) text = g_string_new(NULL);
  for (; *parser->at; parser->at++) {
    if (*parser->at != quote) {
      g_string_append_c(text, *parser->at);
    } else if (parser->at[1] == quote) {
      g_string_append_c(text, *parser->at++);
    } else {
      parser->at++;
      return library_text(parser->library, text->str, text->len);
    }
  }
  fault(parser, start, "template-quote", _("this quote is not closed"));
  return "";
}

static const char *take_argument(Parser *parser)
{
  if (*parser->at == '\'' || *parser->at == '"')
    return take_quoted(parser);
  size_t n_bytes = strcspn(parser->at, ":|}");
  const char *start = parser->at;
  parser->at += n_bytes;
  return library_text(parser->library, start, n_bytes);
}

static void check_arguments(Parser *parser, Call *call, unsigned n_args, const char *at)
{
  const Filter *filter = call->filter;
  if (n_args < filter->min_args || n_args > filter->max_args) {
    fault(parser, at, "filter-arguments", _("the filter is written %s"), filter->usage);
    return;
  }
  call->n_args = n_args;
  const char *reason;
  if (!filter_prepare(parser->library, call, &reason))
    fault(parser, at, "filter-arguments", "%s: %s", filter->name, reason);
}

static void take_call(Parser *parser, Call *call)
{
  const char *start = parser->at;
  const char *name = take_word(parser);
  call->filter = filter_find(name);
  if (!call->filter)
    fault(parser, start, "filter-unknown", _("there is no filter “%s”"), name);
  unsigned n_args = 0;
  while (*parser->at == ':') {
    parser->at++;
    const char *argument = take_argument(parser);
    if (n_args < FILTER_MAX_ARGS)
      call->args[n_args] = argument;
    n_args++;
  }
  if (call->filter && !parser->faulty)
    check_arguments(parser, call, n_args, start);
}

static void take_calls(Parser *parser, Slot *slot)
{
  Call calls[MAX_CALLS] = {0};
  unsigned n_calls = 0;
  while (*parser->at == '|' && !parser->faulty) {
    if (n_calls == MAX_CALLS) {
      fault(parser, parser->at, "template-syntax", _("too many filters"));
      return;
    }
    parser->at++;
    take_call(parser, &calls[n_calls++]);
  }
  if (n_calls == 0)
    return;
  Call *kept = library_alloc(parser->library, n_calls * sizeof *kept);
  memcpy(kept, calls, n_calls * sizeof *kept);
  slot->calls = kept;
  slot->n_calls = n_calls;
}

// After "${".
static void take_value(Parser *parser, Slot *slot)
{
  const char *start = parser->at;
  slot->column = (int)g_utf8_strlen(parser->text, start - parser->text) + 1;
  const char *name = take_word(parser);
  if (!*name) {
    fault(parser, start, "template-syntax", _("${ must be followed by a name"));
    return;
  }
  slot->name = library_name(parser->library, name);
  if (*parser->at == '?') {
    slot->optional = true;
    parser->at++;
  }
  take_calls(parser, slot);
  if (parser->faulty)
    return;
  if (*parser->at != '}') {
    fault(parser, parser->at, "template-syntax", _("“}” is missing here, or “|” before a filter"));
    return;
  }
  parser->at++;
}

// "$${" stands for "${"; a lone "$" for itself.
static void take_literal(Parser *parser, Slot *slot)
{
  g_autoptr(GString) text = g_string_new(NULL);
  for (; *parser->at; parser->at++) {
    if (strncmp(parser->at, "$${", 3) == 0) {
      g_string_append(text, "${");
      parser->at += 2;
      continue;
    }
    if (parser->at[0] == '$' && parser->at[1] == '{')
      break;
    g_string_append_c(text, *parser->at);
  }
  slot->literal = library_text(parser->library, text->str, text->len);
  slot->n_literal = (uint32_t)text->len;
}

const Template *template_parse(Library *library, const char *text, const Spot *spot)
{
  Parser parser = {.library = library, .text = text, .at = text, .spot = *spot};
  Slot slots[MAX_SLOTS];
  unsigned n_slots = 0;
  do {
    if (n_slots == MAX_SLOTS) {
      fault(&parser, parser.at, "template-syntax", _("too many values in one template"));
      return NULL;
    }
    Slot *slot = &slots[n_slots++];
    *slot = (Slot){.name = SLOT_TEXT};
    take_literal(&parser, slot);
    if (!*parser.at)
      break;
    parser.at += 2;
    take_value(&parser, slot);
  } while (*parser.at && !parser.faulty);
  if (parser.faulty)
    return NULL;
  Template *template = library_alloc(library, sizeof *template);
  Slot *kept = library_alloc(library, n_slots * sizeof *kept);
  memcpy(kept, slots, n_slots * sizeof *kept);
  *template = (Template){.text = library_text(library, text, strlen(text)),
                         .spot = *spot,
                         .slots = kept,
                         .n_slots = n_slots};
  return template;
}

bool template_is_literal(const Template *template)
{
  return template->n_slots == 1 && template->slots[0].name == SLOT_TEXT;
}

uint16_t template_bare(const Template *template)
{
  const Slot *slot = &template->slots[0];
  return template->n_slots == 1 && slot->n_literal == 0 && slot->n_calls == 0 ? slot->name
                                                                              : SLOT_TEXT;
}

bool template_uses(const Template *template, uint16_t name)
{
  for (unsigned i = 0; i < template->n_slots; i++)
    if (template->slots[i].name == name)
      return name != SLOT_TEXT;
  return false;
}

// ---------------------------------------------------------------------------------------------
// Evaluating.

void evaluator_init(Evaluator *evaluator, const Library *library, NameFunc get, void *scope)
{
  *evaluator = (Evaluator){.library = library,
                           .get = get,
                           .scope = scope,
                           .scratch = {g_string_sized_new(256), g_string_sized_new(256)},
                           .problem = g_string_sized_new(256)};
}

void evaluator_clear(Evaluator *evaluator)
{
  for (unsigned i = 0; i < 2; i++)
    if (evaluator->scratch[i])
      g_string_free(evaluator->scratch[i], true);
  if (evaluator->problem)
    g_string_free(evaluator->problem, true);
  *evaluator = (Evaluator){0};
}

// Runs the filters. *value is NULL while the value is missing; each filter reads the buffer that the
// one before it wrote.
static Got run_calls(const Slot *slot, Evaluator *evaluator, const char **value)
{
  unsigned next = 0;
  for (unsigned i = 0; i < slot->n_calls; i++) {
    const Call *call = &slot->calls[i];
    if (!call->filter->takes_missing && (!*value || !**value))
      continue;
    GString *out = evaluator->scratch[next];
    g_string_truncate(out, 0);
    Got got = call->filter->run(call, *value, out, evaluator->problem);
    if (got == GOT_FAULT) {
      evaluator->code = call->filter->degrades ? "character-undecided" : NULL;
      return got;
    }
    *value = got == GOT_TEXT ? out->str : NULL;
    next = 1 - next;
  }
  return GOT_TEXT;
}

static Got missing(const Slot *slot, Evaluator *evaluator)
{
  if (slot->optional)
    return GOT_NOTHING;
  const char *name = evaluator->library->names->pdata[slot->name];
  if (evaluator->problem->len)  // whoever was asked has said why
    return GOT_FAULT;
  g_string_printf(evaluator->problem,
                  _("“%s” is missing: supply it, or write ${%s?} where it may be missing"), name,
                  name);
  return GOT_FAULT;
}

Got template_eval(const Template *template, Evaluator *evaluator, GString *out)
{
  evaluator->code = NULL;
  for (unsigned i = 0; i < template->n_slots; i++) {
    const Slot *slot = &template->slots[i];
    g_string_append_len(out, slot->literal, slot->n_literal);
    if (slot->name == SLOT_TEXT)
      break;
    g_string_truncate(evaluator->problem, 0);
    const char *value = evaluator->get(evaluator->scope, slot->name);
    if (slot->n_calls && run_calls(slot, evaluator, &value) == GOT_FAULT)
      return GOT_FAULT;
    if (!value)
      return missing(slot, evaluator);
    g_string_append(out, value);
  }
  return GOT_TEXT;
}
