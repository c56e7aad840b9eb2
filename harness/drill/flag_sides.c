/* Which side of a flag an answer is on; see flag_sides.h. */
#include "harness/drill/flag_sides.h"

#include <stdio.h>
#include <string.h>

static const double tool_success = 0.99;

/* ---- pins --------------------------------------------------------------- */

/* Whether a pin is as a manifest writes it: "b7f3..." is its beginning. */
static int
is_version(const char *is, const char *want)
{
	size_t n = strlen(want);

	if (n > 3 && strcmp(want + n - 3, "...") == 0)
		return strncmp(is, want, n - 3) == 0;
	return strcmp(is, want) == 0;
}

/*
 * The side an answer is on: 1 the flag's, 0 the other's, -1 both or none.
 * Without `versions` the flag's side is whatever differs from the other.
 */
int
flag_side(const struct flagging *f, const struct reading *r, char says[160])
{
	const struct json *v = json_first(json_get(f->flag, "versions"));
	const struct json *m;
	size_t on = 0, n = 0, off = 0;
	const char *is;

	says[0] = '\0';
	for (m = json_first(f->off); m != NULL; m = json_next(m)) {
		is = reading_pin(r, json_key(m));
		if (strcmp(is, json_str(m)) != 0) {
			off++;
			(void)snprintf(says, 160, "%.60s %.80s",
			    json_key(m), is);
		}
	}
	if (v == NULL)
		return off > 0;
	for (; v != NULL; v = json_next(v)) {
		if (json_str(v) == NULL)
			continue;
		n++;
		is = reading_pin(r, json_key(v));
		on += is_version(is, json_str(v));
		if (!is_version(is, json_str(v)))
			(void)snprintf(says, 160, "%.60s %.80s",
			    json_key(v), is);
	}
	return on == n ? 1 : off == 0 ? 0 : -1;
}

/* Which pins there are without the flag. */
int
flag_learn_off(struct flagging *f, struct err *err)
{
	struct reading r;
	struct ask *a;
	int rc;

	wave_reset(&f->w);
	a = wave_one(f->d, &f->w, questions_add(&f->q, &f->w,
	    drill_arm(f->d), 0, err), err);
	if (a == NULL)
		return err->code;
	rc = reading_of(&f->q, a, &r, err);
	if (rc == RC_OK && !r.usable)
		rc = err_set(err, RC_USAGE, "no question is answered: %s",
		    r.why);
	if (rc == RC_OK && json_first(r.pins) == NULL)
		rc = err_set(err, RC_USAGE, "answers have no pins, so they do "
		    "not show which path served them: extract.pins");
	json_free(f->off);
	f->off = json_copy(r.pins);
	reading_fini(&r);
	return rc;
}

/* ---- scope -------------------------------------------------------------- */

const char *const flag_scopes[FLAG_SCOPES] = { "regions", "tenants" };

/* The first of the flag's regions or tenants, and the header that names one;
 * 0: the flag is for all, or nothing says how a request names its own. */
int
flag_scope(const struct flagging *f, size_t i, const char **header,
    const char **first)
{
	const struct json *list = json_get(json_get(f->flag, "scope"),
	    flag_scopes[i]);

	*first = json_str(json_first(list));
	*header = json_get_str(json_get(f->flag, "scope_headers"),
	    flag_scopes[i]);
	return *first != NULL && *header != NULL &&
	    strcmp(*first, "all") != 0;
}

/* Puts a request inside of the flag's scope. */
void
flag_within_scope(struct flagging *f, struct ask *a)
{
	const char *header, *first;
	size_t i;

	for (i = 0; i < FLAG_SCOPES; i++) {
		if (flag_scope(f, i, &header, &first))
			ask_header(&f->w, a, header, first);
	}
}

/* ---- gates -------------------------------------------------------------- */

int
flag_tools_least(const struct flagging *f, double *least)
{
	const struct json *j = json_get(json_get(f->flag, "gates"),
	    "tool_success_min");

	*least = json_num(j, tool_success);
	return json_kind(j) == JSON_NUMBER || json_bool(j, 0);
}
