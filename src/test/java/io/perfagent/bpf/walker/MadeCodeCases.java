package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.ANONYMOUS;
import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;
import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.table.EncodedRule;
import java.util.List;

/** Code that the process has made, of which user space has said what it does to the stack. */
final class MadeCodeCases {
    private static final long MADE = ANONYMOUS + 0x800;
    private static final long MAIN = CODE + 0x500;
    private static final long LEAF = CODE + 0x100;
    private static final long BACK = MAIN + 0x20;
    private static final long INTERPRETER = CODE + 0xa00;
    private static final String INSTRUCTIONS = "4883c010" + "4883c410" + "c3";

    private MadeCodeCases() {}

    static List<WalkCase> cases() {
        return List.of(
                new WalkCase("a leaf", w -> known(w, MADE)),
                new WalkCase("a leaf at a page's start", w -> known(w, ANONYMOUS + 0x1000)),
                new WalkCase("a leaf at a page's end", w -> known(w, ANONYMOUS + 0xffb)),
                new WalkCase("where a call returns to", MadeCodeCases::caller),
                new WalkCase("where a call returned to, and other code is there now", MadeCodeCases::changedCaller),
                new WalkCase("what is not known is asked for once", MadeCodeCases::askedOnce),
                new WalkCase("other code at the address is asked for again", MadeCodeCases::changed),
                new WalkCase("it returns as it did", w -> returns(w, "4883c410c3", WalkEnd.END_OF_STACK, 0)),
                new WalkCase("it returns in another way", w -> returns(w, "4883c418c3", WalkEnd.NO_MAPPING, 1)),
                new WalkCase("another instruction", MadeCodeCases::another),
                new WalkCase("of a program whose frame pointers say it", MadeCodeCases::framePointers),
                new WalkCase("of an interpreter that has one frame", w -> interpreted(w, Rows.shared(24), false)),
                new WalkCase(
                        "jumped to by a function with another",
                        w -> interpreted(w, Rows.register(CpuRegisters.RSP, 24), true)),
                new WalkCase("where nothing can be said", MadeCodeCases::nothing));
    }

    private static Target program(HostWalker walker, long made) {
        return new Target(walker)
                .makesCode()
                .rule(MAIN, LAST_FRAME)
                .code(BACK - 2, "ffd0")
                .code(made - 8, "0001020304050607")
                .code(made, INSTRUCTIONS)
                .words(STACK, 1, 2, BACK)
                .leaf(made, STACK);
    }

    private static Target told(Target target, long at) {
        return target.made(at, Rows.checked(Rows.register(CpuRegisters.RSP, 24)));
    }

    private static void known(HostWalker walker, long made) {
        told(program(walker, made), made).expectGuessed(false, WalkEnd.END_OF_STACK, made, BACK - 1);
        assertThat(walker.asked()).isZero();
    }

    /** LuaJIT's jumps to what its compiler has made, which runs in its frame. */
    private static void interpreted(HostWalker walker, EncodedRule called, boolean guessed) {
        Target target = program(walker, MADE)
                .rule(INTERPRETER, called)
                .code(INTERPRETER - 8, "90".repeat(40))
                .code(BACK - 5, "e8" + String.format("%08x", Integer.reverseBytes((int) (INTERPRETER - BACK))));
        told(target, MADE).expectGuessed(guessed, WalkEnd.END_OF_STACK, MADE, BACK - 1);
    }

    private static Target called(HostWalker walker) {
        Target target = program(walker, MADE).code(MADE - 2, "ffd0").rule(LEAF, Rows.rsp(1));
        return told(target, MADE).words(STACK, MADE, 1, 2, BACK).leaf(LEAF, STACK);
    }

    private static void caller(HostWalker walker) {
        called(walker).expectGuessed(false, WalkEnd.END_OF_STACK, LEAF, MADE - 1, BACK - 1);
    }

    /** What was found of it is not remembered: only the code says whether it holds. */
    private static void changedCaller(HostWalker walker) {
        called(walker)
                .expect(WalkEnd.END_OF_STACK, LEAF, MADE - 1, BACK - 1)
                .code(MADE + 10, "90")
                .expect(WalkEnd.NO_MAPPING, LEAF, MADE - 1);
    }

    private static void askedOnce(HostWalker walker) {
        Target target = program(walker, MADE).expect(WalkEnd.NO_MAPPING, MADE);
        target.expect(WalkEnd.NO_MAPPING, MADE);
        assertThat(walker.asked()).isOne();
    }

    private static void changed(HostWalker walker) {
        Target target = told(program(walker, MADE), MADE).code(MADE + 23, "90");
        target.expect(WalkEnd.NO_MAPPING, MADE);
        assertThat(walker.asked()).isOne();
        target.expect(WalkEnd.NO_MAPPING, MADE);
        assertThat(walker.asked()).isOne();
    }

    /** Where it returns is too far behind to be among the bytes around the address. */
    private static void returns(HostWalker walker, String now, WalkEnd end, int asked) {
        long back = MADE + 0x100;
        Target target = program(walker, MADE).code(back, "4883c410c3");
        target.made(MADE, Rows.checked(Rows.register(CpuRegisters.RSP, 24)), 0x100)
                .code(back, now);
        assertThat(target.sample().end()).isEqualTo(end);
        assertThat(walker.asked()).isEqualTo(asked);
    }

    private static void another(HostWalker walker) {
        told(program(walker, MADE), MADE).leaf(MADE + 4, STACK).expect(WalkEnd.NO_MAPPING, MADE + 4);
    }

    private static void framePointers(HostWalker walker) {
        told(program(walker, MADE).keepsFramePointers(), MADE).expect(WalkEnd.NO_MAPPING, MADE);
        assertThat(walker.asked()).isZero();
    }

    private static void nothing(HostWalker walker) {
        program(walker, MADE).unsaid(MADE).expect(WalkEnd.NO_MAPPING, MADE);
        assertThat(walker.asked()).isZero();
    }
}
