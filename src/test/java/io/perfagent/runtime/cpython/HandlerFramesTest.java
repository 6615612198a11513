package io.perfagent.runtime.cpython;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.CodeMemory;
import io.perfagent.model.Event;
import io.perfagent.model.Mapping;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import io.perfagent.model.WalkEnd;
import io.perfagent.procfs.ProcMaps;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Stacks of an interpreter with tail calls. Its evaluation function and what calls handlers are as clang writes them:
 *
 * <pre>
 *   START  evaluation function          CALLER  one that it is inlined in          TABLE  256 handlers
 * </pre>
 */
class HandlerFramesTest {
    private static final int MEMORY = 0x40_0000;
    private static final int START = MEMORY + 0x80;
    private static final int CALLER = START + 0x100;
    private static final int HANDLERS = START + 0x1000;
    private static final int THROWN = HANDLERS + 0x800;
    private static final int TABLE = START + 0x2000;
    private static final int SIZE = 0x4000;
    private static final long ELSEWHERE = START + 0x1a00;
    private static final List<Mapping> CODE =
            ProcMaps.parse("400000-402000 r-xp 00000000 fe:00 77 /usr/bin/python3.14\n");

    private final ByteBuffer bytes = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);

    HandlerFramesTest() {
        for (int opcode = 0; opcode < 256; opcode++) {
            bytes.putLong(TABLE - MEMORY + 8 * opcode, HANDLERS + 4L * opcode);
        }
        atFixedAddress();
    }

    @Test
    void theHandlerIsAPartOfTheEvaluationFunction() {
        assertThat(stack(1, START + 7)).isEqualTo("1 f call 4");
    }

    /** Where code may lie anywhere the table's address is loaded first. */
    @Test
    void aTableFoundByItsDistance() {
        code(START, "488d0d").putInt(TABLE - (START + 7));
        code(START + 11, "ff14c1 4883c468 c3");
        assertThat(stack(1, START + 14)).isEqualTo("1 f call 4");
    }

    /** Of one that is called most: a comparison, then a call by its name. */
    @Test
    void aHandlerCalledByItsName() {
        code(CALLER, "e8").putInt(HANDLERS + 40 - (CALLER + 5));
        assertThat(stack(1, CALLER + 5)).isEqualTo("1 f call 4");
    }

    /** It is in no table, but called for the same end. */
    @Test
    void whereAnErrorIsThrown() {
        assertThat(stack(1, START + 14)).isEqualTo("1 f call 4");
        code(CALLER, "e8").putInt(THROWN - (CALLER + 5));
        assertThat(stack(1, CALLER + 5)).isEqualTo("1 f call 4");
    }

    @Test
    void otherFunctionsStay() {
        code(CALLER, "e8").putInt((int) ELSEWHERE - (CALLER + 5));
        assertThat(stack(1, CALLER + 5)).isEqualTo("1 2 f call 4");
        assertThat(stack(1, ELSEWHERE)).isEqualTo("1 2 f call 4");
    }

    /** What it does itself, rather than what it calls. */
    @Test
    void theHandlerAsLeaf() {
        Sample sample = sample(new long[] {1, START + 6, 3}, 0xaL << 60, 0, 0xbL << 60 | 1L << 48);
        assertThat(removed(sample, evaluation()).merged().user()).containsExactly(0xaL << 60, 0, START + 6, 3);
    }

    /** The handler's own frame may be the one that is missing. */
    @Test
    void aGuessedStackStays() {
        Sample sample = sample(new long[] {1, START + 6, 3}, 0xaL << 60, 0, 0xbL << 60 | 1L << 48);
        Sample guessed = sample.with(sample.user(), sample.python(), WalkEnd.END_OF_STACK, true);
        assertThat(removed(guessed, evaluation())).isSameAs(guessed);
    }

    /** Its first instructions are its own. */
    @Test
    void theEvaluationFunctionAsLeaf() {
        assertThat(stack(0, START + 7)).isEqualTo("f call 2 3 4");
    }

    /** Tables of operators are followed by something else. */
    @Test
    void aBuildWithoutTailCalls() {
        bytes.putLong(TABLE - MEMORY + 8 * 200, TABLE);
        assertThat(stack(1, START + 7)).isEqualTo("1 2 f call 4");
    }

    /** A program that is no interpreter may have any number of them, and is asked in each process. */
    @Test
    void oneOfManyTables() {
        List<CodeRange> evaluation = List.of(new CodeRange(START, START + 0xf0));
        code(START + 0xe0, "ff14c5").putInt(TABLE);
        others(15);
        assertThat(stack(1, START + 0xe7, evaluation)).isEqualTo("1 f call 4");
        others(16);
        assertThat(stack(1, START + 0xe7, evaluation)).isEqualTo("1 2 f call 4");
    }

    private void others(int count) {
        for (int other = 0; other < count; other++) {
            code(START + 7 * other, "ff14c5").putInt(START);
        }
    }

    @Test
    void anInterpreterWithoutSymbols() {
        assertThat(stack(1, START + 7, List.of())).isEqualTo("1 2 f call 4");
    }

    /** A handler that has the evaluation function in it, too, which runs g. */
    @Test
    void aHandlerThatIsACall() {
        Sample sample = sample(
                new long[] {1, 2, START + 6},
                0xaL << 60,
                0,
                0xbL << 60 | 1L << 48,
                0xaL << 60,
                0,
                0xbL << 60 | 2L << 48);
        assertThat(removed(sample, evaluation()).user()).containsExactly(1, 2, START + 6);
    }

    /** Two calls, one of which is moved by both. */
    @Test
    void callsBehindAreMoved() {
        long[] user = {1, START + 6, 3, 4, START + 6, 6};
        Sample sample = sample(user, 0xaL << 60, 0, 0xbL << 60 | 1L << 48, 0xaL << 60 | 1, 0, 0xbL << 60 | 4L << 48);
        assertThat(removed(sample, evaluation()).merged().user())
                .containsExactly(0xaL << 60, 0, START + 6, 3, 0xaL << 60 | 1, 0, START + 6, 6);
    }

    private void atFixedAddress() {
        code(START, "ff14c5").putInt(TABLE);
        code(START + 7, "eb05 e8").putInt(THROWN - (START + 14));
        code(START + 14, "4883c468 c3");
    }

    private ByteBuffer code(int address, String hex) {
        return bytes.position(address - MEMORY).put(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    /** Leaf first, where the address at {@code index} is in a call that returns to {@code address}. */
    private String stack(int index, long address) {
        return stack(index, address, evaluation());
    }

    private String stack(int index, long address, List<CodeRange> evaluation) {
        long[] user = {1, 2, 3, 4};
        int at = index == 0 ? 0 : index + 1;
        user[at] = address - 1;
        Sample sample = sample(user, 0xaL << 60, 0, 0xbL << 60 | (long) at << 48);
        StringBuilder text = new StringBuilder();
        long[] merged = removed(sample, evaluation).merged().user();
        for (int i = 0; i < merged.length; i++) {
            boolean frame = PythonFrames.isFrame(merged[i]);
            text.append(frame ? "f" : merged[i] == address - 1 ? "call" : Long.toString(merged[i]))
                    .append(' ');
            i += frame ? 1 : 0;
        }
        return text.toString().strip();
    }

    private static List<CodeRange> evaluation() {
        return List.of(new CodeRange(START, START + 0x40));
    }

    private Sample removed(Sample sample, List<CodeRange> evaluation) {
        return new HandlerFrames(evaluation, memory()).removedFrom(sample, CODE);
    }

    private CodeMemory memory() {
        return (address, to, at, length) -> {
            if (address < MEMORY || address > MEMORY + SIZE - length) {
                return false;
            }
            bytes.get((int) (address - MEMORY), to, at, length);
            return true;
        };
    }

    private static Sample sample(long[] user, long... words) {
        PythonFrames python = new PythonFrames(words, PythonFrames.End.READ);
        return new Sample(
                Event.CPU_CLOCK, 1, 1, 42, 42, "python", new long[0], user, python, WalkEnd.END_OF_STACK, false);
    }
}
