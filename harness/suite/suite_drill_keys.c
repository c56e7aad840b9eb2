/* The keys of drills: scenarios, and what they need of a service. */
#include "harness/suite/suite_keys_part.h"

static const char drill_names[] =
#define DRILL(name, guardrail, aliases, help) "|" #name
#include "harness/terms/drill_rows.h"
    ;

const struct suite_key drill_keys[] = {
	ROW("scenarios", KEY_LIST, NULL, "what `lockstep drill` tries: "
	    "GUARDRAILS.md"),
	ROW("scenarios.[]", KEY_OBJ, NULL, "one drill", .use = "@scenario"),
	ROW("@scenario.name", KEY_STR, NULL, "its name; that of a drill, "
	    "unless `drill` says which"),
	ROW("@scenario.drill", KEY_ENUM, NULL, "which drill it is",
	    .names = drill_names + 1),
	ROW("@scenario.required", KEY_BOOL, "true", "false: its failure is "
	    "for review"),
	ROW("@scenario.concurrency", KEY_INT, "16", "requests in flight", 1,
	    1024),
	ROW("@scenario.requests", KEY_INT, "40", "questions that are asked in "
	    "each phase, of each stack", 1, 1e6),
	ROW("@scenario.keys", KEY_INT, "60", "idempotency: effects that are "
	    "asked for", 1, 1e6),
	ROW("@scenario.duplicates", KEY_INT, "4", "idempotency: requests of "
	    "one key at once", 2, 1000),
	ROW("@scenario.delay", KEY_TIME, "\"1s\"", "idempotency: pause before "
	    "the delayed duplicates"),

	ROW("@scenario.rate", KEY_NUM, "50", "questions a second under load",
	    0.1, 1e5),
	ROW("@scenario.duration", KEY_TIME, "\"6s\"", "how long the load "
	    "lasts, beside the levers' time"),
	ROW("@scenario.settle", KEY_TIME, "\"2s\"", "how long a lever may "
	    "take to be seen after it has returned"),
	ROW("@scenario.back_within", KEY_TIME, "\"2m\"", "switch: how long "
	    "the way back may take"),
	ROW("@scenario.latency_floor", KEY_TIME, "\"50ms\"", "smaller rises "
	    "of the p95 are ignored"),
	ROW("@scenario.tenant_header", KEY_STR, "\"X-Tenant\"", "rate_limit: "
	    "header that names the tenant"),
	ROW("@scenario.within", KEY_TIME, "\"10m\"", "readiness, retry, "
	    "rollback: how long it may take until all is as it should be"),
	ROW("@scenario.first_within", KEY_TIME, "\"10m\"", "communication: "
	    "how long the first message may take"),
	ROW("@scenario.next_within", KEY_TIME, "\"20m\"", "communication: "
	    "how long the next one may take"),
	ROW("@scenario.first_good_within", KEY_TIME, "\"5m\"", "cache: how "
	    "long the first good answer after a flush, a restart or a swap "
	    "may take"),
	ROW("@scenario.fault_share", KEY_NUM, "0.6", "retry: share of the "
	    "requests that get a fault", 0, 1),
	ROW("@scenario.fault_times", KEY_INT, "1", "retry: attempts of a "
	    "request that get it", 1, 100),
	ROW("@scenario.fault_latency", KEY_TIME, "\"200ms\"", "retry: of the "
	    "fault latency"),
	ROW("pins.assert", KEY_OBJ, NULL, "drills: how a request says which "
	    "pins it expects"),
	ROW("pins.assert.header", KEY_STR, NULL, "header that carries them, "
	    "as a JSON object"),
	ROW("pins.assert.diff", KEY_PTR, "\"/diff\"", "what differs, in the "
	    "409"),
	ROW("write", KEY_OBJ, NULL, "drills: a request that has an effect",
	    .use = "@write"),
	ROW("@write.method", KEY_STR, "\"POST\"", "HTTP method"),
	ROW("@write.path", KEY_STR, NULL, "where it goes"),
	ROW("@write.headers", KEY_OBJ, NULL, "beside the target's"),
	ROW("@write.headers.*", KEY_STR | KEY_NUM, NULL, "a header's value"),
	ROW("@write.body", KEY_ANY, NULL, "JSON; {{n}} is a number that no "
	    "other effect has"),
	ROW("@write.key_header", KEY_STR, "\"Idempotency-Key\"", "header that "
	    "carries the key"),
	ROW("@write.effect_id", KEY_PTR, "\"/effect_id\"", "id of the effect "
	    "in the answer"),
	ROW("@write.diff", KEY_PTR, "\"/diff\"", "what differs, in the answer "
	    "to a conflict"),
	ROW("@write.code", KEY_PTR, "\"/error/code\"", "the error's code in "
	    "the answer to a refused write"),
	ROW("writes", KEY_LIST, NULL, "drills: further endpoints that write"),
	ROW("writes.[]", KEY_OBJ, NULL, "one of them",
	    .use = "@lever_request"),
	ROW("audit", KEY_OBJ, NULL, "drills: how the service counts effects"),
	ROW("audit.exec", KEY_STR, NULL, "command that prints JSON or the "
	    "number"),
	ROW("audit.request", KEY_OBJ, NULL, "or a request",
	    .use = "@audit_request"),
	ROW("@audit_request.path", KEY_STR, NULL, "a GET of this path"),
	ROW("@audit_request.headers", KEY_OBJ, NULL, "beside the target's"),
	ROW("@audit_request.headers.*", KEY_STR | KEY_NUM, NULL,
	    "a header's value"),
	ROW("audit.effects", KEY_PTR, "\"/effects\"", "the number of effects "
	    "in it"),

	ROW("cache", KEY_OBJ, NULL, "drills: what is known of the service's "
	    "cache"),
	ROW("cache.path", KEY_STR, NULL, "a GET that counts"),
	ROW("cache.computed", KEY_PTR, "\"/cache/computed\"", "the number of "
	    "answers that were computed, in it"),
	ROW("cache.tenants", KEY_LIST, NULL, "tenants to ask for"),
	ROW("cache.tenants.[]", KEY_STR, NULL, "one of them"),
	ROW("cache.arms", KEY_LIST, NULL, "headers of each arm, whose answers "
	    "have pins of their own"),
	ROW("cache.arms.[]", KEY_OBJ, NULL, "of one; {} for none"),
	ROW("cache.arms.[].*", KEY_STR, NULL, "a header's value"),
	ROW("cache.tenant", KEY_PTR, NULL, "for whom an answer is"),
	ROW("queue_wait", KEY_OBJ, NULL, "drills: where an answer says how "
	    "many milliseconds its request waited"),
	ROW("queue_wait.header", KEY_STR, NULL, "in this header"),
	ROW("queue_wait.at", KEY_PTR, NULL, "or there in the body"),
	ROW("boot", KEY_OBJ, NULL, "drills: how the service comes up"),
	ROW("boot.secrets", KEY_LIST, NULL, "environment variables that must "
	    "be set"),
	ROW("boot.secrets.[]", KEY_STR, NULL, "a name"),
	ROW("boot.probes", KEY_LIST, NULL, "paths that must answer 2xx, in "
	    "their order"),
	ROW("boot.probes.[]", KEY_STR, NULL, "a GET of this path"),
	ROW("index", KEY_OBJ, NULL, "drills: where the service reports its "
	    "index"),
	ROW("index.path", KEY_STR, NULL, "a GET of this path"),
	ROW("index.hash", KEY_PTR, "\"/index_hash\"", "what INDEX_HASH of "
	    "the answers must be"),
	ROW("index.count", KEY_PTR, NULL, "its number of documents"),
	ROW("index.partitions", KEY_PTR, NULL, "that of each partition: an "
	    "object or a list, which must add up to count"),
	ROW("index.dim", KEY_PTR, "\"/dim\"", "what EMBED_DIM must be"),
	ROW("index.norm", KEY_PTR, "\"/norm\"", "what NORM must be"),
	ROW("index.metric", KEY_PTR, "\"/metric\"", "what metric must be"),
	ROW("index.built", KEY_FILE, NULL, "JSON that the build wrote: each "
	    "of its members must be reported"),
	ROW("tables", KEY_LIST, NULL, "drills: how to count what a store "
	    "holds"),
	ROW("tables.[]", KEY_OBJ, NULL, "some tables or collections"),
	ROW("tables.[].name", KEY_STR, NULL, "name in the report"),
	ROW("tables.[].path", KEY_STR, NULL, "a GET of this path on both "
	    "stacks"),
	ROW("tables.[].exec", KEY_STR, NULL, "or a command that prints JSON "
	    "of the stack at $LOCKSTEP_STACK"),
	ROW("tables.[].at", KEY_PTR, NULL, "the counts or checksums in it: a "
	    "value, or an object with one a table"),
	ROW("communication", KEY_OBJ, NULL, "drills: what users were told of "
	    "an incident, or in a rehearsal"),
	ROW("communication.began", KEY_STR, NULL, "when it began, in UTC: "
	    "2026-01-31T12:00:00Z"),
	ROW("communication.severity", KEY_STR, NULL, "of the incident, S1 to "
	    "S4"),
	ROW("communication.messages", KEY_FILE, NULL, "what was sent, JSON "
	    "lines: {kind: acknowledge, update, cause or resolved, at, "
	    "severity, next, text}"),
	ROW("communication.exec", KEY_STR, NULL, "or a command that prints it"),
	ROW("client", KEY_OBJ, NULL, "drills: your client"),
	ROW("client.exec", KEY_STR, NULL, "command that sends requests to "
	    "$LOCKSTEP_FRONT and ends"),
	ROW("client.log", KEY_STR, NULL, "its log, a JSON object a line: for "
	    "observability.log_fields"),
	ROW("config", KEY_OBJ, NULL, "drills: where the service reports its "
	    "settings, as JSON"),
	ROW("config.exec", KEY_STR, NULL, "command that prints them"),
	ROW("config.request", KEY_OBJ, NULL, "or a request",
	    .use = "@audit_request"),
	ROW("config.stores", KEY_PTR, "\"/stores\"", "in them, what `stores` "
	    "says"),
	ROW("logs", KEY_OBJ, NULL, "drills: the service's log, a JSON object "
	    "a line: for logging.include_fields"),
	ROW("logs.exec", KEY_STR, NULL, "command that prints it"),
	ROW("logs.request", KEY_OBJ, NULL, "or a request",
	    .use = "@audit_request"),
	ROW("tools", KEY_OBJ, NULL, "drills: where an answer tells of tool "
	    "calls: for tool_success_min"),
	ROW("tools.calls", KEY_PTR, NULL, "the list of them"),
	ROW("tools.ok", KEY_PTR, "\"/ok\"", "within one, whether it "
	    "succeeded: true, ok, success, succeeded, completed, done, or a "
	    "status 2xx"),
	ROW("levers", KEY_OBJ, NULL, "drills: how to switch something, by "
	    "name: restart, swap, ..."),
	ROW("levers.*", KEY_OBJ, NULL, "one lever", .use = "@lever"),
	ROW("@lever.exec", KEY_STR, NULL, "command; $LOCKSTEP_CANDIDATE and "
	    "$LOCKSTEP_BASELINE are the stacks' addresses; {{weight}} in a "
	    "command or a request is the ramp's"),
	ROW("@lever.request", KEY_OBJ, NULL, "or a request",
	    .use = "@lever_request"),
	ROW("@lever.undo", KEY_OBJ, NULL, "what takes it back: at the end, "
	    "after Ctrl-C, and before the next drill when this one was killed",
	    .use = "@undo"),
	ROW("@lever.timeout", KEY_TIME, "\"60s\"", "limit of each"),
	ROW("@undo.exec", KEY_STR, NULL, "command"),
	ROW("@undo.request", KEY_OBJ, NULL, "or a request",
	    .use = "@lever_request"),
	ROW("@lever_request.method", KEY_STR, "\"POST\"", "HTTP method"),
	ROW("@lever_request.path", KEY_STR, NULL, "where it goes"),
	ROW("@lever_request.headers", KEY_OBJ, NULL, "beside the target's"),
	ROW("@lever_request.headers.*", KEY_STR | KEY_NUM, NULL,
	    "a header's value"),
	ROW("@lever_request.body", KEY_ANY, NULL, "JSON; a text is sent "
	    "unchanged"),
};

const size_t drill_keys_n = sizeof(drill_keys) / sizeof(drill_keys[0]);
