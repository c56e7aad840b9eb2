/* The texts of one case; see ctext.h. */
#include "harness/score/ctext.h"

#include <string.h>

#include "harness/base/text.h"

#define MIX 0x9e3779b97f4a7c15ULL

static uint64_t
mix(uint64_t h, uint64_t w)
{
	h = (h ^ w) * MIX;
	return h ^ h >> 29;
}

static uint64_t
bytes_hash(const char *p, size_t n)
{
	uint64_t h = n * MIX, w;

	for (; n >= sizeof(w); p += sizeof(w), n -= sizeof(w)) {
		memcpy(&w, p, sizeof(w));
		h = mix(h, w);
	}
	w = 0;
	memcpy(&w, p, n);
	return n > 0 ? mix(h, w) : h;
}

void
ctexts_init(struct ctexts *t, struct arena *a)
{
	memset(t, 0, sizeof(*t));
	t->arena = a;
}

struct bytes {
	const char *p;
	size_t n;
};

static int
same_bytes(const void *ctx, const void *key, uint32_t at)
{
	const struct ctext *x = ((struct ctext *const *)ctx)[at];
	const struct bytes *b = key;

	return x->n == b->n && memcmp(x->p, b->p, b->n) == 0;
}

/* What it had stays behind in the arena. */
static int
grow(struct ctexts *t)
{
	size_t cap = t->cap == 0 ? 32 : t->cap * 2;
	size_t slots = table_slots(cap);
	struct ctext **v = arena_calloc(t->arena, cap, sizeof(*v));
	uint64_t *slot = arena_calloc(t->arena, slots, sizeof(*slot));
	struct table table;

	if (v == NULL || slot == NULL)
		return -1;
	table_over(&table, slot, slots);
	table_copy(&table, &t->table);
	if (t->cap > 0)
		memcpy((void *)v, (void *)t->v, t->cap * sizeof(*v));
	t->table = table;
	t->v = v;
	t->cap = cap;
	return 0;
}

struct ctext *
ctexts_add(struct ctexts *t, const char *p, size_t n)
{
	const struct bytes key = { p, n };
	struct ctext *x;
	uint64_t hash;
	uint32_t at;

	if (p == NULL)
		return NULL;
	hash = bytes_hash(p, n);
	at = table_find(&t->table, hash, same_bytes, t->v, &key);
	if (at != TABLE_NONE)
		return t->v[at];
	if (t->table.n == t->cap && grow(t) != 0)
		return NULL;
	x = arena_alloc(t->arena, sizeof(*x));
	if (x == NULL)
		return NULL;
	x->p = p;
	x->n = n;
	t->v[t->table.n] = x;
	table_put(&t->table, hash, t->table.n);
	return x;
}

/* ---- words ------------------------------------------------------------- */

/* Words as they are found; they grow by doubling within the arena. */
struct finding {
	struct arena *a;
	struct buf *norm;	/* takes the words instead, or NULL */
	ctext_word_fn *each;	/* the same */
	void *ctx;
	int stop;
	uint64_t *hash;
	uint32_t *from, *to;
	size_t n, cap;
};

static int
find_room(struct finding *f)
{
	size_t cap = f->cap == 0 ? 128 : f->cap * 2;
	uint64_t *hash = arena_calloc(f->a, cap, sizeof(*hash));
	uint32_t *from = arena_calloc(f->a, cap, sizeof(*from));
	uint32_t *to = arena_calloc(f->a, cap, sizeof(*to));

	if (hash == NULL || from == NULL || to == NULL)
		return -1;
	if (f->n > 0) {
		memcpy(hash, f->hash, f->n * sizeof(*hash));
		memcpy(from, f->from, f->n * sizeof(*from));
		memcpy(to, f->to, f->n * sizeof(*to));
	}
	f->hash = hash;
	f->from = from;
	f->to = to;
	f->cap = cap;
	return 0;
}

static void
found_word(struct finding *f, const char *word, size_t len, size_t from,
    size_t to)
{
	if (f->norm != NULL) {
		buf_add(f->norm, word, len);
		buf_putc(f->norm, ' ');
		return;
	}
	if (f->each != NULL) {
		f->stop = f->stop || f->each(f->ctx, bytes_hash(word, len),
		    (uint32_t)from, (uint32_t)to);
		return;
	}
	if (f->n == f->cap && find_room(f) != 0)
		return;
	f->hash[f->n] = bytes_hash(word, len);
	f->from[f->n] = (uint32_t)from;
	f->to[f->n++] = (uint32_t)to;
}

static int
ascii_word(unsigned char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* A run that is all ASCII: the hot path. Longer words come in pieces. */
static void
found_ascii(struct finding *f, const char *s, size_t from, size_t to)
{
	char word[TEXT_CHUNK];
	size_t i, len;

	for (; from < to; from += len) {
		len = to - from < TEXT_CHUNK ? to - from : TEXT_CHUNK;
		for (i = 0; i < len; i++) {
			char c = s[from + i];

			if (c >= 'A' && c <= 'Z')
				c = (char)(c | 32);
			word[i] = c;
		}
		found_word(f, word, len, from, from + len);
	}
}

/* A run with other characters in it: folded by text.h, which may split it
 * once more; all pieces keep the run's place. */
static void
found_unicode(struct finding *f, const char *s, size_t from, size_t to)
{
	struct text_words it;
	const char *word;
	size_t len;

	text_words_init(&it, s + from, to - from);
	while (text_words_next(&it, &word, &len))
		found_word(f, word, len, from, to);
}

/* The end of the run of letters at from; *ascii when it has no others. A
 * letter of a script without spaces, and anything that is not a letter, is
 * separate. */
static size_t
run_end(const char *s, size_t from, size_t n, int *ascii)
{
	const char *p = s + from, *end = s + n, *before;
	int32_t cp;

	*ascii = 1;
	while (p < end) {
		before = p;
		if (ascii_word((unsigned char)*p)) {
			p++;
			continue;
		}
		if ((unsigned char)*p < 0x80)
			return before == s + from ? from + 1 :
			    (size_t)(before - s);
		cp = text_next(&p, end);
		if (before != s + from && text_is_inside(cp)) {
			*ascii = 0;
			continue;
		}
		if (cp < 0 || !text_is_letter(cp) || text_is_spaceless(cp)) {
			if (before != s + from)
				return (size_t)(before - s);
			*ascii = cp < 0;
			return (size_t)(p - s);
		}
		*ascii = 0;
	}
	return n;
}

static void
find_words(struct finding *f, const char *s, size_t n)
{
	size_t from, to;
	int ascii;

	/* places are 32 bits; no limit above lets a text grow so long */
	n = n < UINT32_MAX ? n : UINT32_MAX;
	for (from = 0; from < n && !f->stop; from = to) {
		to = run_end(s, from, n, &ascii);
		if (!ascii)
			found_unicode(f, s, from, to);
		else if (ascii_word((unsigned char)s[from]) ||
		    s[from] == '$')
			found_ascii(f, s, from, to);
	}
}

const struct ctext_words *
ctext_words(struct ctext *x, struct arena *a)
{
	static const struct ctext_words none;
	struct finding f = { .a = a };
	struct ctext_words *w;

	if (x->words != NULL)
		return x->words;
	find_words(&f, x->p, x->n);
	w = arena_alloc(a, sizeof(*w));
	if (w == NULL)
		return &none;
	*w = (struct ctext_words){ f.n, f.hash, f.from, f.to };
	x->words = w;
	return w;
}

void
ctext_each(const struct ctext *x, ctext_word_fn *each, void *ctx)
{
	struct finding f = { .each = each, .ctx = ctx };

	find_words(&f, x->p, x->n);
}

const char *
ctext_norm(struct ctext *x, struct arena *a)
{
	struct finding f = { .a = a };
	struct buf b;

	if (x->norm != NULL)
		return x->norm;
	buf_init(&b, x->n * 20 + 64);
	f.norm = &b;
	buf_putc(&b, ' ');
	find_words(&f, x->p, x->n);
	x->norm = arena_strn(a, buf_str(&b), b.len);
	x->norm_n = x->norm == NULL ? 0 : b.len;
	if (b.bad != RC_OK)
		a->bad = 1;
	buf_fini(&b);
	return x->norm == NULL ? " " : x->norm;
}
