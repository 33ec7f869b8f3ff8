// SPDX-License-Identifier: GPL-3.0-or-later
#include "intake_p.h"

#define ROSTER IN_KIND(LAYOUT_ROSTER)
#define ORDERS IN_KIND(LAYOUT_ORDERS)
#define UNITS IN_KIND(LAYOUT_UNITS)
#define REORGANISATION IN_KIND(LAYOUT_REORGANISATION)
#define PEOPLE (ROSTER | ORDERS)

const Word words[N_WORDS] = {
    [WORD_FILE_DATE] = {"file_date", FIELD_NONE, PLACE_FILE, TYPE_DATE,
                        ROSTER | ORDERS | UNITS | REORGANISATION,
                        ROSTER | ORDERS | UNITS | REORGANISATION, NULL},
    [WORD_ORDER_NUMBER] = {"order_number", FIELD_NONE, PLACE_FILE, TYPE_CODE, ORDERS, ORDERS, NULL},
    [WORD_ORDER_DATE] = {"order_date", FIELD_NONE, PLACE_FILE, TYPE_DATE, ORDERS, ORDERS, NULL},
    [WORD_ORDER_KIND] = {"order_kind", FIELD_NONE, PLACE_FILE, TYPE_CODE, ORDERS, ORDERS, NULL},
    [WORD_ORDER_TARGET] = {"order_target", FIELD_NONE, PLACE_FILE, TYPE_CODE, ORDERS, 0, NULL},
    [WORD_OLD_NUMBER] = {"old_number", FIELD_NONE, PLACE_FILE, TYPE_CODE, ORDERS, 0, NULL},
    [WORD_NUMBER] = {"number", FIELD_NUMBER, PLACE_PERSON, TYPE_CODE, PEOPLE, PEOPLE, NULL},
    [WORD_NAME] = {"name", FIELD_NAME, PLACE_PERSON, TYPE_TEXT, PEOPLE, ROSTER, NULL},
    [WORD_KANA] = {"kana", FIELD_KANA, PLACE_PERSON, TYPE_TEXT, PEOPLE, 0, NULL},
    [WORD_FORMER_NAME] = {"former_name", FIELD_FORMER_NAME, PLACE_PERSON, TYPE_TEXT, PEOPLE, 0,
                          NULL},
    [WORD_USE_FORMER] = {"use_former", FIELD_USE_FORMER, PLACE_PERSON, TYPE_CHOICE, PEOPLE, 0,
                         "0|1"},
    [WORD_BIRTH] = {"birth", FIELD_BIRTH, PLACE_PERSON, TYPE_DATE, PEOPLE, 0, NULL},
    [WORD_EMPLOYMENT] = {"employment", FIELD_EMPLOYMENT, PLACE_PERSON, TYPE_CODE, PEOPLE, 0, NULL},
    [WORD_STATE] = {"state", FIELD_STATE, PLACE_PERSON, TYPE_CHOICE, ROSTER, ROSTER,
                    "active|leave|left"},
    [WORD_HIRED] = {"hired", FIELD_HIRED, PLACE_PERSON, TYPE_DATE, PEOPLE, 0, NULL},
    [WORD_PHONE] = {"phone", FIELD_PHONE, PLACE_PERSON, TYPE_TEXT, PEOPLE, 0, NULL},
    [WORD_MAIL] = {"mail", FIELD_MAIL, PLACE_PERSON, TYPE_TEXT, PEOPLE, 0, NULL},
    [WORD_ROLE] = {"role", FIELD_ROLE, PLACE_POST, TYPE_CHOICE, ROSTER, ROSTER, "main|concurrent"},
    [WORD_UNIT] = {"unit", FIELD_UNIT, PLACE_POST, TYPE_CODE, PEOPLE, ROSTER, NULL},
    [WORD_TITLE] = {"title", FIELD_TITLE, PLACE_POST, TYPE_CODE, PEOPLE, 0, NULL},
    [WORD_TITLE_NAME] = {"title_name", FIELD_TITLE_NAME, PLACE_POST, TYPE_TEXT, PEOPLE, 0, NULL},
    [WORD_DUTY] = {"duty", FIELD_DUTY, PLACE_POST, TYPE_CODE, PEOPLE, 0, NULL},
    [WORD_CODE] = {"code", FIELD_CODE, PLACE_UNIT, TYPE_CODE, UNITS, UNITS, NULL},
    [WORD_UNIT_NAME] = {"unit_name", FIELD_UNIT_NAME, PLACE_UNIT, TYPE_TEXT, UNITS, UNITS, NULL},
    [WORD_UNIT_KANA] = {"unit_kana", FIELD_UNIT_KANA, PLACE_UNIT, TYPE_TEXT, UNITS, 0, NULL},
    [WORD_PARENT] = {"parent", FIELD_PARENT, PLACE_UNIT, TYPE_CODE, UNITS, 0, NULL},
    [WORD_ORDER] = {"order", FIELD_ORDER, PLACE_UNIT, TYPE_CODE, UNITS, 0, NULL},
    [WORD_VALID_FROM] = {"valid_from", FIELD_NONE, PLACE_FILE, TYPE_DATE, UNITS, 0, NULL},
    [WORD_VALID_TO] = {"valid_to", FIELD_NONE, PLACE_FILE, TYPE_DATE, UNITS, 0, NULL},
    [WORD_PROVISIONAL] = {"provisional", FIELD_NONE, PLACE_FILE, TYPE_CODE, UNITS, 0, NULL},
    [WORD_OLD_CODE] = {"old_code", FIELD_NONE, PLACE_FILE, TYPE_CODE, REORGANISATION, 0, NULL},
    [WORD_NEW_CODE] = {"new_code", FIELD_NONE, PLACE_FILE, TYPE_CODE, REORGANISATION, 0, NULL},
    [WORD_CHANGE] = {"change", FIELD_NONE, PLACE_FILE, TYPE_CHOICE, REORGANISATION, REORGANISATION,
                     "rename|merge|split|transfer|new|abolish|withdraw"},
    [WORD_EFFECTIVE] = {"effective", FIELD_NONE, PLACE_FILE, TYPE_DATE, REORGANISATION,
                        REORGANISATION, NULL},
    [WORD_NEW_NAME] = {"new_name", FIELD_NONE, PLACE_FILE, TYPE_TEXT, REORGANISATION, 0, NULL},
    [WORD_NEW_PARENT] = {"new_parent", FIELD_NONE, PLACE_FILE, TYPE_CODE, REORGANISATION, 0, NULL},
};

const char *const act_names[N_ACTS] = {
    [ACT_HIRE] = "hire",
    [ACT_TRANSFER] = "transfer",
    [ACT_PROMOTE] = "promote",
    [ACT_CONCURRENT] = "concurrent",
    [ACT_CONCURRENT_END] = "concurrent_end",
    [ACT_LEAVE] = "leave",
    [ACT_RETURN] = "return",
    [ACT_RETIRE] = "retire",
    [ACT_RENAME] = "rename",
    [ACT_CORRECT] = "correct",
    [ACT_CANCEL] = "cancel",
};

WordId word_find(const char *name)
{
  for (WordId word = 0; word < N_WORDS; word++)
    if (g_str_equal(words[word].name, name))
      return word;
  return WORD_NONE;
}

Act act_find(const char *name)
{
  for (Act act = 0; act < N_ACTS; act++)
    if (g_str_equal(act_names[act], name))
      return act;
  return N_ACTS;
}
