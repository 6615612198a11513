package io.perfagent.unwind;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Segment;
import io.perfagent.unwind.cfi.MalformedCfi;
import io.perfagent.unwind.table.TableBuilder;
import io.perfagent.unwind.x86_64.Registers;
import io.perfagent.unwind.x86_64.RowEncoder;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The frame that code runs in which GHC has compiled from Haskell. Its functions have a stack of their own, no call-frame information, and leave rsp where
 * StgRun has put it, which makes room for 16 KiB and jumps to the first of them (rts/StgCRun.c). StgRun alone has call-frame information,
 * and says there by an expression where its caller's rsp is, as hardly anything else does.
 */
final class HaskellFrame {
    /** {@code DW_CFA_val_expression} of rsp. */
    private static final int VALUE_OF_RSP = 0x0716;

    private static final int DW_OP_BREG7 = 0x77;
    private static final int OPERATION = 3;
    /** More than any frame but this has of which that is said. */
    private static final int LEAST = 1 << 12;

    private static final int BELOW_CFA = -8;

    private HaskellFrame() {}

    /** Whether a file's call-frame information is worth a look: it leaves much of the code out, and has such an expression, by all looks. */
    static boolean mayBeIn(ElfFile file, CodeRanges described, byte[] section) {
        long code = file.segments().stream()
                .filter(Segment::executable)
                .mapToLong(Segment::fileSize)
                .sum();
        long left = code;
        for (int i = 0; i < described.count(); i++) {
            left -= described.end(i) - described.start(i);
        }
        return left > code / 4 && hasExpression(section);
    }

    private static boolean hasExpression(byte[] section) {
        for (int at = 0; at + OPERATION < section.length; at++) {
            if ((section[at] | section[at + 1] << 8) == VALUE_OF_RSP && section[at + OPERATION] == DW_OP_BREG7) {
                return true;
            }
        }
        return false;
    }

    /**
     * The rule of that frame at its jump; null where there is none.
     *
     * @param scratch takes what is written meanwhile
     * @param rules has not been asked yet
     */
    static UnwindRule.@Nullable Frame of(CodeRanges described, TableBuilder scratch, RowEncoder rules)
            throws IOException {
        for (int i = 0; i < described.count() && rules.jumpedFrom() == null; i++) {
            try {
                described.write(i, described.end(i), scratch);
            } catch (MalformedCfi _) {
                // is counted when the table is written
            }
        }
        UnwindRule.Frame frame = rules.jumpedFrom();
        return frame != null && isStgRuns(frame) ? frame : null;
    }

    private static boolean isStgRuns(UnwindRule.Frame frame) {
        return frame.cfa().register() == Registers.RSP
                && frame.cfa().offset() >= LEAST
                && frame.returnAddress() == BELOW_CFA;
    }
}
