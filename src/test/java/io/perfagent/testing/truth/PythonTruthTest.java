package io.perfagent.testing.truth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The judge of profiles, on such as were made by hand: it accepts what is true, and notices each kind of fault. */
class PythonTruthTest {
    private static final int PID = 4711;
    private static final String SOURCE = """
            "A workload."  # starts: <module>
            # chain: leaf <- Tree.walk <- handler left <- <module>
            # chain: leaf <- (even <- odd)*2 <- handler right <- <module>
            # chain 3.6-3.11: leaf <- any* <- old <- ...
            # chain: leaf <- made_# <- <module>
            # file of made_#: <made #>
            # starts of made_#: 1
            # line of made_#: 3
            def leaf():  # starts: leaf
                one = 1  # line: leaf
                return one  # line: leaf
            class Tree:
                @decorated  # starts: Tree.walk
                def walk(self):
                    leaf()  # line: Tree.walk
            def even():  # starts: even
                leaf()  # line: even
            def odd():  # starts: odd
                even()  # line: odd
            def handler():  # starts: handler
                Tree().walk()  # line: handler left
                odd()  # line: handler right
            def any():  # starts, line: any
            def old():  # starts, line: old
            handler()  # line: <module>
            """;

    @TempDir
    Path directory;

    private Path file;
    private Call leaf;
    private List<Call> left;

    @BeforeEach
    void write() throws Exception {
        file = Files.writeString(directory.resolve("workload.py"), SOURCE);
        leaf = call("leaf", 10, 9);
        left = List.of(leaf, call("Tree.walk", 15, 13), call("handler", 21, 20), call("<module>", 25, 1));
    }

    private Call call(String name, long line, long start) {
        return new Call(name, file.toString(), line, start);
    }

    private Verdict judge(int minor, List<Call> calls) throws Exception {
        CallProfile profile = new CallProfile(PID);
        profile.add(calls, 10);
        return PythonTruth.of(file, minor).judge(profile.profile(), PID);
    }

    private void expectWrong(List<Call> calls, String fault) throws Exception {
        Verdict verdict = judge(12, calls);
        assertThat(verdict.wrong()).as(verdict.toString()).isEqualTo(10);
        assertThat(verdict.toString()).contains(fault);
        assertThatThrownBy(() -> verdict.expect(0, 0, 1)).isInstanceOf(AssertionError.class);
    }

    private static List<Call> with(List<Call> calls, int at, Call other) {
        List<Call> changed = new ArrayList<>(calls);
        changed.set(at, other);
        return changed;
    }

    @Test
    void theTruthIsRight() throws Exception {
        Verdict verdict = judge(12, left);
        assertThat(verdict).isEqualTo(new Verdict(10, 10, 0, 0, Map.of(), List.of()));
        verdict.expect(1, 1, 10);
    }

    @Test
    void repetitionsAreCounted() throws Exception {
        Call even = call("even", 17, 16);
        Call odd = call("odd", 19, 18);
        Call handler = call("handler", 22, 20);
        Call module = left.getLast();
        assertThat(judge(12, List.of(leaf, even, odd, even, odd, handler, module))
                        .right())
                .isEqualTo(10);
        expectWrong(List.of(leaf, even, odd, handler, module), "not even");
        expectWrong(List.of(leaf, even, odd, even, odd, even, odd, handler, module), "not handler");
    }

    @Test
    void aWrongFunctionIsNoticed() throws Exception {
        expectWrong(with(left, 1, call("Tree.fell", 15, 13)), "not Tree.walk");
        expectWrong(with(left, 1, call("walk", 15, 13)), "not Tree.walk");
        expectWrong(with(left, 1, new Call("Tree.walk", "/other.py", 15, 13)), "not in " + file);
    }

    @Test
    void aWrongLineIsNoticed() throws Exception {
        expectWrong(with(left, 0, call("leaf", 12, 9)), "not on any line of [10, 11]");
        expectWrong(with(left, 0, call("leaf", 0, 9)), "not on any line of [10, 11]");
        expectWrong(with(left, 1, call("Tree.walk", 16, 13)), "not on any line of [15]");
        expectWrong(with(left, 2, call("handler", 22, 20)), "not on any line of [21]");
    }

    @Test
    void aWrongStartIsNoticed() throws Exception {
        expectWrong(with(left, 1, call("Tree.walk", 15, 14)), "does not start on line 13");
        expectWrong(with(left, 3, call("<module>", 25, 0)), "does not start on line 1");
    }

    @Test
    void aFunctionTooManyOrMissingIsNoticed() throws Exception {
        expectWrong(List.of(left.get(0), left.get(1), left.get(3)), "not handler");
        expectWrong(List.of(left.get(0), left.get(1), left.get(1), left.get(2), left.get(3)), "not handler");
        expectWrong(List.of(left.get(0), left.get(1), left.get(2), left.get(3), left.get(3)), "behind the end");
    }

    /** The first line of a function is where it is before it has done anything: the innermost function only. */
    @Test
    void onlyTheInnermostMayBeginOnItsFirstLine() throws Exception {
        List<Call> beginning = with(left, 0, call("leaf", 9, 9));
        assertThat(judge(12, beginning).right()).isEqualTo(10);
        List<Call> below = new ArrayList<>(beginning);
        below.addFirst(call("callee", 1, 1));
        expectWrong(below, "not on any line of [10, 11]");
        expectWrong(with(left, 2, call("handler", 20, 20)), "not on any line of [21]");
    }

    @Test
    void aStackThatEndsEarlyIsShortened() throws Exception {
        Verdict verdict = judge(12, left.subList(0, 3));
        assertThat(verdict.shortened()).isEqualTo(10);
        assertThat(verdict.wrong()).isZero();
        assertThatThrownBy(() -> verdict.expect(0.999, 0, 1)).hasMessageContaining("the stack ends before");
    }

    @Test
    void namesAreQualifiedFrom311On() throws Exception {
        List<Call> plain = with(left, 1, call("walk", 15, 13));
        assertThat(judge(10, plain).right()).isEqualTo(10);
        assertThat(judge(11, left).right()).isEqualTo(10);
        assertThat(judge(11, plain).wrong()).isEqualTo(10);
        assertThat(judge(10, left).wrong()).isEqualTo(10);
    }

    @Test
    void chainsOfOtherVersionsDoNotCount() throws Exception {
        Call any = call("any", 23, 23);
        Call old = call("old", 24, 24);
        Call library = new Call("run", "/lib/threading.py", 7, 6);
        for (List<Call> calls : List.of(List.of(leaf, old, library), List.of(leaf, any, any, old, library, library))) {
            assertThat(judge(11, calls).right()).isEqualTo(10);
            assertThat(judge(12, calls).wrong()).isEqualTo(10);
        }
        assertThat(judge(11, List.of(leaf, old)).shortened()).isEqualTo(10);
        assertThat(judge(11, List.of(leaf, old, library, old)).wrong()).isEqualTo(10);
    }

    @Test
    void generatedFunctionsStandWhereTheirNumberSays() throws Exception {
        Call module = left.getLast();
        Call made = new Call("made_40", "<made 40>", 43, 41);
        assertThat(judge(12, List.of(leaf, made, module)).right()).isEqualTo(10);
        expectWrong(List.of(leaf, new Call("made_40", "<made 41>", 43, 41), module), "not in <made 40>");
        expectWrong(List.of(leaf, new Call("made_40", "<made 40>", 44, 41), module), "not on any line of [43]");
        expectWrong(List.of(leaf, new Call("made_39", "<made 40>", 43, 41), module), "not in <made 39>");
    }

    @Test
    void namesThatAreMissingAreNoticedToo() throws Exception {
        CallProfile profile = new CallProfile(PID);
        profile.add(left, 10);
        profile.add(List.of(), 5);
        profile.add(left.subList(1, 4), 5);
        Verdict verdict = PythonTruth.of(file, 12).judge(profile.profile(), PID);
        assertThat(verdict.without()).isEqualTo(Map.of("no Python at all", 5L, "Tree.walk", 5L));
        verdict.expect(1, 0.5, 10);
        assertThatThrownBy(() -> verdict.expect(1, 0.6, 10)).hasMessageContaining("without a leaf");
        assertThatThrownBy(() -> verdict.expect(1, 0.5, 11)).hasMessageContaining("samples with a leaf");
    }

    @Test
    void othersAreNotJudged() throws Exception {
        CallProfile profile = new CallProfile(PID + 1);
        profile.add(left, 10);
        assertThat(PythonTruth.of(file, 12).judge(profile.profile(), PID).samples())
                .isZero();
    }
}
