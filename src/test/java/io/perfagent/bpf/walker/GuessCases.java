package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.ANONYMOUS;
import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import java.util.ArrayList;
import java.util.List;

/** Frames of code that nothing describes, and frame pointers only. */
final class GuessCases {
    private static final long LEAF = CODE + 0x100;
    private static final long GAP = CODE + 0x180;
    private static final long MAIN = CODE + 0x500;
    private static final long CLOSURE = ANONYMOUS + 0x40;
    private static final long FRAME = STACK + 0x800;
    private static final int[] CALL = {0xe8, 1, 2, 3, 4};

    private GuessCases() {}

    static List<WalkCase> cases() {
        List<WalkCase> cases = new ArrayList<>();
        for (int[] call : new int[][] {
            CALL,
            {0xff, 0xd0},
            {0x41, 0xff, 0xd3},
            {0xff, 0x50, 8},
            {0xff, 0x54, 0x24, 8},
            {0xff, 0x15, 1, 2, 3, 4},
            {0xff, 0x94, 0x24, 1, 2, 3, 4}
        }) {
            cases.add(new WalkCase("closure called by " + hex(call), w -> closure(w, call)));
            cases.add(new WalkCase("frame pointer behind " + hex(call), w -> framePointer(w, call)));
        }
        for (int[] other : new int[][] {{0xe9, 1, 2, 3, 4}, {0xff, 0xe0}, {0xff, 0xc0}, {0xff, 0xdf}, {0x90}}) {
            cases.add(new WalkCase("closure, but " + hex(other) + " is no call", w -> noClosure(w, other)));
            cases.add(new WalkCase("frame pointer, but " + hex(other) + " is no call", w -> noFramePointer(w, other)));
        }
        cases.addAll(List.of(
                new WalkCase("no guess without being asked", GuessCases::onlyInAuto),
                new WalkCase("a leaf in a gap of a table", GuessCases::leafInGap),
                new WalkCase("a caller in a gap of a table is not guessed", GuessCases::callerInGap),
                new WalkCase("a caller in a gap of a table that has pushed rbp only", GuessCases::pushingCallerInGap),
                new WalkCase("a caller in a gap of a table above a zero", GuessCases::callerInGapAboveZero),
                new WalkCase("a leaf that has pushed falls back to frame pointers", GuessCases::leafWithFrame),
                new WalkCase("a leaf above a zero is no complete stack", GuessCases::leafAboveZero),
                new WalkCase("frame pointers up to return address 0", GuessCases::framePointersEnd),
                new WalkCase("frame pointer below rsp", w -> implausible(w, STACK - 8)),
                new WalkCase("frame pointer too far away", w -> implausible(w, STACK + (1 << 20) + 16)),
                new WalkCase("frame pointer not aligned", w -> implausible(w, FRAME + 4)),
                new WalkCase("frame pointer to nowhere", GuessCases::unreadable),
                new WalkCase("frame pointer lost", GuessCases::lost),
                new WalkCase("a guess is not remembered", GuessCases::notCached),
                new WalkCase("frame pointers only", GuessCases::framePointersOnly),
                new WalkCase("frame pointers only, into nothing", GuessCases::framePointersUnreadable)));
        return cases;
    }

    private static String hex(int[] bytes) {
        StringBuilder text = new StringBuilder();
        for (int value : bytes) {
            text.append(Integer.toHexString(value)).append(' ');
        }
        return text.toString().trim();
    }

    /** The bytes before {@code MAIN + 0x20}; what is further back would be a call if it counted. */
    private static Target program(HostWalker walker, int... before) {
        return new Target(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(MAIN, LAST_FRAME)
                .rule(GAP, UnwindRow.stop(WalkEnd.NO_RULE))
                .bytes(CLOSURE - 0x10, new int[0x40])
                .bytes(MAIN + 0x20 - before.length, before);
    }

    private static void closure(HostWalker walker, int[] call) {
        program(walker, call)
                .words(STACK, MAIN + 0x20)
                .leaf(CLOSURE, STACK)
                .expect(WalkEnd.END_OF_STACK, CLOSURE, MAIN + 0x1f);
    }

    private static void noClosure(HostWalker walker, int[] other) {
        program(walker, other).words(STACK, MAIN + 0x20).leaf(CLOSURE, STACK).expect(WalkEnd.NO_MAPPING, CLOSURE);
    }

    private static void framePointer(HostWalker walker, int[] call) {
        program(walker, call)
                .words(STACK, CLOSURE + 1)
                .words(FRAME, 0, MAIN + 0x20)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expect(WalkEnd.END_OF_STACK, LEAF, CLOSURE, MAIN + 0x1f);
    }

    private static void noFramePointer(HostWalker walker, int[] other) {
        program(walker, other)
                .mappingWithoutTable(ANONYMOUS, ANONYMOUS + 0x1000)
                .words(STACK, CLOSURE + 1)
                .words(FRAME, 0, MAIN + 0x20)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expect(WalkEnd.NO_TABLE, LEAF, CLOSURE);
    }

    private static void onlyInAuto(HostWalker walker) {
        program(walker, CALL)
                .mode(UnwindMode.DWARF)
                .words(STACK, MAIN + 0x20)
                .words(FRAME, 0, MAIN + 0x20)
                .register(CpuRegisters.RBP, FRAME)
                .leaf(CLOSURE, STACK)
                .expect(WalkEnd.NO_MAPPING, CLOSURE);
    }

    private static void leafInGap(HostWalker walker) {
        program(walker, CALL).words(STACK, MAIN + 0x20).leaf(GAP, STACK).expect(WalkEnd.END_OF_STACK, GAP, MAIN + 0x1f);
    }

    private static void callerInGap(HostWalker walker) {
        program(walker, CALL)
                .words(STACK, GAP + 0x10, MAIN + 0x20)
                .words(FRAME, 0, MAIN + 0x20)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expect(WalkEnd.NO_RULE, LEAF, GAP + 0xf);
    }

    private static void pushingCallerInGap(HostWalker walker) {
        program(walker, CALL)
                .words(STACK, GAP + 0x10, FRAME, MAIN + 0x20)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK + 8)
                .expect(WalkEnd.END_OF_STACK, LEAF, GAP + 0xf, MAIN + 0x1f);
    }

    private static void callerInGapAboveZero(HostWalker walker) {
        program(walker, CALL)
                .words(STACK, GAP + 0x10, FRAME, 0)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK + 8)
                .expect(WalkEnd.NO_RULE, LEAF, GAP + 0xf);
    }

    private static void leafWithFrame(HostWalker walker) {
        program(walker, CALL)
                .words(STACK, 12345)
                .words(FRAME, 0, MAIN + 0x20)
                .leaf(CLOSURE, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expect(WalkEnd.END_OF_STACK, CLOSURE, MAIN + 0x1f);
    }

    /** Any local variable may be 0: that says nothing of where the stack ends. */
    private static void leafAboveZero(HostWalker walker) {
        program(walker).words(STACK, 0).leaf(CLOSURE, STACK).expect(WalkEnd.NO_MAPPING, CLOSURE);
    }

    private static void framePointersEnd(HostWalker walker) {
        program(walker, CALL)
                .bytes(CLOSURE + 0x20 - 5, CALL)
                .words(STACK + 0x40, FRAME, CLOSURE + 0x20)
                .words(FRAME, 0, 0)
                .words(STACK, 5)
                .leaf(CLOSURE, STACK)
                .register(CpuRegisters.RBP, STACK + 0x40)
                .expect(WalkEnd.END_OF_STACK, CLOSURE, CLOSURE + 0x1f);
    }

    private static void implausible(HostWalker walker, long rbp) {
        program(walker, CALL)
                .words(rbp, 0, MAIN + 0x20)
                .words(STACK, CLOSURE + 1)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, rbp)
                .expect(WalkEnd.NO_MAPPING, LEAF, CLOSURE);
    }

    private static void unreadable(HostWalker walker) {
        program(walker, CALL)
                .words(STACK, CLOSURE + 1)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK + 0x8000)
                .expect(WalkEnd.NO_MAPPING, LEAF, CLOSURE);
    }

    /** The stop that is reported is that of the address, not of the attempt. */
    private static void lost(HostWalker walker) {
        program(walker, CALL)
                .rule(LEAF, Rows.saving(8, 3, 0, 0, 0))
                .words(STACK, CLOSURE + 1)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expect(WalkEnd.NO_MAPPING, LEAF, CLOSURE);
    }

    private static void notCached(HostWalker walker) {
        Target target = program(walker, CALL)
                .words(STACK, MAIN + 0x20)
                .leaf(CLOSURE, STACK)
                .expect(WalkEnd.END_OF_STACK, CLOSURE, MAIN + 0x1f);
        assertThat(target.counter("guessed")).isEqualTo(1);
        target.words(STACK, 12345).expect(WalkEnd.NO_MAPPING, CLOSURE);
        assertThat(target.counter("guessed")).isEqualTo(1);
    }

    /** Tables and mappings are not looked at. */
    private static void framePointersOnly(HostWalker walker) {
        program(walker)
                .mode(UnwindMode.FP)
                .words(STACK + 0x40, STACK + 0x80, CLOSURE + 0x10)
                .words(STACK + 0x80, FRAME, MAIN + 0x10)
                .words(FRAME, 0, 0)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK + 0x40)
                .expect(WalkEnd.END_OF_STACK, LEAF, CLOSURE + 0xf, MAIN + 0xf);
    }

    private static void framePointersUnreadable(HostWalker walker) {
        program(walker)
                .mode(UnwindMode.FP)
                .words(STACK + 0x40, 0x7777_0000, CLOSURE + 0x10)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK + 0x40)
                .expect(WalkEnd.NOT_ADVANCING, LEAF, CLOSURE + 0xf)
                .words(STACK + 0x40, STACK + 0x10_0000)
                .expect(WalkEnd.STACK_UNREADABLE, LEAF, CLOSURE + 0xf);
    }
}
