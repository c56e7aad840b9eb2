/* Events of an iCalendar; see ical.h. */
#include "harness/base/ical.h"

#include <dlfcn.h>
#include <libical/ical.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/base/mono.h"

enum {
	WINDOWS_MAX = 1000,
	DAY = 86400,
	RULES_MAX = 4,		/* of an event */
	DATES_MAX = 1000	/* the same: libical looks through all of them
				   at each occurrence */
};

/* A rule without any day (FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30) is followed for
 * some centuries, which takes libical 0.5 s, and nothing can stop it. */
#define CPU_NS (2 * MONO_S)

/*
 * libical brings ICU with it, which takes 3 ms and 3 MB at each start of the
 * program. Hence it is loaded when there is a calendar to read.
 */
#define FUNCTIONS \
	F(icalcomponent_foreach_recurrence) \
	F(icalcomponent_free) \
	F(icalcomponent_get_dtend) \
	F(icalcomponent_get_dtstart) \
	F(icalcomponent_get_first_component) \
	F(icalcomponent_get_first_property) \
	F(icalcomponent_get_next_component) \
	F(icalcomponent_get_next_property) \
	F(icalcomponent_get_parent) \
	F(icalcomponent_get_summary) \
	F(icalcomponent_get_timezone) \
	F(icalcomponent_get_uid) \
	F(icalcomponent_isa) \
	F(icalparameter_get_tzid) \
	F(icalparser_parse_string) \
	F(icalproperty_get_first_parameter) \
	F(icalproperty_get_rrule) \
	F(icalproperty_get_value) \
	F(icaltime_as_timet) \
	F(icaltime_from_timet_with_zone) \
	F(icaltime_is_null_time) \
	F(icaltime_is_valid_time) \
	F(icaltimezone_get_builtin_timezone) \
	F(icaltimezone_get_builtin_timezone_from_tzid) \
	F(icaltimezone_get_utc_timezone) \
	F(icalvalue_get_text)

static struct {
	void *handle;
#define F(name) __typeof__(&name) name;
	FUNCTIONS
#undef F
} lib;

static int
load(struct err *err)
{
	void *h = lib.handle != NULL ? lib.handle :
	    dlopen("libical.so.3", RTLD_NOW | RTLD_LOCAL);
	int all = 1;

	if (h == NULL)
		return err_set(err, RC_IO, "iCalendar files need libical.so.3 "
		    "(Debian package libical3)");
#define F(name) \
	*(void **)&lib.name = dlsym(h, #name); \
	all = all && lib.name != NULL;
	FUNCTIONS
#undef F
	if (!all) {
		(void)dlclose(h);
		return err_set(err, RC_IO, "libical.so.3 is not the version "
		    "that is expected");
	}
	lib.handle = h;
	return RC_OK;
}

struct finding {
	struct json *list;
	int64_t from_s, to_s;
	size_t n;
};

static struct json *
utc(int64_t s)
{
	char text[32];
	time_t t = (time_t)s;
	struct tm tm;

	(void)gmtime_r(&t, &tm);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_new_str(text);
}

/* The words of a text between commas. */
static void
add_words(struct json *list, const char *text)
{
	const char *p = text;
	size_t n;

	for (; p != NULL && *p != '\0'; p += n + (p[n] == ',')) {
		n = strcspn(p, ",");
		while (n > 0 && (*p == ' ' || *p == '\\'))
			p++, n--;
		if (n > 0)
			(void)json_push(list, json_new_strn(p, p[n - 1] ==
			    '\\' ? n - 1 : n));
	}
}

static struct json *
words_of(icalcomponent *e, icalproperty_kind kind)
{
	struct json *list = json_new(JSON_ARRAY);
	icalvalue *v;
	icalproperty *p = lib.icalcomponent_get_first_property(e, kind);

	for (; p != NULL; p = lib.icalcomponent_get_next_property(e, kind)) {
		v = lib.icalproperty_get_value(p);
		add_words(list, lib.icalvalue_get_text(v));
	}
	return list;
}

/* What kind of freeze it is: its first category, else by its summary. */
static const char *
kind_of(const struct json *categories, const char *summary)
{
	const char *first = json_str(json_first(categories));

	if (first != NULL)
		return first;
	if (summary != NULL && strstr(summary, "soft") != NULL)
		return "soft_freeze";
	if (summary != NULL && strstr(summary, "vendor") != NULL)
		return "vendor_freeze";
	return "hard_freeze";
}

/* Seconds from DTSTART to DTEND, or by DURATION; 0 without either. */
static int64_t
length_of(icalcomponent *e)
{
	struct icaltimetype to = lib.icalcomponent_get_dtend(e);

	return lib.icaltime_is_null_time(to) ? 0 : lib.icaltime_as_timet(to) -
	    lib.icaltime_as_timet(lib.icalcomponent_get_dtstart(e));
}

/*
 * The last second of an occurrence.  DTEND is not part of the event; of an
 * event of whole days libical takes the day of DTEND to be.
 */
static int64_t
last_of(icalcomponent *e, const struct icaltime_span *span)
{
	int64_t n;

	if (!lib.icalcomponent_get_dtstart(e).is_date)
		return span->end > span->start ? span->end - 1 : span->start;
	n = length_of(e);
	return span->start + (n > DAY ? n : DAY) - 1;
}

static void
take(icalcomponent *e, struct icaltime_span *span, void *ctx)
{
	struct finding *f = ctx;
	struct json *w, *categories;
	const char *uid = lib.icalcomponent_get_uid(e);
	const char *summary = lib.icalcomponent_get_summary(e);
	int64_t last = last_of(e, span);

	if (span->start > f->to_s || last < f->from_s ||
	    f->n++ >= WINDOWS_MAX)
		return;
	w = json_new(JSON_OBJECT);
	categories = words_of(e, ICAL_CATEGORIES_PROPERTY);
	(void)json_set(w, "id", json_new_str(summary != NULL ? summary :
	    uid != NULL ? uid : "event"));
	(void)json_set(w, "kind", json_new_str(kind_of(categories,
	    summary)));
	(void)json_set(w, "start", utc(span->start));
	(void)json_set(w, "end", utc(last));
	(void)json_set(w, "regions", words_of(e, ICAL_LOCATION_PROPERTY));
	(void)json_set(w, "scope", words_of(e, ICAL_RESOURCES_PROPERTY));
	(void)json_push(f->list, w);
	json_free(categories);
}

/* ---- what is refused ---------------------------------------------------- */

static const char *
name_of(icalcomponent *e)
{
	const char *s = lib.icalcomponent_get_summary(e);

	return s != NULL ? s : "without SUMMARY";
}

/* A TZID that nobody knows would be read as UTC. */
static int
check_zone(icalcomponent *e, icalproperty_kind kind, struct err *err)
{
	icalproperty *p = lib.icalcomponent_get_first_property(e, kind);
	icalparameter *tz = p == NULL ? NULL :
	    lib.icalproperty_get_first_parameter(p, ICAL_TZID_PARAMETER);
	const char *id = tz == NULL ? NULL : lib.icalparameter_get_tzid(tz);
	icalcomponent *calendar = lib.icalcomponent_get_parent(e);

	if (id == NULL ||
	    lib.icalcomponent_get_timezone(calendar, id) != NULL ||
	    lib.icaltimezone_get_builtin_timezone(id) != NULL ||
	    lib.icaltimezone_get_builtin_timezone_from_tzid(id) != NULL)
		return RC_OK;
	return err_set(err, RC_FORMAT, "event %.80s: the time zone %.80s is "
	    "not known", name_of(e), id);
}

static int
has_several(const short *v)
{
	return v[0] != ICAL_RECURRENCE_ARRAY_MAX &&
	    v[1] != ICAL_RECURRENCE_ARRAY_MAX;
}

static int
check_rule(icalcomponent *e, struct err *err)
{
	icalproperty *p = lib.icalcomponent_get_first_property(e,
	    ICAL_RRULE_PROPERTY);
	struct icalrecurrencetype r;

	for (; p != NULL; p = lib.icalcomponent_get_next_property(e,
	    ICAL_RRULE_PROPERTY)) {
		r = lib.icalproperty_get_rrule(p);
		if (r.freq == ICAL_NO_RECURRENCE || r.freq <
		    ICAL_DAILY_RECURRENCE || has_several(r.by_hour) ||
		    has_several(r.by_minute) || has_several(r.by_second))
			return err_set(err, RC_FORMAT, "event %.80s repeats "
			    "more often than daily, or by a rule that is "
			    "none: write an event for each time of the day",
			    name_of(e));
	}
	return RC_OK;
}

static size_t
count(icalcomponent *e, icalproperty_kind kind)
{
	icalproperty *p = lib.icalcomponent_get_first_property(e, kind);
	size_t n = 0;

	for (; p != NULL; p = lib.icalcomponent_get_next_property(e, kind))
		n++;
	return n;
}

static int
check_size(icalcomponent *e, struct err *err)
{
	if (count(e, ICAL_EXRULE_PROPERTY) > 0)
		return err_set(err, RC_FORMAT, "event %.80s has an EXRULE, "
		    "which iCalendar has no more: write EXDATEs", name_of(e));
	if (count(e, ICAL_RRULE_PROPERTY) > RULES_MAX ||
	    count(e, ICAL_EXDATE_PROPERTY) + count(e, ICAL_RDATE_PROPERTY) >
	    DATES_MAX)
		return err_set(err, RC_FORMAT, "event %.80s has more than %d "
		    "rules, or than %d EXDATEs and RDATEs: write several "
		    "events", name_of(e), RULES_MAX, DATES_MAX);
	return RC_OK;
}

static int
check(icalcomponent *e, struct err *err)
{
	struct icaltimetype at = lib.icalcomponent_get_dtstart(e);
	int rc;

	if (lib.icaltime_is_null_time(at) || !lib.icaltime_is_valid_time(at) ||
	    at.year < 1970 || at.year > 2200)
		return err_set(err, RC_FORMAT, "event %.80s has no DTSTART "
		    "from 1970 to 2200", name_of(e));
	rc = check_zone(e, ICAL_DTSTART_PROPERTY, err);
	if (rc == RC_OK)
		rc = check_zone(e, ICAL_DTEND_PROPERTY, err);
	if (rc == RC_OK)
		rc = check_size(e, err);
	return rc == RC_OK ? check_rule(e, err) : rc;
}

/* ---- reading ------------------------------------------------------------ */

/*
 * Occurrences that may touch from_s begin after this.  libical takes 20 us for
 * each, and all since 1970 would be 340 ms an event; but the first one that it
 * finds may be a wrong one (3.0.16, WEEKLY with BYDAY=2TU), hence the margin.
 */
static int64_t
since(icalcomponent *e, int64_t from_s)
{
	int64_t at = from_s - 60LL * DAY, n = length_of(e);

	return n < 0 ? at : at > n ? at - n : 0;
}

static int64_t
cpu_ns(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * MONO_S + t.tv_nsec;
}

static int
events(icalcomponent *calendar, struct finding *f, struct err *err)
{
	icalcomponent *e = lib.icalcomponent_get_first_component(calendar,
	    ICAL_VEVENT_COMPONENT);
	icaltimezone *z = lib.icaltimezone_get_utc_timezone();
	struct icaltimetype to = lib.icaltime_from_timet_with_zone(
	    (time_t)f->to_s + 1, 0, z);
	const int64_t until_ns = cpu_ns() + CPU_NS;
	int rc = RC_OK;

	for (; e != NULL && rc == RC_OK; e =
	    lib.icalcomponent_get_next_component(calendar,
	    ICAL_VEVENT_COMPONENT)) {
		rc = check(e, err);
		if (rc == RC_OK && cpu_ns() > until_ns)
			rc = err_set(err, RC_FORMAT, "the rules take too long "
			    "to follow, up to event %.80s: leave out events "
			    "that are over, and rules without any day",
			    name_of(e));
		if (rc == RC_OK)
			lib.icalcomponent_foreach_recurrence(e,
			    lib.icaltime_from_timet_with_zone((time_t)since(e,
			    f->from_s), 0, z), to, take, f);
	}
	return rc;
}

int
ical_windows(const char *text, size_t n, int64_t from_s, int64_t to_s,
    struct json **out, struct err *err)
{
	struct finding f = { .from_s = from_s, .to_s = to_s };
	icalcomponent *calendar;
	char *copy;
	int rc;

	*out = NULL;
	if (n > ICAL_BYTES_MAX || memchr(text, '\0', n) != NULL)
		return err_set(err, RC_FORMAT, "no iCalendar: too large, or "
		    "a NUL in it");
	rc = load(err);
	if (rc != RC_OK)
		return rc;
	copy = strndup(text, n);
	f.list = json_new(JSON_ARRAY);
	if (copy == NULL || f.list == NULL) {
		free(copy);
		json_free(f.list);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	calendar = lib.icalparser_parse_string(copy);
	if (calendar == NULL || lib.icalcomponent_isa(calendar) !=
	    ICAL_VCALENDAR_COMPONENT)
		rc = err_set(err, RC_FORMAT, "no iCalendar: BEGIN:VCALENDAR "
		    "is expected");
	else
		rc = events(calendar, &f, err);
	if (calendar != NULL)
		lib.icalcomponent_free(calendar);
	free(copy);
	if (rc != RC_OK)
		json_free(f.list);
	else
		*out = f.list;
	return rc;
}
