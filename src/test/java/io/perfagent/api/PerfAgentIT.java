package io.perfagent.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.testing.Interpreter;
import io.perfagent.testing.Pprof;
import io.perfagent.testing.TargetProgram;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The library, in the virtual machine of the test. */
@Timeout(120)
class PerfAgentIT {
    private static final String CHAIN =
            Path.of("src", "test", "workloads", "chain.py").toAbsolutePath().toString();

    private static final int RATE = 997;
    private static final long ENOUGH_NANOS = 60_000_000;
    /** A command collects its heap behind a cut where these are there. */
    private static final int LEFT_BEHIND_BYTES = 16 << 20;

    private static final Duration UNTIL_IT_FORGETS = Duration.ofMillis(5_500);

    @TempDir
    private Path folder;

    private static TargetProgram target() throws Exception {
        String python = Interpreter.oneOfEachVersion().getFirst().command().toString();
        return TargetProgram.start(TargetProgram.PACED, List.of(python, CHAIN));
    }

    @Test
    void intervalsFollowEachOtherWithoutAGap() throws Exception {
        List<FinishedInterval> told = Collections.synchronizedList(new ArrayList<>());
        List<FinishedInterval> cut = new ArrayList<>();
        try (TargetProgram target = target();
                PerfAgent agent = PerfAgent.builder()
                        .pids(target.pid())
                        .listener(new PerfAgentListener() {
                            @Override
                            public void intervalFinished(FinishedInterval interval) {
                                told.add(interval);
                            }
                        })
                        .build()) {
            agent.start();
            for (int i = 0; i < 3; i++) {
                Thread.sleep(700);
                cut.add(agent.cut());
            }
            cut.add(agent.stop());
            assertThat(agent.stop()).isSameAs(cut.getLast());
            assertThat(agent.cut()).isSameAs(cut.getLast());
        }
        assertThat(told).isEqualTo(cut);
        assertThat(cut.stream().map(FinishedInterval::last)).containsExactly(false, false, false, true);
        for (int i = 1; i < cut.size(); i++) {
            FinishedInterval before = cut.get(i - 1);
            Duration gap = Duration.between(
                    before.start().plus(before.duration()), cut.get(i).start());
            assertThat(gap.abs()).isLessThan(Duration.ofMillis(5)); // the wall clock is read anew for each
            assertThat(before.duration()).isGreaterThanOrEqualTo(Duration.ofMillis(690));
            assertThat(before.profile("on-cpu").samples()).isPositive();
            assertThat(before.profile("on-cpu").losses().values()).containsOnly(0L);
        }
    }

    @Test
    void intervalsEndByThemselvesToo() throws Exception {
        CountDownLatch three = new CountDownLatch(3);
        try (TargetProgram target = target();
                PerfAgent agent = PerfAgent.builder()
                        .pids(target.pid())
                        .every(Duration.ofSeconds(1))
                        .listener(new PerfAgentListener() {
                            @Override
                            public void intervalFinished(FinishedInterval interval) {
                                three.countDown();
                            }
                        })
                        .build()) {
            agent.start();
            assertThat(agent.cut().last()).isFalse();
            three.await();
            assertThat(agent.stop().last()).isTrue();
        }
    }

    /** A collection stops the whole program, for as long as its heap is large. */
    @Test
    void collectsNobodysHeap() throws Exception {
        long before = collections();
        try (TargetProgram target = target();
                PerfAgent agent = PerfAgent.builder().pids(target.pid()).build()) {
            agent.start();
            byte[] kept = new byte[LEFT_BEHIND_BYTES];
            Thread.sleep(UNTIL_IT_FORGETS);
            assertThat(agent.cut().last()).isFalse();
            assertThat(agent.stop().last()).isTrue();
            assertThat(collections()).as("with %d bytes", kept.length).isEqualTo(before);
        }
    }

    /** Of all generations. */
    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .filter(collector -> collector.getMemoryPoolNames().length > 2)
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
    }

    /** What is left out of a run is told to who asked for it. */
    @Test
    void warningsAreTold() throws Exception {
        List<String> warnings = Collections.synchronizedList(new ArrayList<>());
        try (TargetProgram target = target();
                PerfAgent agent = PerfAgent.builder()
                        .pids(target.pid(), Integer.MAX_VALUE)
                        .duration(Duration.ofMillis(500))
                        .listener(new PerfAgentListener() {
                            @Override
                            public void warning(String line) {
                                warnings.add(line);
                            }
                        })
                        .build()) {
            var _ = agent.run();
        }
        assertThat(warnings).singleElement().asString().contains("left out: ", Integer.toString(Integer.MAX_VALUE));
    }

    @Test
    void recordsWaitsBesideTheCpuAndAllTimeInOne() throws Exception {
        try (TargetProgram target = target()) {
            FinishedInterval both =
                    tenthsOf(PerfAgent.builder().pids(target.pid()).offCpu(Duration.ofMillis(10)));
            assertThat(both.profiles().stream().map(EventProfile::event)).containsExactly("on-cpu", "off-cpu");
            assertThat(both.profile("off-cpu").losses()).containsKeys("stack_gone", "ring_full");
            FinishedInterval wall =
                    tenthsOf(PerfAgent.builder().pids(target.pid()).wall(Duration.ofMillis(10)));
            Path file = Files.write(
                    folder.resolve("wall.pb.gz"), wall.profile("wall").pprof());
            assertThat(Pprof.output("-top", file.toString())).contains("Type: wall", "leaf");
        }
    }

    private static FinishedInterval tenthsOf(PerfAgentBuilder settings) throws Exception {
        try (PerfAgent agent = settings.duration(Duration.ofMillis(1500)).build()) {
            return agent.run();
        }
    }

    /** However late a busy machine lets them run, what they ran is in the last interval. */
    @Test
    void endsWithItsTargets() throws Exception {
        PerfAgent agent;
        long ran;
        try (TargetProgram target = target()) {
            agent = PerfAgent.builder().pids(target.pid()).sampleRate(RATE).build();
            agent.start();
            long before = cpuNanos(target.pid());
            do {
                Thread.sleep(100);
                ran = cpuNanos(target.pid()) - before;
            } while (ran < ENOUGH_NANOS);
        }
        assertThat(agent.await().last()).isTrue();
        assertThat(agent.cut().profile("on-cpu").samples()).isGreaterThan(ran * RATE / 1_000_000_000 / 2);
        agent.close();
    }

    /** Of its first thread. */
    private static long cpuNanos(int pid) throws IOException {
        String[] words =
                Files.readString(Path.of("/proc/" + pid + "/schedstat")).split(" ", -1);
        return Long.parseLong(words[0]);
    }

    @Test
    void whatAListenerThrowsEndsTheRunAndComesOut() throws Exception {
        AtomicReference<PerfAgent> run = new AtomicReference<>();
        try (TargetProgram target = target();
                PerfAgent agent = PerfAgent.builder()
                        .pids(target.pid())
                        .listener(new PerfAgentListener() {
                            @Override
                            public void intervalFinished(FinishedInterval interval) {
                                try {
                                    var _ = run.get().cut();
                                } catch (PerfAgentException | InterruptedException e) {
                                    throw new AssertionError(e);
                                }
                            }
                        })
                        .build()) {
            run.set(agent);
            agent.start();
            assertThatIllegalStateException()
                    .isThrownBy(agent::cut)
                    .withMessageContaining("a listener cannot wait for the run that it is called by")
                    .withCauseInstanceOf(IllegalStateException.class);
            assertThatIllegalStateException().isThrownBy(agent::start).withMessageContaining("used once");
        }
    }

    @Test
    void saysWhyARunCannotBegin() {
        try (PerfAgent agent = PerfAgent.builder().pids(Integer.MAX_VALUE).build()) {
            assertThatIllegalStateException().isThrownBy(agent::cut).withMessageContaining("has not been started");
            assertThatThrownBy(agent::start)
                    .isInstanceOf(PerfAgentException.class)
                    .hasMessageContaining(Integer.toString(Integer.MAX_VALUE));
        }
        assertThatIllegalStateException()
                .isThrownBy(() -> PerfAgent.builder().build())
                .withMessageContaining("targets");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PerfAgent.builder().sampleRate(0))
                .withMessageContaining("1 to 10000");
    }
}
