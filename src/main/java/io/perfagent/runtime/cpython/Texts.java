package io.perfagent.runtime.cpython;

import io.perfagent.runtime.cpython.PythonLayout.Objects;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Reads {@code str}, {@code bytes} and {@code tuple} objects. Text has characters of 8, 16 or 32 bits, whichever all of its characters fit in (PEP 393).
 * Half of a surrogate pair, as in names of files that are not UTF-8, becomes U+FFFD.
 */
final class Texts {
    private static final int COMPACT = 1 << 5;
    private static final int ASCII = 1 << 6;
    private static final long LARGEST_TUPLE = 1 << 20;

    private final Objects objects;
    private final PythonMemory memory;
    private final BuiltinTypes types;

    Texts(Objects objects, PythonMemory memory, BuiltinTypes types) {
        this.objects = objects;
        this.memory = memory;
        this.types = types;
    }

    /** A {@code str} of at most so many characters. */
    String text(long address, int most) throws MissedException {
        ByteBuffer head = object(address, objects.asciiData(), BuiltinType.STR);
        int state = head.getInt(objects.textState());
        int width = state >>> 2 & 7;
        boolean ascii = (state & ASCII) != 0;
        if ((state & COMPACT) == 0 || (ascii && width != 1)) {
            throw new MissedException(CodeMiss.MALFORMED);
        }
        Charset charset = charset(width);
        int length = size(head.getLong(objects.textLength()), most) * width;
        long data = address + (ascii ? objects.asciiData() : objects.wideData());
        String text = new String(memory.read(data, length).array(), charset);
        return width == Integer.BYTES ? withoutHalves(text) : text;
    }

    /** What a {@code bytes} of at most so many bytes holds. */
    byte[] bytes(long address, int most) throws MissedException {
        ByteBuffer head = object(address, objects.bytesData(), BuiltinType.BYTES);
        int size = size(head.getLong(objects.bytesSize()), most);
        return memory.read(address + objects.bytesData(), size).array();
    }

    /** Whether a {@code bytes} is. */
    boolean isEmpty(long address) throws MissedException {
        return object(address, objects.bytesData(), BuiltinType.BYTES).getLong(objects.bytesSize()) == 0;
    }

    /** Where the last item of a {@code tuple} is; 0 of an empty one. */
    long lastOf(long address) throws MissedException {
        ByteBuffer head = object(address, objects.tupleItems(), BuiltinType.TUPLE);
        long size = head.getLong(objects.bytesSize());
        return size <= 0 || size > LARGEST_TUPLE
                ? 0
                : memory.read(address + objects.tupleItems() + (size - 1) * Long.BYTES, Long.BYTES)
                        .getLong(0);
    }

    private ByteBuffer object(long address, int length, BuiltinType type) throws MissedException {
        ByteBuffer head = memory.read(address, length);
        if (!types.is(type, head)) {
            throw new MissedException(CodeMiss.MALFORMED);
        }
        return head;
    }

    private static Charset charset(int width) throws MissedException {
        return switch (width) {
            case 1 -> StandardCharsets.ISO_8859_1;
            case 2 -> StandardCharsets.UTF_16LE;
            case 4 -> StandardCharsets.UTF_32LE;
            default -> throw new MissedException(CodeMiss.MALFORMED);
        };
    }

    /** Decoding of 32-bit characters lets halves of pairs pass, that of 16-bit characters does not. */
    private static String withoutHalves(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_16LE), StandardCharsets.UTF_16LE);
    }

    private static int size(long size, int most) throws MissedException {
        if (size < 0 || size > most) {
            throw new MissedException(size < 0 ? CodeMiss.MALFORMED : CodeMiss.TOO_LARGE);
        }
        return (int) size;
    }
}
