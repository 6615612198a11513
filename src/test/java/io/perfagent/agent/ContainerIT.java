package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Location;
import io.perfagent.model.StackCount;
import io.perfagent.testing.Container;
import io.perfagent.testing.Container.Setting;
import io.perfagent.testing.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * R12 and B4: targets on an overlay file system, in mount, PID, network and user namespaces of their own, with another Python than the
 * host's, seen from the host. Stacks are as true as on the host.
 */
@Timeout(120)
class ContainerIT {
    private static final int SAMPLES = 2000;
    private static final String CHAIN = "/workloads/chain.py";
    private static final List<String> TRUE_CHAIN = List.of("py::leaf", "py::middle", "py::handler");

    @TempDir(factory = InTarget.class)
    private Path directory;

    /** Not below /tmp, which is a link in there. */
    static final class InTarget implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext field, ExtensionContext test) throws IOException {
            return Files.createTempDirectory(Path.of("target").toAbsolutePath(), "decoy-");
        }
    }

    /** Static builds, and programs that hold a shared libpython. */
    @ParameterizedTest
    @ValueSource(strings = {"python3.14", "embedded3.15"})
    void interpretersAreNamedAsOnTheHost(String interpreter) throws Exception {
        expectNames(interpreter);
    }

    @ParameterizedTest
    @Tag("long")
    @ValueSource(strings = {"python3.13", "python3.15", "embedded3.13", "embedded3.14"})
    void soAreTheOthers(String interpreter) throws Exception {
        expectNames(interpreter);
    }

    private void expectNames(String interpreter) throws Exception {
        try (Container container = Container.start(Setting.USUAL, "/usr/bin/" + interpreter, CHAIN)) {
            ProfiledRun run = profile(container);
            assertThat(run.log()).contains("activated=1 skipped=0 failed=0 deactivated=1");
            assertThat(container.path("/tmp/perf-1.map")).isRegularFile();
            assertThat(container.report()).contains("active=False");
        }
    }

    /** Private, a link within the container, in a user namespace, in a PID namespace of a PID namespace. */
    static List<Setting> settings() {
        return List.of(
                new Setting("tmpfs", false, false),
                new Setting("relative", false, false),
                new Setting("/var/elsewhere", false, false),
                new Setting("../../../../../var/elsewhere", false, false),
                new Setting("tmpfs", true, false),
                new Setting("dir", false, true));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void theMapIsFoundWhereTheContainerHasIt(Setting setting) throws Exception {
        try (Container container = Container.start(setting, "/usr/bin/python3.14", CHAIN)) {
            profile(container);
            assertThat(container.report()).contains("active=False");
        }
    }

    /** A link that would lead to a file of the host's, if it were followed from here. */
    @Test
    void aLinkLeadsNowhereOutside() throws Exception {
        String decoy = "1000 7ffffffff000 py::decoy:/decoy.py\n";
        Path hosts = Files.writeString(directory.resolve("perf-1.map"), decoy);
        try (Container container =
                Container.start(new Setting(directory.toString(), false, false), "/usr/bin/python3.14", CHAIN)) {
            ProfiledRun run = profile(container);
            assertThat(run.profile().stacks())
                    .allSatisfy(stack -> assertThat(Names.of(stack)).doesNotContain("py::decoy"));
            assertThat(hosts).hasContent(decoy);
        }
    }

    @Test
    void aTrampolineThatIsOnNeedsNoFlag() throws Exception {
        try (Container container = Container.start(Setting.USUAL, "/usr/bin/python3.14", "-X", "perf", CHAIN)) {
            ProfiledRun run = ProfiledRun.of(container.pid(), false, SAMPLES);
            expectTrue(run, container.pid());
        }
    }

    /** What runs keeps its own file, whatever has the name by now. */
    @ParameterizedTest
    @ValueSource(strings = {"removed", "upgraded"})
    void anInterpreterThatIsGoneFromDiskIsStillNamed(String how) throws Exception {
        try (Container container = Container.start(Setting.USUAL, "/usr/bin/python3.14", CHAIN)) {
            Files.delete(container.path("/usr/bin/python3.14"));
            if (how.equals("upgraded")) {
                Files.copy(container.path("/usr/bin/python3.15"), container.path("/usr/bin/python3.14"));
            }
            profile(container);
        }
    }

    private static ProfiledRun profile(Container container) throws Exception {
        ProfiledRun run = ProfiledRun.of(container.pid(), true, SAMPLES);
        expectTrue(run, container.pid());
        return run;
    }

    private static void expectTrue(ProfiledRun run, int pid) throws Exception {
        Truth truth = Truth.of(
                run.profile(),
                "py::leaf",
                name -> name.startsWith("py::"),
                chain -> chain.size() >= 3 && chain.subList(0, 3).equals(TRUE_CHAIN));
        System.out.println(run.reasons() + "; " + truth.samples() + " with leaf, share in order " + truth.share()
                + truth.others());
        assertThat(run.completeShare()).as(run.reasons().toString()).isGreaterThanOrEqualTo(0.999);
        assertThat(run.reachesEntryPoint(pid)).isGreaterThanOrEqualTo(0.999);
        assertThat(truth.samples()).isGreaterThan(100);
        assertThat(truth.share()).as("others: " + truth.others()).isGreaterThanOrEqualTo(0.999);
        assertThat(run.profile().stacks())
                .allSatisfy(stack -> assertThat(unnamed(stack)).isZero());
    }

    private static long unnamed(StackCount stack) {
        return stack.locations().stream()
                .filter(location -> location.kind() == Location.Kind.UNNAMED && location.module() == null)
                .count();
    }
}
