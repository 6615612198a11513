package io.perfagent.push.queue;

import io.perfagent.push.request.Request;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A request as it is in a file:
 *
 * <pre>
 *   "PAQ1" │ CRC-32C of what follows │ path │ content type │ encoding │ profiles │ length │ body
 *   bytes 4                        8   each a length of two bytes and text      4        4
 * </pre>
 */
final class QueueFile {
    private static final int MAGIC = 0x50415131;
    private static final int HEAD_BYTES = 12;

    private QueueFile() {}

    static byte[] bytes(Request request) throws IOException {
        ByteArrayOutputStream rest = new ByteArrayOutputStream(request.body().length + 256);
        DataOutputStream out = new DataOutputStream(rest);
        out.writeUTF(request.path());
        out.writeUTF(request.contentType());
        out.writeUTF(request.encoding());
        out.writeInt(request.profiles());
        out.writeInt(request.body().length);
        out.write(request.body());
        ByteArrayOutputStream all = new ByteArrayOutputStream(rest.size() + HEAD_BYTES);
        DataOutputStream head = new DataOutputStream(all);
        head.writeInt(MAGIC);
        head.writeLong(crc(rest.toByteArray(), 0));
        rest.writeTo(all);
        return all.toByteArray();
    }

    /** Null where the bytes are not what was written: a machine went down, or a disk failed. */
    static @Nullable Request request(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readInt() != MAGIC || in.readLong() != crc(bytes, HEAD_BYTES)) {
                return null;
            }
            String path = in.readUTF();
            String contentType = in.readUTF();
            String encoding = in.readUTF();
            int profiles = in.readInt();
            byte[] body = in.readNBytes(in.readInt());
            return new Request(path, contentType, encoding, profiles, body);
        } catch (IOException | IllegalArgumentException _) {
            return null;
        }
    }

    private static long crc(byte[] bytes, int from) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, bytes.length - from);
        return crc.getValue();
    }
}
