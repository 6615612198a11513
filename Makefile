# make demo and make test do everything on a fresh machine.
MAVEN = JAVA_HOME="$$(scripts/jdk25)" ./mvnw
LONG_TOO = -Dtests.left.out=none

.PHONY: demo test quick check long versions safety units truth builds runtimes frames soak fuzz kernels mixed load bench stores postgres manifests documents dist dist-check dist-reproducible image-check fmt clean

# A first profile, of a small web service under load.
demo:
	@./perf-agent demo

# Everything: needs root for BPF and ptrace. Tests print what they measured.
test:
	@scripts/prereqs
	@$(MAKE) --no-print-directory -j2 CHECKS="nice -n -5" classes fixtures tests checked

# For between two edits: unit tests, and of each kind of test that needs root one.
QUICK = *Test,VerifierIT,SamplerIT,DemoServiceIT,SessionIT\#namesComeAgainInASecondRun,NativeTruthIT,GoProgramsIT\#goroutines
QUICK := $(QUICK),JvmTruthIT\#virtualThreadsStandOnTheirCarriers,ProcessLifeIT\#childrenOfATargetAreTargets
QUICK := $(QUICK),ContainerIT\#aTrampolineThatIsOnNeedsNoFlag,ActivationIT\#r11StartedWithItOn,CheckIT\#oneLinePerProcess
QUICK := $(QUICK),SafetyIT\#r14TheTargetDies
quick: fixtures
	@cp src/test/durations .surefire-durations
	$(MAVEN) -q test -Dspotless.check.skip -Dtest='$(QUICK)'

# What needs no privileges: compiler checks, format, unit tests.
check:
	@scripts/prereqs check
	@$(MAKE) --no-print-directory -j2 checked unit-tests

# What `make test` leaves out: what takes longer than it tells of others. Some four minutes, as root.
long: fixtures
	$(MAVEN) test -Dgroups=long $(LONG_TOO)

# On every build of an interpreter what `make test` runs on one build, in each test another: some thirty minutes, as root.
BUILDS = ActivationIT,UnharmedIT,VerdictIT,ProspectsIT,FirstStepIT,ThreadStackIT,CodeTagIT,LineTableOracleIT,MapGrowthIT,LeftMapsIT
builds: fixtures
	@scripts/prereqs
	$(MAVEN) test -Dtest='$(BUILDS)' -Dinterpreters=all $(LONG_TOO)

# What `make test` runs on one minor version, in each test another, on each of them: some ten minutes, as root.
VERSIONS = $(BUILDS),DumpIT,GeneratedCodeIT,OneFramePerFunctionIT,PythonCornersIT,PythonTruthIT,PythonWaitsIT,PythonWorkloadsIT
VERSIONS := $(VERSIONS),TwoReadingsIT,TwoWalksIT,GunicornIT
versions: fixtures
	@scripts/prereqs
	$(MAVEN) test -Dtest='$(VERSIONS)' -Dinterpreters=minors $(LONG_TOO)

# The safety suite, ten times of what `make test` does of it; a minute and a half, as root.
safety: fixtures
	@scripts/prereqs
	$(MAVEN) test -Dtest=SafetyIT -Dplan=short $(LONG_TOO)

# Instructions held against objdump's, damaged files and stacks of a profile, several times as many as in `make test`; two minutes.
units:
	$(MAVEN) test -Dtest='DecoderTest,HostileFileTest,FuzzRegressionTest,ViewIT,FlamePageIT' \
	  -Dcode.instructions=800000 -Dmutations=2000 -Dstacks=45000 -Dpage.stacks=3000 $(LONG_TOO)

# Stacks of known truth, and those that py-spy sees, on every interpreter and JVM that there is: some thirty minutes, as root.
truth: fixtures
	@scripts/prereqs
	$(MAVEN) test -Dtest='*TruthIT,TwoWalksIT,TwoReadingsIT,PythonFramesIT,GunicornIT,DumpIT' -Dinterpreters=all $(LONG_TOO)

# Stacks of Node, Ruby, PHP, OCaml and others, and of libraries of Python written in assembler, against what is known of them: a table; a quarter
# of an hour and 8 GB of public packages, as root, in the heap that the launcher leaves. ROWS is a regular expression of their names.
runtimes: fixtures
	@scripts/prereqs runtimes
	@scripts/test-runtimes
	$(MAVEN) test -Dtest=RuntimesTruthIT -Dtest.heap=-Xmx512m -Druntimes=all '-Drows=$(or $(ROWS),.*)'

# Every fault that can be planted in the walker: the cases of its tests must notice each. After a change in bpf/; two minutes.
faults:
	$(MAVEN) test -Dtest='PlantedFaultsTest' -Dfaults.part=1

# Python functions and lines of a million samples against what is known of them, on every interpreter: half an hour, as root. SAMPLES
# are those of each run, of which there are some two hundred.
frames: fixtures
	@scripts/prereqs
	$(MAVEN) test -Dtest=PythonFramesIT -Dinterpreters=all -Dsamples=$(or $(SAMPLES),6000)

# The safety suite in full: COUNT activations at random instants, a tenth of it kills of the agent and runs on one process. With
# DURATION it goes on for that many seconds at least. INTERPRETERS is a regular expression of names, versions and linkages. Fuzzing and
# Debian's kernels come first.
soak: fixtures fuzz kernels
	@./perf-agent --version >/dev/null
	@$(MAVEN) -q test-compile
	@COUNT="$(COUNT)" DURATION="$(DURATION)" INTERPRETERS="$(INTERPRETERS)" WORKLOADS="$(WORKLOADS)" SEED="$(SEED)" ONLY="$(ONLY)" scripts/soak

# What reads bytes of others, against bytes that are made to break it: each of them for FUZZ_SECONDS. TARGETS is a regular expression.
fuzz:
	@scripts/prereqs build
	@./perf-agent --version >/dev/null
	@$(MAVEN) -q test-compile
	@FUZZ_SECONDS="$(FUZZ_SECONDS)" TARGETS="$(TARGETS)" scripts/fuzz

# A profile on kernels of Debian, in a machine that qemu emulates: some minutes for each. KERNELS are names of releases.
kernels:
	@scripts/prereqs kernels
	@./perf-agent --version >/dev/null
	@scripts/kernels $(KERNELS)

# The whole machine for half a minute, while it runs servers and programs of many kinds under load.
mixed: fixtures
	@scripts/prereqs mixed
	@./perf-agent --version >/dev/null
	@scripts/mixed

# The whole machine under loads of one kind each: what a run sees, misses and costs. LOADS names some of them: with 'intervals' and 'switches', which are
# none of those that run without it, a run goes on for MINUTES.
load: fixtures
	@scripts/prereqs load
	@./perf-agent --version >/dev/null
	@scripts/load $(LOADS)

# What a run costs, beside its targets and beside other profilers: some six minutes, as root.
bench: fixtures
	@./perf-agent --version >/dev/null
	@$(MAVEN) test-compile
	@scripts/bench

# Servers that take profiles, built from the Go module proxy, some six minutes the first time. Each gets SECONDS of a Python service; it and the
# run that pushes are killed in between; it is asked back. A run is killed KILLS times at random instants. Some five minutes, as root.
ALL_AT_ONCE = -Djunit.jupiter.execution.parallel.enabled=true -Djunit.jupiter.execution.parallel.config.strategy=fixed
ALL_AT_ONCE += -Djunit.jupiter.execution.parallel.config.fixed.parallelism=5
stores:
	@scripts/prereqs build
	@./perf-agent --version >/dev/null
	servers=$$(scripts/stores) && $(MAVEN) test -Dtest='StoresCheck,StoreFaultsCheck' -Dstores=$$servers $(ALL_AT_ONCE) \
		-Dstores.seconds=$(or $(SECONDS),120) -Dstores.kills=$(or $(KILLS),20)

# gunicorn with a PostgreSQL of its own, whose wait for a query and for a row a profile of the wall clock names, and who ended them: two minutes and
# 250 MB of public packages the first time, as root.
postgres: fixtures
	database=$$(scripts/postgres) && $(MAVEN) test -Dtest=PostgresCheck -Dpostgres=$$database

# What is shipped for containers, read strictly by those who know: needs Go.
manifests:
	@scripts/prereqs build
	$(MAVEN) test -Dtest=ContainerFilesCheck

# Each command of README and docs/user that calls perf-agent or pprof, typed: some five minutes, as root.
documents: fixtures
	$(MAVEN) test -Dtest=DocumentedCommandsCheck

# What is installed: a tarball and a package of Debian, in target/dist.
dist:
	@scripts/prereqs dist
	@./perf-agent --version >/dev/null
	@scripts/dist

# The same twice, in two directories and two surroundings, compared byte for byte.
dist-reproducible:
	@scripts/prereqs dist
	@scripts/dist-reproducible

# The same, installed and run in empty systems of Debian, and as a service under their systemd: some minutes, as root. SUITES are names of releases.
dist-check: dist
	@scripts/dist-check $(SUITES)

# The image of packaging/Containerfile, built and run by podman in a system of its own: some minutes, as root.
image-check: dist
	@scripts/image-check

fmt:
	$(MAVEN) -q spotless:apply

clean:
	rm -rf target

.PHONY: fixtures classes format tests durations workloads checked unit-tests
# The checks keep one processor busy for two minutes: unit tests have what `make check` leaves of it, and beside all tests they go first, so that
# they are not what is left at the end.
checked: format
	JAVA_HOME="$$(scripts/jdk25)" $(CHECKS) ./mvnw -q -Pchecked test-compile

unit-tests: workloads
	@cp src/test/durations .surefire-durations
	JAVA_HOME="$$(scripts/jdk25)" nice ./mvnw -q test -Dspotless.check.skip -Dtest='*Test'

workloads:
	@scripts/test-workloads

classes:
	$(MAVEN) -q test-compile dependency:copy-dependencies@runtime-libraries

format:
	$(MAVEN) -q spotless:check

# Its lanes take what is not in src/test/durations first, and then what takes longest.
tests: classes fixtures
	@scripts/test-agent
	@cp src/test/durations .surefire-durations
	$(MAVEN) package -Dspotless.check.skip

# Takes down how long classes of the last `make test` took, where that is seconds: successes (none are counted), milliseconds, class.
durations:
	@sed -n 's/^<testsuite .* name="\([^"]*\)" time="\([^"]*\)".*/\2 \1/p' target/surefire-reports/TEST-*.xml | \
	  awk '$$1 >= 2 { printf "0,%d,%s\n", 1000 * $$1, $$2 }' | sort -t, -k2nr >src/test/durations

# Interpreters and programs that the tests profile.
fixtures:
	@scripts/prereqs
	@nice scripts/test-workloads
	@nice scripts/test-interpreters
	@nice scripts/test-runtimes test
