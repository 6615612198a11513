package io.perfagent.bench;

import io.perfagent.testing.PerfCommands;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code perf record}, then {@code perf script}. A sample of its output:
 *
 * <pre>
 *   python3 4711
 *   {tab} 4011d6 leaf+0x16
 *   {tab} 401050 _start+0x25
 *   {empty line}
 * </pre>
 *
 * @param callGraph what {@code --call-graph} gets
 * @param trampolines whether its target has trampolines, which no DWARF describes
 */
record Perf(String callGraph, boolean trampolines) implements Contestant {
    @Override
    public String name() {
        return "perf --call-graph " + callGraph + (trampolines ? "" : ", no -X perf");
    }

    @Override
    public Outcome profile(Target target, int rate, int seconds) throws IOException, InterruptedException {
        Path data = Files.createTempFile("perf-agent-bench-", ".data");
        Path text = Files.createTempFile("perf-agent-bench-", ".txt");
        try {
            Command.Finished record =
                    Command.run(PerfCommands.record(target.pid(), callGraph, rate, seconds, data), text);
            Command.Finished script = Command.run(PerfCommands.script(data, "comm,tid,ip,sym"), text);
            return counted(text, Files.size(data), record.cpuSeconds(), script.cpuSeconds());
        } finally {
            Files.deleteIfExists(data);
            Files.deleteIfExists(Path.of(data + ".old"));
            Files.delete(text);
        }
    }

    private static Outcome counted(Path text, long bytes, double recordCpu, double scriptCpu) throws IOException {
        int samples = 0;
        int complete = 0;
        String last = "";
        try (BufferedReader lines = Files.newBufferedReader(text)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank() && !Character.isWhitespace(line.charAt(0))) {
                    samples++;
                } else if (line.isBlank()) {
                    complete += FirstFrames.contains(last.strip().replaceFirst("^\\S+ ", "")) ? 1 : 0;
                    last = "";
                } else {
                    last = line;
                }
            }
        }
        return new Outcome(samples, complete, bytes, recordCpu, scriptCpu);
    }
}
