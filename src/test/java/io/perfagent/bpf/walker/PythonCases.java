package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.ANONYMOUS;
import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.CPythonEntry;
import io.perfagent.bpf.abi.CPythonEntry.CodeCounter;
import io.perfagent.bpf.abi.CPythonEntry.Offsets;
import io.perfagent.bpf.abi.CPythonEntry.Shape;
import io.perfagent.bpf.abi.CPythonEntry.TagWord;
import io.perfagent.bpf.abi.SentCode;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.Sample;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames of CPython's interpreter. A made-up one, whose frames have shims and lie below one another in a chunk:
 *
 * <pre>
 *   INTERPRETERS ─▶ INTERPRETER ─▶ STATE ─▶ frame ─▶ frame … ─▶ shim, on the stack in the frame of MAIN
 *   frame: code │ previous │ instruction │ owner [│ function]         code object: … 16 word of the tag │ 24 word of the tag │ 64 instructions
 * </pre>
 */
final class PythonCases {
    private static final long LEAF = CODE + 0x100;
    private static final long MAIN = CODE + 0x500;
    private static final long START = CODE + 0x800;
    private static final long SHIM = STACK + 0x20;
    private static final long FS_BASE = 0x7abc_0000_0700L;

    private static final long OTHER_FS_BASE = FS_BASE + 0x1_0000;

    private static final long INTERPRETERS = ANONYMOUS;
    private static final long INTERPRETER = ANONYMOUS + 0x100;
    private static final long STATE = ANONYMOUS + 0x200;
    private static final long OTHER_STATE = ANONYMOUS + 0x300;
    private static final long CODES = ANONYMOUS + 0x10_0000;
    private static final long CHUNK = ANONYMOUS + 0x20_0000;
    private static final long HEAP = ANONYMOUS + 0x30_0000;
    private static final long PAGE = 4096;
    private static final int FRAME_BYTES = 0xa0;
    /** Of the stack, the interpreter, the state, the list that it is in, and the shim. */
    private static final int OTHER_READS = 5;

    private static final int SHIM_OWNER = 3;
    private static final int FIRST_INSTRUCTION = 64;

    private static final CPythonEntry ENTRY = entry(32, 0, 0, CodeCounter.UNKNOWN);

    /** Frames have a fifth word, the function; code has its file's name behind its tag, and functions their names where code has its tag. */
    private static final int FUNCTION = 32;

    private static final int FILE = 32;
    private static final int TEXT_DATA = 16;
    /** In the interpreter; read once a sample. */
    private static final int COUNTER = 16;

    private static final CPythonEntry COUNTING = entry(32, 0, 0, new CodeCounter(0, COUNTER));
    private static final CPythonEntry COUNTING_AS_A_WHOLE = entry(32, 0, 0, new CodeCounter(INTERPRETER + COUNTER, 0));
    private static final long SECOND = 1L << 30;

    private static final CPythonEntry WITH_FUNCTIONS = entry(40, FILE, TEXT_DATA, CodeCounter.UNKNOWN);

    private PythonCases() {}

    static List<WalkCase> cases() {
        return List.of(
                new WalkCase("a chunk of frames, read at once", PythonCases::chunk),
                new WalkCase("frames at a page's start", PythonCases::chunkAtPage),
                new WalkCase("a frame across two pages", PythonCases::acrossPages),
                new WalkCase("frames of generators, between those of calls", PythonCases::generators),
                new WalkCase("a frame whose memory is gone", PythonCases::goneFrame),
                new WalkCase("frames that have changed since the last sample", PythonCases::changed),
                new WalkCase("code at the address of other code", PythonCases::reborn),
                new WalkCase("an interpreter that counts code objects", PythonCases::counted),
                new WalkCase("a process that counts code objects", PythonCases::countedAsAWhole),
                new WalkCase("a counter from which nothing follows", PythonCases::countsNothing),
                new WalkCase("a counter of one interpreter of several", PythonCases::countedByOne),
                new WalkCase("two threads by turns", PythonCases::twoThreads),
                new WalkCase("a function that calls itself", PythonCases::recursion),
                new WalkCase("code that was made out of text", PythonCases::madeOfText),
                new WalkCase("code that has a file", PythonCases::ofFile),
                new WalkCase("a state that is another thread's by now", PythonCases::otherThread),
                new WalkCase("a state that is in no list", PythonCases::unlisted),
                new WalkCase("a thread without a state", PythonCases::noState));
    }

    private static CPythonEntry entry(int frameBytes, int file, int textData, CodeCounter counter) {
        Offsets offsets = new Offsets(
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
                frameBytes,
                0,
                8,
                16,
                24,
                FIRST_INSTRUCTION,
                0,
                file,
                0,
                FUNCTION,
                16,
                24,
                textData,
                16,
                16,
                List.of(new TagWord(0, 0), new TagWord(8, 0)));
        return new CPythonEntry(
                INTERPRETERS, -1, offsets, Shape.SHIMS, true, false, SHIM_OWNER, counter, CPythonEntry.Lock.UNKNOWN);
    }

    private static Target program(HostWalker walker) {
        return program(walker, ENTRY);
    }

    private static Target program(HostWalker walker, CPythonEntry entry) {
        return new Target(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(MAIN, Rows.rsp(16))
                .rule(START, LAST_FRAME)
                .words(STACK, MAIN + 0x10)
                .words(STACK + 0x80, START + 0x10)
                .leaf(LEAF, STACK)
                .python(entry, FS_BASE)
                .words(INTERPRETERS, INTERPRETER)
                .words(INTERPRETER, 0, STATE)
                .words(STATE, 0, 0, INTERPRETER, 0, FS_BASE)
                .words(SHIM, 0, 0, 0, SHIM_OWNER);
    }

    /** Frames from the innermost on, of code objects 1, 2, 3 …, at instructions 2, 4, 6 … */
    private static Target frames(Target target, long... frames) {
        for (int i = 0; i < frames.length; i++) {
            long previous = i + 1 < frames.length ? frames[i + 1] : SHIM;
            long code = code(i + 1);
            target.words(frames[i], code, previous, code + FIRST_INSTRUCTION + 2L * (i + 1), 0);
            target.words(code + 16, i + 1, 100 + i);
        }
        return target.words(STATE + 24, frames.length == 0 ? 0 : frames[0]);
    }

    private static long code(int number) {
        return CODES + 0x1000L * number;
    }

    /** The frames of calls, the innermost first. */
    private static long[] below(long top, int count) {
        long[] frames = new long[count];
        for (int i = 0; i < count; i++) {
            frames[i] = top - (long) i * FRAME_BYTES;
        }
        return frames;
    }

    /** Numbers of code objects and instructions; that of the call is where they stand. */
    private static List<String> read(Sample sample) {
        List<String> read = new ArrayList<>();
        sample.python()
                .forEach((word, detail) ->
                        read.add((PythonFrames.code(word) - CODES) / 0x1000 + "+" + PythonFrames.instruction(detail)));
        return read;
    }

    private static void expect(Sample sample, int frames) {
        List<String> expected = new ArrayList<>();
        for (int i = 1; i <= frames; i++) {
            expected.add(i + "+" + 2 * i);
        }
        assertThat(read(sample)).isEqualTo(expected);
        assertThat(sample.python().end()).isEqualTo(PythonFrames.End.READ);
        assertThat(sample.python().unplaced()).isZero();
        assertThat(sample.python().words()[2 * frames] >>> 48 & 0xfff)
                .as("the call")
                .isEqualTo(1);
    }

    private static void chunk(HostWalker walker) {
        Target target = frames(program(walker), below(CHUNK + 0xf00, 20));
        expect(target.sample(), 20);
        expect(target.sample(), 20); // the rest of the code objects is sent
        assertThat(walker.codesSent()).isEqualTo(20);
        int before = target.reads();
        expect(target.sample(), 20);
        assertThat(target.reads() - before)
                .as("reads: of code objects, and of 1 KiB of frames each")
                .isEqualTo(OTHER_READS + 20 + 3);
    }

    /** Below them there is no memory. */
    private static void chunkAtPage(HostWalker walker) {
        expect(frames(program(walker), below(CHUNK + 3 * FRAME_BYTES, 4)).sample(), 4);
    }

    private static void acrossPages(HostWalker walker) {
        long top = CHUNK + PAGE + FRAME_BYTES - 16;
        Target target = frames(program(walker), below(top, 4));
        expect(target.sample(), 4);
    }

    /** They lie anywhere, and at a page's end too. */
    private static void generators(HostWalker walker) {
        long chunk = CHUNK + 0x800;
        Target target = frames(
                program(walker),
                chunk,
                HEAP + 0x400,
                chunk - FRAME_BYTES,
                HEAP + PAGE - 32,
                HEAP + 0x480,
                HEAP + 0x4a0,
                chunk - 0x200);
        expect(target.sample(), 7);
    }

    private static void goneFrame(HostWalker walker) {
        Target target = frames(program(walker), below(CHUNK + 0xf00, 2));
        target.words(CHUNK + 0xf00 - FRAME_BYTES + 8, HEAP + 8 * PAGE);
        Sample sample = target.sample();
        assertThat(read(sample)).containsExactly("1+2", "2+4");
        assertThat(sample.python().end()).isEqualTo(PythonFrames.End.UNREADABLE);
    }

    /** The outermost has no caller, so that what was read last are these frames. */
    private static void changed(HostWalker walker) {
        Target target = frames(program(walker), below(CHUNK + 0xf00, 3));
        target.words(CHUNK + 0xf00 - 2 * FRAME_BYTES + 8, 0);
        assertThat(read(target.sample())).containsExactly("1+2", "2+4", "3+6");
        target.words(CHUNK + 0xf00 + 16, code(1) + FIRST_INSTRUCTION + 80);
        assertThat(read(target.sample())).containsExactly("1+80", "2+4", "3+6");
    }

    private static void reborn(HostWalker walker) {
        Target target = frames(program(walker), CHUNK + 0x800);
        int first = tag(target.sample());
        assertThat(tag(target.sample())).isEqualTo(first);
        assertThat(walker.codesSent()).isEqualTo(1);
        target.words(code(1) + 16, 7);
        int second = tag(target.sample());
        target.words(code(1) + 24, 7);
        assertThat(List.of(first, second, tag(target.sample()))).doesNotHaveDuplicates();
        assertThat(walker.codesSent()).isEqualTo(3);
    }

    private static int tag(Sample sample) {
        return PythonFrames.tag(sample.python().words()[1]);
    }

    private static void counted(HostWalker walker) {
        counted(walker, COUNTING);
    }

    private static void countedAsAWhole(HostWalker walker) {
        counted(walker, COUNTING_AS_A_WHOLE);
    }

    /** A tag is read again once the counter is another, or after a second. */
    private static void counted(HostWalker walker, CPythonEntry entry) {
        Target target = frames(program(walker, entry), below(CHUNK + 0xf00, 3)).words(INTERPRETER + COUNTER, 5);
        expect(target.sample(), 3);
        int before = target.reads();
        int tag = tag(target.sample());
        assertThat(target.reads() - before).as("reads").isEqualTo(OTHER_READS + 2);
        target.words(code(1) + 16, 7);
        assertThat(tag(target.sample())).isEqualTo(tag);
        target.words(INTERPRETER + COUNTER, 6);
        int other = tag(target.sample());
        assertThat(other).isNotEqualTo(tag);
        assertThat(walker.codesSent()).isEqualTo(4);
        target.words(code(1) + 16, 8);
        assertThat(tag(target.sample())).isEqualTo(other);
        walker.pass(SECOND);
        assertThat(tag(target.sample())).isNotEqualTo(other);
    }

    /** 0: it has overflowed, or is none. So it is where it has more than there can be of code objects. */
    private static void countsNothing(HostWalker walker) {
        Target target = frames(program(walker, COUNTING), CHUNK + 0x800);
        for (long counter : new long[] {0, 1 << 25}) {
            target.words(INTERPRETER + COUNTER, counter);
            int tag = tag(target.sample());
            target.words(code(1) + 16, counter + 7);
            assertThat(tag(target.sample())).isNotEqualTo(tag);
        }
    }

    private static void countedByOne(HostWalker walker) {
        Target target = frames(program(walker, COUNTING), CHUNK + 0x800);
        target.words(INTERPRETER, INTERPRETER + 0x40, STATE, 5);
        int tag = tag(target.sample());
        target.words(code(1) + 16, 7);
        assertThat(tag(target.sample())).isNotEqualTo(tag);
    }

    /** Each is looked for once. */
    private static void twoThreads(HostWalker walker) {
        Target target = frames(program(walker), CHUNK + 0x800)
                .words(STATE, 0, OTHER_STATE)
                .words(OTHER_STATE, STATE, 0, INTERPRETER, CHUNK + 0x800, OTHER_FS_BASE);
        expect(target.sample(), 1);
        expect(target.python(ENTRY, OTHER_FS_BASE).sample(), 1);
        int before = target.reads();
        expect(target.python(ENTRY, FS_BASE).sample(), 1);
        expect(target.python(ENTRY, OTHER_FS_BASE).sample(), 1);
        assertThat(target.reads() - before).as("reads").isEqualTo(2 * (OTHER_READS + 2));
    }

    private static void recursion(HostWalker walker) {
        long[] frames = below(CHUNK + 0xf00, 12);
        Target target = frames(program(walker), frames);
        for (long frame : frames) {
            target.words(frame, code(1)).words(frame + 16, code(1) + FIRST_INSTRUCTION + 4);
        }
        Sample sample = target.sample();
        assertThat(read(sample)).hasSize(12).containsOnly("1+4");
        assertThat(walker.codesSent()).isEqualTo(1);
        int before = target.reads();
        long tags = target.sample().python().words()[1];
        assertThat(target.reads() - before).as("reads").isEqualTo(OTHER_READS + 1 + 2);
        target.words(code(1) + 16, 7);
        assertThat(target.sample().python().words()[1]).isNotEqualTo(tags);
    }

    /** The function is sent along, and what it calls itself. */
    private static void madeOfText(HostWalker walker) {
        SentCode sent = sentOfFile(walker, '<');
        assertThat(sent.function()).isEqualTo(HEAP);
        assertThat(sent.read(HEAP + 24, new byte[8], 0, 8)).isTrue();
        byte[] names = new byte[2];
        assertThat(sent.read(HEAP + 0x100 + TEXT_DATA, names, 0, 1)).isTrue();
        assertThat(sent.read(HEAP + 0x200 + TEXT_DATA, names, 1, 1)).isTrue();
        assertThat(names).containsExactly('n', 'm');
    }

    private static void ofFile(HostWalker walker) {
        SentCode sent = sentOfFile(walker, '/');
        assertThat(sent.function()).isEqualTo(HEAP);
        assertThat(sent.read(HEAP, new byte[8], 0, 8)).isFalse();
        assertThat(sent.read(HEAP + 0x100, new byte[8], 0, 8)).isFalse();
    }

    /** A function at HEAP, behind it its name, its module and the name of its code's file. */
    private static SentCode sentOfFile(HostWalker walker, int first) {
        Target target = frames(program(walker, WITH_FUNCTIONS), CHUNK + 0x800);
        target.words(CHUNK + 0x800 + FUNCTION, HEAP)
                .words(HEAP + 16, HEAP + 0x100, HEAP + 0x200)
                .bytes(HEAP + 0x100 + TEXT_DATA, 'n')
                .bytes(HEAP + 0x200 + TEXT_DATA, 'm')
                .words(code(1) + FILE, HEAP + 0x300)
                .bytes(HEAP + 0x300 + TEXT_DATA, first, 's');
        expect(target.sample(), 1);
        assertThat(walker.codesSent()).isEqualTo(1);
        return walker.codeSent();
    }

    private static void otherThread(HostWalker walker) {
        Target target = frames(program(walker), CHUNK + 0x800);
        expect(target.sample(), 1);
        target.words(STATE + 32, FS_BASE + 0x1000);
        assertThat(target.sample().python().end()).isEqualTo(PythonFrames.End.NO_THREAD);
    }

    /** Its memory is as it was, but the list goes past it: the thread has ended, another has its address and a state of its own. */
    private static void unlisted(HostWalker walker) {
        Target target = frames(program(walker), CHUNK + 0x800);
        expect(target.sample(), 1);
        target.words(INTERPRETER, 0, OTHER_STATE).words(OTHER_STATE, 0, 0, INTERPRETER, 0, FS_BASE);
        Sample sample = target.sample();
        assertThat(read(sample)).isEmpty();
        assertThat(sample.python().end()).isEqualTo(PythonFrames.End.READ);
    }

    private static void noState(HostWalker walker) {
        Target target = program(walker).words(INTERPRETER, 0, 0);
        assertThat(target.sample().python().end()).isEqualTo(PythonFrames.End.NO_THREAD);
    }
}
