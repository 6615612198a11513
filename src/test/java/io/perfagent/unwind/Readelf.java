package io.perfagent.unwind;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code readelf -wF} says about a file's {@code .eh_frame} and {@code .debug_frame}, with what {@code readelf -wf} says about its expressions: an
 * account of call-frame information that shares no code with ours. Both run when the test runs.
 */
final class Readelf {
    private static final String SECTION = "Contents of the ";
    private static final Pattern CIE = Pattern.compile("([0-9a-f]+) [0-9a-f]+ [0-9a-f]+ CIE(?: \"(.*)\")?.*");
    private static final Pattern FDE =
            Pattern.compile("([0-9a-f]+) [0-9a-f]+ [0-9a-f]+ FDE cie=([0-9a-f]+) pc=([0-9a-f]+)\\.\\.([0-9a-f]+)");
    private static final Pattern CELL = Pattern.compile("\\S+(?: \\(\\w+\\))?");
    private static final Pattern ADVANCE = Pattern.compile("  DW_CFA_(?:advance|set)_loc.* to ([0-9a-f]+)");
    private static final Pattern TOLD = Pattern.compile("DW_CFA_(undefined|\\w*expression)\\b.*");

    private final Map<Long, List<GoldenFrame.Operation>> operations = new HashMap<>();
    private final Map<Long, List<GoldenFrame.Row>> cieRows = new HashMap<>();
    private final Set<Long> signalCies = new HashSet<>();
    private final Map<String, String> interned = new HashMap<>();
    private final List<GoldenFrame> frames = new ArrayList<>();

    /** Counts sections, in the upper half of the entries' ids: each section's begin at 0. */
    private long section;

    private List<String> columns = List.of();
    private List<GoldenFrame.Row> rows = new ArrayList<>();

    /** The FDEs of a file, by start address, then as they come in the file. */
    static List<GoldenFrame> frames(Path file) {
        Readelf readelf = new Readelf();
        readelf.readOperations(file);
        readelf.readRows(file);
        readelf.frames.sort(Comparator.comparingLong(GoldenFrame::start).thenComparingLong(GoldenFrame::id));
        return readelf.frames;
    }

    /** Where the kernel would begin in a file. */
    static long entry(Path file) {
        for (String line : run(file, "-h")) {
            if (line.strip().startsWith("Entry point address:")) {
                return hex(line.substring(line.indexOf("0x") + 2));
            }
        }
        throw new AssertionError("readelf -h " + file + " has no entry point");
    }

    private void readOperations(Path file) {
        List<GoldenFrame.Operation> current = new ArrayList<>();
        long location = 0;
        section = 0;
        for (String line : run(file, "-wfN")) {
            section += line.startsWith(SECTION) ? 1L << 32 : 0;
            Matcher cie = CIE.matcher(line);
            Matcher fde = FDE.matcher(line);
            Matcher advance = ADVANCE.matcher(line);
            Matcher told = TOLD.matcher(line.strip());
            if (cie.matches()) {
                current = new ArrayList<>();
                operations.put(id(cie.group(1)), current);
                location = 0;
            } else if (fde.matches()) {
                current = new ArrayList<>(operations.getOrDefault(id(fde.group(2)), List.of()));
                operations.put(id(fde.group(1)), current);
                location = hex(fde.group(3));
            } else if (advance.matches()) {
                location = hex(advance.group(1));
            } else if (told.matches()) {
                current.add(new GoldenFrame.Operation(location, told.group()));
            }
        }
    }

    private void readRows(Path file) {
        section = 0;
        for (String line : run(file, "-wFN")) {
            section += line.startsWith(SECTION) ? 1L << 32 : 0;
            Matcher cie = CIE.matcher(line);
            Matcher fde = FDE.matcher(line);
            if (cie.matches()) {
                beginCie(id(cie.group(1)), cie.group(2));
            } else if (fde.matches()) {
                beginFde(id(fde.group(1)), id(fde.group(2)), hex(fde.group(3)), hex(fde.group(4)));
            } else if (line.startsWith("   LOC")) {
                columns = cells(line);
                rows.clear();
            } else if (line.length() > 17 && line.charAt(16) == ' ' && !columns.isEmpty()) {
                addRow(cells(line));
            }
        }
    }

    private void beginCie(long id, String augmentation) {
        columns = List.of();
        rows = new ArrayList<>();
        cieRows.put(id, rows);
        if (augmentation != null && augmentation.contains("S")) {
            signalCies.add(id);
        }
    }

    /** An FDE without instructions has the row of its CIE. */
    private void beginFde(long id, long cie, long start, long end) {
        columns = List.of();
        rows = new ArrayList<>();
        for (GoldenFrame.Row row : cieRows.get(cie)) {
            rows.add(new GoldenFrame.Row(start, row.cfa(), row.rbx(), row.rbp(), row.rsp(), row.ra()));
        }
        frames.add(new GoldenFrame(id, start, end, signalCies.contains(cie), operations.get(id), rows));
    }

    /** Of several rows for one location the last is what holds there. */
    private void addRow(List<String> cells) {
        long location = hex(cells.getFirst());
        if (!rows.isEmpty() && rows.getLast().location() == location) {
            rows.removeLast();
        }
        rows.add(new GoldenFrame.Row(
                location,
                cell(cells, "CFA"),
                cell(cells, "rbx"),
                cell(cells, "rbp"),
                cell(cells, "rsp"),
                cell(cells, "ra")));
    }

    private String cell(List<String> cells, String column) {
        int at = columns.indexOf(column);
        return at < 0 ? "" : interned.computeIfAbsent(cells.get(at), text -> text);
    }

    private static List<String> cells(String line) {
        return CELL.matcher(line)
                .results()
                .map(java.util.regex.MatchResult::group)
                .toList();
    }

    private long id(String offset) {
        return section | hex(offset);
    }

    private static long hex(String text) {
        return Long.parseUnsignedLong(text, 16);
    }

    private static List<String> run(Path file, String option) {
        ProcessBuilder command = new ProcessBuilder("readelf", "-W", option, file.toString());
        command.environment().put("LC_ALL", "C");
        command.redirectError(ProcessBuilder.Redirect.DISCARD);
        try (BufferedReader output = new BufferedReader(command.start().inputReader(StandardCharsets.ISO_8859_1))) {
            return output.readAllLines();
        } catch (IOException e) {
            throw new UncheckedIOException("this test needs readelf (binutils)", e);
        }
    }
}
