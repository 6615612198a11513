package io.perfagent.unwind.x86_64.flow;

import io.perfagent.bpf.abi.UnwindRow;
import io.perfagent.unwind.cfi.Workspace;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** Code, as a file's gap and as a program's own: whatever the bytes are, an answer comes, and no rule that leads below the stack pointer. */
public final class CodeFlowFuzzer {
    private static final long ADDRESS = 0x401000;
    private static final Departure DEPARTURE =
            Departure.through(Effect.RBX, UnwindRow.rule(UnwindRow.ROW_RSP, 4 << UnwindRow.ROW_CFA_SHIFT));
    private static final Departure BY_ANY = Departure.byAny(new UnwindRule.Frame(
            new CfaRule.RegisterOffset(Effect.dwarf(Effect.RSP), 16440),
            new SavedRegister.AtCfa(-48),
            new SavedRegister.AtCfa(-56),
            -8));
    private static final int SEED_BYTES = 2048;
    private static final Path LIBRARY = Path.of("/lib/x86_64-linux-gnu/libc.so.6");

    private CodeFlowFuzzer() {}

    /** Pieces of a library, where its code is. */
    public static List<byte[]> seeds() throws IOException {
        byte[] library = Files.readAllBytes(LIBRARY);
        int middle = library.length / 2;
        return List.of(
                Arrays.copyOfRange(library, middle, middle + SEED_BYTES),
                Arrays.copyOfRange(library, library.length / 4, library.length / 4 + SEED_BYTES));
    }

    public static void fuzzerTestOneInput(byte[] input) {
        BitSet functions = new BitSet();
        if (input.length > 0) {
            functions.set(Byte.toUnsignedInt(input[0]) % input.length);
        }
        for (Departure departure : List.of(DEPARTURE, BY_ANY)) {
            CodeFlow.follow(
                    input, ADDRESS, functions, Surroundings.UNKNOWN, departure, Workspace.unlimited(), new Ordered());
        }
        Bytes memory = Bytes.of(input);
        for (int at = 0; at < input.length; at += 1 + Byte.toUnsignedInt(input[at])) {
            UnwindRule.Frame rule = CodeFlow.at(memory, memory.address() + at, DEPARTURE);
            if (rule != null) {
                check(rule);
            }
            int _ = CodeFlow.leads(memory, memory.address() + at, memory.address(), input.length, 8);
            CodeFlow.from(
                    memory, memory.address() + at, DEPARTURE, Byte.MAX_VALUE, (address, near, end) -> check(near));
        }
    }

    private static void check(UnwindRule.Frame rule) {
        if (rule.cfa() instanceof CfaRule.RegisterOffset(int register, int offset)
                && register == Effect.dwarf(Effect.RSP)
                && offset < Caller.WORD_BYTES) {
            throw new AssertionError("the return address lies below the stack pointer: " + rule);
        }
    }

    private static final class Ordered implements CodeFlow.Rows {
        private long last = ADDRESS - 1;

        @Override
        public void frame(long address, UnwindRule.Frame frame) {
            check(frame);
            none(address);
        }

        @Override
        public void none(long address) {
            if (address < last) {
                throw new AssertionError("rows are not in the order of their addresses");
            }
            last = address;
        }
    }
}
