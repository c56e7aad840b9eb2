/*
 * Private to the tables of keys: the parts that suite_key_at() walks through.
 */
#ifndef LOCKSTEP_SUITE_KEYS_PART_H
#define LOCKSTEP_SUITE_KEYS_PART_H

#include "harness/suite/suite_keys.h"

extern const struct suite_key suite_own_keys[];	/* suite_keys.c */
extern const size_t suite_own_keys_n;
extern const struct suite_key case_keys[];	/* case_keys.c */
extern const size_t case_keys_n;
extern const struct suite_key drill_keys[];	/* suite_drill_keys.c */
extern const size_t drill_keys_n;

#endif
