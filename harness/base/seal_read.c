/* Reading sealed files; see seal.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/seal_part.h"

enum { CHUNK = 64 << 10 };

struct segment {
	uint64_t file_at;	/* of its first byte */
	uint64_t at, n;		/* its text */
	uint64_t number;
	int hole;		/* no segment: what should be there is not */
};

struct seal_file {
	int fd;
	char *name;
	unsigned char key[SEAL_KEY], id[SEAL_ID];
	uint64_t bytes;		/* of the file */
	uint64_t size;
	struct segment *v;
	size_t n, cap;
};

struct seal_cursor {
	const struct seal_file *f;
	const struct segment *s;	/* or NULL */
	crypto_secretstream_xchacha20poly1305_state state;
	uint64_t file_at;	/* of the next message */
	uint64_t at;		/* of the text in plain */
	size_t n;
	uint64_t bad_at;	/* from here on the segment cannot be opened;
				   UINT64_MAX: not found to be so */
	unsigned char *plain, *cipher;
};

int
seal_is(const void *p, size_t n)
{
	return n >= SEAL_MAGIC && memcmp(p, seal_file_magic, SEAL_MAGIC) == 0;
}

/* Bytes read, fewer only at the end of the file; -1 with errno. */
static ssize_t
read_at(int fd, void *p, size_t n, uint64_t at)
{
	size_t have = 0;
	ssize_t got;

	while (have < n) {
		got = pread(fd, (char *)p + have, n - have,
		    (off_t)(at + have));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

/* ---- messages --------------------------------------------------------- */

int
seal_cursor_new(const struct seal_file *f, struct seal_cursor **out,
    struct err *err)
{
	struct seal_cursor *c = calloc(1, sizeof(*c));

	*out = c;
	if (c == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	c->f = f;
	c->plain = malloc(SEAL_PIECE_MAX);
	c->cipher = malloc(SEAL_PIECE_MAX + SEAL_EXTRA);
	if (c->plain == NULL || c->cipher == NULL) {
		seal_cursor_free(c);
		*out = NULL;
		return err_set(err, RC_NOMEM, "out of memory");
	}
	return RC_OK;
}

void
seal_cursor_free(struct seal_cursor *c)
{
	if (c == NULL)
		return;
	sodium_memzero(&c->state, sizeof(c->state));
	free(c->plain);
	free(c->cipher);
	free(c);
}

/* To the beginning of a segment. returns 0, or -1 with errno */
static int
rewind_to(struct seal_cursor *c, const struct segment *s)
{
	unsigned char head[SEAL_SEGMENT] = { 0 };

	c->s = s;
	c->at = s->at;
	c->n = 0;
	c->bad_at = UINT64_MAX;
	c->file_at = s->file_at + SEAL_SEGMENT;
	if (s->hole) {
		c->bad_at = s->at;
		return 0;
	}
	if (read_at(c->f->fd, head, sizeof(head), s->file_at) < 0)
		return -1;
	(void)crypto_secretstream_xchacha20poly1305_init_pull(&c->state,
	    head + SEAL_MAGIC + 8, c->f->key);
	return 0;
}

/* The text of the next message. returns 1; 0: it does not open; -1 */
static int
next_message(struct seal_cursor *c)
{
	unsigned char b[SEAL_LENGTH] = { 0 }, bound[SEAL_BOUND], tag;
	unsigned long long n;
	uint64_t len;
	ssize_t got;
	int last;

	if (read_at(c->f->fd, b, sizeof(b), c->file_at) < 0)
		return -1;
	len = seal_get_le(b, SEAL_LENGTH);
	last = (len & SEAL_LAST) != 0;
	len &= ~(uint64_t)SEAL_LAST;
	if (len < SEAL_EXTRA || len > SEAL_PIECE_MAX + SEAL_EXTRA)
		return 0;
	got = read_at(c->f->fd, c->cipher, (size_t)len,
	    c->file_at + SEAL_LENGTH);
	if (got < 0)
		return -1;
	seal_bind(c->f->id, c->s->number, bound);
	if ((uint64_t)got < len || crypto_secretstream_xchacha20poly1305_pull(
	    &c->state, c->plain, &n, &tag, c->cipher, len, bound,
	    sizeof(bound)) != 0 || last !=
	    (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL))
		return 0;
	c->file_at += SEAL_LENGTH + len;
	c->at += c->n;
	c->n = (size_t)n;
	return 1;
}

/* ---- finding the segments --------------------------------------------- */

static int
add_segment(struct seal_file *f, const struct segment *s)
{
	struct segment *v;
	size_t cap;

	if (s->n == 0)
		return RC_OK;
	if (f->n == f->cap) {
		cap = f->cap == 0 ? 16 : f->cap * 2;
		v = realloc(f->v, cap * sizeof(*v));
		if (v == NULL)
			return RC_NOMEM;
		f->v = v;
		f->cap = cap;
	}
	f->v[f->n] = *s;
	f->v[f->n].at = f->size;
	f->size += s->n;
	f->n++;
	return RC_OK;
}

static int
add_hole(struct seal_file *f, uint64_t file_at)
{
	struct segment hole = { .file_at = file_at, .n = 1, .hole = 1 };

	return f->n > 0 && f->v[f->n - 1].hole ? RC_OK :
	    add_segment(f, &hole);
}

/*
 * Goes through the messages of a segment from *at on.
 * returns 1: to its end, and *at is behind it; 0: the file ends in it, or
 *         what is there is no message; -1 with errno
 */
static int
walk_messages(const struct seal_file *f, struct segment *s, uint64_t *at)
{
	unsigned char b[SEAL_LENGTH];
	uint64_t len;
	ssize_t got;
	int last;

	for (;;) {
		got = read_at(f->fd, b, sizeof(b), *at);
		if (got < 0)
			return -1;
		if (got < (ssize_t)sizeof(b))
			return 0;
		len = seal_get_le(b, SEAL_LENGTH);
		last = (len & SEAL_LAST) != 0;
		len &= ~(uint64_t)SEAL_LAST;
		if (len < SEAL_EXTRA || len > SEAL_PIECE_MAX + SEAL_EXTRA ||
		    len > f->bytes - *at - SEAL_LENGTH)
			return 0;
		*at += SEAL_LENGTH + len;
		s->n += len - SEAL_EXTRA;
		if (last)
			return 1;
	}
}

/* Where the next segment may begin, at or behind *at, or the end. */
static int
resync(const struct seal_file *f, uint64_t *at)
{
	unsigned char b[CHUNK];
	const unsigned char *hit;
	ssize_t got;

	while (*at < f->bytes) {
		got = read_at(f->fd, b, sizeof(b), *at);
		if (got < 0)
			return -1;
		hit = memmem(b, (size_t)got, seal_segment_magic, SEAL_MAGIC);
		if (hit != NULL) {
			*at += (uint64_t)(hit - b);
			return 0;
		}
		if ((size_t)got < sizeof(b))
			break;
		*at += (uint64_t)got - (SEAL_MAGIC - 1);
	}
	*at = f->bytes;
	return 0;
}

/* Whether a segment's first message opens. returns 1, 0; -1 with errno */
static int
opens(const struct seal_file *f, const struct segment *s)
{
	struct seal_cursor *c;
	int is;

	if (seal_cursor_new(f, &c, NULL) != RC_OK)
		return -1;
	is = rewind_to(c, s) != 0 ? -1 : next_message(c);
	seal_cursor_free(c);
	return is;
}

/* How far the search has come. */
struct search {
	uint64_t at;
	uint64_t next;		/* number of the segment that should come */
	uint64_t again;		/* behind the head of the last segment, if
				   what it says of its length was believed */
	int partial;		/* it stops within a message */
	int doubt;		/* something was wrong before */
};

/*
 * The segment at w->at, if there is one and its number is not one that should
 * have come before. A number that leaves some out is believed only when it
 * is authentic, and behind damage every number: else a changed one would
 * cost what follows.
 * returns 1; 0; -1 with errno
 */
static int
read_segment(const struct seal_file *f, const struct search *w,
    struct segment *s)
{
	unsigned char head[SEAL_SEGMENT];
	ssize_t got = read_at(f->fd, head, sizeof(head), w->at);

	if (got < 0)
		return -1;
	if (got < (ssize_t)sizeof(head) ||
	    memcmp(head, seal_segment_magic, SEAL_MAGIC) != 0)
		return 0;
	memset(s, 0, sizeof(*s));
	s->file_at = w->at;
	s->number = seal_get_le(head + SEAL_MAGIC, 8);
	if (s->number < w->next)
		return 0;
	return s->number > w->next || w->doubt ? opens(f, s) : 1;
}

/* A segment from its head on. returns RC_OK, RC_IO, RC_NOMEM */
static int
take_segment(struct seal_file *f, struct search *w, struct segment *s)
{
	int whole;

	if (s->number > w->next && add_hole(f, w->at) != RC_OK)
		return RC_NOMEM;
	w->at += SEAL_SEGMENT;
	w->again = w->at;
	w->next = s->number + 1;
	whole = walk_messages(f, s, &w->at);
	if (whole < 0)
		return RC_IO;
	w->partial = !whole;
	return add_segment(f, s);
}

/*
 * Behind damage: on to what may be a segment. A length that was changed may
 * have led past one, so the search begins again once.
 */
static int
skip_damage(struct seal_file *f, struct search *w)
{
	uint64_t from = w->at;

	w->doubt = 1;
	w->at = w->again > 0 ? w->again : from + 1;
	if (resync(f, &w->at) != 0)
		return RC_IO;
	if (w->again > 0 && w->at >= from) {
		w->at = from + 1;
		if (resync(f, &w->at) != 0)
			return RC_IO;
	}
	w->again = 0;
	/* a segment that was cut off is the torn end, no damage */
	if (w->at == f->bytes && (w->partial ||
	    f->bytes - from < SEAL_SEGMENT))
		return RC_OK;
	w->partial = 0;
	return add_hole(f, from);
}

static int
find_segments(struct seal_file *f)
{
	struct search w = { .at = SEAL_BEGIN };
	struct segment s;
	int is, rc = RC_OK;

	while (rc == RC_OK && w.at < f->bytes) {
		is = read_segment(f, &w, &s);
		if (is < 0)
			return RC_IO;
		rc = is == 1 ? take_segment(f, &w, &s) : skip_damage(f, &w);
	}
	return rc;
}

static int
check_key(struct seal_file *f, const struct seal_key *k,
    const unsigned char *begin, struct err *err)
{
	unsigned char check[SEAL_CHECK];

	if (k == NULL)
		return err_set(err, RC_USAGE, "%s: encrypted: give its key "
		    "with --key-file FILE or LOCKSTEP_KEY", f->name);
	memcpy(f->id, begin + SEAL_MAGIC, SEAL_ID);
	memcpy(f->key, k->stream, sizeof(f->key));
	seal_check(k, f->id, check);
	if (sodium_memcmp(check, begin + SEAL_MAGIC + SEAL_ID,
	    SEAL_CHECK) != 0)
		return err_set(err, RC_USAGE, "%s: encrypted with another key "
		    "than the one given (or its first %d bytes are damaged)",
		    f->name, SEAL_BEGIN);
	return RC_OK;
}

int
seal_file_new(int fd, const struct seal_key *k, const char *name,
    struct seal_file **out, struct err *err)
{
	struct seal_file *f = calloc(1, sizeof(*f));
	unsigned char begin[SEAL_BEGIN] = { 0 };
	struct stat st;
	int rc = RC_OK;

	*out = NULL;
	if (f == NULL || (f->name = strdup(name)) == NULL) {
		free(f);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	f->fd = fd;
	if (fstat(fd, &st) != 0 ||
	    read_at(fd, begin, sizeof(begin), 0) < 0)
		rc = err_errno(err, RC_IO, "%s: cannot read", name);
	else
		f->bytes = (uint64_t)st.st_size;
	if (rc == RC_OK)
		rc = check_key(f, k, begin, err);
	if (rc == RC_OK) {
		rc = find_segments(f);
		if (rc == RC_NOMEM)
			(void)err_set(err, RC_NOMEM, "out of memory");
		else if (rc != RC_OK)
			(void)err_errno(err, RC_IO, "%s: cannot read", name);
	}
	if (rc != RC_OK) {
		seal_file_free(f);
		return rc;
	}
	*out = f;
	return RC_OK;
}

void
seal_file_free(struct seal_file *f)
{
	if (f == NULL)
		return;
	sodium_memzero(f->key, sizeof(f->key));
	free(f->name);
	free(f->v);
	free(f);
}

uint64_t
seal_file_size(const struct seal_file *f)
{
	return f->size;
}

static const struct segment *
segment_of(const struct seal_file *f, uint64_t at)
{
	size_t lo = 0, hi = f->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (f->v[mid].at + f->v[mid].n <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < f->n ? &f->v[lo] : NULL;
}

uint64_t
seal_file_at(const struct seal_file *f, uint64_t at)
{
	const struct segment *s = segment_of(f, at);

	return s == NULL ? f->bytes : s->file_at;
}

/* ---- reading ---------------------------------------------------------- */

/* Brings the message that holds the byte at into place. returns 1; 0: it does
 * not open; -1 with errno */
static int
seek_to(struct seal_cursor *c, const struct segment *s, uint64_t at)
{
	int is;

	if ((c->s != s || at < c->at) && rewind_to(c, s) != 0)
		return -1;
	while (at >= c->at + c->n) {
		if (at >= c->bad_at)
			return 0;
		is = next_message(c);
		if (is < 0) {
			c->s = NULL;
			return -1;
		}
		if (is == 0)
			c->bad_at = c->at + c->n;
	}
	return 1;
}

ssize_t
seal_pread(struct seal_cursor *c, void *p, size_t n, uint64_t at,
    uint64_t *bad, struct err *err)
{
	const struct segment *s;
	size_t have = 0, piece;
	int is = 1;

	*bad = 0;
	while (have < n && (s = segment_of(c->f, at + have)) != NULL) {
		is = seek_to(c, s, at + have);
		if (is < 0)
			return err_errno(err, RC_IO, "%s: cannot read",
			    c->f->name);
		if (is == 0 && have > 0)
			break;
		if (is == 0) {
			*bad = s->at + s->n - at;
			return err_set(err, RC_FORMAT, s->hole ?
			    "part of the file is missing, damaged or not in "
			    "its place" : "damaged: it does not open with "
			    "the key");
		}
		piece = (size_t)(c->at + c->n - (at + have));
		piece = piece < n - have ? piece : n - have;
		memcpy((char *)p + have, c->plain + (at + have - c->at),
		    piece);
		have += piece;
	}
	return (ssize_t)have;
}
