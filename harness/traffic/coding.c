/* Lists of content codings, and their bounds; see coding.h. */
#include "harness/traffic/coding.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/traffic/coding_part.h"

struct stage {
	const struct codec *codec;
	void *state;
	struct buf made;	/* by one step */
	size_t in, out;		/* bytes so far, for the bounds */
};

struct coding {
	struct stage stage[CODING_LIST_MAX];	/* the outermost first */
	size_t n;
	size_t text_max;
	coding_out_fn *out;
	void *ctx;
};

/* ---- lists ------------------------------------------------------------- */

static const char *
next_name(const char *list, size_t *n)
{
	list += strspn(list, " \t,");
	*n = strcspn(list, ",");
	while (*n > 0 && (list[*n - 1] == ' ' || list[*n - 1] == '\t'))
		(*n)--;
	return list;
}

static int
is_name(const char *p, size_t n, const char *name)
{
	return strlen(name) == n && strncasecmp(p, name, n) == 0;
}

static const struct codec *
find(const char *p, size_t n)
{
	static const struct codec *const known[] = {
		&codec_gzip, &codec_deflate, &codec_br, &codec_zstd
	};
	size_t i;

	if (is_name(p, n, "x-gzip"))
		return &codec_gzip;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (is_name(p, n, known[i]->name))
			return known[i];
	}
	return NULL;
}

/* A list that does not fit is not a list of known codings. */
const char *
coding_of(const struct ex_header *headers, size_t n, char list[static 128])
{
	const char *p;
	size_t i, len, to = 0;
	int plain = 1;

	for (i = 0; i < n; i++) {
		if (strcasecmp(headers[i].name, "content-encoding") != 0)
			continue;
		len = strlen(headers[i].value);
		if (to > 0)
			list[to++] = ',';
		if (len > 127 - to)
			len = 127 - to;
		memcpy(list + to, headers[i].value, len);
		to += len;
		if (to > 125)
			break;
	}
	list[to] = '\0';
	for (p = next_name(list, &len); len > 0; p = next_name(p + len, &len))
		plain &= is_name(p, len, "identity");
	return plain ? NULL : list;
}

int
coding_new(const char *list, size_t text_max, coding_out_fn *out, void *ctx,
    struct coding **into, struct err *err)
{
	const struct codec *names[CODING_LIST_MAX];
	struct coding *c;
	size_t n = 0, len, i;

	for (list = next_name(list, &len); len > 0;
	    list = next_name(list + len, &len)) {
		if (is_name(list, len, "identity"))
			continue;
		if (n == CODING_LIST_MAX)
			return err_set(err, RC_FORMAT,
			    "more than %d content codings", CODING_LIST_MAX);
		names[n] = find(list, len);
		if (names[n++] == NULL)
			return err_set(err, RC_FORMAT,
			    "unknown content coding \"%.*s\"", len < 40 ?
			    (int)len : 40, list);
	}
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	c->text_max = text_max;
	c->out = out;
	c->ctx = ctx;
	for (i = 0; i < n; i++) {
		struct stage *s = &c->stage[c->n++];

		s->codec = names[n - 1 - i];
		buf_init(&s->made, CODING_STEP + 1);
		s->state = s->codec->open();
		if (s->state == NULL) {
			coding_free(c);
			return err_set(err, RC_NOMEM, "out of memory");
		}
	}
	*into = c;
	return RC_OK;
}

void
coding_free(struct coding *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->n; i++) {
		if (c->stage[i].state != NULL)
			c->stage[i].codec->close(c->stage[i].state);
		buf_fini(&c->stage[i].made);
	}
	free(c);
}

/* ---- unpacking --------------------------------------------------------- */

/* Whether a step may have made so much. */
static int
within(const struct coding *c, const struct stage *s, struct err *err)
{
	if (s->out > c->text_max)
		return err_set(err, RC_FORMAT, "too large: %s unpacks to "
		    "more than %zu bytes", s->codec->name, c->text_max);
	if (s->out > CODING_FREE && s->out / CODING_RATIO > s->in)
		return err_set(err, RC_FORMAT, "too large: %s unpacks %zu "
		    "bytes to more than %d times as many", s->codec->name,
		    s->in, CODING_RATIO);
	return RC_OK;
}

static int
pass(struct coding *c, size_t k, const char *p, size_t n, struct err *err)
{
	struct coding_in in = { p, n, 0 };
	struct stage *s;
	size_t before;
	int rc = RC_OK, more = n > 0;

	if (k >= c->n || k >= CODING_LIST_MAX)
		return n == 0 ? RC_OK : c->out(c->ctx, p, n, err);
	s = &c->stage[k];
	while (more && rc == RC_OK) {
		buf_reset(&s->made);
		before = in.used;
		rc = s->codec->step(s->state, &in, &s->made, err);
		if (rc != RC_OK)
			break;
		s->in += in.used - before;
		s->out += s->made.len;
		more = in.used < in.n || s->made.len == CODING_STEP;
		if (in.used == before && s->made.len == 0 && more)
			return err_set(err, RC_FORMAT, "corrupt %s data",
			    s->codec->name);
		rc = within(c, s, err);
		if (rc == RC_OK)
			rc = pass(c, k + 1, s->made.p, s->made.len, err);
	}
	return rc;
}

int
coding_feed(struct coding *c, const char *p, size_t n, struct err *err)
{
	return pass(c, 0, p, n, err);
}

int
coding_end(struct coding *c, struct err *err)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (!c->stage[i].codec->whole(c->stage[i].state))
			return err_set(err, RC_FORMAT,
			    "truncated: the %s data ends too early",
			    c->stage[i].codec->name);
	}
	return RC_OK;
}

static int
add_text(void *ctx, const char *p, size_t n, struct err *err)
{
	struct buf *out = ctx;

	buf_add(out, p, n);
	return buf_check(out, "an unpacked answer", err);
}

int
coding_undo(const char *list, const char *p, size_t n, size_t text_max,
    struct buf *out, struct err *err)
{
	struct coding *c = NULL;
	int rc = coding_new(list, text_max, add_text, out, &c, err);

	if (rc == RC_OK)
		rc = coding_feed(c, p, n, err);
	if (rc == RC_OK)
		rc = coding_end(c, err);
	coding_free(c);
	return rc;
}
