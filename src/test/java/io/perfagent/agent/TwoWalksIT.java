package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.BpfObject;
import io.perfagent.bpf.RingBuffer;
import io.perfagent.bpf.SamplerConfig;
import io.perfagent.bpf.SamplerObject;
import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.bpf.abi.Limits;
import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.elf.ElfFile;
import io.perfagent.linux.Cpus;
import io.perfagent.model.Budget;
import io.perfagent.model.Event;
import io.perfagent.model.Mapping;
import io.perfagent.model.Sample;
import io.perfagent.model.StackCopies;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import io.perfagent.process.TargetCode;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.rewalk.x86_64.UserWalker;
import io.perfagent.rewalk.x86_64.Walked;
import io.perfagent.runtime.hotspot.HotSpot;
import io.perfagent.sample.CpuClock;
import io.perfagent.sample.Sampler;
import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Jvm;
import io.perfagent.testing.TargetProgram;
import io.perfagent.walker.MadeCode;
import io.perfagent.walker.TargetBinaries;
import io.perfagent.walker.UnwindTables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every sample of real programs is walked twice: in the kernel, and in user space from the copy of the stack that it took along. Both
 * implementations of the rules must find the same frames and end for the same reason.
 */
class TwoWalksIT {
    private static final int RATE = 1999;
    private static final int SAMPLES = 1000;
    /** A busy machine leaves a target little time. */
    private static final int PATIENCE_SECONDS = 60;

    private static final int RING_BYTES = 32 << 20;
    private static final Path NATIVE = Path.of("target", "workloads").toAbsolutePath();
    private static final Path SCRIPTS = Path.of("src", "test", "workloads").toAbsolutePath();
    private static final String LUA = SCRIPTS.resolve("runtimes/chain.lua").toString();

    static List<Arguments> programs() {
        List<Arguments> programs = new ArrayList<>();
        for (Interpreter python : Interpreter.spread(Interpreter.oneOfEachVersion(), "bothWalksAgree")) {
            programs.add(Arguments.of("chain on " + python, python.named(SCRIPTS.resolve("chain.py"))));
        }
        Interpreter oldest = Interpreter.oneOfEachVersion().getFirst();
        programs.add(Arguments.of("300 calls deep", oldest.named(SCRIPTS.resolve("deep.py"), "600", "300")));
        programs.add(Arguments.of("callbacks from C", oldest.named(SCRIPTS.resolve("callbacks.py"))));
        programs.add(Arguments.of("threads", oldest.named(SCRIPTS.resolve("threads.py"))));
        for (String program : List.of("births", "signals", "throws", "chain-bare", "chain-musl")) {
            programs.add(Arguments.of(program, List.of(NATIVE.resolve(program).toString())));
        }
        programs.add(Arguments.of(
                "lazy binding",
                List.of("env", "LD_BIND_NOT=1", NATIVE.resolve("plt").toString())));
        programs.add(Arguments.of("LuaJIT, compiled", List.of("luajit", LUA)));
        programs.add(Arguments.of(
                "Ruby, YJIT",
                List.of("ruby", "--yjit", SCRIPTS.resolve("runtimes/chain.rb").toString())));
        programs.add(Arguments.of("PHP, compiled", php("runtimes/chain.php")));
        return programs;
    }

    static List<Arguments> others() {
        List<Arguments> programs = new ArrayList<>();
        Interpreter oldest = Interpreter.oneOfEachVersion().getFirst();
        programs.add(Arguments.of("60 calls deep", oldest.named(SCRIPTS.resolve("deep.py"), "600", "60")));
        for (String program : List.of("chain", "plt", "vdso", "chain-frame-pointers")) {
            programs.add(Arguments.of(program, List.of(NATIVE.resolve(program).toString())));
        }
        programs.add(Arguments.of("LuaJIT, interpreted", List.of("luajit", "-joff", LUA)));
        return programs;
    }

    private static List<String> php(String program) {
        return List.of(
                "php",
                "-dopcache.enable_cli=1",
                "-dopcache.jit_buffer_size=64M",
                "-dopcache.jit=function",
                SCRIPTS.resolve(program).toString());
    }

    /** The interpreter, each compiler, and what their code calls; of each JVM where the system property {@code interpreters} says so. */
    static List<Arguments> jvms() throws IOException {
        List<Arguments> runs = new ArrayList<>();
        boolean all = Interpreter.everyOne();
        for (Jvm jvm : all ? Jvm.all() : Jvm.all().subList(0, 1)) {
            for (String kind : all ? List.of("numbers", "calls", "native", "garbage", "throws") : List.of("native")) {
                runs.add(Arguments.of(jvm + ", " + kind, jvm.command(List.of(), "Deep", kind, "40")));
            }
            runs.add(Arguments.of(jvm + ", interpreted", jvm.command(List.of("-Xint"), "Deep", "calls", "40")));
            runs.add(
                    Arguments.of(jvm + ", C1", jvm.command(List.of("-XX:TieredStopAtLevel=1"), "Deep", "calls", "40")));
        }
        return runs;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"programs", "jvms"})
    void bothWalksAgree(String name, List<String> command) throws Exception {
        expectEqualWalks(name, command);
    }

    @ParameterizedTest(name = "{0}")
    @Tag("long")
    @MethodSource("others")
    void soTheyDoOnOthers(String name, List<String> command) throws Exception {
        expectEqualWalks(name, command);
    }

    private static void expectEqualWalks(String name, List<String> command) throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), command)) {
            List<Mapping> mappings = ProcMaps.readExecutable(target.pid());
            Comparison comparison = compare(target.pid(), mappings, mappings, mappings);
            System.out.printf(
                    Locale.ROOT,
                    "two walks, %s: %d samples, %.3f %% equal (%d frames); ends %s; copy too short %d; copies left out %d%n",
                    name,
                    comparison.samples,
                    100.0 * comparison.equal / comparison.samples,
                    comparison.frames,
                    comparison.ends,
                    comparison.tooShort,
                    comparison.leftOut);
            comparison.examples.forEach((example, count) -> System.out.println(count + " times " + example));
            assertThat(comparison.equal)
                    .as("equal; others: " + comparison.examples)
                    .isEqualTo(comparison.samples);
        }
    }

    /** Before the interpreter's own table is there, nothing that is right can be said of what its compiler has made. */
    @ParameterizedTest(name = "mappings were known: {0}")
    @ValueSource(booleans = {false, true})
    void whatIsAskedTooSoonIsAskedAgain(boolean known) throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), php("runtimes/chain.php"))) {
            List<Mapping> mappings = ProcMaps.readExecutable(target.pid());
            String program = Path.of("/proc", String.valueOf(target.pid()), "exe")
                    .toRealPath()
                    .toString();
            List<Mapping> others = mappings.stream()
                    .filter(mapping -> !mapping.path().equals(program))
                    .toList();
            Comparison comparison = compare(target.pid(), mappings, others, known ? mappings : List.of());
            assertThat(comparison.samples - comparison.whole)
                    .as("ends %s", comparison.ends)
                    .isLessThan(SAMPLES * 28 / 100);
        }
    }

    /**
     * Takes samples of a program, and walks them again.
     *
     * @param early what there are tables of before a quarter of the samples has come
     * @param known what made code is thought to be amid until then
     */
    private static Comparison compare(int pid, List<Mapping> mappings, List<Mapping> early, List<Mapping> known)
            throws Exception {
        AtomicReference<List<Mapping>> amid = new AtomicReference<>(known);
        try (BpfObject object = SamplerObject.load(new SamplerConfig(
                        Cpus.possible(),
                        1024,
                        RING_BYTES,
                        UnwindMode.AUTO,
                        SamplerConfig.Scope.ANNOUNCED,
                        StackCopies.ALWAYS,
                        0,
                        false));
                UnwindTables tables = new UnwindTables(
                        object.map("slabs"), object.map("processes"), new TargetBinaries(), Budget.ofHeap());
                MadeCode made = new MadeCode(
                        new RingBuffer(object.map("unknown_code"), SamplerConfig.UNKNOWN_CODE_BYTES),
                        object.map("made_code"),
                        tables,
                        _ -> amid.get());
                TargetCode memory = new TargetCode(pid)) {
            tables.update(pid, early);
            HotSpotEntry jvm = describe(pid, mappings, tables, memory);
            Comparison comparison = new Comparison(tables, made, mappings, memory, jvm);
            comparison.later = () -> {
                amid.set(mappings);
                tables.update(pid, mappings);
            };
            try (Sampler sampler = new Sampler(object, RING_BYTES, comparison::take, () -> Long.MAX_VALUE)) {
                sampler.start(List.of(new CpuClock(RATE)));
                boolean enough = comparison.enough.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                sampler.stop();
                assertThat(enough).as("%d samples", SAMPLES).isTrue();
                comparison.leftOut = sampler.counters(Event.CPU_CLOCK).copiesLeftOut();
            }
            return comparison;
        }
    }

    private static @Nullable HotSpotEntry describe(
            int pid, List<Mapping> mappings, UnwindTables tables, TargetCode memory) throws Exception {
        for (Mapping mapping : mappings) {
            if (HotSpot.isLibrary(mapping)) {
                try (ElfFile library = new TargetBinaries().open(pid, mapping)) {
                    HotSpotEntry jvm = Objects.requireNonNull(HotSpot.read(library, mapping, memory));
                    tables.runs(pid, mapping, jvm);
                    return jvm;
                }
            }
        }
        return null;
    }

    /** Has what is missing at first come. */
    @FunctionalInterface
    private interface Later {
        void come() throws IOException;
    }

    /** Compares on the thread that reads the ring, while the process still runs. */
    private static final class Comparison {
        private final UnwindTables tables;
        private final MadeCode made;
        private final List<Mapping> mappings;
        private final TargetCode memory;
        private final @Nullable HotSpotEntry jvm;
        private final UserWalker walker;
        private final CountDownLatch enough = new CountDownLatch(SAMPLES);
        private final Map<WalkEnd, Long> ends = new TreeMap<>();
        private final Map<String, Long> examples = new TreeMap<>();
        private @Nullable Later later;
        private long toldAt;
        private long whole;
        private long samples;
        private long equal;
        private long frames;
        private long tooShort;
        private long leftOut;

        Comparison(
                UnwindTables tables,
                MadeCode made,
                List<Mapping> mappings,
                TargetCode memory,
                @Nullable HotSpotEntry jvm) {
            this.tables = tables;
            this.made = made;
            this.mappings = mappings;
            this.memory = memory;
            this.jvm = jvm;
            this.walker = new UserWalker(tables.dictionary(), UnwindMode.AUTO);
        }

        void take(Sample sample, MemorySegment copy) {
            toldAt = made.answer() > 0 ? System.nanoTime() : toldAt;
            if (copy.byteSize() == 0 || sample.timeNanos() < toldAt) {
                return; // the walker in the kernel did not know yet what it has been told since
            }
            samples++;
            enough.countDown();
            whole += sample.end().complete() ? 1 : 0;
            if (later != null && samples > SAMPLES / 4) {
                come(later);
            }
            frames += sample.user().length;
            ends.merge(sample.end(), 1L, Long::sum);
            Walked walked =
                    walker.walk(new StoppedWalk(copy), tables.rows(mappings), memory, jvm, Limits.MAX_USER_FRAMES);
            if (equal(sample, walked)) {
                equal++;
            } else if (examples.size() < 20) {
                examples.merge(difference(sample, walked), 1L, Long::sum);
            }
        }

        private void come(Later last) {
            later = null;
            try {
                last.come();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private boolean equal(Sample sample, Walked walked) {
            if (walked.end() == WalkEnd.COPY_ENDS) {
                tooShort++;
                int count = walked.frames().length;
                return count <= sample.user().length
                        && Arrays.equals(walked.frames(), 0, count, sample.user(), 0, count);
            }
            return walked.end() == sample.end() && Arrays.equals(walked.frames(), sample.user());
        }

        private static String difference(Sample sample, Walked walked) {
            int at = Arrays.mismatch(sample.user(), walked.frames());
            return "kernel " + sample.end() + " after " + sample.user().length + " frames, user space " + walked.end()
                    + " after " + walked.frames().length + ", frame " + at + " differs";
        }
    }
}
