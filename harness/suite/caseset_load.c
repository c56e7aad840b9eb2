/* Filling a case set: gold files, lists, then the sample and the filter; see
 * caseset.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/hash.h"
#include "harness/base/tmpfile.h"
#include "harness/suite/caseset_part.h"

enum { READ_BYTES = 1 << 20 };

/* ---- sources ----------------------------------------------------------- */

static int
is_blank(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
			return 0;
	}
	return 1;
}

struct lines {
	struct caseset *cs;
	const struct suite *suite;
	struct gold gold;
	uint64_t at;		/* offset of what the buffer begins with */
	uint32_t number;
};

/* Takes the whole lines of a buffer; *used: their bytes. */
static int
take_lines(struct lines *l, const char *p, size_t n, int last, size_t *used,
    struct err *err)
{
	struct case_line line;
	const char *nl;
	size_t i = 0, len;
	int rc = RC_OK;

	while (i < n && rc == RC_OK) {
		nl = memchr(p + i, '\n', n - i);
		if (nl == NULL && !last)
			break;
		len = nl == NULL ? n - i : (size_t)(nl - p) - i;
		line.p = p + i;
		line.n = len;
		line.at = l->at + i;
		line.number = ++l->number;
		if (!is_blank(line.p, len))
			rc = caseset_add(l->cs, l->suite, &l->gold, &line,
			    err);
		i += len + (nl != NULL);
	}
	*used = i;
	l->at += i;
	return rc;
}

static int
read_lines(struct lines *l, struct buf *b, struct err *err)
{
	size_t used = 0;
	ssize_t n;
	char *to;
	int rc;

	do {
		to = buf_reserve(b, READ_BYTES);
		if (to == NULL)
			return err_set(err, RC_FORMAT, "%s:%u: a line of "
			    "more than %d MiB", l->cs->path, l->number + 1,
			    CASE_LINE_MAX >> 20);
		do
			n = read(l->cs->fd, to, READ_BYTES);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return err_errno(err, RC_IO, "%s: cannot read",
			    l->cs->path);
		b->len += (size_t)n;
		rc = take_lines(l, b->p, b->len, n == 0, &used, err);
		b->len -= used;
		memmove(b->p, b->p + used, b->len);
	} while (rc == RC_OK && n > 0);
	return rc;
}

static int
from_file(struct caseset *cs, const struct suite *s, struct err *err)
{
	struct lines l;
	struct buf b;
	int rc;

	cs->fd = open(cs->path, O_RDONLY | O_CLOEXEC);
	if (cs->fd < 0)
		return err_errno(err, RC_IO, "%s: cannot open (cases of %s)",
		    cs->path, s->path);
	memset(&l, 0, sizeof(l));
	l.cs = cs;
	l.suite = s;
	gold_init(&l.gold);
	buf_init(&b, CASE_LINE_MAX + READ_BYTES);
	rc = read_lines(&l, &b, err);
	if (rc == RC_OK && cs->n == 0)
		rc = err_set(err, RC_FORMAT, "%s: no case in it", cs->path);
	buf_fini(&b);
	gold_fini(&l.gold);
	return rc;
}

static int
from_list(struct caseset *cs, const struct suite *s, struct err *err)
{
	const struct json *j;
	struct buf line;
	struct gold g;
	uint32_t n = 0;
	int rc = RC_OK;

	gold_init(&g);
	buf_init(&line, CASE_LINE_MAX);
	for (j = json_first(s->cases_inline); j != NULL && rc == RC_OK;
	    j = json_next(j)) {
		buf_reset(&line);
		json_write(&line, j);
		rc = caseset_spool(cs, s, &g, &line, ++n, err);
	}
	if (rc == RC_OK && n == 0)
		rc = err_set(err, RC_FORMAT, "%s: `cases` is empty",
		    s->path);
	buf_fini(&line);
	gold_fini(&g);
	return rc;
}

static int
load_cases(struct caseset *cs, const struct suite *s, struct err *err)
{
	const char *file = s->cases_file != NULL ? s->cases_file :
	    s->cases_trace;
	int rc;

	if (s->cases_inline == NULL && file == NULL)
		return err_set(err, RC_USAGE, "%s: the suite has no cases; add "
		    "`cases: gold.jsonl`", s->path);
	cs->path = file != NULL ? suite_resolve(s, file) : NULL;
	if (file == NULL && asprintf(&cs->path, "%s: cases", s->path) < 0)
		cs->path = NULL;
	if (cs->path == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (s->cases_file != NULL && s->cases_inline == NULL)
		return from_file(cs, s, err);
	rc = tmpfile_open(&cs->fd, err);
	if (rc != RC_OK)
		return rc;
	return s->cases_inline != NULL ? from_list(cs, s, err) :
	    caseset_from_trace(cs, s, cs->path, err);
}

/* ---- opening ----------------------------------------------------------- */

/* Each line's hash into the next, in order. */
static int
hash_all(struct caseset *cs, struct err *err)
{
	struct case_ahead ahead;
	struct buf line;
	size_t i;
	int rc = RC_OK;

	case_ahead_init(&ahead);
	buf_init(&line, CASE_LINE_MAX + 64);
	hash_hex("", 0, cs->hash);
	for (i = 0; i < cs->n && rc == RC_OK; i++) {
		rc = case_read(cs, &cs->v[i], &ahead, &line, err);
		if (rc != RC_OK)
			break;
		buf_add(&line, cs->hash, strlen(cs->hash));
		rc = buf_check(&line, "a case", err);
		hash_hex(buf_str(&line), line.len, cs->hash);
	}
	buf_fini(&line);
	case_ahead_fini(&ahead);
	return rc;
}

/* What only loading needs. */
static void
forget_loading(struct caseset *cs)
{
	free(cs->strata);
	cs->strata = NULL;
	free(cs->draw);
	cs->draw = NULL;
	id_set_fini(&cs->shown);
}

int
caseset_open(const struct suite *s, const struct caseset_filter *f,
    struct caseset **out, struct err *err)
{
	struct caseset *cs = calloc(1, sizeof(*cs));
	int rc;

	*out = NULL;
	if (cs == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	cs->fd = -1;
	cs->critical = s->cases_critical;
	rc = load_cases(cs, s, err);
	if (rc == RC_OK && s->sample > 0 && s->sample < cs->n)
		rc = caseset_sample(cs, s, err);
	if (rc == RC_OK && f != NULL &&
	    (f->n_ids > 0 || f->n_tags > 0 || f->shards > 1))
		rc = caseset_filter(cs, f, err);
	if (rc == RC_OK && caseset_index(cs) != RC_OK)
		rc = err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = hash_all(cs, err);
	forget_loading(cs);
	if (rc == RC_OK)
		*out = cs;
	else
		caseset_close(&cs);
	return rc;
}

