package io.perfagent.safety;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.Tool;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * B3, R10, R12, R13, R14: the shortest form of the suite; {@code make safety} does more, {@code make soak} as much as wanted. It runs in a virtual machine of its own, as small
 * as perf-agent's: a collection comes before each stop.
 */
final class SafetyIT {
    @Test
    void b3AtRandomInstants() throws Exception {
        expectNoHarm("random instants");
    }

    @Test
    void b3TheAgentIsKilled() throws Exception {
        expectNoHarm("SIGKILL");
    }

    @Test
    void r14TheTargetDies() throws Exception {
        expectNoHarm("that die");
    }

    @Test
    void r13OthersHoldTheTarget() throws Exception {
        expectNoHarm("in other hands");
    }

    @Test
    void r13AnotherRunHasIt() throws Exception {
        expectNoHarm("Two agents");
    }

    @Test
    @Tag("long")
    void r12TheTargetIsElsewhere() throws Exception {
        expectNoHarm("elsewhere");
    }

    @Test
    void r10AgainAndAgain() throws Exception {
        expectNoHarm("runs on one process");
    }

    @Test
    @Tag("long")
    void plantedFaultsAreNoticed() throws Exception {
        expectNoHarm("planted faults");
    }

    /** Runs what has this in its title. */
    private static void expectNoHarm(String title) throws Exception {
        String output = Tool.output(
                Agent.java(
                        "io.perfagent.safety.Soak",
                        "plan=" + System.getProperty("plan", "taste"),
                        "only=" + title,
                        "seed=" + System.getProperty("seed", "")),
                Path.of("").toAbsolutePath());
        System.out.print(output);
        assertThat(output).containsIgnoringCase(title).endsWith("soak: no harm done\n");
    }
}
