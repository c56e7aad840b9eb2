/* What a report can show of an id; see ids.h. */
#include "harness/base/ids.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/text.h"

enum { SHOWN_MAX = 1 << 20 };

int
id_is_plain(const char *id)
{
	for (; *id > ' ' && *id < 0x7f; id++)
		;
	return *id == '\0';
}

/* Fillers that Unicode counts among letters, marks and symbols. */
static int
is_filler(int32_t cp)
{
	return cp == 0x115f || cp == 0x1160 || cp == 0x2800 ||
	    cp == 0x3164 || cp == 0xffa0;
}

/* Joiners and selectors that are marks, not format characters. */
static int
is_unseen(int32_t cp)
{
	int private = cp >= 0xe000 && cp <= 0xf8ff;

	if (text_is_space(cp))
		return 0;
	return (text_is_control(cp) && !private) || cp == 0x34f ||
	    (cp >= 0x180b && cp <= 0x180f) ||
	    (cp >= 0xfe00 && cp <= 0xfe0f) ||
	    (cp >= 0xe0000 && cp <= 0xe0fff);
}

void
id_shown(const char *id, struct buf *out)
{
	const char *p = id, *end = id + strlen(id);
	struct buf seen;
	int32_t cp;
	char utf8[4];
	int gap = 0;

	buf_init(&seen, SHOWN_MAX);
	while (p < end) {
		cp = text_next(&p, end);
		if (cp < 0 || is_unseen(cp))
			continue;
		if (text_is_space(cp) || is_filler(cp)) {
			gap = seen.len > 0;
			continue;
		}
		if (gap)
			buf_putc(&seen, ' ');
		gap = 0;
		buf_add(&seen, utf8, text_put(cp, utf8));
	}
	if (text_normalise(buf_str(&seen), seen.len, TEXT_NFC, out, NULL) !=
	    RC_OK)
		buf_puts(out, buf_str(&seen));
	buf_fini(&seen);
}

void
id_set_init(struct id_set *s)
{
	memset(s, 0, sizeof(*s));
}

void
id_set_fini(struct id_set *s)
{
	table_fini(&s->table);
	free(s->v);
	id_set_init(s);
}

/* Two that share all 64 bits of a hash that nobody can aim at are one. */
static int
same_key(const void *ctx, const void *key, uint32_t at)
{
	const struct id_seen *v = ctx;

	return v[at].key == *(const uint64_t *)key;
}

static uint32_t
find_key(const struct id_set *s, uint64_t key)
{
	return table_find(&s->table, key, same_key, s->v, &key);
}

uint32_t
id_set_find(const struct id_set *s, const char *shown)
{
	uint32_t at = find_key(s, hash_table(shown, strlen(shown)));

	return at == TABLE_NONE ? 0 : s->v[at].line;
}

int
id_set_add(struct id_set *s, const char *shown, uint32_t line)
{
	uint64_t key = hash_table(shown, strlen(shown));
	uint32_t at = find_key(s, key);
	struct id_seen *v;

	if (at != TABLE_NONE) {
		s->v[at].line = line;
		return 0;
	}
	if (s->table.n == s->cap) {
		v = table_grow(&s->table, s->v, &s->cap, sizeof(*v));
		if (v == NULL)
			return -1;
		s->v = v;
	}
	s->v[s->table.n] = (struct id_seen){ key, line };
	table_put(&s->table, key, s->table.n);
	return 0;
}
