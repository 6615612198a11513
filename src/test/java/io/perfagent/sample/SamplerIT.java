package io.perfagent.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.BpfObject;
import io.perfagent.bpf.SamplerConfig;
import io.perfagent.bpf.SamplerObject;
import io.perfagent.linux.Cpus;
import io.perfagent.model.Budget;
import io.perfagent.model.Event;
import io.perfagent.model.Mapping;
import io.perfagent.model.Sample;
import io.perfagent.model.SamplerCounters;
import io.perfagent.model.StackCopies;
import io.perfagent.model.UnwindMode;
import io.perfagent.procfs.ProcMaps;
import io.perfagent.targetfs.MappedFile;
import io.perfagent.testing.TargetProgram;
import io.perfagent.walker.UnwindTables;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Samples of a program whose stacks are all alike, through a ring so small that its end splits many records. */
class SamplerIT {
    private static final int RATE = 1999;
    private static final int PATIENCE_SECONDS = 60;
    private static final int RING_BYTES = 8192;
    private static final int TURNS = 20;
    private static final Path CHAIN = Path.of("target", "workloads", "chain").toAbsolutePath();

    private final List<Sample> samples = new ArrayList<>();
    private final CountDownLatch turned = new CountDownLatch(1);
    /** Of the samples' addresses. */
    private long bytes;

    @Test
    void recordsArriveWholeFromARingOfTwoPages() throws Exception {
        try (TargetProgram target = TargetProgram.start(Map.of(), List.of(CHAIN.toString()));
                BpfObject object = SamplerObject.load(new SamplerConfig(
                        Cpus.possible(),
                        64,
                        RING_BYTES,
                        UnwindMode.AUTO,
                        SamplerConfig.Scope.ANNOUNCED,
                        StackCopies.NEVER,
                        0,
                        false));
                UnwindTables tables = new UnwindTables(
                        object.map("slabs"), object.map("processes"), MappedFile::open, Budget.ofHeap())) {
            List<Mapping> mappings = ProcMaps.read(target.pid());
            tables.update(target.pid(), mappings);
            long counted = sample(object);

            for (Sample sample : samples) {
                assertThat(sample.pid()).isEqualTo(target.pid());
                assertThat(sample.threadName()).isEqualTo("chain");
                assertThat(sample.end().complete()).as(sample.end().toString()).isTrue();
                assertThat(Arrays.stream(sample.user()).allMatch(address -> isCode(mappings, address)))
                        .as(Arrays.toString(sample.user()))
                        .isTrue();
            }
            assertThat(samples).hasSize((int) counted);
        }
    }

    private long sample(BpfObject object) throws Exception {
        try (Sampler sampler = new Sampler(object, RING_BYTES, (sample, _) -> take(sample), () -> Long.MAX_VALUE)) {
            sampler.start(List.of(new CpuClock(RATE)));
            boolean enough = turned.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            sampler.stop();
            assertThat(enough).as("%d turns of the ring", TURNS).isTrue();
            SamplerCounters counters = sampler.counters(Event.CPU_CLOCK);
            return counters.samples() - counters.dropped();
        }
    }

    private void take(Sample sample) {
        samples.add(sample);
        bytes += 8L * (sample.user().length + sample.kernel().length);
        if (bytes > TURNS * RING_BYTES) {
            turned.countDown();
        }
    }

    private static boolean isCode(List<Mapping> mappings, long address) {
        return mappings.stream().anyMatch(mapping -> mapping.executable() && mapping.contains(address));
    }
}
