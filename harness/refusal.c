/* Refusals: does a text decline to answer? Phrases of services seen in the
 * open, matched near the text's beginning; a longer text that says one of
 * them later on answers something. */
#include <string.h>

#include "harness/extract.h"

enum { HEAD_MAX = 240, START_MAX = 120, LONG_TEXT = 800 };

static const char *const phrases[] = {
	"i don't know", "i do not know", "i cannot answer", "i can't answer",
	"i am unable to", "i'm unable to", "i was unable to", "i'm not able to",
	"i am not able to", "i wasn't able to", "i was not able to",
	"i cannot find", "i can't find", "i could not find", "i couldn't find",
	"i did not find", "i didn't find", "i found nothing", "i found no ",
	"i cannot help", "i can't help", "i cannot assist", "i can't assist",
	"i cannot provide", "i can't provide", "i cannot determine",
	"i can't determine", "i won't be able to",
	"i don't have information", "i do not have information",
	"i don't have any information", "i do not have any information",
	"i don't have enough", "i do not have enough",
	"i don't have access", "i do not have access",
	"i have no information", "we could not find", "we couldn't find",
	"there is no information", "there is not enough information",
	"there isn't enough information", "no information available",
	"no information was found", "no information about",
	"not enough information", "insufficient information",
	"no relevant information", "no relevant documents",
	"no relevant passages", "no answer found", "no answer was found",
	"nothing was found", "no results found",
	"requested information is not", "requested information was not",
	"information is not available", "information is not found",
	"cannot be answered", "can't be answered", "unable to answer",
	"unable to find", "unable to assist", "unable to help",
	"cannot answer this question", "could not find an answer",
	"couldn't find an answer", "could not find the answer",
	"context does not", "context doesn't", "documents do not",
	"documents don't", "document does not contain", "sources do not",
	"sources don't", "passages do not", "passages don't",
	"text does not contain", "is not mentioned in the",
	"is not covered in the", "not found in the provided",
	"outside the scope", "out of scope",
	"ich wei\xc3\x9f es nicht", "ich wei\xc3\x9f nicht",
	"keine informationen", "kann ich nicht beantworten",
	"je ne sais pas", "je ne trouve pas", "aucune information",
	"no lo s\xc3\xa9", "no tengo informaci\xc3\xb3n",
	"no encuentro informaci\xc3\xb3n", "n\xc3\xa3o sei",
	"n\xc3\xa3o encontrei", "non lo so",
	"\xe6\x88\x91\xe4\xb8\x8d\xe7\x9f\xa5\xe9\x81\x93",
	"\xe6\x97\xa0\xe6\xb3\x95\xe5\x9b\x9e\xe7\xad\x94",
	"\xe7\x84\xa1\xe6\xb3\x95\xe5\x9b\x9e\xe7\xad\x94",
	"\xe3\x82\x8f\xe3\x81\x8b\xe3\x82\x8a\xe3\x81\xbe\xe3\x81\x9b",
};

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

int
extract_is_refusal(const char *text, size_t n)
{
	char head[HEAD_MAX] = "";
	const char *p;
	size_t i;

	if (text == NULL || n == 0 || n > LONG_TEXT)
		return 0;
	(void)normalise(text, n, head);
	for (i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		p = strstr(head, phrases[i]);
		if (p != NULL && p - head < START_MAX && at_word(head, p) &&
		    !says_before(head, p))
			return 1;
	}
	return 0;
}
