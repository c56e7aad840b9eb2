/* Regular expressions over PCRE2; see regex.h. */
#include "harness/base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum {
	PATTERN_MAX = 8192,
	MATCH_LIMIT = 500000,	/* about 10 ms of backtracking */
	DEPTH_LIMIT = 5000,
	HEAP_KIB = 8192
};

struct regex {
	pcre2_code *code;
	pcre2_match_context *context;
};

struct regex *
regex_new(const char *pattern, struct err *err)
{
	struct regex *re;
	PCRE2_UCHAR what[128];
	PCRE2_SIZE at = 0;
	int code = 0;

	if (strlen(pattern) > PATTERN_MAX) {
		(void)err_set(err, RC_FORMAT, "a pattern of more than %d "
		    "bytes", PATTERN_MAX);
		return NULL;
	}
	re = calloc(1, sizeof(*re));
	if (re == NULL) {
		(void)err_set(err, RC_NOMEM, "out of memory");
		return NULL;
	}
	re->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
	    PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF |
	    PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
	if (re->code == NULL) {
		(void)pcre2_get_error_message(code, what, sizeof(what));
		(void)err_set(err, RC_FORMAT, "pattern \"%.80s\": %s at "
		    "character %zu", pattern, (const char *)what, at + 1);
		regex_free(re);
		return NULL;
	}
	/* four times as fast where the machine allows it; else as before */
	(void)pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE);
	re->context = pcre2_match_context_create(NULL);
	if (re->context == NULL) {
		(void)err_set(err, RC_NOMEM, "out of memory");
		regex_free(re);
		return NULL;
	}
	(void)pcre2_set_match_limit(re->context, MATCH_LIMIT);
	(void)pcre2_set_depth_limit(re->context, DEPTH_LIMIT);
	(void)pcre2_set_heap_limit(re->context, HEAP_KIB);
	return re;
}

void
regex_free(struct regex *re)
{
	if (re == NULL)
		return;
	pcre2_code_free(re->code);
	pcre2_match_context_free(re->context);
	free(re);
}

int
regex_find(const struct regex *re, const char *s, size_t n, size_t at,
    size_t *from, size_t *to)
{
	pcre2_match_data *md;
	PCRE2_SIZE *span;
	int rc;

	md = pcre2_match_data_create(1, NULL);
	if (md == NULL)
		return REGEX_LIMIT;
	rc = pcre2_match(re->code, (PCRE2_SPTR)s, n, at, 0, md, re->context);
	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match(re->code, (PCRE2_SPTR)s, n, at, PCRE2_NO_JIT,
		    md, re->context);
	if (rc >= 0) {
		span = pcre2_get_ovector_pointer(md);
		if (from != NULL)
			*from = span[0];
		if (to != NULL)
			*to = span[1];
	}
	pcre2_match_data_free(md);
	if (rc >= 0)
		return 1;
	return rc == PCRE2_ERROR_NOMATCH ? 0 : REGEX_LIMIT;
}
