package io.perfagent.rewalk.x86_64;

import io.perfagent.model.CodeMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Code that keeps a frame pointer in each function: where a leaf is in its function, by the instructions around. */
final class FramedCode {
    private static final int BEFORE = 32;
    private static final int AFTER = 24;
    private static final int PAGE = 4096;
    private static final int PUSH_MOV = 0xe5894855;
    /** mov %rbp,%rsp; pop %rbp */
    private static final int MOV_POP = 0x5de58b48;

    private static final int RET = 0xc3;
    private static final int RET_WORDS = 0xc2;

    private final CodeMemory memory;

    enum Place {
        IN_FRAME,
        /** It makes its frame soon, or returns now. */
        OUTSIDE,
        /** It has taken its frame down a few instructions before. */
        TAKEN_DOWN
    }

    FramedCode(CodeMemory memory) {
        this.memory = memory;
    }

    Place place(long pc) {
        byte[] after = new byte[AFTER];
        int inPage = (int) Math.min(AFTER, PAGE - (pc & (PAGE - 1)));
        if (!memory.read(pc, after, 0, inPage)) {
            return Place.IN_FRAME;
        }
        int next = Byte.toUnsignedInt(after[0]);
        if (next == RET || next == RET_WORDS || holds(after, PUSH_MOV)) {
            return Place.OUTSIDE;
        }
        byte[] before = new byte[BEFORE];
        return memory.read(pc - BEFORE, before, 0, BEFORE) && holds(before, MOV_POP)
                ? Place.TAKEN_DOWN
                : Place.IN_FRAME;
    }

    private static boolean holds(byte[] bytes, int wanted) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at + Integer.BYTES <= bytes.length; at++) {
            if (in.getInt(at) == wanted) {
                return true;
            }
        }
        return false;
    }
}
