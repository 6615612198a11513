package io.perfagent.runtime.cpython;

import io.perfagent.model.CodeMemory;
import io.perfagent.runtime.cpython.PythonLayout.Code;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads code objects of a process that goes on meanwhile. What it changes or frees during that is noticed: what was read counts only if the
 * object was there before and after, alive and with the tag of the one that ran, for what a code object refers to lives as long as it does.
 */
public final class CodeObjects {
    static final int LONGEST_NAME = 4096;
    private static final int LARGEST_TABLE = 1 << 20;
    private static final String COMPILED = "Compiled function bytecode used";

    private final PythonLayout layout;
    private final PythonMemory memory;
    private final BuiltinTypes types;
    private final Texts texts;
    private final FunctionNames functions;

    public CodeObjects(PythonLayout layout, CodeMemory memory) {
        this(layout, memory, Map.of());
    }

    /** @param types where built-in types are, as far as that is known: then nothing of them is read */
    CodeObjects(PythonLayout layout, CodeMemory memory, Map<BuiltinType, Long> types) {
        this.layout = layout;
        this.memory = new PythonMemory(memory);
        this.types = new BuiltinTypes(layout.objects(), this.memory, types);
        this.texts = new Texts(layout.objects(), this.memory, this.types);
        this.functions = new FunctionNames(layout, this.memory, this.types, texts);
    }

    /**
     * The code object at an address.
     *
     * @param tag of the one that ran there, see {@link CodeTag}
     */
    public CodeResult read(long address, int tag) {
        try {
            return code(address, tag, null);
        } catch (MissedException e) {
            return e.miss();
        }
    }

    /** The same without its lines. */
    CodeResult readNames(long address, int tag) {
        try {
            return code(address, tag, new byte[0]);
        } catch (MissedException e) {
            return e.miss();
        }
    }

    /** What the function at an address, if it is one of this code, calls itself. */
    String nameOfFunction(long function, long code, String name) {
        return functions.name(function, code, name);
    }

    /**
     * Whether a code object has no instructions that could ever run, since it stands for a function that has been compiled to C. Nuitka makes
     * such ones: without any up to 3.10, later with those of a statement that raises an error of this text.
     */
    boolean standsForCompiled(long address, int tag) {
        try {
            ByteBuffer head = memory.read(address, layout.code().headBytes());
            boolean compiled = layout.code().instructions() == PythonLayout.NONE
                    ? endsWith(head.getLong(layout.code().constants()), COMPILED)
                    : texts.isEmpty(head.getLong(layout.code().instructions()));
            return compiled && tag(address) == tag;
        } catch (MissedException _) {
            return false;
        }
    }

    private boolean endsWith(long constants, String text) throws MissedException {
        long last = texts.lastOf(constants);
        return last != 0 && texts.text(last, text.length()).equals(text);
    }

    /** The tag of what is at an address now; for what need not be told from what was there before. */
    int tag(long address) throws MissedException {
        return layout.tag().read(address, memory);
    }

    /** @param lines its table, null to read it */
    private CodeObject code(long address, int tag, byte @Nullable [] lines) throws MissedException {
        Code code = layout.code();
        ByteBuffer head = memory.read(address, code.headBytes());
        expectTag(address, tag);
        if (!types.is(BuiltinType.CODE, head)) {
            throw new MissedException(CodeMiss.NO_CODE);
        }
        int name = code.qualifiedName() == PythonLayout.NONE ? code.name() : code.qualifiedName();
        int firstLine = head.getInt(code.firstLine());
        String qualified = texts.text(head.getLong(name), LONGEST_NAME);
        CodeObject found = new CodeObject(
                qualified,
                qualified,
                texts.text(head.getLong(code.file()), LONGEST_NAME),
                firstLine,
                new LineTable(
                        layout.lineFormat(),
                        lines == null ? texts.bytes(head.getLong(code.lines()), LARGEST_TABLE) : lines,
                        firstLine));
        expectUnchanged(address, head);
        expectTag(address, tag);
        return found;
    }

    private void expectTag(long address, int tag) throws MissedException {
        if (tag(address) != tag) {
            throw new MissedException(CodeMiss.GONE);
        }
    }

    /** All but the number of references, which comes first of what is compared here. */
    private void expectUnchanged(long address, ByteBuffer before) throws MissedException {
        int references = layout.objects().references();
        ByteBuffer now = memory.read(address, before.capacity());
        boolean alive = layout.objects().isAlive(now);
        int from = references + Long.BYTES;
        int length = before.capacity() - from;
        if (!alive || !now.slice(from, length).equals(before.slice(from, length))) {
            throw new MissedException(CodeMiss.GONE);
        }
    }
}
