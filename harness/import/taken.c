/*
 * Which messages of a queue a trace has; see import_part.h.
 *
 * The trace says it itself, so that it cannot be wrong about it: each exchange
 * ends with its message's place, "kafka":[PARTITION,OFFSET], and a record in
 * between says up to where everything was taken, also what became no
 * exchange:
 *
 *	{"type":"kafka","next":[[PARTITION,OFFSET],...]}
 *
 * Hence what a damaged part of the trace had is not read again: a record
 * behind it says that all was taken. Who imports is told.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/import/import_part.h"
#include "harness/traffic/trace.h"

enum { PARTITIONS_MAX = 1 << 20, TAIL_BYTES = 64 };

struct place {
	int32_t partition;
	int64_t offset;
};

struct import_taken {
	int64_t *next;		/* by partition: all below is taken */
	size_t n;
	struct place *late;	/* behind the last record in between, sorted */
	size_t n_late, cap_late;
	uint64_t damaged;	/* parts of the trace */
	int placed;		/* there was a record in between */
};

struct import_taken *
import_taken_new(void)
{
	return calloc(1, sizeof(struct import_taken));
}

void
import_taken_free(struct import_taken *t)
{
	if (t == NULL)
		return;
	free(t->next);
	free(t->late);
	free(t);
}

static int
set_next(struct import_taken *t, int64_t partition, int64_t next)
{
	int64_t *v;
	size_t n;

	if (partition < 0 || partition >= PARTITIONS_MAX)
		return RC_NOMEM;
	if ((size_t)partition >= t->n) {
		n = (size_t)partition + 16;
		v = realloc(t->next, n * sizeof(*v));
		if (v == NULL)
			return RC_NOMEM;
		memset(v + t->n, 0, (n - t->n) * sizeof(*v));
		t->next = v;
		t->n = n;
	}
	if (next > t->next[partition])
		t->next[partition] = next;
	return RC_OK;
}

/* ---- from a trace ------------------------------------------------------ */

static int
add_late(struct import_taken *t, const struct place *p)
{
	size_t cap = t->cap_late == 0 ? 256 : t->cap_late * 2;
	struct place *v;

	if (t->n_late == t->cap_late) {
		v = realloc(t->late, cap * sizeof(*v));
		if (v == NULL)
			return RC_NOMEM;
		t->late = v;
		t->cap_late = cap;
	}
	t->late[t->n_late++] = *p;
	return RC_OK;
}

/* The place at the end of an exchange's line. returns whether there is one */
static int
place_of(const char *line, size_t n, struct place *out)
{
	static const char key[] = ",\"kafka\":[";
	char end[TAIL_BYTES + 1];
	const char *at, *p = NULL;
	long long partition, offset;
	char *comma, *rest;

	if (n < TAIL_BYTES)
		return 0;
	memcpy(end, line + n - TAIL_BYTES, TAIL_BYTES);
	end[TAIL_BYTES] = '\0';
	for (at = end; (at = strstr(at, key)) != NULL; at++)
		p = at;
	if (p == NULL)
		return 0;
	p += sizeof(key) - 1;
	partition = strtoll(p, &comma, 10);
	if (comma == p || *comma != ',')
		return 0;
	offset = strtoll(comma + 1, &rest, 10);
	if (rest == comma + 1 || strcmp(rest, "]}") != 0 || partition < 0 ||
	    partition >= PARTITIONS_MAX || offset < 0)
		return 0;
	out->partition = (int32_t)partition;
	out->offset = offset;
	return 1;
}

/* A record in between: what came before it needs no list. */
static int
take_positions(struct import_taken *t, const struct json *rec)
{
	const struct json *e;
	int rc = RC_OK;

	t->n_late = 0;
	t->placed = 1;
	for (e = json_first(json_get(rec, "next")); e != NULL &&
	    rc == RC_OK; e = json_next(e))
		rc = set_next(t, json_int(json_at(e, 0), -1),
		    json_int(json_at(e, 1), 0));
	return rc;
}

static int
take_record(struct import_taken *t, const struct trace_rec *rec)
{
	static const char type[] = "{\"type\":\"kafka\"";
	struct place p;
	struct json *j;
	int rc = RC_OK;

	if (rec->is_exchange)
		return place_of(rec->line, rec->n, &p) ? add_late(t, &p) :
		    RC_OK;
	if (rec->n < sizeof(type) - 1 ||
	    memcmp(rec->line, type, sizeof(type) - 1) != 0)
		return RC_OK;
	j = json_parse(rec->line, rec->n, NULL);
	if (j != NULL)
		rc = take_positions(t, j);
	json_free(j);
	return rc;
}

static int
compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->partition != y->partition)
		return x->partition < y->partition ? -1 : 1;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* Whether it is of this topic, and its clock. */
static int
check_head(struct trace_reader *r, const char *path, const char *topic,
    int64_t *start_ns, struct err *err)
{
	const struct json *head = trace_reader_head(r);
	const char *was = json_get_str(json_get(head, "kafka"), "topic");
	const char *wall = json_get_str(json_get(head, "clock"), "wall_ns");

	if (head == NULL)
		return err_set(err, RC_FORMAT, "%s: exists already, and its "
		    "head cannot be read; remove it or choose another name",
		    path);
	if (was == NULL || wall == NULL)
		return err_set(err, RC_USAGE, "%s: exists already, and is no "
		    "import of Kafka; remove it or choose another name",
		    path);
	if (strcmp(was, topic) != 0)
		return err_set(err, RC_USAGE, "%s: is an import of topic "
		    "%.200s; choose another name", path, was);
	*start_ns = strtoll(wall, NULL, 10);
	return RC_OK;
}

int
import_taken_load(struct import_taken *t, const char *path,
    const char *topic, int64_t *start_ns, struct err *err)
{
	struct err bad = ERR_INIT;
	struct trace_reader *r;
	struct trace_info info;
	struct trace_rec rec;
	int rc = trace_reader_open(path, 1, &r, err), got;

	if (rc != RC_OK)
		return rc;
	rc = check_head(r, path, topic, start_ns, err);
	while (rc == RC_OK && (got = trace_next(r, &rec, &bad)) != 0) {
		/* left out when the trace is gone on with */
		if (got == RC_FORMAT)
			memset(&bad, 0, sizeof(bad));
		else if (got < 0)
			rc = err_set(err, (enum rc)got, "%s", bad.msg);
		else if (take_record(t, &rec) != RC_OK)
			rc = err_set(err, RC_NOMEM, "out of memory");
	}
	trace_reader_info(r, &info);
	t->damaged += info.damaged;
	trace_reader_close(&r);
	if (t->n_late > 0)
		qsort(t->late, t->n_late, sizeof(*t->late), compare);
	return rc;
}

int
import_taken_placed(const struct import_taken *t)
{
	return t->placed;
}

uint64_t
import_taken_damaged(const struct import_taken *t)
{
	return t->damaged;
}

/* ---- while reading ----------------------------------------------------- */

int
import_taken_has(const struct import_taken *t, const struct import_message *m)
{
	struct place p = { m->partition, m->offset };

	if ((size_t)m->partition < t->n && m->offset < t->next[m->partition])
		return m->end >= 0 && m->end < t->next[m->partition] ? -1 : 1;
	return t->n_late > 0 && bsearch(&p, t->late, t->n_late,
	    sizeof(*t->late), compare) != NULL;
}

int
import_taken_add(struct import_taken *t, const struct import_message *m)
{
	return set_next(t, m->partition, m->offset + 1);
}

void
import_taken_put(struct import_taken *t, struct buf *b)
{
	const char *comma = "";
	size_t i;

	buf_puts(b, "{\"type\":\"kafka\",\"next\":[");
	for (i = 0; i < t->n; i++) {
		if (t->next[i] == 0)
			continue;
		buf_printf(b, "%s[%zu,%lld]", comma, i,
		    (long long)t->next[i]);
		comma = ",";
	}
	buf_puts(b, "]}");
}
