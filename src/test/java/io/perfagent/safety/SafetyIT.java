package io.perfagent.safety;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Interpreter;
import java.util.List;
import org.junit.jupiter.api.Test;

/** B3, R10, R12, R13, R14: the short form of the suite; {@code make soak} is the long one. */
final class SafetyIT {
    private static final List<Interpreter> INTERPRETERS = Interpreter.oneOfEachBuild();

    private final Suite suite = new Suite(INTERPRETERS, Long.getLong("seed", System.nanoTime() >>> 8 & 0xfffffff));

    @Test
    void b3AtRandomInstants() throws Exception {
        assertThat(suite.run(Plan.SHORT.randomInstants(INTERPRETERS.size(), Workload.steady())))
                .isEmpty();
    }

    @Test
    void b3TheAgentIsKilled() throws Exception {
        assertThat(suite.run(Plan.SHORT.killedAgents(INTERPRETERS.size()))).isEmpty();
    }

    @Test
    void r14TheTargetDies() throws Exception {
        assertThat(suite.run(new DyingTargets(Plan.SHORT.deaths()))).isEmpty();
    }

    @Test
    void r13OthersHoldTheTarget() throws Exception {
        assertThat(suite.run(new OtherHands())).isEmpty();
    }

    @Test
    void r12TheTargetIsElsewhere() throws Exception {
        assertThat(suite.run(new Elsewhere())).isEmpty();
    }

    @Test
    void r10AgainAndAgain() throws Exception {
        assertThat(suite.run(new Endurance(Plan.SHORT.runs()))).isEmpty();
    }

    @Test
    void plantedFaultsAreNoticed() throws Exception {
        assertThat(new PlantedFaults(INTERPRETERS.getFirst()).unnoticed()).isEmpty();
    }
}
