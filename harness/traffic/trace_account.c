/* Accounts of traces: what was seen and not written; see trace.h. */
#include "harness/traffic/trace_part.h"

#include <string.h>

static const char *const kinds[2] = { "dropped", "refused" };

static struct trace_reason *
slot(struct trace_counts *c, int kind, const char *reason)
{
	struct trace_reason *rows = c->reasons[kind];
	size_t *n = &c->n_reasons[kind], i, last = TRACE_DROPS_MAX - 1;

	for (i = 0; i < *n; i++) {
		if (strncmp(rows[i].text, reason, sizeof(rows[i].text) - 1) ==
		    0)
			return &rows[i];
	}
	if (*n > last)
		return &rows[last];
	if (*n == last)
		reason = "other";
	(void)strncpy(rows[*n].text, reason, sizeof(rows[*n].text) - 1);
	return &rows[(*n)++];
}

void
trace_counts_add(struct trace_counts *c, int kind, const char *reason,
    uint64_t n)
{
	if (n == 0)
		return;
	slot(c, kind, reason)->n += n;
	c->n[kind] += n;
}

void
trace_counts_sum(const struct trace_counts *c, struct trace_account *out)
{
	memset(out, 0, sizeof(*out));
	out->written = c->written;
	out->dropped = c->n[0];
	out->refused = c->n[1];
	out->seen = c->written + c->n[0] + c->n[1];
}

void
trace_counts_each(const struct trace_counts *c, trace_drop_fn *fn, void *ctx)
{
	size_t i;
	int kind;

	for (kind = 0; kind < 2; kind++) {
		for (i = 0; i < c->n_reasons[kind]; i++)
			fn(ctx, kind, c->reasons[kind][i].text,
			    c->reasons[kind][i].n);
	}
}

uint64_t
trace_counts_take(struct trace_counts *c, const struct json *account)
{
	const struct json *d;
	uint64_t n, all = 0;
	int kind;

	for (kind = 0; kind < 2; kind++) {
		for (d = json_first(json_get(account, kinds[kind]));
		    d != NULL; d = json_next(d)) {
			n = json_int(d, 0) > 0 ? (uint64_t)json_int(d, 0) : 0;
			trace_counts_add(c, kind, json_key(d), n);
			all += n;
		}
	}
	return all;
}

/* ,"dropped":{"queue full":3} */
static void
put_reasons(struct buf *b, const struct trace_counts *c, int kind)
{
	size_t i;

	buf_puts(b, ",\"");
	buf_puts(b, kinds[kind]);
	buf_puts(b, "\":{");
	for (i = 0; i < c->n_reasons[kind]; i++) {
		if (i > 0)
			buf_putc(b, ',');
		json_write_str(b, c->reasons[kind][i].text,
		    strlen(c->reasons[kind][i].text));
		buf_putc(b, ':');
		buf_u64(b, c->reasons[kind][i].n);
	}
	buf_putc(b, '}');
}

static void
put_both(struct buf *b, const struct trace_counts *c)
{
	put_reasons(b, c, 0);
	if (c->n_reasons[1] > 0)
		put_reasons(b, c, 1);
	buf_putc(b, '}');
}

void
trace_counts_tail(const struct trace_counts *c, struct buf *b)
{
	buf_puts(b, "{\"type\":\"tail\",\"seen\":");
	buf_u64(b, c->written + c->n[0] + c->n[1]);
	buf_puts(b, ",\"written\":");
	buf_u64(b, c->written);
	put_both(b, c);
}

void
trace_counts_account(const struct trace_counts *c, struct buf *b)
{
	buf_puts(b, "{\"type\":\"account\"");
	put_both(b, c);
}
