/*
 * A growing byte buffer with a maximum and a sticky error.
 *
 * Append freely; after the first failure every append is a no-op, and the
 * failure is seen once, at buf_check().  Contents are always followed by a
 * NUL that is not counted.  Thread rule: one owner at a time.
 */
#ifndef LOCKSTEP_BUF_H
#define LOCKSTEP_BUF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "harness/base/err.h"

/* Takes bytes for good. returns RC_OK or what went wrong */
typedef enum rc buf_sink_fn(void *ctx, const char *p, size_t n);

struct buf {
	char *p;	/* never NULL after the first append; owned */
	size_t len;
	size_t cap;
	size_t max;	/* bytes, the terminating NUL included */
	enum rc bad;	/* RC_OK, or the first failure: RC_NOMEM, the sink's */
	buf_sink_fn *sink;	/* where buf_drain() empties it, or NULL */
	void *sink_ctx;
};

/* An empty buffer of at most max_bytes; allocates nothing yet. */
void buf_init(struct buf *b, size_t max_bytes);

/* Frees the contents; the buffer may be used again. NULL is safe. */
void buf_fini(struct buf *b);

/* Forgets the contents and a sticky error, keeps the memory. */
void buf_reset(struct buf *b);

/*
 * Gives the buffer a sink, for documents that are larger than what should be
 * held at once.  Who appends calls buf_drain() where it will not look back
 * at what it has appended: that empties a buffer that holds much into its
 * sink, and does nothing to one without a sink.  buf_flush() empties all.
 */
void buf_sink(struct buf *b, buf_sink_fn *fn, void *ctx);
void buf_drain(struct buf *b);
void buf_flush(struct buf *b);

/* Makes a failure stick, unless there is one; RC_OK does nothing. */
void buf_fail(struct buf *b, enum rc rc);

/* Makes room for n more bytes; returns the place to write or NULL. */
char *buf_reserve(struct buf *b, size_t n);

/* buf_add() when there may be no room: the part that is not inlined. */
void buf_add_grow(struct buf *b, const void *p, size_t n);

/* Inline, as records are written in many small pieces. */
static inline void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (b->bad != RC_OK || n == 0 || n >= b->cap - b->len) {
		buf_add_grow(b, p, n);
		return;
	}
	/* there are bytes, so there is a p.
	 * NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
	memcpy(b->p + b->len, p, n);
	b->len += n;
	b->p[b->len] = '\0';
}

static inline void
buf_putc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

static inline void
buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Decimal integers without printf: the hot path of the trace writer. */
void buf_i64(struct buf *b, int64_t v);
void buf_u64(struct buf *b, uint64_t v);

/*
 * The contents as a NUL-terminated string; "" when nothing was appended.
 * The buffer keeps owning it, until the next append.
 */
const char *buf_str(const struct buf *b);

/* Gives the string away; caller frees with free(). NULL on a sticky error. */
char *buf_steal(struct buf *b);

/* A copy of n bytes with a NUL behind them; caller frees. NULL: no memory. */
char *buf_dup(const char *p, size_t n);

/* returns RC_OK, or the failure's code with a message that names what */
int buf_check(const struct buf *b, const char *what, struct err *err);

#endif
