package io.perfagent.bpf.walker;

import static io.perfagent.bpf.walker.Target.ANONYMOUS;
import static io.perfagent.bpf.walker.Target.CODE;
import static io.perfagent.bpf.walker.Target.LAST_FRAME;
import static io.perfagent.bpf.walker.Target.STACK;

import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.table.EncodedRule;
import java.util.List;

/** Frames that the kernel made for a signal handler. */
final class SignalCases {
    private static final long HANDLER = CODE + 0x100;
    /** The rule of sigreturn begins one byte early, as in the C library: the lookup is one lower than the return address. */
    private static final long SIGRETURN = CODE + 0x200;

    private static final long A = CODE + 0x300;
    private static final long B = CODE + 0x400;
    private static final long MAIN = CODE + 0x500;
    private static final long STACK_BELOW = STACK - 0x10_0000;

    /** {@code mov $15,%rax; syscall}. */
    private static final int[] SIGRETURN_CODE = {0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05};

    private SignalCases() {}

    static List<WalkCase> cases() {
        return List.of(
                new WalkCase("a signal frame gives all registers", SignalCases::allRegisters),
                new WalkCase("a leaf's registers are of its own sample", SignalCases::ofOneSample),
                new WalkCase("registers that an interrupted leaf has left alone", SignalCases::ofCaller),
                new WalkCase("rbp and rbx behind a signal frame", SignalCases::savedRegisters),
                new WalkCase("a signal that hits a function's first instruction", SignalCases::firstInstruction),
                new WalkCase("a handler on a stack above the interrupted one", w -> onStack(w, STACK_BELOW)),
                new WalkCase("a handler on a stack below the interrupted one", w -> onStack(w, STACK + 0x10_0000)),
                new WalkCase("a signal that interrupts a handler", SignalCases::nested),
                new WalkCase("a leaf in sigreturn", SignalCases::leafInSigreturn),
                new WalkCase("a ucontext that cannot be read", SignalCases::unreadable),
                new WalkCase("sigreturn outside every table", SignalCases::bareSigreturn),
                new WalkCase(
                        "a leaf at the start of a sigreturn outside every table", SignalCases::leafAtBareSigreturn));
    }

    private static Target program(HostWalker walker) {
        return new Target(walker)
                .rule(MAIN, LAST_FRAME)
                .rule(HANDLER, Rows.rsp(1))
                .rule(SIGRETURN - 1, EncodedRule.SIGNAL)
                .words(STACK, SIGRETURN)
                .leaf(HANDLER + 4, STACK);
    }

    private static void allRegisters(HostWalker walker) {
        for (int register : new int[] {0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15}) {
            program(walker)
                    .rule(A, Rows.register(register, 8))
                    .ucontext(STACK + 8, A + 7, STACK + 0x400, register, STACK + 0x500)
                    .words(STACK + 0x500, MAIN + 0x10)
                    .expect(WalkEnd.END_OF_STACK, HANDLER + 4, SIGRETURN, A + 7, MAIN + 0xf);
        }
    }

    private static void ofOneSample(HostWalker walker) {
        int r12 = 12;
        program(walker)
                .rule(A, Rows.register(r12, 8))
                .ucontext(STACK + 8, A + 7, STACK + 0x400, r12, STACK + 0x500)
                .words(STACK + 0x500, MAIN + 0x10)
                .expect(WalkEnd.END_OF_STACK, HANDLER + 4, SIGRETURN, A + 7, MAIN + 0xf)
                .words(STACK + 0x600, MAIN + 0x20)
                .register(r12, STACK + 0x600)
                .leaf(A + 7, STACK + 0x400)
                .expect(WalkEnd.END_OF_STACK, A + 7, MAIN + 0x1f);
    }

    private static void ofCaller(HostWalker walker) {
        program(walker)
                .rule(A, Rows.rsp(1))
                .rule(B, Rows.register(CpuRegisters.RAX, 8))
                .bytes(MAIN + 0x10 - 2, 0xff, 0xd0)
                .ucontext(STACK + 8, A + 7, STACK + 0x400, CpuRegisters.RAX, STACK + 0x500)
                .words(STACK + 0x400, B + 0x10)
                .words(STACK + 0x500, MAIN + 0x10)
                .expect(WalkEnd.END_OF_STACK, HANDLER + 4, SIGRETURN, A + 7, B + 0xf, MAIN + 0xf);
    }

    private static void savedRegisters(HostWalker walker) {
        program(walker)
                .rule(HANDLER, Rows.rsp(3, 3, 2))
                .rule(A, Rows.rsp(1))
                .rule(B, Rows.framePointer())
                .rule(B + 0x80, Rows.register(CpuRegisters.RBX, 8))
                .words(STACK, 1, 2, SIGRETURN)
                .ucontext(
                        STACK + 0x18,
                        A + 7,
                        STACK + 0x400,
                        CpuRegisters.RBP,
                        STACK + 0x500,
                        CpuRegisters.RBX,
                        STACK + 0x600)
                .words(STACK + 0x400, B + 0x10)
                .words(STACK + 0x500, 3, B + 0x90)
                .words(STACK + 0x600, MAIN + 0x10)
                .expect(WalkEnd.END_OF_STACK, HANDLER + 4, SIGRETURN, A + 7, B + 0xf, B + 0x8f, MAIN + 0xf);
    }

    private static void firstInstruction(HostWalker walker) {
        program(walker)
                .rule(A, Rows.rsp(9))
                .rule(B, Rows.rsp(1))
                .ucontext(STACK + 8, B, STACK + 0x400)
                .words(STACK + 0x400, MAIN + 0x10)
                .expect(WalkEnd.END_OF_STACK, HANDLER + 4, SIGRETURN, B, MAIN + 0xf);
    }

    private static void onStack(HostWalker walker, long interrupted) {
        program(walker)
                .rule(A, Rows.rsp(2))
                .rule(B, Rows.rsp(1))
                .ucontext(STACK + 8, A, interrupted)
                .words(interrupted, 1, B + 0x10, MAIN + 0x10)
                .expect(WalkEnd.END_OF_STACK, HANDLER + 4, SIGRETURN, A, B + 0xf, MAIN + 0xf);
    }

    private static void nested(HostWalker walker) {
        program(walker)
                .rule(A, Rows.rsp(1))
                .ucontext(STACK + 8, HANDLER + 9, STACK + 0x400)
                .words(STACK + 0x400, SIGRETURN)
                .ucontext(STACK + 0x408, A + 7, STACK + 0x800)
                .words(STACK + 0x800, MAIN + 0x10)
                .expect(WalkEnd.END_OF_STACK, HANDLER + 4, SIGRETURN, HANDLER + 9, SIGRETURN, A + 7, MAIN + 0xf);
    }

    private static void leafInSigreturn(HostWalker walker) {
        program(walker)
                .rule(A, Rows.rsp(1))
                .ucontext(STACK, A + 7, STACK + 0x400)
                .words(STACK + 0x400, MAIN + 0x10)
                .leaf(SIGRETURN + 7, STACK)
                .expect(WalkEnd.END_OF_STACK, SIGRETURN + 7, A + 7, MAIN + 0xf);
    }

    private static void unreadable(HostWalker walker) {
        program(walker)
                .words(STACK + 0xff8, SIGRETURN) // the ucontext would begin the next page
                .leaf(HANDLER + 4, STACK + 0xff8)
                .expect(WalkEnd.STACK_UNREADABLE, HANDLER + 4, SIGRETURN);
    }

    private static void bareSigreturn(HostWalker walker) {
        program(walker)
                .rule(A, Rows.rsp(1))
                .bytes(ANONYMOUS, SIGRETURN_CODE)
                .words(STACK, ANONYMOUS)
                .ucontext(STACK + 8, A, STACK + 0x400)
                .words(STACK + 0x400, MAIN + 0x10)
                .expect(WalkEnd.END_OF_STACK, HANDLER + 4, ANONYMOUS, A, MAIN + 0xf);
    }

    private static void leafAtBareSigreturn(HostWalker walker) {
        program(walker)
                .rule(A, Rows.rsp(1))
                .bytes(ANONYMOUS + 0x40, SIGRETURN_CODE)
                .ucontext(STACK, A, STACK + 0x400)
                .words(STACK + 0x400, MAIN + 0x10)
                .leaf(ANONYMOUS + 0x40, STACK)
                .expect(WalkEnd.END_OF_STACK, ANONYMOUS + 0x40, A, MAIN + 0xf);
    }
}
