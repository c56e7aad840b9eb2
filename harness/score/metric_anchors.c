/* `anchors`: whether snippets are where their offsets point. */
#include <string.h>

#include "harness/base/text.h"
#include "harness/score/cover.h"
#include "harness/score/measure_part.h"

enum { TEXT_MAX = 1 << 24 };

/* NFC, runs of blanks as one, none at the ends. */
static int
smooth(const char *p, size_t n, struct buf *out)
{
	struct err err = ERR_INIT;
	const char *end, *from, *at;
	struct buf form;
	int blank = 0;
	int32_t cp;

	buf_init(&form, TEXT_MAX);
	if (text_normalise(p, n, TEXT_NFC, &form, &err) != RC_OK) {
		buf_fini(&form);
		return -1;
	}
	end = form.p + form.len;
	for (at = form.p; at < end;) {
		from = at;
		cp = text_next(&at, end);
		if (text_is_space(cp)) {
			blank = out->len > 0;
			continue;
		}
		if (blank)
			buf_putc(out, ' ');
		blank = 0;
		buf_add(out, from, (size_t)(at - from));
	}
	buf_fini(&form);
	return out->bad == RC_OK ? 0 : -1;
}

static int
same_but_for_form(const char *a, size_t na, const char *b, size_t nb)
{
	struct buf x, y;
	int same;

	/* normal forms and blanks change a length, but not by so much */
	if (na > 4 * nb + 64 || nb > 4 * na + 64)
		return 0;
	buf_init(&x, TEXT_MAX);
	buf_init(&y, TEXT_MAX);
	same = smooth(a, na, &x) == 0 && smooth(b, nb, &y) == 0 &&
	    x.len == y.len && (x.len == 0 || memcmp(x.p, y.p, x.len) == 0);
	buf_fini(&x);
	buf_fini(&y);
	return same;
}

static int
stands_at(const struct section *s, int64_t from, int64_t to,
    const struct ctext *text)
{
	if (from < 0 || to < from || (uint64_t)to > s->text_n)
		return 0;
	if ((uint64_t)(to - from) == text->n &&
	    memcmp(s->text + from, text->p, text->n) == 0)
		return 1;
	return same_but_for_form(s->text + from, (size_t)(to - from),
	    text->p, text->n);
}

/* Offsets count bytes or code points. Variants and arms mostly retrieve the
 * same: a text remembers the last place found. */
static int
holds(const struct section *s, const struct snippet *sn, struct ctext *text)
{
	int64_t from, to;

	if (text->anchor == s && text->anchor_from == sn->from &&
	    text->anchor_to == sn->to)
		return text->anchor_holds;
	text->anchor = s;
	text->anchor_from = sn->from;
	text->anchor_to = sn->to;
	text->anchor_holds = stands_at(s, sn->from, sn->to, text);
	if (text->anchor_holds)
		return 1;
	from = cover_byte_of(s->text, s->text_n, sn->from);
	to = cover_byte_of(s->text, s->text_n, sn->to);
	if (from != sn->from || to != sn->to)
		text->anchor_holds = stands_at(s, from, to, text);
	return text->anchor_holds;
}

double
calc_anchors(const struct metric_in *in, enum metric_missing *why)
{
	const struct snippet *sn;
	const struct section *s;
	size_t i, looked = 0, held = 0;

	if (in->sections == NULL || !extract_maps_retrieved(in->spec))
		return metric_none(why, METRIC_NOT_APPLICABLE);
	for (i = 0; i < in->n_snippets; i++) {
		sn = &in->answer->retrieved[i];
		if (in->snippets[i] == NULL || sn->section_id == NULL ||
		    sn->from < 0 || sn->to < 0)
			continue;
		s = sections_find(in->sections, sn->section_id);
		if (s == NULL)
			continue;
		looked++;
		held += holds(s, sn, in->snippets[i]) != 0;
	}
	if (looked == 0)
		return metric_none(why, METRIC_NOT_APPLICABLE);
	return (double)held / (double)looked;
}
