package io.perfagent.unwind;

import io.perfagent.model.WalkEnd;
import io.perfagent.unwind.x86_64.CfaRule;
import io.perfagent.unwind.x86_64.SavedRegister;
import io.perfagent.unwind.x86_64.UnwindRule;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What our rule must be where readelf prints a row: a second translation, from text instead of from bytes. */
final class GoldenRule {
    private static final List<String> REGISTERS = List.of(
            "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
            "r15");
    private static final Pattern POPPED = Pattern.compile("r(\\d+)( .*)?");
    private static final Pattern SUM = Pattern.compile("(\\w+)([+-]\\d+)");
    private static final Pattern CFA_WORD = Pattern.compile(
            "DW_CFA_def_cfa_expression \\(DW_OP_breg(\\d+) \\(\\w+\\): (-?\\d+); DW_OP_deref(?:; DW_OP_plus_uconst: (\\d+))?\\)");
    private static final Pattern CFA_ELEMENT = Pattern.compile(
            "DW_CFA_def_cfa_expression \\(DW_OP_breg(\\d+) \\(\\w+\\): (-?\\d+);"
                    + " DW_OP_breg(\\d+) \\(\\w+\\): 0; DW_OP_lit8; DW_OP_mul; DW_OP_plus; DW_OP_deref; DW_OP_plus_uconst: (\\d+)\\)");
    private static final Pattern CFA_PLT = Pattern.compile(
            "DW_CFA_def_cfa_expression \\(DW_OP_breg7 \\(rsp\\): 8; DW_OP_breg16 \\(rip\\): 0; DW_OP_lit15; DW_OP_and;"
                    + " DW_OP_lit(\\d+); DW_OP_ge; DW_OP_lit3; DW_OP_shl; DW_OP_plus\\)");
    private static final UnwindRule UNSUPPORTED = new UnwindRule.Stop(WalkEnd.UNSUPPORTED_RULE);

    private GoldenRule() {}

    static UnwindRule of(GoldenFrame frame, GoldenFrame.Row row) {
        if (row.ra().equals("u")) {
            return new UnwindRule.Stop(WalkEnd.END_OF_STACK);
        }
        if (frame.signalFrame()) {
            return new UnwindRule.SignalFrame();
        }
        boolean stackPointerIsCfa =
                row.rsp().isEmpty() || row.rsp().equals("u") || row.rsp().equals("v+0");
        Matcher popped = POPPED.matcher(row.ra());
        Matcher bySp = SUM.matcher(row.cfa());
        if (popped.matches() && bySp.matches() && bySp.group(1).equals("rsp") && savesNothing(row)) {
            return new UnwindRule.Popped(Integer.parseInt(popped.group(1)), Integer.parseInt(bySp.group(2)));
        }
        if (!row.ra().startsWith("c") || !stackPointerIsCfa) {
            return UNSUPPORTED;
        }
        CfaRule cfa = row.cfa().equals("exp") ? expression(frame, row.location()) : sum(row.cfa());
        if (cfa == null) {
            return UNSUPPORTED;
        }
        SavedRegister rbp = saved(frame, row, row.rbp(), "r6 (rbp)");
        SavedRegister rbx = saved(frame, row, row.rbx(), "r3 (rbx)");
        boolean gone = row.cfa().equals("rsp+8"); // what rbp points at is no frame of the function's any more
        return new UnwindRule.Frame(
                cfa,
                gone ? inRegister(rbp) : rbp,
                gone ? inRegister(rbx) : rbx,
                Integer.parseInt(row.ra().substring(1)));
    }

    private static SavedRegister inRegister(SavedRegister saved) {
        return saved instanceof SavedRegister.AtRbp ? new SavedRegister.Unchanged() : saved;
    }

    private static boolean savesNothing(GoldenFrame.Row row) {
        return Stream.of(row.rbx(), row.rbp(), row.rsp()).allMatch(cell -> cell.isEmpty() || cell.equals("u"));
    }

    private static CfaRule sum(String cell) {
        Matcher sum = SUM.matcher(cell);
        if (!sum.matches() || !REGISTERS.contains(sum.group(1))) {
            return null;
        }
        return new CfaRule.RegisterOffset(REGISTERS.indexOf(sum.group(1)), Integer.parseInt(sum.group(2)));
    }

    private static CfaRule expression(GoldenFrame frame, long location) {
        String operation = last(frame, location, "DW_CFA_def_cfa_expression");
        Matcher word = CFA_WORD.matcher(operation);
        Matcher plt = CFA_PLT.matcher(operation);
        if (plt.matches()) {
            return new CfaRule.Plt(Integer.parseInt(plt.group(1)));
        }
        Matcher element = CFA_ELEMENT.matcher(operation);
        if (element.matches()) {
            return new CfaRule.Element(
                    Integer.parseInt(element.group(1)),
                    Integer.parseInt(element.group(3)),
                    Integer.parseInt(element.group(2)),
                    Integer.parseInt(element.group(4)));
        }
        if (!word.matches()) {
            return null;
        }
        int addend = word.group(3) == null ? 0 : Integer.parseInt(word.group(3));
        return new CfaRule.Dereference(Integer.parseInt(word.group(1)), Integer.parseInt(word.group(2)), addend);
    }

    /** readelf prints {@code u} both for a register not yet named and for one declared undefined. */
    private static SavedRegister saved(GoldenFrame frame, GoldenFrame.Row row, String cell, String register) {
        if (cell.isEmpty() || cell.equals("s")) {
            return new SavedRegister.Unchanged();
        }
        if (cell.equals("u")) {
            boolean undefined = !last(frame, row.location(), "DW_CFA_undefined: " + register)
                    .isEmpty();
            return undefined ? new SavedRegister.Unknown() : new SavedRegister.Unchanged();
        }
        if (cell.startsWith("c")) {
            return new SavedRegister.AtCfa(Integer.parseInt(cell.substring(1)));
        }
        return cell.equals("exp") ? savedAt(frame, row.location(), register) : new SavedRegister.Unknown();
    }

    private static SavedRegister savedAt(GoldenFrame frame, long location, String register) {
        String prefix = "DW_CFA_expression: " + register;
        Matcher fromRbp = Pattern.compile(Pattern.quote(prefix) + " \\(DW_OP_breg6 \\(rbp\\): (-?\\d+)\\)")
                .matcher(last(frame, location, prefix));
        return fromRbp.matches()
                ? new SavedRegister.AtRbp(Integer.parseInt(fromRbp.group(1)))
                : new SavedRegister.Unknown();
    }

    /** readelf's table only says {@code exp}: the last such instruction before the row says which. */
    private static String last(GoldenFrame frame, long location, String prefix) {
        String found = "";
        for (GoldenFrame.Operation operation : frame.operations()) {
            if (operation.location() <= location && operation.text().startsWith(prefix)) {
                found = operation.text();
            }
        }
        return found;
    }
}
