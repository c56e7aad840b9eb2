/* Benign perturbations; see perturb.h. */
#include "harness/suite/perturb.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "harness/base/text.h"

typedef int perturb_fn(const char *text, size_t n, uint32_t round,
    struct buf *out);

const char *const perturb_names[] = {
	"whitespace", "punctuation", "case", "unicode", "width", "synonyms",
	"clauses", NULL
};

/* ---- whitespace -------------------------------------------------------- */

/* Round 0: a blank at both ends and two within; 1: a tab; 2: a no-break
 * space within. */
static int
whitespace(const char *text, size_t n, uint32_t round, struct buf *out)
{
	static const char *const within[] = { "  ", "\t", "\xc2\xa0" };
	const char *gap;
	size_t i;

	if (round >= 3)
		return 0;
	gap = within[round];
	if (round == 0)
		buf_puts(out, " ");
	for (i = 0; i < n; i++) {
		if (text[i] == ' ')
			buf_puts(out, gap);
		else
			buf_putc(out, text[i]);
	}
	if (round == 0)
		buf_puts(out, " ");
	return 1;
}

/* ---- punctuation ------------------------------------------------------- */

/* Round 0: without the mark at the end, or with one; 1: doubled; 2: a
 * different one. */
static int
punctuation(const char *text, size_t n, uint32_t round, struct buf *out)
{
	size_t end = n;
	char mark;

	while (end > 0 && strchr(" ?.!", text[end - 1]) != NULL &&
	    text[end - 1] != '\0')
		end--;
	mark = '\0';
	if (end < n && text[end] != ' ')
		mark = text[end];
	buf_add(out, text, end);
	if (round == 0)
		buf_puts(out, mark == '\0' ? "?" : "");
	else if (round == 1)
		buf_puts(out, "??");
	else if (round == 2)
		buf_puts(out, " ?");
	return round <= 2;
}

/* ---- case -------------------------------------------------------------- */

/* Round 0: all lower case; 1: only the first letter changed. Upper case
 * alone would also be benign, but makes names look like abbreviations. */
static int
letter_case(const char *text, size_t n, uint32_t round, struct buf *out)
{
	const char *p = text, *end = text + n;
	char bytes[4];
	int32_t cp;
	size_t i;

	if (round == 1) {
		buf_add(out, text, n);
		if (out->bad != RC_OK)
			return 0;
		if (n > 0 && isupper((unsigned char)text[0]) && n > 1 &&
		    islower((unsigned char)text[1]))
			out->p[out->len - n] = (char)tolower(
			    (unsigned char)text[0]);
		else if (n > 0 && islower((unsigned char)text[0]))
			out->p[out->len - n] = (char)toupper(
			    (unsigned char)text[0]);
		return 1;
	}
	while (p < end && round == 0) {
		const char *from = p;

		cp = text_next(&p, end);
		if (cp < 0) {
			buf_add(out, from, (size_t)(p - from));
			continue;
		}
		i = text_put(text_lower(cp), bytes);
		buf_add(out, bytes, i);
	}
	return round == 0;
}

/* ---- Unicode form and width --------------------------------------------- */

static int
unicode(const char *text, size_t n, uint32_t round, struct buf *out)
{
	if (round > 1)
		return 0;
	return text_normalise(text, n, round == 0 ? TEXT_NFD : TEXT_NFC, out,
	    NULL) == RC_OK;
}

/* Round 0: digits full width; 1: all of ASCII full width; of a text that has
 * full-width characters, half width instead. */
static int
width(const char *text, size_t n, uint32_t round, struct buf *out)
{
	const char *p = text, *end = text + n;
	char bytes[4];
	int32_t cp;

	while (p < end && round < 2) {
		const char *from = p;

		cp = text_next(&p, end);
		if (cp >= 0xff01 && cp <= 0xff5e)
			cp -= 0xfee0;
		else if ((cp >= '0' && cp <= '9') ||
		    (round == 1 && cp > ' ' && cp < 0x7f))
			cp += 0xfee0;
		if (cp < 0)
			buf_add(out, from, (size_t)(p - from));
		else
			buf_add(out, bytes, text_put(cp, bytes));
	}
	return round < 2;
}

/* ---- synonyms ---------------------------------------------------------- */

/* Pairs that mean the same in a question, whatever stands around them. */
static const char *const synonyms[][2] = {
	{ "what is", "what's" }, { "what's", "what is" },
	{ "how do I", "how can I" }, { "how can I", "how do I" },
	{ "how do we", "how can we" }, { "how can we", "how do we" },
	{ "how do you", "how does one" }, { "who is", "who's" },
	{ "where is", "where's" }, { "when is", "when's" },
	{ "can't", "cannot" }, { "cannot", "can't" },
	{ "don't", "do not" }, { "do not", "don't" },
	{ "doesn't", "does not" }, { "does not", "doesn't" },
	{ "isn't", "is not" }, { "is not", "isn't" },
	{ "aren't", "are not" }, { "are not", "aren't" },
	{ "need to", "have to" }, { "have to", "need to" },
	{ "is it possible to", "can one" }, { "how many", "what number of" },
	{ "how often", "how frequently" }, { "how long does it take",
	"how much time does it take" }, { "begin", "start" },
	{ "e-mail", "email" }, { "email", "e-mail" },
	{ "phone", "telephone" }, { "photo", "photograph" },
	{ "buy", "purchase" },
	{ "maximum", "max" }, { "minimum", "min" },
	{ "info", "information" }, { "information", "info" },
	{ "approximately", "about" }, { "permitted", "allowed" },
	{ "allowed", "permitted" },
	{ "located", "situated" }, { "usually", "normally" },
};
enum { N_SYNONYMS = sizeof(synonyms) / sizeof(synonyms[0]) };

static int
word_byte(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 ||
	    c == '\'' || c == '-';
}

/* Where a phrase stands as words of its own; NULL: nowhere. */
static const char *
find_words(const char *text, const char *phrase)
{
	size_t n = strlen(phrase);
	const char *p = text;

	while ((p = strcasestr(p, phrase)) != NULL) {
		if ((p == text || !word_byte(p[-1])) && !word_byte(p[n]))
			return p;
		p++;
	}
	return NULL;
}

static int
synonym(const char *text, size_t n, uint32_t round, struct buf *out)
{
	const char *p, *to;
	size_t i, at;

	for (i = 0; i < N_SYNONYMS; i++) {
		p = find_words(text, synonyms[i][0]);
		if (p == NULL || round-- > 0)
			continue;
		to = synonyms[i][1];
		buf_add(out, text, (size_t)(p - text));
		at = out->len;
		buf_puts(out, to);
		if (out->bad == RC_OK && isupper((unsigned char)*p))
			out->p[at] = (char)toupper((unsigned char)*to);
		p += strlen(synonyms[i][0]);
		buf_add(out, p, n - (size_t)(p - text));
		return 1;
	}
	return 0;
}

/* ---- clause order ------------------------------------------------------ */

static void
add_decapitalised(struct buf *out, const char *p, size_t n)
{
	size_t at = out->len;

	buf_add(out, p, n);
	/* "I" and abbreviations keep their capitals. */
	if (out->bad == RC_OK && n > 1 && isupper((unsigned char)p[0]) &&
	    islower((unsigned char)p[1]))
		out->p[at] = (char)tolower((unsigned char)p[0]);
}

static void
add_capitalised(struct buf *out, const char *p, size_t n)
{
	size_t at = out->len;

	buf_add(out, p, n);
	if (out->bad == RC_OK && n > 0)
		out->p[at] = (char)toupper((unsigned char)p[0]);
}

static int
is_opener(const char *text)
{
	static const char *const openers[] = {
		"if ", "when ", "after ", "before ", "during ", "since ",
		"in ", "on ", "at ", "for ", "under ", "according to ",
		"as of ", "with ", "without ", "while ", "once ", "unless "
	};
	size_t i;

	for (i = 0; i < sizeof(openers) / sizeof(openers[0]); i++) {
		if (strncasecmp(text, openers[i], strlen(openers[i])) == 0)
			return 1;
	}
	return 0;
}

/* "If X, how do I Y?" as "How do I Y if X?"; one comma only, so that nothing
 * is torn apart. */
static int
clauses(const char *text, size_t n, uint32_t round, struct buf *out)
{
	const char *comma = memchr(text, ',', n), *rest;
	size_t end = n;
	const char *mark;

	if (round > 0 || comma == NULL || !is_opener(text) ||
	    comma[1] != ' ' || strchr(comma + 1, ',') != NULL)
		return 0;
	while (end > 0 && strchr("?.! ", text[end - 1]) != NULL)
		end--;
	mark = text + end;
	rest = comma + 1 + strspn(comma + 1, " ");
	if (rest >= mark)
		return 0;
	add_capitalised(out, rest, (size_t)(mark - rest));
	buf_putc(out, ' ');
	add_decapitalised(out, text, (size_t)(comma - text));
	buf_add(out, mark, n - end);
	return 1;
}

/* ---- table ------------------------------------------------------------- */

static perturb_fn *const kinds[] = {
	whitespace, punctuation, letter_case, unicode, width, synonym, clauses
};

int
perturb(const char *kind, const char *text, uint32_t round, struct buf *out)
{
	size_t n = strlen(text), from = out->len, i;
	int made;

	for (i = 0; perturb_names[i] != NULL; i++) {
		if (strcmp(perturb_names[i], kind) == 0)
			break;
	}
	if (perturb_names[i] == NULL)
		return 0;
	made = kinds[i](text, n, round, out);
	if (made && out->bad == RC_OK && (out->len - from != n ||
	    (n > 0 && memcmp(out->p + from, text, n) != 0)))
		return 1;
	if (out->bad == RC_OK && out->p != NULL) {
		out->len = from;
		out->p[from] = '\0';
	}
	return 0;
}
