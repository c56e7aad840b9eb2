/* Refusals: does a text decline to answer? Phrases of services seen in the
 * open, matched near the text's beginning; a longer text that says one of
 * them later on answers something. */
#include <string.h>

#include "harness/traffic/extract.h"

/* A phrase begins before START_MAX and ends within HEAD_MAX. */
enum { HEAD_MAX = 176, START_MAX = 120, LONG_TEXT = 800 };

/* Sorted by their bytes. */
static const char *const phrases[] = {
	"aucune information", "can't be answered",
	"cannot answer this question", "cannot be answered",
	"context does not", "context doesn't", "could not find an answer",
	"could not find the answer", "couldn't find an answer",
	"document does not contain", "documents do not", "documents don't",
	"i am not able to", "i am unable to", "i can't answer",
	"i can't assist", "i can't determine", "i can't find", "i can't help",
	"i can't provide", "i cannot answer", "i cannot assist",
	"i cannot determine", "i cannot find", "i cannot help",
	"i cannot provide", "i could not find", "i couldn't find",
	"i did not find", "i didn't find", "i do not have access",
	"i do not have any information", "i do not have enough",
	"i do not have information", "i do not know", "i don't have access",
	"i don't have any information", "i don't have enough",
	"i don't have information", "i don't know", "i found no ",
	"i found nothing", "i have no information", "i was not able to",
	"i was unable to", "i wasn't able to", "i won't be able to",
	"i'm not able to", "i'm unable to", "ich wei\xc3\x9f es nicht",
	"ich wei\xc3\x9f nicht", "information is not available",
	"information is not found", "insufficient information",
	"is not covered in the", "is not mentioned in the", "je ne sais pas",
	"je ne trouve pas", "kann ich nicht beantworten",
	"keine informationen", "no answer found", "no answer was found",
	"no encuentro informaci\xc3\xb3n", "no information about",
	"no information available", "no information was found",
	"no lo s\xc3\xa9", "no relevant documents", "no relevant information",
	"no relevant passages", "no results found",
	"no tengo informaci\xc3\xb3n", "non lo so", "not enough information",
	"not found in the provided", "nothing was found",
	"n\xc3\xa3o encontrei", "n\xc3\xa3o sei", "out of scope",
	"outside the scope", "passages do not", "passages don't",
	"requested information is not", "requested information was not",
	"sources do not", "sources don't", "text does not contain",
	"there is no information", "there is not enough information",
	"there isn't enough information", "unable to answer",
	"unable to assist", "unable to find", "unable to help",
	"we could not find", "we couldn't find",
	"\xe3\x82\x8f\xe3\x81\x8b\xe3\x82\x8a\xe3\x81\xbe\xe3\x81\x9b",
	"\xe6\x88\x91\xe4\xb8\x8d\xe7\x9f\xa5\xe9\x81\x93",
	"\xe6\x97\xa0\xe6\xb3\x95\xe5\x9b\x9e\xe7\xad\x94",
	"\xe7\x84\xa1\xe6\xb3\x95\xe5\x9b\x9e\xe7\xad\x94",
};
enum { PHRASES = sizeof(phrases) / sizeof(phrases[0]) };

/* Lower case, one blank for any, and ' for the typographic apostrophe. */
static size_t
normalise(const char *s, size_t n, char *out)
{
	size_t i, to = 0;
	int blank = 1;

	for (i = 0; i < n && to + 1 < HEAD_MAX; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == 0xe2 && i + 2 < n && (unsigned char)s[i + 1] == 0x80 &&
		    (unsigned char)s[i + 2] == 0x99) {
			out[to++] = '\'';
			i += 2;
			blank = 0;
		} else if (c <= ' ') {
			if (!blank)
				out[to++] = ' ';
			blank = 1;
		} else {
			out[to++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
			blank = 0;
		}
	}
	out[to] = '\0';
	return to;
}

/* "i found no " must not match within "hi found no ". */
static int
at_word(const char *head, const char *p)
{
	unsigned char before;

	if (p == head)
		return 1;
	before = (unsigned char)p[-1];
	return !((before >= 'a' && before <= 'z') ||
	    (before >= '0' && before <= '9')) || before >= 0x80;
}

/* Whether a sentence stands before p that is more than an apology. */
static int
says_before(const char *head, const char *p)
{
	static const char *const polite[] = {
		"sorry", "apolog", "unfortunately", "thank"
	};
	const char *end, *word;
	size_t i;

	for (end = head; end < p; end++) {
		if (strchr(".!?", *end) != NULL && end[1] == ' ')
			break;
	}
	if (end >= p)
		return 0;
	for (i = 0; i < sizeof(polite) / sizeof(polite[0]); i++) {
		word = strstr(head, polite[i]);
		if (word != NULL && word < end)
			return 0;
	}
	return 1;
}

static unsigned
two_bytes(const char *p)
{
	return (unsigned)(unsigned char)p[0] << 8 | (unsigned char)p[1];
}

/* The first phrase that does not sort before the two bytes at p. */
static size_t
first_phrase(const char *p)
{
	size_t lo = 0, hi = PHRASES, mid;
	unsigned key = two_bytes(p);

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (two_bytes(phrases[mid]) < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int
phrase_at(const char *p)
{
	size_t i;

	for (i = first_phrase(p); i < PHRASES &&
	    two_bytes(phrases[i]) == two_bytes(p); i++) {
		if (strncmp(p, phrases[i], strlen(phrases[i])) == 0)
			return 1;
	}
	return 0;
}

int
extract_is_refusal(const char *text, size_t n)
{
	char head[HEAD_MAX] = "";
	const char *p;

	if (text == NULL || n == 0 || n > LONG_TEXT)
		return 0;
	(void)normalise(text, n, head);
	for (p = head; *p != '\0' && p - head < START_MAX; p++) {
		if (at_word(head, p) && phrase_at(p) && !says_before(head, p))
			return 1;
	}
	return 0;
}
