package io.perfagent.runtime.cpython;

import static io.perfagent.runtime.cpython.PythonLayout.NONE;
import static java.util.Objects.requireNonNull;

import io.perfagent.model.CodeMemory;
import io.perfagent.runtime.cpython.PythonLayout.Code;
import io.perfagent.runtime.cpython.PythonLayout.Objects;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** Memory of some KiB with a code object and what it refers to, to be changed byte by byte. */
final class MadeUpPython {
    static final long START = 0x10_0000;
    static final long CODE = START;
    static final long NAME = START + 0x200;
    static final long FILE = START + 0x300;
    static final long LINES = START + 0x400;
    static final long FUNCTION = START + 0x500;
    static final long FUNCTION_NAME = START + 0x600;
    static final long MODULE = START + 0x700;
    static final int SIZE = 0x1000;
    private static final long TYPES = START + 0x800;
    private static final long TYPE_BYTES = 0x80;
    private static final int COMPACT = 1 << 5;
    private static final int ASCII = 1 << 6;

    final ByteBuffer bytes;
    private final PythonLayout layout;

    MadeUpPython(PythonLayout layout) {
        this(layout, new byte[SIZE]);
        types();
        code();
        text(NAME, "f", 1, true);
        text(FILE, "a.py", 1, true);
        lines(new byte[] {0, 1, 2, 1});
    }

    MadeUpPython(PythonLayout layout, byte[] bytes) {
        this.layout = layout;
        this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static PythonLayout layout(int minor) {
        return (PythonLayout) FixedLayouts.of(minor);
    }

    CodeMemory memory() {
        return (address, to, at, length) -> {
            if (address < START || address > START + bytes.capacity() - length) {
                return false;
            }
            bytes.get((int) (address - START), to, at, length);
            return true;
        };
    }

    /** With the tag that the code has now. */
    CodeResult read() {
        return read(memory());
    }

    CodeResult read(CodeMemory memory) {
        CodeObjects codes = new CodeObjects(layout, memory);
        try {
            return codes.read(CODE, codes.tag(CODE));
        } catch (MissedException e) {
            return e.miss();
        }
    }

    int tag() {
        return Layouts.tag(new CodeObjects(layout, memory()), CODE);
    }

    MadeUpPython number(long address, int value) {
        bytes.putInt((int) (address - START), value);
        return this;
    }

    MadeUpPython word(long address, long value) {
        bytes.putLong((int) (address - START), value);
        return this;
    }

    /** A {@code str} whose characters have 1, 2 or 4 bytes. */
    MadeUpPython text(long address, String text, int width, boolean ascii) {
        Objects objects = layout.objects();
        object(address, BuiltinType.STR);
        Charset charset = switch (width) {
            case 1 -> StandardCharsets.ISO_8859_1;
            case 2 -> StandardCharsets.UTF_16LE;
            default -> StandardCharsets.UTF_32LE;
        };
        byte[] characters = text.getBytes(charset);
        word(address + objects.textLength(), characters.length / width);
        word(address + objects.textHash(), text.hashCode());
        number(address + objects.textState(), width << 2 | COMPACT | (ascii ? ASCII : 0));
        return put(address + (ascii ? objects.asciiData() : objects.wideData()), characters);
    }

    /** A function of the code, from 3.11 on. */
    MadeUpPython function(String module, String name) {
        FunctionLayout functions = requireNonNull(FunctionLayout.of(layout));
        object(FUNCTION, BuiltinType.FUNCTION);
        word(FUNCTION + functions.code(), CODE);
        word(FUNCTION + functions.qualifiedName(), FUNCTION_NAME);
        word(FUNCTION + functions.module(), MODULE);
        text(MODULE, module, 1, true);
        return text(FUNCTION_NAME, name, 1, true);
    }

    /** What a function is called whose code has such a name. */
    String nameOfFunction(String code) {
        return new CodeObjects(layout, memory()).nameOfFunction(FUNCTION, CODE, code);
    }

    MadeUpPython lines(byte[] table) {
        object(LINES, BuiltinType.BYTES);
        word(LINES + layout.objects().bytesSize(), table.length);
        return put(LINES + layout.objects().bytesData(), table);
    }

    MadeUpPython object(long address, BuiltinType type) {
        word(address + layout.objects().references(), layout.objects().twoCounts() ? 1 << 2 : 1);
        return word(address + layout.objects().type(), TYPES + type.ordinal() * TYPE_BYTES);
    }

    private MadeUpPython put(long address, byte[] content) {
        bytes.put((int) (address - START), content);
        return this;
    }

    private void types() {
        for (BuiltinType type : BuiltinType.values()) {
            long address = TYPES + type.ordinal() * TYPE_BYTES;
            word(address + layout.objects().typeName(), address + 64);
            put(address + 64, (type.label + '\0').getBytes(StandardCharsets.US_ASCII));
        }
    }

    private void code() {
        Code code = layout.code();
        object(CODE, BuiltinType.CODE);
        number(CODE + code.firstLine(), 7);
        word(CODE + code.file(), FILE);
        word(CODE + code.lines(), LINES);
        word(CODE + code.name(), NAME);
        if (code.qualifiedName() != NONE) {
            word(CODE + code.qualifiedName(), NAME);
        }
        if (code.version() != NONE) {
            number(CODE + code.version(), 42);
        }
    }
}
