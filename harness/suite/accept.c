/* Accepted answers; see accept.h. */
#include "harness/suite/accept.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/hash.h"
#include "harness/base/json.h"
#include "harness/base/replace.h"

struct accepted {
	struct json *lines;	/* array of the parsed lines: owns all text */
	struct accept_case *v;	/* sorted by id */
	size_t n;
};

char *
accept_path(const char *suite_path, const char *end)
{
	const char *slash = strrchr(suite_path, '/');
	const char *dot = strrchr(suite_path, '.');
	size_t n = dot != NULL && (slash == NULL || dot > slash) ?
	    (size_t)(dot - suite_path) : strlen(suite_path);
	char *out;

	return asprintf(&out, "%.*s.%s", (int)n, suite_path, end) < 0 ?
	    NULL : out;
}

/* ---- reading ------------------------------------------------------------ */

static int
by_id(const void *a, const void *b)
{
	return strcmp(((const struct accept_case *)a)->id,
	    ((const struct accept_case *)b)->id);
}

static int
read_answers(const struct json *j, struct accept_case *c, struct err *err)
{
	const struct json *list = json_get(j, "answers"), *x;
	char hex[HASH_HEX];
	const char *hash;

	c->answers = calloc(json_size(list) + 1, sizeof(*c->answers));
	if (c->answers == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (x = json_first(list); x != NULL; x = json_next(x)) {
		struct accept_answer *a = &c->answers[c->n_answers++];

		a->wording = (uint32_t)json_get_int(x, "wording", 0);
		a->text = json_text(json_get(x, "text"), &a->text_n);
		hash = json_get_str(x, "hash");
		if (a->text == NULL || hash == NULL)
			return err_set(err, RC_FORMAT,
			    "an answer needs \"text\" and \"hash\"");
		hash_hex(a->text, a->text_n, hex);
		if (strcmp(hex, hash) != 0)
			return err_set(err, RC_FORMAT, "case \"%s\": the text "
			    "was changed after it was accepted (its hash is "
			    "%s); accept it again", c->id, hex);
	}
	return RC_OK;
}

static int
read_case(const struct json *j, struct accept_case *c, struct err *err)
{
	memset(c, 0, sizeof(*c));
	c->id = json_get_str(j, "case");
	c->reason = json_get_str(j, "reason");
	c->by = json_get_str(j, "by");
	c->at = json_get_str(j, "at");
	c->run = json_get_str(j, "run");
	if (c->id == NULL || c->reason == NULL || c->by == NULL ||
	    c->at == NULL)
		return err_set(err, RC_FORMAT, "an accepted case needs "
		    "\"case\", \"reason\", \"by\" and \"at\"");
	return read_answers(j, c, err);
}

static int
read_line(struct accepted *a, const char *line, size_t n, struct err *err)
{
	struct accept_case *v;
	struct json *j = json_parse(line, n, err);

	if (j == NULL)
		return err->code;
	if (json_push(a->lines, j) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	v = realloc(a->v, (a->n + 1) * sizeof(*v));
	if (v == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	a->v = v;
	return read_case(j, &a->v[a->n++], err);
}

static int
read_lines(struct accepted *a, const char *path, const char *text, size_t n,
    struct err *err)
{
	const char *end = text + n, *nl;
	size_t len, line = 0, i;
	int rc = RC_OK;

	while (text < end && rc == RC_OK) {
		nl = memchr(text, '\n', (size_t)(end - text));
		len = (size_t)((nl == NULL ? end : nl) - text);
		line++;
		if (len > 0)
			rc = read_line(a, text, len, err);
		if (rc != RC_OK)
			err_prefix(err, "%s:%zu", path, line);
		text += len + 1;
	}
	if (rc != RC_OK || a->n == 0)
		return rc;
	qsort(a->v, a->n, sizeof(*a->v), by_id);
	for (i = 1; i < a->n; i++) {
		if (strcmp(a->v[i - 1].id, a->v[i].id) == 0)
			return err_set(err, RC_FORMAT,
			    "%s: case \"%s\" is there twice", path,
			    a->v[i].id);
	}
	return RC_OK;
}

static int
read_file(struct accepted *a, const char *path, struct err *err)
{
	FILE *f = fopen(path, "rb");
	char *text;
	size_t n;
	int rc;

	if (f == NULL)
		return errno == ENOENT ? RC_OK : err_errno(err, RC_IO,
		    "%s: cannot open", path);
	text = malloc(ACCEPT_FILE_MAX + 1);
	if (text == NULL) {
		(void)fclose(f);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	n = fread(text, 1, ACCEPT_FILE_MAX + 1, f);
	if (ferror(f))
		rc = err_errno(err, RC_IO, "%s: cannot read", path);
	else if (n > ACCEPT_FILE_MAX)
		rc = err_set(err, RC_FORMAT, "%s: larger than %zu MiB", path,
		    ACCEPT_FILE_MAX >> 20);
	else
		rc = read_lines(a, path, text, n, err);
	(void)fclose(f);
	free(text);
	return rc;
}

int
accepted_open(const char *suite_path, struct accepted **out, struct err *err)
{
	struct accepted *a = calloc(1, sizeof(*a));
	char *path = accept_path(suite_path, "accepted.jsonl");
	int rc;

	*out = NULL;
	if (a != NULL)
		a->lines = json_new(JSON_ARRAY);
	if (a == NULL || path == NULL || a->lines == NULL)
		rc = err_set(err, RC_NOMEM, "out of memory");
	else
		rc = read_file(a, path, err);
	free(path);
	if (rc != RC_OK) {
		accepted_free(a);
		return rc;
	}
	*out = a;
	return RC_OK;
}

void
accepted_free(struct accepted *a)
{
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < a->n; i++)
		free(a->v[i].answers);
	free(a->v);
	json_free(a->lines);
	free(a);
}

size_t
accepted_n(const struct accepted *a)
{
	return a == NULL ? 0 : a->n;
}

const struct accept_case *
accepted_at(const struct accepted *a, size_t i)
{
	return &a->v[i];
}

const struct accept_case *
accepted_find(const struct accepted *a, const char *case_id)
{
	struct accept_case key = { .id = case_id };

	return accepted_n(a) == 0 ? NULL :
	    bsearch(&key, a->v, a->n, sizeof(*a->v), by_id);
}

const char *
accepted_text(const struct accepted *a, const char *case_id,
    uint32_t wording, size_t *n)
{
	const struct accept_case *c = accepted_find(a, case_id);
	size_t i;

	for (i = 0; c != NULL && i < c->n_answers; i++) {
		if (c->answers[i].wording != wording)
			continue;
		*n = c->answers[i].text_n;
		return c->answers[i].text;
	}
	return NULL;
}

/* ---- writing ------------------------------------------------------------ */

static void
write_case(struct buf *b, const struct accept_case *c)
{
	char hex[HASH_HEX];
	struct json_out o;
	size_t i;

	json_out_init(&o, b, 0);
	json_out_obj(&o);
	json_put_str(&o, "case", c->id);
	json_put_str(&o, "reason", c->reason);
	json_put_str(&o, "by", c->by);
	json_put_str(&o, "at", c->at);
	json_put_str(&o, "run", c->run);
	json_out_key(&o, "answers");
	json_out_arr(&o);
	for (i = 0; i < c->n_answers; i++) {
		if (c->answers[i].text == NULL)
			continue;
		hash_hex(c->answers[i].text, c->answers[i].text_n, hex);
		json_out_obj(&o);
		json_put_int(&o, "wording", c->answers[i].wording);
		json_put_str(&o, "hash", hex);
		json_out_key(&o, "text");
		json_out_strn(&o, c->answers[i].text, c->answers[i].text_n);
		json_out_end(&o, '}');
	}
	json_out_end(&o, ']');
	json_out_end(&o, '}');
	buf_putc(b, '\n');
}

int
accepted_put(const char *suite_path, const struct accept_case *c,
    struct err *err)
{
	struct accepted *a = NULL;
	char *path = accept_path(suite_path, "accepted.jsonl");
	struct buf b;
	size_t i;
	int rc, put = 0;

	buf_init(&b, ACCEPT_FILE_MAX);
	rc = path == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    accepted_open(suite_path, &a, err);
	for (i = 0; rc == RC_OK && i < a->n; i++) {
		int order = strcmp(a->v[i].id, c->id);

		if (!put && order >= 0) {
			write_case(&b, c);
			put = 1;
		}
		if (order != 0)
			write_case(&b, &a->v[i]);
	}
	if (rc == RC_OK && !put)
		write_case(&b, c);
	if (rc == RC_OK)
		rc = buf_check(&b, path, err);
	if (rc == RC_OK)
		rc = replace_file(path, REPLACE_SHARED, b.p, b.len, err);
	buf_fini(&b);
	accepted_free(a);
	free(path);
	return rc;
}
