package io.perfagent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.testing.Agent;
import io.perfagent.testing.Tool;
import org.junit.jupiter.api.Test;

/** As users start it: as a module, which sees no more of the JDK than it asks for. Most other tests run it from the class path. */
class ModuleStartIT {
    @Test
    void startsAsAModule() throws Exception {
        String output = Tool.output(Agent.asModule("--version").toArray(String[]::new));
        assertThat(output.lines()).singleElement().asString().startsWith("perf-agent ");
    }
}
