/* Frames of a file: the seek table, and the walk that replaces it; see
 * zst.h. */
#include "harness/traffic/zst.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MAGIC_BYTES = 4,
	HEADER_MAX = 18,	/* of a frame, RFC 8878 3.1.1 */
	SKIP_HEADER = 8,
	FOOTER = 9,
	ENTRY_MAX = 12,
	BLOCK_MAX = 128 << 10,
	CHUNK = 64 << 10,
	TRIAL_BLOCKS = 4
};

#define MAGIC_FRAME 0xFD2FB528u
#define MAGIC_SKIP 0x184D2A50u
#define MAGIC_SKIP_MASK 0xFFFFFFF0u
#define MAGIC_TABLE 0x184D2A5Eu
#define MAGIC_SEEKABLE 0x8F92EAB1u

static uint32_t
le32(const void *p)
{
	const unsigned char *b = p;

	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
	    (uint32_t)b[3] << 24;
}

static void
put_le32(struct buf *b, uint32_t v)
{
	int i;

	for (i = 0; i < 4; i++, v >>= 8)
		buf_putc(b, (char)(v & 255));
}

ssize_t
zst_read(const struct zst_src *src, void *p, size_t n, uint64_t at,
    struct err *err)
{
	uint64_t bad;
	ssize_t got;

	if (src->sealed != NULL)
		return seal_pread(src->sealed, p, n, at, &bad, err);
	do {
		got = pread(src->fd, p, n, (off_t)at);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? err_errno(err, RC_IO, "cannot read") : got;
}

/* What does not open reads as bytes that no frame has: the layout goes on
 * behind it. returns as seal_pread() */
static ssize_t
read_open(struct seal_cursor *c, void *p, size_t n, uint64_t at)
{
	uint64_t bad;
	ssize_t got = seal_pread(c, p, n, at, &bad, NULL);

	if (got != RC_FORMAT)
		return got;
	n = bad < n ? (size_t)bad : n;
	memset(p, 0xff, n);
	return (ssize_t)n;
}

/* Bytes read, fewer only at the end of the file; -1 with errno. */
static ssize_t
read_at(const struct zst_src *src, void *p, size_t n, uint64_t at)
{
	size_t have = 0;
	ssize_t got;

	while (have < n) {
		got = src->sealed != NULL ? read_open(src->sealed,
		    (char *)p + have, n - have, at + have) :
		    zst_read(src, (char *)p + have, n - have, at + have,
		    NULL);
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

int
zst_pread(const struct zst_src *src, void *p, size_t n, uint64_t at,
    struct err *err)
{
	size_t have = 0;
	ssize_t got = 1;

	while (have < n && got > 0) {
		got = zst_read(src, (char *)p + have, n - have, at + have,
		    err);
		if (got < 0)
			return (int)got;
		have += (size_t)got;
	}
	if (have < n)
		return err_set(err, RC_IO, "cannot read: the file became "
		    "shorter during reading");
	return RC_OK;
}

int
zst_layout_add(struct zst_layout *l, const struct zst_frame *f)
{
	struct zst_frame *v;
	size_t cap;

	if (l->n == l->cap) {
		cap = l->cap == 0 ? 16 : l->cap * 2;
		v = realloc(l->v, cap * sizeof(*v));
		if (v == NULL)
			return RC_NOMEM;
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = *f;
	return RC_OK;
}

void
zst_layout_fini(struct zst_layout *l)
{
	free(l->v);
	memset(l, 0, sizeof(*l));
}

void
zst_layout_table(const struct zst_layout *l, struct buf *out)
{
	size_t i;

	put_le32(out, MAGIC_TABLE);
	put_le32(out, (uint32_t)(l->n * ENTRY_MAX + FOOTER));
	for (i = 0; i < l->n; i++) {
		put_le32(out, (uint32_t)l->v[i].n);
		put_le32(out, (uint32_t)l->v[i].text);
		put_le32(out, l->v[i].sum);
	}
	put_le32(out, (uint32_t)l->n);
	buf_putc(out, (char)0x80);	/* entries carry checksums */
	put_le32(out, MAGIC_SEEKABLE);
}

/* ---- the seek table --------------------------------------------------- */

static int
take_entries(struct zst_layout *l, const unsigned char *p, size_t n,
    size_t step, uint64_t end)
{
	struct zst_frame f = { .kind = ZST_DATA, .has_sum = step == ENTRY_MAX };
	size_t i;

	for (i = 0; i < n; i++, p += step) {
		f.n = le32(p);
		f.text = le32(p + 4);
		f.sum = f.has_sum ? le32(p + 8) : 0;
		if (f.n == 0 || f.n > end - f.at)
			return 0;
		if (zst_layout_add(l, &f) != RC_OK)
			return RC_NOMEM;
		f.at += f.n;
	}
	return f.at == end;
}

/* returns 1 when the table was there and fits, 0, RC_IO or RC_NOMEM */
static int
read_table(const struct zst_src *src, struct zst_layout *l, struct err *err)
{
	unsigned char foot[FOOTER] = { 0 }, head[SKIP_HEADER] = { 0 };
	unsigned char *p;
	uint64_t bytes, begin;
	size_t n, step;
	int rc;

	if (l->size < SKIP_HEADER + FOOTER)
		return 0;
	rc = zst_pread(src, foot, FOOTER, l->size - FOOTER, err);
	if (rc != RC_OK)
		return rc;
	if (le32(foot + 5) != MAGIC_SEEKABLE || (foot[4] & 0x7c) != 0)
		return 0;
	n = le32(foot);
	step = foot[4] & 0x80 ? ENTRY_MAX : 8;
	bytes = (uint64_t)n * step + FOOTER + SKIP_HEADER;
	if (bytes > l->size)
		return 0;
	begin = l->size - bytes;
	rc = zst_pread(src, head, SKIP_HEADER, begin, err);
	if (rc != RC_OK)
		return rc;
	if (le32(head) != MAGIC_TABLE ||
	    le32(head + 4) != bytes - SKIP_HEADER)
		return 0;
	p = calloc(n + 1, step);
	if (p == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = zst_pread(src, p, n * step, begin + SKIP_HEADER, err);
	if (rc == RC_OK)
		rc = take_entries(l, p, n, step, begin);
	free(p);
	if (rc == RC_NOMEM)
		return err_set(err, RC_NOMEM, "out of memory");
	if (rc != 1)
		l->n = 0;
	return rc;
}

/* ---- the walk --------------------------------------------------------- */

/* Size of a frame's header from its first bytes; 0 when it is none. */
static size_t
header_size(const unsigned char *p)
{
	static const size_t dict[] = { 0, 1, 2, 4 };
	static const size_t content[] = { 0, 2, 4, 8 };
	unsigned fhd = p[4];
	int single = (fhd & 0x20) != 0;
	size_t n = MAGIC_BYTES + 1;

	if (fhd & 0x08)		/* reserved */
		return 0;
	n += (single ? 0 : 1) + dict[fhd & 3] + content[fhd >> 6];
	if (single && fhd >> 6 == 0)
		n++;
	return n;
}

/*
 * Walks the blocks of the frame at f->at and sets its kind, size and sum.
 * blocks_max  stops early and calls it whole, for a trial
 */
static int
walk_blocks(const struct zst_src *src, uint64_t size, struct zst_frame *f,
    size_t head, size_t blocks_max, int has_sum)
{
	uint64_t at = f->at + head;
	unsigned char b[4];
	uint32_t h;
	size_t n;
	ssize_t got;

	f->kind = ZST_TORN;
	f->n = size - f->at;
	for (;;) {
		got = read_at(src, b, 3, at);
		if (got < 0)
			return -1;
		if (got < 3)
			return 0;
		h = (uint32_t)b[0] | (uint32_t)b[1] << 8 |
		    (uint32_t)b[2] << 16;
		n = (h >> 1 & 3) == 1 ? 1 : h >> 3;
		if ((h >> 1 & 3) == 3 || h >> 3 > BLOCK_MAX) {
			f->kind = ZST_BAD;
			return 0;
		}
		at += 3 + n;
		if (at > size)
			return 0;
		if (h & 1)
			break;
		if (blocks_max > 0 && --blocks_max == 0)
			break;
	}
	if (has_sum && (h & 1)) {
		if (at + 4 > size)
			return 0;
		if (read_at(src, b, 4, at) < 0)
			return -1;
		f->sum = le32(b);
		f->has_sum = 1;
		at += 4;
	}
	f->kind = ZST_DATA;
	f->n = at - f->at;
	return 0;
}

/* What begins at f->at. returns 0, or -1 with errno */
static int
walk_frame(const struct zst_src *src, uint64_t size, struct zst_frame *f,
    size_t blocks_max)
{
	unsigned char head[HEADER_MAX];
	ssize_t got;
	size_t n;

	memset(head, 0, sizeof(head));
	f->text = ZST_TEXT_UNKNOWN;
	f->sum = 0;
	f->has_sum = 0;
	f->n = size - f->at;
	got = read_at(src, head, sizeof(head), f->at);
	if (got < 0)
		return -1;
	if (got < MAGIC_BYTES + 1) {
		f->kind = ZST_TORN;
		return 0;
	}
	if ((le32(head) & MAGIC_SKIP_MASK) == MAGIC_SKIP) {
		f->n = SKIP_HEADER + (uint64_t)le32(head + MAGIC_BYTES);
		f->kind = ZST_SKIP;
		if (got < SKIP_HEADER || f->n > size - f->at) {
			f->kind = ZST_TORN;
			f->n = size - f->at;
		}
		return 0;
	}
	n = header_size(head);
	f->kind = ZST_BAD;
	if (le32(head) != MAGIC_FRAME || n == 0)
		return 0;
	return walk_blocks(src, size, f, n, blocks_max, head[4] & 4);
}

/* The next offset at or behind at where a frame may begin, or size.
 * returns 0, or -1 with errno */
static int
resync(const struct zst_src *src, uint64_t size, uint64_t *at)
{
	static const unsigned char magic[] = { 0x28, 0xb5, 0x2f, 0xfd };
	unsigned char b[CHUNK];
	const unsigned char *hit;
	struct zst_frame f;
	ssize_t got;
	size_t from;

	while (*at < size) {
		got = read_at(src, b, sizeof(b), *at);
		if (got < 0)
			return -1;
		for (from = 0; (hit = memmem(b + from, (size_t)got - from,
		    magic, sizeof(magic))) != NULL; from++) {
			from = (size_t)(hit - b);
			f.at = *at + from;
			if (walk_frame(src, size, &f, TRIAL_BLOCKS) != 0)
				return -1;
			if (f.kind == ZST_DATA) {
				*at = f.at;
				return 0;
			}
		}
		if ((size_t)got < sizeof(b))
			break;
		*at += (uint64_t)got - (MAGIC_BYTES - 1);
	}
	*at = size;
	return 0;
}

/* Notes a torn end. returns 1 when the torn frame holds data */
static int
note_torn(struct zst_layout *l, const struct zst_frame *f,
    const struct zst_src *src)
{
	unsigned char b[MAGIC_BYTES] = { 0 };

	l->torn = 1;
	l->torn_at = f->at;
	(void)read_at(src, b, sizeof(b), f->at);
	if ((le32(b) & MAGIC_SKIP_MASK) == MAGIC_SKIP) {
		(void)snprintf(l->why, sizeof(l->why),
		    "the seek table is cut off");
		return 0;
	}
	(void)snprintf(l->why, sizeof(l->why), "the last frame (at byte "
	    "%llu) is cut off", (unsigned long long)f->at);
	return 1;
}

/* A broken frame: up to where the next one may begin. Behind the last one
 * there is nothing to tell it from a torn end. */
static int
skip_bad(const struct zst_src *src, uint64_t size, struct zst_frame *f)
{
	unsigned char b[MAGIC_BYTES] = { 0 };
	uint64_t next = f->at + 1;

	if (resync(src, size, &next) != 0)
		return -1;
	f->n = next - f->at;
	if (next == size && read_at(src, b, sizeof(b), f->at) == MAGIC_BYTES &&
	    le32(b) == MAGIC_FRAME)
		f->kind = ZST_TORN;
	return 0;
}

static int
walk(const struct zst_src *src, struct zst_layout *l, struct err *err)
{
	struct zst_frame f;
	int keep;

	for (f.at = 0; f.at < l->size; f.at += f.n) {
		if (walk_frame(src, l->size, &f, 0) != 0 ||
		    (f.kind == ZST_BAD && skip_bad(src, l->size, &f) != 0))
			return err_errno(err, RC_IO, "cannot read");
		keep = f.kind != ZST_SKIP;
		if (f.kind == ZST_TORN)
			keep = note_torn(l, &f, src);
		if (keep && zst_layout_add(l, &f) != RC_OK)
			return err_set(err, RC_NOMEM, "out of memory");
	}
	return RC_OK;
}

int
zst_layout_read(const struct zst_src *src, struct zst_layout *l,
    struct err *err)
{
	struct err bad = ERR_INIT;
	struct stat st;
	int rc;

	memset(l, 0, sizeof(*l));
	if (src->sealed == NULL && fstat(src->fd, &st) != 0)
		return err_errno(err, RC_IO, "cannot read");
	l->size = src->sealed != NULL ? src->size : (uint64_t)st.st_size;
	rc = read_table(src, l, &bad);
	if (rc == RC_FORMAT)
		rc = 0;
	else if (rc < 0)
		(void)err_set(err, (enum rc)rc, "%s", bad.msg);
	l->table = rc == 1;
	if (rc == 0)
		rc = walk(src, l, err);
	if (rc < 0) {
		zst_layout_fini(l);
		return rc;
	}
	if (!l->table && l->why[0] == '\0')
		(void)snprintf(l->why, sizeof(l->why),
		    "there is no seek table");
	return RC_OK;
}
