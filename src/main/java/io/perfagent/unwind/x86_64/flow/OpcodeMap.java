package io.perfagent.unwind.x86_64.flow;

/**
 * How the instructions of two opcode maps are put together, and which general registers they change (Intel SDM 2, appendix A; AMD64 APM 3,
 * appendix A). A character for each opcode.
 *
 * <pre>
 *   shape   -  no instruction          .  nothing follows        b w z v o E  an immediate: 1, 2, 4 (2), 4 (8, 2), 8 (4), 3 bytes
 *           m  ModRM                   M Z  ModRM, immediate     t T  the same, for the first two of the group only
 *           j J  a distance: 1, 4      p  a prefix               e V X  another encoding, or may be
 *   change  .  none      g  ModRM.reg      r  ModRM.rm, where that is a register      o  the one in the opcode's lowest bits
 *           the others are named in {@link Changes}
 * </pre>
 */
final class OpcodeMap {
    static final OpcodeMap ONE = new OpcodeMap("""
            mmmmbz-- mmmmbz-e
            mmmmbz-- mmmmbz--
            mmmmbzp- mmmmbzp-
            mmmmbzp- mmmmbzp-
            pppppppp pppppppp
            ........ ........
            --Vmpppp zZbM....
            jjjjjjjj jjjjjjjj
            MZ-Mmmmm mmmmmmmX
            ........ ..-.....
            oooo.... bz......
            bbbbbbbb vvvvvvvv
            MMw.VVMZ E.w..b-.
            mmmm---. mmmmmmmm
            jjjjbbbb JJ-j....
            p.pp..tT ......mm
            """, """
            rrggaa.. rrggaa..
            rrggaa.. rrggaa..
            rrggaa.. rrggaa..
            rrggaa.. ........
            ........ ........
            ........ ........
            ...g.... .g.giiii
            ........ ........
            11.1..xx rrggrg..
            XXXXXXXX ad.....a
            aa..iiii ..iiiiii
            oooooooo oooooooo
            rr....rr ........
            rrrr...a .......a
            ccc.aa.. ....aa..
            ......33 ......22
            """);

    /** Behind {@code 0f}. */
    static final OpcodeMap TWO = new OpcodeMap("""
            mmmm-... ..-.-m.M
            mmmmmmmm mmmmmmmm
            mmmm---- mmmmmmmm
            ......-. e-e-----
            mmmmmmmm mmmmmmmm
            mmmmmmmm mmmmmmmm
            mmmmmmmm mmmmmmmm
            MMMMmmm. mm--mmmm
            JJJJJJJJ JJJJJJJJ
            mmmmmmmm mmmmmmmm
            ...mMmmm ...mMmmm
            mmmmmmmm mmMmmmmm
            mmMmMMMm ........
            mmmmmmmm mmmmmmmm
            mmmmmmmm mmmmmmmm
            mmmmmmmm mmmmmmmm
            """, """
            rhgg.k.. ........
            ........ ......s.
            rr...... ....gg..
            .ddd.... ........
            gggggggg gggggggg
            g....... ........
            ........ ........
            ........ r.....w.
            ........ ........
            rrrrrrrr rrrrrrrr
            ..q.rr.. ...rrryg
            RRgrgggg g.8rgggg
            xx...g.9 oooooooo
            .......g ........
            ........ ........
            ........ ........
            """);

    private final String shapes;
    private final String changes;

    private OpcodeMap(String shapes, String changes) {
        this.shapes = shapes.replaceAll("\\s", "");
        this.changes = changes.replaceAll("\\s", "");
    }

    char shape(int opcode) {
        return shapes.charAt(opcode);
    }

    char change(int opcode) {
        return changes.charAt(opcode);
    }
}
