package io.perfagent.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Mapping;
import io.perfagent.model.ProcessEvent.Executed;
import io.perfagent.model.ProcessEvent.Exited;
import io.perfagent.model.ProcessEvent.Forked;
import io.perfagent.model.ProcessEvent.Mapped;
import io.perfagent.process.ProcessTable.Scope;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Lives told by events, of PIDs that no process has: above what /proc/sys/kernel/pid_max may be. */
class ProcessTableTest {
    private static final int PARENT = 10_000_001;
    private static final int CHILD = 10_000_002;
    private static final Mapping PROGRAM =
            new Mapping(0x1000, 0x2000, 0, true, false, true, 254, 0, 1, "/bin/program", false);
    private static final Mapping LIBRARY =
            new Mapping(0x5000, 0x7000, 0, true, false, true, 254, 0, 2, "/lib/library", false);

    @Test
    void childRunsItsParentsCodeUntilItExecutesAProgram() {
        ProcessTable table = new ProcessTable(Scope.WITH_CHILDREN);
        Image parent = table.add(PARENT);
        parent.read(List.of(PROGRAM, LIBRARY), 0);
        assertThat(table.apply(new Forked(PARENT, CHILD, 100))).isTrue();
        Image child = image(table, CHILD, 150);
        assertThat(child.code()).containsExactly(PROGRAM, LIBRARY);
        assertThat(child.forkedFrom()).isSameAs(parent);

        assertThat(table.apply(new Executed(CHILD, "program", 200))).isTrue();
        assertThat(table.apply(new Mapped(CHILD, LIBRARY, 210))).isTrue();
        Image program = image(table, CHILD, 205);
        assertThat(program.code()).containsExactly(LIBRARY);
        assertThat(program.unread()).isFalse();
        assertThat(program.forkedFrom()).isNull();
        assertThat(image(table, CHILD, 199)).isSameAs(child);
        assertThat(child.ended()).isTrue();
        assertThat(child.code()).containsExactly(PROGRAM, LIBRARY);
    }

    /** At the start of a run of all processes there are many to be read. */
    @Test
    void copyOfOneThatIsReadOnlyLaterHasItsCode() {
        ProcessTable table = new ProcessTable(Scope.ALL);
        Image parent = table.add(PARENT);
        table.apply(new Forked(PARENT, CHILD, 100));
        Image child = image(table, CHILD, 150);
        assertThat(child.unread()).isTrue();
        table.apply(new Exited(CHILD, CHILD, 200));
        parent.read(List.of(PROGRAM, LIBRARY), 0);
        assertThat(child.unread()).isFalse();
        assertThat(child.code()).containsExactly(PROGRAM, LIBRARY);
    }

    @Test
    void copyThatMapsMoreHasBoth() {
        ProcessTable table = new ProcessTable(Scope.ALL);
        Image parent = table.add(PARENT);
        table.apply(new Forked(PARENT, CHILD, 100));
        table.apply(new Forked(PARENT, CHILD + 1, 100));
        table.apply(new Mapped(CHILD + 1, LIBRARY, 110));
        parent.read(List.of(PROGRAM), 0);
        table.apply(new Mapped(CHILD, LIBRARY, 120));
        assertThat(image(table, CHILD, 150).code()).containsExactly(PROGRAM, LIBRARY);
        assertThat(parent.code()).containsExactly(PROGRAM);
        assertThat(image(table, CHILD + 1, 150).unread())
                .as("must be read itself")
                .isTrue();
    }

    @Test
    void recycledPidIsAnotherProcess() {
        ProcessTable table = new ProcessTable(Scope.ALL);
        table.apply(new Forked(PARENT, CHILD, 100));
        table.apply(new Mapped(CHILD, PROGRAM, 110));
        assertThat(table.apply(new Exited(CHILD, CHILD, 200))).isTrue();
        table.apply(new Forked(PARENT, CHILD, 200));
        table.apply(new Mapped(CHILD, LIBRARY, 210));
        Image first = image(table, CHILD, 199);
        Image second = image(table, CHILD, 200);
        assertThat(first.number()).isNotEqualTo(second.number());
        assertThat(first.code()).containsExactly(PROGRAM);
        assertThat(second.code()).containsExactly(LIBRARY);
    }

    /** The kernel still runs an ending thread after it has told of its end. */
    @Test
    void samplesAfterTheEndBelongToTheProcessThatEnded() {
        ProcessTable table = new ProcessTable(Scope.ALL);
        table.apply(new Forked(PARENT, CHILD, 100));
        table.apply(new Exited(CHILD, CHILD, 200));
        assertThat(image(table, CHILD, 201).sinceNanos()).isEqualTo(100);
        assertThat(table.running(CHILD)).isNull();
    }

    @Test
    void whatNobodyAskedForIsLeftOut() {
        ProcessTable added = new ProcessTable(Scope.ADDED);
        added.add(PARENT);
        assertThat(added.apply(new Forked(PARENT, CHILD, 100))).isFalse();
        assertThat(added.apply(new Executed(CHILD, "program", 110))).isFalse();
        assertThat(added.sampledAt(CHILD, 120)).isNull();
        ProcessTable children = new ProcessTable(Scope.WITH_CHILDREN);
        children.add(CHILD);
        assertThat(children.apply(new Forked(PARENT, PARENT + 9, 100))).isFalse();
        assertThat(children.apply(new Mapped(PARENT, LIBRARY, 100))).isFalse();
    }

    @Test
    void grandchildrenAreFollowed() {
        ProcessTable table = new ProcessTable(Scope.WITH_CHILDREN);
        table.add(PARENT);
        for (int i = 0; i < 100; i++) {
            assertThat(table.apply(new Forked(PARENT + i, PARENT + i + 1, 100 + i)))
                    .isTrue();
            assertThat(table.apply(new Exited(PARENT + i, PARENT + i, 101 + i))).isTrue();
        }
        int depth = 0;
        for (Image image = table.running(PARENT + 100); image != null; image = image.forkedFrom()) {
            depth++;
        }
        assertThat(depth).as("what is remembered of ancestors").isBetween(2, 9);
    }

    /** For some seconds what has ended is held for its samples, and its number may be a stranger's. */
    @Test
    void strangersWithANumberThatWasATargetsAreLeftOut() {
        ProcessTable table = new ProcessTable(Scope.WITH_CHILDREN);
        Image target = table.add(PARENT);
        table.apply(new Exited(PARENT, PARENT, 100));
        assertThat(table.apply(new Forked(PARENT, CHILD, 150))).isFalse();
        assertThat(table.apply(new Executed(PARENT, "stranger", 160))).isFalse();
        assertThat(table.apply(new Mapped(PARENT, LIBRARY, 170))).isFalse();
        assertThat(table.sampledAt(CHILD, 200)).isNull();
        assertThat(table.running()).isEmpty();
        assertThat(target.code()).isEmpty();
    }

    /** An end that was found by looking is dated later than what happened before it and is told only now. */
    @Test
    void childrenOfOneThatHasEndedSinceAreMeant() {
        ProcessTable table = new ProcessTable(Scope.WITH_CHILDREN);
        Image target = table.add(PARENT);
        table.end(target, 300);
        assertThat(table.apply(new Forked(PARENT, CHILD, 150))).isTrue();
        assertThat(image(table, CHILD, 200).forkedFrom()).isSameAs(target);
        ProcessTable executing = new ProcessTable(Scope.ADDED);
        executing.end(executing.add(PARENT), 300);
        assertThat(executing.apply(new Executed(PARENT, "program", 150))).isTrue();
    }

    @Test
    void numberOfAProcessThatHasEndedIsNoParent() {
        ProcessTable table = new ProcessTable(Scope.ALL);
        table.add(PARENT).read(List.of(PROGRAM), 0);
        table.apply(new Exited(PARENT, PARENT, 100));
        table.apply(new Forked(PARENT, CHILD, 150));
        Image child = image(table, CHILD, 200);
        assertThat(child.forkedFrom()).isNull();
        assertThat(child.code()).isEmpty();
        assertThat(child.unread()).as("its mappings are read").isTrue();
    }

    @Test
    void endedProcessesAreForgottenAndSampledOnesAreNamed() {
        ProcessTable table = new ProcessTable(Scope.ALL);
        for (int i = 0; i < 1000; i++) {
            table.apply(new Forked(PARENT, CHILD, 100 + 10 * i));
            table.apply(new Executed(CHILD, "program", 102 + 10 * i));
            table.apply(new Exited(CHILD, CHILD, 105 + 10 * i));
        }
        Image sampled = image(table, CHILD, 103);
        assertThat(sampled.sampled()).isTrue();
        List<Image> gone = table.forget(100 + 10 * 500);
        assertThat(gone).hasSize(1000).contains(sampled);
        assertThat(image(table, CHILD, 103 + 10 * 700).sinceNanos()).isEqualTo(102 + 10 * 700);
        table.forget(Long.MAX_VALUE);
        assertThat(table.running()).isEmpty();
        assertThat(image(table, CHILD, 103).unread())
                .as("nothing is left of them")
                .isTrue();
    }

    @Test
    void programThatWasExecutedByAnUnknownProcess() {
        ProcessTable table = new ProcessTable(Scope.ALL);
        table.apply(new Executed(CHILD, "program", 200));
        assertThat(image(table, CHILD, 250).unread()).isFalse();
        assertThat(image(table, CHILD, 150)).isNotSameAs(image(table, CHILD, 250));
        assertThat(image(table, CHILD, 150)).isSameAs(image(table, CHILD, 160));
    }

    private static Image image(ProcessTable table, int pid, long timeNanos) {
        return Objects.requireNonNull(table.sampledAt(pid, timeNanos));
    }
}
