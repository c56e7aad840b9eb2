/* What a stack reports of its index; see index_report.h. */
#include "harness/drill/index_report.h"

#include <stdio.h>
#include <string.h>

static const char swap_error[] = "index swap error";

enum { NAME_BYTES = 120, BUILT_MAX = 16 << 20 };

struct reported {
	struct drill *d;
	const char *subject;
	struct json *is;		/* what it reports */
	struct json *pins;		/* of an answer */
	char name[NAME_BYTES];
};

static const char *
name_of(struct reported *x, const char *rest)
{
	(void)snprintf(x->name, sizeof(x->name), "%s%s", x->subject, rest);
	return x->name;
}

/* A value of the report by a pointer of the suite. */
static const struct json *
at(const struct reported *x, const char *key, const char *dflt)
{
	char path[64];
	const char *text;
	struct json_ptr *p;
	const struct json *j;

	(void)snprintf(path, sizeof(path), "index.%s", key);
	text = json_str(drill_word(x->d, path));
	if (text == NULL)
		text = dflt;
	if (text == NULL)
		return NULL;
	p = json_ptr_new(text, NULL);
	j = json_ptr_find(p, x->is);
	json_ptr_free(p);
	return j;
}

static int
same_word(const struct json *a, const char *b)
{
	struct buf t;
	const char *w;
	int same;

	buf_init(&t, 1 << 16);
	w = json_word(a, &t);
	same = w != NULL && strcmp(w, b) == 0;
	buf_fini(&t);
	return same;
}

/* ---- checks ------------------------------------------------------------- */

static void
hash(struct reported *x)
{
	const char *pin = json_get_str(x->pins, "INDEX_HASH");
	const struct json *said = at(x, "hash", "/index_hash");
	struct buf t;
	const char *w;

	buf_init(&t, 1 << 16);
	w = json_word(said, &t);
	(void)drill_check(x->d, name_of(x, " is the reported one"),
	    w != NULL && pin != NULL && strcmp(w, pin) == 0, swap_error,
	    "%.80s, answers have %.80s", w == NULL ? "nothing" : w,
	    pin == NULL ? "none" : pin);
	buf_fini(&t);
}

static void
partitions(struct reported *x)
{
	const struct json *parts = at(x, "partitions", NULL), *m;
	const struct json *count = at(x, "count", NULL);
	double sum = 0, all = json_num(count, -1);
	size_t n = 0, empty = 0;

	if (drill_word(x->d, "index.partitions") == NULL)
		return;
	for (m = json_first(parts); m != NULL; m = json_next(m), n++) {
		sum += json_num(m, 0);
		empty += json_num(m, 0) <= 0;
	}
	if (count == NULL)
		(void)drill_check(x->d, name_of(x, "'s partitions"), n > 0 &&
		    empty == 0, swap_error, "%zu, %zu of them empty; index: "
		    "{count: POINTER} lets them be added up", n, empty);
	else
		(void)drill_check(x->d, name_of(x, "'s partitions"), n > 0 &&
		    empty == 0 && sum == all, swap_error, "%zu hold %.0f "
		    "documents, %zu are empty; it has %.0f", n, sum, empty,
		    all);
}

static void
geometry(struct reported *x)
{
	static const char *const of[][3] = { { "dim", "/dim", "EMBED_DIM" },
		{ "norm", "/norm", "NORM" },
		{ "metric", "/metric", "metric" } };
	char seen[240] = "";
	size_t i, n = 0, same = 0;
	const struct json *said;
	const char *pin;
	struct buf t;

	buf_init(&t, 1 << 16);
	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		said = at(x, of[i][0], of[i][1]);
		pin = json_get_str(x->pins, of[i][2]);
		if (said == NULL || pin == NULL)
			continue;
		n++;
		same += same_word(said, pin);
		if (!same_word(said, pin) && *seen == '\0')
			(void)snprintf(seen, sizeof(seen), "; %s: %.80s, "
			    "answers have %.80s", of[i][0],
			    json_word(said, &t) == NULL ? "?" :
			    json_word(said, &t), pin);
	}
	buf_fini(&t);
	if (n > 0)
		(void)drill_check(x->d, name_of(x, "'s geometry"), same == n,
		    "embedding/metric mismatch", "%zu of dim, norm and metric "
		    "are the pins'%s", same, seen);
}

/* Every member of what the build wrote, in what is reported. */
static int
built(struct reported *x, struct err *err)
{
	const char *file = json_str(drill_word(x->d, "index.built"));
	char path[1100], seen[200] = "";
	const struct json *m;
	struct json *doc;
	size_t n = 0, same = 0;

	if (file == NULL)
		return RC_OK;
	(void)snprintf(path, sizeof(path), "%.500s%s%.500s", *file == '/' ?
	    "" : x->d->suite->dir, *file == '/' ? "" : "/", file);
	doc = json_load(path, BUILT_MAX, err);
	if (doc == NULL)
		return err->code;
	for (m = json_first(doc); m != NULL; m = json_next(m), n++) {
		if (json_equal(m, json_get(x->is, json_key(m))))
			same++;
		else if (*seen == '\0')
			(void)snprintf(seen, sizeof(seen), "; %.100s differs",
			    json_key(m));
	}
	(void)drill_check(x->d, name_of(x, " is the one that was built"),
	    n > 0 && same == n, swap_error, "%zu of %zu members of %.100s%s",
	    same, n, file, seen);
	json_free(doc);
	return RC_OK;
}

/* ---- what is there ------------------------------------------------------ */

static int
look(struct reported *x, struct questions *q, const char *path,
    struct err *err)
{
	struct reading r;
	struct wave w;
	struct ask *a;
	int rc;

	wave_init(&w, 1);
	a = wave_one(x->d, &w, wave_add(x->d, &w, drill_arm(x->d), "GET",
	    path, NULL), err);
	if (a != NULL) {
		x->is = ask_json(a);
		a = wave_one(x->d, &w, questions_add(q, &w, drill_arm(x->d),
		    0, err), err);
	}
	rc = a == NULL ? (int)err->code : reading_of(q, a, &r, err);
	if (a != NULL) {
		x->pins = json_copy(r.pins);
		reading_fini(&r);
	}
	wave_fini(&w);
	return rc;
}

int
index_report(struct questions *q, const char *subject, struct err *err)
{
	const char *path = json_str(drill_word(q->d, "index.path"));
	struct reported x = { .d = q->d, .subject = subject };
	int rc;

	if (path == NULL) {
		drill_skip(q->d, name_of(&x, " is the reported one"), "needs "
		    "where it reports it: index: {path: /manifest, hash: "
		    "/index_hash}");
		return RC_OK;
	}
	rc = look(&x, q, path, err);
	if (rc == RC_OK) {
		hash(&x);
		partitions(&x);
		geometry(&x);
		rc = built(&x, err);
	}
	json_free(x.is);
	json_free(x.pins);
	return rc;
}
