package io.perfagent.unwind.x86_64.flow;

import io.perfagent.model.CodeMemory;
import io.perfagent.unwind.cfi.Workspace;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Rules of code that no call-frame information describes, taken from the code itself: where it returns the return address is at rsp, and what the
 * instructions on the way there do to the stack pointer says where it is before them.
 *
 * <pre>
 *   push %rbx        CFA = rsp + 8
 *   sub  $32,%rsp    CFA = rsp + 16    rbx at CFA − 16
 *   …                CFA = rsp + 48    rbx at CFA − 16         ↑
 *   add  $32,%rsp    CFA = rsp + 48    rbx at CFA − 16         │ so far as all ways
 *   pop  %rbx        CFA = rsp + 16    rbx at CFA − 16         │ say the same
 *   ret              CFA = rsp + 8     begins here             │
 * </pre>
 *
 * What it says was not written down by whoever made the code, so a walk checks it: the return address must be behind a call.
 */
public final class CodeFlow {
    /** Bytes of a stretch that is looked at as a whole. */
    public static final int MAX_BYTES = 1 << 19;

    /** Of heap, for each byte of code: positions, effects, states, and bits. */
    private static final int BYTES_PER_BYTE = 9;

    /** What a function leads to that does not lead into a block. */
    public static final int NOWHERE = -1;

    private CodeFlow() {}

    /** Takes rows in the order of their addresses; each holds up to the next. */
    public interface Rows {
        void frame(long address, UnwindRule.Frame frame);

        /** From the address on, nothing is known. */
        void none(long address);
    }

    /**
     * The rule at an address of memory that holds code, such as that which JIT compilers make; null where the code does not tell.
     *
     * @param memory has it; what cannot be read is not known
     * @param pc where an instruction begins
     * @param departure what is known of its jumps
     */
    public static UnwindRule.@Nullable Frame at(CodeMemory memory, long pc, Departure departure) {
        Reach reach = Reach.from(memory, pc, departure);
        int index = reach.indexOf(pc);
        long caller = index < 0 ? Caller.NOTHING : Flow.of(reach.stretch())[index];
        return Caller.isKnown(caller) ? frame(caller) : null;
    }

    /** Takes rules of instructions, in the order of their addresses. */
    public interface Rules {
        /** @param end behind the next instruction that leaves the code; behind the last that there is near to it where none does */
        void rule(long address, UnwindRule.Frame rule, long end);
    }

    /** The rules of all instructions, of those near to an address, that may run from there on; none where its own is not known. */
    public static void from(CodeMemory memory, long pc, Departure departure, int most, Rules rules) {
        Reach reach = Reach.from(memory, pc, departure);
        BitSet all = new BitSet();
        all.set(0, reach.stretch().count());
        tell(reach, pc, all, most, rules);
    }

    /**
     * The same of those that loop with the one at an address. What code does on its way to where it returns may begin with a call that makes its
     * frame, which this does not see; but not over and over.
     */
    public static void inLoop(CodeMemory memory, long pc, int most, Rules rules) {
        Reach reach = Reach.from(memory, pc, Departure.UNKNOWN);
        int index = reach.indexOf(pc);
        tell(reach, pc, index < 0 ? new BitSet() : Loop.of(reach.stretch(), index), most, rules);
    }

    private static void tell(Reach reach, long pc, BitSet which, int most, Rules rules) {
        int index = reach.indexOf(pc);
        if (index < 0 || !which.get(index)) {
            return;
        }
        long[] callers = Flow.of(reach.stretch());
        if (!Caller.isKnown(callers[index])) {
            return;
        }
        int end = Math.min(callers.length, index + most / 2);
        for (int i = which.nextSetBit(Math.max(0, index - most / 2)); i >= 0 && i < end; i = which.nextSetBit(i + 1)) {
            if (Caller.isKnown(callers[i])) {
                rules.rule(reach.address(i), frame(callers[i]), reach.endFrom(i));
            }
        }
    }

    /**
     * Where in a block of memory a function may only have jumped to: with no more on the stack than it was called with, and before it has called
     * what its code does not name, it goes on in a function that begins there or not far before, or where its code does not tell.
     *
     * @param memory has the code
     * @param function where it begins
     * @param block where that begins
     * @param frame bytes from the CFA down to rsp at a jump that leads anywhere, if the function may have made a frame; else those of the return address
     * @return from which of its bytes on; {@link #NOWHERE} where it does not
     */
    public static int leads(CodeMemory memory, long function, long block, int bytes, int frame) {
        return new Tails(Reach.beforeUnnamedCalls(memory, function), function, frame).leadInto(block, bytes);
    }

    /**
     * Writes the rows of a stretch of a file.
     *
     * @param code at most {@link #MAX_BYTES}
     * @param address of the first of them
     * @param functions positions in them at which functions are known to begin
     * @param departure what is known of its jumps
     * @param workspace has room for what it takes
     */
    public static void follow(
            byte[] code,
            long address,
            BitSet functions,
            Surroundings around,
            Departure departure,
            Workspace workspace,
            Rows rows) {
        long heap = (long) BYTES_PER_BYTE * code.length;
        workspace.take(heap);
        Stretch stretch = Sweep.through(code, address, functions, workspace);
        stretch.leavesBy(departure);
        stretch.link(around);
        new Writer(stretch, Flow.of(stretch), rows).write();
        stretch.release();
        workspace.giveBack(heap);
    }

    static UnwindRule.Frame frame(long caller) {
        return new UnwindRule.Frame(
                cfa(caller), saved(Caller.rbp(caller)), saved(Caller.rbx(caller)), -Caller.WORD_BYTES, true);
    }

    private static CfaRule cfa(long caller) {
        int register = Effect.dwarf(Caller.register(caller));
        return Caller.form(caller) == Caller.SUM
                ? new CfaRule.RegisterOffset(register, Caller.offset(caller))
                : new CfaRule.Dereference(register, Caller.offset(caller), Caller.addend(caller));
    }

    private static SavedRegister saved(int place) {
        return switch (place) {
            case Caller.IN_REGISTER -> new SavedRegister.Unchanged();
            case Caller.UNKNOWN -> new SavedRegister.Unknown();
            default -> new SavedRegister.AtCfa(-Caller.WORD_BYTES * place);
        };
    }
}
