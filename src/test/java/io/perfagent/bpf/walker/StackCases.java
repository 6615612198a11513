package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.Limits;
import io.perfagent.model.WalkEnd;
import java.util.Arrays;
import java.util.List;

/** The stack's memory: windows, pages, alignment, what cannot be read, how deep it may be. */
final class StackCases {
    private static final int PAGE = 4096;
    private static final long LEAF = CODE + 0x100;
    private static final long A = CODE + 0x200;
    private static final long B = CODE + 0x300;
    private static final long C = CODE + 0x400;
    private static final long VSYSCALL = 0xffff_ffff_ff60_0000L;
    private static final long MAIN = CODE + 0x500;

    private StackCases() {}

    static List<WalkCase> cases() {
        return List.of(
                new WalkCase("return addresses at each word around a page's end", StackCases::aroundPageEnd),
                new WalkCase("return addresses at each byte around a page's end", StackCases::unaligned),
                new WalkCase("the first read fails", w -> unreadable(w, 0)),
                new WalkCase("the next page cannot be read", w -> unreadable(w, 8)),
                new WalkCase("a word reaches into a page that cannot be read", StackCases::reachesOut),
                new WalkCase("the page above is not read before it is needed", StackCases::onlyWhatIsNeeded),
                new WalkCase("a stack is read in pieces, not by the word", StackCases::readInPieces),
                new WalkCase("a saved register behind the window", StackCases::behindWindow),
                new WalkCase("a saved register is read once", StackCases::registerReadOnce),
                new WalkCase("a window is of one walk only", StackCases::freshWindow),
                new WalkCase("return address 0, but rbp is not", w -> zero(w, 0x100, WalkEnd.ZERO_RETURN)),
                new WalkCase(
                        "return address 0 in the stack's last words", w -> zero(w, PAGE - 64, WalkEnd.END_OF_STACK)),
                new WalkCase("return address 0 before the last words", w -> zero(w, PAGE - 72, WalkEnd.ZERO_RETURN)),
                new WalkCase("return address 0, and rbp cannot be known", StackCases::zeroWithoutFramePointer),
                new WalkCase("4,096 frames fit", w -> deep(w, Limits.MAX_USER_FRAMES, WalkEnd.END_OF_STACK)),
                new WalkCase("4,097 frames do not", w -> deep(w, Limits.MAX_USER_FRAMES + 1, WalkEnd.TOO_DEEP)),
                new WalkCase("an address of the kernel's half, as the vsyscall page", StackCases::inUpperHalf),
                new WalkCase("an endless stack", w -> deep(w, 2 * Limits.MAX_USER_FRAMES, WalkEnd.TOO_DEEP)));
    }

    private static Target program(HostWalker walker) {
        return new Target(walker).rule(LEAF, Rows.rsp(1)).rule(A, Rows.rsp(2)).rule(MAIN, LAST_FRAME);
    }

    private static void inUpperHalf(HostWalker walker) {
        new Target(walker).leaf(VSYSCALL, STACK).expect(WalkEnd.BAD_CODE, VSYSCALL);
    }

    private static void aroundPageEnd(HostWalker walker) {
        for (int offset = PAGE - 40; offset <= PAGE + 8; offset += 8) {
            threeFrames(walker, STACK + offset);
        }
    }

    private static void unaligned(HostWalker walker) {
        for (int offset = PAGE - 40; offset <= PAGE + 8; offset++) {
            threeFrames(walker, STACK + offset);
        }
    }

    private static void threeFrames(HostWalker walker, long sp) {
        program(walker)
                .words(sp, A + 0x10, 1, A + 0x20, 2, MAIN + 0x10)
                .leaf(LEAF, sp)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, A + 0x1f, MAIN + 0xf);
    }

    private static void unreadable(HostWalker walker, int readable) {
        long sp = STACK + PAGE - readable;
        Target target = program(walker).leaf(LEAF, sp);
        if (readable == 0) {
            target.expect(WalkEnd.STACK_UNREADABLE, LEAF);
        } else {
            target.words(sp, A + 0x10).expect(WalkEnd.STACK_UNREADABLE, LEAF, A + 0xf);
        }
    }

    private static void reachesOut(HostWalker walker) {
        long sp = STACK + PAGE - 12;
        program(walker)
                .words(sp, A + 0x10)
                .rule(A, Rows.rsp(1))
                .leaf(LEAF, sp)
                .expect(WalkEnd.STACK_UNREADABLE, LEAF, A + 0xf);
    }

    private static void onlyWhatIsNeeded(HostWalker walker) {
        long sp = STACK + PAGE - 24;
        Target target = program(walker).words(sp, A + 0x10, 1, MAIN + 0x10).leaf(LEAF, sp);
        target.expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
        assertThat(target.reads()).isEqualTo(1);
    }

    private static void readInPieces(HostWalker walker) {
        Target target = program(walker).leaf(LEAF, STACK).words(STACK, A + 0x10);
        for (int frame = 0; frame < 600; frame++) {
            target.words(STACK + 8 + 16L * frame, 1, A + 0x10);
        }
        target.words(STACK + 8 + 16L * 600, 1, MAIN + 0x10);
        assertThat(target.sample().user()).hasSize(603);
        assertThat(target.reads()).isBetween(3, 8); // 9,632 bytes
    }

    /** rbp was saved two pages below what the walk has come to; the walk goes on in its window afterwards. */
    private static void behindWindow(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.rsp(2, 2, 0))
                .rule(A, Rows.rsp(255))
                .rule(B, Rows.framePointer())
                .rule(C, Rows.rsp(3))
                .words(STACK, STACK + 0x1900, A + 0x10)
                .words(STACK + 8 + 255 * 8, A + 0x20)
                .words(STACK + 8 + 510 * 8, A + 0x30)
                .words(STACK + 8 + 765 * 8, B + 0x10)
                .words(STACK + 0x1900, STACK, C + 0x10, 1, 2, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, A + 0x1f, A + 0x2f, B + 0xf, C + 0xf, MAIN + 0xf);
    }

    /** Two frames need rbp, which was saved behind the window. */
    private static void registerReadOnce(HostWalker walker) {
        Target target = program(walker)
                .rule(LEAF, Rows.saving(16, 1, 0x10_0000, 0, 0))
                .rule(B, Rows.rbp(2, 0, 0))
                .rule(C, Rows.rbp(4, 0, 0))
                .words(STACK, 1, B + 0x10)
                .words(STACK + 0x10_0010, STACK + 0x40)
                .words(STACK + 0x40, 1, C + 0x10, 2, MAIN + 0x10)
                .leaf(LEAF, STACK);
        target.expect(WalkEnd.END_OF_STACK, LEAF, B + 0xf, C + 0xf, MAIN + 0xf);
        assertThat(target.reads()).isEqualTo(3); // rbp's page becomes the window
    }

    private static void freshWindow(HostWalker walker) {
        Target target = program(walker)
                .words(STACK, A + 0x10, 1, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, 0);
        target.expect(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
        target.words(STACK, A + 0x20, 1, 0).expect(WalkEnd.END_OF_STACK, LEAF, A + 0x1f);
    }

    private static void zero(HostWalker walker, int at, WalkEnd end) {
        walker.stackEnd(0);
        Target target =
                program(walker).words(STACK + at, 0).leaf(LEAF, STACK + at).register(CpuRegisters.RBP, 5);
        walker.stackEnd(STACK + PAGE);
        target.expect(end, LEAF);
    }

    private static void zeroWithoutFramePointer(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.saving(16, 3, 0, 0, 0))
                .words(STACK, 1, 0)
                .leaf(LEAF, STACK)
                .expect(WalkEnd.ZERO_RETURN, LEAF);
    }

    /** Recursion: as many frames of one function, then the return address 0. */
    private static void deep(HostWalker walker, int frames, WalkEnd end) {
        Target target =
                new Target(walker).rule(A, Rows.rsp(2)).leaf(A + 0xf, STACK).register(CpuRegisters.RBP, 0);
        for (int frame = 1; frame < frames; frame++) {
            target.words(STACK + 16L * frame - 8, A + 0x10);
        }
        target.words(STACK + 16L * frames - 8, 0);
        long[] expected = new long[Math.min(frames, Limits.MAX_USER_FRAMES)];
        Arrays.fill(expected, A + 0xf);
        target.expect(end, expected);
    }
}
