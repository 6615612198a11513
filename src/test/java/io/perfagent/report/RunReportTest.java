package io.perfagent.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.ProfileRequest;
import io.perfagent.model.RewalkCounters;
import io.perfagent.model.RunAccount;
import io.perfagent.model.SamplerCounters;
import io.perfagent.model.UnwindMode;
import io.perfagent.top.Shop;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a profile of 100 samples says of itself: the kernel side has taken 5 more, of the agent; some were walked on in user space. */
class RunReportTest {
    private static final SamplerCounters KERNELS = new SamplerCounters(105, 2, 100, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0);
    private static final RewalkCounters USERS = new RewalkCounters(10, 10, 30, 3);
    private static final ProfileRequest REQUEST = new ProfileRequest(
            List.of(10), false, false, Duration.ofSeconds(1), 100, UnwindMode.AUTO, false, false, null, List.of());

    private final RunAccount account = new RunReport(REQUEST, Shop.facts(KERNELS, USERS)).account();

    @Test
    void guessesOfBothWalkersAreOfTheFramesOfBoth() {
        assertThat(account.lost())
                .contains("guessed frames: 7 of 130 user frames in code without call-frame information");
    }

    @Test
    void samplesAreThoseThatTheProfileHas() {
        assertThat(account.taken()).isEqualTo("samples: 100 taken, 2 dropped");
    }
}
