# lockstep: `make demo` shows it, `make test` proves it.
# Everything is one non-recursive Makefile; other flavours build into a
# folder of their own by re-invoking make with another BUILD.

BUILD  ?= build
PREFIX ?= /usr/local
CFLAGS ?= -O3 -g
JOBS   ?= $(shell nproc)
MAKEFLAGS += --no-builtin-rules

PKGS := libcurl sqlite3 libcjson libzstd yaml-0.1 \
	libmicrohttpd libutf8proc libsodium libpcre2-8 cmocka
DEBS := libcurl4-openssl-dev libsqlite3-dev libcjson-dev libzstd-dev \
	libyaml-dev libmicrohttpd-dev libutf8proc-dev libsodium-dev \
	libpcre2-dev libcmocka-dev
TOOLS := pkg-config jq zstd curl prove
TOOL_DEBS := pkg-config jq zstd curl perl
# What only tests use: to validate reports, and to open them in a browser.
TEST_TOOLS := xmllint chromium jsonschema
TEST_DEBS := libxml2-utils chromium python3-jsonschema

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
LIBS = $(PKG_LIBS) -lpthread -lm

CORE_SRC    := $(filter-out harness/main.c $(wildcard harness/cmd_*.c), \
		 $(wildcard harness/*.c))
CORE_ASM    := $(wildcard harness/*.S)
REPLAY_SRC  := $(wildcard replay/*.c)
REPORTS_SRC := $(wildcard reports/*.c)
PROG_SRC    := $(wildcard harness/main.c harness/cmd_*.c)
STACK_SRC   := $(wildcard fixtures/ragstack/*.c)
TEST_SRC    := $(wildcard tests/core/test_*.c tests/replay/test_*.c \
		 tests/reports/test_*.c)

# As many jobs as the caller's make was given, else one a processor.
J = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))

# One short line a file, none with -s; V=1 shows the commands.
Q := $(if $(V),,@)
quiet = $(findstring s,$(firstword -$(MAKEFLAGS)))
say = $(if $(V)$(quiet),,@echo "  $(1) $@")

obj = $(patsubst %,$(BUILD)/%.o,$(basename $(1)))
CORE_OBJ := $(call obj,$(CORE_SRC) $(CORE_ASM))
TESTS    := $(patsubst tests/%.c,$(BUILD)/tests/%,$(TEST_SRC))
# Scripts that judge time or memory: for the plain build, a sanitizer would be
# judged.
TIMED    := tests/aa.t tests/arrivals.t tests/faults.t tests/memory.t
SCRIPTS  := $(filter-out $(if $(SAN),$(TIMED)),$(wildcard tests/*.t))
REPLAYS  := $(patsubst %,$(BUILD)/tests/replay_%,safetensors tokenizer yaml \
	suite extract scorer)
ALL_OBJ  := $(CORE_OBJ) $(call obj,$(REPLAY_SRC) $(REPORTS_SRC) \
	$(PROG_SRC) $(STACK_SRC) $(TEST_SRC) $(wildcard tests/verdict/*.c))

PROGRAMS := $(if $(PROG_SRC),$(BUILD)/lockstep) \
	$(if $(STACK_SRC),$(BUILD)/ragstack)

.PHONY: all setup demo test check asan tsan lint bench fuzz install clean
all: setup
	+@$(MAKE) --no-print-directory $(J) programs

.PHONY: programs tests-built
programs: $(PROGRAMS)
tests-built: $(TESTS) $(REPLAYS) $(BUILD)/tests/bench_time

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
	@missing=; set -- $(TEST_DEBS); \
	for t in $(TEST_TOOLS); do command -v $$t >/dev/null || \
	  /usr/bin/python3 -c "import $$t" 2>/dev/null || \
	  missing="$$missing $$1"; shift; done; \
	if [ -n "$$missing" ]; then \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  echo "installing$$missing with $${sudo:+$$sudo }apt-get, for tests"; \
	  { $$sudo apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq \
	    --no-install-recommends $$missing >/dev/null; } || \
	  echo "could not install$$missing: their tests will skip"; fi

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,cc)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<
$(BUILD)/%.o: %.S
	@mkdir -p $(@D)
	$(call say,cc)
	$(Q)$(CC) -I. -c -o $@ $<
$(BUILD)/harness/blob.o: $(wildcard fixtures/embedding/*.bin)

# The schema as a C string.
$(BUILD)/store_sql.h: harness/store.sql
	@mkdir -p $(@D)
	{ echo 'static const char store_sql[] ='; \
	  sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $<; echo ';'; } >$@
$(BUILD)/harness/store.o: ALL_CFLAGS += -I$(BUILD)
$(BUILD)/harness/store.o: $(BUILD)/store_sql.h

$(BUILD)/libcore.a: $(CORE_OBJ)
$(BUILD)/libreplay.a: $(call obj,$(REPLAY_SRC))
$(BUILD)/libreports.a: $(call obj,$(REPORTS_SRC))
$(BUILD)/lib%.a:
	@rm -f $@
	$(call say,ar)
	$(Q)$(AR) rcs $@ $^

$(BUILD)/lockstep: $(call obj,$(PROG_SRC)) $(BUILD)/libreplay.a \
		$(BUILD)/libreports.a $(BUILD)/libcore.a
	$(call say,ld)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/ragstack: $(call obj,$(STACK_SRC)) $(BUILD)/libcore.a
	$(call say,ld)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# A test links only the archives it may know.
$(BUILD)/tests/core/%: $(BUILD)/tests/core/%.o $(BUILD)/libcore.a
	$(call say,ld)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/tests/replay/%: $(BUILD)/tests/replay/%.o $(BUILD)/libreplay.a \
		$(BUILD)/libcore.a
	$(call say,ld)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/tests/reports/%: $(BUILD)/tests/reports/%.o \
		$(BUILD)/libreports.a $(BUILD)/libcore.a
	$(call say,ld)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
# Fuzzers that change their seeds themselves, where libFuzzer is not at hand.
$(BUILD)/tests/replay_%: tests/fuzz_%.c $(BUILD)/libcore.a
	$(call say,ld)
	$(Q)$(CC) $(ALL_CFLAGS) -DFUZZ_REPLAY $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
.SECONDARY:

demo: setup
	+@$(MAKE) --no-print-directory $(J) -s programs
	@BUILD=$(BUILD) fixtures/demo.sh

test: setup-test
	+@$(MAKE) --no-print-directory $(J) check

check: programs tests-built
	BUILD=$(BUILD) CMOCKA_MESSAGE_OUTPUT=TAP prove -j2 -e '' $(TESTS) \
	  $(SCRIPTS)

asan: setup
	+$(MAKE) --no-print-directory BUILD=build-asan CFLAGS="-O1 -g" \
	  SAN="-fsanitize=address,undefined -fno-sanitize-recover=all \
	  -fno-omit-frame-pointer" $(or $(GOAL),check)

# Without OpenMP: gcc's TSan reports races inside libgomp that are none.
tsan: setup
	+$(MAKE) --no-print-directory BUILD=build-tsan CFLAGS="-O1 -g" \
	  OPENMP= SAN="-fsanitize=thread" WARN="$(WARN) -Wno-unknown-pragmas" \
	  $(or $(GOAL),check)

# Each tests/fuzz_NAME.c for FUZZ_SECONDS under clang's libFuzzer, ASan and
# UBSan; the corpus grows in build-fuzz. A finding stops it and is kept there.
FUZZ_SECONDS ?= 30
FUZZERS := $(patsubst tests/%.c,%,$(wildcard tests/fuzz_*.c))
fuzz: setup
	@command -v clang >/dev/null && ls $$(clang -print-resource-dir 2>/dev/null \
	  )/lib/linux/libclang_rt.fuzzer-*.a >/dev/null 2>&1 || { \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  echo "installing clang libclang-rt-14-dev with $${sudo:+$$sudo }apt-get"; \
	  $$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	  $$sudo apt-get install -y -qq --no-install-recommends clang \
	  libclang-rt-14-dev >/dev/null; }
	+@for f in $(FUZZERS); do \
	  $(MAKE) --no-print-directory BUILD=build-fuzz CC=clang \
	    CFLAGS="-O1 -g" OPENMP= WARN="-w" FUZZING=1 \
	    SAN="-fsanitize=fuzzer-no-link,address,undefined \
	    -fno-sanitize-recover=all" build-fuzz/tests/$$f && \
	  tests/fuzz_seed.sh $${f#fuzz_} build-fuzz/corpus/$$f && \
	  echo "$$f for $(FUZZ_SECONDS) s" && \
	  build-fuzz/tests/$$f -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
	    -rss_limit_mb=4096 -max_len=65536 -verbosity=0 \
	    -print_final_stats=1 -artifact_prefix=build-fuzz/$$f- \
	    build-fuzz/corpus/$$f || exit 1; done
ifdef FUZZING
$(BUILD)/tests/fuzz_%: $(BUILD)/tests/fuzz_%.o $(BUILD)/libcore.a
	$(call say,ld)
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)
endif

lint: programs
	BUILD=$(BUILD) tests/lint.sh

# The bench's own programs, then everything interleaved; see tests/bench.sh.
BENCHES := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/bench_*.c))
$(BUILD)/tests/bench_%: $(BUILD)/tests/bench_%.o $(BUILD)/libreplay.a \
		$(BUILD)/libcore.a
	$(call say,ld)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
bench: setup
	+@$(MAKE) --no-print-directory bench-built
	BUILD=$(BUILD) tests/bench.sh
.PHONY: bench-built
bench-built: programs $(BENCHES)

# How far a verdict can be trusted: equal stacks and planted faults, the demo
# stack called without a network; see tests/bench_verdict.c. AA and DOSE: runs.
AA ?= 200
DOSE ?= 100
RIG_OBJ := $(call obj,$(wildcard tests/verdict/*.c) \
	$(filter-out %/main.c,$(STACK_SRC)))
$(BUILD)/tests/bench_verdict: $(BUILD)/tests/bench_verdict.o $(RIG_OBJ) \
		$(BUILD)/libcore.a
	$(call say,ld)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/tests/bench_scale: $(BUILD)/tests/bench_scale.o $(RIG_OBJ) \
		$(BUILD)/libreports.a $(BUILD)/libcore.a
	$(call say,ld)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
bench-verdict: setup
	+@$(MAKE) --no-print-directory programs \
		$(BUILD)/tests/bench_verdict $(BUILD)/tests/bench_scale
	BUILD=$(BUILD) tests/bench_verdict.sh $(AA) $(DOSE)
.PHONY: bench-verdict

# What each embedder can tell apart. SPECS: others than these.
SPECS ?= lexical builtin minilm
bench-meaning: setup
	+@$(MAKE) --no-print-directory bench-built
	BUILD=$(BUILD) tests/bench_meaning.sh $(SPECS)
.PHONY: bench-meaning

install: programs
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BUILD)/lockstep $(DESTDIR)$(PREFIX)/bin/lockstep

clean:
	rm -rf build build-asan build-tsan build-fuzz

-include $(ALL_OBJ:.o=.d) $(wildcard $(BUILD)/tests/*.d)
