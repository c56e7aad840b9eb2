/* Which batches of pairs were taken; see shadow_batch.h. */
#include "replay/shadow_batch.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/json.h"

static int
is_name(const char *s)
{
	return s != NULL && *s != '\0' && strlen(s) < SHADOW_BATCH_NAME;
}

/* returns b->n: it is not known */
static size_t
find(const struct shadow_batches *b, const char *member)
{
	size_t i = 0;

	while (i < b->n && strcmp(b->last[i].member, member) != 0)
		i++;
	return i;
}

int
shadow_batch_taken(const struct shadow_batches *b, const char *member,
    const char *session, int64_t n)
{
	size_t i;

	if (!is_name(member) || !is_name(session) || n < 1)
		return -1;
	i = find(b, member);
	return i < b->n && strcmp(b->last[i].session, session) == 0 &&
	    n <= b->last[i].n;
}

void
shadow_batch_take(struct shadow_batches *b, const char *member,
    const char *session, int64_t n)
{
	size_t i = find(b, member);

	if (i == b->n) {
		b->n += b->n < SHADOW_BATCHES;
		i = b->n - 1;
	}
	memmove(&b->last[1], &b->last[0], i * sizeof(b->last[0]));
	(void)snprintf(b->last[0].member, SHADOW_BATCH_NAME, "%s", member);
	(void)snprintf(b->last[0].session, SHADOW_BATCH_NAME, "%s", session);
	b->last[0].n = n;
}

void
shadow_batch_write(const struct shadow_batches *b, struct buf *out)
{
	struct json_out o;
	size_t i;

	json_out_init(&o, out, 0);
	json_out_arr(&o);
	for (i = 0; i < b->n; i++) {
		json_out_arr(&o);
		json_out_str(&o, b->last[i].member);
		json_out_str(&o, b->last[i].session);
		json_out_int(&o, b->last[i].n);
		json_out_end(&o, ']');
	}
	json_out_end(&o, ']');
}

void
shadow_batch_read(struct shadow_batches *b, const char *text, size_t n)
{
	struct json *doc = json_parse(text, n, NULL);
	const char *member, *session;
	const struct json *j;
	size_t i;

	b->n = 0;
	/* the oldest first, so that they end in the order they had */
	for (i = json_size(doc); i-- > 0;) {
		j = json_at(doc, i);
		member = json_str(json_at(j, 0));
		session = json_str(json_at(j, 1));
		if (shadow_batch_taken(b, member, session,
		    json_int(json_at(j, 2), 0)) == 0)
			shadow_batch_take(b, member, session,
			    json_int(json_at(j, 2), 0));
	}
	json_free(doc);
}
