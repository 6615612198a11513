package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.ANONYMOUS;
import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.model.StackCopies;
import io.perfagent.model.UnwindMode;
import io.perfagent.model.WalkEnd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Frames of code that nothing describes, and frame pointers only. */
final class GuessCases {
    private static final long LEAF = CODE + 0x100;
    private static final long GAP = CODE + 0x180;
    private static final long MAIN = CODE + 0x500;
    private static final long FAR_AWAY = 0x6000_0000_0000L;
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
                new WalkCase("a frame without a return address in it is one", w -> several(w, 0, false)),
                new WalkCase(
                        "a frame with a return address to a file in it may be several",
                        w -> several(w, MAIN + 0x20, true)),
                new WalkCase(
                        "a frame with one to made code in it may be several", w -> several(w, CLOSURE + 0x60, true)),
                new WalkCase("a frame with the address of data in it is one", w -> several(w, FAR_AWAY + 0x20, false)),
                new WalkCase("the word at rsp may be one, too", GuessCases::severalFromTheFirst),
                new WalkCase("a frame that is too large to be looked at", GuessCases::tooLargeToLookAt),
                new WalkCase("a caller in a gap of a table with frame pointers", GuessCases::callerInGapWithFrame),
                new WalkCase(
                        "a stale word in a frame whose caller calls it",
                        w -> stale(w, 0x40, 0x5000, "55 48 89 e5", true)),
                new WalkCase("the same behind endbr64", w -> stale(w, 0x40, 0x5000, "f3 0f 1e fa 55 48 89 e5", true)),
                new WalkCase("a stale word of the frame's own call", w -> stale(w, 0x40, 0x40, "55 48 89 e5", true)),
                new WalkCase("a word of a call that leads nearer", w -> stale(w, 0x40, 0x38, "55 48 89 e5", false)),
                new WalkCase(
                        "a stale word where the caller calls what keeps none",
                        w -> stale(w, 0x40, 0x5000, "55 53 48 89 e5", false)),
                new WalkCase(
                        "a stale word where the caller calls far away",
                        w -> stale(w, 0x1_0001, 0x5000, "55 48 89 e5", false)),
                new WalkCase("a stale word in made code", GuessCases::staleInMadeCode),
                new WalkCase("a leaf that was called there", w -> called(w, 0, false)),
                new WalkCase("a leaf behind the code that was called", w -> called(w, 0x10_0000, true)),
                new WalkCase("a leaf that was called by an address in memory", GuessCases::calledThroughMemory),
                new WalkCase("a frame of no words behind one that may be several", GuessCases::frameOfNoWords),
                new WalkCase("rbp = 0 ends made code", w -> noFramePointer(w, CLOSURE, 0, true)),
                new WalkCase("rbp = 0 where the kernel began", w -> noFramePointer(w, CLOSURE, STACK + 0x100, false)),
                new WalkCase(
                        "rbp = 0 in a gap where the kernel began", w -> noFramePointer(w, GAP, STACK + 0x100, false)),
                new WalkCase("rbp = 0 in a gap", GuessCases::noFramePointerInGap),
                new WalkCase(
                        "exit(main()) where the kernel began",
                        w -> exits(w, STACK + 0x100, 0xe8, WalkEnd.END_OF_STACK)),
                new WalkCase("exit(main()) elsewhere", w -> exits(w, STACK + 0x400, 0xe8, WalkEnd.NO_RULE)),
                new WalkCase(
                        "another call where the kernel began", w -> exits(w, STACK + 0x100, 0xe9, WalkEnd.NO_RULE)),
                new WalkCase("code of a program that keeps frame pointers", GuessCases::programWithFramePointers),
                new WalkCase("a word that no call has left", GuessCases::madeUp),
                new WalkCase("a word that leads to memory that cannot be read", GuessCases::madeUpUnreadable),
                new WalkCase("a word that no call has left, where the stack ends", GuessCases::madeUpEnd),
                new WalkCase("a leaf whose rule leads to such a word", GuessCases::leafWithoutItsRule),
                new WalkCase("the same, left by its frame pointer", GuessCases::leafWithoutItsRuleByFramePointer),
                new WalkCase("the same, that cannot be left", GuessCases::leafWithoutAnyRule),
                new WalkCase("the same, not asked for a guess", GuessCases::leafWithItsRule),
                new WalkCase("registers that such a leaf has left alone", GuessCases::leafWithoutItsRuleAndRegister),
                new WalkCase("a leaf in a gap above data behind what looks like a call", GuessCases::gapAboveData),
                new WalkCase("a leaf in a gap that made code calls", GuessCases::gapBelowMadeCode),
                new WalkCase("a leaf in a gap that code in no mapping yet calls", GuessCases::gapBelowNewCode),
                new WalkCase(
                        "a frame in a gap above data behind what looks like a call", GuessCases::framePointerToData),
                new WalkCase("frame pointers only, down to 0", GuessCases::framePointersOnlyDownToZero),
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
                .bytes(CLOSURE - 1, 0xff, 0xd0)
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

    /** What else lies between rsp and rbp. */
    private static void several(HostWalker walker, long word, boolean guessed) {
        program(walker, CALL)
                .bytes(CLOSURE + 0x60 - 5, CALL)
                .bytes(FAR_AWAY + 0x20 - 5, CALL)
                .words(STACK, CLOSURE + 1, 12345, MAIN + 0x21, -1, CODE + 0x600, word)
                .words(FRAME, 0, MAIN + 0x20)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expectGuessed(guessed, WalkEnd.END_OF_STACK, LEAF, CLOSURE, MAIN + 0x1f);
    }

    private static void severalFromTheFirst(HostWalker walker) {
        program(walker, CALL)
                .words(STACK, CLOSURE + 1, MAIN + 0x20, 0, MAIN + 0x20)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK + 0x10)
                .expectGuessed(true, WalkEnd.END_OF_STACK, LEAF, CLOSURE, MAIN + 0x1f);
    }

    private static void tooLargeToLookAt(HostWalker walker) {
        Target target = program(walker, CALL).words(STACK, CLOSURE + 1).leaf(LEAF, STACK);
        for (long bytes : new long[] {2056, 2048}) {
            target.words(STACK + 8 + bytes, 0, MAIN + 0x20)
                    .register(CpuRegisters.RBP, STACK + 8 + bytes)
                    .expectGuessed(bytes > 2048, WalkEnd.END_OF_STACK, LEAF, CLOSURE, MAIN + 0x1f);
        }
    }

    /** Much assembly has rbp elsewhere: only what is one frame for certain is left. */
    private static void callerInGapWithFrame(HostWalker walker) {
        program(walker, CALL)
                .words(STACK, GAP + 0x10, 1, 2, FRAME, MAIN + 0x20)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK + 0x18)
                .expectGuessed(false, WalkEnd.END_OF_STACK, LEAF, GAP + 0xf, MAIN + 0x1f);
    }

    private static void frameOfNoWords(HostWalker walker) {
        program(walker, CALL)
                .bytes(GAP + 0x10 - 5, CALL)
                .words(STACK, CLOSURE + 1, MAIN + 0x20, STACK + 0x20, GAP + 0x10, FRAME, MAIN + 0x20)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK + 0x10)
                .expectGuessed(true, WalkEnd.END_OF_STACK, LEAF, CLOSURE, GAP + 0xf, MAIN + 0x1f);
    }

    /** The call leads to so many bytes before the leaf, which has pushed nothing. */
    private static void called(HostWalker walker, int before, boolean guessed) {
        called(walker, guessed, before, 0xe8);
    }

    /** Where it leads cannot be seen: the same bytes are something else. */
    private static void calledThroughMemory(HostWalker walker) {
        called(walker, true, 0, 0xff, 0x94, 0x24);
    }

    private static void called(HostWalker walker, boolean guessed, int before, int... opcode) {
        int distance = (int) (CODE + 0x2_0000 - before - MAIN - 0x20);
        int[] call = Arrays.copyOf(opcode, opcode.length + 4);
        for (int i = 0; i < 4; i++) {
            call[opcode.length + i] = (distance >> (8 * i)) & 0xff;
        }
        program(walker, call)
                .rule(CODE + 0x2_0000, UnwindRow.stop(WalkEnd.NO_RULE))
                .words(STACK, MAIN + 0x20)
                .leaf(CODE + 0x2_0010, STACK)
                .expectGuessed(guessed, WalkEnd.END_OF_STACK, CODE + 0x2_0010, MAIN + 0x1f);
    }

    /**
     * A caller in a gap that was called so many bytes before; between rsp and rbp, the return address of a call that leads to other bytes
     * before.
     */
    private static void stale(HostWalker walker, int called, int staleCalled, String start, boolean walked) {
        stale(walker, CODE + 0x2_0000, called, staleCalled, start, walked);
    }

    private static void stale(HostWalker walker, long gap, int called, int staleCalled, String start, boolean walked) {
        Target target = program(walker, relative(gap + 0xf - called - MAIN - 0x20))
                .rule(CODE + 0x8000, UnwindRow.stop(WalkEnd.NO_RULE))
                .code(gap + 0xf - called, start.replace(" ", ""))
                .bytes(MAIN + 0x40 - 5, relative(gap + 0xf - staleCalled - MAIN - 0x40))
                .words(STACK, gap + 0x10, MAIN + 0x40, FRAME, MAIN + 0x20)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK + 0x10);
        if (walked) {
            target.expectGuessed(false, WalkEnd.END_OF_STACK, LEAF, gap + 0xf, MAIN + 0x1f);
        } else {
            target.expectGuessed(false, WalkEnd.NO_RULE, LEAF, gap + 0xf);
        }
    }

    private static void staleInMadeCode(HostWalker walker) {
        long made = CODE + 0x20_0000;
        program(walker, relative(made - MAIN - 0x20))
                .code(made, "554889e5")
                .code(made + 0xe, "ffd0")
                .bytes(MAIN + 0x40 - 5, relative(CODE - MAIN - 0x40))
                .words(STACK, made + 0x10, MAIN + 0x40, FRAME, MAIN + 0x20)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK + 0x10)
                .expectGuessed(true, WalkEnd.END_OF_STACK, LEAF, made + 0xf, MAIN + 0x1f);
    }

    private static int[] relative(long distance) {
        return new int[] {
            0xe8,
            (int) distance & 0xff,
            (int) distance >> 8 & 0xff,
            (int) distance >> 16 & 0xff,
            (int) distance >> 24 & 0xff
        };
    }

    private static void noFramePointer(HostWalker walker, long code, long firstStack, boolean guessed) {
        program(walker, CALL)
                .firstStack(firstStack)
                .words(STACK, code + 0x11)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, 0)
                .expectGuessed(guessed, WalkEnd.END_OF_STACK, LEAF, code + 0x10);
    }

    private static void noFramePointerInGap(HostWalker walker) {
        program(walker, CALL)
                .firstStack(STACK + 0x400)
                .words(STACK, GAP + 0x11)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, 0)
                .expectGuessed(false, WalkEnd.NO_RULE, LEAF, GAP + 0x10);
    }

    private static void exits(HostWalker walker, long firstStack, int next, WalkEnd end) {
        program(walker, CALL)
                .firstStack(firstStack)
                .bytes(GAP + 0x11, 0x89, 0xc7, next)
                .words(STACK, GAP + 0x11)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, 5)
                .expectGuessed(false, end, LEAF, GAP + 0x10);
    }

    private static void programWithFramePointers(HostWalker walker) {
        program(walker, CALL)
                .keepsFramePointers()
                .words(STACK, CLOSURE + 1, MAIN + 0x20)
                .words(FRAME, 0, MAIN + 0x20)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expectGuessed(false, WalkEnd.END_OF_STACK, LEAF, CLOSURE, MAIN + 0x1f);
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
        program(walker)
                .words(STACK, 0)
                .leaf(CLOSURE, STACK)
                .register(CpuRegisters.RBP, 0)
                .expect(WalkEnd.NO_MAPPING, CLOSURE);
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

    /** Of the leaf 0 says nothing: it may use rbp for anything. */
    private static void framePointersOnlyDownToZero(HostWalker walker) {
        program(walker)
                .mode(UnwindMode.FP)
                .words(STACK + 0x40, 0, MAIN + 0x10)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK + 0x40)
                .expectGuessed(true, WalkEnd.END_OF_STACK, LEAF, MAIN + 0xf)
                .register(CpuRegisters.RBP, 0)
                .expectGuessed(true, WalkEnd.NOT_ADVANCING, LEAF);
    }

    /** It is in no file. What it would be left by, rbp, is there. */
    private static void madeUp(HostWalker walker) {
        program(walker, CALL)
                .bytes(FAR_AWAY, new int[0x40])
                .rule(CODE + 0x140, Rows.rsp(2))
                .words(STACK, CODE + 0x150, 1, FAR_AWAY + 0x20)
                .words(FRAME, 0, MAIN + 0x20)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expectGuessed(false, WalkEnd.NOT_CALLED, LEAF, CODE + 0x14f);
    }

    private static void madeUpUnreadable(HostWalker walker) {
        program(walker, CALL)
                .rule(CODE + 0x140, Rows.rsp(2))
                .words(STACK, CODE + 0x150, 1, FAR_AWAY + 0x20)
                .leaf(LEAF, STACK)
                .expectGuessed(false, WalkEnd.NOT_CALLED, LEAF, CODE + 0x14f);
    }

    /** As of Erlang's processes, whose first function returns to code that jumps. */
    private static void madeUpEnd(HostWalker walker) {
        program(walker, CALL)
                .bytes(FAR_AWAY, new int[0x40])
                .words(STACK, FAR_AWAY + 0x20)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, 0)
                .expectGuessed(true, WalkEnd.END_OF_STACK, LEAF, FAR_AWAY + 0x1f);
    }

    private static Target aboveData(HostWalker walker) {
        return program(walker, CALL)
                .code(FAR_AWAY + 0x1e, "ffd0")
                .words(STACK, FAR_AWAY + 0x20)
                .leaf(GAP, STACK);
    }

    private static void gapAboveData(HostWalker walker) {
        aboveData(walker).expectGuessed(false, WalkEnd.NO_RULE, GAP);
        assertThat(walker.counter("guessed")).isZero();
    }

    private static void gapBelowMadeCode(HostWalker walker) {
        aboveData(walker).makesCode().expectGuessed(true, WalkEnd.NO_MAPPING, GAP, FAR_AWAY + 0x1f);
    }

    /** User space knows more. */
    private static void gapBelowNewCode(HostWalker walker) {
        aboveData(walker).copies(StackCopies.UNKNOWN_CODE).expectGuessed(false, WalkEnd.NO_MAPPING, GAP);
        assertThat(walker.counter("guessed")).isZero();
    }

    private static void framePointerToData(HostWalker walker) {
        aboveData(walker)
                .words(STACK, GAP + 0x10, 1, STACK + 0x40, FAR_AWAY + 0x20)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, STACK + 0x10)
                .expectGuessed(false, WalkEnd.NO_RULE, LEAF, GAP + 0xf)
                .copies(StackCopies.UNKNOWN_CODE)
                .expectGuessed(false, WalkEnd.NO_MAPPING, LEAF, GAP + 0xf);
    }

    private static Target misled(HostWalker walker) {
        return program(walker, CALL)
                .rule(LEAF, Rows.rsp(3))
                .words(STACK, 1, 2, 12345)
                .leaf(LEAF, STACK);
    }

    private static void leafWithoutItsRule(HostWalker walker) {
        misled(walker)
                .words(STACK, MAIN + 0x20)
                .expectGuessed(true, WalkEnd.END_OF_STACK, LEAF, MAIN + 0x1f)
                .bytes(MAIN + 0x20 - 5, relative(LEAF - MAIN - 0x20))
                .expectGuessed(false, WalkEnd.END_OF_STACK, LEAF, MAIN + 0x1f);
        assertThat(walker.counter("guessed")).isEqualTo(2);
    }

    private static void leafWithoutItsRuleByFramePointer(HostWalker walker) {
        misled(walker)
                .rule(CODE + 0x140, Rows.framePointer())
                .code(CODE + 0x14e, "ffd0")
                .words(STACK + 0x40, FRAME, CODE + 0x150)
                .words(FRAME, 0, MAIN + 0x20)
                .register(CpuRegisters.RBP, STACK + 0x40)
                .expectGuessed(false, WalkEnd.END_OF_STACK, LEAF, CODE + 0x14f, MAIN + 0x1f);
    }

    private static void leafWithoutAnyRule(HostWalker walker) {
        misled(walker).expectGuessed(false, WalkEnd.NOT_CALLED, LEAF);
    }

    private static void leafWithItsRule(HostWalker walker) {
        misled(walker).mode(UnwindMode.DWARF).words(STACK, MAIN + 0x20).expectGuessed(false, WalkEnd.NOT_CALLED, LEAF);
    }

    private static void leafWithoutItsRuleAndRegister(HostWalker walker) {
        misled(walker)
                .rule(CODE + 0x140, Rows.register(CpuRegisters.RAX, 8))
                .code(CODE + 0x14e, "ffd0")
                .code(MAIN + 0x1b, "909090ffd0")
                .words(STACK, CODE + 0x150)
                .words(FRAME, MAIN + 0x20)
                .register(CpuRegisters.RAX, FRAME)
                .expectGuessed(true, WalkEnd.END_OF_STACK, LEAF, CODE + 0x14f, MAIN + 0x1f);
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
