/* What a service says of its keys; see ledger.h. */
#include "harness/drill/ledger.h"

#include <stdio.h>
#include <string.h>

#include "harness/drill/log_lines.h"
#include "harness/drill/said.h"

static const char missing[] = "idempotency missing";

enum { TEXT_MAX = 64 << 20, DEEP_MAX = 8 };

/* ---- stores ------------------------------------------------------------- */

struct compared {
	size_t n, same;
	char seen[200];			/* the first that differs */
};

static int
keeps(const struct json *want, const struct json *is)
{
	if (json_kind(want) == JSON_NUMBER && json_kind(is) == JSON_NUMBER)
		return json_num(is, 0) >= json_num(want, 0);
	return is != NULL && json_equal(want, is);
}

static void
differs(struct compared *c, const struct json *want, const struct json *is)
{
	struct buf b;
	const char *w;

	if (c->seen[0] != '\0')
		return;
	buf_init(&b, 1 << 16);
	w = json_word(is, &b);
	(void)snprintf(c->seen, sizeof(c->seen), "; %.60s: %.100s",
	    json_key(want), w == NULL ? "nothing" : w);
	buf_fini(&b);
}

static void
compare(struct compared *c, const struct json *want, const struct json *is,
    int deep)
{
	const struct json *m;
	int same;

	for (m = json_first(want); m != NULL && deep < DEEP_MAX;
	    m = json_next(m)) {
		if (json_kind(m) == JSON_OBJECT) {
			compare(c, m, json_get(is, json_key(m)), deep + 1);
			continue;
		}
		same = keeps(m, json_get(is, json_key(m)));
		c->n++;
		c->same += (size_t)same;
		if (!same)
			differs(c, m, json_get(is, json_key(m)));
	}
}

int
ledger_stores(struct drill *d, struct err *err)
{
	static const char name[] = "its stores are the manifest's";
	const struct json *want = drill_doc(d, "stores");
	const char *at = json_str(drill_word(d, "config.stores"));
	struct compared c = { .n = 0 };
	struct json_ptr *p;
	struct json *j;
	struct buf text;
	char why[200];
	int rc;

	if (json_kind(want) != JSON_OBJECT)
		return RC_OK;
	buf_init(&text, TEXT_MAX);
	rc = said(d, "config", &text, why, err);
	if (rc == 0) {
		drill_skip(d, name, "needs where the service reports its "
		    "settings: --set config.request.path=/PATH, or "
		    "config.exec=COMMAND (and config.stores, /stores)");
	} else if (rc > 0 && why[0] != '\0') {
		(void)drill_check(d, name, 0, NULL, "%s", why);
	} else if (rc > 0) {
		j = json_parse(buf_str(&text), text.len, NULL);
		p = json_ptr_new(at == NULL ? "/stores" : at, NULL);
		compare(&c, want, json_ptr_find(p, j), 0);
		(void)drill_check(d, name, c.same == c.n, missing,
		    "%zu of %zu settings are as they must be%s", c.same, c.n,
		    c.seen);
		json_ptr_free(p);
		json_free(j);
	}
	buf_fini(&text);
	return rc < 0 ? rc : RC_OK;
}

/* ---- logging ------------------------------------------------------------ */

int
ledger_logging(struct drill *d, struct err *err)
{
	static const char name[] = "its log has the fields";
	const struct json *fields = drill_doc(d, "logging.include_fields");
	struct log_lines l = { .n = 0 };
	struct buf text;
	char why[200];
	int rc;

	if (json_first(fields) == NULL)
		return RC_OK;
	buf_init(&text, TEXT_MAX);
	rc = said(d, "logs", &text, why, err);
	if (rc > 0 && why[0] == '\0') {
		log_lines_look(buf_str(&text), text.len, d->id, fields, &l);
		(void)drill_check(d, name, l.n > 0 && l.bare == 0, NULL,
		    l.n == 0 ? "no line names a key of this drill" :
		    "%zu of %zu lines about keys of this drill lack one%s%s",
		    l.bare, l.n, l.lacks[0] == '\0' ? "" : ": ", l.lacks);
	} else if (rc > 0) {
		(void)drill_check(d, name, 0, NULL, "%s", why);
	} else if (rc == 0) {
		drill_skip(d, name, "needs the service's log, a JSON object a "
		    "line: --set logs.exec='COMMAND', or "
		    "logs.request.path=/PATH");
	}
	buf_fini(&text);
	return rc < 0 ? rc : RC_OK;
}
