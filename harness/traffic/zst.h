/*
 * zstd frames and their layout in a file: streaming compression and
 * decompression with bounds, zstd's published seekable format (a seek table
 * in a skippable frame at the end), and finding frames where the table is
 * missing or the file is torn.
 *
 * source  RFC 8878 (frames, blocks) and zstd's
 *         contrib/seekable_format/zstd_seekable_compression_format.md 0.1.0
 * Thread rule: one encoder or decoder belongs to one thread at a time; the
 * layout functions only pread() and are safe from any thread.
 */
#ifndef LOCKSTEP_ZST_H
#define LOCKSTEP_ZST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/base/seal.h"

/* The widest window a frame may ask a reader to hold: 2^27 bytes. */
enum { ZST_WINDOW_LOG_MAX = 27 };

/* ---- compressing ------------------------------------------------------ */

struct zst_enc;

enum zst_how {
	ZST_MORE,	/* may be kept inside the encoder */
	ZST_FLUSH,	/* ends a block: all input so far can be decoded */
	ZST_END		/* ends the frame; more input begins a new one */
};

/*
 * An encoder of checksummed frames.
 * level       1..19
 * window_log  10..ZST_WINDOW_LOG_MAX
 * returns RC_OK, caller frees with zst_enc_free(); RC_NOMEM, RC_USAGE
 */
int zst_enc_new(int level, int window_log, struct zst_enc **out,
    struct err *err);
void zst_enc_free(struct zst_enc *e);

/* Compresses n bytes and appends what comes out to out.
 * returns RC_OK or RC_NOMEM (then the encoder is of no more use) */
int zst_enc_add(struct zst_enc *e, const void *p, size_t n,
    enum zst_how how, struct buf *out, struct err *err);

/* ---- decompressing ---------------------------------------------------- */

struct zst_dec;

/* returns RC_OK, caller frees with zst_dec_free(); RC_NOMEM */
int zst_dec_new(struct zst_dec **out, struct err *err);
void zst_dec_free(struct zst_dec *d);

/* Forgets a frame that was begun. */
void zst_dec_reset(struct zst_dec *d);

/* Compressed bytes, and how many of them have been used. */
struct zst_in {
	const char *p;
	size_t n, used;
};

/*
 * Decompresses until the input is used up, the frame ends, or out holds
 * out_max bytes.
 * *ended  1 when a frame ended (the next call begins another)
 * returns RC_OK; RC_FORMAT (damaged, wrong checksum, window too wide), with all
 *         blocks before the damaged one in out; RC_NOMEM
 */
int zst_dec_add(struct zst_dec *d, struct zst_in *in, struct buf *out,
    size_t out_max, int *ended, struct err *err);

/* Whether output waits inside for room, though the input is used up. */
int zst_dec_more(const struct zst_dec *d);

/*
 * Decompresses one whole frame of known size.
 * text_n  what it must decompress to
 * returns as zst_dec_add(); another size is RC_FORMAT
 */
int zst_dec_whole(struct zst_dec *d, const char *p, size_t n, size_t text_n,
    struct buf *out, struct err *err);

/* ---- layout ----------------------------------------------------------- */

enum zst_kind {
	ZST_DATA,	/* a whole frame, as far as its headers tell */
	ZST_SKIP,	/* a skippable frame */
	ZST_TORN,	/* the file ends within it */
	ZST_BAD		/* bytes that are no frame, or a broken one */
};

#define ZST_TEXT_UNKNOWN UINT64_MAX

struct zst_frame {
	enum zst_kind kind;
	uint64_t at;		/* offset in the file */
	uint64_t n;		/* compressed bytes */
	uint64_t text;		/* decompressed; ZST_TEXT_UNKNOWN */
	uint32_t sum;		/* its content checksum */
	int has_sum;
};

struct zst_layout {
	struct zst_frame *v;	/* ZST_SKIP frames are left out */
	size_t n, cap;
	uint64_t size;		/* of the file */
	int table;		/* a seek table was there and fits the file */
	int torn;		/* the file ends within a frame */
	uint64_t torn_at;	/* where that frame begins */
	char why[120];		/* what is wrong with the end of the file */
};

/* Where frames are read from: a descriptor, or what a sealed file holds. */
struct zst_src {
	int fd;
	struct seal_cursor *sealed;	/* or NULL */
	uint64_t size;		/* of what is read from sealed */
};

/*
 * Lists the frames of a file: by its seek table, else by walking from header
 * to header. Damage is in the list, it is no error.
 * returns RC_OK, caller frees with zst_layout_fini(); RC_IO, RC_NOMEM
 */
int zst_layout_read(const struct zst_src *src, struct zst_layout *l,
    struct err *err);
void zst_layout_fini(struct zst_layout *l);

/* Adds a frame to a layout under construction. returns RC_OK or RC_NOMEM */
int zst_layout_add(struct zst_layout *l, const struct zst_frame *f);

/* Appends the seek table of a layout to out. */
void zst_layout_table(const struct zst_layout *l, struct buf *out);

/* Reads exactly n bytes. returns RC_OK, RC_IO (short file included);
 * RC_FORMAT: they do not open; RC_NOMEM */
int zst_pread(const struct zst_src *src, void *p, size_t n, uint64_t at,
    struct err *err);
/* The same of up to n bytes, as pread(). returns how many, or a rc */
ssize_t zst_read(const struct zst_src *src, void *p, size_t n, uint64_t at,
    struct err *err);

#endif
