package io.perfagent.view.pprof;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/**
 * Reads messages field by field, which takes no object for any of them:
 *
 * <pre>
 *   for (int field = records.next(); field != 0; field = records.next()) { … number(), enter() or skip() }
 * </pre>
 *
 * For one thread.
 */
final class Records {
    private final CodedInputStream in;
    private final int from;
    private int tag;

    /** From a place on, up to another. */
    Records(byte[] bytes, int from, int end) {
        this.in = CodedInputStream.newInstance(bytes, from, end - from);
        this.from = from;
    }

    /** The number of the next field; 0 at the end of the message. */
    int next() throws IOException {
        tag = in.readTag();
        return WireFormat.getTagFieldNumber(tag);
    }

    /** Goes into the message, or the list of numbers, that the field is; returns what {@link #leave} needs. */
    int enter() throws IOException {
        return in.pushLimit(length());
    }

    /** Goes on behind the message, which has been read to its end. */
    void leave(int outer) {
        in.popLimit(outer);
    }

    /** Whether more numbers follow in a list. */
    boolean more() throws IOException {
        return !in.isAtEnd();
    }

    /** The next number of a list. */
    long listed() throws IOException {
        return in.readRawVarint64();
    }

    /** Whether the field is a list of numbers, and not one of them. */
    boolean isList() {
        return WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    long number() throws IOException {
        require(WireFormat.WIRETYPE_VARINT);
        return in.readRawVarint64();
    }

    /** How long text or message is that begins {@link #at} the next byte. */
    int length() throws IOException {
        require(WireFormat.WIRETYPE_LENGTH_DELIMITED);
        int length = in.readRawVarint32();
        if (length < 0) {
            throw new InvalidProtocolBufferException("a negative length");
        }
        return length;
    }

    /** Where the next byte is in the array. */
    int at() {
        return from + in.getTotalBytesRead();
    }

    void skipBytes(int length) throws IOException {
        in.skipRawBytes(length);
    }

    void skip() throws IOException {
        boolean _ = in.skipField(tag);
    }

    private void require(int type) throws InvalidProtocolBufferException {
        if (WireFormat.getTagWireType(tag) != type) {
            throw new InvalidProtocolBufferException("a field of another type");
        }
    }
}
