# SPDX-License-Identifier: GPL-3.0-or-later
#
# make                       build build/debug/idou
# make MODE=release          … or release, asan, fuzz
# make demo | check | bench  install what is lacking, build, and run
# make demo-ad               the demo with a domain and its share; as root
# make demo-all              the demo with every kind of target at once; as root
# make demo-dormant          a year of accounts that nobody uses; as root with a domain, too
# make demo-night            the night of 4/1 as operators live it; as root with a domain, too
# make unit T=dates          one unit test file (MODE=asan for sanitizers)
# make install PREFIX=/usr/local DESTDIR=
# make fuzz-run FUZZ=csv SECONDS=60
# make deps | lint | tidy | format | pot | clean

MODE ?= debug
PREFIX ?= /usr/local
DESTDIR ?=
SECONDS ?= 60
V ?=

ifeq ($(origin CC),default)
CC := gcc
endif
PKG_CONFIG ?= pkg-config
PACKAGES := glib-2.0 sqlite3 libfyaml jansson libpcre2-8 libsodium nettle pangocairo smbclient krb5-gssapi krb5 libcurl odbc gnutls

BUILD := build/$(MODE)
Q := $(if $(V),,@)
# All processors, unless the caller said how many.
SUBMAKE = $(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

VERSION := $(shell sed -n '1s/^idou \([^ ]*\).*/\1/p' CHANGES)
BINDIR := $(PREFIX)/bin
DATADIR := $(PREFIX)/share/idou
DOCDIR := $(PREFIX)/share/doc/idou
MANDIR := $(PREFIX)/share/man
LOCALEDIR := $(PREFIX)/share/locale
UNITDIR := $(PREFIX)/lib/systemd/system

# Flags. pkg-config runs at first use, not when this file is read: on a machine
# where only make and git are installed, `make deps` must still work.

once = $(eval $1 := $(shell $2))$($1)
PACKAGE_CFLAGS = $(call once,PACKAGE_CFLAGS,$(PKG_CONFIG) --cflags $(PACKAGES))
PACKAGE_LIBS = $(call once,PACKAGE_LIBS,$(PKG_CONFIG) --libs $(PACKAGES))

sanitizers := -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
# With sanitizers on, gcc's flow analysis reports values that are in fact set.
sanitized := -O1 -g $(sanitizers) -Wno-unknown-warning-option -Wno-maybe-uninitialized

cflags_debug := -Og -g
cflags_release := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
cflags_asan := $(sanitized)
cflags_fuzz := $(sanitized)
ldflags_release := -pie -Wl,-z,relro,-z,now
ldflags_asan := $(sanitizers)
ldflags_fuzz := $(sanitizers)
ifdef FUZZER
# clang wants no attribute added to what glibc defines inline (banned.h).
cflags_fuzz += -fsanitize=fuzzer-no-link -D__NO_INLINE__
fuzz_main := -fsanitize=fuzzer
endif

ifeq ($(cflags_$(MODE)),)
$(error MODE is debug, release, asan or fuzz, not "$(MODE)")
endif

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes
IDOU_CPPFLAGS = -D_GNU_SOURCE -Iinclude -Isrc -DIDOU_VERSION='"$(VERSION)"' \
  -DIDOU_DATADIR='"$(DATADIR)"' -DIDOU_LOCALEDIR='"$(LOCALEDIR)"' $(CPPFLAGS)
# Hidden: else a library that has a function of the same name (Samba's charset_name) would be given ours.
IDOU_CFLAGS = -std=c11 -fvisibility=hidden $(WARNINGS) $(cflags_$(MODE)) $(CFLAGS)
COMPILE = $(CC) $(IDOU_CPPFLAGS) $(PACKAGE_CFLAGS) $(IDOU_CFLAGS)
LINK = $(CC) $(ldflags_$(MODE)) $(LDFLAGS)
LIBS = $(PACKAGE_LIBS) -lldap -llber -lcsv $(LDLIBS)

# What is built.

SOURCES := $(wildcard src/*/*.c)
# Styles and scripts of pages, each a text in the program: src/html/style.css is html_style.
TEXTS := $(wildcard src/*/*.css src/*/*.js)
OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(SOURCES)) $(TEXTS:%=$(BUILD)/%.o)
MAIN := $(filter $(BUILD)/src/cli/main.o,$(OBJECTS))
LIBRARY := $(BUILD)/libidou.a
PROGRAM := $(if $(MAIN),$(BUILD)/idou)
# The generator of synthetic people: all of fixtures/ is one program.
FIXTURE_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard fixtures/*.c))
FIXTURES := $(if $(FIXTURE_OBJECTS),$(BUILD)/fixtures/city)

UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
UNIT_HARNESS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c)))
UNIT := $(BUILD)/tests/unit/unit
FUZZERS := $(patsubst %.c,$(BUILD)/%,$(filter-out tests/fuzz/driver.c,$(wildcard tests/fuzz/*.c)))
# Other test programs: one source file each, for example tests/crash/cut.c.
TEST_SOURCES := $(filter-out tests/unit/% tests/fuzz/% tests/servers/%,$(wildcard tests/*/*.c))
TEST_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(TEST_SOURCES))
# What servers of tests are made to see: never with sanitizers, which they are without.
CLOCK := $(BUILD)/tests/servers/clock.so

.PHONY: all tests unit deps demo demo-ad demo-all demo-dormant demo-night check bench bench-domain bench-html bench-scim bench-sql bench-million fuzz-run lint cflags tidy format pot locale install clean FORCE
.SECONDARY:
.DELETE_ON_ERROR:

all: $(LIBRARY) $(PROGRAM) $(FIXTURES)

tests: all $(if $(UNIT_TESTS),$(UNIT)) $(FUZZERS) $(TEST_PROGRAMS) $(CLOCK)

$(LIBRARY): $(filter-out $(MAIN),$(OBJECTS))
	@echo "  AR     $@"
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/idou: $(MAIN) $(LIBRARY)
	@echo "  LINK   $@"
	$(Q)$(LINK) -o $@ $^ $(LIBS)

# src/ may not use the functions that banned.h takes away; tests may.
$(BUILD)/src/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC     $<"
	$(Q)$(COMPILE) -include include/idou/banned.h -MMD -MP -c -o $@ $<

$(BUILD)/src/%.o: $(BUILD)/src/%.c $(BUILD)/flags
	$(Q)$(COMPILE) -Wno-overlength-strings -c -o $@ $<

$(TEXTS:%=$(BUILD)/%.c): $(BUILD)/%.c: %
	@mkdir -p $(@D)
	@echo "  TEXT   $<"
	@{ echo 'extern const char $(subst /,_,$(basename $(<:src/%=%)))[];'; \
	   echo 'const char $(subst /,_,$(basename $(<:src/%=%)))[] ='; \
	   sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $<; echo ';'; } >$@

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC     $<"
	$(Q)$(COMPILE) -Itests -MMD -MP -c -o $@ $<

$(UNIT): $(UNIT_TESTS:=.o) $(UNIT_HARNESS) $(LIBRARY)
	@echo "  LINK   $@"
	$(Q)$(LINK) -o $@ $^ $(LIBS) -lcunit

$(UNIT_TESTS): %: %.o $(UNIT_HARNESS) $(LIBRARY)
	@echo "  LINK   $@"
	$(Q)$(LINK) -o $@ $^ $(LIBS) -lcunit

$(FUZZERS): %: %.o $(if $(fuzz_main),,$(BUILD)/tests/fuzz/driver.o) $(LIBRARY)
	@echo "  LINK   $@"
	$(Q)$(LINK) $(fuzz_main) -o $@ $^ $(LIBS)

$(BUILD)/fixtures/city: $(FIXTURE_OBJECTS) $(LIBRARY)
	@echo "  LINK   $@"
	$(Q)$(LINK) -o $@ $^ $(LIBS)

$(TEST_PROGRAMS): %: %.o $(LIBRARY)
	@echo "  LINK   $@"
	$(Q)$(LINK) -o $@ $^ $(LIBS)

$(CLOCK): tests/servers/clock.c
	@mkdir -p $(@D)
	@echo "  CC     $<"
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -shared -fPIC -o $@ $<

# Everything is compiled anew when the flags or the version change.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(CC) $(IDOU_CPPFLAGS) $(IDOU_CFLAGS))' >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

-include $(patsubst %.o,%.d,$(OBJECTS) $(UNIT_HARNESS) $(FIXTURE_OBJECTS) $(BUILD)/tests/fuzz/driver.o)
-include $(addsuffix .d,$(UNIT_TESTS) $(FUZZERS) $(TEST_PROGRAMS))

# What is run.

unit: $(if $(T),$(BUILD)/tests/unit/test_$(T),$(UNIT))
	$<

deps:
	@tests/tools/deps build run test ad scim sql groupware

demo:
	@tests/tools/deps build run
	@$(SUBMAKE) MODE=release all
	@tests/demo/run

demo-ad:
	@tests/tools/deps build run ad
	@$(SUBMAKE) MODE=release all
	@tests/demo/ad

demo-all:
	@tests/tools/deps build run test ad scim sql groupware
	@$(SUBMAKE) MODE=release all
	@tests/demo/all

demo-dormant:
	@tests/tools/deps build run ad
	@$(SUBMAKE) MODE=release all build/release/tests/servers/clock.so
	@tests/demo/dormant

demo-night:
	@tests/tools/deps build run ad
	@$(SUBMAKE) MODE=release all
	@tests/demo/night

check:
	@tests/tools/deps build run test ad scim sql groupware
	@$(SUBMAKE) MODE=debug all
	@$(SUBMAKE) MODE=asan tests
	@tests/run

bench:
	@tests/tools/deps build run bench
	@$(SUBMAKE) MODE=release tests
	@tests/perf/run

bench-domain:
	@tests/tools/deps build run ad bench
	@$(SUBMAKE) MODE=release tests
	@tests/perf/domain

bench-sql:
	@tests/tools/deps build run sql bench
	@$(SUBMAKE) MODE=release tests
	@tests/perf/database

bench-scim:
	@tests/tools/deps build run scim bench
	@$(SUBMAKE) MODE=release tests
	@tests/perf/scim

bench-html:
	@tests/tools/deps build test bench
	@$(SUBMAKE) MODE=release all build/release/tests/html/page
	@tests/perf/page

bench-million:
	@tests/tools/deps build run bench
	@$(SUBMAKE) MODE=release tests
	@tests/perf/million

fuzz-run:
	@$(SUBMAKE) MODE=fuzz FUZZER=1 CC=clang build/fuzz/tests/fuzz/$(FUZZ)
	@mkdir -p build/fuzz/corpus/$(FUZZ)
	build/fuzz/tests/fuzz/$(FUZZ) -max_total_time=$(SECONDS) \
	  build/fuzz/corpus/$(FUZZ) tests/fuzz/corpus/$(FUZZ)

# The comments of public headers are set by hand, in columns.
FORMATTED = $(wildcard src/*/*.[ch] tests/*/*.[ch] fixtures/*.[ch])

lint:
	@tests/tools/headers
	@tests/tools/layers
	@clang-format --dry-run --Werror $(FORMATTED)

# For tests/tools/headers.
cflags:
	@echo $(PACKAGE_CFLAGS)

tidy:
	$(Q)for file in $(SOURCES); do \
	  echo "  TIDY   $$file"; \
	  $(COMPILE) -fanalyzer -include include/idou/banned.h -c -o /dev/null $$file || exit 1; \
	done

format:
	clang-format -i $(FORMATTED)

pot:
	@mkdir -p po
	xgettext --from-code=UTF-8 --keyword=_ --keyword=N_ --keyword=ngettext:1,2 --add-comments=TRANSLATORS \
	  --package-name=idou --package-version=$(VERSION) -o po/idou.pot $(SOURCES)

CATALOGUES := $(patsubst po/%.po,build/locale/%/LC_MESSAGES/idou.mo,$(wildcard po/*.po))

locale: $(CATALOGUES)

build/locale/%/LC_MESSAGES/idou.mo: po/%.po
	@mkdir -p $(@D)
	msgfmt --check -o $@ $<

# $(call install_tree,FOLDER,DESTINATION): its files, with the folders they are in.
install_tree = $(foreach file,$(if $(wildcard $1),$(shell find $1 -type f)),install -D -m 644 \
  '$(file)' '$(DESTDIR)$2/$(patsubst $1/%,%,$(file))' &&) true

install: locale
	@$(SUBMAKE) MODE=release all
	install -D -m 755 build/release/idou '$(DESTDIR)$(BINDIR)/idou'
	@$(call install_tree,mappings,$(DATADIR)/mappings)
	@$(call install_tree,jobs,$(DATADIR)/jobs)
	@$(call install_tree,jobs/systemd,$(UNITDIR))
	@$(call install_tree,build/locale,$(LOCALEDIR))
	@$(foreach file,$(wildcard README.md CHANGES COPYING docs/*.md),install -D -m 644 \
	  $(file) '$(DESTDIR)$(DOCDIR)/$(notdir $(file))' &&) true
	@$(call install_tree,docs/products,$(DOCDIR)/products)
	@$(foreach page,$(wildcard docs/man/*.[1-8]),install -D -m 644 \
	  $(page) '$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page))' &&) true

clean:
	rm -rf build
