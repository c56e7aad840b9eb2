/*
 * Bytes written once, in order, and read back at any place: in memory while
 * they are few, in an unlinked scratch file beyond.  One thread writes;
 * afterwards any number may read.
 */
#ifndef LOCKSTEP_SPOOL_H
#define LOCKSTEP_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"

struct spool {
	struct buf tail;	/* what is not in the file yet */
	uint64_t in_file;	/* bytes before the tail */
	int fd;			/* -1: no file was needed */
};

void spool_init(struct spool *s);
void spool_fini(struct spool *s);

/* How many bytes were written: where the next ones go. */
uint64_t spool_end(const struct spool *s);
/* returns RC_OK, RC_NOMEM or RC_IO */
int spool_add(struct spool *s, const void *p, size_t n, struct err *err);
/* n bytes, all of them written before. returns RC_OK or RC_IO */
int spool_read(const struct spool *s, uint64_t at, void *p, size_t n,
    struct err *err);

#endif
