/* lockstep trace diff: what two traces answer to equal requests. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hist.h"
#include "harness/base/table.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_page.h"
#include "harness/cmd/cmd_trace.h"
#include "harness/traffic/trace_each.h"

enum { SHOWN = 10 };

struct args {
	int json;
};

static const struct opt opts[] = {
	CMD_OPT_JSON(offsetof(struct args, json)),
	CMD_OPT_END
};

static const struct opt_cmd cmd = {
	.name = "trace diff",
	.usage = "[--json] BEFORE AFTER",
	.about = "Pairs the exchanges of two traces with equal requests "
	    "(method, target and body,\n"
	    "byte for byte, in their order). Prints which answers differ, "
	    "which requests are\n"
	    "in only one trace, and how long they took. Exit status 1 when "
	    "something differs.",
	.opts = opts,
};

/* The first trace's exchange; what is left over was asked there alone. */
struct before {
	unsigned char key[16];
	uint64_t said;
	uint32_t next;		/* of the same request, 1 + index; 0: none */
	short status;
	unsigned char taken;
};

struct example {
	char text[200];
	int was, is;
};

struct diff {
	struct before *v;
	size_t n, cap;
	struct table table;	/* of the first of each request */
	uint32_t *last;		/* of the request that begins here */
	struct hist *time[2];
	uint64_t all[2], pairs, status, body, only_after;
	struct example shown[SHOWN];
	size_t n_shown;
};

static int
same(const void *ctx, const void *key, uint32_t at)
{
	return memcmp(((const struct diff *)ctx)->v[at].key, key, 16) == 0;
}

static uint32_t
find(const struct diff *d, const unsigned char key[16])
{
	uint64_t h;

	memcpy(&h, key, sizeof(h));
	return table_find(&d->table, h, same, d, key);
}

static int
grow(struct diff *d)
{
	size_t cap = d->cap == 0 ? 4096 : d->cap * 2;
	void *v = realloc(d->v, cap * sizeof(*d->v));

	if (v == NULL)
		return RC_NOMEM;
	d->v = v;
	v = realloc(d->last, cap * sizeof(*d->last));
	if (v == NULL)
		return RC_NOMEM;
	d->last = v;
	d->cap = cap;
	return RC_OK;
}

static int
take_before(void *ctx, const struct exchange *ex,
    const struct trace_rec *rec, struct err *err)
{
	struct diff *d = ctx;
	struct before *b;
	uint32_t at;
	uint64_t h;

	(void)rec;
	d->all[0]++;
	if (ex->total_ns >= 0)
		hist_add(d->time[0], ex->total_ns);
	if (d->n == d->cap && grow(d) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	b = &d->v[d->n];
	trace_asked_hash(ex, b->key);
	b->said = trace_said_hash(ex);
	b->status = (short)ex->status;
	b->next = 0;
	b->taken = 0;
	at = find(d, b->key);
	if (at == TABLE_NONE) {
		if (table_room(&d->table, d->n + 1) != 0)
			return err_set(err, RC_NOMEM, "out of memory");
		memcpy(&h, b->key, sizeof(h));
		table_put(&d->table, h, (uint32_t)d->n);
		at = (uint32_t)d->n;
	} else {
		d->v[d->last[at]].next = (uint32_t)d->n + 1;
	}
	d->last[at] = (uint32_t)d->n++;
	return RC_OK;
}

static void
show(struct diff *d, const struct exchange *ex, int was)
{
	struct example *x = &d->shown[d->n_shown];

	if (d->n_shown == SHOWN)
		return;
	d->n_shown++;
	(void)snprintf(x->text, sizeof(x->text), "%s  %s %s", ex->id,
	    ex->method, ex->target);
	x->was = was;
	x->is = ex->status;
}

static int
take_after(void *ctx, const struct exchange *ex, const struct trace_rec *rec,
    struct err *err)
{
	struct diff *d = ctx;
	unsigned char key[16];
	struct before *b = NULL;
	uint32_t at;

	(void)rec;
	(void)err;
	d->all[1]++;
	if (ex->total_ns >= 0)
		hist_add(d->time[1], ex->total_ns);
	trace_asked_hash(ex, key);
	for (at = find(d, key); at != TABLE_NONE; at = d->v[at].next - 1) {
		b = &d->v[at];
		if (!b->taken || b->next == 0)
			break;
	}
	if (b == NULL || b->taken) {
		d->only_after++;
		return RC_OK;
	}
	b->taken = 1;
	d->pairs++;
	if (b->status != ex->status)
		d->status++;
	else if (b->said != trace_said_hash(ex))
		d->body++;
	else
		return RC_OK;
	show(d, ex, b->status);
	return RC_OK;
}

static uint64_t
only_before(const struct diff *d)
{
	return d->all[0] - d->pairs;
}

static void
say_times(const struct diff *d)
{
	static const double at[] = { .5, .95, .99 };
	size_t i, k;

	for (i = 0; i < 2; i++) {
		(void)printf("  %s", i == 0 ? "before  " : "after   ");
		for (k = 0; k < 3; k++)
			(void)printf("  p%.0f %.1f ms", at[k] * 100,
			    (double)hist_quantile(d->time[i], at[k]) / 1e6);
		(void)printf("\n");
	}
}

static void
say(const struct diff *d)
{
	size_t i;

	(void)printf("  pairs     %llu of %llu and %llu exchanges\n"
	    "  alike     %llu\n  other status  %llu\n  other answer  %llu\n"
	    "  only before   %llu\n  only after    %llu\n",
	    (unsigned long long)d->pairs, (unsigned long long)d->all[0],
	    (unsigned long long)d->all[1],
	    (unsigned long long)(d->pairs - d->status - d->body),
	    (unsigned long long)d->status, (unsigned long long)d->body,
	    (unsigned long long)only_before(d),
	    (unsigned long long)d->only_after);
	if (d->all[0] > 0 && d->all[1] > 0)
		say_times(d);
	for (i = 0; i < d->n_shown; i++) {
		(void)printf("  %3d -> %3d  ", d->shown[i].was,
		    d->shown[i].is);
		cmd_clip(14, d->shown[i].text);
	}
	if (d->status + d->body > d->n_shown)
		(void)printf("  and %llu more\n", (unsigned long long)
		    (d->status + d->body - d->n_shown));
}

static void
say_json(const struct diff *d)
{
	static const char *const names[] = { "before", "after" };
	struct json_out o;
	struct buf b;
	size_t i;

	buf_init(&b, 1 << 20);
	json_out_init(&o, &b, 1);
	json_out_obj(&o);
	json_put_count(&o, "pairs", d->pairs);
	json_put_count(&o, "alike", d->pairs - d->status - d->body);
	json_put_count(&o, "other_status", d->status);
	json_put_count(&o, "other_answer", d->body);
	json_put_count(&o, "only_before", only_before(d));
	json_put_count(&o, "only_after", d->only_after);
	for (i = 0; i < 2; i++) {
		json_out_key(&o, names[i]);
		json_out_obj(&o);
		json_put_count(&o, "exchanges", d->all[i]);
		json_put_num(&o, "p50_ms", d->all[i] == 0 ? NAN : (double)
		    hist_quantile(d->time[i], .5) / 1e6);
		json_put_num(&o, "p95_ms", d->all[i] == 0 ? NAN : (double)
		    hist_quantile(d->time[i], .95) / 1e6);
		json_out_end(&o, '}');
	}
	json_out_key(&o, "differ");
	json_out_arr(&o);
	for (i = 0; i < d->n_shown; i++)
		json_out_str(&o, d->shown[i].text);
	json_out_end(&o, ']');
	json_out_end(&o, '}');
	(void)puts(buf_str(&b));
	buf_fini(&b);
}

int
cmd_trace_diff(int argc, char **argv)
{
	struct args a = { 0 };
	struct diff *d = calloc(1, sizeof(*d));
	struct err err = ERR_INIT;
	struct cmd_line line;
	int rc, differs = 0;

	rc = cmd_begin(&cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK && line.n != 2)
		rc = err_set(&err, RC_USAGE, "give two FILEs; see lockstep "
		    "trace diff --help");
	if (rc == RC_OK && (d == NULL || (d->time[0] = hist_new()) == NULL ||
	    (d->time[1] = hist_new()) == NULL))
		rc = err_set(&err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = trace_each(line.rest[0], NULL, take_before, d, NULL,
		    &err);
	if (rc == RC_OK)
		rc = trace_each(line.rest[1], NULL, take_after, d, NULL,
		    &err);
	if (rc == RC_OK && a.json)
		say_json(d);
	else if (rc == RC_OK)
		say(d);
	if (rc == RC_OK)
		differs = d->status + d->body + d->only_after +
		    only_before(d) > 0;
	if (d != NULL) {
		hist_free(d->time[0]);
		hist_free(d->time[1]);
		table_fini(&d->table);
		free(d->v);
		free(d->last);
	}
	free(d);
	return cmd_end("trace diff", &line, rc, differs ? EXIT_FAIL : 0,
	    &err);
}
