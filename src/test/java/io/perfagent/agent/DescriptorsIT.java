package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Descriptor;
import io.perfagent.model.ThreadState;
import io.perfagent.testing.Names;
import io.perfagent.testing.TargetProgram;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** On what threads wait, where each function waits on one kind of descriptor. */
class DescriptorsIT {
    private static final String PROGRAM =
            Path.of("target", "workloads", "descriptors").toAbsolutePath().toString();
    private static final int SAMPLES = 3_000;

    private static final Map<String, Descriptor> KINDS = Map.ofEntries(
            Map.entry("reads_pipe", Descriptor.PIPE),
            Map.entry("reads_tty", Descriptor.TTY),
            Map.entry("reads_unix", Descriptor.UNIX),
            Map.entry("reads_tcp", Descriptor.TCP),
            Map.entry("reads_udp", Descriptor.UDP),
            Map.entry("reads_event", Descriptor.EVENTFD),
            Map.entry("reads_timer", Descriptor.TIMERFD),
            Map.entry("waits_epoll", Descriptor.EPOLL),
            Map.entry("polls_one", Descriptor.PIPE),
            Map.entry("polls_two", Descriptor.NONE),
            Map.entry("accepts", Descriptor.TCP),
            Map.entry("reads_closed", Descriptor.UNKNOWN));

    private static final Set<ThreadState> FOR_DATA = Set.of(ThreadState.IO, ThreadState.POLL);

    @Test
    void eachFunctionsIsKnown() throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(PROGRAM))) {
            ProfiledRun run = ProfiledRun.waiting(
                    target.pid(), Duration.ofMillis(1), samples -> ProfiledRun.await(samples, SAMPLES));
            KINDS.forEach((function, kind) -> assertThat(kinds(run, function, FOR_DATA::contains))
                    .as(function)
                    .containsExactly(kind));
            assertThat(run.profile().stacks())
                    .filteredOn(stack -> stack.state() == ThreadState.RUNQUEUE)
                    .extracting(stack -> stack.activity().descriptor())
                    .containsOnly(Descriptor.NONE);
        }
    }

    private static Set<Descriptor> kinds(ProfiledRun run, String function, Predicate<ThreadState> wanted) {
        return run.profile().stacks().stream()
                .filter(stack -> wanted.test(stack.state()) && Names.of(stack).contains(function))
                .map(stack -> stack.activity().descriptor())
                .collect(Collectors.toSet());
    }
}
