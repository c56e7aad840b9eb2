/*
 * Errors of the harness itself.
 *
 * A failing request is data (enum outcome of exchange.h); struct err is only
 * for our own inability.  The first error wins: later calls keep it.
 * Thread rule: one struct err per thread.
 */
#ifndef LOCKSTEP_ERR_H
#define LOCKSTEP_ERR_H

enum rc {
	RC_OK = 0,
	RC_NOMEM = -1,	/* allocation failed or a stated maximum was hit */
	RC_IO = -2,	/* the operating system said no */
	RC_FORMAT = -3,	/* bytes from outside are not what they must be */
	RC_NET = -4,	/* our own networking, not the stack under test */
	RC_DB = -5,	/* the store */
	RC_USAGE = -6	/* asked for something that cannot be */
};

struct err {
	enum rc code;
	char msg[512];
};

#define ERR_INIT { RC_OK, "" }

/*
 * Records an error unless one is recorded already.
 * err     may be NULL
 * code    not RC_OK
 * fmt     what, where, and what to do next, in one line
 * returns code
 */
int err_set(struct err *err, enum rc code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Like err_set, with ": " and the text of errno appended.
 */
int err_errno(struct err *err, enum rc code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__
/* What the analyzer cannot see from here: they return the code, no RC_OK. */
#define err_set(err, code, ...) (err_set(err, code, __VA_ARGS__), \
	(code) == RC_OK ? RC_NOMEM : (int)(code))
#define err_errno(err, code, ...) (err_errno(err, code, __VA_ARGS__), \
	(code) == RC_OK ? RC_NOMEM : (int)(code))
#endif

/* Puts "prefix: " before a recorded message; does nothing without one. */
void err_prefix(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
