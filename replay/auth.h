/*
 * A bearer token that a command prints: run when first needed, cached, run
 * again once a token is refused.  Shared by all workers of a run.
 * The token is never written anywhere.
 */
#ifndef LOCKSTEP_AUTH_H
#define LOCKSTEP_AUTH_H

#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"

struct auth;

/* command is copied. */
int auth_new(const char *command, struct auth **out, struct err *err);
void auth_free(struct auth *a);

/*
 * Appends "Bearer TOKEN" to out.
 * *gen    which token it is, for auth_renew()
 * returns RC_OK, or RC_USAGE: the command failed or printed nothing
 */
int auth_header(struct auth *a, struct buf *out, uint64_t *gen,
    struct err *err);

/* Token number gen was refused: the next auth_header() runs the command,
 * unless another thread has renewed it meanwhile. */
void auth_renew(struct auth *a, uint64_t gen);

#endif
