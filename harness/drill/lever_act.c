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

/* ---- {{weight}} --------------------------------------------------------- */

static const char weight_word[] = "{{weight}}";

/* The text of what a lever does, without its undo. */
static void
put_act(struct buf *b, const struct json *act)
{
	const struct json *exec = json_get(act, "exec");

	json_write(b, exec != NULL ? exec : json_get(act, "request"));
}

int
lever_act_has_weight(const struct json *act)
{
	struct buf b;
	int has;

	buf_init(&b, 16 << 20);
	put_act(&b, act);
	has = strstr(buf_str(&b), weight_word) != NULL;
	buf_fini(&b);
	return has;
}

/* A copy in which each {{weight}} is the number; a text that is nothing else
 * becomes a number. Caller frees; NULL: out of memory. */
static struct json *
with_weight(const struct json *act, double weight)
{
	static const char alone[] = "\"{{weight}}\"";
	struct json *out = json_new(JSON_OBJECT), *part;
	const char *key = json_get(act, "exec") != NULL ? "exec" : "request";
	struct buf was, is;
	const char *p;

	buf_init(&was, 16 << 20);
	buf_init(&is, 16 << 20);
	put_act(&was, act);
	for (p = buf_str(&was); *p != '\0'; p++) {
		if (strncmp(p, alone, sizeof(alone) - 1) == 0) {
			buf_printf(&is, "%.10g", weight);
			p += sizeof(alone) - 2;
		} else if (strncmp(p, weight_word, sizeof(weight_word) - 1) ==
		    0) {
			buf_printf(&is, "%.10g", weight);
			p += sizeof(weight_word) - 2;
		} else {
			buf_putc(&is, *p);
		}
	}
	part = json_parse(buf_str(&is), is.len, NULL);
	buf_fini(&was);
	buf_fini(&is);
	if (part != NULL && json_set(out, key, part) == RC_OK)
		return out;
	json_free(out);
	return NULL;
}

static int
act_as_is(struct drill *d, const struct json *act, const struct json *lever,
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

int
lever_act(struct drill *d, const struct json *act, const struct json *lever,
    struct err *err)
{
	struct json *own;
	int rc;

	if (d->weight <= 0 || !lever_act_has_weight(act))
		return act_as_is(d, act, lever, err);
	own = with_weight(act, d->weight);
	rc = own == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    act_as_is(d, own, lever, err);
	json_free(own);
	return rc;
}
