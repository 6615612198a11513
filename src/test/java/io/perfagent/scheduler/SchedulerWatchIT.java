package io.perfagent.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.linux.PerfEvent;
import io.perfagent.model.HardwareCounter;
import io.perfagent.model.SchedulerCounts;
import io.perfagent.model.Scheduling;
import io.perfagent.model.SwitchReason;
import io.perfagent.procfs.PidNamespace;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** What the kernel side counts, beside what programs know of themselves, and what the kernel has counted of them on its own. */
class SchedulerWatchIT {
    private static final String SCHEDULED =
            Path.of("target", "workloads", "scheduled").toAbsolutePath().toString();
    private static final int PERF_TYPE_SOFTWARE = 1;
    private static final int PAGE_FAULTS = 2;
    private static final int MINOR_FAULTS = 5;
    /** Waits of a spinning program beside those of its three threads that spin: each one's before and behind, and the first thread's. */
    private static final long BESIDE = 10;
    /** It writes its line and waits for a signal after it has looked at its own figures. */
    private static final long AT_THE_END = 3;

    private record Outcome(SchedulerCounts counts, Map<String, Long> own) {
        Scheduling all() {
            return counts.all();
        }

        long voluntary() {
            return all().switches(SwitchReason.WAITED)
                    + all().switches(SwitchReason.IO)
                    + all().switches(SwitchReason.IN_KERNEL)
                    + all().switches(SwitchReason.STOPPED);
        }

        long involuntary() {
            return all().switches(SwitchReason.PREEMPTED) + all().switches(SwitchReason.YIELDED);
        }

        /** Machines may keep some threads of theirs to themselves: of one that comes after such a one it is not seen when it came. */
        long unseenAtMost() {
            return all().slicesUnseen()
                    * (all().slices().longest() + all().waits().longest());
        }

        /** All switches are counted, and each under the reason that the kernel has for it. */
        void expectSwitches() {
            assertThat(voluntary()).isBetween(own.get("voluntary"), own.get("voluntary") + AT_THE_END);
            assertThat(involuntary()).isBetween(own.get("involuntary"), own.get("involuntary") + AT_THE_END);
            assertThat(all().slices().count() + all().slicesUnseen())
                    .isEqualTo(all().allSwitches() + all().slices().cut());
            assertThat(counts.waitsLeftOut()).isZero();
            assertThat(counts.notFollowed()).isZero();
        }
    }

    @Test
    void sleepsOfSeveralThreads() throws Exception {
        Outcome outcome = run("sleeps", "4", "200", "2000");
        outcome.expectSwitches();
        long sleeps = 4 * 200L;
        long unslept = sleeps / 100; // whom others drive from the CPU until the time has come does not wait
        assertThat(outcome.all().switches(SwitchReason.WAITED)).isBetween(sleeps - unslept, sleeps + 40);
        assertThat(outcome.all().switches(SwitchReason.ENDED)).isEqualTo(4);
        assertThat(outcome.all().switches(SwitchReason.YIELDED)).isZero();
        assertThat(outcome.all().waits().count())
                .isBetween(sleeps - unslept, outcome.all().allSwitches() + 4);
    }

    @Test
    void threadsThatYield() throws Exception {
        Outcome outcome = run("yields", "3", "3000");
        outcome.expectSwitches();
        assertThat(outcome.all().switches(SwitchReason.YIELDED)).isBetween(100L, 9100L);
    }

    /** Each of three threads on one processor runs, or waits for it, all the while that it is alive. */
    @Test
    void threadsThatWaitForAProcessor() throws Exception {
        Outcome outcome = run("spins", "3", "1500");
        outcome.expectSwitches();
        long onCpu = outcome.all().slices().sum();
        long waited = outcome.all().waits().sum();
        assertThat(onCpu + waited)
                .isBetween(
                        outcome.own().get("alive") - outcome.unseenAtMost(),
                        outcome.own().get("alive")
                                + BESIDE * outcome.all().waits().longest());
        assertThat(onCpu).isCloseTo(outcome.own().get("cpu"), Percentage.withPercentage(10));
        assertThat(outcome.all().switches(SwitchReason.PREEMPTED))
                .as("of three that could always go on")
                .isGreaterThan(9 * outcome.all().allSwitches() / 10);
        assertThat(outcome.all().switches(SwitchReason.YIELDED)).isZero();
    }

    @Test
    void pagesThatAreTouched() throws Exception {
        Outcome outcome = run("touches", "3000");
        assertThat(outcome.own().get("minor")).isGreaterThanOrEqualTo(3000);
        assertThat(outcome.all().minorFaults())
                .isBetween(outcome.own().get("minor"), outcome.own().get("minor") + 2 * AT_THE_END);
    }

    /** However short they live. */
    @Test
    void everyChild() throws Exception {
        Outcome outcome = run("forks", "100");
        assertThat(outcome.all().switches(SwitchReason.ENDED)).isEqualTo(100);
        assertThat(outcome.counts().processes()).hasSize(101);
        assertThat(outcome.counts().processes())
                .allSatisfy(process -> assertThat(process.comm()).isEqualTo("scheduled"));
        assertThat(outcome.counts().processes().stream()
                        .mapToLong(process -> process.slices().sum())
                        .sum())
                .isEqualTo(outcome.all().slices().sum());
        assertThat(outcome.counts().others()).isNull();
    }

    @Test
    void noChildIfNoneIsWanted() throws Exception {
        Outcome outcome = run(false, HardwareCounters.open(), "forks", "20");
        assertThat(outcome.all().switches(SwitchReason.ENDED)).isZero();
        assertThat(outcome.counts().processes()).hasSize(1);
        outcome.expectSwitches();
    }

    /** A counter that counts whatever runs on its CPU is shared out by who runs: here one that machines without counters have, too. */
    @Test
    void countersOfCpus() throws Exception {
        try (TargetProgram other = TargetProgram.start(Map.of(), List.of(SCHEDULED, "touches", "5000"))) {
            HardwareCounters counters = HardwareCounters.open((cpu, counter) -> PerfEvent.counter(
                    cpu, PERF_TYPE_SOFTWARE, counter == HardwareCounter.CYCLES ? PAGE_FAULTS : MINOR_FAULTS));
            Outcome outcome = run(true, counters, "touches", "3000");
            assertThat(other.report()).contains("minor=");
            assertThat(outcome.counts().withoutHardware()).isNull();
            for (HardwareCounter counter : HardwareCounter.values()) {
                assertThat(outcome.all().hardware(counter).counted())
                        .isBetween(outcome.own().get("minor"), outcome.own().get("minor") + 2 * AT_THE_END);
                assertThat(outcome.all().hardware(counter).share()).isEqualTo(1);
            }
        }
    }

    /** A process lets go of its memory, and of many files: then it leaves its CPU for the last time. */
    @Test
    void theLastSwitchHoweverLateItComes() throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(SCHEDULED, "opens", "19000"));
                SchedulerWatch watch = SchedulerWatch.load(false, true, true, PidNamespace.own())) {
            watch.add(List.of(target.pid()));
            watch.begin();
            assertThat(target.report()).contains("minor=");
            Tool.output("kill", "-KILL", Integer.toString(target.pid()));
            while (watch.anyRunning()) {
                Thread.onSpinWait();
            }
            assertThat(watch.end().all().switches(SwitchReason.ENDED)).isEqualTo(1);
        }
    }

    /** Under the number that it has there. */
    @Test
    void processesOfAPidNamespace() throws Exception {
        Process shell = new ProcessBuilder(
                        "unshare", "--pid", "--fork", "--kill-child", "sh", "-c", "sleep 1000 & echo $!; wait")
                .start();
        try {
            int inside = Integer.parseInt(shell.inputReader().readLine());
            int outside =
                    Integer.parseInt(Files.readString(Path.of("/proc/" + child(child((int) shell.pid())) + "/status"))
                            .replaceFirst("(?s).*\nPid:\\s*(\\d+)\n.*", "$1"));
            int namespace = (int) Long.parseLong(Files.readSymbolicLink(Path.of("/proc/" + outside + "/ns/pid"))
                    .toString()
                    .replaceAll("\\D", ""));
            try (SchedulerWatch watch = SchedulerWatch.load(false, true, true, namespace)) {
                watch.add(List.of(inside));
                assertThat(watch.anyRunning()).isTrue();
                watch.begin();
                assertThat(new ProcessBuilder("kill", Integer.toString(outside))
                                .start()
                                .waitFor())
                        .isZero();
                while (watch.anyRunning()) {
                    Thread.sleep(10);
                }
                SchedulerCounts counts = watch.end();
                assertThat(counts.processes()).singleElement().satisfies(process -> {
                    assertThat(process.pid()).isEqualTo(inside).isNotEqualTo(outside);
                    assertThat(process.switches(SwitchReason.ENDED)).isEqualTo(1);
                });
            }
        } finally {
            shell.destroyForcibly();
        }
    }

    private static int child(int pid) throws Exception {
        return Integer.parseInt(Files.readString(Path.of("/proc/" + pid + "/task/" + pid + "/children"))
                .strip()
                .replaceFirst(" .*", ""));
    }

    private static Outcome run(String... work) throws Exception {
        return run(true, HardwareCounters.open(), work);
    }

    private static Outcome run(boolean children, HardwareCounters hardware, String... work) throws Exception {
        List<String> command = new ArrayList<>(List.of(SCHEDULED));
        command.addAll(List.of(work));
        try (TargetProgram target = TargetProgram.start(Map.of(), command);
                SchedulerWatch watch = SchedulerWatch.load(false, children, true, PidNamespace.own(), hardware)) {
            watch.add(List.of(target.pid()));
            watch.begin();
            String line = target.report();
            SchedulerCounts counts = watch.end();
            System.out.println(String.join(" ", work) + ": " + line + " " + counts.all());
            return new Outcome(counts, numbers(line));
        }
    }

    private static Map<String, Long> numbers(String line) {
        Map<String, Long> numbers = new HashMap<>();
        for (String pair : line.split(" ", -1)) {
            String[] halves = pair.split("=", -1);
            numbers.put(halves[0], Long.parseLong(halves[1]));
        }
        return numbers;
    }
}
