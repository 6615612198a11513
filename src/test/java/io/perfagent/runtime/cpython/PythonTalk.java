package io.perfagent.runtime.cpython;

import io.perfagent.process.TargetCode;
import io.perfagent.testing.Interpreter;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A Python program that answers lines with lines, and what its memory holds. */
final class PythonTalk implements AutoCloseable {
    private static final Path SCRIPTS = Path.of("src", "test", "workloads");

    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter questions;
    private final TargetCode memory;

    private PythonTalk(Process process) {
        this.process = process;
        this.answers = process.inputReader(StandardCharsets.UTF_8);
        this.questions = process.outputWriter(StandardCharsets.UTF_8);
        this.memory = new TargetCode((int) process.pid());
    }

    static PythonTalk start(Interpreter interpreter, String script) throws IOException {
        Path file = SCRIPTS.resolve(script).toAbsolutePath();
        return new PythonTalk(new ProcessBuilder(interpreter.command().toString(), file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    String line() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("the program has ended");
        }
        return line;
    }

    /** The lines up to {@code end}. */
    List<String> ask(String question) throws IOException {
        write(question);
        return answer();
    }

    String askForLine(String question) throws IOException {
        write(question);
        return line();
    }

    private void write(String question) throws IOException {
        questions.write(question + "\n");
        questions.flush();
    }

    List<String> answer() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(); !line.equals("end"); line = line()) {
            lines.add(line);
        }
        return lines;
    }

    /** Waits until each of its threads is in read(2). */
    void awaitReads() throws IOException {
        long patience = System.nanoTime() + PATIENCE_NANOS;
        while (!allRead()) {
            if (System.nanoTime() > patience) {
                throw new IOException("a thread does not read");
            }
            Thread.onSpinWait();
        }
    }

    private boolean allRead() throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid() + "/task"))) {
            for (Path thread : threads.toList()) {
                if (!Files.readString(thread.resolve("syscall")).startsWith("0 ")) {
                    return false;
                }
            }
            return true;
        }
    }

    int pid() {
        return (int) process.pid();
    }

    TargetCode memory() {
        return memory;
    }

    @Override
    public void close() {
        memory.close();
        process.destroyForcibly();
    }
}
