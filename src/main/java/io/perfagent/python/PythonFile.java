package io.perfagent.python;

import io.perfagent.model.Mapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The mapped file that holds the interpreter, or may hold it.
 *
 * @param mapping an executable mapping of it
 * @param library whether its name is that of a libpython
 * @param minor as in 3.12, from the name; −1 where the name does not say
 * @param freeThreaded whether the name says so: {@code libpython3.13t.so}
 */
record PythonFile(Mapping mapping, boolean library, int minor, boolean freeThreaded) {
    private static final Pattern LIBRARY = Pattern.compile("libpython(\\d)\\.(\\d+)([a-z]*)\\.so.*");
    private static final Pattern EXECUTABLE = Pattern.compile("python(\\d)\\.(\\d+)([a-z]*)");
    private static final String DELETED = " (deleted)";

    /** The mapped libpython, else the executable; null for a process without one. */
    static @Nullable PythonFile of(int pid, List<Mapping> mappings) throws IOException {
        return of(mappings, executable(pid));
    }

    static @Nullable PythonFile of(List<Mapping> mappings, String executable) {
        PythonFile found = null;
        for (Mapping mapping : mappings) {
            if (mapping.executable() && mapping.isFile()) {
                PythonFile library = named(mapping, LIBRARY, true);
                if (library != null) {
                    return library;
                }
                if (found == null && mapping.path().equals(executable)) {
                    found = executable(mapping);
                }
            }
        }
        return found;
    }

    /** Whether the name of the executable, if that is all there is, is one of Python's. */
    boolean namedPython() {
        return library || fileName(mapping).startsWith("python");
    }

    private static PythonFile executable(Mapping mapping) {
        PythonFile named = named(mapping, EXECUTABLE, false);
        return named != null ? named : new PythonFile(mapping, false, -1, false);
    }

    private static @Nullable PythonFile named(Mapping mapping, Pattern pattern, boolean library) {
        Matcher matcher = pattern.matcher(fileName(mapping));
        if (!matcher.matches()) {
            return null;
        }
        boolean three = matcher.group(1).equals("3");
        int minor = three && matcher.group(2).length() < 4 ? Integer.parseInt(matcher.group(2)) : 0;
        return new PythonFile(mapping, library, minor, matcher.group(3).contains("t"));
    }

    private static String fileName(Mapping mapping) {
        return mapping.path().substring(mapping.path().lastIndexOf('/') + 1);
    }

    private static String executable(int pid) throws IOException {
        String path = Files.readSymbolicLink(Path.of("/proc", Integer.toString(pid), "exe"))
                .toString();
        return path.endsWith(DELETED) ? path.substring(0, path.length() - DELETED.length()) : path;
    }
}
