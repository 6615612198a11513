package io.perfagent.safety;

import io.perfagent.testing.Agent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Agents that come up before they have a target: a virtual machine takes a second of a processor for that, and so would the target, which
 * is busy all the time.
 */
final class WaitingAgents implements AutoCloseable {
    private static final int AT_A_TIME = 8;

    private final Queue<Process> waiting = new ArrayDeque<>();
    private int left;

    WaitingAgents(int count) throws IOException {
        left = count;
        start();
    }

    /** One that begins to switch this process now, and says so. */
    Process next(int pid) throws IOException {
        if (waiting.isEmpty()) {
            start();
        }
        Process agent = waiting.remove();
        agent.getOutputStream().write((pid + "\n").getBytes(StandardCharsets.US_ASCII));
        agent.getOutputStream().flush();
        expect(agent, SwitchingAgent.SWITCHES);
        return agent;
    }

    private void start() throws IOException {
        for (; left > 0 && waiting.size() < AT_A_TIME; left--) {
            waiting.add(new ProcessBuilder(Agent.java(SwitchingAgent.class.getName()))
                    .redirectErrorStream(true)
                    .start());
        }
        for (Process agent : waiting) {
            expect(agent, SwitchingAgent.WAITS);
        }
    }

    private static void expect(Process agent, char word) throws IOException {
        if (agent.getInputStream().read() != word) {
            agent.destroyForcibly();
            throw new IllegalStateException("the agent to be killed did not get going");
        }
    }

    @Override
    public void close() {
        waiting.forEach(Process::destroyForcibly);
    }
}
