/* What the service itself counts; see drill_part.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/child.h"
#include "harness/base/mono.h"
#include "harness/drill/drill_part.h"

enum { OUTPUT_MAX = 16 << 20 };
#define LIMIT_NS (60 * MONO_S)

/* The number at the suite's pointer, or the whole text when it is one. */
static int64_t
number_of(const struct drill *d, const char *text, size_t n, char why[200])
{
	const char *at = json_str(drill_word(d, "audit.effects"));
	struct json *j = json_parse(text, n, NULL);
	struct json_ptr *p = json_ptr_new(at == NULL ? "/effects" : at, NULL);
	const struct json *v = json_kind(j) == JSON_NUMBER ? j :
	    json_ptr_find(p, j);
	int64_t got = json_kind(v) == JSON_NUMBER ? json_int(v, -1) : -1;

	if (got < 0)
		(void)snprintf(why, 200, "the audit has no number at %.100s",
		    at == NULL ? "/effects" : at);
	json_ptr_free(p);
	json_free(j);
	return got;
}

static int
by_command(struct drill *d, const char *command, int64_t *n, char why[200])
{
	struct err err = ERR_INIT;
	struct buf out;
	int status;

	buf_init(&out, OUTPUT_MAX);
	if (child_output(command, LIMIT_NS, &out, &status, &err) != RC_OK)
		(void)snprintf(why, 200, "audit: %.180s", err.msg);
	else if (status != 0)
		(void)snprintf(why, 200, "audit: `%.140s` failed", command);
	else
		*n = number_of(d, buf_str(&out), out.len, why);
	buf_fini(&out);
	return RC_OK;
}

static int
by_request(struct drill *d, const char *path, int64_t *n, char why[200],
    struct err *err)
{
	char say[160];
	struct wave w;
	struct ask *a;
	int rc = RC_OK;

	wave_init(&w, 1);
	a = wave_add(d, &w, drill_arm(d), "GET", path, NULL);
	if (a != NULL)
		ask_headers(&w, a, drill_word(d, "audit.request.headers"));
	if (wave_one(d, &w, a, err) == NULL || a == NULL)
		rc = err->code;
	else if (a->status != 200)
		(void)snprintf(why, 200, "the audit answered %s",
		    ask_say(a, say));
	else
		*n = number_of(d, a->res, a->res_n, why);
	wave_fini(&w);
	return rc;
}

int
audit_count(struct drill *d, int64_t *n, char why[200], struct err *err)
{
	const char *command = json_str(drill_word(d, "audit.exec"));
	const char *path = json_str(drill_word(d, "audit.request.path"));

	*n = -1;
	if (command != NULL)
		return by_command(d, command, n, why);
	if (path != NULL)
		return by_request(d, path, n, why, err);
	(void)snprintf(why, 200, "needs `audit`: how the service counts "
	    "effects (audit: {request: {path: …}, effects: POINTER}, or "
	    "{exec: COMMAND})");
	return RC_OK;
}
