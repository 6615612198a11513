package io.perfagent.python;

import static org.assertj.core.api.Assertions.assertThat;

import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcMaps;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class PythonFileTest {
    private static final String EXECUTABLE = "/usr/bin/python3.13";

    @Test
    void theLibraryComesBeforeTheExecutable() {
        PythonFile file = file("""
                00400000-00500000 r-xp 00000000 fe:00 7 /usr/bin/python3.13
                7f0000000000-7f0000100000 r-xp 00001000 fe:00 8 /usr/lib/libpython3.13.so.1.0
                """);
        assertThat(file.library()).isTrue();
        assertThat(file.minor()).isEqualTo(13);
        assertThat(file.freeThreaded()).isFalse();
    }

    @Test
    void namesSayWhatTheyCan() {
        assertThat(file(mapped("/opt/libpython3.14t.so.1.0")).freeThreaded()).isTrue();
        assertThat(file(mapped("/opt/libpython3.6m.so.1.0")).minor()).isEqualTo(6);
        assertThat(file(mapped("/opt/libpython2.7.so.1.0")).minor()).isZero();
        assertThat(file(mapped(EXECUTABLE)).minor()).isEqualTo(13);
        assertThat(PythonFile.of(List.of(), EXECUTABLE, _ -> "")).isNull();
    }

    @Test
    void theStableAbiStubIsNoInterpreter() {
        assertThat(PythonFile.of(ProcMaps.parse(mapped("/opt/libpython3.so")), EXECUTABLE, _ -> "libpython3.so"))
                .isNull();
    }

    @Test
    void theExecutableSaysHowTheInterpreterGotThere() {
        List<Mapping> library = ProcMaps.parse(mapped("/opt/libpython3.14.so.1.0"));
        assertThat(PythonFile.of(library, EXECUTABLE, _ -> ""))
                .extracting(file -> file == null ? null : file.kind())
                .isEqualTo(PythonKind.SHARED);
        assertThat(PythonFile.of(library, "/usr/bin/uwsgi", _ -> ""))
                .extracting(file -> file == null ? null : file.kind())
                .isEqualTo(PythonKind.EMBEDDED);
        assertThat(file(mapped(EXECUTABLE)).kind()).isEqualTo(PythonKind.STATIC);
    }

    @Test
    void aLibraryOfAnotherNameIsKnownByTheNameItGivesItself() {
        List<Mapping> renamed = ProcMaps.parse(mapped("/opt/app/engine.so"));
        PythonFile file = PythonFile.of(renamed, "/opt/app/app", _ -> "libpython3.13.so.1.0");
        assertThat(file).isNotNull().extracting(PythonFile::minor).isEqualTo(13);
    }

    private static PythonFile file(String maps) {
        List<Mapping> mappings = ProcMaps.parse(maps);
        return Objects.requireNonNull(PythonFile.of(mappings, EXECUTABLE, _ -> ""));
    }

    private static String mapped(String path) {
        return "7f0000000000-7f0000100000 r-xp 00001000 fe:00 8 " + path + "\n";
    }
}
