package io.perfagent.unwind;

import io.perfagent.unwind.cfi.ByteCursor;
import io.perfagent.unwind.cfi.CfiError;
import io.perfagent.unwind.cfi.Cie;
import io.perfagent.unwind.cfi.CieReader;
import io.perfagent.unwind.cfi.CodeRange;
import io.perfagent.unwind.cfi.Counts;
import io.perfagent.unwind.cfi.EhFrame;
import io.perfagent.unwind.cfi.FdeList;
import io.perfagent.unwind.cfi.MalformedCfi;
import io.perfagent.unwind.cfi.PointerEncoding;
import io.perfagent.unwind.cfi.Workspace;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the entries of {@code .eh_frame} (LSB core, 10.6.1) and collects the FDEs with their CIEs.
 *
 * <pre>
 *   CIE  length │ 0                       │ …                            length 0xffffffff: 8 bytes of length follow
 *   FDE  length │ distance back to the CIE │ start │ size │ [augmentation] │ instructions
 *               └ counted from here
 * </pre>
 */
final class EntryScanner {
    static final int MAX_CIES = 1 << 16;

    /** Of heap: the rules of each register, before anything has run, and what holds them. */
    private static final int CIE_BYTES = 512;

    private static final long EXTENDED_LENGTH = 0xffff_ffffL;

    private final EhFrame section;
    private final ByteCursor cursor;
    private final CieReader cieReader;
    private final CfiInterpreter interpreter;
    private final CodeRange code;
    private final FdeList found;
    private final Counts<CfiError> errors;

    private final Workspace workspace;
    private final Map<Integer, Cie> cies = new HashMap<>();
    private int lastCiePosition = -1;
    private @Nullable Cie lastCie;

    EntryScanner(
            EhFrame section,
            CfiInterpreter interpreter,
            CodeRange code,
            FdeList found,
            Counts<CfiError> errors,
            Workspace workspace) {
        this.section = section;
        this.cursor = section.cursor();
        this.cieReader = new CieReader(section.cursor(), section.dataBase());
        this.interpreter = interpreter;
        this.code = code;
        this.found = found;
        this.errors = errors;
        this.workspace = workspace;
    }

    void scan() {
        int end = section.bytes().length;
        int next = 0;
        while (next >= 0 && end - next >= 4) {
            next = entry(next, end);
        }
    }

    /** Reads the entry at a position; returns where the next one is, −1 if there is none. */
    private int entry(int position, int end) {
        try {
            cursor.window(position, end);
            long length = cursor.u32();
            if (length == 0) {
                return section.endsAtTerminator() ? -1 : cursor.position();
            }
            length = length == EXTENDED_LENGTH ? cursor.s64() : length;
            if (length < 4 || length > end - cursor.position()) {
                errors.count(CfiError.BAD_LENGTH);
                return -1;
            }
            int next = cursor.position() + (int) length;
            body(position, next);
            return next;
        } catch (MalformedCfi e) {
            errors.count(e.error());
            return -1;
        }
    }

    private void body(int position, int end) {
        try {
            cursor.window(cursor.position(), end);
            int identifier = cursor.position();
            int distance = cursor.s32();
            if (distance == 0) {
                addCie(position, cursor.position(), end);
            } else {
                addFde(cie(identifier - distance), end);
            }
        } catch (MalformedCfi e) {
            errors.count(e.error());
        }
    }

    private void addCie(int position, int from, int to) throws MalformedCfi {
        if (cies.size() == MAX_CIES) {
            throw new MalformedCfi(CfiError.TOO_MANY);
        }
        workspace.take(CIE_BYTES);
        Cie cie = cieReader.read(from, to);
        interpreter.runInitial(cie);
        cies.put(position, cie);
    }

    private void addFde(Cie cie, int to) throws MalformedCfi {
        long start = PointerEncoding.read(cursor, cie.pointerEncoding(), section.dataBase());
        long size = PointerEncoding.readValue(cursor, cie.pointerEncoding());
        if (cie.augmented()) {
            cursor.skip(cursor.uleb());
        }
        long codeEnd = code.endAround(start);
        if (size <= 0 || codeEnd == 0) {
            throw new MalformedCfi(CfiError.BAD_RANGE);
        }
        long end = size < codeEnd - start ? start + size : codeEnd;
        found.add(cie, cursor.position(), to, start, end);
    }

    private Cie cie(int position) throws MalformedCfi {
        if (position != lastCiePosition || lastCie == null) {
            lastCie = cies.get(position);
            lastCiePosition = position;
        }
        if (lastCie == null) {
            throw new MalformedCfi(CfiError.NO_CIE);
        }
        return lastCie;
    }
}
