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
    private static HostWalker comparing;

    @BeforeAll
    static void compile() throws Exception {
        walker = HostWalker.production();
        comparing = HostWalker.production().compare();
    }

    @AfterAll
    static void close() {
        walker.close();
        comparing.close();
    }

    @TestFactory
    List<DynamicContainer> walks() {
        return topics(walker);
    }

    /** The walk in user space is the second implementation of the same rules: it finds the same. */
    @TestFactory
    List<DynamicContainer> bothWalks() {
        return topics(comparing);
    }

    private static List<DynamicContainer> topics(HostWalker walker) {
        List<DynamicContainer> topics = new ArrayList<>();
        WalkCases.byTopic()
                .forEach((topic, cases) -> topics.add(DynamicContainer.dynamicContainer(topic, tests(cases, walker))));
        return topics;
    }

    private static List<DynamicTest> tests(List<WalkCase> cases, HostWalker walker) {
        List<DynamicTest> tests = new ArrayList<>();
        cases.forEach(one ->
                tests.add(DynamicTest.dynamicTest(one.name(), () -> one.check().on(walker))));
        return tests;
    }
}
