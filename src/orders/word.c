// SPDX-License-Identifier: GPL-3.0-or-later
//
// What values are called, and which fields of the ledger they are.
#include "orders_p.h"

const WordTraits word_traits[N_WORDS] = {
    [WORD_FILE_DATE] = {"file_date", FIELD_NONE, PLACE_FILE},
    [WORD_ORDER_NUMBER] = {"order_number", FIELD_NONE, PLACE_FILE},
    [WORD_ORDER_DATE] = {"order_date", FIELD_NONE, PLACE_FILE},
    [WORD_ORDER_KIND] = {"order_kind", FIELD_NONE, PLACE_FILE},
    [WORD_ORDER_TARGET] = {"order_target", FIELD_NONE, PLACE_FILE},
    [WORD_OLD_NUMBER] = {"old_number", FIELD_NONE, PLACE_FILE},
    [WORD_OLD_SPACE] = {"old_space", FIELD_NONE, PLACE_FILE},
    [WORD_END_DATE] = {"end_date", FIELD_NONE, PLACE_FILE},
    [WORD_SET] = {"set", FIELD_NONE, PLACE_FILE},
    [WORD_VERSION] = {"version", FIELD_NONE, PLACE_FILE},
    [WORD_NUMBER] = {"number", FIELD_NUMBER, PLACE_PERSON},
    [WORD_NAME] = {"name", FIELD_NAME, PLACE_PERSON},
    [WORD_KANA] = {"kana", FIELD_KANA, PLACE_PERSON},
    [WORD_FORMER_NAME] = {"former_name", FIELD_FORMER_NAME, PLACE_PERSON},
    [WORD_FORMER_KANA] = {"former_kana", FIELD_FORMER_KANA, PLACE_PERSON},
    [WORD_USE_FORMER] = {"use_former", FIELD_USE_FORMER, PLACE_PERSON},
    [WORD_BIRTH] = {"birth", FIELD_BIRTH, PLACE_PERSON},
    [WORD_EMPLOYMENT] = {"employment", FIELD_EMPLOYMENT, PLACE_PERSON},
    [WORD_STATE] = {"state", FIELD_STATE, PLACE_PERSON},
    [WORD_HIRED] = {"hired", FIELD_HIRED, PLACE_PERSON},
    [WORD_PHONE] = {"phone", FIELD_PHONE, PLACE_PERSON},
    [WORD_MAIL] = {"mail", FIELD_MAIL, PLACE_PERSON},
    [WORD_UNTIL] = {"until", FIELD_UNTIL, PLACE_PERSON},
    [WORD_OWNER] = {"owner", FIELD_OWNER, PLACE_PERSON},
    [WORD_ROMAJI] = {"romaji", FIELD_ROMAJI, PLACE_PERSON},
    [WORD_ROLE] = {"role", FIELD_ROLE, PLACE_POST},
    [WORD_UNIT] = {"unit", FIELD_UNIT, PLACE_POST},
    [WORD_TITLE] = {"title", FIELD_TITLE, PLACE_POST},
    [WORD_TITLE_NAME] = {"title_name", FIELD_TITLE_NAME, PLACE_POST},
    [WORD_DUTY] = {"duty", FIELD_DUTY, PLACE_POST},
    [WORD_SECTION] = {"section", FIELD_SECTION, PLACE_POST},
    [WORD_POST_ORDER] = {"post_order", FIELD_POST_ORDER, PLACE_POST},
    [WORD_FROM_TIME] = {"from_time", FIELD_FROM_TIME, PLACE_POST},
    [WORD_TO_TIME] = {"to_time", FIELD_TO_TIME, PLACE_POST},
    [WORD_CODE] = {"code", FIELD_CODE, PLACE_UNIT},
    [WORD_UNIT_NAME] = {"unit_name", FIELD_UNIT_NAME, PLACE_UNIT},
    [WORD_UNIT_KANA] = {"unit_kana", FIELD_UNIT_KANA, PLACE_UNIT},
    [WORD_PARENT] = {"parent", FIELD_PARENT, PLACE_UNIT},
    [WORD_ORDER] = {"order", FIELD_ORDER, PLACE_UNIT},
    [WORD_VALID_FROM] = {"valid_from", FIELD_NONE, PLACE_FILE},
    [WORD_VALID_TO] = {"valid_to", FIELD_NONE, PLACE_FILE},
    [WORD_PROVISIONAL] = {"provisional", FIELD_NONE, PLACE_FILE},
    [WORD_OLD_CODE] = {"old_code", FIELD_NONE, PLACE_FILE},
    [WORD_NEW_CODE] = {"new_code", FIELD_NONE, PLACE_FILE},
    [WORD_CHANGE] = {"change", FIELD_NONE, PLACE_FILE},
    [WORD_EFFECTIVE] = {"effective", FIELD_NONE, PLACE_FILE},
    [WORD_NEW_NAME] = {"new_name", FIELD_NONE, PLACE_FILE},
    [WORD_NEW_PARENT] = {"new_parent", FIELD_NONE, PLACE_FILE},
};

WordId word_find(const char *name)
{
  for (WordId word = 0; word < N_WORDS; word++)
    if (g_str_equal(word_traits[word].name, name))
      return word;
  return WORD_NONE;
}
