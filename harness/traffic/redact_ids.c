/*
 * National ids that carry a checksum. A number without one (a US social
 * security number) looks like any other; write a pattern for it.
 * sources  the issuing authorities' published check-digit rules
 */
#include <string.h>

#include "harness/traffic/redact_part.h"

enum { ID_MAX = 24 };

/* A word without its separators: digits and capitals. */
struct id {
	char c[ID_MAX + 1];
	size_t n;
	size_t end;		/* behind it in the text */
	int parts;		/* pieces between separators */
};

static void
take_id(const char *p, size_t n, size_t at, struct id *id)
{
	size_t i;

	id->n = 0;
	id->end = at;
	id->parts = 1;
	for (i = at; i < n && id->n < ID_MAX; i++) {
		if (redact_is_digit(p[i]) || (p[i] >= 'A' && p[i] <= 'Z')) {
			id->c[id->n++] = p[i];
			id->end = i + 1;
		} else if ((p[i] == '.' || p[i] == '-' || p[i] == ' ' ||
		    p[i] == '+') && i + 1 < n && i == id->end &&
		    (redact_is_digit(p[i + 1]) ||
		    (p[i] == '-' && p[i + 1] >= 'A' && p[i + 1] <= 'Z'))) {
			id->parts++;
		} else {
			break;
		}
	}
	id->c[id->n] = '\0';
}

int
redact_luhn(const char *p, size_t n)
{
	int sum = 0, twice = 0, d;

	while (n-- > 0) {
		if (!redact_is_digit(p[n]))
			continue;
		d = p[n] - '0';
		if (twice)
			d = d > 4 ? 2 * d - 9 : 2 * d;
		sum += d;
		twice = !twice;
	}
	return sum % 10 == 0;
}

static int
d(const struct id *id, size_t i)
{
	return id->c[i] - '0';
}

static int
all_digits(const struct id *id, size_t from, size_t to)
{
	for (; from < to; from++) {
		if (!redact_is_digit(id->c[from]))
			return 0;
	}
	return 1;
}

static int
all_same(const struct id *id)
{
	size_t i;

	for (i = 1; i < id->n && id->c[i] == id->c[0]; i++)
		;
	return i == id->n;
}

static int
is_date(int month, int day)
{
	return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static int
weighted(const struct id *id, const int *w, size_t n)
{
	int sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += d(id, i) * w[i];
	return sum;
}

/* Spain: eight digits, or X Y Z and seven, and a letter. */
static int
spain(const struct id *id)
{
	static const char letters[] = "TRWAGMYFPDXBNJZSQVHLCKE";
	long v = 0;
	size_t i = 0;

	if (id->n != 9 || id->parts > 2 || redact_is_digit(id->c[8]))
		return 0;
	if (id->c[0] >= 'X' && id->c[0] <= 'Z') {
		v = id->c[0] - 'X';
		i = 1;
	}
	if (!all_digits(id, i, 8))
		return 0;
	for (; i < 8; i++)
		v = v * 10 + d(id, i);
	return letters[v % 23] == id->c[8];
}

/* Italy: codice fiscale, sixteen signs. */
static int
italy(const struct id *id)
{
	static const int odd[] = { 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4,
	    18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23 };
	int sum = 0, v;
	size_t i;

	if (id->n != 16 || id->parts != 1 || redact_is_digit(id->c[15]) ||
	    redact_is_digit(id->c[0]) || !all_digits(id, 6, 8))
		return 0;
	for (i = 0; i < 15; i++) {
		v = redact_is_digit(id->c[i]) ? d(id, i) : id->c[i] - 'A';
		sum += i % 2 == 0 ? odd[v] : v;
	}
	return 'A' + sum % 26 == id->c[15];
}

/* France: fifteen digits, the last two 97 less the rest mod 97. */
static int
france(const struct id *id)
{
	long long v = 0;
	size_t i;

	if (id->n != 15 || !all_digits(id, 0, 15) ||
	    (id->c[0] != '1' && id->c[0] != '2'))
		return 0;
	for (i = 0; i < 13; i++)
		v = v * 10 + d(id, i);
	return 97 - v % 97 == d(id, 13) * 10 + d(id, 14);
}

/* Germany: eleven digits, one of the first ten twice or thrice; ISO 7064. */
static int
germany(const struct id *id)
{
	int count[10] = { 0 }, product = 10, sum, i, twice = 0, none = 0;

	if (id->n != 11 || !all_digits(id, 0, 11) || id->c[0] == '0')
		return 0;
	for (i = 0; i < 10; i++) {
		count[d(id, (size_t)i)]++;
		sum = (d(id, (size_t)i) + product) % 10;
		product = (sum == 0 ? 10 : sum) * 2 % 11;
	}
	for (i = 0; i < 10; i++) {
		twice += count[i] == 2 || count[i] == 3;
		none += count[i] == 0;
		if (count[i] > 3)
			return 0;
	}
	return twice == 1 && none >= 1 && none <= 2 &&
	    (11 - product) % 10 == d(id, 10);
}

/* Poland: PESEL, eleven digits that begin with a date. */
static int
poland(const struct id *id)
{
	static const int w[] = { 1, 3, 7, 9, 1, 3, 7, 9, 1, 3 };

	return id->n == 11 && id->parts == 1 && all_digits(id, 0, 11) &&
	    is_date((d(id, 2) * 10 + d(id, 3)) % 20,
	    d(id, 4) * 10 + d(id, 5)) &&
	    (10 - weighted(id, w, 10) % 10) % 10 == d(id, 10);
}

/* Brazil: CPF, eleven digits with two of them check digits. */
static int
brazil(const struct id *id)
{
	static const int a[] = { 10, 9, 8, 7, 6, 5, 4, 3, 2 };
	static const int b[] = { 11, 10, 9, 8, 7, 6, 5, 4, 3, 2 };
	int x, y;

	if (id->n != 11 || !all_digits(id, 0, 11) || all_same(id))
		return 0;
	x = weighted(id, a, 9) * 10 % 11 % 10;
	y = weighted(id, b, 10) * 10 % 11 % 10;
	return x == d(id, 9) && y == d(id, 10);
}

/* Norway: eleven digits that begin with a day, with two check digits. */
static int
norway(const struct id *id)
{
	static const int a[] = { 3, 7, 6, 1, 8, 9, 4, 5, 2 };
	static const int b[] = { 5, 4, 3, 2, 7, 6, 5, 4, 3, 2 };

	return id->n == 11 && all_digits(id, 0, 11) &&
	    is_date(d(id, 2) * 10 + d(id, 3), (d(id, 0) * 10 + d(id, 1)) % 40)
	    && (11 - weighted(id, a, 9) % 11) % 11 == d(id, 9) &&
	    (11 - weighted(id, b, 10) % 11) % 11 == d(id, 10);
}

/* Sweden: six digits of a date, four more behind a sign, Luhn. */
static int
sweden(const struct id *id, const char *word)
{
	return id->n == 10 && id->parts == 2 && all_digits(id, 0, 10) &&
	    (word[6] == '-' || word[6] == '+') &&
	    is_date(d(id, 2) * 10 + d(id, 3), (d(id, 4) * 10 + d(id, 5)) % 60)
	    && redact_luhn(id->c, 10);
}

/* China: seventeen digits with a date, and a check sign. */
static int
china(const struct id *id)
{
	static const int w[] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5,
	    8, 4, 2 };
	static const char signs[] = "10X98765432";
	int year;

	if (id->n != 18 || id->parts != 1 || !all_digits(id, 0, 17))
		return 0;
	year = d(id, 6) * 1000 + d(id, 7) * 100 + d(id, 8) * 10 + d(id, 9);
	return year >= 1900 && year < 2100 &&
	    is_date(d(id, 10) * 10 + d(id, 11), d(id, 12) * 10 + d(id, 13)) &&
	    signs[weighted(id, w, 17) % 11] == id->c[17];
}

/* India: Aadhaar, twelve digits in groups of four, Verhoeff's check. */
static int
india(const struct id *id)
{
	static const char mul[10][11] = { "0123456789", "1234067895",
	    "2340178956", "3401289567", "4012395678", "5987604321",
	    "6598710432", "7659821043", "8765932104", "9876543210" };
	static const char perm[8][11] = { "0123456789", "1576283094",
	    "5803796142", "8916043527", "9453126870", "4286573901",
	    "2793806415", "7046913258" };
	int c = 0;
	size_t i;

	if (id->n != 12 || id->parts != 3 || !all_digits(id, 0, 12) ||
	    id->c[0] < '2')
		return 0;
	for (i = 0; i < 12; i++)
		c = mul[c][perm[i % 8][d(id, 11 - i)] - '0'] - '0';
	return c == 0;
}

int
redact_find_national(const char *p, size_t n, size_t at, size_t *from,
    size_t *to)
{
	struct id id;

	if (at > 0 && (redact_is_word(p[at - 1]) || (at > 1 &&
	    (p[at - 1] == '.' || p[at - 1] == '-') &&
	    redact_is_word(p[at - 2]))))
		return 0;
	take_id(p, n, at, &id);
	if (id.n < 9 || id.n > 18 || (id.end < n &&
	    redact_is_word(p[id.end])))
		return 0;
	if (!spain(&id) && !italy(&id) && !france(&id) && !germany(&id) &&
	    !poland(&id) && !brazil(&id) && !norway(&id) &&
	    !sweden(&id, p + at) && !china(&id) && !india(&id))
		return 0;
	*from = at;
	*to = id.end;
	return 1;
}
