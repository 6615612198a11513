package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.StackCopies;
import io.perfagent.model.WalkEnd;
import java.util.ArrayList;
import java.util.List;

/** Rules that were derived from code, and hold only where a call confirms them. */
final class CheckedCases {
    private static final long ROUTINE = CODE + 0x2_0000;
    private static final long LEAF = ROUTINE + 0x40;
    private static final long STUB = CODE + 0x600;
    private static final long CHOICE = CODE + 0x700;
    private static final long SLOT = CODE + 0x900;
    private static final long OTHER = CODE + 0xa00;
    private static final long MAIN = CODE + 0x500;
    private static final long BACK = MAIN + 0x20;
    private static final long MADE = CODE + 0x20_0040;
    private static final long FRAME = STACK + 0x800;
    private static final String INDIRECT = "ffd0";

    private CheckedCases() {}

    static List<WalkCase> cases() {
        List<WalkCase> cases = new ArrayList<>(List.of(
                new WalkCase("called directly", w -> called(w, BACK, call(BACK, ROUTINE), false)),
                new WalkCase("called at the very instruction", w -> called(w, BACK, call(BACK, LEAF), false)),
                new WalkCase("called through a register", w -> called(w, BACK, INDIRECT, false)),
                new WalkCase("called behind it", w -> called(w, BACK, call(BACK, LEAF + 1), true)),
                new WalkCase("called too far before it", w -> called(w, BACK, call(BACK, LEAF - 0x1_0001), true)),
                new WalkCase("what was called is another function", w -> called(w, BACK, call(BACK, OTHER), true)),
                new WalkCase("what the kernel has begun called another function", w -> begun(w, 200, MAIN, false)),
                new WalkCase("it did, but the stack's beginning is far away", w -> begun(w, 600, MAIN, true)),
                new WalkCase(
                        "near the stack's beginning, but not what begins it", w -> begun(w, 200, CODE + 0x400, true)),
                new WalkCase("the call leads to no code", w -> refused(w, BACK, call(BACK, CODE - 0x1000))),
                new WalkCase("behind no call", w -> refused(w, BACK, "9090909090")),
                new WalkCase("a value that is no address", w -> refused(w, 12345, INDIRECT)),
                new WalkCase("data behind what looks like a call", w -> refused(w, MADE, INDIRECT)),
                new WalkCase("data behind what looks like a direct one", w -> refused(w, MADE, call(MADE, OTHER))),
                new WalkCase(
                        "data behind what looks like one through memory",
                        w -> refused(w, MADE, relative("ff90", ROUTINE - MADE))),
                new WalkCase("made code that calls it", w -> called(w, MADE, call(MADE, ROUTINE), false)),
                new WalkCase("an indirect call whose bytes look like a direct one", CheckedCases::bothCalls),
                new WalkCase("made code, known as such", CheckedCases::fromMadeCode),
                new WalkCase("made code, known as such, calls made code", CheckedCases::madeStub),
                new WalkCase("jumped to by what has one frame", CheckedCases::fromInterpreter),
                new WalkCase("code in no mapping yet", CheckedCases::notMappedYet),
                new WalkCase("nothing changes where a check fails", CheckedCases::refusedCaller),
                new WalkCase("return address 0", CheckedCases::zero),
                new WalkCase("return address unreadable", CheckedCases::unreadable),
                new WalkCase("called through a stub", w -> stub(w, STUB, "ff25", 6, ROUTINE, false)),
                new WalkCase("with endbr64", w -> stub(w, STUB, "f30f1efaff25", 10, ROUTINE, false)),
                new WalkCase("with endbr64 and bnd", w -> stub(w, STUB, "f30f1efaf2ff25", 11, ROUTINE, false)),
                new WalkCase("a stub that leads elsewhere", w -> stub(w, STUB, "ff25", 6, OTHER, true)),
                new WalkCase("a stub of a stub", w -> stub(w, STUB, "ff25", 6, CHOICE, false)),
                new WalkCase("a stub that leads to itself", w -> stub(w, STUB, "ff25", 6, STUB, true)),
                new WalkCase("a stub that calls", w -> stub(w, STUB, "ff15", 6, ROUTINE, true)),
                new WalkCase("a jump", CheckedCases::jump),
                new WalkCase("what was called only jumps", w -> leads(w, LEAF, "90", false)),
                new WalkCase("what was called only jumps to before it", w -> leads(w, LEAF - 0x40, "90", false)),
                new WalkCase("what was called only jumps behind it", w -> leads(w, LEAF + 1, "90", true)),
                new WalkCase("what was called only jumps elsewhere", w -> leads(w, LEAF - 0x8000, "90", true)),
                new WalkCase("what was called only jumped when it was looked at", w -> leads(w, LEAF, "cc", true)),
                new WalkCase("where it leads is asked for once", CheckedCases::leadsAskedOnce),
                new WalkCase("where it leads is asked for each function", CheckedCases::leadsAskedAgain),
                new WalkCase("kept frame pointers: leaf with a frame", w -> kept(w, "909090", FRAME, 0)),
                new WalkCase("kept frame pointers: leaf before push", w -> kept(w, "55", STACK - 8, 0)),
                new WalkCase("kept frame pointers: leaf at endbr64", w -> kept(w, "f30f1efa", STACK - 8, 0)),
                new WalkCase("kept frame pointers: leaf at ret", w -> kept(w, "c3", STACK - 8, 0)),
                new WalkCase("kept frame pointers: leaf behind push", w -> kept(w, "554889e5", STACK - 8, 1)),
                new WalkCase(
                        "kept frame pointers: leaf behind push, as others write it",
                        w -> kept(w, "55488bec", STACK - 8, 1)),
                new WalkCase("kept frame pointers: rbp behind push", CheckedCases::callerOfPushed),
                new WalkCase("kept frame pointers: no call before push", CheckedCases::refusedBeforePush),
                new WalkCase("kept frame pointers: a leaf without", CheckedCases::leafWithoutFrame),
                new WalkCase(
                        "kept frame pointers: a leaf with the address of another callee on top",
                        CheckedCases::staleTop),
                new WalkCase("kept frame pointers: a leaf before its frame", w -> onTop(w, "90909090554889e5", false)),
                new WalkCase("kept frame pointers: a word of others on top", w -> onTop(w, "9090909090909090", true)),
                new WalkCase(
                        "kept frame pointers: a leaf whose caller has no frame yet", CheckedCases::callerWithoutFrame),
                new WalkCase("kept frame pointers: callers", CheckedCases::callers),
                new WalkCase("kept frame pointers: below rsp", w -> notKept(w, STACK - 16)),
                new WalkCase("kept frame pointers: not aligned", w -> notKept(w, FRAME + 4)),
                new WalkCase("kept frame pointers: behind no call", w -> notKept(w, FRAME + 0x100))));
        return cases;
    }

    /** {@code call rel32} in front of an address. */
    private static String call(long back, long target) {
        return relative("e8", target - back);
    }

    private static String relative(String opcode, long distance) {
        return opcode + String.format("%08x", Integer.reverseBytes((int) distance));
    }

    private static Target program(HostWalker walker, long back, String before) {
        return new Target(walker)
                .rule(ROUTINE, Rows.checked(Rows.register(CpuRegisters.RSP, 24)))
                .rule(ROUTINE + 0x1000, Rows.rsp(1))
                .rule(CODE + 0x100, Rows.rsp(1))
                .rule(MAIN, LAST_FRAME)
                .code(back - before.length() / 2, before)
                .words(STACK, 1, 2, back)
                .leaf(LEAF, STACK);
    }

    private static void called(HostWalker walker, long back, String before, boolean guessed) {
        WalkEnd end = back == BACK ? WalkEnd.END_OF_STACK : WalkEnd.NO_MAPPING;
        program(walker, back, before).expectGuessed(guessed, end, LEAF, back - 1);
    }

    /** @param first bytes from rsp to where the kernel began the stack */
    private static void begun(HostWalker walker, long first, long lastFunction, boolean guessed) {
        program(walker, BACK, call(BACK, OTHER))
                .rule(MAIN, lastFunction == MAIN ? LAST_FRAME : Rows.rsp(1))
                .words(STACK + 24, MAIN + 0x90)
                .rule(MAIN + 0x80, LAST_FRAME)
                .firstStack(STACK + first)
                .expectGuessed(
                        guessed,
                        WalkEnd.END_OF_STACK,
                        lastFunction == MAIN ? new long[] {LEAF, BACK - 1} : new long[] {LEAF, BACK - 1, MAIN + 0x8f});
    }

    private static void refused(HostWalker walker, long back, String before) {
        program(walker, back, before).expectGuessed(false, WalkEnd.NOT_CALLED, LEAF);
    }

    /** {@code call *0x…e8…(%rax)} of six bytes, the fifth from behind of which is e8: where that would lead is nowhere. */
    private static void bothCalls(HostWalker walker) {
        called(walker, BACK, "ff90" + "e8000000", false);
        called(walker, BACK, "ff94e800000070", false);
    }

    private static void fromMadeCode(HostWalker walker) {
        program(walker, MADE, INDIRECT).makesCode().expectGuessed(false, WalkEnd.NO_MAPPING, LEAF, MADE - 1);
    }

    private static void madeStub(HostWalker walker) {
        program(walker, MADE, call(MADE, MADE + 0x100))
                .makesCode()
                .expectGuessed(true, WalkEnd.NO_MAPPING, LEAF, MADE - 1);
    }

    /** Only code that the process has made may run in the frame of what was called. */
    private static void fromInterpreter(HostWalker walker) {
        program(walker, BACK, call(BACK, OTHER))
                .code(OTHER - 8, "90".repeat(40))
                .rule(OTHER, Rows.shared(24))
                .makesCode()
                .expectGuessed(true, WalkEnd.END_OF_STACK, LEAF, BACK - 1);
    }

    /** It is left to user space, which asks for the mappings again, from the frame on whose rule is to be checked. */
    private static void notMappedYet(HostWalker walker) {
        program(walker, MADE, INDIRECT)
                .copies(StackCopies.UNKNOWN_CODE)
                .expect(WalkEnd.NO_MAPPING, LEAF)
                .makesCode()
                .nextGeneration()
                .expect(WalkEnd.NO_MAPPING, LEAF, MADE - 1);
    }

    private static void refusedCaller(HostWalker walker) {
        program(walker, LEAF, call(LEAF, ROUTINE + 0x1000))
                .words(STACK, LEAF, 1, 2, BACK)
                .code(BACK - 5, "9090909090")
                .leaf(ROUTINE + 0x1010, STACK)
                .expect(WalkEnd.NOT_CALLED, ROUTINE + 0x1010, LEAF - 1);
    }

    private static void zero(HostWalker walker) {
        program(walker, BACK, INDIRECT)
                .words(STACK, 1, 2, 0)
                .register(CpuRegisters.RBP, 0)
                .expect(WalkEnd.END_OF_STACK, LEAF)
                .register(CpuRegisters.RBP, FRAME)
                .expect(WalkEnd.ZERO_RETURN, LEAF);
    }

    private static void unreadable(HostWalker walker) {
        program(walker, BACK, INDIRECT)
                .rule(ROUTINE, Rows.checked(Rows.register(CpuRegisters.RSP, 0x10_0000)))
                .expect(WalkEnd.STACK_UNREADABLE, LEAF);
    }

    /** The chosen routine is jumped to from there. */
    private static void stub(HostWalker walker, long stub, String jump, int size, long leads, boolean guessed) {
        program(walker, BACK, call(BACK, stub))
                .code(stub, relative(jump, SLOT - stub - size))
                .words(SLOT, leads, ROUTINE)
                .code(CHOICE, relative("ff25", SLOT + 8 - CHOICE - 6) + "90".repeat(16))
                .code(OTHER, "90".repeat(16))
                .expectGuessed(guessed, WalkEnd.END_OF_STACK, LEAF, BACK - 1);
    }

    private static void jump(HostWalker walker) {
        program(walker, BACK, call(BACK, STUB))
                .code(STUB, relative("e9", ROUTINE - STUB - 5) + "90".repeat(16))
                .expectGuessed(false, WalkEnd.END_OF_STACK, LEAF, BACK - 1);
    }

    /** @param now the byte of its code that is there once that is known */
    private static void leads(HostWalker walker, long pc, String now, boolean guessed) {
        program(walker, BACK, call(BACK, OTHER))
                .code(OTHER - 8, "90".repeat(40))
                .leads(OTHER, pc)
                .code(OTHER + 23, now)
                .expectGuessed(guessed, WalkEnd.END_OF_STACK, LEAF, BACK - 1);
    }

    private static Target leadsAskedOnce(HostWalker walker) {
        Target target = program(walker, BACK, call(BACK, OTHER)).code(OTHER - 8, "90".repeat(40));
        target.expectGuessed(true, WalkEnd.END_OF_STACK, LEAF, BACK - 1);
        target.expectGuessed(true, WalkEnd.END_OF_STACK, LEAF, BACK - 1);
        assertThat(walker.asked()).isOne();
        return target;
    }

    private static void leadsAskedAgain(HostWalker walker) {
        leadsAskedOnce(walker)
                .code(BACK - 5, call(BACK, OTHER + 0x40))
                .code(OTHER + 0x38, "90".repeat(40))
                .expectGuessed(true, WalkEnd.END_OF_STACK, LEAF, BACK - 1);
        assertThat(walker.asked()).isEqualTo(2);
    }

    private static Target keeping(HostWalker walker) {
        return new Target(walker)
                .rule(ROUTINE, Rows.keptFramePointer())
                .rule(ROUTINE + 0x1000, Rows.rsp(1))
                .rule(MAIN, LAST_FRAME)
                .code(BACK - 2, INDIRECT)
                .code(LEAF - 8, "90".repeat(32));
    }

    /** Of the code's bytes so many have run; rbp is the caller's still where it is FRAME, and no frame's otherwise. */
    private static void kept(HostWalker walker, String code, long rbp, int run) {
        long returnAt = rbp == FRAME ? FRAME + 8 : STACK + 8L * run;
        keeping(walker)
                .code(BACK - 5, call(BACK, OTHER)) // so that no word is taken for what it looks like
                .code(LEAF - run, code)
                .words(STACK, 1, 2)
                .words(returnAt, BACK)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, rbp)
                .expectGuessed(true, WalkEnd.END_OF_STACK, LEAF, BACK - 1);
    }

    private static void callerOfPushed(HostWalker walker) {
        keeping(walker)
                .rule(CODE + 0x100, Rows.framePointer())
                .code(CODE + 0x110 - 2, INDIRECT)
                .code(LEAF - 1, "554889e5")
                .words(STACK, FRAME, CODE + 0x110)
                .words(FRAME, 0, BACK)
                .leaf(LEAF, STACK)
                .expectGuessed(false, WalkEnd.END_OF_STACK, LEAF, CODE + 0x10f, BACK - 1);
    }

    private static void refusedBeforePush(HostWalker walker) {
        keeping(walker).code(LEAF, "55").words(STACK, 12345).leaf(LEAF, STACK).expect(WalkEnd.NOT_CALLED, LEAF);
    }

    private static void leafWithoutFrame(HostWalker walker) {
        keeping(walker)
                .code(LEAF + 0x80 - 2, INDIRECT)
                .words(STACK, LEAF + 0x80)
                .words(FRAME, 0, BACK)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expectGuessed(false, WalkEnd.END_OF_STACK, LEAF, LEAF + 0x7f, BACK - 1);
    }

    /** What is on top returns to other code, behind a call that leads anywhere. */
    private static void onTop(HostWalker walker, String code, boolean guessed) {
        keeping(walker)
                .code(LEAF, code)
                .words(STACK, BACK)
                .words(FRAME, 0, BACK)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expectGuessed(guessed, WalkEnd.END_OF_STACK, LEAF, BACK - 1);
    }

    private static void callerWithoutFrame(HostWalker walker) {
        keeping(walker)
                .code(LEAF, "90909090554889e5")
                .words(STACK, BACK, BACK)
                .words(FRAME, 0, BACK)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expectGuessed(true, WalkEnd.END_OF_STACK, LEAF, BACK - 1);
    }

    private static void staleTop(HostWalker walker) {
        keeping(walker)
                .code(LEAF + 0x80 - 5, call(LEAF + 0x80, ROUTINE + 0x1000))
                .words(STACK, LEAF + 0x80)
                .words(FRAME, 0, BACK)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expectGuessed(false, WalkEnd.END_OF_STACK, LEAF, BACK - 1);
    }

    private static void callers(HostWalker walker) {
        keeping(walker)
                .code(LEAF + 0x80 - 5, call(LEAF + 0x80, ROUTINE))
                .words(STACK, LEAF + 0x10)
                .words(STACK + 0x40, FRAME, LEAF + 0x80)
                .words(FRAME, 0, BACK)
                .leaf(ROUTINE + 0x1010, STACK)
                .register(CpuRegisters.RBP, STACK + 0x40)
                .expectGuessed(false, WalkEnd.END_OF_STACK, ROUTINE + 0x1010, LEAF + 0xf, LEAF + 0x7f, BACK - 1);
    }

    private static void notKept(HostWalker walker, long rbp) {
        keeping(walker)
                .words(STACK, 1, 2)
                .words(FRAME, 0, BACK, BACK)
                .words(FRAME + 0x100, 0, ROUTINE + 3)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, rbp)
                .expect(WalkEnd.NOT_CALLED, LEAF);
    }
}
