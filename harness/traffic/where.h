/*
 * Chooses exchanges by conditions on a record, which must all match.
 *
 *	path=/api/v2*		`*` stands for any characters, slashes too
 *	method=GET,POST		any of them
 *	status=5xx  status>=400
 *	outcome!=ok
 *	id=NAME  session=NAME  case=NAME
 *	header.x-tenant=acme	of the request; answer.NAME of the answer
 *	total_ms>500		and ttft_ms
 *	/request/body/user=7	by JSON Pointer into the record; bodies that
 *				are JSON are looked into, their codings undone
 *	/response/body/error	it is there
 *
 * Comparisons are = != ~ !~ (a regular expression) < <= > >=. Behind a
 * pointer ~0 and ~1 are its own: "/a ~ 1" is the regular expression 1.
 * One thread at a time.
 */
#ifndef LOCKSTEP_WHERE_H
#define LOCKSTEP_WHERE_H

#include <stddef.h>

#include "harness/base/err.h"
#include "harness/base/json.h"
#include "harness/traffic/exchange.h"

struct where;

struct where *where_new(void);		/* NULL: out of memory */
void where_free(struct where *w);	/* NULL is safe */

/* Adds a condition as it is written above. returns RC_OK, RC_FORMAT (what is
 * wrong with it), RC_NOMEM */
int where_add(struct where *w, const char *text, struct err *err);

/*
 * Adds the members of an object as conditions: {path: "/a*", method: [GET,
 * HEAD], status: "2xx"}; a value is what stands behind "=", or with its own
 * comparison in front ("!= ok", ">= 400"); a list is any of its values.
 */
int where_add_map(struct where *w, const struct json *map, struct err *err);

/* How many conditions there are. */
size_t where_n(const struct where *w);

/*
 * Whether a record holds them all.
 * line, n   the record that ex was read from, whole
 * returns 1 or 0
 */
int where_holds(struct where *w, const struct exchange *ex, const char *line,
    size_t n);

/*
 * Calls fn for each value of a record at a pointer as above.
 * ptr     "/request/body/user"; made by where_ptr_new()
 */
struct where_ptr;
struct where_ptr *where_ptr_new(const char *text, struct err *err);
void where_ptr_free(struct where_ptr *p);
int where_ptr_each(struct where *w, const struct where_ptr *p,
    const struct exchange *ex, const char *line, size_t n, json_each_fn *fn,
    void *ctx);

#endif
