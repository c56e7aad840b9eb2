/* job.json: how a run was started; see cmd_job_part.h. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/json.h"
#include "harness/base/replace.h"
#include "harness/cmd/cmd_argv.h"
#include "harness/cmd/cmd_job_part.h"

static void
write_list(struct json_out *o, const char *key, const struct opt_list *l)
{
	size_t i;

	json_out_key(o, key);
	json_out_arr(o);
	for (i = 0; i < l->n; i++)
		json_out_str(o, l->v[i]);
	json_out_end(o, ']');
}

/* What is set; of what may be in no file the key alone. */
static void
write_sets(struct json_out *o, const struct opt_list *l)
{
	size_t i;

	json_out_key(o, "set");
	json_out_arr(o);
	for (i = 0; i < l->n; i++) {
		if (!cmd_set_is_secret(l->v[i]))
			json_out_str(o, l->v[i]);
	}
	json_out_end(o, ']');
	json_out_key(o, "set_hidden");
	json_out_arr(o);
	for (i = 0; i < l->n; i++) {
		if (cmd_set_is_secret(l->v[i]))
			json_out_strn(o, l->v[i], strcspn(l->v[i], "="));
	}
	json_out_end(o, ']');
}

static void
write_arms(struct json_out *o, const struct job *j)
{
	int a;

	json_out_key(o, "arms");
	json_out_obj(o);
	for (a = 0; a < ARM_N; a++) {
		if (j->opts.arm[a] == NULL)
			continue;
		json_put_str(o, arm_name((enum arm)a), j->opts.arm[a]);
	}
	json_out_end(o, '}');
	json_out_key(o, "labels");
	json_out_obj(o);
	for (a = 0; a < ARM_N; a++) {
		if (!j->suite->target[a].present)
			continue;
		json_put_str(o, arm_name((enum arm)a), j->label[a]);
	}
	json_out_end(o, '}');
}

static void
write_stats(struct json_out *o, const struct job *j)
{
	const struct engine_stats *st = &j->stats;

	json_put_bool(o, "paced", st->paced);
	json_put_int(o, "stop", (int64_t)st->stop);
	json_put_int(o, "late_p99_ns", st->late_p99_ns);
	json_put_int(o, "sent", (int64_t)st->sent);
	json_put_int(o, "written", (int64_t)st->written);
	json_put_int(o, "observations", (int64_t)st->observations);
	json_put_int(o, "planned", (int64_t)st->planned);
	json_put_int(o, "elapsed_ns", st->elapsed_ns);
	json_put_int(o, "machine_ticks", (int64_t)st->machine.all);
	json_put_int(o, "machine_idle_ticks", (int64_t)st->machine.idle);
	if (*j->alike != '\0')
		json_put_str(o, "alike", j->alike);
}

int
job_write_file(const struct job *j, struct err *err)
{
	char path[1100];
	struct json_out o;
	struct buf b;
	int rc;

	buf_init(&b, JOB_FILE_MAX);
	json_out_init(&o, &b, 1);
	json_out_obj(&o);
	json_put_int(&o, "lockstep_run", 1);
	json_put_str(&o, "id", j->run.id);
	json_put_str(&o, "suite", j->suite->path);
	json_put_str(&o, "suite_hash", j->suite->hash);
	json_put_str(&o, "profile", j->suite->profile);
	json_put_int(&o, "started_ns", j->run.started_ns);
	write_arms(&o, j);
	write_sets(&o, &j->opts.set);
	write_list(&o, "cases", &j->opts.case_ids);
	write_list(&o, "tags", &j->opts.tags);
	json_put_str(&o, "failed", j->opts.failed);
	json_put_str(&o, "shard", j->opts.shard);
	json_put_int(&o, "seed", j->opts.seed);
	json_put_str(&o, "embedder", j->opts.embedder);
	write_stats(&o, j);
	json_out_end(&o, '}');
	buf_putc(&b, '\n');

	(void)snprintf(path, sizeof(path), "%s/job.json", j->run.dir);
	rc = buf_check(&b, path, err);
	/* for its owner alone: it says what was asked of whom */
	if (rc == RC_OK)
		rc = replace_file(path, REPLACE_OWN, b.p, b.len, err);
	buf_fini(&b);
	return rc;
}

static void
read_list(const struct json *j, struct opt_list *out)
{
	const struct json *c;

	out->n = 0;
	for (c = json_first(j); c != NULL && out->n < OPT_LIST_MAX;
	    c = json_next(c)) {
		if (json_str(c) != NULL)
			out->v[out->n++] = json_str(c);
	}
}

struct machine_cpu
job_file_machine(const struct json *doc)
{
	return (struct machine_cpu){
		.all = (uint64_t)json_get_int(doc, "machine_ticks", 0),
		.idle = (uint64_t)json_get_int(doc, "machine_idle_ticks", 0)
	};
}

void
job_file_stats(struct job *j, const struct json *doc)
{
	struct engine_stats *st = &j->stats;
	const char *alike;

	st->paced = json_get_bool(doc, "paced", 0);
	st->stop = (enum engine_stop)json_get_int(doc, "stop", 0);
	st->late_p99_ns = json_get_int(doc, "late_p99_ns", 0);
	st->sent = (uint64_t)json_get_int(doc, "sent", 0);
	st->written = (uint64_t)json_get_int(doc, "written", 0);
	/* written by later versions only */
	st->observations = (uint64_t)json_get_int(doc, "observations",
	    (int64_t)st->written);
	st->planned = (uint64_t)json_get_int(doc, "planned", 0);
	st->elapsed_ns = json_get_int(doc, "elapsed_ns", 0);
	st->machine = job_file_machine(doc);
	alike = json_get_str(doc, "alike");
	(void)snprintf(j->alike, sizeof(j->alike), "%s",
	    alike == NULL ? "" : alike);
}

/* Appends the settings of a command to those of the run: they win. */
static void
add_sets(struct opt_list *to, const struct opt_list *more)
{
	size_t i;

	for (i = 0; i < more->n && to->n < OPT_LIST_MAX; i++)
		to->v[to->n++] = more->v[i];
}

/* The strings stay the document's. */
void
job_file_opts(const struct json *doc, struct job_opts *o)
{
	const struct json *arms = json_get(doc, "arms");
	const struct opt_list own = o->set;
	int a;

	for (a = 0; a < ARM_N; a++)
		o->arm[a] = json_get_str(arms, arm_name((enum arm)a));
	read_list(json_get(doc, "set"), &o->set);
	add_sets(&o->set, &own);
	read_list(json_get(doc, "cases"), &o->case_ids);
	read_list(json_get(doc, "tags"), &o->tags);
	o->failed = json_get_str(doc, "failed");
	o->shard = json_get_str(doc, "shard");
	o->seed = json_get_int(doc, "seed", -1);
	if (o->embedder == NULL)
		o->embedder = json_get_str(doc, "embedder");
}

/* Arms as they were called when they were asked. */
void
job_file_labels(struct job *j, const struct json *doc)
{
	const char *label;
	int a;

	for (a = 0; a < ARM_N; a++) {
		label = json_get_str(json_get(doc, "labels"),
		    arm_name((enum arm)a));
		if (label != NULL)
			(void)snprintf(j->label[a], sizeof(j->label[a]), "%s",
			    label);
	}
}

/* What the run was begun with and no file keeps is to be given again. */
int
job_file_hidden(const struct job *j, struct err *err)
{
	const struct json *h;
	size_t n, i;

	for (h = json_first(json_get(j->doc, "set_hidden")); h != NULL;
	    h = json_next(h)) {
		n = json_str(h) == NULL ? 0 : strlen(json_str(h));
		for (i = 0; i < j->opts.set.n; i++) {
			if (n > 0 && strncmp(j->opts.set.v[i], json_str(h),
			    n) == 0 && j->opts.set.v[i][n] == '=')
				break;
		}
		if (n > 0 && i == j->opts.set.n)
			return err_set(err, RC_USAGE, "run %s was started with "
			    "--set %s=..., and no file keeps the value: give "
			    "it again", j->run.id, json_str(h));
	}
	return RC_OK;
}
