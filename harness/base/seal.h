/*
 * Sealed files: bytes that nobody can read or change without the key, in
 * segments that can be opened each on its own (libsodium's secretstream,
 * XChaCha20-Poly1305).
 *
 *	file     "LSTSEAL1", 16 random bytes (the file's id), 16 bytes that tell
 *	         whether a key is the right one, segments
 *	segment  "\xf5LSTSEG1", its number from 0 (8 bytes, little-endian), the
 *	         stream's header (24 bytes), messages
 *	message  its length (4 bytes, little-endian; the highest bit is set in
 *	         the segment's last), so many bytes of secretstream
 *
 * The id of the file and the segment's number are authenticated with each
 * message: one that is changed, left out or in another place does not open.
 * What was written before a crash opens up to the last whole message.
 *
 * A reader sees one sequence of bytes, the texts of all messages.
 */
#ifndef LOCKSTEP_SEAL_H
#define LOCKSTEP_SEAL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"

/* What a key of 32 bytes is used for. */
struct seal_key {
	unsigned char stream[32], check[32], name[32];
};

/*
 * From 64 hex digits; blanks and a newline behind them are ignored.
 * from    what the key came from, for the message
 * returns RC_OK or RC_USAGE
 */
int seal_key_parse(const char *hex, const char *from, struct seal_key *out,
    struct err *err);
/* The same from a file. returns RC_OK, RC_USAGE, RC_IO */
int seal_key_load(const char *path, struct seal_key *out, struct err *err);
/* Forgets it. */
void seal_key_wipe(struct seal_key *k);

/* A name under the key for a file whose own name would tell its content. */
void seal_name(const struct seal_key *k, const char *name, char out[33]);

/* ---- writing ---------------------------------------------------------- */

struct seal_writer;

/* Begins a file: appends its beginning to out, which is sticky.
 * returns RC_OK, caller frees with seal_writer_free(); RC_NOMEM */
int seal_writer_new(const struct seal_key *k, struct buf *out,
    struct seal_writer **w, struct err *err);
void seal_writer_free(struct seal_writer *w);

/*
 * Appends n bytes, sealed, to out. All of it can be opened.
 * ends    the segment ends behind them; what comes next begins another
 */
void seal_add(struct seal_writer *w, const void *p, size_t n, int ends,
    struct buf *out);

/* ---- reading ---------------------------------------------------------- */

/* Whether bytes begin like a sealed file. */
enum { SEAL_MAGIC = 8 };
int seal_is(const void *p, size_t n);

/* Where the segments of a file are; may be shared by threads. */
struct seal_file;

/*
 * Finds the segments; reads no message.
 * fd      borrowed; at the file's beginning nothing else may be
 * k       copied; NULL: there is none
 * name    of the file, for messages; copied
 * returns RC_OK, caller frees with seal_file_free(); RC_USAGE: no key, or
 *         another than the file's; RC_FORMAT; RC_IO; RC_NOMEM
 */
int seal_file_new(int fd, const struct seal_key *k, const char *name,
    struct seal_file **out, struct err *err);
void seal_file_free(struct seal_file *f);

/* How many bytes there are to read; what is missing of a segment that is
 * damaged counts as one. */
uint64_t seal_file_size(const struct seal_file *f);

/* Where in the file the segment is that holds the byte at. */
uint64_t seal_file_at(const struct seal_file *f, uint64_t at);

/* A place in a file; one thread at a time. Holds a message, 1 MiB at most. */
struct seal_cursor;

int seal_cursor_new(const struct seal_file *f, struct seal_cursor **out,
    struct err *err);
void seal_cursor_free(struct seal_cursor *c);

/*
 * Reads up to n bytes from at.
 * *bad    how many bytes from at on cannot be opened, when that is why
 * returns how many, fewer only before a place that cannot be opened or the
 *         end; 0 at the end; RC_FORMAT: what is at at was changed, is
 *         missing or not in its place; RC_IO, RC_NOMEM
 */
ssize_t seal_pread(struct seal_cursor *c, void *p, size_t n, uint64_t at,
    uint64_t *bad, struct err *err);

#endif
