package io.perfagent.runtime.cpython;

import io.perfagent.model.CodeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Memory of any bytes, read as an interpreter's: its layout, its threads and its code. The first byte is the minor version. */
public final class CodeObjectFuzzer {
    private CodeObjectFuzzer() {}

    public static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (int minor = 6; minor <= 12; minor++) {
            MadeUpPython python = new MadeUpPython(MadeUpPython.layout(minor));
            seeds.add(input(minor, (minor < 11 ? python : python.function("a", "f")).bytes.array()));
        }
        for (int minor = 13; minor <= 15; minor++) {
            seeds.add(input(minor, MadeUpOffsets.of(minor).bytes()));
        }
        return seeds;
    }

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
        CodeMemory memory = new MadeUpPython(MadeUpPython.layout(6), bytes).memory();
        if (PythonLayout.of(input[0], MadeUpPython.START, memory) instanceof PythonLayout layout) {
            var _ = ThreadStates.read(layout, MadeUpPython.START, memory);
            int instruction = ByteBuffer.wrap(Arrays.copyOf(bytes, Integer.BYTES))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getInt();
            if (new MadeUpPython(layout, bytes).read() instanceof CodeObject code) {
                var _ = code.lines().line(layout.offset(instruction));
                if (code.name().length() > 8192 || code.file().length() > 8192) {
                    throw new AssertionError("a name of " + code.name().length());
                }
            }
        }
        if (PythonLayout.of(Math.clamp(input[0], 11, 12), MadeUpPython.START, memory) instanceof PythonLayout layout) {
            var _ = new MadeUpPython(layout, bytes).nameOfFunction("f");
        }
        var _ = InterpreterHead.find(MadeUpPython.START, memory);
    }

    private static byte[] input(int minor, byte[] bytes) {
        byte[] input = new byte[bytes.length + 1];
        input[0] = (byte) minor;
        System.arraycopy(bytes, 0, input, 1, bytes.length);
        return input;
    }
}
