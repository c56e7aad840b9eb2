/*
 * Scratch files: created in $TMPDIR (else /tmp), unlinked at once, private.
 * Reads and writes are whole or an error.  Safe from any thread.
 */
#ifndef LOCKSTEP_TMPFILE_H
#define LOCKSTEP_TMPFILE_H

#include <stddef.h>
#include <sys/types.h>

#include "harness/base/err.h"

/* *fd for the caller to close; RC_IO names the folder. */
int tmpfile_open(int *fd, struct err *err);
int tmpfile_write(int fd, const void *p, size_t n, off_t at, struct err *err);
/* A file that ends before at + n is RC_IO. */
int tmpfile_read(int fd, void *p, size_t n, off_t at, struct err *err);

#endif
