/*
 * Words of manifests that operators already have (GUARDRAILS "Manifest words
 * users already have"): accepted with these meanings beside our own keys.
 */
#ifndef LOCKSTEP_SUITE_WORDS_H
#define LOCKSTEP_SUITE_WORDS_H

#include <stddef.h>

#include "harness/suite/suite_keys.h"

extern const struct suite_key suite_words[];
extern const size_t suite_words_n;

#endif
