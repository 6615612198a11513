package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;

import io.perfagent.model.StackCopies;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.table.EncodedRule;
import java.util.List;

/** Code that a process has made, all of which keeps frame pointers, as V8's. */
final class MadeFrameCases {
    private static final long MAIN = CODE + 0x500;
    private static final long BACK = MAIN + 0x20;
    private static final long MADE = CODE + 0x20_0000;
    private static final long LEAF = MADE + 0x40;
    private static final long CALLER = MADE + 0x400;
    private static final long FRAME = STACK + 0x80;
    private static final long CALLERS_FRAME = STACK + 0x100;
    private static final String INDIRECT = "ffd0";

    private MadeFrameCases() {}

    static List<WalkCase> cases() {
        return List.of(
                new WalkCase("made frames: leaf and caller", w -> leaf(w, "90", 0, FRAME, false)),
                new WalkCase(
                        "made frames: leaf before push", w -> leaf(w, "90909090554889e5", 0, CALLERS_FRAME, false)),
                new WalkCase("made frames: leaf long before push", w -> longBeforePush(w, 20, true)),
                new WalkCase("made frames: leaf too long before push", w -> longBeforePush(w, 21, false)),
                new WalkCase("made frames: leaf behind push", w -> leaf(w, "554889e5", 1, CALLERS_FRAME, false)),
                new WalkCase("made frames: leaf at ret", w -> leaf(w, "c3", 0, CALLERS_FRAME, false)),
                new WalkCase("made frames: leaf at ret of words", w -> leaf(w, "c21800", 0, CALLERS_FRAME, false)),
                new WalkCase("made frames: leaf behind its frame", w -> leaf(w, "488be55d59", 4, CALLERS_FRAME, true)),
                new WalkCase("made frames: slow path behind a return", MadeFrameCases::behindAReturn),
                new WalkCase("made frames: stale word on top", MadeFrameCases::staleTop),
                new WalkCase("made frames: jumps over code of a file", w -> jumpsOver(w, CODE + 0x120, true)),
                new WalkCase("made frames: what calls others is none", w -> jumpsOver(w, CODE + 0x140, false)),
                new WalkCase(
                        "made frames: stale words, but the code keeps rbp",
                        w -> known(w, Rows.register(CpuRegisters.RBP, 16), false)),
                new WalkCase(
                        "made frames: stale words, and the code keeps another frame",
                        w -> known(w, Rows.register(CpuRegisters.RBP, 24), true)),
                new WalkCase(
                        "made frames: stale words, and the code keeps no frame",
                        w -> known(w, Rows.register(CpuRegisters.RSP, 16), true)),
                new WalkCase("made frames: jumps over made code", w -> jumpsOver(w, CALLER + 0x20, false)),
                new WalkCase("made frames: a large frame", MadeFrameCases::largeFrame),
                new WalkCase("made frames: called by what has jumped", MadeFrameCases::calledElsewhere),
                new WalkCase("made frames: no frame pointer", MadeFrameCases::withoutFramePointer),
                new WalkCase("made frames: may be mapped by now", MadeFrameCases::mayBeMappedByNow));
    }

    /** main calls the caller, which keeps a frame, and calls the leaf. */
    private static Target program(HostWalker walker) {
        return new Target(walker)
                .rule(CODE + 0x100, Rows.rsp(1))
                .rule(MAIN, LAST_FRAME)
                .code(BACK - 2, INDIRECT)
                .code(CALLER + 0x20 - 2, INDIRECT)
                .code(CODE + 0x120 - 2, INDIRECT)
                .code(CODE + 0x140 - 5, "e800000000")
                .code(LEAF - 0x30, "90".repeat(0x60))
                .words(FRAME, CALLERS_FRAME, CALLER + 0x20)
                .words(CALLERS_FRAME, 0, BACK)
                .makesCode()
                .makesFrames()
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME);
    }

    private static void expectChain(Target target, boolean guessed) {
        target.expectGuessed(guessed, WalkEnd.END_OF_STACK, LEAF, CALLER + 0x1f, BACK - 1);
    }

    /** Of the code's bytes so many have run; rbp is the leaf's or its caller's. */
    private static void leaf(HostWalker walker, String code, int run, long rbp, boolean guessed) {
        boolean pushed = code.startsWith("55") && run == 1;
        Target target = program(walker).code(LEAF - run, code).register(CpuRegisters.RBP, rbp);
        if (rbp == CALLERS_FRAME) {
            target.words(STACK, pushed ? new long[] {CALLERS_FRAME, CALLER + 0x20} : new long[] {CALLER + 0x20});
        }
        if (pushed) {
            target.register(CpuRegisters.RBP, 12345);
        }
        expectChain(target, guessed);
    }

    private static void longBeforePush(HostWalker walker, int bytes, boolean seen) {
        Target target = program(walker)
                .code(LEAF + bytes, "554889e5")
                .words(STACK, CALLER + 0x20)
                .register(CpuRegisters.RBP, CALLERS_FRAME);
        if (seen) {
            expectChain(target, false);
        } else {
            target.expectGuessed(true, WalkEnd.END_OF_STACK, LEAF, BACK - 1);
        }
    }

    private static void behindAReturn(HostWalker walker) {
        expectChain(program(walker).code(LEAF - 6, "488be55dc390").words(STACK, 12345), false);
    }

    private static void staleTop(HostWalker walker) {
        expectChain(program(walker).words(STACK, CALLER + 0x20), true);
    }

    private static void jumpsOver(HostWalker walker, long word, boolean guessed) {
        expectChain(program(walker).words(STACK, 1, 2, word), guessed);
    }

    /** What the code does up to its return has been followed. */
    private static void known(HostWalker walker, EncodedRule rule, boolean guessed) {
        expectChain(program(walker).words(STACK, CALLER + 0x20).made(LEAF, Rows.checked(rule)), guessed);
        expectChain(program(walker).words(STACK, 1, 2, CODE + 0x120).made(LEAF, Rows.checked(rule)), guessed);
    }

    /** Of one that is larger not all words are looked at. */
    private static void largeFrame(HostWalker walker) {
        expectChain(withFrame(walker, STACK + 2048), false);
        expectChain(withFrame(walker, STACK + 2056), true);
    }

    private static Target withFrame(HostWalker walker, long frame) {
        return program(walker)
                .words(frame, frame + 0x80, CALLER + 0x20)
                .words(frame + 0x80, 0, BACK)
                .register(CpuRegisters.RBP, frame);
    }

    /** The caller was jumped to by what main has called. */
    private static void calledElsewhere(HostWalker walker) {
        String distance = String.format("%08x", Integer.reverseBytes((int) (CODE + 0x100 - BACK)));
        expectChain(program(walker).code(BACK - 5, "e8" + distance), false);
    }

    private static void withoutFramePointer(HostWalker walker) {
        program(walker).register(CpuRegisters.RBP, FRAME + 4).expect(WalkEnd.NOT_CALLED, LEAF);
        program(walker).register(CpuRegisters.RBP, STACK - 16).expect(WalkEnd.NOT_CALLED, LEAF);
    }

    private static void mayBeMappedByNow(HostWalker walker) {
        new Target(walker)
                .rule(MAIN, LAST_FRAME)
                .code(BACK - 2, INDIRECT)
                .code(LEAF - 0x30, "90".repeat(0x60))
                .words(FRAME, 0, BACK)
                .makesFrames()
                .copies(StackCopies.UNKNOWN_CODE)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expect(WalkEnd.NO_MAPPING, LEAF);
    }
}
