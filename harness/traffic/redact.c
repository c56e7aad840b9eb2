/* Rules, what they find in a text, and what replaces it. */
#include "harness/traffic/redact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/json.h"
#include "harness/base/opt.h"
#include "harness/base/regex.h"
#include "harness/traffic/coding.h"
#include "harness/traffic/redact_part.h"

/* ---- rules ----------------------------------------------------------- */

/* "drop:", "mask:" or "pseudonym:" in front of a word. */
static const char *
action_of(const char *word, enum redact_action *action)
{
	static const struct {
		const char *name;
		enum redact_action action;
	} actions[] = {
		{ "mask:", REDACT_MASK }, { "drop:", REDACT_DROP },
		{ "pseudonym:", REDACT_PSEUDONYM },
	};
	size_t i;

	*action = REDACT_MASK;
	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strncmp(word, actions[i].name,
		    strlen(actions[i].name)) == 0) {
			*action = actions[i].action;
			return word + strlen(actions[i].name);
		}
	}
	return word;
}

static int
add_rule(struct redact *r, const struct redact_rule *rule, struct err *err)
{
	if (r->n == REDACT_RULES_MAX)
		return err_set(err, RC_USAGE, "more than %d redaction rules",
		    REDACT_RULES_MAX);
	r->rule[r->n++] = *rule;
	return RC_OK;
}

static int
add_kind(struct redact *r, enum redact_action action,
    const struct redact_kind *kind, struct err *err)
{
	struct redact_rule rule = { .how = RULE_KIND, .action = action,
	    .label = kind->label, .kind = kind };

	(void)snprintf(rule.name, sizeof(rule.name), "%s", kind->name);
	return add_rule(r, &rule, err);
}

static int
add_kinds(struct redact *r, enum redact_action action, const char *word,
    struct err *err)
{
	const char *names[16], *near;
	size_t i, n = 0;
	int rc = RC_OK, all = strcmp(word, "all") == 0, some = 0;

	for (i = 0; redact_kinds[i].name != NULL && rc == RC_OK; i++) {
		names[n++] = redact_kinds[i].name;
		if (!all && strcmp(word, redact_kinds[i].name) != 0)
			continue;
		some = 1;
		rc = add_kind(r, action, &redact_kinds[i], err);
	}
	if (rc != RC_OK || some)
		return rc;
	names[n++] = "all";
	near = opt_nearest(word, names, n);
	return err_set(err, RC_USAGE, "no redaction rule \"%s\"%s%s%s: all, "
	    "email, phone, card, iban, ip, jwt, key, national_id, "
	    "pattern:REGEX, pointer:/PTR, header:NAME", word,
	    near != NULL ? ", did you mean \"" : "",
	    near != NULL ? near : "", near != NULL ? "\"?" : "");
}

static int
add_own(struct redact *r, enum rule_how how, enum redact_action action,
    const char *word, struct err *err)
{
	struct redact_rule rule = { .how = how, .action = action };
	const char *arg = strchr(word, ':') + 1;
	struct json_ptr *p;

	(void)snprintf(rule.name, sizeof(rule.name), "%s", word);
	rule.label = how == RULE_PATTERN ? "PATTERN" : "REDACTED";
	if (how == RULE_PATTERN) {
		rule.regex = regex_new(arg, err);
		if (rule.regex == NULL)
			return err->code != RC_OK ? (int)err->code : RC_FORMAT;
		r->patterns = 1;
	} else if (how == RULE_POINTER) {
		p = json_ptr_new(arg, err);
		if (p == NULL)
			return err->code != RC_OK ? (int)err->code : RC_FORMAT;
		json_ptr_free(p);
	}
	rule.arg = strdup(arg);
	if (rule.arg == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	return add_rule(r, &rule, err);
}

static int
add_word(struct redact *r, const char *word, struct err *err)
{
	enum redact_action action;
	const char *rest = action_of(word, &action);

	if (action == REDACT_PSEUDONYM && !r->has_key)
		return err_set(err, RC_USAGE, "\"%s\" needs a key: "
		    "--redact-key FILE, of at least 32 random bytes (head "
		    "-c 32 /dev/urandom)", word);
	if (strncmp(rest, "pattern:", 8) == 0)
		return add_own(r, RULE_PATTERN, action, rest, err);
	if (strncmp(rest, "pointer:", 8) == 0)
		return add_own(r, RULE_POINTER, action, rest, err);
	if (strncmp(rest, "header:", 7) == 0)
		return add_own(r, RULE_HEADER, action, rest, err);
	return add_kinds(r, action, rest, err);
}

/* Which kinds are asked at which byte. */
static void
index_kinds(struct redact *r)
{
	const char *s;
	size_t i;
	int c;

	for (i = 0; i < r->n; i++) {
		if (r->rule[i].how != RULE_KIND)
			continue;
		for (s = r->rule[i].kind->at; *s != '\0'; s++) {
			if (*s != '0') {
				r->ask[(unsigned char)*s] |= 1ULL << i;
				continue;
			}
			for (c = '0'; c <= '9'; c++)
				r->ask[c] |= 1ULL << i;
		}
	}
}

int
redact_new(const char *const *words, size_t n, const unsigned char *key,
    struct redact **out, struct err *err)
{
	struct redact *r = calloc(1, sizeof(*r));
	struct err local = ERR_INIT;
	size_t i;
	int rc = RC_OK;

	*out = NULL;
	if (r == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	r->has_key = key != NULL;
	if (key != NULL)
		memcpy(r->key, key, sizeof(r->key));
	for (i = 0; i < n && rc == RC_OK; i++)
		rc = add_word(r, words[i], &local);
	if (rc != RC_OK) {
		redact_free(r);
		return err_set(err, (enum rc)rc, "%s", local.msg);
	}
	index_kinds(r);
	*out = r;
	return RC_OK;
}

void
redact_free(struct redact *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->n; i++) {
		regex_free(r->rule[i].regex);
		free(r->rule[i].arg);
	}
	free(r);
}

size_t
redact_n(const struct redact *r)
{
	return r->n;
}

const char *
redact_name(const struct redact *r, size_t i)
{
	return r->rule[i].name;
}

int
redact_key_load(const char *path, unsigned char key[REDACT_KEY_BYTES],
    struct err *err)
{
	char text[4096];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL)
		return err_errno(err, RC_IO, "%s", path);
	n = fread(text, 1, sizeof(text), f);
	(void)fclose(f);
	if (n < REDACT_KEY_BYTES)
		return err_set(err, RC_FORMAT, "%s: a key must have at least "
		    "%d bytes; make one: head -c 32 /dev/urandom >%s", path,
		    REDACT_KEY_BYTES, path);
	hash_sha256(text, n, key);
	return RC_OK;
}

/* ---- work ------------------------------------------------------------ */

struct redact_work *
redact_work_new(const struct redact *r)
{
	struct redact_work *w = calloc(1, sizeof(*w));
	size_t i;

	if (w == NULL)
		return NULL;
	for (i = 0; i < REDACT_VIEWS_MAX; i++)
		redact_view_init(&w->view[i]);
	w->r = r;
	buf_init(&w->text, (size_t)256 << 20);
	buf_init(&w->plain[0], CODING_TEXT_MAX + 1);
	buf_init(&w->plain[1], CODING_TEXT_MAX + 1);
	return w;
}

void
redact_work_free(struct redact_work *w)
{
	size_t i;

	if (w == NULL)
		return;
	for (i = 0; i < REDACT_VIEWS_MAX; i++)
		redact_view_fini(&w->view[i]);
	buf_fini(&w->text);
	buf_fini(&w->plain[0]);
	buf_fini(&w->plain[1]);
	free(w->hit);
	free(w->chunks);
	free(w);
}

uint64_t
redact_hits(const struct redact_work *w, size_t i)
{
	return w->hits[i];
}

const char *
redact_pointer(const struct redact_work *w, size_t i, size_t *rule)
{
	size_t k;

	for (k = 0; k < w->r->n; k++) {
		if (w->r->rule[k].how == RULE_POINTER && i-- == 0) {
			*rule = k;
			return w->r->rule[k].arg;
		}
	}
	return NULL;
}

/* ---- finding --------------------------------------------------------- */

static void
add_hit(struct redact_work *w, size_t *n, const struct redact_hit *h)
{
	struct redact_hit *v;
	size_t cap;

	if (*n == w->cap_hit) {
		cap = w->cap_hit == 0 ? 32 : 2 * w->cap_hit;
		v = realloc(w->hit, cap * sizeof(*v));
		if (v == NULL) {
			w->bad = 1;
			return;
		}
		w->hit = v;
		w->cap_hit = cap;
	}
	w->hit[(*n)++] = *h;
}

/* Whether something may be undone at a byte that is no letter and no digit, or
 * in the run of base64's signs that ends there. */
static int
may_undo(const char *p, size_t n, int is, size_t i, size_t *run)
{
	size_t from = *run;

	if (is & REDACT_SIGN)
		return 0;
	*run = i + 1;
	return (i - from >= REDACT_B64_MIN && redact_may_undo(p, n, from, i))
	    || (is == REDACT_UNDO && redact_may_undo(p, n, i, n));
}

/* The kinds, in the order of the text; at one byte the first rule wins.
 * returns whether something may be undone in the text */
static int
find_kinds(struct redact_work *w, const char *p, size_t n, size_t *n_hits)
{
	const struct redact *r = w->r;
	struct redact_hit h;
	uint64_t ask;
	size_t i, floor = 0, run = 0;	/* of signs of base64 */
	int is, was = 0, undo = 0;

	for (i = 0; i < n; i++, was = is) {
		is = redact_view_at[(unsigned char)p[i]];
		/* no kind begins within a word: most bytes end here */
		if (is & was & REDACT_ALNUM)
			continue;
		if (is != REDACT_ALNUM && !undo)
			undo = may_undo(p, n, is, i, &run);
		ask = r->ask[(unsigned char)p[i]];
		while (ask != 0) {
			h.rule = (size_t)__builtin_ctzll(ask);
			ask &= ask - 1;
			if (!r->rule[h.rule].kind->find(p, n, i, &h.from,
			    &h.to))
				continue;
			if (h.from < floor)
				h.from = floor;
			add_hit(w, n_hits, &h);
			floor = h.to;
			i = h.to > i ? h.to - 1 : i;
			is = redact_view_at[(unsigned char)p[i]];
			break;
		}
	}
	return undo || may_undo(p, n, 0, n, &run);
}

static void
find_patterns(struct redact_work *w, const char *p, size_t n, size_t *n_hits)
{
	struct redact_hit h;
	size_t at;

	for (h.rule = 0; h.rule < w->r->n; h.rule++) {
		if (w->r->rule[h.rule].how != RULE_PATTERN)
			continue;
		for (at = 0; at < n && regex_find(w->r->rule[h.rule].regex,
		    p, n, at, &h.from, &h.to) == 1; at = h.to) {
			if (h.to == h.from) {
				h.to++;
				continue;
			}
			add_hit(w, n_hits, &h);
		}
	}
}

static int
by_place(const void *a, const void *b)
{
	const struct redact_hit *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to > y->to ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

/* In the order of the text, those over another as one. */
static void
merge(struct redact_hit *hit, size_t *n_hits)
{
	size_t i, kept = 0;

	if (*n_hits > 1)
		qsort(hit, *n_hits, sizeof(*hit), by_place);
	for (i = 0; i < *n_hits; i++) {
		if (kept > 0 && hit[i].from < hit[kept - 1].to) {
			if (hit[i].to > hit[kept - 1].to)
				hit[kept - 1].to = hit[i].to;
			continue;
		}
		hit[kept++] = hit[i];
	}
	*n_hits = kept;
}

const struct redact_hit *
redact_find(struct redact_work *w, const char *p, size_t n, size_t *n_hits)
{
	size_t level = 0, first, i, k;
	int undo;

	*n_hits = 0;
	for (;;) {
		first = *n_hits;
		undo = find_kinds(w, p, n, n_hits);
		if (w->r->patterns)
			find_patterns(w, p, n, n_hits);
		for (k = first; k < *n_hits; k++) {
			for (i = level; i-- > 0;)
				redact_view_back(&w->view[i],
				    &w->hit[k].from, &w->hit[k].to);
		}
		if (!undo || level == REDACT_VIEWS_MAX ||
		    !redact_view_of(p, n, &w->view[level]))
			break;
		p = w->view[level].text.p;
		n = w->view[level++].text.len;
	}
	if (w->r->patterns || level > 0)
		merge(w->hit, n_hits);
	return w->hit;
}

/* However a text is written, it has one token. Its bytes are no view's. */
static void
put_token(struct redact_work *w, const char *p, size_t n, struct buf *out)
{
	char hex[HASH_HEX];
	size_t i;

	for (i = 0; i < REDACT_VIEWS_MAX && redact_view_of(p, n, &w->view[i]);
	    i++) {
		p = w->view[i].text.p;
		n = w->view[i].text.len;
	}
	hash_keyed(w->r->key, p, n, hex);
	buf_printf(out, ":%.16s", hex);
}

void
redact_put(struct redact_work *w, size_t rule, const char *p, size_t n,
    struct buf *out)
{
	const struct redact_rule *x = &w->r->rule[rule];
	w->hits[rule]++;
	if (x->action == REDACT_DROP)
		return;
	buf_printf(out, "[%s", x->label);
	if (x->action == REDACT_PSEUDONYM)
		put_token(w, p, n, out);
	buf_putc(out, ']');
}

size_t
redact_text(struct redact_work *w, const char *p, size_t n, struct buf *out)
{
	const struct redact_hit *h;
	size_t i, n_hits, at = 0;

	h = redact_find(w, p, n, &n_hits);
	for (i = 0; i < n_hits; i++) {
		buf_add(out, p + at, h[i].from - at);
		redact_put(w, h[i].rule, p + h[i].from, h[i].to - h[i].from,
		    out);
		at = h[i].to;
	}
	buf_add(out, p + at, n - at);
	return n_hits;
}
