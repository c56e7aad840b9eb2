/* The texts of one case; see ctext.h. */
#include "harness/score/ctext.h"

#include <string.h>

#include "harness/base/text.h"

#define MIX 0x9e3779b97f4a7c15ULL

static uint64_t
bytes_hash(const char *p, size_t n)
{
	uint64_t h = n * MIX, w;

	while (n > 0) {
		size_t k = n < sizeof(w) ? n : sizeof(w);

		w = 0;
		memcpy(&w, p, k);
		h = (h ^ w) * MIX;
		h ^= h >> 29;
		p += k;
		n -= k;
	}
	return h;
}

void
ctexts_init(struct ctexts *t, struct arena *a)
{
	memset(t, 0, sizeof(*t));
	t->arena = a;
	t->last = &t->first;
}

static struct ctext **
slot_of(struct ctexts *t, const char *p, size_t n, uint64_t hash)
{
	size_t s = (size_t)hash & (t->cap - 1);
	struct ctext *x;

	for (; (x = t->slot[s]) != NULL; s = (s + 1) & (t->cap - 1)) {
		if (x->hash == hash && x->n == n && memcmp(x->p, p, n) == 0)
			break;
	}
	return &t->slot[s];
}

static int
grow(struct ctexts *t)
{
	size_t cap = t->cap == 0 ? 64 : t->cap * 2;
	struct ctext **slot = arena_calloc(t->arena, cap,
	    sizeof(struct ctext *));
	struct ctext *x;

	if (slot == NULL)
		return -1;
	t->slot = slot;
	t->cap = cap;
	for (x = t->first; x != NULL; x = x->next)
		*slot_of(t, x->p, x->n, x->hash) = x;
	return 0;
}

struct ctext *
ctexts_add(struct ctexts *t, const char *p, size_t n)
{
	struct ctext **slot, *x;
	uint64_t hash;

	if (p == NULL || (t->n * 2 >= t->cap && grow(t) != 0))
		return NULL;
	hash = bytes_hash(p, n);
	slot = slot_of(t, p, n, hash);
	if (*slot != NULL)
		return *slot;
	x = arena_alloc(t->arena, sizeof(*x));
	if (x == NULL)
		return NULL;
	x->p = p;
	x->n = n;
	x->hash = hash;
	*slot = x;
	*t->last = x;
	t->last = &x->next;
	t->n++;
	return x;
}

/* ---- words ------------------------------------------------------------- */

/* Words as they are found; they grow by doubling within the arena. */
struct finding {
	struct arena *a;
	struct buf *norm;	/* takes the words instead, or NULL */
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
 * letter of a spaceless script, and anything that is no letter, stands
 * alone. */
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
	for (from = 0; from < n; from = to) {
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
