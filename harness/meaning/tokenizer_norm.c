/* Normalisers of a tokenizer.json. */
#include "harness/meaning/tokenizer_norm.h"

#include <string.h>

#include "harness/base/text.h"
#include "harness/meaning/wordpiece.h"

static int
read_bert(struct norm_step *step, const struct json *j)
{
	const struct json *strip = json_get(j, "strip_accents");
	int lower = json_get_bool(j, "lowercase", 1);

	step->kind = NORM_BERT;
	if (json_get_bool(j, "clean_text", 1))
		step->flags |= WORDPIECE_CLEAN;
	if (json_get_bool(j, "handle_chinese_chars", 1))
		step->flags |= WORDPIECE_HAN;
	if (lower)
		step->flags |= WORDPIECE_LOWER;
	/* null: as lowercase says */
	if (json_bool(strip, json_kind(strip) == JSON_BOOL ? 0 : lower))
		step->flags |= WORDPIECE_STRIP;
	return RC_OK;
}

static int
read_replace(struct norm_step *step, const struct json *j, struct err *err)
{
	const struct json *pattern = json_get(j, "pattern");
	const char *find = json_get_str(pattern, "String");
	const char *regex = json_get_str(pattern, "Regex");

	step->put = json_get_str(j, "content");
	if (step->put == NULL)
		return err_set(err, RC_FORMAT, "a Replace without content");
	if (find != NULL && *find != '\0') {
		step->kind = NORM_REPLACE;
		step->find = find;
		return RC_OK;
	}
	if (regex != NULL && (strcmp(regex, "\\s+") == 0 ||
	    strcmp(regex, " {2,}") == 0)) {
		step->kind = NORM_SPACES;
		step->flags = *regex == ' ';
		return RC_OK;
	}
	return err_set(err, RC_FORMAT, "a Replace of pattern \"%.64s\" is not "
	    "supported", regex ? regex : "");
}

static int
read_step(struct norm *m, const struct json *j, struct err *err)
{
	static const struct {
		const char *type;
		enum norm_kind kind;
		unsigned flags;
	} plain[] = {
		{ "Lowercase", NORM_LOWER, 0 },
		{ "StripAccents", NORM_ACCENTS, 0 },
		{ "NFC", NORM_FORM, TEXT_NFC }, { "NFD", NORM_FORM, TEXT_NFD },
		{ "NFKC", NORM_FORM, TEXT_NFKC },
	};
	const char *type = json_get_str(j, "type");
	struct norm_step *step;
	size_t i;

	if (type == NULL || m->n == NORM_STEPS_MAX)
		return err_set(err, RC_FORMAT, "a normalizer without type, or "
		    "more than %d", NORM_STEPS_MAX);
	step = &m->step[m->n++];
	memset(step, 0, sizeof(*step));
	if (strcmp(type, "BertNormalizer") == 0)
		return read_bert(step, j);
	if (strcmp(type, "Replace") == 0)
		return read_replace(step, j, err);
	if (strcmp(type, "Strip") == 0) {
		step->kind = NORM_STRIP;
		step->flags = json_get_bool(j, "strip_left", 1) ? 1 : 0;
		step->flags |= json_get_bool(j, "strip_right", 1) ? 2 : 0;
		return RC_OK;
	}
	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (strcmp(type, plain[i].type) == 0) {
			step->kind = plain[i].kind;
			step->flags = plain[i].flags;
			return RC_OK;
		}
	}
	return err_set(err, RC_FORMAT, "normalizer \"%.64s\" is not "
	    "supported", type);
}

int
norm_read(struct norm *m, const struct json *j, struct err *err)
{
	const char *type = json_get_str(j, "type");
	int rc = RC_OK;

	m->n = 0;
	if (j == NULL || json_kind(j) == JSON_NULL)
		return RC_OK;
	if (type == NULL || strcmp(type, "Sequence") != 0)
		return read_step(m, j, err);
	for (j = json_first(json_get(j, "normalizers"));
	    j != NULL && rc == RC_OK; j = json_next(j))
		rc = read_step(m, j, err);
	return rc;
}

/* ---- applying ---------------------------------------------------------- */

static void
add_char(struct buf *out, int32_t cp)
{
	char c[4];

	buf_add(out, c, text_put(cp, c));
}

/* The steps that look at one code point at a time. */
static void
by_char(const struct norm_step *step, const char *s, size_t n,
    struct buf *out)
{
	const char *end = s + n;
	int32_t part[WORDPIECE_CHAR_MAX], cp;
	size_t i, k;

	while (s < end) {
		cp = text_next(&s, end);
		if (cp < 0)
			continue;
		if (step->kind == NORM_BERT) {
			k = wordpiece_char(step->flags, cp, part);
			for (i = 0; i < k; i++)
				add_char(out, part[i]);
		} else if (step->kind == NORM_LOWER) {
			add_char(out, text_lower(cp));
		} else if (!text_is_mark(cp)) {
			add_char(out, cp);
		}
	}
}

static void
replace(const struct norm_step *step, const char *s, size_t n,
    struct buf *out)
{
	const size_t len = strlen(step->find);
	const char *end = s + n, *hit;

	while ((hit = memmem(s, (size_t)(end - s), step->find, len)) != NULL) {
		buf_add(out, s, (size_t)(hit - s));
		buf_puts(out, step->put);
		s = hit + len;
	}
	buf_add(out, s, (size_t)(end - s));
}

/* Bytes of the run of white space (blanks: of blanks) at s. */
static size_t
space_run(const char *s, const char *end, int blanks)
{
	const char *p = s, *q = s;
	int32_t cp;

	while (q < end) {
		cp = text_next(&q, end);
		if (blanks ? cp != ' ' : !text_is_space(cp))
			break;
		p = q;
	}
	return (size_t)(p - s);
}

/* Runs of white space; with flags, of two blanks or more. */
static void
replace_spaces(const struct norm_step *step, const char *s, size_t n,
    struct buf *out)
{
	const char *end = s + n, *p;
	size_t run;

	for (; s < end; s += run) {
		run = space_run(s, end, step->flags != 0);
		if (run > (step->flags ? 1 : 0)) {
			buf_puts(out, step->put);
			continue;
		}
		p = s;
		(void)text_next(&p, end);
		run = (size_t)(p - s);
		buf_add(out, s, run);
	}
}

static void
strip(const struct norm_step *step, const char *s, size_t n, struct buf *out)
{
	const char *end = s + n, *p, *from = NULL, *to = s;
	int32_t cp;

	for (p = s; p < end;) {
		const char *at = p;

		cp = text_next(&p, end);
		if (text_is_space(cp))
			continue;
		if (from == NULL)
			from = at;
		to = p;
	}
	if (from == NULL)
		return;
	if (!(step->flags & 1))
		from = s;
	if (!(step->flags & 2))
		to = end;
	buf_add(out, from, (size_t)(to - from));
}

int
norm_apply(const struct norm *m, const char *s, size_t n, struct buf *a,
    struct buf *b, struct buf **out)
{
	struct buf *swap;
	int rc = RC_OK;
	size_t i;

	buf_reset(a);
	buf_add(a, s, n);
	for (i = 0; i < m->n && rc == RC_OK && a->bad == RC_OK; i++) {
		const struct norm_step *step = &m->step[i];

		buf_reset(b);
		if (step->kind == NORM_REPLACE)
			replace(step, buf_str(a), a->len, b);
		else if (step->kind == NORM_SPACES)
			replace_spaces(step, buf_str(a), a->len, b);
		else if (step->kind == NORM_STRIP)
			strip(step, buf_str(a), a->len, b);
		else if (step->kind == NORM_FORM)
			rc = text_normalise(buf_str(a), a->len,
			    (enum text_form)step->flags, b, NULL);
		else
			by_char(step, buf_str(a), a->len, b);
		swap = a;
		a = b;
		b = swap;
	}
	*out = a;
	return rc == RC_OK && a->bad == RC_OK ? RC_OK : RC_NOMEM;
}
