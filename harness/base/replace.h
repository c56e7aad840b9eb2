/*
 * A file replaced whole: written under another name beside it, synced, then
 * renamed, so that a reader sees the old file or the whole new one, and a
 * crash leaves one of the two.
 */
#ifndef LOCKSTEP_REPLACE_H
#define LOCKSTEP_REPLACE_H

#include <stddef.h>

#include "harness/base/err.h"

/* Rights of a file: as the umask allows, or its owner's alone. */
enum { REPLACE_SHARED = 0666, REPLACE_OWN = 0600 };

struct replace {
	int fd;			/* what is written goes here */
	const char *path;	/* borrowed */
	char *tmp;
};

/* returns RC_OK, caller ends with replace_close(); RC_IO, RC_NOMEM */
int replace_open(struct replace *r, const char *path, unsigned mode,
    struct err *err);

/*
 * Ends it: with rc RC_OK the file has its name, else it is gone and the old
 * one stays.
 * returns rc, or what went wrong at the end
 */
int replace_close(struct replace *r, int rc, struct err *err);

/* n bytes as a file. returns RC_OK, RC_IO, RC_NOMEM */
int replace_file(const char *path, unsigned mode, const void *p, size_t n,
    struct err *err);

/*
 * Syncs the folder that path stands in: a name survives a crash only then.
 * Some file systems cannot; that is no error.
 * returns RC_OK, RC_IO, RC_NOMEM
 */
int replace_sync_folder(const char *path, struct err *err);

#endif
