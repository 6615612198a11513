package io.perfagent.bpf.walker;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The kernel's stack walker, compiled for this machine, over stacks, code and tables that are made up. */
class WalkerTest {
    private static HostWalker walker;

    @BeforeAll
    static void compile() throws Exception {
        walker = HostWalker.production();
    }

    @AfterAll
    static void close() {
        walker.close();
    }

    @TestFactory
    List<DynamicContainer> walks() {
        List<DynamicContainer> topics = new ArrayList<>();
        WalkCases.byTopic()
                .forEach((topic, cases) -> topics.add(DynamicContainer.dynamicContainer(topic, tests(cases))));
        return topics;
    }

    private static List<DynamicTest> tests(List<WalkCase> cases) {
        List<DynamicTest> tests = new ArrayList<>();
        cases.forEach(one ->
                tests.add(DynamicTest.dynamicTest(one.name(), () -> one.check().on(walker))));
        return tests;
    }
}
