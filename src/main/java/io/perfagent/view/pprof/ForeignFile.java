package io.perfagent.view.pprof;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What a file is that is no profile of pprof's, as far as its first bytes tell. */
final class ForeignFile {
    private static final int LOOKED_AT = 512;

    private ForeignFile() {}

    /** What is said instead of what reading it as a profile came to. */
    static BadProfileException instead(byte[] bytes, int length, IOException cause) {
        String what = what(new String(bytes, 0, Math.min(length, LOOKED_AT), StandardCharsets.ISO_8859_1));
        return what.isEmpty()
                ? BadProfileException.damaged("it cannot be read as a profile (" + cause.getMessage() + ")")
                : new BadProfileException("it is " + what);
    }

    /** Null where nothing speaks against a profile. */
    static void refuse(byte[] bytes, int length) throws BadProfileException {
        String begin = new String(bytes, 0, Math.min(length, LOOKED_AT), StandardCharsets.ISO_8859_1);
        String what = length == 0 ? "empty: was it written to its end?" : ofMagic(begin);
        if (!what.isEmpty()) {
            throw new BadProfileException("it is " + what);
        }
    }

    private static String what(String begin) {
        return isText(begin)
                ? "text, and no profile of pprof's: give the .pb.gz that it was made of"
                        + " (of Go's net/http/pprof the one without debug=)"
                : "";
    }

    private static String ofMagic(String begin) {
        if (begin.startsWith("PERFILE2") || begin.startsWith("2ELIFREP")) {
            return "a perf.data: perf report reads it";
        }
        if (begin.startsWith("FLR\0")) {
            return "a recording of Java's flight recorder: jfr view, or a converter to pprof, reads it";
        }
        if (begin.startsWith("\177ELF")) {
            return "a program, and no profile";
        }
        if (begin.startsWith("PK\3\4")) {
            return "a zip archive: unpack it first";
        }
        if (begin.startsWith("(\u00b5/\u00fd")) {
            return "packed with zstd: unpack it first, zstd -d";
        }
        return ofText(begin.stripLeading());
    }

    private static String ofText(String begin) {
        if (begin.startsWith("{\"") || begin.startsWith("[{")) {
            return "JSON, and no profile of pprof's: give the .pb.gz that it was made of, or open it in its own viewer";
        }
        return begin.startsWith("<!DOCTYPE") || begin.startsWith("<html")
                ? "a page, which a browser shows: give the .pb.gz that it was made of"
                : "";
    }

    private static boolean isText(String begin) {
        return begin.chars().allMatch(c -> (c >= ' ' && c != 0x7f) || c == '\n' || c == '\t' || c == '\r');
    }
}
