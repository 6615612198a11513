package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.ANONYMOUS;
import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.CPythonEntry;
import io.perfagent.bpf.abi.CPythonEntry.CodeCounter;
import io.perfagent.bpf.abi.CPythonEntry.Offsets;
import io.perfagent.bpf.abi.CPythonEntry.Shape;
import io.perfagent.bpf.abi.CPythonEntry.TagWord;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import io.perfagent.model.WalkEnd;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;

/**
 * The recorded stack of an interpreter with tail calls: {@code unwind/tail-calls.txt}. Two calls of the evaluation function, which is inlined
 * where it is called from, have their shims in it, as they were; the frames between, which lay elsewhere, are made up:
 *
 * <pre>
 *   C │ handler │ call 4: key │ C … list.sort … │ handler │ call 12: work, &lt;module&gt; │ C
 * </pre>
 */
final class TailCallCases {
    /** The code, moved to where a target's is. */
    private static final long RECORDED_CODE = 0x1a0_0000;

    private static final long RECORDED_CODE_END = 0x1b0_0000;
    private static final int INNER_CALL = 4;
    private static final int OUTER_CALL = 12;

    private static final long INNER_SHIM = 0x7ffe_d0ac_5d10L;
    private static final long OUTER_SHIM = 0x7ffe_d0ac_7210L;
    /** Where the shim says that its caller's frame was. */
    private static final long WORK = 0x7f50_72df_5098L;

    private static final long FS_BASE = 0x7f50_7300_0740L;
    private static final long INTERPRETERS = ANONYMOUS;
    private static final long INTERPRETER = ANONYMOUS + 0x100;
    private static final long STATE = ANONYMOUS + 0x200;
    private static final long KEY = ANONYMOUS + 0x300;
    private static final long MODULE = ANONYMOUS + 0x400;
    private static final long CODES = ANONYMOUS + 0x1000;

    /** Offsets in frames, as 3.14.6 has them; all else is made up. */
    private static final CPythonEntry ENTRY = new CPythonEntry(
            INTERPRETERS,
            -4,
            new Offsets(
                    0,
                    8,
                    0,
                    8,
                    16,
                    32,
                    24,
                    0,
                    0,
                    0,
                    40,
                    80,
                    0,
                    8,
                    56,
                    74,
                    64,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    16,
                    16,
                    List.of(new TagWord(0, 0))),
            Shape.SHIMS,
            true,
            false,
            3,
            CodeCounter.UNKNOWN,
            CPythonEntry.Lock.UNKNOWN);

    private TailCallCases() {}

    static List<WalkCase> cases() {
        return List.of(new WalkCase("a function called by C that a function called", TailCallCases::recorded));
    }

    private static void recorded(HostWalker walker) {
        List<long[]> frames = lines("frame");
        Target target = new Target(walker).python(ENTRY, FS_BASE);
        long[] leaf = frames.getFirst();
        target.leaf(moved(leaf[0]), leaf[1]).register(CpuRegisters.RBP, leaf[2]);
        long[] words = lines("words").stream().flatMapToLong(Arrays::stream).toArray();
        target.words(leaf[1], LongStream.of(words).map(TailCallCases::moved).toArray());
        List<Long> expected = new ArrayList<>();
        for (long[] frame : frames) {
            long at = moved(frame[0]) - (expected.isEmpty() ? 0 : 1);
            target.rule(at, expected.size() == frames.size() - 1 ? LAST_FRAME : Rows.framePointer());
            expected.add(at);
        }
        Sample sample = python(target).sample();
        assertThat(sample.end()).isEqualTo(WalkEnd.END_OF_STACK);
        assertThat(sample.user())
                .containsExactly(expected.stream().mapToLong(Long::longValue).toArray());
        assertThat(sample.python().end()).isEqualTo(PythonFrames.End.READ);
        assertThat(Arrays.stream(sample.python().words()).filter(word -> word >>> 60 >= 0xa))
                .containsExactly(
                        PythonFrames.frameWord(CODES),
                        call(INNER_CALL, INNER_SHIM),
                        PythonFrames.frameWord(CODES + 0x100),
                        PythonFrames.frameWord(CODES + 0x200),
                        call(OUTER_CALL, OUTER_SHIM));
    }

    /** From the thread's state on. */
    private static Target python(Target target) {
        return frame(
                        frame(frame(target, KEY, CODES, INNER_SHIM), WORK, CODES + 0x100, MODULE),
                        MODULE,
                        CODES + 0x200,
                        OUTER_SHIM)
                .words(INTERPRETERS, INTERPRETER)
                .words(INTERPRETER, 0, STATE)
                .words(STATE, 0, 0, INTERPRETER, KEY, FS_BASE);
    }

    private static Target frame(Target target, long address, long code, long previous) {
        return target.words(address, code | 1, previous, 0, 0, 0, 0, 0, code + 64, 0, 0)
                .words(code + 16, code, 0);
    }

    private static long call(int index, long local) {
        return 0xbL << 60 | (long) index << 48 | local;
    }

    private static long moved(long word) {
        return word >= RECORDED_CODE && word < RECORDED_CODE_END ? word - RECORDED_CODE + CODE : word;
    }

    private static List<long[]> lines(String kind) {
        try (InputStream text = TailCallCases.class.getResourceAsStream("/unwind/tail-calls.txt")) {
            return new String(Objects.requireNonNull(text).readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> line.startsWith(kind))
                    .map(line -> Arrays.stream(line.split(" ", -1))
                            .skip(1)
                            .mapToLong(word -> Long.parseUnsignedLong(word, 16))
                            .toArray())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
