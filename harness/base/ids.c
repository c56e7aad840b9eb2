/* What a report can show of an id; see ids.h. */
#include "harness/base/ids.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/text.h"

enum { SHOWN_MAX = 1 << 20, SLOTS_FIRST = 64 };

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
	free(s->key);
	free(s->line);
	id_set_init(s);
}

static uint64_t
key_of(const char *shown)
{
	uint64_t h = hash_table(shown, strlen(shown));

	return h == 0 ? 1 : h;
}

static size_t
slot_of(const struct id_set *s, uint64_t key)
{
	size_t at = (size_t)key & (s->cap - 1);

	while (s->key[at] != 0 && s->key[at] != key)
		at = (at + 1) & (s->cap - 1);
	return at;
}

uint32_t
id_set_find(const struct id_set *s, const char *shown)
{
	size_t at;

	if (s->n == 0)
		return 0;
	at = slot_of(s, key_of(shown));
	return s->key[at] == 0 ? 0 : s->line[at];
}

static int
grow(struct id_set *s)
{
	struct id_set new = *s;
	size_t i, at;

	new.cap = s->cap == 0 ? SLOTS_FIRST : s->cap * 2;
	new.key = calloc(new.cap, sizeof(*new.key));
	new.line = calloc(new.cap, sizeof(*new.line));
	if (new.key == NULL || new.line == NULL) {
		free(new.key);
		free(new.line);
		return -1;
	}
	for (i = 0; i < s->cap; i++) {
		if (s->key[i] == 0)
			continue;
		at = slot_of(&new, s->key[i]);
		new.key[at] = s->key[i];
		new.line[at] = s->line[i];
	}
	free(s->key);
	free(s->line);
	*s = new;
	return 0;
}

int
id_set_add(struct id_set *s, const char *shown, uint32_t line)
{
	uint64_t key = key_of(shown);
	size_t at;

	if (s->n * 2 >= s->cap && grow(s) != 0)
		return -1;
	at = slot_of(s, key);
	s->n += s->key[at] == 0;
	s->key[at] = key;
	s->line[at] = line;
	return 0;
}
