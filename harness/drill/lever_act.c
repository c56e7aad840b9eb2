/* A lever's command or request; see lever_act.h. */
#include "harness/drill/lever_act.h"

#include <string.h>

#include "harness/base/child.h"
#include "harness/base/mono.h"
#include "harness/drill/drill_part.h"

enum { OUTPUT_MAX = 1 << 20, TAIL = 160 };
#define LIMIT_NS (60 * MONO_S)

static int64_t
limit_of(const struct json *lever)
{
	const struct json *j = json_get(lever, "timeout");
	int64_t ns = 0;

	if (json_kind(j) == JSON_NUMBER)
		ns = (int64_t)(json_num(j, 0) * 1e9);
	else if (json_str(j) != NULL)
		(void)mono_parse_duration(json_str(j), &ns);
	return ns > 0 ? ns : LIMIT_NS;
}

static int
run_command(const char *command, int64_t limit, struct err *err)
{
	char how[64], *p;
	struct buf out;
	int status, rc;

	buf_init(&out, OUTPUT_MAX);
	rc = child_output(command, limit, &out, &status, err);
	if (rc == RC_OK && status != 0) {
		for (p = out.p; p != NULL && *p != '\0'; p++) {
			if (*p == '\n')
				*p = ' ';
		}
		child_say_status(status, how, sizeof(how));
		rc = err_set(err, RC_USAGE, "`%.120s` %s%s%.*s", command, how,
		    out.len > 0 ? ": " : "", TAIL, buf_str(&out));
	}
	buf_fini(&out);
	return rc;
}

static int
send_request(struct drill *d, const struct json *r, int64_t limit,
    struct err *err)
{
	const char *method = json_get_str(r, "method");
	const char *path = json_get_str(r, "path");
	const struct json *body = json_get(r, "body");
	char say[160];
	struct wave w;
	struct buf b;
	struct ask *a;
	int rc = RC_OK;

	if (path == NULL)
		return err_set(err, RC_USAGE, "its request has no path");
	buf_init(&b, 16 << 20);
	if (json_str(body) != NULL)
		buf_puts(&b, json_str(body));
	else if (body != NULL)
		json_write(&b, body);
	wave_init(&w, 1);
	a = wave_add(d, &w, drill_arm(d), method == NULL ? "POST" : method,
	    path, body == NULL ? NULL : &b);
	if (a != NULL) {
		ask_headers(&w, a, json_get(r, "headers"));
		a->deadline_ns = limit;
	}
	a = wave_one(d, &w, a, err);
	if (a == NULL)
		rc = err->code;
	else if (a->status < 200 || a->status >= 300)
		rc = err_set(err, a->status >= 400 && a->status < 500 ?
		    RC_FORMAT : RC_USAGE, "%s %.100s: %s", a->method, path,
		    ask_say(a, say));
	wave_fini(&w);
	buf_fini(&b);
	return rc;
}

int
lever_act(struct drill *d, const struct json *act, const struct json *lever,
    struct err *err)
{
	const char *command = json_get_str(act, "exec");

	if (command != NULL)
		return run_command(command, limit_of(lever), err);
	if (json_get(act, "request") == NULL)
		return err_set(err, RC_USAGE, "it has neither exec nor "
		    "request");
	return send_request(d, json_get(act, "request"), limit_of(lever),
	    err);
}
