package io.perfagent.python;

import io.perfagent.model.Mapping;
import io.perfagent.procfs.ProcExe;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The mapped file that holds the interpreter, or may hold it.
 *
 * @param mapping an executable mapping of it
 * @param kind how it got into the process
 * @param library whether its name is that of a libpython
 * @param minor as in 3.12, from the name; −1 where the name does not say
 * @param freeThreaded whether the name says so: {@code libpython3.13t.so}
 */
record PythonFile(Mapping mapping, PythonKind kind, boolean library, int minor, boolean freeThreaded) {
    private static final Pattern LIBRARY = Pattern.compile("libpython(\\d)\\.(\\d+)([a-z]*)\\.so.*");
    private static final Pattern EXECUTABLE = Pattern.compile("python(\\d)\\.(\\d+)([a-z]*)");

    /** The mapped libpython, by its file's name or by the one it gives itself, else the executable; null for a process without one. */
    static @Nullable PythonFile of(int pid, List<Mapping> mappings, Sonames sonames) throws IOException {
        return of(mappings, ProcExe.path(pid), mapping -> sonames.of(pid, mapping));
    }

    static @Nullable PythonFile of(List<Mapping> mappings, String executable, Function<Mapping, String> soname) {
        boolean python = fileName(executable).startsWith("python");
        PythonKind linked = python ? PythonKind.SHARED : PythonKind.EMBEDDED;
        PythonFile library = library(mappings, linked, mapping -> fileName(mapping.path()));
        if (library == null && !python) {
            library = library(mappings, linked, mapping -> isLibrary(mapping) ? soname.apply(mapping) : "");
        }
        return library != null ? library : executable(mappings, executable, python);
    }

    /** Whether the name of the executable, if that is all there is, is one of Python's. */
    boolean namedPython() {
        return library || fileName(mapping.path()).startsWith("python");
    }

    private static @Nullable PythonFile library(
            List<Mapping> mappings, PythonKind kind, Function<Mapping, String> name) {
        for (Mapping mapping : mappings) {
            if (isCode(mapping)) {
                Matcher matcher = LIBRARY.matcher(name.apply(mapping));
                if (matcher.matches()) {
                    return named(mapping, kind, true, matcher);
                }
            }
        }
        return null;
    }

    private static @Nullable PythonFile executable(List<Mapping> mappings, String executable, boolean python) {
        PythonKind kind = python ? PythonKind.STATIC : PythonKind.EMBEDDED;
        for (Mapping mapping : mappings) {
            if (isCode(mapping) && mapping.path().equals(executable)) {
                Matcher matcher = EXECUTABLE.matcher(fileName(executable));
                return matcher.matches()
                        ? named(mapping, kind, false, matcher)
                        : new PythonFile(mapping, kind, false, -1, false);
            }
        }
        return null;
    }

    private static PythonFile named(Mapping mapping, PythonKind kind, boolean library, Matcher matcher) {
        boolean three = matcher.group(1).equals("3");
        int minor = three && matcher.group(2).length() < 4 ? Integer.parseInt(matcher.group(2)) : 0;
        return new PythonFile(mapping, kind, library, minor, matcher.group(3).contains("t"));
    }

    private static boolean isCode(Mapping mapping) {
        return mapping.executable() && mapping.isFile();
    }

    private static boolean isLibrary(Mapping mapping) {
        return fileName(mapping.path()).contains(".so");
    }

    private static String fileName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
