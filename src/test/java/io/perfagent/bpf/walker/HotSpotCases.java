package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.ANONYMOUS;
import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;

import io.perfagent.bpf.abi.BlobField;
import io.perfagent.bpf.abi.CodeHeap;
import io.perfagent.bpf.abi.HotSpotEntry;
import io.perfagent.model.WalkEnd;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames of a JVM's own code. A made-up code cache, laid out as JDK 17 does it:
 *
 * <pre>
 *   HEAP   interpreter, 64 KiB │ method of 6 words │ method of 300 words │ stubs │ adapter │ free …      segments of 128 bytes
 * </pre>
 */
final class HotSpotCases {
    private static final long HEAP = ANONYMOUS + 0x100_0000;
    private static final long SEGMENTS = ANONYMOUS + 0x800_0000;
    private static final long INTERPRETER = HEAP;
    private static final long INTERPRETER_END = HEAP + 0x1_0000;
    private static final long METHOD = INTERPRETER_END;
    private static final long LARGE = METHOD + 0x1_0000;
    private static final long STUBS = LARGE + 0x400;
    private static final long ADAPTER = STUBS + 0x400;
    private static final long FREED = ADAPTER + 0x400;
    private static final long HEAP_END = HEAP + 0x10_0000;
    private static final long NAMES = ANONYMOUS + 0x900_0000;
    private static final long CONTINUATION = NAMES + 0x800;

    /** Where the code of a blob begins. */
    private static final int HEAD = 0x80;

    private static final int WORDS = 6;
    private static final int LARGE_WORDS = 300;
    private static final int COMPLETE = 26;
    private static final String PROLOGUE = "89842400c0feff554883ec2041817f20010000000f8511223344";

    private static final long LEAF = CODE + 0x100;
    private static final long MAIN = CODE + 0x500;
    private static final long CALLER = MAIN + 0x20;
    private static final long CALLED = METHOD + HEAD + 0x105;
    private static final long FRAME = STACK + 0x400;

    private HotSpotCases() {}

    static List<WalkCase> cases() {
        List<WalkCase> cases = new ArrayList<>(List.of(
                new WalkCase("compiled caller", HotSpotCases::compiledCaller),
                new WalkCase("compiled caller, many hops from its block's start", HotSpotCases::manyHops),
                new WalkCase("caller with a frame that no row holds", HotSpotCases::largeFrame),
                new WalkCase("code that is remembered, and is thrown away", HotSpotCases::freed),
                new WalkCase("address outside of blobs", HotSpotCases::outside),
                new WalkCase("interpreted caller of compiled code", HotSpotCases::interpretedCaller),
                new WalkCase("interpreted leaf", HotSpotCases::interpretedLeaf),
                new WalkCase("interpreted caller of an interpreted leaf", HotSpotCases::interpretedTwice),
                new WalkCase("interpreter, frame gone, caller's rsp in rbx", HotSpotCases::returnByRbx),
                new WalkCase("prologue, rbp pushed", HotSpotCases::rbpPushed),
                new WalkCase("interpreter, its callee called", HotSpotCases::entryFromInterpreter),
                new WalkCase("interpreter, return address in rax", HotSpotCases::entryWithAddressInRax),
                new WalkCase("interpreter, rbp pushed", HotSpotCases::entryWithRbpPushed),
                new WalkCase("interpreter, return address in r13", HotSpotCases::returnByR13),
                new WalkCase("interpreter, just returned to", HotSpotCases::justReturned),
                new WalkCase("adapter that has extended its caller's frame", HotSpotCases::adapter),
                new WalkCase("call stub, and rbx behind it", HotSpotCases::callStub),
                new WalkCase("stub that has pushed registers", HotSpotCases::stubThatPushed),
                new WalkCase("stub with a frame pointer, above an old return address", HotSpotCases::stubWithFrame),
                new WalkCase("stub that calls", HotSpotCases::stubThatCalls),
                new WalkCase("return barrier of a virtual thread", HotSpotCases::returnBarrier)));
        int[] words = {1, 1, 2, WORDS, WORDS};
        int[] offsets = {0, 7, 8, 12, 20};
        for (int i = 0; i < offsets.length; i++) {
            int offset = offsets[i];
            int size = words[i];
            cases.add(new WalkCase("prologue at " + offset, w -> leaf(w, METHOD, PROLOGUE, offset, size)));
        }
        leafCase(cases, "body", "90", 0, WORDS);
        leafCase(cases, "body, a register pushed", "90", 0, WORDS + 1);
        leafCase(cases, "body, three registers pushed", "90", 0, WORDS + 3);
        leafCase(cases, "add", "4883c420 5d 493ba748030000 0f8711223344 c3", 0, WORDS);
        leafCase(cases, "pop", "4883c420 5d 493ba748030000 0f8711223344 c3", 4, 2);
        leafCase(cases, "poll", "4883c420 5d 493ba748030000 0f8711223344 c3", 5, 1);
        leafCase(cases, "jump of the poll", "4883c420 5d 493ba748030000 0f8711223344 c3", 12, 1);
        leafCase(cases, "return", "4883c420 5d 493ba748030000 0f8711223344 c3", 18, 1);
        leafCase(cases, "short poll", "4881c420000000 5d 493b6748 0f8711223344 c3", 8, 1);
        leafCase(cases, "jump of the short poll", "4881c420000000 5d 493b6748 0f8711223344 c3", 12, 1);
        leafCase(cases, "poll behind pop alone", "5d 493ba748030000 0f8711223344 c3", 1, 1);
        leafCase(cases, "short poll behind pop alone", "5d 493b6748 0f8711223344 c3", 1, 1);
        leafCase(cases, "pop behind a long add", "4881c420000000 5d e911223344", 7, 2);
        leafCase(cases, "jump behind pop", "4881c420000000 5d e911223344", 8, 1);
        return cases;
    }

    private static void leafCase(List<WalkCase> cases, String name, String code, int offset, int words) {
        cases.add(new WalkCase(
                "compiled leaf: " + name, w -> leaf(w, METHOD, code.replace(" ", ""), 0x40 + offset, words)));
    }

    private static HotSpotEntry jvm() {
        return new HotSpotEntry(
                List.of(new CodeHeap(HEAP, HEAP_END, SEGMENTS)),
                INTERPRETER,
                INTERPRETER_END,
                STUBS + HEAD + 0x10,
                CONTINUATION,
                new BlobField(8, 1),
                new BlobField(16 + 96, 8),
                new BlobField(16 + 12, 4),
                new BlobField(16 + 28, 4),
                new BlobField(16 + 20, 4),
                new BlobField(16 + 32, 8),
                16,
                7);
    }

    private static Target program(HostWalker walker) {
        Target target = new Target(walker)
                .rule(LEAF, Rows.rsp(1))
                .rule(MAIN, LAST_FRAME)
                .code(CALLER - 5, "e811223344")
                .code(NAMES, "4932432f43324900") // I2C/C2I
                .code(NAMES + 0x10, "6e6d6574686f6400")
                .words(CONTINUATION, CALLED)
                .jvm(jvm());
        blob(target, METHOD, 0x1_0000, WORDS, COMPLETE, NAMES + 0x10);
        blob(target, LARGE, 0x400, LARGE_WORDS, 0, NAMES + 0x10);
        blob(target, STUBS, 0x400, 0, -1, NAMES + 0x10);
        blob(target, ADAPTER, 0x400, 0, -1, NAMES);
        target.code(CALLED - 5, "e811223344");
        for (long at = FREED; at < HEAP_END; at += 128) {
            target.bytes(SEGMENTS + (at - HEAP) / 128, 255);
        }
        return target;
    }

    /** A block with its header, and its bytes of the segment map: 0 1 2 … 254 254 …. */
    private static void blob(Target target, long block, int size, int frameWords, int complete, long name) {
        target.bytes(block, new int[size])
                .bytes(block + 8, 1)
                .words(block + 16 + 12, size - 16) // each overwrites what the one before has written too much
                .words(block + 16 + 20, complete)
                .words(block + 16 + 28, frameWords)
                .words(block + 16 + 32, block + HEAD)
                .words(block + 16 + 96, name);
        for (int segment = 0; segment < size / 128; segment++) {
            target.bytes(SEGMENTS + (block - HEAP) / 128 + segment, Math.min(segment, 254));
        }
    }

    /** Interrupted in a method's code, whose frame has so many words there. */
    private static void leaf(HostWalker walker, long method, String code, int offset, int words) {
        int at = offset >= 0x40 ? 0x40 : 0;
        program(walker)
                .code(method + HEAD + at, code)
                .words(STACK + 8L * (words - 1), CALLER)
                .leaf(method + HEAD + offset, STACK)
                .expect(WalkEnd.END_OF_STACK, method + HEAD + offset, CALLER - 1);
    }

    private static void compiledCaller(HostWalker walker) {
        program(walker)
                .words(STACK, CALLED, 1, 2, 3, 4, FRAME, CALLER)
                .leaf(LEAF, STACK)
                .expect(WalkEnd.END_OF_STACK, LEAF, CALLED - 1, CALLER - 1);
    }

    private static void manyHops(HostWalker walker) {
        long far = METHOD + 0xff00;
        program(walker)
                .words(STACK, far, 1, 2, 3, 4, FRAME, CALLER)
                .leaf(LEAF, STACK)
                .expect(WalkEnd.END_OF_STACK, LEAF, far - 1, CALLER - 1);
    }

    private static void largeFrame(HostWalker walker) {
        long called = LARGE + HEAD + 0x40;
        long elsewhere = STACK + 0x4000;
        program(walker)
                .words(STACK, called)
                .words(STACK + 8L * LARGE_WORDS, CALLER)
                .words(elsewhere, called)
                .words(elsewhere + 8L * LARGE_WORDS, CALLED, 1, 2, 3, 4, FRAME, CALLER)
                .leaf(LEAF, STACK)
                .expect(WalkEnd.END_OF_STACK, LEAF, called - 1, CALLER - 1)
                .leaf(LEAF, elsewhere)
                .expect(WalkEnd.END_OF_STACK, LEAF, called - 1, CALLED - 1, CALLER - 1);
    }

    /** The block is free: what it held is not looked at. */
    private static void freed(HostWalker walker) {
        program(walker)
                .bytes(METHOD + 8, 0)
                .words(STACK, CALLED, 1, 2, 3, 4, FRAME, CALLER)
                .leaf(LEAF, STACK)
                .expect(WalkEnd.NO_MAPPING, LEAF, CALLED - 1);
    }

    private static void outside(HostWalker walker) {
        program(walker)
                .words(STACK, FREED + 0x100, 1, 2, 3, 4, FRAME, CALLER)
                .bytes(FREED + 0xfe, 0xff, 0xd0)
                .leaf(LEAF, STACK)
                .expect(WalkEnd.NO_MAPPING, LEAF, FREED + 0xff);
    }

    /** A frame at FRAME, whose caller is compiled and has rsp at FRAME + 0x40. */
    private static Target interpreted(HostWalker walker, long rspWhileItCalls) {
        return program(walker)
                .words(FRAME - 16, rspWhileItCalls, FRAME + 0x40, STACK + 0x900, CALLED)
                .words(FRAME + 0x40, 1, 2, 3, 4, STACK + 0x900, CALLER)
                .register(CpuRegisters.RBP, FRAME);
    }

    private static void interpretedCaller(HostWalker walker) {
        long back = INTERPRETER + 0x200;
        interpreted(walker, STACK + 8)
                .words(STACK, CALLED, 1, 2, 3, 4, FRAME, back)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, 0)
                .expect(WalkEnd.END_OF_STACK, LEAF, CALLED - 1, back - 1, CALLED - 1, CALLER - 1);
    }

    private static void interpretedTwice(HostWalker walker) {
        long back = INTERPRETER + 0x200;
        interpreted(walker, 0)
                .words(STACK, 1)
                .words(FRAME, STACK + 0x900, back)
                .words(STACK + 0x900 - 8, STACK + 0xa00, 0, CALLER)
                .leaf(INTERPRETER + 0x100, STACK)
                .expect(WalkEnd.END_OF_STACK, INTERPRETER + 0x100, back - 1, CALLER - 1);
    }

    /** rbx is where rsp will be. */
    private static void returnByRbx(HostWalker walker) {
        program(walker)
                .words(STACK, CALLED, 7, 7, 7, 1, 2, 3, 4, FRAME, CALLER)
                .leaf(INTERPRETER + 0x100, STACK)
                .register(CpuRegisters.RBX, STACK + 32)
                .expect(WalkEnd.END_OF_STACK, INTERPRETER + 0x100, CALLED - 1, CALLER - 1);
    }

    /** The caller needs the rbp that was pushed. */
    private static void rbpPushed(HostWalker walker) {
        program(walker)
                .rule(MAIN, Rows.register(CpuRegisters.RBP, 16))
                .rule(MAIN + 0x100, LAST_FRAME)
                .code(METHOD + HEAD, PROLOGUE)
                .words(STACK, FRAME, CALLER)
                .words(FRAME, 0, MAIN + 0x120)
                .leaf(METHOD + HEAD + 8, STACK)
                .expect(WalkEnd.END_OF_STACK, METHOD + HEAD + 8, CALLER - 1, MAIN + 0x11f);
    }

    private static void interpretedLeaf(HostWalker walker) {
        interpreted(walker, 0)
                .words(STACK, CALLED) // a variable
                .leaf(INTERPRETER + 0x100, STACK)
                .expect(WalkEnd.END_OF_STACK, INTERPRETER + 0x100, CALLED - 1, CALLER - 1);
    }

    private static void entryFromInterpreter(HostWalker walker) {
        long back = INTERPRETER + 0x200;
        interpreted(walker, STACK + 8)
                .words(STACK, back)
                .leaf(INTERPRETER + 0x100, STACK)
                .register(13, STACK + 8)
                .expect(WalkEnd.END_OF_STACK, INTERPRETER + 0x100, back - 1, CALLED - 1, CALLER - 1);
    }

    private static void entryWithAddressInRax(HostWalker walker) {
        long back = INTERPRETER + 0x200;
        interpreted(walker, STACK + 16)
                .words(STACK, 0, 0, 7)
                .leaf(INTERPRETER + 0x100, STACK)
                .register(13, STACK + 16)
                .register(0, back)
                .expect(WalkEnd.END_OF_STACK, INTERPRETER + 0x100, back - 1, CALLED - 1, CALLER - 1);
    }

    private static void entryWithRbpPushed(HostWalker walker) {
        program(walker)
                .words(STACK, 0x1234, CALLED, 0, 0)
                .words(STACK + 32, 1, 2, 3, 4, FRAME, CALLER)
                .leaf(INTERPRETER + 0x100, STACK)
                .register(13, STACK + 32)
                .expect(WalkEnd.END_OF_STACK, INTERPRETER + 0x100, CALLED - 1, CALLER - 1);
    }

    private static void returnByR13(HostWalker walker) {
        program(walker)
                .words(STACK, 1, 2, 3, 4, FRAME, CALLER)
                .leaf(INTERPRETER + 0x100, STACK)
                .register(3, STACK)
                .register(13, CALLED)
                .expect(WalkEnd.END_OF_STACK, INTERPRETER + 0x100, CALLED - 1, CALLER - 1);
    }

    /** The word for rsp is not 0 yet. */
    private static void justReturned(HostWalker walker) {
        long back = INTERPRETER + 0x200;
        interpreted(walker, STACK + 8)
                .words(STACK, 7)
                .leaf(back, STACK)
                .register(13, back)
                .expect(WalkEnd.END_OF_STACK, back, CALLED - 1, CALLER - 1);
    }

    private static void adapter(HostWalker walker) {
        program(walker)
                .words(STACK, CALLED, 7, 7, 7, 1, 2, 3, 4, FRAME, CALLER)
                .leaf(ADAPTER + HEAD + 0x20, STACK)
                .register(13, STACK + 32)
                .expect(WalkEnd.END_OF_STACK, ADAPTER + HEAD + 0x20, CALLED - 1, CALLER - 1);
    }

    private static void callStub(HostWalker walker) {
        long back = STUBS + HEAD + 0x10;
        program(walker)
                .rule(MAIN, Rows.register(3, 16))
                .rule(MAIN + 0x100, LAST_FRAME)
                .words(STACK, CALLED, 1, 2, 3, 4, FRAME, back)
                .words(FRAME, 0, CALLER)
                .words(FRAME - 56, FRAME + 0x100)
                .words(FRAME + 0x108, MAIN + 0x120)
                .leaf(LEAF, STACK)
                .expect(WalkEnd.END_OF_STACK, LEAF, CALLED - 1, back - 1, CALLER - 1, MAIN + 0x11f);
    }

    private static void stubThatPushed(HostWalker walker) {
        program(walker)
                .words(STACK, 7, 7, 7, CALLED, 1, 2, 3, 4, FRAME, CALLER)
                .leaf(STUBS + HEAD + 0x80, STACK)
                .expect(WalkEnd.END_OF_STACK, STUBS + HEAD + 0x80, CALLED - 1, CALLER - 1);
    }

    private static void stubWithFrame(HostWalker walker) {
        program(walker)
                .words(STACK, 7, CALLED, 7, 7)
                .words(FRAME, 0, CALLED, 1, 2, 3, 4, 0, CALLER)
                .leaf(STUBS + HEAD + 0x80, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expect(WalkEnd.END_OF_STACK, STUBS + HEAD + 0x80, CALLED - 1, CALLER - 1);
    }

    private static void stubThatCalls(HostWalker walker) {
        long back = STUBS + HEAD + 0x85;
        program(walker)
                .code(back - 5, "e811223344")
                .words(STACK, back)
                .words(FRAME, 0, CALLED, 1, 2, 3, 4, 0, CALLER)
                .leaf(LEAF, STACK)
                .register(CpuRegisters.RBP, FRAME)
                .expect(WalkEnd.END_OF_STACK, LEAF, back - 1, CALLED - 1, CALLER - 1);
    }

    /** The stub stands for the frame that calls the virtual thread's first. */
    private static void returnBarrier(HostWalker walker) {
        long barrier = STUBS + HEAD + 0x200;
        program(walker)
                .words(STACK, barrier, 1, 2, 3, 4, FRAME, CALLER)
                .leaf(LEAF, STACK)
                .expectGuessed(true, WalkEnd.END_OF_STACK, LEAF, CALLED - 1, CALLER - 1);
    }
}
