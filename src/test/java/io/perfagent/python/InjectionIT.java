package io.perfagent.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.perfagent.python.inject.Architecture;
import io.perfagent.python.inject.Injection;
import io.perfagent.python.inject.Interpreter;
import io.perfagent.python.inject.StopClock;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What an injection that cannot be completed leaves open in this process, which may make many of them. */
final class InjectionIT {
    private static final String PYTHON = io.perfagent.testing.Interpreter.oneOfEachVersion()
            .getFirst()
            .command()
            .toString();

    private final Architecture architecture = HostArchitecture.current();

    /** Its memory is open by then, and the lock on it taken. */
    @Test
    void nothingOfAProcessThatEndsMeanwhileStaysOpen() throws Exception {
        try (PythonTarget target = PythonTarget.start(PYTHON, "napping")) {
            Interpreter interpreter = Detection.find(target.pid(), architecture);
            assertThatThrownBy(() -> TracingThread.call(
                            () -> Injection.open(interpreter, ending(target.pid()), new StopClock())))
                    .isInstanceOf(IOException.class);
            assertThat(openOf(target.pid())).isEmpty();
        }
    }

    /** The real one; the process ends when it is asked for the first time. */
    private Architecture ending(int pid) {
        return (Architecture) Proxy.newProxyInstance(
                Architecture.class.getClassLoader(), new Class<?>[] {Architecture.class}, (_, method, arguments) -> {
                    ProcessHandle.of(pid).ifPresent(process -> {
                        process.destroyForcibly();
                        process.onExit().join();
                    });
                    return method.invoke(architecture, arguments);
                });
    }

    private static List<String> openOf(int pid) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors
                    .map(InjectionIT::leadsTo)
                    .filter(file -> file.startsWith("/proc/" + pid + "/"))
                    .toList();
        }
    }

    private static String leadsTo(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException _) {
            return ""; // closed meanwhile
        }
    }
}
