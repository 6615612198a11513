package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;

import io.perfagent.model.WalkEnd;
import java.util.List;

/** Rows, and registers that are remembered by where they were saved. */
final class RowCases {
    private static final long LEAF = CODE + 0x100;
    private static final long A = CODE + 0x200;
    private static final long B = CODE + 0x300;
    private static final long C = CODE + 0x400;
    private static final long MAIN = CODE + 0x500;
    /** Far from the walked stack. */
    private static final long FRAME = STACK + 0x800;

    private RowCases() {}

    static List<WalkCase> cases() {
        return List.of(
                new WalkCase("CFA from rsp", RowCases::fromStackPointer),
                new WalkCase("CFA from rbp", RowCases::fromFramePointer),
                new WalkCase("largest distances of a row", RowCases::largestRow),
                new WalkCase("a return address belongs to the row before it", RowCases::returnBehindFunction),
                new WalkCase("the leaf's address is its own", RowCases::leafAtFunctionStart),
                new WalkCase("rbp remembered over frames that keep it", RowCases::rbpOverFrames),
                new WalkCase("rbx remembered over frames that keep it", RowCases::rbxOverFrames),
                new WalkCase("rbp unchanged from the leaf", RowCases::rbpOfLeaf),
                new WalkCase("rbx unchanged from the leaf", RowCases::rbxOfLeaf),
                new WalkCase("rbp saved twice: the outer one counts", RowCases::savedTwice),
                new WalkCase("rbp chain: each saved one leads on", RowCases::chain),
                new WalkCase("a saved register that nobody needs is not read", RowCases::notRead),
                new WalkCase(
                        "return address 0 ends the stack where rbp is 0",
                        w -> ordinary(w)
                                .words(STACK + 8 * 4, 0)
                                .register(CpuRegisters.RBP, 0)
                                .expectTwice(WalkEnd.END_OF_STACK, LEAF + 4, A + 0xf)),
                new WalkCase("CFA = rsp does not advance a caller", RowCases::standsStill),
                new WalkCase("CFA below rsp does not advance", RowCases::goesBack));
    }

    private static Target program(HostWalker walker) {
        return new Target(walker).rule(MAIN, LAST_FRAME);
    }

    private static Target ordinary(HostWalker walker) {
        return program(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, Rows.rsp(4))
                .words(STACK, A + 0x10, 1, 2, 3, MAIN + 0x10)
                .leaf(LEAF + 4, STACK);
    }

    private static void fromStackPointer(HostWalker walker) {
        ordinary(walker).expectTwice(WalkEnd.END_OF_STACK, LEAF + 4, A + 0xf, MAIN + 0xf);
    }

    private static void fromFramePointer(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.rbp(3, 0, 0))
                .words(STACK + 0x40, 1, 2, MAIN + 0x10)
                .leaf(LEAF + 4, STACK)
                .register(CpuRegisters.RBP, STACK + 0x40)
                .expectTwice(WalkEnd.END_OF_STACK, LEAF + 4, MAIN + 0xf);
    }

    private static void largestRow(HostWalker walker) {
        long cfa = STACK + 255 * 8;
        program(walker)
                .rule(LEAF, Rows.rsp(255, 31, 30))
                .rule(A, Rows.rbp(255, 0, 0))
                .rule(B, Rows.register(CpuRegisters.RBX, 16))
                .words(cfa - 8, A + 0x10)
                .words(cfa - 31 * 8, FRAME)
                .words(cfa - 30 * 8, FRAME + 0x1000)
                .words(FRAME + 254 * 8, B + 0x10)
                .words(FRAME + 0x1008, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .expectTwice(WalkEnd.END_OF_STACK, LEAF, A + 0xf, B + 0xf, MAIN + 0xf);
    }

    /** A call that does not return may be the last instruction of its function. */
    private static void returnBehindFunction(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, Rows.rsp(2))
                .rule(B, Rows.rsp(9))
                .words(STACK, B, 1, MAIN + 1)
                .leaf(LEAF, STACK)
                .expectTwice(WalkEnd.END_OF_STACK, LEAF, B - 1, MAIN);
    }

    private static void leafAtFunctionStart(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.rsp(7))
                .rule(A, Rows.rsp(1))
                .words(STACK, MAIN + 0x10)
                .leaf(A, STACK)
                .expectTwice(WalkEnd.END_OF_STACK, A, MAIN + 0xf);
    }

    private static void rbpOverFrames(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.rsp(3, 2, 0))
                .rule(A, Rows.rsp(2))
                .rule(B, Rows.rsp(1))
                .rule(C, Rows.framePointer())
                .words(STACK, 1, FRAME, A + 0x10, 2, B + 0x10, C + 0x10)
                .words(FRAME, 0, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .expectTwice(WalkEnd.END_OF_STACK, LEAF, A + 0xf, B + 0xf, C + 0xf, MAIN + 0xf);
    }

    private static void rbxOverFrames(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.rsp(3, 2, 3))
                .rule(A, Rows.rsp(2, 2, 0))
                .rule(B, Rows.register(CpuRegisters.RBX, 32))
                .words(STACK, FRAME, 1, A + 0x10, 2, B + 0x10)
                .words(FRAME + 24, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .expectTwice(WalkEnd.END_OF_STACK, LEAF, A + 0xf, B + 0xf, MAIN + 0xf);
    }

    private static void rbpOfLeaf(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, Rows.rsp(2))
                .rule(B, Rows.framePointer())
                .words(STACK, A + 0x10, 1, B + 0x10)
                .words(FRAME, 0, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expectTwice(WalkEnd.END_OF_STACK, LEAF, A + 0xf, B + 0xf, MAIN + 0xf);
    }

    private static void rbxOfLeaf(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, Rows.register(CpuRegisters.RBX, 16))
                .words(STACK, A + 0x10)
                .words(FRAME + 8, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBX, FRAME)
                .expectTwice(WalkEnd.END_OF_STACK, LEAF, A + 0xf, MAIN + 0xf);
    }

    private static void savedTwice(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.rsp(2, 2, 0))
                .rule(A, Rows.rsp(2, 2, 0))
                .rule(B, Rows.framePointer())
                .words(STACK, STACK + 0x700, A + 0x10, FRAME, B + 0x10)
                .words(FRAME, 0, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .expectTwice(WalkEnd.END_OF_STACK, LEAF, A + 0xf, B + 0xf, MAIN + 0xf);
    }

    private static void chain(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.framePointer())
                .words(STACK + 0x20, STACK + 0x100, LEAF + 0x10)
                .words(STACK + 0x100, STACK + 0x200, LEAF + 0x20)
                .words(STACK + 0x200, 5, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK + 0x20)
                .expectTwice(WalkEnd.END_OF_STACK, LEAF, LEAF + 0xf, LEAF + 0x1f, MAIN + 0xf);
    }

    private static void notRead(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.saving(16, 1, 0x100_0000, 1, 0x200_0000)) // nothing there
                .words(STACK, 1, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .expectTwice(WalkEnd.END_OF_STACK, LEAF, MAIN + 0xf);
    }

    private static void standsStill(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, Rows.rsp(0))
                .words(STACK, A + 0x10)
                .leaf(LEAF, STACK)
                .expectTwice(WalkEnd.NOT_ADVANCING, LEAF, A + 0xf);
    }

    private static void goesBack(HostWalker walker) {
        program(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(A, Rows.framePointer())
                .words(STACK - 0x100, 0, MAIN + 0x10)
                .words(STACK, A + 0x10)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK - 0x100)
                .expectTwice(WalkEnd.NOT_ADVANCING, LEAF, A + 0xf);
    }
}
