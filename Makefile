# lockstep: `make demo` shows it, `make test` proves it.
# Everything is one non-recursive Makefile; other flavours build into a
# folder of their own by re-invoking make with another BUILD.

BUILD  ?= build
PREFIX ?= /usr/local
CFLAGS ?= -O3 -g
JOBS   ?= $(shell nproc)
MAKEFLAGS += --no-builtin-rules

PKGS := libcurl sqlite3 libcjson libzstd zlib libbrotlidec yaml-0.1 \
	libmicrohttpd libutf8proc libsodium libpcre2-8 openssl rdkafka libical \
	cmocka
DEBS := libcurl4-openssl-dev libsqlite3-dev libcjson-dev libzstd-dev \
	zlib1g-dev libbrotli-dev \
	libyaml-dev libmicrohttpd-dev libutf8proc-dev libsodium-dev \
	libpcre2-dev libssl-dev librdkafka-dev libical-dev libcmocka-dev
TOOLS := pkg-config jq zstd curl prove
TOOL_DEBS := pkg-config jq zstd curl perl
# What only tests use: to validate reports, to open them in a browser, and a
# server that is not ours.
TEST_TOOLS := xmllint chromium jsonschema nginx
TEST_DEBS := libxml2-utils chromium python3-jsonschema nginx

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla
OPENMP ?= -fopenmp
# No contraction: a fused multiply-add would make scores differ by machine.
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -I. -MMD -MP -ffp-contract=off \
	$(WARN) $(WERROR) $(OPENMP) $(PKG_CFLAGS) $(CFLAGS) $(SAN)
ALL_LDFLAGS = $(OPENMP) $(LDFLAGS) $(SAN)

ifneq ($(MAKECMDGOALS),setup)
ifneq ($(shell command -v pkg-config),)
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
endif
endif
# libical is loaded when it is needed: harness/base/ical.c
LIBS = $(filter-out -lical%,$(PKG_LIBS)) -lpthread -lm

include harness/rooms.mk
ROOMS := base terms stat traffic meaning result suite import score judge
LIBS_OF := $(ROOMS) replay reports drill
dir_of = $(if $(filter replay reports,$(1)),$(1),harness/$(1))
src_of = $(wildcard $(call dir_of,$(1))/*.c $(call dir_of,$(1))/*.S)
STACK_SRC   := $(wildcard fixtures/ragstack/*.c)
TEST_SRC    := $(wildcard tests/unit/*/test_*.c)

# As many jobs as the caller's make was given, else one a processor.
J = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))

# One short line a file, none with -s; V=1 shows the commands.
Q := $(if $(V),,@)
quiet = $(findstring s,$(firstword -$(MAKEFLAGS)))
say = $(if $(V)$(quiet),,@echo "  $(1) $@")

obj = $(patsubst %,$(BUILD)/%.o,$(basename $(1)))
archives = $(patsubst %,$(BUILD)/lib%.a,$(1))
CORE     := $(call archives,judge score meaning suite result import traffic terms \
		stat base)
TESTS    := $(patsubst tests/%.c,$(BUILD)/tests/%,$(TEST_SRC))
# Scripts that judge time or memory: for the plain build, a sanitizer would be
# judged.
TIMED    := $(patsubst %,tests/e2e/%.t,aa arrivals faults memory proxy_limits)
SCRIPTS  := $(filter-out $(if $(SAN),$(TIMED)),$(wildcard tests/e2e/*.t))
FUZZERS  := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAYS  := $(patsubst %,$(BUILD)/tests/fuzz/replay_%,$(filter-out trace,\
	$(FUZZERS)))
ALL_OBJ  := $(call obj,$(foreach r,$(LIBS_OF) cmd,$(call src_of,$(r))) \
	$(STACK_SRC) $(TEST_SRC) $(wildcard tests/bench/verdict/*.c))

PROGRAMS := $(BUILD)/lockstep $(BUILD)/ragstack

.PHONY: all setup demo test check asan tsan lint bench fuzz install clean
all: setup
	+@$(MAKE) --no-print-directory $(J) programs

.PHONY: programs tests-built
programs: $(PROGRAMS)
tests-built: $(TESTS) $(REPLAYS) $(BUILD)/tests/bench/bench_time \
		$(BUILD)/tests/bench/bench_verdict_lost $(BUILD)/tests/bench/bench_live

# Installs what pkg-config (and the PATH) do not find; says so in one line.
setup:
	@missing=; set -- $(DEBS); \
	for p in $(PKGS); do \
	  pkg-config --exists $$p 2>/dev/null || missing="$$missing $$1"; \
	  shift; done; \
	set -- $(TOOL_DEBS); for t in $(TOOLS); do \
	  command -v $$t >/dev/null || missing="$$missing $$1"; shift; done; \
	if [ -n "$(findstring clang,$(CC))" ] && [ -n "$(OPENMP)" ] && \
	  ! echo 'int main(void) { return 0; }' | $(CC) $(OPENMP) -x c - \
	  -o /dev/null 2>/dev/null; then missing="$$missing libomp-dev"; fi; \
	if [ -n "$$missing" ]; then \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  echo "installing$$missing with $${sudo:+$$sudo }apt-get"; \
	  $$sudo apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq \
	    --no-install-recommends $$missing >/dev/null; fi

# Without these, the scripts that need them skip and say so.
.PHONY: setup-test
setup-test: setup
	@missing=; PATH=$$PATH:/usr/sbin; set -- $(TEST_DEBS); \
	for t in $(TEST_TOOLS); do command -v $$t >/dev/null || \
	  /usr/bin/python3 -c "import $$t" 2>/dev/null || \
	  missing="$$missing $$1"; shift; done; \
	if [ -n "$$missing" ]; then \
	  echo "installing$$missing with apt-get, for tests"; \
	  tests/lib/apt_install.sh $$missing || \
	  echo "could not install$$missing: their tests will skip"; fi

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,cc)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(BUILD)/%.o: %.S
	@mkdir -p $(@D)
	$(call say,cc)
	$(Q)$(CC) -I. -c -o $@ $<
$(BUILD)/harness/meaning/blob.o: $(wildcard fixtures/embedding/*.bin)

# The schema as a C string.
$(BUILD)/store_sql.h: harness/result/store.sql
	@mkdir -p $(@D)
	{ echo 'static const char store_sql[] ='; \
	  sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $<; echo ';'; } >$@
$(BUILD)/harness/result/store.o: ALL_CFLAGS += -I$(BUILD)
$(BUILD)/harness/result/store.o: $(BUILD)/store_sql.h

# One archive a room.
define room
$(BUILD)/lib$(1).a: $(call obj,$(call src_of,$(1)))
# Everything of a room links against what it may know, and nothing else.
$(BUILD)/link/$(1): $(call archives,$(1) $(KNOW_$(1)))
	@mkdir -p $$(@D)
	$$(call say,ld)
	$$(Q)echo 'int main(void) { return 0; }' | $$(CC) $$(ALL_LDFLAGS) -o $$@ \
	  -x c - -x none -Wl,--whole-archive $$< -Wl,--no-whole-archive \
	  $$(wordlist 2,99,$$^) $$(LIBS)
# A test links only the archives that its room may know.
$(BUILD)/tests/unit/$(1)/%: $(BUILD)/tests/unit/$(1)/%.o \
		$(call archives,$(1) $(KNOW_$(1)))
	$$(call say,ld)
	$$(Q)$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$(LIBS)
endef
$(foreach r,$(LIBS_OF),$(eval $(call room,$(r))))
$(BUILD)/lib%.a:
	@rm -f $@
	@mkdir -p $(@D)
	$(call say,ar)
	$(Q)$(AR) rcs $@ $^

.PHONY: link
link: $(patsubst %,$(BUILD)/link/%,$(LIBS_OF))

$(BUILD)/lockstep: $(call obj,$(call src_of,cmd)) $(call archives,$(KNOW_cmd))
	$(call say,ld)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/ragstack: $(call obj,$(STACK_SRC)) $(CORE)
	$(call say,ld)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# Fuzzers that change their seeds themselves, where libFuzzer is not at hand.
$(BUILD)/tests/fuzz/replay_%: tests/fuzz/fuzz_%.c $(BUILD)/libreplay.a $(CORE)
	@mkdir -p $(@D)
	$(call say,ld)
	$(Q)$(CC) $(ALL_CFLAGS) -DFUZZ_REPLAY $(ALL_LDFLAGS) -o $@ \
	  $(filter %.c %.a,$^) $(LIBS)
.SECONDARY:

demo: setup
	+@$(MAKE) --no-print-directory $(J) -s programs
	@BUILD=$(BUILD) fixtures/demo.sh

# Shadow and ramp on the demo stacks.
.PHONY: demo-shadow
demo-shadow: setup
	+@$(MAKE) --no-print-directory $(J) -s programs
	@BUILD=$(BUILD) fixtures/demo_shadow.sh

test: setup-test
	+@$(MAKE) --no-print-directory $(J) check

check: programs tests-built
	BUILD=$(BUILD) CMOCKA_MESSAGE_OUTPUT=TAP prove -j3 \
	  -e tests/lib/one $(TESTS) \
	  $(SCRIPTS)

asan: setup
	+$(MAKE) --no-print-directory BUILD=build-asan CFLAGS="-O1 -g" \
	  SAN="-fsanitize=address,undefined -fno-sanitize-recover=all \
	  -fno-omit-frame-pointer" $(or $(GOAL),check)

# The long forms of some tests, which take some minutes: 10,000 changes of each
# import format and more of the rest under ASan and UBSan (SOAK: how many); a
# shadow is killed at 50 random moments under load, of each kind; every drill
# with all that can be planted, 100,000 writes while the stack is killed, and a
# migration in PostgreSQL; 11,000 users of a shadow leave in mid-answer;
# from a clone to verdicts on services of other makes, by the clock.
SOAK ?= 10000
.PHONY: soak soaked
soak: setup
	+@$(MAKE) --no-print-directory $(J) asan GOAL=soaked
	+@$(MAKE) --no-print-directory $(J) soak-drills
.PHONY: soak-drills
soak-drills: setup
	+@$(MAKE) --no-print-directory $(J) programs
	DRILLS=all BUILD=$(BUILD) prove -v -e '' tests/e2e/drills.t
	BUILD=$(BUILD) PRODUCERS=1 prove -v -e '' tests/e2e/producers.t
	BUILD=$(BUILD) prove -v -e '' tests/soak/idempotency.sh \
	  tests/soak/envoy.sh tests/soak/traefik.sh \
	  tests/soak/shadow_users.sh tests/soak/five_minutes.sh
soaked: programs $(REPLAYS)
	BUILD=$(BUILD) tests/fuzz/soak.sh $(SOAK)
	BUILD=$(BUILD) KILLS=50 prove -e '' tests/e2e/shadow_kill.t

# Without OpenMP: gcc's TSan reports races inside libgomp that are none.
tsan: setup
	+$(MAKE) --no-print-directory BUILD=build-tsan CFLAGS="-O1 -g" \
	  OPENMP= SAN="-fsanitize=thread" WARN="$(WARN) -Wno-unknown-pragmas" \
	  $(or $(GOAL),check)

# Each tests/fuzz/fuzz_NAME.c for FUZZ_SECONDS under clang's libFuzzer, ASan
# and UBSan; the corpus grows in build-fuzz. A finding stops it and is kept
# there. FUZZ: only these.
FUZZ_SECONDS ?= 30
FUZZ ?= $(FUZZERS)
fuzz: setup
	@command -v clang >/dev/null && ls $$(clang -print-resource-dir 2>/dev/null \
	  )/lib/linux/libclang_rt.fuzzer-*.a >/dev/null 2>&1 || { \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  echo "installing clang libclang-rt-14-dev with $${sudo:+$$sudo }apt-get"; \
	  $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	  $$sudo apt-get install -y -qq --no-install-recommends clang \
	  libclang-rt-14-dev >/dev/null; }
	+@for f in $(FUZZ); do \
	  $(MAKE) --no-print-directory BUILD=build-fuzz CC=clang \
	    CFLAGS="-O1 -g" OPENMP= WARN="-w" FUZZING=1 \
	    SAN="-fsanitize=fuzzer-no-link,address,undefined \
	    -fno-sanitize-recover=all" build-fuzz/tests/fuzz/fuzz_$$f && \
	  tests/fuzz/seed.sh $$f build-fuzz/corpus/$$f && \
	  echo "$$f for $(FUZZ_SECONDS) s" && \
	  build-fuzz/tests/fuzz/fuzz_$$f -max_total_time=$(FUZZ_SECONDS) \
	    -timeout=10 -rss_limit_mb=4096 -max_len=65536 -verbosity=0 \
	    -print_final_stats=1 -artifact_prefix=build-fuzz/$$f- \
	    build-fuzz/corpus/$$f || exit 1; done
ifdef FUZZING
$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/libreplay.a \
		$(CORE)
	$(call say,ld)
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)
endif

lint: programs link
	BUILD=$(BUILD) tests/lint.sh

# The bench's own programs, then everything interleaved; see tests/bench/bench.sh.
BENCHES := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/bench/bench_*.c))
$(BUILD)/tests/bench/bench_%: $(BUILD)/tests/bench/bench_%.o $(BUILD)/libreplay.a \
		$(CORE)
	$(call say,ld)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
bench: setup
	+@$(MAKE) --no-print-directory bench-built
	BUILD=$(BUILD) tests/bench/bench.sh
.PHONY: bench-built
bench-built: programs $(BENCHES)

# How far a verdict can be trusted: equal stacks and planted faults, the demo
# stack called without a network; see tests/bench/bench_verdict.c. AA and DOSE: runs.
AA ?= 200
DOSE ?= 100
RIG_OBJ := $(call obj,$(wildcard tests/bench/verdict/*.c) \
	$(filter-out %/main.c,$(STACK_SRC)))
$(BUILD)/tests/bench/bench_verdict $(BUILD)/tests/bench/bench_verdict_lost \
		$(BUILD)/tests/bench/bench_live: \
		$(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(RIG_OBJ) $(CORE)
	$(call say,ld)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/tests/bench/bench_scale: $(BUILD)/tests/bench/bench_scale.o $(RIG_OBJ) \
		$(BUILD)/libreports.a $(CORE)
	$(call say,ld)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
bench-verdict: setup
	+@$(MAKE) --no-print-directory programs \
		$(BUILD)/tests/bench/bench_verdict \
		$(BUILD)/tests/bench/bench_verdict_lost $(BUILD)/tests/bench/bench_scale
	BUILD=$(BUILD) tests/bench/bench_verdict.sh $(AA) $(DOSE)
.PHONY: bench-verdict

# How soon the live verdict stops planted faults, and whether it leaves equal
# stacks alone; see tests/bench/bench_live.c. RUNS candidates a row, healthy ones
# for WINDOWS windows; ROWS: these alone.
RUNS ?= 40
WINDOWS ?= 40
bench-live: setup
	+@$(MAKE) --no-print-directory $(BUILD)/tests/bench/bench_live
	BUILD=$(BUILD) tests/bench/bench_live.sh $(RUNS) $(WINDOWS) $(ROWS)
.PHONY: bench-live

# What each embedder can tell apart. SPECS: others than these.
SPECS ?= lexical builtin minilm
bench-meaning: setup
	+@$(MAKE) --no-print-directory bench-built
	BUILD=$(BUILD) tests/bench/bench_meaning.sh $(SPECS)
.PHONY: bench-meaning

# Equal pairs of servers that this project did not write, at the default settings;
# see tests/bench/real_pairs.sh for its knobs.
bench-pairs: setup
	+@$(MAKE) --no-print-directory programs
	BUILD=$(BUILD) tests/bench/real_pairs.sh
.PHONY: bench-pairs

# nginx in front of `record` in front of the demo stack; see
# tests/bench/bench_record.sh for its knobs.
bench-record: setup
	+@$(MAKE) --no-print-directory $(J) programs
	BUILD=$(BUILD) tests/bench/bench_record.sh
.PHONY: bench-record

# Users of the demo stack alone and behind `shadow`, with each kind of
# candidate; see tests/bench/bench_shadow.sh for its knobs.
bench-shadow: setup
	+@$(MAKE) --no-print-directory $(J) programs
	BUILD=$(BUILD) tests/bench/bench_shadow.sh
.PHONY: bench-shadow

# What a trace takes of disk and CPU beside the zstd program, spans imported a
# second, redaction; see tests/bench/bench_trace.sh for its knobs.
bench-trace: setup
	+@$(MAKE) --no-print-directory $(J) programs \
		$(BUILD)/tests/bench/bench_trace $(BUILD)/tests/bench/bench_time
	BUILD=$(BUILD) tests/bench/bench_trace.sh
.PHONY: bench-trace

install: programs
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BUILD)/lockstep $(DESTDIR)$(PREFIX)/bin/lockstep

clean:
	rm -rf build build-asan build-tsan build-fuzz

-include $(ALL_OBJ:.o=.d) $(wildcard $(BUILD)/tests/*/*.d)
