/* lockstep trace info: what is in a trace. */
#include "harness/cmd/cmd_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_page.h"
#include "harness/cmd/cmd_trace_traffic.h"

struct args {
	int json;
};

static const struct opt opts[] = {
	CMD_OPT_JSON(offsetof(struct args, json)),
	CMD_OPT_END
};

static const struct opt_cmd cmd = {
	.name = "trace info",
	.usage = "[--json] FILE",
	.about = "Reads a whole trace and shows its contents: when and by whom "
	    "it was made,\n"
	    "how many exchanges with which outcomes, its size, its closing "
	    "account, and the\ntraffic: rates, routes with statuses and "
	    "latency, and what was asked most.\n"
	    "FILE - is standard input.",
	.opts = opts,
};

struct sums {
	struct trace_info info;
	uint64_t outcomes[OUTCOME_N];
	uint64_t arms[ARM_N];
	uint64_t keyed;
	int64_t first_ns, last_ns;	/* sent; -1: none known */
	struct trace_traffic *traffic;
	char first_bad[sizeof(((struct err *)NULL)->msg)];
};

static void
count(struct sums *s, const struct exchange *ex)
{
	s->outcomes[ex->outcome]++;
	if (ex->key.case_id != NULL) {
		s->keyed++;
		s->arms[ex->key.arm]++;
	}
	if (ex->sent_ns < 0)
		return;
	if (s->first_ns < 0 || ex->sent_ns < s->first_ns)
		s->first_ns = ex->sent_ns;
	if (ex->sent_ns > s->last_ns)
		s->last_ns = ex->sent_ns;
}

/* Damage is counted and passed over. */
static int
gather(struct trace_reader *r, struct sums *s, struct err *err)
{
	struct exchange_rec *rec = exchange_rec_new();
	struct trace_rec line;
	struct exchange ex;
	struct err bad = ERR_INIT;
	uint64_t n = 0;
	int rc;

	s->first_ns = s->last_ns = -1;
	if (rec == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	while ((rc = trace_next(r, &line, &bad)) != 0) {
		if (rc == 1 && line.is_exchange)
			rc = exchange_parse(rec, line.line, line.n, &ex, &bad);
		if (rc == 1 && line.is_exchange) {
			count(s, &ex);
			rc = trace_traffic_add(s->traffic, &ex) == RC_OK ? 1 :
			    err_set(&bad, RC_NOMEM, "out of memory");
		}
		if (rc == RC_FORMAT && s->first_bad[0] == '\0')
			(void)snprintf(s->first_bad, sizeof(s->first_bad),
			    "%s", bad.msg);
		if (rc < 0 && rc != RC_FORMAT)
			break;
		memset(&bad, 0, sizeof(bad));
		if (++n % 4096 == 0)
			trace_progress("reading", n);
	}
	trace_progress_done();
	exchange_rec_free(rec);
	trace_reader_info(r, &s->info);
	return rc < 0 ? err_set(err, (enum rc)rc, "%s", bad.msg) : RC_OK;
}

/* ---- JSON ------------------------------------------------------------- */

static void
put_counts(struct json_out *o, const struct sums *s)
{
	int i;

	json_out_key(o, "outcomes");
	json_out_obj(o);
	for (i = 0; i < OUTCOME_N; i++) {
		if (s->outcomes[i] > 0)
			json_put_count(o, outcome_name((enum outcome)i),
			    s->outcomes[i]);
	}
	json_out_end(o, '}');
	json_out_key(o, "arms");
	json_out_obj(o);
	for (i = 0; i < ARM_N; i++) {
		if (s->arms[i] > 0)
			json_put_count(o, arm_name((enum arm)i), s->arms[i]);
	}
	json_out_end(o, '}');
}

static void
put_account(struct json_out *o, const struct trace_info *info,
    const struct json *account)
{
	static const char *const kinds[] = { "dropped", "refused" };
	struct json *none;
	int i;

	json_out_key(o, "account");
	if (!info->closed) {
		json_out_null(o);
		return;
	}
	json_out_obj(o);
	json_put_count(o, "seen", info->seen);
	json_put_count(o, "written", info->written);
	json_put_count(o, "dropped", info->dropped);
	json_put_count(o, "refused", info->refused);
	json_out_key(o, "reasons");
	json_out_obj(o);
	for (i = 0; i < 2; i++) {
		none = json_new(JSON_OBJECT);
		json_put_json(o, kinds[i], json_get(account, kinds[i]) != NULL ?
		    json_get(account, kinds[i]) : none);
		json_free(none);
	}
	json_out_end(o, '}');
	json_out_end(o, '}');
}

static void
print_json(const char *path, const struct sums *s, const struct json *head,
    const struct json *account)
{
	const struct trace_info *info = &s->info;
	struct json_out o;
	struct buf b;

	buf_init(&b, TRACE_LINE_MAX);
	json_out_init(&o, &b, 1);
	json_out_obj(&o);
	json_put_str(&o, "file", path);
	json_put_json(&o, "head", head);
	json_put_count(&o, "records", info->lines);
	json_put_count(&o, "exchanges", info->records);
	put_counts(&o, s);
	json_put_int(&o, "first_sent_ns", s->first_ns);
	json_put_int(&o, "last_sent_ns", s->last_ns);
	json_put_count(&o, "bytes_file", info->bytes_file);
	json_put_count(&o, "bytes_text", info->bytes_text);
	json_put_count(&o, "frames", info->frames);
	json_put_bool(&o, "encrypted", info->sealed);
	json_put_bool(&o, "seek_table", info->table);
	json_put_bool(&o, "torn", info->torn);
	json_put_count(&o, "damaged", info->damaged);
	json_put_str(&o, "problem", s->first_bad[0] != '\0' ? s->first_bad :
	    info->why[0] != '\0' ? info->why : NULL);
	put_account(&o, info, account);
	trace_traffic_json(s->traffic, &o);
	json_out_end(&o, '}');
	(void)printf("%s\n", buf_str(&b));
	buf_fini(&b);
}

/* ---- text ------------------------------------------------------------- */

static void
print_head(const char *path, const struct json *head)
{
	const struct json *a = json_get(head, "argv");
	const char *kind = json_get_str(head, "kind");
	const char *when = json_get_str(json_get(head, "clock"), "started");
	struct buf line;

	(void)printf("%s\n", path);
	if (head == NULL) {
		(void)printf("  no head: JSON lines of another program\n");
		return;
	}
	(void)printf("  %s, format %lld, by lockstep %s, started %s\n",
	    kind != NULL ? kind : "trace",
	    (long long)json_get_int(head, "lockstep_trace", 0),
	    json_get_str(head, "version") ? json_get_str(head, "version") :
	    "?", when != NULL ? when : "at an unknown time");
	if (json_size(a) == 0)
		return;
	buf_init(&line, (size_t)1 << 20);
	for (a = json_first(a); a != NULL; a = json_next(a))
		buf_printf(&line, "%s%s", line.len > 0 ? " " : "",
		    json_str(a) ? json_str(a) : "?");
	(void)printf("  made by: ");
	cmd_wrap(11, buf_str(&line));
	buf_fini(&line);
}

static void
print_counts(const struct sums *s)
{
	int i;

	(void)printf("  exchanges %llu",
	    (unsigned long long)s->info.records);
	for (i = 0; i < OUTCOME_N; i++) {
		if (s->outcomes[i] > 0)
			(void)printf(", %s %llu", outcome_name(
			    (enum outcome)i), (unsigned long long)
			    s->outcomes[i]);
	}
	(void)printf("\n");
	if (s->keyed > 0)
		(void)printf("  observations of a run:");
	for (i = 0; i < ARM_N; i++) {
		if (s->arms[i] > 0)
			(void)printf(" %s %llu", arm_name((enum arm)i),
			    (unsigned long long)s->arms[i]);
	}
	if (s->keyed > 0)
		(void)printf("\n");
	if (s->first_ns >= 0)
		(void)printf("  sent from %.3f s to %.3f s after its start\n",
		    (double)s->first_ns / 1e9, (double)s->last_ns / 1e9);
}

/* " (queue full 3, path not allowed 1)" */
static void
print_reasons(const struct json *account, const char *kind)
{
	const struct json *d;
	const char *before = " (";

	for (d = json_first(json_get(account, kind)); d != NULL;
	    d = json_next(d)) {
		(void)printf("%s%s %lld", before, json_key(d),
		    (long long)json_int(d, 0));
		before = ", ";
	}
	if (*before == ',')
		(void)printf(")");
}

static void
print_account(const struct trace_info *info, const struct json *account)
{
	if (!info->closed) {
		(void)printf("  no closing account: the trace was cut off or "
		    "is still being written\n");
		if (account == NULL)
			return;
		(void)printf("  not written until its last account:");
		print_reasons(account, "dropped");
		print_reasons(account, "refused");
		(void)printf("\n");
		return;
	}
	(void)printf("  account: seen %llu = written %llu + dropped %llu",
	    (unsigned long long)info->seen,
	    (unsigned long long)info->written,
	    (unsigned long long)info->dropped);
	print_reasons(account, "dropped");
	if (info->refused > 0)
		(void)printf(" + refused %llu",
		    (unsigned long long)info->refused);
	print_reasons(account, "refused");
	(void)printf("\n");
}

static void
print_text(const char *path, const struct sums *s, const struct json *head,
    const struct json *account)
{
	const struct trace_info *info = &s->info;

	print_head(path, head);
	print_counts(s);
	(void)printf("  %s%llu bytes in %zu frames, %llu of text (%.1f:1)\n",
	    info->sealed ? "encrypted, " : "",
	    (unsigned long long)info->bytes_file, info->frames,
	    (unsigned long long)info->bytes_text, info->bytes_file == 0 ? 1 :
	    (double)info->bytes_text / (double)info->bytes_file);
	print_account(info, account);
	trace_traffic_print(s->traffic);
	if (s->first_bad[0] != '\0')
		(void)printf("  damaged in %llu places, first: %s\n",
		    (unsigned long long)info->damaged, s->first_bad);
	if (info->why[0] != '\0')
		(void)printf("  %s; to repair it: `lockstep trace repair %s`\n",
		    info->why, path);
}

int
cmd_trace_info(int argc, char **argv)
{
	struct args a = { 0 };
	struct err err = ERR_INIT;
	struct cmd_line line;
	struct trace_reader *r = NULL;
	struct sums s;
	int rc;

	memset(&s, 0, sizeof(s));
	rc = cmd_begin(&cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK && line.n != 1)
		rc = err_set(&err, RC_USAGE, "give one FILE; see lockstep "
		    "trace info --help");
	if (rc == RC_OK)
		rc = trace_reader_open(line.rest[0], 0, &r, &err);
	if (rc == RC_OK) {
		s.traffic = trace_traffic_new();
		rc = s.traffic == NULL ? err_set(&err, RC_NOMEM,
		    "out of memory") : gather(r, &s, &err);
	}
	if (rc == RC_OK && a.json)
		print_json(line.rest[0], &s, trace_reader_head(r),
		    trace_reader_account(r));
	else if (rc == RC_OK)
		print_text(line.rest[0], &s, trace_reader_head(r),
		    trace_reader_account(r));
	trace_reader_close(&r);
	trace_traffic_free(s.traffic);
	return cmd_end("trace info", &line, rc, 0, &err);
}
