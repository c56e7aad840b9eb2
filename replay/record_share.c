/* Which exchanges a recording keeps; see record_share.h. */
#include "replay/record_share.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/hash.h"
#include "harness/base/rng.h"

int
record_share_init(struct record_share *s, double share, const char *sticky,
    struct err *err)
{
	memset(s, 0, sizeof(*s));
	s->share = share;
	hash_random(&s->seed, sizeof(s->seed));
	if (sticky == NULL)
		return RC_OK;
	if (strncmp(sticky, "header:", 7) == 0 && sticky[7] != '\0') {
		s->header = sticky + 7;
		return RC_OK;
	}
	if (*sticky != '/')
		return err_set(err, RC_USAGE, "--sticky \"%s\" is neither "
		    "header:NAME nor a pointer into the body (/user/id)",
		    sticky);
	s->ptr = json_ptr_new(sticky, err);
	return s->ptr == NULL ? (int)err->code : RC_OK;
}

void
record_share_fini(struct record_share *s)
{
	json_ptr_free(s->ptr);
	s->ptr = NULL;
}

/* A number of 64 bits against the share. */
static int
is_in(const struct record_share *s, uint64_t v)
{
	return (double)(v >> 11) * 0x1p-53 < s->share;
}

/* How many of the first n blocks are kept; their rests add up. */
static uint64_t
kept_by(const struct record_share *s, uint64_t blocks)
{
	double phase = (double)(s->seed >> 11) * 0x1p-53;

	return (uint64_t)((double)blocks * RECORD_SHARE_BLOCK * s->share +
	    phase);
}

/* By chance: what has nothing to stick to. */
static int
by_chance(struct record_share *s)
{
	uint64_t block = s->n / RECORD_SHARE_BLOCK;
	size_t at = s->n++ % RECORD_SHARE_BLOCK;

	if (at == 0) {
		rng_permute(s->seed, block, s->order, RECORD_SHARE_BLOCK);
		s->quota = (uint32_t)(kept_by(s, block + 1) -
		    kept_by(s, block));
	}
	return s->order[at] < s->quota;
}

int
record_share_head(struct record_share *s, const struct ex_header *h,
    size_t n)
{
	size_t i;

	if (s->share >= 1)
		return 1;
	if (s->ptr != NULL)
		return -1;
	for (i = 0; s->header != NULL && i < n; i++) {
		if (strcasecmp(h[i].name, s->header) == 0)
			return is_in(s, hash_u64(h[i].value,
			    strlen(h[i].value)));
	}
	return by_chance(s);
}

int
record_share_body(struct record_share *s, const struct ex_bytes *body)
{
	struct json *doc = body->p == NULL ? NULL :
	    json_parse(body->p, body->n, NULL);
	const struct json *at = json_ptr_find(s->ptr, doc);
	struct buf b;
	const char *word;
	int in;

	buf_init(&b, 1 << 16);
	word = json_word(at, &b);
	in = word == NULL ? by_chance(s) :
	    is_in(s, hash_u64(word, strlen(word)));
	buf_fini(&b);
	json_free(doc);
	return in;
}
