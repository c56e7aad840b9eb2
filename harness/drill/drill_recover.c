/* Taking back what a killed drill left; see drill.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/drill/drill_journal.h"
#include "harness/drill/drill_load.h"
#include "harness/drill/drill_part.h"
#include "harness/drill/lever_act.h"

enum { SETS_MAX = 256 };

static int
load_again(const struct json *how, struct suite **out, struct err *err)
{
	const struct json *urls = json_get(how, "urls"), *m;
	const char *set[SETS_MAX];
	struct suite_over over;

	memset(&over, 0, sizeof(over));
	over.arm[ARM_BASELINE] = json_get_str(urls, "baseline");
	over.arm[ARM_CANDIDATE] = json_get_str(urls, "candidate");
	over.set = set;
	for (m = json_first(json_get(how, "set")); m != NULL &&
	    over.n_set < SETS_MAX; m = json_next(m))
		set[over.n_set++] = json_str(m);
	return drill_load(json_get_str(how, "suite"),
	    json_get_str(how, "with"), &over, out, err);
}

static int
open_arm(struct drill *d, enum arm arm, struct err *err)
{
	struct drill_stack *k = &d->stack[arm];
	const struct suite_target *t = &d->suite->target[arm];
	struct http_origin_opts o = { .url = t->url, .ca_file = t->ca_file,
		.cert_file = t->cert_file, .key_file = t->key_file,
		.unix_socket = t->unix_socket };
	uint64_t gen;
	int rc = RC_OK;

	buf_init(&k->token, 1 << 16);
	k->t = t;
	if (t->url == NULL || strstr(t->url, "{{") != NULL)
		return RC_OK;
	k->url = t->url;
	if (http_origin_new(&o, &k->origin, err) != RC_OK)
		return err->code;
	if (t->auth_exec != NULL)
		rc = auth_new(t->auth_exec, &k->auth, err);
	if (rc == RC_OK && k->auth != NULL)
		rc = auth_header(k->auth, &k->token, &gen, err);
	return rc;
}

static int
undo(const struct json *left, struct err *err)
{
	const char *name = json_get_str(left, "lever");
	static const struct drill_opts none;
	struct suite *suite = NULL;
	const struct json *lever;
	struct drill d;
	int rc;

	memset(&d, 0, sizeof(d));
	d.o = &none;
	(void)memcpy(d.id, "drill-undo", 11);
	rc = load_again(json_get(left, "how"), &suite, err);
	if (rc == RC_OK) {
		d.suite = suite;
		d.words = suite->drills;
		rc = http_global_init(err);
	}
	if (rc == RC_OK)
		rc = open_arm(&d, ARM_BASELINE, err);
	if (rc == RC_OK)
		rc = open_arm(&d, ARM_CANDIDATE, err);
	lever = json_get(drill_word(&d, "levers"), name == NULL ? "" : name);
	if (rc == RC_OK && json_get(lever, "undo") == NULL)
		rc = err_set(err, RC_USAGE, "the suite no longer says how");
	if (rc == RC_OK)
		rc = lever_act(&d, json_get(lever, "undo"), lever, err);
	stacks_close(&d);
	suite_free(suite);
	return rc;
}

int
drill_recover(const char *home, size_t *n, struct err *err)
{
	struct err why = ERR_INIT;
	struct journal *j;
	const struct json *left;
	size_t k;
	int rc = journal_open(home, NULL, &j, err);

	*n = 0;
	while (rc == RC_OK && (k = json_size(journal_left(j))) > 0) {
		left = json_at(journal_left(j), k - 1);
		if (undo(left, &why) != RC_OK)
			rc = err_set(err, RC_USAGE, "a drill that was killed "
			    "left the lever \"%.60s\" pulled, and it cannot be "
			    "taken back: %.240s. Take it back by hand, then "
			    "delete %s", json_get_str(left, "lever"), why.msg,
			    journal_path(j));
		else
			rc = journal_drop_left(j, err);
		*n += rc == RC_OK;
	}
	journal_close(&j);
	return rc;
}
