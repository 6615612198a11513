package io.perfagent.unwind;

import io.perfagent.testing.Tool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program of {@code src/test/workloads/golang}, and what binutils say of it: the linker's call-frame information, which knows
 * nothing of rbp, and the instructions that save rbp.
 *
 * @param file the program
 * @param frames of {@code .debug_frame} and {@code .eh_frame}
 * @param names of functions, by ELF address
 * @param saves the instructions {@code mov %rbp,displacement(%rsp)} and, as displacement 0, {@code push %rbp}, by the address behind them
 */
record GoWorkload(Path file, List<GoldenFrame> frames, Map<Long, String> names, TreeMap<Long, Integer> saves) {
    private static final Pattern FUNCTION =
            Pattern.compile("\\s*\\d+: ([0-9a-f]+)\\s+\\d+ FUNC\\s+\\w+\\s+\\w+\\s+\\d+ (\\S+)");
    private static final Pattern INSTRUCTION = Pattern.compile("\\s*([0-9a-f]+):\\t(.*)");
    private static final Pattern SAVE = Pattern.compile("mov +%rbp,(?:0x([0-9a-f]+))?\\(%rsp\\).*");

    static GoWorkload of(String name) throws Exception {
        Path file = Path.of("target", "workloads").resolve(name).toAbsolutePath();
        return new GoWorkload(file, Readelf.frames(file), names(file), saves(file));
    }

    String name(GoldenFrame frame) {
        String name = names.getOrDefault(frame.start(), "");
        return name.endsWith(".abi0") ? name.substring(0, name.length() - ".abi0".length()) : name;
    }

    private static Map<Long, String> names(Path file) throws Exception {
        Map<Long, String> names = new TreeMap<>();
        Matcher function = FUNCTION.matcher(Tool.output("readelf", "-sW", file.toString()));
        while (function.find()) {
            names.put(Long.parseLong(function.group(1), 16), function.group(2));
        }
        return names;
    }

    private static TreeMap<Long, Integer> saves(Path file) throws Exception {
        TreeMap<Long, Integer> saves = new TreeMap<>();
        List<Integer> displacement = new ArrayList<>();
        for (String line : Tool.output("objdump", "-d", "--no-show-raw-insn", file.toString())
                .split("\n", -1)) {
            Matcher instruction = INSTRUCTION.matcher(line);
            if (instruction.matches()) {
                if (!displacement.isEmpty()) {
                    saves.put(Long.parseLong(instruction.group(1), 16), displacement.getFirst());
                    displacement.clear();
                }
                note(instruction.group(2), displacement);
            }
        }
        return saves;
    }

    private static void note(String instruction, List<Integer> displacement) {
        Matcher save = SAVE.matcher(instruction);
        if (save.matches()) {
            displacement.add(save.group(1) == null ? 0 : Integer.parseInt(save.group(1), 16));
        } else if (instruction.matches("push +%rbp.*")) {
            displacement.add(0);
        }
    }
}
