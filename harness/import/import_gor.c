/*
 * GoReplay's files: payloads behind a header line, parted by a line of three
 * monkeys. "1 ID TIME LATENCY" is a request, "2 ID TIME LATENCY" the service's
 * answer; "3" a replayed one, which is skipped.
 * source  GoReplay's documentation, "Saving and replaying from file"
 */
#include <stdlib.h>
#include <string.h>

#include "harness/import/http_part.h"

static const char separator[] = "\xf0\x9f\x90\xb5\xf0\x9f\x99\x88"
    "\xf0\x9f\x99\x89";

/* Requests wait here for their answers, and answers for their requests: what
 * was captured comes in either order. */
enum { GOR_WAITING = 4096 };

struct gor_payload {
	char kind;		/* '1' or '2' */
	char id[64];
	int64_t at_ns, latency_ns;
	char *p;		/* owned */
	size_t n;
	uint64_t turn;
};

struct gor {
	struct import *im;
	struct import_src *src;
	struct import_http h;
	struct gor_payload waiting[GOR_WAITING];
	uint64_t turn;
	struct buf one;
};

static int
put(struct gor *g, const struct gor_payload *q, const struct gor_payload *a,
    struct err *err)
{
	struct import_http *h = &g->h;

	import_http_start(h);
	if (import_http_message(h, 0, q->p, q->n) != 0 || (a != NULL &&
	    import_http_message(h, 1, a->p, a->n) != 0)) {
		import_unusable(g->im, g->src, "a payload that is not an "
		    "HTTP/1 message");
		return RC_OK;
	}
	h->ex.id = q->id;
	h->ex.sent_ns = q->at_ns;
	if (a != NULL)
		h->ex.total_ns = a->latency_ns > 0 ? a->latency_ns :
		    a->at_ns - q->at_ns;
	import_http_outcome(h);
	if (a == NULL) {
		h->ex.outcome = OUTCOME_OK;
		h->ex.why = "only the request was kept";
	}
	return import_exchange(g->im, &h->ex, h->req, h->res, err);
}

static void
forget(struct gor_payload *w)
{
	free(w->p);
	memset(w, 0, sizeof(*w));
}

/* What will not be met any more. */
static int
give_up(struct gor *g, struct gor_payload *w, struct err *err)
{
	int rc = RC_OK;

	if (w->p != NULL && w->kind == '1')
		rc = put(g, w, NULL, err);
	else if (w->p != NULL)
		import_unusable(g->im, g->src, "an answer without its "
		    "request");
	forget(w);
	return rc;
}

/* A free place, or that of what waits longest. */
static int
wait_for_other(struct gor *g, const struct gor_payload *q, struct err *err)
{
	struct gor_payload *w = &g->waiting[0];
	size_t i;
	int rc;

	for (i = 0; i < GOR_WAITING && w->p != NULL; i++) {
		if (g->waiting[i].p == NULL ||
		    g->waiting[i].turn < w->turn)
			w = &g->waiting[i];
	}
	rc = give_up(g, w, err);
	*w = *q;
	w->turn = ++g->turn;
	w->p = malloc(q->n + 1);
	if (w->p == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	memcpy(w->p, q->p, q->n);
	return rc;
}

static int
meet(struct gor *g, const struct gor_payload *x, struct err *err)
{
	struct gor_payload *w;
	size_t i;
	int rc;

	for (i = 0; i < GOR_WAITING; i++) {
		w = &g->waiting[i];
		if (w->p == NULL || w->kind == x->kind ||
		    strcmp(w->id, x->id) != 0)
			continue;
		rc = x->kind == '1' ? put(g, x, w, err) : put(g, w, x, err);
		forget(w);
		return rc;
	}
	return wait_for_other(g, x, err);
}

/* "1 ID TIME LATENCY" */
static int
meta(const char *line, size_t n, struct gor_payload *out)
{
	char text[160], *p, *end;

	memset(out, 0, sizeof(*out));
	if (n < 3 || n >= sizeof(text) || line[1] != ' ')
		return -1;
	memcpy(text, line, n);
	text[n] = '\0';
	out->kind = text[0];
	p = strchr(text + 2, ' ');
	if (p == NULL || (size_t)(p - text - 2) >= sizeof(out->id))
		return -1;
	memcpy(out->id, text + 2, (size_t)(p - text - 2));
	out->at_ns = strtoll(p, &end, 10);
	if (end == p)
		return -1;
	out->latency_ns = strtoll(end, NULL, 10);
	if (out->at_ns < 0)
		out->at_ns = -1;
	return 0;
}

static int
payload(struct gor *g, struct err *err)
{
	const char *p = buf_str(&g->one);
	const char *nl = memchr(p, '\n', g->one.len);
	struct gor_payload one;

	if (g->one.len == 0)
		return RC_OK;
	import_seen(g->im);
	if (g->one.bad != RC_OK || nl == NULL ||
	    meta(p, (size_t)(nl - p), &one) != 0) {
		import_unusable(g->im, g->src, "a payload without its header "
		    "line");
		return RC_OK;
	}
	one.p = g->one.p + (nl + 1 - p);
	one.n = g->one.len - (size_t)(nl + 1 - p);
	return one.kind == '1' || one.kind == '2' ? meet(g, &one, err) :
	    RC_OK;
}

/* Payloads hold any bytes, so lines are read with their ends. */
static int
each_payload(struct gor *g, struct err *err)
{
	char chunk[1 << 14];
	size_t n, i, from;
	int rc;

	while ((rc = import_read(g->src, chunk, sizeof(chunk), &n, err)) ==
	    RC_OK && n > 0) {
		for (i = from = 0; rc == RC_OK && i < n; i++) {
			if (chunk[i] != '\n')
				continue;
			buf_add(&g->one, chunk + from, i - from);
			from = i + 1;
			if (g->one.len >= sizeof(separator) - 1 &&
			    memcmp(g->one.p + g->one.len -
			    (sizeof(separator) - 1), separator,
			    sizeof(separator) - 1) == 0) {
				g->one.len -= sizeof(separator) - 1;
				/* the separator's own line break */
				if (g->one.len > 0 &&
				    g->one.p[g->one.len - 1] == '\n')
					g->one.len--;
				rc = payload(g, err);
				buf_reset(&g->one);
			} else if (g->one.len > 0) {
				buf_putc(&g->one, '\n');
			}
		}
		buf_add(&g->one, chunk + from, n - from);
		if (rc != RC_OK)
			return rc;
	}
	return rc == RC_OK ? payload(g, err) : rc;
}

static int
read_gor(struct import *im, struct import_src *src, struct err *err)
{
	struct gor *g = calloc(1, sizeof(*g));
	size_t i;
	int rc;

	if (g == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	g->im = im;
	g->src = src;
	import_http_init(&g->h);
	buf_init(&g->one, IMPORT_VALUE_MAX);
	rc = each_payload(g, err);
	for (i = 0; i < GOR_WAITING; i++) {
		if (rc == RC_OK)
			rc = give_up(g, &g->waiting[i], err);
		forget(&g->waiting[i]);
	}
	buf_fini(&g->one);
	import_http_fini(&g->h);
	free(g);
	return rc;
}

const struct import_format import_gor = {
	.name = "gor",
	.help = "GoReplay's request and response files (.gor)",
	.read = read_gor,
};
