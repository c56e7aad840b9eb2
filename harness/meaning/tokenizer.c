/* Reading and running a tokenizer.json. */
#include "harness/meaning/tokenizer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/meaning/tokenizer_norm.h"
#include "harness/meaning/unigram.h"
#include "harness/meaning/wordpiece.h"

struct tokenizer {
	struct json *json;	/* whose strings the vocabulary borrows */
	struct norm norm;
	size_t ids;
	uint32_t unknown;	/* left out; UNIGRAM_UNKNOWN: none */
	struct wordpiece *wordpiece;
	struct unigram *unigram;
	const char *space;	/* Metaspace: what stands for a space */
	int prepend, split;
};

struct tokenizer_scratch {
	struct buf a, b, c;
	struct unigram_scratch *unigram;
};

static int
not_supported(const char *what, const char *value, struct err *err)
{
	return err_set(err, RC_FORMAT, "%s \"%.64s\" is not supported", what,
	    value ? value : "none");
}

/* ---- WordPiece --------------------------------------------------------- */

static int
wordpiece_vocabulary(struct tokenizer *t, const struct json *vocab,
    const char *unknown, struct err *err)
{
	const struct json *j;
	const char *key;
	int64_t id;

	for (j = json_first(vocab); j != NULL; j = json_next(j)) {
		key = json_key(j);
		id = json_int(j, -1);
		if (id < 0 || id >= TOKENIZER_IDS_MAX)
			return err_set(err, RC_FORMAT, "piece \"%.64s\" has "
			    "number %lld", key, (long long)id);
		if ((size_t)id >= t->ids)
			t->ids = (size_t)id + 1;
		if (unknown != NULL && strcmp(key, unknown) == 0) {
			t->unknown = (uint32_t)id;
			continue;
		}
		if (wordpiece_add(t->wordpiece, key, strlen(key),
		    (uint32_t)id) != RC_OK)
			return err_set(err, RC_NOMEM, "vocabulary");
	}
	return RC_OK;
}

static int
read_wordpiece(struct tokenizer *t, const struct json *model,
    struct err *err)
{
	const struct json *vocab = json_get(model, "vocab");
	const char *prefix = json_get_str(model, "continuing_subword_prefix");
	const char *splitter = json_get_str(json_get(t->json,
	    "pre_tokenizer"), "type");
	unsigned flags = 0;

	if (prefix != NULL && strcmp(prefix, "##") != 0)
		return not_supported("subword prefix", prefix, err);
	if (json_get_int(model, "max_input_chars_per_word", 100) != 100)
		return not_supported("a word length", "other than 100", err);
	if (splitter == NULL || strcmp(splitter, "BertPreTokenizer") != 0)
		return not_supported("pre_tokenizer", splitter, err);
	if (json_kind(vocab) != JSON_OBJECT)
		return err_set(err, RC_FORMAT, "a WordPiece without vocab");
	/* BERT's normaliser alone needs no pass of its own. */
	if (t->norm.n == 1 && t->norm.step[0].kind == NORM_BERT) {
		flags = t->norm.step[0].flags;
		t->norm.n = 0;
	}
	t->wordpiece = wordpiece_new(json_size(vocab), flags);
	if (t->wordpiece == NULL)
		return err_set(err, RC_NOMEM, "vocabulary");
	return wordpiece_vocabulary(t, vocab,
	    json_get_str(model, "unk_token"), err);
}

/* ---- Unigram ----------------------------------------------------------- */

static int
read_metaspace(struct tokenizer *t, struct err *err)
{
	const struct json *m = json_get(t->json, "pre_tokenizer");
	const char *type = json_get_str(m, "type");
	const char *scheme = json_get_str(m, "prepend_scheme");

	if (type == NULL || strcmp(type, "Metaspace") != 0)
		return not_supported("pre_tokenizer", type, err);
	t->space = json_get_str(m, "replacement");
	if (t->space == NULL || *t->space == '\0' || strlen(t->space) > 4)
		return not_supported("Metaspace of replacement", t->space,
		    err);
	t->split = json_get_bool(m, "split", 1);
	t->prepend = scheme != NULL ? strcmp(scheme, "never") != 0 :
	    json_get_bool(m, "add_prefix_space", 1);
	return RC_OK;
}

static int
read_unigram(struct tokenizer *t, const struct json *model, struct err *err)
{
	const struct json *vocab = json_get(model, "vocab"), *j;
	int64_t unknown = json_get_int(model, "unk_id", -1);
	int rc = read_metaspace(t, err);
	double score;
	const char *s;

	if (rc != RC_OK)
		return rc;
	if (json_get_bool(model, "byte_fallback", 0))
		return not_supported("byte_fallback", "true", err);
	t->ids = json_size(vocab);
	if (t->ids == 0 || t->ids > TOKENIZER_IDS_MAX)
		return err_set(err, RC_FORMAT, "a Unigram without vocab");
	t->unknown = unknown < 0 ? UNIGRAM_UNKNOWN : (uint32_t)unknown;
	t->unigram = unigram_new(t->ids);
	if (t->unigram == NULL)
		return err_set(err, RC_NOMEM, "vocabulary");
	t->ids = 0;
	for (j = json_first(vocab); j != NULL; j = json_next(j)) {
		s = json_str(json_at(j, 0));
		score = json_num(json_at(j, 1), NAN);
		if (s == NULL || !isfinite(score))
			return err_set(err, RC_FORMAT, "piece %zu is not "
			    "[text, score]", t->ids);
		if (unigram_add(t->unigram, s, strlen(s), (uint32_t)t->ids++,
		    score) != RC_OK)
			return err_set(err, RC_NOMEM, "vocabulary");
	}
	return RC_OK;
}

/* ---- opening ----------------------------------------------------------- */

static int
tokenizer_read(struct json *json, struct tokenizer **out, struct err *err)
{
	const struct json *model = json_get(json, "model");
	const char *type = json_get_str(model, "type");
	struct tokenizer *t = calloc(1, sizeof(*t));
	int rc;

	if (t == NULL) {
		json_free(json);
		return err_set(err, RC_NOMEM, "tokenizer");
	}
	t->json = json;
	t->unknown = UNIGRAM_UNKNOWN;
	rc = norm_read(&t->norm, json_get(json, "normalizer"), err);
	if (rc == RC_OK && type != NULL && strcmp(type, "WordPiece") == 0)
		rc = read_wordpiece(t, model, err);
	else if (rc == RC_OK && type != NULL && strcmp(type, "Unigram") == 0)
		rc = read_unigram(t, model, err);
	else if (rc == RC_OK)
		rc = not_supported("tokenizer model", type, err);
	if (rc != RC_OK) {
		tokenizer_close(&t);
		return rc;
	}
	*out = t;
	return RC_OK;
}

int
tokenizer_parse(const char *text, size_t n, struct tokenizer **out,
    struct err *err)
{
	struct err own = ERR_INIT;
	struct json *json;

	*out = NULL;
	if (err == NULL)
		err = &own;
	json = json_parse(text, n, err);
	return json == NULL ? (int)err->code : tokenizer_read(json, out, err);
}

int
tokenizer_open(const char *path, struct tokenizer **out, struct err *err)
{
	struct err own = ERR_INIT;
	struct json *json;
	int rc;

	*out = NULL;
	if (err == NULL)
		err = &own;
	json = json_load(path, TOKENIZER_BYTES_MAX, err);
	if (json == NULL)
		return err->code;
	rc = tokenizer_read(json, out, err);
	if (rc != RC_OK)
		err_prefix(err, "%s", path);
	return rc;
}

void
tokenizer_close(struct tokenizer **t)
{
	if (*t == NULL)
		return;
	wordpiece_free((*t)->wordpiece);
	unigram_free((*t)->unigram);
	json_free((*t)->json);
	free(*t);
	*t = NULL;
}

size_t
tokenizer_ids(const struct tokenizer *t)
{
	return t->ids;
}

/* ---- running ----------------------------------------------------------- */

struct tokenizer_scratch *
tokenizer_scratch_new(const struct tokenizer *t)
{
	struct tokenizer_scratch *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	buf_init(&s->a, NORM_BYTES_MAX);
	buf_init(&s->b, NORM_BYTES_MAX);
	buf_init(&s->c, NORM_BYTES_MAX);
	if (t->unigram != NULL) {
		s->unigram = unigram_scratch_new();
		if (s->unigram == NULL) {
			free(s);
			return NULL;
		}
	}
	return s;
}

void
tokenizer_scratch_free(struct tokenizer_scratch *s)
{
	if (s == NULL)
		return;
	buf_fini(&s->a);
	buf_fini(&s->b);
	buf_fini(&s->c);
	free(s->unigram);
	free(s);
}

/* The greatest length <= n, max that cuts no character. */
static size_t
cut_at(const char *s, size_t n, size_t max)
{
	if (n <= max)
		return n;
	while (max > 0 && ((unsigned char)s[max] & 0xC0) == 0x80)
		max--;
	return max;
}

/* Leaves the unknown token out. */
struct filter {
	tokenizer_fn *fn;
	void *ctx;
	uint32_t unknown;
};

static int
filter_token(void *ctx, uint32_t id)
{
	const struct filter *f = ctx;

	if (id == f->unknown || id == UNIGRAM_UNKNOWN)
		return 0;
	return f->fn(f->ctx, id);
}

/* Metaspace, then each word or the whole through Unigram. */
static void
unigram_text(const struct tokenizer *t, struct tokenizer_scratch *s,
    const char *text, size_t n, struct filter *f)
{
	const size_t len = strlen(t->space);
	const char *p, *end;
	struct buf *b = &s->c;
	size_t i, word;
	int stop = 0;

	buf_reset(b);
	if (t->prepend && n > 0 &&
	    (n < len || memcmp(text, t->space, len) != 0))
		buf_puts(b, t->space);
	for (i = 0; i < n; i++) {
		if (text[i] == ' ')
			buf_puts(b, t->space);
		else
			buf_putc(b, text[i]);
	}
	p = buf_str(b);
	end = p + cut_at(p, b->len, UNIGRAM_TEXT_MAX);
	for (; p < end && !stop; p += word) {
		const char *next = t->split && (size_t)(end - p) > len ?
		    memmem(p + len, (size_t)(end - p) - len, t->space, len) :
		    NULL;

		word = (size_t)((next != NULL ? next : end) - p);
		stop = unigram_each(t->unigram, s->unigram, p, word,
		    filter_token, f);
	}
}

int
tokenizer_each(const struct tokenizer *t, struct tokenizer_scratch *s,
    const char *text, size_t n, tokenizer_fn *fn, void *ctx)
{
	struct filter f = { fn, ctx, t->unknown };
	struct buf *out = &s->a;

	if (t->unigram != NULL)
		n = cut_at(text, n, UNIGRAM_TEXT_MAX);
	if (t->norm.n > 0) {
		if (norm_apply(&t->norm, text, n, &s->a, &s->b, &out) !=
		    RC_OK)
			return RC_NOMEM;
		text = buf_str(out);
		n = out->len;
	}
	if (t->wordpiece != NULL)
		wordpiece_each(t->wordpiece, text, n, filter_token, &f);
	else
		unigram_text(t, s, text, n, &f);
	return s->c.bad == RC_OK ? RC_OK : RC_NOMEM;
}
