/* Every exchange of a trace; see trace_each.h. */
#include "harness/traffic/trace_each.h"

#include <string.h>

#include "harness/base/hash.h"

/* One record. returns RC_OK or an error */
static int
one(const struct trace_pick *pick, struct exchange_rec *mem,
    const struct trace_rec *rec, trace_each_fn *fn, void *ctx,
    struct err *err)
{
	struct exchange ex;
	int rc;

	if (!rec->is_exchange)
		return RC_OK;
	rc = exchange_parse(mem, rec->line, rec->n, &ex, err);
	if (rc == 1 && pick != NULL && !trace_pick_takes(pick, &ex,
	    rec->line, rec->n))
		return RC_OK;
	return rc == 1 ? fn(ctx, &ex, rec, err) : rc;
}

int
trace_each(const char *path, const struct trace_pick *pick,
    trace_each_fn *fn, void *ctx, uint64_t *damaged, struct err *err)
{
	struct exchange_rec *mem = exchange_rec_new();
	struct trace_reader *r = NULL;
	struct trace_rec rec;
	int rc = mem == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    trace_reader_open(path, 0, &r, err);

	while (rc == RC_OK && (rc = trace_next(r, &rec, err)) != 0) {
		if (rc == 1)
			rc = one(pick, mem, &rec, fn, ctx, err);
		if (rc == RC_FORMAT && damaged != NULL) {
			++*damaged;
			memset(err, 0, sizeof(*err));
			rc = RC_OK;
		}
	}
	trace_reader_close(&r);
	exchange_rec_free(mem);
	return rc;
}

void
trace_asked_hash(const struct exchange *ex, unsigned char out[16])
{
	unsigned char part[3][HASH_TABLE_BYTES];

	hash_table128(ex->method, strlen(ex->method), part[0]);
	hash_table128(ex->target, strlen(ex->target), part[1]);
	if (ex->req_body.spill != NULL)
		hash_table128(ex->req_body.spill, strlen(ex->req_body.spill),
		    part[2]);
	else
		hash_table128(ex->req_body.p != NULL ? ex->req_body.p : "",
		    ex->req_body.p != NULL ? ex->req_body.n : 0, part[2]);
	hash_table128(part, sizeof(part), out);
}

uint64_t
trace_said_hash(const struct exchange *ex)
{
	const struct ex_bytes *b = &ex->res_body;
	uint64_t h = b->spill != NULL ? hash_table(b->spill,
	    strlen(b->spill)) : hash_table(b->p != NULL ? b->p : "",
	    b->p != NULL ? b->n : 0);

	return h ^ hash_table(&ex->status, sizeof(ex->status));
}
