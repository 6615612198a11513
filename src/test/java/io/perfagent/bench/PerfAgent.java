package io.perfagent.bench;

import java.io.IOException;

/** ./perf-agent. */
record PerfAgent() implements Contestant {
    @Override
    public String name() {
        return "perf-agent";
    }

    @Override
    public Outcome profile(Target target, int rate, int seconds) throws IOException, InterruptedException {
        AgentRun run = AgentRun.of(target, rate, seconds);
        ProfileStacks stacks = run.stacks();
        return new Outcome(stacks.samples(), stacks.complete(), run.fileBytes(), run.cpuSeconds(), 0);
    }
}
