package io.perfagent.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.elf.ElfFile;
import io.perfagent.elf.Section;
import io.perfagent.testing.Agent;
import io.perfagent.testing.Pprof;
import io.perfagent.testing.TargetProgram;
import io.perfagent.testing.Tool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that map and write what would fill the heap, each alone: they lose names of their own, and nobody else loses any. */
class HostileMemoryIT {
    private static final int SYMBOL = 24;
    private static final int SECTION_HEADER = 64;
    private static final int FDE = 16;
    private static final String ENTRIES = Integer.toString(1 << 21);

    /** Arguments: what prints the heap, and a command whose option of the heap says 0. */
    private static final String SMALL_GROUP = """
            group=/sys/fs/cgroup/memory/perf-agent-test-$$ limit=memory.limit_in_bytes
            if [ ! -d /sys/fs/cgroup/memory ]; then
              echo +memory >/sys/fs/cgroup/cgroup.subtree_control
              group=/sys/fs/cgroup/perf-agent-test-$$ limit=memory.max
            fi
            mkdir "$group"
            trap 'rmdir "$group"' EXIT
            echo $((128 << 20)) >"$group/$limit"
            sh -euc 'echo $$ >"$0/cgroup.procs"
            heap=$("$1")
            [ "$heap" = 32 ]
            shift 2
            for word; do
              shift
              [ "$word" != -Xmx0m ] || word=-Xmx${heap}m
              set -- "$@" "$word"
            done
            exec "$@"' "$group" "$@"
            """;

    @TempDir
    private Path directory;

    private final List<TargetProgram> targets = new ArrayList<>();

    @BeforeEach
    void build() throws Exception {
        Path source = Path.of("src", "test", "workloads", "filler.c").toAbsolutePath();
        for (String name : List.of("honest", "maps", "symbols", "frames")) {
            Tool.output(List.of("gcc", "-O1", "-no-pie", "-o", name, source.toString()), directory);
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (TargetProgram target : targets) {
            target.close();
        }
    }

    /** The heap of a control group of 128 MiB, and that of a machine with memory enough. */
    @ParameterizedTest
    @Tag("long")
    @ValueSource(ints = {32, 256})
    void threeThatWouldEachFillTheHeap(int heap) throws Exception {
        start(heap);
        expectNamesOfTheOthers(Agent.commandWithHeap(heap, arguments()));
    }

    /** As the launcher starts it where there is little memory: in the heap that it gives to a control group of 128 MiB, and within that. */
    @Test
    void inAControlGroup() throws Exception {
        start(32);
        List<String> command = new ArrayList<>(List.of("sh", "-euc", SMALL_GROUP, "sh"));
        command.addAll(List.of(Path.of("scripts", "heap").toAbsolutePath().toString(), "--"));
        command.addAll(Agent.commandWithHeap(0, arguments()));
        expectNamesOfTheOthers(command);
    }

    private void start(int heap) throws IOException {
        int largest = (heap << 20) / 9; // of the sections that are read at all
        fillSymbolTables(largest / SYMBOL * SYMBOL);
        fillFrameInformation(largest);
        start("maps", "made", ENTRIES);
        start("symbols");
        start("frames");
        start("honest", "made", "1");
    }

    private String[] arguments() {
        List<String> arguments = new ArrayList<>(List.of("--duration", "3s", "--profile-output", "out.pb.gz"));
        targets.forEach(target -> arguments.addAll(List.of("--pid", Integer.toString(target.pid()))));
        return arguments.toArray(String[]::new);
    }

    private void expectNamesOfTheOthers(List<String> command) throws Exception {
        Process run = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        String err = new String(run.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(run.waitFor()).as(err).isZero();
        assertThat(err)
                .doesNotContain("OutOfMemoryError")
                .containsPattern("missed: 1 unwind tables had no room in memory to be made in")
                .containsPattern("unnamed frames: \\d+ of \\d+ symbol table is too large to be read")
                .containsPattern("perf maps: lines beyond the limit left out: \\d+");
        String honest = Pprof.output(directory, "-top", "-tagfocus=comm=honest", "out.pb.gz");
        assertThat(honest).contains("work_with_a_name", "made_with_a_name");
        String maps = Pprof.output(directory, "-top", "-tagfocus=comm=maps", "out.pb.gz");
        assertThat(maps).contains("work_with_a_name", "made_with_a_name");
    }

    private void start(String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(directory.resolve(name).toString()));
        command.addAll(List.of(arguments));
        targets.add(TargetProgram.start(Map.of(), command));
    }

    /** Two tables of as many functions as are read at most, each of one byte, at addresses of their own. */
    private void fillSymbolTables(int bytes) throws IOException {
        ByteBuffer symbols = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (long at = 0x10000; symbols.hasRemaining(); at++) {
            symbols.putInt(1)
                    .put((byte) 0x12)
                    .put((byte) 0)
                    .putShort((short) 1)
                    .putLong(at)
                    .putLong(1);
        }
        replace(directory.resolve("symbols"), ".symtab", symbols.flip());
        replace(directory.resolve("symbols"), ".dynsym", symbols.rewind());
    }

    /** One CIE of absolute addresses, and as many FDEs as there are, all of the same byte of code. */
    private void fillFrameInformation(int bytes) throws IOException {
        Path program = directory.resolve("frames");
        int code;
        try (ElfFile file = ElfFile.open(program)) {
            code = (int) file.entry();
        }
        ByteBuffer frames = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        byte[] cie = {1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x03, 0x0c, 7, 8, (byte) 0x90, 1, 0, 0};
        frames.putInt(4 + cie.length).putInt(0).put(cie);
        while (frames.remaining() >= FDE + 4) {
            frames.putInt(FDE).putInt(frames.position()).putInt(code).putInt(1).putInt(0);
        }
        frames.limit(frames.position());
        replace(program, ".eh_frame", frames.flip());
    }

    /** Puts a section behind the end of the file; the loader does not read its header. */
    private static void replace(Path program, String section, ByteBuffer bytes) throws IOException {
        int index;
        try (ElfFile file = ElfFile.open(program)) {
            Section old = file.section(section);
            assertThat(old).isNotNull();
            index = file.sections().indexOf(old);
        }
        long size = bytes.remaining();
        try (FileChannel channel = FileChannel.open(program, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long end = channel.size();
            channel.write(bytes, end);
            ByteBuffer header = ByteBuffer.allocate(SECTION_HEADER).order(ByteOrder.LITTLE_ENDIAN);
            channel.read(header, 0);
            ByteBuffer place = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
            place.putLong(end).putLong(size).flip();
            channel.write(place, header.getLong(40) + (long) index * SECTION_HEADER + 24);
        }
    }
}
