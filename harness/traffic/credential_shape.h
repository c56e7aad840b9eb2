/*
 * Secrets recognised by their shape, anywhere in a text: keys by their
 * vendor's prefix, JSON web tokens, the text after Bearer and Basic, private
 * keys, and in prose the value after the name of a credential. One table for
 * what is never written and for the rule "key" of redaction. Safe from any
 * thread.
 */
#ifndef LOCKSTEP_CREDENTIAL_SHAPE_H
#define LOCKSTEP_CREDENTIAL_SHAPE_H

#include <stddef.h>

/* A key by its prefix, or a private key, that begins at p[at], where a word
 * does.
 * returns 1 with *end */
int credential_key_at(const char *p, size_t n, size_t at, size_t *end);

/* A JSON web token (two parts or more, the first a JSON object) at p[0].
 * returns its length, or 0 */
size_t credential_jwt(const char *p, size_t n);

enum credential_shape {
	SHAPE_NONE,
	SHAPE_SECRET,
	SHAPE_ADDRESS		/* may hold one: SCHEME:// and what follows */
};

/* Credentials in prose that are told by what stands around them: curl's -u,
 * lines of cookies, user:password@host. */
struct credential_prose {
	const char *p;
	size_t n, at;
	size_t curl_at, curl_end;	/* where a command was, and was looked
					   for */
	size_t from, end;	/* what was found */
};

/* The next one. returns 0 when there is none; to begin with, all but p and n
 * is 0 */
int credential_prose_next(struct credential_prose *s);

/* A text being looked through; each byte is read a few times at most, whatever
 * the text. */
struct credential_scan {
	const char *p;
	size_t n, at;
	int running;		/* at is among bytes without a blank */
	size_t address_end;	/* an address was told up to here */
	size_t dull_end;	/* no value ends here that is none */
	struct credential_prose prose;
	int ahead[2];		/* both have found something, */
	enum credential_shape shape;	/* the first of them this, */
	size_t run_from, run_end;	/* here; */
	size_t done;		/* up to here secrets were given */
	size_t from, end;	/* what was found */
};

/* Begins at p[from]; what stands before it is looked back at. p is borrowed */
void credential_scan(struct credential_scan *s, const char *p, size_t from,
    size_t n);

/* The next one, at [from,end): secrets do not overlap, but one may stand in
 * an address that was told before. */
enum credential_shape credential_next(struct credential_scan *s);

/* Whether there is a secret (no address) anywhere in a text. */
int credential_shaped(const char *p, size_t n);

#endif
