package io.perfagent.unwind;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Whether a file's functions keep frame pointers, as the calls in it show: most lead to {@code push %rbp; mov %rsp,%rbp}. In programs that
 * were compiled with frame pointers four in five do, as in Bun; in others, LuaJIT, Mono and musl among them, less than one in five.
 */
final class FramePointerCode {
    private static final int PIECES = 32;
    private static final int PIECE_BYTES = 1 << 16;
    private static final int CALL = 0xe8;
    private static final int CALL_BYTES = 5;
    private static final int ENDBR64 = 0xfa1e0ff3;
    private static final int PUSH_MOV = 0xe5894855;
    private static final int LONGEST_START = 8;
    private static final int LEAST_CALLS = 100;
    private static final double LEAST_SHARE = 0.7;

    /** V8's built-in functions take 1.6 MB, each of some hundred bytes. */
    private static final long LEAST_GAP = 1 << 19;

    private static final int MOST_BYTES_OF_A_FUNCTION = 1 << 12;

    private int calls;
    private int kept;

    private FramePointerCode() {}

    static boolean isIn(ElfFile file) throws IOException {
        FramePointerCode code = new FramePointerCode();
        for (Segment segment : file.segments()) {
            if (segment.type() == Segment.PT_LOAD && segment.executable()) {
                code.look(file, segment);
            }
        }
        return code.calls >= LEAST_CALLS && code.kept >= LEAST_SHARE * code.calls;
    }

    /**
     * Whether a gap between functions that are described is what V8 has compiled beforehand: large, and full of functions that keep frame
     * pointers. Gaps of assembly are smaller, 160 KiB in libcrypto, or hold no such function: one of Node.js 22 has 1.1 MiB.
     */
    static boolean fills(ElfFile file, long from, long to) throws IOException {
        long starts = 0;
        for (long at = from; to - from >= LEAST_GAP && at < to; at += PIECE_BYTES) {
            starts += starts(file.readAddress(at, Math.min(PIECE_BYTES, to - at)));
        }
        return starts > 0 && starts >= (to - from) / MOST_BYTES_OF_A_FUNCTION;
    }

    private static int starts(ByteBuffer piece) {
        int starts = 0;
        for (int at = 0; at + Integer.BYTES <= piece.limit(); at++) {
            starts += piece.getInt(at) == PUSH_MOV ? 1 : 0;
        }
        return starts;
    }

    /** Pieces from all over it. */
    private void look(ElfFile file, Segment segment) throws IOException {
        long step = Math.max(PIECE_BYTES, segment.fileSize() / PIECES);
        for (long at = 0; at < segment.fileSize() && at / step <= PIECES; at += step) {
            look(file.readAddress(segment.address() + at, Math.min(PIECE_BYTES, segment.fileSize() - at)));
        }
    }

    /** Calls that stay in the piece; some of the bytes are no calls, and lead anywhere. */
    private void look(ByteBuffer piece) {
        for (int at = 0; at + CALL_BYTES <= piece.limit(); at++) {
            if (Byte.toUnsignedInt(piece.get(at)) == CALL) {
                long target = at + CALL_BYTES + (long) piece.getInt(at + 1);
                if (target >= 0 && target + LONGEST_START <= piece.limit()) {
                    calls++;
                    kept += keeps(piece, (int) target) ? 1 : 0;
                }
            }
        }
    }

    private static boolean keeps(ByteBuffer piece, int at) {
        int first = piece.getInt(at);
        return (first == ENDBR64 ? piece.getInt(at + Integer.BYTES) : first) == PUSH_MOV;
    }
}
