package io.perfagent.rewalk.x86_64;

import io.perfagent.bpf.abi.StoppedWalk;
import io.perfagent.model.PythonFrames;
import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.util.Arrays;

/** One walk: the frame that it has come to, and those before. */
final class StackWalk {
    private static final long WORD = 8;
    /** In a ucontext (arch/x86/include/uapi/asm/sigcontext.h), behind uc_flags, uc_link and uc_stack. */
    private static final int SAVED_REGISTERS = 40;

    /** The registers there, by DWARF number: r8 to r15 rdi rsi rbp rbx rdx rax rcx rsp; then rip. */
    private static final int[] UCONTEXT = {8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7};

    private static final int PLT_ENTRY_MASK = 15;

    /** Of the frames between the kernel's and main's, bytes, where libc makes them. */
    private static final long FIRST_FRAMES = 512;

    private final StoppedWalk stack;
    private final FrameRules rules;
    private final CalleeSaved rbp;
    private final CalleeSaved rbx;
    private final long[] registers;
    private long pc;
    private long sp;
    private boolean exact;
    private boolean
            tentative; // called an exact frame, which may have left registers alone that calls need not preserve
    private boolean moved; // to another stack, which lies lower: once only
    private long[] frames = new long[64];
    private long[] stackPointers = new long[64]; // of each of them
    private int count;

    StackWalk(StoppedWalk from, FrameRules rules) {
        this.stack = from;
        this.rules = rules;
        this.rbp = new CalleeSaved(from.rbp(), from.rbpAt());
        this.rbx = new CalleeSaved(from.rbx(), from.rbxAt());
        this.registers = from.registers();
        begin();
    }

    /** Walks up to {@code maxFrames} frames. */
    Walked run(int maxFrames) {
        try {
            return goOn(maxFrames);
        } catch (NoFrame e) {
            return count == 1 && stack.exact() ? withoutRuleOfLeaf(maxFrames, e.end()) : walked(e.end());
        } catch (WalkEnded e) {
            return walked(e.end());
        }
    }

    private Walked goOn(int maxFrames) throws WalkEnded {
        while (count < maxFrames) {
            step();
        }
        return walked(WalkEnd.TOO_DEEP);
    }

    /** Call-frame information leaves out what some functions push, such as OpenSSL's for AES-XTS: as from code that nothing describes. */
    private Walked withoutRuleOfLeaf(int maxFrames, WalkEnd end) {
        try {
            begin();
            if (rules.guessOfLeaf(this) instanceof UnwindRule.Frame guess) {
                leave(guess);
                return goOn(maxFrames);
            }
            return walked(end);
        } catch (WalkEnded e) {
            return walked(e.end());
        }
    }

    private void begin() {
        pc = stack.pc();
        sp = stack.sp();
        rbp.set(stack.rbp(), stack.rbpAt());
        rbx.set(stack.rbx(), stack.rbxAt());
        exact = stack.exact();
        tentative = stack.tentative();
        moved = false;
    }

    private Walked walked(WalkEnd end) {
        return new Walked(
                Arrays.copyOf(frames, count),
                Arrays.copyOf(stackPointers, count),
                end,
                rules.guessed(),
                rules.unsure(),
                rules.ownCode());
    }

    private void step() throws WalkEnded {
        UnwindRule rule = rules.of(this);
        note(rule instanceof UnwindRule.SignalFrame ? instruction() : pc);
        switch (rule) {
            case UnwindRule.Frame frame -> leave(frame);
            case UnwindRule.Popped popped -> leave(popped);
            case UnwindRule.SignalFrame() -> leaveSignalFrame();
            case UnwindRule.Interpreted() -> leaveInterpreted();
            case UnwindRule.Found found -> leave(found);
            case UnwindRule.Stop(WalkEnd end) -> throw new WalkEnded(end);
        }
    }

    private void note(long address) {
        if (count == frames.length) {
            frames = Arrays.copyOf(frames, 2 * count);
            stackPointers = Arrays.copyOf(stackPointers, 2 * count);
        }
        stackPointers[count] = sp;
        frames[count++] =
                PythonFrames.isWord(address) ? address << 4 >>> 4 : address; // what a stack holds may be anything
    }

    private void leave(UnwindRule.Frame rule) throws WalkEnded {
        long cfa = cfa(rule.cfa());
        boolean moves = isLower(cfa, sp) && !moved && mayLeaveStack(rule.cfa());
        moved |= moves;
        if (rule.checked() || moves || !(exact || isKeptByCalls(rule.cfa()))) {
            rules.check(this, cfa + rule.returnAddress());
        }
        boolean byRbp = rule.rbp() instanceof SavedRegister.AtRbp || rule.rbx() instanceof SavedRegister.AtRbp;
        long base = byRbp ? rbp.value(this::word) : 0;
        rbp.leave(rule.rbp(), cfa, base);
        rbx.leave(rule.rbx(), cfa, base);
        if (isLower(cfa, moves || rule.cfa() instanceof CfaRule.OtherStack ? 0 : sp)) {
            throw new WalkEnded(!exact && rules.endsChain(cfa) ? WalkEnd.END_OF_STACK : WalkEnd.NOT_ADVANCING);
        }
        goTo(cfa, cfa + rule.returnAddress());
    }

    /** Whether a caller's frame cannot begin there. A leaf may have no frame and its return address below rsp. */
    private boolean isLower(long cfa, long end) {
        return Long.compareUnsigned(cfa, end) < 0 || (cfa == end && !exact);
    }

    /** Coroutines have stacks of their own, and OCaml one where it calls C. */
    private static boolean mayLeaveStack(CfaRule cfa) {
        boolean byOther = cfa instanceof CfaRule.RegisterOffset(int number, var _)
                && number != Registers.RSP
                && number != Registers.RBP;
        return byOther || cfa instanceof CfaRule.Dereference;
    }

    private static boolean isKeptByCalls(CfaRule cfa) {
        int register = cfa.register();
        boolean kept = register == Registers.RSP || register == Registers.RBP || register == Registers.RBX;
        return kept && !(cfa instanceof CfaRule.Element);
    }

    private void leave(UnwindRule.Popped rule) throws WalkEnded {
        if (!exact) {
            throw new WalkEnded(WalkEnd.UNKNOWN_REGISTER);
        }
        enter(register(rule.register()), sp + rule.offset());
    }

    private void leaveInterpreted() throws WalkEnded {
        long frame = register(Registers.RBP);
        long callers = word(frame - WORD);
        rbp.leaveTo(frame);
        goTo(callers, frame + WORD);
    }

    private void leave(UnwindRule.Found caller) {
        if (caller.rbpAt() != 0) {
            rbp.leaveTo(caller.rbpAt());
        }
        enter(caller.returnAddress(), caller.sp());
    }

    private void goTo(long cfa, long returnAddressAt) throws WalkEnded {
        long returnAddress = word(returnAddressAt);
        if (returnAddress == 0) {
            throw new WalkEnded(begins(returnAddressAt) ? WalkEnd.END_OF_STACK : WalkEnd.ZERO_RETURN);
        }
        enter(returnAddress, cfa);
    }

    /** Whether 0 in place of a return address says that the stack begins there: where rbp is 0 too (System V psABI, 3.4.1), or the memory ends. */
    private boolean begins(long at) {
        return hasNoFramePointer() || stack.isLast(at) || (count == 1 && stack.newborn());
    }

    /** Whether rbp is known, and 0. */
    boolean hasNoFramePointer() {
        try {
            return rbp.value(this::word) == 0;
        } catch (WalkEnded _) {
            return false;
        }
    }

    /** Whether this frame is among the first on the stack that the kernel began for the process's first thread. */
    boolean isNearFirst() {
        return Long.compareUnsigned(stack.first() - sp, FIRST_FRAMES) <= 0;
    }

    private void enter(long returnAddress, long cfa) {
        pc = returnAddress - 1;
        sp = cfa;
        tentative = exact;
        exact = false;
    }

    private long cfa(CfaRule rule) throws WalkEnded {
        return switch (rule) {
            case CfaRule.RegisterOffset(int number, int offset) -> register(number) + offset;
            case CfaRule.OtherStack(int number, int offset) -> register(number) + offset;
            case CfaRule.FramePointer() -> rbp.value(this::word) + 2 * WORD;
            case CfaRule.Shared(int offset) -> sp + offset;
            case CfaRule.Dereference(int number, int offset, int addend) ->
                (word(register(number) + offset) & -WORD) + addend; // LuaJIT keeps flags in the lowest bits
            case CfaRule.Element(int number, int index, int offset, int addend) ->
                (word(register(number) + WORD * register(index) + offset) & -WORD) + addend;
            case CfaRule.Plt(int threshold) -> sp + ((instruction() & PLT_ENTRY_MASK) >= threshold ? 16 : 8);
        };
    }

    private void leaveSignalFrame() throws WalkEnded {
        for (int i = 0; i < UCONTEXT.length; i++) {
            registers[UCONTEXT[i]] = word(sp + SAVED_REGISTERS + WORD * i);
        }
        pc = word(sp + SAVED_REGISTERS + WORD * UCONTEXT.length);
        sp = registers[Registers.RSP];
        rbp.set(registers[Registers.RBP]);
        rbx.set(registers[Registers.RBX]);
        exact = true;
    }

    /** By DWARF number. */
    long register(int number) throws WalkEnded {
        return switch (number) {
            case Registers.RSP -> sp;
            case Registers.RBP -> rbp.value(this::word);
            case Registers.RBX -> rbx.value(this::word);
            default -> {
                if (!(exact || tentative) || number >= registers.length) {
                    throw new WalkEnded(WalkEnd.UNKNOWN_REGISTER);
                }
                yield registers[number];
            }
        };
    }

    /** The same in an exact frame, all of whose registers are known. */
    long known(int number) {
        try {
            return register(number);
        } catch (WalkEnded e) {
            throw new IllegalStateException(e);
        }
    }

    long word(long address) throws WalkEnded {
        if (!stack.has(address)) {
            throw new WalkEnded(stack.endsBefore(address) ? WalkEnd.STACK_UNREADABLE : WalkEnd.COPY_ENDS);
        }
        return stack.word(address);
    }

    /** The same, but 0 where there is none. */
    long wordOrZero(long address) {
        return stack.has(address) ? stack.word(address) : 0;
    }

    /** Inside the instruction that runs or calls. */
    long pc() {
        return pc;
    }

    long sp() {
        return sp;
    }

    /** Whether all registers are known: the leaf, or what a signal interrupted. */
    boolean exact() {
        return exact;
    }

    /** Whether no frame is known yet: the first is the one that the walk was begun from, which is one for certain. */
    boolean isFirst() {
        return count == 0;
    }

    /** The first frame of a thread that has only just been made. */
    boolean newborn() {
        return count == 0 && stack.newborn();
    }

    /** This frame is another's, whose place it has taken. */
    void standFor(long returnAddress) {
        pc = returnAddress - 1;
    }

    /** Where the instruction begins that runs next. */
    long instruction() {
        return exact ? pc : pc + 1;
    }
}
